"""What happens beside the decisions: the law near each home, a lecture in a village, a few questions to everybody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from server.simulator.story.browser import Trouble
from server.simulator.story.desk import Officer
from server.simulator.story.people import Person
from server.simulator.story.stage import Stage

Enter = Callable[[Stage, str], Officer]
Deed = Callable[[Stage], "str | None"]

VILLAGES = (
    ("杨柳社区", "杨柳路18号一楼", "0000-5550101", "每周二、周四上午"),
    ("东湖村", "东湖村村部一楼", "0000-5550102", "每周一、周五上午"),
    ("石桥村", "石桥村村部西头", "0000-5550103", "每周三上午"),
    ("新河社区", "新河社区服务中心二楼", "0000-5550104", "每周二、周四下午"),
)
PLACES = (
    *(
        (village, "人民调解", f"{village}人民调解室", where, phone, hours, "调解自愿，不收钱。先打电话，约好再来。")
        for village, where, phone, hours in VILLAGES
    ),
    *(
        (
            village,
            "公共法律服务站",
            f"{village}公共法律服务站",
            where,
            phone,
            "每月逢五",
            "法律顾问坐班，带上合同和聊天记录。",
        )
        for village, where, phone, _ in VILLAGES
    ),
    (
        "东湖村",
        "实践站",
        "东湖新时代文明实践站",
        "东湖村口文化广场",
        "0000-5550102",
        "每天9:00—17:00",
        "宪法主题、古代法学思想、青少年普法三个展区，不收费。",
    ),
    ("", "法律援助", "县法律援助中心", "县政务中心三楼", "12348", "工作日", "请不起律师的，带身份证和材料来申请。"),
    ("", "公证", "县公证处", "县政务中心二楼", "0000-5550120", "工作日", "遗嘱、继承、委托，老人行动不便的可以上门。"),
)
"""Of which village, what it is, its name, where, telephone, when, and what else."""


@dataclass(frozen=True)
class Lecture:
    """One lecture."""

    title: str
    speaker: str
    village: str
    venue: str
    about: str
    seats: int
    topic: str
    heads: int = 0
    words: str = ""


FIRST = Lecture(
    "土地流转合同里的五个坑",
    "彭远，法律顾问",
    "东湖村",
    "东湖村文明实践站二楼",
    "租给谁、租多久、谁来补偿、能不能转、到期怎么还，五句话写清楚，少打一场官司。\n带上合同来，讲完当场看。",
    40,
    "土地流转",
    34,
    "讲到一半数的，老人多，有十来位没带手机。",
)
NEXT = Lecture(
    "年底要工钱，先留住哪些证据",
    "罗静，司法所",
    "",
    "青禾街道新时代文明实践所一楼",
    "考勤、转账、聊天记录、工友的话，怎么留、找谁要、多久之内要。不收钱，可以带孩子来。",
    60,
    "劳动争议",
)
CONTACT = "司法所，0000-5550110"

POLL: dict[str, Any] = {
    "title": "滨河步道晚上几点关灯",
    "purpose": "步道的灯关得早，有人说黑；关得晚，临河的几栋楼说亮。先问问大家，再定几点关、哪一段关。",
    "whom": "杨柳河两边的居民",
}
QUESTIONS: tuple[dict[str, str], ...] = (
    {"kind": "single", "text": "您希望几点关灯", "options": "21:00\n22:00\n23:00\n不关，调暗"},
    {"kind": "multiple", "text": "您什么时候走这条步道", "options": "早上\n傍晚\n晚上九点以后"},
    {"kind": "text", "text": "还想说什么"},
)


def registers_places(enter: Enter) -> Deed:
    """The justice office writes down where the law can be found near each home."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, "luojing")
        known, made = officer.web.get("/desk/legal-places").words, 0
        for village, kind, name, address, phone, hours, about in PLACES:
            if name in known:
                continue
            officer.fill(
                "/desk/legal-places",
                at="/desk/legal-places",
                choose={"kind": kind, "place": village},
                name=name,
                address=address,
                phone=phone,
                hours=hours,
                about=about,
            )
            stage.write(officer=officer.name, deed="add_legal_place", name=name)
            made += 1
        return f"{made}处，居民按自己的村、社区看得到" if made else None

    return do


def lecture_at(officer: Officer, title: str) -> str:
    """The address of a lecture on the desk; nothing when there is none."""
    links = officer.web.get("/desk/lectures").links("/desk/lectures/")
    return next((href for href, words in links if title in words), "")


def announces(enter: Enter, login: str, lecture: Lecture, days: int, hour: int | None = None) -> Deed:
    """Somebody writes what will be told where, so many days from now, and sends it to a second person.

    Without an `hour` it begins at the next quarter of the hour that it is: the story moves by whole days.
    """

    def do(stage: Stage) -> str | None:
        officer = enter(stage, login)
        if lecture_at(officer, lecture.title):
            return None
        begins = _when(stage, days, hour)
        page = officer.fill(
            "/desk/lectures/new",
            press=("deed", "submit"),
            choose={"place": lecture.village, "topic": lecture.topic},
            title=lecture.title,
            speaker=lecture.speaker,
            venue=lecture.venue,
            about=lecture.about,
            seats=lecture.seats,
            contact=CONTACT,
            starts_at=f"{begins:%Y-%m-%dT%H:%M}",
            ends_at=f"{begins + timedelta(minutes=90):%Y-%m-%dT%H:%M}",
        )
        if page.path.endswith("/new"):
            raise Trouble(f"讲堂预告没有送审：{page.complaint}")
        for deed in ("draft_new_lecture", "submit_lecture"):
            stage.write(officer=officer.name, deed=deed, title=lecture.title)
        return f"{begins:%-m月%-d日%H:%M}，{lecture.venue}"

    return do


