"""The rules of this office as data: every number, every gate and every post, each with the article that it comes from."""

from __future__ import annotations

import calendar
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from models.kernel.refusal import RuleUnmet
from models.kernel.workdays import add_workdays, announced_until

FOLDER = Path(__file__).resolve().parents[2] / "config" / "rules"

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "calendar_days": "日",
        "working_days": "个工作日",
        "months": "个月",
        "years": "年",
        "hours": "小时",
        "characters": "字",
        "times": "次",
        "persons": "人",
        "percent": "%",
    }
)

COUNTING: Mapping[str, str] = MappingProxyType(
    {
        "calendar_days": "按日历日算",
        "working_days": "按工作日算",
        "months": "到期满那个月的同一日",
        "years": "到期满那一年的同一日",
    }
)
"""How a period is counted, for whoever checks the rules."""
TIGHTENS: Mapping[str, str] = MappingProxyType({"up": "下级只能改长", "down": "下级只能改短", "": "下级可以改"})

Rule = TypeVar("Rule")

_NAME = re.compile(r"[a-z][a-z_]*")
_VERSION = re.compile(r"[0-9]{4}-[0-9]{1,3}")
_KEY = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)?")
_SLOT = re.compile(r"\{([^{}]*)\}")


class BadRules(ValueError):
    """A rule file contradicts itself or the rules above it; the message names the file and the line's key."""


class UnknownRule(LookupError):
    """The program asked for a rule that no file holds: a slip of the program, never of a person."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the law, or a promise of the office, and how it is counted."""

    key: str
    value: int
    unit: str
    article: str
    verified: bool
    note: str = ""
    tightens: str = ""
    source: str = ""

    @property
    def words(self) -> str:
        """「30日」「15个工作日」."""
        return f"{self.value}{UNITS[self.unit]}"

    def allows(self, value: int) -> bool:
        """Whether a case's own value is at least as strict as the rule."""
        if self.tightens == "up":
            return value >= self.value
        if self.tightens == "down":
            return value <= self.value
        return True

    def strictest(self, value: int | None) -> int:
        """A case's own value where it is stricter than the rule, otherwise the rule's."""
        return self.value if value is None or not self.allows(value) else value

    def after(self, day: date, value: int | None = None) -> date:
        """The last day of this period when it starts on `day`, which is not counted; it ends at 24:00 Beijing time."""
        n = self.value if value is None else value
        if self.unit == "calendar_days":
            return day + timedelta(days=n)
        if self.unit == "working_days":
            return add_workdays(day, n)
        if self.unit in ("months", "years"):
            return _months_later(day, n if self.unit == "months" else 12 * n)
        raise UnknownRule(f"{self.key} is not a period of days")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that must be true before a deed: what the program tests, the article, and what to say when it is not."""

    predicate: str
    article: str
    message: str
    kinds: tuple[str, ...] = ()
    firm: bool = False
    source: str = ""
    numbers: tuple[str, ...] = field(default=(), compare=False)
    """Keys of the numbers that the message names."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Which posts may do a deed, and the deed's name in Chinese."""

    key: str
    posts: tuple[str, ...]
    say: str
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of case, with what its procedure rests on."""

    key: str
    title: str
    basis: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """A choice that the law leaves to the office."""

    key: str
    value: bool | str
    article: str
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting before which certain kinds of case are decided."""

    key: str
    title: str
    kinds: tuple[str, ...]
    article: str
    note: str = ""
    source: str = ""


