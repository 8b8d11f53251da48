"""Before the release: the same question answered differently, formulas, missing grounds, wrong fits and personal data are found and placed."""

import random
from typing import Any

import pytest

from models.comments.comment import Attachment, Comment, MediaKind, MediaState
from models.comments.forget import forget
from models.comments.look_through import LISTED, Found, Kind, look_through
from models.comments.on_behalf import withdraw_for
from models.comments.point import Point, PointStage
from models.comments.receive import receive
from models.comments.showing import Hiding, redact
from models.decisions.consultation import Channel, Consultation
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import SYSTEM
from models.people.resident import Resident
from tests.conftest import Clock
from tests.making import a_comment, a_consultation, a_release, a_resident, answer_all, points_of

GOOD = "第二条写明每次不超过一小时，调查三天，够买一次菜，所以维持原文。"


def asked_and_answered(
    people: Any, clock: Clock, said: list[tuple[str, str, str, str]], **more: Any
) -> tuple[Consultation, list[Point]]:
    """Texts with outcome, gist and reason, all about the second clause, approved."""
    asked = a_consultation(people)
    clause = asked.draft.speakable[1] if asked.draft else None
    for n, (text, *_) in enumerate(said):
        a_comment(asked, a_resident(n), text, clause=clause, **more)
    clock.forward(days=31)
    db.session.expire_all()
    points = list(points_of(asked, PointStage.OPEN))
    for point, (_, outcome, gist, reason) in zip(points, said, strict=True):
        point.answer(
            people["shenlin"], outcome, reason, gist=gist, revised="每次不超过2小时。" if outcome == "adopted" else None
        )
        point.submit(people["shenlin"])
        point.approve(people["xujing"], may_show=True)
    db.session.flush()
    return asked, points


def kinds(found: Found) -> dict[str, int]:
    return {kind.value: number for kind, number in found.number.items() if number}


@pytest.mark.both_engines
def test_copies_of_one_text_answered_differently_are_found_with_both_places(people: Any, clock: Clock) -> None:
    asked, points = asked_and_answered(
        people,
        clock,
        [
            ("一小时太短，改两小时！", "not_adopted", "嫌时间短", GOOD),
            ("一小时太短， 改两小时。", "adopted", "要求延长", "第二条已改为两小时。"),
            ("完全另一件事。", "not_adopted", "别的", GOOD),
        ],
    )
    found = look_through(asked)
    (spot,) = found.spots[Kind.DIFFERS]
    assert (spot.point, spot.other) == (points[1].public_id, points[0].public_id)
    assert spot.grave and "一份答「未采纳」，一份答「采纳」" in spot.words


@pytest.mark.both_engines
def test_the_same_question_in_other_words_answered_yes_and_no_is_found(people: Any, clock: Clock) -> None:
    asked, points = asked_and_answered(
        people,
        clock,
        [
            ("早上一小时不够用。", "adopted", "延长短时停放时间到两小时", "第二条已改为两小时。"),
            ("能不能多停会儿。", "not_adopted", "把短时停放时间延长到两小时", GOOD),
            ("装个岗亭。", "not_adopted", "在路口装岗亭", GOOD),
        ],
    )
    (spot,) = look_through(asked).spots[Kind.DIFFERS]
    assert {spot.point, spot.other} == {points[0].public_id, points[1].public_id}


@pytest.mark.both_engines
def test_formulas_missing_grounds_and_wrong_fits_are_placed_and_counted_with_their_like(
    people: Any, clock: Clock
) -> None:
    asked, points = asked_and_answered(
        people,
        clock,
        [
            ("一。", "not_adopted", "甲", "您的意见已知悉，不予采纳。"),
            ("二。", "not_adopted", "乙", "您的意见已知悉，不予采纳。"),
            ("三。", "not_adopted", "丙", "这样做大家不太习惯呢，真的不合适吧。"),
            ("四。", "not_adopted", "丁", "第二条已采纳，已改为两小时。"),
            ("五。", "other", "戊", "交警大队负责路口的信号灯，已转交，十日内答复您。"),
        ],
    )
    found = look_through(asked)
    assert kinds(found) == {"formula": 1, "grounds": 1, "fit": 1}
    assert (found.spots[Kind.FORMULA][0].points, found.spots[Kind.FORMULA][0].grave) == (2, True)
    assert found.spots[Kind.FORMULA][0].point == points[0].public_id
    assert found.spots[Kind.GROUNDS][0].point == points[2].public_id
    assert found.spots[Kind.FIT][0].point == points[3].public_id


