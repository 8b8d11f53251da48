"""People who work here: their unit, their posts, who stands in for them, and how they sign in."""

import enum
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import today, wall
from models.kernel.lifecycle import act, birth, post
from models.kernel.lifecycle import officer as any_officer
from models.kernel.lock import Lockable
from models.kernel.refusal import NotAllowed, RuleUnmet
from models.kernel.trail import note
from models.people.place import Place
from models.people.unit import Unit

TRIES = 10
"""Wrong passwords before the account is locked."""
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
# The hash of a password that nobody has, at the same price; drawn once, since drawing it costs every start a fifth of a second.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$5/l4EGP0vSO7gENNl2MxTw$Rzq2Ri87aOUD0bJjRZt9aGv18OMYWEDl0Nz5QvP6J0o"


class Post(enum.StrEnum):
    """What an officer is, and so what an officer may do."""

    HANDLER = "handler"
    UNIT_HEAD = "unit_head"
    LEADER = "leader"
    CHIEF = "chief"
    OFFICE = "office"
    JUSTICE = "justice"
    COUNSEL = "counsel"
    PUBLICIST = "publicist"
    VILLAGE = "village"
    GRID = "grid"
    ARCHIVIST = "archivist"
    INSPECTOR = "inspector"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return _LABELS[self.value]


_LABELS = {
    "handler": "承办人",
    "unit_head": "单位负责人",
    "leader": "分管领导",
    "chief": "主要领导",
    "office": "党政办",
    "justice": "司法所",
    "counsel": "法律顾问",
    "publicist": "宣传员",
    "village": "村居干部",
    "grid": "网格员",
    "archivist": "档案员",
    "inspector": "督查员（只读）",
    "system_admin": "系统管理员",
    "security_admin": "安全管理员",
    "audit_admin": "审计管理员",
}

ADMINISTRATORS = frozenset({Post.SYSTEM_ADMIN, Post.SECURITY_ADMIN, Post.AUDIT_ADMIN})
"""Three persons, as GB/T 22239 asks: none of them also decides, answers, or watches the others as another."""


@cache
def _posts(names: tuple[str, ...]) -> frozenset[Post]:
    """The posts of these names, which have to be names of posts; a page asks some fifty times for the same few."""
    return frozenset(Post(name) for name in names)


class OfficerPost(Base):
    """A post that an officer holds, for a village officer or grid worker with the place."""

    __tablename__ = "officer_post"
    __table_args__ = (UniqueConstraint("officer_id", "post", "place_id"),)

    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    post: Mapped[Post] = mapped_column(choice(Post))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))

    place: Mapped[Place | None] = relationship(lazy="joined")


