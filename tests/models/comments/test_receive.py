"""What people say is taken in once, kept as it came, and answered point by point."""

from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from models.comments.comment import Comment, mine
from models.comments.forget import forget
from models.comments.point import Point, PointStage, counts
from models.comments.receipt import Receipt
from models.comments.receive import receive
from models.comments.unplaced import Unplaced, waiting
from models.decisions.consultation import Channel, Consultation
from models.kernel import trail
from models.kernel.base import db
from models.kernel.evidence import check
from models.kernel.ids import receipt_fits
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet, TooOften
from models.people.resident import Resident, ResidentKind
from tests.making import a_comment, a_consultation, a_release, a_resident, answer_all

pytestmark = pytest.mark.both_engines

AS_IT_CAME = "  第二条，\t一小时不够。\n\n𠮷先生、葛󠄀女士说：é ≠ é　"


def test_the_original_is_kept_character_for_character(people: Any) -> None:
    given = a_comment(a_consultation(people), a_resident(), AS_IT_CAME)
    db.session.commit()
    again = db.session.get_one(Comment, given.comment.id)
    db.session.refresh(again)
    assert again.text == AS_IT_CAME


def test_in_the_database_it_cannot_be_read(people: Any) -> None:
    given = a_comment(a_consultation(people), a_resident(), "一个独特的句子在这里")
    db.session.flush()
    row = db.session.execute(
        text("SELECT sealed_text, tokens FROM comment WHERE id = :n"), {"n": given.comment.id}
    ).one()
    assert "独特".encode() not in bytes(row.sealed_text)
    assert "独特" not in row.tokens


def test_every_comment_is_born_with_one_point_and_a_receipt(people: Any) -> None:
    asked = a_consultation(people)
    given = a_comment(asked, a_resident())
    points = db.session.scalars(select(Point).where(Point.comment_id == given.comment.id)).all()
    assert [p.stage for p in points] == [PointStage.OPEN]
    assert receipt_fits(given.receipt)
    assert given.comment.serial_words == "0001"


def test_the_same_key_with_the_same_words_is_the_same_comment(people: Any) -> None:
    asked, who = a_consultation(people), a_resident()
    first = a_comment(asked, who, "同样的话", key="k:1")
    second = a_comment(asked, who, "同样的话", key="k:1")
    assert second.repeated and second.comment.id == first.comment.id and second.receipt == first.receipt
    with pytest.raises(RuleUnmet) as reused:
        a_comment(asked, who, "别的话", key="k:1")
    assert reused.value.code == "key_reused"
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 1


def test_counts_move_without_touching_the_records_version(people: Any) -> None:
    asked = a_consultation(people)
    before = asked.version
    a_comment(asked, a_resident(1))
    a_comment(asked, a_resident(1), "再说一句")
    a_comment(asked, a_resident(2))
    db.session.refresh(asked)
    assert (asked.n_people, asked.n_texts, asked.n_points, asked.version) == (2, 3, 3, before)


def test_what_is_taken_back_is_taken_out_of_the_counts(people: Any) -> None:
    asked, one, two = a_consultation(people), a_resident(1), a_resident(2)
    first = a_comment(asked, one, "一").comment
    a_comment(asked, one, "二")
    third = a_comment(asked, two, "三").comment
    first.withdraw(one)
    db.session.refresh(asked)
    assert (asked.n_people, asked.n_texts, asked.n_points) == (2, 2, 2)
    third.withdraw(two)
    db.session.refresh(asked)
    assert (asked.n_people, asked.n_texts, asked.n_points) == (1, 1, 1)
    with pytest.raises(OutOfTurn):
        third.withdraw(two)
    assert a_comment(asked, two, "四").comment.serial == 4
    db.session.refresh(asked)
    assert (asked.n_people, asked.n_texts, asked.n_points) == (2, 2, 2)


@pytest.mark.parametrize("said", ["", "   \n ", "空\x00白", "\ud800", "字" * 2001])
def test_what_cannot_be_taken_is_refused_in_words_and_leaves_nothing(people: Any, said: str) -> None:
    asked = a_consultation(people)
    with pytest.raises(RuleUnmet):
        a_comment(asked, a_resident(), said)
    assert counts(asked)["open"] == 0


def test_a_clause_of_another_draft_is_refused(people: Any) -> None:
    one, two = a_consultation(people), a_consultation(people)
    assert two.draft
    with pytest.raises(RuleUnmet) as unmet:
        a_comment(one, a_resident(), clause=two.draft.speakable[0])
    assert "clause" in unmet.value.fields


