"""A case's road as it is drawn: the line of places, who has what in hand, and what still stands before the next deed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, g, url_for

from models.decisions.consultation import Audience, consultations_of
from models.decisions.decision import Decision
from models.decisions.in_force import waiting_for
from models.decisions.legal_review import to_be_sent
from models.decisions.listing import listing_of
from models.decisions.matter import OPTIONAL
from models.decisions.normative import Normative
from models.decisions.road import Going, Stop, road
from models.kernel.clock import today
from models.kernel.lifecycle import Verb, unmet, verbs_of
from models.kernel.refusal import Refusal
from models.people.officer import Post
from server.console.checks import Check
from server.console.door import opens
from server.console.road import Station as Drawn
from server.words import date_plain, day_short, days_left

NEXT: tuple[tuple[str, str], ...] = (
    ("start", "start"),
    ("send_to_review", "legal_review"),
    ("deliberate", "deliberation"),
    ("decide", "deliberation"),
    ("publish", "publish"),
    ("archive", "archive"),
)
"""The deeds of the case in their order, each with the station where it is done or seen to be done."""

MEND = {
    "case_is_classified": "classify",
    "procedure_applies": "classify",
    "lead_unit_named": "assign",
    "meeting_pack_complete": "meeting-pack",
    "review_papers_complete": "send-to-review",
    "changes_explained": "drafts",
    "decided_words_explained": "drafts",
}
"""Where a requirement is met, when it is not at a station: the page of the case."""
AT_STATION = {
    "listed_or_explained": "catalogue",
    "participation_done": "consultation",
    "experts_heard_or_excused": "expert",
    "risk_assessed_or_excused": "risk",
    "risk_controllable": "risk",
    "hearing_held_or_excused": "hearing",
    "poll_taken_or_excused": "poll",
    "legal_review_passed": "legal_review",
    "deliberated_collectively": "deliberation",
    "head_spoke_last": "deliberation",
    "party_committee_asked": "party_report",
    "signed_and_registered": "sign_off",
    "secrecy_checked": "secrecy",
    "adoption_report_ready": "answers",
}
"""At which station a requirement is met."""


@dataclass(frozen=True)
class Row:
    """One station as a line of the table, with where it is worked at."""

    stop: Stop
    link: str
    papers: int

    @property
    def when(self) -> str:
        """When it was done, or by when it has to be."""
        s = self.stop.standing
        if s.going in (Going.DONE, Going.EXCUSED):
            return day_short(s.since)
        if s.due_on is not None:
            return f"{day_short(s.due_on)}前"
        return f"{day_short(s.since)}起" if s.since else s.plan

    @property
    def tag(self) -> tuple[str, str]:
        """Word and class of its state."""
        s = self.stop.standing
        if s.late and s.due_on is not None:
            return f"逾期{days_left(s.due_on).removeprefix('已过')}", "late"
        return s.going.label, "now" if s.going == Going.NOW else ""


@dataclass(frozen=True)
class NextDeed:
    """The deed that comes next: its button, and every requirement of its gate, met or not."""

    verb: str
    label: str
    link: str
    checks: Sequence[Check]
    refusal: Refusal | None
    """Why this officer cannot press it now, whatever the reason."""
    lacking: Sequence[Refusal]
    whose: str
    """Whose deed it is."""
    says: str


def rows(decision: Decision, papers: dict[str, int]) -> list[Row]:
    """Every station with its link and its papers."""
    return [Row(stop, link_of(decision, stop.station.key), papers.get(stop.station.key, 0)) for stop in road(decision)]


def link_of(decision: Decision, key: str) -> str:
    """Where a station is worked at, if that page opens for this officer and there is something to show on it."""
    found = _page_of(decision, key)
    return found if found and opens(found) else ""


def _page_of(decision: Decision, key: str) -> str:
    if key in ("consultation", "answers"):
        rounds = consultations_of(decision, Audience.PUBLIC)
        if rounds:
            where = "answering" if key == "answers" and g.officer.has(Post.HANDLER) else "consultations"
            return f"/desk/{where}/{rounds[-1].public_id}"
    if key == "filing" and Normative.of(decision) is None:
        return ""
    endpoint = f"console.case_{key}"
    if endpoint in current_app.view_functions:
        return url_for(endpoint, public_id=decision.public_id)
    if key in OPTIONAL:
        return url_for("console.case_need", public_id=decision.public_id, procedure=key)
    return ""


def line(stops: Sequence[Row]) -> list[Drawn]:
    """The stations gathered into the few places that a glance can hold."""
    places: dict[str, list[Stop]] = {}
    for row in stops:
        places.setdefault(row.stop.station.place, []).append(row.stop)
    return [_place(name, there) for name, there in places.items()]


def _place(name: str, there: list[Stop]) -> Drawn:
    live = [one for one in there if one.standing.going != Going.EXCUSED]
    late = next((one for one in live if one.standing.late), None)
    if late is not None and late.standing.due_on is not None:
        says = f"{late.station.name}逾期{days_left(late.standing.due_on).removeprefix('已过')}"
        return Drawn(name, "slip", late.standing.who, says, late=True)
    if not live:
        return Drawn(name, "done", "不需要", "")
    if all(one.standing.going == Going.DONE for one in live):
        last = max(reversed(live), key=lambda one: one.standing.since or date.min).standing
        return Drawn(name, "done", day_short(last.since) or "办完", brief(last.says))
    now = next((one for one in live if one.standing.going == Going.NOW), None)
    if now is not None:
        due = now.standing.due_on
        return Drawn(
            name, "now", f"正在办　{now.standing.who}".rstrip(), f"{day_short(due)}，{days_left(due)}" if due else ""
        )
    first = next(one for one in live if one.standing.going == Going.WAIT)
    plan = f"计划{day_short(first.standing.due_on)}" if first.standing.due_on else first.standing.plan
    if any(one.standing.going == Going.DONE for one in live):
        return Drawn(name, "now", f"还差{first.station.name}", plan)
    return Drawn(name, "wait", f"没到，{first.standing.who}" if first.standing.who else "没到", plan)


def brief(says: str) -> str:
    """What was done, in the few characters that a place on the line can hold."""
    return says.partition("，")[0].rpartition("年度")[2].rstrip("。")


@dataclass(frozen=True)
class InHand:
    """Something that somebody owes."""

    what: str
    says: str
    who: str
    due_on: date | None
    late: bool
    link: str


def in_hand(stops: Sequence[Row], decision: Decision | None = None) -> list[InHand]:
    """What is owed now, by whom, by when; the latest first. With the case itself also the replies to what people say of it."""
    found = [
        InHand(
            row.stop.station.name,
            row.stop.standing.says,
            row.stop.standing.who,
            row.stop.standing.due_on,
            row.stop.standing.late,
            row.link,
        )
        for row in stops
        if row.stop.standing.going == Going.NOW or row.stop.standing.late
    ]
    if decision is not None and (waits := waiting_for([decision.id]).get(decision.id)):
        number, due = waits
        link = url_for("console.case_remarks", public_id=decision.public_id)
        found.append(
            InHand(
                "回复公布以后的意见",
                f"{number:,} 条等回复",
                decision.handler.name,
                due,
                due < today(),
                link if opens(link) else "",
            )
        )
    return sorted(found, key=lambda one: (not one.late, one.due_on is None, one.due_on or date.max))


def next_deed(decision: Decision, stops: Sequence[Row]) -> NextDeed | None:
    """The next deed of the case itself; None when it is archived or ended."""
    verbs = verbs_of(type(decision))
    standing = {row.stop.station.key: row.stop.standing for row in stops}
    for name, key in NEXT:
        verb = verbs.get(name)
        if verb is None or (verb.froms and decision.stage not in verb.froms):
            continue
        if name == "send_to_review":
            if key not in standing or not to_be_sent(decision):
                continue
        elif verb.to is None and key in standing and standing[key].going != Going.WAIT:
            continue
        return _deed(decision, verb)
    return None


def named(decision: Decision, name: str) -> NextDeed:
    """One deed of the case by its name, for the page where it is done."""
    return _deed(decision, verbs_of(type(decision))[name])


def checks_of(record: Any, name: str, actor: Any) -> list[Check]:
    """Every requirement of a small record's verb, met or not."""
    gate = verbs_of(type(record))[name].needs
    by_code = {refusal.code: refusal for refusal in unmet(record, gate, actor)}
    needs = record.rules.gate(gate, getattr(record, "case_kind", None)) if gate else ()
    case: Decision = record.decision
    return [Check.of(by_code.get(need.predicate), need, link=mend(case, need.predicate)) for need in needs]


