"""What changed between two versions of a list: what came in, what went out, and word by word what reads otherwise now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from models.texts.diff import Change, changed, changes

SHORT = 16
"""Characters: a date or a name is crossed out whole, not digit by digit."""


@dataclass(frozen=True)
class Line:
    """One entry as it reads: the name that stays with it over all versions, its title, and its parts by their labels."""

    key: str
    title: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Difference:
    """What became of one entry; `parts` only for one that changed: label and marked words of each part that did."""

    what: Literal["added", "removed", "changed"]
    line: Line
    parts: tuple[tuple[str, tuple[Change, ...]], ...] = ()

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"added": "新增", "removed": "调出", "changed": "修改"}[self.what]


def differences(before: Sequence[Line], after: Sequence[Line]) -> list[Difference]:
    """In the order of the later list; what went out stands at the end, in its old order."""
    old = {line.key: line for line in before}
    found: list[Difference] = []
    for line in after:
        earlier = old.pop(line.key, None)
        if earlier is None:
            found.append(Difference("added", line))
        elif parts := tuple(_parts(earlier, line)):
            found.append(Difference("changed", line, parts))
    return found + [Difference("removed", line) for line in old.values()]


def _parts(before: Line, after: Line) -> Iterator[tuple[str, tuple[Change, ...]]]:
    old = dict(before.parts)
    for label, words in after.parts:
        was = old.get(label, "")
        if changed(was, words):
            short = max(len(was), len(words)) <= SHORT
            whole: list[Change] = [(op, text) for op, text in (("gone", was), ("new", words)) if text]  # type: ignore[misc]
            yield label, tuple(whole if short else changes(was, words))
