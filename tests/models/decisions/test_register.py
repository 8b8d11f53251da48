"""A power is public with its basis and its way, after the justice office has answered for it; a change names its own basis."""

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models import files
from models.decisions.register import (
    PowerKind,
    Register,
    RegisterKind,
    RegisterStage,
    entry_by_public_id,
    in_force,
    in_hand,
    versions,
)
from models.kernel.lifecycle import unmet, why_not
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet
from tests.conftest import People
from tests.making import POWER, a_register


def lacking(made: Register, gate: str, who: Any) -> list[str]:
    return [refusal.code for refusal in unmet(made, gate, who)]


def test_nothing_is_public_before_the_justice_office_has_checked_it(people: People) -> None:
    made = a_register(people, RegisterStage.DRAFTED)
    assert isinstance(why_not(made, "publish", people["zhoumin"]), OutOfTurn)
    made.submit(people["shenlin"])
    with pytest.raises(NotAllowed):
        made.check(people["zhoumin"], "好")
    with pytest.raises(RuleUnmet, match="核对意见"):
        made.check(people["luojing"], " ")
    made.check(people["luojing"], "依据都现行有效。")
    assert in_force(RegisterKind.POWERS) is None
    made.publish(people["zhoumin"])
    assert in_force(RegisterKind.POWERS) is made
    assert (made.number, made.title, made.checker) == (1, "权力清单", people["luojing"])


@pytest.mark.parametrize("field", ["basis", "unit", "object", "steps"])
def test_half_an_entry_is_not_sent_to_the_justice_office(people: People, field: str) -> None:
    made = a_register(people, RegisterStage.DRAFTED)
    made.put_entry(people["shenlin"], made.entries[0], **{field: None if field == "unit" else ""})
    refusals = unmet(made, "register.submit", people["shenlin"])
    assert [r.code for r in refusals] == ["entries_complete"]
    assert "临时占用道路" in refusals[0].message
    with pytest.raises(RuleUnmet):
        made.submit(people["shenlin"])


def test_who_checks_wrote_nothing_and_who_checked_does_not_publish(people: People) -> None:
    people["luojing"].give("office")
    made = a_register(people, RegisterStage.DRAFTED)
    made.put_entry(people["luojing"], made.entries[0], object="摊主")
    made.submit(people["shenlin"])
    assert lacking(made, "register.check", people["luojing"]) == ["actor_had_no_hand"]
    made.send_back(people["luojing"], "换一个人核对")
    people["hexiulan"].give("justice")
    people["hexiulan"].give("office")
    made.submit(people["shenlin"])
    made.check(people["hexiulan"], "依据有效。")
    assert lacking(made, "register.publish", people["hexiulan"]) == ["publisher_is_not_checker"]
    with pytest.raises(RuleUnmet, match="两个人"):
        made.publish(people["hexiulan"])
    made.publish(people["zhoumin"])


def test_what_goes_back_is_checked_anew(people: People) -> None:
    made = a_register(people, RegisterStage.CHECKED)
    made.send_back(people["zhoumin"], "漏了一项")
    assert (made.stage, made.checker, made.checked_at, made.remark) == (RegisterStage.DRAFTED, None, None, "")


def test_each_change_names_its_basis_and_the_old_version_stays(people: People) -> None:
    first = a_register(people)
    second = Register.draft_new(people["shenlin"], RegisterKind.POWERS)
    assert [e.origin for e in second.entries] == [e.origin for e in first.entries]
    with pytest.raises(RuleUnmet, match="写明取消这一项的依据"):
        second.drop_entry(people["shenlin"], second.entries[1])
    second.drop_entry(people["shenlin"], second.entries[1], "上级收回，县政府令第9号")
    second.put_entry(people["shenlin"], second.entries[0], object="摊主和施工单位")
    second.put_entry(people["shenlin"], **(POWER | {"name": "养犬登记", "unit": people["shenlin"].unit}))
    bare = unmet(second, "register.submit", people["shenlin"])
    assert [r.code for r in bare] == ["changes_have_basis"]
    assert "“临时占用道路摆摊审批”、“养犬登记”" in bare[0].message
    for at in (0, 2):
        second.put_entry(people["shenlin"], second.entries[at], change_basis="养犬管理条例第八条")
    assert "还没有写调整的理由" in unmet(second, "register.submit", people["shenlin"])[0].message
    second.revise(people["shenlin"], reason="条例修订。")
    second.submit(people["shenlin"])
    second.check(people["luojing"], "依据有效。")
    assert in_force(RegisterKind.POWERS) is first
    second.publish(people["zhoumin"])
    told = [(one.what, one.line.title, basis) for one, basis in second.differences()]
    assert told == [
        ("changed", "临时占用道路摆摊审批", "养犬管理条例第八条"),
        ("added", "养犬登记", "养犬管理条例第八条"),
        ("removed", "户外广告设置检查", "上级收回，县政府令第9号"),
    ]
    assert [e.name for e in first.standing] == ["临时占用道路摆摊审批", "户外广告设置检查"]
    assert [e.name for e in second.standing] == ["临时占用道路摆摊审批", "养犬登记"]
    assert [r.number for r in versions(RegisterKind.POWERS)] == [2, 1]
    third = Register.draft_new(people["shenlin"], RegisterKind.POWERS)
    assert [e.name for e in third.entries] == ["临时占用道路摆摊审批", "养犬登记"], (
        "what was struck out does not come back"
    )
    assert all(e.change_basis == "" for e in third.entries)
    third.revise(people["shenlin"], reason="没有改")
    assert "一字不差" in unmet(third, "register.submit", people["shenlin"])[0].message


