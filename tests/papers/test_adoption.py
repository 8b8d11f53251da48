"""The adoption report on page, in Word and in Excel: the same counts everywhere, every point in it once, real ones with their real totals."""

import io
import re
from typing import Any

import pytest
from docx import Document
from sqlalchemy import bindparam, select, update

from models.comments.alike import AlikeSet, decide_alike, look, sets_of, suggest
from models.comments.amendment import Amendment
from models.comments.arrange import gather, take_out
from models.comments.comment import Comment
from models.comments.point import Outcome, Point, PointStage
from models.comments.release import Release, copies, unbalanced
from models.comments.report import TABLES, AdoptionReport, Unbalanced, all_wordings, wordings_of
from models.comments.report_line import ReportEntry, count
from models.decisions.consultation import Channel, Consultation
from models.kernel.base import db
from models.kernel.trail import SYSTEM
from models.people.resident import ResidentKind
from models.texts.xlsx import read_xlsx
from server.papers.adoption import as_docx, as_xlsx
from tests.conftest import SHARED, Clock, needs
from tests.crowds import come
from tests.making import a_comment, a_consultation, a_release, a_resident, points_of, read_all

REASON = "第二条已经写明每次不超过一小时，调查三天，够买一次菜。"


def answered(people: Any, clock: Clock, asked: Consultation, answers: list[tuple[str, str, str]]) -> None:
    """Each point in turn with outcome, gist and reason; approved by a second person, released together."""
    clock.forward(days=(asked.closes_on - asked.opens_on).days + 1 if asked.closes_on and asked.opens_on else 31)
    db.session.expire_all()
    points = points_of(asked, PointStage.OPEN)
    for point, (outcome, gist, reason) in zip(points, answers, strict=True):
        point.answer(people["shenlin"], outcome, reason, gist=gist)
        point.submit(people["shenlin"])
        point.approve(people["xujing"], may_show=True)
    db.session.flush()
    read_all(people)
    a_release(people, asked)
    db.session.expire_all()


def said(people: Any, clock: Clock) -> Consultation:
    """Seven texts of six people: two templates, one joint letter, one withdrawn, two clauses."""
    asked = a_consultation(people)
    clauses = asked.draft.speakable if asked.draft else []
    a_comment(asked, a_resident(1), "一个小时不够，请改成两小时！", clause=clauses[1])
    a_comment(asked, a_resident(2), "一个小时不够， 请改成两小时", clause=clauses[1], channel=Channel.H5)
    a_comment(
        asked,
        a_resident(3),
        "一个小时不够，请改成两小时。",
        clause=clauses[1],
        channel=Channel.PAPER,
        officer=people["shenlin"],
    )
    a_comment(asked, a_resident(4), "支持。", channel=Channel.H5, kind=ResidentKind.JOINT, signers=31)
    a_comment(asked, a_resident(5), "东侧划几个残疾人车位。", clause=clauses[1], show_text=True)
    a_comment(asked, a_resident(5), "夜里也要管。")
    gone = a_comment(asked, a_resident(6), "收回的话。").comment
    gone.withdraw(gone.resident)
    db.session.flush()
    same = ("not_adopted", "一小时太短，改成两小时", REASON)
    answered(
        people,
        clock,
        asked,
        [same, same, same, ("other", "支持", "没有提出修改要求，谢谢。"), ("adopted", "划残疾人车位", "第二条已增加两个残疾人车位。"),
         ("partly_adopted", "夜里也要管", "夜间部分采纳：22时前有人巡查，之后由派出所负责。")],
    )  # fmt: skip
    return asked


def spreadsheet(report: AdoptionReport) -> bytes:
    file = io.BytesIO()
    as_xlsx(report, file)
    return file.getvalue()


