"""Who was told and who was not: facts with how far their messages came, and the ones that a person has to look at."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.comments.calling import call_list, calls_to_make, hidden_untold, hiding_of
from models.comments.receipt import numbers
from models.comments.showing import Hiding
from models.decisions.consultation import Stage, consultations
from models.kernel.lifecycle import buttons
from models.kernel.refusal import Missing
from models.messages.halt import by_number as halt_by_number
from models.messages.halt import halts
from models.messages.message import Message, MessageChannel, MessageState, by_number, held, told
from models.messages.telling import (
    Telling,
    by_fact,
    by_village,
    counted,
    print_list,
    reasons,
    short_of,
    tellings,
)
from models.people.officer import Post
from models.people.place import villages
from server.console.abilities import abilities
from server.console.door import blueprint, desk
from server.console.drafts import find
from server.console.nav import MESSAGES
from server.house import writes

TOPICS = {
    "Consultation.release": "发布答复",
    "Consultation.extend": "延长期限",
    "Consultation.cancel": "取消征求意见",
    "Hiding.hide": "原话不公开",
    "Promise.keep": "答应的事做到了",
    "Question.answer_it": "答复法律咨询",
    "Question.answer_again": "答复法律咨询的追问",
    "Question.pass_on": "转办法律咨询",
    "Mediation.refuse": "对方不同意调解",
    "Mediation.agree": "达成调解协议",
    "Mediation.fail": "没有调成",
    "Mediation.remind": "提醒司法确认的期限",
    "Remark.reply": "回复对已公布决定的意见",
    "Hearing.publish_list": "听证名单公布",
    "Hearing.move": "听证改期",
    "Hearing.cancel": "听证取消",
    "Lecture.move": "讲堂改时间或地点",
    "Lecture.cancel": "讲堂取消",
    "Lecture.remind": "讲堂前一天的提醒",
    "Attendee.get_seat": "讲堂候补有座位了",
    "Consultation.publish": "公告发布",
    "Consultation.remind": "提醒快截止了",
    "Amendment.release": "更正或者补充答复",
    "Proposal.approve": "答复决策建议",
    "Article.publish": "普法文章发布",
    "Campaign.start": "推送普法文章",
}
WHAT_TO_DO = {
    MessageState.HELD: "微信没有回话，可能送到了，也可能没有。这种消息没有编号，系统不敢重发。答复本来就在他的「我的意见」里；打个电话问一句，再记在这里。",
    MessageState.FAILED: "微信不收。答复在他的「我的意见」里，下次打开就看到；要紧的打个电话。",
}


@dataclass
class Fact:
    """One thing that people had to hear of."""

    topic: str
    at: datetime
    number: int = 0
    telling: Telling | None = None
    rows: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many people."""
        return sum(n for _, _, n in self.rows)

    def count(self, *states: str) -> int:
        """How many in these states."""
        return sum(n for state, _, n in self.rows if state in states)


@blueprint.get("/desk/messages")
@desk(*MESSAGES.posts)
def messages() -> str:
    """Facts, newest first, and what stays unclear."""
    facts: dict[int, Fact] = {}
    for row in told():
        fact = facts.setdefault(row.fact_id, Fact(TOPICS.get(row.topic, row.topic), row.at, row.fact_id))
        fact.rows.append((row.state.value, row.channel.label if row.channel else row.state.label, row.count))
    for number, telling in tellings(list(facts)).items():
        facts[number].telling = telling
    return _page(facts)


@blueprint.post("/desk/messages")
@desk(*MESSAGES.posts)
def settle() -> Response:
    """Somebody asked the person: it had arrived, or it goes out once more."""
    number = request.form.get("number", "")
    message = by_number(int(number)) if number.isascii() and number.isdigit() and len(number) <= 18 else None
    if message is None:
        raise Missing("没有找到这条告知。")
    if request.form.get("deed") == "again":
        message.send_again(g.officer)
        flash("再发一次，结果几分钟后看这里。", "ok")
    else:
        message.take_as_sent(g.officer)
        flash("记下了：已送到。", "ok")
    return redirect(url_for("console.messages"), 303)


@blueprint.get("/desk/messages/facts/<int:number>")
@desk(*MESSAGES.posts)
def telling(number: int) -> str:
    """One fact: how far, by which ways, and for everybody whom nothing reached the reason."""
    found = _telling(number)
    counts = counted([number]).get(number, {})
    total = max(1, counts.get("total", 0))
    ways = [(c.label, counts[c.value]) for c in MessageChannel if counts.get(c.value)]
    return render_template(
        "console/telling.html",
        telling=found,
        topic=TOPICS.get(found.fact.fact, found.fact.fact),
        counts=counts,
        done=(total - counts.get("waiting", 0)) * 100 // total,
        ways=ways,
        reasons=[(_spoken(row), row.count) for row in reasons(number)],
        villages=by_village(number),
        buttons={b.verb: b for b in buttons(found, g.officer)},
        may_print=g.officer.has(Post.HANDLER, Post.OFFICE),
    )


