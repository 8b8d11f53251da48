"""Searching on the site, from the chat and through the API: the same public texts, found by what they say now."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest

from miniapp_api.schemas import search as schemas
from models.kernel.base import db
from models.kernel.search import Entry
from models.outreach.article import by_public_id as article_of
from models.search.kinds import index, lacking
from server.house import House
from server.jobs.kinds import JOBS
from server.jobs.queue import Queue
from tests.conftest import OFFICIAL
from tests.site.conftest import Phone, Street, officer, seen
from tests.wechat.phone import Phone as Telephone

pytestmark = pytest.mark.both_engines
Phones = Callable[..., Phone]
WAITING = "家里等着回话的私房话"


@pytest.fixture
def work(app: House) -> Callable[[], None]:
    """Do what the deeds asked of the search."""
    queue = Queue(app, {"index": JOBS["index"]}, "a test")

    def done() -> None:
        with app.app_context():
            for number in queue.due():
                queue.do(number)

    return done


def test_what_is_public_is_found_everywhere_and_nothing_else(
    phone: Phones, street: Street, app: House, work: Callable[[], None]
) -> None:
    who = phone("周女士")
    asked = street.publish()
    written = street.write(
        "高空抛物由谁赔偿", body="从建筑物中抛掷物品，<b>由侵权人</b>承担责任。", digest="楼上的花盆掉下来"
    )
    who.say(asked, WAITING, shown="words")
    assert "没有找到" in who.look("/search?q=停车")
    work()

    page = who.look("/search?q=停车 短时")
    assert f'href="/consultations/{asked}"' in page
    assert "<mark>停车</mark>" in page
    assert "<mark>短时</mark>" in page
    assert "征求意见" in seen(page)
    assert f'href="/articles/{written}"' in who.look("/search?q=谁来赔高空抛物的钱？")
    assert "<b>由侵权人" not in (page := who.look("/search?q=抛掷物品"))
    assert "&lt;b&gt;由侵权人" in page
    assert "没有找到" in who.look("/search?q=高空抛物&kind=report")
    assert "请写至少两个字" in who.look("/search?q=车", 422)
    assert "最多搜60个字" in who.look(f"/search?q={'停车' * 40}", 422)

    street.close()
    street.answer(asked, "adopted", may_show=True)
    street.release(asked)
    work()
    assert f'href="/reports/{asked}"' in who.look("/search?q=经过研究，这样办")
    assert "没有找到" in who.look(f"/search?q={WAITING}"), "nobody's own words are looked through"

    answer = who.get("/api/v1/search?q=停车&limit=1").get_json()
    schemas.SearchPage().load(answer)
    assert (len(answer["items"]), answer["total"]) == (1, 2)
    second = who.get(f"/api/v1/search?q=停车&limit=1&after={answer['next']}").get_json()
    assert second["next"] is None
    assert {answer["items"][0]["kind"], second["items"][0]["kind"]} == {"consultation", "report"}
    assert {"text": "停车", "hit": True} in answer["items"][0]["title"]
    assert who.get("/api/v1/search?q=停车&after=aaaaaaaaaaaa").status_code == 422
    assert who.get("/api/v1/search?q=车").get_json()["fields"]["q"] == "请写至少两个字。"
    assert [item["id"] for item in who.get("/api/v1/search?q=抛物&kind=article").get_json()["items"]] == [written]

    talk = Telephone(app.test_client(), OFFICIAL, "oSomebodyWhoSearches")
    said = talk.say("搜 高空抛物").text
    assert "找到1篇" in said
    assert f"/articles/{written}" in said
    assert "没有找到" in talk.say("搜一下：龙宫里的珍珠").text
    assert "空一格" in talk.say("搜").text
    assert "收到了" in talk.say("搜救队什么时候来").text, "it begins with the same character and is a comment"

    with app.app_context():
        article = article_of(written)
        assert article
        article.correct(
            officer("luojing"), "把题目写清楚。", title="阳台花盆掉落谁负责", body="自己的花盆自己看好。", digest=""
        )
        db.session.commit()
    work()
    assert "没有找到" in who.look("/search?q=抛掷物品"), "what it said before is not found any more"
    assert f'href="/articles/{written}"' in who.look("/search?q=花盆掉落")
    with app.app_context():
        found = article_of(written)
        assert found
        found.withdraw(officer("luojing"), "法律改了。")
        db.session.commit()
    work()
    assert "没有找到" in who.look("/search?q=花盆掉落")


def test_the_box_works_without_a_script_and_pages_go_on(phone: Phones, app: House) -> None:
    with app.app_context():
        for number in range(45):
            index_one(number)
        db.session.commit()
    who, seen_hrefs = phone(), []
    page = who.look("/search?q=公园里的长椅")
    while True:
        seen_hrefs += re.findall(r'class="sheet hit" href="([^"]+)"', page)
        onward = re.search(r'class="more" href="([^"]+)"', page)
        if not onward:
            break
        page = who.look(unescape(onward[1]))
    assert len(seen_hrefs) == len(set(seen_hrefs)) == 45
    assert seen_hrefs[0] == "/articles/000000000044", "of equal ones the newer comes first"
    assert who.get("/search?q=公园里的长椅&after=<script>").status_code == 200


def index_one(number: int) -> None:
    """A text that says the same as its neighbours."""
    Entry.put(
        "article", number, page=f"{number:012d}", title="公园的事", body="公园里的长椅要修。", shown_on=date(2026, 1, 1)
    )


def test_what_was_there_before_the_search_is_caught_up_with(street: Street, app: House) -> None:
    asked, written = street.publish(), street.write()
    with app.app_context():
        waiting = list(lacking())
        assert [record for record, _ in waiting] == ["Consultation", "Article"]
        for record, number in waiting:
            index(record, number)
        assert not list(lacking())
        assert {row.page for row in db.session.query(Entry)} == {asked, written}
