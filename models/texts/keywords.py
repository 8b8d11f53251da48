"""Whether a line typed in the chat is one of the few words that the chat understands as a command."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TypeVar

from models.texts.bigrams import normal

Name = TypeVar("Name")


def is_word(text: str, words: Collection[str]) -> bool:
    """Whether the whole text is one of these words, whatever its width, case, spaces and punctuation: 「 帮助！」 is 帮助."""
    return _among(normal(text), words)


def which_word(text: str, table: Mapping[Name, Collection[str]]) -> Name | None:
    """The first entry of the table of which the text is a word."""
    shadow = normal(text)
    return next((name for name, words in table.items() if _among(shadow, words)), None)


def _among(shadow: str, words: Collection[str]) -> bool:
    return bool(shadow) and any(_shadow(word) == shadow for word in words)


@lru_cache(maxsize=1024)
def _shadow(word: str) -> str:
    """Of one of the chat's own words, with which every line that is typed is compared."""
    return normal(word)
