"""What the stand-in for WeChat is told when it starts: two accounts, where the product lives, and where to keep its book."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KINDS = ("service", "subscription", "unverified", "government")

# Labels that a template shows before a field, by the type of the field; "thing1=事项" overrides them.
LABELS = {
    "thing": "事项",
    "time": "时间",
    "date": "日期",
    "phrase": "结果",
    "character_string": "编号",
    "name": "姓名",
    "number": "数量",
    "amount": "金额",
    "phone_number": "电话",
    "letter": "代码",
    "symbol": "符号",
    "car_number": "车牌",
    "const": "类型",
}


@dataclass(frozen=True)
class Account:
    """One account of the product on WeChat: the official account or the mini program."""

    role: str  # "official" or "mini"
    appid: str
    secret: str
    token: str
    aes_key: str
    original_id: str  # the gh_… name that stands in ToUserName
    name: str
    push_path: str
    kind: str = "service"

    @property
    def face(self) -> str:
        return self.name.removesuffix("街道").removesuffix("镇")[-1:] or self.name[:1]


@dataclass(frozen=True)
class Field:
    """One field of a message template: its key (thing1), its type (thing) and the label people see."""

    key: str
    type: str
    label: str


@dataclass(frozen=True)
class Template:
    """A message template that the office has taken from WeChat's library."""

    id: str
    name: str
    fields: tuple[Field, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(field.key for field in self.fields)


@dataclass(frozen=True)
class Setup:
    """Everything the simulator reads from its own environment."""

    port: int
    data: Path | None
    product: str
    product_public: str
    public: str
    official: Account
    mini: Account
    templates: tuple[Template, ...]
    demo_secret: str
    open_platform: bool = True
    mini_format: str = "xml"
    delay: float = 2.0  # seconds until WeChat tells the result of a send or a publication
    cut: float = 5.0  # seconds until WeChat hangs up on the product
    tries: int = 3

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Setup":
        port = int(environ.get("SIMULATOR_PORT", "8001"))
        office = environ.get("SIM_OFFICIAL_NAME", environ.get("OFFICE_NAME", "青禾街道"))
        kind = environ.get("SIM_OFFICIAL_KIND", "service")
        if kind not in KINDS:
            raise ValueError(f"SIM_OFFICIAL_KIND：没有 {kind} 这种账号，只有 {'、'.join(KINDS)}")
        return cls(
            port=port,
            data=Path(environ.get("SIM_DATA", "var/simulator")),
            product=environ.get("SIM_PRODUCT", "http://127.0.0.1:8000").rstrip("/"),
            product_public=environ.get("SIM_PRODUCT_PUBLIC", "http://localhost:8000").rstrip("/"),
            public=environ.get("SIM_PUBLIC", f"http://localhost:{port}").rstrip("/"),
            official=Account(
                role="official",
                appid=environ.get("SIM_OFFICIAL_APPID", "wx0f1c1a1000000001"),
                secret=environ.get("SIM_OFFICIAL_SECRET", "0123456789abcdef0123456789abcdef"),
                token=environ.get("SIM_OFFICIAL_TOKEN", "officialtoken"),
                aes_key=environ.get("SIM_OFFICIAL_AES_KEY", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
                original_id=environ.get("SIM_OFFICIAL_ID", "gh_0f1c1a100001"),
                name=office,
                push_path="/wechat/official",
                kind=kind,
            ),
            mini=Account(
                role="mini",
                appid=environ.get("SIM_MINI_APPID", "wx0f1c1a1000000002"),
                secret=environ.get("SIM_MINI_SECRET", "fedcba9876543210fedcba9876543210"),
                token=environ.get("SIM_MINI_TOKEN", "minitoken"),
                aes_key=environ.get("SIM_MINI_AES_KEY", "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"),
                original_id=environ.get("SIM_MINI_ID", "gh_0f1c1a100002"),
                name=environ.get("SIM_MINI_NAME", "回音"),
                push_path="/wechat/mini",
                kind="mini",
            ),
            templates=templates(environ.get("SIM_TEMPLATE_IDS", DEFAULT_TEMPLATES)),
            demo_secret=environ.get("DEMO_SECRET", ""),
            open_platform=environ.get("SIM_OPEN_PLATFORM", "1") != "0",
            mini_format=environ.get("SIM_MINI_FORMAT", "xml"),
            delay=float(environ.get("SIM_DELAY", "2")),
            cut=float(environ.get("SIM_CUT", "5")),
        )


DEFAULT_TEMPLATES = (
    "TEMPLATE_ANSWER:意见答复通知:thing1,thing2=办理情况,date3;"
    "TEMPLATE_NOTICE:征求意见公告提醒:thing1,date2,thing3=说明;"
    "MINI_ANSWER:意见答复通知:thing1,phrase2,date3;"
    "MINI_NOTICE:征求意见公告提醒:thing1,date2,thing3=说明"
)


def templates(text: str) -> tuple[Template, ...]:
    """Reads "id:name:field,field;…"; a field may carry its label as thing1=事项."""
    found = []
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        id_, name, fields = entry.split(":", 2)
        found.append(
            Template(id_.strip(), name.strip(), tuple(field(item) for item in fields.split(",") if item.strip()))
        )
    return tuple(found)


def field(text: str) -> Field:
    key, _, label = text.strip().partition("=")
    type_ = key.rstrip("0123456789")
    return Field(key, type_, label or LABELS.get(type_, "内容"))
