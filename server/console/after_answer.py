"""After the answer: points that people asked to be looked at once more, and promises with their days."""

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.comments import promise, second_look
from models.comments.point import Point
from models.comments.point import by_public_id as point_by
from models.comments.promise import Promise
from models.comments.second_look import SecondLook
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, NotAllowed
from server.console.door import blueprint, desk
from server.console.forms.after_answer import LookAgain, Promised
from server.console.forms.trying import trying
from server.console.nav import ANSWERING, APPROVAL
from server.console.said import said

LOOKERS = tuple(dict.fromkeys((*ANSWERING.posts, *APPROVAL.posts)))


@blueprint.get("/desk/second-looks")
@desk(*LOOKERS)
def second_looks() -> str:
    """What is not back yet, and what is promised; the earliest day first."""
    return render_template(
        "console/second_looks.html",
        looks=second_look.in_hand(),
        promises=promise.open_promises(),
        kept=promise.kept_lately(),
    )


@blueprint.get("/desk/second-looks/<public_id>")
@desk(*LOOKERS)
def second_look_one(public_id: str) -> str:
    """What was said, what was answered, why that did not meet it."""
    return _look(_found(public_id), LookAgain())


@blueprint.post("/desk/second-looks/<public_id>")
@desk(*LOOKERS)
def second_look_deed(public_id: str) -> str | Response | tuple[str, int]:
    """Take it, or write the supplement."""
    look = _found(public_id)
    form = LookAgain(request.form)
    deed = request.form.get("deed")
    if deed not in ("take", "answer"):
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed == "take":
                look.take(g.officer)
            else:
                look.answer(g.officer, form.text.data or "")
        refusal = went.refusal
        if went.done:
            flash("接下了。" if deed == "take" else "补充写好了，等审核；发布以后告诉他。", "ok")
            return redirect(url_for("console.second_look_one", public_id=public_id), 303)
    return _look(look, form, refusal), 422


def _found(public_id: str) -> SecondLook:
    look = second_look.by_public_id(public_id)
    if look is None:
        raise Missing("没有找到。")
    return look


def _look(look: SecondLook, form: LookAgain, refusal: str | None = None) -> str:
    return render_template(
        "console/second_look.html",
        look=look,
        point=look.point,
        matter=look.consultation,
        said=said(look.point),
        form=form,
        refusal=refusal,
        held=why_not(look, "take" if look.officer_id is None else "answer", g.officer),
    )


@blueprint.get("/desk/points/<point_id>/promise")
@desk(*LOOKERS)
def promise_of(point_id: str) -> str:
    """What was promised in this answer."""
    return _promises(_point(point_id), Promised())


@blueprint.post("/desk/points/<point_id>/promise")
@desk(*LOOKERS)
def promise_deed(point_id: str) -> str | Response | tuple[str, int]:
    """Promise, keep, put off."""
    point = _point(point_id)
    form = Promised(request.form)
    deed = request.form.get("deed")
    if deed not in ("make", "keep", "put_off"):
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed == "make":
                Promise.make(g.officer, point, form.words.data or "", form.due_on.data)
            else:
                found = promise.by_public_id(request.form.get("promise", "")[:12])
                if found is None or found.point_id != point.id:
                    raise Missing("没有找到答应的这件事。")
                if deed == "keep":
                    found.keep(g.officer, form.kept_words.data or "")
                else:
                    found.put_off(g.officer, form.due_on.data, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            words = {
                "make": "记下了，到期前会提醒您，居民看得到。",
                "keep": "记下了，会告诉提意见的人。",
                "put_off": "改了，理由居民看得到。",
            }
            flash(words[str(deed)], "ok")
            return redirect(url_for("console.promise_of", point_id=point_id), 303)
    return _promises(point, form, refusal), 422


def _point(public_id: str) -> Point:
    point = point_by(public_id)
    if point is None:
        raise Missing("没有找到这条要点。")
    return point


def _promises(point: Point, form: Promised, refusal: str | None = None) -> str:
    return render_template(
        "console/promise.html",
        point=point,
        matter=point.consultation,
        said=said(point),
        promises=promise.of_points([point.id]).get(point.id, []),
        form=form,
        refusal=refusal,
        may_make=not g.officer.lacks(point.rules.post_for("promise.make")),
        may_keep=not g.officer.lacks(point.rules.post_for("promise.keep")),
    )
