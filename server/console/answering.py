"""Answering: the worklist at the left, what was said in the middle, the answer at the right; every point its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.comments import worklist
from models.comments.alike import waiting_set
from models.comments.arrange import group_of, groups_of, may_split, way_of
from models.comments.bulk import AnswerTemplate, template_of, templates
from models.comments.point import SETTLED, TO_ANSWER, Outcome, Point, PointStage, SubReason, held_by_other
from models.comments.worklist import Listed, Wanted
from models.decisions.consultation import Channel, Consultation, Stage, consultations
from models.decisions.draft import Clause
from models.kernel.base import db
from models.kernel.clock import local, today, wall
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, OutOfTurn, RuleUnmet
from models.people.officer import Officer, answerer_names
from models.people.place import Place, villages
from models.texts.diff import changes
from server.console.answer_checks import checks, reworded
from server.console.door import blueprint, desk
from server.console.drafts import find
from server.console.forms.answer import OUTCOMES, Answer
from server.console.forms.trying import trying
from server.console.nav import ANSWERING
from server.console.progress import Progress, clauses_of, progress_of
from server.console.said import said
from server.console.words import counted_to
from server.house import checks_its_form

STAGES: dict[str, tuple[str, tuple[PointStage, ...]]] = {
    "todo": ("没答完的", TO_ANSWER),
    "returned": ("被退回的", (PointStage.DRAFTED,)),
    "submitted": ("等审核的", (PointStage.SUBMITTED,)),
    "approved": ("审定的", SETTLED),
    "all": ("全部", ()),
}
FILTERS = ("stage", "clause", "channel", "place", "outcome", "group", "handler", "due")


AHEAD, PAGE = 6, 30
"""Points shown ahead of the one that is open, and behind it."""


class Around(NamedTuple):
    """The numbers of the points ahead of the one that is open, and of those behind it."""

    ahead: list[int]
    behind: list[int]


@dataclass(frozen=True)
class View:
    """What the address asks for."""

    matter: Consultation
    wanted: Wanted
    query: dict[str, str]

    @property
    def search(self) -> str:
        """What comes behind the question mark, with it."""
        return f"?{urlencode(self.query)}" if self.query else ""

    def until(self, name: str) -> str:
        """The address of this list up to one thing that it names: a page has a hundred such links, and a point's or filter's name needs no quoting."""
        rest = urlencode({k: v for k, v in self.query.items() if k != name})
        return f"/desk/answering/{self.matter.public_id}?{rest}{'&' * bool(rest)}{name}="

    @cached_property
    def _to_points(self) -> str:
        return self.until("p")

    @property
    def words(self) -> list[str]:
        """The filters in force, as they read."""
        w = self.wanted
        said = [STAGES[self.query.get("stage") or "todo"][0] if self.query.get("stage") in (None, *STAGES) else ""]
        said += ["整个草案"] if w.whole else [x.name for x in (w.clause, w.place, w.group, w.handler) if x is not None]
        said += [x.label for x in (w.channel, w.outcome) if x is not None]
        return [words for words in said if words]

    def link(self, point: Point | Listed | None = None, changed: dict[str, str | None] | None = None) -> str:
        """The same list with another point or another filter."""
        if point is not None and not changed:
            return self._to_points + point.public_id
        query = {k: v for k, v in {**self.query, **(changed or {})}.items() if v}
        if point is not None:
            query["p"] = point.public_id
        path = f"/desk/answering/{self.matter.public_id}"
        return f"{path}?{urlencode(query)}" if query else path


@blueprint.get("/desk/answering")
@desk(*ANSWERING.posts)
def answering_list() -> str | Response:
    """Which consultation; with one alone there is nothing to choose."""
    rows = [(m, progress_of(m).stages) for m in consultations(Stage.PUBLISHED) if m.n_points]
    if len(rows) == 1:
        return redirect(url_for("console.answering", public_id=rows[0][0].public_id), 303)
    return render_template("console/answering_list.html", rows=rows)


@blueprint.get("/desk/answering/<public_id>")
@desk(*ANSWERING.posts)
def answering(public_id: str) -> str:
    """The point that the address names, or the first of the list."""
    view = view_of(find(public_id), request.args)
    if request.args.get("p"):
        return _work(view, point_here(view.matter, request.args["p"]), None)
    ahead = worklist.numbers(view.matter, view.wanted, limit=PAGE + 1)
    first = worklist.opened(view.matter, ahead[0]) if ahead else None
    return _work(view, first, None, around=Around([], ahead[1:]))


@blueprint.post("/desk/answering/<public_id>/<point_id>")
@desk(*ANSWERING.posts)
@checks_its_form
def write_answer(public_id: str, point_id: str) -> str | Response | tuple[str, int]:
    """Keep it, or submit it and go on with the next. What two officers write at once is stored once."""
    view = view_of(find(public_id), request.args)
    point = point_here(view.matter, point_id)
    form = Answer(request.form)
    if request.form.get("version") not in (None, str(point.version)):
        return _work(
            view, point, form, "别人刚刚也在答这一条，您写的没有存，还在下面。请再看一遍左边和上一稿，再决定。"
        ), 409
    refusal = None
    template = template_of(request.form.get("template", "")[:12])
    if request.form.get("deed") == "apply":
        return _work(view, point, filled(form, template))
    if form.validate() and request.form.get("deed") != "look":
        with trying(form) as went:
            if _write(point, form) and template is not None:
                template.note_use(point, len(point.versions))
            if request.form.get("deed") == "submit":
                point.submit(g.officer)
        refusal = went.refusal
        if went.done:
            return _onwards(view, point)
    status = 200 if request.form.get("deed") == "look" and not form.errors else 422
    return _work(view, point, form, refusal), status


@blueprint.post("/desk/answering/<public_id>/<point_id>/look")
@desk(*ANSWERING.posts)
def look(public_id: str, point_id: str) -> str:
    """The checks and the changed words for what is being typed; stores nothing."""
    point = point_here(find(public_id), point_id)
    return render_template("console/answering_look.html", **_look(point, Answer(request.form)))


def filled(form: Answer, template: AnswerTemplate | None) -> Answer:
    """The form with a template's words; what else was typed stays."""
    if template is not None:
        form.outcome.data, form.reason.data = template.outcome.value, template.reason
        form.sub_reason.data = template.sub_reason.value if template.sub_reason else ""
    return form


