"""What the road of a case is made of: why it is major, who was asked, what could go wrong, what the meeting said."""

from dataclasses import dataclass
from typing import Any

from server.simulator.story.charging import CHARGING
from server.simulator.story.parking import PARKING, REVISED_6
from server.simulator.story.riverside import RIVERSIDE


@dataclass(frozen=True)
class Classified:
    """What kind of case it is, and why."""

    kind: str
    reason: str
    category: str = ""


BASIS = "重大行政决策程序暂行条例第四十二条（参照执行）"
CLASSIFIED = {
    PARKING.title: Classified(
        "major",
        "涉及四百零七户居民和每天三百多辆来市场的车，关系到很多人的切身利益，属于公共管理方面的重大政策措施。",
        "policy",
    ),
    CHARGING.title: Classified(
        "major", "涉及全街道六千三百多辆电动自行车和每栋住宅楼的消防安全，属于公共安全方面的重大政策措施。", "policy"
    ),
    RIVERSIDE.title: Classified(
        "major",
        "涉及沿河三百多户居民的休息和几千人每天晚上的散步，属于环境保护和公共管理方面的重大政策措施。",
        "policy",
    ),
}
UNNEEDED = {
    PARKING.title: {
        "hearing": "四百零七户由社区逐户问过，商户、居民、菜农没有重大分歧；另开座谈会，不再听证。",
        "poll": "公开征求意见三十日，另开座谈会，能问到直接受影响的人，不再单独做民意调查。",
    },
    CHARGING.title: {"hearing": "充电棚选址图已经在各小区贴出，没有重大分歧；电价由县里核定，不属于应当听证的事项。"},
}
INSIDE = (
    ("heads", "吴启明"),
    ("leaders", "何秀兰"),
    ("staff", "林晓"),
    ("cadres", "马芳"),
    ("villagers", "河边散步的退休职工老魏"),
)
"""Whom a draft is shown to inside, one of each of the five kinds."""
CANTEEN, CANTEEN_WHY = "石桥村老年食堂设置方案", "只在石桥村一个村试办一年，五十多位老人用餐，按一般决策办。"


@dataclass(frozen=True)
class Adviser:
    """An expert of the pool, what they said, and what the office made of it."""

    name: str
    employer: str
    fields: str
    title: str
    view: str
    opinion: str
    taken: str
    reply: str


ADVISERS = (
    Adviser(
        "顾怀远",
        "省城市规划设计院",
        "道路交通、停车规划",
        "高级工程师",
        "agree",
        "六十二个泊位按早市高峰每位周转五次计算，九十分钟是合适的上限；两小时只给同车有老人、残疾人的车辆，周转仍然够用。",
        "adopted",
        "第四条照这个意见写：一般车辆九十分钟，同车有老年人等的两小时。",
    ),
    Adviser(
        "方晓岚",
        "市消防救援支队（退休）",
        "消防通道、应急疏散",
        "高级工程师",
        "changes",
        "桥头巷宽六米八，消防车要四米净宽。南侧划泊位可以，北侧的临时卸货必须限时，并且不得两侧同时停车。",
        "adopted",
        "北侧临时卸货限每日十三时至十五时、每次十五分钟，写进第十条；划线时两侧错开。",
    ),
    Adviser(
        "石磊",
        "师范学院社会学系",
        "社区治理",
        "副教授",
        "disagree",
        "不赞成赶集日把装卸放宽到四十五分钟。菜场后街宽五米四，二楼三楼住着二十三户，赶集日清晨的噪声会更久，应当另找卸货的地方。",
        "not_adopted",
        "街道找过两处，一处离市场六百米，一处是学校门口，都不合适。放宽保留，同时写明装卸不得鸣喇叭、不得高声喧哗，安排值班员；"
        "试行期满重新评估时专门量一次清晨的噪声。",
    ),
)
TASK = "泊位数量和停放时间是否合理；运菜通道和消防通道会不会冲突；对周边居民有什么影响。"
FORUM: dict[str, Any] = {
    "place": "杨柳社区二楼议事厅",
    "organised_by": "城市管理科、杨柳社区",
    "people": "18",
    "kinds": "市场商户6人、菜农4人、桥头巷和菜场后街居民7人、消防救援站1人",
    "gist": "商户要固定的进货时间；菜农说二十分钟卸不完；后街居民不反对早卸货，只求不按喇叭；消防救援站要求桥头巷任何时候留四米净宽。",
}
RISK: dict[str, Any] = {
    "what": ["桥头巷商户担心影响进货，可能集中到街道反映", "赶集日早上运菜车集中，菜场后街短时堵塞"],
    "probability": ["medium", "medium"],
    "consequence": ["low", "medium"],
    "measures": [
        "每日十三时至十五时留出卸货时间；施行前逐户送一张明白纸",
        "赶集日增加两名协管员，四时到岗；入口设排队区",
    ],
    "plan": ["城市管理科半小时内到场说明，记下诉求，三日内答复", "打开东侧停车场北门分流，必要时请派出所到场疏导"],
}
RISK_WHOLE: dict[str, Any] = {
    "scope": "走访商户31家、住户58户，座谈1次，在现场连续六个早上计数；定性和定量结合。",
    "asked": "派出所、消防救援站、市场监管所、综治中心",
    "conclusion": "两个风险点都有措施和预案，措施落实以后影响有限，可以实施。",
}
LAW = "《中华人民共和国道路交通安全法》第三十三条；《中华人民共和国消防法》第二十八条；《中华人民共和国无障碍环境建设法》关于无障碍停车位的规定。"
COUNSEL = (
    "一、划设临时停车泊位须经公安机关交通管理部门同意，草案附有县公安局交警大队的复函，权限符合。"
    "二、征求意见三十日，二十条意见全部答复，专家、风险评估材料齐全，程序符合。"
    "三、第十条写明街道不自行拖车、不自行罚款，与行政处罚法一致，内容符合。"
)
REVIEWED = "经审查，未发现超越权限、违反程序和与上位法抵触的内容，同意提交集体讨论。"
PLACE = "街道三楼会议室"
SEATS = (
    ("何秀兰", "member", "conditions", "同意。隔离桩的间距要让轮椅和婴儿车过得去，写进条文。"),
    ("许静", "member", "agree", "同意。协管员和划线的钱已经列入今年预算。"),
    ("罗静", "member", "agree", "同意。合法性审查没有问题。"),
    (
        "吴启明",
        "head",
        "agree",
        "大家的意见一致，何秀兰同志说的一条加上。石磊老师的不同意见如实记录，试行期满评估时重点看清晨的噪声。",
    ),
)
REMARK_OF_MEETING = "第六条加上：隔离桩之间的净宽应当能通过轮椅和婴儿车。"
DECIDED_6 = REVISED_6.removesuffix("。") + "，隔离桩之间的净宽应当能通过轮椅和婴儿车。"
WHY_6 = "会议决定：隔离桩不能挡住轮椅和婴儿车。"
MINUTES, REPORTED = "青街党纪〔{year}〕2号", "青街工委〔{year}〕1号"
CARRIED_OUT = "划线六十二个泊位，立牌九块，装隔离桩六根；协管员六名到岗；向桥头巷三十一家商户逐户送明白纸。"
PROGRESS = "柳荫路南段的线划好了，隔离桩装了六根，坐轮椅的李奶奶试过，走得过去。"
SAID_OF_IT = "隔离桩装得好，轮椅过得去。柳荫路北段那一截盲道也常停车，能不能照样装两根？"
