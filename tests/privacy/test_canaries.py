"""What somebody tells us in confidence lies sealed, reaches nobody else, and can be forgotten; the trail stays whole."""

import gzip
import logging
import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from models.comments.comment import Comment
from models.comments.point import Point
from models.comments.release import release
from models.decisions.consultation import by_public_id
from models.kernel import clock as law
from models.kernel import trail
from models.kernel.base import db
from models.kernel.evidence import check
from models.kernel.trail import Trace
from models.people.officer import officers
from models.people.resident import Resident
from models.people.session import Session
from server.house import House
from tests.conftest import OFFICIAL, People
from tests.making import a_resident, answer_all
from tests.privacy.told import CANARIES, MINI_OPENID, OPENID, Told, raw_database, rows_of, seen_in, signed_in, tell

pytestmark = pytest.mark.both_engines
ABSENT = "zzzzzzzzzzzz"


@pytest.fixture
def told(app: House) -> Told:
    """Somebody told us everything."""
    app.testing = False
    return tell(app)


def test_a_thief_of_the_database_reads_nothing(app: House, told: Told) -> None:
    for place, raw in raw_database(app):
        assert not seen_in(raw, CANARIES), place
        assert not seen_in(raw, {"a token": told.secrets[0], "another": told.secrets[1]}), place


def test_the_thief_would_have_found_it_unsealed(app: House, told: Told) -> None:
    """The test above can fail: what is public lies there in the open."""
    title = {"a title": "农贸市场周边停车管理办法"}
    assert any(seen_in(raw, title) for _, raw in raw_database(app))


def test_a_thief_of_a_backup_reads_nothing_either(app: House, told: Told, tmp_path: Path) -> None:
    """Every file of it, opened as far as it can be without the office's keys; what is public lies there in the open."""
    out = tmp_path / "backup.tar"
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["backup", "--out", str(out)])
    assert done.exit_code == 0, done.output
    opened = {}
    with tarfile.open(out) as tar:
        for member in tar.getmembers():
            held = tar.extractfile(member)
            if held is not None:
                raw = held.read()
                opened[member.name] = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    assert any(seen_in(raw, {"a title": "农贸市场周边停车管理办法"}) for raw in opened.values()), sorted(opened)
    for name, raw in opened.items():
        assert not seen_in(raw, CANARIES), name
        assert not seen_in(raw, {"a token": told.secrets[0], "another": told.secrets[1]}), name


@pytest.mark.parametrize("table", ["work", "trace", "heard", "message", "conversation", "session"])
def test_what_follows_a_deed_names_it_by_number_only(app: House, told: Told, table: str) -> None:
    assert not seen_in(rows_of(app, table).encode(), CANARIES)


def test_no_log_holds_it(app: House, caplog: pytest.LogCaptureFixture) -> None:
    """Even with every library as talkative as an operator might make it while looking for a fault."""
    app.testing = False
    caplog.set_level(logging.INFO)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
    try:
        tell(app)
    finally:
        logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    written = caplog.text.encode()
    assert b"INSERT INTO question" in written, "the statements were written, or this test proves nothing"
    assert not seen_in(written, CANARIES)


