"""Packs a case file: every item of the contents, the proof of its trail, an index as official documents are laid out, all in one bag."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from models import files
from models.decisions.casefile import Body, Bundle, Gathered, Item, Kept, Lacking, Rows, Sheet, Verbatim, gather
from models.decisions.decision import Decision
from models.decisions.material import Publicity
from models.decisions.road import STATIONS
from models.decisions.volume import CaseFile, fresh, held_already, mark_of, volume_name
from models.kernel import lifecycle
from models.kernel.base import db
from models.kernel.clock import BEIJING, local, now, today
from models.kernel.installation import Installation
from models.kernel.refusal import Missing
from server.papers.bag import Bag, Entry, file_name
from server.papers.official import Paper, chinese_date
from server.papers.proof import Proof, proof_of, rows_of

FOLDERS = {Publicity.OPEN: "1 公开", Publicity.ON_REQUEST: "2 依申请公开", Publicity.CLOSED: "3 不公开"}
PROOF = "留痕证明"
CHUNK = 256 * 1024
VERIFY = Path(__file__).with_name("verify_casefile.py")
AGENT = "Huiyin"

Tell = Callable[[int, int, str], None]
"""How far: done, of how many, and what is being packed."""


def silent(done: int, total: int, phase: str) -> None:
    """Nobody listens."""


@dataclass
class Packed:
    """What was packed, for the record that is kept of it."""

    volume: int | None
    number: str
    position: int
    head: str
    held: dict[str, str]
    lacking: list[str]
    lines: list["Line"] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class Line:
    """A line of the index."""

    item: Item
    entries: Sequence[Entry]
    records: int

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(entry.size for entry in self.entries)


def one_moment() -> None:
    """All of it is read as it was at one moment, however long that takes."""
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        db.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def pack(
    decision: Decision,
    out: Any,
    *,
    volume: int | None = None,
    number: str = "",
    previous: CaseFile | None = None,
    tell: Tell = silent,
) -> Packed:
    """Write the whole bag to `out`, which only has to take bytes. With `previous` it holds what that volume and those before do not."""
    office = Installation.here()
    found = gather(decision)
    items = fresh(found.items, held_already(decision)) if previous else list(found.items)
    proof = proof_of(
        decision.chain, previous.position if previous else 0, previous.head if previous else bytes(32).hex()
    )
    moment = now().astimezone(BEIJING)
    title = f"{number or decision.number or decision.title} {volume_name(volume)}"
    with Bag(out, file_name(title), moment) as bag:
        packing = _Packing(bag, tell, Gathered(items, ()).rows + 2 * proof.rows + 1)
        for place, item in enumerate(items, 1):
            packing.item(place, item)
        _trail(packing, proof)
        lacking = [*(found.lacking if previous is None else ()), *packing.lacking]
        made = Packed(
            volume,
            number,
            proof.position,
            proof.head,
            {item.key: mark_of(item) for item in items},
            [str(one) for one in lacking],
            packing.lines,
        )
        _index(packing, decision, office, made, proof, previous, lacking)
        bag.close(_info(decision, office, made, previous))
    tell(packing.total, packing.total, "完成")
    return made


class _Packing:
    """One bag in the making, its progress, and what could not be read."""

    def __init__(self, bag: Bag, tell: Tell, total: int) -> None:
        self.bag, self.tell, self.total = bag, tell, max(1, total)
        self.done = 0
        self.phase = ""
        self.lines: list[Line] = []
        self.lacking: list[Lacking] = []

    def item(self, place: int, item: Item) -> None:
        """One item: one file, two for records (for machines, for people), a folder for a bundle."""
        self.phase = item.title
        stem = f"{FOLDERS[item.publicity]}/{_station(item.station)}/{file_name(f'{place:03d} {item.title}')}"
        entries, records = self._written(stem, item)
        self.lines.append(Line(item, entries, records))

    def _written(self, stem: str, item: Item) -> tuple[list[Entry], int]:
        body: Body = item.body
        if isinstance(body, Verbatim):
            return [self.bag.add(f"{stem}.txt", self._counted([body.text.encode("utf-8", "replace")]))], 1
        if isinstance(body, Sheet):
            return [self.bag.add(f"{stem}.docx", self._counted([_printed(item.title, body)]))], 1
        if isinstance(body, Kept):
            entry = self._kept(stem, body, item.title)
            return ([entry] if entry else []), 1
        if isinstance(body, Bundle):
            kept = [self._kept(f"{stem}/{file_name(name)}", one, f"{item.title}：{name}") for name, one in body.make()]
            return [entry for entry in kept if entry], len(kept)
        return self._rows(stem, body)

    def _rows(self, stem: str, body: Rows) -> tuple[list[Entry], int]:
        records = 0

        def lines() -> Iterator[bytes]:
            nonlocal records
            for row in body.make():
                records += 1
                yield json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"

        entries = [self.bag.add(f"{stem}.jsonl", _gathered(self._counted(lines())))]
        if body.words is not None:
            told = (f"{body.words(row)}\n\n".encode("utf-8", "replace") for row in body.make())
            entries.append(self.bag.add(f"{stem}.txt", _gathered(self._counted(told))))
        return entries, records

    def _kept(self, stem: str, body: Kept, title: str) -> Entry | None:
        """A file of the store; one that is gone, damaged or forgotten is named, and the packing goes on."""
        self.step()
        try:
            data = files.read(body.file, body.key) if body.key != b"" else None
        except (Missing, files.Damaged) as why:
            self.lacking.append(Lacking(title, "文件损坏" if isinstance(why, files.Damaged) else "文件不在了"))
            return None
        if data is None:
            self.lacking.append(Lacking(title, "已应本人要求删除"))
            return None
        return self.bag.add(f"{stem}.{body.extension}", (data[n : n + CHUNK] for n in range(0, len(data), CHUNK)))

    def _counted(self, pieces: Any) -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            self.step()

    def step(self) -> None:
        """One more."""
        self.done += 1
        self.tell(min(self.done, self.total), self.total, self.phase)


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces put together, so that hashes and the zip are not asked a hundred thousand times."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _station(key: str) -> str:
    place = next(n for n, one in enumerate(STATIONS, 1) if one.key == key)
    return f"{place:02d} {STATIONS[place - 1].name}"


def _printed(title: str, sheet: Sheet) -> bytes:
    office = Installation.here()
    paper = Paper(title, office=office.office_full_name, number=sheet.number, demonstration=office.demonstration)
    for name, words in sheet.lines:
        if name:
            paper.say(words, name)
        else:
            paper.heading(words)
    if sheet.signed:
        paper.say(sheet.signed)
    return paper.bytes()


# --- the trail --------------------------------------------------------------------------------------------------------

HOW = """怎样核对这个案卷

