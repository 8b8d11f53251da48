"""A hearing keeps its order: announced, applied for, listed, papers a week before, three parts, signatures, report."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions.decision import Category, Decision, Kind
from models.decisions.hearing import ApplicantStage, Hearing, HearingStage, Party, by_public_id
from models.decisions.material import Material
from models.decisions.road import Going, standing_of
from models.kernel import clock as law
from models.kernel.clock import now, today
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.messages.audience import AUDIENCE
from tests.conftest import People
from tests.making import a_pdf, a_resident

DAY = 86400


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    made = Decision.open(people["shenlin"], "农贸市场周边停车管理办法")
    made.classify(people["shenlin"], Kind.MAJOR, "影响三千户。", category=Category.POLICY)
    return made


def announced(people: People, case: Decision) -> Hearing:
    made = Hearing.draft_new(
        people["shenlin"],
        case,
        title="农贸市场周边停车听证会",
        matter="车位早上怎样分。",
        place="街道三楼会议室",
        how_to_apply="在本页报名，或者打电话。",
        choosing="报名超过名额的，抽签。",
        held_at=now() + timedelta(days=20),
        apply_until=today() + timedelta(days=5),
        seats={Party.INTERESTED: 2, Party.PUBLIC: 2},
    )
    made.announce(people["xujing"])
    return made


def listed(people: People, case: Decision) -> Hearing:
    hearing = announced(people, case)
    hearing.apply(a_resident(1), Party.INTERESTED, "马春花", "13800000001")
    hearing.apply(a_resident(2), Party.PUBLIC, "周大勇", "13800000002", "想说说晚上的车位。")
    hearing.enter(people["mafang"], Party.PUBLIC, "吴小梅", "13800000003")
    law.move(6 * DAY)
    hearing.publish_list(people["xujing"], hearing.applicants[:2], "按报名先后。")
    return hearing


def test_an_announcement_with_a_gap_is_not_published(case: Decision, people: People) -> None:
    bare = Hearing.draft_new(people["shenlin"], case, title="听证会", held_at=now() + timedelta(days=9))
    with pytest.raises(RuleUnmet, match="还缺：听证事项、地点") as refused:
        bare.announce(people["xujing"])
    assert refused.value.article == "条例第十六条"
    assert by_public_id(bare.public_id) is None


def test_the_drafter_does_not_announce(case: Decision, people: People) -> None:
    made = Hearing.draft_new(people["shenlin"], case, title="听证会")
    with pytest.raises(NotAllowed):
        made.announce(people["shenlin"])


def test_applications_close_early_enough_for_the_papers(case: Decision, people: People) -> None:
    made = announced(people, case)
    late = Hearing.draft_new(
        people["shenlin"], case, title="二", matter="二", place="二", how_to_apply="二", choosing="二",
        held_at=made.held_at, apply_until=today() + timedelta(days=15), seats={Party.PUBLIC: 1},
    )  # fmt: skip
    with pytest.raises(RuleUnmet, match="报名要在这一天以前截止"):
        late.announce(people["xujing"])


def test_a_name_and_a_telephone_are_sealed(case: Decision, people: People, session: scoped_session[Any]) -> None:
    one = announced(people, case).apply(a_resident(1), Party.PUBLIC, "马春花", "13800000001", "晚上没处停。")
    session.flush()
    raw = session.execute(text("SELECT sealed_words FROM hearing_applicant")).scalar_one()
    assert "晚上没处停。".encode() not in bytes(raw)
    assert (one.name, one.words) == ("马春花", "晚上没处停。")


def test_nobody_applies_twice_for_another_party_or_too_late(case: Decision, people: People) -> None:
    hearing = announced(people, case)
    hearing.apply(a_resident(1), Party.PUBLIC, "马春花", "13800000001")
    with pytest.raises(OutOfTurn, match="已经报过名"):
        hearing.apply(a_resident(1), Party.PUBLIC, "马春花", "13800000001")
    with pytest.raises(RuleUnmet, match="还差一点") as refused:
        hearing.apply(a_resident(2), Party.EXPERT, "", "")
    assert set(refused.value.fields) == {"party", "name", "phone"}
    with pytest.raises(RuleUnmet, match="报名还没有截止"):
        hearing.publish_list(people["xujing"], hearing.applicants, "抽签。")
    law.move(6 * DAY)
    with pytest.raises(OutOfTurn, match="截止"):
        hearing.apply(a_resident(2), Party.PUBLIC, "周大勇", "13800000002")


def test_the_list_keeps_to_the_seats_and_leaves_no_party_out(case: Decision, people: People) -> None:
    hearing = announced(people, case)
    for n in range(3):
        hearing.apply(a_resident(n + 1), Party.PUBLIC, f"周{n}", f"1380000000{n}")
    hearing.apply(a_resident(9), Party.INTERESTED, "马春花", "13800000009")
    law.move(6 * DAY)
    with pytest.raises(RuleUnmet) as refused:
        hearing.publish_list(people["xujing"], hearing.applicants[:3], "抽签。")
    assert "利害关系人" in refused.value.fields["chosen"]
    with pytest.raises(RuleUnmet):
        hearing.publish_list(people["xujing"], hearing.applicants, "抽签。")
    hearing.publish_list(people["xujing"], hearing.applicants[1:], "抽签。")
    assert [one.stage for one in hearing.applicants] == [ApplicantStage.NOT_CHOSEN] + 3 * [ApplicantStage.CHOSEN]


def test_papers_that_come_later_than_seven_days_before_are_refused_with_the_article(
    case: Decision, people: People
) -> None:
    hearing = listed(people, case)
    one, other = hearing.participants
    assert hearing.papers_due_on == today() + timedelta(days=7)
    one.serve(people["shenlin"], today(), "当面送达")
    law.move(8 * DAY)
    with pytest.raises(RuleUnmet, match="最晚") as refused:
        other.serve(people["shenlin"], today(), "邮寄")
    assert refused.value.article == "条例第十六条"
    law.move(8 * DAY)
    with pytest.raises(RuleUnmet, match="还有1人没有按时送到"):
        held(people, hearing)
    hearing.move(people["xujing"], now() + timedelta(days=10), "", "材料送晚了。")
    other.serve(people["shenlin"], today(), "当面送达")
    law.move(11 * DAY)
    held(people, hearing)
    assert hearing.stage == HearingStage.HELD


def held(people: People, hearing: Hearing, **more: Any) -> None:
    told: dict[str, Any] = {
        "opening": "承办单位介绍了草案。",
        "debate": "马春花：早上不够停。周大勇：晚上也不够。",
        "closing": "当场看过记录。",
        "came": hearing.participants,
        "chaired_by": "何秀兰",
        "recorded_by": "沈林",
    } | more
    hearing.hold(people["shenlin"], **told)


def test_a_hearing_is_only_moved_to_later(case: Decision, people: People) -> None:
    hearing = announced(people, case)
    with pytest.raises(RuleUnmet, match="还不能改"):
        hearing.move(people["xujing"], now() + timedelta(days=3), "", "早点开。")


def test_the_record_has_three_parts_signatures_and_a_report(
    case: Decision, people: People, session: scoped_session[Any]
) -> None:
    hearing = listed(people, case)
    for one in hearing.participants:
        one.serve(people["zhoumin"], today(), "当面送达")
    with pytest.raises(RuleUnmet, match="还没有到听证的时间"):
        held(people, hearing)
    law.move(15 * DAY)
    with pytest.raises(RuleUnmet) as refused:
        held(people, hearing, debate="", came=[])
    assert set(refused.value.fields) == {"debate", "came"}
    held(people, hearing)
    first, second = hearing.participants
    first.sign(people["shenlin"], signed=True)
    with pytest.raises(RuleUnmet, match="请写明理由"):
        second.sign(people["shenlin"], signed=False)
    with pytest.raises(RuleUnmet, match="还有1人"):
        hearing.write_report(people["shenlin"], "双方都要车位。")
    second.sign(people["shenlin"], signed=False, refused_reason="认为记录漏了一句。")
    with pytest.raises(RuleUnmet, match="扫描件"):
        hearing.write_report(people["shenlin"], "双方都要车位。")
    reason = "个人隐私（第十五条）"
    Material.add(people["shenlin"], case, "hearing", "听证记录", a_pdf(), publicity_reason=reason)
    assert standing(case) == Going.NOW
    hearing.write_report(people["shenlin"], "双方都要车位。")
    assert standing(case) == Going.DONE
    session.flush()
    for sql in ("UPDATE hearing SET report = '别的', version = 9", "DELETE FROM hearing"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))


def standing(case: Decision) -> Going | None:
    found = standing_of(case, "hearing")
    return found.going if found else None


def test_who_applied_hears_of_the_list_a_move_and_a_cancellation() -> None:
    assert {"Hearing.publish_list", "Hearing.move", "Hearing.cancel"} <= set(AUDIENCE)
