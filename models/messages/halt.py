"""What WeChat does not let us do for now: an interface, a template or a whole account, since when, until when and why."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, choice, db, insert_into
from models.kernel.clock import now, wall
from models.kernel.lifecycle import act, post
from models.kernel.trail import note
from models.kernel.work import Work, WorkState
from models.people.officer import Officer


class HaltKind(enum.StrEnum):
    """What stands still, and what makes it go on."""

    MINUTE = "minute"
    DAY = "day"
    MASS = "mass"
    CAPABILITY = "capability"
    """The account was never given this interface: another way is taken meanwhile."""
    TEMPLATE = "template"
    ACCOUNT = "account"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "minute": "等一分钟",
            "day": "停到零点",
            "mass": "群发次数用完",
            "capability": "没有这个接口",
            "template": "模板停用",
            "account": "全部停下",
        }[self.value]

    @property
    def advice(self) -> str:
        """What a person can do."""
        return {
            "minute": "不用管，下一分钟自己接着发。",
            "day": "不用管，零点以后自己接着发。急的先打电话。",
            "mass": "到了下一天（订阅号）或者下个月（服务号）再群发。",
            "capability": "到 mp.weixin.qq.com「接口权限」里看看要不要申请；办好后点「再试」。这期间用别的办法告知。",
            "template": "核对模板编号和字段（config/wechat/templates.toml），改好后点「再试」。没发的都留着。",
            "account": "核对 AppSecret、服务器 IP 白名单，或者看看账号有没有被限制；办好后点「再试」，不点也每十分钟自己试一次。",
        }[self.value]


class Halt(Base):
    """One thing that stands still."""

    __tablename__ = "halt"
    __table_args__ = (UniqueConstraint("appid", "api", "template"),)

    appid: Mapped[str] = mapped_column(String(32))
    api: Mapped[str] = mapped_column(String(64))
    """Empty: everything of this account."""
    template: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[HaltKind] = mapped_column(choice(HaltKind))
    errcode: Mapped[int | None] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(String(200))
    rid: Mapped[str] = mapped_column(String(64), default="")
    """WeChat's number for the refused request, good for seven days."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    """On the law's clock; None until a person says so."""

    @act(by=post("office", "system_admin"), label="再试", say="处理了「{words}」，再试")
    def lift(self, officer: Officer) -> None:
        """The cause is gone; what was set aside for it goes on."""
        note(words=self.words)
        self.until = now()
        db.session.execute(
            update(Work)
            .where(Work.kind == "send", Work.state == WorkState.HELD)
            .values(state=WorkState.READY, attempts=0, run_at=wall(), lease_until=None)
            .execution_options(synchronize_session=False)
        )
        waiting = (Work.kind.in_(WAITING), Work.state == WorkState.READY, Work.run_at > wall())
        db.session.execute(
            update(Work).where(*waiting).values(run_at=wall()).execution_options(synchronize_session=False)
        )


WAITING = (
    "send",
    "push_article",
    "publish_notice",
    "broadcast",
    "push_campaign",
    "test_campaign",
    "follow_publishing",
    "fetch_media",
)
"""Work that waits for WeChat."""


@dataclass(frozen=True)
class Stop:
    """A halt as the sender reads it."""

    kind: HaltKind
    until: datetime | None
    words: str

    @property
    def again_at(self) -> datetime:
        """When to look again, on the wall's clock."""
        rest = timedelta(minutes=10) if self.until is None else self.until - now()
        return wall() + max(rest, timedelta(seconds=1))


Stops = Mapping[tuple[str, str, str], Stop]


def stops() -> Stops:
    """Everything that stands still now, by account, interface and template."""
    rows = db.session.execute(
        select(Halt.appid, Halt.api, Halt.template, Halt.kind, Halt.until, Halt.words).where(
            Halt.until.is_(None) | (Halt.until > now())
        )
    )
    return {(r.appid, r.api, r.template): Stop(r.kind, r.until, r.words) for r in rows}


def stop_for(found: Stops, appid: str, api: str, template: str = "") -> Stop | None:
    """Whether this call may not be made now: because of the account, the interface or the template."""
    for key in ((appid, "", ""), (appid, api, ""), (appid, api, template)):
        if key in found:
            return found[key]
    return None


def stand_still(
    kind: HaltKind,
    appid: str,
    api: str,
    *,
    template: str = "",
    until: datetime | None,
    words: str,
    errcode: int | None = None,
    rid: str = "",
) -> None:
    """Remember it for all machines; the same again moves its end."""
    told: dict[str, Any] = {
        "kind": kind,
        "errcode": errcode,
        "words": words[:200],
        "rid": rid[:64],
        "since": now(),
        "until": until,
    }
    row = insert_into(Halt).values(appid=appid, api=api, template=template, **told)
    db.session.execute(row.on_conflict_do_update(index_elements=["appid", "api", "template"], set_=told))


def halts() -> Sequence[Halt]:
    """For the desk: what stands still now, the gravest first."""
    rows = db.session.scalars(select(Halt).where(Halt.until.is_(None) | (Halt.until > now()))).all()
    order = list(HaltKind)
    return sorted(rows, key=lambda h: (-order.index(h.kind), h.id))


def by_number(number: int) -> Halt | None:
    """One halt by its number."""
    return db.session.get(Halt, number)
