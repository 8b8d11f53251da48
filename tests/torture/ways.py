"""Every address that writes, with the person who may, and what a sound submission looks like."""

import json
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from miniapp_api import schemas
from miniapp_api.schemas import comments as comment_schemas
from miniapp_api.schemas import lectures as lecture_schemas
from miniapp_api.schemas import near_home as service_schemas
from miniapp_api.schemas import people as people_schemas
from miniapp_api.schemas import polls as poll_schemas
from miniapp_api.schemas import proposals as proposal_schemas
from miniapp_api.schemas import questions as question_schemas
from models.comments.arrange import group_of, points_in
from models.comments.point import Point
from models.comments.promise import Promise
from models.decisions.consultation import Channel, Consultation
from models.kernel.base import db
from models.kernel.clock import now, today
from models.kernel.trail import SYSTEM, Trace
from models.messages.follow import stop_token
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.wx_article import WxArticle, WxKind
from models.outreach.legal_place import by_public_id as legal_place_of
from models.people.link import OneOffLink
from models.people.officer import Officer, Post
from models.people.resident import Identity, Resident
from models.people.session import Session
from models.questions.hand_over import HandOver, Road, pass_on
from models.questions.mediation import Dispute, Mediation
from models.questions.question import Question
from server.cli.setting_up import PRIVACY_VERSION
from server.console.forms import after as after_forms
from server.console.forms import after_answer as later_forms
from server.console.forms import amendment as amendment_forms
from server.console.forms import answer as answer_forms
from server.console.forms import by_hand as hand_forms
from server.console.forms import case as case_forms
from server.console.forms import catalogue as catalogue_forms
from server.console.forms import expert as expert_forms
from server.console.forms import intake as intake_forms
from server.console.forms import lecture as lecture_forms
from server.console.forms import meeting as meeting_forms
from server.console.forms import near_home as service_forms
from server.console.forms import normative as normative_forms
from server.console.forms import notice as notice_forms
from server.console.forms import outreach as outreach_forms
from server.console.forms import people as people_forms
from server.console.forms import poll as poll_forms
from server.console.forms import proposal as proposal_forms
from server.console.forms import question as question_forms
from server.console.forms import reaching as reach_forms
from server.console.forms import register as register_forms
from server.console.forms import review as review_forms
from server.console.forms import risk as risk_forms
from server.console.forms import showing as show_forms
from server.console.forms import taking_part as part_forms
from server.console.forms import version as version_forms
from server.csrf import HouseForm
from server.house import OFFICER_COOKIE, RESIDENT_COOKIE, House
from server.site import forms as site_forms
from tests.conftest import MINI, OFFICIAL, People
from tests.console.test_every_page import LOGINS, PAGES
from tests.console.world import build
from tests.making import a_comment, an_expert
from tests.wechat.phone import Phone, xml_of

assert schemas

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
PASSWORD = "huiyin-demo-2026"


@dataclass(frozen=True)
class Way:
    """One way to write: where, who, what a sound submission says, and the form or schema that reads it."""

    method: str
    address: str
    """With {names} of the world's records."""
    rule: str
    """The address as the house declares it, its alternatives chosen."""
    door: str
    who: str
    told: dict[str, Any] = field(default_factory=dict)
    shapes: tuple[type, ...] = ()

    def fields(self, app: House) -> list[str]:
        """Every field that a stranger may fill: those of the form or schema, and what else is told."""
        names = list(self.told)
        with app.test_request_context():
            for shape in self.shapes:
                found = shape().fields if not issubclass(shape, HouseForm) else shape()._fields
                names += [name for name in found if name not in names and name != "csrf_token"]
        return names


def _desk(path: str, who: str, told: dict[str, Any], *shapes: type, rule: str = "") -> Way:
    rule = rule or re.sub(r"\{\w*point\}", "<point_id>", path)
    rule = re.sub(r"\{\w+\}", "<public_id>", rule)
    return Way("POST", path, rule, "console", who, told, shapes)


NOTICE = {"title": "新标题", "window_days": "30", "answer_workdays": "15", "deed": "keep", "version": ""}
MINUTES = {
    "held_on": "{a_day}", "place": "三楼", "chair": "吴启明", "result": "passed", "remark": "", "departs_reason": "",
    "minutes_number": "12号", "deed": "record", "version": "",
    "who_1": "{counsel}", "name_1": "", "role_1": "member", "came_1": "yes", "stance_1": "agree", "words_1": "同意。",
    "who_2": "", "name_2": "吴启明", "role_2": "head", "came_2": "yes", "stance_2": "agree", "words_2": "同意。",
}  # fmt: skip
ANSWER = {"outcome": "adopted", "reason": "第二条已改为两小时。", "gist": "好", "deed": "keep", "version": "1"}
ITEM = {"category": "policy", "basis": "条例", "procedures": "legal_review", "modes": "open", "planned": "2027-03", "unit": "",
        "livelihood": "", "others": "", "remark": "", "seen": "", "position": ""}  # fmt: skip
