"""A case comes before a meeting only with a whole pack, is decided only by a meeting whose head spoke last, and dissent is kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions.decide import decide
from models.decisions.decision import CaseStage, Kind
from models.decisions.deliberate import deliberate
from models.decisions.deliberation import MeetingStage, Result, Role, Seat, Sitting, Stance, counted, majority
from models.decisions.draft import Draft, drafts_of
from models.decisions.material import Material, Publicity
from models.decisions.matter import Procedure
from models.decisions.meeting_pack import FAIR, There, meeting_pack
from models.decisions.party_report import report_to_party
from models.decisions.procedure import excuse
from models.decisions.resolution import Resolution
from models.decisions.road import Going, standing_of
from models.kernel import clock
from models.kernel.clock import today
from models.kernel.lifecycle import unmet, why_not
from models.kernel.refusal import OutOfTurn, Refusal, RuleUnmet
from tests.conftest import People
from tests.deciding import a_case, a_decided_case, a_meeting, a_table, minutes, take_as_done
from tests.making import SOURCE, a_pdf, explained

SEVEN = "answers", "expert", "risk", "legal_review"


@pytest.fixture
def lawful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every station before the meeting is done."""
    take_as_done(monkeypatch, *SEVEN)


def codes(subject: Any, gate: str, actor: Any) -> dict[str, str]:
    return {refusal.code: refusal.article for refusal in unmet(subject, gate, actor)}


# the pack


def test_the_pack_of_a_major_case_names_all_six_and_what_is_missing(people: People) -> None:
    case = a_case(people, Kind.MAJOR)
    pack = {item.key: item for item in meeting_pack(case)}
    assert list(pack) == ["draft", "opinions", "expert", "risk", "legal_review", "other"]
    assert [pack[key].there for key in pack] == [
        There.HERE, There.MISSING, There.MISSING, There.MISSING, There.MISSING, There.NONE
    ]  # fmt: skip
    assert all(item.article.startswith("条例第二十九条第") for item in pack.values())


def test_what_somebody_in_charge_excused_is_not_missing_but_shows_reason_and_name(people: People) -> None:
    case = a_case(people, Kind.MAJOR)
    excuse(case, people["xujing"], Procedure.EXPERT, "不涉及专业技术问题。")
    item = next(item for item in meeting_pack(case) if item.key == "expert")
    assert (item.there, item.who) == (There.EXCUSED, "许静")
    assert "不涉及专业技术问题" in item.says


@pytest.mark.usefixtures("lawful")
def test_a_matter_of_the_market_brings_its_fair_competition_review(people: People) -> None:
    case = a_case(people, Kind.MAJOR, market=True)
    assert codes(case, "decision.deliberate", people["zhoumin"]) == {"meeting_pack_complete": "条例第二十九条"}
    refusal = why_not(case, "deliberate", people["zhoumin"])
    assert refusal is not None
    assert "公平竞争审查" in refusal.message
    Material.add(
        people["shenlin"], case, "deliberation", "公平竞争审查表", a_pdf(), publicity=Publicity.OPEN, subject=FAIR
    )
    assert why_not(case, "deliberate", people["zhoumin"]) is None


@pytest.mark.parametrize("station", SEVEN)
def test_each_item_alone_holds_the_meeting_back(people: People, monkeypatch: pytest.MonkeyPatch, station: str) -> None:
    take_as_done(monkeypatch, *(key for key in SEVEN if key != station))
    case = a_case(people, Kind.MAJOR)
    held = codes(case, "decision.deliberate", people["zhoumin"])
    assert held["meeting_pack_complete"] == "条例第二十九条"
    own = {"legal_review": ("legal_review_passed", "条例第二十五条"), "risk": ("risk_controllable", "条例第二十四条")}
    assert station not in own or held[own[station][0]] == own[station][1]
    take_as_done(monkeypatch, station)
    assert codes(case, "decision.deliberate", people["zhoumin"]) == {}


def test_a_normative_document_needs_its_legal_review_and_an_ordinary_case_needs_none(people: People) -> None:
    normative, ordinary = a_case(people, Kind.NORMATIVE), a_case(people)
    assert codes(normative, "decision.deliberate", people["zhoumin"]) == {"legal_review_passed": "条例第二十五条"}
    assert codes(ordinary, "decision.deliberate", people["zhoumin"]) == {}


