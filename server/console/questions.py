"""Legal questions: assigned by the justice office, answered by counsel, private, and every reading leaves its trace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.consultation import Consultation, open_consultations
from models.decisions.consultation import by_public_id as consultation_of
from models.decisions.decision import cases
from models.kernel.clock import local, today
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing
from models.outreach.article import topics
from models.people.officer import Officer, Post, holders
from models.questions.duty import on_duty
from models.questions.follow_up import answer_again, thread
from models.questions.hand_over import HandOver, Road, open_ones, pass_on
from models.questions.known import CommonQuestion
from models.questions.question import (
    AID_HINT,
    WAITING,
    Question,
    answered_by_desk,
    by_public_id,
    entered,
    late,
    may_read,
    waiting,
)
from models.questions.seen import readers
from models.questions.stint import Stint, StintKind
from server.console.door import blueprint, desk, may
from server.console.forms.fields import apart, offered
from server.console.forms.question import Assign, Glass, Limit, PassOn, Reply
from server.console.forms.trying import trying
from server.console.nav import LAW, QUESTIONS
from server.house import checks_its_form, writes

OVER_IT = (Post.JUSTICE, Post.LEADER, Post.CHIEF)
"""Who answers for it that questions are answered in time."""


@blueprint.get("/desk/questions")
@desk(*QUESTIONS.posts)
def questions() -> str:
    """What waits, most urgent first. No word of any question stands here."""
    law = g.officer.has(*LAW)
    return render_template(
        "console/questions.html",
        rows=waiting(g.officer) if law else entered(g.officer),
        done=answered_by_desk(g.officer) if law else [],
        slips=open_ones() if g.officer.has(Post.JUSTICE) else [],
        law=law,
        may_mediate=g.officer.has(Post.JUSTICE, Post.VILLAGE),
        may_assign=g.officer.has(Post.JUSTICE),
    )


@blueprint.get("/desk/questions/late")
@desk(*OVER_IT)
def late_questions() -> str:
    """What is past its day: when and whose, never what. Breaking the glass asks for a reason."""
    return _late(Glass())


@blueprint.get("/desk/questions/<public_id>")
@desk(*LAW)
@writes
def question(public_id: str) -> str:
    """Opened, and the trail says by whom."""
    return _page(_question(public_id), Forms())


@blueprint.post("/desk/questions/<public_id>/assign")
@desk(*LAW)
@checks_its_form
def assign(public_id: str) -> str | Response | tuple[str, int]:
    """Give it to a counsel."""
    found = _question(public_id)
    form = Assign(request.form)
    refusal = None
    if form.validate():
        counsel = next((o for o in holders("counsel") if o.public_id == form.counsel.data), None)
        with trying(form) as went:
            found.assign(
                g.officer,
                counsel or g.officer,
                topic=_chosen(topics(), form.topic.data),
                decision=_chosen(cases(), form.decision.data),
                limit_on=form.limit_on.data,
            )
        refusal = went.refusal
        if went.done:
            flash(f"派给{found.counsel.name if found.counsel else ''}了。", "ok")
            return redirect(url_for("console.questions"), 303)
    return _page(found, Forms(assign=form, refused="assign", refusal=refusal)), 422


@blueprint.post("/desk/questions/<public_id>/answer")
@desk(*LAW)
@checks_its_form
def answer(public_id: str) -> str | Response | tuple[str, int]:
    """The counsel's answer to the question, or to what was asked last; the asker is told, the minutes are written down."""
    found = _question(public_id)
    form = Reply(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if found.sealed_answer is None:
                found.answer_it(g.officer, form.text.data)
            else:
                answer_again(found, g.officer, form.text.data)
            if form.minutes.data:
                kind = found.topic.name if found.topic else "法律问题"
                Stint.record(
                    g.officer,
                    found.place,
                    StintKind.ANSWER,
                    today(),
                    form.minutes.data,
                    f"答复一条{kind}咨询",
                    question=found,
                )
        refusal = went.refusal
        if went.done:
            flash("答复了，正在告诉他。", "ok")
            return redirect(url_for("console.questions"), 303)
    return _page(found, Forms(reply=form, refused="reply", refusal=refusal)), 422


@blueprint.post("/desk/questions/<public_id>/pass-on")
@desk(*LAW)
@checks_its_form
def pass_question_on(public_id: str) -> str | Response | tuple[str, int]:
    """It is a comment, a petition or legal aid's: it goes there, with a slip and a clock, and the person is told."""
    found = _question(public_id)
    form = PassOn(request.form)
    refusal = None
    if form.validate():
        if form.road.data not in {road.value for road in Road}:
            form.road.errors = ["请选这是什么。"]
        else:
            with trying(form) as went:
                made = pass_on(
                    found,
                    g.officer,
                    Road(form.road.data),
                    form.words.data or "",
                    form.receiver.data or "",
                    _open_one(form.consultation.data),
                )
            refusal = went.refusal
            if went.done:
                if made.road == Road.COMMENT:
                    flash("归到征求意见里了，正在告诉他。", "ok")
                    return redirect(url_for("console.questions"), 303)
                flash("转办了，正在告诉他。把单子打印出来，和原话一起送过去。", "ok")
                return redirect(url_for("console.passed_on", public_id=made.public_id), 303)
    return _page(found, Forms(passing=form, refused="passing", refusal=refusal)), 422


@blueprint.post("/desk/questions/<public_id>/limit")
@desk(*LAW)
@checks_its_form
def warn_of_limit(public_id: str) -> str | Response | tuple[str, int]:
    """A term ends: it is hurried."""
    found = _question(public_id)
    form = Limit(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            found.warn_of_limit(g.officer, form.limit_on.data)
        refusal = went.refusal
        if went.done:
            flash("记下了。" + ("这条标成急件。" if found.urgent else ""), "ok")
            return redirect(url_for("console.question", public_id=public_id), 303)
    return _page(found, Forms(limit=form, refused="limit", refusal=refusal)), 422


@blueprint.post("/desk/questions/<public_id>/urge")
@desk(*OVER_IT)
def urge(public_id: str) -> Response:
    """Ask counsel to hurry; for that nobody has to know what it is about."""
    _in_hand(public_id).urge(g.officer)
    flash("催办了，法律顾问的案头上看得到。", "ok")
    return redirect(url_for("console.late_questions"), 303)


@blueprint.post("/desk/questions/<public_id>/glass")
@desk(*OVER_IT)
@checks_its_form
def break_glass(public_id: str) -> str | tuple[str, int]:
    """Shown this once, with a reason that stands in the trail and on the asker's page."""
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这条咨询。")
    form = Glass(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            text = found.break_glass(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            return render_template("console/question_glass.html", question=found, text=text, thread=thread(found))
    return _late(form, refusal, at=public_id), 422


def _question(public_id: str) -> Question:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这条咨询。")
    refusal = may_read(found, g.officer)
    if refusal:
        raise refusal
    return found


def _in_hand(public_id: str) -> Question:
    found = by_public_id(public_id)
    if found is None or found.stage not in WAITING:
        raise Missing("没有找到这条咨询，可能已经答了。")
    return found


def _chosen(records: Sequence[Any], public_id: str | None) -> Any:
    return next((one for one in records if one.public_id == public_id), None) if public_id else None


def _open_one(public_id: str | None) -> Consultation | None:
    return consultation_of(public_id) if public_id else None


def _late(form: Glass, refusal: str | None = None, at: str = "") -> str:
    rows = late()
    wrong = next((q for q in [by_public_id(at)] if q is not None), None) if at else None
    if wrong is not None and wrong not in rows:
        rows = [wrong, *rows]
    return render_template(
        "console/questions_late.html",
        rows=rows,
        form=form,
        refusal=refusal,
        at=at,
        may_break=may("question.break_glass"),
        WAITING=WAITING,
    )


@dataclass
class Forms:
    """The sheets of one page; whatever was sent last keeps what was typed."""

    assign: Assign | None = None
    reply: Reply | None = None
    passing: PassOn | None = None
    limit: Limit | None = None
    refused: str = ""
    refusal: str | None = field(default=None)

    def of(self, name: str) -> str | None:
        """What is wrong with this sheet."""
        return self.refusal if self.refused == name else None


def _page(found: Question, forms: Forms) -> str:
    may_assign = why_not(found, "assign", g.officer) is None
    may_answer = why_not(found, "answer_it", g.officer) is None
    may_pass = why_not(found, "pass_on", g.officer) is None
    return render_template(
        "console/question.html",
        question=found,
        text=found.read(g.officer),
        thread=thread(found),
        slip=HandOver.of(found),
        seen=readers(found),
        forms=forms,
        assign_form=_assigning(found, forms.assign) if may_assign else None,
        reply=(forms.reply or Reply()) if may_answer else None,
        passing=_passing(found, forms.passing) if may_pass else None,
        limit=apart(forms.limit or Limit(data={"limit_on": found.limit_on}), "limit")
        if found.stage in WAITING and not may_assign
        else None,
        may_write_common=found.answer and may("common.write"),
        common=CommonQuestion.of(found),
        answered_late=max(0, (local(found.answered_at).date() - found.due_on).days)
        if found.answered_at and not thread(found)
        else 0,
        hint=AID_HINT,
    )


def _assigning(found: Question, form: Assign | None) -> Assign:
    near = on_duty(found.place)
    form = form or Assign(
        data={
            "counsel": found.counsel.public_id if found.counsel else near.public_id if near else "",
            "topic": found.topic.public_id if found.topic else "",
            "decision": found.decision.public_id if found.decision else "",
            "limit_on": found.limit_on,
        }
    )
    form.counsel.choices = offered([("", "请选择"), *((o.public_id, _named(o, near)) for o in holders("counsel"))])
    form.topic.choices = offered([("", "没有对应的"), *((t.public_id, t.name) for t in topics())])
    form.decision.choices = offered([("", "没有"), *((c.public_id, c.title) for c in cases())])
    return form


def _passing(found: Question, form: PassOn | None) -> PassOn:
    form = form or PassOn(data={"road": "aid"} if found.aid else None)
    form.consultation.choices = offered([("", "请选择"), *((row.public_id, row.title) for row in open_consultations())])
    return form


def _named(counsel: Officer, near: Officer | None) -> str:
    where = "、".join(p.name for p in counsel.places)
    turn = "今天轮到" if near is not None and counsel.id == near.id else ""
    marks = "，".join(part for part in (where, turn) if part)
    return f"{counsel.name}（{marks}）" if marks else counsel.name
