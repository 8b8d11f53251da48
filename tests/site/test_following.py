"""My subscriptions on the site: chosen, asked about gently, left in one tap, brought back in one."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from models.kernel.base import db
from models.kernel.trail import SYSTEM
from models.messages.follow import Follow, followed, stop_token
from models.outreach.campaign import by_public_id as campaign_of
from models.outreach.campaign_read import read_of
from models.people.resident import Resident
from server.house import House
from tests.conftest import People
from tests.making import a_campaign, counted_as
from tests.site.conftest import Street, seen

Phones = Callable[..., Any]
pytestmark = pytest.mark.both_engines


def follows(app: House) -> int:
    with app.app_context():
        return db.session.query(Follow).count()


def woman_in(app: House) -> Resident:
    return Resident.by_identity("wx0000000000000001", "openid-周女士")


def ids(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([a-z0-9]{{12}})"', page)


def test_chosen_then_left_in_one_tap_then_brought_back(app: House, phone: Phones, street: Street) -> None:
    woman = phone("周女士")
    page = woman.look("/me/following")
    assert "现在没有订阅" in page
    form = woman.form("/me/following", "/me/following")
    html = woman.follow(woman.send(form, places=ids(page, "places")[:2], topics=ids(page, "topics")[:1]))
    assert "现在订阅了3样" in html and follows(app) == 3
    deed = woman.form("/me/following", "/deed")
    html = woman.follow(woman.send(deed, deed="leave", thing=ids(page, "topics")[0]))
    assert "退订好了" in html and follows(app) == 2
    html = woman.follow(woman.send(deed, deed="leave", thing=""))
    assert "现在没有订阅" in html and "恢复订阅" in html and follows(app) == 0
    html = woman.follow(woman.send(deed, deed="restore", thing=""))
    assert "现在订阅了2样" in html and follows(app) == 2
    html = woman.follow(woman.send(deed, deed="restore", thing=""))
    assert "现在订阅了3样" in html, "once more brings back what was left before that"
    assert woman.send(deed, deed="restore", thing="").status_code == 409, "nothing is left to bring back"
    assert woman.send(deed, deed="leave", thing="a" * 12).status_code == 404
    assert woman.send(deed, deed="dance", thing="").status_code == 404


def test_after_an_article_one_line_asks_and_never_again_after_no(app: House, phone: Phones, street: Street) -> None:
    article, woman = street.write(), phone("周女士")
    assert "我的订阅" in phone().look(f"/articles/{article}"), "who is not signed in finds the way, and is not asked"
    page = woman.look(f"/articles/{article}")
    assert "要告诉您吗" in page
    html = woman.follow(woman.send(woman.form(f"/articles/{article}", "/deed"), deed="decline"))
    assert "也不再问了" in html and follows(app) == 0
    assert "要告诉您吗" not in woman.look(f"/articles/{article}")
    man = phone("王先生")
    html = man.follow(man.send(man.form(f"/articles/{article}", "/deed"), deed="too"))
    assert "有新的就告诉您" in html and "退订" in html and follows(app) == 1
    html = man.follow(man.send(man.form(f"/articles/{article}", "/deed"), deed="leave"))
    assert "退订好了" in html and follows(app) == 0


def test_after_an_answer_the_village_is_asked_about_once(app: House, phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    place = ids(woman.look("/me/following"), "places")[0]
    sent = woman.say(asked, "早上一小时不够。", place=place)
    page = sent.headers["Location"].replace("/receipts/", "/comments/")
    assert "要告诉您吗" not in woman.look(page), "not while the person waits"
    street.close()
    street.answer(asked, "not_adopted")
    street.release(asked)
    assert "要告诉您吗" in woman.look(page)
    html = woman.follow(woman.send(woman.form(page, "/deed"), deed="too"))
    assert "有新的就告诉您" in html and "答到点子上了吗" in seen(html) and follows(app) == 1
    assert "要告诉您吗" not in woman.look(page)


def test_a_link_that_stops_shows_a_button_and_asks_nobody_to_sign_in(app: House, phone: Phones, street: Street) -> None:
    woman = phone("周女士")
    page = woman.look("/me/following")
    woman.send(woman.form("/me/following", "/me/following"), places=ids(page, "places")[:1])
    with app.app_context():
        address = f"/stop/{stop_token(woman_in(app))}"
    nobody = phone()
    assert "全部退订" in nobody.look(address) and follows(app) == 1, "previewers fetch links: looking changes nothing"
    form = nobody.form(address, "/stop/")
    done = nobody.send(form, deed="leave").get_data(as_text=True)
    assert "退订好了" in done and "恢复订阅" in done and follows(app) == 0
    again = nobody.send(form, deed="leave")
    assert again.status_code == 200 and "退订好了" in again.get_data(as_text=True)
    assert "又订阅了" in nobody.send(form, deed="restore").get_data(as_text=True)
    with app.app_context():
        assert len(followed(woman_in(app))[0]) == 1
    assert "这个链接不对" in nobody.look(f"/stop/{'a' * 12}-{'0' * 32}", 410)
    assert "这个链接不对" in nobody.look("/stop/x", 410)


def test_a_messages_link_counts_an_opening_and_leads_to_the_article(app: House, phone: Phones, street: Street) -> None:
    with app.app_context():
        people = People()
        campaign = counted_as(a_campaign(people))
        waiting = a_campaign(people, campaign.article)
        campaign.submit(people["linxiao"])
        campaign.approve(people["luojing"])
        campaign.start(SYSTEM)
        db.session.commit()
        name, other = campaign.public_id, waiting.public_id
    nobody, woman = phone(), phone("周女士")
    for browser in (nobody, woman, woman):
        assert browser.get(f"/go/{name}").status_code == 303
    assert "借条怎么写" in nobody.look(nobody.get(f"/go/{name}").headers["Location"])
    assert nobody.head(f"/go/{name}").status_code == 303, "who only asks for the head reads nothing"
    assert nobody.get(f"/go/{other}").status_code == 303, "a test leads there, and is not counted"
    assert nobody.get(f"/go/{'a' * 12}").status_code == 404
    with app.app_context():
        found, not_yet = (campaign_of(one) for one in (name, other))
        assert found and not_yet
        assert (read_of(found).times, read_of(found).people) == (4, 1)
        assert read_of(not_yet).times == 0
