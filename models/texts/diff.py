"""What changed between two wordings of a clause, shown as a careful clerk would mark it: words crossed out, words added."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Literal

from models.texts.numerals import CHARACTERS

Op = Literal["same", "gone", "new"]
Change = tuple[Op, str]

# A number with its decimals and a Latin word are one word, and so is a numeral in characters with its measure word: 一盏 becomes
# 两盏, and nobody has to find the line through a lone 一. Every other character stands for itself.
_MEASURE = (
    "个工作日|工作日|个月|小时|分钟|平方米|平方公里|立方米|公里|公斤|公顷|厘米|毫米|"
    "[个盏条日天年月周时点分秒人户名位份次遍项款件元角米里亩块间处座栋幢层楼张把台辆部套只头棵株根支桶袋箱车吨斤克升度倍成章节号级等类种期批组]"
)
_WORD = re.compile(
    r"[0-9０-９]+(?:[.,．，][0-9０-９]+)*[%％‰]?|[A-Za-zＡ-Ｚａ-ｚÀ-ɏ]+|"
    rf"[{CHARACTERS}万亿]+(?:{_MEASURE})?|.",
    re.S,
)
_LINE = re.compile(r"[^\n]+\n*|\n+")  # blank lines go with the line above: as lines of their own they are all alike
_BARE = re.compile(r"([\W_]*)(.*?)([\W_]*)", re.S)
_SENTENCE = re.compile(r"[^。；！？，\n]*[。；！？，\n]+|[^。；！？，\n]+")

# How many pairs of equal words a comparison may have to look at; a text that repeats itself endlessly is compared coarsely.
_MOST_PAIRS = 200_000
_ISLAND = 2


def changes(before: str, after: str) -> list[Change]:
    """The later wording against the earlier: `same` and `gone` joined are the earlier, `same` and `new` the later."""
    return _tidy(_compared(before, after, (_LINE, _SENTENCE, _WORD)))


def carried(spans: Sequence[tuple[int, int]], before: str, after: str) -> list[tuple[int, int]]:
    """Where marked words of the earlier wording stand in the later one; a mark that cuts into changed words takes all that stand there now."""
    steps, old, new = [], 0, 0  # (from, to, from, to): a stretch of the earlier wording, and what stands in its place
    for op, words in changes(before, after):
        if op == "same":
            steps.append((old, old + len(words), new, new + len(words), True))
            old, new = old + len(words), new + len(words)
        elif op == "gone":
            steps.append((old, old + len(words), new, new, False))
            old += len(words)
        elif steps and not steps[-1][4] and steps[-1][1] == old:
            start, end, at, _, _ = steps[-1]
            steps[-1] = (start, end, at, new + len(words), False)
            new += len(words)
        else:
            steps.append((old, old, new, new + len(words), False))
            new += len(words)

    def there(at: int, *, ends: bool) -> int:
        if at >= len(before):
            return len(after)
        if at <= 0 and not ends:
            return 0  # words put before the first are of the first mark
        for start, end, first, last, same in steps:
            if start <= at < end:
                return first + at - start if same else last if ends and at > start else first
        return len(after)

    return [(there(begins, ends=False), there(finishes, ends=True)) for begins, finishes in spans]


def changed(before: str, after: str) -> bool:
    """Whether the words differ; spaces and blank lines are not words."""
    return "".join(before.split()) != "".join(after.split())


def in_words(marked: Sequence[Change]) -> list[Change]:
    """The same marks without those on spaces and punctuation: whoever looks for what is meant looks at words."""
    found: list[Change] = []
    for op, text in marked:
        ahead, words, behind = ("", text, "") if op == "same" else _BARE.fullmatch(text).groups()  # type: ignore[union-attr]
        found += [("same", ahead)] if ahead and op == "new" else []
        found += [(op, words)] if words else []
        found += [("same", behind)] if behind and op == "new" else []
    return found


def _compared(before: str, after: str, units: Sequence[re.Pattern[str]]) -> list[Change]:
    """By lines; within lines that differ by sentences; within sentences that differ by words."""
    if before == after:
        return [("same", before)]
    if not before or not after or not units:
        return [("gone", before), ("new", after)]
    old, new = units[0].findall(before), units[0].findall(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    found: list[Change] = [("same", "".join(old[:head]))]
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    counts = Counter(middle_new)
    if sum(counts[word] for word in middle_old) > _MOST_PAIRS:
        found += [("gone", "".join(middle_old)), ("new", "".join(middle_new))]
    else:
        for tag, a, b, c, d in SequenceMatcher(None, middle_old, middle_new, autojunk=False).get_opcodes():
            gone, made = "".join(middle_old[a:b]), "".join(middle_new[c:d])
            found += [("same", gone)] if tag == "equal" else _compared(gone, made, units[1:])
    return [*found, ("same", "".join(old[len(old) - tail :]))]


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _tidy(found: list[Change]) -> list[Change]:
    """Tiny islands of sameness between two changes join them: nobody reads a sentence of single letters crossed out."""
    # Each row is a change and the stretch that stays the same after it; the first row may be only the latter.
    rows: list[list[str]] = [["", "", ""]]
    for op, text in found:
        if not text:
            continue
        if op != "same" and rows[-1][2]:
            rows.append(["", "", ""])
        rows[-1][("gone", "new", "same").index(op)] += text
    kept: list[list[str]] = []
    for row in rows:
        if kept and _island(kept[-1], row):
            gone, new, same = kept[-1]
            kept[-1] = [gone + same + row[0], new + same + row[1], row[2]]
        else:
            kept.append(row)
    result: list[Change] = []
    for gone, new, same in kept:
        written: list[Change] = [("gone", gone), ("new", new), ("same", same)]
        result += [(op, text) for op, text in written if text]
    return result


def _island(above: Sequence[str], below: Sequence[str]) -> bool:
    same = above[2]
    if not same or "\n" in same or len(_WORD.findall(same)) > _ISLAND:
        return False
    return len(same) <= max(len(above[0]), len(above[1])) and len(same) <= max(len(below[0]), len(below[1]))
