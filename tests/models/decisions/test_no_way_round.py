"""Whatever is tried in whatever order by whomever, no case is decided or published while a required gate is open."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import scoped_session

from models.decisions import deliberation, secrecy
from models.decisions.decide import decide
from models.decisions.decision import CaseStage, Decision, Kind
from models.decisions.deliberate import deliberate
from models.decisions.deliberation import MeetingStage, Result, Role, Sitting, Stance
from models.decisions.draft import Draft
from models.decisions.listing import leave_unlisted
from models.decisions.matter import OPTIONAL
from models.decisions.meeting_pack import There, meeting_pack
from models.decisions.normative import Normative, NormativeStage
from models.decisions.party_report import party_reports, report_to_party
from models.decisions.procedure import excuse
from models.decisions.publish import Publication, publish
from models.decisions.resolution import Resolution
from models.decisions.road import lacking
from models.decisions.secrecy import CheckStage, Openness, SecrecyCheck
from models.kernel import lifecycle
from models.kernel.clock import today
from models.kernel.lifecycle import unmet
from models.kernel.refusal import Refusal
from tests.conftest import People
from tests.deciding import WORDS, a_case, minutes
from tests.making import SOURCE, a_legal_opinion

WHO = ("shenlin", "xujing", "hexiulan", "wuqiming", "zhoumin", "luojing", "chenguodong")
DECIDED = (CaseStage.DECIDED, CaseStage.PUBLISHED)
SEEDS, MOST_SEEDS = 2, 12
STEPS = 130


class Walk:
    """Somebody who tries every door in no order at all."""

    def __init__(self, people: People, kind: Kind, seed: int) -> None:
        self.dice = random.Random(f"{kind}{seed}")
        self.people = people
        self.case: Decision = a_case(people, kind)
        self.done: list[str] = []

    def who(self) -> Any:
        return self.people[self.dice.choice(WHO)]

    def right(self, login: str) -> Any:
        """Mostly the person whose deed it is, so that the walk gets somewhere; sometimes anybody."""
        return self.people[login] if self.dice.random() < 0.9 else self.who()

    def table(self) -> list[Sitting]:
        rows = [
            Sitting(name, Role.MEMBER, self.dice.choice([Stance.AGREE, Stance.AGREE, Stance.DISAGREE]), "照实说。",
                    officer=self.people[name])
            for name in ("何秀兰", "许静", "罗静")
        ]  # fmt: skip
        rows.insert(
            3 if self.dice.random() < 0.8 else self.dice.randrange(3),
            Sitting("吴启明", Role.HEAD, Stance.AGREE, "同意。", officer=self.people["wuqiming"]),
        )
        return rows

    def step(self, session: scoped_session[Any]) -> None:
        """One deed, whole or not at all, as a request is."""
        deed = self.dice.choice(DEEDS)
        try:
            with session.begin_nested():
                deed(self)
        except Refusal:
            return
        self.done.append(deed.__name__)

    def far(self, session: scoped_session[Any]) -> None:
        """Many deeds, and a look at the law after each."""
        for _ in range(STEPS):
            self.step(session)
            lawful_so_far(self.case)


def _excuse(w: Walk) -> None:
    for procedure in w.dice.sample(OPTIONAL, w.dice.choice([1, 5])):
        excuse(w.case, w.right("xujing"), procedure, "不涉及。")


def _draft(w: Walk) -> None:
    if w.dice.random() < 0.15:
        Draft.write(w.who(), w.case, f"{SOURCE}第四条 第{w.dice.randrange(9)}次改。\n")


def _leave_unlisted(w: Walk) -> None:
    leave_unlisted(w.case, w.right("xujing"), w.dice.choice(["", "年中新发生的事。", "上级新交办的事。"]))


def _review(w: Walk) -> None:
    if w.case.stage == CaseStage.STARTED and lacking(w.case, "legal_review") is not None:
        a_legal_opinion(w.people, w.case)


def _deliberate(w: Walk) -> None:
    before = unmet(w.case, "decision.deliberate", w.people["zhoumin"])
    deliberate(w.case, w.right("zhoumin"), w.dice.choice(["office", "party_committee", "joint", "joint"]))
    assert not before
    if w.case.kind == Kind.MAJOR:
        assert not [item for item in meeting_pack(w.case) if item.there == There.MISSING]


def _record(w: Walk) -> None:
    if meeting := deliberation.latest(w.case):
        result = w.dice.choice(
            [Result.PASSED, Result.PASSED, Result.PASSED, Result.CHANGED, Result.PUT_OFF, Result.REJECTED]
        )
        why = w.dice.choice(["", "消防的事不能等。"])
        meeting.record(w.right("zhoumin"), w.table(), **minutes(result, departs_reason=why))


def _confirm(w: Walk) -> None:
    if meeting := deliberation.latest(w.case):
        w.dice.choice([meeting.confirm, meeting.confirm, lambda who: meeting.send_back(who, "记错了")])(
            w.right("hexiulan")
        )


def _report(w: Walk) -> None:
    report_to_party(w.case, w.right("zhoumin"), today() - timedelta(days=w.dice.randrange(-1, 3)), "8号")


def _decide(w: Walk) -> None:
    decide(
        w.case,
        w.right("zhoumin"),
        decided_on=w.dice.choice([None, today()]),
        decided_by=w.dice.choice(["", "分管领导"]),
    )


def _secrecy(w: Walk) -> None:
    check = secrecy.latest(w.case)
    if check is None or check.stage == CheckStage.RETURNED:
        SecrecyCheck.check(
            w.right("shenlin"), w.case, w.dice.choice([Openness.ALL, Openness.NONE]), w.dice.choice(["", "秘密"])
        )
    else:
        w.dice.choice([check.confirm, lambda who: check.send_back(who, "再查")])(w.right("xujing"))


def _sign_off(w: Walk) -> None:
    made = Normative.of(w.case)
    if made is None:
        Normative.submit(w.right("shenlin"), w.case)
        return
    verb, login = {
        NormativeStage.SUBMITTED: ("check", "xujing"),
        NormativeStage.CHECKED: ("review", "hexiulan"),
        NormativeStage.REVIEWED: ("sign", "wuqiming"),
        NormativeStage.SIGNED: ("register", "zhoumin"),
        NormativeStage.RETURNED: ("submit_again", "shenlin"),
        NormativeStage.REGISTERED: ("register", "zhoumin"),
    }[made.stage]
    if w.dice.random() < 0.1:
        made.send_back(w.right("wuqiming"), "再改")
    else:
        getattr(made, verb)(w.right(login))


def _publish(w: Walk) -> None:
    publish(w.case, w.right("zhoumin"), **WORDS, effective_on=today() + timedelta(days=w.dice.randrange(-1, 3)))


DEEDS = (
    _excuse,
    _excuse,
    _draft,
    _leave_unlisted,
    _review,
    _deliberate,
    _record,
    _confirm,
    _report,
    _decide,
    _secrecy,
    _sign_off,
    _publish,
)


def lawful_so_far(case: Decision) -> None:
    """What has to be true of a decided, and of a published case, whatever the way there was."""
    if case.stage not in DECIDED:
        assert Resolution.of(case) is None
        assert Publication.of(case) is None
        return
    decided = Resolution.of(case)
    assert decided is not None
    meeting = deliberation.passing(case)
    if case.kind != Kind.ORDINARY or decided.deliberation_id is not None:
        assert meeting is not None
        assert decided.deliberation_id == meeting.id
        seats = [seat for seat in meeting.seats if seat.present]
        assert seats[-1].role == Role.HEAD
        assert meeting.recorder_id != meeting.confirmer_id
        assert meeting.stage == MeetingStage.CONFIRMED
        assert meeting.result is not None
        assert not deliberation.departs(seats, meeting.result) or meeting.departs_reason
        assert meeting.meeting in {one.key for one in case.rules.meetings_for(case.case_kind)}
        on_table, words = meeting.draft, decided.draft
        assert on_table is not None
        assert (words.number > on_table.number) if meeting.result == Result.CHANGED else words.id == on_table.id
    if case.kind == Kind.MAJOR:
        assert party_reports(case)
    if case.stage == CaseStage.PUBLISHED:
        made, check = Publication.of(case), secrecy.confirmed(case)
        assert made is not None
        assert check is not None
        assert check.checker_id != check.confirmer_id
        assert made.effective_on >= made.published_on
        assert made.open is (check.openness != Openness.NONE)
        if case.kind == Kind.NORMATIVE:
            document = Normative.of(case)
            assert document is not None
            assert (document.stage, document.number) == (NormativeStage.REGISTERED, made.number)
            assert document.draft_id == decided.draft_id
            assert document.submitter_id not in (document.checker_id, document.reviewer_id, document.signer_id)


def test_with_the_gates_taken_away_the_walk_finds_a_way_round(
    people: People, session: scoped_session[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "unmet", lambda subject, gate, actor: [])
    walk = Walk(people, Kind.MAJOR, 0)
    with pytest.raises(AssertionError):
        walk.far(session)


@pytest.mark.parametrize("kind", [Kind.MAJOR, Kind.ORDINARY, Kind.NORMATIVE])
def test_there_is_no_way_to_a_decision_with_a_required_gate_open(
    people: People, session: scoped_session[Any], kind: Kind
) -> None:
    reached: set[CaseStage] = set()
    for seed in range(MOST_SEEDS):
        if seed >= SEEDS and reached & set(DECIDED):
            break
        walk = Walk(people, kind, seed)
        walk.far(session)
        reached.add(walk.case.stage)
    assert reached & set(DECIDED), "a walk that never arrives proves nothing"
