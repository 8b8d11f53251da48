"""One street with a case at every stage, made by the same verbs that the desks use."""

import json
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models import files
from models.comments.alike import AlikeSet, Likeness, look, suggest
from models.comments.arrange import gather
from models.comments.bulk import AnswerTemplate
from models.comments.comment import Attachment, MediaKind, MediaState
from models.comments.next_draft import write_next
from models.comments.point import Point, PointStage
from models.comments.promise import Promise
from models.comments.second_look import SecondLook
from models.comments.showing import Hiding
from models.comments.unplaced import Unplaced
from models.decisions.catalogue import CatalogueStage
from models.decisions.consultation import Audience, Channel, Consultation, Stage
from models.decisions.decision import Decision, Kind
from models.decisions.draft import Draft, drafts_of
from models.decisions.engagement import Engagement, View, Way
from models.decisions.evaluation import Cause, Evaluation, Result
from models.decisions.execution import entrust
from models.decisions.hearing import Hearing, Party
from models.decisions.in_force import Remark
from models.decisions.invitation import Group, Invitation, ask, invitations, reply
from models.decisions.material import Material, Publicity
from models.decisions.matter import Category, Mode, Procedure
from models.decisions.participation import Participation
from models.decisions.procedure import excuse, require
from models.decisions.register import RegisterKind, RegisterStage, in_force
from models.decisions.risk import Level, Risk
from models.decisions.volume import Packing, Progress, Purpose, store_key
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import now, today
from models.kernel.trail import SYSTEM, Trace
from models.messages.audience import expand
from models.messages.campaigning import fact_of
from models.messages.follow import follow
from models.messages.halt import Halt, HaltKind, stand_still
from models.messages.telling import Telling
from models.outreach.article import Article, topics
from models.outreach.article import by_public_id as article_of
from models.outreach.attendee import Attendee, be_here, change, sign_up
from models.outreach.campaign import TrialState
from models.outreach.campaign_read import opened
from models.outreach.exhibition import Exhibition
from models.outreach.lecture import LectureStage
from models.outreach.lecture_file import add_material
from models.outreach.legal_place import LegalPlace, LegalPlaceKind
from models.outreach.letter import ExportForm, Letter
from models.outreach.loudspeaker import Airing, Script
from models.outreach.visit import Visit, VisitKind
from models.people.place import villages
from models.people.resident import Resident
from models.polls.ballot import PaperBallot, Voter, open_urn, print_slips
from models.polls.poll import PollStage
from models.proposals.proposal import ProposalOutcome
from models.proposals.propose import propose
from models.questions.duty import Duty
from models.questions.hand_over import Road, pass_on
from models.questions.known import CommonQuestion
from models.questions.mediation import Dispute, Mediation
from models.questions.question import Question
from models.questions.stint import Stint, StintKind
from models.texts.similar import Kind as Kinds
from server.jobs.casefiles import record
from server.papers.casefile import pack
from tests.deciding import places_of_deciding
from tests.making import (
    BASIS,
    RISK_POINT,
    SOURCE,
    a_campaign,
    a_catalogue,
    a_comment,
    a_consultation,
    a_follower,
    a_lecture,
    a_legal_opinion,
    a_pdf,
    a_poll,
    a_published_case,
    a_register,
    a_release,
    a_resident,
    a_sent_review,
    an_advised_review,
    an_amendment,
    an_expert,
    an_opinion,
    answer_all,
    counted_as,
    points_of,
)

VERSIONS = """公共晾晒场管理办法（征求意见稿）

第一条 为了让居民晒得方便，制定本办法。
第二条 晾晒场每日7:00至19:00开放。
第三条 晾晒粮食的，每户不超过二十平方米。
第四条 占用晾晒场停车的，由社区劝离。
第五条 本办法自2027年3月1日起施行。
"""
COMMON = {
    "question": "租房到期，押金不退怎么办",
    "answer": "先书面催告，写明期限；不退的可以请调解委员会调解，也可以起诉。",
    "basis": "民法典第七百三十三条",
}
REASON = "第二条要让更多人停得下，我们数了三天，一小时够买一次菜，所以维持原文。"


