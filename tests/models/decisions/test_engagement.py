"""Experts are asked by letter, must be independent, are never silenced, and are answered."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions.decision import Decision
from models.decisions.engagement import (
    Engagement,
    EngagementStage,
    Taken,
    View,
    Way,
    engagements_of,
    opinions_of,
    published_opinions,
)
from models.decisions.expert import Expert, published_experts
from models.decisions.material import about, materials
from models.decisions.matter import Procedure
from models.decisions.procedure import excuse, require
from models.decisions.road import Going, lacking, standing_of
from models.kernel import clock
from models.kernel.clock import today
from models.kernel.lifecycle import why_not
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from tests.conftest import People
from tests.making import a_pdf, an_expert, an_opinion


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    """A case that needs experts."""
    made = Decision.open(people["shenlin"], "农贸市场周边停车管理办法")
    require(made, people["xujing"], Procedure.EXPERT, owner=people["shenlin"])
    return made


def engage(people: People, case: Decision, expert: Expert | None, **more: Any) -> Engagement:
    made: Engagement = Engagement.engage(people["shenlin"], case, expert, Way.WRITTEN, "时段划分是否合理。", **more)
    return made


def going(case: Decision) -> Going:
    standing = standing_of(case, "expert")
    assert standing
    return standing.going


def test_the_office_keeps_the_pool_and_nobody_joins_it_without_field_and_term(people: People) -> None:
    with pytest.raises(NotAllowed):
        Expert.admit(people["shenlin"], today(), today(), name="郑启明", fields="法律", employer="大学")
    with pytest.raises(RuleUnmet) as refused:
        Expert.admit(people["zhoumin"], today(), today(), name="郑启明")
    assert set(refused.value.fields) == {"fields", "employer"}
    with pytest.raises(RuleUnmet) as refused:
        Expert.admit(people["zhoumin"], today(), today() - timedelta(1), name="郑", fields="法", employer="校")
    assert "until_on" in refused.value.fields


def test_an_expert_is_shown_to_the_public_only_with_their_own_consent(people: People) -> None:
    expert = an_expert(people)
    with pytest.raises(RuleUnmet, match="个人信息保护法第二十五条"):
        expert.publish(people["zhoumin"], None)
    assert published_experts() == []
    expert.publish(people["zhoumin"], today())
    assert published_experts() == [expert]
    expert.leave(people["zhoumin"], "本人申请。")
    assert published_experts() == []


def test_nobody_is_engaged_outside_their_term(case: Decision, people: People) -> None:
    expert = an_expert(people)
    clock.move(301 * 86_400)
    with pytest.raises(RuleUnmet) as refused:
        engage(people, case, expert)
    assert "续聘" in refused.value.fields["expert"]
    expert.renew(people["zhoumin"], today(), today() + timedelta(30))
    assert engage(people, case, expert).number == f"青街聘〔{today().year}〕1号"


def test_people_of_the_handling_unit_are_no_experts_by_article_20(case: Decision, people: People) -> None:
    assert case.unit
    mine = an_expert(people, employer=f"青禾街道{case.unit.name}")
    with pytest.raises(RuleUnmet) as refused:
        engage(people, case, mine)
    assert refused.value.article == "条例第二十条"
    assert "条例第二十条" in refused.value.fields["expert"]


def test_a_known_interest_has_to_be_shown_to_be_none_of_this_case(case: Decision, people: People) -> None:
    expert = an_expert(people, interests="持有某停车公司股份")
    with pytest.raises(RuleUnmet) as refused:
        engage(people, case, expert)
    assert "持有某停车公司股份" in refused.value.fields["no_interest"]
    assert engage(people, case, expert, no_interest="该公司不在本县经营。").no_interest


def test_an_opinion_counts_only_after_independence_was_declared(case: Decision, people: People) -> None:
    letter = engage(people, case, an_expert(people))
    refusal = why_not(letter, "hear", people["shenlin"])
    assert isinstance(refusal, RuleUnmet)
    assert (refusal.code, refusal.article) == ("independence_declared", "条例第二十条")
    letter.declare(people["shenlin"], a_pdf())
    assert why_not(letter, "hear", people["shenlin"]) is None
    assert [m.title for m in materials(case, "expert", subject=about(letter))] == [f"利害关系声明，{letter.number}"]


def test_an_expert_with_an_interest_stands_back_and_gives_no_opinion(case: Decision, people: People) -> None:
    letter = engage(people, case, an_expert(people))
    with pytest.raises(RuleUnmet):
        letter.recuse(people["shenlin"], " ")
    letter.recuse(people["shenlin"], "参与了这个项目的设计投标。")
    with pytest.raises(OutOfTurn):
        letter.hear(people["shenlin"], View.AGREE, "同意。", a_pdf())


def test_an_opinion_is_signed_and_has_words(case: Decision, people: People) -> None:
    letter = engage(people, case, an_expert(people))
    letter.declare(people["shenlin"], a_pdf())
    with pytest.raises(RuleUnmet):
        letter.hear(people["shenlin"], View.AGREE, " ", a_pdf())
    with pytest.raises(RuleUnmet) as refused:
        letter.hear(people["shenlin"], View.AGREE, "同意。", b"")
    assert "file" in refused.value.fields


@pytest.mark.both_engines
def test_dissent_is_kept_whatever_happens_and_comes_first_in_the_pack(
    case: Decision, people: People, session: scoped_session[Any]
) -> None:
    agrees = an_opinion(people, case, an_expert(people, "甲"))
    against = an_opinion(people, case, an_expert(people, "乙"), View.DISAGREE)
    with pytest.raises(OutOfTurn):
        against.revoke(people["shenlin"], "不合适。")
    against.hear(people["shenlin"], View.AGREE, "修改后同意。", a_pdf("第二次"))
    with pytest.raises(NotAllowed):
        against.discount(people["shenlin"], "后来发现他参与了投标。")
    against.discount(people["xujing"], "后来发现他参与了投标。")
    session.flush()
    assert against.dissents
    assert opinions_of(case) == [against, agrees]
    assert [one.view for one in against.opinions] == [View.DISAGREE, View.AGREE]
    for sql in (
        "DELETE FROM expert_opinion",
        "UPDATE expert_opinion SET view = 'agree'",
        "DELETE FROM engagement",
        "UPDATE engagement SET as_named = '别人'",
        "DELETE FROM expert",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))


def test_the_station_is_done_when_enough_were_heard_and_everybody_was_answered(case: Decision, people: People) -> None:
    letters = [an_opinion(people, case, an_expert(people, name)) for name in "甲乙"]
    assert "2位，要3位以上" in (lacking(case, "expert") or "")
    waiting = engage(people, case, an_expert(people, "丙"))
    letters.append(an_opinion(people, case, an_expert(people, "丁"), View.CHANGES))
    for letter in letters:
        letter.reply(people["shenlin"], Taken.ADOPTED, "已增加装卸时段。")
    assert "还有1位专家没有提出意见" in (lacking(case, "expert") or "")
    waiting.revoke(people["shenlin"], "出差，期限内不能提出意见。")
    assert going(case) == Going.DONE
    letters[0].hear(people["shenlin"], View.DISAGREE, "看了新稿，反对。", a_pdf())
    assert letters[0].answer is None
    assert "1份专家意见还没有答复" in (lacking(case, "expert") or "")


def test_an_answer_to_an_expert_takes_a_reason(case: Decision, people: People) -> None:
    letter = an_opinion(people, case, an_expert(people))
    with pytest.raises(RuleUnmet) as refused:
        letter.reply(people["shenlin"], Taken.NOT, "")
    assert refused.value.article == "条例第二十九条"


def test_an_excused_case_asks_no_expert(case: Decision, people: People) -> None:
    excuse(case, people["xujing"], Procedure.EXPERT, "不涉及专业问题。")
    assert going(case) == Going.EXCUSED


def test_opinions_are_shown_by_their_own_switch_and_a_new_one_switches_it_off(case: Decision, people: People) -> None:
    letter = an_opinion(people, case, an_expert(people))
    assert published_opinions(case) == []
    letter.publish(people["zhoumin"])
    assert published_opinions(case) == [letter]
    letter.hear(people["shenlin"], View.DISAGREE, "反对。", a_pdf())
    assert published_opinions(case) == []


def test_a_letter_names_the_expert_as_they_were(case: Decision, people: People) -> None:
    expert = an_expert(people)
    letter = engage(people, case, expert)
    expert.revise(people["zhoumin"], name="郑启明", fields="园林", employer="市园林局", title="")
    assert letter.as_named == "郑启明，省城市规划设计院，高级工程师"
    assert letter.stage == EngagementStage.INVITED
    assert engagements_of(case) == [letter]
