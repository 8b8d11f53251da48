"""Cuts a draft into the pieces that a resident would want to comment on; the pieces joined are the draft, letter for letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from models.kernel.refusal import RuleUnmet
from models.texts.numerals import CHARACTERS, number

TITLE, PREAMBLE, CHAPTER, ARTICLE, HEADING, PARAGRAPH = (
    "title",
    "preamble",
    "chapter",
    "article",
    "heading",
    "paragraph",
)

LEVELS = {"编": 1, "篇": 1, "部分": 1, "分编": 2, "章": 2, "节": 3}
ARTICLE_LEVEL = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a draft. `text` is exactly what stands in the source, blank lines after it included."""

    kind: str
    label: str
    heading: str
    level: int
    text: str


class Labelled(Protocol):
    """Anything with a label and a text: a piece, or a clause kept in the database."""

    @property
    def label(self) -> str: ...
    @property
    def text(self) -> str: ...


def split(source: str) -> list[Piece]:
    """The pieces of a draft, in order; joined they are the source, character for character.

    A text with 第X条 is cut at its articles (their （一）（二） stay inside them), with chapters between. An official paper
    with 一、 and （一） is cut at those. Anything else is cut by paragraph.
    """
    return regroup(source, _cuts(source))


def regroup(source: str, starts: Iterable[int]) -> list[Piece]:
    """The pieces that begin at these offsets, as an officer corrected them: leave one out to merge, add one to split."""
    if not source:
        return []
    wanted = set(starts)
    if any(type(cut) is not int or not 0 <= cut <= len(source) for cut in wanted):
        raise RuleUnmet("拆分的位置不在草案里，请刷新页面再试。")
    begins = sorted((wanted | {0}) - {len(source)})
    texts: list[str] = []
    for begin, end in zip(begins, [*begins[1:], len(source)], strict=True):
        text = source[begin:end]
        # Blank lines are no piece: they go with the piece before them, or with the first.
        if texts and (not text.strip(_BLANK) or not texts[-1].strip(_BLANK)):
            texts[-1] += text
        elif text:
            texts.append(text)
    return _described(texts)


def cuts(pieces: Sequence[Piece]) -> list[int]:
    """The offset at which each piece begins: what regroup takes."""
    offsets, at = [], 0
    for piece in pieces:
        offsets.append(at)
        at += len(piece.text)
    return offsets


def whole(source: str, pieces: Iterable[Labelled]) -> bool:
    """Whether the pieces joined are the source, character for character: nothing lost, nothing added, nothing moved."""
    return "".join(piece.text for piece in pieces) == source


def body(piece: Labelled) -> str:
    """A piece for showing beside its label: without the label itself, heading marks and the blank lines around it."""
    text = _MARKDOWN.sub("", piece.text.strip(_BLANK), count=1)
    if piece.label:
        text = text.lstrip("*_" + _BLANK) if _squeezed(text).lstrip("*_").startswith(_squeezed(piece.label)) else text
    if piece.label and _squeezed(text).startswith(_squeezed(piece.label)):
        rest = text
        for char in _squeezed(piece.label):
            rest = rest[rest.index(char) + 1 :]
        # Bold marks and spaces that stood around the label go with it.
        return re.sub(r"^(?:\*\*|__)?[ \t\u3000\xa0]*(?:\*\*|__)?", "", rest, count=1).strip(_BLANK)
    return text


def below_heading(piece: Piece) -> str:
    """What is left to show when both the label and the heading are shown on a line of their own."""
    text = body(piece)
    bare = text.lstrip("【（(〔")
    if not piece.heading or not bare.startswith(piece.heading):
        return text
    return bare[len(piece.heading) :].lstrip("】）)〕。：:").strip(_BLANK)


# ── lines and their labels ───────────────────────────────────────────────────

_BLANK = " \t\r\n\u3000\xa0\u2002\u2003\u2009\ufeff\u200b\x0b\x0c"
_N = f"[{CHARACTERS}0-9０-９]+"
_MARK = r"(?:#{1,6}[ \t]+)?(?:\*\*|__)?[ \t\u3000\xa0]*"

