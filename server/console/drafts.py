"""Drafts: a text comes in, is cut into clauses under the officer's eyes, and gets its notice."""

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.consultation import Consultation, Stage, by_public_id, consultations
from models.decisions.decision import Decision
from models.decisions.decision import by_public_id as case_by_public_id
from models.decisions.draft import Draft
from models.kernel.installation import Installation
from models.kernel.lifecycle import unmet, why_not
from models.kernel.refusal import Missing, OutOfTurn, RuleUnmet
from models.people.consent import ConsentText
from models.people.officer import Post
from models.texts.word import read_docx
from server.console import pieces
from server.console.checks import Check
from server.console.door import blueprint, desk
from server.console.forms.fields import holdable
from server.console.forms.notice import Cuts, NewDraft, Notice
from server.console.forms.trying import blame, trying
from server.console.nav import DRAFTS
from server.console.turns import IN_HAND
from server.house import checks_its_form

WHERE = {
    "title_given": "at-title",
    "explanation_complete": "at-purpose",
    "draft_has_clauses": "draft",
    "window_long_enough": "at-short_reason",
    "normative_window_long_enough": "at-short_reason",
    "channels_given": "at-channels",
    "contact_given": "at-contact_phone",
    "privacy_notice_given": "privacy",
}
"""Where on the notice a requirement is met."""


@blueprint.get("/desk/drafts")
@desk(*DRAFTS.posts)
def drafts() -> str:
    """What is being drafted and signed, newest first, with who has it now."""
    return render_template(
        "console/drafts.html", rows=consultations(*IN_HAND), may_draft=g.officer.has(Post.HANDLER), Stage=Stage
    )


@blueprint.get("/desk/drafts/new")
@desk(Post.HANDLER)
def new_draft() -> str:
    """A title and a text."""
    case = _case()
    form = NewDraft(data={"title": case.title[:60]}) if case else NewDraft()
    return render_template("console/draft_new.html", form=form, refusal=None, of=_of(), case=case)


@blueprint.post("/desk/drafts/split")
@desk(Post.HANDLER)
@checks_its_form
def split_draft() -> str | tuple[str, int]:
    """From a text to its pieces. Nothing is saved yet."""
    form = NewDraft(request.form)
    upload = request.files.get("word")
    source = form.source.data or ""
    try:
        if upload is not None and upload.filename:
            with upload.stream as sent:
                source = read_docx(sent.read())
        form.validate()
        if not source.strip() and not form.errors:
            raise RuleUnmet("还没有草案。", {"source": "请粘贴草案全文，或者上传 Word 文件（.docx）。"})
        refusal = None
        if not form.errors:
            return _cuts(form.title.data, source, pieces.begin(source))
    except RuleUnmet as wrong:
        refusal = blame(form, wrong)
    return render_template("console/draft_new.html", form=form, refusal=refusal, of=_of(), case=_case()), 422


@blueprint.post("/desk/drafts/cuts")
@desk(Post.HANDLER)
@checks_its_form
def cut_draft() -> str | Response | tuple[str, int]:
    """Merge up, cut here, cut anew, back to the text, or save."""
    form = Cuts(request.form)
    source, starts = form.source.data or "", pieces.read(form.cuts.data)
    if not form.validate():
        again = NewDraft(data={"title": form.title.data, "source": source})
        again.validate()
        return render_template(
            "console/draft_new.html", form=again, refusal="草案没有存下，您的文字都在。", of=_of(), case=_case()
        ), 422
    try:
        starts = [n for n in starts if n <= len(source)]
        if at := request.form.get("merge", type=int):
            starts = pieces.merged(source, starts, at)
        elif (at := request.form.get("cut", type=int)) is not None:
            starts = pieces.divided(source, starts, at)
        elif request.form.get("deed") == "anew":
            starts = pieces.begin(source)
        elif request.form.get("deed") == "back":
            back = NewDraft(data={"title": form.title.data, "source": source})
            return render_template("console/draft_new.html", form=back, refusal=None, of=_of(), case=_case())
        elif request.form.get("deed") == "save":
            return _save(form, source, starts)
    except RuleUnmet as wrong:
        return _cuts(form.title.data, source, pieces.begin(source), refusal=blame(form, wrong)), 422
    return _cuts(form.title.data, source, starts, open_at=request.form.get("open", type=int))


def _save(form: Cuts, source: str, starts: list[int]) -> str | Response | tuple[str, int]:
    of = _of()
    with trying(form) as went:
        if of is None:
            case = _case() or Decision.open(g.officer, form.title.data)
            draft = Draft.write(g.officer, case, source, starts)
            of = Consultation.draft_new(g.officer, case, title=form.title.data, draft=draft)
        else:
            draft = Draft.write(g.officer, of.decision, source, starts)
            of.revise(g.officer, title=form.title.data, draft=draft)
    if not went.done:
        return _cuts(form.title.data, source, starts, refusal=went.refusal), 422
    assert of is not None
    flash(f"草案存好了，共 {len(draft.speakable)} 条可以提意见。接着写公告。", "ok")
    return redirect(url_for("console.notice", public_id=of.public_id), 303)


