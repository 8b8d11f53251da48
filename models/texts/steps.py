"""The steps of a procedure as somebody types them, a line each: name | who | how long | what happens otherwise."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from models.kernel.refusal import RuleUnmet

MOST_STEPS = 20
LONGEST = {"name": 24, "who": 24, "within": 24, "otherwise": 48}
LABELS = {"name": "步骤", "who": "谁来办", "within": "多久", "otherwise": "不符合时"}
_BAR = re.compile(r"[|｜]")


@dataclass(frozen=True)
class Step:
    """One step: what is done, by whom, within how long, and what happens where it fails."""

    name: str
    who: str = ""
    within: str = ""
    otherwise: str = ""

    @property
    def words(self) -> str:
        """The step in a sentence, for who cannot see the drawing."""
        beside = "，".join(filter(None, (self.who, self.within)))
        return self.name + (f"（{beside}）" if beside else "") + (f"，否则{self.otherwise}" if self.otherwise else "")


def steps_of(written: str) -> list[Step]:
    """The steps of a text, a line each; what does not fit is named with its line."""
    lines = [line.strip() for line in written.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    if len(lines) > MOST_STEPS:
        raise _unmet(f"流程最多{MOST_STEPS}步，现在是{len(lines)}步。")
    return [_step(line, n) for n, line in enumerate(lines, 1)]


def _step(line: str, number: int) -> Step:
    parts = [" ".join(part.split()) for part in _BAR.split(line)]
    if len(parts) > len(LONGEST):
        raise _unmet(f"第{number}行竖线太多，最多四段：步骤｜谁来办｜多久｜不符合时怎么办。")
    told = dict(zip(LONGEST, parts, strict=False))
    if not told["name"]:
        raise _unmet(f"第{number}行没有写步骤的名称。")
    for name, words in told.items():
        if len(words) > LONGEST[name]:
            raise _unmet(f"第{number}行的「{LABELS[name]}」最多{LONGEST[name]}字，现在是{len(words)}字。")
    return Step(**told)


def written(steps: list[Step]) -> str:
    """The steps as they are typed."""
    return "\n".join("｜".join((s.name, s.who, s.within, s.otherwise)).rstrip("｜") for s in steps)


def kept(steps: list[Step]) -> list[dict[str, Any]]:
    """The steps as the database keeps them."""
    return [asdict(step) for step in steps]


def _unmet(words: str) -> RuleUnmet:
    return RuleUnmet(words, {"steps": words})
