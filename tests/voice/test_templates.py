"""Templates check themselves, and no value can be made that WeChat would refuse."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.voice import sayings
from server.voice.fields import KINDS, Misfit, cut, fitted, length, short_matter
from server.voice.template import TEMPLATES, Said, Template, part

DAY = date(2026, 11, 22)
TITLE = "青禾街道关于征求《青禾街道电动自行车停放和充电管理办法（草案）》意见的公告"


@given(st.sampled_from([k for k in KINDS if k not in ("date", "time")]), st.text(max_size=80))
def test_whatever_is_put_into_a_field_fits_it(kind: str, value: str) -> None:
    made = fitted(f"{kind}1", value)
    assert 1 <= length(made) <= KINDS[kind].most
    assert KINDS[kind].looks.fullmatch(made)


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2199, 12, 31)))
def test_every_day_fits_a_date(day: date) -> None:
    said = sayings.cancelled("事", day, "/mine")
    assert said.values("official")["date2"].endswith("日")


def test_a_long_title_is_shortened_by_rule() -> None:
    assert short_matter(TITLE, 20) == "青禾街道电动自行车停放和充电管理办法"
    assert short_matter("公园夜间照明", 20) == "公园夜间照明"
    assert short_matter("一" * 21, 20) == "一" * 19 + "…"
    assert short_matter("关于\n调整😀公交\u200b站", 20) == "关于 调整公交 站"
    assert length(cut("𠮷" * 30, 20)) == 19


def test_the_outcome_is_named_only_when_there_is_exactly_one_point() -> None:
    one = sayings.answers_ready(TITLE, ["部分采纳"], DAY, "/mine")
    assert one.values("official") == {
        "thing1": "青禾街道电动自行车停放和充电管理办法",
        "thing2": "您的意见已答复：部分采纳",
        "date3": "2026年11月22日",
    }
    assert one.values("mini")["phrase2"] == "部分采纳"
    three = sayings.answers_ready(TITLE, ["采纳", "不采纳", "其他"], DAY, "/mine")
    assert three.values("official")["thing2"] == "您的3条意见都已答复"
    assert three.values("mini")["phrase2"] == "三条已答复"
    assert "采纳" not in three.sentence("http://x/mine")
    assert sayings.answers_ready(TITLE, ["采纳"] * 12, DAY, "/mine").values("mini")["phrase2"] == "均已答复"


@pytest.mark.parametrize("count", range(1, 120))
def test_any_number_of_points_fits(count: int) -> None:
    said = sayings.answers_ready(TITLE, ["采纳"] * count, DAY, "/mine")
    for account in ("official", "mini"):
        assert set(said.values(account).values())


def every_saying() -> list[Said]:
    return [
        sayings.extended(TITLE, date(2026, 12, 22), DAY, "/"),
        sayings.cancelled(TITLE, DAY, "/"),
        sayings.corrected_release(TITLE, DAY, "/"),
        sayings.supplemented(TITLE, DAY, "/"),
        sayings.question_answered(DAY, "/"),
        sayings.remark_replied(TITLE, DAY, "/"),
        sayings.hearing_list(TITLE, True, DAY, "/"),
        sayings.hearing_list(TITLE, False, DAY, "/"),
        sayings.hearing_moved(TITLE, date(2026, 12, 22), DAY, "/"),
        sayings.hearing_cancelled(TITLE, DAY, "/"),
    ]


@pytest.mark.parametrize("said", every_saying(), ids=lambda s: s.phrase)
def test_our_own_sentences_are_said_whole(said: Said) -> None:
    assert length(said.result) <= 20
    assert len(said.phrase) <= 5
    for account in ("official", "mini"):
        assert said.result in said.values(account).values()


def test_a_template_that_cannot_work_is_refused_when_it_is_defined() -> None:
    def define(**fields: dict[str, str]) -> None:
        class Odd(Template, name="odd", fields=fields):
            matter = part("thing")
            day = part("date", "time")

    try:
        define(official={"matter": "thing1", "day": "time2"})
        for wrong in (
            {"official": {"matter": "thing1"}},
            {"official": {"matter": "thing1", "day": "date2", "more": "thing3"}},
            {"official": {"matter": "phrase1", "day": "date2"}},
            {"official": {"matter": "thing1", "day": "thing1"}},
            {"official": {"matter": "keyword1", "day": "date2"}},
            {"enterprise": {"matter": "thing1", "day": "date2"}},
        ):
            with pytest.raises(Misfit):
                define(**wrong)
        with pytest.raises(Misfit):

            class Silent(Template, name="silent", fields={}):
                pass
    finally:
        TEMPLATES.pop("odd", None)
        TEMPLATES.pop("silent", None)


def test_the_shipped_fields_fit_both_accounts() -> None:
    for template in TEMPLATES.values():
        assert template.speaks_on("official")
        assert template.speaks_on("mini")
