"""A draft is put before the people, they speak through three doors, and 31 days later each phone has its answer."""

import secrets
from typing import Any
from urllib.parse import urlsplit

import pytest

from server.simulator.story.browser import NoForm, Page, Trouble
from server.simulator.story.desk import Answer, Officer
from server.simulator.story.phone import Phone
from server.simulator.story.stage import Stage
from tests.stories.conftest import Town

TITLE = "青禾街道社区图书角开放办法"
DRAFT = """青禾街道社区图书角开放办法

第一条　为了让放学的孩子有书看、下班的人有地方坐，制定本办法。

第二条　图书角每日九时至十八时开放，法定节假日闭馆。

第三条　每人每次可以借书两册，借期三十天。
"""
NOTICE = {
    "summary": "图书角几点关门、一次借几本，请您说说。",
    "whom": "爱看书的人",
    "content": "开放时间、借书册数和借期。",
    "purpose": "让图书角真正有人来。",
    "basis": "《中华人民共和国公共图书馆法》。",
    "impact": "下班以后也能借书。",
    "window_days": "30",
    "contact_phone": "0000-5550123",
}
CHAT = "第二条，六点就关门，我们下班正好赶不上。能不能开到晚上八点？"
PAGE = "法定节假日才有空带孩子去，反倒闭馆了。"
MINI = "一次两本太少，绘本十分钟就翻完了，孩子们想借五本。"
LATER = "图书角每日九时至二十时开放，法定节假日照常开放。"
ANSWERS = {
    CHAT: Answer(
        "adopted", "采纳。登记的读者里上班的占六成，第二条改为开放到二十时。", "希望开放到晚上八点", "reworded", LATER
    ),
    PAGE: Answer("adopted", "采纳。第二条改为法定节假日照常开放，由志愿者轮值。", "希望节假日开放", "reworded", LATER),
    MINI: Answer(
        "partly_adopted",
        "部分采纳。绘本改为一次五册；其他图书仍是两册，因为图书角一共只有一千二百册，借空了别人就没有书看。",
        "希望一次多借几册",
        "reworded",
        "每人每次可以借书两册，绘本可以借五册，借期三十天。",
    ),
}


def signed_in(stage: Stage, login: str) -> Officer:
    """An officer at the desk."""
    officer = stage.officers[login]
    officer.sign_in()
    return officer


def point_with(officer: Officer, consultation: str, text: str) -> Page:
    """The point of the worklist that is about this text."""
    return next(p for p in officer.points(consultation) if text in p.tree.xpath('//*[@class="said"]')[0].text_content())


def template_in(phone: Phone, room: str) -> dict[str, Any] | None:
    """The last card with an answer on a phone."""
    found = [m for m in phone.chat() if m["kind"] == "template" and m["room"] == room and not m["mine"]]
    return found[-1] if found else None


@pytest.mark.both_engines
@pytest.mark.timeout(300)
def test_what_people_said_is_answered_and_they_are_told(town: Town, stage: Stage) -> None:
    woman, man, clerk = (stage.phones[n] for n in (1, 2, 3))
    for phone in (woman, man, clerk):
        phone.begin()

    # A clerk drafts, four people sign, the office publishes; nobody signs who drafted, nothing is public before.
    handler = signed_in(stage, "shenlin")
    notice = handler.draft(TITLE, DRAFT)
    assert notice.words.count("第三条") >= 1
    handler.write_notice(notice, dict(NOTICE))
    address = next(href for words, href in handler.drafts().items() if TITLE in words)
    assert stage.consultations() == {}
    assert stage.anybody.get(f"/consultations/{address.rsplit('/', 1)[1]}", ok=(404,)).status == 404
    with pytest.raises(Trouble):
        handler.sign(TITLE, "check")
    for login, deed in (("xujing", "check"), ("hexiulan", "review"), ("wuqiming", "sign"), ("zhoumin", "publish")):
        signed_in(stage, login).sign(TITLE, deed)
    line = stage.consultations()[TITLE]
    assert (line["state"], line["days_left"]) == ("open", 30)
    where = str(line["id"])

    # One speaks in the chat, one on the page, one in the mini program.
    assert "青禾街道" in woman.follow().reply
    receipt = woman.say(CHAT).reply
    assert "编号" in receipt
    assert "第二条" in receipt
    assert CHAT not in receipt

    man.sign_in()
    paper = man.comment(where, positions(stage, where)["第二条"], "东湖村", text=PAGE, shown="words")
    assert "意见收到了" in paper.words

    clerk.enter()
    clauses = {c["label"]: c["id"] for c in stage.anybody.get(f"/api/v1/consultations/{where}").json()["clauses"]}
    key = secrets.token_hex(16)
    said = {"consultation": where, "clause": clauses["第三条"], "text": MINI}
    first = clerk._mini("/comments", said, key=key)
    assert clerk._mini("/comments", said, key=key) == first, "the same button pressed twice is one comment"
    assert clerk.let_tell() == 1

    # While it is open nobody can be answered publicly, and the answers cannot go out.
    office = signed_in(stage, "wuqiming")
    with pytest.raises(NoForm):
        office.release(where)

    # 31 days later the window has closed by itself, on every door.
    moved = town.product.wechat("POST", "/clock", {"days": 31})
    assert moved["ok"]
    assert stage.consultations()[TITLE]["state"] == "closed"
    assert "先替您收好" in woman.say("再补一句").reply, "heard, but not as a comment on what is closed"
    assert man.web.get(f"/consultations/{where}/comment").path == f"/consultations/{where}"
    late = clerk.web.send_json(
        "/api/v1/comments",
        said,
        headers={"Authorization": f"Bearer {clerk.token}", "Idempotency-Key": secrets.token_hex(16)},
        ok=(422, 409),
    )
    assert "征集期" in late["message"]

    # Outcome and reason for each; a second person approves; nothing goes out before.
    for text, answer in ANSWERS.items():
        handler.answer(point_with(handler, where, text), answer)
    with pytest.raises(NoForm):
        office.release(where)
    with pytest.raises(Trouble):
        handler.to_approve()
    second = signed_in(stage, "xujing")
    waiting = second.to_approve()
    assert len(waiting) == 3
    for point in waiting:
        second.judge(point, lambda page: ("approve", ""))
    done, total = office.release(where)
    assert total == 3
    assert "发布" in done.words

    # The follower has a template message, the mini program's person a subscribe message; both lead to the page.
    card = stage.wait("公众号的通知没有到", lambda: template_in(woman, "official"), 40)
    assert TITLE[:10] in "".join(entry["text"] for entry in card["lines"])
    assert LATER not in str(card), "the answer itself stands on the page, not in the message"
    woman.sign_in()
    at = urlsplit(str(card["url"]))
    mine = woman.web.get(at.path + (f"?{at.query}" if at.query else ""))
    mine = mine if CHAT[:10] in mine.words else woman.web.get("/mine")
    for words in ("采纳", ANSWERS[CHAT].reason, "二十时"):
        assert words in mine.words
    assert stage.wait("小程序的通知没有到", lambda: template_in(clerk, "service"), 40)
    one = clerk._mini(f"/comments/{first['id']}")
    assert [a["outcome"] for a in one["answers"]] == ["partly_adopted"]
    assert one["answers"][0]["reason"] == ANSWERS[MINI].reason
    assert "绘本" in one["answers"][0]["after"]
    assert "绘本" not in one["answers"][0]["before"]
    man_sees = man.web.get("/mine").words
    assert ANSWERS[PAGE].reason in man_sees

    # Everybody can read the report; one person allowed their words to be shown, the others did not.
    report = stage.anybody.get(f"/reports/{where}").words
    for answer in ANSWERS.values():
        assert answer.gist in report
        assert answer.reason in report
    assert PAGE in report
    assert CHAT not in report
    assert MINI not in report


