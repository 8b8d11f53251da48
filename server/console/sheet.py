"""A notice as rows of a table, the way every desk reads it."""

from models.decisions.consultation import Channel, Consultation
from server.words import date_plain


def sheet(matter: Consultation) -> list[tuple[str, str]]:
    """Name and words of each part."""
    ways = "、".join(Channel(c).label for c in matter.channels)
    contact = "，".join(
        words
        for words in (matter.contact_unit, matter.contact_phone, matter.contact_email, matter.contact_address)
        if words
    )
    rows = [
        ("一句话", matter.summary),
        ("关系到谁", matter.whom),
        ("内容", matter.content),
        ("目的", matter.purpose),
        ("依据", matter.basis),
        ("影响", matter.impact),
        ("期限", _window(matter)),
    ]
    if matter.short_reason:
        rows.append(("缩短的理由", matter.short_reason))
    rows += [("怎么提意见", ways), ("找谁问", contact)]
    rows += [
        (f"延长（{date_plain(e.made_at)}）", f"由{date_plain(e.before_on)}延到{date_plain(e.closes_on)}：{e.reason}")
        for e in matter.extensions
    ]
    rows += [(f"更正（{date_plain(c.made_at)}）", c.remark) for c in matter.corrections]
    return rows


def _window(matter: Consultation) -> str:
    if matter.opens_on is None or matter.closes_on is None:
        return f"公布次日起 {matter.window_days} 天；截止后 {matter.answer_workdays} 个工作日内答复"
    return (
        f"{date_plain(matter.opens_on)}至{date_plain(matter.closes_on)} 24:00；{date_plain(matter.answer_due_on)}前答复"
    )
