"""The menu of the official account from the command line: what would change is shown before anything is sent."""

from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from config.settings import Settings
from server.wechat.menu import Unfit, difference, load
from server.wire.account import Official
from server.wire.errors import Unknown, WireError
from server.wire.wire import Wire

menu = AppGroup("menu", help="公众号菜单：config/wechat/menu.toml")


def _both() -> tuple[Official, list[dict[str, Any]], list[str]]:
    """The account, the menu as it should be, and the lines that differ."""
    wire: Wire = current_app.extensions["wire"]
    settings: Settings = current_app.extensions["settings"]
    official = wire.official
    if official is None:
        raise click.ClickException("没有配置公众号（WECHAT_OFFICIAL_APPID 等）。")
    try:
        wanted = load(settings.public_url, signs_in=official.rights.oauth)
        return official, wanted, difference(official.menu(), wanted)
    except Unfit as unfit:
        raise click.ClickException("菜单文件要改一改：\n" + "\n".join(f"  · {p}" for p in unfit.problems)) from None
    except (WireError, Unknown) as error:
        raise click.ClickException(f"读不到现在的菜单：{error.words}") from None


@menu.command("diff")
def diff() -> None:
    """看看推送菜单会改变什么。"""
    _, _, lines = _both()
    click.echo("\n".join(lines) if lines else "菜单没有变化。")


@menu.command("push")
@click.option("--yes", is_flag=True, help="不再询问，直接推送。")
def push(yes: bool) -> None:
    """先显示差别，确认后推送菜单。"""
    official, wanted, lines = _both()
    if not lines:
        click.echo("菜单没有变化，不用推送。")
        return
    click.echo("\n".join(lines))
    if not yes:
        click.confirm("推送这个菜单吗？", abort=True)
    try:
        official.put_menu(wanted)
    except (WireError, Unknown) as error:
        raise click.ClickException(f"没有推送成功：{error.words}") from None
    click.echo("已推送。手机上最多五分钟后看到新菜单。")