_MARKDOWN = re.compile(r"\A#{1,6}[ \t]+")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_MARKDOWN_TITLE = re.compile(r"#[ \t]+\S")
_CHAPTER = re.compile(
    rf"{_MARK}(?P<label>第[ \t\u3000]*(?P<n>{_N})[ \t\u3000]*(?P<unit>分编|部分|[编篇章节]))(?P<rest>.*)"
)
_ARTICLE = re.compile(
    rf"{_MARK}(?P<label>第[ \t\u3000]*(?P<n>{_N})[ \t\u3000]*条(?:之(?P<sub>{_N}))?)(?P<rest>.*)", re.S
)
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝㉞㉟"
_HEADINGS: tuple[re.Pattern[str], ...] = (
    re.compile(rf"{_MARK}(?P<label>(?P<n>[{CHARACTERS}]+)[、．.])(?P<rest>.*)", re.S),
    re.compile(rf"{_MARK}(?P<label>[（(][ \t]*(?P<n>[{CHARACTERS}]+)[ \t]*[)）])(?P<rest>.*)", re.S),
    re.compile(rf"{_MARK}(?P<label>(?P<n>[0-9０-９]{{1,3}})[.．、])(?![0-9０-９])(?P<rest>.*)", re.S),
    re.compile(rf"{_MARK}(?P<label>[（(][ \t]*(?P<n>[0-9０-９]{{1,3}})[ \t]*[)）])(?P<rest>.*)", re.S),
    re.compile(rf"{_MARK}(?P<label>(?P<n>[{_CIRCLED}]))(?P<rest>.*)", re.S),
)
_ATTACHMENT = re.compile(
    rf"{_MARK}(?P<label>附[ \t\u3000]*[件表图][ \t\u3000]*(?:{_N})?|附)(?P<colon>[ \t\u3000]*[：:])?(?P<rest>[^\r\n]*)"
)
_NAMED = re.compile(
    r"(?:公告|通告|通知|意见|办法|方案|决定|规定|细则|条例|规划|计划|公约|制度|草案|法)(?:[（(][^（()）]*[)）])?$"
)
_DATE = re.compile(rf"(?:[0-9０-９]{{4}}|[{CHARACTERS}]{{4}})[ \t]*年[ \t]*{_N}[ \t]*月[ \t]*{_N}[ \t]*日")
_ENDS = "。！？；：…!?;:"
_INSIDE = "，。！？；,;!?"
_REFERS = re.compile(
    r"(?:[ \t]*(?:[、和或与至及到]|规定|所|的|中|之|第|款|项|条|确定|所列|约定|修改|增加|删去|删除|改为|并入|关于|以外|以下|以上|以内))"
)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str

    @property
    def bare(self) -> str:
        return self.text.strip(_BLANK)


@dataclass(frozen=True, slots=True)
class _Label:
    kind: str
    label: str
    level: int
    order: int
    rest: str


def _lines(source: str) -> list[_Line]:
    return [_Line(found.start(), found.group()) for found in _LINE.finditer(source)]


def _squeezed(text: str) -> str:
    return re.sub(r"[ \t\u3000\xa0]", "", text)


def _chapter(bare: str) -> _Label | None:
    found = _CHAPTER.fullmatch(bare)
    if not found:
        return None
    rest = found["rest"]
    # 「第三章规定的情形，……」 is a sentence, a heading is a few words.
    if len(rest) > 40 or any(char in rest for char in _INSIDE) or _REFERS.match(rest):
        return None
    return _Label(CHAPTER, _squeezed(found["label"]), LEVELS[found["unit"]], number(found["n"]) or 0, rest)


def _article(bare: str) -> _Label | None:
    found = _ARTICLE.fullmatch(bare)
    if not found:
        return None
    order = number(_squeezed(found["n"]))
    if order is None:
        return None
    return _Label(ARTICLE, _squeezed(found["label"]), ARTICLE_LEVEL, order, found["rest"])


def _set_apart(label: _Label) -> bool:
    """Whether a space, a bracket or the line's end stands after 第X条, as where an article begins."""
    return not label.rest or label.rest[0] in " \t\u3000\xa0\u2002\u2003：:.．【（(〔*_\n"


