"""Every requirement of every gate from both sides: without the thing the deed is refused with its article, with it the deed is done."""

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import scoped_session

from models.comments.amendment import Amendment
from models.comments.point import Point
from models.comments.receive import receive
from models.comments.release import release
from models.comments.second_look import SecondLook
from models.decisions.archive import archive
from models.decisions.catalogue import Catalogue, CatalogueStage
from models.decisions.cleanup import Cleanup
from models.decisions.consultation import Audience, Channel, Consultation, Stage
from models.decisions.decide import decide
from models.decisions.decision import Category, Decision, Kind
from models.decisions.deliberate import deliberate
from models.decisions.deliberation import Result as Upshot
from models.decisions.deliberation import Role, passing
from models.decisions.draft import Draft
from models.decisions.engagement import Engagement, Taken, View, Way
from models.decisions.evaluation import Cause, Evaluation
from models.decisions.evaluation import Result as Outcome
from models.decisions.execution import entrust
from models.decisions.filing import receive_receipt, send_for_filing
from models.decisions.hearing import Hearing, Party
from models.decisions.invitation import Group, Invitation, ask
from models.decisions.legal_review import Counselling, LegalReview, Result
from models.decisions.listing import leave_unlisted
from models.decisions.material import Material, Publicity
from models.decisions.matter import Livelihood, Procedure
from models.decisions.meeting_pack import FAIR
from models.decisions.normative import Normative, NormativeStage
from models.decisions.party_report import report_to_party
from models.decisions.procedure import excuse
from models.decisions.publish import publish
from models.decisions.register import Register, RegisterKind, RegisterStage
from models.decisions.risk import Level, Risk
from models.decisions.secrecy import Openness, SecrecyCheck
from models.decisions.send_to_review import send_to_review
from models.decisions.validity import ExpiryReview, Verdict
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import now, today
from models.kernel.lifecycle import unmet
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import Requirement, rule_set
from models.kernel.trail import SYSTEM
from models.outreach.article import Article
from models.outreach.campaign import Campaign
from models.outreach.exhibition import Exhibition
from models.outreach.lecture import LectureStage
from models.outreach.legal_place import LegalPlace, LegalPlaceKind
from models.outreach.letter import ExportForm, Letter
from models.outreach.loudspeaker import Script
from models.people.consent import PRIVACY, ConsentText
from models.people.officer import Officer
from models.people.place import villages
from models.people.resident import Resident
from models.polls.ballot import PaperBallot, open_urn, print_slips
from models.polls.conclude import conclude
from models.polls.poll import PollStage
from models.proposals.proposal import ProposalOutcome
from models.proposals.propose import propose
from models.questions.known import CommonQuestion
from models.questions.question import Question
from tests.conftest import People
from tests.deciding import (
    WORDS,
    a_case,
    a_complete_filing_pack,
    a_document,
    a_meeting,
    a_secrecy_check,
    a_signed_document,
    a_table,
    minutes,
)
from tests.making import (
    BASIS,
    MATTER,
    POWER,
    RISK_POINT,
    SOUND,
    SOURCE,
    a_campaign,
    a_catalogue,
    a_comment,
    a_consultation,
    a_lecture,
    a_legal_opinion,
    a_pdf,
    a_poll,
    a_published_case,
    a_register,
    a_release,
    a_resident,
    a_sent_review,
    all_asked_inside,
    an_amendment,
    an_assessment,
    an_expert,
    answer_all,
    counted_as,
    explained,
)

DAY = 86_400
FOURTH = f"{SOURCE}第四条 由城市管理科解释。\n"
"""The text with one article more."""
Deed = Callable[[], Any]
Both = Iterator[tuple[Any, Any, Deed]]
"""First record, actor and deed while the thing is lacking, then the same once it is there."""
ROWS: dict[tuple[str, str, str], Callable[[People, str], Both]] = {}


def row(gate: str, *predicates: str, kinds: tuple[str, ...] = ("",)) -> Callable[[Any], Any]:
    """This is how a requirement is lacking, and how it is met."""

    def keep(made: Any) -> Any:
        for predicate in predicates:
            for kind in kinds:
                assert (gate, predicate, kind) not in ROWS
                ROWS[gate, predicate, kind] = made if len(predicates) == 1 else _with(made, predicate)
        return made

    return keep


def _with(made: Any, predicate: str) -> Callable[[People, str], Both]:
    return lambda people, kind: made(people, kind, predicate)


def later(days: int) -> None:
    """Time goes on."""
    db.session.flush()
    law.move(days * DAY)
    db.session.expire_all()


def a_stranger(people: People) -> Officer:
    """The head of another unit."""
    made = Officer.make("linhua", "林华", people["zhoumin"].unit, "a-good-password-9", first=False)
    made.give("unit_head")
    db.session.flush()
    return made


# --- notices ----------------------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, Any, str, Any]] = {
    "title_given": ("title", "", "title", "停车管理办法"),
    "explanation_complete": ("impact", "", "impact", "46个车位早上不能久停。"),
    "window_long_enough": ("window_days", 7, "short_reason", "市场下周改造。"),
    "normative_window_long_enough": ("window_days", 3, "window_days", 30),
    "channels_given": ("channels", [], "channels", ["h5"]),
    "contact_given": ("contact_phone", "", "contact_phone", "0000-5550123"),
}
"""A field that lacks something, and the field that puts it right."""


def _notice(people: People, predicate: str, stage: Stage, deed: str, who: str) -> Both:
    made = a_consultation(people, stage)
    if predicate == "normative_window_long_enough":
        made.decision.classify(people["shenlin"], Kind.NORMATIVE, "反复适用。")
    db.session.flush()

    def do() -> Any:
        return getattr(made, deed)(people[who])

    if predicate == "privacy_notice_given":
        silent = ConsentText(kind=PRIVACY, version="2026-8", body="我们收集您说的话。", since=now())
        db.session.add(silent)
        db.session.flush()
        yield made, people[who], do
        ConsentText.publish(PRIVACY, "2026-9", "我们收集您说的话，保存期限三年。")
    elif predicate == "draft_has_clauses":
        kept, made.draft = made.draft, None
        db.session.flush()
        yield made, people[who], do
        made.draft = kept
    else:
        name, lacking, mends, right = WRONG[predicate]
        setattr(made, name, lacking)
        db.session.flush()
        yield made, people[who], do
        setattr(made, mends, right)
    yield made, people[who], do


@row(
    "consultation.submit", *WRONG.keys() - {"normative_window_long_enough"}, "draft_has_clauses", "privacy_notice_given"
)
def _submit(people: People, kind: str, predicate: str) -> Both:
    yield from _notice(people, predicate, Stage.DRAFTED, "submit", "shenlin")


@row("consultation.submit", "normative_window_long_enough", kinds=("normative",))
def _submit_normative(people: People, kind: str) -> Both:
    yield from _notice(people, "normative_window_long_enough", Stage.DRAFTED, "submit", "shenlin")


@row(
    "consultation.publish",
    "explanation_complete",
    "draft_has_clauses",
    "window_long_enough",
    "contact_given",
    "privacy_notice_given",
)
def _publish_notice(people: People, kind: str, predicate: str) -> Both:
    yield from _notice(people, predicate, Stage.SIGNED, "publish", "zhoumin")


@row("consultation.publish", "normative_window_long_enough", kinds=("normative",))
def _publish_normative_notice(people: People, kind: str) -> Both:
    yield from _notice(people, "normative_window_long_enough", Stage.SIGNED, "publish", "zhoumin")


@row("consultation.check", "actor_is_not_drafter", "head_of_the_handlers_unit")
def _check_notice(people: People, kind: str, predicate: str) -> Both:
    made = a_consultation(people, Stage.SUBMITTED)
    if predicate == "actor_is_not_drafter":
        made.handler = people["xujing"]
        db.session.flush()
        yield made, people["xujing"], lambda: made.check(people["xujing"])
        made.handler = people["shenlin"]
    else:
        other = a_stranger(people)
        yield made, other, lambda: made.check(other)
    yield made, people["xujing"], lambda: made.check(people["xujing"])


@row("consultation.review", "actor_is_not_drafter")
def _review_notice(people: People, kind: str) -> Both:
    yield from _drafter(people, Stage.CHECKED, "review", "hexiulan")


