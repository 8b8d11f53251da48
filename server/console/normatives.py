"""Normative documents: the three hands, the filing, what holds until when, the clean-ups and the statistics."""

import csv
import io
from datetime import date
from functools import partial

from flask import Response as Reply
from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions import cleanup as cleaning
from models.decisions import normative as documents_of
from models.decisions.cleanup import Cleanup, CleanupItem, CleanupStage, OlderCleanupItem, cleanups
from models.decisions.decision import CaseStage, Decision, Kind
from models.decisions.expiry import newest_calls, notices_of
from models.decisions.filing import (
    ATTACHED,
    ELECTRONIC,
    HOW,
    NAMES,
    OFFICIAL,
    RECORD,
    filed_in,
    filing_counts,
    filing_due,
    filing_pack,
    receive_receipt,
    send_for_filing,
)
from models.decisions.meeting_pack import There
from models.decisions.normative import Normative, NormativeStage, normatives
from models.decisions.older import older_documents
from models.decisions.publish import Publication
from models.decisions.resolution import Resolution
from models.decisions.validity import ExpiryReview, Force, ReviewStage, Term, Verdict, documents, reviews, term_of
from models.kernel.clock import today
from models.kernel.lifecycle import buttons
from models.kernel.refusal import Missing, OutOfTurn
from models.people.officer import Post
from server.console.case_road import checks_of
from server.console.cases import find
from server.console.door import blueprint, desk
from server.console.expiring import answered, evaluated
from server.console.forms.fields import offered
from server.console.forms.meeting import Paper, Why
from server.console.forms.normative import Begin, Evaluation, Hand, Judge, Receipt, Sent
from server.console.forms.trying import trying
from server.console.meetings import HAND_IN, take
from server.console.nav import NORMATIVES
from server.headers import save_as
from server.house import checks_its_form

SUBJECTS = {"official": OFFICIAL, "attached": ATTACHED, "record": RECORD, "electronic": ELECTRONIC}
HANDS = (Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.CHIEF, Post.OFFICE)


# the three hands


@blueprint.get("/desk/cases/<public_id>/sign-off")
@desk(*NORMATIVES.posts)
def case_sign_off(public_id: str) -> str:
    """Where the document is, and whose turn it is."""
    return _sign_off(find(public_id), Hand())


@blueprint.post("/desk/cases/<public_id>/sign-off")
@desk(*HANDS)
@checks_its_form
def do_sign_off(public_id: str) -> str | Response | tuple[str, int]:
    """The next hand."""
    found, form = find(public_id), Hand(request.form)
    deed, made = request.form.get("deed", ""), Normative.of(found)
    refusal = None
    if form.validate():
        with trying(form) as went:
            _hand(found, made, deed, form.remark.data or "")
        refusal = went.refusal
        if went.done:
            flash("办好了。", "ok")
            return redirect(url_for("console.case_sign_off", public_id=public_id), 303)
    return _sign_off(found, form, refusal), 422


def _hand(found: Decision, made: Normative | None, deed: str, words: str) -> None:
    if made is None:
        if deed != "submit":
            raise OutOfTurn("还没有送初审。")
        Normative.submit(g.officer, found)
    elif deed in ("check", "review", "sign", "send_back"):
        getattr(made, deed)(g.officer, words)
    elif deed in ("submit_again", "register"):
        getattr(made, deed)(g.officer)
    else:
        raise OutOfTurn("这一步已经办过了，请看现在到了哪里。")


def _sign_off(found: Decision, form: Hand, refusal: str | None = None) -> str:
    made = Normative.of(found)
    acts = buttons(made, g.officer) if made else []
    shown = [button for button in acts if button.verb in _ROAD]
    return render_template(
        "console/normative_sign_off.html",
        case=found,
        made=made,
        form=form,
        refusal=refusal,
        acts=shown,
        checks={button.verb: checks_of(made, button.verb, g.officer) for button in shown},
        decided=Resolution.of(found),
        may_submit=made is None
        and found.kind == Kind.NORMATIVE
        and found.stage in (CaseStage.STARTED, CaseStage.DECIDED)
        and not g.officer.lacks(found.rules.post_for("normative.submit")),
        Stage=NormativeStage,
    )


