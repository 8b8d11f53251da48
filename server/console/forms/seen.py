"""A form that remembers what its page showed, so that nobody overwrites a colleague's words without having seen them."""

import hashlib

from wtforms import HiddenField

from server.csrf import HouseForm


class Remembering(HouseForm):
    """Carries what was on the page when it was opened."""

    seen = HiddenField()


def seen_as(*words: str) -> str:
    """A short mark of what a page shows."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()[:16]


def overtaken(form: Remembering, *words: str) -> str | None:
    """A refusal when the words are no longer those that the page showed; what was typed stays, and may be kept after a look."""
    if not form.seen.data or form.seen.data == seen_as(*words):
        return None
    return "刚才别人也改过这里，您写的都还在下面。核对以后再存一次，就以您写的为准。"
