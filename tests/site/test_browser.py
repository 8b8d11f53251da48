"""In a real browser: nothing overflows, nothing is too small, axe finds nothing, drafts survive, JavaScript is not needed."""

import io
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab
from werkzeug.serving import make_server

from config.settings import ROOT
from models.kernel.base import db
from models.kernel.clock import now
from models.outreach.attendee import change
from models.outreach.lecture_file import add_material, add_photograph
from server.house import House
from tests import axe
from tests.conftest import People, lacking
from tests.making import a_lecture, a_pdf
from tests.site.conftest import Phone, Street

MEASURE = """() => {
  const wrong = [], width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) wrong.push('scrolls sideways: ' + document.documentElement.scrollWidth);
  for (const e of document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')) {
    if (e.matches('.skip, [type=radio], [type=checkbox]') || e.closest('h2')) continue;
    const r = e.getBoundingClientRect();
    if (!r.width || getComputedStyle(e).display === 'inline') continue;
    if (r.height < 43.5 || r.width < 43.5) wrong.push('small: ' + e.textContent.trim().slice(0, 20) + ' ' + r.width + 'x' + r.height);
  }
  return wrong;
}"""


@pytest.fixture
def address(app: House) -> Iterator[str]:
    """The site on a port of its own."""
    if not (ROOT / "node_modules" / "weui").exists():
        lacking("WeUI is not installed; run make")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Callable[..., Tab]]:
    """A tab of a certain width, for a person who may be signed in, with or without large letters and JavaScript."""
    contexts = []

    def tab(width: int = 390, person: Phone | None = None, *, large: bool = False, script: bool = True) -> Tab:
        context = chromium.new_context(
            locale="zh-CN", viewport={"width": width, "height": 844}, java_script_enabled=script, base_url=address
        )
        contexts.append(context)
        cookies: list[Any] = [{"name": "large", "value": "1", "url": address}] if large else []
        held = person.get_cookie("huiyin_r") if person else None
        if held:
            cookies.append({"name": "huiyin_r", "value": held.value, "url": address})
        if cookies:
            context.add_cookies(cookies)
        return context.new_page()

    yield tab
    for context in contexts:
        context.close()


@pytest.fixture
def lived(street: Street, phone: Callable[..., Phone]) -> tuple[Phone, list[str]]:
    """A street in which something has happened, and the addresses of its pages."""
    woman = phone("周女士")
    released = street.publish(title="楼道公共空间使用约定")
    for n, words in enumerate(("一个小时不够，带老人的想再宽些。", "晚上早点开放。", "路灯不亮。", "写得好。")):
        woman.say(released, words, clause=(5, 6, None, 2)[n], shown="name")
    street.close()
    street.answer(released, "partly_adopted", "not_adopted", "other", "adopted", revised="每次不超过1小时30分。")
    street.release(released)
    closed = street.publish(title="河沿步道夜间照明方案")
    woman.say(closed, "太亮睡不着。")
    street.close()
    open_ = street.publish(window_days=20, short_reason="早市改造12月开工。")
    receipt = woman.say(open_, "再说一句。", clause=5).headers["Location"]
    comment = receipt.replace("receipts", "comments")
    question = woman.send(woman.form("/questions/new"), text="房东不退押金怎么办？").headers["Location"]
    article = street.write()
    lectures = _lectures(street)
    paths = ["/", "/lectures", *(f"/lectures/{name}" for name in lectures), "/consultations", *(f"/consultations/{i}" for i in (open_, closed, released)), f"/consultations/{open_}/comment?clause=5",
             receipt, comment, f"{comment}/withdraw", "/mine", "/me", "/me/following", "/me/erase", "/reports", f"/reports/{released}", "/articles",
             f"/articles/{article}", "/questions", "/questions/new", question, "/receipt", "/sign-in?next=/mine", "/sign-out",
             "/privacy", "/text-size", "/demo", "/nothing"]  # fmt: skip
    return woman, paths


