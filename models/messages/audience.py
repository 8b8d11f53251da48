"""Who hears of which fact: one table, read by the job that expands a fact into messages."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from models.comments.amendment import Amendment
from models.comments.comment import Comment, Withdrawal
from models.comments.point import Point
from models.comments.promise import Promise
from models.comments.showing import Hiding
from models.decisions.consultation import Audience, Consultation
from models.decisions.hearing import HearingApplicant
from models.decisions.in_force import Remark
from models.kernel.base import db, insert_into
from models.kernel.clock import now
from models.kernel.trail import Trace
from models.messages.follow import Follow
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.urgency import Urgency
from models.outreach.article import Article, Broadcast, BroadcastState
from models.outreach.attendee import Attendee, AttendeeStage
from models.outreach.campaign import Campaign
from models.people.place import Place, villages
from models.people.resident import Identity, Resident
from models.proposals.proposal import Proposal
from models.questions.mediation import Mediation
from models.questions.question import Question


def _commenters(fact: Trace) -> Select[Any]:
    """Everybody who spoke in this consultation and did not take all of it back; merged people once."""
    return _current(
        select(Comment.resident_id)
        .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
        .where(Comment.consultation_id == fact.subject_id, Withdrawal.id.is_(None))
    )


def _asker(fact: Trace) -> Select[Any]:
    """Who asked the question."""
    return _current(select(Question.resident_id).where(Question.id == fact.subject_id))


def _mediated(fact: Trace) -> Select[Any]:
    """Who asked for the mediation."""
    return _current(select(Mediation.resident_id).where(Mediation.id == fact.subject_id))


def _remarker(fact: Trace) -> Select[Any]:
    """Who said something of a decision in force."""
    return _current(select(Remark.resident_id).where(Remark.id == fact.subject_id))


def _applicants(fact: Trace) -> Select[Any]:
    """Everybody who applied for a hearing."""
    return _current(select(HearingApplicant.resident_id).where(HearingApplicant.hearing_id == fact.subject_id))


def _proposer(fact: Trace) -> Select[Any]:
    """Who made the proposal."""
    return _current(select(Proposal.resident_id).where(Proposal.id == fact.subject_id))


def _current(who: Select[Any]) -> Select[Any]:
    """Numbers of residents, each replaced by the one they were merged into; forgotten people hear nothing."""
    into = aliased(Resident)
    return (
        select(func.coalesce(into.id, Resident.id).label("resident_id"))
        .select_from(Resident)
        .outerjoin(into, into.id == Resident.merged_into_id)
        .where(Resident.id.in_(who), Resident.erased_at.is_(None))
        .distinct()
    )


def _of_the_point(fact: Trace) -> Select[Any]:
    """Whose point was answered otherwise, or more fully."""
    return _current(
        select(Comment.resident_id)
        .join(Point, Point.comment_id == Comment.id)
        .join(Amendment, Amendment.point_id == Point.id)
        .where(Amendment.id == fact.subject_id)
    )


def _of_the_hidden(fact: Trace) -> Select[Any]:
    """Whose words are not shown."""
    return _current(
        select(Comment.resident_id).join(Hiding, Hiding.comment_id == Comment.id).where(Hiding.id == fact.subject_id)
    )


def _of_the_promise(fact: Trace) -> Select[Any]:
    """To whom it was promised."""
    return _current(
        select(Comment.resident_id)
        .join(Point, Point.comment_id == Comment.id)
        .join(Promise, Promise.point_id == Point.id)
        .where(Promise.id == fact.subject_id)
    )


def _attendees(fact: Trace) -> Select[Any]:
    """Who has a seat in the lecture or waits for one."""
    there = Attendee.stage.in_((AttendeeStage.SEATED, AttendeeStage.WAITING))
    return _current(select(Attendee.resident_id).where(Attendee.lecture_id == fact.subject_id, there))


def _seated(fact: Trace) -> Select[Any]:
    """Who has a seat in the lecture."""
    seated = Attendee.stage == AttendeeStage.SEATED
    return _current(select(Attendee.resident_id).where(Attendee.lecture_id == fact.subject_id, seated))


def _moved_up(fact: Trace) -> Select[Any]:
    """Who waited and has a seat now."""
    return _current(select(Attendee.resident_id).where(Attendee.id == fact.subject_id))


AUDIENCE: dict[str, Callable[[Trace], Select[Any]]] = {
    "Consultation.release": _commenters,
    "Consultation.extend": _commenters,
    "Consultation.cancel": _commenters,
    "Amendment.release": _of_the_point,
    "Hiding.hide": _of_the_hidden,
    "Promise.keep": _of_the_promise,
    "Question.answer_it": _asker,
    "Question.answer_again": _asker,
    "Question.pass_on": _asker,
    "Mediation.refuse": _mediated,
    "Mediation.agree": _mediated,
    "Mediation.fail": _mediated,
    "Mediation.remind": _mediated,
    "Remark.reply": _remarker,
    "Hearing.publish_list": _applicants,
    "Hearing.move": _applicants,
    "Hearing.cancel": _applicants,
    "Proposal.approve": _proposer,
    "Lecture.move": _attendees,
    "Lecture.cancel": _attendees,
    "Lecture.remind": _seated,
    "Attendee.get_seat": _moved_up,
}


def _took_part(fact: Trace) -> Select[Any]:
    """Who spoke in an earlier round of the same decision."""
    asked = db.session.get_one(Consultation, fact.subject_id)
    rounds = select(Consultation.id).where(Consultation.decision_id == asked.decision_id, Consultation.id != asked.id)
    return _current(
        select(Comment.resident_id)
        .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
        .where(Comment.consultation_id.in_(rounds), Withdrawal.id.is_(None), *_open_to_all(asked))
    )


def _neighbours(fact: Trace) -> Select[Any]:
    """Who follows a village that the notice names; where it names none it concerns the whole street."""
    asked = db.session.get_one(Consultation, fact.subject_id)
    named = [v.id for v in villages() if v.name in f"{asked.title}{asked.whom}"]
    where = Follow.place_id.in_(_with_groups(named)) if named else Follow.place_id.is_not(None)
    return _current(select(Follow.resident_id).where(where, *_open_to_all(asked)))


def _with_groups(places: Collection[int]) -> Select[Any]:
    """What concerns a village concerns its groups."""
    return select(Place.id).where(or_(Place.id.in_(places), Place.parent_id.in_(places)))


def _open_to_all(asked: Consultation) -> list[Any]:
    """A round among invited people is nobody else's news."""
    return [] if asked.audience == Audience.PUBLIC else [literal(1) == literal(0)]


