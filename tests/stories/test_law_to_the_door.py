"""The law to the door, through the pages: an article out of the loudspeakers, and what became of it in each village."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from docx import Document
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from miniapp_api.schemas import exhibitions as schemas
from miniapp_api.schemas.base import page_of
from models.kernel.base import db
from models.kernel.clock import now, today
from models.kernel.trail import Trace
from models.outreach.article import Article, topics
from models.outreach.exhibition import Exhibition
from models.outreach.legal_place import LegalPlace, LegalPlaceKind
from models.outreach.letter import LetterExport
from models.outreach.loudspeaker import Airing, AiringLog, Script, by_village
from models.outreach.visit import Visit, entries
from models.outreach.visit import by_village as reached
from models.people.place import Place, PlaceKind, villages
from models.search.kinds import find, index
from server.house import House
from tests.conftest import Clock, People, SignedIn
from tests.miniapp_api.test_reading import loaded

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


def a_picture() -> bytes:
    """A photograph."""
    file = io.BytesIO()
    Image.new("RGB", (60, 40), (120, 90, 30)).save(file, "JPEG")
    return file.getvalue()


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


# --- at the door, from the van, at the stall ---------------------------------------------------------------------------


def test_a_grid_worker_logs_visits_on_a_phone(desk: Desk, app: House, article: str) -> None:
    grid, village, justice, publicist, handler = (
        desk(who) for who in ("tianye", "mafang", "luojing", "linxiao", "shenlin")
    )
    with app.app_context():
        bridge, east = (next(v for v in villages() if v.name == name) for name in ("石桥村", "东湖村"))
        group = Place.found(People()["xitong"], "三组", PlaceKind.GROUP, bridge)
        db.session.commit()
        there, third, elsewhere, day = bridge.public_id, group.public_id, east.public_id, today()
        topic = topics()[0].public_id
    sheet = page(grid, "/desk/visits/new")
    assert "三组" in sheet
    assert elsewhere not in sheet, "only where one works"
    assert handler.get("/desk/visits/new").status_code == 403
    told = {
        "kind": "household",
        "place": third,
        "visited_on": day.isoformat(),
        "households": "12",
        "people": "20",
        "leaflets": "15",
        "asked": "2",
        "topics": [topic],
        "articles": [article],
        "gist": "两户说要签土地合同。",
        "key": "k" * 32,
    }
    for wrong, words in (
        ({"households": ""}, "填走了几户"),
        ({"people": "", "leaflets": "0"}, "至少填一样"),
        ({"people": "99999"}, "填0到5000"),
        ({"visited_on": (day + timedelta(days=1)).isoformat()}, "不能是以后的日子"),
        ({"visited_on": (day - timedelta(days=60)).isoformat()}, "最近31天"),
        ({"place": elsewhere}, "您负责的村"),
        ({"gist": "找王大爷，电话13812345678"}, "不要写出是谁"),
        ({"kind": "plane"}, "请选是入户、宣传车还是摆摊"),
    ):
        assert words in send(grid, "/desk/visits/new", 422, **(told | wrong)), wrong
    at = send(grid, "/desk/visits/new", photo=(io.BytesIO(a_picture()), "p.jpg"), **told).split("?")[0]
    again = send(grid, "/desk/visits/new", **told)
    assert again.split("?")[0] == at, "sent twice over a bad line it is one"
    seen = page(grid, at)
    for part in ("石桥村三组", "12 户", "20 人", "高空抛物谁来赔", "两户说要签土地合同"):
        assert part in seen, part

    # A question of somebody there goes its own way, under its own seal.
    assert f"/desk/questions/new?place={there}" in seen
    form = page(grid, f"/desk/questions/new?place={there}")
    assert re.search(rf'<option selected value="{there}"', form)
    assert re.search(r'checked[^>]*value="hall"', form)

    # The picture: sealed where it lies, each look leaves its trace, others do not see it.
    picture = grid.get(f"{at}/photo")
    assert picture.data[:2] == b"\xff\xd8"
    with app.app_context():
        kept = db.session.query(Visit).one()
        folder = Path(app.extensions["settings"].data_dir)
        lying = [path.read_bytes() for path in folder.rglob(kept.photo)]
        assert lying
        assert all(b"\xff\xd8\xff" not in data[:200] for data in lying)
        assert db.session.query(Trace).filter_by(subject_kind="Visit", verb="read").count() == 1
    assert village.get(at).status_code == 403, "another village's"
    assert village.get(f"{at}/photo").status_code == 403
    assert publicist.get(at).status_code == 200

    # Put right by another entry; the first one stays, and is counted no more.
    assert "为什么更正" in send(grid, f"{at}/correct", 422, **(told | {"remark": ""}))
    better = send(grid, f"{at}/correct", **(told | {"remark": "人数写错了。", "people": "18", "key": ""}))
    assert "更正过了" in page(grid, at)
    assert grid.get(f"{better}/photo").data[:2] == b"\xff\xd8"
    assert "已经更正过了" in send(grid, f"{at}/correct", 422, **(told | {"remark": "再来一次。"}))
    assert village.submit(f"{better}/correct", told | {"remark": "x"}).status_code == 403
    with app.app_context(), pytest.raises(IntegrityError):
        db.session.execute(text("UPDATE visit SET people = 1"))
    van = send(
        justice, "/desk/visits/new", kind="van", place=elsewhere, visited_on=day.isoformat(), people="60", leaflets="40"
    ).split("?")[0]
    wrong = send(
        justice, "/desk/visits/new", kind="stall", place=elsewhere, visited_on=day.isoformat(), leaflets="500"
    ).split("?")[0]
    assert "为什么更正" in send(justice, f"{wrong}/correct", 422, deed="void", remark="")
    send(justice, f"{wrong}/correct", deed="void", remark="记重了。")

    # Each sees what is theirs; the numbers are of what counts.
    month = f"?month={day:%Y-%m}"
    assert "东湖村" not in page(grid, f"/desk/visits{month}").split("各村")[0]
    assert "石桥村" not in page(village, f"/desk/visits{month}").split("各村")[0]
    mine = page(village, f"/desk/visits{month}")
    assert "宣传车" in mine
    assert grid.get(van).status_code == 403
    with app.app_context():
        rows = entries(People()["luojing"], day, day)
        counted = {r.place.name: (r.times, r.vans, r.households, r.people, r.leaflets, r.asked) for r in reached(rows)}
    assert counted["石桥村"] == (1, 0, 12, 18, 15, 2)
    assert counted["东湖村"] == (1, 1, 0, 60, 40, 0)
    assert sum(counted["杨柳社区"]) == 0
    book = justice.get(f"/desk/visits/xlsx{month}")
    assert book.data[:2] == b"PK"
    with zipfile.ZipFile(io.BytesIO(book.data)) as parts:
        one_by_one = parts.read("xl/worksheets/sheet2.xml").decode()
    assert one_by_one.count("石桥村三组") == 1
    with app.app_context():
        told_of = str([t.detail for t in db.session.query(Trace).filter_by(subject_kind="Visit")])
        assert "土地合同" not in told_of


# --- places of practice -------------------------------------------------------------------------------------------------


def test_an_exhibition_near_home(desk: Desk, app: House, client: FlaskClient, clock: Clock) -> None:
    writer, justice, village = (desk(who) for who in ("linxiao", "luojing", "mafang"))
    with app.app_context():
        people = People()
        east = people["mafang"].places[0]
        station = LegalPlace.add(
            people["luojing"],
            LegalPlaceKind.PRACTICE,
            east,
            name="东湖新时代文明实践站",
            address="东湖村口",
            hours="每天九点到五点",
        )
        db.session.commit()
        where, home, day = station.public_id, east.public_id, today()
    assert village.get("/desk/exhibitions/new").status_code == 403
    told = {
        "at": where,
        "title": "宪法就在身边",
        "theme": "宪法主题宣传",
        "shown": "三十块展板，从一九五四年讲起。",
        "starts_on": day.isoformat(),
        "ends_on": (day + timedelta(days=20)).isoformat(),
    }
    assert "请选在哪里" in send(writer, "/desk/exhibitions/new", 422, **(told | {"at": "zzzzzzzzzzzz"}))
    assert "结束不能早于开始" in send(writer, "/desk/exhibitions/new", 422, **(told | {"ends_on": "2020-01-01"}))
    at = send(writer, "/desk/exhibitions/new", deed="keep", **(told | {"shown": ""}))
    assert "展出什么" in send(writer, at, 422, deed="submit", **(told | {"shown": ""}))
    assert "图里是什么" in send(
        writer, at, 422, deed="keep", picture=(io.BytesIO(a_picture()), "p.jpg"), caption="", **told
    )
    send(writer, at, deed="submit", picture=(io.BytesIO(a_picture()), "p.jpg"), caption="一排展板", **told)
    name = at.rsplit("/", 1)[1]
    out = f"/exhibitions/{name}"
    assert client.get(out).status_code == 404, "nobody sees what nobody read"
    assert client.get(f"/api/v1{out}").status_code == 404
    assert writer.submit(f"{at}/deed", {"deed": "publish"}).status_code == 403
    assert "审核展览" in page(justice, "/desk/")
    send(justice, f"{at}/deed", deed="send_back", reason="写上谁讲解")
    assert "写上谁讲解" in page(writer, "/desk/")
    send(writer, at, deed="submit", **(told | {"shown": "三十块展板，周六有律师讲解。"}))
    send(justice, f"{at}/deed", deed="publish")

    # On the village's page, on its own, in the API, by searching.
    for address, part in (
        (f"/legal-services/{home}", "宪法就在身边"),
        ("/exhibitions", "宪法就在身边"),
        (out, "周六有律师讲解"),
        (out, "东湖村口"),
    ):
        assert part in client.get(address).get_data(as_text=True), (address, part)
    assert client.get(f"{out}/picture").mimetype == "image/jpeg"
    listed = client.get("/api/v1/exhibitions", query_string={"place": home}).get_json()
    loaded(page_of(schemas.Exhibition), listed)
    (one,) = listed["items"]
    assert (one["id"], one["station"], one["caption"], one["picture"]) == (
        name,
        "东湖新时代文明实践站",
        "一排展板",
        f"{out}/picture",
    )
    loaded(schemas.Exhibition, client.get(f"/api/v1{out}").get_json())
    with app.app_context():
        index("Exhibition", db.session.query(Exhibition).one().id)
        db.session.commit()
        hits = find("宪法展板").rows
        assert [(hit.kind, hit.page) for hit in hits] == [("exhibition", name)]
    assert out in client.get("/search?q=宪法展板").get_data(as_text=True)

    # Longer, then over, then taken down.
    assert "结束不能早于开始" in send(
        writer, f"{at}/deed", 422, deed="move", starts_on=day.isoformat(), ends_on="2020-01-01"
    )
    send(writer, f"{at}/deed", deed="move", starts_on=day.isoformat(), ends_on=(day + timedelta(days=30)).isoformat())
    clock.forward(days=25)
    assert "正在展出" in client.get(out).get_data(as_text=True)
    clock.forward(days=10)
    justice = desk("luojing")
    assert "已经结束" in client.get(out).get_data(as_text=True)
    assert client.get("/api/v1/exhibitions").get_json()["items"] == []
    assert "宪法就在身边" not in client.get(f"/legal-services/{home}").get_data(as_text=True)
    send(justice, f"{at}/deed", deed="withdraw", reason="展板坏了")
    assert "展板坏了" in client.get(out).get_data(as_text=True)
    assert client.get(f"{out}/picture").status_code == 404


# --- the farmers' mailbox -----------------------------------------------------------------------------------------------


def test_a_letter_for_the_farmers_mailbox(desk: Desk, app: House, article: str) -> None:
    writer, justice, office, village = (desk(who) for who in ("linxiao", "luojing", "zhoumin", "mafang"))
    assert village.submit("/desk/letters", {"article": article}).status_code == 403
    at = send(writer, "/desk/letters", article=article)
    sheet = page(writer, at)
    for part in ("一、谁来赔", "1．找得到人的，由他赔", "12348", "农民信箱"):
        assert part in sheet, part
    assert "##" not in sheet
    with app.app_context():
        towns = [v.public_id for v in villages()[:2]]
        names = [v.name for v in villages()[:2]]
        day = today()
    told = {
        "title": "高空抛物谁来赔",
        "text": "乡亲们：\n<b>先报警</b>，详见https://example.gov.cn/a。",
        "sender": "青禾街道司法所",
    }
    assert "选发给哪些村" in send(writer, at, 422, deed="submit", **told)
    assert "手机号码" in send(writer, at, 422, deed="submit", places=towns, **(told | {"text": "打13812345678"}))
    send(writer, at, deed="submit", places=towns, **told)
    assert writer.submit(f"{at}/export", {"form": "txt"}).status_code in (403, 409), "nobody takes out what nobody read"
    assert writer.submit(f"{at}/deed", {"deed": "agree"}).status_code == 403
    assert "审核农民信箱稿" in page(justice, "/desk/")
    send(justice, f"{at}/deed", deed="agree")
    assert office.submit(f"{at}/deed", {"deed": "mark_sent", "sent_on": day.isoformat()}).status_code == 422, (
        "first it is taken out"
    )
    plain = office.submit(f"{at}/export", {"form": "txt"})
    words = plain.data.decode("utf-8-sig")
    assert words.startswith("高空抛物谁来赔\r\n\r\n乡亲们：\r\n先报警，详见（见微信公众号）")
    for part in ("青禾街道司法所", *names):
        assert part in words
    assert "<" not in words
    word = writer.submit(f"{at}/export", {"form": "docx"})
    read = "\n".join(one.text for one in Document(io.BytesIO(word.data)).paragraphs)
    assert "先报警" in read
    assert names[1] in read
    seen = page(writer, at)
    assert "周敏" in seen
    assert "Word 文件" in seen
    assert "请填哪天发的" in send(
        office, f"{at}/deed", 422, deed="mark_sent", sent_on=(day + timedelta(days=1)).isoformat()
    )
    send(office, f"{at}/deed", deed="mark_sent", sent_on=day.isoformat())
    assert "发过了" in page(writer, "/desk/letters")

    # The article is put right: what was sent says so, and is not taken out again.
    send(justice, f"/desk/articles/{article}/deed", deed="withdraw", reason="法律改了")
    assert "已经发出去的收不回来" in page(writer, at)
    assert office.submit(f"{at}/export", {"form": "txt"}).status_code == 422
    with app.app_context():
        exported = [
            (one.officer.login, one.form.value) for one in db.session.query(LetterExport).order_by(LetterExport.id)
        ]
        assert exported == [("zhoumin", "txt"), ("linxiao", "docx")]