def _write(point: Point, form: Answer) -> bool:
    """A new version, unless nothing changed; whether there is one."""
    revised = form.revised.data or ""
    if point.clause is None or not reworded(point.before, revised):
        revised = ""
    sub_reason = form.sub_reason.data or None
    if sub_reason is not None and sub_reason not in set(SubReason):
        raise RuleUnmet("请从列出的里面选一类。", {"sub_reason": "请从列出的里面选一类。"})
    if form.outcome.data not in set(Outcome):
        raise RuleUnmet("请选结果。", {"outcome": "请从四种里选一种。"})
    told = (form.outcome.data, sub_reason, (form.reason.data or "").strip(), form.gist.data or "", revised)
    if point.stage == PointStage.DRAFTED and told == (
        point.outcome,
        point.sub_reason,
        point.reason,
        point.gist,
        point.after,
    ):
        return False
    point.answer(
        g.officer,
        form.outcome.data,
        form.reason.data or "",
        sub_reason=sub_reason,
        gist=form.gist.data or "",
        revised=revised or None,
    )
    return True


def _onwards(view: View, point: Point) -> Response:
    if request.form.get("deed") != "submit":
        flash("存着了，还没有送审。", "ok")
        return redirect(view.link(point), 303)
    following = worklist.numbers(view.matter, view.wanted, after=point.id, limit=1) or worklist.numbers(
        view.matter, view.wanted, limit=1
    )
    flash(f"第 {point.serial_words} 号已送审。", "ok")
    return redirect(view.link(worklist.opened(view.matter, following[0]) if following else None), 303)


