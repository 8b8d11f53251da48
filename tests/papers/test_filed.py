"""Every record that hangs on a case is in its file: a case on its whole road, and what followed the decision."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import scoped_session

from models.comments.amendment import Amendment, AmendmentKind
from models.comments.point import Point
from models.decisions import evaluation, execution
from models.decisions.casefile import Gathered, Sheet, gather
from models.decisions.catalogue import CatalogueStage
from models.decisions.consultation import Channel, Consultation
from models.decisions.decision import Decision, Kind
from models.decisions.draft import Draft, newest_draft
from models.decisions.filed_before import every_invitation
from models.decisions.hearing import Hearing, Party
from models.decisions.in_force import Remark
from models.decisions.invitation import Group, Invitation, ask, invitations, reply
from models.decisions.listing import leave_unlisted, list_on
from models.decisions.material import Publicity
from models.decisions.matter import Category
from models.kernel.base import db
from models.kernel.clock import now, today
from models.proposals.proposal import ProposalOutcome
from models.proposals.propose import propose
from server.papers.verify_casefile import Case, check_bag, check_trail
from tests.conftest import People
from tests.making import SOURCE, a_catalogue, a_published_case, a_resident, all_asked_inside
from tests.papers.filing import a_case, written


def titles(found: Gathered) -> set[str]:
    return {item.title.partition("：")[0] for item in found.items}


def test_deciding_and_what_followed_are_in_the_file(
    people: People, session: scoped_session[Any], tmp_path: Path
) -> None:
    case = a_published_case(people)
    unit, owner = people["shenlin"].unit, people["shenlin"]
    execution.entrust(case, people["zhoumin"], unit, owner, "划线。")
    Remark.receive(a_resident(3), case, "划到消防通道上了。", channel=Channel.H5)
    evaluation.Evaluation.commission(people["zhoumin"], case, evaluation.Cause.OFFICE, "县研究会")
    session.flush()
    assert titles(gather(case)) >= {
        "案件基本情况表", "决定", "保密审查表", "公布的决定", "执行情况", "对已公布决定的意见和回复", "决策后评估"
    }  # fmt: skip
    opened = Case(written(case, tmp_path / "a.zip"))
    assert not check_bag(opened) and not check_trail(opened)
    name = next(name for name in opened.names if name.endswith("意见和回复.jsonl"))
    assert name.startswith("data/3 不公开/")
    assert json.loads(opened.text(name))["text"] == "划到消防通道上了。"


def test_what_was_put_right_after_a_release_is_in_the_file(
    people: People, session: scoped_session[Any], tmp_path: Path
) -> None:
    asked = a_case(people)
    point = session.scalars(select(Point).where(Point.consultation_id == asked.id)).first()
    session.add(
        Amendment(
            point=point,
            kind=AmendmentKind.SUPPLEMENT,
            text="北侧停车场下月开放。",
            author_id=people["shenlin"].id,
            made_at=now(),
        )
    )
    session.flush()
    opened = Case(written(asked.decision, tmp_path / "a.zip"))
    told = next(opened.text(name) for name in opened.names if name.endswith("答复的更正和补充.txt"))
    assert "补充　等审核" in told and "北侧停车场下月开放。" in told


def test_a_hearing_is_in_the_file_and_who_applied_is_counted_not_named(
    people: People, session: scoped_session[Any], tmp_path: Path
) -> None:
    case = a_case(people).decision
    hearing = Hearing.draft_new(
        people["shenlin"], case, title="停车听证会", matter="车位早上怎样分。", place="三楼", how_to_apply="打电话。",
        choosing="抽签。", held_at=now() + timedelta(days=20), apply_until=today() + timedelta(days=5),
        seats={Party.INTERESTED: 2, Party.PUBLIC: 2},
    )  # fmt: skip
    hearing.announce(people["xujing"])
    hearing.apply(a_resident(1), Party.INTERESTED, "马春花", "13800000001")
    session.flush()
    item = next(item for item in gather(case).items if item.station == "hearing")
    assert isinstance(item.body, Sheet)
    words = dict(item.body.lines)
    assert words["听证事项"] == "车位早上怎样分。" and words["报名和到会"].startswith("报名1人")
    assert "马春花" not in str(item.body.lines)
    opened = Case(written(case, tmp_path / "a.zip"))
    assert not check_bag(opened) and not check_trail(opened)


def test_the_proposal_and_the_catalogues_item_that_it_became_are_in_the_file(
    people: People, session: scoped_session[Any], tmp_path: Path
) -> None:
    put = a_catalogue(people).items[0]
    proposed = propose(a_resident(5), "市场边上划短停车位", "早上买菜没处停。", channel=Channel.H5).proposal
    proposed.study(people["shenlin"], ProposalOutcome.TAKEN_UP, "列入年度目录。", item=put)
    proposed.approve(people["xujing"])
    case = Decision.open(people["shenlin"], "农贸市场周边停车管理办法")
    case.classify(people["shenlin"], Kind.MAJOR, "影响四个小区。", category=Category.POLICY)
    leave_unlisted(case, people["xujing"], "等目录公布。")
    assert "没有列入决策事项目录的说明" in titles(gather(case)) and "决策建议" not in titles(gather(case))
    list_on(case, people["xujing"], put)
    found = {item.title: item for item in gather(case).items}
    assert set(found) >= {"决策事项目录里的事项", f"决策建议：{proposed.number}"}
    listing = found["决策事项目录里的事项"]
    assert isinstance(listing.body, Sheet)
    words = dict(listing.body.lines)
    assert words["目录"].endswith("第1版") and words["事项名称"] == put.title and "青街工委" in words["党工委同意"]
    assert any("等目录公布。" in told for _, told in listing.body.lines), "what was said before stays"
    assert listing.publicity == Publicity.OPEN
    adjusted = a_catalogue(people, CatalogueStage.DRAFTED)
    adjusted.put_item(people["luojing"], adjusted.items[0], title="另一个名称")
    adjusted.revise(people["luojing"], reason="情况变了。")
    adjusted.consent(people["zhoumin"], today(), "青街工委〔2026〕9号")
    adjusted.publish(people["zhoumin"])
    session.flush()
    again = next(item for item in gather(case).items if item.key == listing.key)
    assert isinstance(again.body, Sheet)
    assert again.body.mark == listing.body.mark, "the version that the case was listed on, whatever is adjusted later"
    opened = Case(written(case, tmp_path / "a.zip"))
    assert not check_bag(opened) and not check_trail(opened)
    told = next(name for name in opened.names if "决策建议" in name)
    assert told.startswith("data/3 不公开/")


def test_whom_a_case_asked_by_name_and_what_came_back_is_in_the_file(
    people: People, session: scoped_session[Any], tmp_path: Path
) -> None:
    case = a_case(people).decision
    asked = Consultation.draft_new(
        people["shenlin"], case, title="内部征求意见", audience="internal", draft=newest_draft(case)
    )
    names = ("张科员", "马坊村委会", "李组长")
    groups = (Group.STAFF, Group.CADRES, Group.VILLAGERS)
    for group, name in zip(groups, names, strict=True):
        Invitation.invite(people["shenlin"], asked, group, name, organisation=group == Group.CADRES)
    ask(asked, people["xujing"])
    for one in invitations(asked)[:2]:
        one.send(people["shenlin"], "公文交换")
    reply(invitations(asked)[1], "第三条的日期改到五月。", officer=people["shenlin"])
    invitations(asked)[0].agree(people["shenlin"])
    session.flush()
    found = {item.title: item for item in gather(case).items}
    summary = found["内部征求意见：征求对象和答复情况"]
    assert isinstance(summary.body, Sheet)
    assert dict(summary.body.lines) == {
        "征求的方式": "内部征求意见",
        "征求的时间": dict(summary.body.lines)["征求的时间"],
        "草案": "第1稿",
        "干部职工": "列入1个，送出1个，收到1个，提了意见0个，答复没有意见1个，没有答复0个",
        "村干部": "列入1个，送出1个，收到1个，提了意见1个，答复没有意见0个，没有答复0个",
        "普通群众": "列入1个，送出0个，收到0个，提了意见0个，答复没有意见0个，没有答复1个",
    }
    open_ones = [item.title for item in found.values() if item.publicity == Publicity.OPEN]
    assert not [title for title in open_ones if "内部" in title], "nothing of a round inside is open"
    assert "征求意见公告" in open_ones and "草案第1稿（公开征求意见稿）" in open_ones
    opened = Case(written(case, tmp_path / "a.zip"))
    assert not check_bag(opened) and not check_trail(opened)
    name = next(name for name in opened.names if "征求对象逐个" in name and name.endswith(".jsonl"))
    rows = [json.loads(line) for line in opened.text(name).splitlines()]
    assert name.startswith("data/3 不公开/") and [row["serials"] for row in rows] == [[], [1], []]
    assert "1号意见" in opened.text(name.replace(".jsonl", ".txt"))
    everything = "".join(opened.text(one) for one in opened.names if one.endswith((".txt", ".jsonl", ".json")))
    assert not [name for name in names if name in everything], "names stay sealed"
    assert "第三条的日期改到五月。" in everything


def test_a_draft_that_was_shown_to_a_few_is_not_called_public(people: People, session: scoped_session[Any]) -> None:
    case = Decision.open(people["shenlin"], "值班安排")
    Draft.write(people["shenlin"], case, SOURCE)
    all_asked_inside(people, case)
    draft = next(item for item in gather(case).items if item.title.startswith("草案"))
    assert (draft.title, draft.publicity) == ("草案第1稿", Publicity.ON_REQUEST)


def test_many_invited_are_read_in_as_many_questions_as_a_few(people: People, session: scoped_session[Any]) -> None:
    case = Decision.open(people["shenlin"], "值班安排")
    Draft.write(people["shenlin"], case, SOURCE)
    asked = all_asked_inside(people, case)
    few = _questions(lambda: [*every_invitation(asked)])
    for n in range(60):
        Invitation.invite(people["shenlin"], asked, Group.STAFF, f"第{n}位")
    session.flush()
    assert _questions(lambda: [*every_invitation(asked)]) == few


def _questions(deed: Callable[[], object]) -> int:
    """How often the database is asked."""
    asked: list[str] = []

    def heard(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", heard)
    try:
        deed()
    finally:
        event.remove(db.engine, "before_cursor_execute", heard)
    return len(asked)
