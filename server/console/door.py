"""The door of the desk: nobody passes without signing in, and each desk opens for the posts it belongs to."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from models.kernel.lifecycle import office_rules
from models.kernel.refusal import Missing, NotAllowed
from models.people.officer import Post
from server.console.forms.fields import holdable

P = ParamSpec("P")
R = TypeVar("R")

blueprint = Blueprint(
    "console", __name__, template_folder="templates", static_folder="static", static_url_path="/static/console"
)

OPEN_TO_ALL = frozenset({"console.static", "console.sign_in", "console.enter", "console.enter_as"})
"""What may be asked for without having signed in."""
WITH_FIRST_PASSWORD = OPEN_TO_ALL | {"console.password", "console.change_password", "console.sign_out"}
"""What may be asked for before the first password is changed."""

EVERY_POST = tuple(Post)
YEAR = 365 * 86400


def desk(*posts: Post) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view for officers who hold one of these posts, or stand in for somebody who does."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not g.officer.has(*posts):
                raise NotAllowed(f"这张案头由{'、'.join(post.label for post in posts)}使用，您的岗位不能打开。")
            return view(*args, **kwargs)

        guarded.desk = posts  # type: ignore[attr-defined]
        return guarded

    return decorate


def may(deed: str) -> bool:
    """Whether the office's rules let this officer do it: the name of a post rule, poll.draft_new."""
    return not g.officer.lacks(office_rules().post_for(deed))


def must(deed: str) -> None:
    """Go no further without the post that the office's rules ask for; the refusal says which."""
    refusal: NotAllowed | None = g.officer.lacks(office_rules().post_for(deed))
    if refusal:
        raise refusal


@blueprint.before_request
def only_officers() -> Answer | None:
    """Everybody else is sent to sign in; a first password is changed before anything else."""
    told = [*request.args.values(), *map(str, (request.view_args or {}).values())]
    if not all(holdable(value) for value in told):
        raise Missing("没有找到这个页面，网址里有看不懂的字符。")
    if request.endpoint in OPEN_TO_ALL:
        return None
    if g.officer is None:
        return _go(url_for("console.sign_in", to=request.full_path if request.method == "GET" else None))
    if g.officer.password_is_first and request.endpoint not in WITH_FIRST_PASSWORD:
        return _go(url_for("console.password"))
    return None


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """What the desk shows is for one pair of eyes: no cache keeps it."""
    if request.endpoint != "console.static":
        response.headers["Cache-Control"] = "no-store"
    elif request.args.get("v") and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def _go(address: str) -> Answer:
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def inside(address: str | None) -> str:
    """An address of the desk itself, or the desk's front page: never another host."""
    if address and address.startswith("/desk/") and "\\" not in address and "\n" not in address:
        return address.removesuffix("?")
    return url_for("console.home")


def opens(path: str) -> bool:
    """Whether a page of the desk would open for the officer who is signed in: a link to it is worth showing."""
    try:
        endpoint, _ = current_app.url_map.bind("desk").match(path.partition("?")[0].partition("#")[0], "GET")
    except HTTPException:
        return False
    posts = seen_as(current_app.view_functions[endpoint])
    return posts is None or bool(g.officer.has(*posts))


def seen_as(view: Any) -> tuple[Post, ...] | None:
    """The posts a view is open to; None when the view forgot to say."""
    return getattr(view, "desk", None)