@row("consultation.sign", "actor_is_not_drafter")
def _sign_notice(people: People, kind: str) -> Both:
    yield from _drafter(people, Stage.REVIEWED, "sign", "wuqiming")


def _drafter(people: People, stage: Stage, deed: str, who: str) -> Both:
    made = a_consultation(people, stage)
    for drafter in (who, "shenlin"):
        made.handler = people[drafter]
        db.session.flush()
        yield made, people[who], lambda: getattr(made, deed)(people[who])


# --- comments and answers ---------------------------------------------------------------------------------------------


def _two_windows(people: People) -> Iterator[Consultation]:
    """One that is over, then one that is open."""
    over = a_consultation(people)
    a_comment(over, a_resident(1))
    later(31)
    yield over
    still = a_consultation(people, title="另一件事")
    a_comment(still, a_resident(1))
    yield still


@row("consultation.receive", "window_is_open")
def _receive(people: People, kind: str) -> Both:
    for asked in _two_windows(people):
        who = a_resident(2)
        yield asked, who, lambda asked=asked, who=who: receive(asked, who, "不够停。", channel=Channel.CHAT)  # type: ignore[misc]


@row("comment.add", "window_is_open")
def _add(people: People, kind: str) -> Both:
    for asked in _two_windows(people):
        said = db.session.query(Point).filter_by(consultation_id=asked.id).one().comment
        yield said, a_resident(1), lambda said=said: said.add(a_resident(1), "再说一句。")  # type: ignore[misc]


@row("comment.withdraw", "window_is_open")
def _withdraw(people: People, kind: str) -> Both:
    for asked in _two_windows(people):
        said = db.session.query(Point).filter_by(consultation_id=asked.id).one().comment
        yield said, a_resident(1), lambda said=said: said.withdraw(a_resident(1))  # type: ignore[misc]


@row("consultation.extend", "window_is_open")
def _extend(people: People, kind: str) -> Both:
    chief = people["wuqiming"]
    for asked in _two_windows(people):
        yield asked, chief, lambda asked=asked: asked.extend(people["wuqiming"], 3, "放假")  # type: ignore[misc]


@row("consultation.cancel", "not_yet_released")
def _cancel(people: People, kind: str) -> Both:
    over = a_consultation(people)
    later(31)
    a_release(people, over)
    # The stage alone stops it; the requirement behind it has to say so too.
    yield over, people["wuqiming"], lambda: _first(over, "consultation.cancel", people["wuqiming"])
    fresh = a_consultation(people, title="另一件事")
    yield fresh, people["wuqiming"], lambda: fresh.cancel(people["wuqiming"], "上级另有部署。")


def _first(subject: Any, gate: str, actor: Any) -> None:
    raise unmet(subject, gate, actor)[0]


@row("consultation.release", "window_has_closed")
def _release_early(people: People, kind: str) -> Both:
    asked = a_consultation(people)
    yield asked, people["wuqiming"], lambda: release(asked, people["wuqiming"], 0)
    later(31)
    yield asked, people["wuqiming"], lambda: release(asked, people["wuqiming"], 0)


@row("consultation.release", "every_point_answered", "every_point_approved")
def _release(people: People, kind: str, predicate: str) -> Both:
    asked = a_consultation(people)
    a_comment(asked, a_resident(1))
    later(31)
    if predicate == "every_point_approved":
        point = db.session.query(Point).one()
        point.answer(people["shenlin"], "adopted", "第二条照此修改。", gist="不够停")
        db.session.flush()
        yield asked, people["wuqiming"], lambda: release(asked, people["wuqiming"], 1)
        point.submit(people["shenlin"])
        point.approve(people["xujing"], may_show=False)
    else:
        yield asked, people["wuqiming"], lambda: release(asked, people["wuqiming"], 1)
        answer_all(people, asked)
    db.session.flush()
    yield asked, people["wuqiming"], lambda: release(asked, people["wuqiming"], 1)


@row("consultation.release", "every_transcription_read")
def _release_unread(people: People, kind: str) -> Both:
    asked, writer = a_consultation(people), people["mafang"]
    letter = receive(asked, Resident.from_paper(), "早上不够。", channel=Channel.PAPER, officer=writer).comment
    later(31)
    answer_all(people, asked)
    yield asked, people["wuqiming"], lambda: release(asked, people["wuqiming"], 1)
    letter.transcription.confirm(people["tianye"])  # type: ignore[union-attr]
    db.session.flush()
    yield asked, people["wuqiming"], lambda: release(asked, people["wuqiming"], 1)


def _a_point(people: People, gist: str = "不够停") -> Point:
    asked = a_consultation(people)
    a_comment(asked, a_resident(1))
    later(31)
    point: Point = db.session.query(Point).one()
    point.answer(people["shenlin"], "adopted", "第二条照此修改。", gist=gist)
    db.session.flush()
    return point


@row("point.submit", "outcome_and_reason_given")
def _bare_answer(people: People, kind: str) -> Both:
    point = _a_point(people)
    with db.session.no_autoflush:
        kept, point.reason = point.reason, ""
        yield point, people["shenlin"], lambda: point.submit(people["shenlin"])
        point.reason = kept
    yield point, people["shenlin"], lambda: point.submit(people["shenlin"])


@row("point.submit", "gist_given")
def _no_gist(people: People, kind: str) -> Both:
    point = _a_point(people, gist="")
    yield point, people["shenlin"], lambda: point.submit(people["shenlin"])
    point.answer(people["shenlin"], "adopted", "第二条照此修改。", gist="不够停")
    yield point, people["shenlin"], lambda: point.submit(people["shenlin"])


@row("point.approve", "approver_is_not_author", "head_of_the_handlers_unit")
def _approve(people: People, kind: str, predicate: str) -> Both:
    point = _a_point(people)
    point.submit(people["shenlin"])
    if predicate == "approver_is_not_author":
        point.author = people["xujing"]
        db.session.flush()
        yield point, people["xujing"], lambda: point.approve(people["xujing"], may_show=False)
        point.author = people["shenlin"]
    else:
        other = a_stranger(people)
        yield point, other, lambda: point.approve(other, may_show=False)
    yield point, people["xujing"], lambda: point.approve(people["xujing"], may_show=False)


@row("second_look.take", "another_officer_looks")
def _second_look(people: People, kind: str) -> Both:
    asked = a_consultation(people)
    a_comment(asked, a_resident(1))
    later(31)
    (point,) = answer_all(people, asked)
    a_release(people, asked)
    look = SecondLook.ask(point.comment.resident, point, "没有答到停车。")
    yield look, people["shenlin"], lambda: look.take(people["shenlin"])
    yield look, people["hexiulan"], lambda: look.take(people["hexiulan"])


@row("transcription.confirm", "second_person_reads")
def _transcription(people: People, kind: str) -> Both:
    writer = people["mafang"]
    comment = receive(
        a_consultation(people), Resident.from_paper(), "早上不够。", channel=Channel.PAPER, officer=writer
    ).comment
    waits = comment.transcription
    assert waits is not None
    yield waits, writer, lambda: waits.confirm(writer)
    yield waits, people["tianye"], lambda: waits.confirm(people["tianye"])


@row("amendment.approve", "amender_does_not_approve", "head_of_the_handlers_unit")
def _approve_amendment(people: People, kind: str, predicate: str) -> Both:
    asked = a_consultation(people)
    a_comment(asked, a_resident(1))
    later(31)
    (point,) = answer_all(people, asked)
    a_release(people, asked)
    if predicate == "amender_does_not_approve":
        made: Amendment = an_amendment(people, point, "supplement")
        db.session.flush()
        yield made, people["xujing"], lambda: made.approve(people["xujing"])
        yield made, people["hexiulan"], lambda: made.approve(people["hexiulan"])
    else:
        made, other = an_amendment(people, point), a_stranger(people)
        yield made, other, lambda: made.approve(other)
        yield made, people["xujing"], lambda: made.approve(people["xujing"])


# --- articles, catalogue, registers, proposals ------------------------------------------------------------------------


def _article(people: People, **more: Any) -> Article:
    told = {
        "title": "租摊位先看清",
        "body": "写清起止日期。",
        "basis": "民法典第七百零五条",
        "basis_on": date(2021, 1, 1),
    }
    made: Article = Article.draft_new(people["linxiao"], **(told | {"digest": "哪几句要紧。", "topic": None} | more))
    made.submit(people["linxiao"])
    db.session.flush()
    return made


