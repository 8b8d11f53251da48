"""Hostile input at every address that writes, of every door: never a bug, and the same answer on both engines."""

import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.kernel import clock
from models.kernel.base import db
from models.kernel.work import Work
from server import house
from server.app import create_app
from server.house import House
from tests.conftest import Engine, close, ignore, settings_for, settle
from tests.torture.corpus import BODIES, NAMES, RARE, TEXTS, VALUES
from tests.torture.ways import WAYS, Street, Way, declared


def _nothing_stays() -> None:
    """Everything that a commit would write is written and checked by the database, then taken back."""
    db.session.flush()
    db.session.rollback()
    clock.forget()
    Work.take_wanted()


@pytest.fixture
def streets(tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Street, Street]]:
    """The same street on either engine. After it is built no request leaves anything behind, so each meets the same world."""
    engines = [Engine("sqlite", tmp_path), Engine("postgresql", tmp_path, postgres)]
    apps = []
    for engine in engines:
        app = create_app(settings_for(engine.fresh("street", settle), tmp_path / engine.kind), wake=ignore)
        app.extensions["mini_code"] = lambda code: ("mTortured", None) if code == "good" else None
        apps.append(app)
    made = tuple(Street(app) for app in apps)
    monkeypatch.setattr(house, "_commit", _nothing_stays)
    yield made  # type: ignore[misc]
    for app in apps:
        close(app)
    for engine in engines:
        engine.drop_all()


def uncovered(app: House) -> set[tuple[str, str]]:
    """Addresses that write and that no way leads to."""
    return declared(app) - {(way.method, way.rule) for way in WAYS}


def test_every_address_that_writes_is_tortured(app: House) -> None:
    assert not uncovered(app)
    assert not {(way.method, way.rule) for way in WAYS} - declared(app), "a way that leads nowhere"


def test_a_new_address_is_noticed(app: House) -> None:
    app.add_url_rule("/desk/forgotten/<any(up, down):deed>", "forgotten", lambda deed: deed, methods=["POST"])
    app.add_url_rule("/api/v1/forgotten/<string(length=12):public_id>", "forgotten_too", lambda: "", methods=["PUT"])
    assert uncovered(app) == {
        ("POST", "/desk/forgotten/up"),
        ("POST", "/desk/forgotten/down"),
        ("PUT", "/api/v1/forgotten/<public_id>"),
    }


def test_there_are_enough_kinds_of_malice() -> None:
    assert len(TEXTS) + len(VALUES) + len(BODIES) >= 100
    assert len(set(TEXTS) - RARE) >= 40


DESKS_SHARE = 5
"""In the short form each form of the desk meets one in so many of the inputs; `make fuzz` brings all to all."""


class Verdicts:
    """What both houses answered."""

    def __init__(self, streets: tuple[Street, Street]) -> None:
        self.streets = streets
        self.statuses: Counter[int] = Counter()
        self.bugs: list[str] = []
        self.apart: list[str] = []

    def ask(self, name: str, send: Any) -> tuple[int, int]:
        """The same to both."""
        first, second = (send(street).status_code for street in self.streets)
        self.statuses.update((first, second))
        if max(first, second) >= 500:
            self.bugs.append(f"{name}: {first} {second}")
        if first != second:
            self.apart.append(f"{name}: {first} on SQLite, {second} on PostgreSQL")
        return first, second

    def say(self) -> str:
        lines = [*self.bugs, *self.apart]
        return "\n".join(lines[:60]) + (f"\n… {len(lines)} in all" if len(lines) > 60 else "")


def sound(street: Street, way: Way) -> dict[str, Any]:
    """What a friend would send."""
    told: dict[str, Any] = street.filled(way.told)
    return told


def inputs(way: Way, *, whole: bool) -> dict[str, Any]:
    """What this door can be told; of the many forms of the desk, which one parser reads, each meets its own share in the short form."""
    texts = {name: text for name, text in TEXTS.items() if whole or name not in RARE}
    if way.door == "console" and not whole:
        return dict(some(texts, way, whole=False))
    return texts | VALUES if way.door in ("api", "demo") else texts


