"""Where to begin in a demonstration: who is who, one click each, and the story in a few steps."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import current_app, render_template, request

from models.decisions.consultation import open_consultations
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


@blueprint.get("/demo")
def demo() -> str:
    """Only in a demonstration; anywhere else this page does not exist."""
    simulator = current_app.extensions["settings"].simulator_url
    if not Installation.is_demonstration() or not simulator:
        raise Missing("这里不是演示环境。")
    people = officers()
    at = local(now())
    return render_template(
        "site/demo.html",
        now_day=date_plain(at),
        now_time=f"{at.hour}:{at.minute:02d}",
        here_days=(today() - local(wall()).date()).days,
        story=story(people, simulator),
        something_open=bool(open_consultations(limit=1)),
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


def story(people: Any, simulator: str) -> list[Step]:
    """Five minutes, step by step, each with its link."""

    def who(post: Post) -> Officer | None:
        return next((o for o in people if o.has(post)), None)

    def at(post: Post) -> dict[str, str]:
        officer = who(post)
        return {"href": desk(officer), "word": f"{officer.name}的案头"} if officer else {}

    name = PHONES[0][1]
    matter = next((f"《{row.title}》" for row in open_consultations(limit=1)), "")
    if not matter:
        return [
            Step(
                "已经走完一遍了",
                "现在没有正在征求意见的事：日期拨过了截止日，居民提不了意见。要从头再走一遍，先在终端里停下 make run，"
                "再打 make demo-reset，然后 make run。",
            ),
            Step("结果都还在", "各人的意见、答复和采纳情况照样看得到。", phone(simulator, 1), f"{name}的手机"),
            Step(
                "也可以自己开一件新的事",
                "从承办人的案头写草案，走完送审、签发、发布，居民就又能提意见。",
                **at(Post.HANDLER),
            ),
        ]
    return [
        Step(
            f"拿起{name}的手机",
            f"对{matter}说一句想法，马上收到编号；点开公告，还能对某一条说两句。",
            phone(simulator, 1),
            f"{name}的手机",
        ),
        Step("把时间往后拨31天", "在手机页面右边点「31天后」。征求意见到期，自己就截止了，三十天的规则一天也没少。"),
        Step("承办人逐条答复", "每条都要有结果和理由，送给另一位同事审核。", **at(Post.HANDLER)),
        Step("第二个人审核", "写答复的人不能自己审核，由她同意或者退回。", **at(Post.UNIT_HEAD)),
        Step("发布，一次告诉所有人", "填上总条数，一起发布。", **at(Post.CHIEF)),
        Step("再看手机", f"{name}收到一条通知，点开是结果、理由和改后的条文。", phone(simulator, 1), f"{name}的手机"),
    ]