@row("article.review", "basis_given", "reviewer_is_not_author")
def _review_article(people: People, kind: str, predicate: str) -> Both:
    made = _article(people)
    if predicate == "basis_given":
        made.basis = ""
    else:
        made.author = people["luojing"]
    db.session.flush()
    yield made, people["luojing"], lambda: made.review(people["luojing"])
    made.basis, made.author = "民法典第七百零五条", people["linxiao"]
    yield made, people["luojing"], lambda: made.review(people["luojing"])


@row("article.publish", "reviewed_by_another")
def _publish_article(people: People, kind: str) -> Both:
    made = _article(people)
    made.review(people["luojing"])
    db.session.flush()
    with db.session.no_autoflush:
        kept, made.reviewer_id = made.reviewer_id, None
        yield made, people["linxiao"], lambda: made.publish(people["linxiao"])
        made.reviewer_id = kept
    yield made, people["linxiao"], lambda: made.publish(people["linxiao"])


COMMON = {
    "question": "租房到期，押金不退怎么办",
    "answer": "先书面催告，写明期限；不退的可以请调解委员会调解，也可以起诉。",
    "basis": "民法典第七百三十三条",
}


@row("common.submit", "common_is_whole", "common_names_nobody", "common_is_no_copy")
def _submit_common(people: People, kind: str, predicate: str) -> Both:
    private = "我租了幸福里三楼那套两室的房子，房东说墙上有钉子眼所以押金一分不退，我该怎么办呢？"
    question = Question.ask(a_resident(1), private, channel=Channel.H5)
    db.session.flush()
    made = CommonQuestion.draft_new(people["pengyuan"], question, **COMMON, basis_on=today())
    wrong: dict[str, Any] = {
        "common_is_whole": {"basis_on": None},
        "common_names_nobody": {"answer": "打我电话13912345678。"},
        "common_is_no_copy": {"answer": f"有人问：{private}先催告。"},
    }[predicate]
    made.revise(people["pengyuan"], **wrong)
    yield made, people["pengyuan"], lambda: made.submit(people["pengyuan"])
    made.revise(people["pengyuan"], **COMMON, basis_on=today())
    yield made, people["pengyuan"], lambda: made.submit(people["pengyuan"])


@row("common.approve", "common_is_agreed_by_another")
def _approve_common(people: People, kind: str) -> Both:
    made = CommonQuestion.draft_new(people["luojing"], None, **COMMON, basis_on=today())
    made.submit(people["luojing"])
    yield made, people["luojing"], lambda: made.approve(people["luojing"])
    yield made, people["hexiulan"], lambda: made.approve(people["hexiulan"])


@row("article.broadcast", "article_is_published")
def _broadcast(people: People, kind: str) -> Both:
    made = _article(people)
    made.review(people["luojing"])
    yield made, people["linxiao"], lambda: _first(made, "article.broadcast", people["linxiao"])
    made.publish(people["linxiao"])
    yield made, people["linxiao"], lambda: made.broadcast(people["linxiao"])


def _submitted_campaign(people: People, title: str) -> Campaign:
    made = counted_as(a_campaign(people, title=title))
    made.submit(people["linxiao"])
    return made


@row("campaign.submit", "campaign_article_stands", "campaign_is_aimed", "campaign_was_counted",
     "campaign_reaches_somebody", "campaign_within_budget")  # fmt: skip
def _submit_campaign(people: People, kind: str, predicate: str) -> Both:
    made = counted_as(a_campaign(people))
    if predicate == "campaign_article_stands":
        made.article.withdraw(people["luojing"], "写错了")
    elif predicate == "campaign_is_aimed":
        made.revise(people["linxiao"], topics=[])
        counted_as(made)
    elif predicate == "campaign_was_counted":
        made.revise(people["linxiao"], both=False)
    elif predicate == "campaign_reaches_somebody":
        counted_as(made, reached=0)
    else:
        counted_as(made, stops=["这个月已经群发4次"])
    yield made, people["linxiao"], lambda: made.submit(people["linxiao"])
    good = counted_as(a_campaign(people, title="另一篇"))
    yield good, people["linxiao"], lambda: good.submit(people["linxiao"])


@row("campaign.approve", "approver_is_not_campaigner", "campaign_article_stands", "campaign_was_counted",
     "campaign_within_budget")  # fmt: skip
def _approve_campaign(people: People, kind: str, predicate: str) -> Both:
    made = _submitted_campaign(people, "一篇")
    if predicate == "approver_is_not_campaigner":
        made.author = people["luojing"]
    elif predicate == "campaign_article_stands":
        made.article.withdraw(people["luojing"], "写错了")
    elif predicate == "campaign_was_counted":
        made.count(people["luojing"])
    else:
        counted_as(made, stops=["这个月已经群发4次"])
    yield made, people["luojing"], lambda: made.approve(people["luojing"])
    good = _submitted_campaign(people, "另一篇")
    yield good, people["luojing"], lambda: good.approve(people["luojing"])


@row("campaign.start", "campaign_article_stands")
def _start_campaign(people: People, kind: str) -> Both:
    made, good = _submitted_campaign(people, "一篇"), _submitted_campaign(people, "另一篇")
    for one in (made, good):
        one.approve(people["luojing"])
    made.article.withdraw(people["luojing"], "写错了")
    yield made, SYSTEM, lambda: made.start(SYSTEM)
    yield good, SYSTEM, lambda: good.start(SYSTEM)


@row("lecture.announce", "announcer_is_not_author")
def _announce_lecture(people: People, kind: str) -> Both:
    made = a_lecture(people, LectureStage.SUBMITTED)
    people["linxiao"].give("justice")
    db.session.flush()
    yield made, people["linxiao"], lambda: made.announce(people["linxiao"])
    yield made, people["luojing"], lambda: made.announce(people["luojing"])


@row("lecture.count", "lecture_has_begun")
def _count_lecture(people: People, kind: str) -> Both:
    made = a_lecture(people)
    yield made, people["linxiao"], lambda: made.count(people["linxiao"], 30)
    later(4)
    yield made, people["linxiao"], lambda: made.count(people["linxiao"], 30)


@row("poll.review", "reviewer_is_not_author")
def _review_poll(people: People, kind: str) -> Both:
    made = a_poll(people, PollStage.SUBMITTED)
    people["shenlin"].give("unit_head")
    db.session.flush()
    yield made, people["shenlin"], lambda: made.review(people["shenlin"])
    yield made, people["xujing"], lambda: made.review(people["xujing"])


@row("poll.open_urn", "poll_is_over", "paper_ballots_read")
def _open_urn(people: People, kind: str, predicate: str) -> Both:
    made = a_poll(people)
    handler = people["shenlin"]
    (slip,) = print_slips(made, people["mafang"], None, 1)
    paper = PaperBallot.enter(people["mafang"], made, slip.code, {"q1": 0, "q2": [0]})
    if predicate == "poll_is_over":
        paper.confirm(people["tianye"])
        yield made, handler, lambda: open_urn(made, handler)
        later(15)
    else:
        later(15)
        yield made, handler, lambda: open_urn(made, handler)
        paper.confirm(people["tianye"])
    yield made, handler, lambda: open_urn(made, handler)


@row("paper_ballot.confirm", "ballot_reader_is_not_writer")
def _paper_ballot(people: People, kind: str) -> Both:
    poll = a_poll(people)
    (slip,) = print_slips(poll, people["mafang"], None, 1)
    made = PaperBallot.enter(people["mafang"], poll, slip.code, {"q1": 0, "q2": [0]})
    yield made, people["mafang"], lambda: made.confirm(people["mafang"])
    yield made, people["tianye"], lambda: made.confirm(people["tianye"])


@row("poll.conclude", "poll_report_written", "concluder_is_not_reporter")
def _conclude_poll(people: People, kind: str, predicate: str) -> Both:
    made = a_poll(people)
    later(15)
    open_urn(made, people["shenlin"])
    if predicate == "poll_report_written":
        yield made, people["xujing"], lambda: conclude(made, people["xujing"], b"")
        made.write_report(people["shenlin"], "没有人参加。")
    else:
        made.write_report(people["zhoumin"], "没有人参加。")
        yield made, people["zhoumin"], lambda: conclude(made, people["zhoumin"], b"")
    yield made, people["xujing"], lambda: conclude(made, people["xujing"], b"")


