"""Makes what tests begin with, through the same verbs that people use."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from models.comments.amendment import Amendment
from models.comments.change import changes_of, explain
from models.comments.point import Point, PointStage
from models.comments.receive import Given, receive
from models.comments.release import Release, release
from models.comments.transcription import Transcription, TranscriptionStage
from models.decisions.catalogue import Catalogue, CatalogueStage
from models.decisions.consultation import Channel, Consultation, Stage
from models.decisions.decide import decide
from models.decisions.decision import Decision, Kind
from models.decisions.draft import Draft, newest_draft
from models.decisions.engagement import Engagement, View, Way
from models.decisions.expert import Expert
from models.decisions.invitation import INSIDE, Invitation, ask, inside_not_asked
from models.decisions.legal_review import Counselling, LegalReview, Result
from models.decisions.listing import leave_unlisted
from models.decisions.matter import Category, Mode, Procedure
from models.decisions.older import OlderDocument
from models.decisions.procedure import excuse
from models.decisions.publish import publish
from models.decisions.register import PowerKind, Register, RegisterKind, RegisterStage
from models.decisions.risk import Level, Risk
from models.decisions.secrecy import Openness, SecrecyCheck
from models.decisions.send_to_review import send_to_review
from models.decisions.volume import CaseFile
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import BEIJING, now, today
from models.kernel.trail import SYSTEM
from models.outreach.article import Article, topics
from models.outreach.campaign import Campaign
from models.outreach.lecture import Lecture, LectureStage
from models.people.consent import Consent, ConsentText
from models.people.officer import Officer
from models.people.place import villages
from models.people.resident import Identity, Resident
from models.polls.poll import Poll, PollStage, QuestionKind

SOURCE = """停车办法（征求意见稿）

