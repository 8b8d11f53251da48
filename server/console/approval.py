"""Approval: only what a second person must see, and two buttons."""

from collections.abc import Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.comments.arrange import group_of, words_of
from models.comments.bulk import (
    Result,
    answered_alike,
    answers_in,
    approve_each,
    send_back_each,
    submitted_in,
    waiting_groups,
    waiting_in,
)
from models.comments.point import Outcome, Point, PointGroup, PointStage, by_public_id, to_approve
from models.comments.text_check import said_of
from models.comments.worklist import beside
from models.kernel.base import db
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, NotAllowed
from models.texts.diff import Change, changes
from models.texts.reasons import personal_data
from server.console.answer_checks import checks, fired, opposite
from server.console.door import blueprint, desk
from server.console.drafts import find, same_page
from server.console.forms.answer import Verdict
from server.console.forms.fields import ask_for
from server.console.forms.trying import trying
from server.console.nav import APPROVAL
from server.console.said import headline, said
from server.console.tally import counts, to_approve_in


@blueprint.get("/desk/approval")
@desk(*APPROVAL.posts)
def approval() -> str:
    """Answers that wait for a second person, longest waiting first."""
    return _list()


def _list(result: Result | None = None, refusal: str = "", group: PointGroup | None = None) -> str:
    of = request.args.get("of", "")
    group = group_of(request.args.get("group", "")[:12]) if group is None else group
    matter = find(of) if of else None
    rows = to_approve(g.officer, matter, group)
    words = words_of(rows) if group else {}
    near: dict[tuple[int, int | None], Sequence[Point]] = {}
    for p in rows:
        key = (p.consultation_id, p.clause_id)
        if key not in near:
            near[key] = beside(p, limit=20)
    return render_template(
        "console/approval_list.html",
        rows=[
            {
                "point": p,
                "headline": " ".join(words[p.id].split()) if group else headline(p),
                "fired": fired(_checks(p, [n for n in near[p.consultation_id, p.clause_id] if n.id != p.id])),
            }
            for p in rows
        ],
        of=of,
        number=waiting_in(group, g.officer) if group else to_approve_in(matter, g.officer) if matter else _number(),
        group=group,
        answers=_answers(group) if group else [],
        ticked=set(request.form.getlist("points")),
        reason=request.form.get("reason", ""),
        groups=waiting_groups(g.officer),
        result=result,
        refusal=refusal,
        matters=list({p.consultation_id: p.consultation for p in rows}.values()),
    )


def _answers(group: PointGroup) -> list[tuple[Any, list[Change]]]:
    """What one press on the whole group agrees to: each different answer once, with what changes in its clause."""
    rows = answers_in(group, g.officer)
    return [(row, changes(row.Clause.body, row.text) if row.Clause else []) for row in rows]


@blueprint.post("/desk/approval")
@desk(*APPROVAL.posts)
def judge_many() -> str | Response | tuple[str, int]:
    """Approve, or send back with one reason, all that are ticked or a whole group; each that cannot be says why."""
    deed = request.form.get("deed")
    if deed not in ("approve", "back"):
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    group = group_of(request.form.get("group", "")[:12]) if request.form.get("whole") else None
    chosen = submitted_in(group) if group is not None else _ticked()
    reason = request.form.get("reason", "").strip()
    if not chosen:
        return _list(refusal="请先勾上要审的答复。"), 422
    if deed == "back" and not reason:
        return _list(refusal="请写明退回的原因，起草的人会看到。"), 422
    may_show = bool(request.form.get("may_show"))
    result = (
        approve_each(chosen, g.officer, may_show=may_show)
        if deed == "approve"
        else send_back_each(chosen, g.officer, reason)
    )
    if result.refused:
        return _list(result), 200 if result.done else 422
    flash(f"{len(result.done):,} 条{'同意了' if deed == 'approve' else '退回了'}。", "ok")
    if group is not None and (left := waiting_in(group, g.officer)):
        flash(f"这一组还有 {left:,} 条等审核，接着审。", "ok")
        return redirect(url_for("console.approval", group=group.public_id), 303)
    return redirect(url_for("console.approval"), 303)


def _ticked() -> list[int]:
    names = [name[:12] for name in request.form.getlist("points")][:200]
    return [
        p.id for p in db.session.scalars(select(Point).where(Point.public_id.in_(names)).order_by(Point.id)).unique()
    ]


@blueprint.get("/desk/approval/<point_id>")
@desk(*APPROVAL.posts)
def approve_one(point_id: str) -> str:
    """One answer, beside what it answers."""
    return _page(_point(point_id), Verdict())


