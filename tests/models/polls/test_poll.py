"""A poll is read by a second person, answered once by each, sealed until it is counted, and told without telling on anybody."""

from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from models.decisions.casefile import Sheet, gather
from models.decisions.consultation import Channel
from models.decisions.decision import Decision, Kind
from models.decisions.material import about, materials
from models.decisions.matter import Category, Livelihood, Mode
from models.decisions.participation import events
from models.decisions.road import Going, standing_of
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.lifecycle import unmet
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import SYSTEM, Trace
from models.people.place import villages
from models.people.resident import Resident
from models.polls.ballot import (
    Ballot,
    Envelope,
    PaperBallot,
    PaperStage,
    Voter,
    ballots,
    open_urn,
    print_slips,
    slips,
)
from models.polls.conclude import conclude
from models.polls.poll import Poll, PollStage, QuestionKind, Reach, open_polls
from models.polls.result import in_the_box, result, turnout
from server.papers.verify_casefile import Case, check_bag, check_trail
from tests.making import a_pdf, a_poll, a_resident
from tests.papers.filing import written

pytestmark = pytest.mark.both_engines
_persons = count(100)


def cast(poll: Poll, *answers: Any, who: Resident | None = None, place: Any = None, **more: Any) -> Voter:
    """Somebody answers on a telephone: single choice, several, a scale, words."""
    told = {f"q{n}": value for n, value in enumerate(answers, 1)}
    made: Voter = Voter.cast(who or a_resident(next(_persons)), poll, told, channel=Channel.H5, place=place, **more)
    return made


def later(days: int) -> None:
    db.session.flush()
    law.move(days * 86_400)
    db.session.expire_all()


def test_nobody_is_asked_before_a_second_person_has_read_it(people: Any) -> None:
    poll = a_poll(people, PollStage.DRAFTED)
    with pytest.raises(RuleUnmet) as unmet_:
        poll.put_question(people["shenlin"], QuestionKind.SINGLE, "好不好", options=["好", " 好 "])
    assert "选项" in unmet_.value.fields["options"]
    poll.drop_question(people["shenlin"], 2)
    assert [(q.position, q.text[:3]) for q in poll.questions] == [(1, "您是"), (2, "早市提"), (3, "还想说")]
    poll.revise(people["shenlin"], reach=Reach.SAMPLE, method="")
    with pytest.raises(RuleUnmet) as lacks:
        poll.submit(people["shenlin"])
    assert set(lacks.value.fields) == {"method", "sample"}
    poll.revise(people["shenlin"], reach=Reach.WILLING)
    poll.submit(people["shenlin"])
    with pytest.raises(OutOfTurn):
        poll.put_question(people["shenlin"], QuestionKind.TEXT, "再问一句")
    with pytest.raises(NotAllowed):
        poll.review(people["shenlin"])
    poll.review(people["xujing"])
    assert not open_polls()
    poll.publish(people["zhoumin"])
    db.session.flush()
    assert open_polls() == [poll]
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("UPDATE poll SET reviewer_id = author_id WHERE id = :n"), {"n": poll.id})


def test_one_person_answers_once_however_they_come(people: Any) -> None:
    poll = a_poll(people)
    woman = a_resident(1)
    with pytest.raises(RuleUnmet) as lacks:
        cast(poll, None, [9], 6, who=woman)
    assert set(lacks.value.fields) == {"q1", "q2", "q3"}
    cast(poll, "0", ["0", "2"], 4, "早点好。", who=woman)
    with pytest.raises(OutOfTurn, match="已经参加过"):
        cast(poll, 0, [0], who=woman)
    other = a_resident(2)
    cast(poll, 1, [1], who=other)
    third = a_resident(3)
    other.merge_into(other, third)
    db.session.flush()
    with pytest.raises(OutOfTurn, match="已经参加过"):
        cast(poll, 1, [1], who=third)
    # Whoever is known by nothing but a receipt, or not at all, is one person only with a slip in the hand.
    for nobody in (SYSTEM, Resident.nobody_known()):
        with pytest.raises(RuleUnmet, match="选票"):
            Voter.cast(nobody, poll, {"q1": 0, "q2": [0]}, channel=Channel.H5)
    print_slips(poll, people["mafang"], villages()[0], 3)
    one, two, three = slips(poll)
    wrong = one.code[:-1] + str((int(one.code[-1]) + 1) % 10)
    for code in (wrong, "1", "九" * 12, one.code[:11]):
        with pytest.raises(RuleUnmet, match="选票号不对"):
            Voter.cast(SYSTEM, poll, {"q1": 0, "q2": [0]}, channel=Channel.H5, slip=code)
    Voter.cast(SYSTEM, poll, {"q1": 0, "q2": [0]}, channel=Channel.H5, slip=one.spaced)
    with pytest.raises(OutOfTurn, match="用过了"):
        Voter.cast(Resident.nobody_known(), poll, {"q1": 1, "q2": [1]}, channel=Channel.H5, slip=one.code)
    with pytest.raises(RuleUnmet, match="用过了"):
        PaperBallot.enter(people["mafang"], poll, one.code, {"q1": 1, "q2": [1]})

    # On paper: typed by one, read by another; a spent slip stays spent.
    paper = PaperBallot.enter(people["mafang"], poll, two.code, {"q1": 1, "q2": [1]})
    with pytest.raises(OutOfTurn, match="用过了"):
        Voter.cast(SYSTEM, poll, {"q1": 0, "q2": [0]}, channel=Channel.H5, slip=two.code)
    with pytest.raises(RuleUnmet, match="两个人"):
        paper.confirm(people["mafang"])
    paper.put_right(people["tianye"], {"q1": 1, "q2": [2]})
    with pytest.raises(RuleUnmet, match="两个人"):
        paper.confirm(people["tianye"])
    paper.confirm(people["mafang"])
    bad = PaperBallot.enter(people["mafang"], poll, three.code, {"q1": 1, "q2": [1]})
    bad.void(people["tianye"], "两个人写在一张上。")
    db.session.flush()
    assert paper.answers == {}
    told = turnout(poll)
    assert (told.people, in_the_box(poll), told.waiting, told.void) == (4, 4, 0, 1)
    assert told.villages[0][:2] == (villages()[0].name, 2)


