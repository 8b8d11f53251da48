"""A village's volume of counsel's services (一村一卷) as a spreadsheet, to be printed and filed."""

from collections.abc import Sequence
from typing import IO

from models.questions.stint import Stint
from server.papers.sheets import Book

HEADS = [("日期", 14), ("村、社区", 16), ("法律顾问", 12), ("做了什么", 14), ("分钟", 8), ("内容", 50), ("结果", 40)]


def volume_book(title: str, entries: Sequence[Stint], file: IO[bytes]) -> None:
    """An entry a row; nobody is named in any of them."""
    book = Book(file)
    book.sheet(
        "台账",
        HEADS,
        (
            (
                s.held_on,
                s.place.name if s.place else "全街道",
                s.counsel.name,
                s.kind.label,
                s.minutes,
                s.gist,
                s.result,
            )
            for s in entries
        ),
        title=title,
        notes=[f"共{len(entries)}次，{sum(s.minutes for s in entries) / 60:.1f}小时。一事一记，不写当事人。"],
    )
    book.close()
