"""A proposal is heard from anybody, sealed, answered with a reason by two persons, and its proposer is told what became of it."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.comments.forget import forget
from models.comments.receipt import Receipt
from models.decisions.catalogue import Catalogue, CatalogueStage, matters
from models.decisions.consultation import Channel
from models.decisions.decision import Decision, Idea
from models.kernel import sealed
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import Trace
from models.kernel.work import Work
from models.messages.audience import expand
from models.messages.message import Message
from models.people.consent import Consent
from models.people.resident import Resident
from models.proposals.proposal import (
    PUBLIC,
    Proposal,
    ProposalOutcome,
    Proposer,
    answered,
    mine,
    waiting,
)
from models.proposals.propose import propose
from tests.conftest import Clock, People
from tests.making import MATTER, a_catalogue, a_resident

TITLE = "给东湖村口装红绿灯"
TEXT = "放学时候车多，孩子过马路危险。\n能不能在村口装一个红绿灯？"


def a_proposal(who: Resident | None = None, **more: Any) -> Proposal:
    return propose(who or a_resident(1), TITLE, TEXT, **({"channel": Channel.H5} | more)).proposal


def test_it_is_kept_as_it_came_sealed_numbered_and_promised_a_day(people: People, session: scoped_session[Any]) -> None:
    made = a_proposal()
    assert (made.title, made.text) == (TITLE, TEXT)
    assert made.number == f"青街建〔{today().year}〕1号"
    assert made.due_on == made.rules.number("proposal.answer_workdays").after(today())
    assert a_proposal(a_resident(2)).number == f"青街建〔{today().year}〕2号"
    raw = db.session.execute(text("SELECT * FROM proposal")).all()
    assert not any(word.encode() in bytes(str(raw), "utf-8") for word in (TITLE, "孩子"))
    kept = db.session.scalars(select(Trace).where(Trace.subject_kind == "Proposal")).first()
    assert kept is not None
    assert TITLE not in str(kept.detail) and "孩子" not in str(kept.detail)
    assert kept.detail["text"] == sealed.commitment(
        made.resident.key.secret, f"proposal.text:{made.public_id}", TEXT
    ), "the trail proves the words without holding them"


def test_what_is_missing_is_named_all_at_once(people: People) -> None:
    with pytest.raises(RuleUnmet) as refused:
        propose(a_resident(1), " ", "", channel=Channel.H5, proposer=Proposer.ORGANISATION)
    assert set(refused.value.fields) == {"title", "text", "organisation"}
    with pytest.raises(RuleUnmet) as refused:
        propose(a_resident(1), "长" * 61, "短\x00", channel=Channel.H5)
    assert set(refused.value.fields) == {"title", "text"}


def test_the_same_key_is_the_same_proposal_and_other_words_under_it_are_refused(people: People) -> None:
    first = propose(a_resident(1), TITLE, TEXT, channel=Channel.H5, key="h5:x:1")
    again = propose(a_resident(1), TITLE, TEXT, channel=Channel.H5, key="h5:x:1")
    assert again.repeated and again.proposal is first.proposal and again.receipt is first.receipt
    with pytest.raises(RuleUnmet) as refused:
        propose(a_resident(1), TITLE, "另一段话", channel=Channel.H5, key="h5:x:1")
    assert refused.value.code == "key_reused"


def test_a_receipt_finds_it_and_a_pin_guards_it(people: People) -> None:
    given = propose(Resident.nobody_known(), TITLE, TEXT, channel=Channel.H5)
    pin = given.receipt.guard()
    opened = Receipt.open_with(given.receipt.number, pin)
    assert opened is not None and opened.proposal is given.proposal
    assert Receipt.open_with(given.receipt.number, "000000" if pin != "000000" else "111111") is None


def test_staff_write_down_what_a_deputy_hands_in_with_its_number(people: People) -> None:
    who = Resident.from_paper(people["mafang"].places[0])
    made = propose(
        who,
        TITLE,
        TEXT,
        channel=Channel.PAPER,
        proposer=Proposer.DEPUTY,
        reference="第23号建议",
        officer=people["zhoumin"],
    ).proposal
    assert made.entered_by is people["zhoumin"]
    agreed = db.session.scalars(select(Consent).where(Consent.resident_id == who.id)).one()
    assert (agreed.door, agreed.officer_id) == ("paper", people["zhoumin"].id), "who read the privacy text out"
    assert (made.reference, made.proposer.idea) == ("第23号建议", Idea.DEPUTIES)
    with pytest.raises(NotAllowed):
        propose(who, TITLE, TEXT, channel=Channel.PAPER, officer=people["luojing"])
    assert set(PUBLIC) == {Proposer.CITIZEN, Proposer.ORGANISATION, Proposer.DEPUTY, Proposer.MEMBER}


def test_each_outcome_says_where_and_why(people: People) -> None:
    made = a_proposal()
    for outcome, lacking in (
        (None, {"outcome", "reason"}),
        (ProposalOutcome.TAKEN_UP, {"reason", "item"}),
        (ProposalOutcome.CASE, {"reason", "case"}),
        (ProposalOutcome.PASSED_ON, {"reason", "passed_to"}),
        (ProposalOutcome.DECLINED, {"reason"}),
    ):
        with pytest.raises(RuleUnmet) as refused:
            made.study(people["zhoumin"], outcome, " ")
        assert set(refused.value.fields) == lacking
    assert made.outcome is None and made.answer == ""


def test_two_persons_answer_and_the_proposer_is_told_once(people: People) -> None:
    who = a_resident(1)
    made = a_proposal(who)
    with pytest.raises(OutOfTurn):
        made.approve(people["hexiulan"])
    made.study(people["shenlin"], ProposalOutcome.PASSED_ON, "红绿灯由县里统一设置。", passed_to="县公安局交警大队")
    assert not made.answered
    made.send_back(people["hexiulan"], "写明多久有回音")
    assert made.returned_reason == "写明多久有回音"
    made.study(people["shenlin"], ProposalOutcome.PASSED_ON, "已经转交，三个月内有回音。", passed_to="县公安局交警大队")
    assert made.returned_reason == ""
    Work.take_wanted()
    made.approve(people["hexiulan"])
    assert len(Work.take_wanted()) == 1
    assert (made.answer, made.words) == ("已经转交，三个月内有回音。", "转有关单位")
    fact = db.session.scalars(select(Trace).where(Trace.verb == "approve", Trace.subject_kind == "Proposal")).one()
    assert "回音" not in str(fact.detail)
    assert expand(fact) == 1
    assert expand(fact) == 0
    assert db.session.scalars(select(Message.resident_id)).all() == [who.id]
    assert list(answered()) == [made] and list(waiting()) == []


def test_who_studied_it_does_not_approve_it(people: People) -> None:
    people["shenlin"].give("leader")
    made = a_proposal()
    made.study(people["shenlin"], ProposalOutcome.DECLINED, "村口明年改造，届时一并考虑。")
    with pytest.raises(RuleUnmet, match="两个人"):
        made.approve(people["shenlin"])


def test_taken_up_it_follows_its_matter_through_all_versions(people: People) -> None:
    first = a_catalogue(people)
    draft = a_catalogue(people, CatalogueStage.DRAFTED)
    put = draft.put_item(people["luojing"], **(MATTER | {"title": "村口交通安全设施", "unit": people["shenlin"].unit}))
    assert [m.title for m in matters()] == ["农贸市场周边停车管理办法", "河滨步道延伸工程", "村口交通安全设施"]
    made = a_proposal()
    made.study(people["zhoumin"], ProposalOutcome.TAKEN_UP, "列入目录，开春就办。", item=put)
    made.approve(people["hexiulan"])
    assert made.item is put
    draft.revise(people["luojing"], reason="根据居民建议新增一项。")
    draft.consent(people["zhoumin"], today(), "青街工委〔2026〕9号")
    draft.publish(people["zhoumin"])
    third = Catalogue.draft_new(people["luojing"], first.year)
    third.put_item(people["luojing"], third.items[2], remark="分两处")
    assert made.item is put, "a draft is not yet what it reads"
    third.revise(people["luojing"], reason="分两处装。")
    third.consent(people["zhoumin"], today(), "青街工委〔2026〕11号")
    third.publish(people["zhoumin"])
    assert made.item is third.items[2]


def test_a_case_may_come_of_it(people: People) -> None:
    case = Decision.open(people["shenlin"], "村口交通安全设施")
    made = a_proposal()
    made.study(people["zhoumin"], ProposalOutcome.CASE, "已经立案。", case=case)
    made.approve(people["hexiulan"])
    assert made.decision is case


def test_it_is_nobody_elses_and_can_be_forgotten(people: People, clock: Clock) -> None:
    who = a_resident(1)
    made = a_proposal(who)
    assert Proposal.of(who, made.public_id) is made
    with pytest.raises(Missing):
        Proposal.of(a_resident(2), made.public_id)
    assert list(mine(who)) == [made] and list(mine(a_resident(2))) == []
    clock.forward(days=60)
    made = db.session.get_one(Proposal, made.id)
    assert made.late
    forget(made.resident, made.resident)
    assert made.title == made.text == "（已应本人要求删除）"
    assert list(waiting()) == [], "who asked to be forgotten waits for nothing"


@pytest.mark.both_engines
def test_the_database_keeps_what_was_said_and_answered(people: People, session: scoped_session[Any]) -> None:
    made = a_proposal()
    session.commit()

    def refused(change: str) -> None:
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(change))

    for change in (
        "sealed_text = 'x'",
        "number = 'x'",
        "proposer = 'leader'",
        "stage = 'studied'",
        "stage = 'answered'",
    ):
        refused(f"UPDATE proposal SET {change}")
    refused("DELETE FROM proposal")
    refused("UPDATE receipt SET proposal_id = NULL")
    made.study(people["zhoumin"], ProposalOutcome.DECLINED, "明年一并考虑。")
    session.flush()
    refused("UPDATE proposal SET stage = 'answered', approver_id = author_id, answered_at = received_at")
    refused("UPDATE proposal SET outcome = 'taken_up'")
    made.approve(people["hexiulan"])
    session.commit()
    refused("UPDATE proposal SET outcome = 'passed_on', passed_to = 'x'")
