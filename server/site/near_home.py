"""The law near home: everything that a village has on one page, the legal-aid pre-check, and asking for mediation."""

from flask import render_template, request
from werkzeug.wrappers import Response as Answer

from models.decisions.consultation import Channel
from models.kernel.ids import new_token
from models.kernel.refusal import Missing
from models.messages.pace import not_too_fast
from models.outreach.exhibition import to_be_seen
from models.outreach.legal_place import LegalPlaceKind, places_of
from models.outreach.legal_place import by_public_id as legal_place_of
from models.people.place import Place, PlaceKind, villages
from models.people.place import by_public_id as place_of
from models.questions.aid import NEVER_DECIDES, AidMatter, Guidance, Standing, look
from models.questions.duty import on_duty
from models.questions.mediation import Dispute, Mediation, mine
from models.questions.question import Question
from server.house import checks_its_form
from server.site.comments import signed_in
from server.site.door import PER_PAGE, after, blueprint, go, paged, personal, resident
from server.site.forms import AidForm, AidRequestForm, MediationForm, Try, complaint, trying


@blueprint.get("/legal-services")
def legal_services() -> str:
    """One's own village's page; whoever has none chooses."""
    who = signed_in()
    return _services(who.place if who is not None else None)


@blueprint.get("/legal-services/<public_id>")
def legal_services_of(public_id: str) -> str:
    """Everything that one village has."""
    village = place_of(public_id)
    if village is None or village.kind not in (PlaceKind.VILLAGE, PlaceKind.COMMUNITY):
        raise Missing("没有找到这个村或社区。")
    return _services(village)


def _services(village: Place | None) -> str:
    return render_template(
        "site/legal_services.html",
        village=village,
        villages=villages(),
        counsel=on_duty(village),
        rows=places_of(village) if village else [p for p in places_of(None) if p.place_id is None],
        rooms=places_of(village, LegalPlaceKind.MEDIATION),
        shows=to_be_seen(village, limit=3),
    )


@blueprint.get("/legal-aid")
def legal_aid() -> str:
    """Three questions; nothing of them is kept."""
    return render_template("site/legal_aid.html", form=AidForm(), trouble="")


@blueprint.post("/legal-aid")
@checks_its_form
def legal_aid_look() -> str | tuple[str, int]:
    """What the law says of it, what to bring, where to go: guidance, never a decision."""
    form = AidForm(request.form)
    if not form.validate():
        went = complaint(form)
        return render_template("site/legal_aid.html", form=form, trouble=went.trouble), went.status
    return _found(form, AidRequestForm(matter=form.matter.data, standing=",".join(form.told)), Try())[0]


@blueprint.post("/legal-aid/request")
@checks_its_form
@personal
def legal_aid_request() -> tuple[str, int] | Answer:
    """Hand it over: the justice office passes it on to the legal aid centre, under the same seal as a question."""
    form, who = AidRequestForm(request.form), resident()
    before = AidForm(data={"matter": form.matter.data, "standing": [s.value for s in form.told]})
    if not form.validate():
        return _found(before, form, complaint(form))
    guidance = look(form.chosen, form.told)
    with trying(form) as went:
        not_too_fast(who)
        asked = Question.ask(
            who,
            f"{guidance.summary}\n{form.text.data or ''}".strip(),
            channel=Channel.H5,
            aid=form.chosen,
            limit_on=form.limit_on.data,
            key=f"h5:{who.public_id}:{form.key.data}",
        )
    if not went.done:
        if went.code == "key_reused":
            form.key.data = new_token()
            went.trouble = "刚才那一份已经收到了。要再交一份，请再点一次。"
        return _found(before, form, went)
    return go("site.question", public_id=asked.public_id, fresh=1)


def _found(form: AidForm, handing: AidRequestForm, went: Try) -> tuple[str, int]:
    guidance: Guidance = look(
        next((m for m in AidMatter if m.value == form.matter.data), AidMatter.NONE),
        [s for s in Standing if s.value in form.told],
        hurried=bool(form.hurried.data),
    )
    page = render_template(
        "site/legal_aid_found.html",
        g_=guidance,
        never=NEVER_DECIDES,
        places=places_of(None, LegalPlaceKind.AID),
        form=handing,
        trouble=went.trouble,
        signed_in=signed_in() is not None,
    )
    return page, went.status


@blueprint.get("/mediations")
@personal
def mediations() -> str:
    """What I have asked for."""
    rows, page = paged(mine(resident(), after=after(), limit=PER_PAGE + 1))
    return render_template("site/mediations.html", page=page, rows=rows)


@blueprint.get("/mediations/new")
@personal
def new_mediation() -> str:
    """The form; one's own village's room is chosen."""
    form = MediationForm()
    named = request.args.get("room", "")
    if any(room.public_id == named for room in form.rooms):
        form.room.data = named
    else:
        near = next((r for r in form.rooms if resident().place_id and r.place_id == resident().place_id), None)
        form.room.data = near.public_id if near else ""
    return _sheet(form, Try())[0]


@blueprint.post("/mediations/new")
@checks_its_form
@personal
def ask_for_mediation() -> tuple[str, int] | Answer:
    """Handed to the room; pressed twice it is one."""
    form, who = MediationForm(request.form), resident()
    if not form.validate():
        return _sheet(form, complaint(form))
    room = legal_place_of(form.room.data or "")
    if room is None:
        form.room.errors = ["请选一个调解室。"]
        return _sheet(form, Try("有一处要改一下。", 422))
    with trying(form) as went:
        not_too_fast(who)
        asked = Mediation.ask(
            who,
            room,
            Dispute(form.dispute.data or Dispute.OTHER),
            form.text.data or "",
            channel=Channel.H5,
            key=f"h5:{who.public_id}:{form.key.data}",
        )
    if not went.done:
        return _sheet(form, went)
    return go("site.mediation", public_id=asked.public_id)


def _sheet(form: MediationForm, went: Try) -> tuple[str, int]:
    return render_template("site/mediation_new.html", form=form, trouble=went.trouble), went.status


@blueprint.get("/mediations/<public_id>")
@personal
def mediation(public_id: str) -> str:
    """How far mine has come."""
    return render_template("site/mediation.html", m=Mediation.of(resident(), public_id))


@blueprint.post("/mediations/<public_id>/withdraw")
@personal
def withdraw_mediation(public_id: str) -> Answer:
    """Not wanted any more."""
    Mediation.of(resident(), public_id).withdraw(resident())
    return go("site.mediation", public_id=public_id)
