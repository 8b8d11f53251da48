"""Answering, approving, releasing: one answer to each point, seen by a second person, told once."""

import re
import threading
from collections.abc import Callable
from typing import Any

from models.comments.point import Outcome, Point, PointStage
from models.comments.release import Release
from models.decisions.consultation import Stage, by_public_id
from models.kernel.base import db
from server.house import House
from tests.console.world import REASON, World, point_of

ANSWER = {
    "outcome": "partly_adopted",
    "reason": "第二条改为两小时；但早市时段仍是一小时，因为要让更多人停得下。",
    "gist": "嫌一小时太短",
}


def where(world: World) -> str:
    return f"/desk/answering/{world.closed}/{world.point}"


def test_an_answer_is_kept_then_submitted_and_the_next_point_comes(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    browser = desk("shenlin")
    kept = browser.submit(where(world), {**ANSWER, "deed": "keep"})
    assert kept.status_code == 303
    assert f"p={world.point}" in kept.headers["Location"]
    with app.app_context():
        point = point_of(world.point)
        assert (point.stage, point.outcome, len(point.versions)) == (PointStage.DRAFTED, Outcome.PARTLY_ADOPTED, 1)
    sent = browser.submit(where(world), {**ANSWER, "deed": "submit"})
    assert sent.status_code == 303
    assert f"p={world.point}" not in sent.headers["Location"]
    with app.app_context():
        point = point_of(world.point)
        assert point.stage == PointStage.SUBMITTED
        assert len(point.versions) == 1, "the same words are no new version"


def test_an_answer_without_outcome_or_reason_is_refused_and_the_text_stays(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    browser = desk("shenlin")
    page = browser.submit(where(world), {"reason": "我写了很久的理由", "deed": "keep"})
    assert page.status_code == 422
    assert "请选结果" in page.get_data(as_text=True)
    assert "我写了很久的理由" in page.get_data(as_text=True)
    page = browser.submit(where(world), {"outcome": "adopted", "reason": " ", "gist": "一句摘要", "deed": "keep"})
    assert page.status_code == 422
    assert "一句摘要" in page.get_data(as_text=True)
    page = browser.submit(where(world), {**ANSWER, "gist": "", "deed": "submit"})
    assert page.status_code == 422
    assert "一句意见摘要" in page.get_data(as_text=True)
    with app.app_context():
        assert point_of(world.point).stage == PointStage.OPEN


def test_a_finer_reason_has_to_fit_its_outcome(world: World, desk: Callable[[str], Any]) -> None:
    page = desk("shenlin").submit(where(world), {**ANSWER, "sub_reason": "out_of_scope", "deed": "keep"})
    assert page.status_code == 422
    assert "不相符" in page.get_data(as_text=True)


def test_revised_words_of_a_clause_are_kept_and_shown_as_changes(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        about = next(p.public_id for p in _points(world) if p.clause_id)
    browser = desk("shenlin")
    with app.app_context():
        before = point_of(about).before
    revised = before.replace("1小时", "2小时")
    place = f"/desk/answering/{world.closed}/{about}"
    look = browser.submit(f"{place}/look", {**ANSWER, "revised": revised}).get_data(as_text=True)
    assert "<ins>2小时</ins>" in look or "<ins>2</ins>" in look
    assert browser.submit(place, {**ANSWER, "revised": revised, "deed": "keep"}).status_code == 303
    with app.app_context():
        assert point_of(about).after == revised
    assert browser.submit(place, {**ANSWER, "revised": before, "deed": "keep"}).status_code == 303
    with app.app_context():
        assert point_of(about).after == "", "the old words again are no revision"


def test_two_wordings_of_one_clause_are_brought_together_before_they_go_out(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        by_clause: dict[int, list[str]] = {}
        for p in _points(world):
            if p.clause_id and p.stage in (PointStage.OPEN, PointStage.DRAFTED):
                by_clause.setdefault(p.clause_id, []).append(p.public_id)
        first, second = next(points for points in by_clause.values() if len(points) > 1)[:2]
        before = point_of(first).before
    browser, told = desk("shenlin"), {"outcome": "adopted", "reason": "第二条改为两小时。", "gist": "嫌短"}
    one, other = f"{before}夜间不限。", f"{before}老人不限。"
    assert (
        browser.submit(
            f"/desk/answering/{world.closed}/{first}", {**told, "revised": one, "deed": "submit"}
        ).status_code
        == 303
    )
    look = f"/desk/answering/{world.closed}/{second}/look"
    assert "改成了另一种写法" in browser.submit(look, {**told, "revised": other}).get_data(as_text=True)
    assert "改成了另一种写法" not in browser.submit(look, {**told, "revised": one}).get_data(as_text=True)
    place = f"/desk/answering/{world.closed}/{second}"
    assert browser.submit(place, {**told, "revised": other, "deed": "submit"}).status_code == 303
    assert "改成了另一种写法" in desk("xujing").get(f"/desk/approval/{second}").get_data(as_text=True)


def test_when_all_is_answered_the_list_says_what_comes_next(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        found = by_public_id(world.closed)
        assert found
        db.session.query(Point).filter_by(consultation_id=found.id, stage=PointStage.OPEN).update(
            {"stage": PointStage.WITHDRAWN}
        )
        db.session.query(Point).filter_by(consultation_id=found.id, stage=PointStage.DRAFTED).update(
            {"stage": PointStage.SUBMITTED}
        )
        db.session.commit()
    page = desk("shenlin").get(f"/desk/answering/{world.closed}").get_data(as_text=True)
    assert "都答完了" in page
    assert "等另一位同事审核" in page
    assert f'<a class="btn" href="/desk/consultations/{world.closed}">看进度</a>' in page


def _points(world: World) -> Any:
    found = by_public_id(world.closed)
    assert found
    return db.session.query(Point).filter_by(consultation_id=found.id).order_by("id").offset(3)


def test_looking_changes_nothing_and_finds_an_empty_formula(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    browser = desk("shenlin")
    look = browser.submit(f"{where(world)}/look", {"outcome": "not_adopted", "reason": "已知悉，不予采纳。"})
    assert look.status_code == 200
    found = look.get_data(as_text=True)
    assert "套话" in found
    assert "写到了条款" not in found, "what is no reason has no grounds"
    assert "理由和结果相符" not in found
    assert "没有人名" in found
    page = browser.submit(where(world), {"outcome": "not_adopted", "reason": "已知悉。", "deed": "look"})
    assert page.status_code == 200
    with app.app_context():
        assert point_of(world.point).stage == PointStage.OPEN


def test_filters_stand_in_the_address(world: World, desk: Callable[[str], Any]) -> None:
    browser = desk("shenlin")
    page = browser.get(f"/desk/answering/{world.closed}?stage=submitted").get_data(as_text=True)
    assert "嫌补助太少" in page
    assert "没答" not in re.findall(r'<li aria-current="true">.*?</li>', page, re.DOTALL)[0]
    page = browser.get(f"/desk/answering/{world.closed}?stage=returned").get_data(as_text=True)
    assert "没有写改了哪一条" in page
    page = browser.get(f"/desk/answering/{world.closed}?clause=whole&stage=all").get_data(as_text=True)
    assert "整个草案 ×" in page
    page = browser.get(f"/desk/answering/{world.closed}?channel=paper").get_data(as_text=True)
    assert "这个范围里没有要点了" in page


def test_a_second_officer_on_an_old_page_is_told_and_keeps_the_text(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        seen = str(point_of(world.point).version)
    first, second = desk("shenlin"), desk("shenlin")
    assert first.submit(where(world), {**ANSWER, "version": seen, "deed": "keep"}).status_code == 303
    page = second.submit(where(world), {**ANSWER, "reason": "另一位写的理由", "version": seen, "deed": "keep"})
    text = page.get_data(as_text=True)
    assert page.status_code == 409
    assert "请再看一遍" in text
    assert "另一位写的理由" in text
    with app.app_context():
        assert point_of(world.point).reason == ANSWER["reason"]


def test_two_officers_at_the_same_moment_store_one_answer(app: House, world: World, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        seen = str(point_of(world.point).version)
    browsers = [desk("shenlin") for _ in range(4)]
    ready = threading.Barrier(4)
    codes: list[int] = []

    def press(number: int) -> None:
        ready.wait()
        told = {**ANSWER, "reason": f"第二条要让更多人停得下，第{number}位写的。", "version": seen, "deed": "submit"}
        codes.append(browsers[number].submit(where(world), told).status_code)

    threads = [threading.Thread(target=press, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 409, 409, 409]
    with app.app_context():
        assert len(point_of(world.point).versions) == 1


def test_the_author_does_not_approve_and_a_second_person_does(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    place = f"/desk/approval/{world.submitted_point}"
    assert desk("shenlin").submit(place, {"deed": "approve"}).status_code == 403
    page = desk("xujing").get(place).get_data(as_text=True)
    assert REASON in page
    assert "没有个人信息，可以公开" in page
    assert desk("xujing").submit(place, {"deed": "approve", "may_show": "y"}).status_code == 303
    with app.app_context():
        point = point_of(world.submitted_point)
        assert (point.stage, point.may_show) == (PointStage.APPROVED, True)
        assert point.approver_id != point.author_id
    assert desk("hexiulan").submit(place, {"deed": "approve"}).status_code == 409


def test_the_next_answer_to_approve_is_of_the_same_consultation_and_leaving_it_is_said(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        waits = db.session.query(Point).filter_by(stage=PointStage.OPEN).order_by(Point.id)
        rows = [(p.consultation.public_id, p.public_id, p.consultation_id) for p in waits]
        here = point_of(world.submitted_point).consultation_id
    handler = desk("shenlin")
    other = next(row for row in rows if row[2] != here)
    same = next(row for row in rows if row[2] == here)
    for matter, point, _ in (other, same):
        sent = handler.submit(f"/desk/answering/{matter}/{point}", {**ANSWER, "deed": "submit"})
        assert sent.status_code == 303
    browser, went = desk("xujing"), world.submitted_point
    for following in (same[1], other[1]):
        went = browser.submit(f"/desk/approval/{went}", {"deed": "approve", "may_show": "y"}).headers["Location"]
        assert went == f"/desk/approval/{following}"
        went = following
    assert "的都审完了，接着是《" in browser.get(f"/desk/approval/{went}").get_data(as_text=True)


def test_an_answer_goes_back_with_a_reason_that_its_author_finds(world: World, desk: Callable[[str], Any]) -> None:
    place = f"/desk/approval/{world.submitted_point}"
    silent = desk("xujing").submit(place, {"deed": "back", "reason": ""})
    assert silent.status_code == 422
    assert "请写明退回的原因" in silent.get_data(as_text=True)
    assert desk("xujing").submit(place, {"deed": "back", "reason": "没有写依据"}).status_code == 303
    page = desk("shenlin").get(f"/desk/answering/{world.closed}?p={world.submitted_point}&stage=all")
    assert "没有写依据" in page.get_data(as_text=True)


def test_a_release_needs_the_total_typed_and_happens_once(app: House, world: World, desk: Callable[[str], Any]) -> None:
    chief = desk("wuqiming")
    place = f"/desk/release/{world.ready}"
    assert "同意发布，告知" in chief.get(place).get_data(as_text=True)
    assert chief.submit(place, {"points": ""}).status_code == 422
    wrong = chief.submit(place, {"points": "7"})
    assert wrong.status_code == 422
    assert "不一样" in wrong.get_data(as_text=True)
    with app.app_context():
        version = str(by_public_id(world.ready).version)
    assert chief.submit(place, {"points": "1", "version": version}).status_code == 303
    assert chief.submit(place, {"points": "1", "version": version}).status_code == 409
    with app.app_context():
        matter = by_public_id(world.ready)
        assert matter.stage == Stage.CONCLUDED
        assert Release.of(matter) is not None


def test_nothing_is_released_while_a_point_is_open_and_the_page_says_by_which_article(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    chief = desk("wuqiming")
    page = chief.get(f"/desk/release/{world.closed}").get_data(as_text=True)
    assert "现在还不能发布" in page
    assert "条例第十八条" in page
    assert 'aria-disabled="true"' in page
    refused = chief.submit(f"/desk/release/{world.closed}", {"points": str(world.points)})
    assert refused.status_code == 422
    with app.app_context():
        assert by_public_id(world.closed).stage == Stage.PUBLISHED


def test_a_withdrawn_comment_is_not_answered(app: House, world: World, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        about = db.session.query(Point).filter_by(consultation_id=by_public_id(world.open).id).first()
        about.comment.withdraw(about.comment.resident)
        address = about.public_id
        db.session.commit()
    page = desk("shenlin").submit(f"/desk/answering/{world.open}/{address}", {**ANSWER, "deed": "keep"})
    assert page.status_code == 409
    assert "撤回" in page.get_data(as_text=True)
