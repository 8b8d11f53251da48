"""The token centre: one fetch for everybody, on either engine, across threads and processes, whatever WeChat does."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import ROOT
from models.kernel.base import db
from models.kernel.clock import wall
from models.messages.token import WireToken
from server.house import House, brief
from server.wire.errors import Reaction, Unknown, WireError
from server.wire.wire import Wire
from tests.conftest import MINI, OFFICIAL, Engine, migrate, settings_for
from tests.houses import bare_house
from tests.wire.conftest import Stub

PATH = "/cgi-bin/stable_token"
APPID = OFFICIAL.appid


class Place:
    """A database, a stub and any number of processes' worth of wires over them."""

    def __init__(self, engine: Engine, stub: Stub, folder: Path) -> None:
        self.stub = stub
        self.url = engine.fresh("migrated", migrate)
        self.folder = folder
        self.settings = settings_for(self.url, folder, wechat_api_base=stub.url)
        self.app: House = bare_house(self.settings)

    def wire(self) -> Wire:
        return Wire(self.settings)

    def row(self) -> WireToken:
        with brief(write=False):
            row = db.session.scalars(select(WireToken).where(WireToken.appid == APPID)).one()
            db.session.expunge(row)
            return row


@pytest.fixture
def place(engine: Engine, stub: Stub, tmp_path: Path) -> Iterator[Place]:
    place = Place(engine, stub, tmp_path)
    with place.app.app_context():
        yield place
        db.engine.dispose()


@pytest.mark.both_engines
def test_sixteen_callers_in_two_processes_make_one_fetch(place: Place) -> None:
    def slow(asked: object) -> dict[str, object]:
        threading.Event().wait(0.4)
        return {"access_token": "FRESH-TOKEN-1", "expires_in": 7200}

    place.stub.say(PATH, slow)
    command = [sys.executable, "-m", "tests.wire.token_process", place.url, place.stub.url, str(place.folder), "8"]
    crowd = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for one in crowd:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    got = [line for one in crowd for line in one.communicate(timeout=60)[0].split()]
    assert got == ["FRESH-TOKEN-1"] * 16
    (asked,) = place.stub.of(PATH)
    assert asked.json == {"grant_type": "client_credential", "appid": APPID, "secret": OFFICIAL.secret}
    assert asked.query == {}, "the secret goes in the body, never in the address"


@pytest.mark.both_engines
def test_the_token_lies_sealed_in_the_table_and_serves_the_next_process(place: Place) -> None:
    place.stub.say(PATH, {"access_token": "FRESH-TOKEN-1", "expires_in": 7200})
    assert place.wire().tokens.token(APPID) == "FRESH-TOKEN-1"
    assert place.wire().tokens.token(APPID) == "FRESH-TOKEN-1"
    assert len(place.stub.of(PATH)) == 1
    row = place.row()
    assert row.sealed_token
    assert b"FRESH-TOKEN" not in row.sealed_token
    assert (row.lease_owner, row.lease_until) == ("", None)


@pytest.mark.both_engines
def test_a_token_near_its_end_is_replaced(place: Place) -> None:
    place.stub.say(
        PATH, {"access_token": "OLD-TOKEN-1", "expires_in": 100}, {"access_token": "NEW-TOKEN-2", "expires_in": 7200}
    )
    wire = place.wire()
    assert wire.tokens.token(APPID) == "OLD-TOKEN-1"
    assert wire.tokens.token(APPID) == "NEW-TOKEN-2"
    assert wire.tokens.token(APPID) == "NEW-TOKEN-2"
    assert len(place.stub.of(PATH)) == 2


