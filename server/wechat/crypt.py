"""Proves that a message really comes from WeChat, opens its envelope and seals our answer, and lets nothing else through."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # WeChat pads to 32 bytes, not to AES's own 16
SALT = 16
LENGTH = 4
FRESH_SECONDS = 300
NONCE = re.compile(r"[A-Za-z0-9_\-]{1,64}")
SECONDS = re.compile(r"[0-9]{1,12}")


class Forged(Exception):
    """What arrived was not made by WeChat for this account; the reason is for the log, never for the sender."""


def signature(*parts: str) -> str:
    """WeChat's signature: SHA-1 over the sorted parts, lone surrogates kept apart from everything that may be signed."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def same(expected: str, given: str) -> bool:
    """Compare in constant time whatever was sent, text that is not ASCII too."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


class Seal:
    """One account's webhook cryptography."""

    def __init__(self, appid: str, token: str, aes_key: str):
        self.appid = appid
        self._token = token
        key = base64.b64decode(aes_key + "=")
        if len(key) != 32:
            raise ValueError("an EncodingAESKey has 43 characters and stands for 32 bytes")
        self._algorithm = algorithms.AES(key)
        self._mode = modes.CBC(key[:16])  # WeChat's choice: the first half of the key is the vector

    def check(self, given: str, timestamp: str, nonce: str, encrypt: str | None = None) -> None:
        """Refuse unless `given` signs exactly these parts (with `encrypt` it is msg_signature, without it the plain one)."""
        if not (SECONDS.fullmatch(timestamp) and NONCE.fullmatch(nonce)):
            raise Forged("timestamp or nonce malformed")
        parts = (timestamp, nonce) if encrypt is None else (timestamp, nonce, encrypt)
        if not same(signature(self._token, *parts), given):
            raise Forged("signature")

    @staticmethod
    def check_fresh(timestamp: str, at: float) -> None:
        """Refuse what was signed more than five minutes from now, in either direction."""
        if not SECONDS.fullmatch(timestamp) or abs(at - int(timestamp)) > FRESH_SECONDS:
            raise Forged("stale")

    def open(self, encrypt: str) -> bytes:
        """The message inside, or Forged: the padding, the length and the account are all checked."""
        try:
            sealed = base64.b64decode(encrypt, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Forged("base64") from error
        if len(sealed) < BLOCK or len(sealed) % 16:
            raise Forged("length")
        decryptor = Cipher(self._algorithm, self._mode).decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        pad = padded[-1]
        if not 1 <= pad <= BLOCK or padded[-pad:] != bytes([pad]) * pad:
            raise Forged("padding")
        plain = padded[:-pad]
        if len(plain) < SALT + LENGTH:
            raise Forged("too short")
        (size,) = struct.unpack_from(">I", plain, SALT)
        start = SALT + LENGTH
        if size > len(plain) - start:
            raise Forged("inner length")
        if not hmac.compare_digest(plain[start + size :], self.appid.encode()):
            raise Forged("appid")
        return plain[start : start + size]

    def close(self, text: str, salt: bytes | None = None) -> str:
        """Seal an answer; `salt` is given only where a published example is reproduced."""
        salt = salt or secrets.token_hex(SALT // 2).encode()
        body = text.encode()
        plain = salt + struct.pack(">I", len(body)) + body + self.appid.encode()
        pad = BLOCK - len(plain) % BLOCK
        encryptor = Cipher(self._algorithm, self._mode).encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def sign(self, encrypt: str, timestamp: str, nonce: str) -> str:
        """The signature that goes with a sealed answer."""
        return signature(self._token, timestamp, nonce, encrypt)
