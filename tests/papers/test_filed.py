"""Every record that hangs on a case is in its file: a case on its whole road, and what followed the decision."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import scoped_session

from models.comments.amendment import Amendment, AmendmentKind
from models.comments.arrange import Mark, split
from models.comments.arrange import gather as into_group
from models.comments.filed_answering import _hiding, every_hiding
from models.comments.point import Point
from models.comments.promise import Promise
from models.comments.receive import receive
from models.comments.second_look import SecondLook, rate
from models.comments.showing import Ground, Hiding, redact
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
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import now, today
from models.kernel.sealed import GONE
from models.kernel.trail import Trace
from models.messages.audience import expand
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.telling import Telling
from models.people.resident import Resident
from models.proposals.proposal import ProposalOutcome
from models.proposals.propose import propose
from server.papers.verify_casefile import Case, check_bag, check_trail
from tests.conftest import People
from tests.making import (
    SOURCE,
    a_catalogue,
    a_comment,
    a_consultation,
    a_published_case,
    a_release,
    a_resident,
    all_asked_inside,
    answer_all,
)
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


def test_how_the_office_worked_on_what_people_said_is_in_the_file(
    people: People, session: scoped_session[Any], tmp_path: Path
) -> None:
    asked = a_consultation(people)
    case = asked.decision
    first = a_comment(asked, a_resident(1), "一个小时不够。路灯太暗。我叫王小明。", show_text=True).comment
    other = a_comment(asked, a_resident(2), "停一个小时太短，某某是个混蛋。", show_text=True).comment
    letter = receive(
        asked, Resident.from_paper(), "早上一小时不够。", channel=Channel.PAPER, officer=people["mafang"]
    ).comment
    assert letter.transcription is not None
    letter.transcription.mend(people["tianye"], "早上一个半小时不够。", "漏了“半”字。")
    split(first, people["shenlin"], [Mark(7, 12)])
    session.flush()
    points = {(p.comment_id, p.number): p for p in session.scalars(select(Point)).unique()}
    short, lamps = points[first.id, 1], points[first.id, 2]
    group = into_group(asked, people["shenlin"], "嫌一小时太短", [short.id, points[other.id, 1].id])
    Hiding.hide(people["zhoumin"], other, Ground.INSULT, "第二句是骂人的话。").lift(people["zhoumin"], "本人改了口。")
    redact(first, people["shenlin"], ["王小明"], Ground.PERSONAL, "姓名")
    law.move(31 * 86_400)
    session.flush()
    session.expire_all()
    answer_all(people, asked)
    promise = Promise.make(people["shenlin"], lamps, "换好路灯", today() + timedelta(days=30))
    a_release(people, asked)
    before = {item.key: item.body.mark for item in gather(case).items}
    promise.put_off(people["shenlin"], today() + timedelta(days=60), "灯杆晚到。")
    promise.keep(people["shenlin"], "四盏都换了，照片在公告栏。")
    rate(points[other.id, 1], other.resident, True)
    SecondLook.ask(first.resident, lamps, "只说换，没说哪几盏。").take(people["hexiulan"])
    session.flush()
    after = {item.key: item.body.mark for item in gather(case).items}
    moved = {key.split(":")[1] for key in after if before.get(key) != after[key]}
    assert moved == {"every_promise", "every_judgement"}, "what came after a volume is what a supplement holds"
    assert (group.n_points, group.name) == (2, "嫌一小时太短")

    opened = Case(written(case, tmp_path / "a.zip"))
    assert not check_bag(opened) and not check_trail(opened)
    folders = {name.split("/")[1] for name in opened.names if name.endswith("再看一次.txt")}
    assert folders == {"3 不公开"}
    told = {
        words: next(opened.text(name) for name in opened.names if name.endswith(f"{words}.txt"))
        for words in ("转写的核对", "归并的组", "不公开和隐去", "答应的事", "再看一次", "全部版本")
    }
    for words, lines in {
        "转写的核对": (
            "信函　核对后有更正",
            "转写：马芳",
            "核对：田野",
            "核对的人读成：早上一个半小时不够。",
            "说明：漏了“半”字。",
        ),
        "归并的组": ("嫌一小时太短　2个要点　沈林",),
        "不公开和隐去": (
            "原话不公开　含有辱骂、人身攻击　周敏",
            "理由：第二句是骂人的话。",
            "已恢复公开",
            "隐去的字：王小明",
        ),
        "答应的事": ("换好路灯　做到了", "推迟的理由：灯杆晚到。", "做到：四盏都换了，照片在公告栏。"),
        "再看一次": (
            "第0002号第1点　答到点子上了",
            "没有答到点子上",
            "请人再看：只说换，没说哪几盏。",
            "何秀兰　在重新看",
        ),
        "全部版本": ("要点2：原话里的“路灯太暗。”，对整个草案", "要点1：归在“嫌一小时太短”一组"),
    }.items():
        for line in lines:
            assert line in told[words], (words, line, told[words])
    index = json.loads(opened.text(next(name for name in opened.names if name.endswith("案卷目录.json"))))
    named = {item["title"] for item in index["items"]}
    assert named >= {
        "代录和转写的核对",
        "要点归并的组",
        "原话的不公开和隐去",
        "答复里答应的事",
        "居民对答复的评价和再看一次",
    }
    first.resident.key.drop()
    session.flush()
    assert "王小明" not in "".join(map(str, every_hiding(asked)))
    assert GONE in "".join(_hiding(row) for row in every_hiding(asked))


def test_who_was_told_when_and_why_that_way_is_in_the_file(
    people: People, session: scoped_session[Any], tmp_path: Path
) -> None:
    """Each person who spoke: of what, which way, when; who was not reached, and why; nobody's name."""
    asked = a_consultation(people)
    case = asked.decision
    said = [a_comment(asked, a_resident(n)).comment for n in range(1, 4)]
    a_comment(asked, said[0].resident, "我再说一句。")
    law.move(31 * 86_400)
    session.flush()
    session.expire_all()
    answer_all(people, asked)
    assert "answers:told" not in {item.key for item in gather(case).items}
    a_release(people, asked)
    session.flush()
    fact = session.scalars(select(Trace).where(Trace.verb == "release").order_by(Trace.id.desc())).first()
    assert fact and expand(fact) == 3
    Telling.begin(fact, 3)
    before = {item.key: item.body.mark for item in gather(case).items}
    rows = {m.resident_id: m for m in session.scalars(select(Message).where(Message.fact_id == fact.id))}
    for comment, (state, channel, why) in zip(
        said,
        (
            (MessageState.DELIVERED, MessageChannel.TEMPLATE, "用服务通知：关注了公众号"),
            (MessageState.INBOX, MessageChannel.INBOX, "服务通知：没有关注公众号"),
            (MessageState.HELD, MessageChannel.CUSTOMER, "微信没有回音"),
        ),
        strict=True,
    ):
        row = rows[comment.resident_id]
        row.state, row.channel, row.why = state, channel, why
        row.sent_at = now() if state == MessageState.DELIVERED else None
    session.flush()
    after = {item.key: item.body.mark for item in gather(case).items}
    assert {key for key in after if before.get(key) != after[key]} == {"answers:told", "answers:told each"}

    opened = Case(written(case, tmp_path / "a.zip"))
    assert not check_bag(opened) and not check_trail(opened)
    each = next(opened.text(name) for name in opened.names if name.endswith("逐人告知.txt"))
    body = next(item.body for item in gather(case).items if item.title == "告知情况")
    assert isinstance(body, Sheet)
    sheet = "\n".join("：".join(line) for line in body.lines)
    assert next(name for name in opened.names if name.endswith("逐人告知.txt")).split("/")[1] == "3 不公开"
    for line in ("应当告知", "3人", "公众号服务通知1人", "1人没有关注公众号", "结果不确定，待人工核对"):
        assert line in sheet, line
    assert "第0001号、第0004号" in each, "both comments of one person, told once"
    assert each.count("第0") == 4 and each.count("已送到") == 1
    for line in ("为什么这样告知：服务通知：没有关注公众号", "不确定，待人工核对"):
        assert line in each