@dataclass
class World:
    """Addresses of what was made."""

    drafted: str = ""
    submitted: str = ""
    checked: str = ""
    reviewed: str = ""
    signed: str = ""
    open: str = ""
    closed: str = ""
    ready: str = ""
    released: str = ""
    telling: str = ""
    halt: str = ""
    case: str = ""
    fresh: str = ""
    classified: str = ""
    major: str = ""
    revised: str = ""
    changed_clause: str = ""
    event: str = ""
    hearing: str = ""
    drafted_hearing: str = ""
    drafted_campaign: str = ""
    campaign: str = ""
    drafted_lecture: str = ""
    submitted_lecture: str = ""
    lecture: str = ""
    running_lecture: str = ""
    room_code: str = ""
    attendee: str = ""
    lecture_file: str = ""
    drafted_poll: str = ""
    submitted_poll: str = ""
    open_poll: str = ""
    counted_poll: str = ""
    paper_ballot: str = ""
    slip: str = ""
    round: str = ""
    invited: str = ""
    invitation: str = ""
    material: str = ""
    in_force: str = ""
    execution: str = ""
    evaluation: str = ""
    reported_evaluation: str = ""
    remark: str = ""
    case_file: str = ""
    stopped: str = ""
    expert: str = ""
    engagement: str = ""
    heard: str = ""
    risk: str = ""
    submitted_risk: str = ""
    sent_review: str = ""
    review: str = ""
    opinion: str = ""
    handler: str = ""
    point: str = ""
    submitted_point: str = ""
    released_point: str = ""
    amendment: str = ""
    """A correction of another released answer, waiting for a second person."""
    comment: str = ""
    receipt: str = ""
    group: str = ""
    alike: str = ""
    template: str = ""
    grouped_point: str = ""
    unplaced: str = ""
    voice: str = ""
    letter: str = ""
    """Written down by staff; its transcription waits for a second person."""
    transcription: str = ""
    hidden: str = ""
    """Its words are not shown, and its writer, who has no WeChat, has not been told."""
    look: str = ""
    """A released answer that somebody asked to be looked at again."""
    looked_point: str = ""
    article: str = ""
    published_article: str = ""
    submitted_article: str = ""
    scripted_article: str = ""
    """Published, with a script that was agreed to; another one's waits for its reader."""
    script_draft: str = ""
    script_submitted: str = ""
    script: str = ""
    airing: str = ""
    visit: str = ""
    station: str = ""
    exhibition_draft: str = ""
    exhibition_submitted: str = ""
    exhibition: str = ""
    mail_draft: str = ""
    mail_submitted: str = ""
    mail: str = ""
    """A letter for the farmers' mailbox that was agreed to and taken out."""
    question: str = ""
    slip_over: str = ""
    room: str = ""
    mediation: str = ""
    duty: str = ""
    common: str = ""
    """A common question that waits for a second person."""
    common_draft: str = ""
    proposal: str = ""
    studied_proposal: str = ""
    register: str = ""
    register_draft: str = ""
    entry: str = ""
    catalogue: str = ""
    """Published, and adjusted since."""
    catalogue_draft: str = ""
    catalogue_item: str = ""
    called: str = ""
    """A meeting that waits for its minutes; what follows is one case or document at every later place."""
    called_case: str = ""
    recorded: str = ""
    recorded_case: str = ""
    undecided_case: str = ""
    decided_case: str = ""
    checked_case: str = ""
    publishable_case: str = ""
    public_case: str = ""
    signing_case: str = ""
    document: str = ""
    document_case: str = ""
    filed: str = ""
    filed_case: str = ""
    cleanup: str = ""
    cleanup_item: str = ""
    officer: str = ""
    place: str = ""
    unit: str = ""
    points: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    def keep(self, path: Path) -> None:
        """Write the addresses down for the tests that get a copy."""
        path.write_text(json.dumps(vars(self)), encoding="utf-8")

    @classmethod
    def kept(cls, path: Path) -> "World":
        """The addresses that were written down."""
        made = cls()
        vars(made).update(json.loads(path.read_text(encoding="utf-8")))
        return made


