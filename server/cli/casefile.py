"""Case files from the command line: written out, and checked against what the office has published and registered."""

import hashlib
import json
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
from sqlalchemy import select

from models.decisions.decision import Decision, by_number
from models.decisions.decision import by_public_id as case_of
from models.decisions.volume import CaseFile, by_hash, store_key, volumes
from models.files import Stored
from models.kernel import heads
from models.kernel.base import db
from models.kernel.trail import SYSTEM, TraceLink, link_mac, true
from server.house import brief
from server.papers.bag import Hashing
from server.papers.casefile import one_moment, pack
from server.papers.verify_casefile import HEADS, Case, check_bag, check_published, check_trail, rows

NOT_WHOLE, NOT_DONE = 1, 2
"""How the command ends when something is wrong with the file, and when it could not look."""


@click.group("casefile", help="决策案卷：导出、核对。")
def casefile() -> None:
    """Case files."""


@casefile.command("export")
@click.argument("number")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写成哪个文件（.zip）。")
@click.option("--volume", type=int, help="已归档的：要第几卷；默认第1卷。")
def export(number: str, out: Path, volume: int | None) -> None:
    """导出一个案卷。已归档的取出封存的那一卷，没有归档的现打一份副本。NUMBER 是编号（青街决〔2026〕1号）或者案卷网址里的那一段。"""
    if out.exists():
        click.echo(f"{out} 已经有了，不覆盖。请换一个文件名。", err=True)
        sys.exit(NOT_DONE)
    with brief(write=False):
        one_moment()
        case = by_number(number) or case_of(number)
        if case is None:
            click.echo(f"没有编号是 {number} 的案卷。", err=True)
            sys.exit(NOT_DONE)
        sealed = volumes(case)
        chosen = next((one for one in sealed if one.volume == (volume or 1)), None)
        if volume and chosen is None:
            click.echo(f"没有第{volume}卷；一共{len(sealed)}卷。", err=True)
            sys.exit(NOT_DONE)
        last = len(sealed)
        told = _take_out(chosen, out) if chosen is not None else _copy(case, out)
    if "decision" in told:
        with brief():
            CaseFile.seal(SYSTEM, db.session.get_one(Decision, told.pop("decision")), **told)
        click.echo(f"副本写进了 {out}，{told['size']:,} 字节，{len(told['held'])} 件，SHA-256 {told['sha256']}")
        for one in told["lacking"]:
            click.echo(f"缺件：{one}")
    else:
        click.echo(f"{told['name']} 写进了 {out}，SHA-256 {told['sha256']}")
        if last > 1:
            click.echo(f"一共 {last} 卷，别的用 --volume 取。")
    click.echo("里面有居民的原话，请妥善保管。")


def _take_out(chosen: CaseFile, out: Path) -> dict[str, Any]:
    with out.open("xb") as file:
        for piece in Stored(chosen.file, store_key(), chosen.size).pieces():
            file.write(piece)
    return {"name": f"{chosen.number} {chosen.name}", "sha256": chosen.sha256}


def _copy(case: Decision, out: Path) -> dict[str, Any]:
    try:
        with out.open("xb") as file:
            writing = Hashing(file)
            made = pack(case, writing, tell=_Bar())
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return {
        "decision": case.id,
        "volume": None,
        "number": "",
        "previous": None,
        "sha256": writing.sums.hexdigest(),
        "file": "",
        "size": writing.size,
        "position": made.position,
        "head": made.head,
        "held": made.held,
        "lacking": made.lacking,
    }


class _Bar:
    """Progress on the error stream: one line for each tenth."""

    def __init__(self) -> None:
        self.tenth = -1

    def __call__(self, done: int, total: int, phase: str) -> None:
        if 10 * done // total > self.tenth:
            self.tenth = 10 * done // total
            click.echo(f"{10 * self.tenth:3d}%  {phase}", err=True)


@casefile.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """核对一个案卷：文件、留痕、公布的每日留痕摘要、登记的 SHA-256。有问题以 1 退出，说明是哪一个文件、哪一行；没法核对以 2 退出。"""
    try:
        case = Case(file)
    except (zipfile.BadZipFile, OSError) as why:
        click.echo(f"✕ {file} 不是压缩包，或者坏了（{type(why).__name__}）", err=True)
        sys.exit(NOT_WHOLE)
    faults = check_bag(case)
    said: list[str] = []
    if not faults:
        faults += check_trail(case)
    if not faults:
        with brief(write=False):
            one_moment()
            faults += _registered(file, case, said)
            faults += _published(case, said)
    for fault in faults:
        click.echo(f"✕ {fault}", err=True)
    if faults:
        sys.exit(NOT_WHOLE)
    click.echo("✓ 文件没有被改过、没有少、没有多；留痕逐条接得上")
    for words in said:
        click.echo(f"  {words}")


def _registered(file: Path, case: Case, said: list[str]) -> list[str]:
    """Whether this very file was packed here, and the volume before it is the one it names."""
    info = case.info()
    here = case_of(info.get("Huiyin-Case", ""))
    if here is None:
        said.append("这个案卷不是这套系统里的：只核对了文件和链条本身，没有核对登记和密钥签名")
        return []
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    known = by_hash(digest)
    if known is not None and known.decision_id == here.id:
        said.append(f"和登记的一样：{known.number or '没有归档'} {known.name}，SHA-256 {digest}")
        return []
    volume = info.get("Huiyin-Volume", "")
    kept = next((one for one in volumes(here) if str(one.volume) == volume), None)
    if kept is None:
        return [f"这个文件没有登记过（SHA-256 {digest}）：不是从这套系统导出的，或者导出以后整个重做过"]
    return [f"和登记的{kept.name}不是同一个文件：登记的 SHA-256 是 {kept.sha256}，这个是 {digest}"]


def _published(case: Case, said: list[str]) -> list[str]:
    """The chain in the file is the chain that the days since then go through, row by row signed with the office's key."""
    proof = json.loads(case.text(HEADS))
    chain = proof["chain"]
    if case_of(chain) is None:
        return []
    faults: list[str] = []
    signed = 0
    for row in rows(case):
        told = SimpleNamespace(**row["row"], mac=bytes.fromhex(row["mac"]))
        if not true(told):
            faults.append(f"留痕第{row['position'] or '？'}个位置：不是用本机关的密钥签的")
        if row["position"] is not None:
            mac = link_mac(chain, row["position"], bytes.fromhex(row["head"]))
            if mac.hex() != row["link_mac"]:
                faults.append(f"留痕第{row['position']}个位置：链首不是用本机关的密钥签的")
        signed += 1
    said.append(f"{signed:,} 条留痕的密钥签名都对")
    position, head = proof["tip"]["position"], proof["tip"]["head"]
    now_there = db.session.scalar(
        select(TraceLink.head).where(TraceLink.chain == chain, TraceLink.position == position)
    )
    if position and (now_there is None or now_there.hex() != head):
        faults.append(f"系统里这条链的第{position}个位置和案卷里的不一样")
    days: list[dict[str, Any]] = []
    through = 0
    for day in heads.every():
        days.append({"day": day.day.isoformat(), "head": day.head.hex()})
        through = day.heads[chain]["position"] if chain in day.heads else through
    same, wrong = check_published(case, days)
    faults += wrong
    if through >= position:
        said.append(f"公布的每日留痕摘要已经盖到第{through}条：案卷里的 {position} 条都在里面（对上 {same} 天）")
    else:
        said.append(f"公布的每日留痕摘要盖到第{through}条；案卷里第{through + 1}到第{position}条由下一天的摘要盖到")
    return faults