@pytest.mark.both_engines
def test_a_refused_token_is_fetched_anew_by_one_only(place: Place) -> None:
    place.stub.say(
        PATH, {"access_token": "DEAD-TOKEN-1", "expires_in": 7200}, {"access_token": "LIVE-TOKEN-2", "expires_in": 7200}
    )
    wires = [place.wire() for _ in range(6)]
    assert {w.tokens.token(APPID) for w in wires} == {"DEAD-TOKEN-1"}
    got: list[str] = []

    def refuse(wire: Wire) -> None:
        with place.app.app_context():
            got.append(wire.tokens.refused(APPID, "DEAD-TOKEN-1"))

    crowd = [threading.Thread(target=refuse, args=(w,)) for w in wires for _ in range(2)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert got == ["LIVE-TOKEN-2"] * 12
    assert len(place.stub.of(PATH)) == 2


@pytest.mark.both_engines
def test_the_lease_of_a_dead_process_runs_out(place: Place) -> None:
    place.stub.say(PATH, {"access_token": "FRESH-TOKEN-1", "expires_in": 7200})
    with brief():
        db.session.add(
            WireToken(appid=APPID, lease_owner="dead", lease_until=wall() + timedelta(seconds=0.6), expires_at=None)
        )
    began = wall()
    assert place.wire().tokens.token(APPID) == "FRESH-TOKEN-1"
    assert wall() - began > timedelta(seconds=0.5)


def test_who_lost_the_lease_does_not_overwrite_the_table(place: Place) -> None:
    def overtaken(asked: object) -> dict[str, object]:
        with place.app.app_context(), brief():
            row = db.session.scalars(select(WireToken).where(WireToken.appid == APPID)).one()
            row.lease_owner = "another"
        return {"access_token": "LATE-TOKEN-1", "expires_in": 7200}

    place.stub.say(PATH, overtaken)
    assert place.wire().tokens.token(APPID) == "LATE-TOKEN-1"
    row = place.row()
    assert row.lease_owner == "another"
    assert row.sealed_token is None


def test_a_wrong_secret_stops_everybody_and_is_not_asked_again(place: Place) -> None:
    for errcode in (40001, 40125, 40013, 40164):
        place.stub.asked.clear()
        place.stub.say(PATH, {"errcode": errcode, "errmsg": "no rid: 6770cbe3-17230db3-7e65e289"})
        wire = place.wire()
        for _ in range(5):
            with pytest.raises(WireError) as refused:
                wire.tokens.token(APPID)
            assert refused.value.reaction is Reaction.ALARM_STOP
            assert refused.value.rid == "6770cbe3-17230db3-7e65e289"
        assert len(place.stub.of(PATH)) == 1
        assert place.row().lease_owner == ""


def test_when_wechat_is_away_callers_do_not_queue_up_for_their_own_try(place: Place) -> None:
    for answer in ("cut", 500, {"errcode": 0}, {"errcode": -1}):
        place.stub.asked.clear()
        place.stub.say(PATH, answer)
        wire = place.wire()
        for _ in range(4):
            with pytest.raises((WireError, Unknown)):
                wire.tokens.token(APPID)
        assert len(place.stub.of(PATH)) == 1


def test_two_accounts_do_not_share_a_token(place: Place) -> None:
    place.stub.say(PATH, lambda asked: {"access_token": f"TOKEN-OF-{asked.json['appid']}", "expires_in": 7200})
    wire = place.wire()
    assert wire.tokens.token(APPID) == f"TOKEN-OF-{APPID}"
    assert wire.tokens.token(MINI.appid) == f"TOKEN-OF-{MINI.appid}"
    assert wire.tokens.token(APPID) == f"TOKEN-OF-{APPID}"


def test_repr_of_the_whole_wire_holds_no_secret(place: Place) -> None:
    place.stub.say(PATH, {"access_token": "FRESH-TOKEN-1", "expires_in": 7200})
    wire = place.wire()
    wire.tokens.token(APPID)
    said = repr(wire) + repr(wire.tokens) + repr(wire.official) + str(place.settings)
    for secret in (OFFICIAL.secret, MINI.secret, OFFICIAL.aes_key, "FRESH-TOKEN-1"):
        assert secret not in said
