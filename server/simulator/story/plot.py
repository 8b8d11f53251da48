"""What happens in the story, in the order of its days: nearly a hundred and fifty steps through the doors of the product."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from server.simulator.story import doorways, lessons, neighbourhood, road, together, year
from server.simulator.story.browser import Page, Trouble, squeezed
from server.simulator.story.charging import CHARGING
from server.simulator.story.desk import Answer, Officer
from server.simulator.story.matter import Matter, Saying
from server.simulator.story.parking import PARKING
from server.simulator.story.people import AHUI, CHEN, HE, LI, OFFICERS, SUN, WANG, WU, ZHAO, ZHENG, ZHOU, Person
from server.simulator.story.phone import Heard
from server.simulator.story.riverside import RIVERSIDE
from server.simulator.story.stage import Stage, at_desk

Deed = Callable[[Stage], "str | None"]
"""Plays a step; returns a few words for the progress line. None means that it was there already."""


@dataclass(frozen=True)
class Step:
    """One step: on which day of the story, in which words, and how."""

    day: int
    words: str
    do: Deed
    needed: bool = False
    """Whether the story cannot go on without it."""


def quoted(text: str, most: int = 20) -> str:
    """How something begins, for a progress line."""
    return f"「{text if len(text) <= most else text[: most - 1] + '…'}」"


# ── people pick up their phones ──────────────────────────────────────────────


def picks_up(person: Person, follows: bool = True) -> Deed:
    """A phone gets its owner, who follows the account or only has the mini program."""

    def do(stage: Stage) -> str | None:
        phone = stage.phone(person)
        phone.begin()
        if not follows:
            phone.enter()
            return "只用小程序"
        if phone.follows():
            return None
        reply = phone.follow().reply
        return quoted(reply.splitlines()[0]) if reply else "公众号没有说话"

    return do


# ── people say something ─────────────────────────────────────────────────────


def says(person: Person, matter: Matter, key: str, *, supplement: bool = False) -> Deed:
    """In the chat, as one types."""

    def do(stage: Stage) -> str | None:
        text = matter.sayings[key].text
        heard = stage.say(person, text)
        if heard is None:
            return None
        kind = {"supplement": text} if supplement else {"comment": text, "channel": "chat"}
        stage.write(**kind, matter=matter.title)
        return receipt_in(heard.reply)

    return do


def chooses_and_says(person: Person, matter: Matter, key: str) -> Deed:
    """Two matters are open: press the menu, answer with a number, then say it."""

    def do(stage: Stage) -> str | None:
        text = matter.sayings[key].text
        if text in stage.phone(person).said():
            return None
        choose(stage, person, matter)
        return says(person, matter, key)(stage)

    return do


def choose(stage: Stage, person: Person, matter: Matter) -> None:
    """The menu, and the number before this matter's title if there is a list."""
    offered = press(stage, person, "consultations", "征求意见")
    if matter.title in offered.reply and offered.card:
        return
    for line in offered.reply.splitlines():
        number, dot, title = line.partition(". ")
        if dot and number.strip().isdecimal() and matter.title in title:
            stage.phone(person).say(number.strip())
            return
    raise Trouble(f"菜单里没有《{matter.title}》，公众号说：{offered.reply}")


def press(stage: Stage, person: Person, key: str, word: str) -> Heard:
    """An entry of the menu; where the account has no menu, the word that means the same."""
    try:
        return stage.phone(person).press(key)
    except Trouble:
        return stage.phone(person).say(word)


def greets_and_says(person: Person, matter: Matter, key: str) -> Deed:
    """First the greeting, which is no comment."""

    def do(stage: Stage) -> str | None:
        stage.say(person, "你好")
        return says(person, matter, key)(stage)

    return do


def says_with_picture(person: Person, matter: Matter, key: str, which: str) -> Deed:
    """A text and a picture after it."""

    def do(stage: Stage) -> str | None:
        said = says(person, matter, key)(stage)
        if said is None:
            return None
        stage.phone(person).picture(which)
        stage.write(file="picture", matter=matter.title)
        return f"{said}，附了一张照片"

    return do


def speaks(person: Person, matter: Matter, key: str) -> Deed:
    """A voice message; somebody will listen and write it down."""

    def do(stage: Stage) -> str | None:
        if any(m["mine"] and m["kind"] == "voice" for m in stage.phone(person).chat()):
            return None
        heard = stage.phone(person).voice(6)
        stage.write(comment="", channel="chat", matter=matter.title)
        stage.write(file="voice", matter=matter.title)
        return receipt_in(heard.reply)

    return do