def build(people: Any) -> World:
    """Released, ready, closed and being answered, open, and one notice at every step of the road."""
    w = World()
    towns = villages()
    released = a_consultation(people, title="青禾街道垃圾分类定点投放办法")
    for n in range(4):
        a_comment(released, a_follower(n + 1), f"第{n + 1}个想说的：投放点太远。", show_text=n == 0, place=towns[n])
    ready = a_consultation(people, title="青禾街道夜市摊位管理办法")
    a_comment(ready, a_resident(21), "收摊时间再晚半小时。")
    closed = a_consultation(people, title="青禾街道老楼加装电梯补助细则")
    clause = closed.draft.speakable[1] if closed.draft else None
    for n in range(6):
        a_comment(
            closed,
            a_resident(30 + n),
            f"一楼的补助{n + 1}千太少，希望写清楚什么时候发。",
            clause=clause if n % 2 else None,
            place=towns[n % 4],
            show_text=True,
        )
    law.move(31 * 86400)
    db.session.expire_all()
    answer_all(people, released)
    a_release(people, released)
    after = points_of(released)
    for point in after:
        db.session.refresh(point)
    w.released_point, w.amendment = after[0].public_id, an_amendment(people, after[1]).public_id
    second = SecondLook.ask(after[2].comment.resident, after[2], "没有说为什么不能近一点。")
    w.look, w.looked_point = second.public_id, after[2].public_id
    Promise.make(people["shenlin"], after[3], "公布投放点的地图", today() + timedelta(days=60))
    answer_all(people, ready, "adopted")
    points = list(points_of(closed))
    points[0].answer(people["shenlin"], "not_adopted", REASON, gist="嫌补助太少")
    points[0].submit(people["shenlin"])
    points[1].answer(people["shenlin"], "adopted", REASON, gist="写清楚发放时间")
    points[1].submit(people["shenlin"])
    points[1].send_back(people["xujing"], "没有写改了哪一条")
    asked = a_consultation(people, title="青禾街道农贸市场周边停车管理办法")
    given = a_comment(asked, a_follower(50), "一个小时不够，来吃席的亲戚停不下。", place=towns[0])
    for n in range(5):
        a_comment(asked, a_resident(60 + n), "东侧多留几个车位。", channel=Channel.H5, place=towns[n % 2])
    letter = a_comment(
        asked, Resident.from_paper(towns[2]), "西侧也划几个。", channel=Channel.PAPER, officer=people["mafang"]
    )
    assert letter.comment.transcription is not None
    w.letter, w.transcription = letter.comment.public_id, letter.comment.transcription.public_id
    w.hidden = Hiding.hide(people["zhoumin"], letter.comment, "personal", "写了邻居的门牌号。").public_id
    for name, stage in (
        ("drafted", Stage.DRAFTED),
        ("submitted", Stage.SUBMITTED),
        ("checked", Stage.CHECKED),
        ("reviewed", Stage.REVIEWED),
        ("signed", Stage.SIGNED),
    ):
        made = a_consultation(people, stage, title=f"青禾街道小区充电桩管理办法（{stage.label}）")
        setattr(w, name, made.public_id)
    unplaced = Unplaced.keep(a_resident(70), "路灯坏了三盏，晚上看不见。")
    voice = Attachment(
        comment=given.comment,
        resident=given.comment.resident,
        kind=MediaKind.VOICE,
        state=MediaState.KEPT,
        sha256="0" * 64,
        mime="audio/amr",
        size=10,
        received_at=now(),
    )
    db.session.add(voice)
    db.session.flush()
    _cases(people, w, closed.decision)
    _versions(people, w)
    _taking_part(people, w, asked.decision)
    w.article, w.submitted_article, w.published_article = (_article(people, n) for n in range(3))
    question = Question.ask(a_resident(80), "邻居的墙压着我家的地，怎么办？", channel=Channel.H5, place=towns[1])
    db.session.flush()
    fact = db.session.scalars(select(Trace).where(Trace.verb == "release", Trace.subject_id == released.id)).one()
    w.telling = str(Telling.begin(fact, expand(fact)).fact_id)
    stand_still(
        HaltKind.TEMPLATE, "wx0000000000000001", "message/template/send", until=None, words="消息模板编号不正确"
    )
    w.halt = str(db.session.scalars(select(Halt)).one().id)
    gathered = gather(closed, people["shenlin"], "补助再多一些", [points[3].id, points[4].id])
    suggest(closed, people["shenlin"], look(closed.id))
    like = AlikeSet(consultation_id=closed.id, leader_id=points[5].id, size=1, found_at=now())
    db.session.add(like)
    db.session.flush()
    db.session.add(Likeness(set_id=like.id, point_id=points[3].id, kind=Kinds.TOPIC, score=30))
    template = AnswerTemplate.write(people["shenlin"], "车位不够", "not_adopted", REASON)
    db.session.flush()
    w.group, w.alike, w.template, w.grouped_point = (
        gathered.public_id,
        like.public_id,
        template.public_id,
        points[3].public_id,
    )
    w.released, w.ready, w.closed, w.open = (m.public_id for m in (released, ready, closed, asked))
    w.case = closed.decision.public_id
    w.point, w.submitted_point = points[2].public_id, points[0].public_id
    w.comment, w.receipt = given.comment.public_id, given.receipt
    w.unplaced, w.voice, w.question = unplaced.public_id, voice.public_id, question.public_id
    passed = Question.ask(a_resident(81), "请不起律师，怎么办？", channel=Channel.H5)
    w.slip_over = pass_on(passed, people["luojing"], Road.AID, "请带身份证去县法律援助中心。").public_id
    room = LegalPlace.add(
        people["luojing"], LegalPlaceKind.MEDIATION, towns[0], name="东湖村调解室", hours="每周三上午"
    )
    db.session.flush()
    sought = Mediation.ask(a_resident(82), room, Dispute.LAND, "墙压着我家的地。", channel=Channel.H5)
    w.room, w.mediation = room.public_id, sought.public_id
    tomorrow = today() + timedelta(days=1)
    w.duty = Duty.roster(people["luojing"], people["pengyuan"], towns[0], tomorrow, tomorrow).public_id
    Stint.record(people["pengyuan"], towns[0], StintKind.ON_SITE, today(), 150, "坐班，答了四个人土地和工资的问题。")
    for name, sent in (("common", True), ("common_draft", False)):
        item = CommonQuestion.draft_new(people["pengyuan"], None, **COMMON, basis_on=date(2021, 1, 1))
        if sent:
            item.submit(people["pengyuan"])
        setattr(w, name, item.public_id)
    first = a_catalogue(people)
    w.catalogue = first.public_id
    adjusted = a_catalogue(people, CatalogueStage.DRAFTED)
    adjusted.drop_item(people["luojing"], adjusted.items[0])
    adjusted.put_item(people["luojing"], adjusted.items[0], planned_on=date(2028, 1, 1), remark="推迟")
    w.catalogue_draft, w.catalogue_item = adjusted.public_id, adjusted.items[0].public_id
    for name, address in places_of_deciding(people).items():
        setattr(w, name, address)
    proposed = [
        propose(
            a_resident(90 + n), f"给村口装红绿灯（{n}）", "放学时候车多。", channel=Channel.H5, place=towns[1]
        ).proposal
        for n in range(2)
    ]
    proposed[1].study(people["shenlin"], ProposalOutcome.DECLINED, "明年改造时一并考虑。")
    w.proposal, w.studied_proposal = (p.public_id for p in proposed)
    w.register = (in_force(RegisterKind.POWERS) or a_register(people)).public_id
    changing = a_register(people, RegisterStage.DRAFTED)
    changing.drop_entry(people["shenlin"], changing.entries[1], "上级收回。")
    w.register_draft, w.entry = changing.public_id, changing.entries[0].public_id
    w.officer = people["shenlin"].public_id
    w.place, w.unit = towns[0].public_id, people["shenlin"].unit.public_id
    w.points = len(points)
    _loudspeakers(w, people)
    _polls(w, people)
    _campaigns(w, people)
    _lectures(w, people)
    return w


