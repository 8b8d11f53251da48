"""Rounds among those who are named: six groups outside, five inside; who was sent what, who answered, whom to remind."""

from flask import current_app, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.comments.by_group import Tally, cases_of_year, of_case, of_year, points_of, total
from models.comments.point import Outcome
from models.decisions.consultation import Audience, Consultation, consultations_of
from models.decisions.consultation import by_public_id as consultation_of
from models.decisions.decision import Decision
from models.decisions.draft import newest_draft
from models.decisions.invitation import (
    INSIDE,
    Group,
    Invitation,
    ask,
    invitations,
    reply,
    texts_of,
)
from models.kernel.clock import today
from models.kernel.lifecycle import unmet
from models.kernel.refusal import Missing, RuleUnmet
from models.people.officer import Post
from server.console.cases import find
from server.console.door import blueprint, desk
from server.console.forms.fields import offered
from server.console.forms.taking_part import NewRound, RoundDeed
from server.console.forms.trying import trying
from server.console.intake import KEY
from server.console.nav import CASES
from server.house import checks_its_form

HANDS = (Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.OFFICE, Post.VILLAGE, Post.GRID)
MOST_NAMES = 200
MOST_POINTS = 500


@blueprint.get("/desk/cases/<public_id>/rounds")
@desk(*CASES.posts)
def case_rounds(public_id: str) -> str:
    """Which groups were asked, and how far each has come."""
    case = find(public_id)
    return _case(case, NewRound(data={"title": case.title[:60], "window_days": 7}))


