"""What a field of the desk makes of what a browser, or a program in its place, sends."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from server.console.forms.fields import Day, Pick, Press, needed, offered, optional

TWO = offered([("a", "甲"), ("b", "乙")])


class Both(Form):
    pick = Pick("选", [optional()], choices=TWO)
    press = Press("点", [optional()], choices=TWO)


@pytest.mark.parametrize("sent", ["", "  \t\r\n　", "\x00", "\ud800"])
@pytest.mark.parametrize("name", ["pick", "press"])
def test_blanks_and_what_cannot_be_kept_are_nothing_chosen(name: str, sent: str) -> None:
    form = Both(MultiDict([(name, sent)]))
    assert form.validate() == (not sent.strip())
    assert not form[name].data, "it would go on as a word of the list"


@pytest.mark.parametrize("name", ["pick", "press"])
def test_what_was_offered_is_taken_and_nothing_else(name: str) -> None:
    def took(sent: str) -> Any:
        form = Both(MultiDict([(name, sent)]))
        return form.validate(), form[name].data

    assert took("b") == (True, "b")
    assert not took("c")[0]


class Dated(Form):
    day = Day("哪天", [needed("请填哪天。")])


@pytest.mark.parametrize("sent", ["9999-12-31", "2201-01-01", "1899-12-31", "0001-01-01"])
def test_a_year_that_nobody_means_is_refused_in_words(sent: str) -> None:
    form = Dated(MultiDict([("day", sent)]))
    assert not form.validate()
    assert form.day.errors == ["年份不对，请看看是不是写错了。"]


def test_a_date_is_taken() -> None:
    form = Dated(MultiDict([("day", "2026-11-23")]))
    assert form.validate()
    assert str(form.day.data) == "2026-11-23"
