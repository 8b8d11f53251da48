"""Backups that were proved: taken while people work, refused when damaged, restored into an empty place, drilled by one command."""

import gzip
import hashlib
import hmac
import io
import json
import os
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy import Connection, Engine

from config.settings import Settings
from models.kernel.clock import local, wall
from server.cli.transfer import (
    Different,
    Digest,
    NotEmpty,
    digest,
    filling,
    line,
    one_moment,
    put,
    quiet_engine,
    revision,
    rows,
    tables,
)

FORMAT = "huiyin-backup-1"
FOLDERS = ("files", "trail", "wechat")
"""What lies beside the database and belongs to it."""
PIECE = 1024 * 1024
LINE = 64 * 1024 * 1024


class Damaged(Exception):
    """This backup is not what was written; the message says what is wrong. Nothing of it is used."""


@dataclass
class Manifest:
    """What a backup says of itself, under a MAC of the office's own key."""

    made_at: str
    revision: str
    engine: str
    office: str
    rows: dict[str, list[Any]]
    members: dict[str, list[Any]]
    """Name to size and SHA-256."""
    format: str = FORMAT
    mac: str = ""

    def body(self) -> bytes:
        """What the MAC covers."""
        told = {k: v for k, v in vars(self).items() if k != "mac"}
        return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _mac(key: bytes, body: bytes) -> str:
    return hmac.new(key, b"backup\0" + body, hashlib.sha256).hexdigest()


# ── writing ──────────────────────────────────────────────────────────────────


class _Summing:
    """A file that remembers the hash and the size of what passes through it."""

    def __init__(self, file: Any) -> None:
        self.file, self.sum, self.size = file, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.file.read(size)
        self.sum.update(data)
        self.size += len(data)
        return data


