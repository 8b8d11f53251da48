"""Whoever guesses learns nothing from the time it takes: a stranger's name costs what an officer's costs."""

import re
from pathlib import Path

import argon2

from models.comments import receipt
from models.people import officer


def price(source: str) -> tuple[argon2.Parameters, argon2.Parameters]:
    """What a real hash costs and what the stranger's costs, as the module says before tests make both cheap."""
    made = re.search(r"PasswordHasher\(time_cost=(\d+), memory_cost=(\d+) \* 1024, parallelism=(\d+)\)", source)
    kept = re.search(r'_NOBODY = "(\$argon2id\$[^"]+)"', source)
    assert made and kept
    time, memory, lanes = (int(number) for number in made.groups())
    real = argon2.PasswordHasher(time_cost=time, memory_cost=memory * 1024, parallelism=lanes).hash("anything")
    return argon2.extract_parameters(real), argon2.extract_parameters(kept[1])


def test_a_stranger_costs_what_an_officer_costs() -> None:
    real, stranger = price(Path(officer.__file__).read_text())
    assert real == stranger


def test_no_receipt_costs_what_a_receipt_costs() -> None:
    real, stranger = price(Path(receipt.__file__).read_text())
    assert real == stranger
