"""What people tell us in confidence is sealed under a key of their own; dropping the key is forgetting."""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, PublicId, db
from models.kernel.clock import wall
from models.kernel.refusal import Missing

GONE = "（已应本人要求删除）"
"""What a page shows in place of words whose key was dropped."""


class Broken(Exception):
    """A seal that does not open: a wrong key, or a blob moved to another row."""


@dataclass(frozen=True)
class Keyring:
    """The office's keys, first one seals, all of them open; kept outside the database."""

    keys: dict[str, bytes] = field(repr=False)
    """Key id to 32 bytes."""
    _derived: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def current(self) -> str:
        """The id of the key that seals now."""
        return next(iter(self.keys))

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose, from the oldest key, so that look-ups survive a new sealing key; derived once."""
        if purpose not in self._derived:
            oldest = list(self.keys.values())[-1]
            self._derived[purpose] = HKDF(hashes.SHA256(), 32, salt=b"huiyin", info=purpose.encode()).derive(oldest)
        return self._derived[purpose]


def keyring() -> Keyring:
    """The keyring that create_app put in place."""
    ring = current_app.extensions["keyring"]
    assert isinstance(ring, Keyring)
    return ring


def seal(key: bytes, text: str, row: str) -> bytes:
    """AES-256-GCM: 12 bytes nonce, then ciphertext and tag. `row` names where it belongs and is authenticated."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), row.encode())


def unseal(key: bytes, blob: bytes, row: str) -> str:
    """Open what seal() closed; Broken when key, row or bytes are not the ones it was sealed with."""
    try:
        return AESGCM(key).decrypt(blob[:12], blob[12:], row.encode()).decode()
    except InvalidTag as wrong:
        raise Broken(row) from wrong


def blind(value: str, purpose: str) -> bytes:
    """A keyed hash to look something up by, without storing it."""
    return hmac.new(keyring().derived("blind:" + purpose), value.encode(), hashlib.sha256).digest()


class PersonKey(PublicId, Base):
    """A data key for one person, wrapped by the office's key; without it nothing they told us can be read."""

    __tablename__ = "person_key"

    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    wrapped_by: Mapped[str] = mapped_column(String(24))
    dropped_at: Mapped[datetime | None]

    @classmethod
    def make(cls) -> Self:
        """A fresh key, wrapped and stored."""
        ring = keyring()
        row = cls(wrapped_by=ring.current)
        secret = os.urandom(32)
        nonce = os.urandom(12)
        row.wrapped = nonce + AESGCM(ring.keys[ring.current]).encrypt(nonce, secret, row._name())
        db.session.add(row)
        return row

    def _name(self) -> bytes:
        return f"person_key:{self.public_id}".encode()

    @property
    def secret(self) -> bytes:
        """The key itself; Missing when it was dropped."""
        return unwrap(self.wrapped, self.wrapped_by, self.public_id)

    def drop(self) -> None:
        """Forget: what was sealed with it can never be read again."""
        self.wrapped = None
        self.dropped_at = wall()


def unwrap(wrapped: bytes | None, wrapped_by: str, public_id: str) -> bytes:
    """The person's key from the columns of its row, for lists that read core rows."""
    if wrapped is None:
        raise Missing("这位居民已要求删除个人信息，内容不能再读取。", code="erased")
    try:
        key = keyring().keys[wrapped_by]
        return AESGCM(key).decrypt(wrapped[:12], wrapped[12:], f"person_key:{public_id}".encode())
    except (KeyError, InvalidTag) as wrong:
        raise Broken(f"person_key:{public_id}") from wrong


def commitment(key: bytes, row: str, text: str) -> str:
    """A salted hash that proves a text without holding it; the salt dies with the person's key."""
    salt = hmac.new(key, ("commitment:" + row).encode(), hashlib.sha256).digest()
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()