def _cases(people: Any, w: World, major: Decision) -> None:
    """A major case on its road with a paper, one that is classified, one that nobody has classified."""
    fresh = Decision.open(people["shenlin"], "青禾街道网格员管理办法")
    classified = Decision.open(people["shenlin"], "青禾街道值班安排")
    classified.classify(people["shenlin"], Kind.ORDINARY, "只涉及机关内部。")
    major.classify(people["shenlin"], Kind.MAJOR, "影响老楼住户三千二百户。", category=Category.POLICY)
    major.start(people["shenlin"])
    require(major, people["xujing"], Procedure.RISK, owner=people["chenguodong"], due_on=today() + timedelta(days=9))
    excuse(major, people["xujing"], Procedure.HEARING, "座谈和问卷已经听了各方意见。")
    paper = Material.add(people["shenlin"], major, "start", "立项报告", a_pdf(), publicity=Publicity.OPEN)
    db.session.flush()
    stopped = Decision.open(people["shenlin"], "青禾街道共享单车停放办法")
    stopped.end(people["xujing"], "上级已统一出台规定。")
    w.case_file, w.stopped = _copy(people, major), stopped.public_id
    w.fresh, w.classified, w.major, w.material = (r.public_id for r in (fresh, classified, major, paper))
    w.handler = people["shenlin"].public_id
    _after(people, w)
    before_deciding(people, w, major)


