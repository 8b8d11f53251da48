"""A draft on its way to being cut right: merge a piece upwards, or cut it at a sentence; not one character is lost."""

import re
from dataclasses import dataclass

from models.texts.clauses import Piece, cuts, regroup, split

_SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]*[”」』）)]*\n*")


@dataclass(frozen=True)
class Part:
    """A sentence of a piece, and the offset in the whole draft at which it begins."""

    at: int
    text: str


@dataclass(frozen=True)
class Cut:
    """One piece as it is shown for correction."""

    number: int
    at: int
    piece: Piece
    parts: tuple[Part, ...]
    """Its sentences, when it is open to be cut."""

    @property
    def css(self) -> str:
        """Headings stand out; deeper pieces are set in."""
        return "heading" if self.piece.kind in {"title", "chapter"} else "plain"


def begin(source: str) -> list[int]:
    """Where a draft is cut at first: as official papers are numbered."""
    return cuts(split(source))


def read(written: str | None) -> list[int]:
    """The offsets that a form carried; anything that is no number is left out."""
    return sorted({int(n) for n in re.findall(r"\d{1,7}", written or "")[:20_000]})


def write(starts: list[int]) -> str:
    """The offsets as a form carries them."""
    return ",".join(map(str, starts))


def merged(source: str, starts: list[int], at: int) -> list[int]:
    """The same without this beginning: the piece goes to the one before it."""
    return cuts(regroup(source, [n for n in starts if n != at]))


def divided(source: str, starts: list[int], at: int) -> list[int]:
    """The same with one beginning more."""
    return cuts(regroup(source, [*starts, at]))


def shown(source: str, starts: list[int], open_at: int | None = None) -> list[Cut]:
    """The pieces for the page; the one that is open comes in its sentences."""
    found, at = [], 0
    for number, piece in enumerate(regroup(source, starts)):
        found.append(Cut(number, at, piece, _parts(piece.text, at) if at == open_at else ()))
        at += len(piece.text)
    return found


def _parts(text: str, at: int) -> tuple[Part, ...]:
    parts: list[Part] = []
    for match in _SENTENCE.finditer(text):
        if not match.group():
            continue
        if parts and not parts[-1].text.strip():
            # The empty line before a sentence belongs to it.
            before = parts.pop()
            parts.append(Part(before.at, before.text + match.group()))
        else:
            parts.append(Part(at + match.start(), match.group()))
    return tuple(parts)