def test_who_answered_cannot_be_joined_with_what(people: Any) -> None:
    poll = a_poll(people)
    said = {n: ([n % 2, [n % 3]], f"第{n}个人写的话") for n in range(40)}
    for (one, several), words in said.values():
        cast(poll, one, several, 3, words)
    db.session.flush()
    envelopes = db.session.execute(select(Envelope.content)).scalars().all()
    assert len({len(content) for content in envelopes}) == 1, "a length would tell"
    assert not any("第".encode() in content for content in envelopes)
    details = [str(row.detail) for row in db.session.scalars(select(Trace).where(Trace.subject_kind == "Voter"))]
    assert len(details) == 40
    assert not any("写的话" in one or "q1" in one for one in details)
    with pytest.raises(RuleUnmet, match="还没有截止"):
        open_urn(poll, people["shenlin"])
    later(15)
    with pytest.raises(OutOfTurn, match="已经截止"):
        cast(poll, 0, [0])
    assert not unmet(poll, "poll.open_urn", people["shenlin"])
    open_urn(poll, people["shenlin"])
    db.session.flush()
    db.session.expire_all()
    assert poll.urn is not None
    assert poll.urn.wrapped is None, "the key of the box is gone"
    assert in_the_box(poll) == 40
    rows = db.session.execute(select(Ballot.id, Ballot.voter_id, Ballot.sealed_words).order_by(Ballot.id)).all()
    assert {row.voter_id for row in rows} == {None}
    assert not any("写的话".encode() in (row.sealed_words or b"") for row in rows)
    order = [told["4"] for _, told in ballots(poll)]
    assert sorted(order) == sorted(words for _, words in said.values())
    assert order != [words for _, words in said.values()], "one time in 10^47 this fails by chance"
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("UPDATE ballot SET place_id = NULL"))
    with pytest.raises(OutOfTurn):
        open_urn(poll, people["shenlin"])


def test_figures_have_their_bases_and_small_cells_are_put_together(people: Any) -> None:
    poll = a_poll(people)
    first, second, third, *_ = villages()
    for place, number, kind in ((first, 12, 0), (second, 7, 1), (third, 3, 0), (None, 4, 1)):
        for n in range(number):
            cast(poll, kind, [0, 2] if n % 2 else [1], n % 5 + 1 if place else None, place=place)
    later(15)
    open_urn(poll, people["shenlin"])
    db.session.flush()
    found = result(poll)
    assert (found.base, found.smallest, found.turnout.people) == (26, 5, 26)
    who, when, like, words = found.findings
    assert [(row.number, row.base) for row in who.whole.rows] == [(15, 26), (11, 26)]
    assert who.whole.rows[0].share_words == "57.7%"
    assert sum(row.number for row in when.whole.rows) > when.whole.base == 26, "several answers, one base"
    assert like.whole.base == 22, "who left it out is not in its base"
    assert words.words == []
    by_village = next(split for split in when.splits if split.by == "村（社区）")
    assert [(part.name, part.base) for part in by_village.parts] == [(first.name, 12), (second.name, 7), ("合并", 7)]
    assert set(by_village.parts[-1].merged) == {third.name, "没有填"}
    by_group = next(split for split in like.splits if split.by == "您是")
    assert Counter({part.name: part.base for part in by_group.parts}) == {"买菜的居民": 15, "市场商户": 7}
    (lone,) = [split for split in like.splits if split.by == "村（社区）"]
    assert all(part.base >= 5 for part in lone.parts)
    assert lone.parts[-1].merged == (third.name, second.name), "three alone would be found by subtraction"


