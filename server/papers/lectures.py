"""A year of lectures as a spreadsheet: village by village, and every lecture with its three ways of counting."""

from collections.abc import Iterator, Sequence
from typing import IO

from models.kernel.clock import local
from models.outreach.lecture_year import Line, Year
from server.papers.sheets import Book, Cell, Share

NOTES = (
    "到场人数由工作人员在现场数；签到人数是扫码、输签到码和工作人员勾的，同一个人一场只算一次。两个数不一定相同。",
    "到场人次是各场相加，来过两场的算两次；不同的人只算签到过的。",
)


def as_xlsx(found: Year, file: IO[bytes]) -> None:
    """Two sheets."""
    book = Book(file)
    book.sheet(
        "按村（社区）",
        [("村（社区）", 22), ("办了几场", 10), ("没登记人数的", 12), ("取消", 8), ("几个地方", 10), ("报名人次", 10), ("签到人次", 10), ("到场人次", 10), ("不同的人", 10)],
        [_line(one) for one in [*found.lines, found.whole]],
        title=f"{found.year}年新时代文明讲堂",
        notes=NOTES,
    )  # fmt: skip
    book.sheet(
        "每一场",
        [("哪天", 16), ("村（社区）", 22), ("在哪里", 26), ("讲什么", 36), ("主讲", 18), ("情况", 12), ("报名", 8), ("签到", 8), ("到场", 8), ("说明", 30)],
        _lectures(found),
        title=f"{found.year}年新时代文明讲堂",
        notes=NOTES,
    )  # fmt: skip
    book.close()


def _line(one: Line) -> Sequence[Cell | Share]:
    return [one.name, one.held, one.uncounted, one.cancelled, one.venues, one.signed, one.came, one.heads, one.people]


def _lectures(found: Year) -> Iterator[Sequence[Cell | Share]]:
    for one in found.lectures:
        counted = found.turnouts[one.id]
        heads: Cell = "没有登记" if one.heads is None else one.heads
        yield [
            local(one.starts_at).date(),
            one.where,
            one.venue,
            one.title,
            one.speaker,
            one.state_words,
            counted.signed,
            counted.came,
            heads,
            one.cancelled_reason or one.heads_words,
        ]