@blueprint.post("/desk/approval/<point_id>")
@desk(*APPROVAL.posts)
def judge(point_id: str) -> str | Response | tuple[str, int]:
    """Approve, or send back with a reason; then the next one."""
    point = _point(point_id)
    same_page(point.version)
    form = Verdict(request.form)
    deed = request.form.get("deed")
    if deed not in ("approve", "back"):
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    following = _next(point)
    if form.validate() and (deed == "approve" or ask_for(form.reason, "请写明退回的原因。")):
        if deed == "back" and form.same.data:
            return _all_back(point, form.reason.data or "")
        with trying(form) as went:
            if deed == "approve":
                point.approve(g.officer, form.may_show.data)
            else:
                point.send_back(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            words = "同意了" if deed == "approve" else "退回了"
            flash(f"第 {point.serial_words} 号{words}。", "ok")
            if following is not None:
                if following.consultation_id != point.consultation_id:
                    flash(f"《{point.consultation.title}》的都审完了，接着是《{following.consultation.title}》。", "ok")
                return redirect(url_for("console.approve_one", point_id=following.public_id), 303)
            return redirect(url_for("console.approval"), 303)
    return _page(point, form, refusal), 422


def _all_back(point: Point, reason: str) -> str | Response | tuple[str, int]:
    """What is wrong with one is wrong with all that were answered with it."""
    group = point.group
    result = send_back_each(answered_alike(point), g.officer, reason)
    if result.refused:
        return _list(result, group=group), 200 if result.done else 422
    flash(f"同样答的 {len(result.done):,} 条都退回了。", "ok")
    return redirect(url_for("console.approval"), 303)


def _point(public_id: str) -> Point:
    point = by_public_id(public_id)
    if point is None or point.stage in (PointStage.OPEN, PointStage.WITHDRAWN):
        raise Missing("没有找到这条答复。它可能已经退回去重写，或者居民撤回了意见。")
    return point


def _number() -> int:
    return counts(g.officer)[0]["approval"]


def _next(point: Point) -> Point | None:
    """The next of the same consultation; where none is left, of another one."""
    rows = [p for p in to_approve(g.officer, point.consultation) if p.id != point.id] or [
        p for p in to_approve(g.officer) if p.id != point.id
    ]
    later = [p for p in rows if (p.answered_at, p.id) > (point.answered_at, point.id)]
    return next(iter(later or rows), None)


def _checks(point: Point, near: Sequence[Point] | None = None) -> Any:
    return checks(
        point,
        point.outcome,
        point.reason or "",
        point.gist,
        bool(point.after),
        after=point.after,
        approving=True,
        near=near,
    )


def _page(point: Point, form: Verdict, refusal: str | None = None) -> str:
    rows = list(to_approve(g.officer))
    place = next((n for n, p in enumerate(rows) if p.id == point.id), None)
    ahead = rows[place - 1] if place else None
    behind = rows[place + 1] if place is not None and place + 1 < len(rows) else None
    lines = _checks(point)
    near = beside(point)
    assert point.outcome is not None
    against = opposite(near, point.outcome, point.gist)
    held, stays = why_not(point, "approve", g.officer), why_not(point, "send_back", g.officer)
    named = personal_data(point.comment.readable) if point.comment.show_text else []
    return render_template(
        "console/approval.html",
        matter=point.consultation,
        point=point,
        said=said(point),
        form=form,
        refusal=refusal,
        left=_number(),
        before=ahead and f"/desk/approval/{ahead.public_id}",
        after=behind and f"/desk/approval/{behind.public_id}",
        changes=changes(point.before, point.after) if point.after else [],
        checks=lines,
        fired=fired(lines),
        near=[(p, changes((point.reason or "")[:600], (p.reason or "")[:600])) for p in near],
        clash=_clash(point.outcome, against),
        held=held,
        may_go_back=stays is None,
        settled=point.stage == PointStage.APPROVED,
        same=len(answered_alike(point)) if stays is None else 1,
        show_words=_show(point, len(named)),
        named=named,
    )


def _clash(outcome: Outcome, against: list[Point]) -> str:
    if not against:
        return ""
    return f"同样的诉求，这里答「{outcome.label}」，别处有 {len(against)} 条答得相反。发布之前改成一致，或者在理由里写清楚为什么不同。"


def _show(point: Point, named: int) -> str:
    comment = point.comment
    if not comment.show_text:
        return "他没有同意公开原话，勾不勾都不会放出来。"
    words = (
        "".join(said_of(comment))
        + "他愿意公开，"
        + ("署名。" if comment.show_name else "不署名。")
        + "勾了，采纳情况里才印他的原话。"
    )
    return words + (f"原话里有 {named} 处像个人信息，请看清楚。" if named else "")
