"""Somebody looks for something: 「搜 加装电梯」."""

import re

from models.search.kinds import LABELS, find
from server.wechat import words
from server.wechat.reply import Reply, Text
from server.wechat.turn import Turn
from server.words import brief

FEW = 5
"""Hits in one answer: a passive reply holds 2,048 bytes, and an address is long."""
SEEK = re.compile(r"\s*(?:搜索|搜一下|搜|查找|查一下)[\s　:：,，]+(\S.*)", re.DOTALL)
"""Words that are parted from what is looked for, so that 「搜救队什么时候来」 stays a comment."""
PAGES = {
    "consultation": "consultation",
    "report": "report",
    "decision": "decision",
    "poll": "poll",
    "exhibition": "exhibition",
    "lecture": "lecture",
    "article": "article",
}


def looked_for(text: str) -> str | None:
    """What somebody looks for, if they do."""
    found = SEEK.fullmatch(text)
    return found.group(1).strip() if found else None


def seek(turn: Turn, query: str) -> Reply:
    """The best hits with their addresses, and where the rest is."""
    hits = find(query, limit=FEW)
    lines = [
        (LABELS[row.kind], brief(row.title, 28), turn.link(PAGES[row.kind], public_id=row.page)) for row in hits.rows
    ]
    if not lines:
        return Text(words.nothing_found())
    more = turn.link("search", q=query[:20]) if hits.total > FEW else ""
    return Text(words.found(lines, hits.total, more))


def how(turn: Turn) -> Reply:
    """「搜」 alone."""
    return Text(words.how_to_search(turn.link("search")))