def says_and_regrets(person: Person, matter: Matter, key: str) -> Deed:
    """Another comment, and taken back at once."""

    def do(stage: Stage) -> str | None:
        text = matter.sayings[key].text
        if stage.say(person, "新意见") is None:
            return None
        stage.say(person, text)
        heard = stage.say(person, "撤回")
        stage.write(comment=text, channel="chat", matter=matter.title, withdrawn=True)
        return quoted(heard.reply.splitlines()[0], 30) if heard else None

    return do


def says_to_nobody(person: Person, matter: Matter, key: str) -> Deed:
    """Two matters are open, and the person does not say which is meant."""

    def do(stage: Stage) -> str | None:
        text = matter.sayings[key].text
        heard = stage.say(person, text)
        if heard is None:
            return None
        stage.write(comment=text, channel="chat", matter=matter.title, unplaced=True)
        return "公众号先收好，问是哪一件"

    return do


def writes(person: Person | None, matter: Matter, key: str, **filled: object) -> Deed:
    """On the page; signed in through WeChat, or as somebody whom nobody knows."""

    def do(stage: Stage) -> str | None:
        saying = matter.sayings[key]
        if known(stage, saying):
            return None
        if person is None:
            phone = stage.visitor()
        else:
            phone = stage.phone(person)
            phone.sign_in()
        position = stage.position(matter, saying.clause) if saying.clause else None
        place = person.village if person else str(filled.pop("village", ""))
        done = phone.comment(stage.id_of(matter), position, village=place, text=saying.text, **filled)
        stage.write(comment=saying.text, channel="h5", matter=matter.title)
        stage.notes[f"receipt:{key}"] = done
        return "编号和查询码都有了" if person is None else "有了编号"

    return do


def taps(person: Person, matter: Matter, key: str, *, told: bool = False) -> Deed:
    """In the mini program; who wants to be told says yes once."""

    def do(stage: Stage) -> str | None:
        saying = matter.sayings[key]
        if known(stage, saying):
            return None
        phone = stage.phone(person)
        phone.enter()
        clause = stage.clause(matter, saying.clause) if saying.clause else None
        taken = phone.write(stage.id_of(matter), clause, saying.text, show_text=True)
        stage.write(comment=saying.text, channel="mini", matter=matter.title)
        if told:
            phone.let_tell()
        return f"编号 {taken['receipt']}" + ("，同意通知一次" if told else "")

    return do


def known(stage: Stage, saying: Saying) -> bool:
    """Whether the office has heard this, when an interrupted story is taken up again."""
    return any(saying.opening in text for text in stage.heard_before)


def receipt_in(reply: str) -> str:
    """The line with the number, as the chat says it."""
    return next((line for line in reply.splitlines() if "编号" in line), reply.splitlines()[0] if reply else "没有回话")


# ── the office puts a draft before the people ────────────────────────────────

ROAD = (
    ("xujing", "check", "待初审", "初审"),
    ("hexiulan", "review", "待复审", "复审"),
    ("wuqiming", "sign", "待签发", "签发"),
    ("zhoumin", "publish", "待公布", "编号公布"),
)
IN_HAND = ("起草", "待初审", "待复审", "待签发", "待公布")


def drafts(matter: Matter) -> Deed:
    """The handler pastes the text, looks at the clauses, writes the notice, and sends it on."""

    def do(stage: Stage) -> str | None:
        if matter.title in stage.consultations():
            return None
        officer = at_desk(stage, "shenlin")
        step = progress(officer, matter)
        if step not in ("", "起草"):
            return None
        if step == "起草":
            page = officer.web.get(next(h for words, h in officer.drafts().items() if matter.title in words))
        else:
            page = officer.draft(matter.title, matter.draft, officer.case(matter.title))
            stage.write(officer=officer.name, deed="draft_new", matter=matter.title)
        officer.write_notice(page, dict(matter.notice))
        stage.write(officer=officer.name, deed="submit", matter=matter.title)
        return f"分成{matter.draft.count('　')}条，四项说明写齐，送初审"

    return do