def _after(people: Any, w: World) -> None:
    """A decision in force: somebody carries it out, somebody said something of it, it is being evaluated."""
    case, other = a_published_case(people), a_published_case(people, "青禾街道菜市场开放时间")
    part = entrust(case, people["zhoumin"], people["shenlin"].unit, people["shenlin"], "划线、立牌、贴通知。")
    part.report(people["shenlin"], "线已经划好。")
    remark = Remark.receive(a_resident(90), case, "车位线划到了消防通道上。", channel=Channel.H5)
    asked = Evaluation.commission(people["zhoumin"], case, Cause.OFFICE, "县城市管理研究会")
    reported = Evaluation.commission(people["zhoumin"], other, Cause.OFFICE, "县商务局")
    reported.report(people["shenlin"], Result.CONTINUE, "开放时间够用，摊主和居民都满意。")
    db.session.flush()
    w.in_force, w.execution, w.evaluation, w.remark = (r.public_id for r in (case, part, asked, remark))
    w.reported_evaluation = reported.public_id


def before_deciding(people: Any, w: World, major: Decision) -> None:
    """Experts engaged and heard, risks in writing and waiting, a legal review at each of its turns."""
    expert = an_expert(people)
    heard = an_opinion(people, major, an_expert(people, "罗一鸣"), View.DISAGREE)
    letter = Engagement.engage(people["shenlin"], major, expert, Way.MEETING, "加装电梯的结构安全。")
    risk = Risk.begin(people["shenlin"], major)
    submitted = Risk.begin(people["shenlin"], Decision.open(people["shenlin"], "青禾街道集市搬迁方案"))
    submitted.revise(
        people["shenlin"],
        [RISK_POINT],
        level=Level.LOW,
        controllable=True,
        asked="派出所、市场监管所",
        conclusion="措施落实后，影响有限。",
    )
    submitted.submit(people["shenlin"])
    reviews = []
    for title in ("青禾街道路灯维护办法", "青禾街道共享单车停放办法", "青禾街道小广告清理办法"):
        case = Decision.open(people["shenlin"], title)
        case.classify(people["shenlin"], Kind.NORMATIVE, "对外有普遍约束力。", basis_words=BASIS)
        case.start(people["shenlin"])
        Draft.write(people["shenlin"], case, SOURCE)
        excuse(case, people["xujing"], Procedure.CONSULTATION, "只改了文字，去年已经征求过意见。")
        reviews.append(case)
    sent, advised = a_sent_review(people, reviews[0]), an_advised_review(people, reviews[1])
    opinion = a_legal_opinion(people, reviews[2])
    db.session.flush()
    w.expert, w.engagement, w.heard = expert.public_id, letter.public_id, heard.public_id
    w.risk, w.submitted_risk = risk.public_id, submitted.public_id
    w.sent_review, w.review, w.opinion = (r.public_id for r in (sent, advised, opinion))