def _when(stage: Stage, days: int, hour: int | None) -> datetime:
    """In Beijing."""
    at = datetime.fromtimestamp(stage.wechat.get("/sim/state").json()["now"] + 8 * 3600, tz=UTC) + timedelta(days)
    if hour is not None:
        return at.replace(hour=hour, minute=0)
    return at.replace(minute=at.minute // 15 * 15, second=0) + timedelta(minutes=15)


def releases_lecture(enter: Enter, login: str, lecture: Lecture) -> Deed:
    """A second person reads it; residents can sign up from now on."""

    def do(stage: Stage) -> str | None:
        if lecture.title in stage.anybody.get("/lectures").words:
            return None
        officer = enter(stage, login)
        officer.deed_on(lecture_at(officer, lecture.title), "announce")
        stage.write(officer=officer.name, deed="announce_lecture", title=lecture.title)
        return "居民可以报名了"

    return do


def signs_up(person: Person, lecture: Lecture) -> Deed:
    """In the chat: 「讲堂」, then its number."""

    def do(stage: Stage) -> str | None:
        phone = stage.phone(person)
        if any("报上了" in str(m.get("text", "")) and lecture.title in str(m.get("text", "")) for m in phone.chat()):
            return None
        for line in phone.say("讲堂").reply.splitlines():
            number, dot, title = line.partition(". ")
            if dot and number.strip().isdecimal() and lecture.title in title:
                reply = phone.say(number.strip()).reply
                return reply.splitlines()[0] if reply else None
        raise Trouble(f"公众号没有列出「{lecture.title}」")

    return do


def is_there(enter: Enter, person: Person, login: str, lecture: Lecture) -> Deed:
    """The six digits stand on the screen in the room; the person types them."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, login)
        page = officer.web.get(f"{lecture_at(officer, lecture.title)}/room")
        code = "".join(page.tree.xpath('//p[@class="big"]')[0].text_content().split())
        heard = stage.say(person, code)
        if heard is None:
            return None
        if "签到了" not in heard.reply:
            raise Trouble(f"没有签到：{heard.reply}")
        return f"输了屏幕上的{code[:3]} {code[3:]}"

    return do


def counts(enter: Enter, login: str, lecture: Lecture) -> Deed:
    """How many were in the room."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, login)
        where = lecture_at(officer, lecture.title)
        if lecture.words in officer.web.get(where).words:
            return None
        officer.deed_on(where, "count", heads=lecture.heads, heads_words=lecture.words)
        stage.write(officer=officer.name, deed="count_lecture", title=lecture.title)
        return f"到场{lecture.heads}人"

    return do


def poll_at(officer: Officer) -> str:
    """The address of the poll on the desk; nothing when there is none."""
    links = officer.web.get("/desk/polls").links("/desk/polls/")
    return next((href for href, words in links if POLL["title"] in words), "")


def writes_poll(enter: Enter) -> Deed:
    """A few questions, sent to a second reader."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, "shenlin")
        if poll_at(officer):
            return None
        where = officer.fill("/desk/polls/new", reach="willing", window_days=14, confidential=True, **POLL).path
        for question in QUESTIONS:
            told: dict[str, Any] = {**question, "needed": question["kind"] != "text"}
            officer.fill(f"{where}/questions/0", press=("deed", "keep"), **told)
        officer.deed_on(where, "submit")
        for deed in ("draft_new_poll", *("put_question" for _ in QUESTIONS), "submit_poll"):
            stage.write(officer=officer.name, deed=deed)
        return f"{len(QUESTIONS)}题，不记名"

    return do


def on_poll(enter: Enter, login: str, deed: str) -> Deed:
    """Read by a second person, then put before the people."""

    def do(stage: Stage) -> str | None:
        if POLL["title"] in stage.anybody.get("/polls").words:
            return None
        officer = enter(stage, login)
        try:
            officer.deed_on(poll_at(officer), deed)
        except Trouble:
            if stage.heard_before:
                return None  # taken up again: it was done before the interruption
            raise
        stage.write(officer=officer.name, deed=f"{deed}_poll")
        return ""

    return do


def answers_poll(person: Person, which: int, when: tuple[int, ...], words: str = "") -> Deed:
    """Somebody signs in and answers, once."""

    def do(stage: Stage) -> str | None:
        phone = stage.phone(person)
        phone.sign_in()
        links = phone.web.get("/polls").links("/polls/")
        where = next(href for href, said in links if POLL["title"] in said)
        page = phone.web.get(where)
        if not page.has_form("q1"):
            return None
        done = phone.web.submit(page, page.form("q1"), q1=which, q2=list(when), q3=words)
        if not done.path.endswith("/done"):
            raise Trouble(f"没有交上去：{done.complaint}")
        stage.write(poll=POLL["title"], phone=person.number)
        return QUESTIONS[0]["options"].split("\n")[which]

    return do