def test_a_poll_with_names_keeps_them_and_forgets_words_with_their_writer(people: Any) -> None:
    poll = a_poll(people, confidential=False)
    woman, man = a_resident(1), a_resident(2)
    cast(poll, 0, [0], 5, "我要早点", who=woman)
    cast(poll, 0, [0], 5, "我也要", who=man)
    later(15)
    open_urn(poll, people["shenlin"])
    db.session.flush()
    assert None not in set(db.session.scalars(select(Ballot.voter_id)))
    assert sorted(result(poll).findings[3].words) == ["我也要", "我要早点"]
    woman.key.drop()
    db.session.flush()
    found = result(poll)
    assert found.findings[3].words == ["我也要"]
    assert found.findings[2].whole.base == 2, "the count stays"


def test_a_concluded_poll_is_the_poll_of_its_case(people: Any, tmp_path: Path) -> None:
    case = Decision.open(people["shenlin"], "农贸市场开门时间")
    case.classify(
        people["shenlin"], Kind.MAJOR, "影响三千户。", category=Category.POLICY, livelihood=Livelihood.UTILITIES,
        basis_words="条例第三条。",
    )  # fmt: skip
    poll = a_poll(people, decision=case, reach=Reach.SAMPLE, method="每户一张。", sample=50)
    for n in range(6):
        cast(poll, n % 2, [0], 5, place=villages()[0])
    assert (station := standing_of(case, "poll")) is not None
    assert station.going != Going.DONE
    assert "民意调查结果：农贸市场几点开门" in {one.title for one in gather(case).lacking}
    later(15)
    open_urn(poll, people["shenlin"])
    with pytest.raises(RuleUnmet, match="结果说明"):
        conclude(poll, people["xujing"], a_pdf("报告"))
    poll.write_report(people["shenlin"], "六人参加，都赞成。五点开门。")
    event = conclude(poll, people["xujing"], a_pdf("报告"))
    db.session.flush()
    assert event is not None
    assert [(one.mode, one.people, one.sample) for one in events(case)] == [(Mode.POLL, 6, 50)]
    assert "早上6人（100.0%）" in event.result
    (paper,) = materials(case, "participation", subject=about(event))
    assert paper.title == "民意调查结果报告：农贸市场几点开门"
    station = standing_of(case, "poll")
    assert station is not None
    assert station.going == Going.DONE
    assert poll.stage == PollStage.CONCLUDED
    found = gather(case)
    assert not [one for one in found.lacking if "民意调查" in one.title]
    titles = [item.title for item in found.items]
    assert {"民意调查问卷：农贸市场几点开门", "公众参与记录：民意调查"} <= set(titles), titles
    body = next(item.body for item in found.items if item.title.startswith("民意调查问卷"))
    assert isinstance(body, Sheet)
    said = dict(body.lines)
    assert (said["样本"], said["起草"], said["审核"], said["签发结果"]) == ("50份", "沈林", "许静", "许静")
    assert said["2. 多选"].startswith("您什么时候去") and "早上；中午；晚上" in said["2. 多选"]
    opened = Case(written(case, tmp_path / "a.zip"))
    assert not check_bag(opened) and not check_trail(opened)
    assert [name for name in opened.names if "民意调查问卷" in name and name.endswith(".docx")]


def test_the_report_and_the_signature_are_two_persons(people: Any) -> None:
    poll = a_poll(people)
    cast(poll, 0, [0])
    poll.stop(people["xujing"], "市场要拆迁，另行调查。")
    assert not poll.is_open
    open_urn(poll, people["zhoumin"])
    poll.write_report(people["zhoumin"], "一人参加。")
    with pytest.raises(RuleUnmet, match="两个人"):
        conclude(poll, people["zhoumin"], b"")
    assert conclude(poll, people["xujing"], b"") is None, "no case, so nothing of a case"


def test_a_cancelled_poll_can_never_be_read(people: Any) -> None:
    poll = a_poll(people)
    cast(poll, 0, [0], 5, "私房话")
    waiting = print_slips(poll, people["mafang"], None, 1)[0]
    PaperBallot.enter(people["mafang"], poll, waiting.code, {"q1": 0, "q2": [0]})
    db.session.flush()
    later(15)
    with pytest.raises(RuleUnmet, match="核对"):
        open_urn(poll, people["shenlin"])
    poll.cancel(people["xujing"], "题目写错了。")
    db.session.flush()
    assert poll.urn is not None
    assert poll.urn.wrapped is None
    assert {p.stage for p in db.session.scalars(select(PaperBallot))} == {PaperStage.ENTERED}
