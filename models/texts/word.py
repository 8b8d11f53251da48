"""Reads the text of a Word file as a person sees it, with the clause numbers that Word itself counts."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from models.kernel.refusal import RuleUnmet
from models.texts.numerals import chinese, digit_by_digit

MOST_UNPACKED = 50 * 1024 * 1024
MOST_RATIO = 200
MOST_ENTRIES = 5_000

NOT_WORD = "这不是 Word 文档（.docx），请用 Word 或 WPS 另存为 .docx 再上传。"
OLD_WORD = "这是旧版 .doc 文件，或者文件设了密码；请去掉密码、另存为 .docx 再上传。"
TOO_BIG = "这个文件解开以后太大，不能读取；请删去里面的图片再上传，或者直接粘贴文字。"
BROKEN = "这个 Word 文档已经损坏，读不出来；请用 Word 打开后另存一份再上传。"
OUTSIDE = "这个 Word 文档引用了外面的文件或者嵌有程序，不能上传；请把文字复制到新文档再上传。"
MACROS = "这个 Word 文档带有宏，不能上传；请另存为不带宏的 .docx。"

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": _OFFICE.rstrip("/").encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/math": b"http://schemas.openxmlformats.org/officeDocument/2006/math",
}

# Text boxes are drawn beside the text; deleted text, moved-away text and the old form of a tracked change are gone.
_SKIPPED = {_W + name for name in ("del", "moveFrom", "rPr", "pPr", "rt", "txbxContent", "footnotePr", "endnotePr")}
_SIGNS = {
    _W + "tab": "\t",
    _W + "ptab": "\t",
    _W + "br": "\n",
    _W + "cr": "\n",
    _W + "noBreakHyphen": "-",
}
_HELD = {_W + name for name in ("ins", "moveTo", "sdt", "sdtContent", "customXml", "smartTag")}


def read_docx(data: bytes) -> str:
    """The text of a .docx, one line a paragraph, numbering rendered, tables row by row; headers and deletions left out."""
    parts = _unpacked(data)
    try:
        main = _main_part(parts)
        document = _parsed(parts[main])
        folder = main.rpartition("/")[0]
        styles = _Styles.read(_optional(parts, folder, "styles.xml"))
        numbering = _Numbering.read(_optional(parts, folder, "numbering.xml"), styles)
        body = document.find(_W + "body")
        if body is None:
            raise RuleUnmet(NOT_WORD)
        return "".join(f"{line}\n" for line in _Reader(styles, numbering).lines(body))
    except (etree.LxmlError, KeyError, ValueError, RecursionError):
        raise RuleUnmet(BROKEN) from None


def check_docx(data: bytes) -> None:
    """Refuse what is no honest .docx: not Word, a bomb, macros, a template fetched from elsewhere, a program inside."""
    parts = _unpacked(data)
    try:
        _main_part(parts)
        for name, part in parts.items():
            if not name.endswith(".rels"):
                continue
            for link in _parsed(part):
                kind = str(link.get("Type", "")).rpartition("/")[2]
                outside = link.get("TargetMode") == "External" and kind != "hyperlink"
                if outside or kind in ("oleObject", "control", "attachedTemplate", "aFChunk"):
                    raise RuleUnmet(OUTSIDE)
    except (etree.LxmlError, ValueError, RecursionError):
        raise RuleUnmet(BROKEN) from None


# ── the package ──────────────────────────────────────────────────────────────


def _unpacked(data: bytes) -> dict[str, bytes]:
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise RuleUnmet(OLD_WORD)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            total = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_ENTRIES or total > MOST_UNPACKED:
                raise RuleUnmet(TOO_BIG)
            if total > 1024 * 1024 and total > MOST_RATIO * max(1, len(data)):
                raise RuleUnmet(TOO_BIG)
            if any(entry.flag_bits & 1 for entry in entries):
                raise RuleUnmet(OLD_WORD)
            if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
                raise RuleUnmet(MACROS)
            return {
                entry.filename.lstrip("/"): package.read(entry)
                for entry in entries
                if entry.filename.endswith((".xml", ".rels"))
            }
    except zlib.error:
        raise RuleUnmet(BROKEN) from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, OverflowError):
        raise RuleUnmet(NOT_WORD) from None


def _main_part(parts: Mapping[str, bytes]) -> str:
    if "[Content_Types].xml" not in parts:
        raise RuleUnmet(NOT_WORD)
    if "_rels/.rels" in parts:
        for link in _parsed(parts["_rels/.rels"]):
            if link.get("Type") == _OFFICE + "officeDocument":
                target = str(link.get("Target", "")).lstrip("/")
                if target in parts and _parsed(parts[target]).tag == _W + "document":
                    return target
    raise RuleUnmet(NOT_WORD)


def _optional(parts: Mapping[str, bytes], folder: str, name: str) -> Any:
    data = parts.get(f"{folder}/{name}" if folder else name)
    return None if data is None else _parsed(data)


def _parsed(data: bytes) -> Any:
    for strict, usual in _STRICT.items():
        data = data.replace(strict, usual)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.doctype:
        raise ValueError("a Word file has no document type")
    return root


def _value(element: Any, path: str) -> str | None:
    found = None if element is None else element.find("/".join(_W + step for step in path.split("/")))
    return None if found is None else found.get(_W + "val")


def _number(element: Any, path: str) -> int | None:
    text = _value(element, path)
    return int(text) if text is not None and re.fullmatch(r"-?[0-9]{1,9}", text) else None


def _on(element: Any, path: str) -> bool:
    found = None if element is None else element.find("/".join(_W + step for step in path.split("/")))
    return found is not None and found.get(_W + "val") not in ("0", "false", "off")


# ── styles and numbering ─────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Style:
    name: str
    based_on: str | None
    num_id: int | None
    level: int | None


@dataclass(frozen=True)
class _Styles:
    rows: Mapping[str, _Style]
    default: str | None

    @classmethod
    def read(cls, root: Any) -> _Styles:
        rows: dict[str, _Style] = {}
        default = None
        for style in () if root is None else root.iterfind(_W + "style"):
            name = style.get(_W + "styleId", "")
            rows[name] = _Style(
                (_value(style, "name") or "").lower(),
                _value(style, "basedOn"),
                _number(style, "pPr/numPr/numId"),
                _number(style, "pPr/numPr/ilvl"),
            )
            if style.get(_W + "type") == "paragraph" and style.get(_W + "default") in ("1", "true", "on"):
                default = name
        return cls(rows, default)

    def chain(self, name: str | None) -> Iterator[tuple[str, _Style]]:
        seen: set[str] = set()
        while name is not None and name in self.rows and name not in seen:
            seen.add(name)
            yield name, self.rows[name]
            name = self.rows[name].based_on


@dataclass(frozen=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    suffix: str = "tab"
    legal: bool = False
    style: str | None = None


@dataclass
class _List:
    """One way of counting: several lists of a document may share it."""

    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Num:
    list: _List
    levels: Mapping[int, _Level]
    starts: Mapping[int, int]
    begun: set[int] = field(default_factory=set)


class _Numbering:
    def __init__(self) -> None:
        self.nums: dict[int, _Num] = {}

    @classmethod
    def read(cls, root: Any, styles: _Styles) -> _Numbering:
        made = cls()
        if root is None:
            return made
        abstract = {row.get(_W + "abstractNumId"): row for row in root.iterfind(_W + "abstractNum")}
        nums = {row.get(_W + "numId"): row for row in root.iterfind(_W + "num")}
        lists: dict[str, _List] = {}
        for name, row in nums.items():
            key = _value(row, "abstractNumId")
            target = _linked(key, abstract, nums, styles)
            if target is None or not re.fullmatch(r"[0-9]{1,9}", name or ""):
                continue
            shared = lists.setdefault(target, _List(_levels(abstract[target])))
            levels, starts = dict(shared.levels), {}
            for override in row.iterfind(_W + "lvlOverride"):
                at = int(override.get(_W + "ilvl", "0"))
                start = _number(override, "startOverride")
                if start is not None:
                    starts[at] = start
                own = override.find(_W + "lvl")
                if own is not None:
                    levels[at] = _level(own)
            made.nums[int(name)] = _Num(shared, levels, starts)
        return made

    def label(self, num_id: int, level: int) -> str:
        """Count one more paragraph of this list on this level, and write its number as Word shows it."""
        num = self.nums.get(num_id)
        if num is None or level not in num.levels:
            return ""
        counts, mine = num.list.counts, num.levels[level]
        if level in num.starts and level not in num.begun:
            num.begun.add(level)
            counts[level] = num.starts[level]
        else:
            counts[level] = counts[level] + 1 if level in counts else mine.start
        for lower in [at for at in counts if at > level]:
            restart = num.levels[lower].restart if lower in num.levels else None
            # lvlRestart 0: never; n: only after a paragraph on level n or above; otherwise after any level above.
            if restart is None or (restart > 0 and level < restart):
                del counts[lower]
        written = re.sub("%([1-9])", lambda slot: self._count(num, mine, int(slot[1]) - 1), mine.text)
        if mine.form == "bullet":
            written = "".join("•" if "\ue000" <= char <= "\uf8ff" else char for char in written)
        return written + _suffix(mine.suffix, written) if written else ""

    @staticmethod
    def _count(num: _Num, mine: _Level, at: int) -> str:
        level = num.levels.get(at, _Level())
        value = num.list.counts.get(at, num.starts.get(at, level.start))
        return _written(value, "decimal" if mine.legal and level.form != "decimalZero" else level.form)


def _linked(key: str | None, abstract: Mapping[str, Any], nums: Mapping[str, Any], styles: _Styles) -> str | None:
    """The list definition itself, where a list only refers to a list style."""
    for _ in range(8):
        if key is None or key not in abstract:
            return None
        link = _value(abstract[key], "numStyleLink")
        if link is None or abstract[key].find(_W + "lvl") is not None:
            return key
        direct = next((name for name, row in abstract.items() if _value(row, "styleLink") == link), None)
        num = next((style.num_id for _, style in styles.chain(link) if style.num_id), None)
        key = direct or (_value(nums.get(str(num)), "abstractNumId") if num else None)
    return None


def _levels(row: Any) -> dict[int, _Level]:
    return {int(level.get(_W + "ilvl", "0")): _level(level) for level in row.iterfind(_W + "lvl")}


def _level(row: Any) -> _Level:
    form = row.find(_W + "numFmt")
    if form is None:  # a custom format comes with a plain one to fall back on
        form = row.find(f"{_MC}AlternateContent/{_MC}Fallback/{_W}numFmt")
    start, restart = _number(row, "start"), _number(row, "lvlRestart")
    return _Level(
        start=0 if start is None else start,
        form="decimal" if form is None else form.get(_W + "val", "decimal"),
        text=_value(row, "lvlText") or "",
        restart=restart,
        suffix=_value(row, "suff") or "tab",
        legal=_on(row, "isLgl"),
        style=_value(row, "pStyle"),
    )


def _suffix(kind: str, written: str) -> str:
    if kind == "nothing" or written[-1] in "、，。．：）】 \u3000":
        return ""
    if kind == "space":
        return " "
    return "\u3000" if written[-1] in "条章节编篇款项目" else " "


def _written(value: int, form: str) -> str:
    if value < 0:
        return str(value)
    row = _ROWS.get(form)
    if row and 1 <= value <= len(row):
        return row[value - 1]
    match form:
        case "none" | "bullet":
            return ""
        case "decimalZero":
            return f"{value:02d}"
        case "decimalFullWidth" | "decimalFullWidth2":
            return "".join(chr(ord(char) + 0xFEE0) for char in str(value))
        case "upperLetter" | "lowerLetter" if value:
            letter = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
            return letter.upper() if form == "upperLetter" else letter
        case "upperRoman" | "lowerRoman" if 0 < value < 4000:
            return _roman(value) if form == "upperRoman" else _roman(value).lower()
        case "chineseCounting" | "taiwaneseCounting":
            return chinese(value) if value < 100 else digit_by_digit(value)
        case "chineseCountingThousand" | "taiwaneseCountingThousand" | "japaneseCounting" | "koreanCounting":
            return chinese(value)
        case "ideographDigital" | "taiwaneseDigital" | "japaneseDigitalTenThousand":
            return digit_by_digit(value)
        case "chineseLegalSimplified" | "ideographLegalTraditional" | "japaneseLegal":
            return chinese(value).translate(_LEGAL)
        case "numberInDash":
            return f"- {value} -"
        case "decimalEnclosedParen":
            return f"({value})"
        case _:
            return str(value)


_ROWS: Mapping[str, str] = {
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "ideographEnclosedCircle": "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉",
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedCircleChinese": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedFullstop": "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛",
    "decimalEnclosedParen": "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇",
}
_LEGAL = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"))
_SMALL_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def _roman(value: int) -> str:
    written = ""
    for worth, letters in _ROMAN + _SMALL_ROMAN:
        times, value = divmod(value, worth)
        written += letters * times
    return written


# ── the text ─────────────────────────────────────────────────────────────────


@dataclass
class _Reader:
    styles: _Styles
    numbering: _Numbering
    carried: str = ""
    """Text of a paragraph whose mark was deleted: it runs on in the next."""

    def lines(self, parent: Any) -> Iterator[str]:
        for element in parent:
            if element.tag == _W + "p":
                yield from self.paragraph(element)
            elif element.tag == _W + "tbl":
                yield from self.table(element)
            elif element.tag in _HELD:
                yield from self.lines(element)
            elif element.tag == _MC + "AlternateContent":
                yield from self.lines(_choice(element))
        if self.carried and parent.tag == _W + "body":
            yield self.carried

    def paragraph(self, element: Any) -> Iterator[str]:
        text = self.carried + "".join(_text(element))
        self.carried = ""
        properties = element.find(_W + "pPr")
        style = self.styles.rows.get(_value(properties, "pStyle") or "")
        if style is not None and style.name.startswith("toc "):
            return  # a table of contents repeats the headings with page numbers
        if properties is not None and properties.find(f"{_W}rPr/{_W}del") is not None:
            self.carried = text
            return
        yield self.label(properties) + text
        for box in _boxes(element):
            yield from self.lines(box)

    def label(self, properties: Any) -> str:
        num_id, level = _number(properties, "numPr/numId"), _number(properties, "numPr/ilvl")
        chain = list(self.styles.chain(_value(properties, "pStyle") or self.styles.default))
        if num_id is None:
            num_id = next((style.num_id for _, style in chain if style.num_id is not None), None)
        if not num_id:  # 0 takes a style's numbering away
            return ""
        num = self.numbering.nums.get(num_id)
        if level is None and num is not None:
            linked = {row.style: at for at, row in num.levels.items() if row.style}
            level = next((linked[name] for name, _ in chain if name in linked), None)
        if level is None:
            level = next((style.level for _, style in chain if style.level is not None), 0)
        return self.numbering.label(num_id, level)

    def table(self, element: Any) -> Iterator[str]:
        for row in _rows(element):
            cells = [" ".join(line for line in self.lines(cell) if line.strip()) for cell in _cells(row)]
            if any(cells):
                yield "\t".join(cells)


def _rows(table: Any) -> Iterator[Any]:
    for element in table:
        if element.tag == _W + "tr" and element.find(f"{_W}trPr/{_W}del") is None:
            yield element
        elif element.tag in _HELD:
            yield from _rows(element)


def _cells(row: Any) -> Iterator[Any]:
    for element in row:
        if element.tag == _W + "tc":
            yield element
        elif element.tag in _HELD:
            yield from _cells(element)


def _choice(element: Any) -> Any:
    chosen = element.find(_MC + "Choice")
    return element if chosen is None else chosen


def _text(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in _SKIPPED:
            continue
        if child.tag == _W + "r" and _on(child, "rPr/vanish"):
            continue
        if child.tag in (_W + "t", _M + "t"):
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag == _MC + "AlternateContent":
            yield from _text(_choice(child))
        elif len(child):
            yield from _text(child)


def _boxes(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == _W + "txbxContent":
            yield child
        elif child.tag in (_W + "del", _W + "moveFrom"):
            continue
        elif child.tag == _MC + "AlternateContent":
            yield from _boxes(_choice(child))
        elif len(child):
            yield from _boxes(child)
