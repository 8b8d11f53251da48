"""A street with two cases whose trail was looked at once, and what people can do to it who should not."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import Result
from sqlalchemy import Connection, create_engine, text

from config.settings import Settings
from models.comments.receive import receive
from models.decisions.consultation import Channel, by_public_id
from models.kernel import clock as law
from models.kernel import trail
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.evidence import Memory, memory_path
from models.kernel.heads import keep, take_daily_head
from models.kernel.trail import TraceLink
from models.kernel.triggers import TRIGGERS, Trigger
from models.kernel.witness import Witness
from models.people.unit import Unit
from server.app import create_app
from server.house import House, brief
from tests import services
from tests.conftest import Engine, People, close, ignore, settings_for
from tests.making import a_comment, a_consultation, a_release, a_resident, answer_all

GUARDS = [t for t in TRIGGERS if t.table in ("trace", "trace_link", "daily_head", "answer_version", "clause")]


@dataclass
class Scene:
    """The street, opened on a copy of its database and of what lies beside it."""

    app: House
    case: str = ""
    """The chain of a case with a release; all of it was seen at the last look, and a daily head covers it."""
    other: str = ""
    """The chain of a case whose tail is newer than the last look, and whose last row has no place yet."""
    asked: str = ""
    month: str = ""
    rows: dict[str, list[tuple[int, int | None]]] = field(default_factory=dict)
    """Each chain's rows: number and place."""

    @property
    def folder(self) -> Path:
        """What lies beside the database."""
        path: Path = self.app.extensions["settings"].data_dir / "trail"
        return path

    def row(self, place: int, chain: str | None = None) -> int:
        """The number of the row at a place."""
        return next(number for number, position in self.rows[chain or self.case] if position == place)

    def tip(self, chain: str | None = None) -> int:
        """The last place of a chain."""
        return max(position or 0 for _, position in self.rows[chain or self.case])

    def waiting(self) -> int:
        """The number of the row that has no place."""
        return next(number for number, position in self.rows[self.other] if position is None)

    def verify(self, *args: str) -> Result:
        """The command, as a process of its own would run it."""
        with self.app.app_context():
            found: Result = self.app.test_cli_runner().invoke(args=["trail", "verify", *args])
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exc_info
        return found

    def forget(self, *names: str) -> None:
        """Lose what lies beside the database: notes, heads, memory."""
        for name in names:
            for path in self.folder.glob({"notes": "written-*", "heads": "heads.jsonl", "memory": "memory.json"}[name]):
                path.unlink()
        self.start_again()

    def start_again(self) -> None:
        """The worker is started again, and reads what lies beside the database."""
        self.app.extensions["witness"] = Witness(self.folder)

    def administrator(self, *statements: str | tuple[str, dict[str, Any]], **values: Any) -> None:
        """Whoever owns the database: the guards are taken away, the deed is done, the guards are put back."""
        settings: Settings = self.app.extensions["settings"]
        made = create_engine(settings.database_url)
        with made.begin() as connection:
            self._open(connection)
            for statement in statements:
                words, told = statement if isinstance(statement, tuple) else (statement, values)
                told = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in told.items()}
                connection.execute(text(words), told)
            for trigger in GUARDS:
                for words in [
                    f"DROP TRIGGER IF EXISTS {trigger.name}{self._on(connection, trigger)}",
                    *trigger.ddl(connection.dialect.name),
                ]:
                    connection.exec_driver_sql(words)
        made.dispose()

    def kept(self, query: str, **values: Any) -> dict[str, Any]:
        """A row as it is now, to be put back."""
        with self.app.app_context():
            return dict(db.session.execute(text(query), values).mappings().one())

    def _open(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = 'replica'"))
        for trigger in GUARDS:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger.name}{self._on(connection, trigger)}")

    @staticmethod
    def _on(connection: Connection, trigger: Trigger) -> str:
        return f" ON {trigger.table}" if connection.dialect.name == "postgresql" else ""

    def sequencer(self) -> int:
        """What the worker does every two seconds."""
        with self.app.app_context(), brief():
            return trail.sequence()


def build(settings: Settings) -> None:
    """For a template: the invented street, lived in for a month and a day, and looked at."""
    app = create_app(settings, wake=ignore)
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["setup", "--demonstration"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    told: dict[str, Any] = {}
    with app.app_context():
        with brief():
            case = a_consultation(People())
            for n in range(4):
                a_comment(case, a_resident(n), f"第{n + 1}句话")
            told["case"] = case.chain
            first = case.public_id
        with brief():
            law.move(31 * 86400)
        with brief():
            found = by_public_id(first)
            answer_all(People(), found)
            a_release(People(), found)
            Unit.found(People()["xitong"], "平安法治办")
        _links()
        with brief():
            take_daily_head(today())
        with brief(write=False):
            keep()
        with brief():
            other = a_consultation(People(), title="青禾街道夜市摊位管理办法")
            a_comment(other, a_resident(1), "收摊再晚一点。")
            told |= {"other": other.chain, "asked": other.public_id, "month": trail.month()}
        _links()
        with brief():
            law.move(86400)
        with brief():
            take_daily_head(today())
        with brief(write=False):
            keep()
        looked = app.test_cli_runner().invoke(args=["trail", "verify"], catch_exceptions=False)
        assert looked.exit_code == 0, looked.output
        with brief():
            say(told["asked"], 2)
            say(told["asked"], 3)
        _links()
        with brief():
            say(told["asked"], 4)
    settings.data_dir.joinpath("told.json").write_text(json.dumps(told))
    close(app)


def say(asked: str, who: int) -> None:
    """One more comment on the open matter."""
    receive(by_public_id(asked), a_resident(who), f"第{who}个人的话", channel=Channel.H5)


def _links() -> None:
    while True:
        with brief():
            if not trail.sequence():
                return


def opened(engine: Engine, tmp_path: Path) -> Iterator[Scene]:
    """A copy of the street and of what lies beside its database."""
    address = engine.fresh("trailed", build)
    kept = services.run_folder() / f"trailed_{engine.kind}-files"
    shutil.copytree(kept, tmp_path / "data")
    app = create_app(settings_for(address, tmp_path / "data"), wake=ignore)
    made = Scene(app, **json.loads((kept / "told.json").read_text()))
    with app.app_context():
        for chain in (made.case, made.other, made.month):
            query = (
                db.select(trail.Trace.id, TraceLink.position)
                .outerjoin(TraceLink, TraceLink.trace_id == trail.Trace.id)
                .where(trail.Trace.chain == chain)
                .order_by(trail.Trace.id)
            )
            made.rows[chain] = [(row[0], row[1]) for row in db.session.execute(query)]
        assert Memory.load(memory_path()) is not None
        db.session.remove()
    yield made
    close(app)


def lines(found: Result) -> Sequence[str]:
    """What the command found, a line each."""
    return [line for line in found.output.splitlines() if line.startswith("✕")]
