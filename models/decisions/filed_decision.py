"""What the case file holds of deciding: meetings with everybody's view, the party report, sign-off, secrecy check, publication, filing."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from models.decisions.casefile import INTERNAL, PROCESS, Item, Sheet, contents
from models.decisions.decision import Decision
from models.decisions.deliberation import Deliberation, Seat, deliberations
from models.decisions.material import Publicity
from models.decisions.normative import Normative
from models.decisions.party_report import party_reports
from models.decisions.publish import Publication
from models.decisions.resolution import Resolution
from models.decisions.secrecy import SecrecyCheck
from models.kernel.base import db
from models.people.officer import Officer


def _day(day: date | None) -> str:
    return f"{day:%Y年%-m月%-d日}" if day else ""


def _name(who: Officer | None) -> str:
    return who.name if who else ""


def _sheet(lines: list[tuple[str, str]], number: str = "") -> Sheet:
    return Sheet([(name, words) for name, words in lines if words], number)


@contents("deliberation")
def _meetings(decision: Decision) -> Iterator[Item]:
    """Each meeting: who was there, each one's view in order, dissent word for word; every edition of the minutes."""
    for one in deliberations(decision):
        lines = [
            ("会议", one.title),
            ("情况", one.stage.label),
            ("时间和地点", f"{_day(one.held_on)} {one.place}".strip()),
            ("主持", one.chair),
            ("草案", f"第{one.draft.number}稿" if one.draft else ""),
            ("结果", one.result.label if one.result else ""),
            ("说明", one.remark),
            ("与多数人意见不一致的理由", one.departs_reason if one.departs else ""),
            ("会议纪要文号", one.minutes_number),
            ("记录和确认", "、".join(filter(None, (_name(one.recorder), _name(one.confirmer))))),
            ("退回或者撤回的原因", one.returned_reason),
            *_seats(one),
        ]
        yield Item(
            f"集体讨论记录：{one.title}" + (f"（第{one.number}次）" if one.number > 1 else ""),
            one.held_on or one.planned_on,
            _sheet(lines, one.minutes_number),
            Publicity.CLOSED,
            PROCESS,
            who=_name(one.recorder),
            number=one.minutes_number,
            key=f"deliberation:{one.public_id}",
        )
    made = Resolution.of(decision)
    if made is not None:
        yield Item(
            "决定",
            made.decided_on,
            _sheet(
                [
                    ("决定日期", _day(made.decided_on)),
                    ("由谁决定", made.decided_by),
                    ("决定的文本", f"草案第{made.draft.number}稿"),
                    ("登记", made.officer.name),
                ]
            ),
            Publicity.ON_REQUEST,
            PROCESS,
            who=made.decided_by,
            key="resolution",
        )


def _seats(meeting: Deliberation) -> Iterator[tuple[str, str]]:
    edition = 0
    for seat in db.session.scalars(
        select(Seat).where(Seat.deliberation_id == meeting.id).order_by(Seat.edition, Seat.position)
    ):
        if seat.edition != edition:
            edition = seat.edition
            yield "", f"到会人员和意见（记录第{edition}稿）"
        view = seat.stance.label if seat.stance else ("" if seat.present else "缺席")
        told = "。发言：".join(part for part in (view, seat.words) if part)
        yield f"{seat.name}（{seat.duty or seat.role.label}）", told or "到会"


@contents("party_report")
def _reported(decision: Decision) -> Iterator[Item]:
    """What was reported to the Party committee, and its answer (条例第三十一条)."""
    for one in party_reports(decision):
        yield Item(
            "向同级党委请示报告",
            one.reported_on,
            _sheet(
                [("文号", one.number), ("日期", _day(one.reported_on)), ("答复", one.reply), ("登记", one.officer.name)]
            ),
            Publicity.CLOSED,
            INTERNAL,
            who=one.officer.name,
            number=one.number,
            key=f"party:{one.public_id}",
        )


@contents("sign_off")
def _signed(decision: Decision) -> Iterator[Item]:
    """The three who looked at a normative document, its number, and whom it was filed with."""
    one = db.session.scalar(select(Normative).where(Normative.decision_id == decision.id))
    if one is not None:
        hands = [("送签", one.submitter), ("初审", one.checker), ("复审", one.reviewer), ("签发", one.signer)]
        lines = [
            ("文号", one.number),
            ("文本", f"草案第{one.draft.number}稿"),
            *((name, _name(who)) for name, who in hands),
            ("送签日期", _day(one.submitted_on)),
            ("签发日期", _day(one.signed_on)),
            ("编号日期", _day(one.registered_on)),
            ("退回的原因", one.returned_reason),
            ("报送备案", f"{_day(one.filed_on)}，{one.filed_to}" if one.filed_on else ""),
            ("备案回执", f"{one.receipt_number}，{_day(one.receipt_on)}" if one.receipt_on else ""),
        ]
        yield Item(
            "签批和备案记录",
            one.signed_on or one.submitted_on,
            _sheet(lines, one.number),
            Publicity.ON_REQUEST,
            PROCESS,
            who=_name(one.signer),
            number=one.number,
            key=f"normative:{one.public_id}",
        )


@contents("secrecy")
def _secrecy(decision: Decision) -> Iterator[Item]:
    """Each check before publishing, by two persons (信息公开条例第十七条)."""
    for one in db.session.scalars(
        select(SecrecyCheck).where(SecrecyCheck.decision_id == decision.id).order_by(SecrecyCheck.id)
    ):
        lines = [
            ("结论", one.openness.label),
            ("不公开的条款", f"{len(one.withheld)}条" if one.withheld else ""),
            ("理由", one.reason),
            ("审查", f"{one.checker.name}，{_day(one.checked_on)}"),
            ("确认", _name(one.confirmer)),
            ("退回的原因", one.returned_reason),
        ]
        yield Item(
            "保密审查表",
            one.checked_on,
            _sheet(lines),
            Publicity.CLOSED,
            INTERNAL,
            who=one.checker.name,
            key=f"secrecy:{one.public_id}",
        )


@contents("publish")
def _published(decision: Decision) -> Iterator[Item]:
    """What was published, with its explanation and its dates."""
    one = db.session.scalar(select(Publication).where(Publication.decision_id == decision.id))
    if one is not None:
        lines = [
            ("文号", one.number),
            ("公布的标题", one.title),
            ("公布日期", _day(one.published_on)),
            ("施行日期", _day(one.effective_on)),
            ("有效期至", _day(one.valid_until)),
            ("依据", one.basis),
            ("说明", one.explanation),
            ("文本", f"草案第{one.resolution.draft.number}稿"),
            ("没有公开的条款", f"{len(one.withheld)}条" if one.withheld else ""),
            ("公布", one.officer.name),
        ]
        yield Item(
            "公布的决定",
            one.published_on,
            _sheet(lines, one.number),
            Publicity.OPEN if one.open else Publicity.CLOSED,
            "" if one.open else INTERNAL,
            who=one.officer.name,
            number=one.number,
            key=f"publication:{one.public_id}",
        )
