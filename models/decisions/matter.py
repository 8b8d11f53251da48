"""What kinds of matter the law knows, which procedures one may have to go through, and in which ways people take part."""

import enum


class Category(enum.StrEnum):
    """The five kinds of matter of the regulation's article 3 (条例第三条)."""

    POLICY = "policy"
    PLAN = "plan"
    RESOURCES = "resources"
    WORKS = "works"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "policy": "公共服务、市场监管、社会管理、环境保护等方面的重大公共政策和措施",
            "plan": "经济和社会发展等方面的重要规划",
            "resources": "开发利用、保护重要自然资源和文化资源的重大公共政策和措施",
            "works": "在本辖区实施的重大公共建设项目",
            "other": "对经济社会发展有重大影响、涉及重大公共利益或者社会公众切身利益的其他重大事项",
        }[self.value]

    @property
    def short(self) -> str:
        """The same in a few characters."""
        return {
            "policy": "政策措施",
            "plan": "重要规划",
            "resources": "资源保护利用",
            "works": "公共建设项目",
            "other": "其他重大事项",
        }[self.value]


class Livelihood(enum.StrEnum):
    """The five fields of daily life in which the office promised to ask by a poll (源报告：重大民生决策事项民意调查)."""

    EDUCATION = "education"
    HEALTH = "health"
    RESOURCES = "resources"
    ENVIRONMENT = "environment"
    UTILITIES = "utilities"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "education": "文化教育",
            "health": "医疗卫生",
            "resources": "资源开发",
            "environment": "环境保护",
            "utilities": "公用事业",
        }[self.value]


class Procedure(enum.StrEnum):
    """What a matter has to go through, in the order in which it does."""

    CONSULTATION = "consultation"
    """Asking everybody: one way of taking part, which a case may be excused from by name."""
    PARTICIPATION = "participation"
    HEARING = "hearing"
    POLL = "poll"
    EXPERT = "expert"
    RISK = "risk"
    LEGAL_REVIEW = "legal_review"
    DELIBERATION = "deliberation"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "participation": "公众参与",
            "consultation": "公开征求意见",
            "hearing": "听证",
            "poll": "民意调查",
            "expert": "专家论证",
            "risk": "风险评估",
            "legal_review": "合法性审查",
            "deliberation": "集体讨论决定",
        }[self.value]


LISTED = tuple(p for p in Procedure if p != Procedure.CONSULTATION)
"""What the catalogue says of a matter; in which ways people take part it says by modes."""
OPTIONAL = (Procedure.CONSULTATION, Procedure.HEARING, Procedure.POLL, Procedure.EXPERT, Procedure.RISK)
"""What a case may need or not; the rest nobody can excuse."""


class Mode(enum.StrEnum):
    """The ways of taking part that article 14 names, as equals."""

    FORUM = "forum"
    HEARING = "hearing"
    VISIT = "visit"
    WRITTEN = "written"
    OPEN = "open"
    SURVEY = "survey"
    POLL = "poll"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "forum": "座谈会",
            "hearing": "听证会",
            "visit": "实地走访",
            "written": "书面征求意见",
            "open": "向社会公开征求意见",
            "survey": "问卷调查",
            "poll": "民意调查",
            "other": "其他方式",
        }[self.value]
