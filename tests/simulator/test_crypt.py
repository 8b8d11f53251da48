"""Sealing and signing agree with the platform's own samples."""

import json
from typing import Any

import pytest

from server.simulator import crypt
from tests.conftest import SHARED

VECTORS = SHARED / "wechat" / "vectors"
needs_vectors = pytest.mark.usefixtures("samples")


def samples(folder: str) -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text("utf-8")), id=path.stem)
        for path in sorted((VECTORS / folder).glob("*.json"))
    ]


@needs_vectors
@pytest.mark.parametrize("sample", samples("crypto"))
def test_every_sealed_sample_opens_and_its_signature_is_ours(sample: dict[str, Any]) -> None:
    parts = (sample["token"], sample["timestamp"], sample["nonce"], sample["encrypt"])
    assert crypt.sign(*parts) == sample["msg_signature"]
    text = crypt.unseal(sample["encoding_aes_key"], sample["appid"], sample["encrypt"])
    if "plaintext" in sample:
        assert text == sample["plaintext"]
    for value in sample.get("expected_fields", {}).values():
        assert value in text


@needs_vectors
@pytest.mark.parametrize("sample", samples("crypto"))
def test_the_same_random_bytes_give_the_same_seal(sample: dict[str, Any]) -> None:
    if "random16" not in sample:
        return
    sealed = crypt.seal(sample["encoding_aes_key"], sample["appid"], sample["plaintext"], sample["random16"].encode())
    assert sealed == sample["encrypt"]


@needs_vectors
@pytest.mark.parametrize("sample", [one for one in samples("signature") if "token" in one.values[0]])
def test_every_signature_sample_is_ours(sample: dict[str, Any]) -> None:
    parts = [sample["token"], sample["timestamp"], sample["nonce"]]
    if "encrypt" in sample:
        parts.append(sample["encrypt"])
    assert crypt.sign(*parts) == sample.get("signature", sample.get("msg_signature"))


KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.mark.parametrize("text", ["", "一", "征求意见" * 500, "\x01😀𠮷\n\t ]]>"])
def test_what_is_sealed_opens_again(text: str) -> None:
    assert crypt.unseal(KEY, "wx1", crypt.seal(KEY, "wx1", text)) == text


def test_a_seal_for_another_account_does_not_open() -> None:
    with pytest.raises(crypt.Broken):
        crypt.unseal(KEY, "wx2", crypt.seal(KEY, "wx1", "给别人的"))


@pytest.mark.parametrize("sealed", ["", "%%%", "AAAA", "A" * 64])
def test_rubbish_is_refused_in_one_way(sealed: str) -> None:
    with pytest.raises(crypt.Broken):
        crypt.unseal(KEY, "wx1", sealed)
