"""Signing in, passwords, and the people, units and places of the office."""

from wtforms import PasswordField

from models.people.officer import Post
from models.people.place import PlaceKind
from server.console.forms.fields import Day, Line, Pick, Whole, at_most, digits_only, needed, offered, one_of, optional
from server.csrf import HouseForm


class SignIn(HouseForm):
    """Who I am."""

    login = Line(
        "登录名", [needed("请填登录名。"), at_most(40)], render_kw={"autocomplete": "username", "autofocus": True}
    )
    password = PasswordField(
        "密码", [needed("请填密码。")], render_kw={"autocomplete": "current-password", "maxlength": 128}
    )


class ChangePassword(HouseForm):
    """A password of one's own."""

    old = PasswordField("原来的密码", [needed("请填原来的密码。")], render_kw={"autocomplete": "current-password"})
    new = PasswordField(
        "新密码", [needed("请填新密码。")], render_kw={"autocomplete": "new-password", "maxlength": 128}
    )
    again = PasswordField("再填一遍新密码", [needed("请再填一遍。")], render_kw={"autocomplete": "new-password"})


class NewOfficer(HouseForm):
    """Somebody new."""

    login = Line("登录名", [needed("请填登录名。"), at_most(40)], render_kw={"autocomplete": "off"})
    name = Line("姓名", [needed("请填姓名。"), at_most(40)])
    unit = Pick("单位", [optional()], validate_choice=False)
    post = Pick("岗位", [one_of("请选岗位。")], choices=offered([("", "请选择"), *((p.value, p.label) for p in Post)]))
    place = Pick("村居或网格", [optional()], validate_choice=False)
    password = Line(
        "首次密码", [needed("请给一个首次密码，他登录后必须改掉。"), at_most(128)], render_kw={"autocomplete": "off"}
    )


class Appoint(HouseForm):
    """One more post."""

    post = Pick("岗位", [one_of("请选岗位。")], choices=offered([("", "请选择"), *((p.value, p.label) for p in Post)]))
    place = Pick("村居或网格", [optional()], validate_choice=False)


class NewPassword(HouseForm):
    """A new first password."""

    password = Line("首次密码", [needed("请给一个首次密码。"), at_most(128)], render_kw={"autocomplete": "off"})


class Delegate(HouseForm):
    """Who stands in, from when until when."""

    to = Pick("由谁代行", [one_of("请选一位在岗的工作人员。")], validate_choice=False)
    from_on = Day("从哪天", [needed("请填开始的日期。")])
    until_on = Day("到哪天", [needed("请填结束的日期。")])


class NewUnit(HouseForm):
    """A unit of the office."""

    name = Line("名称", [needed("请填单位名称。"), at_most(40)], id="unit-name")
    phone = Line("电话", [at_most(40), digits_only("电话只能有数字和 + - （ ）。")], id="unit-phone")


class NewPlace(HouseForm):
    """A village, community, group or grid."""

    name = Line("名称", [needed("请填名称。"), at_most(40)])
    kind = Pick(
        "类别", [one_of("请选类别。")], choices=offered([("", "请选择"), *((k.value, k.label) for k in PlaceKind)])
    )
    parent = Pick("上级", [optional()], validate_choice=False)
    residents = Whole("常住居民", [optional()])
