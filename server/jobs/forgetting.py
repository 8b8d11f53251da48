"""A photograph that somebody wanted gone leaves the disk, after the deed that took it away and whatever happens in between."""

from models.outreach.lecture_file import forget_unused
from server.jobs.queue import Turn


def forget_photograph(turn: Turn) -> None:
    """Once more changes nothing: a file that is gone stays gone, and one that is used elsewhere stays."""
    with turn.transaction(last=True):
        forget_unused(turn.payload["file"])
