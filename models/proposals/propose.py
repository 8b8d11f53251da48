"""Proposing a decision: the same deed for the page, the mini program, a letter and a deputies' suggestion."""

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from models.comments.receipt import Receipt
from models.decisions.consultation import Channel
from models.kernel.base import db
from models.kernel.refusal import RuleUnmet
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident
from models.proposals.proposal import LONGEST, TITLE, Proposal, Proposer, under
from models.texts.received import as_received


@dataclass(frozen=True)
class Proposed:
    """What came in, and whether it had come in before under the same key."""

    proposal: Proposal
    receipt: Receipt
    repeated: bool


def propose(
    resident: Resident,
    title: str,
    text: str,
    *,
    channel: Channel,
    proposer: Proposer = Proposer.CITIZEN,
    organisation: str = "",
    reference: str = "",
    place: Place | None = None,
    key: str | None = None,
    officer: Officer | None = None,
) -> Proposed:
    """A proposal of a resident, written by themselves or by an `officer` on their behalf.

    `key` is the sender's idempotency key within the sender's name: the same key with the same words gives the same
    proposal, with other words it is refused (code `key_reused`).
    """
    wrong: dict[str, str] = {}
    told = {}
    for name, words, most, label in (
        ("title", title, TITLE, "想请街道决定什么事"),
        ("text", text, LONGEST, "理由和做法"),
        ("organisation", organisation, 60, "单位名称"),
        ("reference", reference, 60, "建议编号"),
    ):
        try:
            told[name] = as_received(words or "", field=name, most=most, least=0, label=label)
        except RuleUnmet as unmet:
            wrong |= unmet.fields
    told = {name: words if name == "text" else " ".join(words.split()) for name, words in told.items()}
    if "title" in told and not told["title"]:
        wrong["title"] = "请写一句话：想请街道决定什么事。"
    if "text" in told and not told["text"].strip():
        wrong["text"] = "请写写为什么要办、想怎么办，一两句也可以。"
    if proposer == Proposer.ORGANISATION and not told.get("organisation"):
        wrong.setdefault("organisation", "请写单位名称。")
    if wrong:
        raise RuleUnmet("还差一点，您写的内容都在。", wrong)
    said = json.dumps([told["title"], told["text"], proposer, told["organisation"]], ensure_ascii=False)
    digest = hashlib.sha256(said.encode()).digest()

    def take() -> Proposed:
        made = Proposal.take(
            officer or resident,
            resident,
            told["title"],
            told["text"],
            channel=channel,
            proposer=proposer,
            organisation=told["organisation"],
            reference=told["reference"],
            place=place,
            key=key,
            key_hash=digest if key else None,
        )
        return Proposed(made, Receipt.give(proposal=made), repeated=False)

    if key is None:
        return take()
    before = _repeated(key, digest)
    if before is not None:
        return before
    try:
        with db.session.begin_nested():
            return take()
    except IntegrityError:
        before = _repeated(key, digest)
        if before is None:
            raise
        return before


def _repeated(key: str, digest: bytes) -> Proposed | None:
    before = under(key)
    if before is None:
        return None
    if before.key_hash != digest:
        raise RuleUnmet("这次提交的内容和上次不同，请刷新页面后重新提交。", code="key_reused")
    receipt = Receipt.of_proposal(before)
    assert receipt is not None
    return Proposed(before, receipt, repeated=True)
