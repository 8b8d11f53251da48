"""A case on its road: opened, argued over, assessed, reviewed, decided, published, sealed; each step through the officers' pages."""

from collections.abc import Callable, Iterator
from typing import Any

from server.simulator.story import case as told
from server.simulator.story.browser import NoForm, Page, Trouble
from server.simulator.story.desk import Officer
from server.simulator.story.paper import paper
from server.simulator.story.people import OFFICERS, SUN, Person
from server.simulator.story.stage import Stage, at_desk

Deed = Callable[[Stage], "str | None"]
DONE = "办完"
MOST_DAYS = 30
"""How many days the story waits for the law, at most: the longest holiday fits in."""


def case_of(stage: Stage, officer: Officer, title: str) -> str:
    """The address of a case that is there; looked for once."""
    known: dict[str, str] = stage.notes.setdefault("cases", {})
    if title not in known:
        known[title] = officer.case(title)
    if not known[title]:
        del known[title]
        raise Trouble(f"{officer.name}的案卷里没有《{title}》")
    return known[title]


def on_case(login: str, title: str, station: str, do: Callable[[Stage, Officer, str], "str | None"]) -> Deed:
    """A step on a case, unless its station is done already."""

    def deed(stage: Stage) -> str | None:
        officer = at_desk(stage, login)
        case = case_of(stage, officer, title)
        if stage.resumed and station and officer.stations(case).get(station) == DONE:
            return None
        return do(stage, officer, case)

    return deed


def wrote(stage: Stage, officer: Officer, *deeds: str) -> None:
    """Into the player's own log."""
    for deed in deeds:
        stage.write(officer=officer.name, deed=deed)


def scan(title: str, *lines: str) -> tuple[str, bytes]:
    """A signed sheet to be handed in."""
    return f"{title}.pdf", paper(title, *lines)


# ── opened ───────────────────────────────────────────────────────────────────


def opens(title: str, needed: tuple[str, ...] = ()) -> Deed:
    """The handler opens the case, says of what kind it is, numbers it, finds it in the catalogue, and says what it needs."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "shenlin")
        if officer.case(title):
            return None
        as_told = told.CLASSIFIED[title]
        page = officer.fill("/desk/cases/new", title=title)
        case = page.path.removesuffix("/classify")
        officer.fill(
            page.path, kind=as_told.kind, reason=as_told.reason, category=as_told.category, basis_words=told.BASIS
        )
        officer.fill(case, at="/start")
        officer.fill(f"{case}/catalogue", choose={"item": found_in(officer, f"{case}/catalogue", title)})
        for procedure in needed:
            due = stage.day_after(60)
            officer.fill(f"{case}/needs/{procedure}", needed="yes", choose={"owner": "沈林"}, due_on=due)
        wrote(stage, officer, "open_case", "classify_case", "start_case", "list_case", *("require" for _ in needed))
        return "重大行政决策，列入年度目录"

    return do


def found_in(officer: Officer, where: str, title: str) -> str:
    """How the choice begins that names this matter of the catalogue."""
    for choice in officer.web.get(where).tree.xpath('//select[@name="item"]/option'):
        words = " ".join(choice.text_content().split())
        if title in words:
            return words
    raise Trouble(f"年度目录里没有《{title}》")


def excuses(title: str) -> Deed:
    """The unit head says that a part is not needed, and why."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        if officer.stations(case).get("听证") == "不需要":
            return None
        for procedure, reason in told.UNNEEDED[title].items():
            officer.fill(f"{case}/needs/{procedure}", needed="no", reason=reason)
            wrote(stage, officer, "excuse")
        return "写了理由和名字"

    return on_case("xujing", title, "", do)


def opens_small_one() -> Deed:
    """A case at its very beginning: opened and classified, nothing more."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "shenlin")
        if officer.case(told.CANTEEN):
            return None
        page = officer.fill("/desk/cases/new", title=told.CANTEEN)
        officer.fill(page.path, kind="ordinary", reason=told.CANTEEN_WHY)
        wrote(stage, officer, "open_case", "classify_case")
        return "一般决策，等着起草"

    return do


# ── others are asked ─────────────────────────────────────────────────────────


def admits() -> Deed:
    """The office takes three experts into the pool."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "zhoumin")
        if told.ADVISERS[-1].name in officer.web.get("/desk/experts").words:
            return None
        for who in told.ADVISERS:
            officer.fill(
                "/desk/experts/new",
                name=who.name,
                employer=who.employer,
                fields=who.fields,
                title=who.title,
                until_on=stage.day_after(730),
            )
            wrote(stage, officer, "admit")
        return "、".join(who.name for who in told.ADVISERS)

    return do