def _silent(fact: Trace) -> Select[Any]:
    """The same two groups without those who have spoken: nobody is reminded of what they did."""
    spoke = _current(select(Comment.resident_id).where(Comment.consultation_id == fact.subject_id)).subquery()
    wanted = _took_part(fact).union(_neighbours(fact)).subquery()
    return select(wanted.c.resident_id).where(wanted.c.resident_id.not_in(select(spoke.c.resident_id)))


HEARD = "已经听说过这篇文章，不再重复"


def _aimed(fact: Trace) -> Select[Any]:
    """Who follows what the campaign is aimed at, and why some of them are not told once more."""
    campaign = db.session.get_one(Campaign, fact.subject_id)
    # Two campaigns about one article make their messages one after the other, so that nobody stands in both.
    db.session.execute(select(Article.id).where(Article.id == campaign.article_id).with_for_update())
    who = aimed_at(campaign).subquery()
    heard = heard_of(campaign.article, but=fact.id)
    return select(who.c.resident_id, case((who.c.resident_id.in_(heard), HEARD), else_="").label("why"))


def aimed_at(campaign: Campaign) -> Select[Any]:
    """Who follows one of the campaign's topics or places; both, where it says so. What concerns a village concerns its groups."""
    topics, places = [t.id for t in campaign.topics], [p.id for p in campaign.places]
    learners = _current(select(Follow.resident_id).where(Follow.topic_id.in_(topics)))
    neighbours = _current(select(Follow.resident_id).where(Follow.place_id.in_(_with_groups(places))))
    if campaign.both:
        first = learners.subquery()
        return select(first.c.resident_id).where(first.c.resident_id.in_(neighbours))
    either = or_(Follow.topic_id.in_(topics), Follow.place_id.in_(_with_groups(places)))
    return _current(select(Follow.resident_id).where(either))