@row("catalogue.consent", "catalogue_has_items", "items_complete", "firm_procedures_kept", "poll_where_promised")
def _consent(people: People, kind: str, predicate: str) -> Both:
    made: Catalogue = Catalogue.draft_new(people["luojing"], today().year)
    whole = MATTER | {"unit": people["shenlin"].unit}
    lacking: dict[str, dict[str, Any]] = {
        "items_complete": {"basis": ""},
        "firm_procedures_kept": {"procedures": ["participation"]},
        "poll_where_promised": {"livelihood": Livelihood.EDUCATION},
    }
    item = made.put_item(people["luojing"], **(whole | lacking[predicate])) if predicate in lacking else None
    db.session.flush()

    def do() -> Any:
        return made.consent(people["zhoumin"], today(), "青街工委〔2026〕3号")

    yield made, people["zhoumin"], do
    made.put_item(people["luojing"], item, **(whole | {"livelihood": None}))
    db.session.flush()
    yield made, people["zhoumin"], do


@row("catalogue.consent", "adjustment_explained")
def _adjust_catalogue(people: People, kind: str) -> Both:
    a_catalogue(people)
    made = a_catalogue(people, CatalogueStage.DRAFTED)
    made.drop_item(people["luojing"], made.items[1])
    db.session.flush()

    def do() -> Any:
        return made.consent(people["zhoumin"], today(), "青街工委〔2026〕9号")

    yield made, people["zhoumin"], do
    made.revise(people["luojing"], reason="先做防洪论证。")
    yield made, people["zhoumin"], do


@row("catalogue.publish", "party_consented")
def _publish_unconsented(people: People, kind: str) -> Both:
    made = a_catalogue(people, CatalogueStage.CONSENTED)
    with db.session.no_autoflush:
        kept, made.consent_number = made.consent_number, ""
        yield made, people["zhoumin"], lambda: made.publish(people["zhoumin"])
        made.consent_number = kept
    yield made, people["zhoumin"], lambda: made.publish(people["zhoumin"])


@row("catalogue.publish", "actor_had_no_hand")
def _publish_own_catalogue(people: People, kind: str) -> Both:
    made = a_catalogue(people, CatalogueStage.DRAFTED)
    made.revise(people["zhoumin"], intro="今年办这几件。")
    made.consent(people["zhoumin"], today(), "青街工委〔2026〕3号")
    db.session.flush()
    yield made, people["zhoumin"], lambda: made.publish(people["zhoumin"])
    yield made, people["wuqiming"], lambda: made.publish(people["wuqiming"])


@row("register.submit", "register_says_something", "entries_complete")
def _submit_register(people: People, kind: str, predicate: str) -> Both:
    made: Register = Register.draft_new(people["shenlin"], RegisterKind.POWERS)
    whole = POWER | {"unit": people["shenlin"].unit}
    half = made.put_entry(people["shenlin"], **(whole | {"basis": ""})) if predicate == "entries_complete" else None
    db.session.flush()
    yield made, people["shenlin"], lambda: made.submit(people["shenlin"])
    made.put_entry(people["shenlin"], half, **whole)
    db.session.flush()
    yield made, people["shenlin"], lambda: made.submit(people["shenlin"])


@row("register.submit", "changes_have_basis")
def _change_register(people: People, kind: str) -> Both:
    a_register(people)
    made = a_register(people, RegisterStage.DRAFTED)
    made.revise(people["shenlin"], intro="新的说明。")
    db.session.flush()
    yield made, people["shenlin"], lambda: made.submit(people["shenlin"])
    made.revise(people["shenlin"], reason="机构改革，职能划转。")
    yield made, people["shenlin"], lambda: made.submit(people["shenlin"])


@row("register.check", "actor_had_no_hand")
def _check_own_register(people: People, kind: str) -> Both:
    people["luojing"].give("office")
    people["zhoumin"].give("justice")
    made = a_register(people, RegisterStage.DRAFTED)
    made.revise(people["luojing"], intro="说明。")
    made.submit(people["shenlin"])
    db.session.flush()
    yield made, people["luojing"], lambda: made.check(people["luojing"], "依据都现行有效。")
    yield made, people["zhoumin"], lambda: made.check(people["zhoumin"], "依据都现行有效。")


@row("register.publish", "publisher_is_not_checker")
def _publish_checked_register(people: People, kind: str) -> Both:
    people["luojing"].give("office")
    made = a_register(people, RegisterStage.CHECKED)
    yield made, people["luojing"], lambda: made.publish(people["luojing"])
    yield made, people["zhoumin"], lambda: made.publish(people["zhoumin"])


@row("proposal.approve", "approver_is_not_author")
def _approve_proposal(people: People, kind: str) -> Both:
    made = propose(a_resident(1), "装红绿灯", "放学时候车多。", channel=Channel.H5).proposal
    made.study(people["shenlin"], ProposalOutcome.DECLINED, "红绿灯由县里统一设置。")
    for author in ("hexiulan", "shenlin"):
        made.author = people[author]
        db.session.flush()
        yield made, people["hexiulan"], lambda: made.approve(people["hexiulan"])


# --- taking part ------------------------------------------------------------------------------------------------------


def _hearing(people: People, **more: Any) -> Hearing:
    told: dict[str, Any] = {
        "title": "停车听证会",
        "matter": "车位早上怎样分。",
        "place": "三楼会议室",
        "how_to_apply": "打电话。",
        "choosing": "抽签。",
        "held_at": now() + timedelta(days=20),
        "apply_until": today() + timedelta(days=5),
        "seats": {Party.PUBLIC: 2},
    }
    case = Decision.open(people["shenlin"], "停车管理办法")
    made: Hearing = Hearing.draft_new(people["shenlin"], case, **(told | more))
    db.session.flush()
    return made


def _applied(people: People) -> Hearing:
    made = _hearing(people)
    made.announce(people["xujing"])
    made.apply(a_resident(1), Party.PUBLIC, "马春花", "13800000001")
    db.session.flush()
    return made


def _listed(people: People) -> Hearing:
    made = _applied(people)
    later(6)
    made.publish_list(people["xujing"], made.applicants, "报名的都参加。")
    db.session.flush()
    return made


def _hold(people: People, made: Hearing) -> None:
    made.hold(
        people["shenlin"],
        opening="介绍了草案。",
        debate="早上不够停。",
        closing="看过记录。",
        came=made.participants,
        chaired_by="何秀兰",
        recorded_by="沈林",
    )


@row("hearing.announce", "hearing_announcement_complete", "hearing_leaves_time_for_papers")
def _announce(people: People, kind: str, predicate: str) -> Both:
    whole = predicate == "hearing_leaves_time_for_papers"
    made = _hearing(people, **({"apply_until": today() + timedelta(days=15)} if whole else {"matter": ""}))
    yield made, people["xujing"], lambda: made.announce(people["xujing"])
    made.matter, made.apply_until = "车位早上怎样分。", today() + timedelta(days=5)
    yield made, people["xujing"], lambda: made.announce(people["xujing"])


@row("hearing.publish_list", "applications_are_closed")
def _list(people: People, kind: str) -> Both:
    made = _applied(people)
    yield made, people["xujing"], lambda: made.publish_list(people["xujing"], made.applicants, "都参加。")
    later(6)
    yield made, people["xujing"], lambda: made.publish_list(people["xujing"], made.applicants, "都参加。")


@row("hearing.hold", "hearing_day_has_come", "hearing_papers_served")
def _held(people: People, kind: str, predicate: str) -> Both:
    made = _listed(people)
    if predicate == "hearing_day_has_come":
        made.participants[0].serve(people["shenlin"], today(), "当面送达")
        yield made, people["shenlin"], lambda: _hold(people, made)
        later(15)
    else:
        later(15)
        yield made, people["shenlin"], lambda: _hold(people, made)
        made.move(people["xujing"], now() + timedelta(days=10), "", "材料送晚了。")
        made.participants[0].serve(people["shenlin"], today(), "当面送达")
        later(11)
    yield made, people["shenlin"], lambda: _hold(people, made)