def letters(officer: Officer, case: str) -> dict[str, str]:
    """Who was asked about a case: name to the address of the letter."""
    links = officer.web.get(f"{case}/expert").links("/desk/engagements/")
    return {who.name: href for who in told.ADVISERS for href, words in links if who.name in words}


def engages(title: str, number: int) -> Deed:
    """The handler writes to them."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        asked = told.ADVISERS[:number]
        if len(letters(officer, case)) >= number:
            return None
        for who in asked:
            officer.fill(
                f"{case}/expert", choose={"expert": who.name}, way="written", task=told.TASK, due_on=stage.day_after(14)
            )
            wrote(stage, officer, "engage")
        return f"{number}封聘请函"

    return on_case("shenlin", title, "专家论证", do)


def hears(title: str, number: int) -> Deed:
    """Each declares to be independent, and says in writing what they think; one of them is against it."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        found, done = letters(officer, case), 0
        for who in told.ADVISERS[:number]:
            where = found[who.name]
            if not officer.web.get(where).has_form("file", action="/declare"):
                continue
            declared = scan("利害关系声明", f"{who.name}：与本决策事项没有直接利害关系。", f"签名：{who.name}")
            officer.fill(where, at="/declare", paper=declared)
            signed = scan("专家论证意见", who.opinion, f"签名：{who.name}（{who.employer}）")
            officer.fill(where, at="/hear", view=who.view, text=who.opinion, paper=signed)
            wrote(stage, officer, "declare", "hear")
            done += 1
        against = sum(1 for who in told.ADVISERS[:number] if who.view == "disagree")
        return f"{done}份意见" + (f"，{against}位不同意，照样记下" if against else "") if done else None

    return on_case("shenlin", title, "专家论证", do)


def answers_experts(title: str) -> Deed:
    """What becomes of each opinion, and why."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        found = letters(officer, case)
        for who in told.ADVISERS:
            officer.fill(found[who.name], at="/reply", taken=who.taken, reason=who.reply)
            wrote(stage, officer, "reply_to_expert")
        return "采纳两份，没有采纳的一份写了为什么"

    return on_case("shenlin", title, "专家论证", do)


def holds_forum(title: str) -> Deed:
    """People sat together, and it was written down."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        minutes = scan("座谈会记录", told.FORUM["kinds"], told.FORUM["gist"])
        officer.fill(
            f"{case}/participation", mode="forum", held_on=stage.today().isoformat(), paper=minutes, **told.FORUM
        )
        wrote(stage, officer, "record_forum")
        return f"{told.FORUM['people']}人到会"

    return on_case("shenlin", title, "其他参与方式", do)


def lists_inside(title: str) -> Deed:
    """A round among those inside: the handler lists one of each kind."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        if officer.web.get(f"{case}/rounds").links("/desk/rounds/"):
            return None
        page = officer.fill(f"{case}/rounds", audience="internal", title=title, window_days="7")
        for group, name in told.INSIDE:
            officer.fill(page.path, at="", press=("deed", "invite"), group=group, names=name)
            wrote(stage, officer, "invite")
        wrote(stage, officer, "draft_new")
        return f"{len(told.INSIDE)}类，每类一位"

    return on_case("shenlin", title, "", do)


def asks_inside(title: str) -> Deed:
    """The unit head lets it begin."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        where = first(officer.web.get(f"{case}/rounds"), "/desk/rounds/")
        page = officer.web.get(where)
        begin = next((f for f in page.tree.forms if f.xpath('.//button[@name="deed"][@value="ask"]')), None)
        if begin is None:
            return None
        officer.web.submit(page, begin, press=("deed", "ask"))
        wrote(stage, officer, "ask_inside")
        return "七天，不在网上公开"

    return on_case("xujing", title, "", do)


def sends_inside(title: str) -> Deed:
    """Each gets the draft; one has come back already."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        where = first(officer.web.get(f"{case}/rounds"), "/desk/rounds/")
        if "没有意见" in " ".join(cell.text_content() for cell in officer.web.get(where).tree.xpath("//table//td")):
            return None
        for _, name in told.INSIDE:
            choice = picked(officer.web.get(where), name)
            officer.fill(where, press=("deed", "send"), invitation=choice, how="当面送达")
            wrote(stage, officer, "send_inside")
        officer.fill(where, press=("deed", "agree"), invitation=choice)
        wrote(stage, officer, "agree_inside")
        return f"送出{len(told.INSIDE)}份，一位说没有意见"

    return on_case("shenlin", title, "", do)


def picked(page: Page, name: str) -> str:
    """The one of the list who is called so."""
    for choice in page.tree.xpath('//select[@name="invitation"]/option'):
        if name in choice.text_content():
            return str(choice.get("value"))
    raise Trouble(f"{page.path} 的名单里没有{name}")


# ── what could go wrong, and the law ─────────────────────────────────────────


def begins_risk(title: str) -> Deed:
    """A first round is begun, and not finished."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        if officer.web.get(f"{case}/risk").links("/desk/risks/"):
            return None
        page = officer.fill(f"{case}/risk", at=f"{case}/risk")
        officer.fill(page.path, press=("deed", "keep"), scope="四个村和社区各走访二十户，正在汇总。")
        wrote(stage, officer, "begin_risk", "revise_risk")
        return "正在走访"

    return on_case("shenlin", title, "风险评估", do)


