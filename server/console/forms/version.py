"""What an officer decides about the next version of a text, and why a clause was changed."""

from collections.abc import Mapping

from wtforms import HiddenField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from server.console.forms.fields import Text, Tick, at_most
from server.csrf import HouseForm

OWN = "own"


class NextDraft(HouseForm):
    """The clauses themselves are fields of their own, named by the clause: words-…, pick-…, own-…, reason-…."""

    base = HiddenField()
    renumber = Tick("加了条、删了条以后，条号顺着往下排", default=True)


class Why(HouseForm):
    """The points that moved a clause, or another reason."""

    points = SelectMultipleField(
        "是这些意见改动的",
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    reason = Text("其他修改理由", [at_most(500)], render_kw={"rows": 3})


def typed(form: Mapping[str, str], name: str) -> str | None:
    """A text of the page with the browser's line ends taken out; None when the page had no such field."""
    given = form.get(name)
    return given.replace("\r\n", "\n").replace("\r", "\n") if given is not None else None