def _lectures(street: Street) -> list[str]:
    """One to sign up for that was changed, one whose doors are open, one that was held and shows what it gave out, one that fell out."""
    with street.app.app_context():
        people, begins = People(), now() + timedelta(minutes=10)
        hours: dict[str, Any] = {"starts_at": begins, "ends_at": begins + timedelta(hours=2)}
        moved, running, held, gone = (
            a_lecture(people),
            *(a_lecture(people, **hours) for _ in range(2)),
            a_lecture(people),
        )
        change(moved, people["linxiao"], "下雨，改到社区礼堂。", venue="社区礼堂")
        held.count(people["linxiao"], 41)
        drawn = io.BytesIO()
        Image.new("RGB", (900, 600), "#7a5").save(drawn, "JPEG")
        add_photograph(held, people["linxiao"], drawn.getvalue(), "课件和听众的背影", agreed=True)
        add_material(held, people["linxiao"], a_pdf(), "讲义：土地流转合同要写清的六样")
        gone.cancel(people["linxiao"], "主讲人病了，改日再办。")
        db.session.commit()
        return [one.public_id for one in (moved, running, held, gone)]


@pytest.mark.parametrize(("width", "large"), [(390, False), (320, True), (1280, False)])
def test_every_page_fits_can_be_touched_and_is_clean_for_axe(
    opened: Callable[..., Tab], lived: tuple[Phone, list[str]], width: int, large: bool
) -> None:
    woman, paths = lived
    tab = opened(width, woman, large=large)
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    for path in paths:
        tab.goto(path)
        assert tab.evaluate(MEASURE) == [], path
        if width > 1000:
            continue
        assert axe.violations(tab) == [], path
    assert [s for s in said if "404" not in s] == []


def test_a_draft_survives_leaving_the_page_and_goes_once_it_is_received(
    opened: Callable[..., Tab], street: Street
) -> None:
    asked = street.publish()
    tab = opened()
    tab.goto(f"/consultations/{asked}/comment?clause=5")
    tab.fill("textarea", "一个小时不够。")
    tab.get_by_text("草稿已存好").wait_for()
    assert tab.text_content("[data-count]") == "7 / 2000字"
    tab.goto("/")
    tab.goto(f"/consultations/{asked}/comment?clause=5")
    assert tab.input_value("textarea") == "一个小时不够。"
    tab.click("text=提交意见")
    tab.wait_for_url("**/receipts/**")
    assert "只显示这一次" in tab.content()
    tab.goto(f"/consultations/{asked}/comment?clause=5")
    assert tab.input_value("textarea") == ""
    assert len(street.comments()) == 1


def test_without_javascript_one_can_say_add_and_take_back(opened: Callable[..., Tab], street: Street) -> None:
    asked = street.publish()
    tab = opened(320, script=False)
    tab.goto(f"/consultations/{asked}")
    tab.click("section#c5 >> text=对这一条说两句")
    assert not tab.is_visible("#signers")
    tab.check("#kind-joint")
    assert tab.is_visible("#signers")
    tab.fill("#signers", "12")
    tab.fill("textarea", "大家都觉得一个小时不够。")
    tab.select_option("#place", label="东湖村")
    tab.click("text=提交意见")
    assert "意见收到了" in tab.content()
    tab.click("text=补充几句")
    tab.fill("textarea", "再补一句。")
    tab.click("text=补充上去")
    assert "补充收到了" in tab.content()
    tab.click("text=撤回这份意见")
    tab.click("button >> text=撤回")
    assert "已经撤回" in tab.content()
    (kept,) = street.comments()
    assert (kept["kind"], kept["signers"], kept["place"], kept["withdrawn"]) == ("joint", 12, "东湖村", True)


def test_a_keyboard_reaches_the_text_and_the_button(opened: Callable[..., Tab], street: Street) -> None:
    asked = street.publish()
    tab = opened()
    tab.goto(f"/consultations/{asked}/comment")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "跳到正文"
    for _ in range(6):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.id") == "text":
            break
    tab.keyboard.type("用键盘写的。")
    for _ in range(12):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.type") == "submit":
            break
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/receipts/**")
    assert street.comments()[0]["text"] == "用键盘写的。"