def _heading(bare: str) -> _Label | None:
    for level, pattern in enumerate(_HEADINGS, 1):
        found = pattern.fullmatch(bare)
        if not found:
            continue
        order = _CIRCLED.index(found["n"]) + 1 if found["n"] in _CIRCLED else number(found["n"])
        if order is None or (level == 1 and not found["rest"].strip(_BLANK)):
            return None
        return _Label(HEADING, _squeezed(found["label"]), level, order, found["rest"])
    return None


def _attachment(bare: str) -> _Label | None:
    found = _ATTACHMENT.fullmatch(bare)
    if not found:
        return None
    rest = found["rest"].strip(_BLANK)
    if len(rest) > 60 or any(char in rest for char in _INSIDE):
        return None
    if rest and not found["colon"] and (len(found["label"]) < 2 or found["rest"][0] not in " \t\u3000\xa0"):
        return None
    return _Label(HEADING, _squeezed(found["label"]), 1, 0, rest)


# ── where to cut ─────────────────────────────────────────────────────────────


def _cuts(source: str) -> list[int]:
    found: set[int] = set()
    for region in _regions(_lines(source)):
        found |= _region_cuts(region)
    return sorted(found)


def _regions(lines: list[_Line]) -> Iterator[list[_Line]]:
    """A paper and its attachments: each is numbered for itself."""
    region: list[_Line] = []
    for line in lines:
        if region and _attachment(line.bare):
            yield region
            region = []
        region.append(line)
    if region:
        yield region


def _region_cuts(lines: list[_Line]) -> set[int]:
    found: set[int] = set()
    attached = _attachment(lines[0].bare)
    if attached:
        found.add(lines[0].start)
        lines = _after_list(lines[1:]) if _heading(attached.rest) else lines[1:]
    lines, tail = _without_signature(lines, alone=attached is not None)
    if tail:
        found.add(tail[0].start)
    contents = _contents(lines)
    if contents:
        found.add(lines[contents[0]].start)
        lines = lines[: contents[0]] + lines[contents[1] :]
    articles = _article_lines(lines)
    chapters = {n for n, line in enumerate(lines) if _chapter(line.bare)}
    if articles:
        first = min(articles | chapters)
        found |= _notice_cuts(lines[:first]) or _title_cuts(lines[:first])
        found |= {lines[n].start for n in articles | chapters}
        return found | _after_chapters(lines, articles, chapters)
    begins = sorted(chapters | {0})
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        if begin in chapters:
            found.add(lines[begin].start)
            begin += 1
        found |= _notice_cuts(lines[begin:end]) or _paragraph_cuts(lines[begin:end])
    return found


def _after_list(lines: list[_Line]) -> list[_Line]:
    """What stands below 「附件：1.…」 and the further titles in its list."""
    for n, line in enumerate(lines):
        label = _heading(line.bare)
        if line.bare and (label is None or label.order < 2 or len(line.bare) > 60):
            return lines[n:]
    return []


def _after_chapters(lines: list[_Line], articles: set[int], chapters: set[int]) -> set[int]:
    """Text that stands between a chapter's heading and its first article is a piece of its own."""
    found: set[int] = set()
    for chapter in chapters:
        below = next((n for n in range(chapter + 1, len(lines)) if lines[n].bare), None)
        if below is not None and below not in articles | chapters:
            found.add(lines[below].start)
    return found


def _contents(lines: list[_Line]) -> tuple[int, int] | None:
    """Where the table of contents stands, if there is one: its chapters come again below."""
    for start, line in enumerate(lines):
        if _squeezed(line.bare) not in ("目录", "#目录", "##目录"):
            continue
        seen: set[str] = set()
        for n in range(start + 1, len(lines)):
            chapter = _chapter(lines[n].bare)
            if chapter is None and lines[n].bare and _squeezed(lines[n].bare) not in ("附则", "附录"):
                return start, n
            if chapter is not None and chapter.level <= 2:
                if chapter.label in seen:
                    return start, n
                seen.add(chapter.label)
        return None
    return None


def _article_lines(lines: list[_Line]) -> set[int]:
    """The lines on which an article begins; none when the paper only quotes an article among its own 一、 and 二、."""
    found: list[int] = []
    before: int | None = None
    for n, line in enumerate(lines):
        label = _article(line.bare)
        if label is None:
            continue
        apart = _set_apart(label)
        # 「第十条规定的……」 within an article is a reference; typed without a space, 「第三条为了……」 follows 第二条.
        follows = before is None or label.order in (before, before + 1)
        if apart or (follows and not _REFERS.match(label.rest)):
            found.append(n)
            before = label.order
    if found:
        sections = [label for line in lines[found[0] :] if (label := _heading(line.bare)) and label.level == 1]
        if len(sections) > len(found):
            return set()
    return set(found)


