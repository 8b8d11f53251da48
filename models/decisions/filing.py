"""Filing a normative document with the county: four items and the electronic file, in time, with a receipt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import extract, select

from models.decisions.consultation import Stage, consultations_of
from models.decisions.decision import Decision, Kind
from models.decisions.material import materials
from models.decisions.meeting_pack import PackItem, There
from models.decisions.normative import Normative, NormativeStage
from models.decisions.publish import Publication
from models.decisions.road import Going, Standing, station
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.lifecycle import act, predicate, ruled
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received

ARTICLE = "源报告“四到位”"
OFFICIAL, ATTACHED, RECORD, ELECTRONIC = "Filing:official", "Filing:attached", "Filing:record", "Filing:electronic"
"""How a paper says which of the items it is."""
NAMES = {OFFICIAL: "正式文件", ATTACHED: "附件", RECORD: "征集意见记录", ELECTRONIC: "电子档"}


def filing_pack(normative: Normative) -> list[PackItem]:
    """The four items and the electronic file."""
    return list(_items(normative))


def _items(normative: Normative) -> Iterator[PackItem]:
    decision = normative.decision
    handed = materials(decision, "filing")
    made = Publication.of(decision)

    def item(key: str, says: str, lacks: str, *, optional: bool = False, also: bool = False) -> PackItem:
        papers = [paper for paper in handed if paper.subject == key]
        here = bool(papers) or also
        there = There.HERE if here else There.NONE if optional else There.MISSING
        return PackItem(key, NAMES[key], ARTICLE, there, says if here else lacks, papers=papers)

    yield PackItem(
        "Filing:text",
        "规范性文件",
        ARTICLE,
        There.HERE if made else There.MISSING,
        f"{made.number}，公布的文本" if made else "还没有公布。",
    )
    yield item(OFFICIAL, "已附", "请交正式文件（盖章的扫描件）。")
    yield item(ATTACHED, "已附", "没有附件。", optional=True)
    rounds = [each for each in consultations_of(decision) if each.stage == Stage.CONCLUDED]
    words = f"公开征求意见 {len(rounds)} 次，采纳情况已发布" if rounds else "已附"
    yield item(RECORD, words, "请交征集意见的记录。", also=bool(rounds))
    yield item(ELECTRONIC, "已附", "请交电子档（Word 文件）。")


def filing_due(normative: Normative) -> date | None:
    """The last day: counted from the day of publishing, which itself is not counted."""
    made = Publication.of(normative.decision)
    return due_after(normative, made.published_on) if made else None


def due_after(normative: Normative, published_on: date) -> date:
    """The same, where the day of publishing is known."""
    return normative.rules.number("normative.filing_days").after(published_on)


@act(
    NormativeStage.REGISTERED,
    by=ruled("filing.send"),
    needs="filing.send",
    label="报送备案",
    say="{filed_on}向{filed_to}报送备案",
    of=Normative,
)
def send_for_filing(normative: Normative, officer: Officer, filed_on: date | None, filed_to: str) -> None:
    """Sent: on which day, to whom; what was in it is kept."""
    made = Publication.of(normative.decision)
    assert made is not None
    if normative.filed_on is not None:
        raise OutOfTurn("已经报送过备案了，收到回执以后请登记。")
    wrong: dict[str, str] = {}
    if filed_on is None or not made.published_on <= filed_on <= today():
        wrong["filed_on"] = "报送日期要在公布那天到今天之间。"
    filed_to = as_received(filed_to or "", field="filed_to", most=60, least=0).strip()
    if not filed_to:
        wrong["filed_to"] = "请写报送给谁，例如：县司法局。"
    if wrong:
        raise RuleUnmet("还不能登记报送。", wrong)
    normative.filed_on, normative.filed_to = filed_on, filed_to
    normative.filed_pack = [item.snapshot() for item in filing_pack(normative)]
    note(filed_on=filed_on, filed_to=filed_to)


@act(
    NormativeStage.REGISTERED,
    by=ruled("filing.receive"),
    label="登记回执",
    say="备案回执{number}，{receipt_on}",
    of=Normative,
)
def receive_receipt(normative: Normative, officer: Officer, receipt_on: date | None, number: str) -> None:
    """The county has it under this number."""
    if normative.filed_on is None:
        raise OutOfTurn("还没有报送备案，请先登记报送。")
    if normative.receipt_on is not None:
        raise OutOfTurn("回执已经登记过了。")
    wrong: dict[str, str] = {}
    if receipt_on is None or not normative.filed_on <= receipt_on <= today():
        wrong["receipt_on"] = "回执日期要在报送那天到今天之间。"
    number = as_received(number or "", field="receipt_number", most=60, least=0).strip()
    if not number:
        wrong["receipt_number"] = "请写回执的编号。"
    if wrong:
        raise RuleUnmet("还不能登记回执。", wrong)
    normative.receipt_on, normative.receipt_number = receipt_on, number
    note(receipt_on=receipt_on, number=number)


@station("filing")
def _filed(decision: Decision) -> Standing | None:
    """Sent and received, or due by when."""
    if decision.kind not in (None, Kind.NORMATIVE):
        return None
    made = Normative.of(decision)
    due = filing_due(made) if made is not None else None
    if made is None or due is None:
        return Standing(Going.WAIT, says="公布以后报送备案。")
    if made.receipt_on is not None:
        return Standing(Going.DONE, "党政办", made.receipt_on, says=f"{made.filed_to}，回执 {made.receipt_number}")
    if made.filed_on is not None:
        return Standing(Going.NOW, "党政办", made.filed_on, says=f"已报送{made.filed_to}，等回执")
    return Standing(Going.NOW, "党政办", due_on=due, says="还没有报送备案。")


@predicate
def filing_pack_complete(subject: Normative, actor: object) -> str | None:
    """Nothing of the four items and the electronic file is missing."""
    lacks = [item.name for item in filing_pack(subject) if item.there == There.MISSING]
    return f"还缺：{'、'.join(lacks)}。" if lacks else None


@dataclass(frozen=True)
class Filed:
    """One document in the statistics."""

    normative: Normative
    publication: Publication
    due_on: date

    @property
    def how(self) -> str:
        """In time, late, still to come, or overdue."""
        if self.normative.filed_on is not None:
            return "in_time" if self.normative.filed_on <= self.due_on else "late"
        return "open" if today() <= self.due_on else "overdue"

    @property
    def words(self) -> str:
        """The Chinese word."""
        return HOW[self.how]


HOW = {"in_time": "按时报送", "late": "逾期报送", "open": "没到期，没有报送", "overdue": "逾期未报"}


def filed_in(year: int) -> Sequence[Filed]:
    """Every document published in a year, with how its filing stands."""
    rows = db.session.execute(
        select(Normative, Publication)
        .join(Publication, Publication.decision_id == Normative.decision_id)
        .where(extract("year", Publication.published_on) == year)
        .order_by(Publication.published_on, Publication.id)
    ).unique()
    return [Filed(one, made, due_after(one, made.published_on)) for one, made in rows]


def filing_counts(rows: Sequence[Filed]) -> dict[str, Any]:
    """How many were published, sent in time, sent late, received; and the two rates that the county asks for."""
    counted = {how: sum(row.how == how for row in rows) for how in HOW}
    sent = counted["in_time"] + counted["late"]
    due = sent + counted["overdue"]
    return counted | {
        "published": len(rows),
        "sent": sent,
        "received": sum(row.normative.receipt_on is not None for row in rows),
        "sent_rate": round(100 * sent / due) if due else None,
        "in_time_rate": round(100 * counted["in_time"] / due) if due else None,
    }
