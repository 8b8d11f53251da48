"""Hostile input at every address that writes, of every door: never a bug, and the same answer on both engines."""

import math
import os
import random
import re
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from wtforms.fields.core import UnboundField

from config.settings import ROOT
from models.kernel import clock
from models.kernel.base import db
from models.kernel.work import Work
from server import house
from server.app import create_app
from server.console.answering import FILTERS
from server.console.forms.intake import Intake
from server.console.forms.showing import RedactAll
from server.house import House
from tests.conftest import Engine, close, ignore, settings_for, settle
from tests.torture.corpus import BODIES, NAMES, RARE, TEXTS, VALUES
from tests.torture.ways import LOOKS, WAYS, Street, Way, declared


def _nothing_stays() -> None:
    """Everything that a commit would write is written and checked by the database, then taken back."""
    db.session.flush()
    db.session.rollback()
    clock.forget()
    Work.take_wanted()


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[tuple[Street, Street]]:
    """The same street on either engine. After it is built no request leaves anything behind, so each meets the same world."""
    folder = tmp_path_factory.mktemp("streets")
    engines = [Engine("sqlite", folder), Engine("postgresql", folder, postgres)]
    apps = []
    for engine in engines:
        app = create_app(settings_for(engine.fresh("street", settle), folder / engine.kind), wake=ignore)
        app.extensions["mini_code"] = lambda code: ("mTortured", None) if code == "good" else None
        apps.append(app)
    made = tuple(Street(app) for app in apps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house, "_commit", _nothing_stays)
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


SHARES = {"console": 15, "site": 2}
"""In the short form each way of these doors meets one in so many of the inputs, drawn anew for each way and each run, so that
every input is met somewhere and every pair on some day; `make fuzz` brings all to all."""


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


def inputs(way: Way, chance: random.Random | None) -> dict[str, Any]:
    """What this door can be told; `chance` draws the short form."""
    texts = {name: text for name, text in TEXTS.items() if chance is None or name not in RARE}
    return some(texts, way, chance) | (VALUES if way.door in ("api", "demo") else {})


