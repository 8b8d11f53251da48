"""Points put together: suggestions to look at, groups to answer in one go, a comment cut into points, and every step taken back."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.comments.alike import AlikeSet, Opened, Variant, decide_alike, look, opened, set_of, sets_of, suggest
from models.comments.arrange import (
    Mark,
    gather,
    group_of,
    groups_of,
    last_move,
    left_in,
    may_split,
    points_in,
    put,
    relate,
    split,
    take_out,
    undo,
    words_of,
)
from models.comments.bulk import Result, answer_each, template_of, templates
from models.comments.claims import LEASE, charge, claim, give_back
from models.comments.point import TO_ANSWER, Outcome, Point, PointGroup, SubReason, by_public_id, held_by_other, spans
from models.comments.worklist import numbers
from models.decisions.consultation import Consultation, Stage
from models.decisions.draft import Clause
from models.kernel.lifecycle import sentence
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.work import Work
from models.people.officer import answerer_names, answerers
from models.texts.bigrams import normal
from models.texts.diff import Change, changes, in_words
from models.texts.similar import Kind, beyond, opposed
from server.console.answer_checks import checks, reworded
from server.console.answering import point_here, view_of
from server.console.door import blueprint, desk
from server.console.drafts import find
from server.console.forms.answer import OUTCOMES, Charge, GroupAnswer, Named
from server.console.forms.fields import offered
from server.console.forms.trying import trying
from server.console.nav import ANSWERING
from server.console.progress import progress_of
from server.house import checks_its_form

AT_ONCE = 2000
"""Points that are compared while the clerk waits; more are compared by the worker."""
NEXT = 20
"""Points that one press of 认领 takes."""
CHARGED = 5000
ONE_PRESS = 1000
"""Points of a group that one press answers beyond those that are ticked: a request is short, and the next press goes on."""
SHOWN = 300
BARE = 12
"""A shorter wish says nothing by itself."""
_PART = re.compile(r"[^，、；：。！？,;:.!?]+[，、；：。！？,;:.!?]*")
_ASKS = (re.compile("请|建议|希望|要求|提议"), re.compile("应该|应当|能不能|可不可以|最好|不要"))
_COURTESY = re.compile("重视|尽快|答复|回复|谢谢|感谢")
_SENTENCE = re.compile(r"[^。；！？，\n]*[。；！？，\n]+[”」』）)]*|[^。；！？，\n]+")


@blueprint.get("/desk/answering/<public_id>/groups")
@desk(*ANSWERING.posts)
def point_groups(public_id: str) -> str:
    """What is alike and waits to be looked at, and the groups there are, the largest first."""
    matter = find(public_id)
    after = re.fullmatch(r"(\d{1,9})-(\d{1,18})", request.args.get("after", ""))
    rows = groups_of(matter, after=(int(after[1]), int(after[2])) if after else None)
    sets = sets_of(matter)
    words = words_of([found.leader for found in sets])
    last = last_move(matter, g.officer)
    return render_template(
        "console/point_groups.html",
        matter=matter,
        progress=progress_of(matter),
        rows=rows,
        sets=[(found, words[found.leader_id]) for found in sets],
        following=f"?after={rows[-1].PointGroup.n_points}-{rows[-1].PointGroup.id}" if len(rows) >= 30 else None,
        last=sentence(last) if last else "",
        may=_may(matter),
    )


def _may(matter: Consultation) -> bool:
    return matter.stage == Stage.PUBLISHED and not g.officer.lacks(matter.rules.post_for("point.arrange"))


@blueprint.post("/desk/answering/<public_id>/alike")
@desk(*ANSWERING.posts)
def find_alike(public_id: str) -> Response:
    """Compare everything: at once where it is little, else by the worker."""
    matter = find(public_id)
    if not _may(matter):
        raise NotAllowed("归组由承办人办理，您的岗位不能办。")
    if matter.n_points <= AT_ONCE:
        number = suggest(matter, g.officer, look(matter.id))
        flash(f"看完了：{number:,} 条和别的相似，请逐组确认。" if number else "看完了，没有相似的。", "ok")
    else:
        Work.want("find_alike", {"consultation": matter.id}, key=None)
        flash(f"{matter.n_points:,} 条要点，正在后台比对，过一会儿刷新这一页。", "ok")
    return redirect(url_for("console.point_groups", public_id=public_id), 303)


@blueprint.get("/desk/answering/<public_id>/alike/<set_id>")
@desk(*ANSWERING.posts)
def alike_set(public_id: str, set_id: str) -> str:
    """One suggestion: the leader and every other way of saying it, with what differs marked."""
    return _alike(find(public_id), _set(public_id, set_id), Named())


@blueprint.post("/desk/answering/<public_id>/alike/<set_id>")
@desk(*ANSWERING.posts)
@checks_its_form
def judge_alike(public_id: str, set_id: str) -> str | Response | tuple[str, int]:
    """What is ticked goes together, what is not stays apart and is not suggested again."""
    matter, found = find(public_id), _set(public_id, set_id)
    form, refusal = Named(request.form), None
    if form.validate():
        with trying(form) as went:
            made = decide_alike(matter, g.officer, found, _ticked(), form.name.data or "")
        refusal = went.refusal
        if went.done:
            flash(f"归成「{made.name}」。" if made else "记下了：这些不是一回事，不再提。", "ok")
            following = found if found.settled_at is None else next(iter(sets_of(matter, 1)), None)
            if following is not None:
                where = url_for("console.alike_set", public_id=public_id, set_id=following.public_id)
                return redirect(where, 303)
            return redirect(url_for("console.point_groups", public_id=public_id), 303)
    return _alike(matter, found, form, refusal), 422


def _set(public_id: str, set_id: str) -> AlikeSet:
    found = set_of(set_id)
    if found is None or found.consultation.public_id != public_id:
        raise Missing("没有找到这一组。它可能已经看过，或者重新找过。")
    return found


def _ticked() -> list[int]:
    """The numbers behind the ticked ways of saying it."""
    found = [int(n) for value in request.form.getlist("points") for n in re.findall(r"\d{1,18}", value[:8000])]
    return list(dict.fromkeys(found))[:10_000]


def clipped(text: str, most: int = 30) -> str:
    """What a text asks for, as far as whole parts of its sentences go: a group's name, and the gist that everybody will read.

    A letter turned round begins like the letter; what it asks for tells them apart.
    """
    all_of_it = " ".join(text.split())
    said = "".join(part[0] for part in _PART.finditer(all_of_it) if not _COURTESY.search(part[0])) or all_of_it
    parts = list(_PART.finditer(said))
    asks = next((part.start() for cue in _ASKS for part in parts if cue.search(part[0])), 0) if len(said) > most else 0
    while asks and len(said) - asks < BARE:  # 「请管一管」: of what, stands before it
        asks = max(part.start() for part in parts if part.start() < asks)
    begins = said[asks:][:most]
    if len(begins) < most:
        return begins.rstrip("，、；：。！？,;:.!? ")
    whole = re.match(r"(.+)[，、；：。！？,;:.!?]", begins)
    return whole[1] if whole else begins


def _alike(matter: Consultation, found: AlikeSet, form: Named, refusal: str | None = None) -> str:
    seen = opened(found)
    if not form.name.data:
        form.name.data = found.leader.group.name if found.leader.group else found.leader.gist or clipped(seen.leader)
    waiting = sets_of(matter)
    return render_template(
        "console/alike_set.html",
        matter=matter,
        found=found,
        seen=seen,
        form=form,
        refusal=refusal,
        rows=_offered(seen),
        waiting=len(waiting),
        may=_may(matter),
    )


class Offered(NamedTuple):
    """One way of saying it in a suggestion, and whether it is ticked from the start."""

    way: Variant
    against: bool
    more: str
    """What it says besides."""
    chosen: bool | None
    """Whether the clerk ticked it; None: nobody has yet."""

    @property
    def own(self) -> bool:
        """In own words: two of five only sound alike, so nothing is ticked before somebody has read it."""
        return self.way.kind == Kind.TOPIC

    @property
    def ticked(self) -> bool:
        """Copies, edited or not, that ask for the same, until the clerk has said otherwise."""
        return not self.own and not self.against if self.chosen is None else self.chosen

    @property
    def value(self) -> str:
        """As the form carries it."""
        return ",".join(map(str, self.way.points))


def _offered(seen: Opened) -> list[Offered]:
    """Copies to the letter first, then what has to be looked at, then the rest, each most alike first."""
    ticked = set(_ticked()) if request.method == "POST" else None
    rows = [
        Offered(
            way,
            opposed(seen.leader, way.text),
            beyond(seen.leader, way.text),
            None if ticked is None else not ticked.isdisjoint(way.points),
        )
        for way in seen.variants
    ]
    return sorted(rows, key=lambda row: (row.way.kind != Kind.COPY, not (row.against or row.more)))


# --- one group --------------------------------------------------------------------------------------------------------


@dataclass
class Way:
    """One way of saying it within a group."""

    text: str
    marked: list[Change]
    points: list[Point] = field(default_factory=list)
    against: bool = False
    more: str = ""
    """What it says besides."""

    @property
    def waiting(self) -> list[Point]:
        """Those that have no answer on its way."""
        return [p for p in self.points if p.stage in TO_ANSWER]

    @property
    def value(self) -> str:
        """As the form carries it."""
        return ",".join(str(p.id) for p in self.waiting)


def ways_of(points: list[Point]) -> list[Way]:
    """How many say it word for word alike; the most said first, the others with what differs from it."""
    words, found = words_of(points), dict[str, Way]()
    for point in points:
        text = words[point.id]
        way = found.setdefault(normal(text), Way(text, []))
        way.points.append(point)
    ordered = sorted(found.values(), key=lambda way: -len(way.points))
    for way in ordered:
        first = ordered[0]
        way.marked = [("same", way.text)] if way is first else in_words(changes(first.text, way.text))
        way.against = way is not first and opposed(first.text, way.text)
        way.more = "" if way is first else beyond(first.text, way.text)
    return ordered


@blueprint.get("/desk/answering/<public_id>/groups/<group_id>")
@desk(*ANSWERING.posts)
def point_group(public_id: str, group_id: str) -> str:
    """A group beside its answer."""
    matter = find(public_id)
    return _group(matter, _found(matter, group_id), None)


@blueprint.post("/desk/answering/<public_id>/groups/<group_id>")
@desk(*ANSWERING.posts)
@checks_its_form
def answer_group(public_id: str, group_id: str) -> str | Response | tuple[str, int]:
    """One answer for what is ticked; or out of the group, or another name, or claimed."""
    matter = find(public_id)
    found = _found(matter, group_id)
    form, deed = GroupAnswer(request.form), request.form.get("deed")
    template = template_of(request.form.get("template", "")[:12])
    if deed == "apply":
        if template is not None:
            form.outcome.data, form.reason.data = template.outcome.value, template.reason
            form.sub_reason.data = template.sub_reason.value if template.sub_reason else ""
        return _group(matter, found, form)
    if deed == "look":  # what Enter in a line presses: nothing is sent by it
        return _group(matter, found, form)
    if deed in ("out", "claim", "rename", "relate"):
        with trying(form) as went:
            flash(_arrange(matter, found, deed), "ok")
        if went.done:
            return redirect(url_for("console.point_group", public_id=public_id, group_id=group_id), 303)
        return _group(matter, found, form, went.refusal), 422
    if deed not in ("submit", "keep"):
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    result, refusal = None, None
    if form.validate():
        with trying(form) as went:
            chosen = _ticked() + (_rest(found) if form.rest.data else [])
            result = _answered(chosen, found, form, deed == "submit", template)
        refusal = went.refusal
        if went.done and result is not None and not result.refused:
            flash(f"「{found.name}」{result.words}{'，送审了' if deed == 'submit' else '，还没有送审'}。", "ok")
            if form.rest.data and (left := left_in(found, after=max(chosen))):
                flash(f"这一组还有 {left:,} 条没答，接着按。", "ok")
                where = url_for("console.point_group", public_id=public_id, group_id=group_id, after=max(chosen))
                return redirect(where, 303)
            following = next(
                (row.PointGroup for row in groups_of(matter, left=True, limit=2) if row.PointGroup.id != found.id), None
            )
            if deed == "submit" and following is not None:
                return redirect(url_for("console.point_group", public_id=public_id, group_id=following.public_id), 303)
            return redirect(url_for("console.point_group", public_id=public_id, group_id=group_id), 303)
    return _group(matter, found, form, refusal, result), 200 if result is not None and result.done else 422


def _found(matter: Consultation, group_id: str) -> PointGroup:
    found = group_of(group_id)
    if found is None or found.consultation_id != matter.id:
        raise Missing("没有找到这一组。")
    return found


def _arrange(matter: Consultation, found: PointGroup, deed: str) -> str:
    chosen = _ticked()
    if deed == "rename":
        found.rename(g.officer, request.form.get("name", ""))
        return f"改名为「{found.name}」。"
    if deed == "claim":
        got = claim(matter, g.officer, [p.id for p in points_in(found, after=_after(), limit=SHOWN)])
        return f"认领了 {len(got)} 条，{int(LEASE.total_seconds() // 60)} 分钟内别人不会来答。"
    if deed == "relate":
        return _related(matter, chosen + (_rest(found) if request.form.get("all") else []))
    return f"拿出 {take_out(found, g.officer, chosen)} 条。"


def _clause(matter: Consultation, name: str) -> Clause | None:
    return next((c for c in (matter.draft.speakable if matter.draft else ()) if c.public_id == name), None)


def _related(matter: Consultation, points: list[int]) -> str:
    name = request.form.get("clause", "")
    clause = _clause(matter, name)
    if clause is None and name != "whole":
        raise RuleUnmet("请从这份草案里选一条。", {"clause": "请从这份草案里选一条。"})
    if not points:
        raise RuleUnmet("请先选上要对的话。", {"points": "请先选上要对的话。"})
    done = relate(matter, g.officer, clause, points)
    return f"{done:,} 条对到{clause.name if clause else '整个草案'}了。居民当时选的那一条不变，留在原件上。"


def _after() -> int:
    """Behind which point of a long group the page goes on."""
    after = re.fullmatch(r"\d{1,18}", request.args.get("after", ""))
    return int(after[0]) if after else 0


def _rest(found: PointGroup) -> list[int]:
    """What waits behind those that the page lists."""
    shown = points_in(found, after=_after(), limit=SHOWN)
    rest = points_in(found, after=shown[-1].id, limit=ONE_PRESS) if len(shown) == SHOWN else ()
    return [point.id for point in rest]


def _answered(chosen: list[int], found: PointGroup, form: GroupAnswer, submit: bool, template: Any) -> Result:
    if not chosen:
        raise RuleUnmet("请先选上要答的话。", {"points": "请先选上要答的话。"})
    if form.outcome.data not in set(Outcome):
        raise RuleUnmet("请选结果。", {"outcome": "请从四种里选一种。"})
    if form.sub_reason.data and form.sub_reason.data not in set(SubReason):
        raise RuleUnmet("请从列出的里面选一类。", {"sub_reason": "请从列出的里面选一类。"})
    if not (form.reason.data or "").strip():
        raise RuleUnmet("请写明理由，居民会看到。", {"reason": "请写明理由，居民会看到。"})
    return answer_each(
        chosen,
        g.officer,
        form.outcome.data or "",
        form.reason.data or "",
        sub_reason=form.sub_reason.data or None,
        gist=form.gist.data or found.name,
        revised=_revised(found.consultation, form),
        submit=submit,
        template=template,
    )


def _revised(matter: Consultation, form: GroupAnswer) -> tuple[Clause, str] | None:
    """New words for the clause that the page showed, where they differ from the old ones."""
    clause = _clause(matter, request.form.get("of", ""))
    words = reworded(clause.body, form.revised.data or "") if clause else ""
    return (clause, words) if clause and words else None


def _group(
    matter: Consultation,
    found: PointGroup,
    form: GroupAnswer | None,
    refusal: str | None = None,
    result: Result | None = None,
) -> str:
    after = _after()
    waits = points_in(found, after=after, limit=SHOWN)
    done = points_in(found, waiting=False, limit=SHOWN - len(waits) or 1)
    points = [*waits, *done] if len(waits) < SHOWN else list(waits)
    ways = ways_of(points)
    progress = progress_of(matter)
    about = Counter(point.target for point in points)
    clauses = Counter(point.clause for point in points if point.clause is not None)
    clause = clauses.most_common(1)[0][0] if clauses else None
    if form is None:
        known = next((p for p in (*waits, *done) if p.outcome is not None), None)
        worded = next((p for p in (*waits, *done) if p.revision_id and p.clause_id == (clause and clause.id)), None)
        form = GroupAnswer(
            data={
                "outcome": known.outcome if known else None,
                "sub_reason": known.sub_reason if known else None,
                "reason": known.reason if known else "",
                "gist": (known.gist if known else "") or found.name,
                "revised": worded.after if worded else clause.body.strip() if clause else "",
                "rest": bool(after),
            }
        )
    rows = groups_of(matter)
    place = next((n for n, row in enumerate(rows) if row.PointGroup.id == found.id), None)
    here = f"/desk/answering/{matter.public_id}/groups/"
    waiting, passed = len(waits), left_in(found) - left_in(found, after=after) if after else 0
    lead = next((point for point in points if point.clause is clause), points[0] if points else None)
    words = reworded(clause.body, form.revised.data or "") if clause else ""
    ticked = set(_ticked()) if request.method == "POST" else None
    last = last_move(matter, g.officer)
    return render_template(
        "console/point_group.html",
        matter=matter,
        progress=progress,
        found=found,
        ways=[(way, _said_of(way, n == 0), _chosen(way, ticked)) for n, way in enumerate(ways)],
        waiting=waiting,
        left=left_in(found, after=waits[-1].id) if len(waits) == SHOWN else 0,
        listed=len(points),
        passed=passed,
        after_point=after,
        form=form,
        refusal=refusal,
        result=result,
        rows=rows,
        here=here,
        before=here + rows[place - 1].PointGroup.public_id if place else None,
        after=here + rows[place + 1].PointGroup.public_id if place is not None and place + 1 < len(rows) else None,
        outcomes=[(value, words, key) for key, (value, words) in enumerate(OUTCOMES, 1)],
        templates=templates(),
        template=request.form.get("template", ""),
        clause=clause,
        to_clause=clauses[clause] if clause else 0,
        clauses=matter.draft.speakable if matter.draft else (),
        changes=changes(clause.body.strip(), words) if clause and words else [],
        chosen=sum(len(way.waiting) for way in ways if _chosen(way, ticked)),
        about=about.most_common() if len(about) > 1 else [],
        look=f"/desk/answering/{matter.public_id}/{lead.public_id}/look" if lead else "",
        checks=checks(
            lead,
            form.outcome.data,
            form.reason.data or "",
            form.gist.data or "",
            bool(words),
            after=words,
        )
        if lead
        else [],
        may=_may(matter) and waiting > 0,
        last=sentence(last) if last else "",
        one_press=ONE_PRESS,
        returned=Counter(point.returned_reason for point in waits if point.returned_reason).most_common(),
    )


def _chosen(way: Way, ticked: set[int] | None) -> bool:
    if ticked is not None:
        return bool(ticked & {p.id for p in way.waiting})
    return bool(way.waiting) and not way.against


def _said_of(way: Way, first: bool) -> str:
    """What stands beneath a way of saying it, behind the number of the first that says it so."""
    parts = []
    if len(way.points) > 1:
        parts.append("一字不差的抄本" if first else f"等 {len(way.points):,} 份，一字不差")
    held = {other.name for p in way.points if (other := held_by_other(p, g.officer)) is not None}
    if held:
        parts.append(f"{'、'.join(sorted(held))}在答")
    stages: dict[str, int] = {}
    for p in way.points:
        if p.stage not in TO_ANSWER:
            stages[p.stage.label] = stages.get(p.stage.label, 0) + 1
    parts += [f"{words} {number} 份" for words, number in stages.items()]
    return "·".join(parts)


# --- a comment cut into points ----------------------------------------------------------------------------------------


@blueprint.get("/desk/answering/<public_id>/<point_id>/split")
@desk(*ANSWERING.posts)
def split_page(public_id: str, point_id: str) -> str:
    """The comment in its sentences; each that is ticked is answered by itself."""
    matter = find(public_id)
    return _split(matter, point_here(matter, point_id))


@blueprint.post("/desk/answering/<public_id>/<point_id>/split")
@desk(*ANSWERING.posts)
def split_comment(public_id: str, point_id: str) -> str | Response | tuple[str, int]:
    """By ticked sentences (neighbours are one point), or by the words that were marked with the mouse."""
    matter = find(public_id)
    point = point_here(matter, point_id)
    try:
        made = split(point.comment, g.officer, _marks(matter))
    except RuleUnmet as refusal:
        return _split(matter, point, refusal.message), 422
    flash(f"分出 {len(made)} 点，各答各的；全部答完才发给他。", "ok")
    return redirect(f"/desk/answering/{public_id}?stage=all&p={made[0].public_id}", 303)


def _marks(matter: Consultation) -> list[Mark]:
    name = request.form.get("clause", "")
    clause = next((c for c in (matter.draft.clauses if matter.draft else ()) if c.public_id == name), None)
    pairs = sorted(
        (int(found[1]), int(found[2]))
        for value in request.form.getlist("part")
        if (found := re.fullmatch(r"(\d{1,5})-(\d{1,5})", value))
    )
    joined: list[tuple[int, int]] = []
    for begins, ends in pairs:
        if joined and joined[-1][1] == begins:
            joined[-1] = (joined[-1][0], ends)
        else:
            joined.append((begins, ends))
    return [Mark(begins, ends, clause) for begins, ends in joined]


def _split(matter: Consultation, point: Point, refusal: str | None = None) -> str:
    text = point.comment.readable
    taken = list(spans(point.comment_id))
    parts = []
    for found in _SENTENCE.finditer(text):
        whose = next((s.number for s in taken if s.begins < found.end() and found.start() < s.ends), None)
        parts.append((f"{found.start()}-{found.end()}", found.group(), whose))
    return render_template(
        "console/split.html",
        matter=matter,
        point=point,
        parts=parts,
        refusal=refusal,
        chosen=set(request.form.getlist("part")),
        clauses=matter.draft.clauses if matter.draft else [],
        may=may_split(point, g.officer),
        back=f"/desk/answering/{matter.public_id}?stage=all&p={point.public_id}",
    )


@blueprint.post("/desk/answering/<public_id>/<point_id>/arrange")
@desk(*ANSWERING.posts)
def arrange(public_id: str, point_id: str) -> Response:
    """Join, take apart, into another group, out of one."""
    matter = find(public_id)
    point = by_public_id(point_id)
    if point is None or point.consultation_id != matter.id:
        raise Missing("没有找到这条要点。")
    deed = request.form.get("deed", "")
    try:
        words, show = _done(matter, point, deed)
    except RuleUnmet as refusal:
        words, show = refusal.message, point
        flash(words, "bad")
    else:
        flash(words, "ok")
    return redirect(f"/desk/answering/{public_id}?stage=all&p={show.public_id}", 303)


def _done(matter: Consultation, point: Point, deed: str) -> tuple[str, Point]:
    if deed == "join":
        point.join(g.officer)
        return "并回第一点了，由第一点一起答。", point.comment.points[0]
    if deed == "part":
        point.part(g.officer)
        return "又分出来了。", point
    if deed == "out" and point.group is not None:
        name = point.group.name
        take_out(point.group, g.officer, [point.id])
        return f"从「{name}」拿出来了。", point
    if deed == "relate":
        return _related(matter, [point.id]), point
    if deed == "into":
        chosen = group_of(request.form.get("group", "")[:12])
        if chosen is not None and chosen.consultation_id == matter.id:
            put(chosen, g.officer, [point.id])
            return f"归入「{chosen.name}」。", point
        made = gather(matter, g.officer, request.form.get("name", ""), [point.id])
        return f"新归成「{made.name}」。", point
    raise NotAllowed("没有这个动作，请回到页面上按按钮。")


@blueprint.post("/desk/answering/<public_id>/undo")
@desk(*ANSWERING.posts)
def take_back(public_id: str) -> Response:
    """One's own last move."""
    matter = find(public_id)
    flash(f"撤回了：{undo(matter, g.officer)}。", "ok")
    return redirect(url_for("console.point_groups", public_id=public_id), 303)


