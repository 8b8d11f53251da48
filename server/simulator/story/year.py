"""What the office means to decide this year, what it may do at all, and what somebody asks it to decide."""

from dataclasses import dataclass
from datetime import date

from server.simulator.story.charging import CHARGING
from server.simulator.story.parking import PARKING
from server.simulator.story.riverside import RIVERSIDE

HEADING = "序号\t重大行政决策事项\t承办单位\t法律政策依据\t履行程序要求\t公众参与方式\t计划完成时间\t备注"
WHOLE = "公众参与、风险评估、合法性审查、集体讨论"


@dataclass(frozen=True)
class Item:
    """One matter of the year, as it stands in the office's own table."""

    title: str
    basis: str
    procedures: str
    modes: str
    months: int
    """How many months from now it is to be decided."""
    unit: str = "城市管理科"
    remark: str = ""


ITEMS = (
    Item(
        PARKING.title,
        "道路交通安全法第三十三条；城市道路管理条例",
        f"专家论证、{WHOLE}",
        "向社会公开征求意见、座谈会",
        2,
    ),
    Item(
        CHARGING.title,
        "消防法第二十八条；高层民用建筑消防安全管理规定第三十七条",
        f"专家论证、{WHOLE}",
        "向社会公开征求意见、问卷调查",
        3,
    ),
    Item(
        RIVERSIDE.title,
        "噪声污染防治法第六十四条；环境保护法第六条",
        f"民意调查、{WHOLE}",
        "向社会公开征求意见、民意调查",
        4,
    ),
    Item(
        "石桥村老年食堂设置方案",
        "基本养老服务清单",
        "公众参与、合法性审查、集体讨论",
        "座谈会、实地走访",
        6,
        "党政办",
        "先在石桥村试办一年",
    ),
    Item(
        "青禾街道人民调解室调整方案",
        "人民调解法第三十四条",
        "公众参与、合法性审查、集体讨论",
        "书面征求意见",
        8,
        "司法所",
    ),
)
"""The three consultations of the story are among them."""
CONSENT = "青街工委〔{year}〕3号"


def table(today: date) -> str:
    """The table as somebody copies it out of Word."""
    rows = [
        "\t".join((str(n), i.title, i.unit, i.basis, i.procedures, i.modes, later(today, i.months), i.remark))
        for n, i in enumerate(ITEMS, 1)
    ]
    return "\n".join([HEADING, *rows])


def later(day: date, months: int) -> str:
    """2027年3月."""
    years, month = divmod(day.month - 1 + months, 12)
    return f"{day.year + years}年{month + 1}月"


POWERS = (
    {
        "name": "临时占用道路摆摊审批",
        "kind": "licence",
        "basis": "《城市道路管理条例》第三十一条",
        "object": "需要临时摆摊的居民和商户",
        "steps": "申请｜摊主，带身份证\n受理｜便民服务窗口｜当场｜材料不齐的，一次告知要补什么\n现场查看｜城市管理科，两人以上｜3个工作日\n"
        "决定｜街道办事处｜5个工作日｜不同意的，书面写明理由和怎样申请复议\n送达",
    },
    {
        "name": "沿街招牌安全检查",
        "kind": "inspection",
        "basis": "《城市市容和环境卫生管理条例》第十一条",
        "object": "沿街商户",
        "steps": "检查｜城市管理科，两人以上\n记录｜检查人员｜当场｜有隐患的，写明改什么、几天改好\n复查｜城市管理科｜7日以内\n结果公开",
    },
    {
        "name": "临时救助",
        "kind": "payment",
        "basis": "《社会救助暂行办法》第四十七条",
        "object": "遭遇急难的家庭和个人",
        "steps": "申请｜本人或者村居代办\n调查｜村居干部｜3个工作日\n审核｜街道办事处｜2个工作日｜不符合的，书面说明理由\n发放",
    },
)
POWERS_INTRO = "清单以外的事项，街道不办理、不收费。"
CHECKED = "依据都现行有效，没有超出街道的权限。"

PROPOSED = "给东湖村口装红绿灯"
WHY = "每天放学时候村口车多，孩子过马路危险，去年碰过两回。能不能在村口装一个红绿灯，再划一条斑马线？大概三百多户走这条路。"
PASSED_TO = "县公安局交警大队"
ANSWER = (
    "红绿灯由县公安局交警大队统一设置，街道定不了。我们已经把您说的情况和去年两次事故的记录一起转过去，请他们三个月内答复。"
    "斑马线和减速带在街道的事权里，今年底以前先做。"
)
