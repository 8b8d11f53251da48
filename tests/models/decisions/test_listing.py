"""A major decision stands in the year's published catalogue, or somebody in charge has said why not."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions.catalogue import items_in_force
from models.decisions.decision import Decision, Kind
from models.decisions.listing import leave_unlisted, list_on, listing_of
from models.decisions.matter import Category
from models.decisions.road import Going, standing_of
from models.kernel.lifecycle import unmet
from models.kernel.refusal import NotAllowed, RuleUnmet
from tests.conftest import People
from tests.making import a_catalogue


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    made = Decision.open(people["shenlin"], "农贸市场周边停车管理办法")
    made.classify(people["shenlin"], Kind.MAJOR, "影响三千二百户。", category=Category.POLICY)
    return made


def asked_for(case: Decision, people: People) -> list[tuple[str, str]]:
    found = unmet(case, "decision.send_to_review", people["shenlin"])
    return [(r.code, r.article) for r in found if r.code == "listed_or_explained"]


def test_it_is_not_sent_to_review_before_its_place_in_the_catalogue_is_known(case: Decision, people: People) -> None:
    assert asked_for(case, people) == [("listed_or_explained", "条例第三条")]
    a_catalogue(people)
    item = items_in_force()[0]
    list_on(case, people["shenlin"], item)
    assert asked_for(case, people) == []
    found = listing_of(case)
    assert found
    assert found.words == f"{item.catalogue.year}年度目录第{item.position}项"


def test_what_is_in_no_catalogue_is_explained_by_somebody_in_charge(case: Decision, people: People) -> None:
    with pytest.raises(NotAllowed):
        leave_unlisted(case, people["shenlin"], "年中新发生的事。")
    with pytest.raises(RuleUnmet):
        leave_unlisted(case, people["xujing"], " ")
    leave_unlisted(case, people["xujing"], "年中新发生的事。")
    assert asked_for(case, people) == []
    standing = standing_of(case, "catalogue")
    assert standing
    assert (standing.going, standing.who) == (Going.EXCUSED, "许静")


def test_an_item_that_is_not_published_is_no_place(case: Decision, people: People) -> None:
    with pytest.raises(RuleUnmet):
        list_on(case, people["shenlin"], None)


@pytest.mark.both_engines
def test_the_database_changes_no_answer(case: Decision, people: People, session: scoped_session[Any]) -> None:
    leave_unlisted(case, people["xujing"], "年中新发生的事。")
    session.flush()
    for sql in ("UPDATE listing SET reason = '别的'", "DELETE FROM listing"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))
