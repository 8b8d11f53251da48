"""Which clause a text begins with: 「第四条，一个小时不够」 is about clause four."""

import re
import unicodedata

from models.decisions.consultation import Consultation
from models.decisions.draft import Clause
from models.texts.numerals import CHARACTERS, number

SAID = re.compile(rf"[\s「“\"'（(《]*第\s*([0-9{CHARACTERS}]{{1,8}})\s*条")


def clause_of(consultation: Consultation, text: str) -> tuple[Clause | None, str]:
    """The clause, and the words for one that was named but is not in the draft.

    Only a clause that is named at the very start counts, and only where the draft has exactly one of that number.
    """
    said = SAID.match(unicodedata.normalize("NFKC", text))
    wanted = number(said.group(1)) if said else None
    if said is None or wanted is None or consultation.draft is None:
        return None, ""
    found = [clause for clause in consultation.draft.speakable if _number_of(clause) == wanted]
    if len(found) == 1:
        return found[0], ""
    return None, f"第{said.group(1)}条"


def _number_of(clause: Clause) -> int | None:
    label = SAID.match(unicodedata.normalize("NFKC", clause.label))
    return number(label.group(1)) if label else None
