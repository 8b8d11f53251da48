"""Makes cases that meet, decide, publish and file, through the same verbs that people use."""

from typing import Any

from models.decisions import road
from models.decisions.cleanup import Cleanup
from models.decisions.decide import decide
from models.decisions.decision import Category, Decision, Kind
from models.decisions.deliberate import deliberate
from models.decisions.deliberation import Deliberation, Result, Role, Sitting, Stance
from models.decisions.draft import Draft
from models.decisions.filing import NAMES, send_for_filing
from models.decisions.material import Material, Publicity
from models.decisions.matter import Procedure
from models.decisions.normative import Normative
from models.decisions.party_report import report_to_party
from models.decisions.procedure import excuse
from models.decisions.publish import publish
from models.decisions.road import Going, Standing
from models.decisions.secrecy import Openness, SecrecyCheck
from models.decisions.validity import ExpiryReview, Verdict
from models.kernel.base import db
from models.kernel.clock import today
from tests.making import SOURCE, a_legal_opinion, a_pdf, an_older_document


def a_case(people: Any, kind: Kind = Kind.ORDINARY, title: str = "农贸市场周边停车管理办法", **more: Any) -> Decision:
    """A case that was classified and started, with a draft."""
    case = Decision.open(people["shenlin"], title)
    case.classify(people["shenlin"], kind, "影响三千二百户。", category=Category.POLICY, **more)
    Draft.write(people["shenlin"], case, SOURCE)
    case.start(people["shenlin"])
    db.session.flush()
    return case


def lawful(people: Any, case: Decision) -> Decision:
    """What comes before the meeting of a normative document, by its own verbs: nobody asked in public, found lawful."""
    excuse(case, people["xujing"], Procedure.CONSULTATION, "座谈已经听取意见。")
    a_legal_opinion(people, case)
    return case


def a_table(people: Any, *stances: Stance, head: Stance = Stance.AGREE) -> list[Sitting]:
    """People at a table in the order of speaking: members, one who is absent, one who listens, and the head last."""
    names = ("hexiulan", "xujing", "luojing", "shenlin")
    said = {Stance.DISAGREE: "东侧车位不够，建议再议。", Stance.CONDITIONS: "先划线再施行。"}
    members = [
        Sitting(people[who].name, Role.MEMBER, stance, said.get(stance, ""), "班子成员", people[who])
        for who, stance in zip(names, stances or (Stance.AGREE,) * 3, strict=False)
    ]
    absent = Sitting(people["mafang"].name, Role.MEMBER, officer=people["mafang"], present=False)
    guest = Sitting("彭远", Role.GUEST, duty="法律顾问", officer=people["pengyuan"])
    chief = Sitting(people["wuqiming"].name, Role.HEAD, head, said.get(head, ""), "党工委书记", people["wuqiming"])
    return [absent, guest, *members, chief]


def minutes(result: Result = Result.PASSED, **more: Any) -> dict[str, Any]:
    """What the minutes say beside who sat there."""
    remark = "" if result == Result.PASSED else "第二条写清楚从几点到几点。"
    return {
        "held_on": today(),
        "place": "三楼会议室",
        "chair": "吴启明",
        "result": result,
        "remark": remark,
        "minutes_number": "青街党纪〔2026〕12号",
    } | more


def a_meeting(
    people: Any, case: Decision, result: Result = Result.PASSED, meeting: str = "party_committee"
) -> Deliberation:
    """Sent, met, recorded by the office, confirmed by a member."""
    made: Deliberation = deliberate(case, people["zhoumin"], meeting)
    stances = (Stance.AGREE,) * 3 if result.passed else (Stance.DISAGREE,) * 3
    made.record(people["zhoumin"], a_table(people, *stances), **minutes(result))
    made.confirm(people["hexiulan"])
    db.session.flush()
    return made


def a_decided_case(people: Any, kind: Kind = Kind.ORDINARY, **more: Any) -> Decision:
    """Decided by a meeting; of a major or normative case somebody else has to see to the stations before."""
    case = a_case(people, kind, **more)
    if kind == Kind.NORMATIVE:
        lawful(people, case)
    a_meeting(people, case)
    if kind == Kind.MAJOR:
        report_to_party(case, people["zhoumin"], today(), "青街党请〔2026〕8号")
    decide(case, people["zhoumin"])
    db.session.flush()
    return case


