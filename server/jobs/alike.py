"""Similar comments are found by the worker or from the command line: read and compared first, written down in one go."""

from models.comments.alike import look, suggest
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.trail import SYSTEM
from server.jobs.queue import Turn


def find_alike(turn: Turn) -> None:
    """For the consultation that a clerk asked for."""
    number = int(turn.payload["consultation"])
    with turn.reading():
        sight = look(number)
    turn.breathe()
    with turn.transaction(last=True):
        suggest(db.session.get_one(Consultation, number), SYSTEM, sight)