@row("hearing.write_report", "hearing_record_signed", "hearing_record_scanned")
def _report_hearing(people: People, kind: str, predicate: str) -> Both:
    made = _listed(people)
    made.participants[0].serve(people["shenlin"], today(), "当面送达")
    later(15)
    _hold(people, made)

    def sign() -> None:
        made.participants[0].sign(people["shenlin"], signed=True)

    def scan() -> None:
        why = "个人隐私（第十五条）"
        Material.add(people["shenlin"], made.decision, "hearing", "听证记录", a_pdf(), publicity_reason=why)

    first, then = (scan, sign) if predicate == "hearing_record_signed" else (sign, scan)
    first()
    db.session.flush()
    yield made, people["shenlin"], lambda: made.write_report(people["shenlin"], "双方都要车位。")
    then()
    db.session.flush()
    yield made, people["shenlin"], lambda: made.write_report(people["shenlin"], "双方都要车位。")


@row("consultation.ask", "round_is_not_public", "draft_has_clauses", "somebody_is_invited")
def _ask(people: People, kind: str, predicate: str) -> Both:
    handler = people["shenlin"]
    case = Decision.open(handler, "停车管理办法")
    draft = Draft.write(handler, case, SOURCE)
    made: Consultation = Consultation.draft_new(
        handler, case, title="停车管理办法", draft=draft, audience=Audience.INTERNAL, window_days=7
    )
    if predicate != "somebody_is_invited":
        Invitation.invite(handler, made, Group.STAFF, "张科员")
    if predicate == "round_is_not_public":
        made.audience = Audience.PUBLIC
    if predicate == "draft_has_clauses":
        made.draft = None
    db.session.flush()
    yield made, people["xujing"], lambda: ask(made, people["xujing"])
    made.audience, made.draft = Audience.INTERNAL, draft
    if predicate == "somebody_is_invited":
        Invitation.invite(handler, made, Group.STAFF, "张科员")
    db.session.flush()
    yield made, people["xujing"], lambda: ask(made, people["xujing"])


# --- the case ---------------------------------------------------------------------------------------------------------


@row("decision.start", "case_is_classified", "procedure_applies", "lead_unit_named")
def _start(people: People, kind: str, predicate: str) -> Both:
    made = Decision.open(people["shenlin"], "停车管理办法")
    if predicate != "case_is_classified":
        made.classify(people["shenlin"], Kind.NONE if predicate == "procedure_applies" else Kind.ORDINARY, "理由。")
    unit = made.unit
    if predicate == "lead_unit_named":
        made.unit = None
    db.session.flush()
    yield made, people["shenlin"], lambda: made.start(people["shenlin"])
    made.unit = unit
    made.classify(people["shenlin"], Kind.ORDINARY, "影响市场周边。")
    db.session.flush()
    yield made, people["shenlin"], lambda: made.start(people["shenlin"])


def _major(people: People, *without: str, **more: Any) -> Decision:
    """A major case ready for the legal review but for these things."""
    asked = a_consultation(people)
    case = asked.decision
    case.classify(people["shenlin"], Kind.MAJOR, "影响大。", category=Category.POLICY, basis_words=BASIS, **more)
    case.start(people["shenlin"])
    a_comment(asked, a_resident(), "一个小时不够。")
    later(31)
    for name in ("answers", "hearing", "poll", "expert", "risk", "listed"):
        if name not in without:
            _give(people, case, name)
    db.session.flush()
    return case


def _give(people: People, case: Decision, name: str) -> None:
    if name == "answers":
        asked = db.session.query(Consultation).filter_by(decision_id=case.id).one()
        answer_all(people, asked)
        a_release(people, asked)
    elif name == "listed":
        leave_unlisted(case, people["xujing"], "年中新发生的事。")
    else:
        excuse(case, people["xujing"], Procedure(name), "不涉及。")
    db.session.flush()


def _papers(people: People, case: Decision, basis: str = BASIS) -> LegalReview:
    made: LegalReview = LegalReview.begin(people["shenlin"], case)
    made.prepare(people["shenlin"], basis, "依次办理。")
    db.session.flush()
    return made


TO_REVIEW = {
    "listed_or_explained": "listed",
    "participation_done": "answers",
    "hearing_held_or_excused": "hearing",
    "poll_taken_or_excused": "poll",
    "experts_heard_or_excused": "expert",
    "risk_assessed_or_excused": "risk",
}


@row("decision.send_to_review", *TO_REVIEW, kinds=("major",))
def _to_review(people: People, kind: str, predicate: str) -> Both:
    case = _major(people, TO_REVIEW[predicate], livelihood=Livelihood.UTILITIES)
    _papers(people, case)
    yield case, people["shenlin"], lambda: send_to_review(case, people["shenlin"])
    _give(people, case, TO_REVIEW[predicate])
    yield case, people["shenlin"], lambda: send_to_review(case, people["shenlin"])


@row("decision.send_to_review", "review_papers_complete", kinds=("major", "normative"))
def _review_papers(people: People, kind: str) -> Both:
    case = _major(people) if kind == "major" else _normative(people)
    made = _papers(people, case, "")
    yield case, people["shenlin"], lambda: send_to_review(case, people["shenlin"])
    made.prepare(people["shenlin"], BASIS, "依次办理。")
    db.session.flush()
    yield case, people["shenlin"], lambda: send_to_review(case, people["shenlin"])


def _normative(people: People, *without: str) -> Decision:
    """A normative case ready for the legal review but for these things."""
    case = a_case(people, Kind.NORMATIVE)
    if "consultation" not in without:
        excuse(case, people["xujing"], Procedure.CONSULTATION, "座谈已经听取意见。")
    if "inside" not in without:
        all_asked_inside(people, case)
    db.session.flush()
    return case


@row("decision.send_to_review", "participation_done", "inside_groups_asked", kinds=("normative",))
def _normative_to_review(people: People, kind: str, predicate: str) -> Both:
    case = _normative(people, "consultation" if predicate == "participation_done" else "inside")
    _papers(people, case)
    yield case, people["shenlin"], lambda: send_to_review(case, people["shenlin"])
    if predicate == "participation_done":
        excuse(case, people["xujing"], Procedure.CONSULTATION, "座谈已经听取意见。")
    else:
        all_asked_inside(people, case)
    db.session.flush()
    yield case, people["shenlin"], lambda: send_to_review(case, people["shenlin"])


@row("decision.send_to_review", "changes_explained", kinds=("major", "normative"))
def _unexplained_to_review(people: People, kind: str) -> Both:
    case = _ready(people, kind)
    _papers(people, case)
    draft = Draft.write(people["shenlin"], case, FOURTH)
    db.session.flush()
    yield case, people["shenlin"], lambda: send_to_review(case, people["shenlin"])
    explained(people, draft)
    yield case, people["shenlin"], lambda: send_to_review(case, people["shenlin"])


def _ready(people: People, kind: str) -> Decision:
    return _major(people) if kind == "major" else _normative(people)


def _reviewing(people: People, kind: str, *without: str) -> LegalReview:
    """A review that could be concluded but for these things."""
    made = a_sent_review(people, _ready(people, kind))
    made.accept(people["luojing"], people["pengyuan"])
    if "counsel" not in without:
        made.advise(people["pengyuan"], Counselling.ADVISER, SOUND, "未发现违反上位法的情形。")
    if "time" not in without:
        made.shorten(people["luojing"], "草案很短，已提前介入。")
    db.session.flush()
    return made


def _conclude(people: People, made: LegalReview) -> Any:
    said: dict[str, tuple[bool | None, str]] = dict.fromkeys(("authority", "procedure", "content"), (True, ""))
    return made.conclude(people["luojing"], Result.LAWFUL, said, "审查意见如上。", "")


@row("legal_review.conclude", "review_time_given", kinds=("major",))
def _time(people: People, kind: str) -> Both:
    made = _reviewing(people, "major", "time")
    yield made, people["luojing"], lambda: _conclude(people, made)
    later((made.least.after(today()) - today()).days)
    yield made, people["luojing"], lambda: _conclude(people, made)


@row("legal_review.conclude", "normative_review_time_given", kinds=("normative",))
def _normative_time(people: People, kind: str) -> Both:
    made = _reviewing(people, "normative", "time")
    yield made, people["luojing"], lambda: _conclude(people, made)
    later((made.least.after(today()) - today()).days)
    yield made, people["luojing"], lambda: _conclude(people, made)


@row("legal_review.conclude", "counsel_heard", kinds=("major", "normative"))
def _counsel(people: People, kind: str) -> Both:
    made = _reviewing(people, kind, "counsel")
    yield made, people["luojing"], lambda: _conclude(people, made)
    made.advise(people["pengyuan"], Counselling.ADVISER, SOUND, "未发现违反上位法的情形。")
    db.session.flush()
    yield made, people["luojing"], lambda: _conclude(people, made)


