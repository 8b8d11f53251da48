"""Legal aid guides and never decides; mediation is voluntary, private, and its thirty days are not missed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from models.decisions.consultation import Channel
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import SYSTEM
from models.outreach.legal_place import LegalPlace, LegalPlaceKind, places_of
from models.people.place import villages
from models.questions.aid import NEVER_DECIDES, AidMatter, Standing, look
from models.questions.mediation import Dispute, Mediation, MediationStage, for_the_desk, mine, to_remind
from tests.making import a_resident


@pytest.mark.parametrize("matter", [m for m in AidMatter if m != AidMatter.NONE])
def test_each_of_the_nine_kinds_has_its_article_and_its_papers(matter: AidMatter) -> None:
    found = look(matter, [])
    assert found.why == f"法律援助法第三十一条{matter.item}"
    assert "第四十一条" in found.means
    assert len(found.papers) >= 3
    assert "诚信承诺" in found.papers[-1]


@pytest.mark.parametrize(
    ("matter", "standing", "why", "means"),
    [
        (AidMatter.NONE, Standing.VIOLENCE, "第三十二条", "不用证明"),
        (AidMatter.SUPPORT, Standing.BRAVE, "第三十二条", "不用证明"),
        (AidMatter.PAY, Standing.MIGRANT, "第三十一条第五项", "第四十二条"),
        (AidMatter.SUPPORT, Standing.MIGRANT, "第三十一条第四项", "第四十一条"),
        (AidMatter.SUPPORT, Standing.RELIEF, "第三十一条第四项", "第四十二条"),
        (AidMatter.NONE, Standing.RELIEF, "第三十一条", "12348"),
    ],
)
def test_who_one_is_changes_what_is_looked_at(matter: AidMatter, standing: Standing, why: str, means: str) -> None:
    found = look(matter, [standing])
    assert why in found.why
    assert means in found.means


def test_it_hurries_and_never_decides() -> None:
    assert "第四十四条" in look(AidMatter.PAY, [], hurried=True).hurry
    assert look(AidMatter.PAY, []).hurry == ""
    for matter in AidMatter:
        words = look(matter, list(Standing)).heading
        assert not any(word in words for word in ("符合条件", "批准", "不予", "不符合")), words
    assert "不是决定" in NEVER_DECIDES


def a_room(people: Any, village: Any = None) -> LegalPlace:
    """The mediation room of a village."""
    made: LegalPlace = LegalPlace.add(
        people["luojing"], LegalPlaceKind.MEDIATION, village or people["mafang"].places[0], name="东湖村调解室"
    )
    db.session.flush()
    return made


@pytest.mark.both_engines
def test_a_village_shows_its_own_places_and_the_streets(people: Any) -> None:
    mine_, other = people["mafang"].places[0], next(v for v in villages() if v is not people["mafang"].places[0])
    room, elsewhere = a_room(people), a_room(people, other)
    centre = LegalPlace.add(people["luojing"], LegalPlaceKind.AID, None, name="县法律援助中心", phone="12348")
    db.session.flush()
    assert list(places_of(mine_)) == [room, centre]
    with pytest.raises(NotAllowed):
        LegalPlace.add(people["mafang"], LegalPlaceKind.AID, None, name="x")
    with pytest.raises(RuleUnmet):
        LegalPlace.add(people["luojing"], LegalPlaceKind.AID, None, name=" ")
    elsewhere.close(people["luojing"])
    assert list(places_of(other)) == [centre]


@pytest.mark.both_engines
def test_mediation_goes_its_way_and_its_thirty_days_are_not_missed(people: Any) -> None:
    room, who = a_room(people), a_resident()
    asked = Mediation.ask(who, room, Dispute.LAND, "墙压着我家的地。", channel=Channel.H5, key="m:1")
    assert Mediation.ask(who, room, Dispute.LAND, "墙压着我家的地。", channel=Channel.H5, key="m:1") is asked
    raw = db.session.execute(text("SELECT sealed_text FROM mediation")).scalar_one()
    assert "墙".encode() not in bytes(raw)
    for login in ("shenlin", "tianye", "pengyuan", "wuqiming"):
        with pytest.raises((Missing, NotAllowed)):
            asked.read(people[login])
    assert asked.read(people["mafang"]) == "墙压着我家的地。"
    assert for_the_desk(people["mafang"]) == [asked]
    with pytest.raises(OutOfTurn):
        asked.agree(people["mafang"], today())
    asked.take(people["mafang"])
    with pytest.raises(RuleUnmet):
        asked.agree(people["mafang"], today() + timedelta(days=1))
    asked.agree(people["mafang"], today())
    assert asked.confirm_until == today() + timedelta(days=30)
    assert list(to_remind()) == []
    law.move(24 * 86_400)
    db.session.expire_all()
    assert list(to_remind()) == [asked]
    asked.remind(SYSTEM)
    assert list(to_remind()) == []
    asked.confirm(people["luojing"], today())
    assert asked.days_left is None
    other = Mediation.ask(a_resident(2), room, Dispute.FAMILY, "分家。", channel=Channel.MINI)
    with pytest.raises(Missing):
        other.withdraw(who)
    other.withdraw(a_resident(2))
    assert other.stage == MediationStage.WITHDRAWN
    assert list(mine(who)) == [asked]
    with pytest.raises(Missing):
        Mediation.of(who, other.public_id)


@pytest.mark.both_engines
def test_whoever_looks_after_another_village_does_not_see_it(people: Any) -> None:
    elsewhere = next(v for v in villages() if v is not people["mafang"].places[0])
    asked = Mediation.ask(a_resident(), a_room(people, elsewhere), Dispute.WORK, "工资。", channel=Channel.H5)
    with pytest.raises(Missing):
        asked.read(people["mafang"])
    assert for_the_desk(people["mafang"]) == []
    assert for_the_desk(people["luojing"]) == [asked]
