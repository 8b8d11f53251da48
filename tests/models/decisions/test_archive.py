"""Archiving closes the file for good; only the archivist does it, only when nothing is missing; what comes later is a supplement."""

from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions.archive import archive, archive_ended
from models.decisions.casefile import Lacking, gather
from models.decisions.consultation import Consultation
from models.decisions.decision import CaseStage, Decision
from models.decisions.draft import Draft
from models.decisions.material import Material, Publicity
from models.decisions.road import standing_of
from models.decisions.volume import CaseFile, Packing, Progress, Purpose
from models.kernel.clock import today, wall
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import SYSTEM
from tests.conftest import People
from tests.making import a_consultation, a_pdf
from tests.papers.filing import a_case, decided, only_these

pytestmark = pytest.mark.both_engines


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch)


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    made = a_case(people, 1).decision
    decided(made)
    return made


def seal(case: Decision, volume: int | None = 1, previous: CaseFile | None = None, **more: Any) -> CaseFile:
    told = {"number": "青街档〔2026〕1号", "sha256": f"{volume or 0:064d}", "file": "f" * 64, "size": 1} | more
    made: CaseFile = CaseFile.seal(
        SYSTEM,
        case,
        volume=volume,
        previous=previous,
        position=1,
        head="0" * 64,
        held={item.key: "x" for item in gather(case).items},
        lacking=[],
        **told,
    )
    return made


def test_archiving_closes_the_case_and_asks_for_volume_one(case: Decision, people: People) -> None:
    for login in ("shenlin", "zhoumin", "chenguodong"):
        with pytest.raises(NotAllowed):
            archive(case, people[login])
    asked = archive(case, people["yangfan"])
    assert (case.stage, case.archived_on) == (CaseStage.ARCHIVED, today())
    assert (asked.purpose, asked.number) == (Purpose.VOLUME, f"青街档〔{today().year}〕1号")
    standing = standing_of(case, "archive")
    assert standing and "正在封存" in standing.says


def test_a_file_that_lacks_something_is_not_archived_and_the_refusal_names_it(
    case: Decision, people: People, session: scoped_session[Any]
) -> None:
    session.execute(update(Consultation).values(stage="published", released_at=None))
    session.expire_all()
    refusal = why_not(case, "archive", people["yangfan"])
    assert isinstance(refusal, RuleUnmet) and refusal.article == "条例第三十三条"
    assert "还缺：答复意见" in refusal.message
    with pytest.raises(RuleUnmet):
        archive(case, people["yangfan"])
    assert case.stage == CaseStage.PUBLISHED


def test_a_case_that_goes_no_further_is_archived_too(people: People, session: scoped_session[Any]) -> None:
    case = Decision.open(people["shenlin"], "共享单车停放办法")
    with pytest.raises(OutOfTurn):
        archive_ended(case, people["yangfan"])
    case.end(people["xujing"], "上级已统一出台规定。")
    assert not [one for one in gather(case).items if isinstance(one, Lacking)] and not gather(case).lacking
    archive_ended(case, people["yangfan"])
    assert (case.stage, case.filed) == (CaseStage.ENDED, True)
    with pytest.raises(OutOfTurn):
        archive_ended(case, people["yangfan"])


def test_a_closed_file_takes_papers_and_nothing_else(
    case: Decision, people: People, session: scoped_session[Any]
) -> None:
    archive(case, people["yangfan"])
    session.flush()
    with pytest.raises(OutOfTurn, match="已经归档封存"):
        Draft.write(people["shenlin"], case, "第一条 改。")
    with pytest.raises(OutOfTurn, match="已经归档封存"):
        Consultation.draft_new(people["shenlin"], case)
    with pytest.raises(OutOfTurn):
        case.assign(people["shenlin"], case.unit, people["shenlin"])
    Material.add(people["yangfan"], case, "evaluation", "后评估报告", a_pdf(), publicity=Publicity.OPEN)
    for column, value in (("title", "别的"), ("archived_on", None), ("stage", "published"), ("published_on", None)):
        with pytest.raises(DBAPIError, match="closed"), session.begin_nested():
            session.execute(update(Decision).where(Decision.id == case.id).values({column: value}))


def test_one_packing_at_a_time(case: Decision, people: People) -> None:
    archive(case, people["yangfan"])
    with pytest.raises(OutOfTurn, match="正在打包"):
        Packing.ask(people["yangfan"], case, Purpose.SUPPLEMENT)


def test_nothing_new_makes_no_supplement(case: Decision, people: People, session: scoped_session[Any]) -> None:
    asked = archive(case, people["yangfan"])
    told = {item.key: f"{item.publicity}:{item.body.mark}" for item in gather(case).items}
    made = CaseFile.seal(
        SYSTEM, case, volume=1, number="青街档〔2026〕1号", previous=None, sha256="1" * 64, file="f" * 64, size=1,
        position=1, head="0" * 64, held=told, lacking=[], officer=people["yangfan"],
    )  # fmt: skip
    asked.made, asked.progress = made, Progress.DONE
    session.flush()
    with pytest.raises(RuleUnmet, match="没有新的材料"):
        Packing.ask(people["yangfan"], case, Purpose.SUPPLEMENT)
    Material.add(people["yangfan"], case, "evaluation", "后评估报告", a_pdf(), publicity=Publicity.OPEN)
    with pytest.raises(NotAllowed):
        Packing.ask(people["zhoumin"], case, Purpose.SUPPLEMENT)
    assert Packing.ask(people["yangfan"], case, Purpose.SUPPLEMENT).number == "青街档〔2026〕1号（补1）"
    session.query(Packing).update({"heard_at": wall().replace(year=2020)})
    session.expire_all()
    with pytest.raises(OutOfTurn, match="归档的时候"):
        Packing.ask(people["yangfan"], case, Purpose.VOLUME)
    with pytest.raises(OutOfTurn, match="直接下载"):
        Packing.ask(people["yangfan"], case, Purpose.COPY)


def test_the_database_holds_the_chain_of_volumes(case: Decision, session: scoped_session[Any]) -> None:
    first = seal(case)
    session.flush()
    for wrong in ({"volume": 1}, {"volume": 2}, {"volume": 1, "previous": first}, {"volume": 3, "file": ""}):
        with pytest.raises(DBAPIError), session.begin_nested():
            seal(case, **wrong)
    seal(case, 2, first)
    session.flush()
    for statement in ("UPDATE case_file SET sha256 = 'x'", "DELETE FROM case_file"):
        with pytest.raises(DBAPIError, match="insert-only"), session.begin_nested():
            session.execute(text(statement))


def test_who_may_take_it_away(case: Decision, people: People, session: scoped_session[Any]) -> None:
    """The archivist, the office, the inspector, and the handler of this very case; a file that is gone is said to be gone."""
    made = seal(case)
    for login in ("yangfan", "zhoumin", "chenguodong", "shenlin"):
        with pytest.raises(Missing):
            made.fetch(people[login])
    for login in ("xujing", "linxiao", "pengyuan", "xitong"):
        with pytest.raises(NotAllowed):
            made.fetch(people[login])
    other = a_consultation(people).decision
    other.handler = people["hexiulan"]
    session.flush()
    with pytest.raises(NotAllowed, match="自己承办"):
        Packing.ask(people["shenlin"], other, Purpose.COPY)
