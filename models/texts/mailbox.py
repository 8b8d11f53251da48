"""An article as a plain letter: for mailboxes that know no headings, lists, pictures or links."""

import re

from models.texts.article_text import blocks
from models.texts.numerals import chinese

_ADDRESS = re.compile(r"(?:https?://|www\.)[\w\-./?%&=#:~+@!$]{1,2000}", re.I | re.A)


def letter(digest: str, body: str, basis: str, office: str) -> str:
    """The words of an article, a paragraph a line, numbered by hand; no address, no picture, no sign of layout."""
    lines = [digest.strip()] if digest.strip() else []
    headings = 0
    for block in blocks(body):
        if block.kind == "heading":
            headings += 1
            words = re.sub(r"^[一二三四五六七八九十]{1,3}、", "", block.words)
            lines.append(f"{chinese(headings)}、{words}")
        elif block.kind in ("bullets", "numbers"):
            lines += [f"{n}．{one}" for n, one in enumerate(block.items, 1)]
        elif block.kind == "quote":
            lines.append(f"法律原文：{block.words}")
        elif block.kind == "text":
            lines.append(block.words)
    if basis.strip():
        lines.append("依据：" + "；".join(line.strip() for line in basis.splitlines() if line.strip()))
    lines.append(
        f"有弄不明白的，可以问村（社区）干部和网格员，也可以拨打12348法律服务热线，或者在微信里搜「{office}」。"
    )
    return "\n".join(plain(line) for line in lines if plain(line))


def plain(line: str) -> str:
    """One line without addresses and without what only a browser understands."""
    line = _ADDRESS.sub("（见微信公众号）", line)
    return re.sub(r"<[^>]{0,200}>", "", line).replace("\u200b", "").strip()
