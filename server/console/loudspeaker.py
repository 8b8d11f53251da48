"""The village loudspeakers at the desk: scripts out of articles, agreed to by a second person, planned, printed, logged by one tap."""

from datetime import date, timedelta

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.clock import local, today
from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import Missing, NotAllowed
from models.outreach import loudspeaker as speaker
from models.outreach.article import Article
from models.outreach.article import by_public_id as article_of
from models.outreach.loudspeaker import Airing, Script, ScriptStage
from models.people.officer import Post
from models.people.place import Place, villages
from models.people.place import by_public_id as place_of
from models.texts import radio
from models.texts.radio import VILLAGE, for_village, spoken_date, spoken_time
from models.texts.reasons import personal_data
from server.console.checks import Check
from server.console.door import blueprint, desk, inside
from server.console.drafts import same_page
from server.console.forms.fields import apart, offered
from server.console.forms.reaching import NewScript, Schedule, ScriptDeed, Tap
from server.console.forms.reaching import Script as ScriptForm
from server.console.forms.trying import trying
from server.console.nav import REACHING
from server.headers import save_as
from server.house import checks_its_form
from server.papers.reaching import airing_book
from server.papers.sheets import sent

DONE = {
    "submit": "已送审。",
    "agree": "审核通过，可以排播出了。",
    "send_back": "退回作者了。",
    "withdraw": "撤稿了，还没有播的不用播了。",
}
WHY_NOT = ("停电", "设备坏了", "刮风下雨", "没有人在")
"""What happens; a tap is enough."""


@blueprint.get("/desk/scripts")
@desk(*REACHING.posts)
def scripts() -> str:
    """What is due and not logged first; then the scripts, and each village's month."""
    return _list(NewScript(data={"article": request.args.get("article", "")}))


@blueprint.post("/desk/scripts")
@desk(Post.PUBLICIST, Post.JUSTICE)
@checks_its_form
def new_script() -> str | Response | tuple[str, int]:
    """The machine writes the first version."""
    form, refusal = NewScript(request.form), None
    if form.validate():
        with trying(form) as went:
            made = Script.draft_new(g.officer, _article(form.article.data))
        refusal = went.refusal
        if went.done:
            flash("写好了第一稿，念一遍，不顺口的地方改一改，再送审。", "ok")
            return redirect(url_for("console.script", public_id=made.public_id), 303)
    return _list(form, refusal), 422


@blueprint.get("/desk/scripts/xlsx")
@desk(*REACHING.posts)
def airings_table() -> Response:
    """The month's log as a table."""
    first, last = month()
    title = f"{first:%Y年%m月}大喇叭播出登记"
    book = sent(lambda file: airing_book(title, speaker.by_village(first, last), speaker.airings_of(first, last), file))
    return save_as(book, f"{title}.xlsx")


@blueprint.get("/desk/scripts/<public_id>")
@desk(*REACHING.posts)
def script(public_id: str) -> str:
    """The sheet while it is a draft of mine to write; otherwise as it is read out, with its plan and its log."""
    return _page(_found(public_id))


@blueprint.post("/desk/scripts/<public_id>")
@desk(*REACHING.posts)
@checks_its_form
def write_script(public_id: str) -> str | Response | tuple[str, int]:
    """Keep, or keep and submit."""
    found = _found(public_id)
    same_page(found.version)
    form, refusal = ScriptForm(request.form), None
    if form.validate():
        with trying(form) as went:
            found.revise(g.officer, form.text.data or "")
            if request.form.get("deed") == "submit":
                found.submit(g.officer)
        refusal = went.refusal
        if went.done:
            flash("送审了。" if request.form.get("deed") == "submit" else "存好了。", "ok")
            return redirect(url_for("console.script", public_id=public_id), 303)
    return _page(found, sheet=form, refusal=refusal), 422


@blueprint.post("/desk/scripts/<public_id>/deed")
@desk(*REACHING.posts)
@checks_its_form
def script_deed(public_id: str) -> str | Response | tuple[str, int]:
    """Agree, send back, withdraw."""
    found = _found(public_id)
    same_page(found.version)
    form, deed, refusal = ScriptDeed(request.form), request.form.get("deed", ""), None
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    if form.validate():
        with trying(form) as went:
            if deed in ("send_back", "withdraw"):
                getattr(found, deed)(g.officer, form.reason.data or "")
            else:
                getattr(found, deed)(g.officer)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.script", public_id=public_id), 303)
    return _page(found, deed=form, refusal=refusal), 422


@blueprint.post("/desk/scripts/<public_id>/schedule")
@desk(*REACHING.posts)
@checks_its_form
def schedule_script(public_id: str) -> str | Response | tuple[str, int]:
    """Villages by days by hours."""
    found = _found(public_id)
    form, refusal = Schedule(request.form), None
    if form.validate():
        chosen = [one for one in villages() if one.public_id in (form.places.data or [])]
        with trying(form) as went:
            made = found.schedule(g.officer, chosen, *form.span, speaker.times_in(form.times.data or ""))
        refusal = went.refusal
        if went.done:
            flash(f"排好了，新排{made}次。", "ok")
            return redirect(url_for("console.script", public_id=public_id), 303)
    return _page(found, plan=form, plan_refusal=refusal), 422