第一条 为了方便居民买菜，制定本办法。
第二条 每日6:00至10:00，市场东路西侧供买菜居民短时停放，每次不超过1小时。
第三条 本办法自2027年3月1日起施行。
"""
FIELDS: dict[str, Any] = {
    "title": "农贸市场周边停车管理办法",
    "summary": "早上留给买菜的，晚上留给住在附近的。",
    "whom": "买菜的居民、市场商户、附近住户",
    "content": "分时段使用车位。",
    "purpose": "让短时买菜的车停得下。",
    "basis": "年度决策事项目录第3项。",
    "impact": "46个车位早上不能久停。",
    "contact_phone": "0000-5550123",
}
ROAD = (
    (Stage.SUBMITTED, "submit", "shenlin"),
    (Stage.CHECKED, "check", "xujing"),
    (Stage.REVIEWED, "review", "hexiulan"),
    (Stage.SIGNED, "sign", "wuqiming"),
    (Stage.PUBLISHED, "publish", "zhoumin"),
)


def a_consultation(people: Any, stage: Stage = Stage.PUBLISHED, source: str = SOURCE, **fields: Any) -> Consultation:
    """A notice that has come this far on the road."""
    handler = people["shenlin"]
    case = Decision.open(handler, fields.get("title", FIELDS["title"]))
    draft = Draft.write(handler, case, source)
    made: Consultation = Consultation.draft_new(handler, case, **(FIELDS | {"draft": draft} | fields))
    for reached, verb, who in ROAD:
        if made.stage == stage:
            break
        getattr(made, verb)(people[who])
        assert made.stage == reached
    db.session.flush()
    return made


MATTER: dict[str, Any] = {
    "title": "农贸市场周边停车管理办法",
    "category": Category.POLICY,
    "basis": "道路交通安全法第三十三条",
    "procedures": [Procedure.PARTICIPATION, Procedure.LEGAL_REVIEW, Procedure.DELIBERATION],
    "modes": [Mode.OPEN, Mode.FORUM],
    "planned_on": date(2027, 3, 1),
}
"""An item that lacks nothing but its unit."""


def a_catalogue(people: Any, stage: CatalogueStage = CatalogueStage.PUBLISHED, year: int = 0) -> Catalogue:
    """Drafted by the justice office, with two items unless it adjusts another, and brought so far."""
    made: Catalogue = Catalogue.draft_new(people["luojing"], year or today().year)
    for title in () if made.items else ("农贸市场周边停车管理办法", "河滨步道延伸工程"):
        made.put_item(people["luojing"], **(MATTER | {"title": title, "unit": people["shenlin"].unit}))
    if stage != CatalogueStage.DRAFTED:
        made.consent(people["zhoumin"], today(), "青街工委〔2026〕3号")
    if stage == CatalogueStage.PUBLISHED:
        made.publish(people["zhoumin"])
    db.session.flush()
    return made


POWER: dict[str, Any] = {
    "name": "临时占用道路摆摊审批",
    "kind": PowerKind.LICENCE,
    "basis": "城市道路管理条例第三十一条",
    "object": "摊主",
    "steps": "申请｜摊主\n受理｜便民窗口｜当场｜材料不齐的一次告知\n现场查看｜城市管理科｜3个工作日\n决定｜街道办事处｜5个工作日｜不同意的写明理由",
}
"""An entry that lacks nothing but its unit."""


def a_register(
    people: Any, stage: RegisterStage = RegisterStage.PUBLISHED, kind: RegisterKind = RegisterKind.POWERS
) -> Register:
    """Two powers, unless it changes another version, written by the handler and brought so far."""
    made: Register = Register.draft_new(people["shenlin"], kind)
    for name in () if made.entries else ("临时占用道路摆摊审批", "户外广告设置检查"):
        made.put_entry(people["shenlin"], **(POWER | {"name": name, "unit": people["shenlin"].unit}))
    for reached, verb, who, told in (
        (RegisterStage.SUBMITTED, "submit", "shenlin", ()),
        (RegisterStage.CHECKED, "check", "luojing", ("依据都现行有效。",)),
        (RegisterStage.PUBLISHED, "publish", "zhoumin", ()),
    ):
        if made.stage == stage:
            break
        getattr(made, verb)(people[who], *told)
        assert made.stage == reached
    db.session.flush()
    return made


def a_resident(number: int = 1, appid: str = "wx0000000000000001") -> Resident:
    """Somebody known by a WeChat identity."""
    return Resident.by_identity(appid, f"openid-{number}")


def a_follower(number: int = 1, appid: str = "wx0000000000000001") -> Resident:
    """Somebody who follows the account."""
    who = a_resident(number, appid)
    found = Identity.find(appid, f"openid-{number}")
    assert found
    found.follow()
    return who


def a_comment(asked: Consultation, who: Resident, text: str = "一个小时不够。", **more: Any) -> Given:
    """Something said in the chat, unless told otherwise."""
    given: Given = receive(asked, who, text, **({"channel": Channel.CHAT} | more))
    return given


def points_of(asked: Consultation, *stages: PointStage) -> Sequence[Point]:
    """The points that stand, or those in these stages, oldest first."""
    wanted = Point.stage.in_(stages) if stages else Point.stage != PointStage.WITHDRAWN
    query = select(Point).where(Point.consultation_id == asked.id, wanted).order_by(Point.id)
    return db.session.scalars(query).unique().all()


def answer_all(people: Any, asked: Consultation, outcome: str = "not_adopted") -> list[Point]:
    """Every open point answered, submitted and approved by a second person."""
    points = list(points_of(asked, PointStage.OPEN))
    for point in points:
        point.answer(people["shenlin"], outcome, "第二条要让更多人停得下，一小时够买一次菜。", gist="嫌一小时太短")
        point.submit(people["shenlin"])
        point.approve(people["xujing"], may_show=True)
    db.session.flush()
    return points


def read_all(people: Any) -> None:
    """What staff wrote down is read against the original by somebody who did not write it."""
    for waits in db.session.scalars(select(Transcription).where(Transcription.stage == TranscriptionStage.WAITING)):
        waits.confirm(people["tianye" if waits.author_id != people["tianye"].id else "mafang"])
    db.session.flush()


def a_release(people: Any, asked: Consultation) -> Release:
    """Released by the chief with the total that stands."""
    total = db.session.scalar(
        select(func.count())
        .select_from(Point)
        .where(Point.consultation_id == asked.id, Point.stage != PointStage.WITHDRAWN)
    )
    made: Release = release(asked, people["wuqiming"], total or 0)
    db.session.flush()
    return made


def an_amendment(people: Any, point: Point, kind: str = "correction") -> Amendment:
    """A correction by the handler, or a supplement by the unit head; it waits for a second person."""
    if kind == "correction":
        made: Amendment = Amendment.correct(
            people["shenlin"], point, "adopted", "核对后，第二条改为两小时。", "原来漏看了北侧的数据，结果更正为采纳。"
        )
        return made
    added: Amendment = Amendment.supplement(people["xujing"], point, "北侧停车场下月开放，可停三小时。")
    return added


def shown_texts() -> list[tuple[str, str, str | None]]:
    """Which privacy text was shown to whom: version, door, and the login of who read it out, oldest first."""
    rows = db.session.execute(
        select(ConsentText.version, Consent.door, Officer.login)
        .join(ConsentText, ConsentText.id == Consent.text_id)
        .outerjoin(Officer, Officer.id == Consent.officer_id)
        .order_by(Consent.id)
    )
    return [(version, door, login) for version, door, login in rows]


def a_poll(people: Any, stage: PollStage = PollStage.PUBLISHED, **more: Any) -> Poll:
    """Four questions by the handler, of which the first says who somebody is, brought so far."""
    told = {"title": "农贸市场几点开门", "purpose": "早市想提前，先问问大家。", "whom": "买菜的居民和市场商户"} | more
    made: Poll = Poll.draft_new(people["shenlin"], **told)
    who = people["shenlin"]
    made.put_question(who, QuestionKind.SINGLE, "您是", options=["买菜的居民", "市场商户"], groups=True)
    made.put_question(who, QuestionKind.MULTIPLE, "您什么时候去", options=["早上", "中午", "晚上"])
    made.put_question(who, QuestionKind.SCALE, "早市提前到五点，您赞成吗", low="不赞成", high="赞成", needed=False)
    made.put_question(who, QuestionKind.TEXT, "还想说什么", needed=False)
    for reached, verb, by in (
        (PollStage.SUBMITTED, "submit", "shenlin"),
        (PollStage.REVIEWED, "review", "xujing"),
        (PollStage.PUBLISHED, "publish", "zhoumin"),
    ):
        if made.stage == stage:
            break
        getattr(made, verb)(people[by])
        assert made.stage == reached
    db.session.flush()
    return made


def a_campaign(people: Any, article: Article | None = None, **more: Any) -> Campaign:
    """A draft for a published article, to who follows its first topic; counted by hand where nobody's clockwork runs."""
    if article is None:
        article = Article.draft_new(
            people["linxiao"],
            title=more.pop("title", "借条怎么写"),
            digest="写清日期。",
            body="写清楚借了多少。",
            basis="民法典第六百六十七条",
            basis_on=today(),
            topic=topics()[0],
        )
        db.session.flush()
        article.submit(people["linxiao"])
        article.review(people["luojing"])
        article.publish(people["linxiao"])
    told = {"topics": [topics()[0]], "places": []} | more
    made: Campaign = Campaign.draft_new(people["linxiao"], article, **told)
    db.session.flush()
    return made


