"""Where to begin in a demonstration: who is who, one click each, and the story in a few steps."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import current_app, render_template, request

from models.comments.point import TO_ANSWER, PointStage, counts
from models.decisions.consultation import Consultation, State, by_public_id, consultation_list
from models.decisions.decision import Decision, cases
from models.decisions.road import Going, road
from models.kernel.clock import local, now, today, wall
from models.kernel.installation import Installation
from models.kernel.refusal import Missing
from models.people.officer import Officer, Post, officers
from server.site.door import blueprint
from server.words import date_plain

PHONES = (
    (1, "周女士", "杨柳社区，陪母亲买菜，常在公众号里说话"),
    (2, "老陈", "东湖村，种菜卖菜，爱用语音"),
    (3, "小何", "新河社区，上班族，用小程序"),
    (4, "李奶奶", "杨柳社区，坐轮椅去买菜，用网页"),
)
"""The people who lead the story; the simulator's own front page has them all."""
MOST_CASES = 6
PLAYING = timedelta(minutes=3)
"""How long after it was set up a demonstration may still be playing its story."""
LEADING = (
    Post.HANDLER,
    Post.UNIT_HEAD,
    Post.LEADER,
    Post.CHIEF,
    Post.OFFICE,
    Post.PUBLICIST,
    Post.JUSTICE,
    Post.COUNSEL,
)
"""In the order in which they appear in the story."""


class Step(NamedTuple):
    """One step of the story."""

    head: str
    text: str
    href: str = ""
    word: str = ""
    going: str = ""
    """done, now, or nothing while it is ahead."""


@blueprint.get("/demo")
def demo() -> str:
    """Only in a demonstration; anywhere else this page does not exist."""
    simulator = current_app.extensions["settings"].simulator_url
    if not Installation.is_demonstration() or not simulator:
        raise Missing("这里不是演示环境。")
    people = officers()
    at = local(now())
    matter = in_hand()
    playing = wall() - Installation.here().created_at < PLAYING
    return render_template(
        "site/demo.html",
        now_day=date_plain(at),
        now_time=f"{at.hour}:{at.minute:02d}",
        here_days=(today() - local(wall()).date()).days,
        story=story(people, simulator, matter) if matter else [],
        playing=playing,
        further=[] if playing or (matter and matter.is_open()) else further(people),
        heading=heading(matter),
        simulator=simulator,
        cases=[
            {"href": desk(case.handler, f"/desk/cases/{case.public_id}"), "title": case.title, "where": where(case)}
            for case in reversed(cases(limit=MOST_CASES))
        ],
        phones=[{"href": phone(simulator, n), "name": name, "about": about} for n, name, about in PHONES],
        officers=[
            {
                "href": desk(o),
                "name": o.name,
                "about": "，".join(dict.fromkeys(p for p in (o.post_label, o.unit.name if o.unit else "") if p)),
            }
            for o in sorted(people, key=place_in_story)
        ],
    )


def place_in_story(officer: Officer) -> int:
    """Who appears first stands first; administrators come last."""
    return next((n for n, post in enumerate(LEADING) if officer.has(post)), len(LEADING))


def phone(simulator: str, number: int) -> str:
    """A phone is a page under a host name of its own, so that sessions do not mix."""
    port = urlsplit(simulator).port
    return f"http://phone-{number}.localhost{f':{port}' if port else ''}/"


def desk(officer: Officer, page: str = "/desk/sign-in") -> str:
    """An officer's desk or a page of it, under a host name of their own."""
    port = urlsplit(f"//{request.host}").port
    return f"http://{officer.login}.localhost{f':{port}' if port else ''}{page}"


def where(case: Decision) -> str:
    """How far a case has come, in one line."""
    now_at = [stop.station.name for stop in road(case) if stop.standing.going == Going.NOW]
    return "，".join([case.stage.label, *(["正在" + "、".join(now_at)] if now_at else [])])


def in_hand() -> Consultation | None:
    """The matter of the story: the one that is open, or else the last that closed, until another one opens."""
    rows = consultation_list(State.OPEN, limit=1) or sorted(
        [*consultation_list(State.CLOSED), *consultation_list(State.RELEASED)], key=lambda row: row.closes_on
    )
    return by_public_id(rows[-1].public_id) if rows else None


def heading(matter: Consultation | None) -> str:
    """How far the story has come."""
    if matter is None:
        return "现在没有正在征求意见的事"
    if matter.is_open():
        return "五分钟，走完一件事"
    return "演示已经走完一遍" if matter.state() == State.RELEASED else f"接着走第{reached(matter)}步"


def reached(matter: Consultation) -> int:
    """The step that is next, told by the window and by how far the answers are."""
    if matter.is_open():
        return 1
    if matter.state() == State.RELEASED:
        return 6
    left = counts(matter)
    if any(left[stage] for stage in TO_ANSWER):
        return 3
    return 4 if left[PointStage.SUBMITTED] else 5


def by_post(people: Sequence[Officer], post: Post, page: str) -> dict[str, str]:
    """The link to a page of the first officer in a post."""
    officer = next((o for o in people if o.has(post)), None)
    return {"href": desk(officer, page), "word": f"{officer.name}的案头"} if officer else {}


def further(people: Sequence[Officer]) -> list[Step]:
    """What else there is to do when nobody can comment on anything."""
    return [
        Step(
            "再走一遍",
            "日期拨过了截止日，居民提不了意见。要从头再来，先在终端里停下 make run，再打 make demo-reset，然后 make run。",
        ),
        Step(
            "也可以自己开一件新的事",
            "从承办人的案头写草案，走完送审、签发、发布，居民就又能提意见。",
            **by_post(people, Post.HANDLER, "/desk/consultations"),
        ),
    ]


def story(people: Sequence[Officer], simulator: str, matter: Consultation) -> list[Step]:
    """Five minutes, step by step, each with the page where it is done."""
    name, here = PHONES[0][1], matter.public_id
    held = {"href": phone(simulator, 1), "word": f"{name}的手机"}
    steps = [
        Step(
            f"拿起{name}的手机",
            f"点左下角的键盘，对《{matter.title}》说一句想法，马上收到编号。再点菜单里的「征求意见」，打开公告，还能对某一条说两句。",
            **held,
        ),
        Step("把时间往后拨31天", "在手机页面右边点「31天后」。征求意见到期，自己就截止了，三十天的规则一天也没少。"),
        Step(
            "承办人逐条答复",
            "每条都要有结果和理由；采纳的，点「改成什么样」写出新的条文。写好送审。",
            **by_post(people, Post.HANDLER, f"/desk/answering/{here}"),
        ),
        Step(
            "第二个人审核",
            "写答复的人不能自己审核，由她同意或者退回。",
            **by_post(people, Post.UNIT_HEAD, f"/desk/approval?of={here}"),
        ),
        Step("发布，一次告诉所有人", "填上总条数，一起发布。", **by_post(people, Post.CHIEF, f"/desk/release/{here}")),
        Step("再看手机", f"关掉网页回到对话，{name}收到一条通知，点开是结果、理由和改后的条文。", **held),
    ]
    at = reached(matter)
    return [step._replace(going="done" if n < at else "now" if n == at else "") for n, step in enumerate(steps, 1)]
