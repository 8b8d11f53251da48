"""What is shown is one thing, what counts another: hiding on listed grounds, covering with a reason, one pattern over a whole consultation."""

from typing import Any

import pytest

from models.comments.point import Point, PointStage
from models.comments.release import totals
from models.comments.showing import COVER, Ground, Hiding, Redaction, matches, redact, redact_all, uncover
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import Trace
from models.messages.audience import expand
from models.messages.message import Message
from tests.conftest import Clock
from tests.making import a_comment, a_consultation, a_release, a_resident, answer_all, points_of

pytestmark = pytest.mark.both_engines

TEXT = "我是王小明，电话13812345678，住3栋402室。一小时太短。"


@pytest.fixture
def said(people: Any) -> tuple[Consultation, list[Any]]:
    """Three people who let their words be shown, one who does not."""
    asked = a_consultation(people)
    texts = (TEXT, "王小明说得对，打13912345678也行。", "晚上灯太暗。", "我的电话13712345678，别公开。")
    return asked, [a_comment(asked, a_resident(n), text, show_text=n < 3).comment for n, text in enumerate(texts)]


def released(people: Any, clock: Clock, asked: Consultation) -> dict[int, Point]:
    clock.forward(days=31)
    db.session.expire_all()
    answer_all(people, asked)
    a_release(people, asked)
    db.session.expire_all()
    return {point.comment_id: point for point in points_of(asked)}


def test_what_is_hidden_counts_and_is_answered_like_every_other_and_only_its_words_stay_away(
    people: Any, clock: Clock, said: Any
) -> None:
    asked, (first, second, __third, _) = said
    before = totals(asked)
    Hiding.hide(people["zhoumin"], first, Ground.INSULT, "第二句是骂人的话。")
    db.session.flush()
    assert totals(asked) == before
    points = released(people, clock, asked)
    assert points[first.id].stage == PointStage.RELEASED
    assert points[first.id].reason
    assert points[first.id].shown_text is None
    assert points[second.id].shown_text == second.text
    assert totals(asked)["points"] == 4


def test_only_listed_grounds_and_a_reason_hide_and_only_those_whose_post_it_is(people: Any, said: Any) -> None:
    _, (first, *_) = said
    for ground, reason in (("disagrees", "和我们想的不一样"), ("insult", ""), ("", "难看")):
        with pytest.raises(RuleUnmet):
            Hiding.hide(people["zhoumin"], first, ground, reason)
    with pytest.raises(NotAllowed):
        Hiding.hide(people["shenlin"], first, Ground.INSULT, "骂人")
    Hiding.hide(people["zhoumin"], first, Ground.INSULT, "骂人")
    with pytest.raises(OutOfTurn):
        Hiding.hide(people["zhoumin"], first, Ground.INSULT, "骂人")


def test_the_writer_hears_of_it_once_and_nobody_else(people: Any, said: Any, session: Any) -> None:
    _, (first, *_) = said
    made = Hiding.hide(people["zhoumin"], first, Ground.INSULT, "骂人")
    session.flush()
    fact = session.query(Trace).filter_by(subject_kind="Hiding", verb="hide", subject_id=made.id).one()
    assert (expand(fact), expand(fact)) == (1, 0)
    (told,) = session.query(Message).filter_by(fact_id=fact.id).all()
    assert told.resident_id == first.resident_id


def test_after_the_release_hiding_takes_the_words_away_and_lifting_brings_them_back(
    people: Any, clock: Clock, said: Any
) -> None:
    asked, (first, *_) = said
    points = released(people, clock, asked)
    assert points[first.id].shown_text == TEXT
    made = Hiding.hide(people["hexiulan"], first, Ground.OTHERS, "提到了别人家的事。")
    assert points[first.id].shown_text is None
    with pytest.raises(RuleUnmet):
        made.lift(people["hexiulan"], "")
    made.lift(people["hexiulan"], "本人说明是自己的事。")
    assert points[first.id].shown_text == TEXT


def test_marked_words_are_covered_with_a_reason_and_the_original_stays_sealed_and_whole(
    people: Any, clock: Clock, said: Any
) -> None:
    asked, (first, *_) = said
    with pytest.raises(RuleUnmet) as wrong:
        redact(first, people["shenlin"], ["王大明"], Ground.PERSONAL, "人名")
    assert "一字不差" in wrong.value.fields["words"]
    redact(first, people["shenlin"], ["王小明", "13812345678"], Ground.PERSONAL, "姓名和电话")
    db.session.flush()
    points = released(people, clock, asked)
    assert points[first.id].shown_text == f"我是{COVER}，电话{COVER}，住3栋402室。一小时太短。"
    assert first.text == TEXT
    trace = db.session.query(Trace).filter_by(verb="redact").one()
    assert "王小明" not in str(trace.detail) and trace.detail["number"] == 2
    row = db.session.query(Redaction).first()
    assert row is not None and "王小明".encode() not in row.sealed_words
    redact(first, people["shenlin"], ["3栋402室"], Ground.PERSONAL, "住址")
    assert points[first.id].shown_text == f"我是{COVER}，电话{COVER}，住{COVER}。一小时太短。"
    uncover(first, people["shenlin"], [row.public_id])
    assert (points[first.id].shown_text or "").startswith("我是王小明，")


def test_one_pattern_covers_a_whole_batch_and_meets_only_what_may_be_shown(
    people: Any, clock: Clock, said: Any
) -> None:
    asked, (first, second, third, fourth) = said
    assert [(c.id, w) for c, w in matches(asked, "phones")] == [
        (first.id, ["13812345678"]),
        (second.id, ["13912345678"]),
    ]
    assert redact_all(asked, people["zhoumin"], "phones", Ground.PERSONAL, "电话号码") == 2
    assert redact_all(asked, people["zhoumin"], "王小明", Ground.PERSONAL, "人名") == 2
    assert not matches(asked, "phones")
    with pytest.raises(RuleUnmet, match="没有一份"):
        redact_all(asked, people["zhoumin"], "phones", Ground.PERSONAL, "电话号码")
    points = released(people, clock, asked)
    assert points[first.id].shown_text == f"我是{COVER}，电话{COVER}，住3栋402室。一小时太短。"
    assert points[second.id].shown_text == f"{COVER}说得对，打{COVER}也行。"
    assert points[third.id].shown_text == "晚上灯太暗。"
    assert points[fourth.id].shown_text is None
    batches = {row.batch for row in db.session.query(Redaction)}
    assert len(batches) == 2 and "" not in batches
