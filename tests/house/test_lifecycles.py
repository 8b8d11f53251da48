"""Who may do what, and when: every verb of every record in every stage, for everybody, held against verbs.txt."""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import scoped_session

from models.comments import (
    alike,
    arrange,
    attach,
    calling,
    change,
    claims,
    export,
    next_draft,
    on_behalf,
    receive,
    release,
    second_look,
    showing,
)
from models.comments.amendment import Amendment, AmendmentKind
from models.comments.bulk import AnswerTemplate
from models.comments.point import Point
from models.comments.promise import Promise
from models.comments.transcription import Source, Transcription
from models.comments.unplaced import Unplaced
from models.decisions import (
    accountability,
    archive,
    decide,
    deliberate,
    deliberation,
    evaluation,
    execution,
    expiry,
    filing,
    invitation,
    listing,
    party_report,
    procedure,
    publish,
    secrecy,
    send_to_review,
    validity,
)
from models.decisions.catalogue import Catalogue
from models.decisions.cleanup import Cleanup
from models.decisions.consultation import Channel
from models.decisions.engagement import Engagement, Way
from models.decisions.hearing import Hearing, HearingApplicant, Party
from models.decisions.in_force import Remark
from models.decisions.invitation import Group, Invitation
from models.decisions.legal_review import LegalReview
from models.decisions.matter import Mode
from models.decisions.participation import Participation
from models.decisions.register import Register, RegisterKind
from models.decisions.risk import Risk
from models.decisions.validity import ExpiryReview, Verdict
from models.kernel.base import Base
from models.kernel.clock import now, today
from models.kernel.lifecycle import Verb, declared, verbs_of, why_not
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import SYSTEM, Trace
from models.messages import campaigning, follow, telling
from models.messages.halt import Halt, HaltKind
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.telling import Telling
from models.messages.wx_article import WxArticle, WxKind
from models.outreach import attendee, beside, exhibition, lecture_file, letter, loudspeaker, picture, visit
from models.outreach.article import Article
from models.outreach.legal_place import LegalPlace, LegalPlaceKind
from models.people.officer import officers
from models.people.resident import Resident
from models.polls import ballot, conclude
from models.proposals.propose import propose
from models.questions import erase, follow_up, hand_over
from models.questions.duty import Duty
from models.questions.known import CommonQuestion
from models.questions.mediation import Dispute, Mediation
from models.questions.question import Question
from server.cli import lifecycles
from tests.conftest import People
from tests.deciding import a_document
from tests.house.checks import ROOT, sources, tree
from tests.making import (
    a_campaign,
    a_case_file,
    a_comment,
    a_consultation,
    a_lecture,
    a_poll,
    a_published_case,
    a_resident,
    an_expert,
    an_older_document,
)

