"""A deed that a rule may refuse: what it began is undone, what was typed stays, and the form says what is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wtforms import Form

from models.kernel.base import db
from models.kernel.refusal import RuleUnmet


@dataclass
class Try:
    """How a deed went."""

    refusal: str | None = None

    @property
    def done(self) -> bool:
        """Nothing stood in the way."""
        return self.refusal is None


@contextmanager
def trying(form: Form) -> Iterator[Try]:
    """Do a deed inside a savepoint; a RuleUnmet goes to the form, any other refusal goes on to the page."""
    went = Try()
    try:
        with db.session.begin_nested():
            yield went
    except RuleUnmet as unmet:
        went.refusal = blame(form, unmet)


def blame(form: Form, unmet: RuleUnmet) -> str:
    """Put each complaint under its field; returns what is left to say on top."""
    left = []
    for name, words in unmet.fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, words]
        else:
            left.append(words)
    return " ".join([unmet.sentence, *(w for w in left if w != unmet.message)])
