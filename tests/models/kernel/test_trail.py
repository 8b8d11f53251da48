"""The trail as deeds write it: a row in the same transaction, a place in its chain soon after, nothing personal, nothing held up."""

from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from models.kernel import trail
from models.kernel.base import db
from models.kernel.evidence import check
from models.kernel.trail import Trace, TraceLink
from models.kernel.witness import witness
from models.people.unit import Unit
from server.house import House
from tests.making import a_comment, a_consultation, a_resident

pytestmark = pytest.mark.both_engines


@pytest.fixture
def chain(people: Any) -> str:
    """A case with some deeds, all of them linked."""
    asked = a_consultation(people)
    for number in range(4):
        a_comment(asked, a_resident(number))
    db.session.commit()
    while trail.sequence(limit=7):
        db.session.commit()
    return asked.chain


def test_an_untouched_chain_is_whole(chain: str) -> None:
    verdict = check(chain)
    assert verdict.whole
    assert verdict.rows == verdict.linked > 8
    assert (verdict.position, verdict.head) == trail.tip(chain)


def test_rows_not_yet_linked_are_counted_and_checked_by_their_mac(chain: str, people: Any) -> None:
    asked = a_consultation(people)
    db.session.flush()
    verdict = check(asked.chain)
    assert verdict.whole and verdict.linked == 0 and verdict.waiting == verdict.rows > 0


def test_deeds_of_no_case_stand_in_the_chain_of_their_month(people: Any) -> None:
    unit = Unit.found(people["xitong"], "平安法治办")
    db.session.flush()
    (trace, _), *_ = trail.story(subject=unit)
    assert trace.chain == trail.month()
    assert trace.demonstration


def test_a_second_sequencer_cannot_give_the_same_place(chain: str) -> None:
    last, head = trail.tip(chain)
    db.session.add(TraceLink(trace_id=1, chain=chain, position=last, head=head, mac=head))
    with pytest.raises(Exception, match=r"(?i)unique"):
        db.session.flush()


def test_a_sequencer_that_was_rolled_back_has_seen_nothing(people: Any) -> None:
    asked = a_consultation(people)
    db.session.commit()
    assert len(witness().pending()) == db.session.scalar(select(func.count()).select_from(Trace))
    assert trail.sequence() > 0
    db.session.rollback()
    assert witness().pending() == []
    assert trail.sequence() > 0, "and links again"
    assert check(asked.chain).waiting == 0


def test_many_pages_of_a_chain_are_checked_like_one(chain: str, people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a_comment(a_consultation(people), a_resident(9))
    whole = check(chain)
    for page in (1, 3, whole.rows, whole.rows + 1):
        monkeypatch.setattr("models.kernel.evidence.PAGE", page)
        again = check(chain)
        assert (again.rows, again.linked, again.head, again.wrong) == (whole.rows, whole.linked, whole.head, []), page


def test_the_trail_holds_no_personal_text(people: Any) -> None:
    who = a_resident()
    who.introduce(who, name="周大妈", phone="13812345678", door="h5")
    a_comment(a_consultation(people), who, "楼下那家店凌晨四点就卸货").comment.add(who, "真的很吵")
    db.session.flush()
    told = " ".join(str(row) for row in db.session.execute(text("SELECT detail, actor_name FROM trace")))
    for secret in ("周大妈", "13812345678", "凌晨四点", "真的很吵"):
        assert secret not in told


def test_a_commitment_needs_the_key_and_tells_nothing(app: House, people: Any) -> None:
    kept = trail.commitment("理由")
    assert kept == trail.commitment("理由") != trail.commitment("理由。")
    app.extensions["trail_key"] = bytes(32)
    assert trail.commitment("理由") != kept


def test_writing_the_trail_changes_no_row_and_reads_none_of_the_chain(people: Any) -> None:
    """Inserts only: whatever would be locked, counted up or read to find the last place would make people wait."""
    asked, handler = a_consultation(people), people["shenlin"]
    assert handler.actor_post
    said: list[str] = []

    def hear(*told: Any) -> None:
        said.append(str(told[2]).split(" ")[0])

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        trail.write(asked, "revise", handler, {})
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    assert said == ["INSERT"]
