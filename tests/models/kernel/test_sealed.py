"""A seal opens with its own key in its own row, and nowhere else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel import sealed
from models.kernel.base import db
from models.kernel.refusal import Missing
from models.kernel.sealed import Broken, Keyring, PersonKey

KEY = bytes(range(32))


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_what_is_sealed_opens_as_it_was(words: str) -> None:
    assert sealed.unseal(KEY, sealed.seal(KEY, words, "row"), "row") == words


def test_moved_to_another_row_it_stays_closed() -> None:
    blob = sealed.seal(KEY, "甲的话", "comment.text:aaa")
    with pytest.raises(Broken):
        sealed.unseal(KEY, blob, "comment.text:bbb")
    with pytest.raises(Broken):
        sealed.unseal(bytes(32), blob, "comment.text:aaa")
    with pytest.raises(Broken):
        sealed.unseal(KEY, blob[:-1] + bytes([blob[-1] ^ 1]), "comment.text:aaa")


def test_a_dropped_key_is_gone_and_says_so(session: Any) -> None:
    key = PersonKey.make()
    db.session.flush()
    assert len(key.secret) == 32
    key.drop()
    with pytest.raises(Missing, match="删除个人信息"):
        _ = key.secret


def test_a_new_office_key_seals_while_the_old_one_still_opens(app: Any) -> None:
    old, new = bytes(range(32)), bytes(range(1, 33))
    with app.app_context():
        app.extensions["keyring"] = Keyring({"old": old})
        made = PersonKey.make()
        secret, looked_up = made.secret, sealed.blind("13800000000", "phone")
        app.extensions["keyring"] = Keyring({"new": new, "old": old})
        assert made.secret == secret
        assert PersonKey.make().wrapped_by == "new"
        assert sealed.blind("13800000000", "phone") == looked_up
        db.session.rollback()


def test_a_commitment_proves_the_words_and_depends_on_the_key() -> None:
    proof = sealed.commitment(KEY, "row", "原话")
    assert proof == sealed.commitment(KEY, "row", "原话")
    assert proof != sealed.commitment(KEY, "row", "原话。")
    assert proof != sealed.commitment(bytes(32), "row", "原话")


def test_a_keyring_never_prints_its_keys() -> None:
    assert KEY.hex() not in repr(Keyring({"k": KEY})) and repr(KEY) not in repr(Keyring({"k": KEY}))


def test_what_looks_words_up_is_derived_once_and_not_for_each_word(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app.extensions["keyring"] = Keyring({"one": KEY})
    with app.app_context():
        first = sealed.blind("停车", "bigram")
        monkeypatch.delattr(sealed, "HKDF")
        assert sealed.blind("停车", "bigram") == first != sealed.blind("车位", "bigram")
