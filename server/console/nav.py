"""The desks of the office in their order, and which of them an officer has."""

from dataclasses import dataclass

from flask import request

from models.people.officer import Officer, Post

READERS = (
    Post.HANDLER,
    Post.UNIT_HEAD,
    Post.LEADER,
    Post.CHIEF,
    Post.OFFICE,
    Post.JUSTICE,
    Post.ARCHIVIST,
    Post.INSPECTOR,
)
"""Who may look at a case without having a hand in it."""
INTAKE = (Post.HANDLER, Post.VILLAGE, Post.GRID, Post.OFFICE)
"""Who writes down what others say."""


@dataclass(frozen=True)
class Desk:
    """One desk: its name, the short name for narrow places, its address, whom it belongs to."""

    key: str
    name: str
    short: str
    path: str
    posts: tuple[Post, ...]
    rule: bool = False
    """Whether a line is drawn above it."""


HOME = Desk("home", "我的案头", "案头", "/desk/", tuple(Post))
CASES = Desk("cases", "案卷", "案卷", "/desk/cases", (*READERS, Post.COUNSEL))
NORMATIVES = Desk("normatives", "规范性文件", "文件", "/desk/normatives", (*READERS, Post.COUNSEL))
DRAFTS = Desk("drafts", "草案与公告", "草案", "/desk/drafts", READERS)
SIGN_OFF = Desk("sign_off", "签批", "签批", "/desk/sign-off", (Post.UNIT_HEAD, Post.LEADER, Post.CHIEF, Post.OFFICE))
CONSULTATIONS = Desk(
    "consultations", "征求意见", "征求", "/desk/consultations", (*READERS, Post.VILLAGE, Post.GRID, Post.PUBLICIST)
)
ANSWERING = Desk(
    "answering", "答复", "答复", "/desk/answering", (Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.INSPECTOR)
)
APPROVAL = Desk("approval", "审核", "审核", "/desk/approval", (Post.UNIT_HEAD, Post.LEADER))
RELEASE = Desk("release", "发布", "发布", "/desk/release", (Post.CHIEF, Post.OFFICE, Post.HANDLER))
UNPLACED = Desk("unplaced", "待归的话", "待归", "/desk/unplaced", (Post.HANDLER, Post.OFFICE))
TRANSCRIPTS = Desk("transcripts", "转写和核对", "转写", "/desk/transcripts", INTAKE)
CATALOGUE = Desk("catalogue", "决策目录", "目录", "/desk/catalogue", READERS, rule=True)
PROPOSALS = Desk(
    "proposals",
    "决策建议",
    "建议",
    "/desk/proposals",
    (Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.CHIEF, Post.OFFICE, Post.INSPECTOR, Post.VILLAGE, Post.GRID),
)
REGISTERS = Desk("registers", "权责清单", "清单", "/desk/registers", READERS)
ARTICLES = Desk(
    "articles",
    "普法",
    "普法",
    "/desk/articles",
    (Post.PUBLICIST, Post.JUSTICE, Post.OFFICE, Post.UNIT_HEAD, Post.LEADER),
    rule=True,
)
POLLS = Desk(
    "polls",
    "民意调查",
    "调查",
    "/desk/polls",
    (
        Post.HANDLER,
        Post.UNIT_HEAD,
        Post.LEADER,
        Post.OFFICE,
        Post.JUSTICE,
        Post.PUBLICIST,
        Post.VILLAGE,
        Post.INSPECTOR,
    ),
)
LECTURES = Desk(
    "lectures",
    "文明讲堂",
    "讲堂",
    "/desk/lectures",
    (
        Post.PUBLICIST,
        Post.JUSTICE,
        Post.OFFICE,
        Post.UNIT_HEAD,
        Post.LEADER,
        Post.VILLAGE,
        Post.GRID,
        Post.INSPECTOR,
    ),
)
REACHING = Desk(
    "reaching",
    "送法进村",
    "进村",
    "/desk/reaching",
    (
        Post.PUBLICIST,
        Post.JUSTICE,
        Post.COUNSEL,
        Post.OFFICE,
        Post.UNIT_HEAD,
        Post.LEADER,
        Post.VILLAGE,
        Post.GRID,
        Post.INSPECTOR,
    ),
)
EXPERTS = Desk(
    "experts",
    "专家库",
    "专家",
    "/desk/experts",
    (Post.OFFICE, Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.JUSTICE, Post.INSPECTOR),
)
LEGAL_REVIEWS = Desk(
    "legal_reviews", "合法性审查", "审查", "/desk/legal-reviews", (Post.JUSTICE, Post.COUNSEL, Post.INSPECTOR)
)
LAW = (Post.JUSTICE, Post.COUNSEL)
"""Who may read what somebody asks the law."""
QUESTIONS = Desk("questions", "法律咨询", "咨询", "/desk/questions", (*LAW, Post.VILLAGE, Post.GRID, Post.OFFICE))
MESSAGES = Desk("messages", "告知", "告知", "/desk/messages", (Post.HANDLER, Post.OFFICE, Post.INSPECTOR))
OFFICERS = Desk("officers", "工作人员", "人员", "/desk/officers", (Post.SYSTEM_ADMIN,), rule=True)
SESSIONS = Desk("sessions", "登录情况", "登录", "/desk/sessions", (Post.SECURITY_ADMIN,), rule=True)
TRAIL = Desk("trail", "留痕", "留痕", "/desk/trail", (*READERS, Post.AUDIT_ADMIN), rule=True)

