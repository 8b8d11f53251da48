"""Groups asked by name: sent, received, reminded, answered; the public sees nothing of it, a report names groups alone."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import scoped_session

from models.comments.by_group import cases_of_year, of_case, of_year, points_of, total
from models.comments.point import Outcome, Point
from models.decisions.consultation import Audience, Consultation, Stage, consultation_list
from models.decisions.consultation import by_public_id as consultation_of
from models.decisions.decision import Decision
from models.decisions.draft import Draft
from models.decisions.invitation import (
    INSIDE,
    Group,
    Invitation,
    answered,
    ask,
    by_token,
    group_of,
    inside_groups_asked,
    inside_not_asked,
    reply,
)
from models.decisions.legal_review import participation_done
from models.decisions.matter import Procedure
from models.decisions.procedure import excuse
from models.kernel import clock
from models.kernel.clock import today
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from tests.conftest import People
from tests.making import SOURCE, a_resident, answer_all


@pytest.fixture
def inside(people: People, session: scoped_session[Any]) -> Consultation:
    handler = people["shenlin"]
    case = Decision.open(handler, "停车管理办法")
    draft = Draft.write(handler, case, SOURCE)
    made: Consultation = Consultation.draft_new(
        handler, case, title="停车管理办法", draft=draft, audience=Audience.INTERNAL, window_days=7
    )
    session.flush()
    return made


def invited(people: People, asked: Consultation, group: Group = Group.STAFF) -> Invitation:
    made: Invitation = Invitation.invite(people["shenlin"], asked, group, "王主任")
    return made


def test_a_round_opens_when_somebody_is_to_be_asked(inside: Consultation, people: People) -> None:
    with pytest.raises(RuleUnmet, match="征求对象"):
        ask(inside, people["xujing"])
    invited(people, inside)
    with pytest.raises(NotAllowed):
        ask(inside, people["shenlin"])
    ask(inside, people["xujing"])
    assert inside.stage == Stage.PUBLISHED
    assert inside.is_open()
    assert "询〔" in inside.number


def test_the_public_finds_nothing_of_it(inside: Consultation, people: People, session: scoped_session[Any]) -> None:
    invited(people, inside)
    ask(inside, people["xujing"])
    session.flush()
    assert consultation_of(inside.public_id) is None
    assert consultation_of(inside.public_id, published=False) is inside
    assert not list(consultation_list())


def test_an_open_consultation_cannot_take_this_shorter_road(inside: Consultation, people: People) -> None:
    invited(people, inside)
    inside.audience = Audience.PUBLIC
    with pytest.raises(RuleUnmet, match="签发程序"):
        ask(inside, people["xujing"])


def test_outside_groups_belong_to_another_round(inside: Consultation, people: People) -> None:
    with pytest.raises(RuleUnmet, match="另开一轮"):
        invited(people, inside, Group.DEPUTIES)


def test_sent_received_reminded_answered(inside: Consultation, people: People, session: scoped_session[Any]) -> None:
    one, other = invited(people, inside), invited(people, inside, Group.CADRES)
    with pytest.raises(OutOfTurn):
        one.send(people["shenlin"], "当面")
    ask(inside, people["xujing"])
    with pytest.raises(OutOfTurn, match="还没有送出"):
        one.remind(people["shenlin"])
    token = one.send(people["shenlin"], "微信转发链接")
    session.flush()
    assert by_token(token) is one
    assert by_token("0" * 64) is None
    one.remind(people["shenlin"])
    given = reply(one, "第二条写得不清楚。")
    assert one.received_on is not None
    assert answered(one) == 1
    with pytest.raises(OutOfTurn, match="已经答复"):
        one.remind(people["shenlin"])
    other.send(people["shenlin"], "公文交换")
    with pytest.raises(NotAllowed):
        other.agree(a_resident(3))
    other.agree(other.resident)
    found = {row.group: (row.sent, row.received, row.spoke, row.agreed) for row in of_case(inside.decision)}
    assert found[Group.STAFF] == (1, 1, 1, 0)
    assert found[Group.CADRES] == (1, 1, 0, 1)
    assert found[Group.HEADS] == (0, 0, 0, 0)
    assert group_of([given.comment.id]) == {given.comment.id: Group.STAFF}


def test_a_normative_document_wants_all_five_groups_inside(inside: Consultation, people: People) -> None:
    for group in INSIDE[:-1]:
        invited(people, inside, group)
    ask(inside, people["xujing"])
    assert inside_not_asked(inside.decision) == list(INSIDE)
    for one in [invited(people, inside, Group.VILLAGERS)]:
        one.send(people["shenlin"], "当面")
    assert inside_not_asked(inside.decision) == list(INSIDE[:-1])
    assert "主要领导、分管领导、干部职工、村干部" in (inside_groups_asked(inside, None) or "")


def test_somebody_who_never_got_the_draft_may_still_answer_on_paper(inside: Consultation, people: People) -> None:
    one = invited(people, inside)
    ask(inside, people["xujing"])
    given = reply(one, "口头说的：同意，但要写明罚则。", officer=people["shenlin"])
    assert given.comment.entered_by is people["shenlin"]
    assert one.sent_on == one.received_on


def test_the_report_by_group_says_how_many_answered_and_with_which_outcome(
    inside: Consultation, people: People, session: scoped_session[Any]
) -> None:
    spoke, silent, agreed = (invited(people, inside, group) for group in (Group.STAFF, Group.STAFF, Group.CADRES))
    ask(inside, people["xujing"])
    for one in (spoke, silent, agreed):
        one.send(people["shenlin"], "公文交换")
    silent.remind(people["shenlin"])
    agreed.agree(agreed.resident)
    reply(spoke, "第二条写得不清楚。", clause=inside.draft.speakable[1] if inside.draft else None)
    reply(spoke, "罚则太轻。")
    session.flush()
    first = session.scalars(select(Point).order_by(Point.id)).first()
    assert first
    first.answer(people["shenlin"], "adopted", "第二条要让人看得懂，已经改写。", gist="第二条不清楚")
    rows = {row.group: row for row in of_case(inside.decision)}
    assert (rows[Group.STAFF].waiting, rows[Group.STAFF].outcomes) == (2, {}), "an answer counts once a second agreed"
    first.submit(people["shenlin"])
    first.approve(people["xujing"], may_show=False)
    session.flush()
    rows = {row.group: row for row in of_case(inside.decision)}
    staff, cadres = rows[Group.STAFF], rows[Group.CADRES]
    assert (staff.invited, staff.sent, staff.received, staff.reminded, staff.spoke, staff.silent) == (2, 2, 1, 1, 1, 1)
    assert (staff.texts, staff.points, staff.waiting, staff.outcomes) == (2, 2, 1, {Outcome.ADOPTED: 1})
    assert (cadres.agreed, cadres.silent, cadres.points) == (1, 0, 0)
    assert not rows[Group.DEPUTIES].asked
    summed = total(list(rows.values()))
    assert (summed["sent"], summed["points"], summed["adopted"], summed["waiting"]) == (3, 2, 1, 1)
    listed = points_of(inside.decision)
    assert [(p.group, p.gist, p.outcome, p.clause) for p in listed] == [
        (Group.STAFF, "第二条不清楚", Outcome.ADOPTED, "第二条"),
        (Group.STAFF, "", None, None),
    ]
    assert of_year(today().year) == of_case(inside.decision)
    assert not total(of_year(today().year - 1))["sent"]
    assert [(c.public_id, c.rounds, c.invited) for c in cases_of_year(today().year)] == [
        (inside.decision.public_id, 1, 3)
    ]


def test_a_case_waits_for_those_it_asked_by_name_and_for_their_answers(
    inside: Consultation, people: People, session: scoped_session[Any]
) -> None:
    case = inside.decision

    def lacks() -> str | None:
        return participation_done(case, None)

    excuse(case, people["xujing"], Procedure.CONSULTATION, "座谈已经听取意见。")
    assert lacks() is None, "a round that was not begun holds nothing up"
    one, other = invited(people, inside), invited(people, inside, Group.CADRES)
    ask(inside, people["xujing"])
    session.flush()
    assert "2 个对象没有答复" in (lacks() or "")
    one.send(people["shenlin"], "公文交换")
    other.send(people["shenlin"], "公文交换")
    other.agree(people["shenlin"])
    reply(one, "第二条写得不清楚。")
    session.flush()
    assert "还有 1 条意见没有答复" in (lacks() or "")
    answer_all(people, inside)
    session.flush()
    assert lacks() is None, "everybody answered: nobody need wait for the last day"
    Invitation.invite(people["shenlin"], inside, Group.HEADS, "刘书记")
    session.flush()
    assert "1 个对象没有答复" in (lacks() or "")
    clock.move(8 * 86_400)
    session.expire_all()
    assert lacks() is None, "who says nothing until the last day holds nothing up after it"
