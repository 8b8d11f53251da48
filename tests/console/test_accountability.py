"""The page that says who did it and who agreed: for three posts, by stage and by person, and it says who has looked."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from models.kernel import trail
from models.kernel.base import db
from models.kernel.trail import Trace
from models.people.officer import Officer
from server.house import House
from tests.console.test_every_page import read
from tests.console.world import World


def seen(answer: Any) -> str:
    return re.sub(r"\s+", "", read(answer.get_data(as_text=True)).text)


def looks(app: House) -> list[str]:
    with app.app_context():
        return [t.actor_name for t in db.session.query(Trace).filter_by(verb="look_into").order_by(Trace.id)]


def test_the_page_says_who_did_it_and_who_agreed_and_keeps_who_looked(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    inspector = desk("chenguodong")
    place = f"/desk/trail/{world.case}/accountability"
    page = seen(inspector.get(place))
    assert "征求意见办理：沈林把关：许静、何秀兰、吴启明、周敏" in page
    assert "退回答复：没有写改了哪一条" in page
    assert "与当时写下的一样" in page
    assert "陈国栋" in page
    assert "没有一条是同一个人又写又审" not in page, "nothing is approved in this case yet"
    assert looks(app) == ["陈国栋"]
    by = seen(inspector.get(f"{place}?by=people"))
    assert "沈林城市管理科·承办人逐件看" in by
    assert looks(app) == ["陈国栋", "陈国栋"], "every look, every time"
    assert desk("shenlin").get(place).status_code == 403
    assert looks(app) == ["陈国栋", "陈国栋"], "who is refused has not looked"


def test_one_person_deed_by_deed_with_their_words(app: House, world: World, desk: Callable[[str], Any]) -> None:
    place = f"/desk/trail/{world.case}/accountability?person={world.officer}"
    page = seen(desk("wuqiming").get(place))
    assert "第0001号意见第二条要让更多人停得下，我们数了三天" in page
    with app.app_context():
        on = db.session.connection()
        on.execute(text("DROP TRIGGER guard_answer_version_update"))
        on.execute(text("UPDATE answer_version SET reason = '都采纳了。' WHERE reason LIKE '第二条%'"))
        db.session.commit()
    changed = seen(desk("wuqiming").get(place))
    assert "都采纳了。✕与当时写下的不一样" in changed
    assert desk("wuqiming").get(f"/desk/trail/{world.case}/accountability?person=nobody").status_code == 404
    assert desk("wuqiming").get("/desk/trail/2026-11/accountability").status_code == 404, "a month is no case"
    for strange in ("after=x", "after=-1", "after=" + "9" * 30, "by=%00", "person="):
        assert desk("wuqiming").get(f"/desk/trail/{world.case}/accountability?{strange}").status_code in (200, 404)


def test_names_posts_and_units_stay_what_they_were(app: House, world: World, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        who = Officer.by_login("xujing")
        assert who
        who.name = "许静静"
        who.unit = None
        db.session.commit()
    page = seen(desk("shenji").get(f"/desk/trail/{world.case}/accountability"))
    assert "许静城市管理科·单位负责人" in page
    assert "许静静" not in page


def test_the_story_page_leads_there_for_who_may_look(world: World, desk: Callable[[str], Any]) -> None:
    link = f"/desk/trail/{world.case}/accountability"
    for login, may in (
        ("wuqiming", True),
        ("chenguodong", True),
        ("shenji", True),
        ("shenlin", False),
        ("yangfan", False),
    ):
        page = desk(login).get(f"/desk/trail/{world.case}").get_data(as_text=True)
        assert (link in page) is may, login


def test_the_story_page_misses_what_the_last_look_remembers(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        trail.sequence(1000)
        db.session.commit()
        done = app.test_cli_runner().invoke(args=["trail", "verify"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    audit = desk("shenji")
    assert "条全部对上" in seen(audit.get("/desk/trail"))
    assert "链条完整" in seen(audit.get(f"/desk/trail/{world.case}"))
    with app.app_context():
        on = db.session.connection()
        for name in ("trace", "trace_link"):
            on.execute(text(f"DROP TRIGGER guard_{name}_delete"))
        on.execute(
            text("CREATE TEMP TABLE gone AS SELECT trace_id FROM trace_link WHERE chain = :c AND position > 5"),
            {"c": world.case},
        )
        on.execute(text("DELETE FROM trace_link WHERE trace_id IN (SELECT trace_id FROM gone)"))
        on.execute(text("DELETE FROM trace WHERE id IN (SELECT trace_id FROM gone)"))
        db.session.commit()
    page = seen(audit.get(f"/desk/trail/{world.case}"))
    assert "链条对不上" in page
    assert "现在只到第5个" in page
