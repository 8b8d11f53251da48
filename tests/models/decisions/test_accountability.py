"""Who answers for a case: everybody under the name, unit and posts of that moment, with the words of that moment."""

from typing import Any

import pytest
from sqlalchemy import select, text

from models.comments.amendment import Amendment
from models.comments.point import Point, PointStage
from models.decisions import accountability
from models.decisions.accountability import (
    AGREEING,
    FEW,
    STAGES,
    Account,
    Person,
    Words,
    deeds_of,
    differences,
    look_into,
)
from models.decisions.decision import Decision, Kind
from models.decisions.deliberation import Result
from models.decisions.engagement import Taken
from models.kernel.base import Base, db
from models.kernel.lifecycle import declared
from models.kernel.refusal import NotAllowed
from models.kernel.trail import story
from models.kernel.triggers import TRIGGERS
from models.people.unit import Unit
from tests.deciding import a_case, a_meeting, lawful
from tests.making import a_comment, a_consultation, a_release, a_resident, an_expert, an_opinion, answer_all

pytestmark = pytest.mark.both_engines


@pytest.fixture
def case(people: Any, clock: Any) -> Decision:
    """A case with twelve comments, one answer sent back and written anew, released."""
    asked = a_consultation(people)
    for number in range(12):
        a_comment(asked, a_resident(number), f"第{number + 1}句话")
    clock.forward(days=31)
    points = answer_all(people, asked)
    points[0].send_back(people["xujing"], "没有写改了哪一条")
    points[0].answer(people["shenlin"], "adopted", "第二条改为每次两小时。", gist="嫌短")
    points[0].submit(people["shenlin"])
    points[0].approve(people["hexiulan"])
    a_release(people, asked)
    db.session.flush()
    return asked.decision


def disarm(table: str) -> None:
    """What a database administrator does first."""
    on = "" if db.engine.dialect.name == "sqlite" else f" ON {table}"
    for trigger in (t for t in TRIGGERS if t.table == table and t.on.startswith("UPDATE")):
        db.session.execute(text(f"DROP TRIGGER {trigger.name}{on}"))


def person(account: Account, name: str) -> Person:
    return next(who for who, _ in account.people if who.name == name)


def test_each_part_says_who_had_it_in_hand_and_who_agreed(case: Decision) -> None:
    account = Account.of(case)
    told = {part.name: (part.did, part.agreed) for part in account.parts}
    assert told["立案"] == (["沈林"], [])
    assert told["草案"] == (["沈林"], [])
    assert told["征求意见"] == (["沈林"], ["许静", "何秀兰", "吴启明", "周敏"])
    assert told["答复和审核"] == (["沈林"], ["许静", "何秀兰", "吴启明"])
    assert told["收到的意见"] == ([], []), "residents are counted, not named"
    (received,) = next(part for part in account.parts if part.name == "收到的意见").doings
    assert (received.person.name, received.times, received.told) == ("居民", 12, [])


def test_few_deeds_are_told_one_by_one_and_many_are_counted(case: Decision) -> None:
    doings = {(d.person.name, d.fact): d for part in Account.of(case).parts for d in part.doings}
    wrote = doings["沈林", "Point.answer"]
    assert (wrote.times, wrote.told) == (13, [])
    assert wrote.times > FEW
    (back,) = doings["许静", "Point.send_back"].told
    assert back.row.detail["reason"] == "没有写改了哪一条"
    (draft,) = doings["沈林", "Draft.write"].told
    assert draft.words and draft.words.as_then is True


def test_whose_answers_were_agreed_to_by_whom(case: Decision) -> None:
    account = Account.of(case)
    assert [(p.author.name, p.approver.name, p.times) for p in account.pairs] == [
        ("沈林", "许静", 12),
        ("沈林", "何秀兰", 1),
    ]
    assert account.alone == []


def test_everybody_stands_there_as_they_were(case: Decision, people: Any) -> None:
    """A new unit, a new post, another name, and an account that is closed: what was done stays with who they were."""
    moved = people["xujing"]
    moved.unit = Unit.found(people["xitong"], "平安法治办")
    moved.appoint(people["xitong"], "leader")
    moved.name = "许静改名"
    people["shenlin"].leave(people["xitong"])
    db.session.flush()
    account = Account.of(case)
    assert person(account, "许静") == Person(moved.public_id, "officer", "许静", "城市管理科", "单位负责人")
    assert person(account, "沈林").post == "承办人"
    assert not any(who.name == "许静改名" for who, _ in account.people)


def test_one_person_in_two_posts_stands_there_twice_side_by_side(case: Decision, people: Any) -> None:
    before = people["wuqiming"]
    look_into(case, before)
    before.appoint(people["xitong"], "leader")
    db.session.flush()
    look_into(case, before)
    mine = [who.post for who, _ in Account.of(case).people if who.ref == before.public_id]
    assert mine == ["主要领导", "主要领导、分管领导"]
    names = [who.name for who, _ in Account.of(case).people]
    assert names.index("吴启明") == len(names) - names[::-1].index("吴启明") - 2, "one line after the other"


def test_what_somebody_said_is_read_page_by_page_with_their_words(case: Decision, people: Any) -> None:
    handler = people["shenlin"]
    whole = deeds_of(case, handler.public_id, limit=1000)
    pages, after = [], 0
    while page := deeds_of(case, handler.public_id, after=after, limit=7):
        pages += page
        after = page[-1].row.row_id
    assert [d.row.row_id for d in pages] == [d.row.row_id for d in whole]
    said = [d.words for d in whole if d.row.verb == "answer"]
    assert len(said) == 13
    assert all(words and words.as_then and words.about.startswith("第00") for words in said)
    assert said[0] and said[0].text == "第二条要让更多人停得下，一小时够买一次菜。"
    assert said[-1] and said[-1].text == "第二条改为每次两小时。"
    assert (said[0].about, said[-1].about) == ("第0001号意见", "第0001号意见"), (
        "both versions are there, each as it was"
    )