@dataclass(frozen=True, eq=False)
class RuleSet:
    """All rules of one jurisdiction in one version, inherited ones included. It never changes once loaded."""

    name: str
    version: str
    title: str
    lineage: tuple[str, ...]
    numbers: Mapping[str, Number] = field(repr=False)
    gates: Mapping[str, tuple[Requirement, ...]] = field(repr=False)
    duties: Mapping[str, Duty] = field(repr=False)
    kinds: Mapping[str, Kind] = field(repr=False)
    switches: Mapping[str, Switch] = field(repr=False)
    meetings: Mapping[str, Meeting] = field(repr=False)
    digest: str = ""

    def number(self, key: str) -> Number:
        """The number under this key."""
        return _found(self.numbers, key, self)

    def post_for(self, key: str) -> tuple[str, ...]:
        """The posts that may do this deed."""
        return _found(self.duties, key, self).posts

    def gate(self, key: str, kind: str | None = None) -> tuple[Requirement, ...]:
        """What must be true before this deed, in order; for a kind of case only what concerns that kind.

        A deed that has posts but no requirement has an empty gate; a deed nobody wrote down is a slip and raises.
        """
        if key not in self.gates and key not in self.duties:
            raise UnknownRule(f"no gate “{key}” in rule set {self.name} {self.version}")
        if kind is not None and kind not in self.kinds:
            raise UnknownRule(f"no kind of case “{kind}” in rule set {self.name} {self.version}")
        return tuple(need for need in self.gates.get(key, ()) if kind is None or not need.kinds or kind in need.kinds)

    def switch(self, key: str) -> bool | str:
        """The office's choice under this key."""
        return _found(self.switches, key, self).value

    def meetings_for(self, kind: str | None) -> tuple[Meeting, ...]:
        """The meetings that may decide a case of this kind; of a case that nobody classified, every meeting."""
        return tuple(m for m in self.meetings.values() if kind is None or kind in m.kinds)


def rule_set(name: str = "street", version: str | None = None) -> RuleSet:
    """The rules of this name: in force now, or in the version that a case has pinned.

    A version that is not kept is refused: a case is never judged by rules that it did not start under.
    """
    return _load(FOLDER, name, version)


def explain(name: str = "street", version: str | None = None, used: Collection[str] | None = None) -> list[str]:
    """Every number, gate, post and switch of a rule set with its article, line by line, for people to check.

    `used` are the keys that the program asks for; what is not among them is marked as not yet in force.
    """

    def yet(key: str) -> str:
        return "" if used is None or key in used else "　【尚未启用：程序里还没有这一步】"

    rules = rule_set(name, version)
    lines = [f"{rules.title}（{rules.name} {rules.version}）", f"继承：{' ← '.join(reversed(rules.lineage))}", ""]
    lines += ["怎样算", "  公布当日不计入，期间的最后一日 24 时（北京时间）截止（民法典第二百零一条至第二百零三条）"]
    lines += [f"  放假和调休安排公布到 {announced_until()} 年；算到以后年份的工作日都是暂定，公布以后会变"]
    lines += ["", "数字"]
    for number in rules.numbers.values():
        mark = "已核对原文" if number.verified else "待核实"
        how = "，".join(word for word in (COUNTING.get(number.unit, ""), TIGHTENS[number.tightens]) if word)
        lines.append(
            f"  {number.key}：{number.words}（{how}）　{number.article}　〔{mark}，{number.source}〕{_dash(number.note)}{yet(number.key)}"
        )
    lines += ["", "谁来做"]
    for duty in rules.duties.values():
        lines.append(f"  {duty.key} {duty.say}：{'、'.join(duty.posts)}{_dash(duty.note)}{yet(duty.key)}")
    lines += ["", "关口（各类事项都适用）"]
    lines += _gate_lines(rules, None, yet)
    for kind in rules.kinds.values():
        lines += ["", f"关口（{kind.title}；{kind.basis}）{_dash(kind.note)}"]
        lines += _gate_lines(rules, kind.key, yet) or ["  没有另外的关口"]
    lines += ["", "哪些会议可以作决定"]
    for meeting in rules.meetings.values():
        titles = "、".join(rules.kinds[kind].title for kind in meeting.kinds)
        lines.append(
            f"  {meeting.key} {meeting.title}：{titles}　{meeting.article}〔{meeting.source}〕{_dash(meeting.note)}"
        )
    lines += ["", "开关"]
    for switch in rules.switches.values():
        value = {True: "是", False: "否"}[switch.value] if isinstance(switch.value, bool) else f"“{switch.value}”"
        lines.append(f"  {switch.key}：{value}　{switch.article}{_dash(switch.note)}{yet(switch.key)}")
    return lines


