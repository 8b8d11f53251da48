"""The invented people of the story: residents with their phones, and officers with their logins."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A resident with a phone."""

    number: int
    name: str
    village: str
    about: str


ZHOU = Person(1, "周女士", "杨柳社区", "陪母亲买菜，常在公众号里说话")
CHEN = Person(2, "老陈", "东湖村", "种菜卖菜，爱用语音")
HE = Person(3, "小何", "新河社区", "上班族，用小程序")
LI = Person(4, "李奶奶", "杨柳社区", "坐轮椅去买菜，孙女教会了用网页")
WANG = Person(5, "王师傅", "石桥村", "蹬三轮车送菜，随手拍照")
ZHENG = Person(6, "郑老板", "杨柳社区", "桥头巷开杂货店，替商户说话")
ZHAO = Person(7, "小赵", "新河社区", "送快递，说完又想想")
SUN = Person(8, "孙老师", "杨柳社区", "退休教师，看得仔细")
AHUI = Person(9, "阿慧", "东湖村", "带两个孩子，用小程序")
WU = Person(10, "吴大爷", "石桥村", "先打招呼，再说正事")

RESIDENTS = (ZHOU, CHEN, HE, LI, WANG, ZHENG, ZHAO, SUN, AHUI, WU)

OFFICERS = {
    "shenlin": ("沈林", "城市管理科承办人：起草、答复"),
    "xujing": ("许静", "城市管理科负责人：初审、审核答复"),
    "hexiulan": ("何秀兰", "分管领导：复审、审核答复"),
    "wuqiming": ("吴启明", "主要领导：签发、发布"),
    "zhoumin": ("周敏", "党政办：编号公布、归类，会议记录、公布决定"),
    "linxiao": ("林晓", "宣传员：写普法文章、推送"),
    "luojing": ("罗静", "司法所：合法性审查，审文章、分派法律咨询"),
    "pengyuan": ("彭远", "法律顾问：答复法律咨询，提出法律意见"),
    "mafang": ("马芳", "东湖村干部：代录、转写"),
    "tianye": ("田野", "石桥村网格员：代录"),
    "yangfan": ("杨帆", "档案员：归档，封存案卷"),
}
PASSWORD = "huiyin-demo-2026"  # noqa: S105  known to everybody who reads the README; one click signs in anyway