@pytest.mark.usefixtures("lawful")
def test_what_lay_before_the_meeting_is_kept_as_it_was(people: People) -> None:
    case = a_case(people, Kind.MAJOR)
    paper = Material.add(people["shenlin"], case, "start", "立项报告", a_pdf(), publicity=Publicity.OPEN)
    meeting = deliberate(case, people["zhoumin"], "party_committee", today() + timedelta(days=3))
    Draft.write(people["shenlin"], case, SOURCE + "第四条 另行规定。\n")
    assert meeting.draft
    assert meeting.draft.number == 1
    assert meeting.pack[0]["papers"] == [[paper.public_id, "立项报告", 1, paper.file]]


# the meeting


@pytest.fixture
def called(people: People, lawful: None) -> Any:
    """A major case before the Party working committee."""
    return deliberate(a_case(people, Kind.MAJOR), people["zhoumin"], "party_committee")


def test_a_case_is_before_one_meeting_at_a_time(called: Any, people: People) -> None:
    with pytest.raises(OutOfTurn):
        deliberate(called.decision, people["zhoumin"], "joint")


def test_the_head_speaks_last_or_the_record_is_refused_with_the_article(called: Any, people: People) -> None:
    table = a_table(people)
    with pytest.raises(RuleUnmet) as refused:
        called.record(people["zhoumin"], [*table[:-2], table[-1], table[-2]], **minutes())
    assert refused.value.article == "条例第三十条"
    assert "最后发表意见" in refused.value.message
    assert called.stage == MeetingStage.CALLED


def test_a_guest_may_not_speak_after_the_head_either(called: Any, people: People) -> None:
    late = Sitting("彭远", Role.GUEST, words="我补充一句。", officer=people["pengyuan"])
    table = [one for one in a_table(people) if one.role != Role.GUEST]
    with pytest.raises(RuleUnmet, match="最后发表意见"):
        called.record(people["zhoumin"], [*table, late], **minutes())


@pytest.mark.parametrize(
    ("stances", "head", "result", "reason_wanted"),
    [
        ((Stance.DISAGREE, Stance.DISAGREE, Stance.AGREE), Stance.AGREE, Result.PASSED, True),
        ((Stance.AGREE, Stance.AGREE, Stance.DISAGREE), Stance.DISAGREE, Result.REJECTED, True),
        ((Stance.AGREE, Stance.CONDITIONS, Stance.DISAGREE), Stance.AGREE, Result.PUT_OFF, True),
        ((Stance.AGREE, Stance.CONDITIONS, Stance.DISAGREE), Stance.AGREE, Result.PASSED, False),
        ((Stance.AGREE, Stance.DISAGREE), Stance.AGREE, Result.PASSED, False),
        ((Stance.DISAGREE, Stance.DISAGREE, Stance.ABSTAIN), Stance.DISAGREE, Result.REJECTED, False),
    ],
)
def test_departing_from_the_majority_takes_a_reason(
    called: Any, people: People, stances: tuple[Stance, ...], head: Stance, result: Result, reason_wanted: bool
) -> None:
    table = a_table(people, *stances, head=head)
    if reason_wanted:
        with pytest.raises(RuleUnmet) as refused:
            called.record(people["zhoumin"], table, **minutes(result))
        assert set(refused.value.fields) == {"departs_reason"}
        assert refused.value.article == "条例第三十条"
        called.record(people["zhoumin"], table, **minutes(result, departs_reason="消防通道的事不能等。"))
    else:
        called.record(people["zhoumin"], table, **minutes(result))
    assert called.departs is reason_wanted