DEEDS: dict[tuple[str, str], Any] = {
    ("Consultation", "_receive"): receive._receive,
    ("Consultation", "release"): release.release,
    ("Consultation", "call_list"): calling.call_list,
    ("Comment", "split"): arrange.split,
    ("Consultation", "gather"): arrange.gather,
    ("Consultation", "relate"): arrange.relate,
    ("PointGroup", "put"): arrange.put,
    ("PointGroup", "take_out"): arrange.take_out,
    ("Consultation", "undo"): arrange.undo,
    ("Consultation", "claim"): claims.claim,
    ("Consultation", "give_back"): claims.give_back,
    ("Consultation", "charge"): claims.charge,
    ("Consultation", "suggest"): alike.suggest,
    ("Consultation", "decide_alike"): alike.decide_alike,
    ("Resident", "follow"): follow.follow,
    ("Telling", "print_list"): telling.print_list,
    ("Decision", "require"): procedure.require,
    ("Decision", "excuse"): procedure.excuse,
    ("Decision", "send_to_review"): send_to_review.send_to_review,
    ("Consultation", "ask"): invitation.ask,
    ("Decision", "explain"): change.explain,
    ("Decision", "write_next"): next_draft.write_next,
    ("Decision", "entrust"): execution.entrust,
    ("Decision", "list_on"): listing.list_on,
    ("Decision", "leave_unlisted"): listing.leave_unlisted,
    ("Decision", "change_force"): execution.change_force,
    ("Decision", "plan_evaluation"): evaluation.plan_evaluation,
    ("Decision", "adjust"): evaluation.adjust,
    ("Decision", "deliberate"): deliberate.deliberate,
    ("Decision", "decide"): decide.decide,
    ("Decision", "report_to_party"): party_report.report_to_party,
    ("Decision", "publish"): publish.publish,
    ("Normative", "send_for_filing"): filing.send_for_filing,
    ("Normative", "receive_receipt"): filing.receive_receipt,
    ("Normative", "repeal"): validity.repeal,
    ("Decision", "look_into"): accountability.look_into,
    ("Decision", "archive"): archive.archive,
    ("Decision", "archive_ended"): archive.archive_ended,
    ("Campaign", "stop"): campaigning.stop,
    ("Lecture", "read_names"): attendee.read_names,
    ("Lecture", "add_material"): lecture_file.add_material,
    ("Lecture", "add_photograph"): lecture_file.add_photograph,
    ("Lecture", "drop_file"): lecture_file.drop_file,
    ("Poll", "print_slips"): ballot.print_slips,
    ("Poll", "open_urn"): ballot.open_urn,
    ("Poll", "conclude"): conclude.conclude,
    ("Consultation", "export_said"): export.export_said,
    ("Comment", "attach_scan"): attach.attach_scan,
    ("Comment", "withdraw_for"): on_behalf.withdraw_for,
    ("Comment", "add_for"): on_behalf.add_for,
    ("Comment", "give_pin"): on_behalf.give_pin,
    ("Comment", "redact"): showing.redact,
    ("Comment", "uncover"): showing.uncover,
    ("Consultation", "redact_all"): showing.redact_all,
    ("Point", "rate"): second_look.rate,
    ("Point", "rate_for"): on_behalf.rate_for,
    ("Point", "look_again_for"): on_behalf.look_again_for,
    ("Question", "follow_up"): follow_up.follow_up,
    ("Article", "add_picture"): picture.add_picture,
    ("Article", "put_beside"): beside.put_beside,
    ("Article", "take_away"): beside.take_away,
    ("Question", "answer_again"): follow_up.answer_again,
    ("Question", "pass_on"): hand_over.pass_on,
    ("Question", "come_back"): hand_over.come_back,
    ("HandOver", "print_slip"): hand_over.print_slip,
    ("Question", "erase"): erase.erase,
    ("Question", "expire"): erase.expire,
}
"""Deeds that span several nouns stand in files of their own, as functions."""
TABLE = Path(__file__).with_name("verbs.txt")
REWRITE = "HOUSE_REWRITE"
RECORDS = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}