@row("legal_review.conclude", "reviewer_is_not_sender")
def _own_review(people: People, kind: str) -> Both:
    made = _reviewing(people, "major")
    for sender in ("luojing", "shenlin"):
        made.sender = people[sender]
        db.session.flush()
        yield made, people["luojing"], lambda: _conclude(people, made)


@row("expert.hear", "independence_declared")
def _hear(people: People, kind: str) -> Both:
    case = Decision.open(people["shenlin"], "停车管理办法")
    made: Engagement = Engagement.engage(people["shenlin"], case, an_expert(people), Way.MEETING, "是否可行。")
    db.session.flush()
    yield made, people["shenlin"], lambda: made.hear(people["shenlin"], View.AGREE, "合理。", a_pdf("意见"))
    made.declare(people["shenlin"], a_pdf("声明"))
    yield made, people["shenlin"], lambda: made.hear(people["shenlin"], View.AGREE, "合理。", a_pdf("意见"))


EXPERTS: dict[str, Callable[[Engagement, People], Any]] = {
    "expert.declare": lambda made, people: made.declare(people["shenlin"], a_pdf("声明")),
    "expert.recuse": lambda made, people: made.recuse(people["shenlin"], "参与过设计。"),
    "expert.revoke": lambda made, people: made.revoke(people["shenlin"], "出差了。"),
    "expert.hear": lambda made, people: made.hear(people["shenlin"], View.AGREE, "合理。", a_pdf("意见")),
    "expert.discount": lambda made, people: made.discount(people["xujing"], "后来发现有股份。"),
    "expert.reply": lambda made, people: made.reply(people["shenlin"], Taken.ADOPTED, "照办。"),
}


def _late_expert(gate: str) -> Callable[[People, str], Both]:
    def made(people: People, kind: str) -> Both:
        for decided in (True, False):
            case = a_case(people)
            letter: Engagement = Engagement.engage(
                people["shenlin"], case, an_expert(people), Way.MEETING, "是否可行。"
            )
            if gate in ("expert.hear", "expert.discount", "expert.reply"):
                letter.declare(people["shenlin"], a_pdf("声明"))
            if gate in ("expert.discount", "expert.reply"):
                letter.hear(people["shenlin"], View.AGREE, "合理。", a_pdf("意见"))
            if decided:
                decide(case, people["zhoumin"], decided_on=today(), decided_by="分管领导批准")
            db.session.flush()
            yield letter, people["shenlin"], lambda letter=letter: EXPERTS[gate](letter, people)

    return made


for _gate in EXPERTS:
    row(_gate, "still_undecided")(_late_expert(_gate))


HIGH = RISK_POINT | {"probability": "high", "consequence": "high"}
ASSESSED: dict[str, Any] = {"level": Level.MEDIUM, "controllable": True, "asked": "派出所", "conclusion": "可控。"}
LACKING: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "risk_others_heard": ([RISK_POINT], {"asked": ""}),
    "risk_points_complete": ([RISK_POINT | {"measures": ""}], {}),
    "risk_concluded": ([RISK_POINT], {"conclusion": ""}),
    "high_risk_is_adjusted_first": ([HIGH], {"level": Level.HIGH}),
    "level_covers_every_point": ([HIGH], {"level": Level.LOW}),
}


@row("risk.submit", *LACKING)
def _assess(people: People, kind: str, predicate: str) -> Both:
    made: Risk = Risk.begin(people["shenlin"], Decision.open(people["shenlin"], "停车管理办法"))
    points, told = LACKING[predicate]
    made.revise(people["shenlin"], points, **(ASSESSED | told))
    db.session.flush()
    yield made, people["shenlin"], lambda: made.submit(people["shenlin"])
    made.revise(people["shenlin"], [RISK_POINT], **ASSESSED)
    db.session.flush()
    yield made, people["shenlin"], lambda: made.submit(people["shenlin"])


@row("risk.approve", "approver_is_not_assessor")
def _approve_risk(people: People, kind: str) -> Both:
    made: Risk = Risk.begin(people["shenlin"], Decision.open(people["shenlin"], "停车管理办法"))
    made.revise(people["shenlin"], [RISK_POINT], **ASSESSED)
    made.submit(people["shenlin"])
    for author in ("xujing", "shenlin"):
        made.author = people[author]
        db.session.flush()
        yield made, people["xujing"], lambda: made.approve(people["xujing"])


RISKS: dict[str, Callable[[Risk, People], Any]] = {
    "risk.revise": lambda made, people: made.revise(people["shenlin"], [RISK_POINT], **ASSESSED),
    "risk.submit": lambda made, people: made.submit(people["shenlin"]),
    "risk.approve": lambda made, people: made.approve(people["xujing"]),
    "risk.send_back": lambda made, people: made.send_back(people["xujing"], "再看看。"),
}


def _late_risk(gate: str) -> Callable[[People, str], Both]:
    def made(people: People, kind: str) -> Both:
        for decided in (True, False):
            case = a_case(people)
            risk: Risk = Risk.begin(people["shenlin"], case)
            risk.revise(people["shenlin"], [RISK_POINT], **ASSESSED)
            if gate in ("risk.approve", "risk.send_back"):
                risk.submit(people["shenlin"])
            if decided:
                decide(case, people["zhoumin"], decided_on=today(), decided_by="分管领导批准")
            db.session.flush()
            yield risk, people["xujing"], lambda risk=risk: RISKS[gate](risk, people)

    return made


for _gate in RISKS:
    row(_gate, "still_undecided")(_late_risk(_gate))


# --- deciding ---------------------------------------------------------------------------------------------------------

MEETINGS = {"major": "party_committee", "normative": "office"}


@row("decision.deliberate", "legal_review_passed", kinds=("major", "normative"))
def _unreviewed(people: People, kind: str) -> Both:
    case = _ready(people, kind)
    yield case, people["zhoumin"], lambda: deliberate(case, people["zhoumin"], MEETINGS[kind])
    a_legal_opinion(people, case)
    yield case, people["zhoumin"], lambda: deliberate(case, people["zhoumin"], MEETINGS[kind])


@row("decision.deliberate", "risk_controllable", kinds=("major",))
def _uncontrollable(people: People, kind: str) -> Both:
    case = _major(people, "risk")
    an_assessment(people, case, controllable=False, level="medium")
    a_legal_opinion(people, case)
    yield case, people["zhoumin"], lambda: deliberate(case, people["zhoumin"], MEETINGS[kind])
    an_assessment(people, case)
    yield case, people["zhoumin"], lambda: deliberate(case, people["zhoumin"], MEETINGS[kind])


@row("decision.deliberate", "meeting_pack_complete", kinds=("major",))
def _bare_pack(people: People, kind: str) -> Both:
    case = _major(people, market=True)
    a_legal_opinion(people, case)
    yield case, people["zhoumin"], lambda: deliberate(case, people["zhoumin"], MEETINGS[kind])
    open_, paper = Publicity.OPEN, a_pdf()
    Material.add(people["shenlin"], case, "deliberation", "公平竞争审查表", paper, publicity=open_, subject=FAIR)
    yield case, people["zhoumin"], lambda: deliberate(case, people["zhoumin"], MEETINGS[kind])


@row("decision.deliberate", "changes_explained")
def _unexplained_to_the_table(people: People, kind: str) -> Both:
    case = a_case(people)
    all_asked_inside(people, case)
    draft = Draft.write(people["shenlin"], case, FOURTH)
    db.session.flush()
    yield case, people["zhoumin"], lambda: deliberate(case, people["zhoumin"], "office")
    explained(people, draft)
    yield case, people["zhoumin"], lambda: deliberate(case, people["zhoumin"], "office")


@row("decision.decide", "decided_words_explained")
def _unexplained_after_the_table(people: People, kind: str) -> Both:
    case = a_case(people)
    a_meeting(people, case, Upshot.CHANGED, "office")
    draft = Draft.write(people["shenlin"], case, FOURTH)
    db.session.flush()
    yield case, people["zhoumin"], lambda: decide(case, people["zhoumin"])
    explained(people, draft)
    yield case, people["zhoumin"], lambda: decide(case, people["zhoumin"])


