"""The menu of the official account: read from config/wechat/menu.toml, checked against WeChat's limits, compared with what is there."""

import difflib
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "config" / "wechat" / "menu.toml"
MOST_BUTTONS, MOST_BELOW = 3, 5
NAME_WIDTH, NAME_WIDTH_BELOW = 8, 16  # 4 and 8 Chinese characters; what is longer is shown cut
KEY_BYTES = 128
URL_BYTES = 1024
KEYS = frozenset({"consultations", "mine", "articles", "ask", "reports", "help", "lectures", "subscriptions"})
"""The keys that the chat understands; server/wechat/router.py answers each of them."""


class Unfit(Exception):
    """A menu that WeChat would refuse or cut; `problems` says in Chinese what to change."""

    def __init__(self, problems: list[str]):
        super().__init__("；".join(problems))
        self.problems = problems


def _width(name: str) -> int:
    """Chinese characters count two, others one."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in name)


def load(public_url: str, *, signs_in: bool, path: Path = FILE) -> list[dict[str, Any]]:
    """The buttons for menu/create; Unfit names everything that is wrong with the file."""
    with path.open("rb") as file:
        written = tomllib.load(file)
    problems: list[str] = []
    buttons = written.get("button", [])
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_BUTTONS:
        raise Unfit([f"菜单要有1到{MOST_BUTTONS}个按钮。"])
    for stray in sorted(set(written) - {"button"}):
        problems.append(f"不认识「{stray}」。")
    made = [_button(button, public_url.rstrip("/"), signs_in, problems, below=False) for button in buttons]
    if problems:
        raise Unfit(problems)
    return made


def _button(
    written: dict[str, Any], public: str, signs_in: bool, problems: list[str], *, below: bool
) -> dict[str, Any]:
    """One button as WeChat takes it."""
    name = written.get("name", "")
    most = NAME_WIDTH_BELOW if below else NAME_WIDTH
    if not isinstance(name, str) or not name:
        problems.append("有一个按钮没有名字。")
    elif _width(name) > most:
        problems.append(f"按钮「{name}」的名字太长，最多{most // 2}个汉字。")
    if "sub" in written:
        inner = written["sub"]
        if below:
            problems.append(f"按钮「{name}」已经在第二层，下面不能再有按钮。")
            return {"name": name}
        if not isinstance(inner, list) or not 1 <= len(inner) <= MOST_BELOW:
            problems.append(f"按钮「{name}」下面要有1到{MOST_BELOW}个按钮。")
            inner = []
        _only(written, {"name", "sub"}, name, problems)
        return {"name": name, "sub_button": [_button(b, public, signs_in, problems, below=True) for b in inner]}
    kind = written.get("type")
    if kind == "view" and not signs_in and "without_sign_in" in written:
        return _click(name, written["without_sign_in"], problems)
    if kind == "click":
        _only(written, {"name", "type", "key"}, name, problems)
        return _click(name, written.get("key", ""), problems)
    if kind == "view":
        _only(written, {"name", "type", "url", "without_sign_in"}, name, problems)
        url = str(written.get("url", "")).replace("{public}", public)
        if not url.startswith(("https://", "http://")) or len(url.encode()) > URL_BYTES:
            problems.append(f"按钮「{name}」的网址不对，要以 http:// 或 https:// 开头，最多{URL_BYTES}字节。")
        return {"type": "view", "name": name, "url": url}
    if kind == "miniprogram":
        _only(written, {"name", "type", "url", "appid", "pagepath"}, name, problems)
        for needed in ("url", "appid", "pagepath"):
            if not written.get(needed):
                problems.append(f"按钮「{name}」打开小程序，要写 {needed}。")
        url = str(written.get("url", "")).replace("{public}", public)
        return {
            "type": kind,
            "name": name,
            "url": url,
            "appid": written.get("appid"),
            "pagepath": written.get("pagepath"),
        }
    problems.append(f"按钮「{name}」的 type 要写 click、view 或 miniprogram。")
    return {"name": name}


def _click(name: str, key: Any, problems: list[str]) -> dict[str, Any]:
    if key not in KEYS:
        problems.append(f"按钮「{name}」的 key「{key}」没有对应的回答，可用：{'、'.join(sorted(KEYS))}。")
    elif len(str(key).encode()) > KEY_BYTES:
        problems.append(f"按钮「{name}」的 key 太长，最多{KEY_BYTES}字节。")
    return {"type": "click", "name": name, "key": key}


def _only(written: dict[str, Any], known: set[str], name: str, problems: list[str]) -> None:
    for stray in sorted(set(written) - known):
        problems.append(f"按钮「{name}」里不认识「{stray}」。")


def _lines(buttons: Sequence[Mapping[str, Any]]) -> list[str]:
    """A menu as people read it, one line a button."""
    lines = []
    for button in buttons:
        below = button.get("sub_button") or []
        # WeChat hands back an empty list where nothing is below, and wraps the list in an object in one of its answers.
        below = below.get("list", []) if isinstance(below, dict) else below
        lines.append(_line(button))
        lines += ["  " + _line(inner) for inner in below]
    return lines


def _line(button: Mapping[str, Any]) -> str:
    about = button.get("key") or button.get("url") or ""
    words = {"click": "回答", "view": "打开网页", "miniprogram": "打开小程序"}
    kind = str(button.get("type", ""))
    return (
        f"{button.get('name', '')}　{words.get(kind, kind)} {about}".rstrip() if kind else str(button.get("name", ""))
    )


def difference(there: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[str]:
    """What pushing would change, line by line: '- ' goes, '+ ' comes, '  ' stays; empty when nothing changes."""
    before, after = _lines(there), _lines(wanted)
    if before == after:
        return []
    return [line.rstrip("\n") for line in difflib.ndiff(before, after) if not line.startswith("?")]
