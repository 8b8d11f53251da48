"""Draws the way of a procedure: a box for each step, an arrow to the next, and beside it what happens where a step fails."""

from collections.abc import Sequence

from markupsafe import Markup

from models.texts.steps import Step

WIDE = 360
"""The drawing's own units; on a telephone one of them is about a pixel, so that its letters stay readable."""
_BOX, _LEFT = 276, 4
_BRANCH_AT, _BRANCH = 92, 264
_STEM = 40
_LINE, _SMALL = 24, 20
_GAP = 26


def flowchart(steps: Sequence[Step]) -> Markup:
    """The drawing as SVG, without style sheets or scripts; its words are in its label for who cannot see it."""
    parts: list[Markup] = []
    y = 2
    for number, step in enumerate(steps, 1):
        names = _folded(step.name, 16)
        beside = _folded("，".join(filter(None, (step.who, step.within))), 19)
        tall = 20 + _LINE * len(names) + _SMALL * len(beside)
        round_ends = 22 if number in (1, len(steps)) else 6
        parts.append(_rect(_LEFT, y, _BOX, tall, round_ends, "#ffffff", "#3f4a45"))
        parts += _texts(names, _LEFT + _BOX // 2, y + 10 + 17, _LINE, 16, "#1b1f1d")
        parts += _texts(beside, _LEFT + _BOX // 2, y + 10 + _LINE * len(names) + 14, _SMALL, 13, "#59615d")
        bottom = y + tall
        if step.otherwise:
            words = _folded("否则：" + step.otherwise, 17)
            branch = 14 + _SMALL * len(words)
            top = bottom + 14
            parts.append(_elbow(_LEFT + _BOX, y + tall // 2, _LEFT + _BOX + 28, top))
            parts.append(_rect(_BRANCH_AT, top, _BRANCH, branch, 6, "#f7f8f7", "#8b938f", dashed=True))
            parts += _texts(words, _BRANCH_AT + _BRANCH // 2, top + 7 + 14, _SMALL, 13, "#3f4a45")
            after = top + branch
        else:
            after = bottom
        if number < len(steps):
            parts.append(_arrow(_STEM, bottom, after + _GAP))
            y = after + _GAP
        else:
            y = after
    label = "流程图：" + "；".join(f"第{n}步，{step.words}" for n, step in enumerate(steps, 1))
    return Markup(
        '<svg class="flow" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}" '
        'role="img" aria-label="{label}">{parts}</svg>'
    ).format(wide=WIDE, tall=y + 2, label=label, parts=Markup("").join(parts))


def _folded(words: str, wide: int) -> list[str]:
    """A text in lines of so many characters; Latin letters and digits are counted half."""
    lines, line, length = [], "", 0.0
    for sign in words:
        size = 0.55 if sign.isascii() else 1.0
        if length + size > wide and sign not in "，。；、）」":
            lines.append(line)
            line, length = "", 0.0
        line, length = line + sign, length + size
    return [*lines, line] if line else lines


def _rect(x: int, y: int, wide: int, tall: int, round_: int, fill: str, stroke: str, *, dashed: bool = False) -> Markup:
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}" stroke="{}" stroke-width="1.5"{}/>'
    ).format(x, y, wide, tall, round_, fill, stroke, Markup(' stroke-dasharray="5 4"') if dashed else "")


def _texts(lines: Sequence[str], x: int, y: int, step: int, size: int, fill: str) -> list[Markup]:
    return [
        Markup('<text x="{}" y="{}" font-size="{}" fill="{}" text-anchor="middle">{}</text>').format(
            x, y + n * step, size, fill, line
        )
        for n, line in enumerate(lines)
    ]


def _arrow(x: int, y: int, to: int) -> Markup:
    return Markup(
        '<path d="M{} {}V{}" stroke="#3f4a45" stroke-width="1.5" fill="none"/><path d="M{} {}l-5 -8h10z" fill="#3f4a45"/>'
    ).format(x, y, to - 4, x, to)


def _elbow(x: int, y: int, across: int, down: int) -> Markup:
    return Markup(
        '<path d="M{} {}H{}V{}" stroke="#8b938f" stroke-width="1.5" stroke-dasharray="5 4" fill="none"/>'
        '<path d="M{} {}l-5 -8h10z" fill="#8b938f"/>'
    ).format(x, y, across, down - 4, across, down)
