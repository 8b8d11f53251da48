"""The shadow of a text that search and matching look at; the original beside it is never changed."""

import unicodedata
from functools import lru_cache

_ROUNDS = 6


def normal(text: str) -> str:
    """Widths, letter case, spaces, punctuation and invisible characters made alike: 「ＡＢ， 条」 becomes 「ab条」."""
    for _ in range(_ROUNDS):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        folded = "".join(char for char in folded if not _ignored(char))
        if folded == text:
            break
        text = folded
    return text


def bigrams(text: str) -> list[str]:
    """Each two neighbouring characters of the shadow, once, in order of first appearance; of a single character, itself."""
    shadow = normal(text)
    if len(shadow) < 2:
        return [shadow] if shadow else []
    return list(dict.fromkeys(shadow[n : n + 2] for n in range(len(shadow) - 1)))


@lru_cache(maxsize=8192)
def _ignored(char: str) -> bool:
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return True  # variation selectors: the same character, drawn otherwise
    return unicodedata.category(char)[0] in "ZPC" and unicodedata.category(char) not in ("Co", "Cn")