def test_dissent_is_recorded_word_for_word_or_not_at_all(
    called: Any, people: People, session: scoped_session[Any]
) -> None:
    bare = [Sitting("何秀兰", Role.MEMBER, Stance.DISAGREE, "  ", officer=people["hexiulan"]), *a_table(people)[3:]]
    with pytest.raises(RuleUnmet) as refused:
        called.record(people["zhoumin"], bare, **minutes())
    assert "原话" in refused.value.fields["seats"]
    words = "  东侧车位不够；\n建议再议。"
    said = [Sitting("何秀兰", Role.MEMBER, Stance.DISAGREE, words, officer=people["hexiulan"]), *a_table(people)[3:]]
    called.record(people["zhoumin"], said, **minutes())
    assert called.seats[0].words == words.strip()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (lambda t: [one for one in t if one.role != Role.HEAD], "主要领导"),
        (lambda t: [t[-1]], "至少要有两位"),
        (lambda t: [*t, t[-1]], "写了两次"),
        (lambda t: [Sitting("甲", Role.MEMBER), *t], "都要写明意见"),
        (lambda t: [Sitting("甲", Role.MEMBER, Stance.AGREE, present=False), *t], "没有到会的人不能有发言"),
        (lambda t: [Sitting(" ", Role.MEMBER, Stance.AGREE), *t], "姓名"),
        (lambda t: [Sitting(f"某{n}", Role.MEMBER, Stance.AGREE) for n in range(61)] + t, "最多"),
    ],
)
def test_the_table_is_written_whole(called: Any, people: People, table: Callable[[Any], Any], says: str) -> None:
    with pytest.raises(RuleUnmet) as refused:
        called.record(people["zhoumin"], table(a_table(people)), **minutes())
    assert says in refused.value.fields["seats"]


def test_a_meeting_before_the_legal_review_does_not_count(called: Any, people: People) -> None:
    for day in (today() - timedelta(days=1), today() + timedelta(days=1), None):
        with pytest.raises(RuleUnmet) as refused:
            called.record(people["zhoumin"], a_table(people), **minutes(held_on=day))
        assert "held_on" in refused.value.fields


def test_another_who_was_there_confirms_the_record(called: Any, people: People) -> None:
    called.record(
        people["zhoumin"], [Sitting("周敏", Role.GUEST, officer=people["zhoumin"]), *a_table(people)], **minutes()
    )
    assert codes(called, "deliberation.confirm", people["zhoumin"]) == {"confirmer_is_not_recorder": "本机关签批规定"}
    absent = people["chenguodong"]
    assert codes(called, "deliberation.confirm", absent) == {"confirmer_was_present": "条例第三十条"}
    called.confirm(people["luojing"])
    assert called.stage == MeetingStage.CONFIRMED


def test_a_record_sent_back_is_written_anew_and_the_earlier_writing_stays(
    called: Any, people: People, session: scoped_session[Any]
) -> None:
    called.record(people["zhoumin"], a_table(people), **minutes())
    with pytest.raises(RuleUnmet):
        called.send_back(people["hexiulan"], " ")
    called.send_back(people["hexiulan"], "我说的是附条件同意。")
    called.record(people["zhoumin"], a_table(people, Stance.CONDITIONS, Stance.AGREE), **minutes())
    assert {seat.stance for seat in called.seats if seat.name == "何秀兰"} == {Stance.CONDITIONS}
    assert set(session.scalars(select(Seat.edition))) == {1, 2}


@pytest.mark.both_engines
def test_the_database_keeps_a_confirmed_record_and_every_word(
    people: People, session: scoped_session[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_as_done(monkeypatch, *SEVEN)
    a_decided_case(people, Kind.MAJOR)
    for sql in (
        "UPDATE deliberation SET result = 'rejected'",
        "DELETE FROM deliberation",
        "UPDATE seat SET words = '同意'",
        "DELETE FROM seat",
        "UPDATE resolution SET decided_by = '别人'",
        "UPDATE party_report SET number = '1'",
        "INSERT INTO seat (deliberation_id, edition, position, name, duty, role, present, stance, words) "
        "SELECT id, 9, 1, '甲', '', 'member', true, 'disagree', '' FROM deliberation",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))


def test_counts_and_majority_leave_out_guests_and_the_absent(people: People) -> None:
    table = a_table(people, Stance.AGREE, Stance.AGREE, Stance.DISAGREE)
    assert counted(table) == {Stance.AGREE: 3, Stance.CONDITIONS: 0, Stance.DISAGREE: 1, Stance.ABSTAIN: 0}
    assert majority(table) == Stance.AGREE
    assert majority(a_table(people, Stance.AGREE, Stance.ABSTAIN)) is None


# the decision


def test_put_off_or_not_passed_another_meeting_may_follow(people: People, lawful: None) -> None:
    case = a_case(people, Kind.MAJOR)
    a_meeting(people, case, Result.PUT_OFF)
    standing = standing_of(case, "deliberation")
    assert standing
    assert standing.going == Going.WAIT
    assert "deliberated_collectively" in codes(case, "decision.decide", people["zhoumin"])
    second = a_meeting(people, case)
    assert second.number == 2
    assert "deliberated_collectively" not in codes(case, "decision.decide", people["zhoumin"])


def test_a_major_case_is_decided_by_the_meetings_that_the_rule_set_names(people: People, lawful: None) -> None:
    case = a_case(people, Kind.MAJOR)
    a_meeting(people, case, meeting="office")
    refusal = why_not(case, "decide", people["zhoumin"])
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.article) == ("deliberated_collectively", "条例第三十条")
    assert "党工委会议、联席会议" in refusal.message
    a_meeting(people, case, meeting="joint")
    assert "deliberated_collectively" not in codes(case, "decision.decide", people["zhoumin"])