@blueprint.post("/desk/messages/facts/<int:number>")
@desk(Post.HANDLER, Post.OFFICE)
def steer(number: int) -> Response:
    """Stop a telling, or go on with it."""
    found = _telling(number)
    if request.form.get("deed") == "resume":
        found.resume(g.officer)
        flash("接着告知，一两分钟后看进度。", "ok")
    else:
        found.pause(g.officer, request.form.get("reason", ""))
        flash("停下了。已经发出的收不回来，没有发的都留着。", "ok")
    return redirect(url_for("console.telling", number=number), 303)


@blueprint.get("/desk/messages/facts/<int:number>/list")
@desk(Post.HANDLER, Post.OFFICE)
@writes
def unreached(number: int) -> str:
    """To print for a village: whom nothing reached, with a line to sign."""
    found = _telling(number)
    wanted = request.args.get("village", "")
    place = next((v for v in villages() if v.public_id == wanted), None)
    if wanted and place is None:
        raise Missing("没有这个村居。")
    rows = print_list(found, g.officer, place)
    receipts = numbers([comment.id for row in rows for comment in row.comments])
    return render_template(
        "console/unreached.html",
        telling=found,
        topic=TOPICS.get(found.fact.fact, found.fact.fact),
        place=place,
        rows=rows,
        receipts=receipts,
        short_of=short_of,
    )


@blueprint.post("/desk/halts/<int:number>")
@desk(Post.OFFICE, Post.SYSTEM_ADMIN)
def lift(number: int) -> Response:
    """The cause is gone: try again."""
    found = halt_by_number(number)
    if found is None:
        raise Missing("没有这一条。")
    found.lift(g.officer)
    flash("马上再试。", "ok")
    return redirect(url_for("console.messages"), 303)


def _telling(number: int) -> Telling:
    found = by_fact(number)
    if found is None:
        raise Missing("没有这一次告知。")
    return found


def _spoken(row: Any) -> str:
    """The way, and why it and no other."""
    if row.channel is None:
        return f"{row.state.label}：{row.why}" if row.why else str(row.state.label)
    way = row.channel.label
    return f"{way}（{row.state.label}）：{row.why}" if row.why else f"{way}（{row.state.label}）"


@blueprint.get("/desk/messages/<public_id>/calls")
@desk(Post.HANDLER, Post.OFFICE)
@writes
def calls(public_id: str) -> str:
    """Names and numbers, opened for one purpose; the trail says by whom."""
    matter = find(public_id)
    rows = call_list(matter, g.officer)
    return render_template(
        "console/calls.html", matter=matter, rows=rows, receipts=numbers([comment.id for comment in rows])
    )


@blueprint.get("/desk/messages/hidden/<public_id>")
@desk(Post.HANDLER, Post.OFFICE)
@writes
def call_about_hidden(public_id: str) -> str:
    """Somebody whom no message reaches hears it by telephone or in person: what to say, and the number, opened for this."""
    found = _hiding(public_id)
    name, phone = found.open_number(g.officer)
    return render_template(
        "console/call_hidden.html",
        hiding=found,
        comment=found.comment,
        matter=found.comment.consultation,
        name=name,
        phone=phone,
    )


@blueprint.post("/desk/messages/hidden/<public_id>")
@desk(Post.HANDLER, Post.OFFICE)
def told_about_hidden(public_id: str) -> Response:
    """It was said."""
    _hiding(public_id).told_in_person(g.officer)
    flash("记下了：本人知道了。", "ok")
    return redirect(url_for("console.messages", _anchor="hidden"), 303)


def _hiding(public_id: str) -> Hiding:
    found = hiding_of(public_id)
    if found is None or found.lifted_at is not None:
        raise Missing("没有找到，可能已经恢复公开了。")
    return found


def _page(facts: dict[int, Fact]) -> str:
    released = consultations(Stage.CONCLUDED, limit=20) if g.officer.has(Post.HANDLER, Post.OFFICE) else []
    calls = calls_to_make(released) if released else {}
    return render_template(
        "console/messages.html",
        facts=list(facts.values()),
        held=[_held(m) for m in held()],
        halts=[(h, bool(buttons(h, g.officer))) for h in halts()],
        accounts=abilities(),
        released=[(matter, calls[matter.id]) for matter in released],
        hidden=hidden_untold() if g.officer.has(Post.HANDLER, Post.OFFICE) else [],
    )


def _held(message: Message) -> dict[str, object]:
    return {
        "number": message.id,
        "may_settle": message.state == MessageState.HELD and bool(buttons(message, g.officer)),
        "at": message.made_at,
        "topic": TOPICS.get(message.topic, message.topic),
        "channel": message.channel.label if message.channel else "",
        "state": message.state,
        "why": message.why,
        "what": WHAT_TO_DO.get(message.state, ""),
        "village": message.resident.place.name if message.resident.place else "",
    }