def view_of(matter: Consultation, asked: Any) -> View:
    """The list that an address asks for."""
    query = {name: asked.get(name, "")[:20] for name in FILTERS}
    stage = query["stage"] if query["stage"] in STAGES else ""
    _, stages = STAGES[stage or "todo"]
    clause = place = None
    if query["clause"] and query["clause"] != "whole" and matter.draft_id:
        clause = db.session.scalar(
            select(Clause).where(Clause.public_id == query["clause"], Clause.draft_id == matter.draft_id)
        )
    group = group_of(query["group"]) if query["group"] else None
    if group is not None and group.consultation_id != matter.id:
        group = None
    handler = g.officer if query["handler"] == "me" else None
    if query["handler"] and handler is None:
        handler = db.session.scalar(select(Officer).where(Officer.public_id == query["handler"]))
    due = {"late": today() - timedelta(days=1), "week": today() + timedelta(days=7)}.get(query["due"])
    if query["place"]:
        place = db.session.scalar(select(Place).where(Place.public_id == query["place"]))
    wanted = Wanted(
        stages=stages,
        returned=stage == "returned",
        clause=clause,
        whole=query["clause"] == "whole",
        channel=Channel(query["channel"]) if query["channel"] in set(Channel) else None,
        place=place,
        outcome=Outcome(query["outcome"]) if query["outcome"] in set(Outcome) else None,
        group=group,
        handler=handler,
        due_until=due,
    )
    return View(matter, wanted, {k: v for k, v in query.items() if v})


def point_here(matter: Consultation, public_id: str) -> Point:
    """A point of this consultation that is answered by itself."""
    point = worklist.opened(matter, public_id)
    if point is None:
        raise Missing("没有找到这条要点。")
    if point.stage == PointStage.WITHDRAWN:
        if point.joined_into is not None:
            raise OutOfTurn(f"这一点并回了第 {point.comment.serial_words} 号，由第一点一起答。")
        raise OutOfTurn("这条意见已经由本人撤回，不用答了。")
    return point


def _around(view: View, point: Point) -> Around:
    """A few ahead of a point, and those behind it."""
    return Around(
        worklist.numbers(view.matter, view.wanted, before=point.id, limit=AHEAD),
        worklist.numbers(view.matter, view.wanted, after=point.id, limit=PAGE),
    )


def _work(
    view: View, point: Point | None, form: Answer | None, refusal: str | None = None, around: Around | None = None
) -> str:
    matter = view.matter
    clauses = {clause.id: clause for clause in (matter.draft.clauses if matter.draft else [])}
    groups, places = groups_of(matter), villages()
    progress = progress_of(matter)
    found, total = progress.stages, progress.total
    told: dict[str, Any] = {
        "matter": matter,
        "counts": {
            "settled": found["approved"] + found["released"],
            "submitted": found["submitted"],
            "open": found["open"] + found["drafted"],
            "total": total,
        },
        "late": matter.answer_due_on is not None and matter.answer_due_on < today() and matter.stage == Stage.PUBLISHED,
        "chips": _chips(view, clauses, groups, places),
        "view": view,
        "point": None,
        "refusal": refusal,
        **_nothing(view, progress),
    }
    if point is None:
        told |= {"rows": [], "before": None, "after": None, "place_words": "没有", "list_words": "这个范围里没有要点"}
    else:
        around = around or _around(view, point)
        near, parts = worklist.near(point), worklist.parts(point)
        lines = worklist.lines([*around.ahead, point.id, *around.behind, *near, *parts], g.officer)
        told |= _list(view, point, around, lines, {number: clause.name for number, clause in clauses.items()})
        told |= _pane(view, point, form, groups, [lines[n] for n in parts])
        told["near"] = [(view.link(lines[n], {"stage": "all"}), lines[n]) for n in near]
    return render_template("console/answering.html", **told)


