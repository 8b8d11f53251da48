"""After the release: an answer is corrected or added to, a second person approves, and it goes out to the person whose point it is."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.comments.amendment import Amendment, AmendmentKind, of_point, under_way
from models.comments.amendment import by_public_id as amendment_by
from models.comments.point import Point, PointStage, by_public_id
from models.kernel.lifecycle import buttons
from models.kernel.refusal import Missing, NotAllowed
from models.people.officer import Post
from server.console.door import blueprint, desk
from server.console.drafts import same_page
from server.console.forms.amendment import AddToAnswer, AmendmentVerdict, CorrectAnswer
from server.console.forms.fields import ask_for
from server.console.forms.trying import trying
from server.console.said import said
from server.house import checks_its_form

WHO = (Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.CHIEF, Post.OFFICE)
SHAPES: dict[str, type[CorrectAnswer] | type[AddToAnswer]] = {
    AmendmentKind.CORRECTION.value: CorrectAnswer,
    AmendmentKind.SUPPLEMENT.value: AddToAnswer,
}


@blueprint.get("/desk/amendments")
@desk(*WHO)
def amendments() -> str:
    """Corrections and supplements that wait for a second person or for their release."""
    return render_template("console/amendments.html", rows=under_way())


@blueprint.get("/desk/points/<point_id>/<any(correction,supplement):kind>")
@desk(*WHO)
def amend(point_id: str, kind: str) -> str:
    """A released answer, and an empty sheet for what is to follow it."""
    return _sheet(_released(point_id), kind, SHAPES[kind]())


@blueprint.post("/desk/points/<point_id>/<any(correction,supplement):kind>")
@desk(*WHO)
@checks_its_form
def propose(point_id: str, kind: str) -> str | Response | tuple[str, int]:
    """Proposed; a second person looks at it."""
    point = _released(point_id)
    form = SHAPES[kind](request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if isinstance(form, CorrectAnswer):
                made = Amendment.correct(
                    g.officer, point, form.outcome.data or "", form.text.data or "", form.remark.data or ""
                )
            else:
                made = Amendment.supplement(g.officer, point, form.text.data or "")
        refusal = went.refusal
        if went.done:
            flash(f"{made.kind.label}提出了，等第二个人审核。", "ok")
            return redirect(url_for("console.amendment", public_id=made.public_id), 303)
    return _sheet(point, kind, form, refusal), 422


@blueprint.get("/desk/amendments/<public_id>")
@desk(*WHO)
def amendment(public_id: str) -> str:
    """One of them, beside the answer that it follows."""
    return _page(_found(public_id), AmendmentVerdict())


@blueprint.post("/desk/amendments/<public_id>")
@desk(*WHO)
@checks_its_form
def judge_amendment(public_id: str) -> str | Response | tuple[str, int]:
    """Approve, release, or send back with a reason."""
    made = _found(public_id)
    same_page(made.version)
    form = AmendmentVerdict(request.form)
    deed = request.form.get("deed")
    if deed not in ("approve", "release", "send_back"):
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate() and (deed != "send_back" or ask_for(form.reason, "请写明退回的原因。")):
        with trying(form) as went:
            if deed == "send_back":
                made.send_back(g.officer, form.reason.data or "")
            else:
                getattr(made, deed)(g.officer)
        refusal = went.refusal
        if went.done:
            words = {"approve": "同意了", "release": "发布了，正在告知本人", "send_back": "退回了"}[deed]
            flash(f"{made.kind.label}{words}。", "ok")
            return redirect(url_for("console.amendment", public_id=public_id), 303)
    return _page(made, form, refusal), 422


def _released(public_id: str) -> Point:
    point = by_public_id(public_id)
    if point is None or point.stage != PointStage.RELEASED:
        raise Missing("没有找到已经发布的这条答复。没发布的，直接改答复。")
    return point


def _found(public_id: str) -> Amendment:
    made = amendment_by(public_id)
    if made is None:
        raise Missing("没有找到这个更正或补充。")
    return made


def _sheet(point: Point, kind: str, form: Any, refusal: str | None = None) -> str:
    return render_template(
        "console/amend.html",
        matter=point.consultation,
        point=point,
        said=said(point),
        kind=AmendmentKind(kind),
        form=form,
        refusal=refusal,
        earlier=of_point(point),
    )


def _page(made: Amendment, form: AmendmentVerdict, refusal: str | None = None) -> str:
    return render_template(
        "console/amendment.html",
        matter=made.consultation,
        made=made,
        point=made.point,
        said=said(made.point),
        form=form,
        refusal=refusal,
        buttons=buttons(made, g.officer),
    )
