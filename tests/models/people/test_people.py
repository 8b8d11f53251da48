"""Who people are: officers with posts and locks, residents behind WeChat names, sessions that end at once."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models.comments.comment import mine
from models.kernel.base import db
from models.kernel.clock import now, today, wall
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet, TooOften
from models.kernel.trail import SYSTEM
from models.people.consent import Consent, ConsentText
from models.people.link import OneOffLink
from models.people.officer import TRIES, Officer, holders
from models.people.place import Place, PlaceKind, street, villages
from models.people.resident import Grant, Identity, Resident
from models.people.session import Session
from server.cli import DEMO_PASSWORD
from server.house import House, brief
from tests.making import a_comment, a_consultation, a_follower, a_resident

pytestmark = pytest.mark.both_engines


def test_the_tenth_wrong_password_locks_even_the_right_one_out(people: Any) -> None:
    for _ in range(TRIES):
        assert Officer.sign_in("shenlin", "wrong-password") is None
    with pytest.raises(TooOften, match="分钟"):
        Officer.sign_in("shenlin", DEMO_PASSWORD)
    who = people["shenlin"]
    who.locked_until = wall() - timedelta(seconds=1)
    assert Officer.sign_in("shenlin", DEMO_PASSWORD) is who


def test_nobody_signs_in_as_somebody_unknown_or_gone(people: Any) -> None:
    assert Officer.sign_in("nobody", DEMO_PASSWORD) is None
    people["shenlin"].leave(people["xitong"])
    assert Officer.sign_in("shenlin", DEMO_PASSWORD) is None


def test_the_three_administrators_are_three_persons_without_other_posts(people: Any) -> None:
    boss = people["xitong"]
    for who, post in (("xitong", "security_admin"), ("shenlin", "audit_admin"), ("anquan", "handler")):
        with pytest.raises(RuleUnmet, match="不同的人"):
            people[who].appoint(boss, post)
    with pytest.raises(NotAllowed):
        people["shenlin"].appoint(people["shenlin"], "chief")


def test_while_somebody_is_away_another_signs_and_the_trail_says_for_whom(people: Any, clock: Any) -> None:
    chief, leader = people["wuqiming"], people["hexiulan"]
    chief.delegate(chief, leader, today(), today() + timedelta(days=3))
    db.session.flush()
    db.session.expire_all()
    assert people["hexiulan"].has("chief")
    assert "代吴启明" in people["hexiulan"].actor_post
    assert not people["shenlin"].has("chief")
    clock.forward(days=4)
    assert not people["hexiulan"].has("chief")


def test_a_delegation_lends_no_administrators_rights(people: Any) -> None:
    people["xitong"].delegate(people["xitong"], people["zhoumin"], today(), today())
    db.session.flush()
    db.session.expire_all()
    assert not people["zhoumin"].has("system_admin")


@pytest.mark.parametrize("weak", ["1234567", "12345678", "password", "aaaaaaaa", "x" * 129])
def test_weak_passwords_are_refused_in_words(people: Any, weak: str) -> None:
    who = people["shenlin"]
    with pytest.raises(RuleUnmet, match="密码"):
        who.change_password(who, DEMO_PASSWORD, weak)
    who.change_password(who, DEMO_PASSWORD, "一句自己记得住的话")
    assert Officer.sign_in("shenlin", "一句自己记得住的话") is who


def test_posts_find_their_holders(people: Any) -> None:
    assert [o.name for o in holders("chief")] == ["吴启明"]
    assert people["chenguodong"].reads_only
    assert not people["zhoumin"].reads_only


def test_places_stand_where_their_kind_may_stand(people: Any) -> None:
    top = street()
    assert top and len(villages()) == 4
    Place.found(people["xitong"], "三组", PlaceKind.GROUP, villages()[0])
    with pytest.raises(RuleUnmet):
        Place.found(people["xitong"], "错的", PlaceKind.GROUP, top)


def test_the_same_openid_in_another_account_is_another_person_until_a_unionid_joins_them(people: Any) -> None:
    first, second = Resident.by_identity("wxA", "o1"), Resident.by_identity("wxB", "o1")
    assert first.id != second.id
    asked = a_consultation(people)
    a_comment(asked, first)
    a_comment(asked, second)
    Resident.by_identity("wxA", "o1", "u1")
    joined = Resident.by_identity("wxB", "o1", "u1")
    db.session.flush()
    assert joined.id == first.id
    assert second.current.id == first.id
    assert len(mine(first)) == 2


def test_the_same_identity_is_made_once(session: Any) -> None:
    assert Identity.seen("wxA", "o1").id == Identity.seen("wxA", "o1").id
    assert db.session.scalar(select(func.count()).select_from(Identity)) == 1


def test_a_message_opens_five_words_in_two_days_and_a_menu_never_takes_them_away(session: Any) -> None:
    who = Identity.seen("wxA", "o1")
    who.heard_from("message")
    until = who.window_until
    who.heard_from("menu")
    assert (who.window_left, who.window_until) == (5, until)
    assert until is not None and until - now() > timedelta(hours=47)
    who.unfollow()
    assert who.window_left == 0


def test_one_yes_is_one_message_and_a_no_ends_them(session: Any) -> None:
    who = Identity.seen("wxA", "o1")
    Grant.accepted(who, "T")
    Grant.accepted(who, "T")
    assert Grant.left(who, "T") == 2
    Grant.zero(who, "T")
    assert Grant.left(who, "T") == 0


def test_a_session_opens_its_own_door_only_and_ends_at_once(people: Any) -> None:
    token = Session.open_for(people["shenlin"], "console", "a test")
    db.session.flush()
    found = Session.find(token, "console")
    assert found and found.person is people["shenlin"]
    assert Session.find(token, "site") is None
    assert Session.find("0" * 64, "console") is None
    found.revoke()
    assert Session.find(token, "console") is None


def test_an_officer_who_left_has_no_session_any_more(people: Any) -> None:
    token = Session.open_for(people["shenlin"], "console")
    db.session.flush()
    people["shenlin"].leave(people["xitong"])
    assert Session.find(token, "console") is None


def test_the_database_knows_no_token_in_clear(people: Any) -> None:
    token = Session.open_for(people["shenlin"], "console")
    db.session.flush()
    row = db.session.scalars(select(Session)).one()
    assert token.encode() not in bytes(row.token_hash)
    assert row.csrf and row.csrf != row.csrf_secret


def test_a_one_off_link_is_looked_at_freely_and_spent_once(session: Any) -> None:
    who = a_resident()
    token = OneOffLink.make(who, "/mine")
    db.session.flush()
    for _ in range(3):
        assert OneOffLink.look(token)
    link = OneOffLink.look(token)
    assert link and link.spend() is who
    with pytest.raises(OutOfTurn):
        link.spend()
    db.session.expire_all()
    assert OneOffLink.look(token) is None


def test_a_privacy_text_without_its_period_of_keeping_is_refused(session: Any) -> None:
    with pytest.raises(RuleUnmet, match="保存期限"):
        ConsentText.publish("privacy", "2027-01", "我们收集您的意见。")
    assert "保存期限" in ConsentText.current().body  # type: ignore[union-attr]


def test_consent_names_the_version_that_was_seen(session: Any) -> None:
    who = a_resident()
    Consent.give(who)
    Consent.give(who)
    db.session.flush()
    row = db.session.scalars(select(Consent)).one()
    assert row.text_id == ConsentText.current().id  # type: ignore[union-attr]
    ConsentText.publish("privacy", "2027-01", "新的文本，保存期限三年")
    Consent.give(who)
    db.session.flush()
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 2


def test_who_took_it_back_agrees_anew(session: Any) -> None:
    who = a_resident()
    Consent.give(who, door="h5")
    Consent.withdraw(who)
    session.flush()
    assert not Consent.given(who)
    Consent.give(who, door="mini")
    session.expire_all()
    row = db.session.scalars(select(Consent).where(Consent.resident_id == who.id)).one()
    assert (row.withdrawn_at, row.door) == (None, "mini")


def test_two_who_write_down_the_same_agreement_at_once_both_go_on(app: House) -> None:
    with app.app_context(), brief():
        number = a_resident().id
    begun, wrong = threading.Event(), []

    def agree(first: bool) -> None:
        try:
            if not first:
                begun.wait(5)
            with app.app_context(), brief():
                Consent.give(db.session.get_one(Resident, number))
                if first:
                    begun.set()
                    time.sleep(0.3)
        except Exception as error:
            wrong.append(error)

    crew = [threading.Thread(target=agree, args=(first,)) for first in (True, False)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert wrong == []
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Consent.resident_id == number)) == 1
        db.session.rollback()


def test_a_telephone_number_is_found_without_being_readable(session: Any) -> None:
    who = a_follower()
    who.introduce(who, name="老陈", phone="138-0000 0000", door="h5")
    assert (who.name, who.phone) == ("老陈", "138-0000 0000")
    assert b"138" not in bytes(who.sealed_phone or b"")
    with pytest.raises(RuleUnmet):
        who.introduce(who, phone="不告诉您", door="h5")


def test_two_names_of_one_person_are_joined_by_that_person_and_by_nobody_else(people: Any) -> None:
    one, two, stranger = a_resident(1), a_resident(2), a_resident(3)
    for who in (stranger, people["shenlin"], people["xitong"]):
        with pytest.raises(NotAllowed):
            one.merge_into(who, two)
    assert one.current is one
    one.merge_into(two, two)
    assert one.current is two
    stranger.merge_into(SYSTEM, two)
    assert stranger.current is two