def counted_as(campaign: Campaign, **more: Any) -> Campaign:
    """What the clockwork's preview would say, written by hand."""
    told = {"people": 2, "reached": 2, "ways": [["公众号服务通知", 2]], "short": [], "stops": [], "warns": []}
    campaign.preview = {"edition": campaign.edition, "at": now().isoformat()} | told | more
    return campaign


def a_lecture(people: Any, stage: LectureStage = LectureStage.ANNOUNCED, days: int = 3, **more: Any) -> Lecture:
    """In the evening, so many days from now, by the publicist, released by the unit's head; brought so far."""
    begins = datetime.combine(today() + timedelta(days=days), time(19), BEIJING)
    told = {
        "title": "土地流转合同里的坑",
        "speaker": "李文，法律顾问",
        "about": "租给谁、租多久、谁来补偿，合同里要写清楚。",
        "venue": "新时代文明实践站二楼",
        "contact": "王会计，0000-5550123",
        "place": villages()[1],
        "seats": 2,
        "starts_at": begins,
        "ends_at": begins + timedelta(minutes=90),
    } | more
    made: Lecture = Lecture.draft_new(people["linxiao"], told.pop("starts_at"), told.pop("ends_at"), **told)
    db.session.flush()
    for reached, verb, by in (
        (LectureStage.SUBMITTED, "submit", "linxiao"),
        (LectureStage.ANNOUNCED, "announce", "xujing"),
    ):
        if made.stage == stage:
            break
        getattr(made, verb)(people[by])
        assert made.stage == reached
    db.session.flush()
    return made


