"""Reads an .xlsx as a person sees it: rows with the number that Excel shows beside them, every cell as text; a file that is no honest table is refused."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from models.kernel.refusal import RuleUnmet

MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 200
MOST_ROWS = 20_000
MOST_COLUMNS = 60

NOT_EXCEL = "这不是 Excel 表格（.xlsx），请用 Excel 或 WPS 另存为 .xlsx 再上传。"
OLD_EXCEL = "这是旧版 .xls 文件，或者文件设了密码；请去掉密码、另存为 .xlsx 再上传。"
TOO_BIG = "这个表格太大，读不了；请分成几份上传。"
MACROS = "这个表格带有宏，不能上传；请另存为不带宏的 .xlsx。"

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DAYS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Excel's own formats of dates and times, the Chinese ones with them."""
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a table's days have no zone


@dataclass(frozen=True)
class Row:
    """One row: its number in Excel, and its cells from column A on."""

    number: int
    cells: list[str]


def read_xlsx(data: bytes, *, sheet: int = 0) -> list[Row]:
    """The rows of one sheet that hold something; formulas count with the value that was last worked out."""
    parts = _unpacked(data)
    try:
        return _read(parts, sheet)
    except (etree.LxmlError, KeyError, ValueError, OverflowError, RecursionError, IndexError):
        raise RuleUnmet(NOT_EXCEL) from None


def column_letters(number: int) -> str:
    """The letters that Excel shows above a column; 0 is A."""
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _unpacked(data: bytes) -> dict[str, bytes]:
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise RuleUnmet(OLD_EXCEL)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            total = sum(entry.file_size for entry in entries)
            if len(entries) > 2000 or total > MOST_UNPACKED:
                raise RuleUnmet(TOO_BIG)
            if total > 4 * 1024 * 1024 and total > MOST_RATIO * max(1, len(data)):
                raise RuleUnmet(TOO_BIG)
            if any(entry.flag_bits & 1 for entry in entries):
                raise RuleUnmet(OLD_EXCEL)
            if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
                raise RuleUnmet(MACROS)
            wanted = ("xl/worksheets/", "xl/workbook", "xl/sharedstrings", "xl/styles", "xl/_rels/")
            return {
                entry.filename.lstrip("/"): package.read(entry)
                for entry in entries
                if entry.filename.lstrip("/").lower().startswith(wanted) and entry.filename.endswith((".xml", ".rels"))
            }
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
        OverflowError,
    ):
        raise RuleUnmet(NOT_EXCEL) from None


def _parsed(part: bytes) -> Any:
    if b"<!DOCTYPE" in part[:2000] or b"<!ENTITY" in part[:2000]:
        raise RuleUnmet(NOT_EXCEL)
    part = part.replace(_STRICT, _S[1:-1].encode())
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(part, parser)


def _read(parts: dict[str, bytes], sheet: int) -> list[Row]:
    book = _parsed(parts["xl/workbook.xml"])
    links = {link.get("Id"): link.get("Target", "") for link in _parsed(parts["xl/_rels/workbook.xml.rels"])}
    known = list(book.iter(_S + "sheet"))
    relation = known[sheet].get(_R) or known[sheet].get("{http://purl.oclc.org/ooxml/officeDocument/relationships}id")
    target = links[relation].lstrip("/")
    page = _parsed(parts[target if target.startswith("xl/") else f"xl/{target}"])
    properties = book.find(_S + "workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    strings = _strings(parts.get("xl/sharedStrings.xml"))
    days = _day_looks(parts.get("xl/styles.xml"))
    rows: list[Row] = []
    number = 0
    for found in page.iter(_S + "row"):
        number = int(found.get("r") or number + 1)
        cells: dict[int, str] = {}
        at = -1
        for cell in found.iter(_S + "c"):
            at = _column(cell.get("r")) if cell.get("r") else at + 1
            if at >= MOST_COLUMNS:
                break
            cells[at] = _value(cell, strings, days, since_1904)
        if any(words.strip() for words in cells.values()):
            rows.append(Row(number, [cells.get(n, "") for n in range(max(cells) + 1)]))
            if len(rows) > MOST_ROWS:
                raise RuleUnmet(TOO_BIG)
    return rows


def _column(place: str) -> int:
    found = _PLACE.fullmatch(place)
    if found is None:
        raise ValueError(place)
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _words(node: Any) -> str:
    """The text of a string, its runs joined; what only says how it is read aloud is left out."""
    return "".join(
        t.text or "" for t in node.iter(_S + "t") if t.getparent() is None or t.getparent().tag != _S + "rPh"
    )


def _strings(part: bytes | None) -> list[str]:
    return [_words(one) for one in _parsed(part).iter(_S + "si")] if part else []


def _day_looks(part: bytes | None) -> set[int]:
    """Which looks of the file show a number as a day."""
    if not part:
        return set()
    styles = _parsed(part)
    own = {
        int(f.get("numFmtId", 0)): re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", f.get("formatCode", ""))
        for f in styles.iter(_S + "numFmt")
    }
    looks = styles.find(_S + "cellXfs")
    found = set()
    for n, look in enumerate(looks if looks is not None else ()):
        kind = int(look.get("numFmtId", 0))
        if (kind in own and re.search("[yYdDhH]|m{1,2}", own[kind]) and "0" not in own[kind]) or kind in _DAYS:
            found.add(n)
    return found


def _value(cell: Any, strings: list[str], days: set[int], since_1904: bool) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(_S + "is")
        return _words(inline) if inline is not None else ""
    value = cell.find(_S + "v")
    raw = (value.text or "") if value is not None else ""
    if not raw or kind == "e":
        return raw
    if kind == "s":
        return strings[int(raw)]
    if kind == "b":
        return "是" if raw == "1" else "否"
    if kind in ("str", "d"):
        return raw
    if int(cell.get("s", 0)) in days:
        moment = _EPOCH + timedelta(days=float(raw) + (1462 if since_1904 else 0))
        moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
        return moment.date().isoformat() if moment.time() == datetime.min.time() else moment.isoformat(" ", "minutes")
    number = float(raw)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else raw
