"""How the law was carried into the villages, as spreadsheets: the loudspeakers' log."""

from collections.abc import Sequence
from typing import IO

from models.kernel.clock import local
from models.outreach.loudspeaker import Airing, Month
from server.papers.sheets import Book

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