def an_older_document(people: Any, number: str = "青街规〔2022〕2号", **more: Any) -> OlderDocument:
    """Issued four years ago, before this system."""
    told: dict[str, Any] = {
        "title": "青禾街道便民摊点管理办法",
        "published_on": today() - timedelta(days=4 * 365),
        "effective_on": None,
        "valid_until": None,
        "data": a_pdf(number),
    }
    made: OlderDocument = OlderDocument.register(people["zhoumin"], number=number, **(told | more))
    db.session.flush()
    return made


def a_pdf(words: str = "材料") -> bytes:
    """A small document, as a scanner or an office program would make it."""
    return f"%PDF-1.4\n% {words}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()


def a_major_case(people: Any, **more: Any) -> Decision:
    """A started major case whose consultation is over and answered, with everything else excused by name."""
    asked = a_consultation(people)
    case = asked.decision
    case.classify(
        people["shenlin"], Kind.MAJOR, "影响三千二百户。", category=Category.POLICY, basis_words=BASIS, **more
    )
    case.start(people["shenlin"])
    a_comment(asked, a_resident(), "一个小时不够。")
    law.move(31 * 86_400)
    db.session.flush()
    db.session.expire_all()
    answer_all(people, asked)
    a_release(people, asked)
    for procedure in (Procedure.HEARING, Procedure.POLL, Procedure.EXPERT, Procedure.RISK):
        excuse(case, people["xujing"], procedure, "不涉及。")
    leave_unlisted(case, people["xujing"], "年中新发生的事。")
    db.session.flush()
    return case


def an_expert(people: Any, name: str = "郑启明", **more: Any) -> Expert:
    """Somebody of the pool in their term."""
    written = {
        "name": name,
        "fields": "道路交通、城市规划",
        "employer": "省城市规划设计院",
        "title": "高级工程师",
    } | more
    made: Expert = Expert.admit(people["zhoumin"], today(), today() + timedelta(days=300), **written)
    return made


def an_opinion(people: Any, case: Decision, expert: Expert, view: View = View.AGREE) -> Engagement:
    """An expert engaged, declared independent, and heard."""
    made: Engagement = Engagement.engage(people["shenlin"], case, expert, Way.MEETING, "时段划分是否合理。")
    made.declare(people["shenlin"], a_pdf("声明"))
    made.hear(people["shenlin"], view, "时段划分基本合理，建议增加临时装卸区。", a_pdf("意见"))
    db.session.flush()
    return made


RISK_POINT = {
    "what": "市场东路商户担心影响装卸货",
    "probability": "medium",
    "consequence": "low",
    "measures": "每日5:00至6:00留给装卸",
    "plan": "出现聚集时由市场办到场说明，当日回复",
}


def an_assessment(people: Any, case: Decision, *, controllable: bool = True, level: str = "low") -> Risk:
    """A round of risk assessment that a second person approved."""
    made: Risk = Risk.begin(people["shenlin"], case)
    made.revise(
        people["shenlin"],
        [RISK_POINT],
        level=Level(level),
        controllable=controllable,
        asked="派出所、市场监管所、综治中心",
        conclusion="措施落实后，影响有限。",
        adjusted="增加装卸时段。" if made.round > 1 else "",
    )
    made.submit(people["shenlin"])
    made.approve(people["xujing"])
    db.session.flush()
    return made


