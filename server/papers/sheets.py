"""Spreadsheets as the office hands them out: .xlsx written row by row, so that a hundred thousand rows need no more memory than ten."""

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, cast
from xml.sax.saxutils import escape, quoteattr

from flask import Response, send_file

from models.kernel.clock import local

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | float | date | datetime | None
"""What may stand in a cell; instants are written as Beijing has them."""

MOST_CHARACTERS = 32_767
"""Of one cell: Excel's own limit. What is longer is cut, and says so."""
CUT = "……（太长，后面的请在系统里看）"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_A_NAME = re.compile(r"[\\/*?:\[\]]")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a table's days have no zone

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

TEXT, HEADING, NUMBER, DAY, MOMENT, TITLE, SHARE, NOTE = range(1, 9)
"""Places in the list of looks below; a text carries Excel's own mark that it is text, so nothing in it can become a formula."""
_LOOKS = (
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="1" quotePrefix="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="1" applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/></xf>'
    '<xf numFmtId="3" fontId="0" fillId="0" borderId="1" applyAlignment="1"><alignment vertical="top"/></xf>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="1" applyAlignment="1"><alignment vertical="top"/></xf>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="1" applyAlignment="1"><alignment vertical="top"/></xf>'
    '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" quotePrefix="1" applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/></xf>'
    '<xf numFmtId="10" fontId="0" fillId="0" borderId="1" applyAlignment="1"><alignment vertical="top"/></xf>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" quotePrefix="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
)
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="3"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="黑体"/></font>'
    '<font><sz val="18"/><name val="方正小标宋简体"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFEFEFEF"/></patternFill></fill></fills>'
    '<borders count="2"><border/><border><left style="thin"/><right style="thin"/><top style="thin"/><bottom style="thin"/></border></borders>'
    f'<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="9">{_LOOKS}</cellXfs></styleSheet>'
)


@dataclass(frozen=True)
class Share:
    """A part of a whole, shown in hundredths."""

    part: float


