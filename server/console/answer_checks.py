"""What to look at before an answer goes out: is it a reason, does it fit its outcome, does it name anybody, is it fair."""

from collections.abc import Sequence

from models.comments.look_through import ask_the_same
from models.comments.point import Outcome, Point
from models.comments.worklist import beside
from models.texts.reasons import Finding, findings, personal_data
from server.console.checks import Check

GOOD = (
    ({"empty", "echo", "formula", "short"}, "写的是理由，不是套话"),
    ({"no_grounds"}, "写到了条款、事实或者依据"),
    ({"contradicts", "no_change", "which_part"}, "理由和结果相符"),
    ({"id_card", "bank_card", "mobile", "email", "plate", "landline", "home", "name"}, "没有人名、电话、车牌、住址"),
)
"""Kinds of findings, and how it reads when there is none."""
HOLLOW = {"empty", "echo", "formula"}
"""Where one of these is found there is no reason that could have grounds, or fit its outcome."""
OF_A_REASON = GOOD[1][0] | GOOD[2][0]

YES = {Outcome.ADOPTED, Outcome.PARTLY_ADOPTED}


def reworded(before: str, words: str) -> str:
    """The new words for a clause without blanks at their ends; empty where they are the old ones."""
    after = words.strip()
    return after if after != before.strip() else ""


def checks(
    point: Point,
    outcome: str | None,
    reason: str,
    gist: str,
    revised: bool,
    *,
    after: str = "",
    approving: bool = False,
    near: Sequence[Point] | None = None,
) -> list[Check]:
    """The checklist for an answer as it is written now; `after` is how it words its clause."""
    lines: list[Check] = []
    if outcome not in set(Outcome):
        lines.append(Check("open", "还没有选结果"))
    if not reason.strip():
        lines.append(Check("open", "还没有写理由"))
    else:
        found = findings(reason, outcome=outcome, comment=point.comment.readable)
        hollow = any(f.code in HOLLOW for f in found)
        for codes, good in GOOD:
            mine = [f for f in found if f.code in codes]
            if mine:
                lines += [_line(f, reason) for f in mine]
            elif not (hollow and codes <= OF_A_REASON):
                lines.append(Check("yes", good))
    if not gist.strip():
        lines.append(Check("open", "还没有写一句话摘要，采纳情况表里要印"))
    elif named := personal_data(gist):
        lines.append(Check("no", f"摘要里{named[0].words.removeprefix('这里')}"))
    else:
        lines.append(Check("yes", "有一句话摘要"))
    if outcome == Outcome.ADOPTED and point.clause is not None and not revised:
        lines.append(Check("no", f"采纳了，{point.target}还没有改字；真的不用改，就在理由里写明草案哪里已经有了"))
    lines += _clashes(point, outcome, gist, approving, near)
    if near is None and after:
        lines += _worded_otherwise(point, after, approving)
    return lines


def _line(finding: Finding, reason: str) -> Check:
    begin, end = finding.span
    piece = reason[begin:end]
    where = f"「{piece[:16]}」：" if 0 < len(piece) < len(reason) else ""
    return Check("stop" if finding.severity == "stop" else "no", f"{where}{finding.words}")


def _clashes(
    point: Point, outcome: str | None, gist: str, approving: bool, near: Sequence[Point] | None
) -> list[Check]:
    """The same demand about the same clause, answered yes in one place and no in another."""
    if outcome not in {*YES, Outcome.NOT_ADOPTED}:
        return []
    others = beside(point, limit=20) if near is None else near
    against = opposite(others, Outcome(outcome), gist or point.comment.readable)
    if not against:
        return [Check("yes", "和同样诉求的别的答复没有顶着")]
    other = against[0]
    assert other.outcome is not None
    words = f"同一诉求，第 {other.comment.serial_words} 号答成了「{other.outcome.label}」"
    if len(against) > 1:
        words += f"，还有 {len(against) - 1} 条"
    return [Check("no", words, _beside(point, other, approving), "对着看")]


def _worded_otherwise(point: Point, after: str, approving: bool) -> list[Check]:
    """The same clause, given other words by another answer that says yes: one of the two would come out wrong."""
    for other in beside(point, limit=20):
        if other.outcome in YES and other.after and other.after.strip() != after.strip():
            words = f"同一条，第 {other.comment.serial_words} 号改成了另一种写法，请合成一种"
            return [Check("no", words, _beside(point, other, approving), "对着看")]
    return []


def _beside(point: Point, other: Point, approving: bool) -> str:
    return "#near" if approving else f"/desk/answering/{point.consultation.public_id}?stage=all&p={other.public_id}"


def opposite(others: Sequence[Point], outcome: Outcome, gist: str) -> list[Point]:
    """Those that ask for the same and whose outcome contradicts this one: about one clause many things are asked."""
    against = (
        {Outcome.NOT_ADOPTED} if outcome in YES else {Outcome.ADOPTED} if outcome == Outcome.NOT_ADOPTED else set()
    )
    return [p for p in others if p.outcome in against and ask_the_same(gist, p.gist)]


def fired(lines: Sequence[Check]) -> int:
    """How many lines ask for a look."""
    return sum(1 for line in lines if line.state in ("no", "stop"))