_ROAD = ("submit_again", "check", "review", "sign", "register", "send_back")


# filing


@blueprint.get("/desk/cases/<public_id>/filing")
@desk(*NORMATIVES.posts)
def case_filing(public_id: str) -> str:
    """The pack, the day, the receipt."""
    found = find(public_id)
    return _filing(
        found, _document(found), Paper(), Sent(data={"filed_on": today(), "filed_to": "县司法局"}), Receipt()
    )


@blueprint.post("/desk/cases/<public_id>/filing")
@desk(*HAND_IN)
@checks_its_form
def hand_to_filing(public_id: str) -> str | Response | tuple[str, int]:
    """A paper for the pack."""
    found, form = find(public_id), Paper(request.form)
    refusal = take(found, form, "filing", SUBJECTS)
    if refusal is None:
        flash("材料交进来了。", "ok")
        return redirect(url_for("console.case_filing", public_id=public_id), 303)
    return _filing(found, _document(found), form, Sent(), Receipt(), refusal or None), 422


@blueprint.post("/desk/cases/<public_id>/filing/<any(sent, receipt):what>")
@desk(Post.OFFICE)
@checks_its_form
def register_filing(public_id: str, what: str) -> str | Response | tuple[str, int]:
    """Sent, or received."""
    found = find(public_id)
    made, sent, receipt = _document(found), Sent(request.form), Receipt(request.form)
    form = sent if what == "sent" else receipt
    refusal = None
    if form.validate():
        with trying(form) as went:
            if what == "sent":
                send_for_filing(made, g.officer, sent.filed_on.data, sent.filed_to.data or "")
            else:
                receive_receipt(made, g.officer, receipt.receipt_on.data, receipt.receipt_number.data or "")
        refusal = went.refusal
        if went.done:
            flash("登记了。", "ok")
            return redirect(url_for("console.case_filing", public_id=public_id), 303)
    return _filing(found, made, Paper(), sent, receipt, refusal), 422


def _document(found: Decision) -> Normative:
    made = Normative.of(found)
    if made is None:
        raise Missing("这一件还没有走到签批和备案，请先送初审。")
    return made


def _filing(
    found: Decision, made: Normative, form: Paper, sent: Sent, receipt: Receipt, refusal: str | None = None
) -> str:
    form.what.choices = offered([("", "请选择"), *((key, NAMES[subject]) for key, subject in SUBJECTS.items())])
    return render_template(
        "console/filing.html",
        case=found,
        made=made,
        pack=filing_pack(made),
        There=There,
        form=form,
        sent=sent,
        receipt=receipt,
        refusal=refusal,
        due_on=filing_due(made),
        published=Publication.of(found),
        may_add=g.officer.has(*HAND_IN) and made.filed_on is None,
        may=not g.officer.lacks(found.rules.post_for("filing.send")),
        checks=checks_of(made, "send_for_filing", g.officer),
        held=next((b.refusal for b in buttons(made, g.officer) if b.verb == "send_for_filing"), None),
    )


# the desk


@blueprint.get("/desk/normatives")
@desk(*NORMATIVES.posts)
def all_normatives() -> str:
    """Every document: what holds until when, what is on its road, what is not filed."""
    asked = request.args.get("force", "")
    rows = [(one, made, term) for one, made, term in documents() if asked in ("", term.force.value)]
    return render_template(
        "console/normatives.html",
        rows=rows,
        dues={one.id: filing_due(one) for one, _, _ in rows},
        older=[pair for pair in older_documents() if asked in ("", pair[1].force.value)],
        calls=newest_calls(),
        may_register=g.officer.has(Post.OFFICE),
        on_road=[one for one in normatives() if Publication.of(one.decision) is None],
        chips=[("全部", "/desk/normatives", asked == "")]
        + [(f.label, f"/desk/normatives?force={f.value}", asked == f.value) for f in Force if f != Force.UNPUBLISHED],
        cleanups=cleanups(CleanupStage.BEGUN),
    )


