"""Answering at speed: suggestions, groups, claims, tables and approval in one go, through the pages that officers use."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models.comments import alike, bulk
from models.comments.alike import AlikeSet, Likeness
from models.comments.arrange import gather, relate
from models.comments.bulk import TemplateUse, answer_each
from models.comments.point import AnswerVersion, Point, PointGroup, PointStage
from models.comments.text_check import Suggestion, TextCheck
from models.decisions.consultation import Consultation, by_public_id
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.trail import Trace
from models.people.officer import Post
from models.texts.xlsx import read_xlsx
from server.console import approval, point_groups
from server.house import House
from server.papers.sheets import Book
from tests.conftest import People, SignedIn
from tests.crowds import come
from tests.making import a_comment, a_consultation, a_resident

Desk = Callable[[str], SignedIn]
REASON = "第二条要让更多人停得下，我们数了三天，一小时够买一次菜，所以维持原文。"
LETTER = "两个小时停车时间太短，亲戚来吃席根本停不下，建议把停车时间延长到四个小时。"
AGAINST = LETTER.replace("延长到四个小时", "缩短到一个小时")
ANSWER = {"outcome": "not_adopted", "reason": REASON, "gist": "停车时间再长些"}


@pytest.fixture
def closed(app: House) -> str:
    """Eight copies, two edited ones, one turned round, one of three points, and three that stand alone."""
    with app.app_context():
        people = People()
        asked = a_consultation(people)
        said = [LETTER] * 8 + [LETTER.replace("亲戚", "家里客人"), LETTER + "谢谢！", AGAINST]
        said += [
            "活鸡宰杀的摊位离熟食太近。",
            "盲道被广告牌挡住了。",
            "五点太晚，提前到四点。东门路灯坏了。井盖一夜响到亮。",
        ]
        for n, text in enumerate(said):
            a_comment(asked, a_resident(n + 1), text)
        law.move(40 * 86_400)
        db.session.commit()
        return asked.public_id


def matter(public_id: str) -> Consultation:
    found = by_public_id(public_id)
    assert found
    return found


def points(public_id: str) -> list[Point]:
    query = select(Point).where(Point.consultation_id == matter(public_id).id).order_by(Point.id)
    return list(db.session.scalars(query).unique())


def gathered(desk: Desk, closed: str) -> tuple[SignedIn, str]:
    """The suggestion looked at and taken as it was ticked; the group's address."""
    clerk = desk("shenlin")
    assert clerk.submit(f"/desk/answering/{closed}/alike", {}).status_code == 303
    page = clerk.get(f"/desk/answering/{closed}/groups").get_data(as_text=True)
    found = re.search(rf"/desk/answering/{closed}/alike/(\w+)", page)
    assert found
    opened = clerk.get(found[0]).get_data(as_text=True)
    ticked = re.findall(r'name="points" value="([\d,]+)" checked', opened)
    told = clerk.submit(found[0], {"points": ticked, "name": "停车时间再长些"})
    assert told.status_code == 303
    page = clerk.get(f"/desk/answering/{closed}/groups").get_data(as_text=True)
    group = re.search(rf"/desk/answering/{closed}/groups/(\w+)", page)
    assert group
    return clerk, group[0]


def ticked_in(page: str) -> list[str]:
    return re.findall(r'name="points" value="([\d,]+)" checked', page)


def test_copies_are_suggested_with_differing_words_marked_and_never_put_together_by_themselves(
    app: House, desk: Desk, closed: str
) -> None:
    clerk = desk("shenlin")
    assert clerk.submit(f"/desk/answering/{closed}/alike", {}).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Point.group_id.is_not(None))) == 0
        largest = db.session.scalars(select(AlikeSet).order_by(AlikeSet.size.desc())).first()
        assert largest is not None
        assert largest.size == 9, "seven more copies and two edited ones; the letter turned round is not among them"
        address = f"/desk/answering/{closed}/alike/{largest.public_id}"
    page = clerk.get(address).get_data(as_text=True)
    assert "<mark>家里客人</mark>" in page
    assert "一字不差的抄本" in page
    assert "改过的抄本" in page


def largest_set(app: House, clerk: Any, closed: str) -> str:
    """Where the largest set stands of what is alike, looked for anew."""
    clerk.submit(f"/desk/answering/{closed}/alike", {})
    with app.app_context():
        largest = db.session.scalars(select(AlikeSet).order_by(AlikeSet.size.desc())).first()
        assert largest
        return f"/desk/answering/{closed}/alike/{largest.public_id}"