def signs(matter: Matter, login: str, deed: str, waiting: str) -> Deed:
    """One of the four who sign."""

    def do(stage: Stage) -> str | None:
        if matter.title in stage.consultations():
            return None
        officer = at_desk(stage, login)
        step = progress(officer, matter)
        if step != waiting:
            if step and IN_HAND.index(step) > IN_HAND.index(waiting):
                return None
            raise Trouble(f"《{matter.title}》应该{waiting}，案头上写的是「{step or '没有'}」")
        note = matter.notes.get(deed, "")
        officer.sign(matter.title, deed, note)
        stage.write(officer=officer.name, deed=deed, matter=matter.title)
        if deed != "publish":
            return quoted(note) if note else ""
        stage.ids.clear()
        line = stage.consultations()[matter.title]
        return f"{line['number']}，{line['closes_on']}截止"

    return do


def refuses_to_publish(matter: Matter) -> Deed:
    """WeChat checks the next article and does not let it through by the API: that one waits for a person's hand."""

    def do(stage: Stage) -> str | None:
        if matter.title in stage.consultations():
            return None
        stage.wechat.send_json("/sim/errors", {"path": "/cgi-bin/freepublish/submit", "errcode": 53503})
        return "图文留在草稿箱里，等人手工发布"

    return do


def progress(officer: Officer, matter: Matter) -> str:
    """At which step of the sign-off a matter is, as the desk says it; empty when it is not in hand."""
    for row in officer.web.get("/desk/drafts").tree.xpath("//table//tr[td]"):
        words = " ".join(row.text_content().split())
        if matter.title in words:
            return next((step for step in reversed(IN_HAND) if step in words.replace(matter.title, "")), "起草")
    return ""


# ── the office takes in, places, transcribes ─────────────────────────────────


def takes_in(login: str, matter: Matter, key: str, **fields: object) -> Deed:
    """Somebody told it to an officer, who writes it down."""

    def do(stage: Stage) -> str | None:
        saying = matter.sayings[key]
        if known(stage, saying):
            return None
        officer = at_desk(stage, login)
        told = {"text": saying.text, **fields}
        if saying.clause:
            told["clause"] = numeral_of(saying)
        officer.take_in(stage.id_of(matter), told)
        stage.write(officer=officer.name, deed="receive", matter=matter.title)
        stage.write(comment=saying.text, channel=fields["channel"], matter=matter.title)
        return "打印了回执"

    return do


def numeral_of(saying: Saying) -> str:
    """第四条, as the list of clauses writes it."""
    return f"第{'零一二三四五六七八九十'[saying.clause or 0]}条"


def fetched(matter: Matter) -> Deed:
    """Pictures and voice are fetched from WeChat before three days are over."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "shenlin")
        stage.wait("语音和照片还没有取回来", lambda: officer.fetched(stage.id_of(matter)), 30)
        return "都在了"

    return do


def transcribes(matter: Matter, key: str) -> Deed:
    """A village officer listens and writes down what is heard."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "mafang")
        if not officer.transcribe(matter.sayings[key].text):
            return None
        stage.write(officer=officer.name, deed="transcribe", text=matter.sayings[key].text)
        return "一字一句记下来，写着谁听的"

    return do


def places(matter: Matter, keys: tuple[str, ...]) -> Deed:
    """The office reads what waits, and says where it belongs."""

    def do(stage: Stage) -> str | None:
        officer, done = at_desk(stage, "zhoumin"), 0
        for key in keys:
            if officer.place(matter.sayings[key].opening, matter.title):
                stage.write(officer=officer.name, deed="place", text=matter.sayings[key].text)
                done += 1
        return f"归好{done}段" if done else None

    return do


# ── the office answers ───────────────────────────────────────────────────────


def answers(matter: Matter) -> Deed:
    """The handler goes through the worklist."""

    def do(stage: Stage) -> str | None:
        officer, done = at_desk(stage, "shenlin"), 0
        for page in officer.points(stage.id_of(matter)):
            saying = said_on(page, matter)
            if saying is None or not page.has_form("outcome", "reason"):
                continue
            if saying.answer is None or returned(page):
                continue
            give(stage, officer, page, saying.answer, saying, matter)
            done += 1
        return f"答了{done}条" if done else None

    return do


def give(stage: Stage, officer: Officer, page: Page, answer: Answer, saying: Saying, matter: Matter) -> None:
    """One answer, sent to a second person."""
    done = officer.answer(page, answer)
    if done.tree.xpath('//form[@id="answer"]//*[@role="alert"]'):
        raise Trouble(f"{quoted(saying.text)}的答复没有送审：{done.complaint}")
    for deed in ("answer", "submit_answer"):
        stage.write(officer=officer.name, deed=deed, text=saying.text, matter=matter.title, outcome=answer.outcome)


