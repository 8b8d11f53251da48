"""The desk where it is decided what is shown, and what the writer reads about it."""

from collections.abc import Callable
from typing import Any

from models.comments.calling import hidden_untold
from models.comments.comment import Comment
from models.comments.showing import Hiding, Redaction
from models.decisions.consultation import by_public_id
from models.kernel.base import db
from models.kernel.trail import Trace
from models.people.session import Session
from server.house import RESIDENT_COOKIE, House
from tests.conftest import People
from tests.console.world import World
from tests.making import a_comment, a_resident


def writer(app: House, public_id: str) -> Any:
    browser = app.test_client()
    with app.app_context():
        comment = db.session.query(Comment).filter_by(public_id=public_id).one()
        token = Session.open_for(comment.resident, "site", "a test")
        db.session.commit()
    browser.set_cookie(RESIDENT_COOKIE, token)
    return browser


def test_words_are_covered_at_the_desk_and_the_writer_reads_which_and_why(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    unshown = desk("shenlin").get(f"/desk/comments/{world.comment}/shown").get_data(as_text=True)
    assert "只公开大意，不公开原话" in unshown, "its writer lets none of it be shown"
    with app.app_context():
        asked = by_public_id(world.open)
        assert asked
        said = a_comment(asked, a_resident(71), "吃席的亲戚停不下。", show_text=True).comment.public_id
        db.session.commit()
    path = f"/desk/comments/{said}/shown"
    wrong = desk("shenlin").submit(path, {"deed": "cover", "words": "不在里面", "ground": "personal", "reason": "人名"})
    assert wrong.status_code == 422 and "不在里面" in wrong.get_data(as_text=True)
    told = {"deed": "cover", "words": "吃席的亲戚", "ground": "others", "reason": "说到了别人家"}
    assert desk("shenlin").submit(path, told).status_code == 303
    assert "［隐去］" in desk("shenlin").get(path).get_data(as_text=True)
    mine = writer(app, said).get(f"/comments/{said}").get_data(as_text=True)
    assert "公开时隐去1处" in mine and "说到了别人家" in mine and "一字没动" in mine
    with app.app_context():
        number = db.session.query(Redaction).one().public_id
    assert desk("shenlin").submit(path, {"deed": "uncover", "redaction": number}).status_code == 303
    assert "［隐去］" not in desk("shenlin").get(path).get_data(as_text=True)


def test_who_may_hide_hides_and_the_writer_reads_the_ground_and_that_it_counts(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    path = f"/desk/comments/{world.comment}/shown"
    assert "整段不公开" not in desk("shenlin").get(path).get_data(as_text=True)
    told = {"deed": "hide", "ground": "insult", "reason": "后半句骂人"}
    assert desk("shenlin").submit(path, told).status_code == 403
    assert desk("zhoumin").submit(path, told).status_code == 303
    mine = writer(app, world.comment).get(f"/comments/{world.comment}").get_data(as_text=True)
    assert "您的原话不公开" in mine and "后半句骂人" in mine and "照样计数，照样逐条答复" in mine
    assert desk("zhoumin").submit(path, {"deed": "lift", "reason": "看错了"}).status_code == 303
    assert "您的原话不公开" not in writer(app, world.comment).get(f"/comments/{world.comment}").get_data(as_text=True)


def test_one_pattern_is_looked_at_first_and_then_covers_all(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    path = f"/desk/consultations/{world.closed}/redact"
    page = desk("zhoumin").get(f"{path}?pattern=补助").get_data(as_text=True)
    assert "6 份意见里有" in page
    told = {"pattern": "补助", "ground": "personal", "reason": "试一试"}
    assert desk("zhoumin").submit(path, told).status_code == 303
    with app.app_context():
        assert db.session.query(Redaction).count() == 6
    assert desk("zhoumin").submit(path, told).status_code == 422


def test_what_will_be_public_is_said_where_the_words_are_written(world: World, app: House) -> None:
    page = app.test_client().get(f"/consultations/{world.open}/comment?anonymous=1").get_data(as_text=True)
    form = page[page.index("<form") : page.index("</form>")]
    assert "发布时公开什么" in form and "手机号和微信永远不公开" in form and "您的原话，由您决定" in form


def test_somebody_without_wechat_is_told_by_telephone_that_their_words_are_not_shown(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    office = desk("zhoumin")
    path = f"/desk/messages/hidden/{world.hidden}"
    assert path in office.get("/desk/messages").get_data(as_text=True)
    assert desk("mafang").get(path).status_code == 403
    page = office.get(path).get_data(as_text=True)
    assert "写了邻居的门牌号" in page and "照样逐条答复" in page and "没有留电话" in page
    assert office.submit(path, {}).status_code == 303
    assert office.submit(path, {}).status_code == 409
    assert path not in office.get("/desk/messages").get_data(as_text=True)
    with app.app_context():
        found = db.session.query(Hiding).filter_by(public_id=world.hidden).one()
        assert found.told_at is not None and found.told_by_id is not None
        looks = db.session.query(Trace).filter_by(subject_kind="Hiding", subject_id=found.id)
        assert [row.verb for row in looks.order_by(Trace.id)] == ["hide", "open_number", "told_in_person"]
        # Who is known to WeChat hears it there, and stands on no list.
        Hiding.hide(
            People()["zhoumin"],
            db.session.query(Comment).filter_by(public_id=world.comment).one(),
            "others",
            "说到了别人。",
        )
        db.session.flush()
        assert not hidden_untold()
        db.session.rollback()