def heard_of(article: Article, *, but: int | None = None) -> Select[Any]:
    """Who was told of this article already, by whatever way; who is still waiting to be told counts as well."""
    campaigns_of = select(Campaign.id).where(Campaign.article_id == article.id)
    told = (
        select(func.coalesce(Resident.merged_into_id, Resident.id).label("resident_id"))
        .select_from(Message)
        .join(Trace, Trace.id == Message.fact_id)
        .join(Resident, Resident.id == Message.resident_id)
        .where(
            Message.state.not_in((MessageState.INBOX, MessageState.FAILED)),
            or_(
                and_(Trace.subject_kind == "Article", Trace.verb == "publish", Trace.subject_id == article.id),
                and_(Trace.subject_kind == "Campaign", Trace.verb == "start", Trace.subject_id.in_(campaigns_of)),
            ),
        )
    )
    if but is not None:
        told = told.where(Message.fact_id != but)
    sent = (Broadcast.article_id == article.id, Broadcast.state != BroadcastState.FAILED)
    by_tag = (
        select(func.coalesce(Resident.merged_into_id, Resident.id))
        .select_from(Broadcast)
        .join(Identity, Identity.followed.is_(True))
        .join(Resident, Resident.id == Identity.resident_id)
        .where(
            *sent,
            or_(
                Broadcast.topic_id.is_(None),
                select(Follow.id)
                .where(Follow.resident_id == Identity.resident_id, Follow.topic_id == Broadcast.topic_id)
                .exists(),
            ),
        )
    )
    both = union(told, by_tag).subquery()
    return select(both.c.resident_id)


WIDER: dict[str, tuple[tuple[Urgency, Callable[[Trace], Select[Any]]], ...]] = {
    "Consultation.publish": ((Urgency.TOOK_PART, _took_part), (Urgency.FOLLOWED, _neighbours)),
    "Consultation.remind": ((Urgency.REMINDER, _silent),),
    "Campaign.start": ((Urgency.ARTICLE, _aimed),),
}
"""Facts that concern more people than those whose own matter they are, and who of them comes first."""


def hearers(fact: Trace) -> Iterator[tuple[Urgency, Select[Any]]]:
    """Who hears of a fact, the most urgent first; whoever stands in two groups is told as one of the first."""
    if fact.fact in AUDIENCE:
        yield Urgency.OWN, AUDIENCE[fact.fact](fact)
    for urgency, who in WIDER.get(fact.fact, ()):
        yield urgency, who(fact)


def expand(fact: Trace) -> int:
    """Make the messages of a fact by one INSERT … SELECT a group; again changes nothing. Returns how many are new.

    Where a group says of somebody why not, the message is made all the same and stands with its reason: nobody is left out unseen.
    """
    before = db.session.scalar(select(func.count()).select_from(Message).where(Message.fact_id == fact.id)) or 0
    for urgency, people in hearers(fact):
        who = people.subquery()
        settled = who.c.why if "why" in who.c else literal("")
        rows = select(
            literal(fact.id),
            who.c.resident_id,
            literal(fact.fact),
            case((settled != "", MessageState.INBOX.value), else_=MessageState.PENDING.value),
            case((settled != "", MessageChannel.INBOX.value), else_=None),
            settled,
            literal(""),
            literal(0),
            literal(int(urgency)),
            literal(now(), type_=Message.made_at.type),
        ).where(who.c.resident_id.is_not(None))
        columns = [
            "fact_id",
            "resident_id",
            "topic",
            "state",
            "channel",
            "why",
            "appid",
            "attempts",
            "urgency",
            "made_at",
        ]
        db.session.execute(insert_into(Message).from_select(columns, rows).on_conflict_do_nothing())
    after = db.session.scalar(select(func.count()).select_from(Message).where(Message.fact_id == fact.id)) or 0
    return after - before
