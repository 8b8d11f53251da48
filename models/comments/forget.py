"""Forgetting a person: their key is dropped, and name, telephone, words, voice and pictures can never be read again."""

from typing import Any

from sqlalchemy import delete, select, update

from models.comments.comment import Comment
from models.comments.point import Point
from models.kernel.base import db
from models.kernel.clock import now, wall
from models.kernel.lifecycle import act
from models.kernel.refusal import NotAllowed, OutOfTurn, Refusal
from models.messages.follow import Declined, Follow
from models.outreach.attendee import leave_all
from models.people.consent import Consent
from models.people.link import OneOffLink
from models.people.resident import Resident
from models.people.session import Session


def _oneself_or_the_office(subject: Resident, actor: Any) -> Refusal | None:
    """Guard: the person, the clockwork after WeChat's revocation, or the security administrator."""
    kind = getattr(actor, "actor_kind", "")
    if kind == "system" or (kind == "resident" and actor.current.id == subject.current.id):
        return None
    if kind == "officer":
        refusal: Refusal | None = actor.lacks(("security_admin",))
        return refusal
    return NotAllowed("只能由本人办理。")


@act(by=_oneself_or_the_office, label="", say="应本人要求删除了个人信息", of=Resident)
def forget(resident: Resident, actor: Any) -> None:
    """Drop the key; what was counted stays counted, answers stay, the trail stays whole."""
    if resident.erased_at is not None:
        raise OutOfTurn("个人信息已经删除过了。")
    for number in resident.all_ids:
        who = db.session.get_one(Resident, number)
        who.key.drop()
        who.sealed_name = who.sealed_phone = who.phone_index = None
        who.erased_at = now()
        Consent.withdraw(who)
    at = wall()
    for record, ended in ((Session, "revoked_at"), (OneOffLink, "spent_at")):
        # Every telephone and browser that knew this person knows nobody any more.
        db.session.execute(
            update(record)
            .where(record.resident_id.in_(resident.all_ids), getattr(record, ended).is_(None))
            .values({ended: at})
            .execution_options(synchronize_session=False)
        )
    leave_all(resident.all_ids)
    for wish in (Follow, Declined):
        db.session.execute(delete(wish).where(wish.resident_id.in_(resident.all_ids)))
    written = select(Comment.id).where(Comment.resident_id.in_(resident.all_ids))
    db.session.execute(
        update(Comment)
        .where(Comment.resident_id.in_(resident.all_ids))
        .values(tokens="")
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Point)
        .where(Point.comment_id.in_(written))
        .values(shown_text=None, shown_name=None)
        .execution_options(synchronize_session=False)
    )