def _nothing(view: View, progress: Progress) -> dict[str, str]:
    """What an empty list means, and what comes next."""
    if not progress.total:
        return {"nothing": "还没有意见", "nothing_then": "有人说话，这里就有。"}
    if view.query:
        return {"nothing": "这个范围里没有要点了", "nothing_then": "换一个条件，或者看全部。"}
    waiting = progress.stages["submitted"]
    if waiting:
        then = f"{waiting:,} 条等另一位同事审核，退回来的会回到这里。都审定了，就可以一起发布。"
    else:
        then = "都审定了，等着发布。" if view.matter.stage == Stage.PUBLISHED else "已经发布。"
    return {"nothing": "都答完了", "nothing_then": then}


def _list(
    view: View, point: Point, around: Around, lines: dict[int, Listed], clauses: dict[int, str]
) -> dict[str, Any]:
    words = _how_many(view)
    return {
        "rows": [
            (
                number == point.id,
                view.link(lines[number]),
                lines[number],
                clauses.get(lines[number].clause_id or 0, "整个草案"),
                _standing(lines[number]),
            )
            for number in (*around.ahead, point.id, *around.behind)
        ],
        "before": view.link(lines[around.ahead[-1]]) if around.ahead else None,
        "after": view.link(lines[around.behind[0]]) if around.behind else None,
        "next_page": view.link(lines[around.behind[-1]]) if len(around.behind) >= PAGE else None,
        "place_words": f"这个范围共 {words} 条",
        "list_words": f"这个范围里共 {words} 条要点",
    }


def _how_many(view: View) -> str:
    """Exact where only stages are asked for; of a narrowed list up to a thousand."""
    if not view.wanted.narrowed:
        stages = progress_of(view.matter).stages
        return f"{sum(stages[stage] for stage in view.wanted.stages or worklist.STANDING):,}"
    number = worklist.how_many(view.matter, view.wanted)
    return counted_to(number, worklist.MOST_COUNTED)


def _standing(line: Listed) -> str:
    if line.held_by:
        return f"{line.held_by}在答"
    return "退回" if line.returned else line.stage.label


def _pane(view: View, point: Point, form: Answer | None, groups: Sequence[Any], parts: list[Listed]) -> dict[str, Any]:
    if form is None:
        form = Answer(
            data={
                "outcome": point.outcome,
                "sub_reason": point.sub_reason,
                "reason": point.reason or "",
                "gist": point.gist,
                "revised": point.after or point.before,
            }
        )
    refusal = why_not(point, "answer", g.officer)
    others = [p for p in parts if not p.joined]
    mine = point.claimed_by_id == g.officer.id and point.claimed_until is not None and point.claimed_until > wall()
    action = f"/desk/answering/{view.matter.public_id}/{point.public_id}"
    query = urlencode(view.query)
    return {
        "point": point,
        "said": said(point),
        "form": form,
        "locked": _locked(point, refusal),
        "action": f"{action}?{query}" if query else action,
        "look_action": f"{action}/look",
        "outcomes": [(value, words, key) for key, (value, words) in enumerate(OUTCOMES, 1)],
        "others": [(view.link(p, {"stage": "all"}), p) for p in (others if len(others) > 1 else ())],
        "joined": [p for p in parts if p.joined],
        "may_split": may_split(point, g.officer),
        "claimed": local(point.claimed_until).strftime("%H:%M") if mine and point.claimed_until else "",
        "arrange": f"/desk/answering/{view.matter.public_id}/{point.public_id}/arrange",
        "templates": templates(),
        "template": request.form.get("template", ""),
        "way": way_of(point),
        "together": _together(view.matter, point),
        "clauses": view.matter.draft.speakable if view.matter.draft else (),
        "groups_here": [row.PointGroup for row in groups if row.PointGroup.id != point.group_id],
        **_look(point, form),
    }