一、文件有没有被改过：用任何 BagIt 工具（例如美国国会图书馆的 bagit）校验整个文件夹；或者在这台电脑上装 Python 3.11 以上，运行
    python verify.py 案卷.zip
二、留痕有没有被改过：verify.py 同时核对 trail.jsonl。每一行的链首 = SHA-256("link" NUL 前一个链首 这一行的内容 这一行的 MAC)，内容按
    键名排序、不留空格的 JSON，UTF-8。
三、这条链是不是公布过的那一条：heads.json 里写着每一天的“每日留痕摘要”和这条链在那一天的链首；到本机关网站的“每日留痕摘要”页下载
    公布的文件（不是这里的这一份），运行
    python verify.py 案卷.zip 下载的heads.json
    自己另存过的摘要也可以用。
四、在本机关的系统里：flask casefile verify 案卷.zip，再核对密钥签名（MAC）、登记的 SHA-256 和归档以后的每一天。
五、“加密”的称呼和电话：按本人的密钥加密（AES-256-GCM），只有本机关的系统能打开；本人要求删除以后，谁也打不开。
"""


def _trail(packing: _Packing, proof: Proof) -> None:
    """Rows for machines, the same for people, the heads, and how to check."""
    packing.phase = "留痕"

    def lines() -> Iterator[bytes]:
        for row in rows_of(proof):
            yield json.dumps(row, ensure_ascii=False).encode() + b"\n"

    def words() -> Iterator[bytes]:
        yield "位置\t北京时间\t谁\t做了什么\n".encode()
        for row in rows_of(proof):
            yield f"{_said(row)}\n".encode()

    add = packing.bag.add
    add(f"{PROOF}/trail.jsonl", _gathered(packing._counted(lines())))
    add(f"{PROOF}/留痕.txt", _gathered(packing._counted(words())))
    add(f"{PROOF}/heads.json", [proof.document()])
    add(f"{PROOF}/verify.py", [VERIFY.read_bytes()])
    add(f"{PROOF}/怎样核对.txt", [HOW.encode()])


class _Told:
    """A row of the proof as the lifecycle's sentences want it."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.subject_kind, self.verb, self.detail = row["subject_kind"], row["verb"], row["detail"]
        self.fact = f"{self.subject_kind}.{self.verb}"


