"""A consultation with as many comments as a campaign brings, made faster than people could write them: sealed like any other."""

import os
import random
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, insert, select, update

from models.comments.comment import Comment
from models.comments.point import Point, PointStage
from models.decisions.consultation import Channel, Consultation
from models.kernel import sealed
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.ids import new_public_id
from models.kernel.sealed import PersonKey, keyring
from models.people.place import villages
from models.people.resident import Resident, ResidentKind

TOGETHER = 1000


def come(asked: Consultation, texts: Sequence[str], *, seed: int = 5, show_text: bool = False) -> None:
    """One resident, key, comment and point for each text, by the thousand; committed as they come."""
    dice, places = random.Random(seed), [village.id for village in villages()]
    clauses = [clause.id for clause in asked.draft.speakable] if asked.draft else []
    number, serial, ring = asked.id, asked.serials, keyring()
    first = (db.session.scalar(select(func.max(PersonKey.id))) or 0) + 1_000_000
    channels = list(Channel)
    for start in range(0, len(texts), TOGETHER):
        keys: list[dict[str, Any]] = []
        people: list[dict[str, Any]] = []
        comments: list[dict[str, Any]] = []
        points: list[dict[str, Any]] = []
        for n, text in enumerate(texts[start : start + TOGETHER], start):
            secret, nonce, key_name, name = os.urandom(32), os.urandom(12), new_public_id(), new_public_id()
            wrapped = nonce + AESGCM(ring.keys[ring.current]).encrypt(nonce, secret, f"person_key:{key_name}".encode())
            id_, place = first + n, dice.choice(places)
            channel, clause = dice.choice(channels), dice.choice([*clauses, None])
            keys.append({"id": id_, "public_id": key_name, "wrapped": wrapped, "wrapped_by": ring.current})
            people.append(
                {"id": id_, "public_id": new_public_id(), "kind": ResidentKind.INDIVIDUAL, "place_id": place,
                 "key_id": id_, "anonymous": False, "on_paper": False, "joined_at": now()}
            )  # fmt: skip
            comments.append(
                {"id": id_, "public_id": name, "consultation_id": number, "clause_id": clause, "resident_id": id_,
                 "place_id": place, "channel": channel, "serial": serial + n + 1, "kind": ResidentKind.INDIVIDUAL, "signers": 1,
                 "sealed_text": sealed.seal(secret, text, f"comment.text:{name}"), "tokens": "", "show_text": show_text,
                 "show_name": False, "received_at": now()}
            )  # fmt: skip
            points.append(
                {"id": id_, "public_id": new_public_id(), "comment_id": id_, "consultation_id": number,
                 "clause_id": clause, "number": 1, "stage": PointStage.OPEN, "gist": "", "may_show": False,
                 "returned_reason": "", "version": 1, "channel": channel.value, "place_id": place}
            )  # fmt: skip
        for record, rows in ((PersonKey, keys), (Resident, people), (Comment, comments), (Point, points)):
            db.session.execute(insert(record), rows)
        db.session.commit()
    many = len(texts)
    db.session.execute(
        update(Consultation)
        .where(Consultation.id == number)
        .values(
            n_texts=Consultation.n_texts + many,
            n_points=Consultation.n_points + many,
            n_people=Consultation.n_people + many,
            serials=Consultation.serials + many,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
