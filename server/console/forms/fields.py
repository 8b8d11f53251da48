"""Fields that speak Chinese and never lose what was typed."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, DateField, Field, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, StopValidation, ValidationError
from wtforms.widgets import Select, TextInput

__all__ = ["Day", "Line", "Pick", "Press", "Text", "Tick", "Whole", "at_most", "needed", "optional"]

_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def holdable(text: str) -> bool:
    """Whether every database can hold these characters."""
    return _UNHOLDABLE.search(text) is None


def _chosen(values: list[Any]) -> list[Any]:
    """Without blanks, which a field that may stay empty would let pass, and without what no database could look up."""
    return [value for value in values if value.strip() and holdable(value)]


class Options(Select):
    """A list to choose from, each of whose options is written in one piece: WTForms asks for every attribute anew how it is spelt."""

    @classmethod
    def render_option(cls, choice: Any, **more: Any) -> Markup:
        """Attributes, then whether it is chosen, then value and word."""
        told = {**(choice.render_kw or {}), **more}
        marks = Markup("").join(Markup(' %s="%s"') % pair for pair in told.items())
        chosen = Markup(" selected") if choice.selected else ""
        value, words = choice.value, choice.label or choice.value
        return Markup('<option%s%s value="%s">%s</option>') % (marks, chosen, value, words)


class Pick(SelectField):
    """One of a list; what was never offered counts as nothing chosen."""

    widget = Options()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take it as sent, if it says anything."""
        super().process_formdata(_chosen(valuelist))


class Press(RadioField):
    """One of a few, each with a button of its own."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take it as sent, if it says anything."""
        super().process_formdata(_chosen(valuelist))


Tick = BooleanField
optional = Optional


def offered(pairs: Iterable[tuple[str, str]], **marks: dict[str, str]) -> list[SelectChoice]:
    """What may be chosen: value and word; `marks` are attributes of an option's element, by its value."""
    return [SelectChoice(value=value, label=words, render_kw=marks.get(value)) for value, words in pairs]


class Needed:
    """The field has to be filled in; blanks are nothing."""

    field_flags = {"required": True}

    def __init__(self, words: str) -> None:
        self.words = words

    def __call__(self, form: Any, field: Field) -> None:
        """Look at what was understood, not at what was sent."""
        if field.errors:
            raise StopValidation()
        if field.data is None or (isinstance(field.data, str) and not field.data.strip()) or field.data is False:
            raise StopValidation(self.words)


def needed(words: str) -> Needed:
    """The field has to be filled in; the words say with what."""
    return Needed(words)


def at_most(most: int) -> Length:
    """No longer than this many characters."""
    return Length(max=most, message=f"最多 {most} 个字。")


def ask_for(field: Field, words: str) -> bool:
    """For a field that only one of the buttons needs: whether it is filled in; the complaint if not."""
    if (field.data or "").strip():
        return True
    field.errors = [words]
    return False


def _keepable(text: str | None) -> None:
    if text and not holdable(text):
        raise StopValidation("里面有存不下的字符，请删去后再试。")


class Line(StringField):
    """One line of text. Line ends that a browser or a program put in become spaces."""

    data: str | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take it as typed, on one line, without spaces around it."""
        super().process_formdata(valuelist)
        if self.data:
            self.data = " ".join(self.data.replace("\r", "\n").split("\n")).strip()

    def pre_validate(self, form: Any) -> None:
        """Refuse what cannot be kept."""
        _keepable(self.data)


class Text(TextAreaField):
    """Several lines. A browser sends line ends as CR LF; that is the form's custom, not the writer's word."""

    data: str | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take it as typed."""
        super().process_formdata(valuelist)
        if self.data:
            self.data = self.data.replace("\r\n", "\n").replace("\r", "\n")

    def pre_validate(self, form: Any) -> None:
        """Refuse what cannot be kept."""
        _keepable(self.data)


class Whole(IntegerField):
    """A whole number of reasonable size, in a field that keeps whatever is typed."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Digits only; full-width digits and thousands separators are understood."""
        raw = (valuelist[0] if valuelist else "").strip().replace(",", "").replace("，", "")
        if not raw:
            self.data = None
            return
        if not raw.isdecimal() or len(raw) > 9:
            self.data = None
            raise ValueError("请填一个整数。")
        self.data = int(raw)


def meant(day: date) -> bool:
    """Whether it lies in years that an office could mean: nothing is reckoned from the year 9999, where the calendar ends."""
    return 1900 <= day.year <= 2200


class Day(DateField):
    """A date."""

    data: date | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """2026-11-23, as date fields send it."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError("请填日期，例如 2026-11-23。") from None
        if self.data is not None and not meant(self.data):
            self.data = None
            raise ValueError("年份不对，请看看是不是写错了。")


def one_of(words: str) -> Any:
    """One of the choices has to be taken; WTForms' own sentence is English."""

    def check(form: Any, field: Field) -> None:
        if not field.data:
            raise StopValidation(words)

    return check


def apart(form: Any, name: str) -> Any:
    """The same form with ids of its own, for a page that holds several; what is sent keeps its names."""
    for field in form:
        field.id = f"{name}-{field.id}"
    return form


def digits_only(words: str) -> Any:
    """Digits and the signs that belong to a telephone number."""

    def check(form: Any, field: Field) -> None:
        if field.data and not all(c in "0123456789+-() （）转" for c in field.data):
            raise ValidationError(words)

    return check