def returned(page: Page) -> bool:
    """Whether the answer on this page came back from the second person."""
    return any("退回" in note.text_content() for note in page.tree.xpath('//form[@id="answer"]/p'))


def said_on(page: Page, matter: Matter) -> Saying | None:
    """Which of the story's sayings is on a page."""
    main = page.tree.xpath('//*[@id="main"]') or [page.tree]
    words = squeezed(main[0].text_content())
    found = [s for s in matter.sayings.values() if s.opening in words]
    # A page also shows its neighbours; what stands first is what the page is about.
    return min(found, key=lambda s: words.index(s.opening)) if found else None


def approves(matter: Matter, login: str, half: int = 0) -> Deed:
    """A second person reads: agrees, or sends back with a reason. `half` leaves every second one to somebody else."""

    def do(stage: Stage) -> str | None:
        officer, agreed, back = at_desk(stage, login), 0, 0
        for number, where in enumerate(officer.to_approve()):
            if half and number % half == 0:
                continue
            found: list[Saying] = []

            def verdict(page: Page, found: list[Saying] = found) -> tuple[str, str]:
                saying = said_on(page, matter)
                if saying is None or saying.keep_waiting:
                    return "", ""
                found.append(saying)
                first = saying.sent_back and squeezed(saying.answer.reason if saying.answer else "")
                if first and first in squeezed(page.tree.text_content()):
                    return "back", saying.sent_back
                return "approve", ""

            _, deed = officer.judge(where, verdict)
            agreed, back = agreed + (deed == "approve"), back + (deed == "back")
            if deed:
                verb = "approve" if deed == "approve" else "send_back"
                stage.write(officer=officer.name, deed=verb, text=found[0].text, matter=matter.title)
        if not agreed and not back:
            return None
        return f"同意{agreed}条" + (f"，退回{back}条" if back else "")

    return do


def releases(matter: Matter, login: str) -> Deed:
    """The total is typed, and everybody is told."""

    def do(stage: Stage) -> str | None:
        if stage.consultations()[matter.title]["state"] == "released":
            return None
        officer = at_desk(stage, login)
        _, total = officer.release(stage.id_of(matter))
        stage.write(officer=officer.name, deed="release", matter=matter.title, total=total)
        return f"填了总数{total}，一次告诉每一个人"

    return do


def is_told(person: Person, matter: Matter) -> Deed:
    """The phone rings, and the page shows outcome, reason and the changed clause."""

    def do(stage: Stage) -> str | None:
        phone = stage.phone(person)

        def came() -> str:
            for message in phone.chat():
                if message["kind"] == "template" and not message["mine"]:
                    lines = "".join(str(line["text"]) for line in message.get("lines", []))
                    if squeezed(matter.title)[:8] in squeezed(lines):
                        return lines
            return ""

        rings = stage.kind() in ("service", "government")
        if rings:
            stage.wait(f"{person.name}的手机没有收到告知", came, 30)
        phone.sign_in()
        page = phone.web.get("/mine")
        if matter.title not in page.words:
            raise Trouble(f"{person.name}的「我的意见」里没有《{matter.title}》")
        if not rings:
            return "这种账号不能发通知，答复在「我的意见」里等着"
        return "手机响了，点开看得到结果、理由和改后的条文"

    return do


# ── the legal side ───────────────────────────────────────────────────────────


def writes_article(fields: dict[str, str], topic: str) -> Deed:
    """The publicist writes; somebody else reads first."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "linxiao")
        if any(fields["title"] in title for title in officer.articles()):
            return None
        officer.write_article(dict(fields), topic)
        for deed in ("draft_new_article", "submit_article"):
            stage.write(officer=officer.name, deed=deed, title=fields["title"])
        return quoted(fields["title"])

    return do


def article(title: str, login: str, deed: str, topic: str = "") -> Deed:
    """Review, publish, push."""

    def do(stage: Stage) -> str | None:
        if deed in ("review", "publish") and title in stage.articles():
            return None
        officer = at_desk(stage, login)
        try:
            officer.article_deed(title, deed, topic)
        except Trouble:
            if stage.heard_before:
                return None  # taken up again: it was done before the interruption
            raise
        stage.write(officer=officer.name, deed=f"{deed}_article", title=title)
        return ""

    return do


def asks(person: Person, text: str) -> Deed:
    """A legal question in the chat: first the word, then the question."""

    def do(stage: Stage) -> str | None:
        if text in stage.phone(person).said():
            return None
        press(stage, person, "ask", "问法律")
        heard = stage.phone(person).say(text)
        stage.write(question=text, channel="chat")
        return quoted(heard.reply.splitlines()[0], 30) if heard.reply else None

    return do


def asks_in_mini(person: Person, text: str) -> Deed:
    """A legal question in the mini program, which nobody has answered yet."""

    def do(stage: Stage) -> str | None:
        phone = stage.phone(person)
        phone.enter()
        if any(one["text"] == text for one in phone.asked()):
            return None
        asked = phone.ask(text)
        stage.write(question=text, channel="mini")
        return f"不晚于{asked['due_on']}回复"

    return do


def assigns(counsel: str) -> Deed:
    """The justice office gives what waits to a counsel."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "luojing")
        waiting = officer.questions("等")
        for where in waiting[:1]:
            officer.assign(where, counsel)
            stage.write(officer=officer.name, deed="assign")
        return f"派给{counsel}" if waiting else None

    return do