@blueprint.get("/desk/scripts/<public_id>/print")
@desk(*REACHING.posts)
def print_script(public_id: str) -> str:
    """In large letters, with the village's own name, to be laid beside the microphone."""
    found = _found(public_id)
    if not found.is_in_force:
        raise NotAllowed(found.out_of_date or "这份广播稿还没有审核通过，不能印。")
    place = _place(request.args.get("place"))
    mine = speaker.heard_by(g.officer)
    if place is None and len(mine) == 1:
        place = mine[0]
    return render_template(
        "console/script_print.html",
        script=found,
        place=place,
        villages=villages(),
        lines=for_village(found.text, place.name if place else VILLAGE).splitlines(),
        planned=[
            (one, f"{spoken_date(local(one.due_at).date())}，{spoken_time(local(one.due_at))}")
            for one in speaker.airings(found)
            if place is not None and one.place_id == place.id and one.state in ("等着播", "没有登记")
        ][:3],
    )


@blueprint.post("/desk/airings/<public_id>")
@desk(*REACHING.posts)
@checks_its_form
def log_airing(public_id: str) -> str | Response | tuple[str, int]:
    """One tap: played, or not and why; or called off by who planned it."""
    found = speaker.airing_by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这一次播出。")
    form, deed, refusal = Tap(request.form), request.form.get("deed", ""), None
    if form.validate():
        with trying(form) as went:
            if deed == "play":
                found.play(g.officer, form.hour)
            elif deed == "miss":
                found.miss(g.officer, form.reason.data or "")
            elif deed == "call_off":
                found.call_off(g.officer)
            else:
                raise NotAllowed("没有这个动作，请回到页面上按按钮。")
        refusal = went.refusal
        if went.done:
            flash({"play": "记下了：播了。", "miss": "记下了：没播。"}.get(deed, "取消了，不用播。"), "ok")
            return redirect(inside(request.form.get("back")), 303)
    return render_template("console/airing.html", a=found, form=form, refusal=refusal, why_not=WHY_NOT), 422


def month() -> tuple[date, date]:
    """The first and the last day of the month that is asked for; this month otherwise."""
    try:
        first = date.fromisoformat(f"{request.args.get('month', '')[:7]}-01")
        first = min(today().replace(day=1), max(date(2000, 1, 1), first))
    except ValueError:
        first = today().replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _found(public_id: str) -> Script:
    found = speaker.by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这份广播稿。")
    return found


def _article(public_id: str | None) -> Article:
    found = article_of(public_id or "")
    if found is None:
        raise Missing("没有找到这篇文章。")
    return found


def _place(public_id: str | None) -> Place | None:
    return place_of(public_id) if public_id else None


def _list(form: NewScript, refusal: str | None = None) -> str:
    first, last = month()
    waiting = speaker.unwritten()
    form.article.choices = offered([("", "请选择"), *((one.public_id, one.title) for one in waiting)])
    return render_template(
        "console/scripts.html",
        rows=speaker.scripts(),
        due=speaker.unlogged(),
        to_come=speaker.by_hour(speaker.to_come(limit=24))[:6],
        months=speaker.by_village(first, last),
        first=first,
        before=first - timedelta(days=1),
        after=last + timedelta(days=1) if last < today() else None,
        form=form if g.officer.has(Post.PUBLICIST, Post.JUSTICE) else None,
        waiting=waiting,
        refusal=refusal,
        why_not=WHY_NOT,
        may_log=may_log,
        Stage=ScriptStage,
    )


def may_log(airing: Airing) -> bool:
    """Whether the one who is looking may say what became of it."""
    return why_not(airing, "play", g.officer) is None


def _page(
    found: Script,
    *,
    sheet: ScriptForm | None = None,
    deed: ScriptDeed | None = None,
    plan: Schedule | None = None,
    refusal: str | None = None,
    plan_refusal: str | None = None,
) -> str:
    writing = found.stage == ScriptStage.DRAFTED and why_not(found, "revise", g.officer) is None
    may_plan = found.is_in_force and not g.officer.lacks(found.rules.post_for("script.schedule"))
    if plan is None:
        first = today() + timedelta(days=1)
        plan = Schedule(data={"from_on": first, "until_on": first + timedelta(days=2), "times": "7:30、18:00"})
        plan.places.data = [one.public_id for one in villages()]
    plan = apart(plan, "plan")
    plan.places.choices = offered([(one.public_id, one.name) for one in villages()])
    rows = speaker.airings(found)
    return render_template(
        "console/script.html",
        script=found,
        sheet=(sheet or ScriptForm(obj=found)) if writing or sheet else None,
        form=apart(deed or ScriptDeed(), "deed"),
        refusal=refusal,
        plan=plan if may_plan or plan_refusal else None,
        plan_refusal=plan_refusal,
        rows=rows,
        hours=speaker.by_hour(rows),
        played=sum(1 for one in rows if one.logged is not None and one.logged.played),
        may_plan=may_plan,
        buttons=[
            one for one in buttons(found, g.officer) if one.verb in DONE and not (writing and one.verb == "submit")
        ],
        checks=_checks(found),
        village_mark=VILLAGE,
        long=radio.minutes(found.text),
        letters=radio.length(found.text),
        may_log=may_log,
        why_not=WHY_NOT,
    )


def _checks(found: Script) -> list[Check]:
    """What the second person looks at."""
    most = found.rules.number("script.characters").value
    names = personal_data(found.text)
    stale = found.out_of_date
    letters = radio.length(found.text)
    return [
        Check(
            "stop" if stale else "yes",
            stale or "和现在的文章一致",
            link=f"/desk/articles/{found.article.public_id}",
            link_words="看文章",
        ),
        Check("yes" if letters <= most else "no", f"{letters}字，约念{found.minutes:g}分钟"),
        Check("no" if names else "yes", names[0].words if names else "没有看见像个人信息的地方"),
        Check("yes", f"{found.agreer.name}审过，不是作者") if found.agreer else Check("open", "等第二个人审"),
    ]
