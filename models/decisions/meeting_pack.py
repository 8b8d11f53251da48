"""The meeting pack: the six kinds of paper that a meeting has before it, gathered by itself, with what is missing by name."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.decisions.consultation import Consultation, Stage, consultations_of
from models.decisions.decision import Decision, Kind
from models.decisions.draft import drafts_of
from models.decisions.material import Material, materials
from models.decisions.matter import Procedure
from models.decisions.road import Going, Standing, standing_of
from models.kernel.lifecycle import predicate

ARTICLE = "条例第二十九条"
FAIR, OTHER = "MeetingPack:fair", "MeetingPack:other"
"""How a paper says that it belongs to the pack: the fair-competition review, and whatever else the meeting should see."""


class There(enum.StrEnum):
    """Whether an item of the pack is there."""

    HERE = "here"
    MISSING = "missing"
    EXCUSED = "excused"
    NONE = "none"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"here": "有", "missing": "缺", "excused": "不需要", "none": "没有"}[self.value]


@dataclass(frozen=True)
class PackItem:
    """One item: whether it is there, what it says of itself, who answers for it, and its papers."""

    key: str
    name: str
    article: str
    there: There
    says: str
    who: str = ""
    papers: Sequence[Material] = ()
    reports: Sequence[Consultation] = field(default=())
    """Consultations whose released answers are the item itself."""

    def snapshot(self) -> dict[str, Any]:
        """What the case keeps of it once a meeting was asked: titles and hashes, not the papers again."""
        return {
            "key": self.key,
            "name": self.name,
            "there": self.there.value,
            "says": self.says,
            "papers": [[p.public_id, p.title, p.edition, p.file] for p in self.papers],
        }


def meeting_pack(decision: Decision) -> list[PackItem]:
    """The six items of article 29 in their order; a case that no rule binds to them shows what it has."""
    return list(_items(decision))


def missing(decision: Decision) -> list[PackItem]:
    """What is still lacking."""
    return [item for item in meeting_pack(decision) if item.there == There.MISSING]


def _items(decision: Decision) -> Iterator[PackItem]:
    bound = decision.kind in (None, Kind.MAJOR)
    at_table = materials(decision, "deliberation")
    drafts = drafts_of(decision)
    says = f"第 {drafts[-1].number} 稿，{drafts[-1].count_words}" if drafts else "还没有草案。"
    yield PackItem(
        "draft", "决策草案及说明", f"{ARTICLE}第一项", There.HERE if drafts else There.MISSING, says,
        decision.handler.name, materials(decision, "start"),
    )  # fmt: skip
    if decision.market:
        fair = [paper for paper in at_table if paper.subject == FAIR]
        says = "已附" if fair else "涉及市场主体经济活动的，要附公平竞争审查的情况。"
        there = There.HERE if fair else There.MISSING
        yield PackItem("fair", "公平竞争审查", f"{ARTICLE}第一项", there, says, decision.handler.name, fair)
    yield _opinions(decision, required=bound or decision.kind == Kind.NORMATIVE)
    yield _station(decision, "expert", "专家论证意见的研究采纳情况", "第三项", Procedure.EXPERT, required=bound)
    yield _station(decision, "risk", "风险评估报告", "第四项", Procedure.RISK, required=bound)
    reviewed = bound or decision.kind == Kind.NORMATIVE
    yield _station(decision, "legal_review", "合法性审查意见", "第五项", None, required=reviewed)
    rest = [paper for paper in at_table if paper.subject == OTHER]
    says = f"{len(rest)} 件" if rest else "没有其他要报送的材料。"
    yield PackItem(
        "other", "需要报送的其他材料", f"{ARTICLE}第六项", There.HERE if rest else There.NONE, says, papers=rest
    )


def _opinions(decision: Decision, *, required: bool) -> PackItem:
    """What became of the people's opinions: the released answers are the item itself."""
    name, article = "公众主要意见的研究采纳情况", f"{ARTICLE}第二项"
    done = [each for each in consultations_of(decision) if each.stage == Stage.CONCLUDED]
    standing = standing_of(decision, "answers") or standing_of(decision, "consultation")
    papers = [*materials(decision, "consultation"), *materials(decision, "answers")]
    return _item("opinions", name, article, standing, papers, done, required=required)


def _station(
    decision: Decision, key: str, name: str, number: str, procedure: Procedure | None, *, required: bool
) -> PackItem:
    standing = standing_of(decision, key)
    if standing is None and procedure is not None and required:
        standing = Standing(Going.WAIT, says=f"还没有定要不要{procedure.label}。")
    papers = materials(decision, key)
    return _item(key, name, f"{ARTICLE}{number}", standing, papers, (), required=required)


def _item(
    key: str,
    name: str,
    article: str,
    standing: Standing | None,
    papers: Sequence[Material],
    reports: Sequence[Consultation],
    *,
    required: bool,
) -> PackItem:
    """An item as its station tells it."""
    says, who = (standing.says, standing.who) if standing else ("", "")
    if standing is not None and standing.going in (Going.DONE, Going.EXCUSED):
        there = There.HERE if standing.going == Going.DONE else There.EXCUSED
    elif required or (standing is not None and standing.going == Going.NOW):
        there, says = There.MISSING, says or "还没有办。"
    else:
        there, says = There.NONE, "这一件不要求。"
    return PackItem(key, name, article, there, says, who, papers, reports)


@predicate
def meeting_pack_complete(subject: Decision, actor: object) -> str | None:
    """Nothing of the six is missing."""
    lacking = missing(subject)
    return f"还缺：{'、'.join(item.name for item in lacking)}。" if lacking else None
