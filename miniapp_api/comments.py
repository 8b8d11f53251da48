"""What the person who is signed in has to say, and what became of it."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from miniapp_api.answers import page, said
from miniapp_api.consultations import published
from miniapp_api.door import Door, me, signed_in
from miniapp_api.once import key_for, once
from miniapp_api.paging import after_id, cut
from miniapp_api.places import place_of
from miniapp_api.schemas import comments as schemas
from miniapp_api.schemas.base import Key, PageQuery, page_of
from models.comments.amendment import amended
from models.comments.change import Now, read_now
from models.comments.comment import Comment, progress
from models.comments.mine import answers, mine
from models.comments.point import Outcome, PointStage
from models.comments.promise import Promise
from models.comments.promise import of_points as promises_of
from models.comments.receipt import Receipt, numbers
from models.comments.receive import receive, under_key
from models.comments.second_look import SecondLook, ratings_of
from models.comments.second_look import of_points as looks_of
from models.comments.showing import told
from models.decisions.consultation import Channel, Consultation
from models.decisions.draft import Clause
from models.kernel.ids import spoken
from models.kernel.refusal import RuleUnmet
from models.messages.pace import not_too_fast
from models.people.resident import ResidentKind
from models.texts.clauses import body

door = Door("comments", __name__, "/comments", "我的意见：提、看、补充、撤回。")


def _clause(consultation: Consultation, public_id: str | None) -> Clause | None:
    if public_id is None:
        return None
    pieces = consultation.draft.speakable if consultation.draft else []
    found = next((piece for piece in pieces if piece.public_id == public_id), None)
    if found is None:
        raise RuleUnmet("这一条不在这份草案里，请重新选择。", {"clause": "请重新选择。"})
    return found


def _received(comment: Comment, receipt: str) -> dict[str, Any]:
    return {
        "id": comment.public_id,
        "receipt": receipt,
        "spoken": spoken(receipt),
        "serial": comment.serial_words,
        "received_at": comment.received_at,
        "answer_due_on": comment.consultation.answer_due_on,
    }


@door.route("", methods=["POST"])
@signed_in
@door.arguments(Key, location="headers")
@door.arguments(schemas.NewComment)
@door.response(201, schemas.Received)
@door.alt_response(200, schema=schemas.Received, description="The same submission again: the same receipt.")
def say(headers: dict[str, str], given: dict[str, Any]) -> Response:
    """Say something about a draft. The same Idempotency-Key with the same words gives the same receipt (200); with other
    words it is refused (422 `key_reused`)."""
    who = me()
    key = key_for(who, headers["idempotency_key"])
    if under_key(key) is None:
        not_too_fast(who)
    consultation = published(given["consultation"])
    taken = receive(
        consultation,
        who,
        given["text"],
        channel=Channel.MINI,
        clause=_clause(consultation, given["clause"]),
        kind=ResidentKind(given["kind"]),
        organisation=given["organisation"],
        signers=given["signers"],
        show_text=given["show_text"],
        show_name=given["show_name"],
        place=place_of(given["place"]),
        key=key,
    )
    return said(_received(taken.comment, taken.receipt), 200 if taken.repeated else 201)


def _line(comment: Comment, receipt: str | None) -> dict[str, Any]:
    stand = progress(comment)
    return {
        "id": comment.public_id,
        "consultation": comment.consultation.public_id,
        "title": comment.consultation.title,
        "target": comment.target,
        "serial": comment.serial_words,
        "receipt": receipt,
        "received_at": comment.received_at,
        "withdrawn": comment.withdrawn,
        "text": comment.readable,
        "progress": {"done": stand.done, "words": stand.words, "due_on": stand.due},
    }


@door.route("/mine")
@signed_in
@door.arguments(PageQuery, location="query")
@door.response(200, page_of(schemas.CommentLine))
def mine_all(asked: dict[str, Any]) -> Response:
    """My comments, newest first."""
    rows = mine(me().all_ids, after=after_id(Comment, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"])
    known = numbers([comment.id for comment in shown])
    return said(page([_line(comment, known.get(comment.id)) for comment in shown], following))


def after(row: Any) -> dict[str, Any]:
    """A released correction or supplement from a core row of amended()."""
    return {
        "kind": row.kind.value,
        "outcome": row.outcome.value if row.outcome else None,
        "text": row.text,
        "note": row.remark,
        "number": row.number or "",
        "released_at": row.released_at,
    }


def looked(look: SecondLook) -> dict[str, Any]:
    """How far somebody else's second look has come."""
    return {
        "stage": look.stage.value,
        "stage_label": "补充已经发布" if look.came_back else look.stage.label,
        "due_on": look.due_on,
        "late": look.late,
        "came_back": look.came_back,
    }


