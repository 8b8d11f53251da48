"""Whether a line typed in the chat is one of the few words that the chat understands as a command."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from models.texts.bigrams import normal

Name = TypeVar("Name")


def is_word(text: str, words: Collection[str]) -> bool:
    """Whether the whole text is one of these words, whatever its width, case, spaces and punctuation: 「 帮助！」 is 帮助."""
    shadow = normal(text)
    return bool(shadow) and any(normal(word) == shadow for word in words)


def which_word(text: str, table: Mapping[Name, Collection[str]]) -> Name | None:
    """The first entry of the table of which the text is a word."""
    return next((name for name, words in table.items() if is_word(text, words)), None)