@row("deliberation.confirm", "confirmer_was_present", "confirmer_is_not_recorder")
def _confirm(people: People, kind: str, predicate: str) -> Both:
    made = deliberate(a_case(people), people["zhoumin"], "office")
    made.record(people["zhoumin"], a_table(people), **minutes())
    if predicate == "confirmer_was_present":
        db.session.flush()
        yield made, people["shenlin"], lambda: made.confirm(people["shenlin"])
    else:
        made.recorder = people["hexiulan"]
        db.session.flush()
        yield made, people["hexiulan"], lambda: made.confirm(people["hexiulan"])
        made.recorder = people["zhoumin"]
        db.session.flush()
    yield made, people["hexiulan"], lambda: made.confirm(people["hexiulan"])


def _to_decide(people: People, kind: str, *, met: bool = True, reported: bool = True) -> Decision:
    case = _ready(people, kind)
    a_legal_opinion(people, case)
    if met:
        a_meeting(people, case, meeting=MEETINGS[kind])
    if kind == "major" and reported:
        report_to_party(case, people["zhoumin"], today(), "青街党请〔2026〕8号")
    db.session.flush()
    return case


@row("decision.decide", "deliberated_collectively", kinds=("major", "normative"))
def _undeliberated(people: People, kind: str) -> Both:
    case = _to_decide(people, kind, met=False, reported=kind != "major")
    yield case, people["zhoumin"], lambda: decide(case, people["zhoumin"])
    a_meeting(people, case, meeting=MEETINGS[kind])
    if kind == "major":
        report_to_party(case, people["zhoumin"], today(), "青街党请〔2026〕8号")
    yield case, people["zhoumin"], lambda: decide(case, people["zhoumin"])


@row("decision.decide", "head_spoke_last", kinds=("major",))
def _head(people: People, kind: str) -> Both:
    case = _to_decide(people, kind)
    meeting = passing(case)
    assert meeting
    head = next(seat for seat in meeting.seats if seat.role == Role.HEAD)
    with db.session.no_autoflush:
        kept, head.stance = head.stance, None
        yield case, people["zhoumin"], lambda: decide(case, people["zhoumin"])
        head.stance = kept
    yield case, people["zhoumin"], lambda: decide(case, people["zhoumin"])


@row("decision.decide", "party_committee_asked", kinds=("major",))
def _unreported(people: People, kind: str) -> Both:
    case = _to_decide(people, kind, reported=False)
    yield case, people["zhoumin"], lambda: decide(case, people["zhoumin"])
    report_to_party(case, people["zhoumin"], today(), "青街党请〔2026〕8号")
    yield case, people["zhoumin"], lambda: decide(case, people["zhoumin"])


def _decided(people: People, kind: str) -> Decision:
    if kind == "ordinary":
        case = a_case(people)
        decide(case, people["zhoumin"], decided_on=today(), decided_by="分管领导批准")
    else:
        case = _to_decide(people, kind)
        decide(case, people["zhoumin"])
    db.session.flush()
    return case


@row("decision.publish", "secrecy_checked", kinds=("major", "normative", "ordinary"))
def _unchecked(people: People, kind: str) -> Both:
    case = _decided(people, kind)
    if kind == "normative":
        a_signed_document(people, case)
    yield case, people["zhoumin"], lambda: publish(case, people["zhoumin"], **WORDS)
    a_secrecy_check(people, case)
    yield case, people["zhoumin"], lambda: publish(case, people["zhoumin"], **WORDS)


@row("decision.publish", "adoption_report_ready", kinds=("major",))
def _unreleased(people: People, kind: str) -> Both:
    case = _decided(people, kind)
    a_secrecy_check(people, case)
    mine = update(Consultation).where(Consultation.decision_id == case.id)
    # Nothing on the road leads here, since the review wanted the answers first; so it is made by hand.
    db.session.execute(mine.values(stage="published", released_at=None))
    db.session.expire_all()
    yield case, people["zhoumin"], lambda: publish(case, people["zhoumin"], **WORDS)
    db.session.execute(mine.values(stage="concluded", released_at=now()))
    db.session.expire_all()
    yield case, people["zhoumin"], lambda: publish(case, people["zhoumin"], **WORDS)


@row("decision.publish", "signed_and_registered", kinds=("normative",))
def _unsigned(people: People, kind: str) -> Both:
    case = _decided(people, kind)
    a_secrecy_check(people, case)
    yield case, people["zhoumin"], lambda: publish(case, people["zhoumin"], **WORDS)
    a_signed_document(people, case)
    yield case, people["zhoumin"], lambda: publish(case, people["zhoumin"], **WORDS)


@row("secrecy.confirm", "confirmer_is_not_checker")
def _confirm_secrecy(people: People, kind: str) -> Both:
    case = _decided(people, "ordinary")
    made = SecrecyCheck.check(people["xujing"], case, Openness.ALL, "")
    db.session.flush()
    yield made, people["xujing"], lambda: made.confirm(people["xujing"])
    yield made, people["zhoumin"], lambda: made.confirm(people["zhoumin"])


@row("decision.archive", "case_file_complete", kinds=("major", "normative"))
def _archive(people: People, kind: str) -> Both:
    case = _decided(people, kind)
    if kind == "normative":
        document = a_signed_document(people, case)
    a_secrecy_check(people, case)
    publish(case, people["zhoumin"], **WORDS)
    db.session.flush()
    if kind == "normative":
        yield case, people["yangfan"], lambda: archive(case, people["yangfan"])
        a_complete_filing_pack(people, document)
        send_for_filing(document, people["zhoumin"], today(), "县司法局")
        receive_receipt(document, people["zhoumin"], today(), "开司备〔2026〕9号")
    else:
        mine = update(Consultation).where(Consultation.decision_id == case.id)
        db.session.execute(mine.values(stage="published", released_at=None))
        db.session.expire_all()
        yield case, people["yangfan"], lambda: archive(case, people["yangfan"])
        db.session.execute(mine.values(stage="concluded", released_at=now()))
        db.session.expire_all()
    entrust(case, people["zhoumin"], people["shenlin"].unit, people["shenlin"], "划线。")
    db.session.flush()
    yield case, people["yangfan"], lambda: archive(case, people["yangfan"])


@row("evaluation.conclude", "concluder_is_not_reporter")
def _conclude_own(people: People, kind: str) -> Both:
    made = Evaluation.commission(people["zhoumin"], a_published_case(people), Cause.OFFICE, "县研究会")
    made.report(people["zhoumin"], Outcome.CONTINUE, "停得下了。")
    for reporter in ("wuqiming", "zhoumin"):
        made.reporter = people[reporter]
        db.session.flush()
        yield made, people["wuqiming"], lambda: made.conclude(people["wuqiming"], Outcome.CONTINUE)


# --- normative documents ----------------------------------------------------------------------------------------------


def _on_road(people: People, stage: NormativeStage, *, seen: bool = True) -> Normative:
    case = _normative(people)
    if seen:
        a_legal_opinion(people, case)
    made: Normative = Normative.submit(people["shenlin"], case)
    if stage in (NormativeStage.CHECKED, NormativeStage.REVIEWED):
        made.check(people["xujing"])
    if stage == NormativeStage.REVIEWED:
        made.review(people["hexiulan"])
    db.session.flush()
    return made


def _hand(people: People, made: Normative, deed: str, who: str) -> Both:
    for submitter in (who, "shenlin"):
        made.submitter = people[submitter]
        db.session.flush()
        yield made, people[who], lambda: getattr(made, deed)(people[who])


@row("normative.check", "not_the_submitter")
def _check_own(people: People, kind: str) -> Both:
    yield from _hand(people, _on_road(people, NormativeStage.SUBMITTED), "check", "xujing")


@row("normative.review", "not_the_submitter")
def _review_own(people: People, kind: str) -> Both:
    yield from _hand(people, _on_road(people, NormativeStage.CHECKED), "review", "hexiulan")


@row("normative.sign", "not_the_submitter")
def _sign_own(people: People, kind: str) -> Both:
    made = _on_road(people, NormativeStage.REVIEWED)
    _decide(people, made)
    yield from _hand(people, made, "sign", "wuqiming")


def _decide(people: People, made: Normative) -> None:
    a_meeting(people, made.decision, meeting="office")
    decide(made.decision, people["zhoumin"])
    db.session.flush()


