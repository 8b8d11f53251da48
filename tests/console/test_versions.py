"""The desk where the next version is written: nothing typed is lost, and the commenter reads the clause as it is now."""

import re
from collections.abc import Callable
from typing import Any

from models.comments.change import changes_of
from models.decisions.consultation import consultations_of
from models.decisions.decision import by_public_id as case_of
from models.decisions.draft import newest_draft
from models.kernel import clock as law
from models.kernel.base import db
from server.house import House
from tests.conftest import People
from tests.console.world import World
from tests.making import a_release, answer_all


def clause_id(app: House, world: World, label: str) -> str:
    with app.app_context():
        case = case_of(world.revised)
        assert case
        draft = newest_draft(case)
        assert draft
        return next(c.public_id for c in draft.clauses if c.label == label)


def test_two_wordings_are_put_before_the_officer_and_every_typed_word_comes_back(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    handler = desk("shenlin")
    here = f"/desk/cases/{world.revised}/drafts/next"
    first, fifth = clause_id(app, world, "第一条"), clause_id(app, world, "第五条")
    told = {
        "base": "2",
        f"words-{first}": "为了大家晒得方便，制定本办法。",
        f"own-{fifth}": "停车的，先劝离，后报街道。",
    }
    answer = handler.submit(here, told)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "第五条有几种改法" in page
    assert "第一条不是因为意见改的，请写其他修改理由" in page
    assert "为了大家晒得方便" in page
    assert "先劝离，后报街道" in page
    done = handler.submit(here, told | {f"pick-{fifth}": "own", f"reason-{first}": "文字校对。"})
    assert done.status_code == 303
    with app.app_context():
        draft = newest_draft(case_of(world.revised))  # type: ignore[arg-type]
        assert draft
        assert "第五条 停车的，先劝离，后报街道。" in draft.source
        changed = {
            row.after.label: (len(row.points), row.reasons) for row in changes_of(draft) if row.differs and row.after
        }
    assert changed == {"第一条": (0, ["文字校对。"]), "第五条": (2, [])}
    page = handler.get(f"/desk/cases/{world.revised}/drafts").get_data(as_text=True)
    assert page.count("号意见</a>") == 2
    assert "文字校对。" in page


def test_a_version_that_somebody_else_wrote_meanwhile_keeps_the_typed_words(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    first = clause_id(app, world, "第一条")
    answer = desk("shenlin").submit(
        f"/desk/cases/{world.revised}/drafts/next", {"base": "1", f"words-{first}": "为了大家。", "reason-x": "好"}
    )
    assert answer.status_code == 422
    assert "已经有第2稿了" in answer.get_data(as_text=True)
    assert "为了大家。" in answer.get_data(as_text=True)


def test_who_only_reads_sees_the_changes_and_no_button(world: World, desk: Callable[[str], Any]) -> None:
    page = desk("chenguodong").get(f"/desk/cases/{world.revised}/drafts").get_data(as_text=True)
    assert "其他修改理由" in page
    assert "写下一稿" not in page
    assert "改写理由" not in page


def test_the_commenter_and_the_report_show_the_clause_as_the_newest_version_has_it(
    app: House, world: World, people: People, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        case = case_of(world.revised)
        assert case
        (asked,) = consultations_of(case)
        public_id = asked.public_id
        law.move(31 * 86400)
        answer_all(people, asked)
        a_release(people, asked)
        db.session.commit()
    fifth = clause_id(app, world, "第五条")
    fresh = app.test_client()
    page = re.sub(r"<[^>]+>", "", fresh.get(f"/reports/{public_id}").get_data(as_text=True))
    assert "打算改成的第四条" in page, "no version has these words yet"
    assert "报街道处理" in page
    told = {"base": "2", "renumber": "y", f"pick-{fifth}": "own", f"own-{fifth}": "停车的，先劝离，后报街道。"}
    assert desk("shenlin").submit(f"/desk/cases/{world.revised}/drafts/next", told).status_code == 303
    page = re.sub(r"<[^>]+>", "", fresh.get(f"/reports/{public_id}").get_data(as_text=True))
    assert page.count("原来的第四条") == page.count("现在的第五条") == 2
    assert "后报街道" in page
    assert "三次不改的" not in page