def _said(row: dict[str, Any]) -> str:
    told = row["row"]
    place = f"{row['position']}" if row["position"] is not None else "待入链"
    who = " ".join(dict.fromkeys(part for part in (told["actor_unit"], told["actor_post"], told["actor_name"]) if part))
    return f"{place}\t{local(datetime.fromisoformat(told['at'])):%Y-%m-%d %H:%M:%S}\t{who}\t{lifecycle.sentence(_Told(told))}"  # type: ignore[arg-type]


# --- the index --------------------------------------------------------------------------------------------------------


def _index(
    packing: _Packing,
    decision: Decision,
    office: Installation,
    made: Packed,
    proof: Proof,
    previous: CaseFile | None,
    lacking: Sequence[Lacking],
) -> None:
    """案卷目录.docx for people, 案卷目录.json for machines."""
    packing.phase = "案卷目录"
    paper = Paper(
        f"{decision.title}案卷目录",
        office=office.office_full_name,
        number=made.number or decision.number,
        demonstration=office.demonstration,
    )
    paper.heading("一、案卷")
    facts = [
        ("编号", decision.number or "没有立案编号"),
        ("种类", decision.kind.label if decision.kind else "没有定"),
        ("承办单位", decision.unit.name if decision.unit else ""),
        ("卷次", volume_name(made.volume) + ("，不是归档的案卷" if made.volume is None else "")),
        ("决定日期", chinese_date(decision.decided_on)),
        ("公布日期", chinese_date(decision.published_on)),
        ("归档日期", chinese_date(decision.archived_on)),
        ("不再办理", decision.ended_reason),
    ]
    if previous is not None:
        facts.append(("前一卷", f"{previous.number} {previous.name}，SHA-256 {previous.sha256}"))
    for name, words in facts:
        if words:
            paper.say(words, name)
    paper.heading("二、目录")
    paper.say(
        "、".join(f"{one.label}{sum(line.item.publicity == one for line in made.lines)}件" for one in Publicity) + "。"
    )
    heads = (("件号", 12.0), ("材料名称", 54.0), ("责任者", 22.0), ("日期", 30.0), ("公开属性", 23.0), ("数量", 15.0))
    paper.table(heads, [_line(n, line) for n, line in enumerate(made.lines, 1)])
    kept_back = dict.fromkeys(line.item.reason for line in made.lines if line.item.reason)
    if kept_back:
        paper.say("；".join(kept_back) + "。", "不主动公开的理由")
    paper.heading("三、缺件")
    if not lacking:
        paper.say("没有缺件。")
    for n, one in enumerate(lacking, 1):
        paper.say(f"{n}．{one}。")
    paper.heading("四、留痕")
    paper.say(_about(proof))
    paper.heading("五、怎样核对")
    paper.say(
        f"见“{PROOF}”文件夹里的“怎样核对.txt”。每个文件的校验值在 manifest-sha256.txt 和 manifest-sha512.txt 里。"
    )
    paper.sign(office.office_full_name, today())
    packing.bag.add("案卷目录.docx", [paper.bytes()])
    packing.bag.add("案卷目录.json", [_machine(decision, made, previous, lacking)])