def _versions(people: Any, w: World) -> None:
    """A text in its second version, which names its points, with two wordings that wait to be decided between."""
    asked = a_consultation(people, title="青禾街道公共晾晒场管理办法", source=VERSIONS)
    draft = asked.draft
    assert draft is not None
    second, fourth = (next(c for c in draft.clauses if c.label == label) for label in ("第二条", "第四条"))
    told = (
        (second, "晾晒场每日6:00至21:00开放，雨天关闭。"),
        (fourth, "占用晾晒场停车的，由社区劝离；三次不改的，报街道处理。"),
        (fourth, "占用晾晒场停车的，由社区劝离，并在公告栏提醒。"),
    )
    for n, (clause, revised) in enumerate(told):
        given = a_comment(asked, a_resident(90 + n), f"第{n + 1}条意见。", clause=clause)
        point = next(p for p in points_of(asked) if p.comment_id == given.comment.id)
        point.answer(people["shenlin"], "adopted", REASON, gist=f"开放时间和停车要写清楚（{n + 1}）", revised=revised)
        if n == 0:
            point.submit(people["shenlin"])
            point.approve(people["xujing"])
            third = next(c for c in draft.clauses if c.label == "第三条")
            made = write_next(
                asked.decision,
                people["shenlin"],
                1,
                {third.public_id: "晾晒粮食的，每户不超过二十平方米。\n第四条 收场以后自己清扫干净。"},
                {third.public_id: "合法性审查建议写明谁清扫。"},
            )
            db.session.flush()
            w.changed_clause = next(c for c in made.clauses if c.label == "第二条").public_id
    for point in points_of(asked):
        if point.stage == PointStage.DRAFTED:
            point.submit(people["shenlin"])
            point.approve(people["xujing"])
    w.revised = asked.decision.public_id


def _copy(people: Any, case: Decision) -> str:
    """The case's file as it is now, packed as the worker packs it."""
    asked = Packing.ask(people["yangfan"], case, Purpose.COPY)
    out = files.Put(store_key())
    made = pack(case, out)
    asked.made = record(case, made, out.sha256, out.written, file=out.keep(), asked=asked)
    asked.progress = Progress.DONE
    db.session.flush()
    return asked.made.public_id