def replies(text: str, answer: str) -> Deed:
    """The counsel answers."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "pengyuan")
        for where in officer.questions():
            if officer.reply(where, squeezed(text)[:22], answer):
                stage.write(officer=officer.name, deed="answer_it", text=text)
                return "先说结论，再说依据，再说下一步"
        return None

    return do


# ── the year's catalogue, the list of powers, a proposal ────────────────────


def pastes_catalogue() -> Deed:
    """The justice office pastes the year's table and looks at every row."""

    def do(stage: Stage) -> str | None:
        officer, day = at_desk(stage, "luojing"), stage.today()
        if stage.catalogue() or officer.in_list("/desk/catalogue", "年度"):
            return None
        officer.paste_catalogue(day.year, year.table(day))
        for deed in ("draft_new_catalogue", "take_in_catalogue"):
            stage.write(officer=officer.name, deed=deed)
        return f"{len(year.ITEMS)}项，一项一项核对过"

    return do


def on_catalogue(deed: str, stage_words: str) -> Deed:
    """The office writes down the committee's consent, or publishes."""

    def do(stage: Stage) -> str | None:
        if stage.catalogue():
            return None
        officer, day = at_desk(stage, "zhoumin"), stage.today()
        where = officer.in_list("/desk/catalogue", stage_words)
        if where is None:
            return None
        told = {"consented_on": day.isoformat(), "number": year.CONSENT.format(year=day.year)}
        officer.deed_on(where, deed, **(told if deed == "consent" else {}))
        stage.write(officer=officer.name, deed=f"{deed}_catalogue")
        return told["number"] if deed == "consent" else "居民看得到了，每一项写着程序和时间"

    return do


def writes_powers() -> Deed:
    """A handler writes what the street may do, and how."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "shenlin")
        if stage.powers() or officer.in_list("/desk/registers", "权力清单"):
            return None
        officer.write_powers(year.POWERS_INTRO, year.POWERS, "城市管理科")
        for deed in ("draft_new_register", *("put_entry" for _ in year.POWERS), "revise_register", "submit_register"):
            stage.write(officer=officer.name, deed=deed)
        return f"{len(year.POWERS)}项，每项画了流程图"

    return do


def on_powers(login: str, deed: str, stage_words: str) -> Deed:
    """The justice office checks, the office publishes."""

    def do(stage: Stage) -> str | None:
        if stage.powers():
            return None
        officer = at_desk(stage, login)
        where = officer.in_list("/desk/registers", stage_words)
        if where is None:
            return None
        officer.deed_on(where, deed, **({"remark": year.CHECKED} if deed == "check" else {}))
        stage.write(officer=officer.name, deed=f"{deed}_register")
        return ""

    return do


def proposes(person: Person) -> Deed:
    """A resident asks the street to decide something."""

    def do(stage: Stage) -> str | None:
        phone = stage.phone(person)
        phone.sign_in()
        if year.PROPOSED in phone.web.get("/mine").words:
            return None
        phone.propose(year.PROPOSED, year.WHY)
        stage.write(proposal=year.WHY)
        return quoted(year.PROPOSED)

    return do


def studies() -> Deed:
    """A handler finds out whose matter it is."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, "shenlin")
        page = officer.proposal(year.PROPOSED)
        if page is None or not page.has_form("outcome", "reason"):
            return None
        form = page.form("outcome", "reason")
        done = officer.web.submit(page, form, outcome="passed_on", passed_to=year.PASSED_TO, reason=year.ANSWER)
        if done.has_form("outcome", "reason"):
            raise Trouble(f"建议没有送审核：{done.complaint}")
        stage.write(officer=officer.name, deed="study_proposal")
        return f"转{year.PASSED_TO}"

    return do