def _line(place: int, line: Line) -> list[str]:
    item = line.item
    numbered = f"{item.title}\n{item.number}" if item.number and item.number not in item.title else item.title
    amount = f"{line.records:,}条" if isinstance(item.body, Rows) else f"{max(1, len(line.entries)):,}件"
    if not line.entries:
        amount = "缺"
    return [f"{place:03d}", numbered, item.who, chinese_date(item.on), item.publicity.label, amount]


def _about(proof: Proof) -> str:
    after = f"接第{proof.after}条，" if proof.after else ""
    waiting = f"另有{proof.waiting}条刚写下、还没有入链" if proof.waiting else ""
    if not proof.days:
        days = "还没有每日留痕摘要盖到，从下一天的摘要起可以对照"
    elif proof.published < proof.position:
        rest = proof.position - proof.published
        days = f"公布的每日留痕摘要盖到第{proof.published}条，其余{rest}条由下一天的摘要盖到"
    else:
        days = f"全部由公布的每日留痕摘要盖到（{proof.days[-1]['day']['day']}）"
    parts = [f"{after}到第{proof.position}条，链首 {proof.head}", waiting, days]
    return "；".join(part for part in parts if part) + "。"


def _machine(decision: Decision, made: Packed, previous: CaseFile | None, lacking: Sequence[Lacking]) -> bytes:
    told = {
        "form": "huiyin-casefile-1",
        "case": decision.public_id,
        "number": decision.number,
        "title": decision.title,
        "volume": made.volume,
        "archive_number": made.number,
        "previous": {"number": previous.number, "sha256": previous.sha256} if previous else None,
        "items": [
            {
                "title": line.item.title,
                "station": line.item.station,
                "on": line.item.on.isoformat() if line.item.on else None,
                "by": line.item.who,
                "number": line.item.number,
                "publicity": line.item.publicity.value,
                "reason": line.item.reason,
                "records": line.records,
                "key": line.item.key,
                "files": [{"path": e.path, "size": e.size, "sha256": e.sha256} for e in line.entries],
            }
            for line in made.lines
        ],
        "lacking": [{"title": one.title, "why": one.why} for one in lacking],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def _info(decision: Decision, office: Installation, made: Packed, previous: CaseFile | None) -> list[tuple[str, str]]:
    """bag-info.txt: RFC 8493's own words, and ours."""
    day: date = local(now()).date()
    told = [
        ("Source-Organization", office.office_full_name),
        ("External-Identifier", decision.number or decision.public_id),
        ("External-Description", decision.title),
        ("Internal-Sender-Identifier", made.number),
        ("Bagging-Date", day.isoformat()),
        ("Bag-Software-Agent", AGENT),
        ("Bag-Group-Identifier", decision.public_id),
        ("Bag-Count", f"{made.volume} of ?" if made.volume else ""),
        ("Huiyin-Case", decision.public_id),
        ("Huiyin-Volume", str(made.volume or "copy")),
        ("Huiyin-Previous-Volume", f"{previous.number}" if previous else ""),
        ("Huiyin-Previous-SHA256", previous.sha256 if previous else ""),
        ("Huiyin-Trail-Position", str(made.position)),
        ("Huiyin-Trail-Head", made.head),
        ("Huiyin-Demonstration", "yes" if office.demonstration else ""),
    ]
    return [(name, words) for name, words in told if words]
