"""The catalogue of decisions: agreed by the Party working committee before anybody sees it, adjusted in the open, never rewritten."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import scoped_session

from models.decisions.catalogue import (
    Catalogue,
    CatalogueStage,
    in_force,
    in_hand,
    item_now,
    items_in_force,
    planned,
    versions,
    years,
)
from models.decisions.matter import Livelihood, Procedure
from models.kernel.clock import today
from models.kernel.lifecycle import unmet, why_not
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import story
from tests.conftest import Clock, People
from tests.making import MATTER, a_catalogue


def lacking(made: Catalogue, gate: str, who: Any) -> list[str]:
    return [refusal.code for refusal in unmet(made, gate, who)]


def test_nothing_is_public_before_the_committee_agreed_with_date_and_number(people: People) -> None:
    made = a_catalogue(people, CatalogueStage.DRAFTED)
    assert in_force() is None
    assert isinstance(why_not(made, "publish", people["zhoumin"]), OutOfTurn)
    with pytest.raises(RuleUnmet) as refused:
        made.consent(people["zhoumin"], None, " ")
    assert set(refused.value.fields) == {"consented_on", "number"}
    with pytest.raises(RuleUnmet, match="日期和文号"):
        made.consent(people["zhoumin"], today() + timedelta(days=1), "青街工委〔2026〕3号")
    made.consent(people["zhoumin"], today(), "青街工委〔2026〕3号")
    assert in_force() is None
    made.publish(people["zhoumin"])
    assert in_force() is made
    assert made.number == 1
    assert made.publish_by == made.rules.number("catalogue.publish_workdays").after(today())
    assert [i.title for i in items_in_force()] == ["农贸市场周边停车管理办法", "河滨步道延伸工程"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"basis": ""}, "items_complete"),
        ({"unit": None}, "items_complete"),
        ({"planned_on": None}, "items_complete"),
        ({"modes": []}, "items_complete"),
        ({"procedures": [Procedure.PARTICIPATION, Procedure.DELIBERATION]}, "firm_procedures_kept"),
        ({"procedures": [Procedure.LEGAL_REVIEW]}, "firm_procedures_kept"),
        ({"livelihood": Livelihood.ENVIRONMENT}, "poll_where_promised"),
    ],
)
def test_the_committee_is_not_asked_with_half_an_item(people: People, fields: dict[str, Any], code: str) -> None:
    made = a_catalogue(people, CatalogueStage.DRAFTED)
    made.put_item(people["luojing"], made.items[0], **fields)
    refusals = unmet(made, "catalogue.consent", people["zhoumin"])
    assert [r.code for r in refusals] == [code]
    assert "农贸市场周边停车管理办法" in refusals[0].message
    assert refusals[0].article
    with pytest.raises(RuleUnmet):
        made.consent(people["zhoumin"], today(), "1号")


def test_an_empty_catalogue_goes_nowhere(people: People) -> None:
    made = Catalogue.draft_new(people["luojing"], today().year)
    assert lacking(made, "catalogue.consent", people["zhoumin"]) == ["catalogue_has_items"]


def test_who_wrote_a_line_of_it_does_not_publish_it(people: People) -> None:
    made = a_catalogue(people, CatalogueStage.DRAFTED)
    made.put_item(people["zhoumin"], made.items[1], remark="分两期")
    made.consent(people["zhoumin"], today(), "青街工委〔2026〕3号")
    assert lacking(made, "catalogue.publish", people["zhoumin"]) == ["actor_had_no_hand"]
    with pytest.raises(RuleUnmet, match="两个人"):
        made.publish(people["zhoumin"])
    made.publish(people["wuqiming"])
    assert made.publisher is people["wuqiming"]


def test_only_the_posts_of_the_rules_draft_and_publish(people: People) -> None:
    with pytest.raises(NotAllowed):
        Catalogue.draft_new(people["shenlin"], today().year)
    made = a_catalogue(people, CatalogueStage.CONSENTED)
    with pytest.raises(NotAllowed):
        made.publish(people["luojing"])


def test_an_adjustment_is_a_new_version_with_reason_and_consent_and_the_old_one_stays(
    people: People, clock: Clock
) -> None:
    first = a_catalogue(people)
    clock.forward(days=60)
    second = Catalogue.draft_new(people["luojing"], first.year)
    assert [i.origin for i in second.items] == [i.origin for i in first.items]
    assert lacking(second, "catalogue.consent", people["zhoumin"]) == ["adjustment_explained"]
    second.revise(people["luojing"], reason="河滨步道要先做防洪论证，推迟到下一年。")
    assert "一字不差" in unmet(second, "catalogue.consent", people["zhoumin"])[0].message
    second.drop_item(people["luojing"], second.items[1])
    second.put_item(people["luojing"], second.items[0], planned_on=date(2027, 6, 1))
    second.put_item(people["luojing"], **(MATTER | {"title": "夜市摊位管理办法", "unit": people["shenlin"].unit}))
    assert in_force() is first, "until it is published the old version stands"
    second.consent(people["zhoumin"], today(), "青街工委〔2026〕9号")
    second.publish(people["zhoumin"])
    assert in_force() is second
    assert [c.number for c in versions(first.year)] == [2, 1]
    assert [i.title for i in first.items] == ["农贸市场周边停车管理办法", "河滨步道延伸工程"]
    told = [(d.what, d.line.title, [label for label, _ in d.parts]) for d in second.differences()]
    assert told == [
        ("changed", "农贸市场周边停车管理办法", ["计划时间"]),
        ("added", "夜市摊位管理办法", []),
        ("removed", "河滨步道延伸工程", []),
    ]
    assert item_now(first.items[0]) is second.items[0]
    assert item_now(first.items[1]) is None


def test_what_is_changed_after_the_consent_needs_the_consent_anew(people: People) -> None:
    made = a_catalogue(people, CatalogueStage.CONSENTED)
    with pytest.raises(OutOfTurn):
        made.put_item(people["luojing"], made.items[0], remark="改一改")
    with pytest.raises(RuleUnmet):
        made.reopen(people["zhoumin"], " ")
    made.reopen(people["zhoumin"], "漏了一项")
    assert made.stage == CatalogueStage.DRAFTED
    assert made.consented_on is None and made.consent_number == ""


def test_one_version_of_a_year_is_in_hand(people: People) -> None:
    made = a_catalogue(people, CatalogueStage.DRAFTED)
    with pytest.raises(OutOfTurn, match="已经有一份在办"):
        Catalogue.draft_new(people["zhoumin"], made.year)
    made.abandon(people["luojing"], "先不编")
    assert list(in_hand()) == []
    again = Catalogue.draft_new(people["zhoumin"], made.year)
    assert list(in_hand()) == [again]


def test_each_year_has_its_own(people: People) -> None:
    this = a_catalogue(people)
    a_catalogue(people, year=this.year + 1)
    assert list(years()) == [this.year + 1, this.year]
    assert in_force() is this, "next year's has not begun"
    with pytest.raises(RuleUnmet, match="年份"):
        Catalogue.draft_new(people["luojing"], 2062)


def test_what_is_written_wrongly_is_named_and_nothing_of_it_is_lost(people: People) -> None:
    made = a_catalogue(people, CatalogueStage.DRAFTED)
    with pytest.raises(RuleUnmet) as refused:
        made.put_item(people["luojing"], title="长" * 121, basis="依据", remark="坏\x00字")
    assert set(refused.value.fields) == {"title", "remark"}


def test_the_trail_tells_the_whole_road(people: People) -> None:
    made = a_catalogue(people)
    told = [row[0].verb for row in story(subject=made)]
    assert told == ["publish", "consent", "put_item", "put_item", "draft_new"]


@pytest.mark.both_engines
def test_the_database_keeps_what_was_published(people: People, session: scoped_session[Any]) -> None:
    made = a_catalogue(people)
    session.commit()
    for statement in (
        "UPDATE catalogue SET intro = 'x'",
        "UPDATE catalogue_item SET title = 'x'",
        "UPDATE catalogue_item SET edition = NULL",
        "DELETE FROM catalogue_item",
        "DELETE FROM catalogue",
    ):
        with pytest.raises(DBAPIError, match="never"), session.begin_nested():
            session.execute(text(statement))
    second = Catalogue.draft_new(people["luojing"], made.year)
    session.flush()
    for broken in (
        "stage = 'published', open_year = NULL",
        "stage = 'consented'",
        "number = 1",
        "number = 2",
        "open_year = NULL",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(f"UPDATE catalogue SET {broken} WHERE id = {second.id}"))


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("2027年3月", (date(2027, 3, 1), False)),
        ("3月", (date(2026, 3, 1), False)),
        ("12月底前", (date(2026, 12, 1), False)),
        ("2027-03", (date(2027, 3, 1), False)),
        ("2027-03-15", (date(2027, 3, 15), True)),
        ("2027.6.1", (date(2027, 6, 1), True)),
        ("2027年12月31日前", (date(2027, 12, 31), True)),
        (" 2027 年 3 月 5 日 ", (date(2027, 3, 5), True)),
        ("2月30日", None),
        ("第二季度", None),
        ("2027年", None),
        ("13月", None),
        ("", None),
    ],
)
def test_a_planned_time_is_understood_as_people_write_it(written: str, means: tuple[date, bool] | None) -> None:
    assert planned(written, 2026) == means
