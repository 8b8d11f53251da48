"""A text is kept as its writer sent it: nothing is corrected, and what no database can hold is refused in plain words."""

import re
from collections.abc import Mapping
from typing import Any

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


def texts_received(
    fields: Mapping[str, Any], texts: Mapping[str, tuple[str, int]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Those of `fields` that are texts (name: what it is called, and how long it may be), as received and without blanks at their ends.

    Beside them what is wrong, by field: all of it at once, so that nobody is told one thing after the other.
    """
    good: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for name in texts.keys() & fields.keys():
        label, most = texts[name]
        try:
            good[name] = as_received(fields[name] or "", field=name, most=most, least=0, label=label).strip()
        except RuleUnmet as unmet:
            wrong |= unmet.fields
    return good, wrong


def all_received(fields: Mapping[str, Any], texts: Mapping[str, tuple[str, int]]) -> dict[str, str]:
    """The same where all of `fields` are texts and nothing else is looked at: every complaint in one refusal."""
    assert fields.keys() <= texts.keys(), fields.keys()
    good, wrong = texts_received(fields, texts)
    if wrong:
        raise RuleUnmet("有几处要改一改。", wrong)
    return good


def reason_given(words: str, ask: str, *, field: str = "reason", most: int = 300) -> str:
    """Why something is done, in its writer's words; `ask` says what is missing where there are none."""
    given = as_received(words or "", field=field, most=most, least=0, label="原因").strip()
    if not given:
        raise _unmet(field, ask)
    return given


def _unmet(field: str, message: str) -> RuleUnmet:
    return RuleUnmet(message, fields={field: message})
