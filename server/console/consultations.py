"""Consultations after publishing: who speaks and who is silent, the days left, and the few deeds that are still possible."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.comments.receive import BY_STAFF
from models.comments.release import Release
from models.comments.second_look import met
from models.comments.sums import Summed
from models.decisions.consultation import Channel, Consultation, Stage, State
from models.decisions.consultation import consultations as of_stages
from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import NotAllowed
from models.people.place import villages
from server.console import charts
from server.console.charts import coverage, curve
from server.console.door import blueprint, desk, opens
from server.console.drafts import find, same_page
from server.console.forms.notice import Cancel, Correct, Extend
from server.console.forms.trying import trying
from server.console.nav import CONSULTATIONS, READERS
from server.console.progress import clauses_of, progress_of, summed
from server.console.road import road
from server.console.sheet import sheet
from server.console.showing import how_many
from server.console.wx_articles import shown as wx_shown
from server.words import date_plain, days_left

ORDER = (State.OPEN, State.CLOSED, State.RELEASED, State.CANCELLED)

FORMS: dict[str, tuple[type[Any], str, str]] = {
    "extend": (Extend, "延长期限", "只能延长，不能缩短。新的截止日会印在公告上，提过意见的人都会收到告知。"),
    "correct": (Correct, "更正公告", "只改公告里的文字；草案和期限不能用更正来改。更正说明人人看得到。"),
    "cancel": (Cancel, "取消征求意见", "取消以后不能恢复。理由会印在公告上，并告诉每一位提过意见的人。"),
}
DEEDS: dict[str, Callable[[Consultation, Any, Any], Any]] = {
    "extend": lambda m, who, form: m.extend(who, form.days.data, form.reason.data),
    "correct": lambda m, who, form: m.correct(who, form.remark.data, **form.changed(m)),
    "cancel": lambda m, who, form: m.cancel(who, form.reason.data),
}
SAYS = {
    "extend": "截止以前可以延长；新的日期印在公告上",
    "correct": "改错字、补联系方式；附一句人人看得到的说明",
    "cancel": "不再进行；理由告诉每一位提过意见的人",
    "release": "所有要点审定以后，一次发布",
}


@blueprint.get("/desk/consultations")
@desk(*CONSULTATIONS.posts)
def consultations() -> str:
    """What is open, what waits for answers, what is done."""
    wanted = request.args.get("state", "")
    rows = of_stages(Stage.PUBLISHED, Stage.CONCLUDED, Stage.CANCELLED)
    rows = [m for m in rows if m.published_at is not None]
    grouped = [(state, [m for m in rows if m.state() == state]) for state in ORDER if wanted in ("", state.value)]
    chips = [("全部", "/desk/consultations", not wanted)] + [
        (s.label, f"/desk/consultations?state={s.value}", wanted == s.value) for s in ORDER
    ]
    return render_template(
        "console/consultations.html",
        grouped=[(s, found) for s, found in grouped if found],
        chips=chips,
        State=State,
        may_read=g.officer.has(*READERS),
    )


@blueprint.get("/desk/consultations/<public_id>")
@desk(*CONSULTATIONS.posts)
def consultation(public_id: str) -> str | Response:
    """One consultation: the road, the counts, the curve, the villages, the clauses."""
    matter = find(public_id)
    if matter.published_at is None:
        return redirect(url_for("console.sign_off_one", public_id=public_id), 303)
    total = summed(matter)
    known = villages()
    used = {channel for channel, _ in total.channels}
    assert matter.opens_on is not None
    assert matter.closes_on is not None
    return render_template(
        "console/consultation.html",
        matter=_about(matter),
        state_words=_state(matter),
        road=road(matter),
        acts=_acts(matter),
        notices=[f"更正：{c.remark}" for c in matter.corrections],
        published=True,
        stats=[*_stats(total, matter), *_met(matter)],
        curve=curve(matter.opens_on, matter.closes_on, total.days, total.copied),
        coverage=coverage([(v.id, v.name, v.residents) for v in known], total.places, total.people),
        quiet=charts.QUIET,
        channels=[(channel.value, channel.label, texts) for channel, texts in total.channels],
        silent=[Channel(way) for way in matter.channels if way not in used],
        texts=total.texts,
        clauses_said=[
            (row.label or ("整个草案" if row.clause_id is None else "（没有编号的段落）"), row.points)
            for row in clauses_of(matter)
        ],
        wx=wx_shown(matter),
        may_export=not g.officer.lacks(matter.rules.post_for("comment.export")) and total.texts + total.withdrawn,
        villages=known,
        deeds=_deeds(matter),
        sheet=sheet(matter),
        clauses=matter.draft.clauses if matter.draft else [],
    )


@blueprint.get("/desk/consultations/<public_id>/<any(extend, correct, cancel):deed>")
@desk(*CONSULTATIONS.posts)
def deed_page(public_id: str, deed: str) -> str:
    """A deed on a page of its own: it is not done by one click."""
    matter = find(public_id)
    refusal = why_not(matter, deed, g.officer)
    if refusal:
        raise refusal
    kind = FORMS[deed][0]
    return _deed(matter, deed, kind(obj=matter) if deed == "correct" else kind())


@blueprint.post("/desk/consultations/<public_id>/<any(extend, correct, cancel):deed>")
@desk(*CONSULTATIONS.posts)
def do_deed(public_id: str, deed: str) -> str | Response | tuple[str, int]:
    """The deed itself."""
    matter = find(public_id)
    same_page(matter.version)
    form = FORMS[deed][0](request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            DEEDS[deed](matter, g.officer, form)
        refusal = went.refusal
        if went.done:
            flash({"extend": "期限延长了。", "correct": "公告更正了。", "cancel": "已取消。"}[deed], "ok")
            return redirect(url_for("console.consultation", public_id=public_id), 303)
    return _deed(matter, deed, form, refusal), 422


def _deed(matter: Consultation, deed: str, form: Any, refusal: str | None = None) -> str:
    _, name, says = FORMS[deed]
    return render_template(
        "console/consultation_deed.html", matter=matter, deed=deed, form=form, name=name, says=says, refusal=refusal
    )


def _about(matter: Consultation) -> dict[str, Any]:
    return {
        "title": matter.title,
        "number": matter.number,
        "public_id": matter.public_id,
        "public_link": f"/consultations/{matter.public_id}",
        "decision": matter.decision.public_id,
    }


def _state(matter: Consultation) -> str:
    state = matter.state()
    if state == State.OPEN:
        return (
            f"正在征求意见，{date_plain(matter.closes_on)} 24:00 截止（{days_left(matter.closes_on)}）。"
            f"答复在{date_plain(matter.answer_due_on)}前给出。"
        )
    if state == State.CLOSED:
        return (
            f"{date_plain(matter.closes_on)}截止，正在答复，答应{date_plain(matter.answer_due_on)}"
            f"前给出（{days_left(matter.answer_due_on)}）。"
        )
    if state == State.RELEASED:
        release = Release.of(matter)
        return f"已于{date_plain(matter.released_at)}发布答复，{release.number if release else ''}。"
    return f"已取消：{matter.cancelled_reason}"


def _acts(matter: Consultation) -> list[dict[str, Any]]:
    """The buttons beside the title: one of them is the thing to do next."""
    here = f"/desk/consultations/{matter.public_id}"
    acts: list[dict[str, Any]] = []
    if matter.state() == State.OPEN and not g.officer.lacks(matter.rules.post_for("comment.intake")):
        acts.append({"words": "录入一份意见", "link": f"{here}/intake", "primary": True})
    if matter.state() in (State.OPEN, State.CLOSED) and g.officer.has("handler"):
        primary = matter.state() == State.CLOSED and progress_of(matter).stages["open"] > 0
        acts.insert(0, {"words": "答复意见", "link": f"/desk/answering/{matter.public_id}", "primary": primary})
    if matter.state() == State.CLOSED and not g.officer.lacks(matter.rules.post_for("consultation.release")):
        acts.append({"words": "去发布", "link": f"/desk/release/{matter.public_id}", "primary": not acts})
    if opens(f"{here}/topics"):
        acts.append({"words": "大家在说什么", "link": f"{here}/topics", "primary": False})
    if matter.state() in (State.OPEN, State.CLOSED) and opens(f"{here}/checks"):
        acts.append({"words": "发布前检查", "link": f"{here}/checks", "primary": False})
    if opens(f"{here}/mentioned") and (number := how_many(matter)):
        acts.append({"words": f"检查提到的 {number}", "link": f"{here}/mentioned", "primary": False})
    if matter.state() == State.RELEASED:
        acts.append({"words": "看采纳情况", "link": f"/reports/{matter.public_id}", "primary": False})
    return acts


def _deeds(matter: Consultation) -> list[dict[str, Any]]:
    """Extending, correcting, cancelling, releasing: what may be done, and what holds the rest."""
    rows = []
    for button in buttons(matter, g.officer):
        if button.verb not in SAYS:
            continue
        where = "release" if button.verb == "release" else "consultations"
        link = f"/desk/{where}/{matter.public_id}" + ("" if button.verb == "release" else f"/{button.verb}")
        rows.append(
            {
                "verb": button.verb,
                "words": button.label,
                "link": link,
                "says": SAYS[button.verb],
                "unmet": button.unmet,
                "primary": False,
            }
        )
    return rows


def _stats(total: Summed, matter: Consultation) -> list[dict[str, Any]]:
    home = sum(v.residents for v in villages())
    by_hand = sum(texts for channel, texts in total.channels if channel in BY_STAFF)
    copied = f"出自 {total.templates} 个底稿，一字不差" if total.templates else "没有一字不差的"
    rate = f"每千居民 {1000 * total.people / home:.1f} 人" if home else "常住人口没有填"
    return [
        {"name": "说话的人", "number": total.people, "unit": "人", "says": rate},
        {"name": "意见", "number": total.texts, "unit": "份", "says": "撤回的不算在内"},
        {"name": "其中抄本", "number": total.copies, "unit": "份", "says": copied},
        {"name": "要点", "number": total.points, "unit": "条", "says": "每条都要答"},
        {"name": "工作人员代录", "number": by_hand, "unit": "份", "says": "纸质、电话、现场、邮件"},
        {"name": "撤回", "number": total.withdrawn, "unit": "份", "says": "另计，不答"},
    ]


def _met(matter: Consultation) -> list[dict[str, Any]]:
    """After the release: how many taps said that the answers met their points."""
    found = met([matter.id]).get(matter.id) if matter.stage == Stage.CONCLUDED else None
    if found is None:
        return []
    says = f"{found.bad} 条说没有，{found.looks} 条请人再看"
    return [{"name": "答到点子上", "number": found.good, "unit": "条", "says": says}]


def must_be_open(matter: Consultation) -> None:
    """For doors that only make sense while people may speak."""
    if matter.state() != State.OPEN:
        raise NotAllowed("现在不在征集期内，不能录入意见。")
