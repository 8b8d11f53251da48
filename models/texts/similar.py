"""Which of many texts say the same: exact copies, edited copies of a template, and the same demand in other words.

Character bigrams need no dictionary. What is compared is found by an inverted index over the leaders alone, so that the work
grows with the texts and not with their pairs; a text is held against its leader, never against another member, so that a
chain of small steps cannot glue everything together.
"""

import enum
import re
from array import array
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from math import log, sqrt
from typing import NamedTuple

from models.texts.bigrams import normal

EDITED = 0.34
"""Weighted cosine from which one text is an edited copy of another."""
INSIDE = 0.72
"""The share of a template that stands in a longer text, from which the text is the template with something added."""
TOPIC = 0.13
"""Weighted cosine from which two texts may ask for the same in other words; a person decides."""
SHORT = 8
"""A template of fewer bigrams than this stands inside too many texts by chance."""
_FOREIGN = 0.15
"""A sentence of which a smaller share stands in the leader speaks of something else."""
_POLITE = 14
_PLEASE = re.compile("重视|尽快|答复|回复|感谢|谢谢|拜托|辛苦")
"""A short sentence with one of these is how a letter ends."""
_ENDS = re.compile(r"[。；！？;!?\n]+")
_RARE = 1 / 500
"""A word in fewer texts than this share is not rarer than rare: weights do not depend on how many texts there are."""
_ALONE = 0.25
"""How much a word counts that nobody else says."""
_LOOKED_UP = 20
_COMMON = 160
_HELD_AGAINST = 12


class Kind(enum.StrEnum):
    """How much alike."""

    COPY = "copy"
    EDITED = "edited"
    TOPIC = "topic"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {"copy": "一字不差的抄本", "edited": "改过的抄本", "topic": "自己的话"}[self.value]


class Alike(NamedTuple):
    """A text and the leader that it is like; both are places in what was given."""

    text: int
    leader: int
    kind: Kind
    score: int
    """In hundredths."""


OPPOSITES = (
    ("提前", "推迟"), ("提早", "推迟"), ("提前", "延后"), ("增加", "减少"), ("多留", "少留"), ("延长", "缩短"), ("支持", "反对"),
    ("赞成", "反对"), ("保留", "取消"), ("保留", "拆除"), ("允许", "禁止"), ("提高", "降低"), ("放宽", "收紧"), ("扩大", "缩小"),
    ("开放", "关闭"), ("免费", "收费"), ("太长", "太短"), ("太多", "太少"), ("太早", "太晚"), ("太宽", "太窄"), ("太严", "太松"),
    ("同意", "不同意"), ("应该", "不应该"), ("应当", "不应当"), ("需要", "不需要"), ("可以", "不可以"), ("要收", "不要收"), ("赞成", "不赞成"),
    ("支持", "不支持"), ("合理", "不合理"), ("够用", "不够"), ("建", "不要建"), ("装", "不要装"), ("收费", "不收费"),
)  # fmt: skip
"""Words that turn a demand round."""
_EITHER = [(one, other) for one, other in OPPOSITES] + [(other, one) for one, other in OPPOSITES]


def opposed(one: str, other: str) -> bool:
    """Whether one of two texts asks for what the other asks against: 提前 here, 推迟 there."""
    return any(
        _asks(one, here, there)
        and _asks(other, there, here)
        and not _asks(one, there, here)
        and not _asks(other, here, there)
        for here, there in _EITHER
    )


def _asks(text: str, word: str, against: str) -> bool:
    """Whether it says this word, not merely as a part of the opposite: 同意 within 不同意."""
    return word in (text.replace(against, "") if word in against else text)


def beyond(leader: str, text: str) -> str:
    """What a text says besides what its leader says: whole sentences that share next to nothing with it; a text of which no sentence does is
    another way of saying all of it, or nothing of it, and who looks sees that."""
    words = _pairs(normal(leader))
    parts = [(part.strip(), normal(part)) for part in _ENDS.split(text)]
    parts = [(part, shadow) for part, shadow in parts if shadow]
    foreign = [len(words & (said := _pairs(shadow))) < _FOREIGN * len(said) for _, shadow in parts]
    if all(foreign):
        return ""
    return "；".join(
        part
        for (part, shadow), other in zip(parts, foreign, strict=True)
        if other and len(shadow) >= SHORT and not (len(shadow) <= _POLITE and _PLEASE.search(shadow))
    )


def _pairs(shadow: str) -> set[str]:
    return {shadow[n : n + 2] for n in range(max(1, len(shadow) - 1))}


