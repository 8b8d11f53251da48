"""How the law was carried into the villages, as spreadsheets and letters: the loudspeakers' log, visits, the farmers' mailbox."""

from collections.abc import Sequence
from typing import IO

from models.kernel.clock import local, today
from models.outreach.letter import Letter
from models.outreach.loudspeaker import Airing, Month
from models.outreach.visit import Reached, Visit
from server.papers.official import Paper
from server.papers.sheets import Book, Cell

VILLAGE_HEADS = [("村、社区", 20), ("播了", 10), ("没播", 10), ("没有登记", 12)]
AIRING_HEADS = [
    ("该播的时间", 20),
    ("村、社区", 16),
    ("广播稿", 40),
    ("结果", 12),
    ("播的时间", 20),
    ("没播的原因", 24),
    ("谁登记的", 12),
]


def airing_book(title: str, months: Sequence[Month], airings: Sequence[Airing], file: IO[bytes]) -> None:
    """A sheet by village, and a sheet with an airing a row."""
    book = Book(file)
    book.sheet(
        "各村",
        VILLAGE_HEADS,
        ((one.place.name, one.played, one.missed, one.unlogged) for one in months),
        title=title,
        notes=[f"共播{sum(one.played for one in months)}次。播了没播由村居干部、网格员登记；改过的以最后一次为准。"],
    )
    book.sheet("逐次", AIRING_HEADS, map(_airing, airings), title=title)
    book.close()


def _airing(one: Airing) -> list[str]:
    said = one.logged
    return [
        f"{local(one.due_at):%Y-%m-%d %H:%M}",
        one.place.name,
        one.script.title,
        one.state,
        f"{local(said.played_at):%Y-%m-%d %H:%M}" if said and said.played_at else "",
        said.reason if said else "",
        said.officer.name if said else "",
    ]


REACHED_HEADS = [("村、社区", 20), ("次数", 8), ("宣传车", 8), ("户", 8), ("人", 8), ("份", 8), ("问法律", 8)]
VISIT_HEADS = [
    ("日期", 14), ("哪里", 20), ("怎么去的", 12), ("户", 8), ("人", 8), ("份", 8), ("问法律", 8), ("讲了什么", 24), ("文章", 30),
    ("备注", 36), ("谁登记的", 12),
]  # fmt: skip


def visit_book(title: str, reached: Sequence[Reached], visits: Sequence[Visit], file: IO[bytes]) -> None:
    """A sheet by village, and a sheet with a visit a row; nobody who was visited is named."""
    book = Book(file)
    book.sheet(
        "各村",
        REACHED_HEADS,
        ((one.place.name, one.times, one.vans, one.households, one.people, one.leaflets, one.asked) for one in reached),
        title=title,
        notes=[f"共{len(visits)}次，{sum(one.people for one in visits)}人次。更正和作废的不计；不记去了谁家。"],
    )
    book.sheet("逐次", VISIT_HEADS, map(_visit, visits), title=title)
    book.close()


def _visit(one: Visit) -> list[Cell]:
    return [
        one.visited_on,
        one.where,
        one.kind.label,
        one.households,
        one.people,
        one.leaflets,
        one.asked,
        "、".join(one.topics),
        "；".join(one.articles),
        one.gist,
        one.officer.name,
    ]


def letter_paper(letter: Letter, *, demonstration: bool) -> bytes:
    """A letter for the farmers' mailbox as a Word document: title, text, who signs, to whom."""
    paper = Paper(letter.title, office=letter.sender, demonstration=demonstration)
    paper.say(letter.text)
    paper.sign(letter.sender, today())
    paper.say("、".join(place.name for place in letter.places), "发给")
    return paper.bytes()
