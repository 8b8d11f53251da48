"""How a resource of the API is declared: its parser, its errors, and who may call it."""

import re
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any, ParamSpec, cast

from flask import Response, abort, g
from flask_smorest import Blueprint
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from miniapp_api.errors import SignIn, of_http, of_refusal, of_stale
from miniapp_api.reading import Reader
from models.kernel.refusal import Refusal
from models.people.resident import Resident

P = ParamSpec("P")
NAME = re.compile(r"[a-z0-9]{12}")
PREFIX = "/api/v1"
BEARER: list[dict[str, list[str]]] = [{"bearer": []}]


class Door(Blueprint):
    """One resource: flask-smorest's blueprint with our guarded reader and our way of saying no."""

    ARGUMENTS_PARSER = Reader()

    def __init__(self, name: str, module: str, path: str, description: str) -> None:
        super().__init__(f"api_{name}", module, url_prefix=f"{PREFIX}{path}", description=description)
        self.register_error_handler(Refusal, of_refusal)
        self.register_error_handler(StaleDataError, of_stale)
        self.register_error_handler(HTTPException, of_http)
        self.url_value_preprocessor(_only_names)

    def arguments(self, schema: Any, **told: Any) -> Any:
        """What a view takes: one schema for all requests, where webargs would make one for each."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **told)


def _only_names(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """An address that cannot be one of ours never reaches the database."""
    if values and not NAME.fullmatch(values.get("public_id", "a" * 12)):
        abort(404)


def me() -> Resident:
    """Whoever is signed in; SignIn otherwise."""
    who = getattr(g, "resident", None)
    if who is None:
        raise SignIn("请先登录。")
    return cast(Resident, who)


def signed_in(view: Callable[P, Response]) -> Callable[P, Response]:
    """A view for residents who signed in; the documentation says so too."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        me()
        return view(*args, **kwargs)

    documented: Any = guarded
    documented._apidoc = deepcopy(getattr(view, "_apidoc", {}))
    documented._apidoc.setdefault("manual_doc", {})["security"] = BEARER
    documented.signed_in = True
    return guarded