def write(settings: Settings, out: Path) -> Manifest:
    """A whole backup; people go on working. Beside its place under another name first, so that half a backup is never one."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    engine = quiet_engine(settings.database_url)
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as room, open(draft, "wb") as file:
            os.chmod(draft, 0o600)
            base = Path(room) / "database.jsonl.gz"
            with one_moment(engine) as connection:
                counts = _dump(connection, base)
                manifest = Manifest(
                    made_at=wall().isoformat(timespec="seconds"),
                    revision=revision(connection),
                    engine=engine.dialect.name,
                    office=_office(connection),
                    rows=counts,
                    members={},
                )
            with tarfile.open(fileobj=file, mode="w") as tar:
                _add(tar, manifest, "database.jsonl.gz", base)
                for name, path in _beside(settings.data_dir):
                    _add(tar, manifest, name, path)
                manifest.mac = _mac(settings.trail_key, manifest.body())
                raw = json.dumps(vars(manifest), ensure_ascii=False, indent=1).encode()
                info = tarfile.TarInfo("manifest.json")
                info.size = len(raw)
                tar.addfile(info, io.BytesIO(raw))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, out)
    finally:
        engine.dispose()
        draft.unlink(missing_ok=True)
    return manifest


def _dump(connection: Connection, path: Path) -> dict[str, list[Any]]:
    """All tables, one line a row, each table announced by its name and columns."""
    counts: dict[str, list[Any]] = {}
    with gzip.open(path, "wb", compresslevel=3) as file:
        for table in tables():
            file.write(line([{"table": table.name}, [c.name for c in table.columns]]))
            made = Digest()
            for row in rows(connection, table):
                raw = line(row)
                made.add(raw)
                file.write(raw)
            counts[table.name] = made.told
    return counts


def _office(connection: Connection) -> str:
    found = connection.exec_driver_sql("SELECT office_name FROM installation").scalar()
    return str(found or "")


def _beside(data_dir: Path) -> Iterator[tuple[str, Path]]:
    """Files of the store and of the trail's memory; drafts (they begin with a dot) belong to nobody yet."""
    for folder in FOLDERS:
        for path in sorted((data_dir / folder).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield f"{folder}/{path.relative_to(data_dir / folder)}", path


def _add(tar: tarfile.TarFile, manifest: Manifest, name: str, path: Path) -> None:
    """One file, as long as it is now: notes of the trail may grow while they are read."""
    try:
        with open(path, "rb") as file:
            info = tarfile.TarInfo(name)
            info.size, info.mode = os.fstat(file.fileno()).st_size, 0o640
            info.mtime = int(path.stat().st_mtime)
            passing = _Summing(file)
            tar.addfile(info, passing)
    except FileNotFoundError:
        return  # it was forgotten in this very moment
    manifest.members[name] = [passing.size, passing.sum.hexdigest()]


# ── reading ──────────────────────────────────────────────────────────────────


def check(path: Path, key: bytes) -> Manifest:
    """Read a whole backup and compare it with what it says of itself; Damaged when one byte is not as it was written."""
    found: dict[str, list[Any]] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(path, mode="r|") as tar:
            for info in tar:
                file = tar.extractfile(info)
                if file is None or not info.isfile():
                    raise Damaged(f"里面有不是文件的东西（{info.name}）")
                if info.name == "manifest.json":
                    manifest = _manifest(file.read(LINE))
                    continue
                if manifest is not None:
                    raise Damaged("清单后面还有东西")
                passing = _Summing(file)
                while passing.read(PIECE):
                    pass
                found[info.name] = [passing.size, passing.sum.hexdigest()]
    except (tarfile.TarError, OSError, EOFError) as error:
        raise Damaged(f"读不下去了（{type(error).__name__}）") from None
    if manifest is None:
        raise Damaged("没有清单，可能只写了一半")
    if not hmac.compare_digest(manifest.mac, _mac(key, manifest.body())):
        raise Damaged("清单的校验码对不上：被改过，或者不是这个机关的密钥（TRAIL_KEY）")
    for name, told in manifest.members.items():
        if found.get(name) != told:
            raise Damaged(f"{name} 和清单对不上")
    if set(found) != set(manifest.members):
        raise Damaged("多了清单里没有的文件")
    return manifest


def _manifest(raw: bytes) -> Manifest:
    try:
        told = json.loads(raw)
        made = Manifest(**told)
    except (ValueError, TypeError):
        raise Damaged("清单读不懂") from None
    if made.format != FORMAT:
        raise Damaged(f"不认识这种备份（{made.format}）")
    return made


@dataclass
class Restored:
    """What came back."""

    manifest: Manifest
    rows: int
    files: int
    seconds: float
    wrong: list[str] = field(default_factory=list)


def load(path: Path, manifest: Manifest, engine: Engine, data_dir: Path, key: bytes) -> Restored:
    """Put a checked backup into an empty database and an empty folder, and compare every table with what was saved."""
    began = time.monotonic()
    written = files = 0
    with filling(engine) as connection:
        if revision(connection) != manifest.revision:
            raise Different(
                f"备份是数据库版本 {manifest.revision} 的，程序是 {revision(connection)} 的。请先用当时的程序恢复，再升级"
            )
        with tarfile.open(path, mode="r|") as tar:
            for info in tar:
                file = tar.extractfile(info)
                assert file is not None
                if info.name == "database.jsonl.gz":
                    written = _load_rows(connection, gzip.GzipFile(fileobj=file))
                elif info.name != "manifest.json":
                    files += _place(data_dir, info.name, file)
        wrong = [t.name for t in tables() if digest(connection, t) != manifest.rows.get(t.name)]
        if wrong:
            raise Different(f"恢复后和备份对不上的表：{'、'.join(wrong)}")
    return Restored(manifest, written, files, time.monotonic() - began)


def _load_rows(connection: Connection, file: gzip.GzipFile) -> int:
    """One table after the other, as the backup tells them."""
    known = {t.name: t for t in tables()}
    total = 0
    raw: bytes = file.readline(LINE)
    while raw:
        told, columns = json.loads(raw)
        table = known.get(told["table"])
        if table is None or columns != [c.name for c in table.columns]:
            raise Different(f"备份里的表 {told['table']} 和程序不一样")
        after: list[bytes] = [b""]

        def those(after: list[bytes] = after) -> Iterator[list[Any]]:
            while (raw := file.readline(LINE)) and not raw.startswith(b'[{"table":'):
                yield json.loads(raw)
            after[0] = raw

        total += put(connection, table, those())
        raw = after[0]
    return total


def _place(data_dir: Path, name: str, file: Any) -> int:
    """One file where it belongs. What this machine remembers of the trail itself is never replaced by what a backup says."""
    folder, _, rest = name.partition("/")
    path = (data_dir / folder / rest).resolve()
    if folder not in FOLDERS or not path.is_relative_to((data_dir / folder).resolve()):
        raise Damaged(f"里面有放不进数据目录的文件（{name}）")
    if path.exists():
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(draft, "wb") as out:
        while data := file.read(PIECE):
            out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(draft, path)
    return 1


# ── the commands ─────────────────────────────────────────────────────────────


@click.command("backup")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="备份写到哪个文件。")
def backup(out: Path) -> None:
    """在线备份：数据库、文件库、留痕记忆，一个文件，带校验。居民和工作人员可以照常使用。"""
    settings: Settings = current_app.extensions["settings"]
    if out.exists():
        raise click.ClickException(f"{out} 已经有了，换一个名字。")
    out.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    manifest = write(settings, out)
    check(out, settings.trail_key)
    total = sum(n for n, _ in manifest.rows.values())
    click.echo(
        f"备份好了并核对过：{out}，{out.stat().st_size:,} 字节，{total:,} 行，{len(manifest.members) - 1:,} 个文件，"
        f"{time.monotonic() - began:.0f} 秒。密钥（SEAL_KEYS、TRAIL_KEY）不在里面，请另外保管。"
    )


