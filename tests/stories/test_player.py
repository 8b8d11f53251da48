"""The player is a stranger: everything it did is found in the product, once, and nothing that it did not do."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.demonstration import ROOT
from models.comments.comment import Attachment, Comment, MediaState, Supplement
from models.comments.point import Point, PointGroup, PointStage
from models.comments.report_line import ReportLine
from models.comments.showing import COVER
from models.comments.transcription import Transcription, TranscriptionStage
from models.comments.unplaced import Unplaced, UnplacedStage
from models.decisions.casefile import gather
from models.decisions.catalogue import Catalogue, in_force
from models.decisions.consultation import Audience, Consultation, State
from models.decisions.decision import CaseStage, Decision
from models.decisions.deliberation import Deliberation, Role, passing
from models.decisions.engagement import Engagement, engagements_of
from models.decisions.in_force import remarks_of
from models.decisions.invitation import invitations
from models.decisions.material import Material
from models.decisions.publish import Publication
from models.decisions.register import Register, RegisterKind
from models.decisions.register import in_force as powers_in_force
from models.decisions.road import Going, road
from models.decisions.volume import volumes
from models.kernel import trail
from models.kernel.base import db
from models.kernel.clock import local
from models.kernel.evidence import check
from models.kernel.trail import Trace
from models.messages.heard import Heard
from models.messages.message import Message, MessageState
from models.messages.wx_article import WxArticle, WxKind, WxStage
from models.outreach.article import Article, ArticleStage, Broadcast, BroadcastState
from models.outreach.attendee import Attendee, turnout
from models.outreach.lecture import Lecture, LectureStage
from models.outreach.legal_place import LegalPlace, LegalPlaceKind, places_of
from models.people.place import villages
from models.polls.ballot import Voter
from models.polls.poll import Poll
from models.polls.result import in_the_box
from models.proposals.proposal import Proposal
from models.questions.question import Question, QuestionStage
from server.house import House
from server.simulator.story.case import CANTEEN
from server.simulator.story.charging import CHARGING
from server.simulator.story.parking import PARKING
from server.simulator.story.riverside import RIVERSIDE
from server.simulator.story.stage import morning_after
from server.simulator.story.together import ANSWER, SAYINGS
from tests.conftest import Engine, settle
from tests.faults.running import looking
from tests.stories.conftest import Played, opened

pytestmark = pytest.mark.timeout(400)

FACTS = {
    "draft_new": ("Consultation", "draft_new"),
    "submit": ("Consultation", "submit"),
    "check": ("Consultation", "check"),
    "review": ("Consultation", "review"),
    "sign": ("Consultation", "sign"),
    "publish": ("Consultation", "publish"),
    "release": ("Consultation", "release"),
    "receive": ("Consultation", "_receive"),
    "place": ("Unplaced", "place"),
    "transcribe": ("Attachment", "transcribe"),
    "confirm": ("Transcription", "confirm"),
    "suggest": ("Consultation", "suggest"),
    "decide_alike": ("Consultation", "decide_alike"),
    "gather": ("Consultation", "gather"),
    "redact_all": ("Consultation", "redact_all"),
    "answer": ("Point", "answer"),
    "submit_answer": ("Point", "submit"),
    "approve": ("Point", "approve"),
    "send_back": ("Point", "send_back"),
    "assign": ("Question", "assign"),
    "answer_it": ("Question", "answer_it"),
    "draft_new_article": ("Article", "draft_new"),
    "submit_article": ("Article", "submit"),
    "review_article": ("Article", "review"),
    "publish_article": ("Article", "publish"),
    "broadcast_article": ("Article", "broadcast"),
    "draft_new_catalogue": ("Catalogue", "draft_new"),
    "take_in_catalogue": ("Catalogue", "take_in"),
    "consent_catalogue": ("Catalogue", "consent"),
    "publish_catalogue": ("Catalogue", "publish"),
    "draft_new_register": ("Register", "draft_new"),
    "put_entry": ("Register", "put_entry"),
    "revise_register": ("Register", "revise"),
    "submit_register": ("Register", "submit"),
    "check_register": ("Register", "check"),
    "publish_register": ("Register", "publish"),
    "study_proposal": ("Proposal", "study"),
    "approve_proposal": ("Proposal", "approve"),
    "add_legal_place": ("LegalPlace", "add"),
    "draft_new_lecture": ("Lecture", "draft_new"),
    "submit_lecture": ("Lecture", "submit"),
    "announce_lecture": ("Lecture", "announce"),
    "count_lecture": ("Lecture", "count"),
    "draft_new_poll": ("Poll", "draft_new"),
    "put_question": ("Poll", "put_question"),
    "submit_poll": ("Poll", "submit"),
    "review_poll": ("Poll", "review"),
    "publish_poll": ("Poll", "publish"),
    "draft_new_script": ("Script", "draft_new"),
    "revise_script": ("Script", "revise"),
    "submit_script": ("Script", "submit"),
    "agree_script": ("Script", "agree"),
    "schedule_script": ("Script", "schedule"),
    "play_airing": ("Airing", "play"),
    "record_visit": ("Visit", "record"),
    "draft_new_exhibition": ("Exhibition", "draft_new"),
    "submit_exhibition": ("Exhibition", "submit"),
    "publish_exhibition": ("Exhibition", "publish"),
    "open_case": ("Decision", "open"),
    "classify_case": ("Decision", "classify"),
    "start_case": ("Decision", "start"),
    "list_case": ("Decision", "list_on"),
    "require": ("Decision", "require"),
    "excuse": ("Decision", "excuse"),
    "admit": ("Expert", "admit"),
    "engage": ("Engagement", "engage"),
    "declare": ("Engagement", "declare"),
    "hear": ("Engagement", "hear"),
    "reply_to_expert": ("Engagement", "reply"),
    "record_forum": ("Participation", "record"),
    "invite": ("Invitation", "invite"),
    "ask_inside": ("Consultation", "ask"),
    "send_inside": ("Invitation", "send"),
    "agree_inside": ("Invitation", "agree"),
    "begin_risk": ("Risk", "begin"),
    "revise_risk": ("Risk", "revise"),
    "attach_risk": ("Risk", "attach"),
    "submit_risk": ("Risk", "submit"),
    "approve_risk": ("Risk", "approve"),
    "write_next": ("Decision", "write_next"),
    "prepare_review": ("LegalReview", "prepare"),
    "send_to_review": ("Decision", "send_to_review"),
    "accept_review": ("LegalReview", "accept"),
    "advise": ("LegalReview", "advise"),
    "conclude": ("LegalReview", "conclude"),
    "deliberate": ("Decision", "deliberate"),
    "record_meeting": ("Deliberation", "record"),
    "confirm_meeting": ("Deliberation", "confirm"),
    "report_to_party": ("Decision", "report_to_party"),
    "decide": ("Decision", "decide"),
    "check_secrecy": ("SecrecyCheck", "check"),
    "confirm_secrecy": ("SecrecyCheck", "confirm"),
    "publish_case": ("Decision", "publish"),
    "entrust": ("Decision", "entrust"),
    "report_execution": ("Execution", "report"),
    "archive": ("Decision", "archive"),
}
"""What the player calls a deed, and what the trail calls it."""
BESIDES = {
    ("Draft", "write"),
    ("Material", "add"),
    ("LegalReview", "begin"),
    ("LegalReview", "send"),
    ("Packing", "ask"),
    ("Consultation", "revise"),
    ("ClauseRevision", "write"),
    ("Question", "read"),
}
"""Facts that come with a deed: the cuts, a signed sheet, the review's papers, the order to pack, a clause's new words, a question that was read."""


@pytest.fixture
def house(played: Played) -> Iterator[House]:
    """The product opened from inside, to compare."""
    with looking(played.town.product) as opened:
        yield opened


def test_it_plays_to_the_end_though_interrupted_and_says_where_to_click(played: Played) -> None:
    for code, output in played.runs:
        assert code == 0, output
        assert "✗" not in output, output
    assert ["演完了" in output for _, output in played.runs] == [False, False, False, True]
    assert "演示开始" in played.runs[0][1]
    assert "接着上一次没演完的地方演" in played.runs[-1][1]
    last = played.runs[-1][1]
    assert f"http://localhost:{played.town.product.port}/demo" in last
    assert f"http://phone-1.localhost:{played.town.product.simulator_port}/" in last
    assert f"http://shenlin.localhost:{played.town.product.port}/desk/" in last


def test_each_comment_stands_word_for_word_where_it_was_said(played: Played, house: House) -> None:
    told = Counter((line["matter"], line["channel"], line["comment"]) for line in played.lines("comment"))
    stands = Counter(
        (c.consultation.title, c.channel.value, c.text) for c in db.session.scalars(select(Comment)).unique()
    )
    assert stands == told
    assert sum(stands.values()) > 30
    supplements = Counter(s.text for s in db.session.scalars(select(Supplement)).unique())
    assert supplements == Counter(line["supplement"] for line in played.lines("supplement"))
    withdrawn = {c.text for c in db.session.scalars(select(Comment)).unique() if c.withdrawn}
    assert withdrawn == {line["comment"] for line in played.lines("comment") if line.get("withdrawn")}


def test_each_message_of_a_phone_was_heard_once(played: Played, house: House) -> None:
    told = Counter(line["heard"] for line in played.lines("heard"))
    rows = db.session.execute(select(Heard.kind, func.count()).group_by(Heard.kind)).all()
    heard = {kind: count for kind, count in rows if kind in told}
    assert heard == dict(told)


def test_each_deed_of_an_officer_is_in_the_trail_and_no_other(played: Played, house: House) -> None:
    told = Counter((line["officer"], *FACTS[line["deed"]]) for line in played.lines("deed"))
    rows = db.session.execute(
        select(Trace.actor_name, Trace.subject_kind, Trace.verb, func.count())
        .where(Trace.actor_kind == "officer")
        .group_by(Trace.actor_name, Trace.subject_kind, Trace.verb)
    ).all()
    stands = {(who, kind, verb): count for who, kind, verb, count in rows if (kind, verb) not in BESIDES}
    # Words that staff place become a comment by the same officer's hand.
    placed = told["周敏", "Unplaced", "place"]
    assert stands.pop(("周敏", "Consultation", "_receive")) == placed
    assert stands == dict(told)
    assert all(row.demonstration for row in db.session.scalars(select(Trace)))


def test_the_trail_is_whole(played: Played, house: House) -> None:
    chains = trail.chains()
    assert len(chains) > 3
    for chain in chains:
        assert check(chain).whole, chain


def test_it_leaves_one_released_one_being_answered_and_one_open(played: Played, house: House) -> None:
    asked = list(db.session.scalars(select(Consultation)))
    by_state = {c.state(): c for c in asked if c.audience == Audience.PUBLIC}
    inside = [one for c in asked if c.audience == Audience.INTERNAL for one in invitations(c)]
    assert len({one.group for one in inside}) == 5, "each of the five kinds inside"
    assert [bool(one.sent_on) for one in inside] == [True] * 5
    assert set(by_state) == {State.RELEASED, State.CLOSED, State.OPEN}
    released, closed, open_now = by_state[State.RELEASED], by_state[State.CLOSED], by_state[State.OPEN]
    assert released.n_points >= 18
    assert released.n_people >= 8
    stages = Counter(
        p.stage for p in db.session.scalars(select(Point).where(Point.consultation_id == closed.id)).unique()
    )
    assert stages[PointStage.APPROVED] >= 1
    assert stages[PointStage.SUBMITTED] >= 1
    assert stages[PointStage.DRAFTED] >= 1, "one came back from the second person"
    assert stages[PointStage.OPEN] >= 1
    assert open_now.days_left() >= 20
    assert open_now.n_texts >= 3


def test_what_was_asked_alike_was_answered_together_and_a_number_is_covered(played: Played, house: House) -> None:
    alike = db.session.scalars(select(Point).join(PointGroup, PointGroup.id == Point.group_id)).unique().all()
    assert len(alike) == len(SAYINGS) == 4
    assert {(p.stage, p.reason) for p in alike} == {(PointStage.RELEASED, ANSWER.reason)}
    (line,) = db.session.scalars(select(ReportLine).where(ReportLine.points > 1))
    assert (line.points, line.wordings) == (4, 2), "the fourth let its words be shown: another wording of the same"
    (shown,) = (p.shown_text for p in alike if p.shown_text)
    assert COVER in shown and "13800005521" not in shown
    read = Counter(t.stage for t in db.session.scalars(select(Transcription)).unique())
    assert read == {TranscriptionStage.CONFIRMED: 3}, "a letter, a telephone call and a voice message"


def test_everybody_who_spoke_is_told_once_and_the_phones_got_it(played: Played, house: House) -> None:
    told = Counter((m.fact_id, m.resident_id) for m in db.session.scalars(select(Message)))
    assert told
    assert set(told.values()) == {1}
    states = {m.state for m in db.session.scalars(select(Message))}
    assert states <= {MessageState.DELIVERED, MessageState.SENT, MessageState.INBOX}
    rooms = played.town.product.wechat("GET", "/phones/1/chat")["messages"]
    assert any(m["kind"] == "template" and not m["mine"] for m in rooms)
    service = played.town.product.wechat("GET", "/phones/3/chat?room=service")["messages"]
    assert any(m["kind"] == "template" for m in service), "the mini program's one consent was used"


def test_voice_pictures_articles_and_questions_are_as_told(played: Played, house: House) -> None:
    attachments = list(db.session.scalars(select(Attachment)).unique())
    assert Counter(a.kind.value for a in attachments) == Counter(line["file"] for line in played.lines("file"))
    assert {a.state for a in attachments} == {MediaState.KEPT}
    assert [a.transcript for a in attachments if a.kind.value == "voice"] == [
        line["text"] for line in played.lines("deed") if line["deed"] == "transcribe"
    ]
    assert {u.stage for u in db.session.scalars(select(Unplaced)).unique()} == {UnplacedStage.PLACED}
    stages = Counter(a.stage for a in db.session.scalars(select(Article)).unique())
    assert stages == {ArticleStage.PUBLISHED: 1, ArticleStage.SUBMITTED: 1}
    pushed = db.session.scalars(select(Broadcast)).one()
    # WeChat reports a mass send some seconds after it; the player's processes may have been stopped just before.
    assert pushed.state in (BroadcastState.SENT, BroadcastState.FINISHED)
    assert pushed.msg_id
    questions = list(db.session.scalars(select(Question)).unique())
    assert Counter(q.text for q in questions) == Counter(line["question"] for line in played.lines("question"))
    assert Counter(q.stage for q in questions) == {QuestionStage.ANSWERED: 1, QuestionStage.ASKED: 1}


def test_one_article_of_the_account_waits_for_a_person_s_hand(played: Played, house: House) -> None:
    rows = list(db.session.scalars(select(WxArticle)))
    assert Counter(r.stage for r in rows)[WxStage.BY_HAND] == 1
    by_hand = next(r for r in rows if r.stage == WxStage.BY_HAND)
    assert by_hand.kind == WxKind.OPENING
    assert "53503" in by_hand.trouble
    drafts = played.town.product.wechat("GET", "/drafts")["drafts"]
    assert [d["media_id"] for d in drafts] == [by_hand.media_id], "it lies in the account's draft box"


def test_the_year_is_public_the_powers_are_drawn_and_a_proposal_has_its_answer(played: Played, house: House) -> None:
    catalogue = in_force()
    assert catalogue is not None
    titles = [item.title for item in catalogue.items]
    assert len(titles) >= 4
    assert {c.title for c in db.session.scalars(select(Consultation))} <= set(titles)
    assert all(not item.lacking for item in catalogue.items)
    powers = powers_in_force(RegisterKind.POWERS)
    assert powers is not None
    assert all(entry.flow and not entry.lacking for entry in powers.standing)
    proposals = list(db.session.scalars(select(Proposal)).unique())
    assert Counter(p.text for p in proposals) == Counter(line["proposal"] for line in played.lines("proposal"))
    assert all(p.answered and p.answer for p in proposals)


def test_one_case_is_sealed_one_is_on_its_way_one_is_asked_about_and_one_has_just_begun(
    played: Played, house: House
) -> None:
    titles = {case.title: case for case in db.session.scalars(select(Decision)).unique()}
    sealed, midway, asked, begun = (titles[one] for one in (PARKING.title, CHARGING.title, RIVERSIDE.title, CANTEEN))

    def going(case: Decision) -> dict[str, Going]:
        return {stop.station.key: stop.standing.going for stop in road(case)}

    assert sealed.stage == CaseStage.ARCHIVED
    left = {key for key, one in going(sealed).items() if one not in (Going.DONE, Going.EXCUSED)}
    assert left == {"execution"}, "it is being carried out, and may be evaluated later"
    assert [one.volume for one in volumes(sealed)] == [1]
    assert not gather(sealed).lacking
    heard = [one for one in engagements_of(sealed) if one.opinion]
    assert len(heard) == 3
    assert sum(one.dissents for one in heard) == 1
    passed = passing(sealed)
    assert passed is not None
    assert passed.seats[-1].role == Role.HEAD
    assert Publication.of(sealed)
    assert [remark.readable for remark in remarks_of(sealed)] == [line["remark"] for line in played.lines("remark")]

    assert {going(midway)[key] for key in ("answers", "expert", "risk")} == {Going.NOW}
    assert going(midway)["deliberation"] == Going.WAIT
    assert going(asked)["consultation"] == Going.NOW
    assert begun.stage == CaseStage.OPENED
    assert {case.number is None for case in (sealed, midway, asked)} == {False}


def test_a_village_was_lectured_everybody_was_asked_and_the_law_is_near_home(played: Played, house: House) -> None:
    held, coming = db.session.scalars(select(Lecture).order_by(Lecture.starts_at)).unique().all()
    assert (held.stage, held.where, coming.stage) == (LectureStage.HELD, "东湖村", LectureStage.ANNOUNCED)
    assert coming.takes_names
    numbers = turnout(held)
    assert (numbers.signed, numbers.came, numbers.of_signed, numbers.heads) == (1, 1, 1, 34)
    poll = db.session.scalars(select(Poll)).one()
    assert poll.is_open
    assert in_the_box(poll) == len(played.lines("poll")) == 4
    for village in villages():
        kinds = {place.kind for place in places_of(village)}
        assert {LegalPlaceKind.MEDIATION, LegalPlaceKind.STATION, LegalPlaceKind.AID} <= kinds, village.name


def counted() -> dict[str, int]:
    """How many rows each table of the story has."""
    tables = (
        Comment,
        Supplement,
        Attachment,
        Unplaced,
        Point,
        Trace,
        Heard,
        Message,
        Article,
        Question,
        Consultation,
        Catalogue,
        Register,
        Proposal,
        Decision,
        Engagement,
        Deliberation,
        Material,
        Lecture,
        Attendee,
        Poll,
        Voter,
        LegalPlace,
    )
    return {t.__tablename__: db.session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}
    hours = {local(one.starts_at).hour for one in db.session.scalars(select(Lecture))}
    assert min(hours) >= 8 and max(hours) <= 20, "whoever starts the story at night sees lectures by day"


@pytest.mark.parametrize(("hour", "day"), [(0, 28), (7, 28), (8, None), (12, None), (16, None), (17, 29), (23, 29)])
def test_the_story_is_played_by_day(hour: int, day: int | None) -> None:
    """From five in the afternoon to eight in the morning it waits for the next morning, which costs nothing."""
    found = morning_after(datetime(2026, 11, 28, hour, 30, tzinfo=UTC))
    assert (found.day if found else None) == day


def test_a_second_run_adds_nothing(played: Played, house: House, tmp_path: Path) -> None:
    before = counted()
    db.session.rollback()
    code, output = played.town.play("--log", str(tmp_path / "second.jsonl"))
    assert code == 0, output
    assert "演示已经演过" in output
    assert "/demo" in output
    assert not (tmp_path / "second.jsonl").exists()
    assert counted() == before


def test_a_player_whom_nobody_answers_says_so_and_does_not_fall_over() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "server.simulator.player",
            "http://127.0.0.1:9",
            "http://127.0.0.1:9",
            "--once",
            "--patience",
            "1",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "没有应答" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.long
@pytest.mark.parametrize("kind", ["subscription", "unverified", "government"])
def test_every_kind_of_account_can_be_played(kind: str, tmp_path: Path) -> None:
    for town in opened(tmp_path / "town", Engine("sqlite", tmp_path).fresh("street", settle), kind):
        code, output = town.play()
        assert code == 0, output
        assert "✗" not in output, output


def test_the_player_imports_nothing_of_ours() -> None:
    story = ROOT / "server" / "simulator" / "story"
    for path in [ROOT / "server" / "simulator" / "player.py", *story.glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                ours = name.split(".")[0] in ("config", "models", "miniapp_api", "server")
                assert not ours or name.startswith("server.simulator.story"), f"{path.name} imports {name}"
