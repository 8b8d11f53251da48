"""The rules in force, each with its article, for people to check."""

import ast
from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app

from models.kernel.lifecycle import declared
from models.kernel.rules import RuleSet, explain, rule_set

MODELS = Path(__file__).resolve().parents[2] / "models"


@click.group("rules", help="规则集：数字、关口、岗位和出处。")
def rules() -> None:
    """Rule sets."""


@rules.command("explain")
@click.argument("name", required=False)
def explain_rules(name: str | None) -> None:
    """把规则集逐条列出来，连同出处；程序里还没有的步骤注明「尚未启用」。"""
    name = name or current_app.extensions["rules"]
    for line in explain(name, used=used(rule_set(name))):
        click.echo(line)


def used(ruled: RuleSet) -> set[str]:
    """The keys that the program asks for: what the models name, and the numbers in the words of gates that open a deed."""
    gates = {verb.needs for verbs in declared().values() for verb in verbs.values() if verb.needs}
    keys = {word for path in sorted(MODELS.rglob("*.py")) for word in _words(path.read_text("utf-8"))}
    for gate in gates:
        for need in ruled.gates.get(gate, ()):
            keys |= set(need.numbers)
    return keys | gates


def _words(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 80:
            yield node.value
