"""The trail, checked row by row from the command line, and its daily heads to be kept elsewhere."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import requests
from sqlalchemy import select

from models.decisions.accountability import differences
from models.decisions.decision import Decision
from models.kernel import heads
from models.kernel.base import db, take_time
from models.kernel.clock import local, wall
from models.kernel.evidence import Finding, Forged, Look, Memory, check_saved, memory_path, sound
from models.kernel.witness import witness
from server.house import brief

LARGEST = 64 * 1024 * 1024
"""Bytes of a file of heads that is fetched: a hundred years of them."""
NOT_WHOLE, NOT_DONE = 1, 2
"""How the command ends when something is wrong with the trail, and when it could not look."""


@click.group("trail", help="留痕。")
def check_trail() -> None:
    """The trail."""


@check_trail.command("verify")
@click.argument("chain", required=False)
@click.option(
    "--memory",
    "remembered",
    type=click.Path(dir_okay=False, path_type=Path),
    help="记忆文件：上次看到了什么。默认在数据目录的 trail/memory.json；放到别的机器上更好。",
)
@click.option("--against", multiple=True, help="再和以前保存的日链首对照：文件，或者网址。可以给几次。")
def verify(chain: str | None, remembered: Path | None, against: tuple[str, ...]) -> None:
    """逐条核对留痕；有不符时以 1 退出，指出是哪条链、第几个位置、哪一行。没法核对时以 2 退出。"""
    try:
        saved = [(name, _saved(name)) for name in against]
        path = remembered or memory_path()
        memory = Memory.load(path)
    except Forged as why:
        click.echo(str(why), err=True)
        sys.exit(NOT_DONE)
    look = Look(memory, witness().sizes())
    wrong = 0
    with brief(write=False):
        _one_moment()
        for finding in look.one(chain) if chain else _everything(look, saved):
            wrong += 1
            click.echo(f"✕ {_with_title(finding)}", err=True)
        if chain and not look.learned.rows and not wrong:
            click.echo(f"没有这条链：{chain}", err=True)
            sys.exit(NOT_DONE)
    _told(look, memory, chain)
    click.echo(
        f"核对时间：{local(wall()):%Y-%m-%d %H:%M}（{'对不上的有 ' + str(wrong) + ' 处' if wrong else '全部对上'}）"
    )
    if wrong:
        click.echo("记忆没有更新。先不要动数据库，保留现场，按 docs/operators/trail.md 处理。", err=True)
        sys.exit(NOT_WHOLE)
    if not chain:
        look.learned.save(path)


@check_trail.command("heads")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写成文件，存到别处；不给就打印出来。")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="从哪一天起；默认全部。")
def show_heads(out: Path | None, day: Any) -> None:
    """每日留痕摘要（日链首），打印或者存到数据库管理员够不着的地方。"""
    with brief(write=False):
        days = [heads.private(row) for row in heads.every() if day is None or row.day >= day.date()]
        made = heads.document(days)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        click.echo(f"{len(days)} 天的日链首写进了 {out}。请存到这台机器和数据库以外的地方。")
        return
    click.echo(f"{made['office']}　每日留痕摘要{'（演示）' if made['demonstration'] else ''}")
    for one in days:
        click.echo(f"第{one['number']}号　{one['day']}　{one['chains']} 条链　{one['rows']} 条　{one['head']}")


def _everything(look: Look, saved: list[tuple[str, list[dict[str, Any]]]]) -> Iterator[Finding]:
    yield from look.everything()
    yield from differences()
    for name, days in saved:
        yield from check_saved(days, f"保存的摘要 {name} ")


def _one_moment() -> None:
    """All of it is read as it was at one moment, however long that takes."""
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        take_time(0)


def _saved(name: str) -> list[dict[str, Any]]:
    """Heads saved earlier, from a file or an address; Forged when they are not what they say they are."""
    try:
        told = json.loads(_fetched(name) if name.startswith(("http://", "https://")) else Path(name).read_bytes())
    except requests.RequestException as why:
        raise Forged(f"{name} 取不下来（{type(why).__name__}）。") from None
    except (OSError, ValueError) as why:
        raise Forged(f"{name} 读不出来（{type(why).__name__}）。") from None
    days = told.get("days") if isinstance(told, dict) and told.get("form") == heads.FORM else None
    if not isinstance(days, list):
        raise Forged(f"{name} 不是每日留痕摘要。")
    for day in days:
        if not isinstance(day, dict) or not sound(day):
            raise Forged(
                f"{name} 里的摘要自己对不上（{day.get('day') if isinstance(day, dict) else '？'}），可能存坏了或者被改过。"
            )
    return days


def _fetched(address: str) -> bytes:
    with requests.get(address, timeout=20, stream=True) as answer:
        answer.raise_for_status()
        found = answer.raw.read(LARGEST + 1, decode_content=True)
    if len(found) > LARGEST:
        raise ValueError("too large")
    return bytes(found)


def _with_title(finding: Finding) -> str:
    """The finding, with the case's title for people who do not know chains by their names."""
    chain = finding.spot.chain
    title = db.session.scalar(select(Decision.title).where(Decision.public_id == chain)) if chain else None
    return f"{finding}［{title}］" if title else str(finding)


def _told(look: Look, memory: Memory | None, chain: str | None) -> None:
    click.echo(f"{look.chains} 条链，{look.learned.rows:,} 条，已入链 {look.linked:,} 条，等着入链 {look.waiting:,} 条")
    if chain:
        return
    newest = look.learned.day
    click.echo(f"日链首 {look.days} 天" + (f"，最近一天 {newest['day']}：{newest['head']}" if newest else "，还没有"))
    if memory is None:
        click.echo("没有上次核对的记忆：这是第一次，或者记忆文件不见了。以前有没有被截掉，这一次看不出来。")
    else:
        click.echo(f"上次核对：{memory.when}，记得 {len(memory.moved)} 条链、{memory.rows:,} 条")
