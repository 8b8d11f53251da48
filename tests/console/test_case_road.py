"""The line over a case, drawn from its stations."""

from datetime import date

from models.decisions.road import STATIONS, Going, Standing, Stop
from server.console.case_road import Row, line
from server.house import House


def done(key: str, day: date | None, says: str) -> Row:
    station = next(one for one in STATIONS if one.key == key)
    return Row(Stop(station, Standing(Going.DONE, "沈林", day, says=says)), "", 0)


def test_a_place_that_is_done_tells_what_was_done_last_and_not_what_stands_last(app: House) -> None:
    asked = done("consultation", date(2026, 12, 29), "18 人，22 份，22 个要点")
    undated = done("consultation", None, "没有日期")
    with app.app_context():
        for first, met_on, told in (
            (asked, date(2026, 12, 20), "18 人"),
            (asked, date(2026, 12, 30), "座谈会 1 次 18 人"),
            (asked, date(2026, 12, 29), "座谈会 1 次 18 人"),
            (undated, date(2026, 12, 20), "座谈会 1 次 18 人"),
        ):
            (drawn,) = line([first, done("participation", met_on, "座谈会 1 次 18 人")])
            assert drawn.when == told
