"""A submission sent twice under one key is done once and answered alike; the phone may have lost the first answer."""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson

from models.kernel.refusal import RuleUnmet
from models.messages.heard import Heard
from models.people.resident import Resident


def key_for(resident: Resident, key: str) -> str:
    """The client's key within the client's name: nobody can meet somebody else's."""
    return f"mini:{resident.public_id}:{key}"


def once(
    resident: Resident, what: str, key: str, told: str, deed: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], bool]:
    """The answer of the deed, and whether it had been done before.

    The key is written down before the deed, so that of two requests at once the second waits for the first one's end.
    The answer is kept for some days; it may hold ids and numbers, no personal text.
    """
    name = f"{key_for(resident, key)}:{what}"
    said = hashlib.sha256(told.encode()).hexdigest()
    kind = f"api:{what}"
    heard = Heard.first(name, kind)
    if heard is None:
        before = Heard.before(name)
        kept = orjson.loads(before.reply) if before is not None and before.reply else {}
        if kept.get("told") != said:
            raise RuleUnmet("这次提交的内容和上次不同，请刷新页面后重新提交。", code="key_reused")
        return kept["answer"], True
    answer = deed()
    Heard.replied(heard, kind, orjson.dumps({"told": said, "answer": answer}, option=orjson.OPT_UTC_Z).decode())
    return orjson.loads(orjson.dumps(answer, option=orjson.OPT_UTC_Z)), False