def test_an_organisation_has_a_name_and_a_joint_letter_its_signers(people: Any) -> None:
    asked = a_consultation(people)
    with pytest.raises(RuleUnmet):
        a_comment(asked, a_resident(), kind=ResidentKind.ORGANISATION)
    with pytest.raises(RuleUnmet):
        a_comment(asked, a_resident(), kind=ResidentKind.JOINT, signers=1)
    named = a_comment(asked, a_resident(1), kind=ResidentKind.ORGANISATION, organisation="青禾农贸市场商户协会")
    signed = a_comment(asked, a_resident(2), kind=ResidentKind.JOINT, signers=37)
    assert named.comment.organisation == "青禾农贸市场商户协会"
    assert signed.comment.signers == 37


def test_words_can_be_added_and_taken_back_until_closing_and_not_after(people: Any, clock: Any) -> None:
    asked, who = a_consultation(people), a_resident()
    one, two = a_comment(asked, who, "一").comment, a_comment(asked, who, "二").comment
    one.add(who, "还有一句。")
    two.withdraw(who)
    assert [s.text for s in one.supplements] == ["还有一句。"]
    assert counts(asked) == {"open": 1, "drafted": 0, "submitted": 0, "approved": 0, "released": 0, "withdrawn": 1}
    with pytest.raises(OutOfTurn):
        two.add(who, "又想说了")
    clock.forward(days=31)
    one = db.session.get_one(Comment, one.id)
    with pytest.raises(RuleUnmet, match="截止"):
        one.add(one.resident, "晚了")
    with pytest.raises(RuleUnmet, match="截止"):
        one.withdraw(one.resident)


def test_nobody_sees_or_touches_another_persons_comment(people: Any) -> None:
    given = a_comment(a_consultation(people), a_resident(1))
    other = a_resident(2)
    with pytest.raises(Missing):
        given.comment.withdraw(other)
    with pytest.raises(Missing):
        given.comment.add(other, "我来补充")
    with pytest.raises(Missing):
        Comment.of(other, given.comment.public_id)
    assert mine(other) == []


def test_the_database_refuses_to_change_or_delete_a_comment(people: Any) -> None:
    given = a_comment(a_consultation(people), a_resident())
    db.session.commit()
    for deed in (
        update(Comment).where(Comment.id == given.comment.id).values(sealed_text=b"x"),
        update(Comment).where(Comment.id == given.comment.id).values(received_at=None),
        text("DELETE FROM comment"),
    ):
        with pytest.raises(IntegrityError):
            db.session.execute(deed)
        db.session.rollback()


def test_staff_write_for_somebody_and_their_name_stands_beside_it(people: Any) -> None:
    asked = a_consultation(people)
    said_to = people["tianye"]
    given = receive(
        asked, Resident.from_paper(said_to.places[0]), "大坝路灯不亮。", channel=Channel.PAPER, officer=said_to
    )
    assert given.comment.entered_by is said_to
    assert given.comment.place and given.comment.place.name == "石桥村"
    with pytest.raises(NotAllowed):
        receive(asked, Resident.from_paper(), "代写", channel=Channel.PAPER, officer=people["chenguodong"])


def test_a_pin_opens_a_receipt_and_five_wrong_ones_lock_it(people: Any) -> None:
    given = a_comment(a_consultation(people), Resident.nobody_known(), channel=Channel.H5)
    receipt = Receipt.of(given.comment)
    assert receipt
    pin = receipt.guard()
    db.session.flush()
    spaced = f"{given.receipt[:3]} {given.receipt[3:6]}-{given.receipt[6:]}"
    assert Receipt.open_with(spaced, pin) is receipt
    wrong = "000000" if pin != "000000" else "111111"
    for _ in range(5):
        assert Receipt.open_with(given.receipt, wrong) is None
    with pytest.raises(TooOften):
        Receipt.open_with(given.receipt, pin)


def test_the_answer_needs_outcome_reason_and_author_in_the_database_too(people: Any) -> None:
    a_comment(a_consultation(people), a_resident())
    db.session.commit()
    for wrong in (
        "stage = 'submitted'",
        "stage = 'approved', outcome = 'other', reason = '因为', author_id = 1, approver_id = 1",
    ):
        with pytest.raises(IntegrityError):
            db.session.execute(text(f"UPDATE point SET {wrong}"))
        db.session.rollback()


def test_who_wrote_an_answer_does_not_approve_it(people: Any) -> None:
    asked = a_consultation(people)
    a_comment(asked, a_resident())
    people["shenlin"].give("unit_head")
    point = db.session.scalars(select(Point)).one()
    point.answer(people["shenlin"], "adopted", "第二条改为一个半小时。", gist="太短")
    point.submit(people["shenlin"])
    with pytest.raises(RuleUnmet, match="两个人"):
        point.approve(people["shenlin"])
    point.approve(people["xujing"])
    assert point.stage == PointStage.APPROVED


