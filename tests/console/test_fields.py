"""What a field of the desk makes of what a browser, or a program in its place, sends."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from server.console.forms.fields import Pick, Press, offered, optional

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