def _taking_part(people: Any, w: World, case: Decision) -> None:
    """A forum, a hearing that takes applications and one that is drafted, a round inside that is open."""
    handler = people["shenlin"]
    told: dict[str, Any] = {
        "place": "马坊村委会",
        "organised_by": "城市管理科",
        "people": 20,
        "kinds": "商户12人、居民8人",
    }
    event = Participation.record(handler, case, Mode.FORUM, held_on=today(), gist="早上不够停，晚上也不够。", **told)
    hearing = Hearing.draft_new(
        handler,
        case,
        title="农贸市场周边停车听证会",
        matter="早市的车位怎样分；每次停多久。",
        place="街道三楼会议室",
        how_to_apply="在网页上报名，或者打电话 0000-5550123。",
        choosing="按报名先后；超过名额的，公开抽签。",
        held_at=now() + timedelta(days=20),
        apply_until=today() + timedelta(days=5),
        seats={Party.INTERESTED: 4, Party.PUBLIC: 4, Party.DEPUTY: 2},
    )
    hearing.announce(people["xujing"])
    hearing.apply(a_resident(95), Party.INTERESTED, "马春花", "13800000095", "早上卸货没处停。")
    drafted = Hearing.draft_new(handler, case, title="夜间停车听证会")
    asked = Consultation.draft_new(
        handler,
        case,
        title="农贸市场周边停车管理办法",
        audience=Audience.INTERNAL,
        window_days=7,
        draft=drafts_of(case)[-1],
    )
    for group, name in ((Group.STAFF, "张科员"), (Group.CADRES, "马坊村委会")):
        Invitation.invite(handler, asked, group, name)
    ask(asked, people["xujing"])
    first, second = invitations(asked)
    w.invited = first.send(handler, "微信转发链接")
    second.send(handler, "公文交换")
    reply(second, "第三条的日期改到五月。", officer=handler)
    db.session.flush()
    w.event, w.hearing, w.drafted_hearing = event.public_id, hearing.public_id, drafted.public_id
    w.round, w.invitation = asked.public_id, first.public_id


def _loudspeakers(w: World, people: Any) -> None:
    """A script in the writing, one that waits for its reader, one that is planned."""
    made = []
    for _ in range(3):
        found = article_of(_article(people, 2))
        assert found
        made.append(Script.draft_new(people["linxiao"], found))
    db.session.flush()
    for script in made[1:]:
        script.submit(people["linxiao"])
    made[2].agree(people["luojing"])
    made[2].schedule(
        people["linxiao"], villages()[:2], today(), today() + timedelta(days=2), [time(7, 30), time(23, 59)]
    )
    db.session.flush()
    w.script_draft, w.script_submitted, w.script = (one.public_id for one in made)
    _reached(w, people, made[2].article)
    gone = Airing(script=made[2], place=villages()[0], due_at=now() - timedelta(hours=1), made_at=now())
    db.session.add(gone)
    db.session.flush()
    w.scripted_article, w.airing = made[2].article.public_id, gone.public_id


def _reached(w: World, people: Any, article: Article) -> None:
    """A visit; an exhibition and a letter in the writing, waiting for their reader, and out."""
    place = people["mafang"].places[0]
    told = {"households": 9, "people": 14, "leaflets": 10, "asked": 1, "topics": topics()[:1], "articles": [article]}
    w.visit = Visit.record(people["mafang"], VisitKind.HOUSEHOLD, place, today(), **told).public_id
    station = LegalPlace.add(
        people["luojing"], LegalPlaceKind.PRACTICE, place, name="东湖新时代文明实践站", address="东湖村口", hours="每天"
    )
    db.session.flush()
    w.station = station.public_id
    shows, letters = [], []
    for name in ("宪法就在身边", "古人怎么断案", "给孩子讲法"):
        shows.append(
            Exhibition.draft_new(people["linxiao"], station, title=name, shown="三十块展板。", starts_on=today())
        )
        letters.append(Letter.draft_new(people["linxiao"], article))
    db.session.flush()
    for show in shows[1:]:
        show.submit(people["linxiao"])
    shows[2].publish(people["luojing"])
    for letter in letters[1:]:
        letter.revise(people["linxiao"], letter.title, letter.text, letter.sender, villages()[:2])
        letter.submit(people["linxiao"])
    letters[2].agree(people["luojing"])
    letters[2].export(people["zhoumin"], ExportForm.TXT)
    db.session.flush()
    w.exhibition_draft, w.exhibition_submitted, w.exhibition = (one.public_id for one in shows)
    w.mail_draft, w.mail_submitted, w.mail = (one.public_id for one in letters)