PROPOSAL = {"title": "装灯", "text": "车多", "kind": "citizen", "key": "0" * 64}
WAYS: tuple[Way, ...] = (
    # The mini program.
    Way("POST", "/api/v1/session", "/api/v1/session", "api", "nobody", {"code": "good"}, (people_schemas.NewSession,)),
    Way("DELETE", "/api/v1/session", "/api/v1/session", "api", "resident"),
    Way("POST", "/api/v1/comments", "/api/v1/comments", "api", "resident",
        {"consultation": "{open}", "text": "一句话。"}, (comment_schemas.NewComment,)),
    Way("POST", "/api/v1/comments/{mine}/supplements", "/api/v1/comments/<public_id>/supplements", "api", "resident",
        {"text": "还有一句。"}, (comment_schemas.NewSupplement,)),
    Way("POST", "/api/v1/comments/{mine}/withdrawal", "/api/v1/comments/<public_id>/withdrawal", "api", "resident"),
    Way("PUT", "/api/v1/comments/{answered}/rating", "/api/v1/comments/<public_id>/rating", "api", "resident",
        {"point": "{answered_point}", "met": True}, (comment_schemas.NewRating,)),
    Way("POST", "/api/v1/comments/{answered}/second-look", "/api/v1/comments/<public_id>/second-look", "api", "resident",
        {"point": "{answered_point}", "reason": "没答到"}, (comment_schemas.NewSecondLook,)),
    Way("POST", "/api/v1/questions", "/api/v1/questions", "api", "resident", {"text": "怎么办？"}, (question_schemas.NewQuestion,)),
    Way("POST", "/api/v1/questions/{settled}/follow-ups", "/api/v1/questions/<public_id>/follow-ups", "api", "resident",
        {"text": "还有呢？"}, (question_schemas.NewFollowUp,)),
    Way("PUT", "/api/v1/questions/{settled}/rating", "/api/v1/questions/<public_id>/rating", "api", "resident",
        {"helpful": True}, (question_schemas.NewQuestionRating,)),
    Way("DELETE", "/api/v1/questions/{settled}", "/api/v1/questions/<public_id>", "api", "resident"),
    Way("POST", "/api/v1/legal-aid/look", "/api/v1/legal-aid/look", "api", "resident", {"matter": "pay"}, (service_schemas.AidCheck,)),
    Way("POST", "/api/v1/legal-aid/requests", "/api/v1/legal-aid/requests", "api", "resident",
        {"matter": "pay", "text": "欠我三个月工资。"}, (service_schemas.NewAidRequest,)),
    Way("POST", "/api/v1/mediations", "/api/v1/mediations", "api", "resident",
        {"room": "{room}", "dispute": "land", "text": "墙压着我家的地。"}, (service_schemas.NewMediation,)),
    Way("POST", "/api/v1/mediations/{my_mediation}/withdrawal", "/api/v1/mediations/<public_id>/withdrawal", "api", "resident"),
    Way("POST", "/api/v1/common-questions/like", "/api/v1/common-questions/like", "api", "resident",
        {"text": "押金不退怎么办？"}, (question_schemas.Sought,)),
    Way("PUT", "/api/v1/lectures/{lecture}/seat", "/api/v1/lectures/<public_id>/seat", "api", "resident"),
    Way("DELETE", "/api/v1/lectures/{lecture}/seat", "/api/v1/lectures/<public_id>/seat", "api", "resident"),
    Way("PUT", "/api/v1/lectures/{running_lecture}/presence", "/api/v1/lectures/<public_id>/presence", "api", "resident",
        {"code": "{room_code}"}, (lecture_schemas.Presence,)),
    Way("POST", "/api/v1/polls/{open_poll}/answers", "/api/v1/polls/<public_id>/answers", "api", "resident",
        {"answers": [{"name": "q1", "value": 0}, {"name": "q2", "value": [0, 1]}]}, (poll_schemas.NewAnswers,)),
    Way("POST", "/api/v1/proposals", "/api/v1/proposals", "api", "resident", {"title": "装灯", "text": "车多"},
        (proposal_schemas.NewProposal,)),
    Way("PATCH", "/api/v1/me", "/api/v1/me", "api", "resident", {"name": "周"}, (people_schemas.NewMe,)),
    Way("PUT", "/api/v1/me/consent", "/api/v1/me/consent", "api", "resident", {"version": PRIVACY_VERSION}, (people_schemas.NewConsent,)),
    Way("DELETE", "/api/v1/me/consent", "/api/v1/me/consent", "api", "resident"),
    Way("POST", "/api/v1/subscriptions", "/api/v1/subscriptions", "api", "resident",
        {"answers": [{"template": "MINI_ANSWER", "answer": "accept"}]}, (people_schemas.NewSubscriptions,)),
    Way("PUT", "/api/v1/subscriptions/following", "/api/v1/subscriptions/following", "api", "resident",
        {"ids": []}, (people_schemas.NewFollowing,)),
    Way("DELETE", "/api/v1/subscriptions/following", "/api/v1/subscriptions/following", "api", "resident"),
    Way("PUT", "/api/v1/subscriptions/following/{place}", "/api/v1/subscriptions/following/<public_id>", "api", "resident"),
    Way("DELETE", "/api/v1/subscriptions/following/{place}", "/api/v1/subscriptions/following/<public_id>", "api", "resident"),
    Way("POST", "/api/v1/subscriptions/following/restored", "/api/v1/subscriptions/following/restored", "api", "resident"),
    # The mini-site.
    Way("POST", "/consultations/{open}/comment", "/consultations/<public_id>/comment", "site", "resident",
        {"text": "一句话。", "key": "0" * 64}, (site_forms.CommentForm,)),
    Way("POST", "/consultations/{open}/comment?anonymous=1", "/consultations/<public_id>/comment", "site", "nobody",
        {"text": "一句话。", "key": "0" * 64, "kind": "individual", "shown": "gist"}, (site_forms.CommentForm,)),
    Way("POST", "/comments/{mine}", "/comments/<public_id>", "site", "resident", {"text": "还有。"}, (site_forms.WordsForm,)),
    Way("POST", "/comments/{answered}/rating", "/comments/<public_id>/rating", "site", "resident",
        {"point": "{answered_point}", "good": "yes"}),
    Way("POST", "/comments/{mine}/again", "/comments/<public_id>/again", "site", "resident", {"point": "", "reason": "没答到"},
        (site_forms.AgainForm,)),
    Way("POST", "/comments/{mine}/withdraw", "/comments/<public_id>/withdraw", "site", "resident"),
    Way("POST", "/decisions/{in_force}/remark", "/decisions/<public_id>/remark", "site", "resident",
        {"text": "夜里吵。", "key": "0" * 64}, (site_forms.RemarkForm,)),
    Way("POST", "/hearings/{hearing}", "/hearings/<public_id>", "site", "resident",
        {"party": "public", "name": "周", "phone": "13800000001"}, (site_forms.HearingForm,)),
    Way("POST", "/invited/{invited}", "/invited/<token>", "site", "nobody", {"text": "一句话。", "key": "0" * 64}, (site_forms.InvitedForm,)),
    Way("POST", "/questions/new", "/questions/new", "site", "resident", {"text": "怎么办？"}, (site_forms.QuestionForm,)),
    Way("POST", "/questions/{settled}/follow-up", "/questions/<public_id>/follow-up", "site", "resident",
        {"text": "还有呢？"}, (site_forms.FollowUpForm,)),
    Way("POST", "/legal-aid", "/legal-aid", "site", "resident", {"matter": "pay"}, (site_forms.AidForm,)),
    Way("POST", "/legal-aid/request", "/legal-aid/request", "site", "resident", {"matter": "pay", "text": "欠工资。"},
        (site_forms.AidRequestForm,)),
    Way("POST", "/mediations/new", "/mediations/new", "site", "resident",
        {"room": "{room}", "dispute": "land", "text": "墙压着我家的地。"}, (site_forms.MediationForm,)),
    Way("POST", "/mediations/{my_mediation}/withdraw", "/mediations/<public_id>/withdraw", "site", "resident"),
    Way("POST", "/questions/{settled}/rating", "/questions/<public_id>/rating", "site", "resident", {"helpful": "yes"}),
    Way("POST", "/questions/{settled}/erase", "/questions/<public_id>/erase", "site", "resident"),
    Way("POST", "/me", "/me", "site", "resident", {"name": "周"}, (site_forms.AboutMeForm,)),
    Way("POST", "/me/following", "/me/following", "site", "resident", {"places": "x", "topics": "x"}, (site_forms.FollowForm,)),
    Way("POST", "/me/following/deed", "/me/following/deed", "site", "resident", {"deed": "leave", "thing": "", "next": "/"}),
    Way("POST", "/stop/{stop}", "/stop/<token>", "site", "nobody", {"deed": "leave"}),
    Way("POST", "/me/erase", "/me/erase", "site", "resident", {"sure": "y"}, (site_forms.EraseForm,)),
    Way("POST", "/receipt", "/receipt", "site", "nobody", {"receipt": "{receipt}", "pin": "123456"}, (site_forms.ReceiptForm,)),
    Way("POST", "/in/{token}", "/in/<token>", "site", "nobody"),
    Way("POST", "/sign-out", "/sign-out", "site", "resident"),
    Way("POST", "/text-size", "/text-size", "site", "nobody", {"large": "1", "next": "/"}),
    Way("POST", "/lectures/{lecture}", "/lectures/<public_id>", "site", "resident",
        {"deed": "sign_up", "name": "周"}, (site_forms.LectureForm,)),
    Way("POST", "/lectures/{running_lecture}", "/lectures/<public_id>", "site", "resident",
        {"deed": "here", "code": "{room_code}"}, (site_forms.LectureForm,)),
    Way("POST", "/polls/{open_poll}", "/polls/<public_id>", "site", "resident",
        {"q1": "0", "q2": "1", "q3": "5", "q4": "好", "place": "{place}"}, (site_forms.PollForm,)),
    Way("POST", "/polls/{open_poll}?slip=1", "/polls/<public_id>", "site", "nobody",
        {"q1": "0", "q2": "1", "q3": "", "q4": "", "slip": "{slip}"}, (site_forms.PollForm,)),
    Way("POST", "/proposals/new", "/proposals/new", "site", "resident", PROPOSAL, (site_forms.ProposalForm,)),
    Way("POST", "/proposals/new?anonymous=1", "/proposals/new", "site", "nobody", PROPOSAL, (site_forms.ProposalForm,)),
    # The desk.
    _desk("/desk/sign-in", "nobody", {"login": "shenlin", "password": PASSWORD, "to": "/desk/"}, people_forms.SignIn),
    _desk("/desk/sign-in/as", "nobody", {"to": "/desk/"}),
    _desk("/desk/sign-out", "shenlin", {}),
    _desk("/desk/password", "shenlin", {"old": PASSWORD, "new": "a-new-password-1", "again": "a-new-password-1"},
          people_forms.ChangePassword),
    _desk("/desk/cases/new", "shenlin", {"title": "网格员管理办法"}, case_forms.NewCase),
    _desk("/desk/cases/{fresh}/classify", "shenlin",
          {"kind": "major", "category": "policy", "reason": "影响三千户", "basis": "by_reference", "idea": "unit", "version": ""},
          case_forms.Classify),
    _desk("/desk/cases/{fresh}/assign", "shenlin",
          {"unit": "{unit}", "handler": "{handler}", "partners": "", "planned_on": "2027-03-01", "version": ""}, case_forms.Assign),
    _desk("/desk/cases/{fresh}/catalogue", "xujing", {"item": "", "reason": "年中新发生的事"}, case_forms.OnCatalogue),
    _desk("/desk/cases/{classified}/start", "shenlin", {}),
    _desk("/desk/cases/{fresh}/end", "xujing", {"reason": "上级已有规定", "version": ""}, case_forms.End),
    *(
        _desk(f"/desk/cases/{{major}}/needs/{procedure}", "xujing",
              {"needed": "no", "reason": "不涉及专业问题", "owner": "", "due_on": ""}, case_forms.Decide)
        for procedure in ("consultation", "hearing", "poll", "expert", "risk")
    ),
    _desk("/desk/cases/{major}/materials", "shenlin",
          {"title": "意见书", "station": "expert", "publicity": "open", "replaces": "", "publicity_reason": ""}, case_forms.Hand),
    _desk("/desk/cases/{stopped}/archive", "yangfan", {}),
    _desk("/desk/cases/{major}/archive/pack", "yangfan", {"what": "copy"}),
    _desk("/desk/cases/{major}/file", "yangfan", {"file": "{case_file}"}),
    _desk("/desk/materials/{material}", "shenlin", {"publicity": "open", "reason": ""}, case_forms.Reclassify),
    _desk("/desk/cases/{major}/participation", "shenlin",
          {"mode": "forum", "held_on": "2026-11-20", "place": "村委会", "organised_by": "城管科", "people": "12", "kinds": "居民",
           "gist": "不够停"}, part_forms.Event),
    _desk("/desk/participation/{event}", "shenlin", {"deed": "void", "reason": "写错了"}, part_forms.EventDeed),
    _desk("/desk/cases/{major}/hearing", "shenlin", {"title": "听证会", "held_at": "2027-03-01T09:00"}, part_forms.Announcement),
    _desk("/desk/hearings/{drafted_hearing}/edit", "shenlin", {"title": "听证会", "seats_public": "3"}, part_forms.Announcement),
    _desk("/desk/hearings/{hearing}", "shenlin",
          {"deed": "enter", "party": "public", "name": "周", "phone": "13800000000"}, part_forms.HearingDeed),
    _desk("/desk/cases/{major}/rounds", "shenlin", {"audience": "internal", "title": "内部征求", "window_days": "7"}, part_forms.NewRound),
    _desk("/desk/rounds/{round}", "shenlin", {"deed": "invite", "group": "staff", "names": "李科员"}, part_forms.RoundDeed),
    _desk("/desk/cases/{revised}/drafts/next", "shenlin", {"base": "2", "renumber": "y"}, version_forms.NextDraft),
    _desk("/desk/cases/{revised}/drafts/2/{changed_clause}", "shenlin", {"reason": "文字校对"}, version_forms.Why,
          rule="/desk/cases/<public_id>/drafts/<number>/<clause_id>"),
    _desk("/desk/cases/{in_force}/execution", "zhoumin",
          {"unit": "{unit}", "owner": "{handler}", "task": "划线", "due_on": "2027-03-01"}, after_forms.Entrust),
    _desk("/desk/cases/{in_force}/force", "wuqiming", {"force": "suspended", "reason": "道路塌陷"}, after_forms.ChangeForce),
    _desk("/desk/executions/{execution}/report", "shenlin", {"text": "做了一半", "trouble": ""}, after_forms.ProgressNote),
    _desk("/desk/executions/{execution}/finish", "shenlin", {"text": "都做完了", "trouble": ""}, after_forms.ProgressNote),
    _desk("/desk/cases/{in_force}/remarks", "mafang", {"channel": "phone", "text": "夜里吵", "name": "", "phone": "", "place": "", "key": ""},
          after_forms.RemarkIntake),
    _desk("/desk/remarks/{remark}", "shenlin", {"text": "明天改线。"}, after_forms.RemarkReply),
    _desk("/desk/cases/{in_force}/evaluation/plan", "zhoumin", {"on": "2029-01-01"}, after_forms.Plan),
    _desk("/desk/cases/{in_force}/evaluation", "zhoumin",
          {"cause": "office", "cause_words": "", "assessor": "研究会", "third_party": "", "due_on": "2029-01-01"}, after_forms.Commission),
    _desk("/desk/evaluations/{evaluation}/report", "shenlin", {"result": "adjust", "findings": "车位不够"}, after_forms.Findings),
    _desk("/desk/evaluations/{reported_evaluation}/conclude", "wuqiming", {"result": "continue"}, after_forms.Conclude),
    _desk("/desk/cases/{in_force}/adjust", "shenlin", {"title": "停车管理办法（修订）", "reason": "车位不够"}, after_forms.Adjust),
    _desk("/desk/cases/{major}/meeting-pack", "shenlin",
          {"what": "other", "title": "意见", "publicity": "open", "publicity_reason": ""}, meeting_forms.Paper),
    _desk("/desk/cases/{undecided_case}/deliberate", "zhoumin", {"meeting": "office", "planned_on": ""}, meeting_forms.Deliberate),
    _desk("/desk/meetings/{called}/record", "zhoumin", MINUTES),
    _desk("/desk/meetings/{recorded}/confirm", "hexiulan", {}),
    _desk("/desk/meetings/{recorded}/send_back", "hexiulan", {"reason": "记错了"}, meeting_forms.Why),
    _desk("/desk/meetings/{called}/call_off", "zhoumin", {"reason": "不上会了"}, meeting_forms.Why),
    _desk("/desk/meetings/{recorded}/scan", "zhoumin", {}),
    _desk("/desk/cases/{undecided_case}/decide", "zhoumin",
          {"draft": "", "decided_on": "{a_day}", "decided_by": "分管领导批准", "version": ""}, meeting_forms.Decided),
    _desk("/desk/cases/{called_case}/party-report", "zhoumin",
          {"reported_on": "2026-01-05", "number": "青街党请〔2026〕8号", "reply": ""}, meeting_forms.PartyReported),
    _desk("/desk/cases/{decided_case}/secrecy", "shenlin", {"openness": "all", "reason": ""}, meeting_forms.Secrecy),
    _desk("/desk/cases/{checked_case}/secrecy/confirm", "xujing", {"reason": ""}),
    _desk("/desk/cases/{checked_case}/secrecy/send_back", "xujing", {"reason": "再查"}, meeting_forms.Why),
    _desk("/desk/cases/{publishable_case}/publish", "zhoumin",
          {"basis": "目录", "explanation": "说明", "effective_on": "", "number": "", "title": "停车办法", "version": ""},
          meeting_forms.Publish),
    _desk("/desk/cases/{signing_case}/sign-off", "shenlin", {"deed": "submit", "remark": ""}, normative_forms.Hand),
    _desk("/desk/cases/{document_case}/filing", "zhoumin",
          {"what": "attached", "title": "附件", "publicity": "open", "publicity_reason": ""}, meeting_forms.Paper),
    _desk("/desk/cases/{document_case}/filing/sent", "zhoumin",
          {"filed_on": "{a_day}", "filed_to": "县司法局"}, normative_forms.Sent),
    _desk("/desk/cases/{filed_case}/filing/receipt", "zhoumin",
          {"receipt_on": "{a_day}", "receipt_number": "县备〔2026〕31号"}, normative_forms.Receipt),
    _desk("/desk/normatives/{document}", "zhoumin", {"verdict": "amend", "until": "", "reason": "要改"}, normative_forms.Evaluation),
    _desk("/desk/normatives/{filed}/agree", "wuqiming", {"reason": ""}),
    _desk("/desk/normatives/{filed}/send_back", "wuqiming", {"reason": "再议"}, meeting_forms.Why),
    _desk("/desk/older", "zhoumin",
          {"number": "青街规〔2021〕7号", "title": "旧办法", "published_on": "2024-03-01", "effective_on": "", "valid_until": "", "receipt_number": ""},
          normative_forms.Older),
    _desk("/desk/older/{older}", "zhoumin", {"verdict": "amend", "until": "", "reason": "要改"}, normative_forms.Evaluation),
    _desk("/desk/older/{older_waiting}/agree", "wuqiming", {"reason": ""}),
    _desk("/desk/older/{older_waiting}/send_back", "wuqiming", {"reason": "再议"}, meeting_forms.Why),
    _desk("/desk/cleanups", "zhoumin", {"title": "2027年清理", "reason": "通知"}, normative_forms.Begin),
    _desk("/desk/cleanups/{cleanup}", "zhoumin", {"item": "{cleanup_item}", "verdict": "keep", "reason": "需要"}, normative_forms.Judge),
    _desk("/desk/cleanups/{cleanup}/conclude", "wuqiming", {}),
    _desk("/desk/drafts/split", "shenlin", {"title": "办法", "source": "第一条 好。", "of": ""}, notice_forms.NewDraft),
    _desk("/desk/drafts/cuts", "shenlin",
          {"title": "办法", "source": "第一条 好。\n第二条 行。", "cuts": "0,7", "deed": "save", "merge": "", "cut": "", "open": "",
           "of": ""}, notice_forms.Cuts),
    _desk("/desk/drafts/{drafted}", "shenlin", NOTICE, notice_forms.Notice),
    _desk("/desk/sign-off/{submitted}", "xujing", {"deed": "check", "note": "好", "version": ""}, notice_forms.Remark),
    _desk("/desk/sign-off/{drafted}/hand-over", "shenlin", {"to": "{handler}", "version": ""}),
    _desk("/desk/messages", "shenlin", {"number": "{message}", "deed": "again"}),
    _desk("/desk/messages/hidden/{hidden}", "shenlin", {}),
    _desk("/desk/messages/facts/{telling}", "shenlin", {"deed": "pause", "reason": "有错"}, rule="/desk/messages/facts/<number>"),
    _desk("/desk/halts/{halt}", "zhoumin", {}, rule="/desk/halts/<number>"),
    _desk("/desk/consultations/{open}/extend", "wuqiming", {"days": "3", "reason": "放假", "version": ""}, notice_forms.Extend),
    _desk("/desk/consultations/{open}/correct", "wuqiming", {"remark": "改", "title": "办法", "purpose": "一", "basis": "二", "content": "三", "impact": "四", "version": ""}, notice_forms.Correct),
    _desk("/desk/consultations/{open}/cancel", "wuqiming", {"reason": "不办", "sure": "y", "version": ""}, notice_forms.Cancel),
    _desk("/desk/consultations/{open}/intake", "mafang", {"channel": "paper", "text": "话", "kind": "individual"},
          intake_forms.Intake),
    _desk("/desk/answering/{closed}/{point}", "shenlin", ANSWER, answer_forms.Answer),
    _desk("/desk/answering/{closed}/{point}/look", "shenlin", ANSWER, answer_forms.Answer),
    _desk("/desk/answering/{closed}/alike", "shenlin", {}),
    _desk("/desk/answering/{closed}/alike/{alike}", "shenlin", {"points": "1,2", "name": "补助"}, answer_forms.Named,
          rule="/desk/answering/<public_id>/alike/<set_id>"),
    _desk("/desk/answering/{closed}/groups/{group}", "shenlin",
          {"points": "{in_group}", "outcome": "adopted", "reason": "第二条已改为两小时。", "gist": "好", "deed": "keep", "template": "",
           "name": "补助"},
          answer_forms.GroupAnswer, rule="/desk/answering/<public_id>/groups/<group_id>"),
    _desk("/desk/answering/{closed}/{point}/split", "shenlin", {"part": "0-2", "clause": ""}),
    _desk("/desk/answering/{closed}/{grouped_point}/arrange", "shenlin", {"deed": "into", "group": "", "name": "另一组"}),
    _desk("/desk/answering/{closed}/undo", "shenlin", {}),
    _desk("/desk/answering/{closed}/claim", "shenlin", {"deed": "claim"}),
    _desk("/desk/answering/{closed}/charge", "shenlin", {"to": "{handler}", "due_on": ""}, answer_forms.Charge),
    _desk("/desk/answering/{closed}/table", "shenlin", {"deed": "keep"}),
    _desk("/desk/answer-templates", "shenlin",
          {"name": "泊位", "outcome": "adopted", "sub_reason": "", "reason": "第二条已改。"}, answer_forms.NewTemplate),
    _desk("/desk/answer-templates/{template}/retire", "shenlin", {}, rule="/desk/answer-templates/<template_id>/retire"),
    _desk("/desk/approval", "xujing", {"deed": "back", "points": "{submitted_point}", "reason": "再写", "group": "", "whole": "", "may_show": ""}),
    _desk("/desk/approval/{submitted_point}", "xujing", {"deed": "approve", "version": ""}, answer_forms.Verdict),
    _desk("/desk/points/{released_point}/correction", "shenlin",
          {"outcome": "adopted", "text": "改为两小时。", "remark": "原来漏看了数据"}, amendment_forms.CorrectAnswer),
    _desk("/desk/points/{released_point}/supplement", "xujing", {"text": "下月开放。"}, amendment_forms.AddToAnswer),
    _desk("/desk/amendments/{amendment}", "xujing", {"deed": "approve", "version": ""}, amendment_forms.AmendmentVerdict),
    _desk("/desk/consultations/{open}/export", "shenlin", {"channel": "", "place": ""}),
    _desk("/desk/release/{ready}", "wuqiming", {"points": "1", "version": ""}, answer_forms.Total),
    _desk("/desk/unplaced/{unplaced}", "zhoumin", {"deed": "place", "consultation": "{open}"}, answer_forms.Place),
    _desk("/desk/comments/{comment}/shown", "zhoumin",
          {"words": "一个小时", "ground": "personal", "reason": "有名字", "deed": "cover"}, show_forms.Showing),
    _desk("/desk/consultations/{closed}/redact", "zhoumin",
          {"kind": "", "pattern": "补助", "ground": "personal", "reason": "有名字"}, show_forms.RedactAll),
    _desk("/desk/second-looks/{look}", "hexiulan", {"deed": "take", "text": "补充"}, later_forms.LookAgain),
    _desk("/desk/points/{released_point}/promise", "shenlin",
          {"deed": "make", "words": "公布图纸", "due_on": "2029-01-01", "promise": ""}, later_forms.Promised),
    _desk("/desk/slips/{letter}/add", "mafang", {"known": "card", "text": "还有一句。"}, hand_forms.OnBehalf),
    _desk("/desk/slips/{letter}/withdraw", "mafang", {"known": "card"}, hand_forms.OnBehalf),
    _desk("/desk/slips/{letter}/pin", "mafang", {"known": "card"}, hand_forms.OnBehalf),
    _desk("/desk/slips/{answered}/answer", "mafang",
          {"known": "card", "point": "{answered_point}", "reason": "没答到", "deed": "again"}, hand_forms.AfterAnswer),
    _desk("/desk/slips/{letter}/scan", "mafang", {}, hand_forms.Scan),
    _desk("/desk/consultations/{open}/table", "mafang", {}, hand_forms.Table),
    _desk("/desk/transcripts/{transcription}/check", "tianye", {"deed": "confirm", "text": "西侧", "remark": "少了字"},
          hand_forms.Reading),
    _desk("/desk/transcripts/{voice}", "tianye", {"text": "听到的话"}, answer_forms.Transcript),
    _desk("/desk/catalogue", "luojing", {"year": "2027"}, catalogue_forms.NewYear),
    _desk("/desk/catalogue/{catalogue_draft}", "luojing", {"intro": "说明", "reason": "推迟"}, catalogue_forms.Words),
    _desk("/desk/catalogue/{catalogue_draft}/deed", "luojing", {"deed": "abandon", "reason": "不编", "version": ""},
          catalogue_forms.Deed),
    _desk("/desk/catalogue/{catalogue_draft}/items/new", "luojing", {"title": "夜市管理办法", **ITEM}, catalogue_forms.Item),
    _desk("/desk/catalogue/{catalogue_draft}/items/{catalogue_item}", "luojing", {"title": "夜市管理办法", **ITEM},
          catalogue_forms.Item, rule="/desk/catalogue/<public_id>/items/<item_id>"),
    _desk("/desk/catalogue/{catalogue_draft}/items/{catalogue_item}/drop", "luojing", {},
          rule="/desk/catalogue/<public_id>/items/<item_id>/drop"),
    _desk("/desk/catalogue/{catalogue_draft}/table", "luojing",
          {"table": "事项名称\t承办单位\t时间\n夜市管理办法\t城市管理科\t3月"}, catalogue_forms.Paste),
    _desk("/desk/catalogue/{catalogue_draft}/rows", "luojing",
          {f"rows-0-{name}": value for name, value in {"title": "夜市管理办法", "skip": "", **ITEM}.items()} | {"deed": "keep"},
          catalogue_forms.Pasted),
    _desk("/desk/proposals/new", "mafang", {"channel": "paper", "proposer": "citizen", "title": "装灯", "text": "车多"},
          proposal_forms.NewProposal),
    _desk("/desk/proposals/{proposal}/study", "shenlin", {"outcome": "declined", "reason": "明年办"}, proposal_forms.Study),
    _desk("/desk/proposals/{studied_proposal}/verdict", "hexiulan", {"deed": "approve", "version": ""}, proposal_forms.Verdict),
    _desk("/desk/registers", "zhoumin", {"kind": "negative"}, register_forms.NewRegister),
    _desk("/desk/registers/{register_draft}", "shenlin", {"intro": "说明", "reason": "收回", "link": ""}, register_forms.Words),
    _desk("/desk/registers/{register_draft}/deed", "shenlin", {"deed": "abandon", "reason": "不编", "version": ""},
          register_forms.Deed),
    _desk("/desk/registers/{register_draft}/entries/new", "shenlin", {"name": "养犬登记", "steps": "申请｜居民"},
          register_forms.Entry),
    _desk("/desk/registers/{register_draft}/entries/{entry}", "shenlin", {"name": "养犬登记", "steps": "申请｜居民"},
          register_forms.Entry, rule="/desk/registers/<public_id>/entries/<entry_id>"),
    _desk("/desk/registers/{register_draft}/entries/{entry}/drop", "shenlin", {"change_basis": "收回", "deed": "drop"},
          register_forms.Drop, rule="/desk/registers/<public_id>/entries/<entry_id>/drop"),
    _desk("/desk/registers/{register_draft}/entries/{entry}/no-chart", "shenlin", {},
          rule="/desk/registers/<public_id>/entries/<entry_id>/no-chart"),
    _desk("/desk/campaigns/new", "linxiao", {"article": "{published_article}", "topics": "x", "places": "x", "both": "", "way": "notice",
          "starts_at": "2027-03-01T10:00"}, outreach_forms.Campaign),
    _desk("/desk/campaigns/{drafted_campaign}/edit", "linxiao", {"article": "", "topics": "x", "places": "x", "both": "y", "way": "mass",
          "starts_at": "", "version": ""}, outreach_forms.Campaign),
    _desk("/desk/campaigns/{drafted_campaign}/deed", "linxiao", {"deed": "try_out", "reason": "", "wx_name": "linxiao_2026", "version": ""},
          outreach_forms.CampaignDeed),
    _desk("/desk/campaigns/{campaign}/deed", "linxiao", {"deed": "pause", "reason": "先停", "wx_name": "", "version": ""},
          outreach_forms.CampaignDeed),
    _desk("/desk/lectures/new", "linxiao", {"title": "讲合同", "starts_at": "2027-03-01T19:00", "ends_at": "2027-03-01T20:30", "place": "",
        "seats": "40", "deed": "keep"}, lecture_forms.NewLecture),
    _desk("/desk/lectures/{drafted_lecture}/edit", "linxiao", {"title": "讲合同", "starts_at": "2027-03-01T19:00",
        "ends_at": "2027-03-01T20:30", "deed": "keep", "version": ""}, lecture_forms.NewLecture),
    _desk("/desk/lectures/{lecture}/edit", "linxiao", {"title": "讲合同", "speaker": "李文", "about": "讲", "venue": "礼堂", "remark": "改了",
        "starts_at": "2027-03-01T19:00", "ends_at": "2027-03-01T20:30", "seats": "9", "version": ""}, lecture_forms.NewLecture),
    _desk("/desk/lectures/{submitted_lecture}/deed", "xujing", {"deed": "send_back", "reason": "再改", "version": ""},
        lecture_forms.LectureDeed),
    _desk("/desk/lectures/{running_lecture}/deed", "linxiao", {"deed": "count", "heads": "40", "heads_words": "数的", "version": ""},
        lecture_forms.LectureDeed),
    _desk("/desk/lectures/{lecture}/people", "mafang", {"name": "李大爷", "phone": "0000-5550188", "place": "{place}", "key": ""},
        lecture_forms.NewAttendee),
    _desk("/desk/lectures/{lecture}/door", "mafang", {"deed": "strike:{attendee}", "here": "{attendee}"}),
    _desk("/desk/lectures/{lecture}/files", "linxiao", {"kind": "material", "name": "讲义", "agreed": ""}, lecture_forms.NewFile),
    _desk("/desk/lectures/{lecture}/files/{lecture_file}", "linxiao", {}, rule="/desk/lectures/<public_id>/files/<name>"),
    _desk("/desk/polls/new", "shenlin", {"title": "几点开门", "purpose": "问问", "whom": "居民", "reach": "willing", "window_days": "14"},
        poll_forms.NewPoll),
    _desk("/desk/polls/{drafted_poll}/edit", "shenlin", {"title": "几点开门", "reach": "sample", "sample": "9", "window_days": "14",
        "version": ""}, poll_forms.NewPoll),
    _desk("/desk/polls/{drafted_poll}/questions/0", "shenlin", {"kind": "single", "text": "好不好", "options": "好\n不好", "deed": "keep"},
        poll_forms.NewQuestion, rule="/desk/polls/<public_id>/questions/<position>"),
    _desk("/desk/polls/{submitted_poll}/deed", "xujing", {"deed": "send_back", "reason": "再改", "version": ""}, poll_forms.PollDeed),
    _desk("/desk/polls/{open_poll}/slips", "mafang", {"place": "{place}", "count": "3"}, poll_forms.Slips),
    _desk("/desk/polls/{open_poll}/papers", "mafang", {"slip": "{slip}", "q1": "0", "q2": "1", "q3": "", "q4": "好"}, poll_forms.Paper),
    _desk("/desk/paper-ballots/{paper_ballot}", "tianye", {"deed": "put_right", "q1": "0", "q2": "1", "q3": "5", "q4": "", "version": ""},
        poll_forms.Paper),
    _desk("/desk/articles/new", "linxiao", {"title": "标题", "body": "正文", "deed": "keep", "version": ""}, outreach_forms.Article),
    _desk("/desk/articles/{article}", "linxiao", {"title": "标题", "body": "正文", "deed": "keep", "version": ""},
          outreach_forms.Article),
    _desk("/desk/articles/{submitted_article}/deed", "luojing", {"deed": "send_back", "reason": "再改", "version": ""},
          outreach_forms.ArticleDeed),
    _desk("/desk/articles/{article}/pictures", "linxiao", {"caption": "一张图"}, outreach_forms.NewPicture),
    _desk("/desk/articles/{published_article}/beside", "linxiao", {"clause": "{a_clause}"}, outreach_forms.PutBeside),
    _desk("/desk/scripts", "linxiao", {"article": "{published_article}"}, reach_forms.NewScript),
    _desk("/desk/scripts/{script_draft}", "linxiao", {"text": "乡亲们好。", "deed": "keep", "version": ""}, reach_forms.Script),
    _desk("/desk/scripts/{script_submitted}/deed", "luojing", {"deed": "send_back", "reason": "再改", "version": ""},
          reach_forms.ScriptDeed),
    _desk("/desk/scripts/{script}/schedule", "linxiao",
          {"places": "{place}", "from_on": "2029-01-01", "until_on": "2029-01-02", "times": "9:00"}, reach_forms.Schedule),
    _desk("/desk/airings/{airing}", "zhoumin", {"deed": "play", "at": "", "reason": "", "back": "/desk/reaching"}, reach_forms.Tap),
    _desk("/desk/visits/new", "luojing",
          {"kind": "van", "place": "{place}", "visited_on": "{a_day}", "people": "9", "households": "", "leaflets": "3", "asked": "0",
           "topics": "", "articles": "", "gist": "念了两篇", "key": "v" * 32}, reach_forms.NewVisit),
    _desk("/desk/visits/{visit}/correct", "luojing",
          {"kind": "van", "place": "{place}", "visited_on": "{a_day}", "people": "9", "remark": "写错了"}, reach_forms.NewVisit),
    _desk("/desk/exhibitions/new", "linxiao", {"at": "{station}", "title": "宪法", "deed": "keep"}, reach_forms.Exhibition),
    _desk("/desk/exhibitions/{exhibition_draft}", "linxiao", {"at": "{station}", "title": "宪法", "deed": "keep", "version": ""},
          reach_forms.Exhibition),
    _desk("/desk/exhibitions/{exhibition_submitted}/deed", "luojing", {"deed": "send_back", "reason": "再改", "version": ""},
          reach_forms.ExhibitionDeed),
    _desk("/desk/letters", "linxiao", {"article": "{published_article}"}, reach_forms.NewLetter),
    _desk("/desk/letters/{mail_draft}", "linxiao",
          {"title": "信", "text": "乡亲们好。", "sender": "青禾街道", "places": "{place}", "deed": "keep", "version": ""}, reach_forms.Letter),
    _desk("/desk/letters/{mail_submitted}/deed", "luojing", {"deed": "send_back", "reason": "再改", "version": ""},
          reach_forms.LetterDeed),
    _desk("/desk/letters/{mail}/export", "zhoumin", {"form": "txt"}),
    _desk("/desk/questions/{question}/assign", "luojing", {"counsel": "{counsel}"}, question_forms.Assign),
    _desk("/desk/questions/{assigned}/answer", "luojing", {"text": "答复"}, question_forms.Reply),
    _desk("/desk/questions/{question}/pass-on", "luojing", {"road": "aid", "words": "请带身份证去。"}, question_forms.PassOn),
    _desk("/desk/questions/{assigned}/limit", "luojing", {"limit_on": "{a_day}"}, question_forms.Limit),
    _desk("/desk/questions/{assigned}/urge", "hexiulan", {}),
    _desk("/desk/questions/{assigned}/glass", "wuqiming", {"reason": "复核有人反映的答复。"}, question_forms.Glass),
    _desk("/desk/questions/new", "mafang", {"channel": "hall", "text": "墙压着我家的地。", "key": "q" * 32},
          question_forms.NewQuestion),
    _desk("/desk/hand-overs/{passed_on}", "luojing", {"deed": "take", "taken_on": "{a_day}"}, question_forms.Receipt),
    _desk("/desk/duty", "luojing", {"counsel": "{counsel}", "from_on": "{a_day}", "until_on": "{a_day}"}, question_forms.Turn),
    _desk("/desk/legal-places", "luojing", {"kind": "mediation", "name": "调解室"}, service_forms.LegalPlace),
    _desk("/desk/legal-places/{room}", "luojing", {"kind": "mediation", "name": "调解室"}, service_forms.LegalPlace),
    _desk("/desk/mediations/{mediation}", "luojing", {"deed": "take"}, service_forms.MediationDeed),
    _desk("/desk/duty/{duty}/cut", "luojing", {}),
    _desk("/desk/services", "pengyuan", {"kind": "on_site", "held_on": "{a_day}", "minutes": "90", "gist": "坐班"},
          question_forms.StintForm),
    _desk("/desk/common-questions/new", "pengyuan", {"question": "怎么办"}, question_forms.Common),
    _desk("/desk/common-questions/{common_draft}", "pengyuan", {"question": "怎么办", "version": "1"}, question_forms.Common),
    _desk("/desk/common-questions/{common}/deed", "luojing", {"deed": "approve", "version": "2"}, question_forms.CommonDeed),
    _desk("/desk/experts/new", "zhoumin", {"name": "郑", "fields": "交通", "employer": "设计院", "from_on": "2027-01-01", "until_on": "2029-01-01"}, expert_forms.NewPerson),
    *(
        _desk(f"/desk/experts/{{expert}}/{deed}", "zhoumin", told | {"version": ""}, *shapes)
        for deed, told, shapes in (
            ("revise", {"name": "郑", "fields": "交通", "employer": "设计院"}, (expert_forms.Person,)),
            ("renew", {"from_on": "2027-01-01", "until_on": "2029-01-01"}, (expert_forms.Term,)),
            ("readmit", {"from_on": "2027-01-01", "until_on": "2029-01-01"}, (expert_forms.Term,)),
            ("publish", {"consented_on": "2026-01-01"}, (expert_forms.Consent,)),
            ("withhold", {}, ()),
            ("leave", {"reason": "本人申请"}, (expert_forms.Reason,)),
        )
    ),
    _desk("/desk/cases/{major}/expert", "shenlin", {"expert": "{spare_expert}", "way": "meeting", "task": "可行吗"}, expert_forms.Engage),
    *(
        _desk(f"/desk/engagements/{{{which}}}/{deed}", who, told | {"version": ""}, *shapes)
        for which, deed, who, told, shapes in (
            ("engagement", "declare", "shenlin", {}, (expert_forms.Signed,)),
            ("heard", "hear", "shenlin", {"view": "agree", "text": "同意"}, (expert_forms.Opinion,)),
            ("heard", "reply", "shenlin", {"taken": "adopted", "reason": "已改"}, (expert_forms.Reply,)),
            ("engagement", "recuse", "shenlin", {"reason": "有关"}, (expert_forms.Reason,)),
            ("engagement", "revoke", "shenlin", {"reason": "出差"}, (expert_forms.Reason,)),
            ("heard", "discount", "xujing", {"reason": "有关"}, (expert_forms.Reason,)),
            ("heard", "publish", "zhoumin", {}, ()),
            ("heard", "withhold", "zhoumin", {"reason": "商业秘密"}, (expert_forms.Reason,)),
        )
    ),
    _desk("/desk/cases/{major}/risk", "shenlin", {}),
    _desk("/desk/risks/{risk}", "shenlin",
          {"what": "风险", "measures": "措施", "plan": "预案", "probability": "low", "consequence": "low", "scope": "全部", "asked": "居民", "level": "low", "controllable": "yes", "conclusion": "可控",
           "deed": "submit", "version": ""}, risk_forms.Assessment),
    _desk("/desk/risks/{submitted_risk}/send_back", "xujing", {"reason": "再写", "version": ""}, risk_forms.Verdict),
    _desk("/desk/risks/{submitted_risk}/approve", "xujing", {"version": ""}, risk_forms.Verdict),
    _desk("/desk/cases/{major}/send-to-review", "shenlin", {"basis": "法", "procedures": "办了", "deed": "send", "version": ""}, review_forms.Papers),
    *(
        _desk(f"/desk/legal-reviews/{{{which}}}/{deed}", who, told | {"version": ""}, *shapes)
        for which, deed, who, told, shapes in (
            ("sent_review", "accept", "luojing", {"counsel": "{counsel}"}, (review_forms.Accept,)),
            ("review", "ask", "luojing", {"counsel": "{counsel}"}, (review_forms.Accept,)),
            ("review", "send_back", "luojing", {"lacking": "缺材料"}, (review_forms.Back,)),
            ("review", "shorten", "luojing", {"reason": "很短"}, (review_forms.Shorten,)),
            ("review", "lengthen", "luojing", {"reason": "很难"}, (review_forms.Lengthen,)),
            ("review", "advise", "pengyuan", {"role": "adviser", "authority": "yes", "procedure": "yes", "content": "yes", "text": "好"}, (review_forms.Advise,)),
            ("review", "conclude", "luojing",
             {"authority_ok": "yes", "procedure_ok": "yes", "content_ok": "yes", "result": "lawful", "opinion": "行"}, (review_forms.Conclude,)),
        )
    ),
    _desk("/desk/wx-articles/{wx}", "zhoumin", {"deed": "", "url": "https://mp.weixin.qq.com/s/x"}),
    _desk("/desk/officers/new", "xitong",
          {"login": "wang", "name": "王", "post": "handler", "password": "a-first-password"}, people_forms.NewOfficer),
    *(
        _desk(f"/desk/officers/{{officer}}/{deed}", "xitong", told, *shapes)
        for deed, told, shapes in (
            ("appoint", {"post": "archivist"}, (people_forms.Appoint,)),
            ("relieve", {"post": "handler"}, (people_forms.Appoint,)),
            ("password", {"password": "a-first-password"}, (people_forms.NewPassword,)),
            ("delegate", {"to": "{counsel}", "from_on": "2027-01-01", "until_on": "2027-01-09"}, (people_forms.Delegate,)),
            ("leave", {}, ()),
            ("come_back", {}, ()),
        )
    ),
    _desk("/desk/places", "xitong", {"name": "三组", "kind": "group", "parent": "{place}", "residents": "10"}, people_forms.NewPlace),
    _desk("/desk/places/{place}", "xitong", {"name": "改名", "residents": "10"}, people_forms.NewPlace),
    _desk("/desk/units", "xitong", {"name": "新单位", "phone": ""}, people_forms.NewUnit),
    _desk("/desk/units/{unit}", "xitong", {"name": "改名", "phone": ""}, people_forms.NewUnit),
    _desk("/desk/sessions/{session}", "anquan", {}),
    # The demonstration's clock, and the ear.
    Way("POST", "/demo/clock", "/demo/clock", "demo", "nobody", {"seconds": 5}),
    *(
        Way("POST", f"/wechat/{door}", f"/wechat/{door}", "ear", door,
            {"Content": "一句话。", "MsgType": "text", "MsgId": 77, "Event": "", "EventKey": "", "MediaId": "", "CreateTime": 1})
        for door in ("official", "mini")
    ),
)  # fmt: skip


