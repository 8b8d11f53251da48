"""What one consultation of the story is made of: the draft, the notice, what people say, what the office answers."""

from dataclasses import dataclass, field

from server.simulator.story.browser import squeezed
from server.simulator.story.desk import Answer


@dataclass(frozen=True)
class Saying:
    """Something that somebody says, and the answer it gets in the story; without an answer it stays open."""

    text: str
    answer: Answer | None = None
    clause: int | None = None
    """The number of the article it is about."""
    sent_back: str = ""
    """Why the second person sends the answer back."""
    keep_waiting: bool = False
    """The second person has not come to it yet."""

    @property
    def opening(self) -> str:
        """How it begins, without spaces: enough to know it again on a page."""
        return squeezed(self.text)[:22]


@dataclass(frozen=True)
class Matter:
    """One consultation."""

    title: str
    draft: str
    notice: dict[str, str]
    notes: dict[str, str]
    """What those who sign write beside their names."""
    sayings: dict[str, Saying] = field(default_factory=dict)
