"""What the case file holds of where a case came from and whom it asked by name: the catalogue's item, the rounds with what came back."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import func, select

from models.comments.comment import Comment
from models.decisions.casefile import PRIVACY, PROCESS, Item, Rows, Sheet, contents
from models.decisions.consultation import Audience, Consultation
from models.decisions.decision import Decision
from models.decisions.filed import chinese, rounds, titled
from models.decisions.invitation import Group, Invitation
from models.decisions.listing import Listing
from models.decisions.material import Publicity
from models.kernel.base import db
from models.kernel.clock import local
from models.kernel.sealed import PersonKey
from models.people.resident import Resident

PAGE = 500


@contents("catalogue")
def _listed(decision: Decision) -> Iterator[Item]:
    """The item as the catalogue's version had it, or why it stands in none; what was said before stays beneath (条例第三条)."""
    said = db.session.scalars(select(Listing).where(Listing.decision_id == decision.id).order_by(Listing.id)).all()
    if not said:
        return
    last = said[-1]
    lines: list[tuple[str, str]] = []
    number = ""
    if last.item is not None:
        put, catalogue = last.item, last.item.catalogue
        number = catalogue.consent_number
        out = f"{local(catalogue.published_at):%Y年%-m月%-d日}" if catalogue.published_at else ""
        lines = [
            ("目录", f"{catalogue.year}年度重大行政决策事项目录第{put.edition}版"),
            ("党工委同意", f"{catalogue.consented_on:%Y年%-m月%-d日}，{number}" if catalogue.consented_on else ""),
            ("目录公布", out),
            ("目录里的序号", f"第{put.position}项"),
            ("事项名称", put.title),
            ("类别", put.category.label),
            ("民生领域", put.livelihood.label if put.livelihood else ""),
            ("承办单位", put.unit_words),
            ("依据", put.basis),
            ("程序要求", put.procedure_words),
            ("公众参与方式", put.mode_words),
            ("计划决策时间", put.planned_words),
            ("备注", put.remark),
        ]
    lines += [("", "是目录里的哪一项"), *((f"{one.officer.name}，{chinese(one.made_at)}", one.words) for one in said)]
    listed = last.item is not None
    yield Item(
        "决策事项目录里的事项" if listed else "没有列入决策事项目录的说明",
        local(last.made_at).date(),
        Sheet([(name, words) for name, words in lines if words], number),
        Publicity.OPEN if listed else Publicity.ON_REQUEST,
        "" if listed else PROCESS,
        who=last.officer.name,
        number=number,
        key="listing",
    )


@contents("consultation")
def _invited(decision: Decision) -> Iterator[Item]:
    """Each round among those who were named: by group, how far it came; and one by one, with the serials of what came back."""
    among = rounds(decision)
    for asked in among:
        if asked.audience == Audience.PUBLIC:
            continue
        rows = list(every_invitation(asked))
        if not rows:
            continue
        day = asked.closes_on or local(asked.published_at).date() if asked.published_at else None
        yield Item(
            titled("征求对象和答复情况", asked, among),
            day,
            Sheet(_by_group(asked, rows), asked.number),
            Publicity.ON_REQUEST,
            PROCESS,
            who=asked.contact_unit,
            number=asked.number,
            key=f"invited:{asked.public_id}",
        )
        yield Item(
            titled("征求对象逐个（姓名加密）", asked, among),
            day,
            Rows(lambda asked=asked: every_invitation(asked), _as_read, len(rows), _mark(asked)),  # type: ignore[misc]
            Publicity.CLOSED,
            PRIVACY,
            number=asked.number,
            key=f"invitations:{asked.public_id}",
        )


