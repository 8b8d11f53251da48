"""One turn of a conversation: what came, who said it, and where the conversation stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from flask import url_for
from sqlalchemy.exc import IntegrityError

from config.settings import Account, Settings
from models.decisions.consultation import Consultation, by_public_id, open_consultations
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.installation import Installation
from models.kernel.refusal import Missing
from models.messages.conversation import Conversation, Expecting
from models.people.link import HOURS, OneOffLink
from models.people.resident import Identity, Resident
from server.wechat import words
from server.wechat.incoming import Incoming
from server.wechat.reply import Card, Cards
from server.wire.rights import rights_of
from server.words import brief

LATELY = timedelta(hours=24)
"""How long a question of ours waits for its answer, as long as a choice holds (house rule: 24 hours)."""


@dataclass
class Turn:
    """What a handler is given."""

    incoming: Incoming
    account: Account
    settings: Settings
    kind: str = ""
    """What was heard, as it will be counted."""

    @cached_property
    def identity(self) -> Identity:
        """The WeChat identity that speaks; made on first sight."""
        return Identity.seen(self.incoming.appid, self.incoming.sender)

    @property
    def resident(self) -> Resident:
        """The person behind it."""
        return self.identity.resident.current

    @cached_property
    def conversation(self) -> Conversation:
        """Where the conversation stands, locked so that two messages sent in one breath are heard one after the other."""
        try:
            with db.session.begin_nested():
                found = Conversation.of(self.identity)
                db.session.flush()
        except IntegrityError:
            found = Conversation.of(self.identity)
        db.session.refresh(found, with_for_update=True)
        return found

    @property
    def text(self) -> str:
        """What was typed, letter for letter."""
        return self.incoming.text

    @property
    def key(self) -> str:
        """The idempotency key of what this turn makes."""
        return f"chat:{self.incoming.heard_key}"

    @cached_property
    def office(self) -> Installation:
        """This office."""
        return Installation.here()

    @cached_property
    def signs_in(self) -> bool:
        """Whether the account's pages know who opens them."""
        return rights_of(self.account.kind).oauth

    def link(self, page: str, **values: Any) -> str:
        """The public address of a page of the mini-site."""
        return f"{self.settings.public_url.rstrip('/')}{url_for(f'site.{page}', **values)}"

    def personal(self, page: str, **values: Any) -> str:
        """A page of this person's own things; a one-off link to it where the account cannot sign people in."""
        if self.signs_in:
            return self.link(page, **values)
        token = OneOffLink.make(self.resident, url_for(f"site.{page}", **values))
        return words.personal(self.link("one_off", token=token), HOURS)

    def offer(self, rows: Sequence[Any], expecting: Expecting = Expecting.CHOICE) -> None:
        """Remember what was listed and in which order, so that 「2」 means the second."""
        self.conversation.offered = [row.public_id for row in rows]
        self.expect(expecting)

    def expect(self, expecting: Expecting) -> None:
        """What the next text is taken for."""
        self.conversation.expecting = expecting
        self.conversation.touched_at = now()

    @property
    def expecting(self) -> Expecting:
        """What this text is taken for; after a day nothing is expected any more."""
        conversation = self.conversation
        lately = now() - conversation.touched_at <= LATELY
        return conversation.expecting if lately else Expecting.NOTHING

    def card(self, consultation: Consultation) -> Cards:
        """A consultation as a card that can be opened."""
        return Cards(
            [
                Card(
                    words.named(consultation.title),
                    words.card_description(consultation.summary, consultation.closes_on),
                    self.link("consultation", public_id=consultation.public_id),
                )
            ]
        )


def open_now() -> list[Any]:
    """Core rows of what people can speak about now, oldest first: whatever comes new stands at the end, numbers stay.

    The newest nine where there are more: a passive reply holds 2,048 bytes. The site lists them all.
    """
    return sorted(open_consultations(limit=9), key=lambda row: row.id)


def whole(row: Any) -> Consultation:
    """The consultation behind a row of open_now()."""
    found = by_public_id(row.public_id)
    if found is None:
        raise Missing("这件征求意见刚刚撤下了。")
    return found


def listed(rows: Sequence[Any]) -> list[words.Listed]:
    """Rows of open_now() as lines of a list."""
    return [words.Listed(brief(row.title, 30), row.closes_on) for row in rows]