@pytest.fixture
def subjects(people: People, session: scoped_session[Any]) -> dict[str, Any]:
    """One of each record that has verbs, made by the verbs of a real case."""
    asked = a_consultation(people)
    writer = a_resident(1)
    given = a_comment(asked, writer)
    question = Question.ask(writer, "邻居的空调滴水怎么办？", channel=Channel.H5)
    article = Article.draft_new(people["linxiao"], title="宪法宣传周", topic=None, body="宪法是国家的根本法。")
    hearing = Hearing.draft_new(people["shenlin"], asked.decision, title="听证会")
    session.flush()
    fact = session.scalar(select(Trace).order_by(Trace.id.desc()).limit(1))
    assert fact
    expert, poll, lecture = an_expert(people), a_poll(people), a_lecture(people)
    script = loudspeaker.Script(
        article=article, edition=1, title="宪法宣传周", text="乡亲们好。", author=people["linxiao"], made_at=now()
    )
    review = LegalReview.begin(people["shenlin"], asked.decision)
    review.counsel = people["pengyuan"]
    in_force = a_published_case(people)
    document = a_document(people)
    campaign = Cleanup.begin(people["zhoumin"], "2026年清理", "县政府办通知。")
    check = secrecy.latest(document.decision)
    meeting = deliberation.latest(document.decision)
    point = session.scalars(select(Point)).one()
    room = LegalPlace.add(people["luojing"], LegalPlaceKind.MEDIATION, people["mafang"].places[0], name="调解室")
    session.flush()
    made = [
        document,
        ExpiryReview.propose(people["zhoumin"], document, Verdict.AMEND, "第二条要改。"),
        campaign,
        an_older_document(people),
        expiry.ExpiryNotice.send(SYSTEM, document, expiry.Call.NOTICE, today()),
        check,
        meeting,
        expert,
        Engagement.engage(people["shenlin"], asked.decision, expert, Way.MEETING, "是否可行。"),
        Risk.begin(people["shenlin"], asked.decision),
        review,
        asked,
        execution.entrust(in_force, people["zhoumin"], people["shenlin"].unit, people["shenlin"], "划线。"),
        Remark.receive(writer, in_force, "划到消防通道上了。", channel=Channel.H5),
        evaluation.Evaluation.commission(people["zhoumin"], in_force, evaluation.Cause.OFFICE, "县研究会"),
        asked.decision,
        given.comment,
        second_look.SecondLook(
            public_id="secondlook12",
            point=point,
            sealed_reason=b"x",
            due_on=today(),
            made_at=now(),
        ),
        Promise(
            point=point,
            words="公布施工图",
            due_on=today(),
            first_due_on=today(),
            officer=people["shenlin"],
            made_at=now(),
        ),
        showing.Hiding.hide(people["zhoumin"], given.comment, "insult", "有骂人的话。"),
        Transcription.begin(people["mafang"], comment=given.comment, source=Source.LETTER),
        point,
        arrange.gather(asked, people["shenlin"], "嫌一小时太短", [point.id]),
        AnswerTemplate.write(people["shenlin"], "泊位不够", "not_adopted", "第二条要让更多人停得下。"),
        writer,
        Unplaced.keep(writer, "你好"),
        question,
        hand_over.pass_on(
            Question.ask(writer, "请不起律师。", channel=Channel.H5),
            people["luojing"],
            hand_over.Road.AID,
            "请带身份证去。",
        ),
        room,
        Mediation.ask(writer, room, Dispute.LAND, "墙压着我家的地。", channel=Channel.H5),
        Duty.roster(people["luojing"], people["pengyuan"], None, today(), today()),
        CommonQuestion.draft_new(people["pengyuan"], None, question="押金不退怎么办"),
        article,
        WxArticle.want(WxKind.OPENING, asked.id, fact, asked.title, "/consultations/x"),
        Message(
            fact=fact,
            resident=writer,
            topic="Consultation.cancel",
            state=MessageState.HELD,
            channel=MessageChannel.CUSTOMER,
            made_at=now(),
        ),
        Telling.begin(fact, 1),
        Halt(
            appid="wx1",
            api="message/template/send",
            kind=HaltKind.TEMPLATE,
            words="模板编号不对",
            since=now(),
            template="T",
        ),
        Catalogue.draft_new(people["luojing"], today().year),
        Amendment(
            point=point,
            kind=AmendmentKind.SUPPLEMENT,
            text="北侧停车场下月开放。",
            author_id=people["shenlin"].id,
            made_at=now(),
        ),
        a_case_file(asked.decision),
        hearing,
        HearingApplicant(hearing_id=hearing.id, resident=a_resident(7), party=Party.PUBLIC, applied_at=now()),
        Participation(
            decision=asked.decision,
            mode=Mode.FORUM,
            held_on=today(),
            place="村委会",
            organised_by="城管科",
            people=9,
            kinds="居民",
            gist="不够停",
            officer=people["shenlin"],
            made_at=now(),
        ),
        Invitation(consultation=asked, group=Group.STAFF, resident=writer, made_at=now()),
        Register.draft_new(people["shenlin"], RegisterKind.POWERS),
        a_campaign(people),
        lecture,
        attendee.sign_up(writer, lecture, Channel.H5),
        script,
        visit.Visit(
            kind=visit.VisitKind.VAN,
            place=people["mafang"].places[0],
            visited_on=today(),
            households=0,
            people=9,
            leaflets=0,
            asked=0,
            officer=people["mafang"],
            made_at=now(),
        ),
        exhibition.Exhibition(at=room, title="宪法", author=people["linxiao"], made_at=now()),
        letter.Letter(
            article=article,
            edition=1,
            title="宪法宣传周",
            text="乡亲们好。",
            sender="青禾街道",
            author=people["linxiao"],
            made_at=now(),
        ),
        loudspeaker.Airing(script=script, place=people["mafang"].places[0], due_at=now(), made_at=now()),
        poll,
        ballot.PaperBallot(poll=poll, slip=ballot.PollSlip(poll=poll, serial=1), content=b"x", writer=people["mafang"]),
        propose(writer, "装红绿灯", "放学时候车多。", channel=Channel.H5).proposal,
        people["shenlin"],
        people["shenlin"].unit,
        people["mafang"].places[0],
    ]
    session.add_all(made)
    session.flush()
    return {type(record).__name__: record for record in made}


