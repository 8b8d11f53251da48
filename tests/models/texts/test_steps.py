"""The steps of a procedure are typed a line each; what does not fit is named with its line."""

import pytest

from models.kernel.refusal import RuleUnmet
from models.texts.steps import LONGEST, MOST_STEPS, Step, kept, steps_of, written

TYPED = "申请|居民\n受理｜便民窗口｜当场｜一次告知补齐什么\n\n办结"


def test_a_line_is_a_step_with_up_to_four_parts() -> None:
    assert steps_of(TYPED) == [
        Step("申请", "居民"),
        Step("受理", "便民窗口", "当场", "一次告知补齐什么"),
        Step("办结"),
    ]
    assert steps_of(TYPED)[1].words == "受理（便民窗口，当场），否则一次告知补齐什么"
    assert steps_of(" \n") == []


def test_what_is_kept_reads_as_it_was_typed() -> None:
    steps = steps_of(TYPED)
    assert steps_of(written(steps)) == steps
    assert [Step(**row) for row in kept(steps)] == steps


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("申请\n｜窗口", "第2行没有写步骤的名称"),
        ("申请｜一｜二｜三｜四", "第1行竖线太多"),
        ("步" * (LONGEST["name"] + 1), "第1行的「步骤」最多"),
        ("\n".join("步" for _ in range(MOST_STEPS + 1)), "流程最多"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(typed: str, words: str) -> None:
    with pytest.raises(RuleUnmet, match=words) as refused:
        steps_of(typed)
    assert list(refused.value.fields) == ["steps"]
