"""On the answer's page: one tap, a reason, another officer; and the public clock on which every late answer stands."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from models.comments.on_behalf import look_again_for, rate_for
from models.comments.point import Point
from models.comments.promise import Promise
from models.comments.second_look import Rating, SecondLook
from models.kernel.base import db
from models.kernel.clock import today
from server.house import House, brief
from tests.site.conftest import Street, officer, seen

Phones = Callable[..., Any]


@pytest.fixture
def answered(phone: Phones, street: Street) -> tuple[Any, str, str]:
    """A woman whose comment was answered: her browser, the consultation, the comment's page."""
    asked, woman = street.publish(), phone("周女士")
    page = woman.say(asked, "早上一小时不够。").headers["Location"].replace("/receipts/", "/comments/")
    street.close()
    street.answer(asked, "not_adopted")
    street.release(asked)
    return woman, asked, page


def test_one_tap_is_recorded_and_says_so(answered: Any, app: House) -> None:
    woman, _, page = answered
    assert "答到点子上了吗" in seen(woman.look(page))
    html = woman.follow(woman.send(woman.form(page, "rating"), good="yes"))
    assert "记下了，谢谢您" in html and 'value="yes" aria-pressed="true"' in html
    with app.app_context():
        assert [row.good for row in db.session.query(Rating)] == [True]


def test_a_no_opens_the_reason_and_a_reason_asks_another_officer_once(answered: Any, app: House) -> None:
    woman, _, page = answered
    assert f"{page}/again" not in woman.look(page)
    html = woman.follow(woman.send(woman.form(page, "rating"), good="no"))
    assert "哪里没答到" in html
    empty = woman.send(woman.form(page, "again"), reason="")
    assert empty.status_code == 422 and "请写一句哪里没答到" in empty.get_data(as_text=True)
    html = woman.follow(woman.send(woman.form(page, "again"), reason="没说早市几点收。"))
    assert "由另一位工作人员再看一次" in html and "前给出补充" in seen(html)
    assert f"{page}/again" not in html
    with app.app_context():
        assert db.session.query(SecondLook).one().reason == "没说早市几点收。"


def test_what_was_said_at_the_counter_stands_on_the_persons_own_page(answered: Any, app: House) -> None:
    woman, _, page = answered
    with app.app_context(), brief():
        point = db.session.query(Point).one()
        rate_for(point, officer("mafang"), True, "card")
    assert 'value="yes" aria-pressed="true"' in woman.look(page)
    with app.app_context(), brief():
        look_again_for(db.session.query(Point).one(), officer("mafang"), "没说早市几点收。", "card")
    html = woman.look(page)
    assert 'value="no" aria-pressed="true"' in html and f"{page}/again" not in html
    assert "正由另一位工作人员再看" in seen(html)


def test_nobody_taps_on_anothers_answer(answered: Any, phone: Phones, app: House) -> None:
    woman, _, page = answered
    point = woman.form(page, "rating").fields["point"]
    man = phone("李先生")
    token = man.form("/me").fields["csrf_token"]
    assert man.post(f"{page}/rating", data={"csrf_token": token, "point": point, "good": "yes"}).status_code == 404
    with app.app_context():
        assert db.session.query(Rating).count() == 0


def test_the_public_clock_lists_what_is_due_and_what_is_late(phone: Phones, street: Street) -> None:
    asked = street.publish()
    phone("周女士").say(asked, "早上一小时不够。")
    assert "没有等着答复的" in seen(phone().look("/clock"))
    street.close()
    page = phone().look("/clock")
    assert f"/consultations/{asked}" in page and "已经晚了" not in page
    street.close(days=40)
    late = seen(phone().look("/clock"))
    assert re.search(r"已经晚了.*已经晚\d+天", late)
    street.answer(asked, "not_adopted")
    street.release(asked)
    assert "已经晚" not in seen(phone().look("/clock"))


def test_a_promise_stands_on_the_answer_and_on_the_clock_until_it_is_kept(
    answered: Any, street: Street, app: House
) -> None:
    woman, _, page = answered
    with app.app_context():
        point = db.session.query(Point).one()
        due = today().replace(year=today().year + 1, day=1)
        Promise.make(officer("shenlin"), point, "公布早市收摊时间表", due)
        db.session.commit()
    for path in (page, "/clock"):
        assert "公布早市收摊时间表" in seen(woman.look(path))
    street.close(days=400)
    assert "还没有做到" in seen(woman.look("/clock"))
    with app.app_context():
        db.session.query(Promise).one().keep(officer("shenlin"), "贴在市场门口。")
        db.session.commit()
    clock = seen(woman.look("/clock"))
    assert "还没有做到" not in clock and "贴在市场门口。" in clock and "做到了" in seen(woman.look(page))
