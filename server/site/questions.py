"""Asking the law: a question goes to the counsel, the answer comes back, and nobody else reads either."""

from flask import render_template, request
from werkzeug.wrappers import Response as Answer

from models.decisions.consultation import Channel
from models.kernel.clock import today
from models.kernel.ids import new_token
from models.kernel.lifecycle import office_rules
from models.kernel.workdays import add_workdays
from models.messages.pace import not_too_fast
from models.questions.question import AID_HINT, Question, QuestionStage
from models.questions.question import mine as questions_of
from server.house import checks_its_form
from server.site.door import PER_PAGE, after, blueprint, go, paged, personal, resident
from server.site.forms import QuestionForm, Try, complaint, trying
from server.words import clock, date_plain


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
                "answered": q.stage == QuestionStage.ANSWERED,
                "sentence": f"{clock(q.answered_at)}回复"
                if q.stage == QuestionStage.ANSWERED
                else f"{q.stage.label}，不晚于{date_plain(q.due_on)}回复",
            }
            for q in rows
        ],
    )


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
    """A question comes in; pressed twice it is one question."""
    form, who = QuestionForm(request.form), resident()
    if not form.validate():
        return _form(form, complaint(form))
    with trying(form) as went:
        not_too_fast(who)
        asked = Question.ask(
            who,
            form.text.data or "",
            channel=Channel.H5,
            place=form.place.place,
            key=f"h5:{who.public_id}:{form.key.data}",
        )
    if not went.done:
        if went.code == "key_reused":
            form.key.data = new_token()
            went.trouble = "刚才那个问题已经收到了。要再问一个，请再点一次提交。"
        return _form(form, went)
    return go("site.question", public_id=asked.public_id, fresh=1)


def _form(form: QuestionForm, went: Try) -> tuple[str, int]:
    days = office_rules().number("question.answer_workdays").value
    page = render_template(
        "site/question_new.html", form=form, trouble=went.trouble, due_on=add_workdays(today(), days)
    )
    return page, went.status


@blueprint.get("/questions/<public_id>")
@personal
def question(public_id: str) -> str:
    """One question of mine."""
    asked = Question.of(resident(), public_id)
    return render_template("site/question.html", q=asked, hint=AID_HINT, fresh=request.args.get("fresh") == "1")
