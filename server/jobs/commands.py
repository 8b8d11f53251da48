"""Work that needs a person, from the command line: what is set aside and why, and trying it again once the cause is gone."""

import click
from flask.cli import AppGroup
from sqlalchemy import update

from models.kernel.base import db
from models.kernel.clock import local, wall
from models.kernel.work import Work, WorkState
from server.house import brief

work = AppGroup("work", help="后台工作：查看被搁置的，处理好原因后重新办理")

WORDS = {
    WorkState.READY: "等着办",
    WorkState.CLAIMED: "正在办",
    WorkState.DONE: "办完",
    WorkState.HELD: "搁置，等人处理",
    WorkState.DEAD: "多次失败，已停下",
}


@work.command("list")
def listed() -> None:
    """各种状态有多少，以及被搁置的每一件和原因。"""
    with brief(write=False):
        for state, count in Work.counts().items():
            click.echo(f"{WORDS[WorkState(state)]}：{count}件")
        for one in Work.troubles():
            click.echo(
                f"  {one.id}　{one.kind}　{local(one.made_at):%Y-%m-%d %H:%M}　试过{one.attempts}次　{one.error}"
            )


@work.command("retry")
@click.argument("numbers", type=int, nargs=-1, required=True)
def retry(numbers: tuple[int, ...]) -> None:
    """把被搁置的工作放回去重新办理。"""
    with brief():
        back = db.session.scalars(
            update(Work)
            .where(Work.id.in_(numbers), Work.state.in_((WorkState.HELD, WorkState.DEAD)))
            .values(state=WorkState.READY, attempts=0, run_at=wall(), lease_until=None)
            .returning(Work.id)
            .execution_options(synchronize_session=False)
        ).all()
    for number in numbers:
        click.echo(f"{number}　{'已放回，马上重新办理' if number in back else '没有被搁置，不用处理'}")