def personal(app: House) -> list[Rule]:
    """Addresses that name a record, at the residents' doors."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.arguments
        and not rule.rule.startswith(("/desk", "/wechat", "/static"))
        and not rule.endpoint.endswith("static")
    ]


def strangers(app: House) -> dict[str, FlaskClient]:
    """Who may not: nobody in particular, and somebody else, at both doors."""
    with app.app_context():
        somebody = a_resident(777)
        db.session.flush()
        browser, _ = signed_in(app, somebody, "site")
        program, _ = signed_in(app, somebody, "mini")
        db.session.commit()
    nobody = app.test_client()
    return {"nobody": nobody, "somebody else's browser": browser, "somebody else's program": program}


def away(answer: Any) -> bool:
    """Not there, not for you, or please sign in; a one-off link that is none is gone."""
    if answer.status_code in (302, 303):
        return bool(answer.location.startswith(("/sign-in", "/oauth/start")))
    return answer.status_code in (400, 401, 404, 405, 410)


def ask(browser: FlaskClient, method: str, address: str) -> Any:
    """As sound as can be, so that only whose it is stands in the way."""
    sound: dict[str, Any] = {
        "comments/rating": {"point": ABSENT, "met": True},
        "comments/second-look": {"point": ABSENT, "reason": "x"},
        "questions/rating": {"helpful": True},
        "lectures/presence": {"code": "123456"},
        "polls/answers": {"answers": [{"name": "q1", "value": 1}]},
    }
    told = (
        {"json": sound.get("/".join(address.split("/")[3::2]), {"text": "x"})}
        if address.startswith("/api/") and method != "GET"
        else {"data": {"text": "x", "sure": "y"}}
    )
    return browser.open(address, method=method, headers={"Idempotency-Key": "stranger-1"}, **told)


def test_nobody_reaches_what_is_somebody_elses(app: House, told: Told) -> None:
    """Every record of a resident at every address that names one, for everybody who is somebody else."""
    leaks, asked = [], 0
    for who, browser in strangers(app).items():
        for rule in personal(app):
            for kind, names in told.owned.items():
                for name in names:
                    parts = {each: 1 if "int:" + each in rule.rule else name for each in rule.arguments}
                    address = app.url_map.bind("localhost").build(rule.endpoint, parts)
                    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                        answer = ask(browser, method, address)
                        asked += 1
                        if seen_in(answer.get_data(), CANARIES):
                            leaks.append(f"{who}: {method} {rule.rule} with a {kind} shows it")
                        same = ask(browser, method, address.replace(name, ABSENT))
                        if not away(answer) or answer.status_code != same.status_code:
                            leaks.append(f"{who}: {method} {rule.rule} with a {kind}: {answer.status_code}")
    assert not leaks
    assert asked > 100


def test_the_owner_reaches_it_all(app: House, told: Told) -> None:
    """The test above can fail: the same addresses serve the person themselves."""
    for name in told.comments:
        assert told.browser.get(f"/comments/{name}").status_code == 200
        assert told.api.get(f"/api/v1/comments/{name}").status_code == 200
    for name in told.questions:
        page = told.browser.get(f"/questions/{name}").get_data()
        words = {n: CANARIES[n] for n in ("the legal question", "what counsel answers", "what is asked once more")}
        assert len(seen_in(page, words)) == 3
        assert told.api.get(f"/api/v1/questions/{name}").get_json()["answer"] == CANARIES["what counsel answers"]
    for name in told.mediations:
        assert CANARIES["the dispute"] in told.browser.get(f"/mediations/{name}").get_data(True)
        assert told.api.get(f"/api/v1/mediations/{name}").get_json()["text"] == CANARIES["the dispute"]
    for name in told.proposals:
        assert CANARIES["its reason"] in told.browser.get(f"/proposals/{name}").get_data(True)
        assert told.api.get(f"/api/v1/proposals/{name}").get_json()["title"] == CANARIES["the proposal"]


def open_pages(app: House) -> list[str]:
    """Addresses that are read and name no record."""
    return sorted(
        rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    )


def test_no_page_of_anybody_else_shows_it(app: House, told: Told) -> None:
    """The whole site and API, read by strangers while the window is open."""
    pages = [page for page in open_pages(app) if not page.startswith("/desk")]
    pages += [f"/consultations/{told.consultation}", f"/api/v1/consultations/{told.consultation}"]
    pages += [f"/lectures/{told.lecture}", f"/api/v1/lectures/{told.lecture}"]
    pages += [f"/reports/{told.consultation}", f"/api/v1/consultations/{told.consultation}/comments"]
    shown = [
        f"{who}: {page}"
        for who, browser in strangers(app).items()
        for page in pages
        if seen_in(browser.get(page).get_data(), CANARIES)
    ]
    assert not shown


def test_the_desk_shows_a_legal_question_to_law_alone(app: House, told: Told) -> None:
    """The justice office and the counsel it was given to; the name and telephone of who asked to nobody else either."""
    question = {n: CANARIES[n] for n in ("the legal question", "what counsel answers", "what is asked once more")}
    pages = [page for page in open_pages(app) if page.startswith("/desk") and "sign-out" not in page]
    pages += [f"/desk/questions/{name}" for name in told.questions]
    seen = set()
    with app.app_context():
        people = [(who.login, signed_in(app, who, "console")[0], who.has("justice", "counsel")) for who in officers()]
        db.session.commit()
    for login, browser, law_person in people:
        for page in pages:
            answer = browser.get(page)
            assert answer.status_code < 500, (login, page)
            if seen_in(answer.get_data(), question):
                seen.add(login)
                assert law_person, f"{login} reads it at {page}"
    assert "luojing" in seen, "the justice office has to see it, or this test proves nothing"


def test_who_comes_to_a_lecture_is_read_by_those_who_hold_it(app: House, told: Told) -> None:
    """By the publicist, the justice office, the party office and the village's own officer, each look with its trace; nobody else."""
    names = {n: CANARIES[n] for n in ("the name", "a neighbour's name", "a neighbour's telephone")}
    pages = [f"/desk/lectures/{told.lecture}{rest}" for rest in ("", "/people", "/edit", "/poster", "/room")]
    pages += ["/desk/lectures", "/desk/lectures/years/2026", "/desk/lectures/years/2026/xlsx"]
    with app.app_context():
        people = [(who.login, signed_in(app, who, "console")[0]) for who in officers()]
        db.session.commit()
    readers = {login for login, browser in people for page in pages if seen_in(browser.get(page).get_data(), names)}
    assert readers == {"linxiao", "luojing", "zhoumin", "mafang"}
    with app.app_context():
        seen = db.session.scalars(select(Trace.actor_name).where(Trace.verb == "read_names")).all()
    assert sorted(seen) == sorted(["林晓", "罗静", "周敏", "马芳"])


