"""A table as it comes out of Word or Excel when somebody copies and pastes it: cells between tabs, rows on lines, and their oddities."""

import csv
import io
import re
from collections.abc import Mapping, Sequence

_NUMBERING = re.compile(r"[（(]?(?:[0-9０-９]{1,3}|[一二三四五六七八九十]{1,3})[)）.．、]?")


def cells(pasted: str) -> list[list[str]]:
    """Rows of cells. Excel puts quotes around a cell with line ends in it; Word breaks such a cell over several lines."""
    text = pasted.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if '"' in text and text.count('"') % 2 == 0:
        rows = list(csv.reader(io.StringIO(text), delimiter="\t"))
    else:
        rows = [line.split("\t") for line in text.split("\n")]
    rows = [[_tidy(cell) for cell in row] for row in rows if any(cell.strip() for cell in row)]
    return _joined(rows) if rows else []


def _tidy(cell: str) -> str:
    return "\n".join(line for line in (" ".join(part.split()) for part in cell.split("\n")) if line)


def _joined(rows: list[list[str]]) -> list[list[str]]:
    """Rows that Word broke inside a cell, put together again: the first row says how many cells there are."""
    width = len(rows[0])
    if width < 2:
        return rows
    found: list[list[str]] = []
    for row in rows:
        short = bool(found) and len(found[-1]) < width and len(row) < width
        if short and len(found[-1]) + len(row) - 1 <= width:
            found[-1] = [*found[-1][:-1], "\n".join(filter(None, (found[-1][-1], row[0]))), *row[1:]]
        else:
            found.append(list(row))
    return [(row + [""] * width)[: max(width, len(row))] for row in found]


def columns(row: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[int, str] | None:
    """Which column is which, by its heading; None when this row is no heading, which takes two names that are known.

    `names` gives each column the words that its heading may contain; the first that fits wins.
    """
    found: dict[int, str] = {}
    for at, cell in enumerate(row):
        plain = re.sub(r"\s", "", cell)
        for name, words in names.items():
            if name not in found.values() and len(plain) <= 20 and any(word in plain for word in words):
                found[at] = name
                break
    return found if len(found) >= 2 else None


def is_numbering(cell: str) -> bool:
    """1, （二）, 三、: the number of a row and nothing else."""
    return _NUMBERING.fullmatch(cell.strip()) is not None
