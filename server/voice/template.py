"""The messages the office may push, each a class that checks itself when it is defined."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

from server.voice.fields import Misfit, day_words, fitted, kind_of

FIELDS_FILE = Path(__file__).resolve().parents[2] / "config" / "wechat" / "templates.toml"


def _fields() -> dict[str, dict[str, dict[str, str]]]:
    with open(FIELDS_FILE, "rb") as file:
        return tomllib.load(file)


@dataclass(frozen=True)
class Part:
    """One thing a message says, and the types of field that can carry it."""

    kinds: tuple[str, ...]


def part(*kinds: str) -> Part:
    """Declare what a message says."""
    return Part(kinds)


class Template:
    """A registered message. Subclasses declare their parts; the configured fields are checked against them at once."""

    name: ClassVar[str]
    parts: ClassVar[Mapping[str, Part]]
    fields: ClassVar[Mapping[str, Mapping[str, str]]]
    """Account (official, mini) to part to WeChat's field name."""

    def __init_subclass__(cls, *, name: str, fields: Mapping[str, Mapping[str, str]] | None = None) -> None:
        super().__init_subclass__()
        cls.name = name
        cls.parts = {key: value for key, value in vars(cls).items() if isinstance(value, Part)}
        cls.fields = fields if fields is not None else _fields().get(name, {})
        if not cls.parts:
            raise Misfit(f"{name}：模板什么也没有说")
        for account, chosen in cls.fields.items():
            cls._check(account, chosen)
        TEMPLATES[name] = cls

    @classmethod
    def _check(cls, account: str, chosen: Mapping[str, str]) -> None:
        where = f"{cls.name}.{account}"
        if account not in ("official", "mini"):
            raise Misfit(f"{where}：只能是 official 或 mini")
        if set(chosen) != set(cls.parts):
            raise Misfit(f"{where}：要说明的是{'、'.join(cls.parts)}，不多也不少")
        if len(set(chosen.values())) != len(chosen):
            raise Misfit(f"{where}：同一个字段用了两次")
        for key, field in chosen.items():
            if kind_of(field) not in cls.parts[key].kinds:
                raise Misfit(f"{where}：{key} 要用{'、'.join(cls.parts[key].kinds)}类型的字段，{field} 不合适")

    @classmethod
    def values(cls, account: str, said: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """WeChat's field names with values that fit. `said` gives each part a wording for a kind, "" for any kind."""
        made = {}
        for key, field in cls.fields[account].items():
            wordings = said[key]
            made[field] = fitted(field, wordings.get(kind_of(field), wordings.get("", "")))
        return made

    @classmethod
    def speaks_on(cls, account: str) -> bool:
        """Whether fields are configured for this account."""
        return account in cls.fields


TEMPLATES: dict[str, type[Template]] = {}
WORDS = {"matter": "事项", "result": "办理情况", "day": "日期"}
"""What the parts are about, as config/wechat/templates.toml says it."""


class AnswerReady(Template, name="answer"):
    """Your comment has its answer."""

    matter = part("thing")
    result = part("thing", "phrase")
    day = part("date", "time")


class Notice(Template, name="notice"):
    """Something about your matter has changed, or a question of yours has its answer."""

    matter = part("thing")
    day = part("date", "time")
    result = part("thing", "phrase")


@dataclass(frozen=True)
class Said:
    """What one message says to one person; the answer's text is never part of it."""

    template: str
    matter: str
    result: str
    """As a sentence, for everything but the shortest field."""
    phrase: str
    """The same in five characters at most."""
    day: date
    path: str
    """Where the link leads, below the office's public address."""
    undo: str = ""
    """In a customer message: how to hear no more of such."""

    def values(self, account: str) -> dict[str, str]:
        """The fields of the account's template."""
        return TEMPLATES[self.template].values(
            account,
            {
                "matter": {"": self.matter},
                "result": {"": self.result, "phrase": self.phrase},
                "day": {"": day_words(self.day)},
            },
        )

    def lines(self, account: str) -> list[tuple[str, str]]:
        """The same as people read it: what each field is about, and its value."""
        fields = TEMPLATES[self.template].fields[account]
        names = {field: WORDS[key] for key, field in fields.items()}
        return [(names[field], value) for field, value in self.values(account).items()]

    def sentence(self, url: str) -> str:
        """The same as plain text, for a customer message."""
        said = f"{self.matter}：{self.result}（{day_words(self.day)}）。\n查看：{url}"
        return f"{said}\n{self.undo}" if self.undo else said
