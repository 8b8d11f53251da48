"""The five minutes of a stranger: phones are held, a month passes by a button, the desk answers by keyboard, the phones know."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from server.simulator.story.stage import Stage
from tests.browser.conftest import PATIENCE, Windows
from tests.stories.test_the_loop import DRAFT, NOTICE, TITLE, signed_in

expect.set_options(timeout=PATIENCE)
pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class Said:
    """What somebody says, and what the desk makes of it with which keys."""

    words: str
    key: str
    outcome: str
    reason: str
    gist: str
    becomes: tuple[str, str] = ("", "")


CHAT = Said(
    "第二条，六点就关门，下班正好赶不上。能不能开到晚上八点？",
    "1",
    "采纳",
    "登记的读者里上班的占六成，第二条改为开放到二十时。",
    "希望开放到晚上八点",
    ("十八时", "二十时"),
)
PAGE = Said(
    "一次两本太少，绘本十分钟就翻完了。",
    "2",
    "部分采纳",
    "第三条改为绘本可以借五册；其他图书仍是两册，因为一共只有一千二百册。",
    "希望一次多借几册",
    ("可以借书两册", "可以借书两册，绘本可以借五册"),
)
MINI = Said(
    "法定节假日能不能也开门？",
    "3",
    "未采纳",
    "第二条不改。节假日没有人值守，志愿者还没有招满，招满以后再提出来商量。",
    "希望节假日开放",
)


def on(page: Page) -> FrameLocator:
    """The web page that the phone shows."""
    return page.frame_locator("#phone iframe")


def title_in_bar(page: Page) -> Locator:
    """What stands in WeChat's bar above it."""
    return page.locator("#phone .bar h2")


def picks_up(windows: Windows, name: str, village: str) -> Page:
    """Somebody adds a phone on the table of phones, and holds it."""
    page = windows.open()
    page.goto(windows.wechat())
    page.get_by_label("称呼").fill(name)
    page.get_by_label("住在").fill(village)
    page.get_by_role("button", name="加上").click()
    page.wait_for_url(re.compile(r"phone-\d+\."))
    expect(page.get_by_role("button", name="去看看这个公众号")).to_be_visible()
    return page


def published(stage: Stage) -> str:
    """The notice goes its road: drafted, checked, reviewed, signed, numbered."""
    handler = signed_in(stage, "shenlin")
    handler.write_notice(handler.draft(TITLE, DRAFT), dict(NOTICE))
    for login, deed in (("xujing", "check"), ("hexiulan", "review"), ("wuqiming", "sign"), ("zhoumin", "publish")):
        signed_in(stage, login).sign(TITLE, deed)
    return str(stage.consultations()[TITLE]["id"])