@click.group("restore", help="从备份恢复，或者演练恢复。")
def restore() -> None:
    """From a backup."""


@restore.command("run")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def run(file: Path) -> None:
    """恢复到环境文件指的数据库和数据目录；那里必须是空的。"""
    settings: Settings = current_app.extensions["settings"]
    engine = quiet_engine(settings.database_url)
    try:
        done = load(file, check(file, settings.trail_key), engine, settings.data_dir, settings.trail_key)
    except Damaged as why:
        raise click.ClickException(f"这份备份坏了，没有用它：{why}") from None
    except NotEmpty:
        raise click.ClickException("这个数据库里已经有内容，没有动它。请换一个空的数据库。") from None
    except Different as why:
        raise click.ClickException(f"没有恢复：{why}") from None
    finally:
        engine.dispose()
    _told(done, "恢复好了")


@restore.command("drill")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def drill(file: Path) -> None:
    """恢复演练：恢复到临时的地方，逐表核对，再丢掉。坏的备份以 1 退出。"""
    settings: Settings = current_app.extensions["settings"]
    with tempfile.TemporaryDirectory(prefix="huiyin-drill-") as room:
        engine = quiet_engine(f"sqlite:///{room}/drill.db")
        try:
            done = load(file, check(file, settings.trail_key), engine, Path(room) / "data", settings.trail_key)
        except Damaged as why:
            raise click.ClickException(f"这份备份坏了：{why}") from None
        except Different as why:
            raise click.ClickException(f"恢复不出来：{why}") from None
        finally:
            engine.dispose()
    _told(done, "演练成功")


@restore.command("accept-loss")
def accept_loss() -> None:
    """承认数据库比这台机器的记忆旧（用旧备份恢复过），让系统可以启动。原来的记忆改名留作证据。"""
    settings: Settings = current_app.extensions["settings"]
    memory = settings.data_dir / "trail"
    if not memory.exists():
        raise click.ClickException("这台机器没有留痕记忆，不用承认什么。")
    aside = memory.with_name(f"trail-until-{local(wall()):%Y%m%d-%H%M%S}")
    memory.rename(aside)
    click.echo(f"记下了。原来的记忆在 {aside}，请和备份一起保管，并写明谁、为什么恢复了旧的备份。")