def test_words_that_were_changed_later_are_no_longer_as_then(case: Decision, people: Any) -> None:
    assert list(differences()) == []
    disarm("answer_version")
    db.session.execute(text("UPDATE answer_version SET reason = '采纳了。' WHERE id = 3"))
    said = [d.words for d in deeds_of(case, people["shenlin"].public_id, limit=1000) if d.row.verb == "answer"]
    assert [words.as_then for words in said if words].count(False) == 1
    (found,) = differences()
    assert "沈林" in str(found)
    assert "Point.answer" in str(found)


def test_each_look_leaves_its_trace_and_is_for_three_posts_only(case: Decision, people: Any) -> None:
    for login in ("wuqiming", "chenguodong", "shenji"):
        look_into(case, people[login])
    with pytest.raises(NotAllowed):
        look_into(case, people["shenlin"])
    looked = [t.actor_name for t, _ in story(chain=case.chain, verbs=("look_into",))]
    assert looked == ["梁工", "陈国栋", "吴启明"]
    part = Account.of(case).parts[-1]
    assert part.name == "查阅"


def test_every_record_of_a_case_has_its_part() -> None:
    """A new record that leaves traces in a case's chain is entered in STAGES, or it would be told under 其他."""
    records = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
    of_a_case = {kind for kind in declared() if hasattr(records[kind], "chain")}
    assert of_a_case - {kind for _, group in STAGES for kind in group} == set()


def test_what_is_named_here_exists() -> None:
    """A part of the case, or a deed of agreeing, that no record declares is a slip."""
    kinds = set(declared())
    assert {kind for _, group in STAGES for kind in group} <= kinds
    assert {verb for verbs in declared().values() for verb in verbs} >= AGREEING
    facts = {*accountability.APART, *accountability.SAYING_NOTHING_AGAINST, *accountability._KEPT}
    assert all(fact.split(".")[1] in declared()[fact.split(".")[0]] for fact in facts)


@pytest.fixture
def decided(people: Any) -> Decision:
    """A document on which an expert was heard and answered, counsel advised, the justice office concluded, a meeting sat."""
    case = lawful(people, a_case(people, Kind.NORMATIVE))
    heard = an_opinion(people, case, an_expert(people))
    heard.reply(people["shenlin"], Taken.ADOPTED, "增加装卸时段。")
    a_meeting(people, case, Result.CHANGED)
    db.session.flush()
    return case


def told(case: Decision) -> dict[str, Any]:
    """The words of each deed that was told by itself."""
    return {
        d.row.verb: d.words for part in Account.of(case).parts for doing in part.doings for d in doing.told if d.words
    }


def test_experts_counsel_the_justice_office_and_everybody_at_the_table_are_heard_in_their_words(
    decided: Decision,
) -> None:
    said = told(decided)
    assert said["hear"].text == "时段划分基本合理，建议增加临时装卸区。"
    assert said["reply"].text == "增加装卸时段。"
    assert said["advise"].text == "未发现违反上位法的情形。"
    assert said["conclude"].text == "审查意见如上。"
    seats = said["record"].text.splitlines()
    assert seats[0] == "马芳：没有到会"
    assert seats[1] == "彭远（法律顾问）：没有发言"
    assert seats[2].startswith("何秀兰（班子成员）：")
    assert seats[-1].startswith("吴启明（党工委书记）：同意")
    assert {words.as_then for words in said.values()} == {True}


@pytest.mark.parametrize(
    ("table", "change", "verb"),
    [
        ("expert_opinion", "text = '完全同意。'", "hear"),
        ("expert_answer", "reason = '不采纳。'", "reply"),
        ("counsel_opinion", "text = '有问题。'", "advise"),
        ("legal_review", "opinion = '不合法。'", "conclude"),
        ("seat", "words = '坚决反对。'", "record"),
        ("seat", "name = '别人'", "record"),
        ("seat", "stance = 'abstain'", "record"),
    ],
)
def test_whoever_changes_them_later_is_found_and_the_deed_is_named(
    decided: Decision, table: str, change: str, verb: str
) -> None:
    assert list(differences()) == []
    disarm(table)
    where = " WHERE role = 'head'" if table == "seat" else ""
    db.session.execute(text(f"UPDATE {table} SET {change}{where}"))
    db.session.expire_all()
    assert [str(finding).split(".")[-1].split("）")[0] for finding in differences()] == [verb]
    assert told(decided)[verb].as_then is False


def test_what_was_said_of_an_answer_afterwards_is_there_too(case: Decision, people: Any) -> None:
    point = db.session.scalars(select(Point).where(Point.stage == PointStage.RELEASED).order_by(Point.id)).first()
    Amendment.correct(people["shenlin"], point, "not_adopted", "核对后没有改。", "上次写错了结果。")
    db.session.flush()
    deed = deeds_of(case, people["shenlin"].public_id, limit=1000)[-1]
    assert deed.words == Words("核对后没有改。", "第0001号意见", True)
    disarm("amendment")
    db.session.execute(text("UPDATE amendment SET remark = '没有写错。'"))
    db.session.expire_all()
    assert ["Amendment.correct" in str(finding) for finding in differences()] == [True]