def test_a_clerk_confirms_and_what_was_not_ticked_is_not_suggested_again(app: House, desk: Desk, closed: str) -> None:
    clerk = desk("shenlin")
    address = largest_set(app, clerk, closed)
    ways = ticked_in(clerk.get(address).get_data(as_text=True))
    copies = max(ways, key=len)
    assert clerk.submit(address, {"points": [copies], "name": ""}).status_code == 422, "a group has a name"
    assert clerk.submit(address, {"points": [copies], "name": "停车时间再长些"}).status_code == 303
    with app.app_context():
        (group,) = db.session.scalars(select(PointGroup)).all()
        assert group.n_points == 8
        assert db.session.scalar(select(func.count()).where(Likeness.together.is_(False))) == 2
    clerk.submit(f"/desk/answering/{closed}/alike", {})
    page = clerk.get(f"/desk/answering/{closed}/groups").get_data(as_text=True)
    assert "/alike/" not in page.replace(f'/desk/answering/{closed}/alike"', ""), "nothing is asked twice"
    undone = clerk.submit(f"/desk/answering/{closed}/undo", {})
    assert undone.status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Point.group_id.is_not(None))) == 0
    clerk.submit(f"/desk/answering/{closed}/alike", {})
    with app.app_context():
        again = db.session.scalars(select(AlikeSet).where(AlikeSet.settled_at.is_(None))).all()
        assert [found.size for found in again] == [7], (
            "put together once and taken back is asked again; refused stays refused"
        )


def test_one_answer_reaches_every_point_that_was_ticked(app: House, desk: Desk, closed: str) -> None:
    """Bulk answers that really reach all selected items, each with its own version and its own trace."""
    clerk, group = gathered(desk, closed)
    page = clerk.get(group).get_data(as_text=True)
    ways = ticked_in(page)
    told = clerk.submit(group, {**ANSWER, "points": ways, "deed": "submit"})
    assert told.status_code == 303
    with app.app_context():
        answered = [p for p in points(closed) if p.group_id]
        assert len(answered) == 10
        assert {p.stage for p in answered} == {PointStage.SUBMITTED}
        assert {p.reason for p in answered} == {REASON}
        assert db.session.scalar(select(func.count()).select_from(AnswerVersion)) == 10
        for verb in ("answer", "submit"):
            subjects = set(
                db.session.scalars(select(Trace.subject_id).where(Trace.verb == verb, Trace.subject_kind == "Point"))
            )
            assert subjects == {p.id for p in answered}


def test_each_point_that_cannot_be_answered_says_why_and_does_not_stop_the_others(
    app: House, desk: Desk, closed: str
) -> None:
    clerk, group = gathered(desk, closed)
    ways = ticked_in(clerk.get(group).get_data(as_text=True))
    with app.app_context():
        people = People()
        first, second = [p for p in points(closed) if p.group_id][:2]
        first.answer(people["shenlin"], "other", REASON, gist="先答的")
        first.submit(people["shenlin"])
        second.claimed_by, second.claimed_until = people["xujing"], law.wall() + timedelta(minutes=5)
        db.session.commit()
        names = [p.serial_words for p in (first, second)]
    told = clerk.submit(group, {**ANSWER, "points": ways, "deed": "submit"})
    page = told.get_data(as_text=True)
    assert told.status_code == 200
    assert "8 条办好了，2 条没有办" in page
    assert f"第 {names[0]} 号：已经送审" in page
    assert f"第 {names[1]} 号：许静正在答这一条" in page


def test_a_template_is_filled_in_and_every_use_is_kept(app: House, desk: Desk, closed: str) -> None:
    clerk, group = gathered(desk, closed)
    bad = {"name": "再长些", "outcome": "nonsense", "reason": REASON}
    assert clerk.submit("/desk/answer-templates", bad).status_code == 422
    assert clerk.submit("/desk/answer-templates", {**bad, "outcome": "not_adopted"}).status_code == 303
    page = clerk.get(group).get_data(as_text=True)
    template = re.search(r'name="template".*?<option value="(\w{12})"', page, re.DOTALL)
    assert template
    filled = clerk.submit(group, {"deed": "apply", "template": template[1], "points": ticked_in(page)})
    assert REASON in filled.get_data(as_text=True)
    sent = {**ANSWER, "points": ticked_in(page), "deed": "submit", "template": template[1]}
    assert clerk.submit(group, sent).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(TemplateUse)) == 10
    uses = clerk.get(f"/desk/answer-templates/{template[1]}").get_data(as_text=True)
    assert uses.count("stage=all&p=") == 10
    assert clerk.submit(f"/desk/answer-templates/{template[1]}/retire", {}).status_code == 303
    assert "用过" not in re.findall(r"<select id=\"template\".*?</select>", clerk.get(group).get_data(as_text=True))


