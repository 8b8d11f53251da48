"""Taking comments in on behalf of people: letters, telephone, the hall; with a printed slip and the same receipt."""

import io
import re

import segno
from flask import Response, current_app, g, render_template, request
from sqlalchemy import select

from models.comments.attach import attach_scan
from models.comments.comment import Comment
from models.comments.receipt import Receipt
from models.comments.receive import receive
from models.comments.transcription import BY_HAND as BY_SOURCE
from models.comments.transcription import Source
from models.decisions.consultation import Channel, Consultation
from models.decisions.draft import Clause
from models.kernel.base import db
from models.kernel.refusal import Missing, RuleUnmet
from models.people.consent import ConsentText
from models.people.officer import Post
from models.people.place import Place, villages
from models.people.resident import Resident, ResidentKind
from server.console.case_expert import uploaded
from server.console.consultations import must_be_open
from server.console.door import blueprint, desk
from server.console.drafts import find
from server.console.forms.fields import offered
from server.console.forms.intake import BY_HAND, Intake
from server.console.forms.trying import trying
from server.console.nav import CONSULTATIONS, INTAKE
from server.house import checks_its_form

KEY = re.compile(r"[0-9a-z]{16,64}")


@blueprint.get("/desk/consultations/<public_id>/intake")
@desk(*INTAKE)
def intake(public_id: str) -> str:
    """An empty sheet; a village officer's own village is filled in."""
    matter = find(public_id)
    must_be_open(matter)
    form = Intake(request.args)
    if g.officer.places:
        form.place.data = g.officer.places[0].public_id
    return _page(matter, form)


@blueprint.post("/desk/consultations/<public_id>/intake")
@desk(*INTAKE)
@checks_its_form
def take_in(public_id: str) -> str | tuple[str, int]:
    """Entered once, however often the button is pressed; the slip shows the PIN this one time."""
    matter = find(public_id)
    must_be_open(matter)
    form = Intake(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            comment, pin, repeated = _take(matter, form)
        refusal = went.refusal
        if went.done:
            return slip_page(comment, pin, repeated)
    return _page(matter, form, refusal), 422


def _take(matter: Consultation, form: Intake) -> tuple[Comment, str | None, bool]:
    if form.channel.data not in {c.value for c in BY_HAND}:
        raise RuleUnmet("请选从哪里来的。", {"channel": "请选信函、电话、现场或邮件。"})
    source = Source(form.source.data) if form.source.data in set(BY_SOURCE) else None
    if source is not None and source.channel != form.channel.data:
        raise RuleUnmet(
            "「从哪里来的」和「原件是什么」对不上。",
            {"source": f"{source.label}算「{source.channel.label}」，请改一处。"},
        )
    scan = uploaded("scan")
    place = _place(form.place.data)
    clause = _clause(form.clause.data)
    who = Resident.from_paper(place)
    who.introduce(
        who,
        name=form.name.data or "",
        phone=form.phone.data or "",
        door=form.channel.data,
        officer=g.officer,
    )
    key = form.key.data if KEY.fullmatch(form.key.data or "") else None
    kind = form.kind.data if form.kind.data in set(ResidentKind) else ResidentKind.INDIVIDUAL
    given = receive(
        matter,
        who,
        form.text.data or "",
        channel=Channel(form.channel.data),
        clause=clause,
        kind=ResidentKind(kind),
        organisation=form.organisation.data or "" if kind == ResidentKind.ORGANISATION else "",
        signers=(form.signers.data or 0) if kind == ResidentKind.JOINT else 1,
        show_text=form.show_text.data,
        show_name=form.show_text.data and form.show_name.data,
        place=place,
        key=f"desk:{g.officer.id}:{key}" if key else None,
        officer=g.officer,
        source=source,
        said_on=form.said_on.data,
    )
    if given.repeated:
        return given.comment, None, True
    if scan:
        attach_scan(given.comment, g.officer, scan)
    receipt = Receipt.of(given.comment)
    assert receipt is not None
    return given.comment, receipt.guard(), False


def _place(public_id: str | None) -> Place | None:
    return db.session.scalar(select(Place).where(Place.public_id == public_id)) if public_id else None


def _clause(public_id: str | None) -> Clause | None:
    return db.session.scalar(select(Clause).where(Clause.public_id == public_id)) if public_id else None


@blueprint.get("/desk/slips/<public_id>")
@desk(*CONSULTATIONS.posts)
def slip(public_id: str) -> str:
    """The slip once more, without the PIN: that was shown once."""
    comment = Comment.by_public_id(public_id)
    if comment is None:
        raise Missing("没有找到这份意见。")
    return slip_page(comment, None, repeated=False, again=True)


@blueprint.get("/desk/slips/code.svg")
@desk(*CONSULTATIONS.posts, Post.COUNSEL)
def code() -> Response:
    """The square that leads a phone to the page where receipts are looked up."""
    drawn = io.BytesIO()
    address = current_app.extensions["settings"].public_url.rstrip("/") + "/receipt"
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=4, border=2, xmldecl=False, svgclass=None, lineclass=None
    )
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


def slip_page(comment: Comment, pin: str | None, repeated: bool, *, again: bool = False) -> str:
    """The slip; a PIN is shown once."""
    receipt = Receipt.of(comment)
    assert receipt is not None
    return render_template(
        "console/slip.html",
        comment=comment,
        matter=comment.consultation,
        receipt=receipt.number,
        pin=pin,
        repeated=repeated,
        again=again,
        privacy=ConsentText.current(),
        public_url=current_app.extensions["settings"].public_url.rstrip("/"),
    )


def _page(matter: Consultation, form: Intake, refusal: str | None = None) -> str:
    clauses = matter.draft.speakable if matter.draft else []
    form.clause.choices = offered([("", "整份草案"), *((c.public_id, f"{c.name}　{c.body[:24]}") for c in clauses)])
    form.place.choices = offered([("", "没有说"), *((v.public_id, v.name) for v in villages())])
    return render_template(
        "console/intake.html", matter=matter, form=form, refusal=refusal, privacy=ConsentText.current()
    )