def column(number: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class Book:
    """One spreadsheet being written into a file; sheet by sheet, each row as it comes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._names: list[str] = []
        self._repeated: list[int] = []

    def sheet(
        self,
        name: str,
        heads: Sequence[tuple[str, float]],
        rows: Iterable[Sequence[Cell | Share]],
        *,
        title: str = "",
        notes: Sequence[str] = (),
        choices: Mapping[str, Sequence[str]] | None = None,
    ) -> int:
        """A sheet with its title, its notes, its headings (each with a width in characters) and its rows; how many rows there were.

        `choices`: heading to the words that Excel offers in its cells, and nothing else.
        """
        self._names.append(self._free(name))
        wide, at = len(heads), 0
        merged: list[int] = []
        with self._zip.open(f"xl/worksheets/sheet{len(self._names)}.xml", "w", force_zip64=True) as out:
            top = (1 if title else 0) + len(notes) + 1
            self._repeated.append(top)
            out.write(
                (
                    f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
                    f'<sheetViews><sheetView workbookViewId="0"><pane ySplit="{top}" topLeftCell="A{top + 1}" state="frozen"/></sheetView></sheetViews>'
                    "<cols>"
                    + "".join(
                        f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, (_, w) in enumerate(heads, 1)
                    )
                    + "</cols><sheetData>"
                ).encode()
            )
            for words, look in ((title, TITLE), *((note, NOTE) for note in notes)):
                if not words:
                    continue
                at += 1
                merged.append(at)
                height = 36 if look == TITLE else 18 * (1 + len(words) // max(20, int(sum(w for _, w in heads) / 2)))
                out.write(f'<row r="{at}" ht="{height}" customHeight="1">{_text(words, f"A{at}", look)}</row>'.encode())
            at += 1
            letters = [column(n) for n in range(1, wide + 1)]
            cells = "".join(_text(h, f"{letter}{at}", HEADING) for letter, (h, _) in zip(letters, heads, strict=True))
            out.write(f'<row r="{at}">{cells}</row>'.encode())
            written = 0
            for row in rows:
                at += 1
                written += 1
                cells = "".join(_cell(value, f"{letter}{at}") for letter, value in zip(letters, row, strict=True))
                out.write(f'<row r="{at}">{cells}</row>'.encode())
            end = "</sheetData>"
            if written:
                end += f'<autoFilter ref="A{top}:{letters[-1]}{at}"/>'
            if merged and wide > 1:
                end += f'<mergeCells count="{len(merged)}">'
                end += "".join(f'<mergeCell ref="A{n}:{letters[-1]}{n}"/>' for n in merged) + "</mergeCells>"
            if choices and written:
                columns = {head: letter for letter, (head, _) in zip(letters, heads, strict=True)}
                end += f'<dataValidations count="{len(choices)}">'
                for head, offered in choices.items():
                    cells = f"{columns[head]}{top + 1}:{columns[head]}{at}"
                    end += (
                        f'<dataValidation type="list" allowBlank="1" showErrorMessage="1" sqref="{cells}">'
                        f"<formula1>{escape(chr(34) + ','.join(offered) + chr(34))}</formula1></dataValidation>"
                    )
                end += "</dataValidations>"
            end += '<pageMargins left="0.5" right="0.5" top="0.7" bottom="0.7" header="0.3" footer="0.3"/>'
            end += '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
            end += "<headerFooter><oddFooter>&amp;C— &amp;P —</oddFooter></headerFooter></worksheet>"
            out.write(end.encode())
        return written

    def close(self) -> None:
        """The parts that hold the sheets together."""
        sheets = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(self._names, 1)
        )
        titles = "".join(
            f'<definedName name="_xlnm.Print_Titles" localSheetId="{n}">{escape(_quoted(name))}!${top}:${top}</definedName>'
            for n, (name, top) in enumerate(zip(self._names, self._repeated, strict=True))
        )
        self._part(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets><definedNames>{titles}</definedNames></workbook>',
        )
        links = "".join(
            f'<Relationship Id="r{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(self._names) + 1)
        )
        links += f'<Relationship Id="s1" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
        self._part(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'
        )
        self._part(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
            for n in range(1, len(self._names) + 1)
        )
        self._part(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{parts}</Types>',
        )
        self._zip.writestr("xl/styles.xml", _STYLES)
        self._zip.close()

    def _part(self, name: str, xml: str) -> None:
        self._zip.writestr(name, _HEAD + xml)

    def _free(self, name: str) -> str:
        """At most 31 characters, none of Excel's own signs, and not twice."""
        plain = _NOT_XML.sub("", _NOT_A_NAME.sub("", name)).strip("'")[:28] or "表"
        found, n = plain, 1
        while found in self._names:
            n += 1
            found = f"{plain}{n}"
        return found


SMALL = 2 * 1024 * 1024
"""Bytes up to which a file is kept in memory while it is made."""


def sent(write: Callable[[IO[bytes]], None]) -> Response:
    """A spreadsheet as an answer: what is large lies on the disk while it is sent, not in memory."""
    file = tempfile.SpooledTemporaryFile(max_size=SMALL)  # noqa: SIM115  closed below, or when the answer is sent
    try:
        write(cast(IO[bytes], file))
        size = file.tell()
        file.seek(0)
        if size <= SMALL:
            with file:
                return Response(file.read(), mimetype=XLSX)
    except BaseException:
        file.close()
        raise
    answer = send_file(cast(IO[bytes], file), mimetype=XLSX)
    answer.call_on_close(file.close)
    return answer


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _text(words: str, place: str, look: int) -> str:
    words = _NOT_XML.sub("\ufffd", words)
    if len(words) > MOST_CHARACTERS:
        words = words[: MOST_CHARACTERS - len(CUT)] + CUT
    # A character beyond the first plane counts twice in Excel; what is that long is nobody's sentence.
    return f'<c r="{place}" s="{look}" t="inlineStr"><is><t xml:space="preserve">{escape(words)}</t></is></c>'


def _cell(value: Cell | Share, place: str) -> str:
    if value is None or value == "":
        return f'<c r="{place}" s="{TEXT}"/>'
    if isinstance(value, str):
        return _text(value, place, TEXT)
    if isinstance(value, Share):
        return f'<c r="{place}" s="{SHARE}"><v>{round(value.part, 6)}</v></c>'
    if isinstance(value, datetime):
        moment = local(value).replace(tzinfo=None) - _EPOCH
        return f'<c r="{place}" s="{MOMENT}"><v>{moment.days + round(moment.seconds / 86400, 9)}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="{DAY}"><v>{(value - _EPOCH.date()).days}</v></c>'
    return f'<c r="{place}" s="{NUMBER}"><v>{value}</v></c>'