def declared(app: House) -> set[tuple[str, str]]:
    """(method, address) of every address that writes, each alternative apart."""
    found = set()
    for rule in app.url_map.iter_rules():
        plain = re.sub(r"<(?:(?!any)\w+(?:\([^)]*\))?:)?(\w+)>", r"<\1>", rule.rule)
        for address in _each(plain):
            found |= {(method, address) for method in (rule.methods or set()) & UNSAFE}
    return found


def _each(address: str) -> Iterator[str]:
    choice = re.search(r"<any\(([^)]*)\):\w+>", address)
    if choice is None:
        yield address
        return
    for word in choice[1].split(","):
        yield from _each(address.replace(choice[0], word.strip(), 1))


LOOKS = tuple(
    Way("GET", address.partition("?")[0], "", "console", LOGINS[Post(posts.split()[0])])
    for address, posts in dict(PAGES).items()
)
"""Every page of the desk, as somebody who may see it."""


class Street:
    """One engine's house with a case at every stage, and a browser for everybody who writes."""

    def __init__(self, app: House) -> None:
        self.app = app
        self.csrf: dict[str, str] = {}
        self.browsers: dict[tuple[str, str], FlaskClient] = {}
        with app.app_context():
            who = People()
            made = build(who)
            self.names: dict[str, str] = {name: value for name, value in vars(made).items() if isinstance(value, str)}
            resident = Resident.by_identity(OFFICIAL.appid, "oTortured", "uTortured")
            Identity.seen(MINI.appid, "mTortured", "uTortured")
            # Somebody whose comment was answered turns out to be the same person.
            answered = db.session.scalars(
                select(Point).join(Promise, Promise.point_id == Point.id).order_by(Promise.id).limit(1)
            ).one()
            answered.comment.resident.merge_into(resident, resident)
            db.session.flush()
            asked = db.session.scalar(select(Trace).order_by(Trace.id.desc()).limit(1))
            assert asked
            consultation = _consultation(made.open)
            self.names |= {
                "mine": a_comment(consultation, resident, "我说的第一句。").comment.public_id,
                "answered": answered.comment.public_id,
                "answered_point": answered.public_id,
                "counsel": who["pengyuan"].public_id,
                "spare_expert": an_expert(who, "郑工").public_id,
                "token": OneOffLink.make(resident, "/mine"),
                "stop": stop_token(resident),
                "wx": self._drafted(consultation.id, asked),
                "assigned": self._assigned(resident, who),
                "a_clause": _clause_of(consultation),
                "settled": self._settled(resident, who),
                "passed_on": self._slip(resident, who),
                "my_mediation": self._mediation(resident, made.room),
                "message": self._held(resident, asked),
                "a_day": today().isoformat(),
                "in_group": self._in_group(made.group),
            }
            db.session.flush()
            for way in (*WAYS, *LOOKS):
                self._sign_in(way, resident)
            row = db.session.scalar(select(Session).where(Session.officer_id == who["tianye"].id))
            assert row
            self.names["session"] = row.public_id
            db.session.commit()

    def _drafted(self, number: int, fact: Trace) -> str:
        """An article that waits to be published by hand."""
        article = WxArticle.want(WxKind.OPENING, number, fact, "标题", "/")
        article.drafted(SYSTEM, "MEDIA")
        return article.public_id

    def _held(self, resident: Resident, fact: Trace) -> str:
        """A message of which nobody knows whether it arrived."""
        message = Message(
            fact=fact,
            resident=resident,
            topic="Consultation.cancel",
            state=MessageState.HELD,
            channel=MessageChannel.CUSTOMER,
            made_at=now(),
        )
        db.session.add(message)
        db.session.flush()
        return str(message.id)

    def _in_group(self, public_id: str) -> str:
        """A point of a group that waits for its answer."""
        group = group_of(public_id)
        assert group
        return str(points_in(group, limit=1)[0].id)

    def _assigned(self, resident: Resident, who: People) -> str:
        """A question that counsel has to answer."""
        asked = Question.ask(resident, "墙压着我家的地，怎么办？", channel=Channel.H5)
        db.session.flush()
        asked.assign(who["luojing"], who["pengyuan"])
        return asked.public_id

    def _settled(self, resident: Resident, who: People) -> str:
        """A question that was answered."""
        asked = Question.ask(resident, "树枝伸到我家院子里，怎么办？", channel=Channel.H5)
        db.session.flush()
        asked.assign(who["luojing"], who["pengyuan"])
        asked.answer_it(who["pengyuan"], "先请邻居修剪。")
        return asked.public_id

    def _mediation(self, resident: Resident, room: str) -> str:
        """A request for mediation."""
        where = legal_place_of(room)
        assert where
        asked: Mediation = Mediation.ask(resident, where, Dispute.LAND, "墙压着我家的地。", channel=Channel.H5)
        db.session.flush()
        return asked.public_id

    def _slip(self, resident: Resident, who: People) -> str:
        """A question that went to legal aid."""
        asked = Question.ask(resident, "请不起律师，怎么办？", channel=Channel.H5)
        db.session.flush()
        made: HandOver = pass_on(asked, who["luojing"], Road.AID, "请带身份证去。")
        return made.public_id

    def _sign_in(self, way: Way, resident: Resident) -> None:
        if (way.door, way.who) in self.browsers:
            return
        browser = self.app.test_client()
        self.browsers[way.door, way.who] = browser
        person: Officer | Resident | None = resident if way.who == "resident" else Officer.by_login(way.who)
        if person is None:
            return
        door = {"api": "mini", "site": "site", "console": "console"}[way.door]
        token = Session.open_for(person, door, "a test")
        db.session.flush()
        row = Session.find(token, door)
        assert row
        if way.door == "api":
            browser.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        else:
            name, path = (RESIDENT_COOKIE, "/") if way.door == "site" else (OFFICER_COOKIE, "/desk")
            browser.set_cookie(name, token, path=path)
            browser.environ_base["HTTP_X_CSRF_TOKEN"] = row.csrf

    def filled(self, told: Any) -> Any:
        """The names of this world's records in their places."""
        if isinstance(told, str):
            return re.sub(r"\{(\w+)\}", lambda found: self.names[found[1]], told)
        if isinstance(told, dict):
            return {name: self.filled(value) for name, value in told.items()}
        return [self.filled(value) for value in told] if isinstance(told, list) else told

    def send(self, way: Way, told: dict[str, Any], key: str = "torture-0001") -> TestResponse:
        """A submission in the way of its door."""
        if way.door == "ear":
            return self._hear(way, told)
        if way.door in ("api", "demo"):
            return self.raw(way, json.dumps(told).encode(), "application/json", key)
        pairs = [(name, _bytes(value)) for name, value in told.items()]
        return self.raw(way, urllib.parse.urlencode(pairs).encode(), "application/x-www-form-urlencoded", key)

    def raw(self, way: Way, body: bytes, kind: str, key: str = "torture-0001", address: str = "") -> TestResponse:
        """These very bytes."""
        browser = self.browsers[way.door, way.who]
        headers = {"Idempotency-Key": key}
        if way.door == "demo":
            headers["X-Demo-Secret"] = self.app.extensions["settings"].demo_secret
        if way.door in ("site", "console") and "HTTP_X_CSRF_TOKEN" not in browser.environ_base:
            self._visit(browser)
        cookies = dict(browser._cookies or {})
        answer = browser.open(
            self.filled(address or way.address),
            method=way.method,
            data=body,
            content_type=kind or None,
            headers=headers,
        )
        # What a request did was taken back, so whoever it signed out or in is again who they were.
        browser._cookies = cookies
        return answer

    def _visit(self, browser: FlaskClient) -> None:
        """Somebody who has not signed in has seen a form all the same."""
        page = browser.get("/receipt").get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([0-9a-f]+)"|value="([0-9a-f]+)"[^>]*name="csrf_token"', page)
        assert found
        browser.environ_base["HTTP_X_CSRF_TOKEN"] = found[1] or found[2]

    def _hear(self, way: Way, told: dict[str, Any]) -> TestResponse:
        account = OFFICIAL if way.who == "official" else MINI
        phone = Phone(self.browsers[way.door, way.who], account, "oTorturedInTheChat", door=way.who)
        plain = {name: value if isinstance(value, str | int) else json.dumps(value) for name, value in told.items()}
        message = xml_of({"ToUserName": "gh_1", "FromUserName": phone.openid} | plain)
        return phone.post(message.encode("utf-8", "surrogatepass")).response


def _bytes(value: Any) -> bytes:
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "surrogatepass")


def _clause_of(asked: Consultation) -> str:
    assert asked.draft
    return str(asked.draft.speakable[0].public_id)


def _consultation(public_id: str) -> Any:
    found = db.session.scalar(select(Consultation).where(Consultation.public_id == public_id))
    assert found
    return found