def test_every_version_of_an_answer_is_kept_whole(people: Any) -> None:
    asked = a_consultation(people)
    assert asked.draft
    a_comment(asked, a_resident(), clause=asked.draft.speakable[2])
    point = db.session.scalars(select(Point)).one()
    point.answer(people["shenlin"], "not_adopted", "先写的理由。", gist="太短")
    point.answer(people["shenlin"], "partly_adopted", "后写的理由。", revised="第二条 每次不超过1小时30分。")
    db.session.flush()
    assert [(v.number, v.outcome.value, v.reason) for v in point.versions] == [
        (1, "not_adopted", "先写的理由。"),
        (2, "partly_adopted", "后写的理由。"),
    ]
    assert point.after == "第二条 每次不超过1小时30分。"


def test_a_finer_reason_must_fit_its_outcome(people: Any) -> None:
    a_comment(a_consultation(people), a_resident())
    point = db.session.scalars(select(Point)).one()
    with pytest.raises(RuleUnmet) as unmet:
        point.answer(people["shenlin"], "adopted", "好的。", sub_reason="against_law")
    assert "sub_reason" in unmet.value.fields


def test_after_the_release_an_answer_never_changes(people: Any, clock: Any) -> None:
    asked = a_consultation(people)
    a_comment(asked, a_resident(), show_text=True)
    clock.forward(days=31)
    asked = db.session.get_one(Consultation, asked.id)
    (point,) = answer_all(people, asked)
    a_release(people, asked)
    db.session.refresh(point)
    assert point.stage == PointStage.RELEASED
    assert point.shown_text == "一个小时不够。"
    with pytest.raises(OutOfTurn):
        point.answer(people["shenlin"], "adopted", "改主意了。")
    db.session.commit()
    with pytest.raises(IntegrityError, match="never changed"):
        db.session.execute(update(Point).values(reason="改主意了。"))


def test_a_release_may_take_longer_than_a_page(people: Any, clock: Any) -> None:
    """Where statements are ended at all: a hundred thousand answers are let out in one."""
    if db.engine.dialect.name != "postgresql":
        return
    asked = a_consultation(people)
    a_comment(asked, a_resident(1), "一个小时不够。")
    clock.forward(days=31)
    asked = db.session.get_one(Consultation, asked.id)
    answer_all(people, asked)
    assert db.session.scalar(text("SHOW statement_timeout")) == "15s"
    a_release(people, asked)
    assert db.session.scalar(text("SHOW statement_timeout")) == "1min"
    db.session.commit()
    assert db.session.scalar(text("SHOW statement_timeout")) == "15s"


@pytest.mark.parametrize(
    ("show_text", "may_show", "shown"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_words_are_shown_only_with_both_the_writers_and_the_approvers_yes(
    people: Any, clock: Any, show_text: bool, may_show: bool, shown: bool
) -> None:
    asked = a_consultation(people)
    a_comment(asked, a_resident(), "原话", show_text=show_text)
    clock.forward(days=31)
    asked = db.session.get_one(Consultation, asked.id)
    point = db.session.scalars(select(Point)).one()
    point.answer(people["shenlin"], "other", "已经说明。", gist="原话的大意")
    point.submit(people["shenlin"])
    point.approve(people["xujing"], may_show=may_show)
    a_release(people, asked)
    db.session.refresh(point)
    assert (point.shown_text == "原话") is shown


def test_a_text_without_a_place_is_kept_receipted_and_keeps_its_number_when_placed(people: Any) -> None:
    asked, who = a_consultation(people), a_resident()
    kept = Unplaced.keep(who, "路太窄了")
    number = kept.receipt
    assert [u.id for u in waiting()] == [kept.id]
    given = kept.place(people["shenlin"], asked)
    found = Receipt.find(number)
    assert found and found.comment is given.comment
    assert given.receipt == number
    assert given.comment.text == "路太窄了"
    assert list(waiting()) == []


def test_forgetting_a_person_leaves_counts_and_trail_whole_and_no_words(people: Any) -> None:
    asked, who = a_consultation(people), a_resident()
    who.introduce(who, name="周女士", phone="13800000000", door="paper")
    comment = a_comment(asked, who, "我的话").comment
    db.session.commit()
    forget(who, who)
    db.session.commit()
    db.session.expire_all()
    again = db.session.get_one(Comment, comment.id)
    with pytest.raises(Missing):
        _ = again.text
    assert again.readable == "（已应本人要求删除）"
    assert (who.name, who.phone, again.tokens) == ("", "", "")
    assert counts(asked)["open"] == 1
    trail.sequence()
    assert check(asked.chain).whole
    with pytest.raises(IntegrityError, match="only be dropped"):
        db.session.execute(text("UPDATE person_key SET wrapped = :k WHERE wrapped IS NULL"), {"k": b"x" * 60})
