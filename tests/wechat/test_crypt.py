"""The envelope opens only for WeChat, and closes as WeChat's own examples do."""

import base64
import struct
import time

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from server.wechat.crypt import Forged, Seal, same, signature
from server.wechat.parsing import read
from tests.wechat import vectors

KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
SEAL = Seal("wx1234567890abcdef", "token", KEY)


def of(example: dict) -> Seal:
    return Seal(example.get("appid", "wx"), example["token"], example.get("encoding_aes_key", KEY))


@vectors.beside
@pytest.mark.parametrize(
    "name", ["official_secure_push", "official_secure_reply", "wechatpy_work_decrypt", "wechatpy_work_encrypt"]
)
def test_published_envelopes_open_and_their_signatures_hold(name: str) -> None:
    example = vectors.loaded(f"crypto/{name}.json")
    seal = of(example)
    seal.check(example["msg_signature"], example["timestamp"], example["nonce"], example["encrypt"])
    plain = seal.open(example["encrypt"]).decode()
    if "plaintext" in example:
        assert plain == example["plaintext"]
    fields, _ = read(plain.encode())
    for field, value in example.get("expected_fields", {}).items():
        assert fields[field].strip() == value


@vectors.beside
@pytest.mark.parametrize("name", ["official_secure_push", "official_secure_reply", "wechatpy_work_encrypt"])
def test_published_envelopes_are_reproduced_byte_for_byte(name: str) -> None:
    example = vectors.loaded(f"crypto/{name}.json")
    seal = of(example)
    sealed = seal.close(example["plaintext"], salt=example["random16"].encode())
    assert sealed == example["encrypt"]
    assert seal.sign(sealed, example["timestamp"], example["nonce"]) == example["msg_signature"]


@vectors.beside
def test_a_published_echo_opens_and_its_nonce_is_signed() -> None:
    example = vectors.loaded("crypto/wechatpy_work_echostr.json")
    seal = of(example)
    seal.check(example["msg_signature"], example["timestamp"], example["nonce"], example["encrypt"])
    assert seal.open(example["encrypt"]).isdigit()
    with pytest.raises(Forged):
        seal.check(example["msg_signature"], example["timestamp"], "437374424", example["encrypt"])


@vectors.beside
@pytest.mark.parametrize("name", ["official_url_verify", "official_plain_push", "wechatpy_check_signature"])
def test_published_plain_signatures_hold(name: str) -> None:
    example = vectors.loaded(f"signature/{name}.json")
    of(example).check(example["signature"], example["timestamp"], example["nonce"])
    last = "0" if example["signature"][-1] != "0" else "1"
    with pytest.raises(Forged):
        of(example).check(example["signature"][:-1] + last, example["timestamp"], example["nonce"])


@vectors.beside
def test_a_published_message_signature_holds() -> None:
    example = vectors.loaded("signature/skit_msg_signature_only.json")
    of(example).check(example["msg_signature"], example["timestamp"], example["nonce"], example["encrypt"])
    with pytest.raises(Forged):
        of(example).check(example["msg_signature"], example["timestamp"], example["nonce"])


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_ours_and_wechatpys_envelopes_open_each_other(text: str) -> None:
    theirs = WeChatCrypto("token", KEY, "wx1234567890abcdef")
    sealed = SEAL.close(text)
    envelope = {"Encrypt": sealed}
    assert theirs.decrypt_message(envelope, SEAL.sign(sealed, "1", "n"), "1", "n") == text
    fields, _ = read(theirs.encrypt_message(text, "n", "1").encode())
    SEAL.check(fields["MsgSignature"], "1", "n", fields["Encrypt"])
    assert SEAL.open(fields["Encrypt"]).decode() == text


def raw_seal(plain: bytes) -> str:
    """Encrypt bytes as they are, so that every kind of wrong padding can be made."""
    key = base64.b64decode(KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


GOOD = b"s" * 16 + struct.pack(">I", 2) + b"ok" + b"wx1234567890abcdef"


def padded(plain: bytes, pad: int | None = None) -> bytes:
    size = 32 - len(plain) % 32
    return plain + bytes([size if pad is None else pad]) * size


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "not base64!",
        "AAAA",
        base64.b64encode(b"x" * 33).decode(),
        base64.b64encode(b"x" * 64).decode(),
        raw_seal(padded(GOOD, pad=0)),
        raw_seal(padded(GOOD, pad=33)),
        raw_seal(padded(GOOD)[:-2] + b"\x01" + padded(GOOD)[-1:]),
        raw_seal(padded(b"s" * 10)),
        raw_seal(padded(b"s" * 16 + struct.pack(">I", 2**32 - 1) + b"ok" + b"wx1234567890abcdef")),
        raw_seal(padded(b"s" * 16 + struct.pack(">I", 2) + b"ok" + b"wx0000000000000000")),
        raw_seal(padded(b"s" * 16 + struct.pack(">I", 2) + b"ok")),
        "加密" * 20,
    ],
)
def test_every_garbled_envelope_is_one_kind_of_refusal(sealed: str) -> None:
    with pytest.raises(Forged):
        SEAL.open(sealed)
    assert SEAL.open(raw_seal(padded(GOOD))) == b"ok"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_nothing_but_a_refusal_comes_of_garbage(sealed: str) -> None:
    with pytest.raises(Forged):
        SEAL.open(sealed)
    with pytest.raises(Forged):
        SEAL.check(sealed, "1", "n", sealed)
    with pytest.raises(Forged):
        SEAL.check("a" * 40, sealed, sealed, sealed)


def test_signatures_compare_whatever_is_sent() -> None:
    assert not same("a" * 40, "é" * 40)
    assert not same("a" * 40, "\ud800")
    assert same(signature("b", "a"), signature("a", "b"))


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)])
def test_five_minutes_is_fresh_and_a_second_more_is_not(age: int, fresh: bool) -> None:
    at = time.time()
    signed = str(int(at - age))
    if fresh:
        Seal.check_fresh(signed, int(at))
    else:
        with pytest.raises(Forged):
            Seal.check_fresh(signed, int(at))


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "٣٤٥", "9" * 40, "1 "])
def test_a_timestamp_is_plain_digits(timestamp: str) -> None:
    with pytest.raises(Forged):
        Seal.check_fresh(timestamp, time.time())