def _polls(w: World, people: Any) -> None:
    """One in the writing, one that waits for its reader, one that is open with ballots on paper, one that is counted."""
    w.drafted_poll = a_poll(people, PollStage.DRAFTED).public_id
    w.submitted_poll = a_poll(people, PollStage.SUBMITTED).public_id
    asked = a_poll(people, decision=db.session.query(Decision).filter_by(public_id=w.major).one())
    first, second = print_slips(asked, people["mafang"], villages()[0], 2)
    w.paper_ballot = PaperBallot.enter(people["mafang"], asked, first.code, {"q1": 0, "q2": [0, 2], "q3": 4}).public_id
    w.open_poll, w.slip = asked.public_id, second.code
    counted = a_poll(people, title="垃圾桶放在哪里")
    for n in range(7):
        told = {"q1": n % 2, "q2": [n % 3], "q3": n % 5 + 1, "q4": "放在路口"}
        Voter.cast(a_resident(9000 + n), counted, told, channel=Channel.H5, place=villages()[n % 2])
    counted.stop(people["xujing"], "要赶在开会以前。")
    open_urn(counted, people["shenlin"])
    counted.write_report(people["shenlin"], "七人参加。放在路口。")
    w.counted_poll = counted.public_id
    db.session.flush()


def _campaigns(w: World, people: Any) -> None:
    """One in the writing, counted; and one that is on its way, with a test and some openings."""
    who = a_resident(9200)
    follow(who, who, [], [topics()[0]])
    drafted = counted_as(a_campaign(people), short=[["没有关注公众号", 3]], warns=["会用掉2个人各一次订阅同意"])
    drafted.try_out(people["linxiao"], "linxiao_2026").end(TrialState.SENT, "看看标题")
    running = counted_as(a_campaign(people, title="租房押金怎么要回来"))
    running.submit(people["linxiao"])
    running.approve(people["luojing"])
    running.start(SYSTEM)
    db.session.flush()
    fact = fact_of(running)
    assert fact
    Telling.begin(fact, expand(fact))
    opened(running, None)
    opened(running, who)
    w.drafted_campaign, w.campaign = drafted.public_id, running.public_id
    db.session.flush()


def _lectures(w: World, people: Any) -> None:
    """One in the writing, one that waits for its reader, one that people sign up for, and one whose doors are open."""
    w.drafted_lecture = a_lecture(people, LectureStage.DRAFTED).public_id
    w.submitted_lecture = a_lecture(people, LectureStage.SUBMITTED).public_id
    announced = a_lecture(people, title="劳动合同怎么签", days=9)
    for number in range(9100, 9103):
        sign_up(a_resident(number), announced, Channel.H5)
    old = Attendee.enter(people["mafang"], announced, "王奶奶", "0000-5550123", villages()[1], key=None)
    change(announced, people["linxiao"], "下雨，改到礼堂。", venue="社区礼堂")
    w.lecture, w.attendee = announced.public_id, old.public_id
    w.lecture_file = add_material(announced, people["linxiao"], a_pdf("讲义"), "讲义").public_id
    soon = now() + timedelta(minutes=10)
    running = a_lecture(people, title="邻里纠纷", starts_at=soon, ends_at=soon + timedelta(hours=2), seats=0)
    be_here(a_resident(9103), running, running.code, Channel.H5)
    w.running_lecture, w.room_code = running.public_id, running.code
    db.session.flush()


def _article(people: Any, stage: int) -> str:
    author = people["linxiao"]
    made = Article.draft_new(
        author,
        title=f"高空抛物要担什么责任（{stage}）",
        digest="楼上掉东西，谁来赔？",
        body="前几天……\n\n## 怎么办\n\n先报警。",
        basis="民法典第一千二百五十四条",
        basis_on=date(2021, 1, 1),
        topic=topics()[0],
    )
    db.session.flush()
    if stage >= 1:
        made.submit(author)
    if stage >= 2:
        made.review(people["luojing"])
        made.publish(author)
    return made.public_id


def point_of(public_id: str) -> Point:
    """A point, read anew."""
    found = db.session.query(Point).filter_by(public_id=public_id).one()
    db.session.refresh(found)
    return found
