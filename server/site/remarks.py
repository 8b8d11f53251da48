"""The standing door: what a resident has to say of a decision in force, and the reply."""

from flask import render_template, request
from werkzeug.wrappers import Response as Answer

from models.decisions.consultation import Channel
from models.decisions.decision import Decision
from models.decisions.in_force import Remark
from models.decisions.in_force import mine as remarks_of
from models.decisions.publish import open_publication
from models.kernel.clock import today
from models.kernel.ids import new_token
from models.kernel.refusal import Missing
from models.kernel.workdays import add_workdays
from models.messages.pace import not_too_fast
from server.house import checks_its_form
from server.site.door import blueprint, go, personal, resident
from server.site.forms import RemarkForm, Try, complaint, trying


@blueprint.get("/remarks")
@personal
def remarks() -> str:
    """What I have said of decisions in force."""
    return render_template("site/remarks.html", rows=remarks_of(resident()))


@blueprint.get("/decisions/<public_id>/remark")
@personal
def new_remark(public_id: str) -> str:
    """The form."""
    form = RemarkForm()
    who = resident()
    form.place.data = who.place.public_id if who.place else ""
    return _form(_published(public_id), form, Try())[0]


@blueprint.post("/decisions/<public_id>/remark")
@checks_its_form
@personal
def send_remark(public_id: str) -> tuple[str, int] | Answer:
    """A remark comes in; pressed twice it is one remark."""
    case, form, who = _published(public_id), RemarkForm(request.form), resident()
    if not form.validate():
        return _form(case, form, complaint(form))
    with trying(form) as went:
        not_too_fast(who)
        made = Remark.receive(
            who,
            case,
            form.text.data or "",
            channel=Channel.H5,
            place=form.place.place,
            asks_evaluation=form.evaluate.data,
            key=f"h5:{who.public_id}:{form.key.data}",
        )
    if not went.done:
        if went.code == "key_reused":
            form.key.data = new_token()
            went.trouble = "刚才那一条已经收到了。要再说一条，请再点一次提交。"
        return _form(case, form, went)
    return go("site.remark", public_id=made.public_id, fresh=1)


@blueprint.get("/remarks/<public_id>")
@personal
def remark(public_id: str) -> str:
    """One remark of mine, with its reply."""
    return render_template(
        "site/remark.html", r=Remark.of(resident(), public_id), fresh=request.args.get("fresh") == "1"
    )


def _published(public_id: str) -> Decision:
    made = open_publication(public_id)
    if made is None:
        raise Missing("没有找到这件决定，它可能还没有公布。")
    found: Decision = made.decision
    return found


def _form(case: Decision, form: RemarkForm, went: Try) -> tuple[str, int]:
    days = case.rules.number("remark.reply_workdays").value
    page = render_template(
        "site/remark_new.html", case=case, form=form, trouble=went.trouble, due_on=add_workdays(today(), days)
    )
    return page, went.status