def _deed(decision: Decision, verb: Verb) -> NextDeed:
    lacking = unmet(decision, verb.needs, g.officer)
    by_code = {refusal.code: refusal for refusal in lacking}
    checks = [
        Check.of(by_code.get(need.predicate), need, link=mend(decision, need.predicate))
        for need in (decision.rules.gate(verb.needs, decision.case_kind) if verb.needs else ())
    ]
    not_mine = next((refusal for guard in verb.by if (refusal := guard(decision, g.officer))), None)
    posts = decision.rules.post_for(verb.needs) if verb.needs in decision.rules.duties else ()
    return NextDeed(
        verb.name,
        verb.label,
        f"/desk/cases/{decision.public_id}/{verb.name.replace('_', '-')}",
        checks,
        not_mine or (lacking[0] if lacking else None),
        lacking,
        "、".join(Post(post).label for post in posts),
        SAYS.get(verb.name, ""),
    )


SAYS = {
    "start": "立案以后有了编号，规则集固定，以后规则改了也不影响这一件。",
    "send_to_review": "征求意见不能代替合法性审查（条例第二十五条）。",
    "deliberate": "未经合法性审查或者经审查不合法的，不得提交讨论（条例第二十五条）。",
    "decide": "行政首长最后发表意见；不同意见如实载明（条例第三十条）。",
    "publish": "决定形成之日起 20 个工作日内公布（信息公开条例第二十六条）。",
    "archive": "归档以后案卷封存，以后来的材料成为补充卷（条例第三十三条）。",
}


def mend(decision: Decision, predicate: str) -> str:
    """The page where a requirement is met."""
    if predicate in MEND:
        found = f"/desk/cases/{decision.public_id}/{MEND[predicate]}"
        return found if opens(found) else ""
    return link_of(decision, AT_STATION[predicate]) if predicate in AT_STATION else ""


def facts(decision: Decision) -> list[tuple[str, str]]:
    """The line under the title: number, kind, what the procedure rests on, and which rules."""
    found = [("", decision.number or "还没有立案编号")]
    if decision.kind is None:
        found.append(("", "还没有定种类"))
    else:
        listed = listing_of(decision)
        found.append(("", decision.kind.label + (f"，{listed.words}" if listed and listed.item else "")))
        kind = decision.rules.kinds.get(decision.kind.value)
        found.append((decision.basis.label, decision.basis_words or (kind.basis if kind else "")))
    found.append(("规则集", f"{decision.rules.title} {decision.rules_version}，立卷时固定"))
    if decision.planned_on:
        found.append(("计划", f"{date_plain(decision.planned_on)}作决定"))
    return found