def words(document: bytes) -> str:
    opened = Document(io.BytesIO(document))
    parts = [p.text for p in opened.paragraphs]
    parts += [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return "\n".join(parts)


@pytest.mark.both_engines
def test_adopted_partly_not_and_other_are_all_points_by_channel_kind_and_clause(people: Any, clock: Clock) -> None:
    report = AdoptionReport.of(said(people, clock))
    assert list(report.outcomes.values()) == [1, 1, 3, 1]
    assert sum(report.outcomes.values()) == report.points == 6
    for key, _ in TABLES:
        rows = report.table(key)
        assert sum(row.total for row in rows) == 6, key
        assert [sum(row.outcomes[o] for row in rows) for o in Outcome] == [1, 1, 3, 1], key
    assert {row.name: row.total for row in report.table("by_clause")} == {"第二条": 4, "整个草案": 2}
    assert {row.name: row.total for row in report.table("by_kind")} == {"个人": 5, "联名": 1}
    assert {row.name: row.total for row in report.table("by_channel")}["网页"] == 2


@pytest.mark.both_engines
def test_people_texts_copies_and_points_are_counted_apart(people: Any, clock: Clock) -> None:
    report = AdoptionReport.of(said(people, clock))
    total = report.totals
    assert (total["people"], total["texts"], total["points"], total["withdrawn"], total["signers"]) == (5, 6, 6, 1, 30)
    assert total["copies"] == {"templates": 1, "texts": 3, "edited": 0}
    assert "内容相同的有3份，出自1个范本，每份都计数、都答复" in report.counted


@pytest.mark.both_engines
def test_an_edited_copy_counts_as_one_when_a_clerk_said_so_and_not_before(people: Any, clock: Clock) -> None:
    asked = a_consultation(people)
    letter = "菜场门口的临时停车位每次只准停一个小时实在太短，请街道改成两个小时，让老人买得完菜、看得完病。"
    edited = [
        letter.replace("老人", "大家"),
        letter.replace("实在太短", "太短了") + "谢谢！",
        letter.replace("菜场", "老菜场"),
    ]
    for n, text in enumerate((letter, letter, *edited, "夜里十点以后也要有人管一管噪声。")):
        a_comment(asked, a_resident(n), text)
    db.session.flush()

    def found() -> AlikeSet:
        suggest(asked, SYSTEM, look(asked.id))
        return sets_of(asked)[0]

    first = found()
    points = points_of(asked)
    assert copies(asked) == {"templates": 1, "texts": 2, "edited": 0}, "what is only suggested counts for nothing"
    group = decide_alike(asked, people["shenlin"], first, [p.id for p in points[1:4]], "停两小时")
    assert group is not None
    assert copies(asked)["edited"] == 2
    a_comment(asked, a_resident(7), letter.replace("每次", "一次"))
    db.session.flush()
    again = found()
    assert again.leader_id == first.leader_id
    assert copies(asked)["edited"] == 2, "a later look forgets nothing of what was decided"
    decide_alike(asked, people["shenlin"], again, [points_of(asked)[-1].id])
    assert copies(asked)["edited"] == 3
    take_out(group, people["shenlin"], [points[2].id])
    db.session.flush()
    assert copies(asked)["edited"] == 2, "out of the group, out of the count"
    answers = [("not_adopted", "停两小时", REASON)] * 5 + [("other", "夜里也要管", "噪声不在本规定之内，已转派出所。")]
    answered(people, clock, asked, [*answers, answers[0]])
    report = AdoptionReport.of(asked)
    assert "在别人的底稿上改了几处的有2份，每份都计数、都答复" in report.counted
    counted = [row.cells for row in read_xlsx(spreadsheet(report))]
    assert [cells[-2] for cells in counted if "其中在别人的底稿上改了几处的（份）" in cells] == ["2"]


@pytest.mark.both_engines
def test_points_that_staff_put_together_are_counted_as_points_and_as_groups(people: Any, clock: Clock) -> None:
    asked = a_consultation(people)
    for n in range(4):
        a_comment(asked, a_resident(n), f"第{n}个人嫌一小时太短。")
    points = points_of(asked)
    gather(asked, people["shenlin"], "嫌一小时太短", [p.id for p in points[:3]])
    db.session.flush()
    answered(people, clock, asked, [("not_adopted", "嫌一小时太短", REASON)] * 4)
    report = AdoptionReport.of(asked)
    assert report.totals["groups"] == {"groups": 1, "points": 3}
    assert "诉求相同的3条归并成1组，每条都计数" in report.counted
    assert report.points == sum(line.points for line in report.all_lines()) == 4


@pytest.mark.both_engines
def test_points_in_the_same_words_are_one_line_that_says_how_many(people: Any, clock: Clock) -> None:
    asked = said(people, clock)
    report = AdoptionReport.of(asked)
    lines = list(report.all_lines())
    assert [line.points for line in lines] == [3, 1, 1, 1]
    assert sum(line.points for line in lines) == report.points
    assert count(asked) == 4
    assert lines[0].serials == "0001、0002、0003号"
    assert lines[0].reason == REASON
    assert lines[2].words == "东侧划几个残疾人车位。"
    assert report.lines(clause_id=0)[0].gist == "支持"
    assert len(report.lines(after=lines[0].id)) == 3


def a_campaign(people: Any, clock: Clock) -> Consultation:
    """Nine points of one group in many words, of which seven got one answer; somebody in no group said the same to the letter."""
    asked = a_consultation(people)
    (_, clause, *_) = asked.draft.speakable if asked.draft else ()
    open_, kept = {"clause": clause, "show_text": True}, {"clause": clause}
    for who, text, how in (
        (1, "请改成两小时，孩子要吃饭。", open_),
        (2, "请改成两小时，老人走得慢。", open_),
        (3, "请改成两小时，老人走得慢。", open_),
        (4, "请改成两小时，我住十七号楼。", kept),
        (4, "请改成两小时，我住十七号楼三单元。", kept),
        (5, "请改成两小时，谢谢。", open_),
        (6, "请改成两小时，换一个理由。", open_),
        (7, "请改成两小时，不针对哪一条。", {"show_text": True}),
        (8, "请改成两小时，另一种大意。", kept),
        (9, "请改成两小时，老人走得慢。", open_),
    ):
        a_comment(asked, a_resident(who), text, **how)
    gather(asked, people["shenlin"], "改两小时", [p.id for p in points_of(asked)[:9]])
    db.session.flush()
    same = ("not_adopted", "一小时太短，改成两小时", REASON)
    answers = [same] * 6 + [("not_adopted", same[1], "换了理由：一小时够买一次菜。"), same]
    answered(people, clock, asked, [*answers, ("not_adopted", "希望停两小时", REASON), same])
    return asked


@pytest.mark.both_engines
def test_points_of_one_group_with_one_answer_are_one_line_however_they_are_worded(people: Any, clock: Clock) -> None:
    asked = a_campaign(people, clock)
    report = AdoptionReport.of(asked)
    lines = list(report.all_lines())
    assert [(line.points, line.people, line.wordings) for line in lines] == [(8, 7, 5), (1, 1, 1), (1, 1, 1)]
    assert sum(line.points for line in lines) == report.points == sum(report.outcomes.values()) == 10
    assert lines[1].reason.startswith("换了理由") and lines[2].about == "整个草案"
    (line, *_) = lines
    assert (line.gist, line.words) == ("一小时太短，改成两小时", ""), "the officer's words for what is kept back"
    worded = list(all_wordings(line.id))
    assert [(one.points, one.gist, one.words, one.serials) for one in worded] == [
        (2, line.gist, "", "0004、0005号"),
        (1, "希望停两小时", "", "0009号"),
        (3, line.gist, "请改成两小时，老人走得慢。", "0002、0003、0010号"),
        (1, line.gist, "请改成两小时，孩子要吃饭。", "0001号"),
        (1, line.gist, "请改成两小时，谢谢。", "0006号"),
    ]
    assert [one.id for one in wordings_of(line.id, after=worded[1].id, limit=2)] == [one.id for one in worded[2:4]]
    assert db.session.query(ReportEntry).count() == 10
    assert db.session.query(ReportEntry).filter(ReportEntry.line_id == line.id).count() == 8


@pytest.mark.both_engines
def test_of_many_wordings_nothing_is_lost_and_nothing_kept_back_is_printed(people: Any, clock: Clock) -> None:
    report = AdoptionReport.of(a_campaign(people, clock))
    paper, taken = words(as_docx(report)), spreadsheet(report)
    items, worded = (read_xlsx(taken, sheet=n)[3:] for n in (1, 2))
    assert "（0001、0002、0003、0004、0005、0006号等8条，另有4种写法）" in paper and "各种写法见附表" in paper
    assert [row.cells[11:14] for row in items] == [["8", "7", "5"], ["1", "1", "1"], ["1", "1", "1"]]
    assert [(row.cells[0], row.cells[6]) for row in worded] == [("1", n) for n in "21311"]
    assert [row.cells[3] for row in worded][2:] == [
        f"居民：「请改成两小时，{said}。」" for said in ("老人走得慢", "孩子要吃饭", "谢谢")
    ]
    for text in (paper, "".join("".join(row.cells) for row in [*items, *worded])):
        assert "十七号楼" not in text and "另一种大意" not in text


@pytest.mark.both_engines
def test_where_every_writer_lets_their_words_be_shown_what_most_of_them_say_heads_the_line(
    people: Any, clock: Clock
) -> None:
    asked = a_consultation(people)
    for who, text in enumerate(("改两小时吧。", "请改两小时。", "请改两小时。")):
        a_comment(asked, a_resident(who), text, show_text=True)
    gather(asked, people["shenlin"], "改两小时", [p.id for p in points_of(asked)])
    db.session.flush()
    answered(people, clock, asked, [("not_adopted", "改两小时", REASON)] * 3)
    (line,) = AdoptionReport.of(asked).all_lines()
    assert (line.words, line.points, line.wordings) == ("请改两小时。", 3, 2)


def test_a_page_of_more_merged_lines_than_sqlite_puts_together_names_the_serials_of_each(
    people: Any, clock: Clock
) -> None:
    asked = a_consultation(people)
    come(asked, ["一句。"] * 1202)
    numbers = list(db.session.scalars(select(Point.id).order_by(Point.id)))
    db.session.connection().execute(
        update(Point.__table__)  # type: ignore[arg-type]
        .where(Point.__table__.c.id == bindparam("point"))
        .values(
            stage=PointStage.APPROVED, outcome=Outcome.OTHER, reason=REASON, clause_id=None, gist=bindparam("words"),
            author_id=people["shenlin"].id, approver_id=people["xujing"].id,
        ),
        [{"point": number, "words": f"大意{at // 2}"} for at, number in enumerate(numbers)],
    )  # fmt: skip
    db.session.expire_all()
    clock.forward(days=31)
    a_release(people, asked)
    lines = AdoptionReport.of(asked).lines(limit=601)
    assert [line.serials for line in lines[:2]] == ["0001、0002号", "0003、0004号"]
    assert {len(line.serials.split("、")) for line in lines} == {2} and len(lines) == 601


@pytest.mark.both_engines
def test_a_correction_moves_every_table_and_stands_beneath_its_line(people: Any, clock: Clock) -> None:
    asked = said(people, clock)
    point = points_of(asked)[1]
    made = Amendment.correct(people["shenlin"], point, "adopted", "第二条改为两小时。", "原来漏看了北侧的数据。")
    made.approve(people["xujing"])
    made.release(people["zhoumin"])
    db.session.flush()
    report = AdoptionReport.of(asked)
    assert list(report.outcomes.values()) == [2, 1, 2, 1]
    for key, _ in TABLES:
        assert [sum(row.outcomes[o] for row in report.table(key)) for o in Outcome] == [2, 1, 2, 1], key
    assert Release.of(asked).totals["outcomes"]["adopted"] == 1  # type: ignore[union-attr]
    first = report.lines()[0]
    assert "更正（" in first.answer and "第二条改为两小时。（采纳；原来漏看了北侧的数据。）" in first.answer
    assert "原来漏看了北侧的数据。" in words(as_docx(report))


@pytest.mark.both_engines
def test_the_document_and_the_spreadsheet_say_what_the_page_says(people: Any, clock: Clock) -> None:
    report = AdoptionReport.of(said(people, clock))
    paper, table = words(as_docx(report)), read_xlsx(spreadsheet(report), sheet=1)
    sentence = "共收到5人提出的意见6份，归纳为6条：采纳1条、部分采纳1条、未采纳3条、其他1条，合计6条"
    assert sentence in paper
    assert sentence in "".join("".join(row.cells) for row in read_xlsx(spreadsheet(report)))
    for line in report.all_lines():
        assert line.gist in paper and line.reason in paper
    lines = table[3:]
    assert [row.cells[3] for row in lines] == [line.gist for line in report.all_lines()]
    assert [row.cells[9] for row in lines] == [line.reason for line in report.all_lines()]
    assert sum(int(row.cells[11]) for row in lines) == 6
    assert "联名信1份，除写信人外有30人签名" in paper


@pytest.mark.both_engines
def test_no_comment_at_all_makes_a_whole_report_too(people: Any, clock: Clock) -> None:
    asked = a_consultation(people)
    answered(people, clock, asked, [])
    report = AdoptionReport.of(asked)
    assert (report.points, sum(report.outcomes.values())) == (0, 0)
    paper = words(as_docx(report))
    assert "征求意见期间，未收到意见。" in paper and "三、下一步工作" in paper
    assert "未收到意见" in "".join("".join(row.cells) for row in read_xlsx(spreadsheet(report)))


def test_a_report_whose_parts_are_not_its_whole_is_not_shown(people: Any, clock: Clock, monkeypatch: Any) -> None:
    asked = said(people, clock)
    release = Release.of(asked)
    assert release is not None
    wrong = {**release.totals, "outcomes": {**release.totals["outcomes"], "adopted": 2}}
    assert unbalanced(wrong) and not unbalanced(release.totals)
    monkeypatch.setattr(
        Release, "of", classmethod(lambda cls, asked: type("R", (), {"totals": wrong, "number": "x"})())
    )
    monkeypatch.setattr(Release, "corrections", classmethod(lambda cls, asked: []))
    with pytest.raises(Unbalanced):
        AdoptionReport.of(asked)


def test_lines_cannot_be_changed(people: Any, clock: Clock) -> None:
    a_campaign(people, clock)
    for table in ("report_line", "report_wording", "report_entry"):
        with pytest.raises(Exception, match="insert-only"), db.session.begin_nested():
            db.session.execute(db.text(f"UPDATE {table} SET id = id + 1000"))


def test_a_report_of_many_lines_asks_no_more_often_than_one_of_few(people: Any, clock: Clock) -> None:
    asked = a_consultation(people)
    for n in range(60):
        a_comment(asked, a_resident(n), f"第{n}句话。")
    answered(people, clock, asked, [("adopted", f"大意{n % 40}", f"第二条已改，第{n % 40}处。") for n in range(60)])
    asks: list[str] = []
    listen = lambda *told: asks.append(told[2])  # noqa: E731
    report = AdoptionReport.of(asked)
    db.event.listen(db.engine, "before_cursor_execute", listen)
    try:
        few = (report.lines(limit=3), len(asks))[1]
        asks.clear()
        many = (report.lines(limit=50), len(asks))[1]
    finally:
        db.event.remove(db.engine, "before_cursor_execute", listen)
    assert few == many <= 4


# --- real reports, typed in -------------------------------------------------------------------------------------------

YES, NO, OTHER = "adopted", "not_adopted", "other"
REAL: dict[str, dict[str, Any]] = {
    "P01": {
        "days": 31,
        "says": ("收到3条", "采纳2条", "未采纳1条"),
        "answers": [
            (NO, "场地小、分区不清，建议换址", "按要求须设在服务大厅内，以便办事咨询；另建会让群众多跑路，违背设立初衷。"),
            (YES, "没有突出本乡特色产业，建议参照别区方案", "符合设计要求，且更能发挥功能，方案已调整。"),
            (YES, "结合综合窗口统一调整大厅空间", "符合设计要求，且更能发挥功能，方案已调整。"),
        ],
        "kinds": [ResidentKind.INDIVIDUAL, ResidentKind.ORGANISATION, ResidentKind.INDIVIDUAL],
        "totals": {"points": 3, "adopted": 2, "partly_adopted": 0, "not_adopted": 1, "other": 0},
    },
    "P04": {
        "days": 31,
        "says": ("0条",),
        "answers": [],
        "totals": {"points": 0, "adopted": 0, "partly_adopted": 0, "not_adopted": 0, "other": 0},
    },
    "P05": {
        "days": 7,
        "says": ("收到3条、采纳3条",),
        "answers": [(YES, f"停车位紧缺的办法（{n}）", "下一步利用辖区资源建停车位，并优化公交线路。") for n in (1, 2, 3)],
        "channels": [Channel.EMAIL, Channel.PHONE, Channel.PHONE],
        "totals": {"points": 3, "adopted": 3, "partly_adopted": 0, "not_adopted": 0, "other": 0},
    },
    "P08": {
        "days": 14,
        "says": ("1条", "采纳"),
        "answers": [(YES, "支持，完工后按时回迁", "已写入方案：工程完工后按时回迁树木。")],
        "totals": {"points": 1, "adopted": 1, "partly_adopted": 0, "not_adopted": 0, "other": 0},
    },
    "P09": {
        "days": 14,
        "says": ("1条", "采纳"),
        "answers": [(YES, "支持，盼早日开学", "方案按计划的日期实施，确保按时开学。")],
        "totals": {"points": 1, "adopted": 1, "partly_adopted": 0, "not_adopted": 0, "other": 0},
    },
    "P13": {
        "days": 31,
        "says": ("收到8条", "均为一般关注,无实质修改意见"),
        "answers": [(OTHER, "一般关注，没有实质修改意见", "没有提出修改要求，有关情况已经说明。")] * 8,
        "totals": {"points": 8, "adopted": 0, "partly_adopted": 0, "not_adopted": 0, "other": 8},
    },
}  # fmt: skip


@pytest.mark.parametrize("which", sorted(REAL))
def test_a_real_report_typed_in_has_its_real_totals(which: str, people: Any, clock: Clock) -> None:
    needs(SHARED / "real")
    (source,) = (SHARED / "real").glob(f"{which}-*.txt")
    published, typed = re.sub(r"\s", "", source.read_text(encoding="utf-8")), REAL[which]
    for phrase in typed["says"]:
        assert phrase in published, f"{source.name} does not say {phrase} any more"
    short = {} if typed["days"] >= 30 else {"short_reason": "按公布的期限。"}
    asked = a_consultation(people, window_days=typed["days"], **short)
    ways = typed.get("channels", [Channel.H5] * len(typed["answers"]))
    kinds = typed.get("kinds", [ResidentKind.INDIVIDUAL] * len(typed["answers"]))
    for n, ((_, gist, _), channel, kind) in enumerate(zip(typed["answers"], ways, kinds, strict=True)):
        named = "某村村民委员会" if kind == ResidentKind.ORGANISATION else ""
        by_hand = {"officer": people["shenlin"]} if channel in (Channel.PHONE, Channel.EMAIL) else {}
        a_comment(asked, a_resident(n), f"{gist}。", channel=channel, kind=kind, organisation=named, **by_hand)
    answered(people, clock, asked, typed["answers"])
    report = AdoptionReport.of(asked)
    assert {"points": report.points, **{o.value: n for o, n in report.outcomes.items()}} == typed["totals"]
    assert report.days == typed["days"]
    expected = typed["totals"]
    paper, sheet = words(as_docx(report)), read_xlsx(spreadsheet(report))
    if not report.points:
        assert "未收到意见" in paper
        return
    for text in (paper, "".join("".join(row.cells) for row in sheet)):
        assert f"归纳为{expected['points']}条" in text
        assert f"：采纳{expected['adopted']}条、" in text and f"、未采纳{expected['not_adopted']}条、" in text
    for _, gist, reason in typed["answers"]:
        assert gist in paper and reason in paper
    assert sum(line.points for line in report.all_lines()) == expected["points"]
    assert db.session.query(Point).count() == db.session.query(Comment).count() == expected["points"]