def stages_of(record: type) -> list[Any]:
    column = record.__table__.columns.get("stage")  # type: ignore[attr-defined]
    return list(column.type.enum_class) if column is not None else [None]


def may(subject: Any, verb: str, actor: Any) -> str:
    """yes (a rule may still want something), post, or turn."""
    try:
        refusal = why_not(subject, verb, actor)
    except AttributeError:
        if actor is not SYSTEM:
            raise
        return "post"  # a guard that only knows people; the clockwork has no business there
    if refusal is None or isinstance(refusal, RuleUnmet):
        return "yes"
    return "turn" if isinstance(refusal, OutOfTurn) else "post"


def actors(people: People) -> dict[str, Any]:
    """Everybody: those who work here, two residents, the clockwork."""
    found: dict[str, Any] = {officer.login: officer for officer in officers()}
    return found | {"the-resident": a_resident(1), "another-resident": a_resident(2), "the-clockwork": SYSTEM}


def matrix(subjects: dict[str, Any], everybody: dict[str, Any], session: scoped_session[Any]) -> Iterator[str]:
    """A line for each verb and stage in which somebody may do it."""
    with session.no_autoflush:
        for name, subject in sorted(subjects.items()):
            for verb in (v for v in verbs_of(type(subject)).values() if not v.creates):
                for stage in stages_of(type(subject)):
                    if stage is not None:
                        subject.stage = stage
                    able = [who for who, actor in everybody.items() if may(subject, verb.name, actor) == "yes"]
                    if able:
                        yield f"{name}.{verb.name:<18} {stage or '-':<12} {' '.join(sorted(able))}"
    session.rollback()


def test_every_verb_in_every_stage_for_everybody(
    subjects: dict[str, Any], people: People, session: scoped_session[Any]
) -> None:
    """Read the difference as law: each line lets somebody do something. HOUSE_REWRITE=1 writes the table anew."""
    found = "\n".join(matrix(subjects, actors(people), session)) + "\n"
    if os.environ.get(REWRITE):
        TABLE.write_text(found)
    assert found == TABLE.read_text()


def test_no_record_with_verbs_is_left_out(subjects: dict[str, Any]) -> None:
    acting = {name for name, verbs in declared().items() if any(not verb.creates for verb in verbs.values())}
    assert acting - set(subjects) <= {"Attachment"}, "its one verb is an officer's, in any stage"


