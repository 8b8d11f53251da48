"""Titles that still say a text is not the last one: 征求意见稿, 草案, 送审稿; and how they read without it."""

import re

_WORDS = r"(?:公开)?征求意见(?:稿)?|修订草案|修正草案|草案|送审稿|讨论稿|审议稿|报批稿|上会稿|初稿"
_BRACKETED = re.compile(rf"\s*[（(【〔\[][^（）()【】〔〕\[\]]*?({_WORDS})[^（）()【】〔〕\[\]]*[）)】〕\]]")
_TRAILING = re.compile(rf"\s*({_WORDS})\s*$")


def unfinished(title: str) -> str:
    """The words that say it is not the last text; empty where nothing does."""
    for line in title.splitlines():
        found = _BRACKETED.search(line) or _TRAILING.search(line)
        if found:
            return found[1]
    return ""


def finished(title: str) -> str:
    """The same title without them, every other character kept; a line that holds nothing else goes."""
    kept = []
    for line in title.splitlines(keepends=True):
        words = line.rstrip("\r\n")
        end = line[len(words) :]
        mended = _TRAILING.sub("", _BRACKETED.sub("", words))
        if mended.strip() or not words.strip():
            kept.append(mended + end)
    return "".join(kept)
