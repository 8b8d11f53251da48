"""The envelope of WeChat's safe mode: sealing, opening and signing, written from the published rules."""

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # WeChat pads to 32 bytes, not to AES's 16


class Broken(Exception):
    """A sealed text that does not open: wrong key, wrong owner or garbled."""


def key_of(aes_key: str) -> bytes:
    key = base64.b64decode(aes_key + "=")
    if len(key) != 32:
        raise ValueError("EncodingAESKey 应当是 43 个字符")
    return key


def seal(aes_key: str, appid: str, text: str, random16: bytes | None = None) -> str:
    key = key_of(aes_key)
    body = text.encode("utf-8", "surrogatepass")
    plain = (random16 or os.urandom(16)) + len(body).to_bytes(4, "big") + body + appid.encode()
    pad = BLOCK - len(plain) % BLOCK
    plain += bytes([pad]) * pad
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def unseal(aes_key: str, appid: str, sealed: str) -> str:
    key = key_of(aes_key)
    try:
        cipher = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Broken("不是 base64") from error
    if not cipher or len(cipher) % 16:
        raise Broken("长度不对")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(cipher) + decryptor.finalize()
    pad = plain[-1]
    if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise Broken("填充不对，密钥可能不是这一把")
    plain = plain[:-pad]
    if len(plain) < 20:
        raise Broken("太短")
    length = int.from_bytes(plain[16:20], "big")
    body, owner = plain[20 : 20 + length], plain[20 + length :]
    if len(body) != length or not hmac.compare_digest(owner, appid.encode()):
        raise Broken("不是给这个账号的")
    try:
        return body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise Broken("不是 UTF-8") from error


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