def test_a_verb_out_of_turn_changes_nothing_and_leaves_no_trace(
    subjects: dict[str, Any], people: People, session: scoped_session[Any]
) -> None:
    """For each verb a stage it is not for, and somebody whose post it is."""
    everybody = actors(people)
    traces = session.scalar(select(func.count()).select_from(Trace))
    tried = 0
    with session.no_autoflush:
        for subject in subjects.values():
            for verb in (v for v in verbs_of(type(subject)).values() if v.froms):
                for stage in set(stages_of(type(subject))) - set(verb.froms):
                    subject.stage = stage
                    for actor in (a for a in everybody.values() if may(subject, verb.name, a) == "turn"):
                        with pytest.raises(OutOfTurn):
                            call(subject, verb, actor)
                        assert subject.stage == stage
                        tried += 1
        assert tried > 100
        assert session.scalar(select(func.count()).select_from(Trace)) == traces


def call(subject: Any, verb: Verb, actor: Any) -> None:
    """Do it; the refusal comes before the arguments are looked at."""
    owner = type(subject)
    deed = getattr(owner, verb.name, None) or DEEDS[owner.__name__, verb.name]
    deed(subject, actor)


def test_stages_lead_somewhere() -> None:
    """A stage nobody reaches is dead; a stage nobody declared is a slip."""
    for name, verbs in declared().items():
        stages = {stage for stage in stages_of(RECORDS[name]) if stage is not None}
        for verb in verbs.values():
            assert set(verb.froms) <= stages, f"{name}.{verb.name}"
            assert verb.to is None or verb.to in stages, f"{name}.{verb.name}"


def test_every_verb_has_a_guard_and_a_sentence() -> None:
    for name, verbs in declared().items():
        for verb in verbs.values():
            assert verb.by, f"{name}.{verb.name}: nobody guards it"
            assert not nameless(verb), f"{name}.{verb.name}: a guard has a name and a sentence that say whom it lets in"
            assert verb.say, f"{name}.{verb.name}: the trail has no words for it"


def nameless(verb: Verb) -> bool:
    """Whether one of the guards is a lambda, which says nothing about whom it lets in."""
    return any(guard.__name__ == "<lambda>" or (not guard.__doc__ and guard.__name__ != "holds") for guard in verb.by)


def test_a_nameless_guard_is_noticed() -> None:
    verb = verbs_of(Resident)["merge_into"]
    assert not nameless(verb)
    assert nameless(replace(verb, by=(lambda subject, actor: None,)))


def test_the_diagrams_in_the_docs_are_the_declarations() -> None:
    assert (ROOT / "docs" / "lifecycles.md").read_text() == lifecycles()


# Not deeds of the matter: sessions, links and consents keep records of their own.
APART = {"Session", "OneOffLink", "Consent"}


def unguarded(source: str) -> Iterator[str]:
    """Methods of records that an officer or resident does, and that no step, act or birth guards."""
    for record in ast.walk(tree(source)):
        if not isinstance(record, ast.ClassDef) or not any("Base" in ast.unparse(base) for base in record.bases):
            continue
        if record.name in APART:
            continue
        for method in record.body:
            if not isinstance(method, ast.FunctionDef) or len(method.args.args) < 2:
                continue
            marks = " ".join(ast.unparse(mark) for mark in method.decorator_list)
            if method.args.args[1].arg in ("officer", "actor") and not re.search(r"\b(step|act|birth)\b", marks):
                yield f"{method.lineno}: {record.name}.{method.name} has no guard"


def test_whatever_an_officer_does_to_a_record_is_a_verb() -> None:
    found = [f"{path}:{why}" for path in sources("models") for why in unguarded((ROOT / path).read_text())]
    assert not found


def test_an_unguarded_deed_is_noticed() -> None:
    bad = "class Point(Base):\n    def approve(self, officer):\n        self.ok = True\n"
    assert list(unguarded(bad)) == ["2: Point.approve has no guard"]
    assert not list(unguarded(bad.replace("    def", "    @act(by=post('x'))\n    def")))
