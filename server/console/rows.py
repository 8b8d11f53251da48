"""A line of somebody's desk: one thing to do, where, and by when."""

from dataclasses import dataclass
from datetime import date

from models.kernel.clock import today


@dataclass(frozen=True)
class Row:
    """One thing to do."""

    what: str
    link: str
    verb: str
    sub: str = ""
    source: str = ""
    who: str = ""
    due: date | None = None
    promised: bool = False

    @property
    def late(self) -> bool:
        """Its day has passed."""
        return self.due is not None and self.due < today()
