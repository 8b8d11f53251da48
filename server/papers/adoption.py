"""The adoption report 采纳情况 on paper: a Word document in official layout, and a spreadsheet with every line."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import IO

from models.comments.point import Outcome
from models.comments.release import Release
from models.comments.report import TABLES, AdoptionReport, Line, Wording, all_wordings
from models.comments.report_line import count, reworded
from models.decisions.consultation import Channel
from models.kernel.clock import local
from models.kernel.installation import Installation
from server.papers.official import Paper, chinese_date
from server.papers.sheets import Book, Cell, Share

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_PRINTED = 3000
"""Lines of the Word document, some five hundred pages; a longer report has them all in the spreadsheet, and says so."""

MERGED = "内容和答复都相同的意见，以及诉求相同、答复相同的意见，各合并为一项，写明条数。"


def totals_sentence(report: AdoptionReport) -> str:
    """The whole report in a sentence: 共收到…人…份意见，归纳为…条。"""
    total = report.totals
    if not report.points:
        return "征求意见期间，未收到意见。"
    parts = "、".join(f"{report.said(outcome)}{number}条" for outcome, number in report.outcomes.items())
    return (
        f"征求意见期间，共收到{total['people']}人提出的意见{total['texts']}份，归纳为{report.points}条：{parts}，"
        f"合计{sum(report.outcomes.values())}条。{''.join(words + '。' for words in report.counted)}"
    )


def how_it_was_asked(report: AdoptionReport) -> str:
    """When, for how long and by which ways people could speak."""
    asked = report.consultation
    ways = "、".join(Channel(way).label for way in asked.channels)
    said = f"{chinese_date(asked.opens_on)}至{chinese_date(asked.closes_on)}（{report.days}天）"
    words = f"{Installation.here().office_full_name}于{said}就《{asked.title}》公开征求意见"
    return f"{words}（公告文号：{asked.number}）。" + (f"收集意见的渠道有：{ways}。" if ways else "")


def next_step(report: AdoptionReport) -> str:
    """What the office does with it."""
    if not report.points:
        return "本次征求意见未收到意见，草案按程序进入下一环节。"
    changed = report.outcomes[Outcome.ADOPTED] + report.outcomes[Outcome.PARTLY_ADOPTED]
    taken = f"对采纳和部分采纳的{changed}条，据此修改完善；" if changed else ""
    return f"{taken}其余各条已逐条说明理由。感谢社会各界对这项工作的关心和支持。"


def as_docx(report: AdoptionReport) -> bytes:
    """The document."""
    office = Installation.here()
    paper = Paper(
        report.title,
        office=office.office_full_name,
        number=report.release.number,
        demonstration=office.demonstration,
    )
    paper.heading("一、征求意见情况")
    paper.say(how_it_was_asked(report))
    paper.heading("二、意见采纳总体情况")
    paper.say(totals_sentence(report))
    for one in report.put_right:
        paper.say(f"{chinese_date(_day(one))}以{one.number}更正：{one.remark}以上数字已按更正后的结果计算。")
    if report.points:
        paper.table([("采纳情况", 66), ("条数", 45), ("占比", 45)], list(_overall(report)))
        for key, words in TABLES:
            rows = report.table(key)
            if rows:
                paper.say("")
                paper.table(
                    [(words.removeprefix("按"), 56), *((report.said(o), 20.0) for o in Outcome), ("合计", 20)],
                    [[row.name, *(str(row.outcomes[o]) for o in Outcome), str(row.total)] for row in rows],
                )
        paper.heading("三、逐条采纳情况")
        if count(report.consultation) > MOST_PRINTED:
            paper.say(f"逐条情况共{count(report.consultation)}项，全文见附表（与本件同时公布的电子表格）。")
        else:
            paper.say(
                MERGED + ("各种写法见附表（与本件同时公布的电子表格）。" if reworded(report.consultation) else "")
            )
            heads = [
                ("序号", 12.0),
                ("针对", 22.0),
                ("意见内容", 48.0),
                ("采纳情况", 18.0),
                ("理由", 44.0),
                ("条数", 12.0),
            ]
            paper.table(heads, (_printed(n, line, report) for n, line in enumerate(report.all_lines(), 1)))
    paper.heading("四、下一步工作" if report.points else "三、下一步工作")
    paper.say(next_step(report))
    paper.sign(office.office_full_name, report.released_on)
    return paper.bytes()


def as_xlsx(report: AdoptionReport, file: IO[bytes]) -> None:
    """The spreadsheet: the totals, and every line with its reason."""
    book = Book(file)
    notes = [how_it_was_asked(report), totals_sentence(report)]
    notes += [f"{chinese_date(_day(one))}以{one.number}更正：{one.remark}" for one in report.put_right]
    heads: Sequence[tuple[str, float]] = [
        ("分类", 14), ("名称", 30), *((report.said(o), 12.0) for o in Outcome), ("合计", 12), ("占比", 10),
    ]  # fmt: skip
    book.sheet("汇总", heads, _counted(report), title=report.title, notes=notes)
    book.sheet(
        "逐条采纳情况",
        [("序号", 8), ("意见编号", 22), ("针对", 20), ("意见内容", 48), ("原话（本人同意公开的）", 40), ("提出人", 10), ("渠道", 14),
         ("采纳情况", 12), ("理由类别", 20), ("理由和说明", 60), ("条文改为", 44), ("条数", 8), ("人数", 8), ("写法（种）", 10)],
        _rows(report),
        title=report.title,
        notes=[f"{report.release.number}，{chinese_date(report.released_on)}发布。{MERGED}"],
    )  # fmt: skip
    if reworded(report.consultation):
        book.sheet(
            "各种写法",
            [("序号", 8), ("意见编号", 22), ("意见内容", 48), ("原话（本人同意公开的）", 60), ("提出人", 10), ("渠道", 14), ("条数", 8)],
            _wordings(report),
            title=report.title,
            notes=["“逐条采纳情况”里合并了几种写法的各项，每种写法一行，序号是那张表里的序号；答复见那张表。"],
        )  # fmt: skip
    book.close()


def _day(release: Release) -> date:
    return local(release.released_at).date()


def _overall(report: AdoptionReport) -> Iterator[list[str]]:
    whole = report.points
    for outcome, number in report.outcomes.items():
        yield [report.said(outcome), str(number), f"{number / whole:.1%}"]
    yield ["合计", str(whole), "100%"]


def _printed(number: int, line: Line, report: AdoptionReport) -> list[str]:
    said = f"{line.gist}\n{_quoted(line)}" if line.words else line.gist
    answer = f"{line.answer}\n条文改为：{line.revised}" if line.revised else line.answer
    return [
        str(number),
        line.about,
        f"{said}\n（{line.serials}{line.of_many}）",
        report.said(line.outcome),
        answer,
        str(line.points),
    ]


def _counted(report: AdoptionReport) -> Iterator[list[Cell | Share]]:
    whole, total = report.points or 1, report.totals
    yield ["全部", "要点（条）", *report.outcomes.values(), report.points, Share(1.0 if report.points else 0.0)]
    for key, words in TABLES:
        for row in report.table(key):
            numbers = [row.outcomes[outcome] for outcome in Outcome]
            yield [words, row.name, *numbers, row.total, Share(row.total / whole)]
    blank: list[Cell] = [None] * len(Outcome)
    copied = total.get("copies", {"templates": 0, "texts": 0})
    for name, number in (
        ("人", total["people"]),
        ("份", total["texts"]),
        ("其中内容相同的（份）", copied["texts"]),
        ("内容相同的出自几个范本", copied["templates"]),
        ("其中在别人的底稿上改了几处的（份）", copied.get("edited", 0)),
        ("归并的要点（条）", total.get("groups", {}).get("points", 0)),
        ("归并成几组", total.get("groups", {}).get("groups", 0)),
        ("联名信另有签名（人）", total["signers"]),
        ("本人撤回，不计（份）", total["withdrawn"]),
    ):
        yield ["人和份", name, *blank, number, None]
    for name, people, texts in total["places"]:
        yield ["按村和社区", f"{name}（{people}人）", *blank, texts, None]


def _rows(report: AdoptionReport) -> Iterator[list[Cell]]:
    for number, line in enumerate(report.all_lines(), 1):
        yield [
            number,
            line.serials,
            line.about,
            line.gist,
            _quoted(line),
            line.kind,
            line.channel,
            report.said(line.outcome),
            line.sub_reason,
            line.answer,
            line.revised,
            line.points,
            line.people,
            line.wordings,
        ]


def _wordings(report: AdoptionReport) -> Iterator[list[Cell]]:
    for number, line in enumerate(report.all_lines(), 1):
        for one in all_wordings(line.id) if line.wordings > 1 else ():
            yield [number, one.serials, one.gist, _quoted(one), one.kind, one.channel, one.points]


def _quoted(said: Line | Wording) -> str:
    return f"{said.who or '居民'}：「{said.words}」" if said.words else ""