@blueprint.post("/desk/cases/<public_id>/rounds")
@desk(Post.HANDLER)
@checks_its_form
def new_round(public_id: str) -> str | Response | tuple[str, int]:
    """A round on the newest version of the text."""
    case = find(public_id)
    form = NewRound(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            draft = newest_draft(case)
            if draft is None:
                raise RuleUnmet("还没有草案，请先起草。")
            if form.audience.data not in (Audience.INTERNAL, Audience.DIRECTED):
                raise RuleUnmet("请选征求谁。", {"audience": "请选一种。"})
            made = Consultation.draft_new(
                g.officer,
                case,
                title=form.title.data,
                audience=form.audience.data,
                window_days=form.window_days.data or 0,
                draft=draft,
            )
        refusal = went.refusal
        if went.done:
            flash("这一轮建好了。接着列征求对象。", "ok")
            return redirect(url_for("console.round_", public_id=made.public_id), 303)
    return _case(case, form, refusal), 422


def _case(case: Decision, form: NewRound, refusal: str | None = None) -> str:
    return render_template(
        "console/case_rounds.html",
        case=case,
        form=form,
        refusal=refusal,
        tables=_tables(of_case(case)),
        rounds=consultations_of(case, Audience.INTERNAL, Audience.DIRECTED),
        may=g.officer.has(Post.HANDLER) and case.going_on,
    )


def _tables(rows: list[Tally]) -> list[tuple[str, list[Tally]]]:
    return [
        ("机关内部", [row for row in rows if row.group in INSIDE]),
        ("机关以外", [row for row in rows if row.group not in INSIDE]),
    ]


@blueprint.get("/desk/cases/<public_id>/groups")
@desk(*CASES.posts)
def case_groups(public_id: str) -> str:
    """The report by group of a case: invited, answered, and what became of it; groups, never persons."""
    case = find(public_id)
    rows = of_case(case)
    return render_template(
        "console/case_groups.html",
        case=case,
        tables=_tables(rows),
        total=total(rows),
        points=points_of(case, MOST_POINTS + 1),
        most=MOST_POINTS,
        Outcome=Outcome,
    )


@blueprint.get("/desk/groups")
@desk(*CASES.posts)
def groups_of_year() -> str:
    """The same over all cases of a year, with the cases it comes from."""
    year = request.args.get("year", type=int) or today().year
    if not 2000 <= year <= today().year + 1:
        raise Missing("没有这一年的报告。")
    rows = of_year(year)
    return render_template(
        "console/groups.html",
        year=year,
        years=range(today().year, today().year - 5, -1),
        tables=_tables(rows),
        total=total(rows),
        cases=cases_of_year(year),
        Outcome=Outcome,
    )


@blueprint.get("/desk/rounds/<public_id>")
@desk(*CASES.posts, Post.VILLAGE, Post.GRID)
def round_(public_id: str) -> str:
    """Who is asked in it, one line each."""
    return _page(_find(public_id), RoundDeed())


@blueprint.post("/desk/rounds/<public_id>")
@desk(*HANDS)
@checks_its_form
def round_deed(public_id: str) -> str | Response | tuple[str, int]:
    """List, open, send, remind, or write down an answer."""
    found = _find(public_id)
    form = RoundDeed(request.form)
    refusal, deed = None, request.form.get("deed", "")
    if form.validate():
        with trying(form) as went:
            done, link = _do(found, form, deed)
        refusal = went.refusal
        if went.done and link:
            return _page(found, RoundDeed(), link=link)
        if went.done:
            flash(done, "ok")
            return redirect(url_for("console.round_", public_id=public_id), 303)
    return _page(found, form, refusal), 422


def _do(found: Consultation, form: RoundDeed, deed: str) -> tuple[str, str]:
    if deed == "invite":
        return _invite(found, form), ""
    if deed == "ask":
        ask(found, g.officer)
        return f"开始征求了，编号 {found.number}。接着一个一个送出。", ""
    one = next((i for i in invitations(found) if i.public_id == form.invitation.data), None)
    if one is None:
        raise RuleUnmet("请从名单里选一个对象。")
    if deed == "send":
        token = one.send(g.officer, form.how.data or "")
        base = current_app.extensions["settings"].public_url.rstrip("/")
        return "", f"{base}/invited/{token}"
    if deed == "take":
        one.take(g.officer)
        return f"登记了，{one.name}已收到。", ""
    if deed == "remind":
        one.remind(g.officer)
        return f"记下了，第 {one.reminders} 次提醒{one.name}。", ""
    if deed == "agree":
        one.agree(g.officer)
        return f"登记了，{one.name}没有意见。", ""
    if deed == "reply":
        return _reply(found, one, form), ""
    raise RuleUnmet("请从页面上的按钮办。")


def _invite(found: Consultation, form: RoundDeed) -> str:
    names = [line.strip() for line in (form.names.data or "").split("\n") if line.strip()]
    if form.group.data not in set(Group):
        raise RuleUnmet("请选是哪一类。", {"group": "请选是哪一类。"})
    if not names or len(names) > MOST_NAMES or any(len(name) > 40 for name in names):
        words = f"一行写一个，每个不超过40个字，一次最多{MOST_NAMES}个。"
        raise RuleUnmet(words, {"names": words})
    for name in names:
        Invitation.invite(g.officer, found, Group(form.group.data), name, organisation=form.organisation.data)
    return f"列进来了，{len(names)} 个对象。"


def _reply(found: Consultation, one: Invitation, form: RoundDeed) -> str:
    clauses = found.draft.speakable if found.draft else []
    key = form.key.data if KEY.fullmatch(form.key.data or "") else None
    given = reply(
        one,
        form.text.data or "",
        clause=next((c for c in clauses if c.public_id == form.clause.data), None),
        officer=g.officer,
        key=f"desk:{g.officer.id}:{key}" if key else None,
    )
    return f"录进意见表了，{given.comment.serial_words}号。"


def _find(public_id: str) -> Consultation:
    found = consultation_of(public_id, published=False)
    if found is None or found.audience == Audience.PUBLIC:
        raise Missing("没有找到这一轮征求。请从案卷进去。")
    return found


def _page(found: Consultation, form: RoundDeed, refusal: str | None = None, link: str = "") -> str:
    clauses = found.draft.speakable if found.draft else []
    form.clause.choices = offered([("", "整份草案"), *((c.public_id, f"{c.name}　{c.body[:24]}") for c in clauses)])
    wanted = [group for group in Group if group.audience == found.audience]
    form.group.choices = offered([(group.value, group.label) for group in wanted])
    texts = texts_of(found)
    rows = [(one, texts.get(one.id, 0)) for one in invitations(found)]
    return render_template(
        "console/round.html",
        asked=found,
        case=found.decision,
        form=form,
        refusal=refusal,
        link=link,
        rows=rows,
        lacking=unmet(found, "consultation.ask", g.officer),
        may_invite=not g.officer.lacks(found.rules.post_for("invitation.invite")),
        may_ask=found.stage == "drafted" and not g.officer.lacks(found.rules.post_for("consultation.ask")),
        may_send=not g.officer.lacks(found.rules.post_for("invitation.send")),
        may_enter=not g.officer.lacks(found.rules.post_for("comment.intake")),
        picked=request.values.get("invitation", ""),
    )
