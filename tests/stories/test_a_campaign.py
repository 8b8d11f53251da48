"""A campaign through the chat and the pages: asked for, counted, tried, approved by two, sent once each, read, left in one word."""

import pytest

from server.simulator.story.desk import Officer
from server.simulator.story.phone import Phone
from server.simulator.story.stage import Stage
from tests.stories.conftest import Town
from tests.stories.test_the_loop import signed_in

TOPIC = "劳动争议"
FIRST, SECOND = "老板欠薪，先留好这三样", "试用期被辞退怎么办"


def article(stage: Stage, title: str) -> None:
    """Written by one, read by another, published."""
    author = signed_in(stage, "linxiao")
    told = {
        "title": title,
        "digest": "三样东西，一样不能少。",
        "body": "合同、考勤、工资条。",
        "basis": "《中华人民共和国劳动合同法》第三十条",
        "basis_on": "2013-07-01",
    }
    author.write_article(told, TOPIC)
    signed_in(stage, "luojing").article_deed(title, "review")
    author.article_deed(title, "publish")


def to_the_day(town: Town) -> None:
    """Nobody is told at night: at night it becomes noon."""
    now = town.product.wechat("GET", "/state")["now"]
    hour = (now + 8 * 3600) % 86_400 / 3600
    if not 8.2 <= hour < 20.5:
        assert town.product.wechat("POST", "/clock", {"seconds": int((12 - hour) % 24 * 3600)})["ok"]


def arrange(author: Officer, title: str, way: str) -> str:
    """Drafted for the article's own topic, and counted; the page's address."""
    page = author.web.get("/desk/campaigns/new")
    chosen = next(o.get("value") for o in page.tree.xpath("//select[@name='article']/option") if title in o.text)
    page = author.web.get(f"/desk/campaigns/new?article={chosen}")
    made = author.web.submit(page, page.form("article", "way"), way=way)
    return made.path


def deed(officer: Officer, address: str, name: str, **told: str) -> str:
    page = officer.web.get(address)
    return officer.web.submit(page, page.form("version", action="/deed"), press=("deed", name), **told).words


def cards(phone: Phone, title: str) -> list[str]:
    """Every message on this phone that is about the article: how it came."""
    found = []
    for message in phone.chat():
        if message["mine"]:
            continue
        if any(title in one["title"] for one in message.get("articles") or []):
            found.append("preview" if message.get("preview") else "mass" if message.get("mass") else "reply")
        elif message["kind"] == "template" and title[:6] in str(message):
            found.append("template")
    return found


@pytest.mark.timeout(300)
def test_an_article_reaches_those_who_asked_for_such_and_nobody_else(town: Town, stage: Stage) -> None:
    woman, man, staff, other = (stage.phones[n] for n in (1, 2, 3, 4))
    for phone in (woman, man, staff, other):
        phone.begin()
        phone.follow()
    to_the_day(town)

    # Two ask to hear of the topic, on the page of their subscriptions.
    for phone in (woman, man):
        phone.sign_in()
        page = phone.web.get("/me/following")
        topic = next(
            str(box.get("value"))
            for box in page.tree.xpath("//input[@name='topics']")
            if TOPIC in box.getparent().text_content()
        )
        assert "现在订阅了1样" in phone.web.submit(page, page.form("topics", "places"), topics=[topic]).words

    # Publishing tells nobody by itself.
    article(stage, FIRST)
    author, justice = signed_in(stage, "linxiao"), signed_in(stage, "luojing")
    address = arrange(author, FIRST, "mass")

    # Counted, tried on the staff's own telephone, approved by a second person.
    stage.wait(
        "人数没有数出来",
        lambda: "能送到" in author.web.get(address).words and "正在数" not in author.web.get(address).words,
    )
    assert "图文群发" in author.web.get(address).words
    deed(author, address, "try_out", wx_name="phone-3")
    stage.wait("试发没有到", lambda: cards(staff, FIRST) == ["preview"])
    assert cards(woman, FIRST) == cards(man, FIRST) == []
    assert "待审核" in deed(author, address, "submit")
    assert "审核通过" not in str([b.get("value") for b in author.web.get(address).tree.xpath("//button[@name='deed']")])
    deed(justice, address, "approve")

    # It goes out once to each who asked, and to nobody else; WeChat reports, and the page says so.
    stage.wait("推送没有到", lambda: cards(woman, FIRST) == cards(man, FIRST) == ["mass"], 60)
    assert cards(other, FIRST) == [], "who did not ask is left in peace"
    stage.wait("没有推送完", lambda: "推送完了" in author.web.get(address).words, 40)
    stage.wait("微信没有回报", lambda: "群发完成" in author.web.get(address).words, 40)

    # Reading is counted without names, and a page in between forgets nobody's own way.
    here = address.replace("/desk/campaigns/", "/go/")
    assert FIRST in woman.web.get(here).words
    assert FIRST in stage.anybody.get(here).words
    page_of_it = author.web.get(address).words
    assert "2 次打开" in page_of_it.replace("\n", " ") and "1 人" in page_of_it

    # One word, and nothing more comes: by the same article never again, by another only to who stayed.
    assert "退订好了" in woman.say("退订").reply
    again = arrange(author, FIRST, "notice")
    stage.wait("人数没有数出来", lambda: "已经听说过这篇文章" in author.web.get(again).words)
    article(stage, SECOND)
    second = arrange(author, SECOND, "notice")
    stage.wait("人数没有数出来", lambda: "公众号服务通知" in author.web.get(second).words)
    deed(author, second, "submit")
    deed(justice, second, "approve")
    stage.wait("第二次推送没有到", lambda: cards(man, SECOND) == ["template"], 60)
    stage.wait("没有推送完", lambda: "推送完了" in author.web.get(second).words, 40)
    assert cards(woman, SECOND) == []
    assert "恢复好了" in woman.say("恢复订阅").reply
    assert TOPIC in woman.say("我的订阅").reply