def _notice_cuts(lines: list[_Line]) -> set[int]:
    """The two highest ways of numbering that the paper uses: 一、 and （一）, or 一、 and 1. and so on."""
    numbered: dict[int, list[int]] = {}
    before: dict[int, int] = {}
    for n, line in enumerate(lines):
        label = _heading(line.bare)
        if label is None:
            continue
        if label.order not in (1, before.get(label.level, label.order - 1) + 1):
            continue
        before[label.level] = label.order
        for level in range(label.level + 1, len(_HEADINGS) + 1):
            before.pop(level, None)
        numbered.setdefault(label.level, []).append(n)
    if not numbered:
        return set()
    levels = sorted(numbered)
    taken = list(numbered[levels[0]])
    if len(levels) > 1 and (levels[1] == 2 or _worth_cutting(lines, numbered[levels[1]])):
        taken += numbered[levels[1]]
    found = {lines[n].start for n in taken}
    return found | _title_cuts(lines[: min(taken)])


def _worth_cutting(lines: list[_Line], items: list[int]) -> bool:
    """Items of a line or more are worth a comment each; a list of addresses and telephone numbers is not."""
    return sum(len(lines[n].bare) for n in items) >= 40 * len(items)


def _title_cuts(lines: list[_Line]) -> set[int]:
    """The title, and the text before the first clause as one preamble."""
    written = [n for n, line in enumerate(lines) if line.bare]
    if not written:
        return set()
    title = _title_lines(lines, written)
    found = {lines[written[0]].start}
    if title:
        found |= {lines[title[0]].start} | {lines[n].start for n in [n for n in written if n > title[-1]][:1]}
    return found


def _title_lines(lines: list[_Line], written: list[int]) -> list[int]:
    marked = [n for n in written if _MARKDOWN_TITLE.match(lines[n].bare)]
    first = marked[0] if marked else written[0]
    if not marked and (not _like_title(lines[first].bare) or _runs_on(lines, first)):
        return []
    title = [first]
    for n in written[written.index(first) + 1 :]:
        bare = lines[n].bare
        if bare[0] in "（(" and bare[-1] in ")）" and len(bare) <= 40:
            title.append(n)  # （征求意见稿）
        elif len(title) == 1 and not _NAMED.search(lines[first].bare) and _NAMED.search(bare) and _like_title(bare):
            title.append(n)  # the office on one line, the name of the paper on the next
        else:
            break
    return title


def _runs_on(lines: list[_Line], n: int) -> bool:
    return (
        not _NAMED.search(lines[n].bare)
        and n + 1 < len(lines)
        and bool(lines[n + 1].bare)
        and _wrapped(*lines[n : n + 2])
    )


def _like_title(bare: str) -> bool:
    return (
        1 < len(bare) <= 60
        and bare[-1] not in _ENDS + "，,、"
        and "。" not in bare
        and not _heading(bare)
        and not _DATE.fullmatch(bare)
        and not bare.startswith(("---", "http"))
    )


def _paragraph_cuts(lines: list[_Line]) -> set[int]:
    written = [n for n, line in enumerate(lines) if line.bare]
    if not written:
        return set()
    title = _title_lines(lines, written) if len(written) > 1 else []
    found: set[int] = {lines[n].start for n in title[:1]}
    for place, n in enumerate(written):
        if n in title:
            continue
        above = written[place - 1] if place else None
        if above is not None and above not in title and above == n - 1 and _wrapped(lines[above], lines[n]):
            continue
        found.add(lines[n].start)
    return found


def _wrapped(above: _Line, line: _Line) -> bool:
    """Whether a line goes on in the next, as in a text that was broken into lines of one width."""
    return (
        len(above.bare) >= 30
        and above.bare[-1] not in _ENDS + "”」）)"
        and line.text[0] not in " \t\u3000\xa0"
        and not _heading(line.bare)
    )


