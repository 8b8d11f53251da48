"""The personal link from the chat: looking at it does nothing, because previewers fetch links; the button spends it."""

import re

from flask import g, redirect, render_template
from werkzeug.wrappers import Response as Answer

from models.kernel.refusal import OutOfTurn
from models.people.link import OneOffLink
from server.site.door import blueprint, inside
from server.site.sign_in import sign_in_as

TOKEN = re.compile(r"[0-9a-f]{64}")


def _look(token: str) -> OneOffLink | None:
    return OneOffLink.look(token) if TOKEN.fullmatch(token) else None


@blueprint.get("/in/<token>")
def one_off(token: str) -> tuple[str, int]:
    """A button."""
    g.personal = True
    link = _look(token)
    return render_template("site/one_off.html", link=link, token=token), 200 if link else 410


@blueprint.post("/in/<token>")
def one_off_spend(token: str) -> tuple[str, int] | Answer:
    """Signed in."""
    g.personal = True
    link = _look(token)
    try:
        who = link.spend() if link else None
    except OutOfTurn:
        who = None
    if link is None or who is None:
        return render_template("site/one_off.html", link=None, token=token), 410
    answer = redirect(inside(link.path, "/mine"), 303)
    sign_in_as(who, answer)
    return answer
