"""Comments that somebody typed into a spreadsheet are all taken in, or none: each mistake is named with its row and column."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from models.comments.receive import Given, receive
from models.comments.transcription import BY_HAND, Source
from models.decisions.consultation import Consultation
from models.decisions.draft import Clause
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.refusal import Refusal, RuleUnmet
from models.people.officer import Officer
from models.people.place import Place, villages
from models.people.resident import Resident, ResidentKind
from models.texts.xlsx import column_letters, read_xlsx

MOST = 300
"""Rows of one file: all of them are one transaction, and nobody shall wait long for it."""
LONGEST = 2000

HEADS: Sequence[tuple[str, str]] = (
    ("source", "来源"),
    ("said_on", "日期"),
    ("text", "原话"),
    ("clause", "对哪一条"),
    ("kind", "谁说的"),
    ("organisation", "单位名称"),
    ("signers", "联名人数"),
    ("name", "称呼"),
    ("phone", "电话"),
    ("place", "村／社区"),
    ("show_text", "公开原话"),
    ("show_name", "署名"),
)
"""The columns, in their order; the sheet that is handed out has just these."""
NEEDED = ("source", "text")
KINDS: Mapping[str, ResidentKind] = MappingProxyType(
    {"": ResidentKind.INDIVIDUAL, "个人": ResidentKind.INDIVIDUAL, "单位": ResidentKind.ORGANISATION, "联名": ResidentKind.JOINT,
     "联名信": ResidentKind.JOINT}
)  # fmt: skip
YES = frozenset({"是", "同意", "公开", "√", "y", "1"})
NO = frozenset({"", "否", "不", "不同意", "不公开", "×", "n", "0"})


@dataclass(frozen=True)
class Wrong:
    """One mistake: where it stands as Excel counts, and what to do."""

    row: int
    column: str
    head: str
    words: str


class TableWrong(RuleUnmet):
    """Nothing was taken in; `wrongs` says why, place by place."""

    def __init__(self, wrongs: Sequence[Wrong]) -> None:
        super().__init__(f"表里有 {len(wrongs)} 处要改，一份也没有导入。改好以后重新上传。", code="table_wrong")
        self.wrongs = list(wrongs)


@dataclass
class _Row:
    number: int
    source: Source
    said_on: date | None
    text: str
    clause: Clause | None
    kind: ResidentKind
    organisation: str
    signers: int
    name: str
    phone: str
    place: Place | None
    show_text: bool
    show_name: bool


@dataclass
class _Reading:
    """Reads the rows and collects what is wrong with them."""

    columns: dict[str, int]
    clauses: dict[str, Clause]
    places: dict[str, Place]
    wrongs: list[Wrong] = field(default_factory=list)

    def wrong(self, row: int, name: str, words: str) -> None:
        """Name it."""
        at = self.columns.get(name, 0)
        self.wrongs.append(Wrong(row, column_letters(at), dict(HEADS)[name], words))

    def row(self, number: int, cells: Sequence[str]) -> _Row | None:
        """One row, or None when it cannot be taken in."""
        before = len(self.wrongs)
        told = {name: cells[at] if at < len(cells) else "" for name, at in self.columns.items()}
        plain = {name: " ".join(words.split()) for name, words in told.items()}

        def get(name: str) -> str:
            return plain.get(name, "")

        source = next((s for s in BY_HAND if s.label == get("source")), None)
        if source is None:
            self.wrong(number, "source", f"请填：{'、'.join(s.label for s in BY_HAND)}。")
        text = told.get("text", "").replace("\r\n", "\n")
        if not text.strip():
            self.wrong(number, "text", "原话是空的，请写上他说的话。")
        elif len(text) > LONGEST:
            self.wrong(number, "text", f"有 {len(text)} 个字，最多 {LONGEST} 个；请分成两行。")
        elif re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", text):
            self.wrong(number, "text", "里面有看不见的控制字符，请删去。")
        clause = self.clauses.get(_bare(get("clause")))
        if get("clause") and _bare(get("clause")) not in ("整份草案", "整个草案", "全文") and clause is None:
            self.wrong(number, "clause", f"草案里没有「{get('clause')[:20]}」；请写「第二条」这样的条号，或者空着。")
        kind = KINDS.get(get("kind"))
        if kind is None:
            self.wrong(number, "kind", "请填：个人、单位、联名；空着就是个人。")
        signers = self._signers(number, kind, get("signers"))
        if kind == ResidentKind.ORGANISATION and not get("organisation"):
            self.wrong(number, "organisation", "是单位的，请写单位名称。")
        if len(get("organisation")) > 60:
            self.wrong(number, "organisation", "单位名称最多 60 个字。")
        if len(get("name")) > 40:
            self.wrong(number, "name", "称呼最多 40 个字。")
        if get("phone") and not re.fullmatch(r"[0-9+\-() （）转ext.]{5,20}", get("phone")):
            self.wrong(number, "phone", "请填数字，例如 13800000000 或 0000-5550123。")
        place = self.places.get(get("place"))
        if get("place") and place is None:
            self.wrong(number, "place", f"没有叫「{get('place')[:20]}」的村或社区；可以填：{'、'.join(self.places)}。")
        said_on = self._day(number, get("said_on"))
        show_text, show_name = (self._yes(number, name, get(name)) for name in ("show_text", "show_name"))
        if len(self.wrongs) > before:
            return None
        assert source is not None
        assert kind is not None
        return _Row(number, source, said_on, text, clause, kind, get("organisation"), signers, get("name"), get("phone"), place,
                    show_text, show_text and show_name)  # fmt: skip

    def _signers(self, row: int, kind: ResidentKind | None, said: str) -> int:
        if kind != ResidentKind.JOINT:
            return 1
        if not re.fullmatch("[0-9]{1,6}", said) or not 2 <= int(said) <= 100_000:
            self.wrong(row, "signers", "联名的，请写人数，至少 2 人。")
            return 2
        return int(said)

    def _day(self, row: int, said: str) -> date | None:
        if not said:
            return None
        found = re.fullmatch(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: [0-9:]+)?", said)
        try:
            day = date(*(int(part) for part in found.groups())) if found else None
        except ValueError:
            day = None
        if day is None:
            self.wrong(row, "said_on", "看不懂这个日期，请写成 2026-11-28。")
        elif day > today():
            self.wrong(row, "said_on", "日期还没有到。")
        return day

    def _yes(self, row: int, name: str, said: str) -> bool:
        if said.lower() in YES:
            return True
        if said.lower() not in NO:
            self.wrong(row, name, "请填「是」或者「否」；没有问到就空着。")
        return False


def take_table(consultation: Consultation, officer: Officer, data: bytes) -> list[Given]:
    """All of it or nothing. The same file again takes nothing in twice: it gives the comments that it gave before."""
    rows = read_xlsx(data)
    at, columns = _heading([(row.number, row.cells) for row in rows[:6]])
    body = [row for row in rows if row.number > at]
    if not body:
        raise RuleUnmet("表里没有意见。", {"file": "从表头下面一行开始，每份意见一行。"})
    if len(body) > MOST:
        raise RuleUnmet(
            f"一次最多 {MOST} 份，这里有 {len(body)} 份；请分成几个文件。", {"file": f"一次最多 {MOST} 份。"}
        )
    known = consultation.draft.speakable if consultation.draft else []
    reading = _Reading(columns, {_bare(c.label): c for c in known if c.label}, {p.name: p for p in villages()})
    taken = [reading.row(row.number, row.cells) for row in body]
    if reading.wrongs:
        raise TableWrong(reading.wrongs)
    mark = hashlib.sha256(data).hexdigest()[:32]
    given: list[Given] = []
    for row in taken:
        assert row is not None
        try:
            with db.session.begin_nested():
                given.append(_take(consultation, officer, row, f"table:{officer.id}:{mark}:{row.number}"))
        except RuleUnmet as refusal:
            if not refusal.fields:
                raise
            for name, words in refusal.fields.items():
                reading.wrong(row.number, name if name in dict(HEADS) else "text", words)
    if reading.wrongs:
        raise TableWrong(reading.wrongs)
    return given


def _take(consultation: Consultation, officer: Officer, row: _Row, key: str) -> Given:
    who = Resident.from_paper(row.place)
    who.introduce(who, name=row.name, phone=row.phone, door=row.source.channel.value, officer=officer)
    return receive(
        consultation,
        who,
        row.text,
        channel=row.source.channel,
        clause=row.clause,
        kind=row.kind,
        organisation=row.organisation,
        signers=row.signers,
        show_text=row.show_text,
        show_name=row.show_name,
        place=row.place,
        key=key,
        officer=officer,
        source=row.source,
        said_on=row.said_on,
    )


def _heading(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[int, dict[str, int]]:
    """The row of the headings, and which column is which; other columns are not looked at."""
    for number, cells in rows:
        found = {}
        for name, head in HEADS:
            for place, cell in enumerate(cells):
                if _bare(cell).rstrip("*＊") == _bare(head):
                    found[name] = place
                    break
        if all(name in found for name in NEEDED):
            return number, found
    names = "、".join(head for _, head in HEADS)
    raise RuleUnmet("没有找到表头。", {"file": f"前几行里要有一行表头，至少有「来源」和「原话」。全部的列：{names}。"})


def _bare(words: str) -> str:
    return re.sub(r"[\s/／]", "", words)


def refusal_of(refusal: Refusal) -> list[Wrong]:
    """The places of a refusal, where it has any."""
    return refusal.wrongs if isinstance(refusal, TableWrong) else []
