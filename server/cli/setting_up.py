"""Setting up an office, or an invented street to try everything on."""

import secrets
from typing import Any

import click
from flask import current_app

from config.settings import Settings
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.installation import Installation
from models.migrations import upgrade
from models.outreach.article import FIRST_TOPICS, Topic
from models.people.consent import PRIVACY, ConsentText
from models.people.officer import Officer, Post
from models.people.place import Place, PlaceKind
from models.people.unit import Unit
from server.house import brief

PRIVACY_VERSION = "2026-12"
PRIVACY_TEXT = """我们是{office}。收集您的意见和咨询，是为了依法听取意见、研究采纳并逐条答复您。
我们只收这些：您写的话、发来的图片和语音；您愿意填的称呼、电话、所在村居；微信给我们的、只在本账号里有效的编号。不收身份证号码，不收位置，不看通讯录。
称呼和电话可以不填，不填也一样受理、一样答复。征集期内您的意见不对外公开；发布采纳情况时，只有您同意，才会公开您的原话或者称呼。
您的原话、称呼、电话都用您专有的密钥加密保存在境内。
保存期限：意见随决策案卷保存，保存期限按档案规定（重大行政决策案卷一般为永久或者三十年）；没有进入案卷的称呼、电话，在答复发布并告知您以后满三年删除；法律咨询自答复起保存三年；请工作人员代报讲堂时留的称呼、电话，讲完满一年删除。期满删除或者隐去身份，您也可以要求提前删除。
法律咨询只有司法所和为您答复的法律顾问能看，每看一次都有记录。
您可以随时查看、补充、撤回（征集期内），也可以要求更正或者删除：在「我的意见」里办，或者打电话 {phone}，或者到服务厅。删除后，您说过的话谁也读不出来了，已经发布的统计数字不变。
撤回同意不影响您办其他事。对处理不满意，可以打上面的电话，也可以向网信部门投诉。"""

DEMO_PASSWORD = "huiyin-demo-2026"  # noqa: S105
"""For the demonstration only, where one click signs in anyway."""

VILLAGES = (
    ("杨柳社区", PlaceKind.COMMUNITY, 4860),
    ("东湖村", PlaceKind.VILLAGE, 2870),
    ("石桥村", PlaceKind.VILLAGE, 2410),
    ("新河社区", PlaceKind.COMMUNITY, 5340),
)
PEOPLE: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("shenlin", "沈林", "城市管理科", (("handler", ""),)),
    ("xujing", "许静", "城市管理科", (("unit_head", ""),)),
    ("hexiulan", "何秀兰", "", (("leader", ""),)),
    ("wuqiming", "吴启明", "", (("chief", ""),)),
    ("zhoumin", "周敏", "党政办", (("office", ""),)),
    ("luojing", "罗静", "司法所", (("justice", ""),)),
    ("pengyuan", "彭远", "", (("counsel", "东湖村"),)),
    ("linxiao", "林晓", "党政办", (("publicist", ""),)),
    ("mafang", "马芳", "", (("village", "东湖村"),)),
    ("tianye", "田野", "", (("grid", "石桥村"),)),
    ("yangfan", "杨帆", "党政办", (("archivist", ""),)),
    ("chenguodong", "陈国栋", "", (("inspector", ""),)),
    ("xitong", "方工", "", (("system_admin", ""),)),
    ("anquan", "秦工", "", (("security_admin", ""),)),
    ("shenji", "梁工", "", (("audit_admin", ""),)),
)
"""Invented people of an invented street: login, name, unit, posts with places."""


@click.command("setup")
@click.option("--demonstration", is_flag=True, help="建一个虚构街道的演示库（以后不能改成正式库）。")
@click.option("--name", default=None, help="街道名称，例如 青禾街道。")
@click.option("--short", default=None, help="发文代字，例如 青街。")
@click.option("--admin", default="admin", help="第一位系统管理员的登录名。")
@click.option("--admin-name", default="系统管理员", help="第一位系统管理员的姓名。")
def setup(demonstration: bool, name: str | None, short: str | None, admin: str, admin_name: str) -> None:
    """建表、升级，并安装本机关；重复运行不会改动已有的内容。"""
    settings: Settings = current_app.extensions["settings"]
    with db.engine.begin() as connection:
        upgrade(connection)
    with brief():
        if db.session.get(Installation, 1) is not None:
            _privacy(Installation.here())
            click.echo("已经安装过，数据库已是最新。")
            return
        street = name or settings.office_name or "青禾街道"
        _office(street, short or street[0] + "街", demonstration)
        if demonstration:
            _invent(street)
            click.echo(f"演示街道「{street}」已建好：4个村居，{len(PEOPLE)}位工作人员。")
            return
        password = secrets.token_urlsafe(12)
        first = Officer.make(admin, admin_name, None, password)
        first.give(Post.SYSTEM_ADMIN)
        click.echo(f"「{street}」已安装。第一位系统管理员：{admin}，初始密码：{password}（第一次登录要修改）。")


def _office(street: str, short: str, demonstration: bool) -> None:
    told: dict[str, Any] = (
        {"phone": "0000-5550123", "address": "青禾街道桥头巷1号", "email": "yijian@qinghe.example"}
        if demonstration
        else {}
    )
    office = Installation(
        id=1,
        office_name=street,
        office_full_name=f"{street}办事处",
        office_short=short,
        demonstration=demonstration,
        created_at=wall(),
        **told,
    )
    db.session.add(office)
    db.session.flush()
    for topic in FIRST_TOPICS:
        db.session.add(Topic(name=topic))
    _privacy(office)


def _privacy(office: Installation) -> None:
    """The privacy text of this version of the product, in force from now on; an office that has its own later one keeps it."""
    ConsentText.publish(
        PRIVACY,
        PRIVACY_VERSION,
        PRIVACY_TEXT.format(office=office.office_full_name, phone=office.phone or "（见首页）"),
    )


def _invent(street: str) -> None:
    """The invented street's places, units and people."""
    top = Place(kind=PlaceKind.STREET, name=street, residents=0)
    db.session.add(top)
    places = {n: Place(kind=kind, name=n, parent=top, residents=count) for n, kind, count in VILLAGES}
    units = {n: Unit(name=n) for n in ("城市管理科", "党政办", "司法所", "街道领导班子")}
    db.session.add_all([*places.values(), *units.values()])
    for login, person, unit, posts in PEOPLE:
        where = units.get(unit) or (units["街道领导班子"] if posts[0][0] in ("leader", "chief") else None)
        who = Officer.make(login, person, where, DEMO_PASSWORD, first=False)
        for post, place in posts:
            who.give(post, places.get(place))
