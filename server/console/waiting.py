"""What waits for an officer today, what is late, and what was promised to the people; nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.comments.amendment import AmendmentStage
from models.comments.claims import AHEAD, owed_by
from models.comments.point import PointStage, returned_to
from models.comments.promise import to_remind
from models.comments.second_look import in_hand as looks_in_hand
from models.decisions.catalogue import CatalogueStage, in_hand
from models.decisions.consultation import Audience, Consultation, Stage, consultations
from models.decisions.decision import CaseStage, cases
from models.decisions.evaluation import asked_for
from models.decisions.in_force import waiting_for
from models.decisions.legal_review import turn_of, waiting_reviews
from models.decisions.procedure import needs_in_hand
from models.decisions.register import RegisterStage
from models.decisions.register import in_hand as registers_in_hand
from models.decisions.risk import waiting_for_approval
from models.decisions.road import Going, standing_of
from models.kernel.clock import local, today
from models.kernel.lifecycle import office_rules
from models.messages.wx_article import WxStage, unfinished
from models.outreach.article import ArticleStage, articles, last_published_at
from models.outreach.exhibition import ExhibitionStage, exhibitions
from models.outreach.lecture import LectureStage, near
from models.outreach.lecture import in_hand as lectures_in_hand
from models.outreach.letter import LetterStage, letters
from models.outreach.loudspeaker import ScriptStage, heard_by, scripts, standing, unlogged
from models.people.officer import Officer
from models.polls.poll import UNFINISHED, PollStage
from models.polls.poll import in_hand as polls_in_hand
from models.proposals.proposal import ProposalStage
from models.proposals.proposal import waiting as waiting_proposals
from models.questions.hand_over import open_ones
from models.questions.known import CommonStage
from models.questions.known import for_the_desk as common_questions
from models.questions.mediation import MediationStage
from models.questions.mediation import for_the_desk as mediations_of
from models.questions.question import QuestionStage, count_late
from models.questions.question import waiting as questions_waiting
from models.questions.repeated import wondering
from server.console import nav
from server.console.owed import owed
from server.console.rows import Row
from server.console.tally import counts, handlers_of, left_in
from server.console.turns import IN_HAND, my_turn
from server.words import day_short


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    name: str
    says: str
    rows: list[Row]
    late: bool = False


def groups(officer: Officer) -> list[Group]:
    """Late ones first, then what waits, then what was promised."""
    rows = [
        *_sign_off(officer),
        *_cases(officer),
        *_charged(officer),
        *_points(officer),
        *_reviews(officer),
        *_chat(officer),
        *_catalogue(officer),
        *_proposals(officer),
        *_registers(officer),
        *_outreach(officer),
        *_reaching(officer),
        *_polls(officer),
        *_lectures(officer),
        *_questions(officer),
        *_after_answers(officer),
        *owed(officer),
    ]
    rows.sort(key=lambda row: (row.due is None, row.due or today()))
    late = [row for row in rows if row.late and not row.promised]
    due = [row for row in rows if not row.late and not row.promised]
    promised = [row for row in rows if row.promised]
    found = []
    if late:
        found.append(Group("已逾期", f"{len(late)} 件", late, late=True))
    if due:
        found.append(Group("等着您", f"{len(due)} 件，按到期排", due))
    if promised:
        found.append(Group("答应过居民的", f"{len(promised)} 件，日期都写在公告里", promised))
    return found


def _sign_off(officer: Officer) -> Iterator[Row]:
    verbs = {
        Stage.SUBMITTED: ("初审", "承办人已送审；不是起草的人才能审"),
        Stage.CHECKED: ("复审", "单位负责人已初审"),
        Stage.REVIEWED: ("签发", "分管领导已复审"),
        Stage.SIGNED: ("编号公布", "主要领导已签发；公布后起止日期就定了"),
    }
    for m in consultations(*IN_HAND):
        if my_turn(m, officer):
            verb, sub = verbs[m.stage]
            yield Row(f"{verb}《{m.title}》", f"/desk/sign-off/{m.public_id}", f"去{verb}", sub, "签批", m.handler.name)
        elif m.stage == Stage.DRAFTED and m.handler_id in handlers_of(officer):
            back = bool(m.returned_reason)
            yield Row(
                f"{'改' if back else '写完'}《{m.title}》的公告",
                f"/desk/drafts/{m.public_id}",
                "去改" if back else "接着写",
                f"退回：{m.returned_reason}" if back else "写完送单位负责人初审",
                "草案",
            )


def _after_answers(officer: Officer) -> Iterator[Row]:
    """Answers that somebody asked to be looked at again, and promises whose day is near."""
    if officer.has("handler", "unit_head", "leader"):
        for look in looks_in_hand():
            mine = look.officer_id == officer.id or (
                look.officer_id is None and officer.id not in (look.point.author_id, look.point.approver_id)
            )
            if mine and (look.amendment is None or look.amendment.stage == AmendmentStage.RETURNED):
                yield Row(
                    f"再看第 {look.point.comment.serial_words} 号的答复",
                    f"/desk/second-looks/{look.public_id}",
                    "接着看" if look.officer_id else "去看",
                    "提意见的人说没答到点子上，写了理由",
                    look.consultation.title,
                    due=look.due_on,
                )
    for each in to_remind(handlers_of(officer)):
        yield Row(
            f"答应过：{each.words}",
            f"/desk/points/{each.point.public_id}/promise",
            "去记下",
            "做到了就记下在哪里能看到；做不到，写明理由改日子",
            each.consultation.title,
            due=each.due_on,
        )


def _charged(officer: Officer) -> Iterator[Row]:
    """Parts of the procedure that somebody charged this officer with, and replies that were promised."""
    for need in needs_in_hand(officer):
        key = need.procedure.value
        standing = standing_of(need.decision, key)
        if standing is None or standing.going in (Going.DONE, Going.EXCUSED):
            continue
        where = f"/desk/cases/{need.decision.public_id}"
        yield Row(
            f"办{need.procedure.label}",
            where,
            "去办",
            standing.says,
            need.decision.title,
            need.officer.name,
            need.due_on,
        )
    if officer.has("handler", "office"):
        rows = cases(CaseStage.PUBLISHED, CaseStage.ARCHIVED)
        waiting = waiting_for([case.id for case in rows])
        for case in rows:
            if case.id in waiting and (officer.has("office") or case.handler_id in handlers_of(officer)):
                number, due = waiting[case.id]
                yield Row(
                    f"回复 {number:,} 条对已公布决定的意见",
                    f"/desk/cases/{case.public_id}/remarks",
                    "去回复",
                    "公布以后居民说的，答应了日期",
                    case.title,
                    f"居民 {number:,} 人",
                    due,
                )
            if officer.has("office") and (asked := asked_for(case)):
                yield Row("启动后评估", f"/desk/cases/{case.public_id}/evaluation", "去启动", asked, case.title)


def _cases(officer: Officer) -> Iterator[Row]:
    returned = returned_to(officer) if officer.has("handler") else []
    for m in consultations(Stage.PUBLISHED):
        mine = m.handler_id in handlers_of(officer)
        left = left_in(m)
        title, asked = _asked(m)
        back = [p for p in returned if p.consultation_id == m.id]
        if back:
            yield Row(
                f"改 {len(back)} 条被退回的答复",
                f"/desk/answering/{m.public_id}?stage=returned",
                "去改",
                f"退回：{back[0].returned_reason}",
                title,
                due=m.answer_due_on,
            )
        to_answer = left.get("open", 0) + left.get("drafted", 0) - len(back)
        if mine and not m.is_open() and to_answer > 0:
            yield Row(
                f"答完余下 {to_answer:,} 条要点",
                f"/desk/answering/{m.public_id}",
                "接着答",
                f"共 {m.n_points:,} 条；截止于 {day_short(m.closes_on)}",
                title,
                asked,
                m.answer_due_on,
            )
        submitted = left.get(PointStage.SUBMITTED.value, 0)
        if submitted and officer.has(*m.rules.post_for("point.approve")) and counts(officer)[0].get("approval"):
            yield Row(
                f"审核 {submitted:,} 条答复",
                f"/desk/approval?of={m.public_id}",
                "去审核",
                "起草的人不能审自己的",
                title,
                m.handler.name,
                m.answer_due_on,
            )
        unsettled = to_answer + len(back) + submitted
        if not m.is_open() and not unsettled and officer.has(*m.rules.post_for("consultation.release")):
            yield Row(
                "发布答复，告诉每一个人" if m.n_points else "发布：未收到意见",
                f"/desk/release/{m.public_id}",
                "去发布",
                f"{m.n_points:,} 条都已审定" if m.n_points else "没有人提意见，写明以后这一轮就结束",
                title,
                asked,
                m.answer_due_on,
            )
        if mine and m.audience != Audience.INTERNAL:
            yield _promise(m)


def _asked(m: Consultation) -> tuple[str, str]:
    """The matter, with whom it was asked among where that was not everybody; and how many of them spoke."""
    if m.audience == Audience.PUBLIC:
        return m.title, f"居民 {m.n_people:,} 人"
    return f"{m.audience.label}：{m.title}", f"{m.n_people:,} 人" if m.n_people else ""


def _promise(m: Consultation) -> Row:
    words = f"征求意见到 {day_short(m.closes_on)}，答应 {m.answer_workdays} 个工作日内答复"
    return Row(
        f"答复《{m.title}》的意见",
        f"/desk/consultations/{m.public_id}",
        "看进度",
        words,
        m.number,
        f"居民 {m.n_people:,} 人",
        m.answer_due_on,
        promised=True,
    )


def _points(officer: Officer) -> Iterator[Row]:
    """Points that somebody charged this officer with, by the day on which they are due; done ones are gone from here."""
    for matter, due, number in owed_by(sorted(handlers_of(officer))):
        where = f"/desk/answering/{matter.public_id}?handler=me"
        due = due or matter.answer_due_on
        left = (due - today()).days if due else None
        sub = (
            ""
            if left is None or left > AHEAD[0]
            else "今天到期"
            if left == 0
            else f"还有 {left} 天"
            if left > 0
            else "已经过了日子"
        )
        yield Row(f"答完交给您的 {number:,} 条要点", where, "去答", sub, matter.title, matter.handler.name, due)


def _reviews(officer: Officer) -> Iterator[Row]:
    """Legal reviews whose turn it is, and risk assessments that wait for their second person."""
    deeds = {
        "accept": ("受理", "去受理", "送审材料齐不齐，不齐的一次退回"),
        "advise": ("提出法律意见：", "去提意见", "权限、程序、内容三个方面"),
        "conclude": ("审查", "去审查", "出具审查意见，权限、程序、内容"),
        "complete": ("补充送审材料：", "去补充", "司法所退回补充"),
    }
    for r in waiting_reviews(officer):
        turn = turn_of(r, officer)
        what, verb, sub = deeds[turn]
        if turn == "complete":
            yield Row(
                f"{what}《{r.decision.title}》",
                f"/desk/cases/{r.decision.public_id}/send-to-review",
                verb,
                f"退回：{r.returns[-1].lacking}",
                "合法性审查",
            )
            continue
        due = r.counsel_due_on if turn == "advise" else r.due_on
        earliest = r.earliest_on
        if turn == "conclude" and earliest is not None and earliest > today() and not r.short_reason:
            sub = f"最早{day_short(earliest)}出具"
        yield Row(
            f"{what}《{r.decision.title}》",
            f"/desk/legal-reviews/{r.public_id}",
            verb,
            sub,
            "合法性审查",
            r.sender.name,
            due,
        )
    for a in waiting_for_approval():
        if a.author_id != officer.id and officer.has(*a.rules.post_for("risk.approve")):
            yield Row(
                f"审定《{a.decision.title}》的风险评估",
                f"/desk/risks/{a.public_id}",
                "去审定",
                f"{a.verdict}，{len(a.points)}个风险点；写的人不能自己审",
                "风险评估",
                a.author.name,
            )


def _chat(officer: Officer) -> Iterator[Row]:
    numbers, _ = counts(officer)
    if n := numbers.get("unplaced", 0):
        yield Row(
            f"给 {n} 句话找到它说的是哪件事",
            "/desk/unplaced",
            "去放",
            "居民在公众号里说的，当时没有选是哪一件",
            "公众号对话",
            f"居民 {n} 人",
        )
    if n := numbers.get("transcripts", 0):
        yield Row(f"转写 {n} 段语音", "/desk/transcripts", "去听", "听不清的地方写「听不清」", "语音")
    if n := numbers.get("messages", 0):
        yield Row(f"核对 {n} 条说不准送到没有的告知", "/desk/messages", "去看", "微信没有回话，系统不敢重发", "告知")


def _catalogue(officer: Officer) -> Iterator[Row]:
    for c in in_hand():
        where, what = f"/desk/catalogue/{c.public_id}", f"{c.year}年度决策事项目录"
        if c.stage == CatalogueStage.CONSENTED and officer.has(*c.rules.post_for("catalogue.publish")):
            sub = f"党工委{day_short(c.consented_on)}同意，{c.consent_number}"
            yield Row(f"公布{what}", where, "去公布", sub, "决策目录", c.author.name, c.publish_by)
        elif c.stage == CatalogueStage.DRAFTED and c.author_id == officer.id:
            back = f"退回：{c.returned_reason}" if c.returned_reason else "编好报党工委同意"
            yield Row(f"编{what}", where, "接着编", back, "决策目录")


def _proposals(officer: Officer) -> Iterator[Row]:
    rules = office_rules()
    may_study, may_approve = (officer.has(*rules.post_for(f"proposal.{deed}")) for deed in ("study", "approve"))
    for p in waiting_proposals() if may_study or may_approve else ():
        where, from_ = f"/desk/proposals/{p.public_id}", p.reference or p.number
        if p.stage == ProposalStage.RECEIVED and may_study:
            sub = f"退回：{p.returned_reason}" if p.returned_reason else f"{p.proposer.label}提的"
            yield Row(f"研究建议《{p.title}》", where, "去研究", sub, from_, "居民 1 人", p.due_on)
        elif p.stage == ProposalStage.STUDIED and may_approve and p.author_id != officer.id:
            sub = f"准备答复：{p.outcome.label if p.outcome else ''}"
            yield Row(f"审核建议的答复《{p.title}》", where, "去审核", sub, from_, "居民 1 人", p.due_on)


def _registers(officer: Officer) -> Iterator[Row]:
    for r in registers_in_hand():
        where, rules = f"/desk/registers/{r.public_id}", r.rules
        if r.stage == RegisterStage.SUBMITTED and officer.has(*rules.post_for("register.check")):
            yield Row(f"核对{r.kind.label}的依据", where, "去核对", f"{len(r.standing)} 项", "权责清单", r.author.name)
        elif r.stage == RegisterStage.CHECKED and officer.has(*rules.post_for("register.publish")):
            sub = f"{r.checker.name if r.checker else ''}核对过：{r.remark}"
            yield Row(f"公布{r.kind.label}", where, "去公布", sub, "权责清单", r.author.name, r.publish_by)
        elif r.stage == RegisterStage.DRAFTED and r.author_id == officer.id:
            sub = f"退回：{r.returned_reason}" if r.returned_reason else "编好送司法所核对"
            yield Row(f"编{r.kind.label}", where, "接着编", sub, "权责清单")


def _outreach(officer: Officer) -> Iterator[Row]:
    if not officer.has(*nav.ARTICLES.posts):
        return
    last, warn = last_published_at(), office_rules().number("article.warn_days").value
    quiet = (today() - local(last).date()).days if last else None
    if officer.has("publicist") and quiet is not None and quiet >= warn:
        yield Row(f"{quiet} 天没有发布文章了", "/desk/articles", "去写", "政务新媒体两周内要有更新", "普法")
    for a in articles(ArticleStage.DRAFTED, ArticleStage.SUBMITTED, ArticleStage.REVIEWED):
        where = f"/desk/articles/{a.public_id}"
        if a.stage == ArticleStage.DRAFTED and a.author_id == officer.id:
            sub = f"退回：{a.returned_reason}" if a.returned_reason else "写完送审"
            yield Row(f"写完《{a.title or '没有标题'}》", where, "接着写", sub, "普法")
        elif (
            a.stage == ArticleStage.SUBMITTED
            and a.author_id != officer.id
            and officer.has(*a.rules.post_for("article.review"))
        ):
            yield Row(f"审核《{a.title}》", where, "去审核", "先审后发", "普法", a.author.name)
        elif a.stage == ArticleStage.REVIEWED and officer.has(*a.rules.post_for("article.publish")):
            yield Row(f"发布《{a.title}》", where, "去发布", "已经审过", "普法", a.author.name)
    if officer.has("office", "publicist"):
        for w in unfinished():
            if w.stage in (WxStage.BY_HAND, WxStage.FAILED):
                yield Row(f"到公众号后台发《{w.title}》", "/desk/wx-articles", "看怎么办", w.trouble, "公众号图文")


def _reaching(officer: Officer) -> Iterator[Row]:
    """Scripts, exhibitions and letters to be written or read; what was to be played and nobody has said anything of."""
    if not officer.has(*nav.REACHING.posts):
        return
    for s in scripts(ScriptStage.DRAFTED, ScriptStage.SUBMITTED, ScriptStage.AGREED):
        where, stale = f"/desk/scripts/{s.public_id}", s.out_of_date
        if s.stage == ScriptStage.DRAFTED and s.author_id == officer.id and not stale:
            sub = f"退回：{s.returned_reason}" if s.returned_reason else "念一遍，改好送审"
            yield Row(f"写完广播稿《{s.title}》", where, "接着写", sub, "大喇叭")
        elif (
            s.stage == ScriptStage.SUBMITTED
            and s.author_id != officer.id
            and officer.has(*s.rules.post_for("script.agree"))
        ):
            yield Row(f"审核广播稿《{s.title}》", where, "去审核", stale or "先审后播", "大喇叭", s.author.name)
        elif stale and officer.has(*s.rules.post_for("script.withdraw")) and standing(s.article) is None:
            yield Row(f"广播稿《{s.title}》不能再播", where, "去看", stale, "大喇叭")
    for e in exhibitions(ExhibitionStage.DRAFTED, ExhibitionStage.SUBMITTED):
        where = f"/desk/exhibitions/{e.public_id}"
        if e.stage == ExhibitionStage.DRAFTED and e.author_id == officer.id:
            sub = f"退回：{e.returned_reason}" if e.returned_reason else "写完送审"
            yield Row(f"写完展览「{e.title or '没有名称'}」", where, "接着写", sub, "实践站")
        elif (
            e.stage == ExhibitionStage.SUBMITTED
            and e.author_id != officer.id
            and officer.has(*e.rules.post_for("exhibition.publish"))
        ):
            yield Row(f"审核展览「{e.title}」", where, "去审核", "先审后发", "实践站", e.author.name)
    for one in letters(LetterStage.DRAFTED, LetterStage.SUBMITTED):
        where, stale = f"/desk/letters/{one.public_id}", one.out_of_date
        if one.stage == LetterStage.DRAFTED and one.author_id == officer.id:
            sub = f"退回：{one.returned_reason}" if one.returned_reason else stale or "选好村，看一遍送审"
            yield Row(f"写完农民信箱稿《{one.title}》", where, "接着写", sub, "农民信箱")
        elif (
            one.stage == LetterStage.SUBMITTED
            and one.author_id != officer.id
            and officer.has(*one.rules.post_for("letter.agree"))
        ):
            yield Row(
                f"审核农民信箱稿《{one.title}》", where, "去审核", stale or "先审后发", "农民信箱", one.author.name
            )
    mine = heard_by(officer)
    if mine and officer.has("village", "grid") and (number := len(unlogged(mine))):
        yield Row(f"登记大喇叭 {number} 次播没播", "/desk/reaching", "去登记", "点一下就好", "大喇叭")


def _polls(officer: Officer) -> Iterator[Row]:
    if not officer.has(*nav.POLLS.posts):
        return
    for p in polls_in_hand(*UNFINISHED):
        where, source, title = f"/desk/polls/{p.public_id}", "民意调查", p.title or "没有题目"
        may = {
            name: officer.has(*p.rules.post_for(f"poll.{name}"))
            for name in ("review", "publish", "open_urn", "write_report", "conclude")
        }
        if p.stage == PollStage.DRAFTED and p.author_id == officer.id:
            sub = f"退回：{p.returned_reason}" if p.returned_reason else "写完送审"
            yield Row(f"写完调查「{title}」", where, "接着写", sub, source)
        elif p.stage == PollStage.SUBMITTED and p.author_id != officer.id and may["review"]:
            yield Row(f"审核调查「{title}」", where, "去审核", "先审后问", source, p.author.name)
        elif p.stage == PollStage.REVIEWED and may["publish"]:
            yield Row(f"公布调查「{title}」", where, "去公布", "已经审过", source, p.author.name)
        elif p.is_over and may["open_urn"]:
            yield Row(f"给调查「{title}」开箱计票", where, "去计票", f"{day_short(p.closes_on)}截止", source)
        elif p.stage == PollStage.COUNTED and not p.report and may["write_report"]:
            yield Row(f"给调查「{title}」写结果说明", where, "去写", "已经计票", source)
        elif p.stage == PollStage.COUNTED and p.report and p.reporter_id != officer.id and may["conclude"]:
            yield Row(f"公布调查「{title}」的结果", where, "去公布", "说明写好了", source)


def _lectures(officer: Officer) -> Iterator[Row]:
    if not officer.has(*nav.LECTURES.posts):
        return
    for one in lectures_in_hand(LectureStage.DRAFTED, LectureStage.SUBMITTED, LectureStage.ANNOUNCED):
        if not near(one.place, officer):
            continue
        where, source, title = f"/desk/lectures/{one.public_id}", "文明讲堂", one.title or "没有题目"
        day = local(one.starts_at).date()
        if one.stage == LectureStage.DRAFTED and one.author_id == officer.id:
            sub = f"退回：{one.returned_reason}" if one.returned_reason else "写完送审"
            yield Row(f"写完讲堂「{title}」的预告", where, "接着写", sub, source)
        elif (
            one.stage == LectureStage.SUBMITTED
            and one.author_id != officer.id
            and officer.has(*one.rules.post_for("lecture.announce"))
        ):
            yield Row(f"审核讲堂「{title}」的预告", where, "去审核", "先审后发", source, one.author.name, due=day)
        elif one.is_over and officer.has(*one.rules.post_for("lecture.count")):
            sub = f"{day_short(day)}讲完，还没有登记到场多少人"
            yield Row(f"登记讲堂「{title}」的到场人数", where, "去登记", sub, source)


def _questions(officer: Officer) -> Iterator[Row]:
    """What somebody asked the law, and what follows from it; the words stand on no list."""
    looked_at = "内容打开才看得到，看一次记一次"
    for q in questions_waiting(officer) if officer.has(*nav.LAW) else ():
        where, source = f"/desk/questions/{q.public_id}", "法律咨询"
        marks = [f"期限到{q.limit_on:%m月%d日}，急件" if q.urgent else "", "催办过" if q.urged_at else "", looked_at]
        sub = "；".join(mark for mark in marks if mark)
        if q.stage == QuestionStage.ASKED and officer.has("justice"):
            yield Row("分派一条法律咨询", where, "去分派", sub, source, "居民 1 人", q.due_on)
        elif q.stage == QuestionStage.ASSIGNED and q.counsel_id == officer.id:
            what = "答一条法律咨询" if q.sealed_answer is None else "答一次追问"
            yield Row(what, where, "去答", sub, source, "居民 1 人", q.due_on)
    if officer.has("justice"):
        for slip in open_ones():
            yield Row(
                f"等{slip.receiver}的回执：{slip.number}",
                f"/desk/hand-overs/{slip.public_id}",
                "登记回执",
                f"{slip.road.label}，已转出",
                "转办",
                due=slip.due_on,
            )
    if officer.has("leader") and (number := count_late()):
        yield Row(
            f"法律咨询有 {number} 条过了答应的日期",
            "/desk/questions/late",
            "去看",
            "只列时间和人，不列内容",
            "法律咨询",
        )
    if officer.has("justice", "leader"):
        for item in common_questions():
            if item.stage == CommonStage.SUBMITTED and item.author_id != officer.id:
                yield Row(
                    f"审核常见问答：{item.question}", f"/desk/common-questions/{item.public_id}", "去审核",
                    "公开以前，看看认不认得出是谁", "常见问答", item.author.name,
                )  # fmt: skip
    if officer.has("justice", "village"):
        for m in mediations_of(officer):
            if m.stage == MediationStage.ASKED:
                yield Row(
                    f"有人申请调解：{m.dispute.label}", f"/desk/mediations/{m.public_id}", "去看", looked_at, m.room.name,
                    "居民 1 人",
                )  # fmt: skip
    for case, number in wondering(officer):
        yield Row(
            f"《{case.title}》有 {number} 个人来问法律",
            f"/desk/cases/{case.public_id}",
            "看案卷",
            "近来问得多，可能有写得不清楚的地方；谁问的、问什么不公开",
            "法律咨询",
        )
