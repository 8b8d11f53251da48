"""The desk in a real browser: by the keyboard alone, without scripts, at two widths, and as assistive technology reads it."""

import os
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select
from werkzeug.serving import make_server

from models.comments.point import AnswerVersion, Outcome, Point, PointGroup, PointStage
from models.comments.showing import Redaction
from models.decisions.consultation import Consultation
from models.kernel import clock as law
from models.kernel.base import db
from models.people.officer import Officer
from models.people.session import Session
from server.house import House
from tests import axe
from tests.conftest import People
from tests.console.test_every_page import LOGINS, PAGES, fill
from tests.console.world import World, point_of
from tests.crowds import come
from tests.making import a_consultation

FILES = (".svg", "/file", "/xlsx", "/docx", "/csv", "{lecture_file}")
"""How an address ends that shows no page."""


@pytest.fixture
def served(app: House) -> Iterator[str]:
    """The house behind a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def officer(app: House, served: str, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """officer("shenlin", 390): a browser window in which this officer is signed in."""
    contexts = []

    def signed_in(login: str, width: int = 1280, *, scripts: bool = True) -> Page:
        with app.app_context():
            who = Officer.by_login(login)
            assert who
            token = Session.open_for(who, "console", "a browser test")
            db.session.commit()
        context = chromium.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900},
            base_url=served,
            java_script_enabled=scripts,
        )
        context.add_cookies([{"name": "huiyin_o", "value": token, "domain": "localhost", "path": "/desk"}])
        contexts.append(context)
        return context.new_page()

    yield signed_in
    for context in contexts:
        context.close()


def test_one_clerk_answers_by_the_keyboard_alone(app: House, world: World, officer: Callable[..., Page]) -> None:
    page = officer("shenlin")
    page.goto(f"/desk/answering/{world.closed}?p={world.point}")
    page.keyboard.press("3")
    assert page.locator('input[name="outcome"][value="not_adopted"]').is_checked()
    page.keyboard.press("r")
    page.keyboard.type("第二条要让更多人停得下，一小时够买一次菜，所以维持原文。")
    page.get_by_text("写到了条款、事实或者依据").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.keyboard.type("嫌一小时太短")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with app.app_context():
        assert point_of(world.point).stage == PointStage.OPEN, "Enter in a line looks once more and sends nothing"
    assert page.locator("#gist").input_value() == "嫌一小时太短"
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert f"p={world.point}" not in page.url
    with app.app_context():
        point = point_of(world.point)
        assert (point.stage, point.outcome, point.gist) == (PointStage.SUBMITTED, Outcome.NOT_ADOPTED, "嫌一小时太短")
    here = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != here)
    page.locator("#answer").wait_for()
    there = page.url
    page.keyboard.press("k")
    page.wait_for_url(lambda url: url != there)
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("/")
    page.keyboard.type(world.receipt)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "停车" in page.content()


def test_changed_words_of_a_clause_appear_while_they_are_typed(world: World, officer: Callable[..., Page]) -> None:
    page = officer("shenlin")
    page.goto(f"/desk/answering/{world.closed}?stage=todo")
    page.get_by_text("第二条改成什么样").click()
    field = page.locator("textarea[name=revised]")
    field.fill(field.input_value().replace("1小时", "2小时"))
    page.locator("#look ins").wait_for()
    assert "2" in page.locator("#look ins").inner_text()


def test_a_second_person_approves_by_two_keys(app: House, world: World, officer: Callable[..., Page]) -> None:
    page = officer("xujing")
    page.goto(f"/desk/approval/{world.submitted_point}")
    with page.expect_navigation():
        page.keyboard.press("a")
    with app.app_context():
        assert point_of(world.submitted_point).stage == PointStage.APPROVED


def test_every_deed_of_answering_works_without_scripts(app: House, world: World, officer: Callable[..., Page]) -> None:
    page = officer("shenlin", scripts=False)
    page.goto(f"/desk/answering/{world.closed}?p={world.point}")
    page.locator(".outcomes label", has_text="未采纳").click()
    page.locator("textarea[name=reason]").fill("第二条要让更多人停得下，一小时够买一次菜，所以维持原文。")
    page.locator("input[name=gist]").fill("嫌一小时太短")
    page.get_by_role("button", name="查一遍").click()
    assert "写到了条款" in page.content()
    page.get_by_role("button", name="送审", exact=False).first.click()
    with app.app_context():
        assert point_of(world.point).stage == PointStage.SUBMITTED


@pytest.mark.timeout(900)
def test_nothing_is_cut_off_and_no_page_has_a_barrier(world: World, officer: Callable[..., Page]) -> None:
    """Every page of the desk, opened once: at the width of a desk and of two phones, and by axe."""
    wrong = list[str]()
    by_post = {post.value: login for post, login in LOGINS.items()}
    pages: dict[str, Page] = {}
    for address, posts in PAGES:
        if address.endswith(FILES):
            continue  # no page
        login = by_post[posts.split()[0]]
        if login not in pages:
            pages[login] = officer(login)
            pages[login].on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
            pages[login].on("pageerror", lambda e: wrong.append(str(e)))
            pages[login].on("dialog", lambda d: wrong.append(d.message))
        page = pages[login]
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(fill(address, world))
        wrong.extend(f"{address}: {one}" for one in axe.barriers(page))
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                widest = page.evaluate(
                    '[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 80))'
                )
                wrong.append(f"{address} at {width}: {over} px too wide {widest}")
    assert not wrong, "\n".join(wrong)


LETTERS = (
    "两个小时停车时间太短，亲戚来吃席根本停不下，建议把停车时间延长到四个小时。",
    "泊位上的编号磨没了，缴费的时候不知道填哪个，请重新刷漆。",
    "消防通道上画了车位，着火时消防车开不进来，请擦掉北门两侧的车位。",
    "充电桩太少，电动车充电要排队，请在东侧再装二十个。",
)
"""Four campaigns of fifty comments each."""


@pytest.fixture
def two_hundred(app: House) -> str:
    """A closed consultation with 200 comments: four letters, copied and edited."""
    with app.app_context():
        asked = a_consultation(People(), title="农贸市场周边停车管理办法")
        tails = ("", "谢谢！", "请尽快答复。", "我在这里住了三十年了。")
        come(asked, [letter + tails[n % 4] for letter in LETTERS for n in range(50)])
        law.move(40 * 86_400)
        db.session.commit()
        return asked.public_id


def pictured(page: Page, name: str) -> None:
    """A picture for whoever wants to look (SHOTS names the folder)."""
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


@pytest.mark.timeout(300)
def test_one_clerk_answers_two_hundred_comments_in_groups_by_the_keyboard_alone(
    app: House, two_hundred: str, officer: Callable[..., Page]
) -> None:
    page = officer("shenlin")
    page.goto(f"/desk/answering/{two_hundred}")
    pictured(page, "answering-worklist")
    page.keyboard.press("u")
    page.wait_for_url("**/groups")
    page.keyboard.press("f")
    page.get_by_text("条和别的相似，请逐组确认").wait_for()
    pictured(page, "answering-suggestions")
    page.keyboard.press("Enter")
    page.wait_for_url("**/alike/**")
    for _ in range(12):
        if "/alike/" not in page.url:
            break
        pictured(page, "answering-alike")
        before = page.url
        page.keyboard.press("Control+Enter")
        page.wait_for_url(lambda url, before=before: url != before)
        page.locator("h1").first.wait_for()
    assert page.url.endswith("/groups")
    pictured(page, "answering-groups")
    with app.app_context():
        sizes = sorted(db.session.scalars(select(PointGroup.n_points)))
        assert sum(sizes) == 200
        groups = db.session.scalar(
            select(PointGroup.public_id).order_by(PointGroup.n_points.desc(), PointGroup.id.desc())
        )
    page.goto(f"/desk/answering/{two_hundred}/groups/{groups}")
    for turn in range(len(sizes)):
        here = page.url
        page.keyboard.press("3")
        page.keyboard.press("r")
        page.keyboard.type("第二条要让更多人停得下，我们数了三天，一小时够买一次菜，所以维持原文。")
        page.keyboard.press("Escape")
        page.get_by_text("写到了条款、事实或者依据").wait_for()
        if turn == 0:
            pictured(page, "answering-group")
            page.keyboard.press("e")
            with page.expect_navigation():
                page.keyboard.press("Enter")
            assert "维持原文" in page.locator("#reason").input_value(), "Enter in a line moves and sends nothing"
        page.keyboard.press("Control+Enter")
        page.get_by_text("一条不少，送审了").wait_for()
        if turn + 1 < len(sizes):
            assert page.url != here, "the next group comes by itself"
    with app.app_context():
        stages = db.session.execute(
            select(Point.stage, func.count())
            .join(Consultation)
            .where(Consultation.public_id == two_hundred)
            .group_by(Point.stage)
        ).all()
        assert [tuple(row) for row in stages] == [(PointStage.SUBMITTED, 200)]
        assert (
            db.session.scalar(
                select(func.count())
                .select_from(AnswerVersion)
                .join(Point, Point.id == AnswerVersion.point_id)
                .join(Consultation, Consultation.id == Point.consultation_id)
                .where(Consultation.public_id == two_hundred)
            )
            == 200
        )


def mark(page: Page, begins: int, ends: int) -> None:
    """Draw over some of the words with the mouse."""
    page.evaluate(
        """([begins, ends]) => {
          const node = document.querySelector("[data-whole]").firstChild;
          const range = document.createRange();
          range.setStart(node, begins); range.setEnd(node, ends);
          getSelection().removeAllRanges(); getSelection().addRange(range);
        }""",
        [begins, ends],
    )


def test_words_marked_with_the_mouse_become_a_point(app: House, world: World, officer: Callable[..., Page]) -> None:
    page = officer("shenlin")
    page.goto(f"/desk/answering/{world.closed}?p={world.point}")
    with app.app_context():
        text = point_of(world.point).comment.text
    begins, ends = text.index("希望"), len(text)
    mark(page, begins, ends)
    page.keyboard.press("m")
    page.get_by_text("分出 1 点").wait_for()
    assert page.locator("mark.me").inner_text() == text[begins:ends]
    pictured(page, "answering-split")


def test_words_marked_in_the_original_are_the_words_that_are_covered(
    app: House, world: World, officer: Callable[..., Page]
) -> None:
    with app.app_context():
        text = point_of(world.point).comment.text
        name = point_of(world.point).comment.public_id
    page = officer("shenlin")
    page.goto(f"/desk/comments/{name}/shown")
    for words in (text[:3], text[5:9], text[:3]):
        begins = text.index(words)
        mark(page, begins, begins + len(words))
        page.keyboard.press("m")
    assert page.locator("#words").input_value() == f"{text[:3]}\n{text[5:9]}"
    page.get_by_label("含有个人信息").check()
    page.get_by_label("理由").fill("写了人名")
    page.get_by_role("button", name="隐去这些字").click()
    page.get_by_text("隐去了 2 处").wait_for()
    with app.app_context():
        assert {row.words for row in db.session.query(Redaction)} == {text[:3], text[5:9]}
        assert point_of(world.point).comment.text == text
