"""Which clause of a later text was which clause of an earlier one, though numbers moved and clauses came or went."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from models.texts.clauses import Labelled, body

Links = list[tuple[int, int]]
"""Pairs of places, rising on both sides."""
Row = tuple[int | None, int | None]

ALIKE = 0.4
"""The share of common pairs of characters from which two wordings are the same clause, reworded."""
_MOST = 250_000
"""Pairs that are compared one by one; longer stretches without anything equal are matched by their numbers alone."""
_NO_WORD = re.compile(r"[\W_]+")


def matched(before: Sequence[Labelled], after: Sequence[Labelled]) -> Links:
    """The clauses that stayed, each with its place before and after; whatever is not in it came or went.

    Clauses with the very same words are found first; between them those whose words are alike, and an article of the
    same number before another one.
    """
    old, new = [_words(piece) for piece in before], [_words(piece) for piece in after]
    links: Links = []
    at_old = at_new = 0
    for found in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        links += _between(before, after, old, new, (at_old, found.a), (at_new, found.b))
        links += [(found.a + n, found.b + n) for n in range(found.size)]
        at_old, at_new = found.a + found.size, found.b + found.size
    return links


def woven(before: int, after: int, links: Iterable[tuple[int, int]]) -> Iterator[Row]:
    """Every place of both texts in one order to read: what went stands where it stood."""
    at_old = at_new = 0
    for old, new in [*links, (before, after)]:
        yield from ((place, None) for place in range(at_old, old))
        yield from ((None, place) for place in range(at_new, new))
        if old < before and new < after:
            yield old, new
        at_old, at_new = old + 1, new + 1


def _words(piece: Labelled) -> str:
    """The clause without its number and without spaces: the number moves when another clause comes before it."""
    return "".join(body(piece).split())


def _between(
    before: Sequence[Labelled],
    after: Sequence[Labelled],
    old: Sequence[str],
    new: Sequence[str],
    olds: tuple[int, int],
    news: tuple[int, int],
) -> Links:
    """The best order-keeping pairs of two stretches that have no clause with the same words in common."""
    rows, columns = range(*olds), range(*news)
    if not rows or not columns:
        return []
    if len(rows) * len(columns) > _MOST:
        return _by_number(before, after, rows, columns)
    pairs = {place: _pairs(old[place]) for place in rows}, {place: _pairs(new[place]) for place in columns}
    best = [[0.0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    worth = [[0.0] * len(columns) for _ in rows]
    for r, a in enumerate(rows):
        for c, b in enumerate(columns):
            likeness = _likeness(pairs[0][a], pairs[1][b])
            same_number = bool(before[a].label) and before[a].label == after[b].label
            if likeness >= ALIKE or (same_number and likeness >= ALIKE / 2):
                worth[r][c] = likeness + (0.1 if same_number else 0.0)
            step = best[r][c] + worth[r][c] if worth[r][c] else 0.0
            best[r + 1][c + 1] = max(best[r][c + 1], best[r + 1][c], step)
    links: Links = []
    r, c = len(rows), len(columns)
    while r and c:
        if worth[r - 1][c - 1] and best[r][c] == best[r - 1][c - 1] + worth[r - 1][c - 1]:
            links.append((rows[r - 1], columns[c - 1]))
            r, c = r - 1, c - 1
        elif best[r][c] == best[r - 1][c]:
            r -= 1
        else:
            c -= 1
    return links[::-1]


def _by_number(before: Sequence[Labelled], after: Sequence[Labelled], rows: range, columns: range) -> Links:
    links: Links = []
    free = columns.start
    places = {after[b].label: b for b in reversed(columns) if after[b].label}
    for a in rows:
        b = places.get(before[a].label)
        if b is not None and b >= free:
            links.append((a, b))
            free = b + 1
    return links


def _pairs(words: str) -> frozenset[str]:
    bare = _NO_WORD.sub("", words) or words
    return frozenset(bare[n : n + 2] for n in range(max(1, len(bare) - 1)))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))
