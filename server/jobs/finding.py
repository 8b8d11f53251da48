"""After a deed on a public text the search knows what it says now."""

from models.kernel.base import db
from models.kernel.trail import Trace
from models.search.kinds import index as index_record
from server.jobs.queue import Turn


def index(turn: Turn) -> None:
    """The record that the deed was done on."""
    with turn.transaction(last=True):
        fact = db.session.get_one(Trace, turn.payload["fact"])
        index_record(fact.subject_kind, fact.subject_id)
