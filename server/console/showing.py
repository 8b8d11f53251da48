"""What is shown of people's own words: covering some, hiding all on a listed ground, one pattern over a whole consultation."""

import re

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy import ColumnElement, and_, false
from werkzeug.wrappers import Response

from models.comments.comment import Comment
from models.comments.receipt import Receipt, numbers
from models.comments.showing import (
    Hiding,
    covered_text,
    hidden,
    matches,
    redact,
    redact_all,
    redactions_of,
    uncover,
)
from models.comments.text_check import MOST_COUNTED, mentioned, number_mentioned, said_of
from models.decisions.consultation import Consultation
from models.kernel.refusal import Missing, NotAllowed, RuleUnmet
from models.people.officer import Post
from server.console.door import blueprint, desk
from server.console.drafts import find
from server.console.forms.showing import RedactAll, Showing
from server.console.forms.trying import trying
from server.console.words import counted_to

WHO = (Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.OFFICE)
PREVIEWED = 50
LISTED = 30
"""Comments on one page of what the checks found."""


@blueprint.get("/desk/comments/<public_id>/shown")
@desk(*WHO)
def shown_of(public_id: str) -> str:
    """The words as they will be read, and what is covered in them."""
    return _page(_comment(public_id), Showing())


@blueprint.post("/desk/comments/<public_id>/shown")
@desk(*WHO)
def change_shown(public_id: str) -> str | Response | tuple[str, int]:
    """Cover, uncover, hide, show again."""
    comment = _comment(public_id)
    form = Showing(request.form)
    deed = request.form.get("deed", "")
    if deed not in ("cover", "hide", "uncover", "lift"):
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if deed == "uncover" or form.validate() or deed == "lift":
        with trying(form) as went:
            if deed == "cover":
                redact(
                    comment, g.officer, (form.words.data or "").splitlines(), form.ground.data, form.reason.data or ""
                )
            elif deed == "uncover":
                uncover(comment, g.officer, request.form.getlist("redaction"))
            elif deed == "hide":
                Hiding.hide(g.officer, comment, form.ground.data, form.reason.data or "")
            else:
                away = hidden(comment)
                if away is None:
                    raise Missing("这份意见的原话没有定为不公开。")
                away.lift(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            said = {
                "cover": "隐去了。",
                "uncover": "撤销了。",
                "hide": "不公开了，会告诉写意见的人。",
                "lift": "恢复了。",
            }
            flash(said[deed], "ok")
            return redirect(url_for("console.shown_of", public_id=public_id), 303)
    return _page(comment, form, refusal), 422


def _comment(public_id: str) -> Comment:
    comment = Comment.by_public_id(public_id)
    if comment is None:
        raise Missing("没有找到这份意见。")
    return comment


def _page(comment: Comment, form: Showing, refusal: str | None = None) -> str:
    covered = redactions_of(comment)
    return render_template(
        "console/shown_of.html",
        comment=comment,
        matter=comment.consultation,
        form=form,
        refusal=refusal,
        away=hidden(comment),
        covered=covered,
        checked=said_of(comment),
        shown=covered_text(comment.readable, [one.words for one in covered if one.words]),
        may_hide=not g.officer.lacks(comment.rules.post_for("comment.hide")),
    )


@blueprint.get("/desk/consultations/<public_id>/redact")
@desk(*WHO)
def redact_everywhere(public_id: str) -> str:
    """The pattern, and what it would meet."""
    return _everywhere(find(public_id), RedactAll(request.args))


@blueprint.post("/desk/consultations/<public_id>/redact")
@desk(*WHO)
def do_redact_everywhere(public_id: str) -> str | Response | tuple[str, int]:
    """All of them at once."""
    matter = find(public_id)
    form = RedactAll(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            number = redact_all(matter, g.officer, _pattern(form), form.ground.data, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash(f"{number} 份意见里的都隐去了；原文封存着，可以逐份撤销。", "ok")
            return redirect(url_for("console.redact_everywhere", public_id=public_id), 303)
    return _everywhere(matter, form, refusal), 422


def _pattern(form: RedactAll) -> str:
    return form.kind.data or form.pattern.data or ""


def _everywhere(matter: Consultation, form: RedactAll, refusal: str | None = None) -> str:
    met: list[tuple[Comment, list[str]]] = []
    if _pattern(form) and not refusal:
        try:
            met = matches(matter, _pattern(form))
        except RuleUnmet as unmet:
            refusal = unmet.sentence
    return render_template(
        "console/redact.html",
        matter=matter,
        form=form,
        refusal=refusal,
        asked=bool(_pattern(form)),
        met=met[:PREVIEWED],
        number=len(met),
    )


@blueprint.get("/desk/consultations/<public_id>/mentioned")
@desk(*WHO)
def mentioned_by_checks(public_id: str) -> str:
    """What WeChat's check and the office's list found, a page at a time, each with the way to where words are covered or hidden."""
    matter = find(public_id)
    asked = " ".join(request.args.get("q", "").split())[:40]
    after = request.args.get("after", "")
    rows = mentioned(
        matter,
        after=int(after) if re.fullmatch(r"[0-9]{1,18}", after) else 0,
        only=_only(matter, asked) if asked else None,
        limit=LISTED + 1,
    )
    shown = rows[:LISTED]
    return render_template(
        "console/mentioned.html",
        matter=matter,
        number=how_many(matter),
        sought=asked,
        rows=shown,
        receipts=numbers([row.comment.id for row in shown]),
        onward=url_for("console.mentioned_by_checks", public_id=public_id, after=shown[-1].comment.id)
        if len(rows) > LISTED
        else "",
        first=not after,
    )


def _only(matter: Consultation, asked: str) -> ColumnElement[bool]:
    """The comment of a receipt, or of a public number."""
    digits = "".join(ch for ch in asked if ch in "0123456789")
    if len(digits) == 8:
        receipt = Receipt.find(digits)
        return Comment.id == (receipt.comment_id if receipt else None)
    if not 0 < len(digits) <= 6:
        return false()
    return and_(Comment.consultation_id == matter.id, Comment.serial == int(digits))


def how_many(matter: Consultation) -> str:
    """Of comments in which the checks found something; empty for none."""
    number = number_mentioned(matter)
    return counted_to(number, MOST_COUNTED) if number else ""