def _without_signature(lines: list[_Line], *, alone: bool) -> tuple[list[_Line], list[_Line]]:
    """The lines, and apart from them the signature at the end: who, when, （此件公开发布）."""
    written = [n for n, line in enumerate(lines) if line.bare]
    dated = next((n for n in reversed(written[-4:]) if _DATE.fullmatch(lines[n].bare)), None)
    if dated is None or any(len(lines[n].bare) > 60 for n in written if n > dated):
        return lines, []
    place = written.index(dated)
    first = dated
    for n in reversed(written[max(0, place - 3) : place]):
        bare = lines[n].bare
        short = len(bare) <= 30 and bare[-1] not in _ENDS and not any(char in bare for char in _INSIDE)
        if not short or _heading(bare) or _article(bare) or _chapter(bare):
            break
        first = n
    if first == written[0] and not alone:
        return lines, []
    return lines[:first], lines[first:]


# ── what each piece is ───────────────────────────────────────────────────────


def _described(texts: list[str]) -> list[Piece]:
    pieces: list[Piece] = []
    plain: list[int] = []
    for text in texts:
        first, rest = _first_line(text)
        label = _chapter(first) or _attachment(first) or _labelled_article(first) or _heading(first)
        if label is None:
            plain.append(len(pieces))
            pieces.append(Piece(PARAGRAPH, "", "", 0, text))
        else:
            heading = label.rest.strip(_BLANK + "*_") if label.kind == CHAPTER else _heading_words(label, rest)
            pieces.append(Piece(label.kind, label.label, heading, label.level, text))
    numbered = [n for n, piece in enumerate(pieces) if piece.kind != PARAGRAPH]
    titles = {n for n in plain if n and pieces[n - 1].label.startswith("附") and _only_title(pieces[n].text)}
    before = numbered[0] if numbered else len(pieces)
    title = _title_piece([pieces[n] for n in plain if n < before], alone=len(pieces) == 1)
    for n in plain:
        text = pieces[n].text
        if n == title or n in titles:
            words = " ".join(line.strip(_BLANK + "#") for line in text.splitlines() if line.strip(_BLANK))
            pieces[n] = Piece(TITLE, "", words[:200], 0, text)
        elif n < before and (numbered or (title is not None and n < title)):
            pieces[n] = Piece(PREAMBLE, "", "", 0, text)
    return pieces


def _title_piece(pieces: list[Piece], *, alone: bool) -> int | None:
    for n, piece in enumerate(pieces):
        first, _ = _first_line(piece.text)
        if _MARKDOWN_TITLE.match(first):
            return n
    return 0 if pieces and not alone and _only_title(pieces[0].text) else None


def _only_title(text: str) -> bool:
    lines = _lines(text)
    written = [n for n, line in enumerate(lines) if line.bare]
    return bool(written) and _title_lines(lines, written) == written


def _labelled_article(bare: str) -> _Label | None:
    label = _article(bare)
    return label if label and (_set_apart(label) or not _REFERS.match(label.rest)) else None


def _first_line(text: str) -> tuple[str, str]:
    """The first line that says something, and whatever stands below it."""
    for found in _LINE.finditer(text):
        if bare := found.group().strip(_BLANK):
            return bare, text[found.end() :].strip(_BLANK)
    return "", ""


def _heading_words(label: _Label, below: str) -> str:
    """The few words that name a clause: 【立法目的】, a short line of its own, or a short first sentence of a numbered section."""
    rest = label.rest.strip(_BLANK + "*_")
    bracket = (
        re.match(r"[【〔]([^】〕]{1,30})[】〕]|[（(]([^（）()]{1,20})[)）]", rest) if label.kind == ARTICLE else None
    )
    if bracket:
        return (bracket[1] or bracket[2]).strip()
    if label.order == 0 and label.kind == HEADING:
        return rest
    if label.kind == ARTICLE:
        own_line = below and len(rest) <= 20 and not any(char in rest for char in _ENDS + _INSIDE)
        return rest if own_line else ""
    sentence, stop, after = rest.partition("。")
    if not stop:
        return rest if len(rest) <= 40 and not (rest and rest[-1] in _ENDS + "，,") else ""
    return sentence if len(sentence) <= 30 and (after or below) else ""
