"""What each kind of account may ask of WeChat; what it may not is said on the console instead of tried."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rights:
    """A switch per ability. WeChat's own refusal (48001) still counts when this table is too hopeful."""

    words: str
    oauth: bool = False  # pages know who opens them
    template: bool = False  # template messages to followers
    customer: bool = False  # customer messages inside the 48-hour window
    menu: bool = False
    publish: bool = False  # freepublish: since July 2025 unverified accounts publish by hand
    mass: bool = False
    scenes: bool = False  # squares with a scene: verified service accounts only
    long_term: bool = False  # subscribe notices that stay valid, for public services only


RIGHTS: dict[str, Rights] = {
    "service": Rights(
        "已认证服务号", oauth=True, template=True, customer=True, menu=True, publish=True, mass=True, scenes=True
    ),
    "government": Rights(
        "政务服务号",
        oauth=True,
        template=True,
        customer=True,
        menu=True,
        publish=True,
        mass=True,
        scenes=True,
        long_term=True,
    ),
    "subscription": Rights("已认证公众号（原订阅号）", customer=True, menu=True, publish=True, mass=True),
    "unverified": Rights("未认证的账号"),
}


def rights_of(kind: str) -> Rights:
    """The abilities of this kind of account."""
    return RIGHTS[kind]