def _by_group(asked: Consultation, rows: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    lines = [("征求的方式", asked.audience.label)]
    if asked.opens_on and asked.closes_on:
        lines.append(("征求的时间", f"{asked.opens_on:%Y年%-m月%-d日}至{asked.closes_on:%Y年%-m月%-d日}"))
    lines.append(("草案", f"第{asked.draft.number}稿" if asked.draft else ""))
    for group in Group:
        of = [row for row in rows if row["group"] == group.value]
        if of:
            counted = {
                "列入": len(of),
                "送出": sum(row["sent_on"] is not None for row in of),
                "收到": sum(row["received_on"] is not None for row in of),
                "提了意见": sum(bool(row["serials"]) for row in of),
                "答复没有意见": sum(row["nothing_to_say"] and not row["serials"] for row in of),
                "没有答复": sum(not row["nothing_to_say"] and not row["serials"] for row in of),
            }
            lines.append((group.label, "，".join(f"{words}{number}个" for words, number in counted.items())))
    return [(name, words) for name, words in lines if words]


def every_invitation(asked: Consultation) -> Iterator[Mapping[str, Any]]:
    """Each one in the order of being listed: what was sent and when, what came back; the name as it lies in the database, sealed."""
    after = 0
    while page := db.session.execute(
        select(
            Invitation.id,
            Invitation.public_id,
            Invitation.group,
            Invitation.organisation,
            Invitation.sent_on,
            Invitation.sent_how,
            Invitation.received_on,
            Invitation.reminders,
            Invitation.reminded_on,
            Invitation.nothing_to_say,
            Resident.public_id.label("resident"),
            Resident.sealed_name,
            PersonKey.public_id.label("key_name"),
        )
        .join(Resident, Resident.id == Invitation.resident_id)
        .join(PersonKey, PersonKey.id == Resident.key_id)
        .where(Invitation.consultation_id == asked.id, Invitation.id > after)
        .order_by(Invitation.id)
        .limit(PAGE)
    ).all():
        serials: dict[int, list[int]] = {}
        for number, serial in db.session.execute(
            select(Invitation.id, Comment.serial)
            .join(Comment, Comment.resident_id == Invitation.resident_id)
            .where(Invitation.id.in_([row.id for row in page]), Comment.consultation_id == asked.id)
            .order_by(Comment.serial)
        ):
            serials.setdefault(number, []).append(serial)
        for row in page:
            yield {
                "invitation": row.public_id,
                "group": row.group.value,
                "group_words": row.group.label,
                "organisation": row.organisation,
                "sent_on": _iso(row.sent_on),
                "sent_how": row.sent_how,
                "received_on": _iso(row.received_on),
                "reminders": row.reminders,
                "reminded_on": _iso(row.reminded_on),
                "nothing_to_say": row.nothing_to_say,
                "serials": serials.get(row.id, []),
                "person_key": row.key_name,
                "sealed": {f"resident.name:{row.resident}": base64.b64encode(row.sealed_name).decode()}
                if row.sealed_name
                else {},
            }
        after = page[-1].id


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def _as_read(row: Mapping[str, Any]) -> str:
    what = "单位" if row["organisation"] else "一位"
    went = f"{row['sent_on']} 送出（{row['sent_how']}）" if row["sent_on"] else "没有送出"
    got = f"{row['received_on']} 收到" if row["received_on"] else "没有登记收到"
    asked = f"催办{row['reminders']}次" if row["reminders"] else ""
    back = "、".join(f"第{serial:04d}号意见" for serial in row["serials"])
    came = back or ("答复没有意见" if row["nothing_to_say"] else "没有答复")
    told = "，".join(part for part in (went, got, asked, came) if part)
    return f"{row['invitation']}　{row['group_words']}{what}：{told}"


def _mark(asked: Consultation) -> str:
    """Moves when somebody is listed, sent to, reminded, or answers."""
    told = db.session.execute(
        select(
            func.count(),
            func.count(Invitation.sent_on),
            func.count(Invitation.received_on),
            func.sum(Invitation.reminders),
            func.count().filter(Invitation.nothing_to_say),
        ).where(Invitation.consultation_id == asked.id)
    ).one()
    said = db.session.scalar(select(func.max(Comment.id)).where(Comment.consultation_id == asked.id))
    return f"{tuple(told)}:{said}"