class Delegation(Base):
    """While somebody is away, another officer holds their posts, from one day to another."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("from_id <> to_id", name="to_somebody_else"),
        CheckConstraint("from_on <= until_on", name="in_order"),
    )

    from_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)

    absent: Mapped["Officer"] = relationship(foreign_keys=[from_id])
    stand_in: Mapped["Officer"] = relationship(foreign_keys=[to_id])


class Officer(Lockable, PublicId, Base):
    """One person who works here, under their own name."""

    __tablename__ = "officer"

    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    password: Mapped[str] = mapped_column(String(200))
    """argon2id."""
    password_is_first: Mapped[bool] = mapped_column(default=True)
    """Given by somebody else; to be changed at the first sign-in."""
    active: Mapped[bool] = mapped_column(default=True)
    joined_at: Mapped[datetime] = mapped_column(default=wall)

    unit: Mapped[Unit | None] = relationship(lazy="joined")
    posts: Mapped[list[OfficerPost]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    standing_in: Mapped[list[Delegation]] = relationship(foreign_keys=[Delegation.to_id], viewonly=True)

    actor_kind = "officer"

    @property
    def actor_ref(self) -> str:
        """How the trail refers to this officer."""
        return self.public_id

    @property
    def actor_name(self) -> str:
        """The name as it is now; the trail keeps it as it was."""
        return self.name

    @property
    def actor_post(self) -> str:
        """The posts as they are now, and for whom this officer stands in."""
        return "、".join([*self.own_labels, *(f"代{d.absent.name}" for d in self._delegations())])[:40]

    @property
    def actor_unit(self) -> str:
        """The unit, or the village, as it is now."""
        place = next((p.place.name for p in self.posts if p.place), "")
        return self.unit.name if self.unit else place

    @property
    def own_labels(self) -> list[str]:
        """Chinese words for the posts, each once."""
        return list(dict.fromkeys(p.post.label for p in self.posts))

    @property
    def post_label(self) -> str:
        """The posts in one line, without the people stood in for."""
        return "、".join(self.own_labels)

    def _delegations(self) -> list[Delegation]:
        if not self.standing_in:
            return []
        day = today()
        return [d for d in self.standing_in if d.from_on <= day <= d.until_on and d.absent.active]

    def has(self, *names: str) -> bool:
        """Whether this officer holds one of these posts, or stands in for somebody who does."""
        wanted = _posts(names)
        if any(p.post in wanted for p in self.posts):
            return True
        lent = wanted - ADMINISTRATORS
        return bool(lent) and any(p.post in lent for d in self._delegations() for p in d.absent.posts)

    def heads(self, unit: Unit | None) -> bool:
        """Whether this officer heads this unit, or stands in for who does."""
        if unit is None:
            return False
        own = any(p.post == Post.UNIT_HEAD for p in self.posts) and self.unit_id == unit.id
        return own or any(
            d.absent.unit_id == unit.id and any(p.post == Post.UNIT_HEAD for p in d.absent.posts)
            for d in self._delegations()
        )

    def lacks(self, names: Iterable[str]) -> NotAllowed | None:
        """A refusal that says whose deed it is; None when it is this officer's."""
        names = tuple(names)
        if self.active and self.has(*names):
            return None
        who = "、".join(Post(name).label for name in names)
        return NotAllowed(f"这一步由{who}办理，您的岗位不能办。")

    @property
    def places(self) -> list[Place]:
        """The villages or grids this officer looks after."""
        return [p.place for p in self.posts if p.place]

    @property
    def reads_only(self) -> bool:
        """An inspector, or an administrator: sees, but decides nothing."""
        return all(p.post in {Post.INSPECTOR, *ADMINISTRATORS} for p in self.posts)

    @classmethod
    def by_login(cls, login: str) -> Self | None:
        """The officer with this login, whether active or not."""
        return db.session.scalar(select(cls).where(cls.login == login))

    @classmethod
    def sign_in(cls, login: str, password: str) -> "Officer | None":
        """The officer, or None for an unknown login or a wrong password; both take the same time.

        Raises TooOften while the account is locked, even for the right password.
        """
        who = cls.by_login(login)
        if who is None or not who.active:
            _matches(_NOBODY, password)
            return None
        who.refuse_while_locked("密码错了太多次，请{minutes}分钟后再试，或者请系统管理员重置密码。")
        return who if who.try_secret(_matches(who.password, password), TRIES) else None

    def check_password(self, password: str) -> bool:
        """Whether this is the officer's password."""
        return _matches(self.password, password)

    @classmethod
    @birth(by=post("system_admin"), say="新增工作人员{name}", keeps=("login", "name"))
    def join(
        cls, officer: object, login: str, name: str, unit: Unit | None, password: str, *, first: bool = True
    ) -> Self:
        """A new officer with a first password that has to be changed."""
        return cls.make(login, name, unit, password, first=first)

    @classmethod
    def make(cls, login: str, name: str, unit: Unit | None, password: str, *, first: bool = True) -> Self:
        """For `flask setup` and for join()."""
        if cls.by_login(login):
            raise RuleUnmet("这个登录名已经有人用了。", {"login": "换一个登录名。"})
        made = cls(login=login, name=name, unit=unit, password=hashed(password), password_is_first=first)
        db.session.add(made)
        return made

    def give(self, name: str, place: Place | None = None) -> None:
        """Add a post, for `flask setup` and appoint()."""
        wanted = Post(name)
        kinds = {p.post for p in self.posts}
        if kinds and (wanted in ADMINISTRATORS or kinds & ADMINISTRATORS) and wanted not in kinds:
            raise RuleUnmet("系统、安全、审计三类管理员要分别由不同的人担任，也不能兼任业务岗位。")
        if not any(p.post == wanted and p.place_id == (place.id if place else None) for p in self.posts):
            self.posts.append(OfficerPost(post=wanted, place=place))

    @act(by=post("system_admin"), label="任命", say="任命{who}为{post}", keeps=())
    def appoint(self, officer: object, name: str, place: Place | None = None) -> None:
        """Give a post."""
        self.give(name, place)
        note_post(self, name)

    @act(by=post("system_admin"), label="免去", say="免去{who}的{post}", keeps=())
    def relieve(self, officer: object, name: str) -> None:
        """Take a post away."""
        self.posts = [p for p in self.posts if p.post != Post(name)]
        note_post(self, name)

    @act(by=post("system_admin"), label="停用", say="停用账号")
    def leave(self, officer: object) -> None:
        """Somebody has left: no more sign-in; what they did stays under their name."""
        self.active = False

    @act(by=post("system_admin"), label="启用", say="启用账号")
    def come_back(self, officer: object) -> None:
        """Sign-in works again."""
        self.active = True

    @act(by=post("system_admin"), label="重置密码", say="重置密码")
    def reset_password(self, officer: object, password: str) -> None:
        """A new first password; it unlocks the account too."""
        self.password, self.password_is_first = hashed(password), True
        self.failed, self.locked_until = 0, None

    @act(by=any_officer, label="修改密码", say="修改了自己的密码")
    def change_password(self, officer: object, old: str, new: str) -> None:
        """Officers change their own password."""
        if officer is not self:
            raise NotAllowed("只能修改自己的密码。")
        if not self.check_password(old):
            raise RuleUnmet("原来的密码不对。", {"old": "请再输入一次原来的密码。"})
        if old == new:
            raise RuleUnmet("新密码要和原来的不同。", {"new": "请换一个。"})
        self.password, self.password_is_first = hashed(new), False

    @act(by=any_officer, label="委托", say="委托{to}在{from_on}至{until_on}期间代行职责", keeps=("from_on", "until_on"))
    def delegate(self, officer: "Officer", stand_in: "Officer", from_on: date, until_on: date) -> Delegation:
        """Let another officer stand in; done by the officer, or by the system administrator for one who is ill."""
        if officer is not self and not officer.has(Post.SYSTEM_ADMIN):
            raise NotAllowed("只能由本人或系统管理员办理委托。")
        if stand_in.id == self.id or not stand_in.active:
            raise RuleUnmet("请选择另一位在岗的工作人员。", {"to": "请选择另一位在岗的工作人员。"})
        if from_on > until_on or until_on < today():
            raise RuleUnmet("委托的起止日期不对。", {"until_on": "结束日期不能早于开始日期，也不能早于今天。"})
        row = Delegation(absent=self, stand_in=stand_in, from_on=from_on, until_on=until_on)
        db.session.add(row)
        note_post(self, stand_in.name)
        return row


