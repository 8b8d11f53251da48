"""Comments from the command line: which of them say the same."""

import time

import click
from sqlalchemy import or_, select

from models.comments.alike import look, sets_of, suggest
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.trail import SYSTEM
from server.house import brief


@click.group("comments", help="居民意见：找相似的。")
def comments() -> None:
    """Comments."""


@comments.command("group")
@click.argument("consultation")
def group(consultation: str) -> None:
    """找出相似的意见，写成建议，等工作人员逐组确认。CONSULTATION 是公告编号或者网址里的那一段。"""
    began = time.monotonic()
    with brief(write=False):
        asked = db.session.scalar(
            select(Consultation).where(
                or_(Consultation.public_id == consultation, Consultation.number == consultation),
            )
        )
        if asked is None:
            raise click.ClickException("没有找到这次征求意见，请核对编号。")
        number = asked.id
        sight = look(number)
    with brief():
        asked = db.session.get_one(Consultation, number)
        waiting = suggest(asked, SYSTEM, sight)
        click.echo(
            f"看了{len(sight.points):,}条要点，用了{time.monotonic() - began:.1f}秒：{waiting:,}条和别的相似，等人确认。"
        )
        for found in sets_of(asked, 10):
            click.echo(f"  {found.size:,} 条像第{found.leader.serial_words}号（{found.leader.target}）")
