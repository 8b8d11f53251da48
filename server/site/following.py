"""What I want to hear of without having said anything: chosen here, asked about gently, undone in one tap."""

import re

from flask import g, render_template, request
from werkzeug.wrappers import Response as Answer

from models.kernel.refusal import Missing
from models.messages.follow import (
    Thing,
    follow,
    follow_too,
    followed,
    leave,
    left_last,
    may_ask,
    name_of,
    restore,
    thing_of,
    things_of,
    whose,
)
from models.messages.follow import decline as say_no
from models.messages.follow import named as followed_by
from models.outreach.article import Topic
from models.outreach.article import topics as all_topics
from models.people.place import with_groups
from models.people.resident import Resident
from server.house import checks_its_form
from server.site.door import NAME, blueprint, go, inside, personal, resident
from server.site.forms import FollowForm, Try, complaint, trying

TOKEN = re.compile(r"[a-z0-9]{12}-[0-9a-f]{32}")
SAID = {
    "1": "存好了",
    "left": "退订好了，不再发给您",
    "back": "恢复好了",
    "too": "好的，有新的就告诉您",
    "no": "好的，不告诉您，也不再问了",
}


@blueprint.get("/me/following")
@personal
def following() -> str:
    """What I want to hear of."""
    return _page(FollowForm(), Try(), SAID.get(request.args.get("done", ""), ""))[0]


@blueprint.post("/me/following")
@checks_its_form
@personal
def following_send() -> tuple[str, int] | Answer:
    """Exactly what is ticked, from now on."""
    form = FollowForm(request.form)
    if not form.validate():
        return _page(form, complaint(form))
    chosen, wanted = set(form.places.data or ()), set(form.topics.data or ())
    with trying(form) as went:
        follow(
            resident(),
            resident(),
            [p for village, groups in with_groups() for p in (village, *groups) if p.public_id in chosen],
            [t for t in all_topics() if t.public_id in wanted],
        )
    return go("site.following", done=1) if went.done else _page(form, went)


@blueprint.post("/me/following/deed")
@personal
def following_deed() -> Answer:
    """One tap: nothing more of this, or of anything; bring it back; this as well; no, and do not ask again."""
    who, deed = resident(), request.form.get("deed", "")
    named = request.form.get("thing", "")
    thing = thing_of(named) if NAME.fullmatch(named) else None
    if named and thing is None:
        raise Missing("没有这个主题或村居，可能已经改了名。请到「我的订阅」里看看。")
    if deed == "restore":
        restore(who, who)
    elif deed == "leave":
        leave(who, who, [thing] if thing else None)
    elif deed == "too" and thing:
        follow_too(who, who, [thing])
    elif deed == "decline" and thing:
        say_no(who, who, thing)
    else:
        raise Missing("没有这个动作，请回到页面上再点一次。")
    if deed in ("too", "decline"):
        back = inside(request.form.get("next"), "/me/following")
        return go_back(back, "too" if deed == "too" else "no")
    return go("site.following", done="left" if deed == "leave" else "back")


def go_back(address: str, done: str) -> Answer:
    """To the page where the question stood, which says what was understood."""
    answer = go("site.following", done=done)
    if address != "/me/following":
        joint = "&" if "?" in address else "?"
        answer.headers["Location"] = f"{address}{joint}wish={done}#wish"
    return answer


def wish_for(thing: Thing | None) -> dict[str, object] | None:
    """What the line under a page says about following: asked gently, followed already, or just answered."""
    who: Resident | None = g.get("resident")
    if thing is None or (who is not None and who.anonymous):
        return None
    kind = "topic" if isinstance(thing, Topic) else "place"
    said = SAID.get(request.args.get("wish", ""), "") if request.args.get("wish") in ("too", "no") else ""
    wish: dict[str, object] = {
        "id": thing.public_id,
        "name": name_of(thing),
        "kind": kind,
        "said": said,
        "state": "nobody",
    }
    if who is None:
        return wish
    places, topics = followed(who)
    if thing.id in (topics if kind == "topic" else places):
        return wish | {"state": "followed"}
    if may_ask(who, thing):
        return wish | {"state": "ask"}
    return wish | {"state": "quiet"} if said else None


@blueprint.get("/stop/<token>")
def stop(token: str) -> tuple[str, int]:
    """A button, and nothing else happens: previewers fetch links."""
    who = _of(token)
    names = [name_of(thing) for thing in followed_by(who)] if who else []
    return _stopping(token, who, names, "")


@blueprint.post("/stop/<token>")
def stop_now(token: str) -> tuple[str, int]:
    """Nothing more; without signing in, because stopping must never be harder than starting."""
    who = _of(token)
    if who is not None:
        if request.form.get("deed") == "restore":
            restore(who, who)
            return _stopping(token, who, [name_of(thing) for thing in followed_by(who)], "back")
        leave(who, who)
    return _stopping(token, who, [], "left")


def _of(token: str) -> Resident | None:
    g.personal = True
    return whose(token) if TOKEN.fullmatch(token) else None


def _stopping(token: str, who: Resident | None, names: list[str], done: str) -> tuple[str, int]:
    back = [name_of(thing) for thing in things_of(left_last(who))] if who is not None and done != "back" else []
    page = render_template(
        "site/stop.html", known=who is not None, token=token, names=names, back=back, done=done, said=SAID.get(done, "")
    )
    return page, 200 if who else 410


def _page(form: FollowForm, went: Try, done: str = "") -> tuple[str, int]:
    places, topics = followed(resident())
    left = things_of(left_last(resident()))
    return render_template(
        "site/following.html",
        form=form,
        villages=[
            ((v.public_id, v.name, v.id in places), [(x.public_id, x.name, x.id in places) for x in groups])
            for v, groups in with_groups()
        ],
        topics=[(t.public_id, t.name, t.id in topics) for t in all_topics()],
        mine=[(t.public_id, name_of(t)) for t in followed_by(resident())],
        left=[name_of(t) for t in left],
        trouble=went.trouble,
        done_word=done,
    ), went.status
