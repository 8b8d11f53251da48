"""A line of a checklist: met, not met, to be looked at, or still open."""

from dataclasses import dataclass
from typing import Self

from models.kernel.refusal import Refusal
from models.kernel.rules import Requirement


@dataclass(frozen=True)
class Check:
    """One line. state: yes, no (look here), stop (stands in the way), open (still to do)."""

    state: str
    words: str
    link: str = ""
    link_words: str = ""
    aside: str = ""

    @classmethod
    def of(cls, refusal: Refusal | None, need: Requirement, link: str = "") -> Self:
        """A requirement of the rule set, and whether it is met."""
        if refusal is None:
            return cls("yes", MET.get(need.predicate, need.message), aside=need.article)
        return cls("stop", refusal.message, link, "去补" if link else "", need.article)


MET = {
    "listed_or_explained": "对上了年度目录，或者写明了理由",
    "case_is_classified": "事项种类定了",
    "procedure_applies": "适用决策程序",
    "lead_unit_named": "承办单位明确了",
    "title_given": "有标题",
    "explanation_complete": "内容、目的、依据、影响都写了",
    "draft_has_clauses": "草案分好了条",
    "window_long_enough": "期限够长，或者写明了缩短的理由",
    "normative_window_long_enough": "期限够长，或者写明了缩短的理由",
    "channels_given": "写明了从哪里提意见",
    "contact_given": "有承办单位和联系方式",
    "privacy_notice_given": "附了个人信息处理告知",
    "window_is_open": "正在征求意见",
    "window_has_closed": "征求意见已经截止",
    "every_point_answered": "每条要点都有结果和理由",
    "every_point_approved": "每条答复都由第二个人审过",
    "every_transcription_read": "代录和转写的都由第二个人核对过",
    "actor_is_not_drafter": "起草和审签不是同一个人",
    "approver_is_not_author": "起草和审核不是同一个人",
    "case_file_complete": "案卷材料齐全",
    "not_yet_released": "答复还没有发布",
    "legal_review_passed": "合法性审查通过了",
    "risk_controllable": "风险在可控范围内，或者不需要评估",
    "meeting_pack_complete": "上会材料齐了",
    "deliberated_collectively": "集体讨论通过了，记录经过确认",
    "head_spoke_last": "主要领导最后发表意见",
    "party_committee_asked": "向党工委请示报告了",
    "secrecy_checked": "保密审查两个人都签了",
    "adoption_report_ready": "采纳情况已经发布",
    "signed_and_registered": "初审、复审、签发，编了号",
    "case_is_decided": "集体审议决定了",
    "signs_the_decided_text": "送签的就是决定的那一稿",
    "not_the_submitter": "和送审的不是同一个人",
    "filing_pack_complete": "四项和电子档都齐",
    "confirmer_was_present": "您到会了",
    "confirmer_is_not_recorder": "和记录的不是同一个人",
    "confirmer_is_not_checker": "和审查的不是同一个人",
    "agreer_is_not_proposer": "和评估的不是同一个人",
    "every_document_judged": "每份文件都有清理意见和理由",
    "participation_done": "公众参与办完了，每条意见都答复了",
    "hearing_held_or_excused": "听证办完了，或者写明了不召开的理由",
    "poll_taken_or_excused": "不属于要做民意调查的五类，或者已经办完、写明了不做的理由",
    "experts_heard_or_excused": "专家论证办完了，或者写明了不需要的理由",
    "risk_assessed_or_excused": "风险评估审定了，或者写明了不需要的理由",
    "review_papers_complete": "草案、依据、履行程序的说明都有",
    "still_undecided": "还没有作出决定",
    "changes_explained": "改动过的条文都写明了为什么",
    "decided_words_explained": "会议以后改的也写明了为什么",
    "review_time_given": "给够了审查时间",
    "normative_review_time_given": "给够了审核时间",
    "counsel_heard": "法律顾问或者公职律师提出了意见",
    "reviewer_is_not_sender": "送审和审查不是同一个人",
    "independence_declared": "声明了没有直接利害关系",
    "risk_others_heard": "写明了听取谁的意见",
    "risk_points_complete": "每个风险点都有防范措施和处置预案",
    "risk_concluded": "写明了等级、可控不可控和理由",
    "high_risk_is_adjusted_first": "没有把高风险写成可控",
    "level_covers_every_point": "总的等级不低于风险点",
    "catalogue_has_items": "目录里有事项",
    "items_complete": "每一项都有承办单位、依据、程序和时间",
    "firm_procedures_kept": "每一项都有合法性审查和集体讨论决定",
    "adjustment_explained": "调整写明了理由",
    "poll_where_promised": "民生五个领域的都要做民意调查",
    "party_consented": "党工委同意，有日期和文号",
    "actor_had_no_hand": "编的人没有自己核对、自己公布",
    "register_says_something": "清单有内容",
    "entries_complete": "每一项都有依据、责任单位、对象和流程",
    "changes_have_basis": "每一处变动都有依据",
    "publisher_is_not_checker": "核对的人和公布的人不是同一个人",
}
"""How a requirement reads when it is met."""
