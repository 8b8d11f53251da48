"""How much waits on each desk of an officer: the small numbers in the navigation."""

from functools import cache
from itertools import chain
from typing import Any

from flask import g
from sqlalchemy import Select, bindparam, func, select

from models.comments.comment import Attachment, MediaKind, MediaState
from models.comments.transcription import WAITING_FOR_ANOTHER
from models.comments.unplaced import Unplaced, UnplacedStage
from models.decisions.catalogue import in_hand as catalogues_in_hand
from models.decisions.consultation import Consultation, Stage, consultations
from models.decisions.legal_review import waiting_reviews
from models.decisions.register import in_hand as registers_in_hand
from models.kernel.base import db
from models.kernel.clock import today
from models.messages.message import Message, MessageState
from models.outreach.article import Article, ArticleStage
from models.people.officer import Officer
from models.proposals.proposal import Proposal, ProposalStage
from models.questions.question import WAITING, Question
from server.console import nav
from server.console.progress import progress_of
from server.console.turns import IN_HAND, my_turn


def counts(officer: Officer) -> tuple[dict[str, int], frozenset[str]]:
    """Desk to number, and the desks on which something is late. Asked once a request."""
    known: tuple[dict[str, int], frozenset[str]] | None = g.get("tally")
    if known is None:
        known = g.tally = _counts(officer)
    return known


def _counts(officer: Officer) -> tuple[dict[str, int], frozenset[str]]:
    found: dict[str, int] = {}
    late: set[str] = set()
    in_hand = consultations(*IN_HAND) if officer.has(*nav.DRAFTS.posts, *nav.SIGN_OFF.posts) else ()
    if officer.has(*nav.DRAFTS.posts):
        found["drafts"] = sum(1 for m in in_hand if m.stage == Stage.DRAFTED and m.handler_id == officer.id)
    if officer.has(*nav.SIGN_OFF.posts):
        found["sign_off"] = sum(1 for m in in_hand if my_turn(m, officer))
    published = consultations(Stage.PUBLISHED)
    open_now = [m for m in published if m.is_open()]
    found["consultations"] = len(open_now)
    if officer.has(*nav.ANSWERING.posts):
        found["answering"] = sum(
            progress_of(m).stages["open"] + progress_of(m).stages["drafted"] for m in published if m.n_points
        )
    if officer.has(*nav.APPROVAL.posts):
        found["approval"] = sum(to_approve_in(m, officer) for m in published)
    if any(m.answer_due_on is not None and m.answer_due_on < today() for m in published):
        late |= {"answering", "release"}
    found["release"] = sum(1 for m in published if m not in open_now)
    if officer.has(*nav.LEGAL_REVIEWS.posts):
        found["legal_reviews"] = len(waiting_reviews(officer))
    if officer.has(*nav.CATALOGUE.posts):
        hand = catalogues_in_hand()
        found["catalogue"] = len(hand)
        if any(c.publish_by is not None and c.publish_by < today() for c in hand):
            late.add("catalogue")
    if officer.has(*nav.REGISTERS.posts):
        lists = registers_in_hand()
        found["registers"] = len(lists)
        if any(r.publish_by is not None and r.publish_by < today() for r in lists):
            late.add("registers")
    proposals = "proposals" if officer.has(*nav.PROPOSALS.posts[:6]) else "own_proposals"
    questions = "questions" if officer.has("justice") else "own_questions"
    asked = {
        nav.UNPLACED: ("unplaced",),
        nav.TRANSCRIPTS: ("voices", "transcriptions"),
        nav.PROPOSALS: (proposals, f"{proposals}_late"),
        nav.ARTICLES: ("articles",),
        nav.QUESTIONS: (questions, f"{questions}_late"),
        nav.MESSAGES: ("messages",),
    }
    mine = {desk.key: names for desk, names in asked.items() if officer.has(*desk.posts)}
    numbers = _waiting(officer, tuple(chain.from_iterable(mine.values())))
    for key, names in mine.items():
        found[key] = sum(numbers[name] for name in names if not name.endswith("_late"))
        if any(numbers[name] for name in names if name.endswith("_late")):
            late.add(key)
    return found, frozenset(late)


def _of_a_kind(record: type[Any], waits: Any, own: Any) -> dict[str, Select[Any]]:
    """How many of these wait and how many of them are late; and the same of this officer's own."""
    name, mine, late = f"{record.__tablename__}s", own == bindparam("officer"), record.due_on < bindparam("day")
    many = select(func.count()).select_from(record).where(waits)
    return {
        name: many,
        f"{name}_late": many.where(late),
        f"own_{name}": many.where(mine),
        f"own_{name}_late": many.where(mine, late),
    }


_QUESTIONS: dict[str, Select[Any]] = {
    "unplaced": select(func.count()).select_from(Unplaced).where(Unplaced.stage == UnplacedStage.WAITING),
    "voices": select(func.count())
    .select_from(Attachment)
    .where(
        Attachment.kind == MediaKind.VOICE,
        Attachment.state == MediaState.KEPT,
        Attachment.comment_id.is_not(None),
        Attachment.sealed_transcript.is_(None),
    ),
    "transcriptions": WAITING_FOR_ANOTHER,
    "articles": select(func.count())
    .select_from(Article)
    .where(Article.stage.in_((ArticleStage.DRAFTED, ArticleStage.SUBMITTED, ArticleStage.REVIEWED))),
    "messages": select(func.count()).select_from(Message).where(Message.state == MessageState.HELD),
    **_of_a_kind(Proposal, Proposal.stage != ProposalStage.ANSWERED, Proposal.entered_by_id),
    **_of_a_kind(Question, Question.stage.in_(WAITING), Question.counsel_id),
}
"""What is counted by one number each."""


def _waiting(officer: Officer, names: tuple[str, ...]) -> dict[str, int]:
    """The numbers of these names, by one statement for all of them."""
    if not names:
        return {}
    return db.session.execute(_together(names), {"officer": officer.id, "day": today()}).one()._asdict()


@cache
def _together(names: tuple[str, ...]) -> Select[Any]:
    return select(*(_QUESTIONS[name].scalar_subquery().label(name) for name in names))


def handlers_of(officer: Officer) -> set[int]:
    """This officer, and whoever they stand in for: whose cases are theirs to do."""
    return {officer.id, *(d.from_id for d in officer.standing_in if d.from_on <= today() <= d.until_on)}


def to_approve_in(matter: Consultation, officer: Officer) -> int:
    """Answers of a consultation that wait for this officer: those that somebody else wrote."""
    if not matter.n_points:
        return 0
    return sum(number for author, number in progress_of(matter).written.items() if author != officer.id)


def left_in(matter: Consultation) -> dict[str, int]:
    """Points of a consultation by stage."""
    return progress_of(matter).stages