def test_an_entry_that_was_never_public_just_goes_and_one_struck_out_may_come_back(people: People) -> None:
    a_register(people)
    second = Register.draft_new(people["shenlin"], RegisterKind.POWERS)
    new = second.put_entry(people["shenlin"], name="写错了的一项")
    second.drop_entry(people["shenlin"], new)
    assert len(second.entries) == 2
    with pytest.raises(Missing):
        second.bring_back(people["shenlin"], second.entries[0])
    second.drop_entry(people["shenlin"], second.entries[0], "误记")
    assert len(second.standing) == 1
    second.bring_back(people["shenlin"], second.entries[0])
    assert len(second.standing) == 2
    assert second.differences() == []


def test_one_version_of_a_list_is_in_hand(people: People) -> None:
    made = a_register(people, RegisterStage.DRAFTED)
    with pytest.raises(OutOfTurn, match="已经有一版在办"):
        Register.draft_new(people["zhoumin"], RegisterKind.POWERS)
    other = Register.draft_new(people["zhoumin"], RegisterKind.DUTIES)
    assert list(in_hand()) == [made, other]
    made.abandon(people["shenlin"], "先不编")
    assert list(in_hand()) == [other]


def test_a_duty_says_its_responsibility_and_needs_no_way(people: People) -> None:
    made = Register.draft_new(people["shenlin"], RegisterKind.DUTIES)
    put = made.put_entry(people["shenlin"], name="道路巡查", basis="条例", unit=people["shenlin"].unit)
    assert put.lacking == ["责任事项和追责情形"]
    made.put_entry(people["shenlin"], put, duties="每周巡查一次；没有巡查的，依法给予处分。")
    made.submit(people["shenlin"])


def test_the_negative_list_is_the_state_s_a_word_and_an_address(people: People) -> None:
    made = Register.draft_new(people["shenlin"], RegisterKind.NEGATIVE)
    with pytest.raises(RuleUnmet, match="负面清单由国家统一公布"):
        made.put_entry(people["shenlin"], name="x")
    with pytest.raises(RuleUnmet) as refused:
        made.revise(people["shenlin"], link="javascript:alert(1)")
    assert list(refused.value.fields) == ["link"]
    made.revise(people["shenlin"], link="")
    assert lacking(made, "register.submit", people["shenlin"]) == ["register_says_something"]
    made.revise(people["shenlin"], intro="国家统一的清单。", link="https://www.example.gov.cn/list")
    made.submit(people["shenlin"])


def test_a_flow_chart_is_a_picture_drawn_anew_or_a_pdf_and_nothing_else(people: People, tmp_path: Any) -> None:
    made = a_register(people, RegisterStage.DRAFTED)
    entry = made.entries[0]
    with pytest.raises(RuleUnmet) as refused:
        made.attach_chart(people["shenlin"], entry, b"<svg onload=alert(1)>")
    assert list(refused.value.fields) == ["chart"]
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "JPEG", comment=b"a secret place")
    made.attach_chart(people["shenlin"], entry, picture.getvalue())
    assert entry.chart_mime == "image/jpeg"
    assert b"a secret place" not in files.read(entry.chart)
    made.put_entry(people["shenlin"], entry, steps="")
    assert entry.lacking == [], "an uploaded chart is a way too"
    made.detach_chart(people["shenlin"], entry)
    assert entry.lacking == ["流程"]


def test_an_entry_is_found_by_its_address_once_it_is_public(people: People) -> None:
    made = a_register(people, RegisterStage.CHECKED)
    name = made.entries[0].public_id
    assert entry_by_public_id(name) is None
    assert entry_by_public_id(name, published=False) is made.entries[0]
    made.publish(people["zhoumin"])
    assert entry_by_public_id(name) is made.entries[0]
    assert made.entries[0].kind == PowerKind.LICENCE


@pytest.mark.both_engines
def test_the_database_keeps_what_was_published(people: People, session: scoped_session[Any]) -> None:
    made = a_register(people)
    session.commit()

    def refused(change: str) -> None:
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(change))

    for change in (
        "UPDATE register SET intro = 'x'",
        "UPDATE register_entry SET basis = 'x'",
        "DELETE FROM register_entry",
        "DELETE FROM register",
    ):
        refused(change)
    second = Register.draft_new(people["shenlin"], made.kind)
    session.flush()
    chief, clerk = people["wuqiming"].id, people["zhoumin"].id
    for change in (
        "stage = 'checked'",
        f"stage = 'published', open_kind = NULL, number = 2, reason = 'x', checker_id = {chief}, checked_at = made_at, "
        f"published_at = made_at, publisher_id = {chief}",
        "number = 2",
        "open_kind = NULL",
    ):
        refused(f"UPDATE register SET {change} WHERE id = {second.id}")
    refused(f"UPDATE register_entry SET dropped = (1 = 1) WHERE register_id = {second.id}")
    assert clerk != chief