@blueprint.get("/desk/drafts/<public_id>")
@desk(*DRAFTS.posts)
def notice(public_id: str) -> str | Response:
    """The notice while it is drafted; later there is nothing to write, only to read."""
    matter = find(public_id)
    if matter.stage != Stage.DRAFTED or why_not(matter, "revise", g.officer):
        return redirect(url_for("console.sign_off_one", public_id=public_id), 303)
    return _notice(matter, _known(Notice(obj=matter)))


@blueprint.post("/desk/drafts/<public_id>")
@desk(Post.HANDLER)
@checks_its_form
def write_notice(public_id: str) -> str | Response | tuple[str, int]:
    """Keep it, or keep it and send it to the unit head. Whatever was typed comes back."""
    matter = find(public_id)
    form = Notice(request.form)
    same_page(matter.version)
    refusal = None
    if form.validate():
        with trying(form) as went:
            matter.revise(g.officer, **form.fields())
        refusal = went.refusal
        if went.done and request.form.get("deed") != "submit":
            flash("存好了。", "ok")
            return redirect(url_for("console.notice", public_id=public_id), 303)
        if went.done:
            lacking = unmet(matter, "consultation.submit", g.officer)
            if not lacking:
                matter.submit(g.officer)
                flash("已送单位负责人初审。", "ok")
                return redirect(url_for("console.sign_off_one", public_id=public_id), 303)
            refusal = f"已存好，还不能送审：差 {len(lacking)} 处。"
    return _notice(matter, form, refusal), 422


@blueprint.get("/desk/drafts/<public_id>/text")
@desk(Post.HANDLER)
def draft_text(public_id: str) -> str:
    """The text again, to change it or to cut it otherwise."""
    matter = find(public_id)
    if matter.draft is None:
        return render_template("console/draft_new.html", form=NewDraft(obj=matter), refusal=None, of=matter)
    starts = pieces.cuts([c.piece for c in matter.draft.clauses])
    return _cuts(matter.title, matter.draft.source, starts, of=matter)


def find(public_id: str) -> Consultation:
    """A consultation by its address, at whatever stage; Missing otherwise."""
    found = by_public_id(public_id, published=False)
    if found is None:
        raise Missing("没有找到这件事。它可能被改了网址，请从案头进去。")
    return found


def same_page(version: int) -> None:
    """Refuse what was written on a page that somebody else has overtaken."""
    seen = request.form.get("version")
    if seen and seen != str(version):
        raise OutOfTurn("别人刚刚改过这一页，您写的没有存。请再看一遍，然后接着做。")


def _of() -> Consultation | None:
    """The consultation whose draft is being changed; None for a new one."""
    public_id = request.values.get("of", "")
    if not public_id or not holdable(public_id):
        return None
    matter = find(public_id)
    refusal = why_not(matter, "revise", g.officer)
    if refusal:
        raise refusal
    return matter


def _case() -> Decision | None:
    """The case that a new draft is written for; None for a case that begins with its draft."""
    public_id = request.values.get("case", "")
    if not public_id or not holdable(public_id):
        return None
    found = case_by_public_id(public_id)
    if found is None or not found.going_on:
        raise Missing("没有找到这个案卷，或者它已经不再办理。请从案卷列表进去。")
    return found


def _cuts(
    title: str | None,
    source: str,
    starts: list[int],
    *,
    open_at: int | None = None,
    refusal: str | None = None,
    of: Consultation | None = None,
) -> str:
    form = Cuts(data={"title": title, "source": source, "cuts": pieces.write(starts)})
    return render_template(
        "console/draft_cuts.html",
        form=form,
        cuts=pieces.shown(source, starts, open_at),
        refusal=refusal,
        of=of or _of(),
        case=_case(),
        length=len(source),
    )


def _known(form: Notice) -> Notice:
    """A notice on which nobody has said yet whom to ask begins with the office's own telephone, letter box and address."""
    here = Installation.here()
    asked = {form.contact_phone: here.phone, form.contact_email: here.email, form.contact_address: here.address}
    if not any(field.data for field in asked):
        for field, words in asked.items():
            field.data = words
    return form


def _notice(matter: Consultation, form: Notice, refusal: str | None = None) -> str:
    lacking = {r.code: r for r in unmet(matter, "consultation.submit", g.officer)}
    checks = [
        Check.of(lacking.get(need.predicate), need, link=f"#{WHERE.get(need.predicate, 'main')}")
        for need in matter.rules.gate("consultation.submit", matter.case_kind)
    ]
    return render_template(
        "console/notice.html",
        matter=matter,
        form=form,
        refusal=refusal,
        checks=checks,
        lacking=len(lacking),
        least=matter.least,
        privacy=matter.privacy or ConsentText.current(),
        most_answer=matter.rules.number("consultation.answer_workdays"),
    )
