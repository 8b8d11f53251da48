"""The ledger of the 206 published samples: each is held by a test, or belongs to an interface that is never called, by name."""

from collections import Counter

import pytest

from tests.wechat import vectors
from tests.wire.test_vectors import ANSWERS, NEVER_CALLED, SAID

ANSWERS_NEVER_HEARD = {
    "skit_CgibinCallbackCheckResponse": "callback/check is a diagnosis for people",
    "skit_CgibinDraftBatchGetResponse": "our drafts are known by the media id that we keep",
    "skit_CgibinDraftCountResponse": "drafts are not counted",
    "skit_CgibinDraftGetResponse": "a draft that changed is added anew",
    "skit_CgibinFreePublishBatchGetResponse": "what we published is known by its publish id",
    "skit_CgibinFreePublishGetArticleResponse": "the article's address comes with the result of publishing",
    "skit_CgibinGetCallbackIpResponse": "messages are known by their signature, not by their address",
    "wechatpy_getcallbackip": "messages are known by their signature, not by their address",
    "skit_CgibinGetCurrentSelfMenuInfoResponse": "the menu is ours and comes from its file",
    "skit_CgibinMenuTryMatchResponse": "one menu for everybody",
    "skit_CgibinMaterialBatchGetMaterialResponse": "one cover picture, whose media id we keep",
    "skit_CgibinMaterialGetMaterialCountResponse": "one cover picture, whose media id we keep",
    "wechatpy_material_get_materialcount": "one cover picture, whose media id we keep",
    "skit_CgibinMediaUploadResponse": "nothing temporary is uploaded: replies are words and cards",
    "wechatpy_media_upload": "nothing temporary is uploaded: replies are words and cards",
    "skit_CgibinMessageMassGetResponse": "the result of a mass send comes as an event",
    "skit_CgibinMessageMassSpeedGetResponse": "the pace of a mass send is left as it is",
    "skit_CgibinOpenApiQuotaGetResponse": "quotas are learned from 45009",
    "skit_CgibinOpenApiRequestIdGetResponse": "a request id is kept for a person to ask with",
    "skit_CgibinQrcodeCreateResponse": "codes carry plain addresses",
    "wechatpy_qrcode_create": "codes carry plain addresses",
    "skit_CgibinTemplateGetAllPrivateTemplateResponse": "template ids are configuration",
    "skit_CgibinTicketGetTicketResponse": "pages use no JS-SDK",
    "wechatpy_ticket_getticket": "pages use no JS-SDK",
    "skit_CgibinTokenResponse": "stable_token only: /cgi-bin/token would end the token of other processes",
    "wechatpy_token": "stable_token only: /cgi-bin/token would end the token of other processes",
    "skit_CgibinUserGetResponse": "who follows is known from events",
    "wechatpy_user_get": "who follows is known from events",
    "skit_CgibinUserInfoBatchGetResponse": "one person is asked for by user/info",
    "wechatpy_user_info_batchget": "one person is asked for by user/info",
    "skit_SnsOAuth2RefreshTokenResponse": "sign-in asks who somebody is once and keeps no token of theirs",
    "wechatpy_sns_auth": "sign-in asks who somebody is once and keeps no token of theirs",
    "skit_SnsUserInfoResponse": "names and faces are not asked for (snsapi_base)",
    "wechatpy_sns_userinfo": "names and faces are not asked for (snsapi_base)",
    "skit_WxaBusinessGetUserPhoneNumberResponse": "nobody is asked for a phone number through WeChat",
    "skit_WxaGenerateUrlLinkResponse": "links lead to the H5 pages",
    "skit_WxaMediaCheckResponse": "pictures are looked at by staff before anybody else sees them",
}
SIGNATURES_NEVER_MADE = {
    "official_jssdk": "pages use no JS-SDK",
    "official_wxa_rawdata": "the mini program is known by its sign-in code; its raw data is not taken",
}
KINDS = {
    "inbound-xml": 80,
    "inbound-json": 6,
    "reply-xml": 7,
    "api-request": 21,
    "api-response": 57,
    "api-error": 24,
    "crypto": 5,
    "signature": 6,
}


def named(kind: str) -> set[str]:
    """The samples of a kind by their file's name."""
    return {row["file"].rsplit("/", 1)[-1].removesuffix(".json") for row in vectors.manifest() if row["kind"] == kind}


@vectors.beside
def test_all_206_are_here_by_class() -> None:
    assert Counter(row["kind"] for row in vectors.manifest()) == Counter(KINDS)
    assert sum(KINDS.values()) == 206


@vectors.beside
@pytest.mark.parametrize(
    ("kind", "held", "never"),
    [("api-response", set(ANSWERS), set(ANSWERS_NEVER_HEARD)), ("api-request", set(SAID), set(NEVER_CALLED))],
)
def test_every_sample_is_held_or_named_as_never_called(kind: str, held: set[str], never: set[str]) -> None:
    assert not held & never
    assert held | never == named(kind)


@vectors.beside
def test_never_called_are_so_many() -> None:
    assert (len(NEVER_CALLED), len(ANSWERS_NEVER_HEARD), len(SIGNATURES_NEVER_MADE)) == (13, 37, 2)
    assert set(SIGNATURES_NEVER_MADE) < named("signature")
