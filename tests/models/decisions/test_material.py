"""A paper handed in stays as it was: typed by what it holds, under its hash, each version and each publicity kept."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models import files
from models.decisions.decision import Decision
from models.decisions.material import Material, Publicity, counted, materials, newest, versions
from models.kernel.refusal import NotAllowed, RuleUnmet
from tests.conftest import People
from tests.making import a_pdf


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    return Decision.open(people["shenlin"], "农贸市场周边停车管理办法")


def hand(people: People, case: Decision, data: bytes = b"", **more: Any) -> Material:
    told: dict[str, Any] = {"publicity": Publicity.OPEN} | more
    made: Material = Material.add(people["shenlin"], case, "expert", "意见书", data or a_pdf(), **told)
    return made


def test_a_file_is_kept_under_its_hash_and_typed_by_what_it_holds(case: Decision, people: People) -> None:
    made = hand(people, case)
    assert made.file == hashlib.sha256(a_pdf()).hexdigest()
    assert (made.mime, made.extension, made.size) == ("application/pdf", "pdf", len(a_pdf()))
    assert files.read(made.file) == a_pdf()


@pytest.mark.parametrize("data", [b"<html>x</html>", b"MZ\x90\x00", b"PK\x03\x04 not a document", b"#!/bin/sh\n"])
def test_what_is_no_document_is_refused_in_words(case: Decision, people: People, data: bytes) -> None:
    with pytest.raises(RuleUnmet) as refused:
        hand(people, case, data)
    assert "可以上传" in refused.value.message


def test_what_is_kept_back_says_why(case: Decision, people: People) -> None:
    with pytest.raises(RuleUnmet):
        hand(people, case, publicity=Publicity.CLOSED)
    hand(people, case, publicity=Publicity.CLOSED, publicity_reason="个人隐私（第十五条）")


def test_a_new_version_names_the_one_before_and_both_stay(case: Decision, people: People) -> None:
    first = hand(people, case)
    second = hand(people, case, a_pdf("第二版"), replaces=first)
    assert (second.edition, second.replaces_id) == (2, first.id)
    assert [m.id for m in materials(case)] == [second.id]
    assert [m.id for m in versions(case)] == [first.id, second.id]
    assert newest(first).id == second.id
    assert counted(case) == {"expert": 1}
    with pytest.raises(RuleUnmet):
        hand(people, case, replaces=first)


def test_changing_the_publicity_is_a_new_row_with_its_reason(case: Decision, people: People) -> None:
    first = hand(people, case)
    with pytest.raises(RuleUnmet):
        Material.reclassify(people["zhoumin"], first, Publicity.CLOSED, "")
    second = Material.reclassify(people["zhoumin"], first, Publicity.CLOSED, "含住址。")
    assert (second.file, second.edition, second.publicity) == (first.file, 1, Publicity.CLOSED)
    assert first.publicity == Publicity.OPEN


def test_a_village_officer_hands_in_nothing(case: Decision, people: People) -> None:
    with pytest.raises(NotAllowed):
        Material.add(people["mafang"], case, "expert", "意见书", a_pdf(), publicity=Publicity.OPEN)


@pytest.mark.both_engines
def test_the_database_changes_no_paper(case: Decision, people: People, session: scoped_session[Any]) -> None:
    hand(people, case)
    session.flush()
    for sql in ("UPDATE material SET title = '别的'", "DELETE FROM material"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))