# --- who answers ------------------------------------------------------------------------------------------------------


@blueprint.post("/desk/answering/<public_id>/claim")
@desk(*ANSWERING.posts)
def claim_points(public_id: str) -> Response:
    """The next twenty of the list for half an hour, or all that one has back."""
    matter = find(public_id)
    view = view_of(matter, request.args)
    if request.form.get("deed") == "back":
        flash(f"放下了 {give_back(matter, g.officer)} 条，别人可以答了。", "ok")
    else:
        found = numbers(matter, view.wanted, limit=NEXT)
        if not found:
            raise OutOfTurn("这个范围里没有要答的了，换一个条件再认领。")
        got = claim(matter, g.officer, found)
        flash(f"认领了 {len(got)} 条，{int(LEASE.total_seconds() // 60)} 分钟内别人不会来答。", "ok")
    return redirect(view.link(), 303)


@blueprint.get("/desk/answering/<public_id>/charge")
@desk(*ANSWERING.posts)
def charge_page(public_id: str) -> str:
    """Who answers what is listed, and by when."""
    matter = find(public_id)
    return _charge(matter, Charge())


@blueprint.post("/desk/answering/<public_id>/charge")
@desk(*ANSWERING.posts)
@checks_its_form
def charge_points(public_id: str) -> str | Response | tuple[str, int]:
    """Everything in the list that has no answer on its way, up to five thousand at once."""
    matter = find(public_id)
    view = view_of(matter, request.args)
    form, refusal = Charge(request.form), None
    to = next((o for o in answerers() if o.public_id == form.to.data), None)
    if to is None:
        form.to.errors = ["请选一位承办人。"]
    elif form.validate():
        with trying(form) as went:
            done = charge(matter, g.officer, numbers(matter, view.wanted, limit=CHARGED), to, form.due_on.data)
        refusal = went.refusal
        if went.done:
            flash(f"{done:,} 条交给{to.name}了。", "ok")
            return redirect(view.link(), 303)
    return _charge(matter, form, refusal), 422


def _charge(matter: Consultation, form: Charge, refusal: str | None = None) -> str:
    view = view_of(matter, request.args)
    form.to.choices = offered([("", "（请选）"), *((o.public_id, o.name) for o in answerer_names())])
    found = numbers(matter, view.wanted, limit=CHARGED)
    return render_template(
        "console/charge.html", matter=matter, form=form, refusal=refusal, view=view, number=len(found), most=CHARGED
    )