def test_a_major_case_is_reported_to_the_party_committee_first(people: People, lawful: None) -> None:
    case = a_case(people, Kind.MAJOR)
    a_meeting(people, case)
    assert codes(case, "decision.decide", people["zhoumin"]) == {"party_committee_asked": "条例第三十一条"}
    with pytest.raises(RuleUnmet) as refused:
        report_to_party(case, people["zhoumin"], today() + timedelta(days=1), " ")
    assert set(refused.value.fields) == {"reported_on", "number"}
    report_to_party(case, people["zhoumin"], today(), "青街党请〔2026〕8号", "同意。")
    decide(case, people["zhoumin"])
    assert case.stage == CaseStage.DECIDED


def test_without_a_meeting_nothing_says_that_the_head_spoke_last(people: People, lawful: None) -> None:
    case = a_case(people, Kind.MAJOR)
    held = codes(case, "decision.decide", people["zhoumin"])
    assert held["head_spoke_last"] == held["deliberated_collectively"] == "条例第三十条"


def test_the_day_the_meeting_and_the_words_come_from_the_record(people: People, lawful: None) -> None:
    case = a_case(people, Kind.NORMATIVE)
    a_meeting(people, case, meeting="office")
    clock.move(3 * 86400)
    Draft.write(people["shenlin"], case, SOURCE + "第四条 另行规定。\n")
    with pytest.raises(RuleUnmet, match="还不能登记决定"):
        decide(case, people["zhoumin"], draft=drafts_of(case)[-1])
    decide(case, people["zhoumin"])
    decided = Resolution.of(case)
    assert decided
    assert (decided.decided_by, decided.draft.number) == ("主任办公会", 1)
    assert case.decided_on == today() - timedelta(days=3)


def test_passed_with_changes_the_changed_words_are_written_first(people: People, lawful: None) -> None:
    case = a_case(people, Kind.NORMATIVE)
    a_meeting(people, case, Result.CHANGED)
    with pytest.raises(RuleUnmet) as refused:
        decide(case, people["zhoumin"])
    assert "写成新的一稿" in refused.value.fields["draft"]
    explained(people, Draft.write(people["shenlin"], case, SOURCE + "第四条 另行规定。\n"))
    decide(case, people["zhoumin"])
    decided = Resolution.of(case)
    assert decided
    assert decided.draft.number == 2


def test_only_an_ordinary_case_is_decided_without_a_meeting_and_says_by_whom(people: People, lawful: None) -> None:
    case = a_case(people)
    with pytest.raises(RuleUnmet) as refused:
        decide(case, people["zhoumin"])
    assert set(refused.value.fields) == {"decided_on", "decided_by"}
    decide(case, people["zhoumin"], decided_on=today(), decided_by="分管领导何秀兰批准")
    standing = standing_of(case, "deliberation")
    assert standing
    assert (standing.going, standing.says) == (Going.EXCUSED, "没有上会，分管领导何秀兰批准决定")
    with pytest.raises(RuleUnmet):
        decide(a_case(people, Kind.NORMATIVE), people["zhoumin"], decided_on=today(), decided_by="我")


def test_an_ordinary_case_that_a_meeting_rejected_is_not_decided_behind_its_back(people: People) -> None:
    case = a_case(people)
    a_meeting(people, case, Result.REJECTED)
    with pytest.raises(OutOfTurn):
        decide(case, people["zhoumin"], decided_on=today(), decided_by="分管领导批准")


def test_a_case_taken_off_the_agenda_may_be_sent_again(called: Any, people: People) -> None:
    called.call_off(people["zhoumin"], "分管领导出差。")
    again = deliberate(called.decision, people["zhoumin"], "joint")
    assert again.number == 2