def a_secrecy_check(people: Any, case: Decision, openness: Openness = Openness.ALL, **more: Any) -> SecrecyCheck:
    """Checked by the handler, confirmed by the unit's head."""
    made = SecrecyCheck.check(people["shenlin"], case, openness, more.pop("reason", ""), **more)
    made.confirm(people["xujing"])
    db.session.flush()
    return made


TITLED = "停车办法"
"""The title of SOURCE as it goes out: without 征求意见稿."""
WORDS = {"basis": "年度决策事项目录第3项。", "explanation": "让短时买菜的车停得下。", "title": TITLED}
"""What a publication says beside the text."""


def a_signed_document(people: Any, case: Decision) -> Normative:
    """Through three hands and into the register."""
    made = Normative.submit(people["shenlin"], case)
    made.check(people["xujing"])
    made.review(people["hexiulan"])
    made.sign(people["wuqiming"])
    made.register(people["zhoumin"])
    db.session.flush()
    return made


def a_document(people: Any, title: str = "农贸市场周边停车管理办法") -> Normative:
    """A normative document that was published today."""
    case = a_decided_case(people, Kind.NORMATIVE, title=title)
    made = a_signed_document(people, case)
    a_secrecy_check(people, case)
    publish(case, people["zhoumin"], **WORDS)
    db.session.flush()
    return made


def a_complete_filing_pack(people: Any, document: Normative) -> None:
    """The office hands in what the record of comments and the text do not bring by themselves."""
    for subject, title in NAMES.items():
        Material.add(
            people["zhoumin"],
            document.decision,
            "filing",
            title,
            a_pdf(title),
            publicity=Publicity.OPEN,
            subject=subject,
        )
    db.session.flush()


def places_of_deciding(people: Any) -> dict[str, str]:
    """One case or document at every place between the meeting and the archive, by its address."""
    office, head = people["zhoumin"], people["xujing"]
    found: dict[str, str] = {}
    sent = a_case(people, title="青禾街道晒场轮用办法")
    found["called"] = deliberate(sent, office, "office").public_id
    found["called_case"] = sent.public_id
    written = a_case(people, title="青禾街道水渠清淤安排")
    recorded = deliberate(written, office, "office")
    recorded.record(office, a_table(people), **minutes())
    found["recorded"], found["recorded_case"] = recorded.public_id, written.public_id
    for name, goes in (("undecided", 0), ("decided", 1), ("checked", 2), ("publishable", 3), ("public", 4)):
        case = a_case(people, title=f"青禾街道便民服务安排（{name}）")
        if goes >= 1:
            decide(case, office, decided_on=today(), decided_by="分管领导批准")
        if goes >= 2:
            check = SecrecyCheck.check(people["shenlin"], case, Openness.ALL, "")
        if goes >= 3:
            check.confirm(head)
        if goes >= 4:
            publish(case, office, **WORDS)
        found[f"{name}_case"] = case.public_id
    signing = a_case(people, Kind.NORMATIVE, title="青禾街道犬只管理暂行办法")
    found["signing_case"] = signing.public_id
    document, filed = a_document(people, "青禾街道夜市管理办法"), a_document(people, "青禾街道充电棚管理办法（试行）")
    for one in (document, filed):
        a_complete_filing_pack(people, one)
    send_for_filing(filed, office, today(), "县司法局")
    ExpiryReview.propose(office, filed, Verdict.REPEAL, "充电棚改由物业管理。")
    old, waiting = (
        an_older_document(people),
        an_older_document(people, "青街规〔2022〕3号", title="青禾街道河道管理办法"),
    )
    waiting.propose(office, Verdict.REPEAL, "上位法变了。")
    found |= {"older": old.public_id, "older_waiting": waiting.public_id}
    campaign = Cleanup.begin(office, "2026年清理", "县政府办通知。")
    for item in campaign.everything:
        campaign.judge(office, item, Verdict.KEEP, "仍然需要。")
    db.session.flush()
    found |= {"document": document.public_id, "document_case": document.decision.public_id}
    found |= {"filed": filed.public_id, "filed_case": filed.decision.public_id}
    return found | {"cleanup": campaign.public_id, "cleanup_item": campaign.items[0].public_id}


def take_as_done(monkeypatch: Any, *keys: str, going: Going = Going.DONE) -> None:
    """Stations of other rooms that a test does not walk through: they say that they are done, or excused."""
    for key in keys:
        monkeypatch.setitem(road._TELLERS, key, lambda decision: Standing(going, "罗静", today(), says="办完了。"))
