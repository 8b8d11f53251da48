"""The way of a power is drawn whole, fits its drawing, and is told in words to who cannot see it."""

import re
from itertools import pairwise

from lxml import etree

from models.texts.steps import steps_of
from server.flowchart import WIDE, flowchart

STEPS = steps_of(
    "申请｜摊主\n受理｜便民窗口｜当场｜材料不齐的，一次告知要补什么\n现场查看｜城市管理科｜3个工作日\n"
    "决定｜街道办事处｜5个工作日｜不同意的，书面写明理由和怎样申请行政复议、提起诉讼，并把材料退还本人\n送达"
)
NS = "{http://www.w3.org/2000/svg}"


def drawn(steps: list) -> etree._Element:  # type: ignore[type-arg]
    return etree.fromstring(str(flowchart(steps)))


def test_every_step_has_its_box_its_arrow_and_its_otherwise() -> None:
    svg = drawn(STEPS)
    boxes = svg.findall(f"{NS}rect")
    dashed = [box for box in boxes if box.get("stroke-dasharray")]
    assert (len(boxes) - len(dashed), len(dashed)) == (5, 2)
    arrows = [path for path in svg.findall(f"{NS}path") if (path.get("fill") or "") != "none"]
    assert len(arrows) == 4 + 2
    said = "".join("".join(svg.itertext()).split())
    for step in STEPS:
        assert all(part in said for part in (step.name, step.within))
    assert "否则：不同意的，书面写明理由" in said


def test_boxes_follow_each_other_and_nothing_leaves_the_drawing() -> None:
    svg = drawn(STEPS)
    tall = int(svg.get("height"))
    places = [tuple(int(box.get(name)) for name in ("x", "y", "width", "height")) for box in svg.findall(f"{NS}rect")]
    tops = [y for _, y, _, _ in places]
    assert tops == sorted(tops)
    for (_, y, _, height), (_, below, _, _) in pairwise(places):
        assert y + height < below
    for x, y, width, height in places:
        assert x >= 0 and x + width <= WIDE and y >= 0 and y + height <= tall
    for words in svg.findall(f"{NS}text"):
        size = int(words.get("font-size"))
        length = sum(0.6 if sign.isascii() else 1.0 for sign in words.text or "") * size
        box = next(b for b in places if b[1] < int(words.get("y")) <= b[1] + b[3])
        assert length <= box[2] - 8, f"{words.text} is wider than its box"


def test_who_cannot_see_it_hears_it() -> None:
    label = drawn(STEPS).get("aria-label") or ""
    assert label.startswith("流程图：第1步，申请（摊主）；第2步，受理（便民窗口，当场），否则材料不齐的")


def test_what_people_typed_stays_text() -> None:
    svg = str(flowchart(steps_of('<script>x</script>｜"x" & y')))
    assert "<script" not in svg and "&lt;script&gt;" in svg
    assert not re.search(r"style=|\son[a-z]+=", svg)
    assert drawn(steps_of("a & b")).find(f"{NS}text").text == "a & b"  # type: ignore[union-attr]


def test_a_single_step_is_drawn_and_none_is_nothing() -> None:
    assert len(drawn(steps_of("办结")).findall(f"{NS}rect")) == 1
    assert len(drawn([])) == 0
