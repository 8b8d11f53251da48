"""What a poll found, on paper: a Word document in official layout for the case, and a spreadsheet with every figure and its base."""

from collections.abc import Iterator, Sequence
from typing import IO

from models.kernel.clock import local, today
from models.kernel.installation import Installation
from models.polls.poll import QuestionKind, last_day
from models.polls.result import Finding, Part, Result
from server.papers.official import Paper, chinese_date
from server.papers.sheets import Book, Cell, Share


def how_it_was_asked(found: Result) -> str:
    """When, whom and how."""
    poll = found.poll
    days = " 至 ".join(dict.fromkeys(chinese_date(day) for day in (poll.opens_on, last_day(poll)))).replace(" ", "")
    words = f"{Installation.here().office_full_name}于{days}就「{poll.title}」开展民意调查，对象是{poll.whom}。"
    words += f"{poll.reach.label}。{poll.method}" if poll.method else f"{poll.reach.label}。"
    kept = "不记名，答案和答的人分开保存。" if poll.confidential else "记名。"
    return f"{words}{'' if words.endswith('。') else '。'}{kept}"


def limits(found: Result) -> list[str]:
    """What the figures do not say."""
    said = [found.poll.reach.says]
    if found.smallest:
        said.append(f"按村居、人群分开时，不足{found.smallest}人的合并在一起，免得看出是谁答的。")
    if found.turnout.void:
        said.append(f"另有{found.turnout.void}张纸质选票无效，没有计入。")
    return said


def as_docx(found: Result) -> bytes:
    """The document."""
    office, poll = Installation.here(), found.poll
    paper = Paper(f"民意调查结果报告：{poll.title}", office=office.office_full_name, demonstration=office.demonstration)
    paper.heading("一、调查情况")
    paper.say(how_it_was_asked(found))
    paper.say(f"{found.returned_words}。" + "".join(f"{c}{n}人。" for c, n in found.turnout.channels))
    paper.say("".join(limits(found)))
    paper.heading("二、结果")
    for finding in found.findings:
        question = finding.question
        paper.say(f"{question.position}. {question.text}（{question.kind.label}，{finding.whole.base}人答）")
        if finding.has_figures:
            paper.table([("选项", 96), ("人数", 30), ("占答这一题的", 30)], _figures(finding.whole))
            for split in finding.splits:
                paper.say("")
                heads = [(split.by[:12], 46.0), ("答了的", 20.0), ("占比最高的", 70.0), ("平均", 20.0)]
                paper.table(heads, [[_name(p), str(p.base), _most(p), p.mean_words or "—"] for p in split.parts])
        else:
            paper.say("回答的原话由工作人员整理，写在结果说明里，不逐条公布。")
    paper.heading("三、结果说明")
    paper.say(poll.report)
    day = local(poll.concluded_at).date() if poll.concluded_at else today()
    paper.sign(office.office_full_name, day)
    return paper.bytes()


def as_xlsx(found: Result, file: IO[bytes], *, words: bool = False) -> None:
    """The spreadsheet; what was written only for staff."""
    book, poll = Book(file), found.poll
    notes = [how_it_was_asked(found), f"{found.returned_words}。", *limits(found)]
    book.sheet(
        "结果",
        [("题号", 8), ("问题", 44), ("题型", 14), ("选项", 30), ("人数", 10), ("答这一题的", 12), ("占比", 10)],
        _lines(found),
        title=f"民意调查：{poll.title}",
        notes=notes,
    )
    book.sheet(
        "按村居和人群",
        [("题号", 8), ("问题", 44), ("按什么分", 18), ("哪一部分", 34), ("答这一题的", 12), ("选项", 30), ("人数", 10), ("占比", 10)],
        _split_lines(found),
        title=f"民意调查：{poll.title}",
        notes=limits(found),
    )  # fmt: skip
    book.sheet(
        "参加情况",
        [("村（社区）", 30), ("参加人数", 12), ("常住人口", 12), ("占比", 10)],
        [
            [name, number, people or "不知道", Share(number / people) if people else "—"]
            for name, number, people in found.turnout.villages
        ],
        title=f"民意调查：{poll.title}",
    )
    if words:
        book.sheet("写的话", [("题号", 8), ("问题", 44), ("原话", 90)], _words(found), title=f"民意调查：{poll.title}")
    book.close()


def _figures(part: Part) -> list[list[str]]:
    rows = [[row.label, str(row.number), row.share_words] for row in part.rows]
    return [*rows, ["平均", part.mean_words, ""]] if part.mean is not None else rows


def _name(part: Part) -> str:
    return f"{part.name}（{'、'.join(part.merged)}）" if part.merged else part.name


def _most(part: Part) -> str:
    best = max(part.rows, key=lambda row: row.number, default=None)
    return f"{best.label} {best.number}人，{best.share_words}" if best is not None and best.number else "—"


def _lines(found: Result) -> Iterator[Sequence[Cell | Share]]:
    for finding in found.findings:
        q = finding.question
        if q.kind == QuestionKind.TEXT:
            yield [q.position, q.text, q.kind.label, "（写的话）", finding.whole.base, finding.whole.base, ""]
        for row in finding.whole.rows:
            yield [q.position, q.text, q.kind.label, row.label, row.number, row.base, Share(row.share / 100)]
        if finding.whole.mean is not None:
            yield [q.position, q.text, q.kind.label, "平均", round(finding.whole.mean, 2), finding.whole.base, ""]


def _split_lines(found: Result) -> Iterator[Sequence[Cell | Share]]:
    for finding, split, part in _split(found):
        q = finding.question
        for row in part.rows:
            yield [
                q.position,
                q.text,
                split,
                _name(part),
                part.base,
                row.label,
                row.number,
                Share(row.share / 100),
            ]


def _split(found: Result) -> Iterator[tuple[Finding, str, Part]]:
    for finding in found.findings:
        for split in finding.splits:
            for part in split.parts:
                yield finding, split.by, part


def _words(found: Result) -> Iterator[Sequence[Cell | Share]]:
    for finding in found.findings:
        for said in finding.words:
            yield [finding.question.position, finding.question.text, said]