def test_the_desk_shows_a_quarrel_to_its_room_and_to_law_alone(app: House, told: Told) -> None:
    """The justice office, and who looks after the room's village; what somebody wrote in a poll nobody reads before the box is opened."""
    pages = [page for page in open_pages(app) if page.startswith("/desk") and "sign-out" not in page]
    pages += [f"/desk/mediations/{name}" for name in told.mediations]
    quarrel = {"the dispute": CANARIES["the dispute"]}
    secret = {"words in a poll": CANARIES["words in a poll"]}
    seen = set()
    with app.app_context():
        village = People()["mafang"].places[0]
        people = [
            (who.login, signed_in(app, who, "console")[0], who.has("justice") or village in who.places)
            for who in officers()
        ]
        db.session.commit()
    for login, browser, may in people:
        for page in pages:
            raw = browser.get(page).get_data()
            assert not seen_in(raw, secret), f"{login} reads an unopened box at {page}"
            if seen_in(raw, quarrel):
                seen.add(login)
                assert may, f"{login} reads it at {page}"
    assert seen >= {"luojing", "mafang"}, "both have to see it, or this test proves nothing"


def test_forgetting_takes_it_all_away(app: House, told: Told) -> None:
    with app.app_context():
        asked = by_public_id(told.consultation)
        assert asked
        who = db.session.get_one(Resident, told.resident)
        wrapped = bytes(who.key.wrapped or b"")
        law.move(40 * 86_400)
        answer_all(People(), asked)
        release(asked, People()["wuqiming"], 3)
        db.session.commit()
        law.forget()
    assert len(wrapped) == 60
    sites = [told.browser, told.api, app.test_client()]
    form = told.browser.post("/me/erase", data={"sure": "y"})
    assert form.status_code == 303
    for browser in sites:
        assert not seen_in(browser.get("/mine").get_data() + browser.get("/api/v1/me").get_data(), CANARIES)
    assert told.api.get("/api/v1/me").status_code == 401, "every telephone that knew this person is signed out"
    with app.app_context():
        assert (
            db.session.scalars(
                select(Session).where(Session.resident_id == told.resident, Session.revoked_at.is_(None))
            ).all()
            == []
        )
        for row in db.session.scalars(select(Comment).where(Comment.resident_id == told.resident)).unique():
            assert row.readable == "（已应本人要求删除）" and row.tokens == "" and row.organisation == ""
        points = db.session.scalars(select(Point)).unique().all()
        assert len(points) == 3 and all(p.shown_text is None and p.shown_name is None for p in points)
        forgotten = db.session.get_one(Resident, told.resident)
        assert (forgotten.name, forgotten.phone, forgotten.phone_index) == ("", "", None)
        db.session.rollback()
        for chain in trail.chains():
            assert check(chain).whole, "forgetting leaves the trail whole"
    _checkpoint(app)
    for place, raw in raw_database(app):
        assert not seen_in(raw, CANARIES), place
        assert wrapped not in raw and wrapped.hex().encode() not in raw, f"the key that opened it still lies in {place}"


def _checkpoint(app: House) -> None:
    """SQLite's log is folded into the file, as it is whenever the last connection closes."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    url = app.extensions["settings"].database_url
    if url.startswith("sqlite:///"):
        folding = sqlite3.connect(Path(url.removeprefix("sqlite:///")))
        folding.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        folding.close()


def test_whoever_was_forgotten_and_speaks_again_is_somebody_new(app: House, told: Told) -> None:
    told.browser.post("/me/erase", data={"sure": "y"})
    reply = told.phone.say("我又来说一句。")
    assert reply.status == 200 and reply.text
    with app.app_context():
        known = Resident.by_identity(OFFICIAL.appid, OPENID)
        assert known.id != told.resident
        assert MINI_OPENID != OPENID