class _Index:
    """Leaders by their words; a word that too many leaders have says nothing and is let go."""

    def __init__(self, size: int) -> None:
        self.postings: list[array[int] | None] = [None] * size
        self.common = bytearray(size)

    def near(self, words: Iterable[int]) -> list[int]:
        """Leaders that share the rarest words, those that share most of them first."""
        postings, common = self.postings, self.common
        found = [p for w in words if not common[w] and (p := postings[w]) is not None]
        if not found:
            return []
        found.sort(key=len)
        shared: Counter[int] = Counter()
        for posting in found[:_LOOKED_UP]:
            shared.update(posting)
        if len(shared) <= _HELD_AGAINST:
            return list(shared)
        return [leader for leader, _ in shared.most_common(_HELD_AGAINST)]

    def add(self, leader: int, words: Iterable[int]) -> None:
        """One leader more."""
        for word in words:
            posting = self.postings[word]
            if posting is None:
                self.postings[word] = array("l", (leader,))
            elif not self.common[word]:
                posting.append(leader)
                if len(posting) > _COMMON:
                    self.common[word] = 1
                    self.postings[word] = array("l")


def alike(texts: Iterable[str], about: Sequence[Hashable] | None = None) -> list[Alike]:
    """Everything that is like something before it, in the order given; `about` keeps own words on different clauses apart (None or 0 is
    the whole draft, and goes with any); it is read when the last text has come.

    A text without words is like nothing. The first text of its kind is the leader.
    """
    found: list[Alike] = []
    first: dict[str, int] = {}
    known: dict[str, int] = {}
    places = array("l")
    bags: list[tuple[int, ...]] = []
    shadows: list[str] = []
    spread = array("l")
    copies: Counter[int] = Counter()
    for place, text in enumerate(texts):
        shadow = normal(text)
        if not shadow:
            continue
        leader = first.setdefault(shadow, place)
        if leader != place:
            found.append(Alike(place, leader, Kind.COPY, 100))
            copies[leader] += 1
            continue
        # A tuple takes a sixth of a set's room, and there are as many as different texts.
        bag = tuple({known.setdefault(shadow[n : n + 2], len(known)) for n in range(max(1, len(shadow) - 1))})
        spread.extend([0] * (len(known) - len(spread)))
        for word in bag:
            spread[word] += 1
        places.append(place)
        bags.append(bag)
        shadows.append(shadow)
    total = len(bags)
    weigh = [log(1 + 1 / max(n / total, _RARE)) * (1 if n > 1 else _ALONE) for n in spread]
    sizes = [sqrt(sum(map(weigh.__getitem__, bag))) for bag in bags]
    # Whoever was copied most leads: a template is the leader of its edited copies, not one of them of it.
    order = sorted(range(total), key=lambda n: (-copies[places[n]], n))
    leaders, edited = _edited(order, bags, shadows, weigh, sizes, places)
    found += edited
    found += _topics(leaders, bags, shadows, weigh, sizes, places, about)
    found.sort()
    return found


def _edited(
    order: Sequence[int],
    bags: Sequence[tuple[int, ...]],
    shadows: Sequence[str],
    weigh: Sequence[float],
    sizes: Sequence[float],
    places: Sequence[int],
) -> tuple[list[int], list[Alike]]:
    index, leaders, found = _Index(len(weigh)), [], []
    weight = weigh.__getitem__
    for n in order:
        bag, size, best, nearest = frozenset(bags[n]), sizes[n], 0.0, -1
        for leader in index.near(bag):
            other = bags[leader]
            common = sum(map(weight, bag.intersection(other)))
            score = common / (size * sizes[leader])
            if score < EDITED and len(other) >= SHORT:
                inside = common / (sizes[leader] * sizes[leader])
                score = max(score, EDITED) if inside >= INSIDE else score
            if score > best:
                best, nearest = score, leader
        if best >= EDITED and not opposed(shadows[n], shadows[nearest]):
            found.append(Alike(places[n], places[nearest], Kind.EDITED, min(99, round(100 * best))))
        else:
            leaders.append(n)
            index.add(n, bag)
    return leaders, found


def _topics(
    leaders: Sequence[int],
    bags: Sequence[tuple[int, ...]],
    shadows: Sequence[str],
    weigh: Sequence[float],
    sizes: Sequence[float],
    places: Sequence[int],
    about: Sequence[Hashable] | None,
) -> list[Alike]:
    index, found = _Index(len(weigh)), []
    weight = weigh.__getitem__
    for n in leaders:
        bag, size, best, nearest = frozenset(bags[n]), sizes[n], 0.0, -1
        for leader in index.near(bag):
            if about is not None and all(pair := {about[places[leader]], about[places[n]]}) and len(pair) > 1:
                continue
            score = sum(map(weight, bag.intersection(bags[leader]))) / (size * sizes[leader])
            if score > best and not opposed(shadows[n], shadows[leader]):
                best, nearest = score, leader
        if best >= TOPIC:
            found.append(Alike(places[n], places[nearest], Kind.TOPIC, min(98, round(100 * best))))
        else:
            index.add(n, bag)
    return found