def explained(people: Any, draft: Draft, reason: str = "司法所建议写清楚。") -> Draft:
    """Why each clause of a version differs from the one before, written down."""
    db.session.flush()
    for row in changes_of(draft):
        if row.differs:
            explain(draft.decision, people["shenlin"], draft, row.before, row.after, reason=reason)
    return draft


BASIS = "《中华人民共和国道路交通安全法》第三十三条"


def all_asked_inside(people: Any, case: Decision) -> Consultation:
    """One of each of the five groups inside was sent the draft, and had nothing to add."""
    asked: Consultation = Consultation.draft_new(
        people["shenlin"], case, title="内部征求意见", audience="internal", draft=newest_draft(case)
    )
    listed = [Invitation.invite(people["shenlin"], asked, group, f"{group.label}一位") for group in INSIDE]
    ask(asked, people["xujing"])
    for one in listed:
        one.send(people["shenlin"], "公文交换")
        one.agree(people["shenlin"])
    db.session.flush()
    return asked


def a_sent_review(people: Any, case: Decision) -> LegalReview:
    """The papers prepared and sent by the handler; of a normative document after everybody inside was asked."""
    if case.kind == Kind.NORMATIVE and inside_not_asked(case):
        all_asked_inside(people, case)
    made: LegalReview = LegalReview.begin(people["shenlin"], case)
    made.prepare(people["shenlin"], made.basis or BASIS, made.procedures or "依次办理。")
    send_to_review(case, people["shenlin"])
    db.session.flush()
    return made


SOUND: dict[str, bool | None] = {"authority": True, "procedure": True, "content": True}


def an_advised_review(people: Any, case: Decision) -> LegalReview:
    """Accepted, and counsel heard."""
    made = a_sent_review(people, case)
    made.accept(people["luojing"], people["pengyuan"])
    made.advise(people["pengyuan"], Counselling.ADVISER, SOUND, "未发现违反上位法的情形。")
    db.session.flush()
    return made


def a_legal_opinion(people: Any, case: Decision, result: str = "lawful", *, reform: str = "") -> LegalReview:
    """The justice office concludes; the days that it is given are waived with a reason."""
    made = an_advised_review(people, case)
    made.shorten(people["luojing"], "草案很短，已提前介入。")
    ok = result == "lawful"
    said: dict[str, tuple[bool | None, str]] = {
        "authority": (True, ""),
        "procedure": (True, ""),
        "content": (ok, "" if ok else "第二条限时的依据不足。"),
    }
    made.conclude(people["luojing"], Result(result), said, "审查意见如上。", reform)
    db.session.flush()
    return made


def a_published_case(people: Any, title: str = "青禾街道停车管理办法") -> Decision:
    """An ordinary decision in force: started, decided, looked at for secrets by two, published."""
    case: Decision = Decision.open(people["shenlin"], title)
    case.classify(people["shenlin"], Kind.ORDINARY, "影响三千二百户。")
    case.start(people["shenlin"])
    Draft.write(people["shenlin"], case, SOURCE)
    decide(case, people["zhoumin"], decided_on=today(), decided_by="分管领导何秀兰批准")
    checked = SecrecyCheck.check(people["zhoumin"], case, Openness.ALL, "不涉密。")
    checked.confirm(people["hexiulan"])
    publish(case, people["zhoumin"], basis="本机关议事规则", explanation="让短时买菜的车停得下。", title="停车办法")
    db.session.flush()
    return case


def a_case_file(case: Decision) -> CaseFile:
    """A packed copy, as the record has it."""
    nothing: dict[str, Any] = {"number": "", "previous": None, "file": "", "size": 0, "position": 0, "held": {}}
    made: CaseFile = CaseFile.seal(SYSTEM, case, volume=None, sha256="0" * 64, head="0" * 64, lacking=[], **nothing)
    return made