DESKS = (
    HOME,
    CASES,
    NORMATIVES,
    DRAFTS,
    SIGN_OFF,
    CONSULTATIONS,
    ANSWERING,
    APPROVAL,
    RELEASE,
    UNPLACED,
    TRANSCRIPTS,
    LEGAL_REVIEWS,
    CATALOGUE,
    EXPERTS,
    PROPOSALS,
    REGISTERS,
    POLLS,
    ARTICLES,
    LECTURES,
    REACHING,
    QUESTIONS,
    MESSAGES,
    OFFICERS,
    SESSIONS,
    TRAIL,
)


INSIDE = {
    "/desk/places": OFFICERS,
    "/desk/units": OFFICERS,
    "/desk/materials": CASES,
    "/desk/remarks": CASES,
    "/desk/executions": CASES,
    "/desk/evaluations": CASES,
    "/desk/meetings": CASES,
    "/desk/groups": CASES,
    "/desk/rounds": CASES,
    "/desk/participation": CASES,
    "/desk/cleanups": NORMATIVES,
    "/desk/older": NORMATIVES,
    "/desk/engagements": CASES,
    "/desk/risks": CASES,
    "/desk/slips": CONSULTATIONS,
    "/desk/amendments": RELEASE,
    "/desk/points": RELEASE,
    "/desk/wx-articles": CONSULTATIONS,
    "/desk/comments": CONSULTATIONS,
    "/desk/second-looks": ANSWERING,
    "/desk/hand-overs": QUESTIONS,
    "/desk/duty": QUESTIONS,
    "/desk/services": QUESTIONS,
    "/desk/common-questions": QUESTIONS,
    "/desk/legal-places": QUESTIONS,
    "/desk/mediations": QUESTIONS,
    "/desk/paper-ballots": POLLS,
    "/desk/scripts": REACHING,
    "/desk/airings": REACHING,
    "/desk/campaigns": ARTICLES,
    "/desk/visits": REACHING,
    "/desk/exhibitions": REACHING,
    "/desk/letters": REACHING,
}
"""Pages that belong to a desk with another address."""


@dataclass(frozen=True)
class Entry:
    """A desk in the navigation, with what waits on it."""

    name: str
    short: str
    path: str
    rule: bool
    count: int
    late: bool
    here: bool


def desks_of(officer: Officer) -> list[Desk]:
    """The desks that this officer may open."""
    return [desk for desk in DESKS if officer.has(*desk.posts)]


def entries(officer: Officer, counts: dict[str, int], late: frozenset[str] = frozenset()) -> list[Entry]:
    """The navigation as it is drawn; a line is never drawn above the first desk."""
    mine = desks_of(officer)
    here = _here(request.path)
    return [
        Entry(d.name, d.short, d.path, d.rule and i > 0, counts.get(d.key, 0), d.key in late, d is here)
        for i, d in enumerate(mine)
    ]


def _here(path: str) -> Desk | None:
    """The desk that an address belongs to."""
    if path.rstrip("/") == "/desk":
        return HOME
    beside = next((desk for address, desk in INSIDE.items() if path.startswith(address)), None)
    return beside or next((d for d in DESKS if d is not HOME and path.startswith(d.path)), None)
