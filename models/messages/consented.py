"""One accept is one message, though two messengers bring it: the mini program's own report and WeChat's event."""

import hashlib
from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.ids import new_token
from models.messages.heard import Heard
from models.people.resident import Grant, Identity

MESSENGERS = ("api", "event")
APART = timedelta(minutes=10)
"""How far apart the two reports of one answer may be."""


def accepted(identity: Identity, template: str, messenger: str) -> None:
    """Count an accept, unless the other messenger has brought the same one already."""
    # Two reports at once are taken one after the other.
    db.session.execute(select(Identity.id).where(Identity.id == identity.id).with_for_update())
    mine, other = (_kind(identity, template, who) for who in (messenger, _other(messenger)))
    since = wall() - APART
    known = Heard.how_many(other, since) > Heard.how_many(mine, since)
    Heard.remember(f"{mine}:{new_token()}", mine, "")
    if not known:
        lasting = template in current_app.extensions.get("lasting_templates", ())
        Grant.accepted(identity, template, lasting=lasting)


def _other(messenger: str) -> str:
    first, second = MESSENGERS
    return second if messenger == first else first


def _kind(identity: Identity, template: str, messenger: str) -> str:
    return f"accept:{messenger}:{identity.id}:{hashlib.sha256(template.encode()).hexdigest()[:12]}"