def assesses(title: str) -> Deed:
    """The handler writes what could go wrong, with measures and plans, and sends it to a second person."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        if officer.web.get(f"{case}/risk").links("/desk/risks/"):
            return None
        page = officer.fill(f"{case}/risk", at=f"{case}/risk")
        report = scan("社会稳定风险评估报告", told.RISK_WHOLE["scope"], told.RISK_WHOLE["conclusion"])
        officer.fill(
            page.path,
            press=("deed", "submit"),
            paper=report,
            level="low",
            controllable="yes",
            **told.RISK_WHOLE,
            **told.RISK,
        )
        wrote(stage, officer, "begin_risk", "revise_risk", "attach_risk", "submit_risk")
        return f"{len(told.RISK['what'])}个风险点，都有措施和预案"

    return on_case("shenlin", title, "风险评估", do)


def agrees_to_risk(title: str) -> Deed:
    """Who wrote it cannot approve it."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        where = first(officer.web.get(f"{case}/risk"), "/desk/risks/")
        officer.fill(where, at="/approve")
        wrote(stage, officer, "approve_risk")
        return "低风险，可控"

    return on_case("xujing", title, "风险评估", do)


def writes_next(title: str, number: int, changing: tuple[str, str, str] | None = None) -> Deed:
    """The next version: what was adopted writes itself; `changing` a clause otherwise takes a reason."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        if f"第 {number} 稿" in officer.web.get(case).words:
            return None
        page = officer.web.get(f"{case}/drafts/next")
        form = page.form("base")
        filled: dict[str, Any] = {}
        if changing:
            clause, words, reason = changing
            fold = next(f for f in form.xpath(".//details") if clause in f.xpath("./summary")[0].text_content())
            filled = {fold.xpath(".//textarea/@name")[0]: words, fold.xpath(".//input/@name")[0]: reason}
        done = officer.web.submit(page, form, **filled)
        if done.path != f"{case}/drafts":
            raise Trouble(f"下一稿没有写成：{done.complaint}")
        wrote(stage, officer, "write_next")
        return "写明改了哪几条、为什么改"

    return on_case("shenlin", title, "", do)


def sends_to_review(title: str) -> Deed:
    """The draft, its basis, and what was done before, as the records tell it."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        if officer.web.get(f"{case}/legal-review").links("/desk/legal-reviews/"):
            return None
        officer.fill(f"{case}/send-to-review", press=("deed", "send"), basis=told.LAW)
        wrote(stage, officer, "prepare_review", "send_to_review")
        return "草案、依据、履行程序的说明"

    return on_case("shenlin", title, "合法性审查", do)


def review(officer: Officer, case: str) -> str:
    """The address of the case's legal review."""
    return first(officer.web.get(f"{case}/legal-review"), "/desk/legal-reviews/")


def first(page: Page, start: str) -> str:
    """Where the first link leads whose address begins so."""
    links = page.links(start)
    if not links:
        raise Trouble(f"{page.path} 上没有要找的链接：{page.complaint}")
    return links[0][0]


def accepts_review(title: str) -> Deed:
    """The justice office takes it, and asks a counsel."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        where = review(officer, case)
        if not officer.web.get(where).has_form("counsel", action="/accept"):
            return None
        officer.fill(where, at="/accept", choose={"counsel": "彭远"})
        wrote(stage, officer, "accept_review")
        return "请彭远提出法律意见"

    return on_case("luojing", title, "合法性审查", do)


def advises(title: str) -> Deed:
    """The counsel's opinion."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "pengyuan")
        found = [h for h, words in officer.web.get("/desk/legal-reviews").links("/desk/legal-reviews/") if words]
        for where in dict.fromkeys(found):
            page = officer.web.get(where)
            if title in page.words and page.has_form("text", action="/advise"):
                signed = scan("法律意见书", told.COUNSEL, "法律顾问：彭远")
                yes: dict[str, Any] = dict.fromkeys(("authority", "procedure", "content"), "yes")
                officer.fill(where, at="/advise", role="adviser", text=told.COUNSEL, paper=signed, **yes)
                wrote(stage, officer, "advise")
                return "权限、程序、内容都符合"
        return None

    return do


