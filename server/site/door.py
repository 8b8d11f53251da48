"""The door of the mini-site: who is standing before it, where a link may lead, and how its files are named."""

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

from flask import Blueprint, Response, abort, current_app, g, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from models.kernel.refusal import Missing
from models.people.resident import Resident

blueprint = Blueprint(
    "site", __name__, template_folder="templates", static_folder="static", static_url_path="/static/site"
)

P = ParamSpec("P")
R = TypeVar("R")

STATIC = Path(__file__).parent / "static"
NAME = re.compile(r"[a-z0-9]{12}")
"""A public id. Anything else never reaches the database."""
PER_PAGE = 20


class Page(NamedTuple):
    """What stands beneath a list: whether there is more, and where."""

    after: int | None
    href: str = ""


@lru_cache(maxsize=32)
def _version(filename: str) -> str:
    return hashlib.sha256((STATIC / filename).read_bytes()).hexdigest()[:12]


@blueprint.app_template_global()
def asset(filename: str) -> str:
    """The address of a file of ours; it changes with the file, so browsers may keep it."""
    return url_for("site.static", filename=filename, v=_version(filename))


@blueprint.app_template_filter()
def phrases(sentence: str) -> Markup:
    """A short sentence that breaks between its clauses, and inside one only where the line is too short for it."""
    return Markup("").join(
        Markup('<span class="phrase">{}</span>').format(part)
        for part in re.findall(r"[^，；。？！]+[，；。？！]*", sentence)
    )


@blueprint.url_value_preprocessor
def only_names(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """An address that cannot be one of ours is not looked up."""
    if values and "public_id" in values and not NAME.fullmatch(values["public_id"]):
        abort(404)


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """A page may be kept by the reader's own browser, never by anything in between; personal pages by nobody."""
    if request.endpoint != "site.static":
        response.headers["Cache-Control"] = "no-store" if g.get("personal") else "private, no-cache"
    return response


def official() -> Any:
    """The official account, where it may tell us who opens a page."""
    account = current_app.extensions["wire"].official
    return account if account is not None and account.rights.oauth else None


def in_wechat() -> bool:
    """Whether WeChat's own browser asks; the simulator's phones show pages in a frame, which nobody else may."""
    return "MicroMessenger" in request.user_agent.string or request.headers.get("Sec-Fetch-Dest") == "iframe"


def to_sign_in() -> Answer:
    """Sign in and come back; inside WeChat nobody has to press anything for that."""
    back = here() if request.method == "GET" else request.path
    step = "site.oauth_start" if in_wechat() and official() else "site.sign_in"
    return redirect(url_for(step, next=back), 303)


def personal(view: Callable[P, R]) -> Callable[P, R]:
    """A view for one pair of eyes: no cache keeps it, and who is not signed in is asked to."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        g.personal = True
        if g.resident is None:
            return to_sign_in()  # type: ignore[return-value]
        try:
            return view(*args, **kwargs)
        except Missing:
            if g.resident.anonymous and request.method == "GET":
                # Whoever holds one receipt may well be the person when properly signed in.
                return redirect(url_for("site.sign_in", next=here()), 303)  # type: ignore[return-value]
            raise

    return guarded


def resident() -> Resident:
    """Whoever is signed in; only inside a @personal view."""
    who: Resident = g.resident
    return who


def secure() -> bool:
    """Whether cookies may insist on https."""
    return bool(current_app.extensions["settings"].secure)


def here() -> str:
    """This page's own address, to come back to; a form's page when the form was sent."""
    return request.full_path if request.query_string else request.path


def inside(address: str | None, otherwise: str = "/") -> str:
    """An address of this site, or another one of this site: never another host."""
    if (
        address
        and len(address) <= 300
        and address.startswith("/")
        and not address.startswith("//")
        and address.isprintable()
        and "\\" not in address
    ):
        return address
    return otherwise


def after() -> int | None:
    """Where a list goes on: the number of the last row seen; nonsense begins at the beginning."""
    given = request.args.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else None


def paged(rows: Sequence[Any], limit: int = PER_PAGE) -> tuple[Sequence[Any], Page]:
    """Rows asked for with one more than is shown, and what stands beneath them."""
    if len(rows) <= limit:
        return rows, Page(None)
    shown = rows[:limit]
    last = int(shown[-1].id)
    kept = {name: value for name, value in request.args.items() if name != "after" and value.isprintable()}
    return shown, Page(
        last, url_for(request.endpoint or "site.home", **{**(request.view_args or {}), **kept, "after": last})
    )


def go(endpoint: str, **values: Any) -> Answer:
    """After a form: look at the result, so that reloading does not send it again."""
    return redirect(url_for(endpoint, **values), 303)