def rounds(way: Way, fields: list[str], *, whole: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names of rounds with the fields that are hostile in them.

    In the short form each input meets one field alone, another one each time, and every eighth meets all at once;
    in the long form every input meets every field.
    """
    for n, (name, evil) in enumerate(inputs(way, whole=whole).items()):
        if not fields:
            return
        for field in fields if whole else [fields[(n + len(way.rule)) % len(fields)]]:
            yield f"{field}={name}", {field: evil}
        if whole or n % 8 == 0:
            yield f"all={name}", dict.fromkeys(fields, evil)


def some(things: dict[str, Any], way: Way, *, whole: bool) -> Iterator[tuple[str, Any]]:
    """All of them, but at the many desks a fifth each, another fifth at the next."""
    turn = zlib.crc32(way.rule.encode()) % DESKS_SHARE
    for n, (name, thing) in enumerate(things.items()):
        if whole or way.door != "console" or n % DESKS_SHARE == turn:
            yield name, thing


def torture(streets: tuple[Street, Street], ways: list[Way], *, whole: bool) -> Verdicts:
    found = Verdicts(streets)
    for way in ways:
        fields = way.fields(streets[0].app)
        before = found.ask(f"{way.method} {way.rule} as {way.who}", lambda s, w=way: s.send(w, sound(s, w)))
        if before[0] >= 400 and way.rule not in REFUSED:
            found.bugs.append(f"{way.rule}: a friend is answered {before}")
        for name, evil in rounds(way, fields, whole=whole):
            key = "torture-0002" if way.door == "api" else ""
            found.ask(
                f"{way.method} {way.rule} {name}",
                lambda s, w=way, e=evil, k=key: s.send(w, sound(s, w) | e, k or "torture-0001"),
            )
        for name, (body, kind) in some(BODIES, way, whole=whole):
            found.ask(f"{way.method} {way.rule} body {name}", lambda s, w=way, b=body, k=kind: s.raw(w, b, k))
        if "{" in way.address and way.door != "ear":
            for evil, _ in some(dict.fromkeys(NAMES, ""), way, whole=whole):
                address = evil.join(
                    way.address.rsplit(way.address[way.address.rindex("{") : way.address.rindex("}") + 1], 1)
                )
                found.ask(
                    f"{way.method} {way.rule} at {evil[:20]}", lambda s, w=way, a=address: s.raw(w, b"", "", address=a)
                )
    return found


REFUSED = {
    "/receipt",  # 422: nobody's PIN is 123456
    "/desk/cases/<public_id>/materials",  # 422: no file comes along
    "/desk/cases/<public_id>/meeting-pack",
    "/desk/cases/<public_id>/filing",
    "/desk/meetings/<public_id>/scan",
    "/desk/older",
    "/desk/slips/<public_id>/scan",
    "/desk/consultations/<public_id>/table",
    "/desk/articles/<public_id>/pictures",
    "/desk/lectures/<public_id>/files",
    "/desk/answering/<public_id>/table",
    "/desk/sign-off/<public_id>/hand-over",  # 422: this street has no second handler
    "/desk/cases/<public_id>/drafts/next",  # 422: two ways to change 第五条, and which is for a person to say
    "/desk/experts/<public_id>/readmit",  # 409: this one is in office
    "/desk/engagements/<public_id>/declare",  # 422: a signed paper is wanted
    "/desk/engagements/<public_id>/hear",
    "/desk/cases/<public_id>/risk",  # 409: a round is under way
    "/desk/cases/<public_id>/send-to-review",  # 422: this case waits for its place in the catalogue
    "/desk/legal-reviews/<public_id>/conclude",  # 422: the seven working days have not passed
    "/comments/<public_id>/again",  # 404: this comment has no answer yet
    "/desk/sign-in/as",  # 403: the host's name is no officer's
}
"""Where even a friend is refused here: the deed has no subject, or no right answer is known."""

DOORS = ("api", "site", "ear", "console")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("door", DOORS)
def test_hostile_input_is_refused_alike_on_both_engines(streets: tuple[Street, Street], door: str) -> None:
    ways = [way for way in WAYS if way.door == door or (door == "ear" and way.door == "demo")]
    found = torture(streets, ways, whole=False)
    print(f"\n{door}: {len(ways)} ways, {found.statuses.total()} requests, {dict(sorted(found.statuses.items()))}")
    assert not found.bugs and not found.apart, found.say()


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_every_input_in_every_field(streets: tuple[Street, Street]) -> None:
    found = torture(streets, list(WAYS), whole=True)
    print(f"\n{len(WAYS)} ways, {found.statuses.total()} requests, {dict(sorted(found.statuses.items()))}")
    assert not found.bugs and not found.apart, found.say()
