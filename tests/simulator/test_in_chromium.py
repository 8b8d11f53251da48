"""The phone in a real browser: following, talking, the menu, the clock, an article, the mini program, at both widths."""

import dataclasses
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from server.simulator.app import create_app
from server.simulator.settings import Setup
from tests.simulator.conftest import WeChat
from tests.simulator.receiver import Receiver, text_reply

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The one browser of this run: two would stand in each other's way."""
    return chromium


@pytest.fixture
def live(product: Receiver) -> Iterator[WeChat]:
    """The simulator on a port of its own, with the tiny product behind it."""
    server = make_server("127.0.0.1", 0, lambda environ, start: app(environ, start), threaded=True)
    home = f"http://localhost:{server.server_port}"
    at = product.url.replace("127.0.0.1", "localhost")
    setup = dataclasses.replace(
        Setup.from_environment({"DEMO_SECRET": "s"}),
        data=None,
        product=product.url,
        product_public=at,
        public=home,
        delay=0.1,
    )
    product.accounts = {"official": setup.official, "mini": setup.mini}
    app = create_app(setup)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield WeChat(app, product, [0.0])
    server.shutdown()
    server.server_close()
    app.extensions["clerk"].stop()
    app.extensions["world"].book.close()


def phone(browser: Browser, wechat: WeChat, n: int, width: int = 1280) -> tuple[Page, list[str]]:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(wechat.world.setup.public.replace("localhost", f"phone-{n}.localhost") + "/")
    return page, complaints


@pytest.mark.parametrize("width", [1280, 390])
def test_somebody_follows_speaks_and_is_answered(browser: Browser, live: WeChat, width: int) -> None:
    live.product.answer = lambda fields: (
        text_reply(fields, "收到了，编号 726 318 45。") if fields.get("MsgType") == "text" else None
    )
    page, complaints = phone(browser, live, 1, width)
    page.get_by_role("button", name="去看看这个公众号").click()
    page.get_by_role("button", name="关注公众号").click()
    page.get_by_label("说点什么").fill("第四条能不能放宽？")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("收到了，编号 726 318 45。")).to_be_visible()
    expect(page.locator(".wire summary", has_text="说：第四条能不能放宽？").first).to_be_visible()
    pushed = [fields for fields in live.product.heard if "MsgType" in fields]
    assert [fields.get("Event") or fields["Content"] for fields in pushed] == [
        "subscribe",
        "第四条能不能放宽？",
    ]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []


def test_a_month_passes_and_the_answer_arrives(browser: Browser, live: WeChat) -> None:
    openid = live.phone(1, name="林阿姨")
    page, complaints = phone(browser, live, 1)
    page.get_by_role("button", name="31天后").click()
    expect(page.get_by_text("比今天晚31天")).to_be_visible()
    assert live.product.clock[-1] == {"seconds": 31 * 86_400, "secret": "s"}
    lines = {
        "thing1": {"value": "停车管理办法第四条"},
        "thing2": {"value": "部分采纳"},
        "date3": {"value": "2027年1月11日"},
    }
    sent = live.call(
        "/cgi-bin/message/template/send",
        {
            "touser": openid,
            "template_id": "TEMPLATE_ANSWER",
            "url": live.world.setup.product_public + "/api/v1/x",
            "data": lines,
        },
    )
    assert sent["errcode"] == 0
    page.get_by_role("button", name="意见答复通知").click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("items")
    assert complaints == []


def test_the_half_sheet_asks_once_and_the_product_hears_the_answer(browser: Browser, live: WeChat) -> None:
    live.phone(1)
    page, complaints = phone(browser, live, 1)
    page.goto(page.url.split("#")[0] + "#settings")
    page.get_by_role("button", name="再允许小程序通知我一次").click()
    expect(page.get_by_role("dialog", name="订阅消息")).to_be_visible()
    page.get_by_role("button", name="允许", exact=True).click()
    expect(page.get_by_text("还能收1条").first).to_be_visible()
    assert live.product.events("subscribe_msg_popup_event")
    assert complaints == []


def test_two_phones_are_two_people(browser: Browser, live: WeChat) -> None:
    live.phone(1, name="林阿姨")
    live.phone(2, name="老郭")
    live.sim("phones/1/say", {"text": "我是林阿姨"})
    first, _ = phone(browser, live, 1)
    second, _ = phone(browser, live, 2)
    expect(first.locator(".talk-view")).to_contain_text("我是林阿姨")
    expect(second.locator(".talk-view")).not_to_contain_text("我是林阿姨")
    expect(second.get_by_role("link", name="林阿姨")).to_be_visible()