def note_post(who: Officer, other: str) -> None:
    """Keep the words of an appointment or delegation as they were."""
    label = Post(other).label if other in _LABELS else other
    note(who=who.name, post=label, to=label)


def hashed(password: str) -> str:
    """argon2id of a password that is fit to be one; RuleUnmet otherwise (8 to 128 characters, not a well-known one)."""
    if not 8 <= len(password) <= 128:
        raise RuleUnmet("密码要有8到128个字符。", {"new": "密码要有8到128个字符。"})
    lowered = password.lower()
    if lowered in _WELL_KNOWN or len(set(password)) < 4:
        raise RuleUnmet("这个密码太容易猜到。", {"new": "换一个别人猜不到的，长一点更好。"})
    return _hasher.hash(password)


_WELL_KNOWN = frozenset(
    "12345678 123456789 1234567890 password password1 qwertyui qwerty123 11111111 88888888 00000000 66666666 "
    "abc12345 a1234567 admin123 admin888 iloveyou 1q2w3e4r 1qaz2wsx qwer1234 asdf1234 huiyin123 woaini1314 "
    "5201314520 147258369 987654321 aa123456 a123456789 123456789a zxcvbnm1".split()
)


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def officers(*, active: bool | None = True) -> Sequence[Officer]:
    """Everybody who works here."""
    query = select(Officer).order_by(Officer.id)
    if active is not None:
        query = query.where(Officer.active == active)
    return db.session.scalars(query).unique().all()


def holders(*names: str) -> list[Officer]:
    """Active officers who hold one of these posts."""
    return [o for o in officers() if o.has(*names)]


_ANSWERERS = (OfficerPost.post == Post.HANDLER, Officer.active)
_ANSWERER_NAMES = (
    select(Officer.id, Officer.public_id, Officer.name)
    .distinct()
    .join(OfficerPost, OfficerPost.officer_id == Officer.id)
    .where(*_ANSWERERS)
    .order_by(Officer.id)
)


def answerers() -> Sequence[Officer]:
    """Active officers whose own post is to answer."""
    query = select(Officer).join(OfficerPost, OfficerPost.officer_id == Officer.id).where(*_ANSWERERS)
    return db.session.scalars(query.order_by(Officer.id)).unique().all()


def answerer_names() -> Sequence[Any]:
    """Rows (id, public_id, name) of the same, for lists to choose from."""
    return db.session.execute(_ANSWERER_NAMES).all()
