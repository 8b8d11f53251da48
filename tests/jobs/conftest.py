"""The clockwork over the invented street, with a scripted WeChat on the other end of the line."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import Settings
from models.comments.receive import receive
from models.decisions.consultation import Channel, by_public_id
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.work import Work
from models.messages.message import Message
from models.people.resident import Grant, Identity
from server.app import create_app
from server.house import House, brief
from server.jobs.kinds import JOBS
from server.jobs.queue import Queue
from server.voice.voice import Voice
from tests.conftest import MINI, OFFICIAL, Engine, close, ignore, settings_for, settle
from tests.wechat.consultations import Publisher
from tests.wire.conftest import Stub

TEMPLATE = "/cgi-bin/message/template/send"
SUBSCRIBE = "/cgi-bin/message/subscribe/send"
CUSTOMER = "/cgi-bin/message/custom/send"


@pytest.fixture
def stub() -> Iterator[Stub]:
    server = Stub()
    server.say("/cgi-bin/stable_token", {"access_token": "TOKEN-FOR-JOBS-1", "expires_in": 7200})
    server.say(TEMPLATE, lambda asked: {"errcode": 0, "msgid": int(asked.json["client_msg_id"][1:]) + 1000})
    server.say("/cgi-bin/material/add_material", {"media_id": "COVER", "url": "U"})
    server.say("/cgi-bin/draft/add", {"media_id": "DRAFT"})
    yield server
    server.close()


@pytest.fixture
def settings(engine: Engine, tmp_path: Path, stub: Stub) -> Settings:
    return settings_for(engine.fresh("street", settle), tmp_path / "data", wechat_api_base=stub.url)


class Works:
    """What a test of the clockwork needs at hand."""

    def __init__(self, app: House, stub: Stub) -> None:
        self.app, self.stub = app, stub
        self.publisher = Publisher(app)
        self.queue = Queue(app, JOBS, "worker-1")

    def worker(self, name: str, jobs: Any = JOBS) -> Queue:
        return Queue(self.app, jobs, name)

    def open(self) -> str:
        return self.publisher()

    def comment(self, asked: str, name: str, *, follows: bool = True, grants: int = 0, mini: bool = False) -> int:
        """Somebody comments by chat; returns their number."""
        with self.app.app_context(), brief():
            consultation = by_public_id(asked)
            assert consultation
            identity = Identity.seen(OFFICIAL.appid, f"o-{name}", f"u-{name}")
            if follows:
                identity.follow()
            who = identity.resident.current
            if mini or grants:
                there = Identity.seen(MINI.appid, f"m-{name}", f"u-{name}")
                for _ in range(grants):
                    Grant.accepted(there, MINI.template_answer or "")
            receive(consultation, who, f"{name}的意见", channel=Channel.CHAT)
            return who.id

    def release(self, asked: str, *, wrote: Sequence[str] = ()) -> None:
        """31 days later; these have just written to the account again."""
        self.change(lambda: law.move(31 * 86400))
        for name in wrote:
            self.change(lambda: Identity.seen(OFFICIAL.appid, f"o-{name}").heard_from("message"))  # noqa: B023
        self.publisher.answer_all(asked)

    def messages(self) -> list[Message]:
        with self.app.app_context(), brief(write=False):
            rows = list(db.session.scalars(select(Message).order_by(Message.id)))
            db.session.expunge_all()
            return rows

    def work(self, kind: str | None = None) -> list[Work]:
        with self.app.app_context(), brief(write=False):
            query = select(Work).order_by(Work.id)
            rows = list(db.session.scalars(query.where(Work.kind == kind) if kind else query))
            db.session.expunge_all()
            return rows

    def only(self, kind: str) -> Work:
        (found,) = self.work(kind)
        return found

    def do(self, kind: str) -> int:
        """Do what is due of this kind."""
        return sum(self.queue.do(w.id) for w in self.work(kind))

    def want(self, kind: str, payload: dict[str, Any] | None = None, **more: Any) -> int:
        with self.app.app_context():
            with brief():
                Work.want(kind, payload or {}, **more)
            return max(w.id for w in self.work(kind))

    def change(self, act: Callable[[], object]) -> None:
        with self.app.app_context(), brief():
            act()


@pytest.fixture
def works(settings: Settings, stub: Stub) -> Iterator[Works]:
    app = create_app(settings, wake=ignore)
    app.testing = True
    app.extensions["voice"] = Voice.of(settings, app.extensions["wire"])
    yield Works(app, stub)
    app.extensions["wire"].line.close()
    close(app)
