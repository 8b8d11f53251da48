"""What reaches those who read no screen: an article over the loudspeakers, a visit to some homes, an exhibition at the station."""

from server.simulator.story.browser import Trouble
from server.simulator.story.desk import Officer
from server.simulator.story.neighbourhood import Deed, Enter
from server.simulator.story.stage import Stage

STATION = "东湖新时代文明实践站"
SHOW = "宪法就在身边"
SHOWN = "三十块展板，从一九五四年的第一部宪法讲起，讲到村里、家里用得上的条文。\n周六上午有律师讲解，适合带孩子来。"
NOTE = "两户要和承租人补书面合同，已经告诉他们讲堂的时间。"


def _at(officer: Officer, room: str, title: str) -> str:
    """The address of what has this title in a room of the desk; nothing when there is none."""
    links = officer.web.get(f"/desk/{room}").links(f"/desk/{room}/")
    return next((href for href, words in links if title in words), "")


def writes_script(enter: Enter, title: str) -> Deed:
    """The machine writes the first version; it is read aloud once and sent to a second person."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, "linxiao")
        if _at(officer, "scripts", title):
            return None
        page = officer.fill("/desk/scripts", at="/desk/scripts", choose={"article": title})
        if not page.has_form("text"):
            raise Trouble(f"广播稿没有写成：{page.complaint}")
        officer.web.submit(page, page.form("text"), press=("deed", "submit"))
        for deed in ("draft_new_script", "revise_script", "submit_script"):
            stage.write(officer=officer.name, deed=deed, title=title)
        return "数字、日期都变成念得出口的字"

    return do


def agrees_to_script(enter: Enter, title: str) -> Deed:
    """A second person reads it before a village hears it."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, "luojing")
        where = _at(officer, "scripts", title)
        if "待审核" not in officer.web.get(where).words:
            return None
        officer.deed_on(where, "agree")
        stage.write(officer=officer.name, deed="agree_script", title=title)
        return "先审后播"

    return do


def plans_airings(enter: Enter, title: str) -> Deed:
    """All villages, three days, morning and evening."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, "linxiao")
        where = _at(officer, "scripts", title)
        if "共排" in officer.web.get(where).words:
            return None
        page = officer.web.get(where)
        officer.web.submit(page, page.form(action=f"{where}/schedule"))
        stage.write(officer=officer.name, deed="schedule_script", title=title)
        return "四个村居，三天，早晚各一次"

    return do


def logs_airings(enter: Enter, login: str, title: str) -> Deed:
    """One tap for each time that it was due here."""

    def do(stage: Stage) -> str | None:
        officer, taps = enter(stage, login), 0
        while True:
            page = officer.web.get("/desk/reaching")
            if not page.has_form("back", action="/desk/airings/") or "没有欠着的" in page.words:
                break
            officer.web.submit(page, page.form("back", action="/desk/airings/"), press=("deed", "play"))
            stage.write(officer=officer.name, deed="play_airing", title=title)
            taps += 1
            if taps > 12:
                raise Trouble("登记了播出，还列着没有登记")
        return f"{taps}次，点一下记一次" if taps else None

    return do


def visits_homes(enter: Enter, login: str) -> Deed:
    """Entered on a phone when the grid worker is out again."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, login)
        if officer.web.get("/desk/visits").links("/desk/visits/v") or NOTE[:6] in officer.web.get("/desk/visits").words:
            return None
        page = officer.web.get("/desk/visits/new")
        done = officer.web.submit(
            page, page.form("households", "people"), households=12, people=20, leaflets=15, asked=2, gist=NOTE
        )
        if "fresh=1" not in done.path and "记好了" not in done.words:
            raise Trouble(f"入户没有记上：{done.complaint}")
        stage.write(officer=officer.name, deed="record_visit")
        return "12户，20人，不记去了谁家"

    return do


def shows_something(enter: Enter) -> Deed:
    """An exhibition at the practice station, written and sent to a second person."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, "linxiao")
        if _at(officer, "exhibitions", SHOW):
            return None
        officer.fill(
            "/desk/exhibitions/new",
            press=("deed", "submit"),
            choose={"at": STATION},
            title=SHOW,
            theme="宪法主题宣传",
            shown=SHOWN,
            starts_on=stage.today().isoformat(),
        )
        for deed in ("draft_new_exhibition", "submit_exhibition"):
            stage.write(officer=officer.name, deed=deed, title=SHOW)
        return f"在{STATION}"

    return do


def lets_it_out(enter: Enter) -> Deed:
    """Read by a second person; residents find it near home."""

    def do(stage: Stage) -> str | None:
        officer = enter(stage, "luojing")
        where = _at(officer, "exhibitions", SHOW)
        if "待审核" not in officer.web.get(where).words:
            return None
        officer.deed_on(where, "publish")
        stage.write(officer=officer.name, deed="publish_exhibition", title=SHOW)
        return "居民在「身边的法律服务」里看得到"

    return do
