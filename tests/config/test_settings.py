"""The settings refuse what is missing or weak, and say all of it at once."""

from pathlib import Path

import pytest

from config.settings import ROOT, Settings, Unfit

GOOD = {
    "PUBLIC_URL": "https://huiyin.example.gov.cn",
    "SECRET_KEY": "0123456789abcdef0123456789abcdefXYZ",
    "SEAL_KEYS": f"k2:{bytes(range(32)).hex()},k1:{bytes(range(32, 64)).hex()}",
    "TRAIL_KEY": bytes(range(64, 96)).hex(),
}
OFFICIAL = {
    "WECHAT_OFFICIAL_APPID": "wx0123456789abcdef",
    "WECHAT_OFFICIAL_SECRET": "0123456789abcdef0123456789abcdef",
    "WECHAT_OFFICIAL_TOKEN": "atoken",
    "WECHAT_OFFICIAL_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
LOCAL = {"PUBLIC_URL": "http://localhost:8000"}


def problems(**changes: str | None) -> list[str]:
    """What is said about the good environment after these changes; None takes a variable away."""
    environ = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    try:
        Settings.from_environment(environ)
    except Unfit as unfit:
        return unfit.problems
    return []


def test_a_good_environment_is_read() -> None:
    settings = Settings.from_environment(GOOD | OFFICIAL | {"PROXY_HOPS": "1", "DATABASE_URL": "postgresql://u@h/d"})
    assert settings.secure
    assert not settings.local
    assert list(settings.seal_keys) == ["k2", "k1"]
    assert settings.seal_keys["k2"] == bytes(range(32))
    assert settings.trail_key == bytes(range(64, 96))
    assert settings.database_url == "postgresql+psycopg://u@h/d"
    assert settings.proxy_hops == 1
    assert settings.official
    assert settings.official.appid == "wx0123456789abcdef"
    assert settings.mini is None
    assert settings.wechat_api_base == "https://api.weixin.qq.com"


def test_without_a_database_it_is_sqlite_in_the_data_folder() -> None:
    settings = Settings.from_environment(GOOD)
    assert settings.data_dir == ROOT / "var"
    assert settings.database_url == f"sqlite:///{ROOT / 'var' / 'huiyin.db'}"


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(Unfit) as caught:
        Settings.from_environment({})
    assert [p.split()[0] for p in caught.value.problems] == ["PUBLIC_URL", "SEAL_KEYS", "SECRET_KEY", "TRAIL_KEY"]
    assert all(name in str(caught.value) for name in ("PUBLIC_URL", "SECRET_KEY", "SEAL_KEYS", "TRAIL_KEY"))
    assert "没有设置" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 64),
        ("SECRET_KEY", "abababababababababababababababababab"),
        ("SEAL_KEYS", "k1:abc"),
        ("SEAL_KEYS", bytes(range(32)).hex()),
        ("SEAL_KEYS", "k1:" + "0" * 64),
        ("SEAL_KEYS", f"k1:{bytes(range(32)).hex()},k1:{bytes(range(32, 64)).hex()}"),
        ("SEAL_KEYS", f"k1:{bytes(range(32)).hex()},k2:{bytes(range(32)).hex()}"),
        ("TRAIL_KEY", "0" * 64),
        ("TRAIL_KEY", "not hexadecimal at all"),
        ("TRAIL_KEY", bytes(range(32)).hex()),
        ("PUBLIC_URL", "huiyin.example.gov.cn"),
        ("PUBLIC_URL", "http://huiyin.example.gov.cn"),
        ("PUBLIC_URL", "https://huiyin.example.gov.cn/path"),
        ("PUBLIC_URL", "https://user:password@huiyin.example.gov.cn"),
        ("PUBLIC_URL", "https://huiyin.example.gov.cn:port"),
        ("PUBLIC_URL", "javascript:alert(1)"),
        ("DATABASE_URL", "mysql://u@h/d"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("REDIS_URL", "http://127.0.0.1:6379"),
        ("RULES", "../../etc"),
        ("PROXY_HOPS", "many"),
        ("PROXY_HOPS", "-1"),
        ("WECHAT_API_BASE", "http://api.weixin.example.com"),
        ("WECHAT_OPEN_BASE", "ftp://open.weixin.qq.com"),
    ],
)
def test_weak_and_wrong_values_are_named(name: str, value: str) -> None:
    found = problems(**{name: value})
    assert any(p.startswith(name) for p in found), found


def test_a_problem_never_repeats_a_secret() -> None:
    secret = "correct-horse-battery"
    for name in ("SECRET_KEY", "SEAL_KEYS", "TRAIL_KEY"):
        assert secret not in "\n".join(problems(**{name: secret}))


@pytest.mark.parametrize("missing", sorted(OFFICIAL))
def test_an_account_is_whole_or_absent(missing: str) -> None:
    found = problems(**OFFICIAL | {missing: None})
    assert any(p.startswith(missing) for p in found), found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECHAT_OFFICIAL_APPID", "abc"),
        ("WECHAT_OFFICIAL_SECRET", "abc"),
        ("WECHAT_OFFICIAL_TOKEN", "a b"),
        ("WECHAT_OFFICIAL_AES_KEY", "too short"),
        ("WECHAT_OFFICIAL_KIND", "enterprise"),
    ],
)
def test_an_account_is_checked(name: str, value: str) -> None:
    found = problems(**OFFICIAL | {name: value})
    assert any(p.startswith(name) for p in found), found


@pytest.mark.parametrize("name", ["DEMO_SECRET", "SIMULATOR_URL"])
def test_a_demonstration_is_refused_on_a_public_address(name: str) -> None:
    value = {"DEMO_SECRET": "0123456789abcdef0123456789abcdefXYZ", "SIMULATOR_URL": "http://localhost:8001"}[name]
    assert any(p.startswith(name) for p in problems(**{name: value}))
    assert not problems(**LOCAL, **{name: value})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(GOOD["SECRET_KEY"] + "\n")
    environ = {name: value for name, value in GOOD.items() if name != "SECRET_KEY"}
    assert Settings.from_environment(environ | {"SECRET_KEY_FILE": str(path)}).secret_key == GOOD["SECRET_KEY"]
    assert problems(SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "nowhere"))
    assert problems(SECRET_KEY_FILE=str(path)), "both at once is a mistake"


def test_no_secret_shows_in_a_repr() -> None:
    settings = Settings.from_environment(GOOD | OFFICIAL | LOCAL | {"DEMO_SECRET": GOOD["SECRET_KEY"][::-1]})
    shown = repr(settings)
    for secret in (
        GOOD["SECRET_KEY"],
        GOOD["TRAIL_KEY"],
        OFFICIAL["WECHAT_OFFICIAL_SECRET"],
        "atoken",
        repr(bytes(range(32))),
    ):
        assert secret not in shown
    assert settings.demo_secret
    assert settings.demo_secret not in shown


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Settings.from_environment(GOOD).rules = "other"  # type: ignore[misc]


def test_the_example_says_every_name_and_no_value_that_would_pass() -> None:
    lines = (ROOT / "config" / "example.env").read_text().splitlines()
    named = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    assert {"PUBLIC_URL", "SECRET_KEY", "SEAL_KEYS", "TRAIL_KEY", "DATABASE_URL", "WECHAT_OFFICIAL_APPID"} <= set(named)
    with pytest.raises(Unfit) as caught:
        Settings.from_environment(named)
    assert len(caught.value.problems) == 4
