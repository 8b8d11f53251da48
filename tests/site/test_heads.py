"""The public page of daily heads: anybody reads it, compares it, keeps it; and it names nobody's matter."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from models.kernel import heads, trail
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.heads import take_daily_head
from server.house import House
from server.site import heads as page_file
from tests.conftest import Clock
from tests.site.conftest import Phone, Street, seen

Phones = Callable[..., Phone]


def take(app: House, clock: Clock, days: int) -> None:
    """A head a day."""
    for _ in range(days):
        with app.app_context():
            trail.sequence(1000)
            assert take_daily_head(today())
            db.session.commit()
        clock.forward(days=1)


def test_before_the_first_night_the_page_says_so(phone: Phones) -> None:
    page = seen(phone().look("/heads"))
    assert "还没有" in page
    assert json.loads(phone().get("/heads.json").data)["days"] == []


def test_each_day_stands_there_with_all_of_its_digits(phone: Phones, street: Street, app: House, clock: Clock) -> None:
    asked = street.publish()
    phone("周女士").say(asked, "一个小时不够。")
    take(app, clock, 2)
    page = seen(phone().look("/heads"))
    with app.app_context():
        second, first = heads.newest()
        case = next(iter(first.heads))
        told = [first.head.hex(), second.head.hex(), f"到这一天共{first.rows}行"]
    for words in told:
        assert words in page.replace(" ", "")
    assert "比前一号多0行" in page
    assert case not in phone().get("/heads").get_data(as_text=True)
    file: Any = json.loads(phone().get("/heads.json").data)
    assert [day["number"] for day in file["days"]] == [1, 2]
    assert file["demonstration"] is True
    assert case not in json.dumps(file)


def test_a_day_that_somebody_changed_is_marked_for_everybody(
    phone: Phones, street: Street, app: House, clock: Clock
) -> None:
    street.publish()
    take(app, clock, 1)
    assert "和写下时不一样" not in seen(phone().look("/heads"))
    with app.app_context():
        db.session.execute(text("DROP TRIGGER guard_daily_head_update"))
        db.session.execute(text("UPDATE daily_head SET rows = rows - 1"))
        db.session.commit()
    assert "和写下时不一样" in seen(phone().look("/heads"))


def test_older_days_are_pages_and_files_further_on(
    phone: Phones, street: Street, app: House, clock: Clock, monkeypatch: Any
) -> None:
    street.publish()
    take(app, clock, 5)
    monkeypatch.setattr(page_file, "PER_PAGE", 2)
    monkeypatch.setattr(page_file, "IN_ONE_FILE", 2)
    shown, address = [], "/heads"
    while address:
        page = phone().get(address).get_data(as_text=True)
        shown += [number for number in range(1, 6) if f"第{number}号" in page]
        address = "/heads?before=" + page.split("/heads?before=")[1].split('"')[0] if "/heads?before=" in page else ""
    assert shown == [4, 5, 2, 3, 1]
    found, address = [], "/heads.json"
    while address:
        file = json.loads(phone().get(address).data)
        found += [day["number"] for day in file["days"]]
        address = "/heads.json?" + file["earlier"].split("?")[1] if "earlier" in file else ""
    assert found == [4, 5, 2, 3, 1]
    for strange in ("x", "-1", "9" * 40, "%00"):
        assert phone().get(f"/heads?before={strange}").status_code == 200
