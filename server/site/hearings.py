"""Hearings: what is heard, when and where, who may take part and how to apply, who was chosen, and the report."""

from flask import g, render_template, request
from werkzeug.wrappers import Response as Answer

from models.decisions.hearing import ApplicantStage, Hearing, HearingStage, Party, announced, applied, by_public_id
from models.kernel.refusal import Missing
from models.messages.pace import not_too_fast
from models.people.resident import Resident
from server.house import checks_its_form
from server.site.door import PER_PAGE, after, blueprint, go, paged
from server.site.forms import HearingForm, Try, complaint, trying
from server.words import date_plain


@blueprint.get("/hearings")
def hearings() -> str:
    """All of them, newest first."""
    rows, page = paged(announced(after=after(), limit=PER_PAGE + 1))
    return render_template(
        "site/hearings.html",
        page=page,
        rows=[{"public_id": h.public_id, "title": h.title, "sentence": sentence(h)} for h in rows],
    )


def sentence(hearing: Hearing) -> str:
    """Where it stands, in one line."""
    if hearing.stage == HearingStage.CANCELLED:
        return "已取消"
    if hearing.takes_applications and hearing.apply_until:
        return f"正在报名，到{date_plain(hearing.apply_until)}"
    if hearing.stage in (HearingStage.ANNOUNCED, HearingStage.LISTED):
        return f"{date_plain(hearing.held_on)}召开"
    return f"{date_plain(hearing.held_on)}开过了" + ("，报告已公布" if hearing.report else "")


def _found(public_id: str) -> Hearing:
    hearing = by_public_id(public_id)
    if hearing is None:
        raise Missing("没有找到这次听证。")
    return hearing


@blueprint.get("/hearings/<public_id>")
def hearing(public_id: str) -> str:
    """One hearing."""
    return _page(_found(public_id), HearingForm(), Try())[0]


@blueprint.post("/hearings/<public_id>")
@checks_its_form
def hearing_apply(public_id: str) -> tuple[str, int] | Answer:
    """Somebody wants to take part."""
    found = _found(public_id)
    form = HearingForm(request.form)
    if not form.validate():
        return _page(found, form, complaint(form))
    who: Resident | None = g.resident if g.resident is not None and not g.resident.anonymous else None
    with trying(form) as went:
        if who is not None:
            not_too_fast(who)
        found.apply(
            who or Resident.nobody_known(),
            Party(form.party.data or ""),
            form.name.data or "",
            form.phone.data or "",
            form.text.data or "",
        )
    if not went.done:
        return _page(found, form, went)
    return go("site.hearing", public_id=public_id, done="applied")


def _page(found: Hearing, form: HearingForm, went: Try) -> tuple[str, int]:
    who = g.resident
    if request.method == "GET" and who is not None and not who.anonymous:
        form.name.data, form.phone.data = who.name, who.phone
    mine = applied(found, who) if who is not None else None
    if mine is not None:
        g.personal = True
    if request.method == "GET" and found.seats:
        form.party.data = found.seats[0].party.value
    form.party.choices = {seat.party.value: seat.party.label for seat in found.seats}
    page = render_template(
        "site/hearing.html",
        h=found,
        form=form,
        trouble=went.trouble,
        mine=mine,
        chosen=mine is not None and mine.stage == ApplicantStage.CHOSEN,
        applied=request.args.get("done") == "applied" and request.method == "GET",
        listed=[one for one in found.participants if one.name] if found.listed_at else [],
        tag=sentence(found),
    )
    return page, went.status
