"""Taking a comment in: the same deed for chat, mini program, H5, paper and telephone."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Integer, String, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from models.comments.comment import LONGEST, Comment, standing
from models.comments.point import Point, PointStage
from models.comments.receipt import Receipt
from models.comments.transcription import USUAL, Source, Transcription
from models.decisions.consultation import Channel, Consultation, Stage
from models.decisions.draft import Clause
from models.kernel import sealed
from models.kernel.base import BigInt, db, table_of
from models.kernel.clock import now
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act
from models.kernel.refusal import NotAllowed, Refusal, RuleUnmet
from models.kernel.trail import note
from models.kernel.work import Work
from models.people.consent import Consent
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident, ResidentKind
from models.texts.bigrams import bigrams
from models.texts.received import as_received

MOST_OF_ONE_PERSON = 50
"""Comments of one resident on one consultation, from its first day to its last; far more than anybody needs, far less than a flood."""


BY_STAFF = (Channel.PAPER, Channel.PHONE, Channel.HALL, Channel.EMAIL)
"""Channels whose words somebody who works here writes down."""


@dataclass(frozen=True)
class Given:
    """What came in, and whether it had come in before under the same key."""

    comment: Comment
    receipt: str
    repeated: bool


def _somebody(subject: Consultation, actor: Any) -> Refusal | None:
    """Guard: a resident, or an officer whom the rule set lets write for one."""
    kind = getattr(actor, "actor_kind", "")
    if kind == "resident":
        return None
    if kind == "officer":
        refusal: Refusal | None = actor.lacks(subject.rules.post_for("comment.intake"))
        return refusal
    return NotAllowed("请先登录，或者凭编号办理。")


def receive(
    consultation: Consultation,
    resident: Resident,
    text: str,
    *,
    channel: Channel,
    clause: Clause | None = None,
    kind: ResidentKind = ResidentKind.INDIVIDUAL,
    organisation: str = "",
    signers: int = 1,
    show_text: bool = False,
    show_name: bool = False,
    place: Place | None = None,
    key: str | None = None,
    officer: Officer | None = None,
    even_empty: bool = False,
    source: Source | None = None,
    said_on: date | None = None,
) -> Given:
    """A comment of a resident, written by themselves or by an `officer` on their behalf.

    `key` is the sender's idempotency key within the sender's name: the same key with the same words gives the same
    comment, with other words it is refused (code `key_reused`). `even_empty` is for voice and pictures, which have no
    words yet. What an officer wrote down from a letter or a call (`source`, `said_on`) waits for a second reader.
    """
    text = as_received(text, field="text", most=LONGEST, least=0)
    wrong: dict[str, str] = {}
    if not text.strip() and not even_empty:
        wrong["text"] = "请写上您的意见，一句话也可以。"
    if clause is not None and clause.draft_id != consultation.draft_id:
        wrong["clause"] = "这一条不在这份草案里，请重新选择。"
    organisation = as_received(organisation, field="organisation", most=60, least=0).strip()
    if kind == ResidentKind.ORGANISATION and not organisation:
        wrong["organisation"] = "请写单位名称。"
    if kind == ResidentKind.JOINT and not 2 <= signers <= 100_000:
        wrong["signers"] = "联名信请写联名的人数，至少2人。"
    if (
        consultation.names_wanted
        and kind == ResidentKind.INDIVIDUAL
        and not resident.current.name
        and not (key is not None and under_key(key))
    ):
        wrong["name"] = "这次征求意见要留称呼，请写上怎么称呼您（在「我的称呼、电话」里写一次就行）。"
    if wrong:
        raise RuleUnmet("还差一点，您写的内容都在。", wrong)
    told = _Told(
        text,
        channel,
        clause,
        kind,
        organisation,
        signers if kind == ResidentKind.JOINT else 1,
        show_text,
        show_name,
        place,
        source,
        said_on,
    )
    if key is not None:
        before = _repeated(key, told)
        if before is not None:
            return before
        try:
            with db.session.begin_nested():
                return _receive(consultation, officer or resident, resident.current, told, key)
        except IntegrityError:
            before = _repeated(key, told)
            if before is None:
                raise
            return before
    return _receive(consultation, officer or resident, resident.current, told, None)


@dataclass(frozen=True)
class _Told:
    text: str
    channel: Channel
    clause: Clause | None
    kind: ResidentKind
    organisation: str
    signers: int
    show_text: bool
    show_name: bool
    place: Place | None
    source: Source | None
    said_on: date | None

    @property
    def digest(self) -> bytes:
        """What the idempotency key stands for."""
        said = [self.text, self.clause.id if self.clause else 0, self.kind, self.organisation, self.signers]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).digest()


def under_key(key: str) -> Comment | None:
    """What came in under this key before; mostly nothing, so only its number is asked for first."""
    number = db.session.scalar(_UNDER, {"key": key})
    return db.session.get(Comment, number) if number is not None else None


def _repeated(key: str, told: _Told) -> Given | None:
    before = under_key(key)
    if before is None:
        return None
    if before.key_hash != told.digest:
        raise RuleUnmet("这次提交的内容和上次不同，请刷新页面后重新提交。", code="key_reused")
    receipt = Receipt.of(before)
    assert receipt is not None
    return Given(before, receipt.number, repeated=True)


@act(
    Stage.PUBLISHED,
    by=_somebody,
    needs="consultation.receive",
    label="",
    say="收到第{serial}号意见，{channel_words}",
    of=Consultation,
)
def _receive(consultation: Consultation, actor: Any, resident: Resident, told: _Told, key: str | None) -> Given:
    seen = db.session.scalar(_SEEN, {"asked": consultation.id, "who": resident.id}) or 0
    if seen >= MOST_OF_ONE_PERSON:
        raise RuleUnmet("您对这件事已经提了很多条意见，请用「补充」接在原来的意见后面。", code="too_many")
    officer = actor if isinstance(actor, Officer) else None
    Consent.give(resident, door=told.channel.value, officer=officer)
    # From here on whoever comments on the same draft waits until this is committed.
    new = 0 if seen and standing(consultation.id, resident.id) else 1
    serial = db.session.scalar(_COUNTED, {"asked": consultation.id, "new": new})
    secret, place = resident.key.secret, told.place or resident.place
    # By their numbers: of records named here, the session would ask whether they are to be written too.
    comment = Comment(
        public_id=new_public_id(),
        consultation_id=consultation.id,
        clause_id=told.clause.id if told.clause else None,
        resident_id=resident.id,
        place_id=place.id if place else None,
        channel=told.channel,
        serial=serial,
        kind=told.kind,
        signers=told.signers,
        show_text=told.show_text,
        show_name=told.show_name,
        received_at=now(),
        entered_by_id=officer.id if officer else None,
        key=key,
        key_hash=told.digest if key else None,
    )
    row = f"comment.text:{comment.public_id}"
    comment.sealed_text = sealed.seal(secret, told.text, row)
    if told.organisation:
        comment.sealed_organisation = sealed.seal(
            secret, told.organisation, f"comment.organisation:{comment.public_id}"
        )
    comment.tokens = keyed_tokens(told.text)
    db.session.add(comment)
    if officer is not None and (told.source or told.channel in BY_STAFF):
        source = told.source or USUAL.get(told.channel, Source.VISIT)
        Transcription.begin(officer, comment=comment, source=source, said_on=told.said_on)
    db.session.flush()
    db.session.execute(
        _FIRST_POINT,
        {
            "public_id": new_public_id(),
            "comment_id": comment.id,
            "consultation_id": consultation.id,
            "clause_id": told.clause.id if told.clause else None,
            "number": 1,
            "stage": PointStage.OPEN,
            "channel": told.channel.value,
            "place_id": comment.place_id,
            "gist": "",
            "may_show": False,
            "returned_reason": "",
            "version": 1,
        },
    )
    if told.show_text and told.text.strip():
        Work.want("check_text", {"comment": comment.id}, key=f"check_text:{comment.id}")
    receipt = Receipt.give(comment=comment)
    note(
        comment=comment.public_id,
        serial=comment.serial_words,
        channel=told.channel.value,
        channel_words=told.channel.label,
        clause=told.clause.id if told.clause else None,
        text=sealed.commitment(secret, row, told.text),
    )
    return Given(comment, receipt.number, repeated=False)


_SAID, _ASKED = table_of(Comment).c, table_of(Consultation).c
_UNDER = select(_SAID.id).where(_SAID.key == bindparam("key", type_=String))
_SEEN = select(func.count()).where(
    _SAID.consultation_id == bindparam("asked", type_=BigInt), _SAID.resident_id == bindparam("who", type_=BigInt)
)
_COUNTED = (
    update(table_of(Consultation))
    .where(_ASKED.id == bindparam("asked", type_=BigInt))
    .values(
        serials=_ASKED.serials + 1,
        n_texts=_ASKED.n_texts + 1,
        n_points=_ASKED.n_points + 1,
        n_people=_ASKED.n_people + bindparam("new", type_=Integer),
    )
    .returning(_ASKED.serials)
)
_FIRST_POINT = insert(table_of(Point)).inline()
"""Statements of the tables, built once: a comment is taken in many times a minute when a matter is hot."""


def keyed_tokens(text: str) -> str:
    """Search words of a sealed text: short keyed hashes of its bigrams, that say nothing without the office's key."""
    return " ".join(sorted({sealed.blind(pair, "bigram")[:5].hex() for pair in bigrams(text)}))
