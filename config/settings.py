"""The settings of one installation: read once from the environment, and refused when something is missing or weak."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("service", "subscription", "unverified", "government")
HEX64 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
KEY_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,15}")
APPID = re.compile(r"wx[0-9a-f]{16}")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Unfit(Exception):
    """The environment cannot carry the product; `problems` says everything that is wrong, at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["配置有误，不能启动：", *(f"  · {p}" for p in problems)]))
        self.problems = problems


@dataclass(frozen=True)
class Account:
    """One WeChat account of the office: the official account or the mini program."""

    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    kind: str = "service"
    """service, subscription, unverified or government: what WeChat lets the account do."""
    template_answer: str | None = None
    """The template that says: your comment has been answered."""
    template_notice: str | None = None
    """The template that says: something about your matter has changed."""
    subscribe_answer: str | None = None
    """The same as a subscribe notice (订阅通知) of the service account."""
    subscribe_notice: str | None = None
    lasting: frozenset[str] = frozenset()
    """Templates for which WeChat gave the account long-term consents (政务民生)."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between places, frozen; secrets never show in its repr."""

    public_url: str
    secret_key: str = field(repr=False)
    seal_keys: Mapping[str, bytes] = field(repr=False)
    """Key id to 32 bytes; the first one seals, all of them open."""
    trail_key: bytes = field(repr=False)
    database_url: str = field(repr=False)
    data_dir: Path
    rules: str = "street"
    official: Account | None = None
    mini: Account | None = None
    wechat_api_base: str = "https://api.weixin.qq.com"
    wechat_mp_base: str = "https://mp.weixin.qq.com"
    wechat_open_base: str = "https://open.weixin.qq.com"
    redis_url: str | None = field(default=None, repr=False)
    simulator_url: str | None = None
    demo_secret: str | None = field(default=None, repr=False)
    proxy_hops: int = 0
    office_name: str | None = None

    @property
    def secure(self) -> bool:
        """Whether residents reach us by https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @property
    def local(self) -> bool:
        """Whether the public address is on this machine; only there may a demonstration run."""
        return _on_this_machine(self.public_url)

    @staticmethod
    def address(url: str) -> str:
        """A database's address as it is spelt here, whoever typed it."""
        scheme, colon, rest = url.partition("://")
        return f"postgresql+psycopg://{rest}" if colon and scheme in ("postgres", "postgresql") else url

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment; raise Unfit with every problem, not only the first."""
        reading = _Reading(environ)
        public_url = reading.public_url()
        data_dir = Path(reading.text("DATA_DIR") or ROOT / "var").expanduser().absolute()
        seal_keys = reading.seal_keys()
        settings = cls(
            public_url=public_url,
            secret_key=reading.secret("SECRET_KEY"),
            seal_keys=seal_keys,
            trail_key=reading.trail_key(seal_keys),
            database_url=reading.database_url(data_dir),
            data_dir=data_dir,
            rules=reading.matching("RULES", r"[a-z0-9_]{1,32}", "只能是小写字母、数字和下划线") or "street",
            official=reading.official(),
            mini=reading.mini(),
            wechat_api_base=reading.wechat_base("WECHAT_API_BASE", cls.wechat_api_base),
            wechat_mp_base=reading.wechat_base("WECHAT_MP_BASE", cls.wechat_mp_base),
            wechat_open_base=reading.wechat_base("WECHAT_OPEN_BASE", cls.wechat_open_base),
            redis_url=reading.redis_url(),
            simulator_url=reading.simulator_url(public_url),
            demo_secret=reading.demo_secret(public_url),
            proxy_hops=reading.proxy_hops(),
            office_name=reading.text("OFFICE_NAME"),
        )
        if reading.problems:
            raise Unfit(reading.problems)
        return settings


class _Reading:
    """Reads variables one by one and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def wrong(self, name: str, why: str) -> None:
        self.problems.append(f"{name} {why}")

    def text(self, name: str) -> str | None:
        """The variable, or the contents of the file that NAME_FILE names; empty counts as not given."""
        value = self.environ.get(name, "").strip()
        path = self.environ.get(f"{name}_FILE", "").strip()
        if value and path:
            self.wrong(name, f"与 {name}_FILE 只能给出一个。")
        if not value and path:
            try:
                value = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as why:
                self.wrong(f"{name}_FILE", f"指向的文件读不出来（{type(why).__name__}）。")
        return value or None

    def matching(self, name: str, pattern: str, why: str) -> str | None:
        value = self.text(name)
        if value is not None and not re.fullmatch(pattern, value):
            self.wrong(name, f"{why}。")
            return None
        return value

    def secret(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            self.wrong(name, "没有设置；请用 openssl rand -hex 32 生成一个。")
        elif len(value) < 32:
            self.wrong(name, f"太短，只有{len(value)}个字符，至少要32个。")
        elif len(set(value)) < 10:
            self.wrong(name, "太简单，重复的字符太多；请用 openssl rand -hex 32 生成一个。")
        return value or ""

    def seal_keys(self) -> dict[str, bytes]:
        value = self.text("SEAL_KEYS")
        if value is None:
            self.wrong("SEAL_KEYS", "没有设置；格式是“编号:64位十六进制”，例如 k1:（openssl rand -hex 32 的输出）。")
            return {}
        keys: dict[str, bytes] = {}
        for position, part in enumerate(value.split(","), 1):
            name, _, digits = part.strip().partition(":")
            if not KEY_ID.fullmatch(name) or not HEX64.fullmatch(digits):
                self.wrong("SEAL_KEYS", f"第{position}个密钥写法不对；格式是“编号:64位十六进制”，多个之间用逗号隔开。")
            elif name in keys:
                self.wrong("SEAL_KEYS", f"里有两个编号都是 {name}。")
            elif _weak(bytes.fromhex(digits)):
                self.wrong("SEAL_KEYS", f"第{position}个密钥太简单；请用 openssl rand -hex 32 生成。")
            else:
                keys[name] = bytes.fromhex(digits)
        if len(set(keys.values())) < len(keys):
            self.wrong("SEAL_KEYS", "里有两个密钥内容相同。")
        return keys

    def trail_key(self, seal_keys: Mapping[str, bytes]) -> bytes:
        value = self.text("TRAIL_KEY")
        if value is None:
            self.wrong("TRAIL_KEY", "没有设置；请用 openssl rand -hex 32 生成一个。")
        elif not HEX64.fullmatch(value):
            self.wrong("TRAIL_KEY", "必须是64位十六进制。")
        elif _weak(bytes.fromhex(value)):
            self.wrong("TRAIL_KEY", "太简单；请用 openssl rand -hex 32 生成一个。")
        elif bytes.fromhex(value) in seal_keys.values():
            self.wrong("TRAIL_KEY", "不能与 SEAL_KEYS 里的密钥相同。")
        else:
            return bytes.fromhex(value)
        return b""

    def url(self, name: str, value: str, *, bare: bool = True) -> bool:
        """Whether it is an http(s) address; `bare` means nothing after the host."""
        try:
            parts = urlsplit(value)
            parts.port  # noqa: B018  reading it is what checks it
        except ValueError:
            self.wrong(name, "不是一个网址。")
            return False
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            self.wrong(name, "必须是 http:// 或 https:// 开头的网址，不能带用户名和密码。")
        elif bare and (parts.path.strip("/") or parts.query or parts.fragment):
            self.wrong(name, "只写到主机名和端口，后面不带路径。")
        elif parts.scheme == "http" and not _on_this_machine(value):
            self.wrong(name, "必须是 https 网址；只有本机（localhost）可以用 http。")
        else:
            return True
        return False

    def public_url(self) -> str:
        value = self.text("PUBLIC_URL")
        if value is None:
            self.wrong("PUBLIC_URL", "没有设置；请写居民打开的网址，例如 https://huiyin.example.gov.cn。")
            return ""
        self.url("PUBLIC_URL", value)
        return value.rstrip("/")

    def wechat_base(self, name: str, default: str) -> str:
        value = self.text(name)
        if value is None:
            return default
        self.url(name, value)
        return value.rstrip("/")

    def database_url(self, data_dir: Path) -> str:
        value = self.text("DATABASE_URL")
        if value is None:
            return f"sqlite:///{data_dir / 'huiyin.db'}"
        scheme, colon, rest = value.partition("://")
        if colon and scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg://{rest}"
        if not colon or scheme not in ("sqlite", "postgresql+psycopg"):
            self.wrong("DATABASE_URL", "只支持 sqlite:///… 和 postgresql://…。")
        elif scheme == "sqlite" and (not rest.startswith("/") or rest.strip("/") in ("", ":memory:")):
            self.wrong("DATABASE_URL", "要写明 SQLite 文件，例如 sqlite:////srv/huiyin/huiyin.db。")
        return value

    def redis_url(self) -> str | None:
        return self.matching("REDIS_URL", r"(redis|rediss|unix)://\S+", "必须以 redis://、rediss:// 或 unix:// 开头")

    def account(self, prefix: str, title: str, kinds: tuple[str, ...]) -> Account | None:
        """All four secrets of an account, or none of them."""
        names = [f"{prefix}_{part}" for part in ("APPID", "SECRET", "TOKEN", "AES_KEY")]
        appid, secret, token, aes_key = (self.text(name) for name in names)
        kind = self.text(f"{prefix}_KIND")
        if not any((appid, secret, token, aes_key)):
            return None
        for name, value in zip(names, (appid, secret, token, aes_key), strict=True):
            if value is None:
                self.wrong(name, f"没有设置；{title}的 APPID、SECRET、TOKEN、AES_KEY 四项要一起给出。")
        if appid and not APPID.fullmatch(appid):
            self.wrong(names[0], "应为 wx 加16位小写十六进制。")
        if secret and not re.fullmatch(r"[0-9a-zA-Z]{32}", secret):
            self.wrong(names[1], "应为32位字母或数字。")
        if token and not re.fullmatch(r"[0-9a-zA-Z]{3,32}", token):
            self.wrong(names[2], "应为3到32位字母或数字。")
        if aes_key and not re.fullmatch(r"[0-9a-zA-Z]{43}", aes_key):
            self.wrong(names[3], "应为43位字母或数字（安全模式必须有）。")
        if kind and kind not in kinds:
            self.wrong(f"{prefix}_KIND", f"只能是 {'、'.join(kinds)} 之一。")
        return Account(
            appid=appid or "",
            secret=secret or "",
            token=token or "",
            aes_key=aes_key or "",
            kind=kind or kinds[0],
            template_answer=self.text(f"{prefix}_TEMPLATE_ANSWER"),
            template_notice=self.text(f"{prefix}_TEMPLATE_NOTICE"),
            subscribe_answer=self.text(f"{prefix}_SUBSCRIBE_ANSWER"),
            subscribe_notice=self.text(f"{prefix}_SUBSCRIBE_NOTICE"),
            lasting=frozenset((self.text(f"{prefix}_LASTING") or "").replace(",", " ").split()),
        )

    def official(self) -> Account | None:
        return self.account("WECHAT_OFFICIAL", "公众号", KINDS)

    def mini(self) -> Account | None:
        return self.account("WECHAT_MINI", "小程序", ("mini",))

    def simulator_url(self, public_url: str) -> str | None:
        return self._demonstration_only("SIMULATOR_URL", public_url, lambda value: self.url("SIMULATOR_URL", value))

    def demo_secret(self, public_url: str) -> str | None:
        return self._demonstration_only("DEMO_SECRET", public_url, lambda value: self.secret("DEMO_SECRET"))

    def _demonstration_only(self, name: str, public_url: str, check: Callable[[str], object]) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        if public_url and not _on_this_machine(public_url):
            self.wrong(name, "只用于演示；PUBLIC_URL 不在本机（localhost）时不能设置。")
            return None
        check(value)
        return value.rstrip("/")

    def proxy_hops(self) -> int:
        value = self.matching("PROXY_HOPS", r"[0-5]", "必须是0到5的整数：前面有几层自己的反向代理")
        return int(value or 0)


def _weak(key: bytes) -> bool:
    """Typed rather than drawn: 32 drawn bytes never repeat this much."""
    return len(set(key)) < 12


def _on_this_machine(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in LOOPBACK or host.endswith(".localhost")
