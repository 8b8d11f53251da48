"""The law to the door, through the pages: an article out of the loudspeakers, and what became of it in each village."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from models.kernel.base import db
from models.kernel.clock import now, today
from models.kernel.trail import Trace
from models.outreach.article import Article
from models.outreach.loudspeaker import Airing, AiringLog, Script, by_village
from models.people.place import villages
from server.house import House
from tests.conftest import Clock, People, SignedIn

pytestmark = pytest.mark.timeout(120)
Desk = Callable[[str], SignedIn]
BODY = "上个月，有人从5楼扔下花盆。\n\n## 谁来赔\n\n- 找得到人的，由他赔\n- 找不到的，住户补偿\n\n## 怎么办\n\n拨打110，拍照。"


@pytest.fixture
def article(app: House) -> str:
    """One that is published."""
    with app.app_context():
        people = People()
        made = Article.draft_new(
            people["linxiao"],
            title="高空抛物谁来赔",
            body=BODY,
            basis="《民法典》第1254条",
            basis_on=date(2021, 1, 1),
        )
        db.session.flush()
        made.submit(people["linxiao"])
        made.review(people["luojing"])
        made.publish(people["linxiao"])
        db.session.commit()
        return made.public_id


def page(browser: SignedIn, address: str) -> str:
    """What an officer sees."""
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.get_data(as_text=True)


def send(browser: SignedIn, address: str, status: int = 303, **told: object) -> str:
    """What an officer does; where it leads, or what the page says."""
    answer = browser.submit(address, dict(told))
    words = answer.get_data(as_text=True)
    assert answer.status_code == status, (address, answer.status_code, words[-3000:])
    return answer.headers.get("Location", "") or words


def agreed(writer: SignedIn, reader: SignedIn, article: str) -> str:
    """A script that a second person agreed to; its address."""
    at = send(writer, "/desk/scripts", article=article)
    send(writer, f"{at}/deed", deed="submit")
    send(reader, f"{at}/deed", deed="agree")
    return at


def test_an_article_is_read_out_in_the_villages(desk: Desk, app: House, clock: Clock, article: str) -> None:
    writer, justice, village, grid = (desk(who) for who in ("linxiao", "luojing", "mafang", "tianye"))
    assert "高空抛物谁来赔" in page(writer, "/desk/scripts")
    at = send(writer, "/desk/scripts", article=article)
    sheet = page(writer, at)
    for part in (
        "有人从五楼扔下花盆",
        "先说：谁来赔。",
        "第一，找得到人的，由他赔。",
        "拨打幺幺零",
        "民法典第一千二百五十四条",
    ):
        assert part in sheet, part
    assert "写完广播稿" in page(writer, "/desk/")
    assert "已经有广播稿" in send(writer, "/desk/scripts", 422, article=article)

    # Words go through the machine's hands, the author's and a second person's.
    said = "〔村名〕的乡亲们，高空抛物要赔钱。"
    send(writer, at, 422, text="", deed="keep")
    assert "手机号码" in send(writer, at, 422, text=f"{said}打13812345678。", deed="submit")
    send(writer, at, text=said, deed="submit")
    assert writer.submit(f"{at}/deed", {"deed": "agree"}).status_code == 403
    assert "审核广播稿" in page(justice, "/desk/")
    send(justice, f"{at}/deed", 422, deed="send_back", reason="")
    send(justice, f"{at}/deed", deed="send_back", reason="加上怎么办。")
    assert "加上怎么办" in page(writer, "/desk/")
    assert writer.get(f"{at}/print").status_code == 403, "nobody reads out what nobody agreed to"
    send(writer, at, text=said + "先报警，再拍照。", deed="submit")
    send(justice, f"{at}/deed", deed="agree")
    with app.app_context():
        script = db.session.query(Script).one()
        assert script.agreer is not None
        assert script.agreer.login == "luojing"
        east, bridge = (next(v for v in villages() if v.name == name) for name in ("东湖村", "石桥村"))
        tomorrow = today() + timedelta(days=1)
        chosen, from_on, until_on = [east.public_id, bridge.public_id], tomorrow, tomorrow + timedelta(days=1)

    # Two villages by two days by two hours.
    plan = {"places": chosen, "from_on": from_on.isoformat(), "until_on": until_on.isoformat()}
    assert "7:30、18:00" in send(writer, f"{at}/schedule", 422, **plan, times="早上")
    assert "至少一个村" in send(writer, f"{at}/schedule", 422, **(plan | {"places": []}), times="7:30")
    send(
        writer, f"{at}/schedule", 422, **(plan | {"until_on": (from_on + timedelta(days=40)).isoformat()}), times="7:30"
    )
    assert village.submit(f"{at}/schedule", plan | {"times": "7:30"}).status_code == 403
    send(writer, f"{at}/schedule", **plan, times="7:30，18点")
    send(writer, f"{at}/schedule", **plan, times="18:00")
    with app.app_context():
        assert db.session.query(Airing).count() == 8, "planned once, however often"
        mine = [a.public_id for a in db.session.query(Airing).filter_by(place_id=east.id).order_by(Airing.due_at)]
        other = db.session.query(Airing).filter_by(place_id=bridge.id).order_by(Airing.due_at).first()
        assert other is not None
        theirs = other.public_id
    printed = page(village, f"{at}/print")
    assert "东湖村的乡亲们" in printed
    assert "早上七点半" in printed
    assert "〔村名〕" not in printed
    assert "还没到播的时间" in send(village, f"/desk/airings/{mine[0]}", 422, deed="play")

    # The days come; one tap each.
    clock.forward(days=3)
    writer, justice, village, grid = (desk(who) for who in ("linxiao", "luojing", "mafang", "tianye"))
    assert "登记大喇叭 4 次播没播" in page(village, "/desk/")
    assert page(village, "/desk/reaching").count('value="play">播了<') == 4
    back = {"back": "/desk/reaching"}
    assert send(village, f"/desk/airings/{mine[0]}", deed="play", **back) == "/desk/reaching"
    send(village, f"/desk/airings/{mine[0]}", deed="play", back="https://elsewhere.example/")
    send(village, f"/desk/airings/{mine[1]}", deed="miss", reason="停电", **back)
    send(village, f"/desk/airings/{mine[2]}", deed="play", at="08:15", **back)
    assert "为什么没播" in send(village, f"/desk/airings/{mine[3]}", 422, deed="miss", reason=" ")
    assert "不要写出是谁" in send(village, f"/desk/airings/{mine[3]}", 422, deed="miss", reason="去问13812345678")
    assert village.submit(f"/desk/airings/{theirs}", {"deed": "play"}).status_code == 403, "another village's"
    assert grid.submit(f"/desk/airings/{mine[0]}", {"deed": "play"}).status_code == 403
    send(grid, f"/desk/airings/{theirs}", deed="play", **back)
    # Wrongly tapped: tapped again, both taps stay.
    send(village, f"/desk/airings/{mine[1]}", deed="play", **back)
    with app.app_context():
        assert [(log.played, log.reason) for log in db.session.query(AiringLog).order_by(AiringLog.id)] == [
            (True, ""), (False, "停电"), (True, ""), (True, ""), (True, ""),
        ]  # fmt: skip
    sheet = page(justice, "/desk/scripts")
    with app.app_context():
        counted = {m.place.name: (m.played, m.missed, m.unlogged) for m in by_village(from_on, until_on)}
    assert (counted["东湖村"], counted["石桥村"]) == ((3, 0, 1), (1, 0, 3))
    assert len(counted) == 4, "villages that heard nothing too"
    assert "4 次" in sheet, "one in this village and three in the other are due and not logged"
    book = writer.get("/desk/scripts/xlsx")
    assert book.mimetype.endswith("sheet")
    assert book.data[:2] == b"PK"
    with app.app_context():
        told = [t.detail for t in db.session.query(Trace).filter(Trace.subject_kind.in_(("Script", "Airing")))]
        assert told
        assert "先报警" not in str(told)


def test_a_corrected_article_stops_its_script_and_a_new_one_takes_its_times(
    desk: Desk, app: House, clock: Clock, article: str
) -> None:
    writer, justice, village = (desk(who) for who in ("linxiao", "luojing", "mafang"))
    at = agreed(writer, justice, article)
    with app.app_context():
        place = next(v.public_id for v in villages() if v.name == "东湖村")
        days = {"from_on": today() + timedelta(days=1), "until_on": today() + timedelta(days=4)}
    send(
        writer, f"{at}/schedule", places=[place], times="7:30", **{name: day.isoformat() for name, day in days.items()}
    )
    clock.forward(days=2)
    writer, justice, village = (desk(who) for who in ("linxiao", "luojing", "mafang"))
    with app.app_context():
        passed = db.session.query(Airing).filter(Airing.due_at <= now()).count()
        assert 1 <= passed <= 2
        first = db.session.query(Airing).order_by(Airing.due_at).first()
        assert first is not None
        played = first.public_id
    send(village, f"/desk/airings/{played}", deed="play")

    send(
        justice,
        f"/desk/articles/{article}",
        deed="correct",
        remark="条号写错了",
        title="高空抛物谁来赔",
        body="改过的正文。",
        basis="民法典",
    )
    seen = page(writer, at)
    assert "原文章更正过了：条号写错了" in seen
    assert "不能再播" in page(writer, "/desk/scripts")
    assert "不能再播" in page(writer, "/desk/")
    assert "播了<" not in page(village, "/desk/reaching").split("刚才登记的")[0], "nothing is due any more"
    assert village.get(f"{at}/print").status_code == 403
    assert "请照现在的文章重写一份" in send(
        writer, f"{at}/schedule", 422, places=[place], times="9:00", from_on="2030-01-01", until_on="2030-01-01"
    )

    fresh = agreed(writer, justice, article)
    assert fresh != at
    assert "改过的正文" in page(village, f"{fresh}/print")
    with app.app_context():
        by_script = {
            s.public_id: [a.state for a in db.session.query(Airing).filter_by(script_id=s.id)]
            for s in db.session.query(Script)
        }
        assert "播了" in by_script[at.rsplit("/", 1)[1]], "what was played was the old one"
        assert by_script[fresh.rsplit("/", 1)[1]] == ["等着播"] * (4 - passed)

    # A time is called off; then the article comes down, and with it all that is left.
    with app.app_context():
        left = db.session.query(Airing).order_by(Airing.due_at.desc()).first()
        assert left is not None
        last = left.public_id
    assert village.submit(f"/desk/airings/{last}", {"deed": "call_off"}).status_code == 403
    send(writer, f"/desk/airings/{last}", deed="call_off", back=fresh)
    assert "还没到播的时间" in send(writer, f"/desk/airings/{last}", 422, deed="play")
    send(justice, f"/desk/articles/{article}/deed", deed="withdraw", reason="法律改了")
    clock.forward(days=5)
    writer, village = desk("linxiao"), desk("mafang")
    assert "原文章已经撤下：法律改了" in page(writer, fresh)
    assert "没有欠着的" in page(village, "/desk/reaching")
    send(writer, f"{fresh}/deed", deed="withdraw", reason="文章撤下了")
    assert "已经撤稿" in page(writer, fresh)