@pytest.mark.both_engines
def test_personal_data_is_found_wherever_it_would_be_printed_and_nowhere_else(people: Any, clock: Clock) -> None:
    asked, points = asked_and_answered(
        people,
        clock,
        [
            ("我电话13812345678，找我。", "not_adopted", "要求回电", GOOD),
            ("好的。", "not_adopted", "王小明（13912345678）要求回电", GOOD),
            ("行的。", "not_adopted", "要求装灯", "第二条不改；请打13712345678问老李。"),
        ],
        show_text=True,
    )
    spots = look_through(asked).spots[Kind.PERSONAL]
    assert {(spot.point, spot.piece) for spot in spots if spot.grave} == {
        (points[0].public_id, "13812345678"),
        (points[1].public_id, "13912345678"),
        (points[2].public_id, "13712345678"),
    }


def test_words_that_nobody_will_see_are_not_looked_at(people: Any, clock: Clock) -> None:
    asked, _ = asked_and_answered(
        people, clock, [("我电话13812345678，找我。", "not_adopted", "要求回电", GOOD)], show_text=False
    )
    assert not look_through(asked).total


@pytest.mark.both_engines
def test_only_what_will_be_shown_is_looked_at_not_what_is_covered_or_hidden(people: Any, clock: Clock) -> None:
    calls = [(f"第{n}句，电话1381234567{n}。", "not_adopted", f"大意{n}", GOOD) for n in range(3)]
    asked, points = asked_and_answered(people, clock, calls, show_text=True)
    redact(points[0].comment, people["shenlin"], ["13812345670"], "personal", "电话。")
    Hiding.hide(people["zhoumin"], points[1].comment, "personal", "通篇是电话。")
    db.session.flush()
    assert [(s.point, s.piece) for s in look_through(asked).spots[Kind.PERSONAL]] == [
        (points[2].public_id, "13812345672")
    ]


@pytest.mark.both_engines
def test_words_that_staff_wrote_down_hold_the_release_until_a_second_person_has_read_them(
    people: Any, clock: Clock
) -> None:
    asked = a_consultation(people)

    def written(text: str) -> Comment:
        who = Resident.from_paper()
        return receive(asked, who, text, channel=Channel.PHONE, officer=people["mafang"]).comment

    letter, taken_back, forgotten = written("西侧也划。"), written("算了。"), written("灯太暗。")
    spoken = a_comment(asked, a_resident(1), "（语音）").comment
    voice = Attachment(comment=spoken, resident=spoken.resident, kind=MediaKind.VOICE, state=MediaState.KEPT,
                       sha256="0" * 64, mime="audio/amr", size=9, received_at=now())  # fmt: skip
    db.session.add(voice)
    db.session.flush()
    withdraw_for(taken_back, people["mafang"], "card")
    forget(forgotten.resident, SYSTEM)
    clock.forward(days=31)
    db.session.expire_all()
    answer_all(people, asked)

    def spots() -> list[tuple[int, bool]]:
        return [(spot.serial, spot.grave) for spot in look_through(asked).spots[Kind.UNREAD]]

    assert spots() == [(letter.serial, True), (spoken.serial, False)]
    with pytest.raises(RuleUnmet, match="第二个人对着原件核对过，才能发布。还有1份没有核对"):
        a_release(people, asked)
    letter.transcription.confirm(people["tianye"])  # type: ignore[union-attr]
    voice.transcribe(people["mafang"], "早上不够停。")
    db.session.flush()
    assert spots() == [(spoken.serial, True)]
    with pytest.raises(RuleUnmet, match="还有1份没有核对"):
        a_release(people, asked)
    voice.transcription.mend(people["tianye"], "早上真不够停。", "少了一个字。")  # type: ignore[union-attr]
    db.session.flush()
    assert spots() == []
    assert a_release(people, asked).points == 3


def test_a_thousand_answers_are_looked_through_in_as_many_queries_as_ten(people: Any, clock: Clock) -> None:
    random.seed(4)
    asked, _ = asked_and_answered(
        people,
        clock,
        [(f"第{n}句。", "not_adopted", f"大意{n % 300}", f"第二条不改，第{n % 200}项。") for n in range(300)],
    )
    asks: list[str] = []
    listen = lambda *told: asks.append(told[2])  # noqa: E731
    db.event.listen(db.engine, "before_cursor_execute", listen)
    try:
        found = look_through(asked)
    finally:
        db.event.remove(db.engine, "before_cursor_execute", listen)
    assert len(asks) <= 12
    assert all(len(spots) <= LISTED for spots in found.spots.values())