@row("normative.review", "legal_review_passed")
def _review_unseen(people: People, kind: str) -> Both:
    made = _on_road(people, NormativeStage.CHECKED, seen=False)
    yield made, people["hexiulan"], lambda: made.review(people["hexiulan"])
    a_legal_opinion(people, made.decision)
    yield made, people["hexiulan"], lambda: made.review(people["hexiulan"])


@row("normative.sign", "legal_review_passed")
def _sign_unseen(people: People, kind: str) -> Both:
    made = _on_road(people, NormativeStage.REVIEWED)
    explained(people, Draft.write(people["shenlin"], made.decision, FOURTH))
    db.session.flush()
    yield made, people["wuqiming"], lambda: made.sign(people["wuqiming"])
    a_legal_opinion(people, made.decision)
    made.send_back(people["xujing"], "草案有新的一稿。")
    made.submit_again(people["shenlin"])
    made.check(people["xujing"])
    made.review(people["hexiulan"])
    _decide(people, made)
    yield made, people["wuqiming"], lambda: made.sign(people["wuqiming"])


@row("normative.sign", "case_is_decided")
def _sign_undecided(people: People, kind: str) -> Both:
    made = _on_road(people, NormativeStage.REVIEWED)
    yield made, people["wuqiming"], lambda: made.sign(people["wuqiming"])
    _decide(people, made)
    yield made, people["wuqiming"], lambda: made.sign(people["wuqiming"])


@row("normative.sign", "signs_the_decided_text")
def _sign_other_words(people: People, kind: str) -> Both:
    made = _on_road(people, NormativeStage.REVIEWED)
    earlier = Draft.write(people["shenlin"], Decision.open(people["shenlin"], "别的一件"), SOURCE)
    _decide(people, made)
    decided = made.draft
    for words in (earlier, decided):
        made.draft = words
        db.session.flush()
        yield made, people["wuqiming"], lambda: made.sign(people["wuqiming"])


@row("filing.send", "filing_pack_complete")
def _file(people: People, kind: str) -> Both:
    made = a_document(people)
    yield made, people["zhoumin"], lambda: send_for_filing(made, people["zhoumin"], today(), "县司法局")
    a_complete_filing_pack(people, made)
    yield made, people["zhoumin"], lambda: send_for_filing(made, people["zhoumin"], today(), "县司法局")


@row("validity.agree", "agreer_is_not_proposer")
def _agree(people: People, kind: str) -> Both:
    made = ExpiryReview.propose(people["zhoumin"], a_document(people), Verdict.REPEAL, "上位法变了。")
    for proposer in ("hexiulan", "zhoumin"):
        made.proposer = people[proposer]
        db.session.flush()
        yield made, people["hexiulan"], lambda: made.agree(people["hexiulan"])


@row("cleanup.conclude", "every_document_judged")
def _clean_up(people: People, kind: str) -> Both:
    a_document(people)
    made = Cleanup.begin(people["zhoumin"], "2026年清理", "县政府办通知。")
    db.session.flush()
    yield made, people["wuqiming"], lambda: made.conclude(people["wuqiming"])
    for item in made.items:
        made.judge(people["zhoumin"], item, Verdict.KEEP, "仍然需要。")
    db.session.flush()
    yield made, people["wuqiming"], lambda: made.conclude(people["wuqiming"])


def _an_article(people: People) -> Article:
    return a_campaign(people).article


def _submitted_script(people: People, writer: str = "linxiao") -> Script:
    made = Script.draft_new(people[writer], _an_article(people))
    db.session.flush()
    made.submit(people[writer])
    db.session.flush()
    return made


@row("script.agree", "actor_had_no_hand", "script_is_current")
def _agree_to_script(people: People, kind: str, predicate: str) -> Both:
    return _agreed(people, _submitted_script, predicate)


def _agreed(people: People, submitted: Callable[..., Script | Letter], predicate: str) -> Both:
    """Agreed to by who wrote it or after its article was taken down; then by somebody else, of an article that stands."""
    made = submitted(people, "luojing" if predicate == "actor_had_no_hand" else "linxiao")
    if predicate != "actor_had_no_hand":
        made.article.withdraw(people["luojing"], "写错了")
    for one in (made, submitted(people)):
        yield one, people["luojing"], lambda one=one: one.agree(people["luojing"])  # type: ignore[misc]


@row("script.schedule", "script_is_current")
def _schedule_script(people: People, kind: str) -> Both:
    made, good = _submitted_script(people), _submitted_script(people)
    for one in (made, good):
        one.agree(people["luojing"])
    made.article.withdraw(people["luojing"], "写错了")
    for one in (made, good):
        yield (
            one,
            people["linxiao"],
            lambda one=one: one.schedule(  # type: ignore[misc]
                people["linxiao"],
                villages()[:1],
                today() + timedelta(days=1),
                today() + timedelta(days=1),
                [time(7, 30)],
            ),
        )


def _submitted_letter(people: People, writer: str = "linxiao") -> Letter:
    made = Letter.draft_new(people[writer], _an_article(people))
    db.session.flush()
    made.revise(people[writer], made.title, made.text, made.sender, villages()[:1])
    made.submit(people[writer])
    db.session.flush()
    return made


@row("letter.agree", "actor_had_no_hand", "letter_is_current")
def _agree_to_letter(people: People, kind: str, predicate: str) -> Both:
    return _agreed(people, _submitted_letter, predicate)


@row("letter.export", "letter_is_current")
def _export_letter(people: People, kind: str) -> Both:
    made, good = _submitted_letter(people), _submitted_letter(people)
    for one in (made, good):
        one.agree(people["luojing"])
    made.article.withdraw(people["luojing"], "写错了")
    for one in (made, good):
        yield one, people["zhoumin"], lambda one=one: one.export(people["zhoumin"], ExportForm.TXT)  # type: ignore[misc]


@row("letter.mark_sent", "letter_was_exported")
def _mark_letter_sent(people: People, kind: str) -> Both:
    made = _submitted_letter(people)
    made.agree(people["luojing"])
    yield made, people["zhoumin"], lambda: made.mark_sent(people["zhoumin"], today())
    made.export(people["zhoumin"], ExportForm.TXT)
    db.session.flush()
    yield made, people["zhoumin"], lambda: made.mark_sent(people["zhoumin"], today())


@row("exhibition.publish", "actor_had_no_hand", "place_is_open")
def _publish_exhibition(people: People, kind: str, predicate: str) -> Both:
    place = people["mafang"].places[0]
    writer = people["luojing" if predicate == "actor_had_no_hand" else "linxiao"]
    for by in (writer, people["linxiao"]):
        station = LegalPlace.add(people["luojing"], LegalPlaceKind.PRACTICE, place, name="东湖实践站", address="村口")
        db.session.flush()
        made = Exhibition.draft_new(by, station, title="宪法就在身边", shown="三十块展板。", starts_on=today())
        db.session.flush()
        made.submit(by)
        if predicate == "place_is_open" and by is writer:
            station.close(people["luojing"])
            predicate = ""
        db.session.flush()
        yield made, people["luojing"], lambda made=made: made.publish(people["luojing"])  # type: ignore[misc]


# --- the test ---------------------------------------------------------------------------------------------------------

REQUIRED: dict[tuple[str, str, str], Requirement] = {
    (gate, need.predicate, kind): need
    for gate, needs in rule_set("street").gates.items()
    for need in needs
    for kind in need.kinds or ("",)
}


def test_no_requirement_of_any_gate_is_left_out() -> None:
    assert set(ROWS) == set(REQUIRED)
    assert len(REQUIRED) > 100


@pytest.mark.parametrize(("gate", "predicate", "kind"), sorted(ROWS), ids=lambda word: str(word) or "any")
def test_without_it_refused_with_its_article_and_with_it_done(
    people: People, session: scoped_session[Any], gate: str, predicate: str, kind: str
) -> None:
    need = REQUIRED[gate, predicate, kind]
    both = ROWS[gate, predicate, kind](people, kind)
    subject, actor, deed = next(both)
    with pytest.raises(RuleUnmet) as refused:
        deed()
    assert refused.value.code == predicate
    assert refused.value.article == need.article
    assert f"（{need.article}）" in refused.value.sentence, "whoever is refused reads which article asks for it"
    assert refused.value.message.startswith(need.message), "in the words of the rule set"
    subject, actor, deed = next(both)
    assert predicate not in {one.code for one in unmet(subject, gate, actor)}
    deed()
    session.flush()