def _gate_lines(rules: RuleSet, kind: str | None, yet: Callable[[str], str]) -> list[str]:
    lines: list[str] = []
    for key, needs in rules.gates.items():
        mine = [need for need in needs if (kind in need.kinds if kind else not need.kinds)]
        if not mine:
            continue
        duty = rules.duties.get(key)
        lines.append(f"  {key}{' ' + duty.say if duty else ''}{yet(key)}")
        for place, need in enumerate(mine, 1):
            firm = "，不得免除" if need.firm else ""
            lines.append(f"    {place}. {need.predicate}　{need.article}　{need.message}〔{need.source}{firm}〕")
    return lines


def _dash(note: str) -> str:
    return f"　{note}" if note else ""


def _found(rows: Mapping[str, Rule], key: str, rules: RuleSet) -> Rule:
    try:
        return rows[key]
    except KeyError:
        raise UnknownRule(f"no rule “{key}” in rule set {rules.name} {rules.version}") from None


def _months_later(day: date, n: int) -> date:
    # 民法典第二百零二条: a period of months or years ends on the same date; where there is none, on the month's last day.
    years, month = divmod(day.month - 1 + n, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# ── reading the files ────────────────────────────────────────────────────────


@lru_cache(maxsize=64)
def _load(folder: Path, name: str, version: str | None) -> RuleSet:
    files = _chain(folder, name, version)
    numbers: dict[str, Number] = {}
    gates: dict[str, list[Requirement]] = {}
    duties: dict[str, Duty] = {}
    kinds: dict[str, Kind] = {}
    switches: dict[str, Switch] = {}
    meetings: dict[str, Meeting] = {}
    for raw in files:
        where = str(raw["name"])
        _numbers(raw.get("number", {}), numbers, where)
        _duties(raw.get("post", {}), duties, where)
        _kinds(raw.get("kind", {}), kinds, where)
        _switches(raw.get("switch", {}), switches, where)
        _meetings(raw.get("meeting", {}), meetings, kinds, where)
        _gates(raw.get("gate", {}), gates, where)
    finished = {key: tuple(_filled(need, key, numbers, kinds) for need in needs) for key, needs in gates.items()}
    text = json.dumps(files, ensure_ascii=False, sort_keys=True)
    return RuleSet(
        name=files[-1]["name"],
        version=files[-1]["version"],
        title=files[-1]["title"],
        lineage=tuple(f"{raw['name']} {raw['version']}" for raw in files),
        numbers=MappingProxyType(numbers),
        gates=MappingProxyType(finished),
        duties=MappingProxyType(duties),
        kinds=MappingProxyType(kinds),
        switches=MappingProxyType(switches),
        meetings=MappingProxyType(meetings),
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def _chain(folder: Path, name: str, version: str | None) -> list[dict[str, Any]]:
    """The files from the furthest ancestor down to the one that was asked for."""
    files = [_file(folder, name, version)]
    while parent := str(files[0].get("inherits", "")):
        if any(raw["name"] == parent for raw in files):
            raise BadRules(f"{parent}：规则互相继承，成了一个圈")
        if not isinstance(files[0].get("inherits_version"), str):
            raise BadRules(f"{files[0]['name']}：继承 {parent} 要写明版本 inherits_version")
        files.insert(0, _file(folder, parent, files[0]["inherits_version"]))
    return files


def _file(folder: Path, name: str, version: str | None) -> dict[str, Any]:
    """The file in force, or the kept one: when a new version comes, the old file moves to `kept/NAME-VERSION.toml`."""
    if not _NAME.fullmatch(name) or (version is not None and not _VERSION.fullmatch(version)):
        raise RuleUnmet(f"没有这套规则：{name} {version or ''}".strip())
    current = _read(folder / f"{name}.toml")
    if current is not None and version in (None, current["version"]):
        return _checked(current, name)
    kept = _read(folder / "kept" / f"{name}-{version}.toml") if version else None
    if kept is None or kept["version"] != version:
        raise RuleUnmet(f"没有这套规则：{name} {version or ''}".strip())
    return _checked(kept, name)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except FileNotFoundError:
        return None
    except tomllib.TOMLDecodeError as error:
        raise BadRules(f"{path.name}：{error}") from None
    if not isinstance(raw.get("version"), str):
        raise BadRules(f"{path.name}：没有写明版本 version")
    return raw


def _checked(raw: dict[str, Any], name: str) -> dict[str, Any]:
    if raw.get("name") != name:
        raise BadRules(f"{name}：文件里的 name 是“{raw.get('name')}”")
    if not raw.get("title") or not _VERSION.fullmatch(raw["version"]):
        raise BadRules(f"{name}：title 要填写，version 写成 2026-1 的样子")
    known = {
        "name",
        "title",
        "version",
        "inherits",
        "inherits_version",
        "number",
        "post",
        "kind",
        "switch",
        "gate",
        "meeting",
    }
    if strange := sorted(set(raw) - known):
        raise BadRules(f"{name}：不认识“{strange[0]}”")
    return raw


def _row(where: str, key: str, row: Any, allowed: Sequence[str]) -> dict[str, Any]:
    if not isinstance(row, dict) or not _KEY.fullmatch(key):
        raise BadRules(f"{where}：“{key}”写法不对")
    if strange := sorted(set(row) - set(allowed)):
        raise BadRules(f"{where}：“{key}”里不认识“{strange[0]}”")
    return row


def _numbers(rows: Mapping[str, Any], numbers: dict[str, Number], where: str) -> None:
    for key, written in rows.items():
        row = _row(where, key, written, ("value", "unit", "article", "verified", "note", "tightens"))
        above = numbers.get(key)
        value = row.get("value", above.value if above else None)
        unit = str(row.get("unit", above.unit if above else ""))
        article = row.get("article", above.article if above else "")
        verified = row.get("verified", above.verified if above else None)
        tightens = row.get("tightens", above.tightens if above else "")
        if type(value) is not int or value < 0 or unit not in UNITS:
            raise BadRules(f"{where}：“{key}”要有整数 value 和单位 unit")
        if not article or type(verified) is not bool or tightens not in ("", "up", "down"):
            raise BadRules(f"{where}：“{key}”要写明出处 article 和是否核实 verified")
        if above and (unit != above.unit or tightens != above.tightens):
            raise BadRules(f"{where}：“{key}”的单位和方向由 {above.source} 定，不能改")
        if above and not above.allows(value):
            way = "短于" if above.tightens == "up" else "长于"
            raise BadRules(f"{where}：“{key}”不能{way} {above.source} 的{above.words}（{above.article}）")
        note = row.get("note", above.note if above else "")
        numbers[key] = Number(key, value, unit, article, verified, note, tightens, source=where)


def _duties(rows: Mapping[str, Any], duties: dict[str, Duty], where: str) -> None:
    for key, written in rows.items():
        row = _row(where, key, written, ("posts", "say", "note"))
        above = duties.get(key)
        posts, say = row.get("posts"), row.get("say", above.say if above else "")
        if (
            not isinstance(posts, list)
            or not posts
            or not all(isinstance(p, str) and _NAME.fullmatch(p) for p in posts)
        ):
            raise BadRules(f"{where}：“{key}”要写明岗位 posts")
        if not say:
            raise BadRules(f"{where}：“{key}”要有中文名 say")
        note = row.get("note", above.note if above else "")
        duties[key] = Duty(key, tuple(posts), say, note, source=where)


def _kinds(rows: Mapping[str, Any], kinds: dict[str, Kind], where: str) -> None:
    for key, written in rows.items():
        row = _row(where, key, written, ("title", "basis", "note"))
        above = kinds.get(key)
        made = Kind(
            key,
            row.get("title", above.title if above else ""),
            row.get("basis", above.basis if above else ""),
            row.get("note", above.note if above else ""),
        )
        if not made.title or not made.basis:
            raise BadRules(f"{where}：“{key}”要有 title 和 basis")
        kinds[key] = made


def _switches(rows: Mapping[str, Any], switches: dict[str, Switch], where: str) -> None:
    for key, written in rows.items():
        row = _row(where, key, written, ("value", "article", "note"))
        above = switches.get(key)
        value = row.get("value", above.value if above else None)
        if not isinstance(value, bool | str) or (above and type(value) is not type(above.value)):
            raise BadRules(f"{where}：“{key}”的 value 要写成 true、false 或者文字")
        article, note = row.get("article", above.article if above else ""), row.get("note", above.note if above else "")
        if not article:
            raise BadRules(f"{where}：“{key}”要写明出处 article")
        switches[key] = Switch(key, value, article, note, source=where)


def _meetings(rows: Mapping[str, Any], meetings: dict[str, Meeting], known: Mapping[str, Kind], where: str) -> None:
    """An heir may add a meeting; of one above it may only take kinds away, never let it decide more."""
    for key, written in rows.items():
        row = _row(where, key, written, ("title", "kinds", "article", "note"))
        above = meetings.get(key)
        named = row.get("kinds", list(above.kinds) if above else None)
        if not isinstance(named, list) or not all(isinstance(kind, str) for kind in named):
            raise BadRules(f"{where}：“{key}”要写明哪些种类的事项由它决定 kinds")
        if strange := sorted(set(named) - set(known)):
            raise BadRules(f"{where}：“{key}”写了不认识的事项种类“{strange[0]}”")
        if above and not set(named) <= set(above.kinds):
            raise BadRules(f"{where}：“{key}”能决定的事项由 {above.source} 定，只能减少")
        made = Meeting(
            key,
            row.get("title", above.title if above else ""),
            tuple(named),
            row.get("article", above.article if above else ""),
            row.get("note", above.note if above else ""),
            source=where,
        )
        if not made.title or not made.article:
            raise BadRules(f"{where}：“{key}”要有会议名称 title 和出处 article")
        meetings[key] = made


def _gates(rows: Mapping[str, Any], gates: dict[str, list[Requirement]], where: str) -> None:
    """An heir's requirement goes to the end, or before another; under the same predicate it takes the place of the one above.

    `waived` takes one away and must say why; one that is firm stays.
    """
    for key, written in rows.items():
        if not isinstance(written, list):
            raise BadRules(f'{where}：“{key}”要写成 [[gate."{key}"]]')
        needs = gates.setdefault(key, [])
        for item in written:
            row = _row(where, key, item, ("predicate", "article", "say", "kinds", "firm", "before", "waived"))
            predicate = row.get("predicate")
            if not isinstance(predicate, str) or not _NAME.fullmatch(predicate):
                raise BadRules(f"{where}：“{key}”的 predicate 写法不对")
            at = next((n for n, need in enumerate(needs) if need.predicate == predicate), None)
            above = needs.pop(at) if at is not None else None
            if row.get("waived"):
                if above is None or above.firm:
                    raise BadRules(f"{where}：“{key}”的 {predicate} 不得免除")
                continue
            made = Requirement(
                predicate,
                row.get("article", above.article if above else ""),
                row.get("say", above.message if above else ""),
                tuple(row.get("kinds", above.kinds if above else ())),
                bool(row.get("firm", False) or (above is not None and above.firm)),
                source=where,
            )
            if not made.article or not made.message:
                raise BadRules(f"{where}：“{key}”的 {predicate} 要有 article 和 say")
            if (
                above is not None
                and above.firm
                and made.kinds
                and not (above.kinds and set(above.kinds) <= set(made.kinds))
            ):
                raise BadRules(f"{where}：“{key}”的 {predicate} 不得免除")
            if "before" in row:
                at = next((n for n, need in enumerate(needs) if need.predicate == row["before"]), None)
                if at is None:
                    raise BadRules(f"{where}：“{key}”里没有 {row['before']}")
            needs.insert(len(needs) if at is None else at, made)


def _filled(need: Requirement, key: str, numbers: Mapping[str, Number], kinds: Mapping[str, Kind]) -> Requirement:
    """The requirement with `{consultation.window_days}` in its sentence replaced by the number as it is in this rule set."""
    if strange := sorted(set(need.kinds) - set(kinds)):
        raise BadRules(f"{need.source}：“{key}”的 {need.predicate} 写了不认识的事项种类“{strange[0]}”")

    def words(slot: re.Match[str]) -> str:
        if slot[1] not in numbers:
            raise BadRules(f"{need.source}：“{key}”的 {need.predicate} 引用了没有的数字“{slot[1]}”")
        return numbers[slot[1]].words

    message = _SLOT.sub(words, need.message)
    return replace(need, message=message, numbers=tuple(_SLOT.findall(need.message)))
