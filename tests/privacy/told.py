"""What one resident told us in confidence, by every door, each under words that occur nowhere else."""

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from models.kernel.base import db
from models.outreach.attendee import Attendee
from models.outreach.legal_place import LegalPlace, LegalPlaceKind
from models.people.officer import Officer
from models.people.resident import Identity, Resident
from models.people.session import Session
from models.questions.question import by_public_id as question_of
from server.house import OFFICER_COOKIE, RESIDENT_COOKIE, House
from tests import services
from tests.conftest import MINI, OFFICIAL, People
from tests.making import a_consultation, a_lecture, a_poll
from tests.wechat.phone import Phone

OPENID = "oCanary0123456789abcdefghijk"
MINI_OPENID = "mCanary0123456789abcdefghijk"
CANARIES = {
    "the comment": "鹮鸬鹈鹕的意见",
    "the supplement": "鸊鷉又补一句",
    "words in the chat": "鸳鹭对话原话",
    "words on the page": "鹪鹩网页原话",
    "the legal question": "鸨鸧法律难题",
    "what counsel answers": "鸲鹆法律答复",
    "what is asked once more": "鸩鸮又追问一句",
    "the proposal": "鹡鸰决策建议",
    "its reason": "鹡鸰建议理由",
    "the dispute": "鸱鸮隔壁的墙",
    "words in a poll": "鹍鸡问卷里的话",
    "the name": "欧阳鹣鹣",
    "the telephone": "13987650421",
    "the organisation": "鹧鸪粮油合作社",
    "a neighbour's name": "皇甫鸂鶒",
    "a neighbour's telephone": "13987650433",
}


@dataclass
class Told:
    """Everything that this person has here, by kind."""

    app: House
    consultation: str = ""
    lecture: str = ""
    comments: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    proposals: list[str] = field(default_factory=list)
    mediations: list[str] = field(default_factory=list)
    resident: int = 0
    browser: FlaskClient = None  # type: ignore[assignment]
    api: FlaskClient = None  # type: ignore[assignment]
    phone: Phone = None  # type: ignore[assignment]
    secrets: list[str] = field(default_factory=list)
    """Tokens that were handed out."""

    @property
    def owned(self) -> dict[str, list[str]]:
        """Public ids that belong to this person alone."""
        return {
            "comment": self.comments,
            "question": self.questions,
            "proposal": self.proposals,
            "mediation": self.mediations,
        }


def signed_in(app: House, person: Officer | Resident, door: str) -> tuple[FlaskClient, str]:
    """A browser, or a telephone's program, of this person; and its token."""
    token = Session.open_for(person, door, "a test")
    db.session.flush()
    row = Session.find(token, door)
    assert row
    browser = app.test_client()
    if door == "mini":
        browser.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    else:
        name, path = (RESIDENT_COOKIE, "/") if door == "site" else (OFFICER_COOKIE, "/desk")
        browser.set_cookie(name, token, path=path)
        browser.environ_base["HTTP_X_CSRF_TOKEN"] = row.csrf
    return browser, token