def _together(matter: Consultation, point: Point) -> tuple[str, str, int] | None:
    """Where it could be answered with others: its group, or what is like it and nobody has looked at; the address, its words, how many."""
    here = f"/desk/answering/{matter.public_id}/"
    if point.group is not None:
        number = point.group.n_points - 1
        return (f"{here}groups/{point.group.public_id}", f"归在「{point.group.name}」里", number) if number else None
    found = waiting_set(point)
    return (f"{here}alike/{found.public_id}", "像是一回事，还没有看过", found.size) if found else None


def _locked(point: Point, refusal: Any) -> str:
    if refusal is None:
        other = held_by_other(point, g.officer)
        if other is None or point.claimed_until is None:
            return ""
        return f"{other.name}正在答这一条，认领到 {local(point.claimed_until):%H:%M}。先答别的，或者等到点。"
    if point.stage == PointStage.APPROVED:
        return "这条已经审定。要改，请审核人先退回。"
    if point.stage == PointStage.RELEASED:
        return "这条已经发布，不能再改。"
    return str(refusal.message)


def _look(point: Point, form: Answer) -> dict[str, Any]:
    after = reworded(point.before, form.revised.data or "") if point.before else ""
    return {
        "changes": changes(point.before.strip(), after) if after else [],
        "checks": checks(
            point,
            form.outcome.data,
            form.reason.data or "",
            form.gist.data or "",
            bool(after),
            after=after,
        ),
    }


def _chips(
    view: View, clauses: dict[int, Clause], groups: Sequence[Any], places: Sequence[Place]
) -> list[dict[str, Any]]:
    """Filters in force come first and are taken off by a click; the others open a list."""
    stage = view.query.get("stage", "todo")
    chips = [_menu(view, "stage", STAGES.get(stage, STAGES["todo"])[0], [(k, w) for k, (w, _) in STAGES.items()])]
    counted = [(clauses.get(row.clause_id), row.points) for row in clauses_of(view.matter)]
    options = [(c.public_id, c.name, n) if c else ("whole", "整个草案", n) for c, n in counted]
    on = view.wanted.clause.name if view.wanted.clause else "整个草案" if view.wanted.whole else ""
    chips.append({**_filter(view, "clause", "条款", on, options), "key": "f"})
    place = view.wanted.place
    chips.append(
        _filter(view, "place", "村／社区", place.name if place else "", [(v.public_id, v.name, None) for v in places])
    )
    channel = view.wanted.channel
    chips.append(
        _filter(view, "channel", "渠道", channel.label if channel else "", [(c.value, c.label, None) for c in Channel])
    )
    group = view.wanted.group
    sized = [(row.PointGroup.public_id, row.PointGroup.name, row.PointGroup.n_points) for row in groups]
    chips.append(_filter(view, "group", "组", group.name if group else "", sized))
    handler = view.wanted.handler
    people: list[tuple[str, str, int | None]] = [("me", "我", None)]
    people += [(public_id, name, None) for number, public_id, name in answerer_names() if number != g.officer.id]
    chips.append(
        _filter(
            view,
            "handler",
            "承办",
            "" if handler is None else "我" if handler.id == g.officer.id else handler.name,
            people,
        )
    )
    due = {"late": "已逾期", "week": "一周内到期"}
    chips.append(
        _filter(view, "due", "到期", due.get(view.query.get("due", ""), ""), [(k, w, None) for k, w in due.items()])
    )
    outcome = view.wanted.outcome
    chips.append(
        _filter(view, "outcome", "结果", outcome.label if outcome else "", [(o.value, o.label, None) for o in Outcome])
    )
    return chips


def _menu(view: View, name: str, words: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    link = view.until(name)
    return {"on": True, "words": words, "options": [(w, link + v, None) for v, w in options]}


def _filter(view: View, name: str, words: str, on: str, options: list[tuple[str, str, int | None]]) -> dict[str, Any]:
    if on:
        return {"on": True, "words": f"{on} ×", "link": view.link(changed={name: None}), "options": None}
    link = view.until(name)
    return {"on": False, "words": words, "options": [(w, link + v, n) for v, w, n in options]}
