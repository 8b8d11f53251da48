"""Which kind of account may call what: a verified service account nearly all, an unverified one little."""

from server.simulator.fault import Fault

BASIC = {"basic", "ticket"}
WRITING = {"draft", "material", "media"}
VERIFIED = BASIC | WRITING | {"menu", "kefu", "mass", "publish", "users", "tags", "bizsend"}

SERVICE = VERIFIED | {"template", "qrcode", "oauth"}

GRANTED: dict[str, set[str]] = {
    "service": SERVICE,
    "subscription": VERIFIED,
    # A verified service account of a public body; its notices may be agreed to for good.
    "government": SERVICE,
    # Since July 2025 the publishing calls are gone for unverified accounts; drafts still work.
    "unverified": BASIC | WRITING,
    "mini": BASIC | {"kefu", "media", "wxa"},
}

LABEL = {
    "service": "服务号（已认证）",
    "subscription": "公众号（订阅号，已认证）",
    "government": "政务服务号（已认证）",
    "unverified": "未认证的公众号",
    "mini": "小程序",
}


def may(kind: str, ability: str) -> bool:
    return ability in GRANTED[kind]


def demand(kind: str, ability: str) -> None:
    if not may(kind, ability):
        raise Fault(48001)


def sends_monthly(kind: str) -> bool:
    """Service accounts reach each person four times a month; the others send once a day."""
    return "template" in GRANTED[kind]