def concludes(title: str) -> Deed:
    """The justice office concludes, as soon as the law lets it: until then its button is grey and says which article."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        where, waited = review(officer, case), 0
        while True:
            try:
                yes: dict[str, Any] = dict.fromkeys(("authority_ok", "procedure_ok", "content_ok"), "yes")
                officer.fill(where, at="/conclude", result="lawful", opinion=told.REVIEWED, **yes)
            except NoForm:
                if waited == MOST_DAYS:
                    raise
                waited += 1
                stage.forward(1)
            else:
                wrote(stage, officer, "conclude")
                return "合法" + (f"（法定的审查时间没有满，多等了{waited}天）" if waited else "")

    return on_case("luojing", title, "合法性审查", do)


# ── decided together, published, sealed ──────────────────────────────────────


def calls_meeting(title: str) -> Deed:
    """The office puts it before the Party working committee's meeting; the papers gathered themselves."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        if officer.web.get(f"{case}/deliberation").tree.xpath('//section[starts-with(@id, "m-")]'):
            return None
        officer.fill(f"{case}/deliberate", meeting="party_committee", planned_on=stage.day_after(1))
        wrote(stage, officer, "deliberate")
        return "上会材料六项都齐"

    return on_case("zhoumin", title, "集体讨论", do)


def records_meeting(title: str) -> Deed:
    """Who said what, in order, the head last."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        meeting = officer.web.get(f"{case}/deliberation").links("/desk/meetings/")
        if not meeting:
            return None
        day = stage.today()
        seats: dict[str, Any] = {}
        chosen: dict[str, str] = {}
        for number, (name, role, stance, words) in enumerate(told.SEATS, 1):
            chosen[f"who_{number}"] = name
            seats |= {f"role_{number}": role, f"stance_{number}": stance, f"words_{number}": words}
        officer.fill(
            meeting[0][0],
            press=("deed", "record"),
            choose=chosen,
            held_on=day.isoformat(),
            place=told.PLACE,
            chair="吴启明",
            minutes_number=told.MINUTES.format(year=day.year),
            result="changed",
            remark=told.REMARK_OF_MEETING,
            **seats,
        )
        wrote(stage, officer, "record_meeting")
        return f"{len(told.SEATS)}人发言，主要领导最后说"

    return on_case("zhoumin", title, "集体讨论", do)


def confirms_meeting(title: str) -> Deed:
    """Somebody else who sat there says that it was so."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        officer.fill(f"{case}/deliberation", at="/confirm")
        wrote(stage, officer, "confirm_meeting")
        return "从此不能再改"

    return on_case("hexiulan", title, "集体讨论", do)


def reports_to_party(title: str) -> Deed:
    """The report to the Party committee before the decision."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        day = stage.today()
        number = told.REPORTED.format(year=day.year)
        officer.fill(f"{case}/party-report", reported_on=day.isoformat(), number=number, reply="同意。")
        wrote(stage, officer, "report_to_party")
        return number

    return on_case("zhoumin", title, "请示报告", do)


def decides(title: str) -> Deed:
    """The decided words are written down."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        if "决定，文本是第" in officer.web.get(f"{case}/deliberation").words:
            return None
        officer.fill(f"{case}/decide", draft="")
        wrote(stage, officer, "decide")
        return ""

    return on_case("zhoumin", title, "保密审查", do)


def looks_for_secrets(title: str) -> Deed:
    """The first of two."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        if not officer.web.get(f"{case}/secrecy").has_form("openness"):
            return None
        officer.fill(f"{case}/secrecy", openness="all")
        wrote(stage, officer, "check_secrecy")
        return "可以全部公开"

    return on_case("shenlin", title, "保密审查", do)


def agrees_to_openness(title: str) -> Deed:
    """The second of two."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        officer.fill(f"{case}/secrecy", at="/confirm")
        wrote(stage, officer, "confirm_secrecy")
        return "复核同意"

    return on_case("xujing", title, "保密审查", do)


