"""A personal link for somebody who is asked by name: the draft, and a place to answer, without an account."""

import re

from flask import g, render_template, request
from werkzeug.wrappers import Response as Answer

from models.decisions.draft import Clause
from models.decisions.invitation import Invitation, answered, by_token, reply
from models.kernel.refusal import Missing
from models.messages.pace import not_too_fast
from server.house import checks_its_form
from server.site.door import blueprint, go
from server.site.forms import InvitedForm, Try, complaint, trying

TOKEN = re.compile(r"[0-9a-f]{64}")


def _found(token: str) -> Invitation:
    g.personal = True
    found = by_token(token) if TOKEN.fullmatch(token) else None
    if found is None:
        raise Missing("这个链接打不开了。请向给您链接的人再要一个。")
    return found


@blueprint.get("/invited/<token>")
def invited(token: str) -> str:
    """The draft and the form."""
    return _page(_found(token), token, InvitedForm(), Try())[0]


@blueprint.post("/invited/<token>")
@checks_its_form
def invited_answer(token: str) -> tuple[str, int] | Answer:
    """An answer, or that there is nothing to say."""
    found = _found(token)
    form = InvitedForm(request.form)
    if not form.validate():
        return _page(found, token, form, complaint(form))
    with trying(form) as went:
        if form.nothing.data:
            found.agree(found.resident)
        else:
            not_too_fast(found.resident)
            reply(
                found,
                form.text.data or "",
                clause=_clause(found, form.clause.data),
                key=f"inv:{found.id}:{form.key.data}",
            )
    if not went.done:
        return _page(found, token, form, went)
    return go("site.invited", token=token, done="1")


def _clause(found: Invitation, public_id: str | None) -> Clause | None:
    draft = found.consultation.draft
    return next((c for c in draft.speakable if c.public_id == public_id), None) if draft and public_id else None


def _page(found: Invitation, token: str, form: InvitedForm, went: Try) -> tuple[str, int]:
    asked = found.consultation
    draft = asked.draft
    form.clause.choices = {"": "整个草案"} | {c.public_id: c.name for c in (draft.speakable if draft else [])}
    page = render_template(
        "site/invited.html",
        c=asked,
        invitation=found,
        token=token,
        form=form,
        trouble=went.trouble,
        clauses=draft.clauses if draft else [],
        open=asked.is_open(),
        texts=answered(found),
        done=request.args.get("done") == "1" and request.method == "GET",
    )
    return page, went.status
