"""What the office takes out: everything said, traced and without names; and a year in one table whose sums are right."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from models.kernel.base import db
from models.kernel.trail import Trace
from models.texts.xlsx import read_xlsx
from server.house import House
from tests.conftest import People
from tests.console.world import World
from tests.making import a_comment, a_consultation, a_resident


def test_one_export_of_everything_said_is_traced_and_holds_every_text_and_answer(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    browser = desk("shenlin")
    assert browser.get(f"/desk/consultations/{world.released}/said-file").status_code == 403
    answer = browser.submit(f"/desk/consultations/{world.released}/export", {"channel": "", "place": ""})
    assert answer.status_code == 303
    file = browser.get(answer.headers["Location"])
    assert file.mimetype.endswith("spreadsheetml.sheet")
    assert "filename*=UTF-8''" in file.headers["Content-Disposition"]
    rows = read_xlsx(file.get_data())
    said = [row.cells[8] for row in rows[3:]]
    assert said == [f"第{n}个想说的：投放点太远。" for n in range(1, 5)]
    assert all(row.cells[15] == "未采纳" and row.cells[17] for row in rows[3:])
    assert all("openid" not in "".join(row.cells) for row in rows)
    with app.app_context():
        (trace,) = db.session.query(Trace).filter_by(verb="export_said").all()
        assert (trace.detail["number"], trace.detail["what"]) == (4, "全部")


@pytest.mark.both_engines
def test_an_export_may_be_narrowed_and_is_no_key_to_more(world: World, desk: Callable[[str], Any]) -> None:
    browser = desk("shenlin")
    answer = browser.submit(f"/desk/consultations/{world.open}/export", {"channel": "h5", "place": ""})
    rows = read_xlsx(browser.get(answer.headers["Location"]).get_data())
    assert {row.cells[2] for row in rows[3:]} == {"网页"}
    assert browser.get(f"/desk/consultations/{world.open}/said-file").status_code == 403
    assert desk("zhoumin").get(answer.headers["Location"]).status_code == 403
    assert browser.submit(f"/desk/consultations/{world.open}/export", {"channel": "email"}).status_code == 422
    assert browser.submit(f"/desk/consultations/{world.open}/export", {"channel": "smoke"}).status_code == 404
    assert browser.submit(f"/desk/consultations/{world.open}/export", {"place": "a\x00b"}).status_code == 404


def test_who_only_looks_takes_nothing_out(world: World, desk: Callable[[str], Any]) -> None:
    assert desk("linxiao").submit(f"/desk/consultations/{world.open}/export", {}).status_code == 403
    assert desk("tianye").submit(f"/desk/consultations/{world.open}/export", {}).status_code == 403


def test_all_consultations_of_a_year_stand_in_one_table_whose_sums_are_right(
    world: World, desk: Callable[[str], Any]
) -> None:
    browser = desk("chenguodong")
    page = browser.get("/desk/consultations/years").get_data(as_text=True)
    assert "青禾街道垃圾分类定点投放办法" in page
    year = int(page.split("/desk/consultations/years/")[1][:4])
    rows = read_xlsx(browser.get(f"/desk/consultations/years/{year}/xlsx").get_data())
    heads, body, total = rows[2].cells, rows[3:-1], rows[-1].cells
    at = {name: heads.index(name) for name in ("人", "份", "条", "未采纳", "状态", "晚了几天", "事项")}

    def number(cells: list[str], name: str) -> int:
        return int(cells[at[name]] or 0) if at[name] < len(cells) else 0

    for name in ("人", "份"):
        assert number(total, name) == sum(number(row.cells, name) for row in body)
    released = [row.cells for row in body if "已" in row.cells[at["状态"]] and number(row.cells, "未采纳")]
    assert number(total, "条") == sum(number(cells, "条") for cells in released) == 4
    assert number(total, "未采纳") == 4
    assert browser.get("/desk/consultations/years/1999").status_code == 404


def test_an_answer_that_is_late_is_late_in_the_years_table(
    world: World, desk: Callable[[str], Any], clock: Any
) -> None:
    clock.forward(days=60)
    page = desk("wuqiming").get("/desk/consultations/years").get_data(as_text=True)
    assert "晚 " in page and "超过答应的日子" in page


def test_people_texts_copies_and_points_stand_side_by_side_while_people_speak(
    app: House, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        asked = a_consultation(People(), title="青禾街道图书角开放办法")
        for n, text in enumerate(
            ("一小时太短，改两小时！", "一小时太短， 改两小时。", "灯太暗。", "灯太暗", "夜里太吵。")
        ):
            a_comment(asked, a_resident(30 + n % 4), text)
        db.session.commit()
        name = asked.public_id
    page = desk("shenlin").get(f"/desk/consultations/{name}").get_data(as_text=True)
    stats = dict(re.findall(r"<dt>([^<]+)</dt><dd>([\d,]+) ", page))
    assert (stats["说话的人"], stats["意见"], stats["其中抄本"], stats["要点"]) == ("4", "5", "4", "5")
    assert "出自 2 个底稿" in page