def promised(one: Promise) -> dict[str, Any]:
    """What an answer says will be done later, and whether it was."""
    return {
        "words": one.words,
        "due_on": one.due_on,
        "first_due_on": one.first_due_on,
        "delay_reason": one.delay_reason,
        "late": one.late,
        "kept_at": one.kept_at,
        "kept_words": one.kept_words,
    }


def _answers(comment: Comment) -> list[dict[str, Any]]:
    """The released answers to my points, each with what followed it."""
    rows = [row for row in answers([comment.id])[comment.id] if row.stage == PointStage.RELEASED]
    if not rows:
        return []
    ids = [row.id for row in rows]
    now, later = read_now(ids), amended(ids)
    rated, looks, promises = ratings_of(ids, comment.resident.current), looks_of(ids), promises_of(ids)
    return [
        {
            "id": row.public_id,
            **_answer(row, now.get(row.id), later.get(row.id, ()), comment.consultation.before_words),
            "met": rated.get(row.id),
            "second_look": looked(looks[row.id]) if row.id in looks else None,
            "promises": [promised(one) for one in promises.get(row.id, ())],
        }
        for row in rows
    ]


def _answer(row: Any, now: Now | None, later: Sequence[Any], before: str) -> dict[str, Any]:
    outcome = Outcome(row.outcome)
    return {
        "target": row.label or "整个草案",
        "outcome": outcome.value,
        "outcome_label": outcome.said(before),
        "reason": row.reason,
        "before": body(row) if row.revised or now else None,
        "after": now.words if now else row.revised,
        "later": [after(one) for one in later],
    }


def whole(comment: Comment) -> dict[str, Any]:
    """One comment with everything that belongs to it."""
    receipt, shown = Receipt.of(comment), told(comment)
    away = shown["hidden"]
    return {
        **_line(comment, receipt.number if receipt else None),
        "kind": comment.kind.value,
        "channel": comment.channel.value,
        "show_text": comment.show_text,
        "show_name": comment.show_name,
        "hidden": {"ground": away.ground.label, "reason": away.reason} if away else None,
        "covered": [{"words": words, "ground": ground, "reason": reason} for words, ground, reason in shown["covered"]],
        "mended": comment.mended or None,
        "supplements": [{"text": one.readable, "received_at": one.received_at} for one in comment.supplements],
        "attachments": len(comment.attachments),
        "answers": _answers(comment),
    }


@door.route("/<string(length=12):public_id>")
@signed_in
@door.response(200, schemas.Comment)
def one(public_id: str) -> Response:
    """One of my comments with its answers."""
    return said(whole(Comment.of(me(), public_id)))


@door.route("/<string(length=12):public_id>/supplements", methods=["POST"])
@signed_in
@door.arguments(Key, location="headers")
@door.arguments(schemas.NewSupplement)
@door.response(201, schemas.Supplemented)
@door.alt_response(200, schema=schemas.Supplemented, description="The same submission again.")
def supplement(headers: dict[str, str], given: dict[str, Any], public_id: str) -> Response:
    """More words on one of my comments, while the window is open."""
    who = me()
    comment = Comment.of(who, public_id)

    def add() -> dict[str, Any]:
        not_too_fast(who)
        more = comment.add(who, given["text"], Channel.MINI)
        return {
            "comment": comment.public_id,
            "supplements": len(comment.supplements),
            "received_at": more.received_at,
        }

    told = f"{public_id}\n{given['text']}"
    answer, repeated = once(who, "supplement", headers["idempotency_key"], told, add)
    return said(answer, 200 if repeated else 201)


@door.route("/<string(length=12):public_id>/withdrawal", methods=["POST"])
@signed_in
@door.response(200, schemas.Comment)
def withdraw(public_id: str) -> Response:
    """Take one of my comments back, while the window is open; it is counted apart and not answered."""
    who = me()
    comment = Comment.of(who, public_id)
    comment.withdraw(who)
    return said(whole(comment))
