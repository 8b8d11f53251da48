"""What somebody looks for, out of what they typed: the words without the asking around them, and where they stand in a text."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from models.texts.bigrams import normal

_ASKING = re.compile(
    "请问一下|请问|请教|想问一下|想问|我想知道|想知道|咨询一下|帮我|查一下|搜一下|有没有|是不是|能不能|可不可以|可以吗|"
    "怎么办理|怎么办|怎么样|怎么|怎样|如何|为什么|是什么|什么|多少钱|多少|哪里|哪儿|哪个|哪些|谁|吗|呢|呀|啊|吧|了吗|关于|有关"
)
"""What asking sounds like; it is left out where something else remains."""
BEFORE = 18
"""Characters shown before the first hit."""
LENGTH = 96


class Piece(NamedTuple):
    """A part of an excerpt, and whether it is what was looked for."""

    text: str
    hit: bool


def asked_for(query: str) -> list[str]:
    """The words as matching sees them, each of two characters at least, none inside another."""
    words = _words(_ASKING.sub(" ", query)) or _words(query)
    return [word for word in words if not any(word != other and word in other for other in words)]


def _words(query: str) -> list[str]:
    parts = (normal(part) for part in re.split(r"[^\w]+", query))
    return list(dict.fromkeys(part for part in parts if len(part) > 1))


def excerpt(text: str, terms: Sequence[str], length: int = LENGTH) -> list[Piece]:
    """The part of a text where most of what was looked for stands together, with the hits marked."""
    shadow, places = _shadow_of(text)
    runs = _runs(shadow, terms)
    if not runs:
        return [Piece(_cut(text, 0, length), hit=False)] if text else []
    longest = max(runs, key=lambda run: (run[1] - run[0], -run[0]))
    start = max(0, places[longest[0]] - BEFORE)
    end = min(len(text), start + length)
    pieces, at = [], start
    for begin, stop in runs:
        first, last = places[begin], places[stop - 1] + 1
        if first >= start and last <= end:
            pieces += [Piece(text[at:first], hit=False), Piece(text[first:last], hit=True)]
            at = last
    pieces.append(Piece(text[at:end], hit=False))
    lined = [Piece(" ".join(piece.text.split("\n")), piece.hit) for piece in pieces if piece.text]
    if start:
        lined.insert(0, Piece("……", hit=False))
    if end < len(text):
        lined.append(Piece("……", hit=False))
    return lined


def marked(text: str, terms: Sequence[str]) -> list[Piece]:
    """A short text whole, with the hits marked."""
    shadow, places = _shadow_of(text)
    pieces, at = [], 0
    for begin, stop in _runs(shadow, terms):
        first, last = places[begin], places[stop - 1] + 1
        pieces += [Piece(text[at:first], hit=False), Piece(text[first:last], hit=True)]
        at = last
    pieces.append(Piece(text[at:], hit=False))
    return [piece for piece in pieces if piece.text]


def _cut(text: str, start: int, length: int) -> str:
    line = " ".join(text[start : start + length].split("\n"))
    return line + ("……" if start + length < len(text) else "")


def _shadow_of(text: str) -> tuple[str, list[int]]:
    """The shadow, and for each of its characters where it stands in the text."""
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for one in _folded(char):
            chars.append(one)
            places.append(place)
    return "".join(chars), places


_folded = lru_cache(maxsize=8192)(normal)


def _runs(shadow: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Where parts of the terms stand, each as long as it can be, two characters at least."""
    parts = {term[a:b] for term in terms for a in range(len(term)) for b in range(a + 2, len(term) + 1)}
    most = max(map(len, terms), default=0)
    runs, at = [], 0
    while at < len(shadow) - 1:
        if shadow[at : at + 2] not in parts:
            at += 1
            continue
        stop = at + 2
        while stop < len(shadow) and stop - at < most and shadow[at : stop + 1] in parts:
            stop += 1
        runs.append((at, stop))
        at = stop
    return runs