@blueprint.get("/desk/normatives/<public_id>")
@desk(*NORMATIVES.posts)
def normative(public_id: str) -> str:
    """One document: its term and its evaluations."""
    return _normative(_one(public_id), Evaluation(), Why())


@blueprint.post("/desk/normatives/<public_id>")
@desk(Post.HANDLER, Post.OFFICE)
@checks_its_form
def evaluate_normative(public_id: str) -> str | Response | tuple[str, int]:
    """An evaluation before its time is over."""
    made = _one(public_id)

    def propose(verdict: Verdict | None, reason: str, until: date | None) -> None:
        ExpiryReview.propose(g.officer, made, verdict, reason, until)

    return evaluated(propose, _at(made), partial(_normative, made))


@blueprint.post("/desk/normatives/<public_id>/<any(agree, send_back):verb>")
@desk(Post.LEADER, Post.CHIEF)
@checks_its_form
def answer_evaluation(public_id: str, verb: str) -> str | Response | tuple[str, int]:
    """Agreed, or sent back."""
    made = _one(public_id)
    review = next((one for one in reversed(reviews(made)) if one.stage == ReviewStage.PROPOSED), None)
    if review is None:
        raise OutOfTurn("没有等同意的评估意见。")
    return answered(review, verb, _at(made), partial(_normative, made))


def _one(public_id: str) -> Normative:
    found = documents_of.by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这份文件。")
    return found


def _at(made: Normative) -> str:
    return url_for("console.normative", public_id=made.public_id)


def _normative(made: Normative, form: Evaluation, why: Why, refusal: str | None = None) -> str:
    term, given = term_of(made), reviews(made)
    last = given[-1] if given else None
    waiting = last if last is not None and last.stage == ReviewStage.PROPOSED else None
    return render_template(
        "console/normative.html",
        made=made,
        case=made.decision,
        term=term,
        published=Publication.of(made.decision),
        reviews=list(reversed(given)),
        notices=notices_of(made),
        form=form,
        why=why,
        refusal=refusal,
        may=term is not None
        and term.force.holds
        and waiting is None
        and not g.officer.lacks(made.rules.post_for("validity.propose")),
        acts={button.verb: button for button in buttons(waiting, g.officer)} if waiting else {},
        due_on=filing_due(made),
    )


# statistics


@blueprint.get("/desk/normatives/statistics")
@desk(*NORMATIVES.posts)
def filing_statistics() -> str | Reply:
    """A year's filing: how many, in time, late; on a page, on paper, or as a table for the county."""
    year = request.args.get("year", type=int) or today().year
    if not 2000 <= year <= today().year + 1:
        raise Missing("没有这一年的统计。")
    rows = filed_in(year)
    counts = filing_counts(rows)
    if request.args.get("as") == "csv":
        return _csv(year)
    return render_template(
        "console/filing_statistics.html",
        year=year,
        rows=rows,
        counts=counts,
        HOW=HOW,
        years=range(today().year, today().year - 5, -1),
    )