def publishes(title: str) -> Deed:
    """Out it goes, with what became of the comments."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        officer.fill(f"{case}/publish", effective_on=stage.day_after(31))
        wrote(stage, officer, "publish_case")
        return "居民看得到决定、说明和采纳情况"

    return on_case("zhoumin", title, "公布", do)


def entrusts(title: str) -> Deed:
    """Who carries it out, and a first report."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        handler = at_desk(stage, "shenlin")
        if (
            not officer.web.get(f"{case}/execution").links("#e")
            and told.CARRIED_OUT not in officer.web.get(f"{case}/execution").words
        ):
            chosen = {"unit": "城市管理科", "owner": "沈林"}
            officer.fill(f"{case}/execution", choose=chosen, task=told.CARRIED_OUT, due_on=stage.day_after(60))
            wrote(stage, officer, "entrust")
        if told.PROGRESS in handler.web.get(f"{case}/execution").words:
            return None
        handler.fill(f"{case}/execution", at="/report", text=told.PROGRESS)
        wrote(stage, handler, "report_execution")
        return "城市管理科，沈林报了第一次进展"

    return on_case("zhoumin", title, "执行", do)


def seals(title: str) -> Deed:
    """The archivist closes the file; the worker seals its first volume meanwhile."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        page = officer.web.get(f"{case}/archive")
        if not page.has_form(action="/archive", but="/pack"):
            return None
        officer.web.submit(page, page.form(action="/archive", but="/pack"))
        wrote(stage, officer, "archive")
        return "正在封存"

    return on_case("yangfan", title, "归档", do)


def finds_it_sealed(title: str) -> Deed:
    """The first volume is there."""

    def do(stage: Stage, officer: Officer, case: str) -> str | None:
        def sealed() -> bool:
            return officer.web.get(f"{case}/archive").has_form("file", action="/file")

        stage.wait("案卷还没有封存好", sealed, 60)
        return "第1卷，可以下载、可以验"

    return on_case("yangfan", title, "", do)


def says_of_it(person: Person, title: str) -> Deed:
    """Somebody has something to say of the decision in force."""

    def do(stage: Stage) -> str | None:
        phone = stage.phone(person)
        phone.sign_in()
        if told.SAID_OF_IT in phone.web.get("/remarks").words:
            return None
        page = phone.web.get("/decisions")
        where = next((href for href, words in page.links("/decisions/") if title in words), None)
        if where is None:
            raise Trouble(f"公开的决定里没有《{title}》")
        form_page = phone.web.get(f"{where}/remark")
        phone.web.submit(form_page, form_page.form("text"), text=told.SAID_OF_IT)
        stage.write(remark=told.SAID_OF_IT)
        return "十五个工作日内回复"

    return do


# ── the steps in their order ─────────────────────────────────────────────────


def called(login: str, words: str) -> str:
    """罗静受理."""
    return f"{OFFICERS[login][0]}{words}"


def before_decided(title: str) -> Iterator[tuple[int, str, Deed]]:
    """From the answers to the legal review: day of the story, words, deed."""
    yield 35, called("shenlin", "答复专家的意见"), answers_experts(title)
    yield 35, called("shenlin", "评估风险，送审核"), assesses(title)
    yield 36, called("xujing", "审定风险评估"), agrees_to_risk(title)
    yield 36, called("shenlin", "把采纳的意见写进下一稿"), writes_next(title, 2)
    yield 36, called("shenlin", "送合法性审查"), sends_to_review(title)
    yield 37, called("luojing", "受理审查"), accepts_review(title)
    yield 41, called("pengyuan", "提出法律意见"), advises(title)


def decided_and_sealed(title: str) -> Iterator[tuple[int, str, Deed]]:
    """From the legal opinion to the sealed file."""
    yield 49, called("luojing", "出具合法性审查意见"), concludes(title)
    yield 49, called("zhoumin", "把停车的事提交党工委会议"), calls_meeting(title)
    yield 50, called("zhoumin", "写会议记录"), records_meeting(title)
    yield 50, called("hexiulan", "确认会议记录"), confirms_meeting(title)
    yield 50, called("zhoumin", "登记请示报告"), reports_to_party(title)
    change = ("第六条", told.DECIDED_6, told.WHY_6)
    yield 51, called("shenlin", "按会议意见改第六条"), writes_next(title, 3, change)
    yield 51, called("zhoumin", "登记决定"), decides(title)
    yield 52, called("shenlin", "做保密审查"), looks_for_secrets(title)
    yield 52, called("xujing", "复核保密审查"), agrees_to_openness(title)
    yield 53, called("zhoumin", "公布决定"), publishes(title)
    yield 54, called("zhoumin", "交给城市管理科执行"), entrusts(title)
    yield 55, called("yangfan", "归档，封存案卷"), seals(title)
    yield 56, f"{SUN.name}对公布的决定说一句", says_of_it(SUN, title)
    yield 57, called("yangfan", "拿到封好的案卷"), finds_it_sealed(title)