def tell(app: House) -> Told:
    """Tell it: by the mini program, on the page, in the chat."""
    told = Told(app)
    with app.app_context():
        told.consultation = a_consultation(People()).public_id
        who = Resident.by_identity(OFFICIAL.appid, OPENID, "uCanary")
        Identity.seen(MINI.appid, MINI_OPENID, "uCanary")
        db.session.flush()
        told.resident = who.current.id
        told.browser, first = signed_in(app, who, "site")
        told.api, second = signed_in(app, who, "mini")
        told.secrets = [first, second]
        db.session.commit()
    told.phone = Phone(app.test_client(), OFFICIAL, OPENID)
    said = told.api.patch("/api/v1/me", json={"name": CANARIES["the name"], "phone": CANARIES["the telephone"]})
    assert said.status_code == 200, said.get_data(True)
    said = told.api.post(
        "/api/v1/comments",
        json={
            "consultation": told.consultation,
            "text": CANARIES["the comment"],
            "kind": "organisation",
            "organisation": CANARIES["the organisation"],
        },
        headers={"Idempotency-Key": "canary-0001"},
    )
    assert said.status_code == 201, said.get_data(True)
    told.comments.append(said.get_json()["id"])
    said = told.api.post(
        f"/api/v1/comments/{told.comments[0]}/supplements",
        json={"text": CANARIES["the supplement"]},
        headers={"Idempotency-Key": "canary-0002"},
    )
    assert said.status_code == 201, said.get_data(True)
    form = {"text": CANARIES["words on the page"], "key": "c" * 64, "kind": "individual", "shown": "gist"}
    answer = told.browser.post(f"/consultations/{told.consultation}/comment", data=form)
    assert answer.status_code == 303, answer.get_data(True)[:500]
    found = re.search(r"/(?:receipts|comments)/([a-z0-9]{12})", answer.headers["Location"])
    assert found
    told.comments.append(found[1])
    assert "收到" in told.phone.say(CANARIES["words in the chat"]).text
    said = told.api.post(
        "/api/v1/questions", json={"text": CANARIES["the legal question"]}, headers={"Idempotency-Key": "canary-0003"}
    )
    assert said.status_code == 201, said.get_data(True)
    told.questions.append(said.get_json()["id"])
    with app.app_context():
        people, asked = People(), question_of(told.questions[0])
        assert asked
        asked.assign(people["luojing"], people["pengyuan"])
        asked.answer_it(people["pengyuan"], CANARIES["what counsel answers"])
        db.session.commit()
    said = told.api.post(
        f"/api/v1/questions/{told.questions[0]}/follow-ups",
        json={"text": CANARIES["what is asked once more"]},
        headers={"Idempotency-Key": "canary-0005"},
    )
    assert said.status_code == 201, said.get_data(True)
    said = told.api.post(
        "/api/v1/proposals",
        json={"title": CANARIES["the proposal"], "text": CANARIES["its reason"]},
        headers={"Idempotency-Key": "canary-0004"},
    )
    assert said.status_code == 201, said.get_data(True)
    told.proposals.append(said.get_json()["id"])
    with app.app_context():
        people = People()
        lecture = a_lecture(people, seats=0)
        told.lecture = lecture.public_id
        name, phone = CANARIES["a neighbour's name"], CANARIES["a neighbour's telephone"]
        Attendee.enter(people["mafang"], lecture, name, phone, None, key=None)
        db.session.commit()
    assert told.browser.post(f"/lectures/{told.lecture}", data={"deed": "sign_up"}).status_code == 303
    near_home(told)
    return told


def near_home(told: Told) -> None:
    """A quarrel that is to be mediated, and an opinion in a poll."""
    with told.app.app_context():
        people = People()
        village = people["mafang"].places[0]
        room = LegalPlace.add(people["luojing"], LegalPlaceKind.MEDIATION, village, name="东湖村调解室", hours="周三")
        poll = a_poll(people)
        db.session.commit()
        rooms, polls = room.public_id, poll.public_id
    said = told.api.post(
        "/api/v1/mediations",
        json={"room": rooms, "dispute": "land", "text": CANARIES["the dispute"]},
        headers={"Idempotency-Key": "canary-0006"},
    )
    assert said.status_code == 201, said.get_data(True)
    told.mediations.append(said.get_json()["id"])
    said = told.api.post(
        f"/api/v1/polls/{polls}/answers",
        json={
            "answers": [
                {"name": "q1", "value": 0},
                {"name": "q2", "value": [1]},
                {"name": "q4", "value": CANARIES["words in a poll"]},
            ]
        },
        headers={"Idempotency-Key": "canary-0007"},
    )
    assert said.status_code == 201, said.get_data(True)


def disguises(text: str) -> list[bytes]:
    """A text as it may lie in a file."""
    return [
        text.encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        text.encode("unicode_escape"),
        text.encode("ascii", "xmlcharrefreplace"),
        "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
        "".join(f"%{byte:02x}" for byte in text.encode()).encode(),
        text.encode().hex().encode(),
    ]


def seen_in(raw: bytes, texts: dict[str, str]) -> list[str]:
    """Which of the texts are there, in whatever disguise."""
    lower = raw.lower()
    return [name for name, text in texts.items() if any(form.lower() in lower for form in disguises(text))]


def raw_database(app: House) -> Iterator[tuple[str, bytes]]:
    """The database as a thief would carry it off: its files, or its dump."""
    url = app.extensions["settings"].database_url
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        for file in sorted(path.parent.glob(f"{path.name}*")):
            yield file.name, file.read_bytes()
        # What SQLite itself can still find in the pages, read row by row.
        with closing(sqlite3.connect(path)) as reading:
            yield "every row", "\n".join(reading.iterdump()).encode()
        return
    program = shutil.which("pg_dump") or services.find("pg_dump", "/usr/lib/postgresql/*/bin/pg_dump")
    done = subprocess.run([str(program), url.replace("+psycopg", "")], capture_output=True, check=True, timeout=60)
    yield "pg_dump", done.stdout


def rows_of(app: House, table: str) -> str:
    """Every row of a table, as text."""
    with app.app_context():
        rows: list[Any] = list(db.session.execute(db.text(f"SELECT * FROM {table}")))
        return "\n".join(repr(tuple(row)) for row in rows)
