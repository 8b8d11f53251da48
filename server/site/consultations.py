"""What is put before the people: the list, and each notice with its draft, clause by clause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, render_template, request

from models import files
from models.comments.release import shown_while_open
from models.decisions.consultation import Channel, Consultation, State, by_public_id, consultation_list, state_of
from models.decisions.decision import Decision
from models.decisions.draft import Clause
from models.decisions.material import Material, Publicity, materials
from models.kernel.clock import local
from models.kernel.refusal import Missing
from models.outreach.beside import beside
from models.texts.clauses import below_heading
from server.headers import save_as
from server.site.door import PER_PAGE, after, blueprint, paged
from server.words import channel_label, date_plain, days_left

TABS = (
    ("", "全部"),
    (State.OPEN.value, "正在征求"),
    (State.CLOSED.value, "等答复"),
    (State.RELEASED.value, "已答复"),
    (State.CANCELLED.value, "已取消"),
)
MARKS = {State.OPEN: "pen", State.CLOSED: "clock", State.RELEASED: "answer", State.CANCELLED: "back"}


@blueprint.get("/consultations")
def consultations() -> str:
    """All of them, newest first, or those in one state."""
    wanted = request.args.get("state", "")
    state = State(wanted) if wanted in {value for value, _ in TABS if value} else None
    rows, page = paged(list(consultation_list(state, after=after(), limit=PER_PAGE + 1)))
    return render_template(
        "site/consultations.html",
        states=TABS,
        state=state.value if state else "",
        page=page,
        rows=[
            {"public_id": r.public_id, "title": r.title, "sentence": sentence(r), "mark": MARKS[state_of(r)]}
            for r in rows
        ],
    )


def sentence(row: Any) -> str:
    """Where it stands, in one line."""
    state = state_of(row)
    if state == State.OPEN:
        return f"截止到{date_plain(row.closes_on)}（{days_left(row.closes_on)}）"
    if state == State.CLOSED:
        return f"已截止，答复不晚于{date_plain(row.answer_due_on)}"
    if state == State.RELEASED:
        return f"{date_plain(row.released_at)}答复"
    return "已取消"


@dataclass(frozen=True)
class Note:
    """Something printed on a notice after it was published."""

    kind: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Piece:
    """One clause as the notice shows it."""

    position: int
    label: str
    heading: str
    title: str
    level: int
    body: str
    chapter: bool
    open: bool
    name: str


def piece(clause: Clause, above: int = 1) -> Piece:
    """A clause with its number and heading apart from its words; `above` is the level that stands at the margin."""
    chapter = clause.kind in ("chapter", "title")
    return Piece(
        position=clause.position,
        label=clause.label,
        heading=clause.heading,
        title=clause.text.strip(),
        level=max(1, min(clause.level - above + 1, 3)),
        body=clause.text.strip() if chapter else below_heading(clause.piece),
        chapter=chapter,
        open=clause.speakable,
        name=clause.name,
    )


def margin(written: Sequence[Clause]) -> int:
    """The level of clause that stands at the margin."""
    return min((c.level for c in written if c.speakable), default=1)


def found(public_id: str) -> Consultation:
    """A published consultation, or the 404 page."""
    asked = by_public_id(public_id)
    if asked is None:
        raise Missing("没有找到这次征求意见。")
    return asked


PRINTED = ("start", "consultation")
"""The stations whose open papers stand beside the notice: what the draft was made from, and what goes with it."""


def published(case: Decision) -> list[Material]:
    """Papers that the public may read now, in their newest version."""
    return [m for m in materials(case) if m.station in PRINTED and m.publicity == Publicity.OPEN]


def size(many: int) -> str:
    """A file's size as people say it."""
    return f"{many / 1_000_000:.1f}兆" if many >= 1_000_000 else f"{max(1, round(many / 1000))}千字节"


@blueprint.get("/consultations/<public_id>/draft")
def printable(public_id: str) -> str:
    """The explanation and the whole draft on one page, to be printed or kept."""
    asked = found(public_id)
    written = [c for c in asked.draft.clauses if c.text.strip()] if asked.draft else []
    return render_template(
        "site/draft.html",
        c=asked,
        state=asked.state().value,
        pieces=[piece(c, margin(written)) for c in written if c.kind != "title" or c.text.strip() != asked.title],
        channels="、".join(channel_label(one) for one in asked.channels or ()),
    )


@blueprint.get("/consultations/<public_id>/materials/<paper>")
def material(public_id: str, paper: str) -> Response:
    """An open paper of the case, always to be saved, never shown in the page."""
    asked = found(public_id)
    one = next((m for m in published(asked.decision) if m.public_id == paper), None)
    if one is None:
        raise Missing("没有找到这份附件。它可能换了新的一版，请回到公告再点一次。")
    answer = Response(files.read(one.file), mimetype=one.mime)
    return save_as(answer, one.download_name)


def way_of(channel: Channel, where: str) -> dict[str, str]:
    """One way to speak, in a sentence: what to do, and where."""
    icon, how = {
        Channel.CHAT: ("chat", "关注公众号，直接打字、发语音或者发图片"),
        Channel.MINI: ("phone", "打开小程序，点「征求意见」"),
        Channel.H5: ("pen", "就在这一页点「提意见」，不登录也能提"),
        Channel.PAPER: ("mail", f"寄到{where}，或者投进村居服务厅的意见箱" if where else "投进村居服务厅的意见箱"),
        Channel.PHONE: (
            "phone",
            f"拨打{where}，工作人员替您记下来" if where else "打电话给承办单位，工作人员替您记下来",
        ),
        Channel.HALL: ("place", f"到{where}，或者到村居服务厅" if where else "到村居服务厅，工作人员替您记下来"),
        Channel.EMAIL: ("mail", f"发到{where}" if where else "邮箱请打电话问承办单位"),
    }[channel]
    return {"icon": icon, "label": channel.label, "how": how}


@blueprint.get("/consultations/<public_id>")
def consultation(public_id: str) -> str:
    """The notice."""
    asked = found(public_id)
    written = [c for c in asked.draft.clauses if c.text.strip()] if asked.draft else []
    # The draft's own title is not said twice.
    pieces = [piece(c, margin(written)) for c in written if c.kind != "title" or c.text.strip() != asked.title]
    spoken_of = [p for p in pieces if p.open]
    numbered = sum(1 for p in spoken_of if p.label.startswith("第") and p.label.endswith("条"))
    notes = [
        Note("extended", e.made_at, f"原来{date_plain(e.before_on)}截止，延长到{date_plain(e.closes_on)}。{e.reason}")
        for e in asked.extensions
    ] + [Note("corrected", c.made_at, c.remark) for c in asked.corrections]
    state = asked.state()
    if state == State.CANCELLED:
        notes = [n for n in notes if n.kind != "extended"]
    return render_template(
        "site/consultation.html",
        c=asked,
        cancelled=asked.cancelled_reason if state == State.CANCELLED else "",
        state=state.value,
        notes=sorted(notes, key=lambda n: n.at),
        window_days=asked.window_days,
        clauses=pieces,
        laws=beside(asked.draft_id),
        contents=spoken_of,
        articles_count=numbered or len(spoken_of),
        unit_word="条" if numbered else "段",
        attachments=[(m, f"{m.extension.upper()}，{size(m.size)}") for m in published(asked.decision)],
        said=shown_while_open(asked),
        ways=[way_of(channel, where) for channel, where in asked.ways],
        released_on=local(asked.released_at).date() if asked.released_at else None,
    )