def rounds(way: Way, fields: list[str], chance: random.Random | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names of rounds with the fields that are hostile in them.

    In the short form each input meets one field alone, drawn by chance, and every eighth meets all at once;
    in the long form every input meets every field.
    """
    for n, (name, evil) in enumerate(inputs(way, chance).items()):
        if not fields:
            return
        for field in [chance.choice(fields)] if chance else fields:
            yield f"{field}={name}", {field: evil}
        if chance is None or n % 8 == 0:
            yield f"all={name}", dict.fromkeys(fields, evil)


def some(things: dict[str, Any], way: Way, chance: random.Random | None) -> dict[str, Any]:
    """All of them; in the short form, at the doors with many ways, a share."""
    if chance is None or way.door not in SHARES:
        return things
    return dict(chance.sample(list(things.items()), math.ceil(len(things) / SHARES[way.door])))


def torture(streets: tuple[Street, Street], ways: list[Way], chance: random.Random | None) -> Verdicts:
    found, told = Verdicts(streets), 0
    for n, way in enumerate(ways, 1):
        fields = way.fields(streets[0].app)
        before = found.ask(f"{way.method} {way.rule} as {way.who}", lambda s, w=way: s.send(w, sound(s, w)))
        if before[0] >= 400 and way.rule not in REFUSED:
            found.bugs.append(f"{way.rule}: a friend is answered {before}")
        for name, evil in rounds(way, fields, chance):
            key = "torture-0002" if way.door == "api" else ""
            found.ask(
                f"{way.method} {way.rule} {name}",
                lambda s, w=way, e=evil, k=key: s.send(w, sound(s, w) | e, k or "torture-0001"),
            )
        for name, (body, kind) in some(BODIES, way, chance).items():
            found.ask(f"{way.method} {way.rule} body {name}", lambda s, w=way, b=body, k=kind: s.raw(w, b, k))
        if "{" in way.address and way.door != "ear":
            for evil in some(dict.fromkeys(NAMES), way, chance):
                address = evil.join(
                    way.address.rsplit(way.address[way.address.rindex("{") : way.address.rindex("}") + 1], 1)
                )
                found.ask(
                    f"{way.method} {way.rule} at {evil[:20]}", lambda s, w=way, a=address: s.raw(w, b"", "", address=a)
                )
        if chance is None and (told < len(found.bugs) or n % 20 == 0):
            news = "".join(f"\n  {bug}" for bug in found.bugs[told:])
            print(f"{n} of {len(ways)} ways, {found.statuses.total()} requests{news}", flush=True)
            told = len(found.bugs)
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
    seed = int(os.environ.get("FUZZ_SEED", str(time.time_ns())))
    found = torture(streets, ways, random.Random(seed))
    print(
        f"\n{door}, FUZZ_SEED={seed}: {len(ways)} ways, {found.statuses.total()} requests, {dict(sorted(found.statuses.items()))}"
    )
    assert not found.bugs and not found.apart, f"FUZZ_SEED={seed}\n{found.say()}"


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_every_input_in_every_field(streets: tuple[Street, Street]) -> None:
    found = torture(streets, list(WAYS), None)
    print(f"\n{len(WAYS)} ways, {found.statuses.total()} requests, {dict(sorted(found.statuses.items()))}")
    assert not found.bugs and not found.apart, found.say()


ASKED = sorted(
    {
        name
        for file in (ROOT / "server" / "console").rglob("*.py")
        for name in re.findall(r"args(?:\.get\(|\[)\"(\w+)\"", file.read_text(encoding="utf-8"))
    }
    | set(FILTERS)
    | {name for form in (Intake, RedactAll) for name in vars(form) if isinstance(vars(form)[name], UnboundField)}
)
"""Everything that a page of the desk may be asked in its address."""
ANSWERS = (
    "\x00", str(2**63), "-1", "0", "9" * 400, "1e9", "٣", "字" * 3000, "' OR 1=1 --", "%", "zzzzzzzzzzzz", "3-4", "9999999999-1",
    "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "2026-13", "0001-01", "9999-12", "2026", "99999",
)  # fmt: skip


def looked_up(streets: tuple[Street, Street], chance: random.Random | None) -> Verdicts:
    """Every page of the desk, its address asking for what is not there: all of it at once with each answer, each thing alone with one; or a draw of these."""
    found = Verdicts(streets)
    for n, way in enumerate(LOOKS):
        whole = [(ASKED, evil) for evil in ANSWERS]
        parts = [([name], ANSWERS[(n + m) % len(ANSWERS)]) for m, name in enumerate(ASKED)]
        for names, evil in [chance.choice(chance.choice((whole, parts)))] if chance else whole + parts:
            asked = urllib.parse.urlencode(dict.fromkeys(names, evil))
            found.ask(
                f"GET {way.address} {'all' if names is ASKED else names[0]}={evil[:20]!r}",
                lambda s, w=way, a=asked: s.raw(w, b"", "", address=f"{w.address}?{a}"),
            )
    return found


@pytest.mark.timeout(600)
def test_what_an_address_asks_of_a_page_is_answered_alike_on_both_engines(streets: tuple[Street, Street]) -> None:
    seed = int(os.environ.get("FUZZ_SEED", str(time.time_ns())))
    found = looked_up(streets, random.Random(seed))
    print(f"\nFUZZ_SEED={seed}: {len(LOOKS)} pages, {dict(sorted(found.statuses.items()))}")
    assert not found.bugs and not found.apart, f"FUZZ_SEED={seed}\n{found.say()}"


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_everything_is_asked_of_every_page(streets: tuple[Street, Street]) -> None:
    found = looked_up(streets, None)
    print(f"\n{len(LOOKS)} pages, {found.statuses.total()} requests, {dict(sorted(found.statuses.items()))}")
    assert not found.bugs and not found.apart, found.say()
