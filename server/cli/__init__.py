"""The office's command line: setting up, the rules with their articles, lifecycles, the trail, case files, the menu, the work, backups."""

from flask import Flask

from server.cli.backup import backup, move_to, restore
from server.cli.casefile import casefile
from server.cli.comments import comments
from server.cli.evidence import check_trail
from server.cli.lifecycles import lifecycles, show_lifecycle
from server.cli.menu import menu
from server.cli.rules import rules
from server.cli.setting_up import DEMO_PASSWORD, setup
from server.jobs.commands import work

__all__ = ["DEMO_PASSWORD", "lifecycles", "teach"]


def teach(app: Flask) -> None:
    """Register the commands."""
    for command in (
        setup,
        rules,
        show_lifecycle,
        check_trail,
        menu,
        work,
        casefile,
        comments,
        backup,
        restore,
        move_to,
    ):
        app.cli.add_command(command)
