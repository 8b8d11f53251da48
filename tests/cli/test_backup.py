"""A backup is one that was restored: taken under load, compared row by row, refused when one byte is wrong; the same for moving house."""

import io
import json
import random
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from config.settings import Settings
from models import files
from models.comments.comment import Comment
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.evidence import check as check_chain
from models.kernel.trail import chains, sequence
from models.kernel.work import Heartbeat
from models.people.resident import Resident
from server.app import Unsafe, create_app, fit
from server.cli.backup import Damaged, check
from server.house import House, brief
from tests.conftest import Engine, People, close, ignore, settings_for
from tests.making import a_comment, a_consultation, a_resident

pytestmark = pytest.mark.both_engines


@pytest.fixture
def office(app: House, settings: Settings) -> House:
    """A street with a case, people who are merged, a sealed name, a file, and a trail that is linked."""
    with app.app_context(), brief():
        asked = a_consultation(People())
        for n in range(1, 30):
            a_comment(asked, a_resident(n), f"第{n}句：\u2028换行😀「引号」\\")
        one, two = a_resident(1), a_resident(2)
        one.introduce(one, name="周女士", phone="13800000000", door="h5")
        one.merge_into(one, two)  # points at a later number
        files.keep(b"a plan of the market")
        files.keep(b"a voice", key=bytes(32))
        sequence()
    return app


def run(app: House, *args: str) -> Any:
    with app.app_context():
        return app.test_cli_runner().invoke(args=list(args))


@pytest.fixture
def saved(office: House, tmp_path: Path) -> Path:
    path = tmp_path / "backup.tar"
    done = run(office, "backup", "--out", str(path))
    assert done.exit_code == 0, done.output
    assert "核对过" in done.output
    return path


@pytest.fixture
def elsewhere(engine: Engine, tmp_path: Path) -> Iterator[Callable[[str], House]]:
    """An office's settings over an empty database and an empty folder."""
    made: list[House] = []

    def house(url: str, folder: str = "elsewhere") -> House:
        made.append(create_app(settings_for(url, tmp_path / folder), wake=ignore))
        return made[-1]

    yield house
    for app in made:
        close(app)


def seen(app: House) -> dict[str, Any]:
    with app.app_context(), brief(write=False):
        named = db.session.scalars(select(Resident).where(Resident.sealed_name.is_not(None))).unique().one()
        return {
            "texts": [c.text for c in db.session.scalars(select(Comment).order_by(Comment.id)).unique()],
            "name": (named.name, named.phone, named.current.id),
            "chains": {chain: check_chain(chain).rows for chain in chains() if check_chain(chain).whole},
        }


def test_what_was_saved_comes_back_whole_and_goes_on(
    office: House, saved: Path, engine: Engine, elsewhere: Callable[[str], House], settings: Settings
) -> None:
    before = seen(office)
    again = elsewhere(engine.empty())
    done = run(again, "restore", "run", str(saved))
    assert done.exit_code == 0, done.output
    assert "逐表核对一致" in done.output
    assert seen(again) == before
    assert before["chains"]
    stored = {p.name for p in (settings.data_dir / "files").rglob("*") if p.is_file()}
    assert stored == {p.name for p in (settings.data_dir.parent / "elsewhere" / "files").rglob("*") if p.is_file()}
    with again.app_context(), brief():
        a_comment(db.session.scalars(select(Comment)).unique().first().consultation, a_resident(99))  # type: ignore[union-attr]
    with again.app_context():
        assert db.session.scalar(select(func.count()).select_from(Comment)) == 30
    full = run(again, "restore", "run", str(saved))
    assert full.exit_code != 0
    assert "已经有内容" in full.output


def test_the_drill_says_how_long_it_took_and_leaves_nothing(office: House, saved: Path) -> None:
    done = run(office, "restore", "drill", str(saved))
    assert done.exit_code == 0, done.output
    assert "演练成功" in done.output
    assert "青禾街道" in done.output


def test_a_backup_is_one_moment_while_people_go_on_speaking(office: House, tmp_path: Path) -> None:
    stop = threading.Event()
    said: list[int] = []

    def speak() -> None:
        with office.app_context():
            n = 100
            while not stop.is_set():
                with brief():
                    asked = db.session.scalars(select(Comment)).unique().first().consultation  # type: ignore[union-attr]
                    a_comment(asked, a_resident(n))
                n += 1
                said.append(n)

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        while len(said) < 3:
            stop.wait(0.05)
        done = run(office, "backup", "--out", str(tmp_path / "live.tar"))
    finally:
        stop.set()
        speaker.join()
    assert done.exit_code == 0, done.output
    done = run(office, "restore", "drill", str(tmp_path / "live.tar"))
    assert done.exit_code == 0, done.output


