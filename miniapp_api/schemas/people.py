"""Who somebody is, as far as they told us."""

import re

from marshmallow import fields, validate

from miniapp_api.schemas.base import Choice, Closed, Many, PublicId, Text


class NewSession(Closed):
    """The code that wx.login gave; it works once, for five minutes."""

    code = fields.String(
        required=True,
        validate=validate.Regexp(re.compile(r"\A[\x21-\x7e]{1,128}\Z"), error="登录码不对，请重新登录。"),
        error_messages={"required": "请带上 wx.login 的登录码。", "invalid": "登录码不对，请重新登录。"},
    )


class Session(Closed):
    """The token to send as `Authorization: Bearer …`."""

    token = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class Place(Closed):
    """A village or community."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)


class PlaceList(Closed):
    """All of them; there are few."""

    items = fields.List(fields.Nested(Place), required=True)


class Me(Closed):
    """What the office knows of the person who is signed in; all of it may be empty."""

    name = fields.String(required=True)
    phone = fields.String(required=True)
    place = fields.Nested(Place, required=True, allow_none=True)
    comments = fields.Integer(required=True)
    answered = fields.Integer(required=True, metadata={"description": "Comments that have their answer."})
    consented = fields.Boolean(required=True, metadata={"description": "To the privacy notice in force."})


class NewMe(Closed):
    """What somebody chooses to tell; what is left out stays as it is."""

    name = Text(most=40)
    phone = Text(most=20)
    place = PublicId(metadata={"description": "One of GET /places."})


class Privacy(Closed):
    """The privacy notice in force."""

    version = fields.String(required=True)
    text = fields.String(required=True)


class NewConsent(Closed):
    """Agree to the privacy notice of this version."""

    version = Text(most=24, least=1, required=True)


class PromptAnswer(Closed):
    """One template's answer from wx.requestSubscribeMessage."""

    template = fields.String(
        required=True,
        validate=validate.Regexp(re.compile(r"\A[A-Za-z0-9_\-]{1,64}\Z"), error="模板编号不对。"),
        error_messages={"invalid": "模板编号不对。", "required": "请填写这一项。"},
    )
    answer = Choice(("accept", "reject", "ban", "filter"), required=True)


class NewSubscriptions(Closed):
    """What the person answered when they were asked whether they want to be told."""

    answers = Many(fields.Nested(PromptAnswer), required=True, validate=validate.Length(1, 3, error="一次1到3个。"))


class Wish(Closed):
    """Something that can be followed."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "topic, village, community or group."})
    within = fields.String(required=True, allow_none=True, metadata={"description": "The village of a group."})
    following = fields.Boolean(required=True)


class Following(Closed):
    """Everything that can be followed, and what one tap would bring back."""

    items = fields.List(fields.Nested(Wish), required=True)
    left = fields.List(fields.String(), required=True, metadata={"description": "Names of what was left last."})


class NewFollowing(Closed):
    """Exactly these from now on."""

    ids = Many(PublicId(), required=True, validate=validate.Length(0, 200, error="最多200个。"))


class Template(Closed):
    """A template that the mini program may ask consent for."""

    template = fields.String(required=True)
    purpose = fields.String(required=True)
    left = fields.Integer(required=True)


class Subscriptions(Closed):
    """Which messages may be sent, and how many are allowed yet."""

    items = fields.List(fields.Nested(Template), required=True)