def test_a_comment_is_cut_by_its_sentences_without_scripts(app: House, desk: Desk, closed: str) -> None:
    clerk = desk("shenlin")
    with app.app_context():
        point = points(closed)[-1]
        assert point.comment.text.startswith("五点太晚")
        where = f"/desk/answering/{closed}/{point.public_id}"
    page = clerk.get(f"{where}/split").get_data(as_text=True)
    parts = re.findall(r'name="part" value="(\d+-\d+)"', page)
    assert len(parts) == 4
    assert clerk.submit(f"{where}/split", {"part": parts}).status_code == 422, "something has to stay"
    assert clerk.submit(f"{where}/split", {"part": [parts[2], parts[3]]}).status_code == 303
    with app.app_context():
        assert len(points(closed)) == 15, "neighbours are one point"
        second = points(closed)[-1]
        assert second.comment.text[second.begins : second.ends] == "东门路灯坏了。井盖一夜响到亮。"
        mine = f"/desk/answering/{closed}/{second.public_id}"
    shown = clerk.get(f"/desk/answering/{closed}?stage=all&p={mine[-12:]}").get_data(as_text=True)
    assert '<mark class="me">东门路灯坏了。井盖一夜响到亮。</mark>' in shown
    assert "这份意见有 2 个要点" in shown
    assert clerk.submit(f"{mine}/arrange", {"deed": "join"}).status_code == 303
    with app.app_context():
        assert points(closed)[-1].stage == PointStage.WITHDRAWN
    assert clerk.submit(f"{mine}/arrange", {"deed": "part"}).status_code == 303
    assert clerk.submit(f"/desk/answering/{closed}/undo", {}).status_code == 303
    with app.app_context():
        assert points(closed)[-1].joined_into_id is not None


def test_what_one_has_claimed_another_does_not_answer_until_the_lease_runs_out(
    app: House, desk: Desk, closed: str
) -> None:
    with app.app_context():
        People()["linxiao"].give(Post.HANDLER)
        db.session.commit()
    first, second = desk("shenlin"), desk("linxiao")
    assert first.submit(f"/desk/answering/{closed}/claim", {"deed": "claim"}).status_code == 303
    with app.app_context():
        point = points(closed)[0]
        assert point.claimed_by is not None
        assert point.claimed_by.login == "shenlin"
        where = f"/desk/answering/{closed}/{point.public_id}"
    assert second.submit(f"/desk/answering/{closed}/claim", {"deed": "claim"}).status_code == 422
    told = second.submit(where, {**ANSWER, "deed": "submit"})
    assert told.status_code == 409
    assert "正在答这一条" in told.get_data(as_text=True)
    page = second.get(f"/desk/answering/{closed}").get_data(as_text=True)
    assert "沈林在答" in page
    with app.app_context():
        db.session.execute(update(Point).values(claimed_until=datetime(2020, 1, 1, tzinfo=UTC)))
        db.session.commit()
    assert second.submit(where, {**ANSWER, "deed": "submit"}).status_code == 303
    assert first.submit(f"/desk/answering/{closed}/claim", {"deed": "back"}).status_code == 303


def sheet(rows: list[list[str]], heads: list[str]) -> io.BytesIO:
    out = io.BytesIO()
    book = Book(out)
    book.sheet("答复", [(head, 10.0) for head in heads], rows)
    book.close()
    out.seek(0)
    return out


def upload(clerk: SignedIn, closed: str, rows: list[list[str]], heads: list[str]) -> Any:
    data = {"table": (sheet(rows, heads), "答复.xlsx"), "deed": "submit", "csrf_token": clerk.csrf}
    return clerk.post(f"/desk/answering/{closed}/table", data=data, content_type="multipart/form-data")


def test_a_table_goes_out_and_comes_back_whole_or_not_at_all(app: House, desk: Desk, closed: str) -> None:
    clerk = desk("shenlin")
    out = clerk.get(f"/desk/answering/{closed}/table/xlsx")
    assert out.status_code == 200
    with zipfile.ZipFile(io.BytesIO(out.get_data())) as package:
        page = package.read("xl/worksheets/sheet1.xml").decode()
    offered = dict(re.findall(r'sqref="([A-Z])5:\w+"><formula1>"([^"]+)"', page))
    assert offered["I"] == "采纳,部分采纳,未采纳,其他"
    assert max(map(len, offered.values())) < 255, "Excel's own limit"
    table = read_xlsx(out.get_data())
    start = next(n for n, row in enumerate(table) if row.cells[0] == "编号")
    heads, rows = table[start].cells, [[*row.cells, *[""] * 12][:12] for row in table[start + 1 :]]
    assert len(rows) == 14
    assert LETTER in {row[7] for row in rows}
    for row in rows[:6]:
        row[8], row[10], row[11] = "未采纳", REASON, "停车时间再长些"
    rows[1][8] = "也许"
    rows[2][11] = ""
    with app.app_context():
        stale = db.session.scalars(select(Point).where(Point.public_id == rows[3][0])).unique().one()
        stale.answer(People()["shenlin"], "other", "已另作说明，见第二条。", gist="先答的")
        db.session.commit()
    told = upload(clerk, closed, rows, heads)
    page = told.get_data(as_text=True)
    assert told.status_code == 422
    assert "第 3 行，结果：「也许」不是结果" in page
    assert "第 4 行，一句话摘要：" in page
    assert "第 5 行，版本：导出以后沈林答过了" in page
    with app.app_context():
        assert sum(p.stage == PointStage.SUBMITTED for p in points(closed)) == 0, "nothing is half taken in"
        assert db.session.scalar(select(func.count()).select_from(AnswerVersion)) == 1
    rows[1][8], rows[2][11] = "不采纳", "停车时间再长些"
    del rows[3]
    assert upload(clerk, closed, rows, heads).status_code == 303
    with app.app_context():
        assert sum(p.stage == PointStage.SUBMITTED for p in points(closed)) == 5
    again = upload(clerk, closed, rows, heads)
    assert again.status_code == 422
    assert "现在是「等审核」" in again.get_data(as_text=True)


