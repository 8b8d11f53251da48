"""What the law leaves to the office is a switch of the rule set, and the program honours it: each flipped once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from models.comments.release import shown_while_open
from models.comments.showing import COVER, Hiding, redact
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.workdays import is_workday
from models.people.resident import ResidentKind
from tests.making import a_comment, a_consultation, a_resident, points_of

Flip = Callable[[str], None]


@pytest.fixture
def flip(monkeypatch: pytest.MonkeyPatch) -> Flip:
    """flip(key): the office has chosen the other way."""
    asked = RuleSet.switch

    def flipped(key: str) -> None:
        def switch(self: RuleSet, name: str) -> bool | str:
            return not asked(self, name) if name == key else asked(self, name)

        monkeypatch.setattr(RuleSet, "switch", switch)

    return flipped


def to_a_day_off(start: Any) -> int:
    """How many days from `start` the first day off after thirty lies."""
    return next(n for n in range(30, 60) if not is_workday(start + timedelta(days=n)))


def test_a_window_ends_on_a_day_off_or_past_it(people: Any, flip: Flip) -> None:
    days = to_a_day_off(today())
    plain = a_consultation(people, window_days=days)
    assert plain.closes_on == today() + timedelta(days=days)
    assert not is_workday(plain.closes_on)
    flip("window_past_days_off")
    asked = a_consultation(people, title="另一件事", window_days=days)
    assert asked.closes_on
    assert asked.closes_on > plain.closes_on
    assert is_workday(asked.closes_on)
    more = to_a_day_off(asked.closes_on)
    asked.extend(people["wuqiming"], more, "来的人多")
    assert is_workday(asked.closes_on)


def test_a_name_is_asked_for_or_not(people: Any, flip: Flip) -> None:
    asked, nameless = a_consultation(people), a_resident(1)
    a_comment(asked, nameless, key="k1")
    flip("name_required")
    with pytest.raises(RuleUnmet) as refused:
        a_comment(asked, nameless, "还有一条。")
    assert "name" in refused.value.fields
    assert a_comment(asked, nameless, key="k1").repeated, "what was taken stays taken"
    a_comment(asked, nameless, "单位的意见。", kind=ResidentKind.ORGANISATION, organisation="青禾餐饮协会")
    nameless.introduce(nameless, name="周女士", door="h5")
    a_comment(asked, nameless, "还有一条。")


def test_words_are_shown_before_the_release_or_not(people: Any, flip: Flip) -> None:
    asked = a_consultation(people)
    for number, (allows, ticked) in enumerate([(True, True), (True, False), (False, True)], 1):
        a_comment(asked, a_resident(number), f"第{number}个人说的。", show_text=allows)
        point = points_of(asked)[-1]
        point.answer(people["shenlin"], "adopted", "照此修改。", gist="嫌短")
        point.submit(people["shenlin"])
        point.approve(people["xujing"], may_show=ticked)
    a_comment(asked, a_resident(4), "第4个人说的。", show_text=True)
    assert shown_while_open(asked) == []
    flip("comments_shown_while_open")
    assert [one.text for one in shown_while_open(asked)] == ["第1个人说的。"]
    said = points_of(asked)[0].comment
    redact(said, people["shenlin"], ["第1个人"], "personal", "能认出是谁。")
    db.session.flush()
    assert [one.text for one in shown_while_open(asked)] == [f"{COVER}说的。"]
    Hiding.hide(people["zhoumin"], said, "personal", "能认出是谁。")
    db.session.flush()
    assert shown_while_open(asked) == []
