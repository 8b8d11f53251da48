"""A form can only be sent by the person who was shown it: tokens are bound to the session row, or to a visitor."""

import hashlib
import hmac
from typing import Any

from flask import current_app, g, request
from wtforms import Form
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.validators import ValidationError

from config.settings import Settings
from models.kernel.ids import new_token

VISITOR = "huiyin_v"
"""The cookie of somebody who has not signed in; it names nobody and lives as long as the browser is open."""
FIELD = "csrf_token"
HEADER = "X-CSRF-Token"


def csrf_token() -> str:
    """The token for forms on this page. For a visitor without a session it is bound to a cookie set with the answer."""
    if g.get("session_row") is not None:
        return str(g.session_row.csrf)
    return _visitor_token(visitor())


def visitor() -> str:
    """The visitor's name, made on first need."""
    name = g.get("visitor") or request.cookies.get(VISITOR, "")
    if len(name) != 64 or not name.isalnum() or not name.isascii():
        name = new_token()
        g.new_visitor = name
    g.visitor = name
    return str(name)


def _visitor_token(name: str) -> str:
    settings: Settings = current_app.extensions["settings"]
    return hmac.new(settings.secret_key.encode(), b"csrf\0" + name.encode(), hashlib.sha256).hexdigest()


def csrf_holds() -> bool:
    """Whether this request carries the token of this session, in the form or in the header."""
    given = request.headers.get(HEADER) or request.form.get(FIELD) or ""
    if not given.isascii():
        return False
    if hmac.compare_digest(given, csrf_token()):
        return True
    row = g.get("session_row")
    if row is None or row.resident is None or not row.resident.anonymous:
        return False
    # Who just commented without signing in may go back to the page they had before: the same visitor, the same browser.
    name = request.cookies.get(VISITOR, "")
    return bool(name) and hmac.compare_digest(given, _visitor_token(name))


class HouseCSRF(CSRF):
    """WTForms' own CSRF, told where our tokens come from."""

    def setup_form(self, form: Form) -> list[Any]:
        """The hidden field."""
        return [(FIELD, CSRFTokenField(label="", csrf_impl=self))]

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        """For the page."""
        return csrf_token()

    def validate_csrf_token(self, form: Form, field: CSRFTokenField) -> None:
        """For the answer; the text in the other fields stays."""
        if not csrf_holds():
            raise ValidationError("页面放得太久了，请再点一次。")


class HouseForm(Form):
    """Every form of the house carries the token."""

    class Meta:
        csrf = True
        csrf_class = HouseCSRF
        csrf_field_name = FIELD
        locales = ("zh",)
