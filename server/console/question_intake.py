"""A legal question of somebody who has no telephone: written down as it was said, with a slip; and the slips of what is passed on."""

import re

from flask import current_app, flash, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.comments.receipt import Receipt
from models.decisions.consultation import Channel
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.installation import Installation
from models.kernel.lifecycle import buttons
from models.kernel.refusal import Missing, NotAllowed, RuleUnmet
from models.people.consent import ConsentText
from models.people.officer import Post
from models.people.place import Place, villages
from models.people.resident import Resident
from models.questions.hand_over import HandOver, by_public_id, print_slip
from models.questions.question import AID_HINT, Question
from server.console.door import blueprint, desk
from server.console.forms.fields import offered
from server.console.forms.question import BY_HAND, NewQuestion
from server.console.forms.question import Receipt as ReceiptForm
from server.console.forms.trying import trying
from server.console.nav import QUESTIONS
from server.house import checks_its_form, writes

KEY = re.compile(r"[0-9a-z]{16,64}")


@blueprint.get("/desk/questions/new")
@desk(*QUESTIONS.posts)
def new_question() -> str:
    """An empty sheet; a village officer's own village is filled in."""
    form = NewQuestion()
    if place := request.args.get("place"):
        # Somebody at whose door a grid worker stands.
        form.place.data, form.channel.data = place, Channel.HALL.value
    elif g.officer.places:
        form.place.data = g.officer.places[0].public_id
    return _sheet(form)


@blueprint.post("/desk/questions/new")
@desk(*QUESTIONS.posts)
@checks_its_form
def enter_question() -> str | tuple[str, int]:
    """Entered once, however often the button is pressed; the slip shows the PIN this one time."""
    form = NewQuestion(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            asked, receipt, pin = _take(form)
        refusal = went.refusal
        if went.done:
            return render_template(
                "console/question_slip.html",
                question=asked,
                receipt=receipt.number,
                pin=pin,
                hint=AID_HINT,
                public_url=current_app.extensions["settings"].public_url.rstrip("/"),
            )
    return _sheet(form, refusal), 422


def _take(form: NewQuestion) -> tuple[Question, Receipt, str | None]:
    if form.channel.data not in {channel.value for channel in BY_HAND}:
        raise RuleUnmet("请选从哪里来的。", {"channel": "请选电话、现场或信函。"})
    place = db.session.scalar(select(Place).where(Place.public_id == form.place.data)) if form.place.data else None
    who = Resident.from_paper(place)
    who.introduce(
        who, name=form.name.data or "", phone=form.phone.data or "", door=form.channel.data, officer=g.officer
    )
    key = form.key.data if KEY.fullmatch(form.key.data or "") else None
    asked = Question.ask(
        who,
        form.text.data or "",
        channel=Channel(form.channel.data),
        place=place,
        limit_on=form.limit_on.data,
        key=f"desk:{g.officer.public_id}:{key}" if key else None,
        officer=g.officer,
    )
    before = Receipt.of_question(asked)
    if before is not None:
        return asked, before, None
    receipt = Receipt.give(question=asked)
    return asked, receipt, receipt.guard()


def _sheet(form: NewQuestion, refusal: str | None = None) -> str:
    form.place.choices = offered([("", "没有说"), *((v.public_id, v.name) for v in villages())])
    return render_template("console/question_new.html", form=form, refusal=refusal, privacy=ConsentText.current())


@blueprint.get("/desk/hand-overs/<public_id>")
@desk(Post.JUSTICE)
@writes
def passed_on(public_id: str) -> str:
    """The slip with the person's own words, to be printed; showing it leaves its trace."""
    return _slip(_found(public_id), ReceiptForm(data={"taken_on": today()}))


@blueprint.post("/desk/hand-overs/<public_id>")
@desk(Post.JUSTICE)
@checks_its_form
def passed_on_deed(public_id: str) -> str | Response | tuple[str, int]:
    """The other office has it, or sends it back."""
    made = _found(public_id)
    form = ReceiptForm(request.form)
    deed = request.form.get("deed", "")
    if deed not in ("take", "send_back"):
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed == "take":
                made.take(g.officer, form.taken_on.data or today(), form.their_number.data or "")
            else:
                made.send_back(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash("回执记下了。" if deed == "take" else "记下了，这条咨询又回到待分派里。", "ok")
            return redirect(url_for("console.questions"), 303)
    return _slip(made, form, refusal), 422


def _found(public_id: str) -> HandOver:
    made = by_public_id(public_id)
    if made is None:
        raise Missing("没有找到这张转办单。")
    return made


def _slip(made: HandOver, form: ReceiptForm, refusal: str | None = None) -> str:
    return render_template(
        "console/hand_over.html",
        house=Installation.here(),
        slip=made,
        text=print_slip(made, g.officer),
        form=form,
        refusal=refusal,
        deeds={b.verb for b in buttons(made, g.officer)},
    )