@pytest.mark.timeout(300)
def test_an_article_goes_out_and_a_question_is_answered(stage: Stage) -> None:
    reader, other = stage.phones[1], stage.phones[2]
    for phone in (reader, other):
        phone.begin()
        phone.follow()

    # Written by one, reviewed by another, published, pushed; the phone shows it and it can be read.
    title = "借书不还，欠的是谁的情"
    author = signed_in(stage, "linxiao")
    article = {
        "title": title,
        "digest": "一本书的小事。",
        "body": "书是大家的。\n\n## 怎么办\n\n还回来就好。",
        "basis": "《中华人民共和国民法典》第二百三十五条",
        "basis_on": "2021-01-01",
    }
    author.write_article(article, "涉村集体")
    with pytest.raises(Trouble):
        author.article_deed(title, "review")
    with pytest.raises(Trouble):
        author.article_deed(title, "publish")
    assert title not in stage.articles()
    signed_in(stage, "luojing").article_deed(title, "review")
    author.article_deed(title, "publish")
    assert title in stage.articles()
    author.article_deed(title, "broadcast")

    def pushed() -> str:
        cards = [a for m in reader.chat() for a in m.get("articles") or [] if not m["mine"]]
        return next((str(a["url"]) for a in cards if title in a["title"]), "")

    link = stage.wait("推送的文章没有到", pushed, 40)
    page = stage.wechat.get(link)
    assert "还回来就好" in page.words
    assert reader.say("学法").reply == title

    # Asked in the chat, given to a counsel, answered; only who asked can read it.
    question = "邻居借了我家的梯子三个月不还，说是我送他的，我该怎么办？"
    reader.say("问法律")
    assert "法律顾问" in reader.say(question).reply
    justice = signed_in(stage, "luojing")
    (waiting,) = justice.questions()
    assert question not in justice.web.get("/desk/questions").words
    justice.assign(waiting, "彭远")
    assert signed_in(stage, "pengyuan").reply(
        waiting, question[:12], "先当面说清，留下字据；不还的，可以请村调解委员会调解。"
    )
    reader.sign_in()
    other.sign_in()
    mine = reader.web.get("/questions").links("/questions/")
    where = next(href for href, words in mine if question[:8] in words)
    answer = reader.web.get(where).words
    assert "留下字据" in answer
    assert "法律援助" in answer
    assert other.web.get(where, ok=(404,)).status == 404
    assert stage.anybody.get(where, ok=()).path != where


def positions(stage: Stage, consultation: str) -> dict[str, int]:
    """Where each clause stands on the page: its label and the number in its address."""
    page = stage.anybody.get(f"/consultations/{consultation}")
    start = f"/consultations/{consultation}/comment?clause="
    return {words.split("（")[1].rstrip("）"): int(href.removeprefix(start)) for href, words in page.links(start)}
