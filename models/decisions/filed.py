"""What the case file holds of the case itself: its sheet, drafts, notices with their sign-off, experts, risks, the legal review."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from models.decisions.casefile import PROCESS, Item, Sheet, Verbatim, contents
from models.decisions.consultation import EXPLANATION, TEXTS, Audience, Channel, Consultation
from models.decisions.decision import Decision
from models.decisions.draft import ClauseRevision, drafts_of
from models.decisions.engagement import engagements_of
from models.decisions.hearing import hearings_of
from models.decisions.legal_review import ASPECTS, reviews_of
from models.decisions.material import Publicity
from models.decisions.participation import events
from models.decisions.procedure import Need
from models.decisions.risk import rounds_of
from models.kernel import trail
from models.kernel.base import db
from models.kernel.clock import local
from models.kernel.lifecycle import sentence
from models.people.officer import Officer


def chinese(moment: datetime) -> str:
    """2026年11月8日."""
    return f"{local(moment):%Y年%-m月%-d日}"


def titled(words: str, asked: Consultation, among: Sequence[Consultation]) -> str:
    """What an item of a round is called: with its number where there were several; a round that was not public says so first."""
    alike = [one for one in among if one.audience == asked.audience]
    name = words if asked.audience == Audience.PUBLIC else f"{asked.audience.label}：{words}"
    return name if len(alike) == 1 else f"{name}（第{alike.index(asked) + 1}轮）"


SIGNED_OFF = ("submit", "check", "review", "sign", "send_back", "publish", "ask", "extend", "correct", "cancel")
"""The deeds by which a notice came out."""


def rounds(decision: Decision) -> list[Consultation]:
    """Every round of asking, the cancelled ones too: what was cancelled belongs to the file."""
    return list(
        db.session.scalars(
            select(Consultation).where(Consultation.decision_id == decision.id).order_by(Consultation.id)
        ).unique()
    )


@contents("start")
def _the_case(decision: Decision) -> Iterator[Item]:
    """Number, kind, what it rests on, who handles it, and what was needed or not, by whom and why."""
    kind = decision.rules.kinds.get(decision.kind.value) if decision.kind else None
    lines = [
        ("编号", decision.number or "没有立案编号"),
        ("事项名称", decision.title),
        ("种类", decision.kind.label if decision.kind else "没有定"),
        ("为什么这样定", decision.classified_words),
        ("条例第三条的类别", decision.category.label if decision.category else ""),
        ("适用依据", decision.basis.label),
        ("依据的文件", decision.basis_words or (kind.basis if kind else "")),
        ("规则集", f"{decision.rules.title}（{decision.rules_version}）"),
        ("提出", decision.idea.label),
        ("承办单位", decision.unit.name if decision.unit else ""),
        ("一起办的单位", decision.partners),
        ("立卷", f"{local(decision.opened_at):%Y年%-m月%-d日}"),
        ("立案", f"{local(decision.started_at):%Y年%-m月%-d日}" if decision.started_at else ""),
        ("决定", f"{decision.decided_on:%Y年%-m月%-d日}" if decision.decided_on else ""),
        ("公布", f"{decision.published_on:%Y年%-m月%-d日}" if decision.published_on else ""),
        ("不再办理的原因", decision.ended_reason),
    ]
    needs = db.session.scalars(select(Need).where(Need.decision_id == decision.id).order_by(Need.id)).unique().all()
    if needs:
        lines.append(("", "要不要各个环节"))
    for need in needs:
        said = "需要" if need.needed else "不需要"
        who = f"{need.officer.name}，{local(need.made_at):%Y年%-m月%-d日}"
        lines.append((need.procedure.label, f"{said}{'：' + need.reason if need.reason else ''}（{who}）"))
    shown = [(name, words) for name, words in lines if words]
    yield Item(
        "案件基本情况表",
        local(decision.opened_at).date(),
        Sheet(shown, decision.number),
        Publicity.ON_REQUEST,
        PROCESS,
        who=decision.unit.name if decision.unit else "",
        number=decision.number,
        key="sheet",
    )


@contents("start")
def _drafts(decision: Decision) -> Iterator[Item]:
    """Every version, letter for letter; the one that was put before the people is open."""
    shown = {r.draft_id for r in rounds(decision) if r.published_at is not None and r.audience == Audience.PUBLIC}
    for draft in drafts_of(decision):
        public = draft.id in shown
        maker = db.session.get_one(Officer, draft.maker_id)
        yield Item(
            f"草案第{draft.number}稿" + ("（公开征求意见稿）" if public else ""),
            local(draft.made_at).date(),
            Verbatim(draft.source),
            Publicity.OPEN if public else Publicity.ON_REQUEST,
            "" if public else PROCESS,
            who=maker.name,
            key=f"draft:{draft.public_id}",
        )
        revised = db.session.scalars(
            select(ClauseRevision)
            .where(ClauseRevision.clause_id.in_([c.id for c in draft.clauses]))
            .order_by(ClauseRevision.id)
        ).all()
        if revised:
            lines: list[tuple[str, str]] = []
            for one in revised:
                author = db.session.get_one(Officer, one.author_id)
                lines += [
                    ("", f"{one.clause.name}（{author.name}，{local(one.made_at):%Y年%-m月%-d日}）"),
                    ("原文", one.clause.text.strip()),
                    ("拟改为", one.text.strip()),
                ]
            yield Item(
                f"草案第{draft.number}稿的条文修改",
                local(revised[-1].made_at).date(),
                Sheet(lines),
                Publicity.ON_REQUEST,
                PROCESS,
                key=f"revisions:{draft.public_id}",
            )


@contents("consultation")
def _notices(decision: Decision) -> Iterator[Item]:
    """Each notice as it stands, with every extension and correction; how it was signed off."""
    among = rounds(decision)
    for asked in among:
        day = local(asked.published_at).date() if asked.published_at else None
        public = asked.audience == Audience.PUBLIC
        out = public and day is not None
        yield Item(
            titled("征求意见公告" if public else "征求的内容", asked, among)
            + ("（已取消）" if asked.cancelled_reason else ""),
            day,
            _notice(asked),
            Publicity.OPEN if out else Publicity.ON_REQUEST,
            "" if out else PROCESS,
            who=asked.contact_unit,
            number=asked.number,
            key=f"notice:{asked.public_id}",
        )
        deeds: Any = trail.story(subject=asked, verbs=SIGNED_OFF, limit=500)
        if deeds:
            yield Item(
                titled("公告审签记录" if public else "办理记录", asked, among),
                local(deeds[0][0].at).date(),
                Sheet([(_who(trace), sentence(trace)) for trace, _ in reversed(deeds)]),
                Publicity.ON_REQUEST,
                PROCESS,
                number=asked.number,
                key=f"signed:{asked.public_id}",
            )


def _who(trace: trail.Trace) -> str:
    return f"{local(trace.at):%Y年%-m月%-d日 %H:%M}，{trace.actor_unit}{trace.actor_name}（{trace.actor_post}）"


def _notice(asked: Consultation) -> Sheet:
    lines = [("标题", asked.title), ("编号", asked.number), ("关系到谁", asked.whom), ("一句话说明", asked.summary)]
    lines += [(TEXTS[name][0], getattr(asked, name)) for name in EXPLANATION]
    if asked.opens_on and asked.closes_on and asked.answer_due_on:
        lines += [
            ("征求意见的时间", f"{asked.opens_on:%Y年%-m月%-d日}至{asked.closes_on:%Y年%-m月%-d日}"),
            ("答复的日期", f"{asked.answer_due_on:%Y年%-m月%-d日}以前"),
        ]
    lines += [
        ("缩短期限的理由", asked.short_reason),
        ("怎么提意见", "、".join(Channel(c).label for c in asked.channels)),
        *((TEXTS[n][0], getattr(asked, n)) for n in TEXTS if n.startswith("contact_")),
    ]
    for extension in asked.extensions:
        says = f"由{extension.before_on:%Y年%-m月%-d日}延长到{extension.closes_on:%Y年%-m月%-d日}：{extension.reason}"
        lines.append((f"延长（{local(extension.made_at):%Y年%-m月%-d日}）", says))
    lines += [(f"更正（{local(one.made_at):%Y年%-m月%-d日}）", one.remark) for one in asked.corrections]
    lines.append(("取消的理由", asked.cancelled_reason))
    return Sheet([(name, words) for name, words in lines if words], asked.number)


@contents("expert")
def _experts(decision: Decision) -> Iterator[Item]:
    """Whom the case asked, what was declared, every opinion and how it was dealt with; open where publishing was switched on."""
    for one in engagements_of(decision):
        lines = [
            ("文号", one.number),
            ("专家", one.as_named),
            ("请教的问题", one.task),
            ("方式", one.way.label),
            ("怎样了结", one.stage.label + (f"：{one.reason}" if one.reason else "")),
            ("独立声明", one.no_interest),
        ]
        for opinion in one.opinions:
            lines += [("", f"意见（{chinese(opinion.made_at)}）"), (opinion.view.label, opinion.text)]
            lines += [
                (f"怎样对待：{answer.taken.label}", f"{answer.reason}（{answer.officer.name}）")
                for answer in one.answers
                if answer.opinion_id == opinion.id
            ]
        yield Item(
            f"专家论证：{one.expert.name}",
            one.engaged_on,
            Sheet([(name, words) for name, words in lines if words], one.number),
            Publicity.OPEN if one.published else Publicity.ON_REQUEST,
            "" if one.published else PROCESS,
            who=one.expert.name,
            number=one.number,
            key=f"engagement:{one.public_id}",
        )


@contents("risk")
def _risks(decision: Decision) -> Iterator[Item]:
    """Each round of the assessment: points with their measures, the level, who approved."""
    for one in rounds_of(decision):
        lines = [("范围", one.scope), ("听了谁的意见", one.asked), ("采用已有的评估", one.elsewhere)]
        for point in one.points:
            level = point.probability.label if point.probability else "没有定"
            grave = point.consequence.label if point.consequence else "没有定"
            lines += [
                ("", f"风险点{point.position}"),
                ("风险", point.what),
                ("可能性和后果", f"{level}、{grave}"),
                ("防范措施", point.measures),
                ("处置预案", point.plan),
            ]
        lines += [
            ("风险等级", one.level.label if one.level else ""),
            ("结论", one.conclusion),
            ("调整", one.adjusted),
            ("退回的原因", one.returned_reason),
            ("评估", one.author.name),
            (
                "审定",
                f"{one.approver.name}，{one.approved_on:%Y年%-m月%-d日}" if one.approver and one.approved_on else "",
            ),
        ]
        yield Item(
            "风险评估报告" + (f"（第{one.round}轮）" if one.round > 1 else ""),
            one.approved_on,
            Sheet([(name, words) for name, words in lines if words]),
            Publicity.ON_REQUEST,
            PROCESS,
            who=one.author.name,
            key=f"risk:{one.public_id}",
        )


@contents("legal_review")
def _legal_reviews(decision: Decision) -> Iterator[Item]:
    """Each round: what was sent, what was returned for what, what counsel said, the opinion."""
    for one in reviews_of(decision):
        lines = [
            ("文号", one.number),
            ("送审", f"{one.sender.name}，{one.sent_on:%Y年%-m月%-d日}" if one.sent_on else "没有送出"),
            ("草案", f"第{one.draft.number}稿" if one.draft else ""),
            ("依据", one.basis),
            ("履行程序的说明", one.procedures),
            *((f"退回补充（{back.officer.name}，{chinese(back.made_at)}）", back.lacking) for back in one.returns),
            *((f"{said.role.label}{said.officer.name}的意见", said.text) for said in one.counselled),
            ("缩短审查时间的理由", one.short_reason),
        ]
        for name, word, _ in ASPECTS:
            ok = getattr(one, f"{name}_ok")
            if ok is not None:
                lines.append((word, f"{'合法' if ok else '有问题'}　{getattr(one, name)}".strip()))
        lines += [
            ("结论", one.result.label if one.result else "没有出具意见"),
            ("审查意见", one.opinion),
            ("法律风险", one.reform),
            (
                "审查人",
                f"{one.reviewer.name}，{one.concluded_on:%Y年%-m月%-d日}" if one.reviewer and one.concluded_on else "",
            ),
        ]
        yield Item(
            "合法性审查意见书" + (f"（第{one.round}轮）" if one.round > 1 else ""),
            one.concluded_on or one.sent_on,
            Sheet([(name, words) for name, words in lines if words], one.number),
            Publicity.ON_REQUEST,
            PROCESS,
            who=one.reviewer.name if one.reviewer else "",
            number=one.number,
            key=f"review:{one.public_id}",
        )


@contents("participation")
def _took_part(decision: Decision) -> Iterator[Item]:
    """Each meeting, visit, poll or other way of taking part, with what was said there in short (条例第十四条)."""
    for one in events(decision):
        lines = [
            ("方式", one.mode.label),
            ("时间和地点", f"{one.held_on:%Y年%-m月%-d日}，{one.place}"),
            ("组织", one.organised_by),
            ("参加", f"{one.people}人{'，' + one.kinds if one.kinds else ''}"),
            ("主要意见", one.gist),
            ("样本", f"{one.sample}份" if one.sample else ""),
            ("调查方法", one.method),
            ("结果", one.result),
            ("作废的原因", one.void_reason),
            ("登记", one.officer.name),
        ]
        yield Item(
            f"公众参与记录：{one.mode.label}",
            one.held_on,
            Sheet([(name, words) for name, words in lines if words]),
            Publicity.ON_REQUEST,
            PROCESS,
            who=one.organised_by,
            key=f"participation:{one.public_id}",
        )


@contents("hearing")
def _hearings(decision: Decision) -> Iterator[Item]:
    """Announcement, seats, the record in its three parts and the report; who applied is counted, not named (条例第十六条、第十七条)."""
    for one in hearings_of(decision):
        came = sum(each.came for each in one.applicants)
        signed = sum(each.signed for each in one.applicants)
        lines = [
            ("听证事项", one.matter),
            ("情况", one.stage.label),
            ("时间", f"{local(one.held_at):%Y年%-m月%-d日 %H:%M}" if one.held_at else ""),
            ("地点", one.place),
            ("怎样报名", one.how_to_apply),
            ("怎样遴选", one.choosing),
            ("席位", "、".join(f"{seat.party.label}{seat.number}人" for seat in one.seats)),
            (
                "报名和到会",
                f"报名{len(one.applicants)}人，到会{came}人，在记录上签字{signed}人" if one.applicants else "",
            ),
            ("改期的原因", one.moved_reason),
            ("取消的原因", one.cancelled_reason),
            ("主持和记录", "、".join(filter(None, (one.chaired_by, one.recorded_by)))),
            ("听证记录：陈述", one.opening),
            ("听证记录：辩论", one.debate),
            ("听证记录：最后陈述", one.closing),
            ("听证报告", one.report),
        ]
        yield Item(
            f"听证会公告、记录和报告：{one.title or '没有标题'}",
            local(one.held_at).date() if one.held_at else one.apply_until,
            Sheet([(name, words) for name, words in lines if words]),
            Publicity.ON_REQUEST,
            PROCESS,
            who=one.handler.name,
            key=f"hearing:{one.public_id}",
        )
