"""How much waits on each desk of an officer: the small numbers in the navigation."""

from typing import Any

from flask import g
from sqlalchemy import func, select

from models.comments.comment import Attachment, MediaKind, MediaState
from models.comments.transcription import waiting as waiting_for
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
    in_hand = consultations(*IN_HAND)
    if officer.has(*nav.DRAFTS.posts):
        found["drafts"] = sum(1 for m in in_hand if m.stage == Stage.DRAFTED and m.handler_id == officer.id)
    if officer.has(*nav.SIGN_OFF.posts):
        found["sign_off"] = sum(1 for m in in_hand if my_turn(m, officer))
    asked = consultations(Stage.PUBLISHED)
    open_now = [m for m in asked if m.is_open()]
    found["consultations"] = len(open_now)
    if officer.has(*nav.ANSWERING.posts):
        found["answering"] = sum(
            progress_of(m).stages["open"] + progress_of(m).stages["drafted"] for m in asked if m.n_points
        )
    if officer.has(*nav.APPROVAL.posts):
        found["approval"] = sum(to_approve_in(m, officer) for m in asked)
    if any(m.answer_due_on is not None and m.answer_due_on < today() for m in asked):
        late |= {"answering", "release"}
    found["release"] = sum(1 for m in asked if m not in open_now)
    if officer.has(*nav.LEGAL_REVIEWS.posts):
        found["legal_reviews"] = len(waiting_reviews(officer))
    if officer.has(*nav.UNPLACED.posts):
        found["unplaced"] = _number(
            select(func.count()).select_from(Unplaced).where(Unplaced.stage == UnplacedStage.WAITING)
        )
    if officer.has(*nav.TRANSCRIPTS.posts):
        found["transcripts"] = _number(
            select(func.count())
            .select_from(Attachment)
            .where(
                Attachment.kind == MediaKind.VOICE,
                Attachment.state == MediaState.KEPT,
                Attachment.comment_id.is_not(None),
                Attachment.sealed_transcript.is_(None),
            )
        ) + waiting_for(officer)
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
    if officer.has(*nav.PROPOSALS.posts):
        open_ones = select(func.count()).select_from(Proposal).where(Proposal.stage != ProposalStage.ANSWERED)
        if not officer.has(*nav.PROPOSALS.posts[:6]):
            open_ones = open_ones.where(Proposal.entered_by_id == officer.id)
        found["proposals"] = _number(open_ones)
        if found["proposals"] and _number(open_ones.where(Proposal.due_on < today())):
            late.add("proposals")
    if officer.has(*nav.ARTICLES.posts):
        found["articles"] = _number(
            select(func.count())
            .select_from(Article)
            .where(Article.stage.in_((ArticleStage.DRAFTED, ArticleStage.SUBMITTED, ArticleStage.REVIEWED)))
        )
    if officer.has(*nav.QUESTIONS.posts):
        mine: Any = Question.stage.in_(WAITING)
        if not officer.has("justice"):
            mine &= Question.counsel_id == officer.id
        found["questions"] = _number(select(func.count()).select_from(Question).where(mine))
        if _number(select(func.count()).select_from(Question).where(mine, Question.due_on < today())):
            late.add("questions")
    if officer.has(*nav.MESSAGES.posts):
        found["messages"] = _number(select(func.count()).select_from(Message).where(Message.state == MessageState.HELD))
    return found, frozenset(late)


def _number(query: object) -> int:
    return db.session.scalar(query) or 0  # type: ignore[call-overload]


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