def test_a_stranger_lives_the_whole_story(windows: Windows, stage: Stage) -> None:
    where = published(stage)

    # One follows, is welcomed, presses the menu, and simply says what she thinks.
    woman = picks_up(windows, "林阿姨", "杨柳社区")
    woman.get_by_role("button", name="去看看这个公众号").click()
    woman.get_by_role("button", name="关注公众号").click()
    chat = woman.locator(".talk-view")
    expect(chat).to_contain_text("青禾街道")
    woman.locator(".menu").get_by_role("button", name="征求意见").click()
    card = chat.get_by_role("button", name=re.compile(TITLE))
    expect(card).to_be_visible()
    woman.get_by_role("button", name="用键盘").click()
    woman.get_by_label("说点什么").fill(CHAT.words)
    woman.get_by_label("说点什么").press("Enter")
    expect(chat).to_contain_text(re.compile(r"编号 \d{3} \d{3} \d{2}"))
    expect(chat.locator(".msg:not(.mine)").last).to_contain_text("第二条")

    # She opens the notice from the card; the page knows her without asking; she says one more thing about a clause.
    card.last.click()
    web = on(woman)
    expect(web.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(title_in_bar(woman)).to_contain_text(TITLE)
    web.get_by_role("link", name=re.compile("对这一条说两句.*第三条")).click()
    expect(title_in_bar(woman)).to_contain_text("对第三条提意见")
    web.get_by_label("您的意见").fill(PAGE.words)
    expect(web.get_by_text("草稿已存好")).to_be_visible()
    web.get_by_role("button", name="提交意见").click()
    expect(web.get_by_role("heading", name="意见收到了")).to_be_visible()
    expect(web.get_by_text("会在微信里告诉您")).to_be_visible()
    web.get_by_role("link", name="我的意见").click()
    for said in (CHAT, PAGE):
        expect(web.get_by_role("main")).to_contain_text(said.words)

    # Another has only the mini program: he says something there and allows to be told once.
    man = picks_up(windows, "老郭", "东湖村")
    man.get_by_role("button", name="发现").click()
    man.get_by_role("button", name=re.compile("小程序")).click()
    mini = man.locator(".mp")
    mini.get_by_role("button", name=re.compile(TITLE)).click()
    mini.locator(".clause", has_text="第二条").get_by_role("button").click()
    mini.get_by_label("您的意见").fill(MINI.words)
    mini.get_by_role("checkbox", name=re.compile("我看过并同意")).check()
    mini.get_by_role("button", name="提交意见").click()
    expect(mini.get_by_role("heading", name="意见收到了")).to_be_visible()
    mini.get_by_role("button", name="有了答复告诉我一次").click()
    man.get_by_role("dialog", name="订阅消息").get_by_role("button", name="允许").click()
    expect(mini.get_by_role("button", name="会告诉您一次")).to_be_visible()

    # A month passes by one button, on the phones and in the office.
    woman.get_by_role("button", name="31天后").click()
    expect(woman.get_by_text("比今天晚31天")).to_be_visible()

    answered_by_keyboard(windows, where)
    approved_by_keyboard(windows)
    released(windows, where)

    # Her phone: a card in the conversation; behind it outcome, reason, and the clause before and after.
    woman.get_by_role("button", name="关闭网页").click()
    told = chat.get_by_role("button", name=re.compile("意见答复通知"))
    expect(told.first).to_be_visible()
    told.last.click()
    answers = on(woman).get_by_role("main")
    for said in (CHAT, PAGE):
        for words in (said.outcome, said.reason):
            expect(answers).to_contain_text(words)
    change = answers.locator(".change", has_text="原来的第二条")
    expect(change.locator("del")).to_contain_text("十八")
    expect(change.locator("ins")).to_contain_text("二十")
    expect(change).to_contain_text("打算改成的第二条")
    expect(answers.locator(".change", has_text="原来的第三条").locator("ins")).to_contain_text("绘本可以借五册")

    # His phone: the one message that he allowed; behind it the answer in the mini program.
    man.get_by_role("button", name="关闭小程序").click()
    man.locator(".tabs").get_by_role("button", name=re.compile("微信")).click()
    man.get_by_role("button", name=re.compile("服务通知")).click()
    man.locator(".talk-view").get_by_role("button", name=re.compile("查看详情")).click()
    expect(mini).to_contain_text(MINI.outcome)
    expect(mini).to_contain_text(MINI.reason)

    # Everybody: the notice shows its five steps done, and leads to the report with its honest counts.
    anybody = windows.open(390)
    anybody.goto(f"{windows.site()}/consultations/{where}")
    expect(anybody.locator(".steps .done")).to_have_count(5)
    anybody.get_by_role("link", name="看意见采纳情况").click()
    expect(anybody.get_by_role("main")).to_contain_text("3条意见里，2条改进了草案")
    for said in (CHAT, PAGE, MINI):
        expect(anybody.get_by_role("main")).to_contain_text(said.gist)
        expect(anybody.get_by_role("main")).not_to_contain_text(said.words)


def answered_by_keyboard(windows: Windows, where: str) -> None:
    """One clerk, three points, no mouse."""
    desk = windows.officer("shenlin")
    desk.goto(f"{windows.site('shenlin')}/desk/answering/{where}")
    for _ in range(3):
        shown = desk.locator(".mid .said").inner_text()
        said = next(one for one in (CHAT, PAGE, MINI) if one.words in shown)
        desk.keyboard.press(said.key)
        desk.keyboard.press("r")
        desk.keyboard.type(said.reason)
        desk.keyboard.press("Escape")
        desk.keyboard.press("e")
        desk.keyboard.press("ControlOrMeta+a")
        desk.keyboard.type(said.gist)
        if said.becomes[0]:
            desk.keyboard.press("Escape")
            desk.keyboard.press("c")
            clause = desk.locator("textarea[name=revised]")
            clause.fill(clause.input_value().replace(*said.becomes))
            expect(desk.locator("#look ins").first).to_be_visible()
        here = desk.url
        desk.keyboard.press("Control+Enter")
        desk.wait_for_url(lambda url, here=here: url != here)
        expect(desk.locator(".wrongs")).to_have_count(0)
    expect(desk.locator(".prog")).to_contain_text("3 等审核")


def approved_by_keyboard(windows: Windows) -> None:
    """A second person reads each answer, and agrees."""
    second = windows.officer("xujing")
    second.goto(f"{windows.site('xujing')}/desk/approval")
    expect(second.get_by_role("heading", level=1)).to_contain_text("3 条")
    second.keyboard.press("Enter")
    for left in (3, 2, 1):
        expect(second.locator(".head .facts")).to_contain_text(f"等审核的共 {left} 条")
        expect(second.locator(".head .facts")).to_contain_text("可以审")
        here = second.url
        second.keyboard.press("a")
        second.wait_for_url(lambda url, here=here: url != here)
    expect(second.get_by_role("heading", level=1)).to_contain_text("没有等您审核的")


def released(windows: Windows, where: str) -> None:
    """The chief types how many there are; a wrong number releases nothing."""
    chief = windows.officer("wuqiming")
    chief.goto(f"{windows.site('wuqiming')}/desk/release/{where}")
    total = chief.locator("form#deed input[name=points]")
    total.fill("2")
    chief.get_by_role("button", name="同意发布").click()
    expect(chief.locator("form#deed .e")).to_be_visible()
    total.fill("3")
    chief.get_by_role("button", name="同意发布").click()
    chief.wait_for_url(re.compile("/desk/consultations/|/desk/release"))
    expect(chief.locator("main [role=status]")).to_contain_text(re.compile(r"〔\d{4}〕\d+号发布了，正在逐个告知"))
    expect(chief.locator("form#deed")).to_have_count(0)


def test_an_article_is_read_and_a_question_is_answered(windows: Windows, stage: Stage) -> None:
    # Two hands write and review it; the third deed pushes it to whoever follows.
    title, law = "借书不还，欠的是谁的情", "《中华人民共和国民法典》第二百三十五条"
    reader = picks_up(windows, "许老师", "新河社区")
    reader.get_by_role("button", name="去看看这个公众号").click()
    reader.get_by_role("button", name="关注公众号").click()
    author = signed_in(stage, "linxiao")
    text = {"title": title, "digest": "一本书的小事。", "body": "书是大家的。\n\n## 怎么办\n\n还回来就好。"}
    author.write_article({**text, "basis": law, "basis_on": "2021-01-01"}, "涉村集体")
    signed_in(stage, "luojing").article_deed(title, "review")
    author.article_deed(title, "publish")
    author.article_deed(title, "broadcast")

    # It lands in the conversation; behind it WeChat's own page, and behind that ours.
    chat = reader.locator(".talk-view")
    chat.get_by_role("button", name=re.compile(title)).first.click()
    piece = on(reader)
    expect(piece.get_by_role("heading", level=1)).to_contain_text(title)
    expect(piece.locator(".text")).to_contain_text("还回来就好")
    piece.get_by_role("link", name="阅读原文").click()
    expect(piece.get_by_role("main")).to_contain_text(law)
    expect(title_in_bar(reader)).to_contain_text(title)

    # Asked from the menu, in her own words.
    reader.get_by_role("button", name="关闭网页").click()
    reader.locator(".menu").get_by_role("button", name="学法问法").click()
    reader.locator(".sub").get_by_role("button", name="问法律问题").click()
    question = "邻居借了我家的梯子三个月不还，说是我送他的，我该怎么办？"
    reader.get_by_role("button", name="用键盘").click()
    reader.get_by_label("说点什么").fill(question)
    reader.get_by_role("button", name="发送").click()
    expect(chat.locator(".msg:not(.mine)").last).to_contain_text("法律顾问")

    # The justice office gives it to a counsel; the counsel answers.
    justice = windows.officer("luojing")
    justice.goto(f"{windows.site('luojing')}/desk/questions")
    expect(justice.locator("main")).not_to_contain_text("梯子")
    justice.get_by_role("link", name=re.compile("^打开")).first.click()
    expect(justice.locator("main")).to_contain_text(question)
    justice.locator("select[name=counsel]").select_option(index=0)
    chosen = justice.locator("select[name=counsel] option").filter(has_text="彭远").get_attribute("value")
    justice.locator("select[name=counsel]").select_option(chosen)
    justice.get_by_role("button", name="派给他").click()
    counsel = windows.officer("pengyuan")
    counsel.goto(f"{windows.site('pengyuan')}/desk/questions")
    counsel.get_by_role("link", name=re.compile("^打开")).first.click()
    counsel.locator("textarea[name=text]").fill("先当面说清，留下字据；不还的，可以请村调解委员会调解。")
    counsel.get_by_role("button", name=re.compile("答复|发给")).first.click()
    expect(counsel.locator("main [role=status]")).to_contain_text("答复了，正在告诉他")

    # She is told, and reads it where nobody else can.
    told = chat.get_by_role("button", name=re.compile("查看详情")).last
    expect(told).to_be_visible()
    told.click()
    private = on(reader).get_by_role("main")
    expect(private).to_contain_text("法律顾问回复了")
    expect(private).to_contain_text("留下字据")
    address = reader.frames[-1].url
    other = windows.open(390)
    other.goto(address.replace(re.search(r"phone-\d+", address).group(), "phone-99"))  # type: ignore[union-attr]
    expect(other.locator("body")).not_to_contain_text("留下字据")