def agrees_to_proposal(login: str, person: Person) -> Deed:
    """A second person agrees, and who proposed it finds the answer."""

    def do(stage: Stage) -> str | None:
        officer = at_desk(stage, login)
        page = officer.proposal(year.PROPOSED)
        if page is None or not page.has_form("deed", action="/verdict"):
            return None
        officer.web.submit(page, page.form("deed", action="/verdict"), press=("deed", "approve"))
        stage.write(officer=officer.name, deed="approve_proposal")
        if year.PASSED_TO not in stage.phone(person).web.get("/mine").words:
            raise Trouble(f"{person.name}的「我的意见」里没有这条建议的答复")
        return f"{person.name}看得到怎么办、为什么"

    return do


# ── the whole ────────────────────────────────────────────────────────────────


def put_before_the_people(day: int, matter: Matter) -> Iterator[Step]:
    """Drafting, the four who sign, and publishing."""
    yield Step(day, f"沈林起草《{matter.title}》", drafts(matter), True)
    for login, deed, waiting, words in ROAD:
        yield Step(day, f"{OFFICERS[login][0]}{words}", signs(matter, login, deed, waiting), True)


def story() -> list[Step]:
    """All steps in order."""
    title = lessons.ARTICLE["title"]
    p, c, r = PARKING, CHARGING, RIVERSIDE
    steps = [
        *(
            Step(
                0,
                f"{who.name}（{who.village}）{'打开小程序' if who in (HE, AHUI) else '关注公众号'}",
                picks_up(who, who not in (HE, AHUI)),
            )
            for who in (ZHOU, CHEN, HE, LI, WANG, ZHENG, ZHAO, SUN, AHUI, WU)
        ),
        Step(0, "罗静把年度决策事项目录的表格粘贴进来", pastes_catalogue()),
        Step(0, "周敏登记党工委同意", on_catalogue("consent", "编制中")),
        Step(0, "周敏公布目录", on_catalogue("publish", "党工委已同意")),
        Step(0, f"沈林给《{p.title}》立卷", road.opens(p.title, ("expert", "risk")), True),
        Step(0, "许静定：不听证，不另做民意调查", road.excuses(p.title)),
        *put_before_the_people(0, p),
        Step(0, "周女士在公众号里说第四条", says(ZHOU, p, "mother")),
        Step(0, "周女士接着补充", says(ZHOU, p, "lift", supplement=True)),
        Step(1, "李奶奶登录网页，对第九条提意见", writes(LI, p, "ramp", shown="words")),
        Step(1, "吴大爷先问好，再说正事", greets_and_says(WU, p, "support")),
        Step(3, "老陈发来一段语音", speaks(CHEN, p, "voice")),
        Step(3, "王师傅说第六条，拍了照片", says_with_picture(WANG, p, "north_gate", "bins")),
        Step(3, "照片和语音从微信取回来", fetched(p)),
        Step(5, "小何在小程序里说第七条", taps(HE, p, "tenant", told=True)),
        Step(5, "孙老师说第六条，拍了照片", says_with_picture(SUN, p, "blind_path", "road")),
        Step(5, "照片从微信取回来", fetched(p)),
        Step(6, "马芳听老陈的语音，记成文字", transcribes(p, "voice")),
        Step(7, "沈林编权力清单，送司法所核对", writes_powers()),
        Step(7, "罗静核对依据", on_powers("luojing", "check", "待司法所核对")),
        Step(7, "周敏公布权力清单", on_powers("zhoumin", "publish", "待公布")),
        Step(
            8,
            "田野接到电话，替石桥村的菜农录入",
            takes_in("tianye", p, "fair", channel="phone", place="石桥村", name="石桥村菜农"),
        ),
        Step(8, "林晓写普法文章，送审", writes_article(lessons.ARTICLE, lessons.TOPIC)),
        Step(9, "罗静审文章", article(title, "luojing", "review")),
        Step(9, "林晓发布文章", article(title, "linxiao", "publish")),
        Step(9, "林晓把文章推送给关注的人", article(title, "linxiao", "broadcast")),
        Step(
            10,
            "郑老板替桥头巷商户提意见",
            writes(ZHENG, p, "shops", kind="organisation", organisation="桥头巷商户联谊会", shown="name"),
        ),
        Step(10, "小赵在公众号里问一句", says(ZHAO, p, "courier")),
        Step(10, "小赵又说一条，想想撤回了", says_and_regrets(ZHAO, p, "regret")),
        Step(12, "老陈在公众号里问法律", asks(CHEN, lessons.QUESTION)),
        Step(12, "罗静分派咨询", assigns("彭远")),
        Step(12, "罗静登记四个村居的调解室和服务站", neighbourhood.registers_places(at_desk)),
        Step(13, "彭远答复咨询", replies(lessons.QUESTION, lessons.ANSWER)),
        Step(14, "孙老师在网页上提一件该决定的事", proposes(SUN)),
        Step(
            15,
            "菜场后街二十三户联名提意见，没有登录",
            writes(None, p, "horn", kind="joint", signers="23", shown="words", village="杨柳社区"),
        ),
        Step(
            15,
            "马芳替一位老人录入来信",
            takes_in("mafang", p, "bus", channel="paper", place="东湖村", show_text=True),
        ),
        Step(16, "周敏请三位专家入库", road.admits()),
        Step(17, "沈林写聘请函，请专家论证停车的事", road.engages(p.title, 3)),
        Step(18, "一位没有登录的居民说第七条", writes(None, p, "second_car", village="杨柳社区")),
        Step(18, "阿慧在小程序里说第八条", taps(AHUI, p, "three_hours")),
        Step(19, "沈林研究孙老师的建议", studies()),
        Step(20, "何秀兰同意答复，告诉孙老师", agrees_to_proposal("hexiulan", SUN)),
        Step(20, "小何在小程序里又提一条", taps(HE, p, "app")),
        Step(21, "沈林在杨柳社区开座谈会", road.holds_forum(p.title)),
        *(
            Step(
                21,
                f"送孩子的家长在网页上说第四条，{n}",
                writes(None, p, f"school_{n}", village="杨柳社区", **({"shown": "words"} if n == 4 else {})),
            )
            for n in range(1, 5)
        ),
        Step(22, "孙老师登录网页，说第十一条", writes(SUN, p, "poem", shown="name", name="孙老师")),
        Step(23, "沈林登记专家的声明和意见", road.hears(p.title, 3)),
        Step(24, f"沈林给《{c.title}》立卷", road.opens(c.title, ("expert", "risk")), True),
        Step(24, "许静定：充电的事不听证", road.excuses(c.title)),
        *put_before_the_people(24, c),
        Step(25, "吴大爷说了一段话，没说是哪件事", says_to_nobody(WU, p, "trees")),
        Step(25, "小赵也说了一段，没说是哪件事", says_to_nobody(ZHAO, p, "charging")),
        Step(26, "周敏看了这两段话，归到该去的地方", places(p, ("trees", "charging"))),
        Step(26, "周女士从菜单里选了充电的事，说第三条", chooses_and_says(ZHOU, c, "fourth_floor")),
        Step(26, "马芳写讲堂预告，送审", neighbourhood.announces(at_desk, "mafang", neighbourhood.FIRST, 2)),
        Step(26, "罗静审预告", neighbourhood.releases_lecture(at_desk, "luojing", neighbourhood.FIRST)),
        Step(26, "老陈在公众号里报名听讲", neighbourhood.signs_up(CHEN, neighbourhood.FIRST)),
        Step(
            28, "老陈到了东湖村，在公众号里签到", neighbourhood.is_there(at_desk, CHEN, "mafang", neighbourhood.FIRST)
        ),
        Step(28, "马芳登记到场人数", neighbourhood.counts(at_desk, "mafang", neighbourhood.FIRST)),
        Step(31, "周敏核对别人代录的信、电话和转写的语音", together.reads_again(at_desk), True),
        Step(31, "停车的意见截止了，沈林找出说得差不多的几条", together.puts_together(at_desk, p)),
        Step(31, "沈林一次答这一组", together.answers_together(at_desk, p)),
        Step(31, "沈林逐条答其余的", answers(p), True),
        Step(31, "沈林把要公开的话里的电话号码隐去", together.covers_numbers(at_desk, p)),
        Step(32, "许静审核", approves(p, "xujing", 2), True),
        Step(32, "何秀兰审核其余的", approves(p, "hexiulan"), True),
        Step(34, "吴启明发布答复", releases(p, "wuqiming"), True),
        Step(34, "周女士的手机", is_told(ZHOU, p)),
        Step(35, "老陈说第四条", says(CHEN, c, "villages")),
        Step(36, "小赵说第四条", says(ZHAO, c, "riders")),
        Step(38, "孙老师登录网页，说第五条", writes(SUN, c, "window")),
        Step(40, "郑老板登录网页，说第六条", writes(ZHENG, c, "price", shown="words")),
        Step(41, "李奶奶登录网页，说第七条", writes(LI, c, "lift_talks", shown="words")),
        Step(43, "吴大爷说第八条", says(WU, c, "school")),
        Step(44, "阿慧在小程序里提意见", taps(AHUI, c, "old_battery")),
        Step(45, "沈林写聘请函，请专家论证充电的事", road.engages(c.title, 2)),
        Step(46, "小何在小程序里提意见", taps(HE, c, "night_light")),
        Step(47, "沈林登记第一位专家的意见", road.hears(c.title, 1)),
        Step(47, "沈林开始评估充电的风险", road.begins_risk(c.title)),
        Step(49, f"沈林给《{r.title}》立卷", road.opens(r.title), True),
        Step(50, "微信没有让下一篇图文通过检查", refuses_to_publish(r)),
        *put_before_the_people(50, r),
        Step(51, "孙老师登录网页，说第五条", writes(SUN, r, "frogs", shown="name", name="孙老师")),
        Step(51, "沈林写民意调查，送审", neighbourhood.writes_poll(at_desk)),
        Step(51, "许静审调查", neighbourhood.on_poll(at_desk, "xujing", "review")),
        Step(51, "周敏公布调查", neighbourhood.on_poll(at_desk, "zhoumin", "publish")),
        Step(52, "沈林列内部征求的名单，五类都有", road.lists_inside(r.title)),
        Step(52, "许静开始内部征求", road.asks_inside(r.title)),
        Step(53, "沈林把草案送给名单上的人", road.sends_inside(r.title)),
        *(
            Step(54, f"{who.name}答了民意调查", neighbourhood.answers_poll(who, which, when, words))
            for who, which, when, words in (
                (ZHOU, 1, (1,), ""),
                (LI, 3, (0, 1), "坐轮椅看不清路，暗一点可以，别全黑。"),
                (ZHENG, 1, (2,), ""),
                (SUN, 0, (0,), "九点就够了，青蛙也要睡觉。"),
            )
        ),
        Step(54, "林晓把文章变成广播稿，送审", doorways.writes_script(at_desk, lessons.ARTICLE["title"])),
        Step(54, "罗静审广播稿", doorways.agrees_to_script(at_desk, lessons.ARTICLE["title"])),
        Step(54, "林晓排大喇叭", doorways.plans_airings(at_desk, lessons.ARTICLE["title"])),
        Step(55, "林晓登记实践站的展览，送审", doorways.shows_something(at_desk)),
        Step(55, "罗静审展览", doorways.lets_it_out(at_desk)),
        Step(56, "田野入户，回来在手机上记一次", doorways.visits_homes(at_desk, "tianye")),
        Step(55, "吴大爷在公众号里说第六条", says(WU, r, "dance")),
        Step(55, "充电的意见截止了，沈林答复了一部分", answers(c), True),
        Step(56, "许静审核：同意几条，退回一条", approves(c, "xujing")),
        Step(57, "阿慧在小程序里问法律，等着答复", asks_in_mini(AHUI, lessons.SECOND_QUESTION)),
        Step(57, "林晓又写一篇，等别人审", writes_article(lessons.SECOND_ARTICLE, lessons.SECOND_TOPIC)),
        Step(57, "林晓预告下一场讲堂", neighbourhood.announces(at_desk, "linxiao", neighbourhood.NEXT, 9, 19)),
        Step(57, "罗静审预告，居民可以报名", neighbourhood.releases_lecture(at_desk, "luojing", neighbourhood.NEXT)),
        Step(57, "马芳登记大喇叭播没播", doorways.logs_airings(at_desk, "mafang", lessons.ARTICLE["title"])),
        Step(57, "沈林给老年食堂的事立卷", road.opens_small_one()),
        Step(57, "阿慧在小程序里说第四条", taps(AHUI, r, "dark")),
    ]
    last = steps.pop()
    steps += [Step(*each) for each in (*road.before_decided(p.title), *road.decided_and_sealed(p.title))]
    return [*sorted(steps, key=lambda step: step.day), last]


def finished(stage: Stage) -> bool:
    """Whether the story was played to its end, as a stranger sees it: its last step is a comment on the open matter."""
    last = stage.consultations().get(RIVERSIDE.title)
    return last is not None and int(last["texts"]) >= len(RIVERSIDE.sayings)
