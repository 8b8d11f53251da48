"""Asking the law: a question goes to the counsel, the answer comes back, and nobody else reads either."""

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response as Answer

from models.decisions.consultation import Channel
from models.kernel.clock import today
from models.kernel.ids import new_token
from models.kernel.lifecycle import office_rules
from models.kernel.refusal import Missing
from models.kernel.workdays import add_workdays
from models.messages.pace import not_too_fast
from models.questions import erase, known
from models.questions.follow_up import ask_again, left, thread
from models.questions.hand_over import HandOver
from models.questions.known import CommonStage
from models.questions.question import AID_HINT, WAITING, Question, QuestionStage
from models.questions.question import mine as questions_of
from models.questions.seen import readers
from server.house import checks_its_form
from server.site.door import PER_PAGE, after, blueprint, go, paged, personal, resident
from server.site.forms import FollowUpForm, QuestionForm, Try, complaint, trying
from server.words import clock, date_plain

DONE = {"rated": "记下了，谢谢您告诉我们。", "asked": "追问收到了，已经转给法律顾问。"}


@blueprint.get("/questions")
@personal
def questions() -> str:
    """What I have asked."""
    rows, page = paged(questions_of(resident(), after=after(), limit=PER_PAGE + 1))
    return render_template(
        "site/questions.html",
        page=page,
        rows=[
            {
                "public_id": q.public_id,
                "text": q.readable,
                "answered": q.stage not in WAITING,
                "sentence": _stands(q),
            }
            for q in rows
        ],
    )


def _stands(question: Question) -> str:
    if question.stage == QuestionStage.ANSWERED:
        return f"{clock(question.answered_at)}回复"
    if question.stage in WAITING:
        return f"{question.stage.label}，不晚于{date_plain(question.due_on)}回复"
    return question.stage.label


@blueprint.get("/questions/new")
@personal
def new_question() -> str:
    """The form."""
    form = QuestionForm()
    who = resident()
    form.place.data = who.place.public_id if who.place else ""
    return _form(form, Try())[0]


@blueprint.post("/questions/new")
@checks_its_form
@personal
def ask() -> tuple[str, int] | Answer:
    """A question comes in; pressed twice it is one question. Whoever asks what others asked is shown those answers first."""
    form, who = QuestionForm(request.form), resident()
    if not form.validate():
        return _form(form, complaint(form))
    if not form.sure.data and (found := known.like(form.text.data or "")):
        form.sure.data = "yes"
        return _form(form, Try(), found)
    with trying(form) as went:
        not_too_fast(who)
        asked = Question.ask(
            who,
            form.text.data or "",
            channel=Channel.H5,
            place=form.place.place,
            limit_on=form.limit_on.data,
            key=f"h5:{who.public_id}:{form.key.data}",
        )
    if not went.done:
        if went.code == "key_reused":
            form.key.data = new_token()
            went.trouble = "刚才那个问题已经收到了。要再问一个，请再点一次提交。"
        return _form(form, went)
    return go("site.question", public_id=asked.public_id, fresh=1)


def _form(form: QuestionForm, went: Try, asked_before: Any = ()) -> tuple[str, int]:
    days = office_rules().number("question.answer_workdays").value
    page = render_template(
        "site/question_new.html",
        form=form,
        trouble=went.trouble,
        due_on=add_workdays(today(), days),
        known=asked_before,
    )
    return page, went.status


@blueprint.get("/questions/<public_id>")
@personal
def question(public_id: str) -> str:
    """One question of mine."""
    return _page(Question.of(resident(), public_id), FollowUpForm(), Try())[0]


@blueprint.post("/questions/<public_id>/follow-up")
@checks_its_form
@personal
def follow_up_send(public_id: str) -> tuple[str, int] | Answer:
    """Ask the same counsel once more."""
    asked, form, who = Question.of(resident(), public_id), FollowUpForm(request.form), resident()
    if not form.validate():
        return _page(asked, form, complaint(form))
    with trying(form) as went:
        not_too_fast(who)
        ask_again(asked, who, form.text.data or "", key=f"h5:{who.public_id}:{form.key.data}")
    if not went.done:
        return _page(asked, form, went)
    return go("site.question", public_id=public_id, done="asked")


@blueprint.post("/questions/<public_id>/rating")
@personal
def rate_question(public_id: str) -> Answer:
    """One tap, and it is recorded."""
    asked = Question.of(resident(), public_id)
    asked.rate(resident(), request.form.get("helpful") == "yes")
    return go("site.question", public_id=public_id, done="rated", _anchor="rating")


@blueprint.get("/questions/<public_id>/erase")
@personal
def erase_question(public_id: str) -> str:
    """What deleting means, before it is done."""
    return render_template("site/question_erase.html", q=Question.of(resident(), public_id), WAITING=WAITING)


@blueprint.post("/questions/<public_id>/erase")
@personal
def erase_question_send(public_id: str) -> Answer:
    """No word of it is left."""
    erase.erase(Question.of(resident(), public_id), resident())
    return go("site.questions")


def _page(asked: Question, form: FollowUpForm, went: Try) -> tuple[str, int]:
    page = render_template(
        "site/question.html",
        q=asked,
        waiting=asked.stage in WAITING,
        thread=thread(asked),
        left=left(asked),
        slip=HandOver.of(asked) if asked.stage == QuestionStage.PASSED_ON else None,
        seen=readers(asked),
        hint=AID_HINT,
        form=form,
        trouble=went.trouble,
        done_word=DONE.get(request.args.get("done", "")),
        fresh=request.args.get("fresh") == "1",
    )
    return page, went.status


@blueprint.get("/common-questions")
def common_questions() -> str:
    """What many have asked; everybody may read it."""
    rows, page = paged(known.published(after=after(), limit=PER_PAGE + 1))
    return render_template("site/common_questions.html", page=page, rows=rows)


@blueprint.get("/common-questions/<public_id>")
def common_question(public_id: str) -> str:
    """One of them with its answer; a withdrawn one says so."""
    found = known.by_public_id(public_id)
    if found is None or found.stage not in (CommonStage.PUBLISHED, CommonStage.WITHDRAWN):
        raise Missing("没有找到这条问答。")
    return render_template(
        "site/common_question.html", item=found, withdrawn=found.stage == CommonStage.WITHDRAWN, hint=AID_HINT
    )