def _csv(year: int) -> Reply:
    """With the mark that spreadsheets need to read Chinese; a cell that could be taken for a formula is disarmed."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["文号", "名称", "公布日期", "报送期限", "报送日期", "报送给", "回执编号", "回执日期", "情况"])
    for row in filed_in(year):
        one = row.normative
        cells = (
            one.number, one.title, row.publication.published_on, row.due_on, one.filed_on or "", one.filed_to,
            one.receipt_number, one.receipt_on or "", row.words,
        )  # fmt: skip
        table.writerow([f"'{cell}" if str(cell)[:1] in ("=", "+", "-", "@") else cell for cell in cells])
    answer = Reply("﻿" + out.getvalue(), mimetype="text/csv")
    return save_as(answer, f"{year}年规范性文件备案统计.csv")


# clean-ups


@blueprint.get("/desk/cleanups")
@desk(*NORMATIVES.posts)
def all_cleanups() -> str:
    """The campaigns, and a form for a new one."""
    return _cleanups(Begin())


@blueprint.post("/desk/cleanups")
@desk(Post.OFFICE, Post.JUSTICE)
@checks_its_form
def begin_cleanup() -> str | Response | tuple[str, int]:
    """Every document that holds is on the list."""
    form = Begin(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = Cleanup.begin(g.officer, form.title.data or "", form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash(f"开始清理，共 {len(made.everything)} 件。", "ok")
            return redirect(url_for("console.cleanup", public_id=made.public_id), 303)
    return _cleanups(form, refusal), 422


def _cleanups(form: Begin, refusal: str | None = None) -> str:
    may = g.officer.has(Post.OFFICE, Post.JUSTICE)
    return render_template("console/cleanups.html", rows=cleanups(), form=form, refusal=refusal, may=may)


@blueprint.get("/desk/cleanups/<public_id>")
@desk(*NORMATIVES.posts)
def cleanup(public_id: str) -> str:
    """One campaign: document by document."""
    return _cleanup(_campaign(public_id))


@blueprint.post("/desk/cleanups/<public_id>")
@desk(Post.OFFICE, Post.JUSTICE)
@checks_its_form
def judge_document(public_id: str) -> str | Response | tuple[str, int]:
    """A verdict on one document."""
    campaign, form = _campaign(public_id), Judge(request.form)
    wanted = request.form.get("item", "")
    item = next((one for one in campaign.everything if one.public_id == wanted), None)
    if item is None:
        raise Missing("这份文件不在这次清理里。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            verdict = Verdict(form.verdict.data) if form.verdict.data in set(Verdict) else None
            campaign.judge(g.officer, item, verdict, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash(f"{item.document.number} 的清理意见记下了。", "ok")
            return redirect(url_for("console.cleanup", public_id=public_id), 303)
    return _cleanup(campaign, form, item.public_id, refusal), 422


@blueprint.post("/desk/cleanups/<public_id>/conclude")
@desk(Post.CHIEF)
def conclude_cleanup(public_id: str) -> Response:
    """The result is public."""
    campaign = _campaign(public_id)
    campaign.conclude(g.officer)
    flash("清理结果公布了。", "ok")
    return redirect(url_for("console.cleanup", public_id=public_id), 303)


def _campaign(public_id: str) -> Cleanup:
    found = cleaning.by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这次清理。")
    return found


def _term(item: CleanupItem | OlderCleanupItem) -> tuple[Term | None, str]:
    """How long a document holds, and where the desk shows it."""
    if isinstance(item, CleanupItem):
        return term_of(item.normative), f"/desk/normatives/{item.normative.public_id}"
    return item.document.term(), f"/desk/older/{item.document.public_id}"


def _cleanup(campaign: Cleanup, form: Judge | None = None, at: str = "", refusal: str | None = None) -> str:
    forms = {
        item.public_id: form
        if form is not None and item.public_id == at
        else Judge(data={"verdict": item.verdict or "", "reason": item.reason})
        for item in campaign.everything
    }
    acts = {button.verb: button for button in buttons(campaign, g.officer)}
    return render_template(
        "console/cleanup.html",
        campaign=campaign,
        forms=forms,
        at=at,
        refusal=refusal,
        terms={item.public_id: _term(item) for item in campaign.everything},
        may=campaign.stage == CleanupStage.BEGUN and not g.officer.lacks(campaign.rules.post_for("cleanup.judge")),
        conclude=acts.get("conclude"),
        Stage=CleanupStage,
    )
