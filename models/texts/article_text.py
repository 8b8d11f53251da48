"""An article as it is typed: paragraphs, headings, lists, words quoted from a law, pictures; read once, set by every door in its own way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from models.texts.bigrams import normal

_PICTURE = re.compile(r"[!！]?[\[【]图\s*([0-9]{1,2})[\]】]\s*(.*)")
_BULLET = re.compile(r"[-*·•]\s+(.+)")
_NUMBER = re.compile(r"[0-9]{1,2}[.、．)）]\s*(.+)")


@dataclass(frozen=True)
class Block:
    """One piece: `kind` is heading, quote, bullets, numbers, picture or text."""

    kind: str
    words: str = ""
    items: tuple[str, ...] = field(default=())
    picture: int = 0
    """The number of the picture that stands here; `words` are its caption when another one was typed."""


def blocks(text: str) -> Iterator[Block]:
    """Line by line; nothing in it can be markup. Lines of one list that follow each other are one list."""
    listed: list[str] = []
    kind = ""
    for line in [*text.replace("\r\n", "\n").split("\n"), ""]:
        words = line.strip()
        bullet, number = _BULLET.fullmatch(words), _NUMBER.fullmatch(words)
        now = "bullets" if bullet else "numbers" if number else ""
        if listed and now != kind:
            yield Block(kind, items=tuple(listed))
            listed = []
        if now:
            kind = now
            listed.append((bullet or number)[1])  # type: ignore[index]
            continue
        kind = ""
        if words.startswith("## "):
            yield Block("heading", words[3:].strip())
        elif words.startswith("> "):
            yield Block("quote", words[2:].strip())
        elif found := _PICTURE.fullmatch(words):
            yield Block("picture", found[2].strip(), picture=int(found[1]))
        elif words:
            yield Block("text", words)


PLAIN = (
    ("予以", "给、作"), ("上述", "上面说的"), ("该当事人", "他"), ("亦", "也"), ("之规定", "的规定"), ("系", "是"), ("逾期", "过了期限"),
    ("应予", "应当"), ("与否", "不是……就是……"), ("兹", "现在"), ("届满", "到期"), ("提请", "请"), ("鉴于", "因为"), ("据此", "所以"),
    ("不得以", "不能用"), ("尚未", "还没有"),
)  # fmt: skip
"""Words of files, and what people say."""
LONG_SENTENCE, LONG_PARAGRAPH, LONG_ARTICLE, SHORT_ARTICLE = 60, 220, 2000, 200


def hints(text: str) -> list[str]:
    """What a reader would stumble over; for the writer to judge, nothing is refused."""
    found = []
    pieces = list(blocks(text))
    length = sum(len(b.words) + sum(map(len, b.items)) for b in pieces)
    if length > LONG_ARTICLE:
        found.append(f"有{length}字，手机上要读{round(length / 300)}分钟；能分成两篇，读完的人会多。")
    elif 0 < length < SHORT_ARTICLE:
        found.append(f"只有{length}字，写个例子、写写该怎么办，居民才用得上。")
    if length > 600 and not any(b.kind == "heading" for b in pieces):
        found.append("没有小标题；两三段加一个，找得到要看的。")
    long = [b.words for b in pieces if b.kind == "text" and len(b.words) > LONG_PARAGRAPH]
    if long:
        found.append(f"有{len(long)}段超过{LONG_PARAGRAPH}字，第一段从「{long[0][:10]}」起，拆开好读。")
    sentences = [
        s
        for b in pieces
        if b.kind == "text"
        for s in re.split(r"[。！？；]", b.words)
        if len(normal(s)) > LONG_SENTENCE
    ]
    if sentences:
        found.append(f"有{len(sentences)}句超过{LONG_SENTENCE}字，例如「{sentences[0].strip()[:12]}……」。")
    said = [f"「{word}」可以说「{plain}」" for word, plain in PLAIN if len(word) > 1 and word in text]
    if said:
        found.append("公文的词：" + "，".join(said[:5]) + "。")
    return found
