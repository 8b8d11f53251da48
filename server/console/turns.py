"""Whose turn it is while a notice is being signed off."""

from models.decisions.consultation import Consultation, Stage
from models.people.officer import Officer

IN_HAND = (Stage.DRAFTED, Stage.SUBMITTED, Stage.CHECKED, Stage.REVIEWED, Stage.SIGNED)
"""Stages before the people see anything."""

TURNS: dict[Stage, tuple[str, str]] = {
    Stage.SUBMITTED: ("check", "consultation.check"),
    Stage.CHECKED: ("review", "consultation.review"),
    Stage.REVIEWED: ("sign", "consultation.sign"),
    Stage.SIGNED: ("publish", "consultation.publish"),
}
"""The deed that is due at each stage, and the rule that says whose it is."""


def my_turn(matter: Consultation, officer: Officer) -> bool:
    """Whether this waits for this officer; who drafted it reviews nothing of it."""
    turn = TURNS.get(matter.stage)
    if turn is None or not officer.has(*matter.rules.post_for(turn[1])):
        return False
    return turn[0] == "publish" or matter.handler_id != officer.id


def in_whose_hands(matter: Consultation) -> str:
    """In words."""
    if matter.stage == Stage.DRAFTED:
        return f"{matter.handler.name}正在起草"
    return f"等{matter.rules.duties[TURNS[matter.stage][1]].say}"