@pytest.mark.parametrize(
    ("told", "words"),
    [(b"", "请先选填好的表格"), (b"PK nonsense", "不是 Excel 表格"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版")],
)
def test_what_is_no_table_is_refused_in_words(desk: Desk, closed: str, told: bytes, words: str) -> None:
    clerk = desk("shenlin")
    data = {"table": (io.BytesIO(told), "x.xlsx"), "csrf_token": clerk.csrf}
    page = clerk.post(f"/desk/answering/{closed}/table", data=data, content_type="multipart/form-data")
    assert page.status_code == 422
    assert words in page.get_data(as_text=True)


def test_who_wrote_it_does_not_approve_it_in_bulk_either(app: House, desk: Desk, closed: str) -> None:
    clerk, group = gathered(desk, closed)
    clerk.submit(group, {**ANSWER, "points": ticked_in(clerk.get(group).get_data(as_text=True)), "deed": "submit"})
    with app.app_context():
        People()["shenlin"].give(Post.UNIT_HEAD)
        db.session.commit()
        names = [p.public_id for p in points(closed) if p.stage == PointStage.SUBMITTED]
    own = clerk.submit("/desk/approval", {"points": names, "deed": "approve"})
    assert own.status_code == 422
    assert own.get_data(as_text=True).count("两个人分别完成") == len(names)
    head = desk("xujing")
    assert head.submit("/desk/approval", {"points": names, "deed": "back"}).status_code == 422, "why is not said"
    page = head.get("/desk/approval").get_data(as_text=True)
    chosen = re.search(r"/desk/approval\?group=(\w+)", page)
    assert chosen
    assert head.submit("/desk/approval", {"group": chosen[1], "whole": "1", "deed": "approve"}).status_code == 303
    with app.app_context():
        assert sum(p.stage == PointStage.APPROVED for p in points(closed)) == 10
        assert {p.approver.login for p in points(closed) if p.approver} == {"xujing"}


def test_points_are_given_to_somebody_by_a_day_and_stand_on_their_desk(app: House, desk: Desk, closed: str) -> None:
    head, clerk = desk("xujing"), desk("shenlin")
    with app.app_context():
        to = People()["shenlin"].public_id
        day = matter(closed).answer_due_on
        assert day
    late = head.submit(f"/desk/answering/{closed}/charge", {"to": to, "due_on": f"{day.year + 1}-01-01"})
    assert late.status_code == 422
    assert "答应居民的日子" in late.get_data(as_text=True)
    given = head.submit(f"/desk/answering/{closed}/charge", {"to": to, "due_on": day.isoformat()})
    assert given.status_code == 303
    assert "答完交给您的 14 条要点" in clerk.get("/desk/").get_data(as_text=True)
    assert "承办" in clerk.get(f"/desk/answering/{closed}?handler=me").get_data(as_text=True)


def test_the_number_that_waits_is_the_number_and_each_matter_is_found_behind_a_hundred_older(
    app: House, desk: Desk, closed: str
) -> None:
    with app.app_context():
        people = People()
        other = a_consultation(people, title="青禾街道图书角开放办法")
        come(other, [LETTER] * 120)
        law.move(40 * 86_400)
        db.session.commit()
        for asked in (by_public_id(other.public_id), matter(closed)):
            answer_each([p.id for p in points(asked.public_id)], people["shenlin"], "not_adopted", REASON, gist="嫌短")
        db.session.commit()
        name = other.public_id
    head = desk("xujing")
    assert "等您审核的有 134 条" in head.get("/desk/approval").get_data(as_text=True)
    page = head.get(f"/desk/approval?of={closed}").get_data(as_text=True)
    assert "等您审核的有 14 条" in page
    assert page.count('name="points"') == 14
    page = head.get(f"/desk/approval?of={name}").get_data(as_text=True)
    assert "等您审核的有 120 条" in page
    assert "先列等得最久的 100 条" in page
    first = re.search(r"/desk/approval/(\w+)", page)
    assert first
    assert "等审核的共 <b>134 条</b>" in head.get(first[0]).get_data(as_text=True)


def test_of_a_hundred_that_could_not_be_answered_each_says_why(app: House, desk: Desk, closed: str) -> None:
    clerk = desk("shenlin")
    with app.app_context():
        people = People()
        come(matter(closed), [LETTER] * 100, seed=9)
        chosen = [p.id for p in points(closed)]
        where = f"/desk/answering/{closed}/groups/{gather(matter(closed), people['shenlin'], '嫌短', chosen).public_id}"
        answer_each(chosen[:-1], people["shenlin"], "not_adopted", REASON, gist="嫌短")
        db.session.commit()
        names = {p.serial_words for p in points(closed)[:-1]}
    page = clerk.submit(where, {**ANSWER, "points": [",".join(map(str, chosen))], "deed": "submit"})
    assert set(re.findall(r"第 (\d+) 号：已经送审", page.get_data(as_text=True))) == names


def test_a_group_of_thousands_is_answered_to_the_last_by_pressing_on(
    app: House, desk: Desk, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page lists and what one press answers are a few; what was left out on purpose stays left out, and is shown."""
    monkeypatch.setattr(point_groups, "SHOWN", 10)
    monkeypatch.setattr(point_groups, "ONE_PRESS", 20)
    clerk = desk("shenlin")
    with app.app_context():
        asked, people = matter(closed), People()
        come(asked, [LETTER] * 80, seed=9)
        chosen = [p.id for p in points(closed) if p.comment.text.startswith("两个小时")]
        where = f"/desk/answering/{closed}/groups/{gather(asked, people['shenlin'], '嫌短', chosen).public_id}"
        db.session.commit()
    number, page = len(chosen), clerk.get(where).get_data(as_text=True)
    assert f"没有列出来的 {number - 10} 条也一样答" in page
    ways = ticked_in(page)
    assert sum(len(way.split(",")) for way in ways) == 10, "those that the page lists"
    kept_out = max(ways, key=len)
    sent: dict[str, Any] = {**ANSWER, "deed": "submit", "rest": "1"}
    told = clerk.submit(where, {**sent, "points": [way for way in ways if way != kept_out]})
    assert "after=" in told.headers["Location"], "the same group goes on"
    for _ in range(10):
        if "after=" not in told.headers["Location"]:
            break
        page = clerk.get(told.headers["Location"]).get_data(as_text=True)
        assert "条没有选上，还没答" in page
        assert REASON in page, "what was written is there for the next press"
        assert "没有列出来的" not in page or re.search(r'<input checked[^>]*name="rest"', page), "and so is the tick"
        told = clerk.submit(told.headers["Location"], {**sent, "points": ticked_in(page)})
    with app.app_context():
        stages = {p.id: p.stage for p in points(closed)}
    left = {int(n) for n in kept_out.split(",")}
    assert {n for n in chosen if stages[n] == PointStage.OPEN} == left
    page = clerk.get(where).get_data(as_text=True)
    assert {int(n) for way in ticked_in(page) for n in way.split(",")} == left, "what waits is listed first"


def test_copies_to_the_letter_are_one_tick_however_many_they_are(
    app: House, desk: Desk, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "SHOWN", 2)
    with app.app_context():
        come(matter(closed), [LETTER] * 40, seed=9)
    clerk = desk("shenlin")
    address = largest_set(app, clerk, closed)
    page = clerk.get(address).get_data(as_text=True)
    assert "47 份·像 100%" in page
    assert 'value="建议把停车时间延长到四个小时"' in page, "a name is not cut within a word"
    assert clerk.submit(address, {"points": ticked_in(page), "name": "停车时间再长些"}).status_code == 303
    with app.app_context():
        (group,) = db.session.scalars(select(PointGroup)).all()
        assert group.n_points == 50, "the leader, its copies, and both edited ones"


def test_words_that_a_check_speaks_against_do_not_come_out_among_many(app: House, desk: Desk, closed: str) -> None:
    """WeChat's check and the office's list decide what is shown: whoever agrees to many looks at these one by one."""
    head, people = desk("xujing"), People()
    with app.app_context():
        asked = a_consultation(people, title="青禾街道图书角开放办法")
        said = ["灯太暗。", "王 八、蛋，灯太暗。", "来看看这个网址。", "夜里太吵。"]
        given = [a_comment(asked, a_resident(60 + n), text, show_text=True).comment for n, text in enumerate(said)]
        TextCheck.keep(given[2].id, Suggestion.RISKY, 100, "T-1")
        TextCheck.keep(given[3].id, Suggestion.REVIEW, 100, "T-2")
        law.move(40 * 86_400)
        db.session.commit()
        numbers = [p.id for p in points(asked.public_id)]
        answer_each(numbers, people["shenlin"], "not_adopted", REASON, gist="嫌暗")
        db.session.commit()
        matter_id, names = asked.public_id, [p.public_id for p in points(asked.public_id)]
    told = head.submit("/desk/approval", {"points": names, "deed": "approve", "may_show": "1"})
    page = told.get_data(as_text=True)
    assert "2 条办好了，2 条没有办" in page
    assert "第 0002 号：原话里有本机关词表上的词，放不放出来要单独看" in page
    assert "第 0003 号：微信内容检查认为有风险，放不放出来要单独看" in page
    with app.app_context():
        assert [(p.stage.value, p.may_show) for p in points(matter_id)] == [
            ("approved", True), ("submitted", False), ("submitted", False), ("approved", True)
        ]  # fmt: skip
    assert head.submit("/desk/approval", {"points": names[1:3], "deed": "approve"}).status_code == 303, (
        "unshown they may"
    )
    with app.app_context():
        assert not [p for p in points(matter_id)[1:3] if p.may_show]


def test_who_has_no_template_yet_is_led_to_writing_one(desk: Desk, app: House, closed: str) -> None:
    clerk, group = gathered(desk, closed)
    for page in (clerk.get(group), clerk.get(f"/desk/answering/{closed}?stage=todo")):
        assert 'href="/desk/answer-templates"' in page.get_data(as_text=True)


def test_a_group_of_thousands_is_approved_by_going_on_in_it(
    app: House, desk: Desk, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approval, "submitted_in", lambda group: bulk.submitted_in(group, limit=6))
    with app.app_context():
        people, chosen = People(), [p.id for p in points(closed)]
        group = gather(matter(closed), people["shenlin"], "嫌短", chosen[:10]).public_id
        answer_each(chosen, people["shenlin"], "not_adopted", REASON, gist="嫌短")
        db.session.commit()
    head, whole = desk("xujing"), {"group": group, "whole": "1", "deed": "approve"}
    told = head.submit("/desk/approval", whole)
    assert told.headers["Location"].endswith(f"/desk/approval?group={group}")
    page = head.get(told.headers["Location"]).get_data(as_text=True)
    assert "这一组还有 4 条等审核" in page
    assert "等您审核的有 4 条" in page
    assert head.submit("/desk/approval", whole).headers["Location"].endswith("/desk/approval"), "all of it is done"
    with app.app_context():
        assert [p.stage for p in points(closed)[:10]] == [PointStage.APPROVED] * 10


def test_who_approves_a_group_sees_each_different_answer_once_beside_peoples_own_words(
    app: House, desk: Desk, closed: str
) -> None:
    with app.app_context():
        people, chosen = People(), [p.id for p in points(closed)][:10]
        clause = matter(closed).draft.speakable[1]
        relate(matter(closed), people["shenlin"], clause, chosen[:4])
        group = gather(matter(closed), people["shenlin"], "嫌短", chosen).public_id
        words = clause.body.replace("1小时", "2小时")
        answer_each(chosen[:9], people["shenlin"], "adopted", REASON, gist="嫌短", revised=(clause, words))
        answer_each(chosen[9:], people["shenlin"], "other", "这一条另外答：已经转城市管理科办。", gist="嫌短")
        db.session.commit()
    head = desk("xujing")
    page = head.get(f"/desk/approval?group={group}").get_data(as_text=True)
    assert "有 3 种答法，每种都看过再一起同意" in page
    assert page.count(REASON) == 2, "with new words for its clause, and without"
    assert "5 条·没有改字" in page
    assert "<ins>2" in page
    assert page.count("两个小时停车时间太短") == 2 * 10, (
        "their own words in each row and its button, not ten times the same gist"
    )
    told = {"group": group, "deed": "back", "reason": "请写明从哪天起。"}
    again = head.submit("/desk/approval", told)
    assert again.status_code == 422
    assert 'value="请写明从哪天起。"' in again.get_data(as_text=True), "what was typed stays"


def test_own_words_are_not_ticked_before_somebody_has_read_them_and_ticks_outlive_a_refusal(
    app: House, desk: Desk
) -> None:
    """Of own words that sound alike two of five ask for something else; and who says more than the letter is named."""
    more, own = LETTER + "另外东门的路灯坏了三盏。", "去镇上吃喜酒两个小时哪够，停车时间放长一些。"
    with app.app_context():
        asked = a_consultation(People())
        for n, text in enumerate((LETTER, LETTER, LETTER.replace("亲戚", "家里客人"), more, own), 40):
            a_comment(asked, a_resident(n), text)
        law.move(40 * 86_400)
        db.session.commit()
        closed = asked.public_id
    clerk = desk("shenlin")
    address = largest_set(app, clerk, closed)
    page = clerk.get(address).get_data(as_text=True)
    assert "自己的话，1 种 1 份" in page
    assert "还说了：另外东门的路灯坏了三盏" in page
    assert page.index("另外东门") < page.index("家里客人"), "what has to be looked at comes before what has not"
    assert re.search(rf'href="/desk/answering/{closed}/\w+/split">先分要点', page)
    every = re.findall(r'name="points" value="([\d,]+)"', page)
    ticked = ticked_in(page)
    assert len(every) == len(ticked) + 1, "all but the own words"
    chosen = [way for way in every if way not in ticked[:1]]
    again = clerk.submit(address, {"points": chosen, "name": ""})
    assert again.status_code == 422
    assert ticked_in(again.get_data(as_text=True)) == chosen


def test_a_group_is_adopted_together_with_new_words_for_its_clause(app: House, desk: Desk, closed: str) -> None:
    clerk, group = gathered(desk, closed)
    page = clerk.get(group).get_data(as_text=True)
    assert 'id="revised"' not in page, "about the whole draft: there is no clause to change"
    clause = re.search(r'<option value="(\w+)">第二条', page)
    assert clause
    assert clerk.submit(group, {"deed": "relate", "points": ticked_in(page), "clause": clause[1]}).status_code == 303
    page = clerk.get(group).get_data(as_text=True)
    assert "说的是第二条" in page
    assert f'name="of" value="{clause[1]}"' in page
    told = {**ANSWER, "outcome": "adopted", "points": ticked_in(page), "deed": "submit", "of": clause[1]}
    with app.app_context():
        before = next(c.body for c in matter(closed).draft.speakable if c.public_id == clause[1])
    look = re.search(r'hx-post="([^"]+)"', page)
    assert look
    seen = clerk.submit(look[1], {**told, "revised": before}).get_data(as_text=True)
    assert "还没有改字" in seen, "adopted and nothing changed is said before it is sent"
    words = before.replace("1小时", "2小时")
    refused = clerk.submit(group, {**told, "outcome": "not_adopted", "revised": words})
    assert refused.status_code == 422
    assert "只有采纳或部分采纳才改条文" in refused.get_data(as_text=True)
    assert words in refused.get_data(as_text=True), "what was typed stays"
    assert clerk.submit(group, {**told, "revised": words}).status_code == 303
    with app.app_context():
        answered = [p for p in points(closed) if p.group_id]
        assert [p.after for p in answered] == [words] * 10
        assert len({p.revision_id for p in answered}) == 1


def test_a_point_says_where_it_can_be_answered_with_others(app: House, desk: Desk, closed: str) -> None:
    """Nobody answers one by one what a hundred have written."""
    clerk = desk("shenlin")
    address = largest_set(app, clerk, closed)
    first = clerk.get(f"/desk/answering/{closed}").get_data(as_text=True)
    assert address in first
    assert "先看另外 9 条" in first
    clerk.submit(address, {"points": ticked_in(clerk.get(address).get_data(as_text=True)), "name": "再长些"})
    first = clerk.get(f"/desk/answering/{closed}").get_data(as_text=True)
    assert "和另外 9 条一起答" in first
    assert "归在「再长些」里" in first


def test_a_clerk_says_which_clause_a_point_is_about(app: House, desk: Desk, closed: str) -> None:
    clerk = desk("shenlin")
    with app.app_context():
        point = points(closed)[-1].public_id
        clause = matter(closed).draft.speakable[1]
        name, number = clause.public_id, clause.id
    where = f"/desk/answering/{closed}/{point}/arrange"
    page = clerk.get(f"/desk/answering/{closed}?p={point}").get_data(as_text=True)
    assert "其实说的是某一条" in page
    for wrong in ("", "nonsense"):
        told = clerk.submit(where, {"deed": "relate", "clause": wrong}, follow_redirects=True)
        assert "请从这份草案里选一条" in told.get_data(as_text=True)
    assert clerk.submit(where, {"deed": "relate", "clause": name}).status_code == 303
    with app.app_context():
        assert points(closed)[-1].clause_id == number
    page = clerk.get(f"/desk/answering/{closed}?p={point}").get_data(as_text=True)
    assert "说的是第二条" in page
    assert clerk.submit(f"/desk/answering/{closed}/undo", {}).status_code == 303
    with app.app_context():
        assert points(closed)[-1].clause_id is None


def test_only_the_same_demand_answered_otherwise_is_spoken_against(app: House, desk: Desk, closed: str) -> None:
    """About the whole draft many things are asked; a warning beside each of them would be read by nobody."""
    with app.app_context():
        numbers = [p.id for p in points(closed)]
        answer_each(numbers[:1], People()["shenlin"], "not_adopted", REASON, gist="停车时间延长到四小时")
        db.session.commit()
        other, same = points(closed)[11].public_id, points(closed)[1].public_id
    clerk = desk("shenlin")
    told = {"outcome": "adopted", "reason": REASON}
    where = f"/desk/answering/{closed}"
    page = clerk.submit(f"{where}/{other}/look", {**told, "gist": "活鸡离熟食远些"}).get_data(as_text=True)
    assert "答成了" not in page
    page = clerk.submit(f"{where}/{same}/look", {**told, "gist": "停车时间延长到四个小时"}).get_data(as_text=True)
    assert "同一诉求，第 0001 号答成了「未采纳」" in page
    turned = clerk.submit(f"{where}/{same}/look", {**told, "gist": "停车时间缩短到四小时"}).get_data(as_text=True)
    assert "答成了" not in turned


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (LETTER, "建议把停车时间延长到四个小时"),
        (AGAINST, "建议把停车时间缩短到一个小时"),
        ("西侧离住户不到三十米，夜里卸货太吵，请管一管。", "西侧离住户不到三十米，夜里卸货太吵，请管一管"),
        ("西侧离住户不到三十米，夜里卸货太吵，老人孩子都睡不好觉，请管一管。", "老人孩子都睡不好觉，请管一管"),
        ("活鸡宰杀的摊位离熟食太近。请领导重视，尽快答复。", "活鸡宰杀的摊位离熟食太近"),
        ("好。", "好"),
        ("谢谢！", "谢谢"),
        ("？", ""),
        ("一句很长的话" * 12, "一句很长的话" * 5),
    ],
)
def test_a_group_is_called_by_what_is_asked_for(said: str, asked: str) -> None:
    """A letter and the letter turned round begin alike; called alike they would be answered alike."""
    assert point_groups.clipped(said) == asked


def test_a_group_of_thousands_is_put_to_its_clause_without_paging(
    app: House, desk: Desk, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(point_groups, "SHOWN", 4)
    clerk, group = gathered(desk, closed)
    page = clerk.get(group).get_data(as_text=True)
    assert "没有列出来的 6 条也对过去" in page
    assert 'data-chosen data-left="6">4<' in page, "the button says how many it answers"
    with app.app_context():
        clause = matter(closed).draft.speakable[1]
        name, number = clause.public_id, clause.id
    told = {"deed": "relate", "points": ticked_in(page), "clause": name}
    assert "请先选上要对的话" in clerk.submit(group, {**told, "points": []}).get_data(as_text=True)
    assert clerk.submit(group, {**told, "all": "1"}).status_code == 303
    with app.app_context():
        assert {p.clause_id for p in points(closed) if p.group_id} == {number}


def test_what_was_approved_goes_back_until_the_release_with_all_that_were_answered_alike(
    app: House, desk: Desk, closed: str
) -> None:
    """The checks before the release lead to one of them; what is wrong with it is wrong with every other of its group."""
    with app.app_context():
        people, chosen = People(), [p.id for p in points(closed)]
        gather(matter(closed), people["shenlin"], "嫌短", chosen[:10])
        answer_each(chosen[:9], people["shenlin"], "not_adopted", REASON, gist="嫌短")
        answer_each(chosen[9:], people["shenlin"], "other", "另外答：已经转城市管理科办。", gist="嫌短")
        bulk.approve_each(chosen, people["xujing"])
        db.session.commit()
        first, alone = (points(closed)[n] for n in (0, 12))
        one, other = f"/desk/approval/{first.public_id}", f"/desk/approval/{alone.public_id}"
        version, its_version = str(first.version), str(alone.version)
    head = desk("xujing")
    page = head.get(one).get_data(as_text=True)
    assert "同意了。发布以前发现不对，写明原因退回" in page
    assert 'value="back"' in page
    assert 'value="approve"' not in page
    assert "这一组里同样答的 9 条一起退回" in page
    assert "一起退回" not in head.get(other).get_data(as_text=True)
    told = {"deed": "back", "same": "y", "version": version}
    silent = head.submit(one, told)
    assert silent.status_code == 422
    assert re.search(
        r'<input[^>]*checked[^>]*name="same"|<input[^>]*name="same"[^>]*checked', silent.get_data(as_text=True)
    ), "a tick stays"
    assert head.submit(one, {**told, "reason": "写明数了哪三天"}).status_code == 303
    assert head.submit(other, {"deed": "back", "version": its_version, "reason": "写明哪天答"}).status_code == 303
    with app.app_context():
        after = points(closed)
        assert [p.stage for p in after[:9]] == [PointStage.DRAFTED] * 9
        assert {p.returned_reason for p in after[:9]} == {"写明数了哪三天"}
        assert [p.stage for p in after[9:12]] == [PointStage.APPROVED] * 3
        assert after[12].stage == PointStage.DRAFTED
        name = after[0].group.public_id
    page = desk("shenlin").get(f"/desk/answering/{closed}/groups/{name}").get_data(as_text=True)
    assert "<b>退回 9 条：</b>写明数了哪三天" in page, "who answers again sees why beside all of them"
