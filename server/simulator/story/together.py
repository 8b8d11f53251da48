"""Four neighbours ask for the same in nearly the same words; letters and calls are read by a second person; a telephone number is covered."""

from collections.abc import Callable
from typing import Any

from server.simulator.story.browser import Trouble
from server.simulator.story.desk import Answer, Officer
from server.simulator.story.matter import Matter, Saying
from server.simulator.story.stage import Stage

ASKED = "请在桥头巷东头留六个车位，早上七点到八点给送孩子上学的家长停五分钟。"
SAYINGS = {
    "school_1": Saying(f"杨柳小学就在桥头巷东头。{ASKED}", None, 4),
    "school_2": Saying(f"我家老人送孩子，走不快，只能开车。{ASKED}", None, 4),
    "school_3": Saying(f"和楼下几位家长商量过，大家都这么想：{ASKED}", None, 4),
    "school_4": Saying(f"一年级的孩子自己过马路不放心。{ASKED}我的电话是13800005521，可以找我问。", None, 4),
}
"""The same wish, four times, each with a beginning of its own."""
GROUP = "早上给送孩子的家长留短时车位"
ANSWER = Answer(
    "not_adopted",
    "这一条没有采纳。第四条的泊位早上六时起就供来市场的人使用，我们连着五个早上数过，七点到八点正是六十二个泊位最满的时候，"
    "再留出六个，来送菜、买菜的就要停到盲道上。杨柳小学南门外的港湾原来禁停，我们和学校、公安机关交通管理部门商量好，"
    "从下学期起早上七点到八点可以即停即走，能停十一辆。",
    GROUP,
    "outweighed",
)
Enter = Callable[[Stage, str], Officer]
Deed = Callable[[Stage], "str | None"]


def puts_together(enter: Enter, matter: Matter) -> Deed:
    """The handler lets the program look for what is alike, looks at it, and puts it into a group."""

    def do(stage: Stage) -> str | None:
        officer, where = enter(stage, "shenlin"), f"/desk/answering/{stage.id_of(matter)}"
        page = officer.web.get(f"{where}/groups")
        if GROUP in page.words:
            return None
        page = officer.web.submit(page, page.form(action="/alike"))
        stage.write(officer=officer.name, deed="suggest", matter=matter.title)
        for href, _ in page.links(f"{where}/alike/"):
            seen = officer.web.get(href)
            if ASKED[:12] in seen.words:
                officer.web.submit(seen, seen.form("points", "name"), name=GROUP)
                for deed in ("decide_alike", "gather"):
                    stage.write(officer=officer.name, deed=deed, matter=matter.title)
                return f"{len(SAYINGS)}条像的，看过归成一组"
        raise Trouble(f"几条差不多的话没有找出来：{page.complaint}")

    return do


def answers_together(enter: Enter, matter: Matter) -> Deed:
    """One answer for the group; each of the four gets it for their own."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, "shenlin")
        page = officer.web.get(f"/desk/answering/{stage.id_of(matter)}/groups")
        group = next(href for href, words in page.links(f"{page.path}/") if words == GROUP)
        page = officer.web.get(group)
        form = page.form("outcome", "reason", "gist")
        for ticked in page.tree.xpath('//input[@form="answer" and @name="points"]'):
            form.append(ticked)  # a browser finds it by its `form`, wherever it stands on the page
        if not form.xpath('.//button[@value="submit"]'):
            return None
        told: dict[str, Any] = {
            "outcome": ANSWER.outcome,
            "sub_reason": ANSWER.finer,
            "reason": ANSWER.reason,
            "gist": ANSWER.gist,
        }
        officer.web.submit(page, form, press=("deed", "submit"), **told)
        for saying in SAYINGS.values():
            for deed in ("answer", "submit_answer"):
                stage.write(
                    officer=officer.name, deed=deed, text=saying.text, matter=matter.title, outcome=ANSWER.outcome
                )
        return f"一次答{len(SAYINGS)}条，各有各的一份"

    return do


def reads_again(enter: Enter) -> Deed:
    """What others wrote down from letters, calls and voice is read once more against them."""

    def do(stage: Stage) -> str | None:
        officer, done = enter(stage, "zhoumin"), 0
        page = officer.web.get("/desk/transcripts")
        while page.has_form("text", "remark", action="/check"):
            page = officer.web.submit(page, page.form("text", "remark", action="/check"), press=("deed", "confirm"))
            stage.write(officer=officer.name, deed="confirm")
            done += 1
        return f"{done}份，和原件一致" if done else None

    return do


def covers_numbers(enter: Enter, matter: Matter) -> Deed:
    """Telephone numbers in words that will be shown are covered, in all of them at once."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, "shenlin")
        page = officer.web.get(f"/desk/consultations/{stage.id_of(matter)}/redact?kind=phones")
        if "13800005521" not in page.words:
            return None
        told: dict[str, Any] = {"kind": "phones", "ground": "personal", "reason": "电话只留给办事的人用，不放到网上。"}
        officer.web.submit(page, page.form("kind", "ground"), **told)
        stage.write(officer=officer.name, deed="redact_all", matter=matter.title)
        return "原文封存着，一字没动"

    return do