def test_every_damaged_backup_is_refused_and_nothing_of_it_is_used(
    office: House, saved: Path, engine: Engine, elsewhere: Callable[[str], House], tmp_path: Path, settings: Settings
) -> None:
    whole = saved.read_bytes()
    key = settings.trail_key
    check(saved, key)
    chance = random.Random(4)
    bad = tmp_path / "bad.tar"
    with tarfile.open(saved) as tar:
        spans = [(m.offset_data, m.size) for m in tar if m.size]
    for begin, size in spans:
        at = begin + chance.randrange(size)
        bad.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Damaged):
            check(bad, key)
    for cut in (0, 1, 511, 10_000, len(whole) // 2, spans[-1][0]):
        bad.write_bytes(whole[:cut])
        with pytest.raises(Damaged):
            check(bad, key)
    with pytest.raises(Damaged, match="TRAIL_KEY"):
        check(saved, bytes(32))
    with tarfile.open(saved) as tar, tarfile.open(bad, "w") as added:
        info = tarfile.TarInfo("files/../../etc/evil")
        info.size = 1
        added.addfile(info, io.BytesIO(b"x"))
        for member in tar:
            added.addfile(member, tar.extractfile(member))
    with pytest.raises(Damaged):
        check(bad, key)
    again = elsewhere(engine.empty())
    done = run(again, "restore", "run", str(bad))
    assert done.exit_code == 1
    assert "坏了，没有用它" in done.output
    drilled = run(office, "restore", "drill", str(bad))
    assert drilled.exit_code == 1
    assert not (tmp_path / "elsewhere" / "files" / ".." / ".." / "etc").exists()


def test_the_manifest_names_no_person_and_no_secret(saved: Path, settings: Settings) -> None:
    with tarfile.open(saved) as tar:
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
        everything = b"".join(tar.extractfile(m).read() for m in tar)  # type: ignore[union-attr]
    assert manifest["rows"]["comment"][0] == 29
    for secret in (settings.secret_key.encode(), settings.trail_key, settings.trail_key.hex().encode()):
        assert secret not in everything
    assert "周女士".encode() not in everything


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_the_house_moves_to_either_engine_row_by_row_files_included(
    office: House,
    engine: Engine,
    to: str,
    elsewhere: Callable[..., House],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    target = Engine(to, tmp_path, request.getfixturevalue("postgres") if to == "postgresql" else "")
    url = target.empty()
    with office.app_context(), brief():
        Heartbeat.beat("worker")
    busy = run(office, "move-to", url, "--files-to", str(tmp_path / "moved"))
    assert busy.exit_code == 1
    assert "worker 还在运行" in busy.output
    with office.app_context(), brief():
        db.session.scalars(select(Heartbeat)).one().beat_at = wall().replace(year=2020)
    done = run(office, "move-to", url, "--files-to", str(tmp_path / "moved"))
    assert done.exit_code == 0, done.output
    assert "逐行核对一致" in done.output
    moved = elsewhere(url, "moved")
    assert seen(moved) == seen(office)
    with moved.app_context(), brief():
        a_comment(db.session.scalars(select(Comment)).unique().first().consultation, a_resident(99))  # type: ignore[union-attr]
    again = run(office, "move-to", url)
    assert again.exit_code == 1
    assert "没有动它" in again.output
    target.drop_all()


def test_a_file_that_is_not_what_it_was_stops_the_move(
    office: House, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    path = next(p for p in (settings.data_dir / "files").rglob("*") if p.is_file())
    path.write_bytes(path.read_bytes() + b"!")
    done = run(office, "move-to", engine.empty())
    assert done.exit_code == 1
    assert "磁盘坏了或者被改过" in done.output


def test_an_older_copy_laid_over_a_newer_office_does_not_open_until_somebody_accepts_the_loss(
    office: House, saved: Path, engine: Engine, settings: Settings
) -> None:
    with office.app_context():
        with brief():
            a_comment(db.session.scalars(select(Comment)).unique().first().consultation, a_resident(98))  # type: ignore[union-attr]
            sequence()
        fit(office)
    url = engine.empty()
    old = create_app(settings_for(url, settings.data_dir), wake=ignore)
    assert run(old, "restore", "run", str(saved)).exit_code == 0
    old.extensions.pop("demonstration", None)
    with old.app_context(), pytest.raises(Unsafe, match="accept-loss"):
        fit(old)
    done = run(old, "restore", "accept-loss")
    assert done.exit_code == 0, done.output
    again = create_app(settings_for(url, settings.data_dir), wake=ignore)
    with again.app_context():
        fit(again)
    assert list(settings.data_dir.glob("trail-until-*")), "what it remembered is kept as evidence"
    for app in (old, again):
        close(app)
