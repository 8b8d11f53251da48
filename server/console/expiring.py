"""An evaluation before a document's time is over: one officer says what should become of it, another one agrees or sends it back."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, g, redirect, request
from werkzeug.wrappers import Response

from models.decisions.validity import Verdict
from server.console.forms.meeting import Why
from server.console.forms.normative import Evaluation
from server.console.forms.trying import trying

Answer = str | Response | tuple[str, int]
Again = Callable[[Evaluation, Why, str | None], str]
"""The page once more, with what was typed and why it was not taken."""


def evaluated(propose: Callable[[Verdict | None, str, date | None], Any], page: str, again: Again) -> Answer:
    """Taken down, and back to the page."""
    form = Evaluation(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            verdict = Verdict(form.verdict.data) if form.verdict.data in set(Verdict) else None
            propose(verdict, form.reason.data or "", form.until.data)
        refusal = went.refusal
        if went.done:
            flash("评估意见记下了，等分管领导或者主要领导同意。", "ok")
            return redirect(page, 303)
    return again(form, Why(), refusal), 422


def answered(review: Any, verb: str, page: str, again: Again) -> Answer:
    """Agreed to, or sent back with a reason."""
    form = Why(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            review.agree(g.officer) if verb == "agree" else review.send_back(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash("同意了。" if verb == "agree" else "退回了。", "ok")
            return redirect(page, 303)
    return again(Evaluation(), form, refusal), 422