def _told(done: Restored, words: str) -> None:
    made = local(datetime.fromisoformat(done.manifest.made_at))
    click.echo(
        f"{words}：{done.manifest.office}，{made:%Y-%m-%d %H:%M} 的备份，{done.rows:,} 行、{done.files:,} 个文件，"
        f"逐表核对一致，用了 {done.seconds:.0f} 秒。"
    )


# ── moving ───────────────────────────────────────────────────────────────────


@click.command("move-to")
@click.argument("database_url")
@click.option("--files-to", type=click.Path(file_okay=False, path_type=Path), help="文件库也搬到这个数据目录。")
def move_to(database_url: str, files_to: Path | None) -> None:
    """把整个机关搬到另一个数据库（SQLite、PostgreSQL 都行），逐行核对。先停下 web 和 worker。"""
    settings: Settings = current_app.extensions["settings"]
    url = Settings.address(database_url)
    source, target = quiet_engine(settings.database_url), quiet_engine(url)
    began = time.monotonic()
    try:
        with one_moment(source) as here:
            _nobody_works(here)
            with filling(target) as there:
                if revision(here) != revision(there):
                    raise Different("源数据库还没有升级到这一版，请先运行 flask setup")
                for table in tables():
                    put(there, table, rows(here, table))
                total = _same_rows(here, there)
        with one_moment(source) as here, one_moment(target) as there:
            _same_rows(here, there)  # once more as it was committed
        files = _move_files(settings.data_dir, files_to)
    except NotEmpty:
        raise click.ClickException("目标数据库里已经有内容，没有动它。") from None
    except (Different, Damaged) as why:
        raise click.ClickException(f"没有搬成：{why}。原来的数据库没有改动，继续用它。") from None
    finally:
        source.dispose()
        target.dispose()
    click.echo(
        f"搬好了，逐行核对一致：{len(tables())} 张表 {total:,} 行，{files:,} 个文件，{time.monotonic() - began:.0f} 秒。\n"
        "现在把环境文件里的 DATABASE_URL"
        + (" 和 DATA_DIR" if files_to else "")
        + " 改成新的，再启动 web 和 worker。原来的留着，确认没问题再收起来。"
    )


def _nobody_works(connection: Connection) -> None:
    """What is written while it moves would stay behind."""
    found = connection.exec_driver_sql("SELECT max(beat_at) FROM heartbeat").scalar()
    if found is None:
        return
    beat = datetime.fromisoformat(str(found))
    beat = beat if beat.tzinfo else beat.replace(tzinfo=wall().tzinfo)
    if (wall() - beat).total_seconds() < 30:
        raise Different("worker 还在运行，请先停下 web 和 worker（最后一次心跳在 30 秒以内）")


def _same_rows(here: Connection, there: Connection) -> int:
    """Every row of every table, on both sides, in their order."""
    total = 0
    for table in tables():
        left, right = rows(here, table), rows(there, table)
        for one in left:
            other = next(right, None)
            if line(one) != (line(other) if other is not None else b""):
                raise Different(f"{table.name} 里编号 {one[[c.name for c in table.columns].index('id')]} 的一行不一样")
            total += 1
        if next(right, None) is not None:
            raise Different(f"{table.name} 里多出来一行")
    return total


def _move_files(data_dir: Path, to: Path | None) -> int:
    """Copied and read again where they lie now; or, staying where they are, each compared with its name."""
    number = 0
    for name, path in _beside(data_dir):
        data = hashlib.sha256()
        with open(path, "rb") as file:
            while piece := file.read(PIECE):
                data.update(piece)
        if name.startswith("files/") and data.hexdigest() != path.name:
            raise Damaged(f"{name} 和它的名字对不上，磁盘坏了或者被改过")
        if to is not None:
            with open(path, "rb") as file:
                _place(to, name, file)
            copy = hashlib.sha256((to / name).read_bytes()).hexdigest()
            if copy != data.hexdigest() and name.startswith("files/"):
                raise Damaged(f"{name} 没有抄对")
        number += 1
    return number
