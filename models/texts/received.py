"""A text is kept as its writer sent it: nothing is corrected, and what no database can hold is refused in plain words."""

import re

from models.kernel.refusal import RuleUnmet

# C0 controls other than tab and line ends, and halves of a surrogate pair: neither XML nor PostgreSQL can hold them.
_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")


def as_received(text: str, *, field: str, most: int, least: int = 1, label: str = "内容") -> str:
    """The text as received, its line ends as XML would give them (\\r\\n and \\r become \\n), every other character kept.

    `most` and `least` count characters after that, blank ones not counted for `least`. Nothing is trimmed, folded or
    normalised: NFC would change rare characters in people's names.
    """
    kept = _LINE_END.sub("\n", text)
    if _UNHOLDABLE.search(kept):
        raise _unmet(field, f"{label}里有无法保存的字符，请删去后再试。")
    if len(kept) > most:
        raise _unmet(field, f"{label}最多{most}字，现在是{len(kept)}字，请删减后再试。")
    written = len(kept.strip())
    if written == 0 and least > 0:
        raise _unmet(field, f"请填写{label}。")
    if written < least:
        raise _unmet(field, f"{label}至少{least}字，现在是{written}字。")
    return kept


def _unmet(field: str, message: str) -> RuleUnmet:
    return RuleUnmet(message, fields={field: message})
