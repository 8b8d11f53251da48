"""What the official account's articles say: few words, and the way to the page where everything stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

from models.texts.article_text import blocks
from server.voice.fields import cut, day_words, plain, short_matter

COVER = Path(__file__).resolve().parent / "static" / "cover.png"
"""Wordless, drawn for this product, so that it can stand over any article; 2.35 to 1 as WeChat crops covers."""
TITLE, AUTHOR, DIGEST, CONTENT = 32, 16, 120, 19_000
"""Characters that draft/add takes; the content's limit is 20,000, with room left for the last lines."""

_P = '<p style="margin:0 0 16px;font-size:17px;line-height:1.75;color:#222;">'
_H = '<p style="margin:28px 0 12px;font-size:18px;line-height:1.6;font-weight:bold;color:#0a7a4a;">'
_NOTE = '<p style="margin:24px 0 0;padding:14px 16px;font-size:15px;line-height:1.7;color:#444;background:#f2f7f4;">'


@dataclass(frozen=True)
class WxDraft:
    """One article as WeChat's draft box takes it."""

    title: str
    author: str
    digest: str
    content: str
    source_url: str

    def body(self, cover: str) -> dict[str, object]:
        """The fields of draft/add."""
        return {
            "title": self.title,
            "author": self.author,
            "digest": self.digest,
            "content": self.content,
            "content_source_url": self.source_url,
            "thumb_media_id": cover,
            "need_open_comment": 0,
            "only_fans_can_comment": 0,
        }


def _made(
    title: str, office: str, digest: str, parts: Iterable[str], last: str, url: str, *, demonstration: bool
) -> WxDraft:
    mark = "【演示】" if demonstration else ""
    shown: list[str] = [f"{_NOTE}这是演示，不是真实的公告。</p>"] if demonstration else []
    size = 0
    for part in parts:
        size += len(part)
        if size > CONTENT:
            shown.append(f"{_P}……全文请点「阅读原文」。</p>")
            break
        shown.append(part)
    shown.append(f"{_NOTE}{escape(last)}</p>")
    return WxDraft(
        title=mark + short_matter(title, TITLE - len(mark)),
        author=cut(plain(office), AUTHOR),
        digest=cut(plain(digest), DIGEST),
        content="".join(shown),
        source_url=url,
    )


@dataclass(frozen=True)
class Hosted:
    """A picture that WeChat keeps, with its words."""

    url: str
    caption: str


def paragraphs(text: str, pictures: Mapping[int, Hosted] = MappingProxyType({})) -> list[str]:
    """Typed text as WeChat shows it; a picture only when WeChat itself keeps it, foreign ones are dropped there."""
    made = []
    for block in blocks(text):
        if block.kind == "heading":
            made.append(f"{_H}<strong>{escape(block.words)}</strong></p>")
        elif block.kind == "quote":
            made.append(f"<blockquote>{_P}{escape(block.words)}</p></blockquote>")
        elif block.kind in ("bullets", "numbers"):
            tag = "ul" if block.kind == "bullets" else "ol"
            items = "".join(f"<li>{_P}{escape(item)}</p></li>" for item in block.items)
            made.append(f"<{tag}>{items}</{tag}>")
        elif block.kind == "picture":
            if one := pictures.get(block.picture):
                words = escape(block.words or one.caption)
                made.append(
                    f'<figure><img src="{escape(one.url)}" alt="{escape(one.caption)}">'
                    f"<figcaption>{words}</figcaption></figure>"
                )
        else:
            made.append(f"{_P}{escape(block.words)}</p>")
    return made


def _fact(name: str, value: str) -> str:
    return f"{_P}<strong>{name}：</strong>{escape(value)}</p>"


def opening(
    *,
    title: str,
    number: str,
    summary: str,
    whom: str,
    closes_on: date,
    answer_due_on: date,
    office: str,
    url: str,
    demonstration: bool,
) -> WxDraft:
    """A draft is before the people."""
    until = day_words(closes_on)
    parts = [f"{_P}{escape(summary)}</p>"] if summary else []
    parts += [_fact("事项", title), _fact("文号", number)]
    parts += [_fact("关系到谁", whom)] if whom else []
    parts += [_fact("截止日期", until), _fact("答复时间", f"{day_words(answer_due_on)}前，逐条答复")]
    return _made(
        title,
        office,
        f"{summary or title}。{until}前都可以提意见，每一条都有答复。",
        parts,
        "点文末「阅读原文」看草案全文，可以对整个草案说，也可以只对一条说。"
        "也可以在公众号里点「征求意见」，直接打字、发语音。",
        url,
        demonstration=demonstration,
    )


def released(
    *, title: str, number: str, totals: Mapping[str, Any], office: str, url: str, demonstration: bool, before: str = ""
) -> WxDraft:
    """The answers are out; `before` stands before each outcome while nothing is decided."""
    outcomes = totals["outcomes"]
    sentence = f"收到{totals['people']}人的{totals['points']}条意见，现在全部答复。"
    counts = (
        f"{before}采纳{outcomes['adopted']}条，{before}部分采纳{outcomes['partly_adopted']}条，"
        f"{before + '不' if before else '未'}采纳{outcomes['not_adopted']}条，其他{outcomes['other']}条。"
    )
    return _made(
        title,
        office,
        sentence + counts,
        [f"{_P}{sentence}</p>", f"{_P}{counts}</p>", _fact("事项", title), _fact("文号", number)],
        "点文末「阅读原文」看每一条意见的办理结果和理由。提过意见的，在「我的意见」里看自己的答复。",
        url,
        demonstration=demonstration,
    )


def lesson(
    *,
    title: str,
    digest: str,
    body: str,
    basis: str,
    basis_on: date | None,
    office: str,
    url: str,
    demonstration: bool,
    pictures: Mapping[int, Hosted] = MappingProxyType({}),
) -> WxDraft:
    """A legal-education article, whole."""
    parts = paragraphs(body, pictures)
    if basis:
        of = f"（{day_words(basis_on)}的版本）" if basis_on else ""
        parts += [f"{_H}<strong>依据{of}</strong></p>", *paragraphs(basis)]
    return _made(
        title,
        office,
        digest or next((b.words for b in blocks(body) if b.kind == "text"), title),
        parts,
        "遇到法律问题，可以在公众号里点「学法问法」，由村（社区）法律顾问答复。",
        url,
        demonstration=demonstration,
    )
