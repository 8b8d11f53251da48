"""Who comes first when not everybody can be told at once."""

import enum


class Urgency(enum.IntEnum):
    """The smaller number goes first, whatever was wanted earlier."""

    OWN = 0
    """The answer to what the person said, and whatever else happens to it."""
    TOOK_PART = 1
    """A decision in which the person took part."""
    FOLLOWED = 2
    """Something new in a village or on a topic that the person follows."""
    REMINDER = 3
    ARTICLE = 4

    @property
    def label(self) -> str:
        """The Chinese words."""
        return ("本人的事", "参与过的决策", "关注的村居和主题", "提醒", "普法文章")[self.value]
