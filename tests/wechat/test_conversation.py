"""Conversations as residents have them: a text is taken first, and asked about afterwards."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from models.comments.comment import Attachment, Comment, MediaState
from models.comments.unplaced import Unplaced, UnplacedStage
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.ids import spaced
from models.kernel.trail import Trace
from models.kernel.work import Work
from models.messages.conversation import Conversation
from models.messages.follow import follow, whose
from models.outreach.article import topics
from models.people.link import OneOffLink
from models.people.place import villages
from models.people.resident import Identity
from models.questions.question import Question
from server.cli.setting_up import PRIVACY_VERSION
from server.house import House
from server.wechat import router, words
from server.wechat.menu import KEYS
from tests.conftest import OFFICIAL, Clock
from tests.making import shown_texts
from tests.wechat.phone import Phone

both = pytest.mark.both_engines


def receipt_in(text: str) -> str:
    """The number that a reply names."""
    found = re.search(r"编号 (\d{3} \d{3} \d{2})", text)
    assert found, text
    return found.group(1).replace(" ", "")


def comments(app: House) -> list[tuple[str, str, str | None, list[str]]]:
    """Title, words, clause and supplements of every comment."""
    with app.app_context():
        return [
            (c.consultation.title, c.text, c.clause.label if c.clause else None, [s.text for s in c.supplements])
            for c in db.session.query(Comment).order_by(Comment.id)
        ]


# --- what is said becomes a comment -----------------------------------------------------------------------------------


@both
def test_the_first_words_become_a_comment_and_what_follows_its_supplement(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    reply = phone.say("第四条，一个小时不够，能不能放宽到一个半小时？")
    assert reply.text.startswith("收到了，记在《农贸市场周边停车管理办法》第四条下面。\n编号 ")
    assert re.search(r"不晚于20\d\d年\d+月\d+日答复您。", reply.text)
    assert "要补充，接着说就行；不想提了，回复「撤回」。" in reply.text
    assert "默认不公开" in reply.text
    more = phone.say("  老人走得慢。\n")
    assert more.text.startswith(f"已补充到编号 {spaced(receipt_in(reply.text))} 的意见里，一共补充了1次。")
    assert comments(app) == [
        ("农贸市场周边停车管理办法", "第四条，一个小时不够，能不能放宽到一个半小时？", "第四条", ["  老人走得慢。\n"])
    ]
    with app.app_context():
        comment = db.session.query(Comment).one()
        assert (comment.channel.value, comment.show_text, comment.show_name) == ("chat", False, False)
        assert {t.fact for t in db.session.query(Trace).filter_by(subject_kind="Comment")} == {"Comment.add"}
        asked = db.session.query(Consultation).one()
        assert (asked.n_people, asked.n_texts, asked.n_points) == (1, 1, 1)


@both
def test_white_space_and_rare_characters_arrive_as_typed(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    written = "\n  　第一行\t\n\n第二行 ]]> <b>&amp; 𠮷 e\u0301 👨\u200d👩\u200d👧  "
    phone.say(written)
    assert comments(app)[0][1] == written


def test_a_text_about_another_clause_is_a_comment_of_its_own(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    phone.say("第四条，一个小时不够。")
    phone.say("第4条还要加一句：节假日放宽。")
    phone.say("第三条，早市应从五点半开始。")
    assert [(c[2], len(c[3])) for c in comments(app)] == [("第四条", 1), ("第三条", 0)]


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("第四条，太短", "第四条"),
        ("第4条太短", "第四条"),
        ("第４条 太短", "第四条"),
        ("「第四条」太短", "第四条"),
        ("  第 四 条：太短", "第四条"),
        ("我觉得第四条太短", None),
        ("第四十条太短", None),
        ("第四个车位太短", None),
    ],
)
def test_a_clause_is_recognised_at_the_start_only(
    app: House, phone: Phone, publish: Callable[..., str], typed: str, label: str | None
) -> None:
    publish()
    reply = phone.say(typed)
    assert comments(app)[0][2] == label
    if "四十" in typed:
        assert "草案里没找到第四十条" in reply.text


def test_a_new_comment_can_be_begun(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    phone.say("一个小时不够。")
    assert "另一条意见" in phone.say("新意见").text
    phone.say("路口要装灯。")
    assert [c[1] for c in comments(app)] == ["一个小时不够。", "路口要装灯。"]


def test_the_word_supplement_points_to_the_last_comment(phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    assert phone.say("补充").text == words.nothing_to_supplement()
    receipt = receipt_in(phone.say("一个小时不够。").text)
    assert spaced(receipt) in phone.say("「补充」").text


@both
def test_a_comment_can_be_taken_back_and_said_anew(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    assert phone.say("撤回").text == words.nothing_to_withdraw()
    receipt = receipt_in(phone.say("一个小时不够。").text)
    assert phone.say(" 撤回！").text == words.withdrawn(receipt)
    assert phone.say("撤回").text == words.nothing_to_withdraw()
    phone.say("两个小时才够。")
    with app.app_context():
        assert [c.withdrawn for c in db.session.query(Comment).order_by(Comment.id)] == [True, False]


def test_a_comment_can_be_taken_back_by_its_number_and_only_ones_own(
    app: House, phone: Phone, other_phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    receipt = receipt_in(phone.say("一个小时不够。").text)
    assert "没有找到" in other_phone.say(f"撤回 {receipt}").text
    assert phone.say(f"撤回 {spaced(receipt)}").text == words.withdrawn(receipt)
    with app.app_context():
        assert db.session.query(Comment).one().withdrawn


@both
def test_a_day_later_the_choice_is_over_and_the_words_begin_a_new_comment(
    app: House, phone: Phone, publish: Callable[..., str], clock: Clock
) -> None:
    publish()
    phone.say("一个小时不够。")
    clock.forward(hours=23)
    phone.say("老人走得慢。")
    clock.forward(hours=2)
    phone.say("路口要装灯。")
    assert [(c[1], c[3]) for c in comments(app)] == [("一个小时不够。", ["老人走得慢。"]), ("路口要装灯。", [])]


@both
def test_after_the_window_words_are_kept_for_staff(
    app: House, phone: Phone, publish: Callable[..., str], clock: Clock
) -> None:
    publish()
    phone.say("一个小时不够。")
    clock.forward(days=31)
    reply = phone.say("还有，路口要装灯。")
    assert "先替您收好" in reply.text
    assert "现在没有正在征求意见的事" in reply.text
    assert "告诉您" not in reply.text, "openings are not pushed, so nothing is promised"
    assert len(comments(app)) == 1
    with app.app_context():
        assert [u.text for u in db.session.query(Unplaced)] == ["还有，路口要装灯。"]
    assert "已经撤回" in phone.say("撤回").text, "what was said last"
    assert "截止" in phone.say("撤回").text
    with app.app_context():
        assert not db.session.query(Comment).one().withdrawn


# --- which consultation -----------------------------------------------------------------------------------------------


@both
def test_with_several_open_the_text_is_kept_first_and_placed_by_number(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish("停车管理办法")
    publish("广场舞管理办法")
    kept = phone.say("第四条，一个小时不够。")
    receipt = receipt_in(kept.text)
    assert "请问说的是哪一件？\n1. 《停车管理办法》" in kept.text
    assert "2. 《广场舞管理办法》" in kept.text
    phone.say("而且路灯太暗。")
    placed = phone.say("２")
    assert f"编号 {spaced(receipt)}，" in placed.text
    assert [(c[0], c[1], c[2]) for c in comments(app)] == [
        ("广场舞管理办法", "第四条，一个小时不够。", "第四条"),
        ("广场舞管理办法", "而且路灯太暗。", None),
    ]
    assert "已补充到编号" in phone.say("再补一句。").text
    with app.app_context():
        assert {u.stage for u in db.session.query(Unplaced)} == {UnplacedStage.PLACED}


def test_whoever_never_answers_is_not_lost(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish("停车管理办法")
    publish("广场舞管理办法")
    phone.say("路灯太暗。")
    with app.app_context():
        waiting = db.session.query(Unplaced).one()
        assert (waiting.text, waiting.stage) == ("路灯太暗。", UnplacedStage.WAITING)


def test_a_kept_text_can_be_taken_back(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish("停车管理办法")
    publish("广场舞管理办法")
    receipt = receipt_in(phone.say("路灯太暗。").text)
    assert phone.say("撤回").text == words.withdrawn(receipt)
    with app.app_context():
        assert db.session.query(Unplaced).one().stage == UnplacedStage.SET_ASIDE


def test_what_was_kept_while_nothing_is_open_can_be_taken_back_and_says_where_to_turn(
    app: House, phone: Phone, publish: Callable[..., str], clock: Clock
) -> None:
    publish()
    phone.say("第四条，一个小时不够。")
    clock.forward(days=31)
    kept = phone.say("楼下垃圾堆了一个星期没人管").text
    for said in ("请打 0000-5550123", "回复「问法律」", "回复「撤回」"):
        assert said in kept
    assert phone.say("我要撤回").text == words.withdrawn(receipt_in(kept)), (
        "what was said last, not the comment that is closed"
    )
    assert "不能再撤回" in phone.say("撤回").text
    with app.app_context():
        assert [one.stage for one in db.session.query(Unplaced)] == [UnplacedStage.SET_ASIDE]


def test_a_grievance_is_kept_and_the_quicker_way_is_said(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    said = phone.say("我要投诉，楼下垃圾堆了一个星期没人管").text
    assert said.startswith("收到了") and said.endswith("打 0000-5550123 或者 12345 更快；这里是听大家对草案的意见。")
    assert "12345" in phone.say("还要举报一件").text
    assert "12345" not in phone.say("灯太暗了").text
    assert comments(app)[0][1] == "我要投诉，楼下垃圾堆了一个星期没人管"


@pytest.mark.parametrize("said", ["？", "??", "…?", "怎么提意见", "你是谁？"])
def test_whoever_does_not_know_what_to_do_is_told(
    app: House, phone: Phone, publish: Callable[..., str], said: str
) -> None:
    publish()
    assert "提意见直接打字就行" in phone.say(said).text
    assert comments(app) == []


def test_choosing_by_menu_then_number_then_speaking(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish("停车管理办法")
    second = publish("广场舞管理办法")
    listing = phone.press("consultations")
    assert "1. 《停车管理办法》" in listing.text
    assert phone.say("9").text == words.no_such_number(2)
    chosen = phone.say("第2个")
    (card,) = chosen.cards
    assert card["Title"] == "《广场舞管理办法》"
    assert second in card["Url"]
    assert "截止（还剩" not in card["Title"]
    assert "直接打字就能提意见" in card["Description"]
    phone.say("声音太大。")
    assert comments(app)[0][:2] == ("广场舞管理办法", "声音太大。")
    phone.say("1")
    phone.say("一个小时不够。")
    assert comments(app)[1][:2] == ("停车管理办法", "一个小时不够。")


def test_the_menu_shows_the_only_one_as_a_card_and_chooses_it(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    public_id = publish()
    reply = phone.press("consultations")
    assert [card["Title"] for card in reply.cards] == ["《农贸市场周边停车管理办法》"]
    assert reply.cards[0]["Url"].endswith(public_id)
    with app.app_context():
        assert db.session.query(Conversation).one().consultation.public_id == public_id


def test_a_poster_chooses_for_followers_and_for_strangers(
    app: House, phone: Phone, other_phone: Phone, publish: Callable[..., str]
) -> None:
    publish("停车管理办法")
    second = publish("广场舞管理办法")
    assert phone.event("subscribe", EventKey=f"qrscene_c_{second}").cards[0]["Title"] == "《广场舞管理办法》"
    phone.say("声音太大。")
    assert other_phone.event("SCAN", EventKey=f"c_{second}").cards[0]["Title"] == "《广场舞管理办法》"
    other_phone.say("太早了。")
    assert {c[0] for c in comments(app)} == {"广场舞管理办法"}
    assert other_phone.event("SCAN", EventKey="123123").quiet


def test_a_lone_number_with_one_matter_open_is_something_said(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    phone.say("几个小时合适？我说：")
    phone.say("2")
    assert comments(app)[0][3] == ["2"]


def test_nothing_is_open(app: House, phone: Phone) -> None:
    assert phone.press("consultations").text == words.nothing_open()
    assert phone.say("新意见").text == words.nothing_open()
    assert "先替您收好" in phone.say("村口的路坏了。").text


# --- following, greeting, help ----------------------------------------------------------------------------------------


@both
def test_following_welcomes_and_leaving_is_remembered(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    welcome = phone.event("subscribe", EventKey="", CreateTime=1)
    assert welcome.text.startswith("您好，这里是青禾街道。")
    assert "《农贸市场周边停车管理办法》" in welcome.text
    with app.app_context():
        who = db.session.query(Identity).one()
        assert who.followed
        assert (who.appid, who.openid, who.window_left) == (OFFICIAL.appid, phone.openid, 3)
    assert phone.event("unsubscribe", EventKey="", CreateTime=2).quiet
    with app.app_context():
        assert not db.session.query(Identity).one().followed
    phone.event("subscribe", EventKey="", CreateTime=3)
    with app.app_context():
        assert db.session.query(Identity).one().followed


def test_a_message_opens_the_customer_window(app: House, phone: Phone) -> None:
    phone.say("您好")
    with app.app_context():
        assert db.session.query(Identity).one().window_left == 5


@pytest.mark.parametrize("typed", ["你好", "您好！", " 在吗？", "Hello", "早上好。"])
def test_greetings_are_no_comments(app: House, phone: Phone, publish: Callable[..., str], typed: str) -> None:
    publish()
    assert "您好，这里是青禾街道" in phone.say(typed).text
    assert comments(app) == []


@pytest.mark.parametrize("typed", ["帮助", "怎么用？", "help", "HELP", "「帮助」"])
def test_help_is_given(app: House, phone: Phone, publish: Callable[..., str], typed: str) -> None:
    publish()
    reply = phone.say(typed)
    assert "八位编号" in reply.text
    assert "0000-5550123" in reply.text
    assert comments(app) == []


def test_thanks_are_not_a_supplement(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    phone.say("一个小时不够。")
    assert phone.say("谢谢").text == words.thanks()
    assert comments(app)[0][3] == []


def test_every_key_of_the_menu_has_its_answer(phone: Phone) -> None:
    assert set(router.PRESSED) == KEYS
    for key in KEYS:
        reply = phone.press(key)
        assert reply.text or reply.cards, key
    assert phone.press("nobody").quiet


def test_a_place_and_a_link_are_answered_in_words(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    assert phone.send("location", Location_X="23.1", Location_Y="113.3", MsgId=1).text == words.not_text()
    assert phone.send("link", Url="http://x", MsgId=2).text == words.not_text()
    assert comments(app) == []


# --- pictures, voice, films -------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("kind", "kept", "word"),
    [
        ("image", "picture", "图片"),
        ("voice", "voice", "语音"),
        ("video", "video", "视频"),
        ("shortvideo", "video", "视频"),
    ],
)
def test_a_file_behind_a_comment_is_attached_and_fetched_by_a_job(
    app: House, phone: Phone, publish: Callable[..., str], kind: str, kept: str, word: str
) -> None:
    publish()
    receipt = receipt_in(phone.say("一个小时不够。").text)
    reply = phone.show(kind, "media_abc")
    assert reply.text.startswith(f"{word}收到了，附在编号 {spaced(receipt)} 的意见后面。")
    with app.app_context():
        (attachment,) = db.session.query(Attachment)
        assert attachment.comment.text == "一个小时不够。"
        assert (attachment.kind.value, attachment.media_id, attachment.appid) == (kept, "media_abc", OFFICIAL.appid)
        assert attachment.state == MediaState.WAITING
        (work,) = db.session.scalars(select(Work).where(Work.kind == "fetch_media"))
        assert work.payload == {"attachment": attachment.id}
    assert len(comments(app)) == 1


@both
def test_a_voice_with_no_comment_before_it_is_a_comment_of_its_own(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    reply = phone.show("voice", "media_v", Format="amr", Recognition="不要把这句当成原话")
    assert "语音收到了，记为一条意见。工作人员会听一遍，记成文字。" in reply.text
    assert comments(app) == [("农贸市场周边停车管理办法", "", None, [])]
    phone.say("就是这样。")
    assert comments(app)[0][3] == ["就是这样。"]


@both
def test_a_picture_that_could_be_about_several_goes_along_when_it_is_placed(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish("停车管理办法")
    publish("广场舞管理办法")
    assert "先替您收好" in phone.show("image").text
    phone.say("1")
    with app.app_context():
        assert db.session.query(Attachment).one().comment.consultation.title == "停车管理办法"


def test_there_is_an_end_to_pictures(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    phone.say("一个小时不够。")
    replies = [phone.show("image", f"media_{n}").text for n in range(21)]
    assert all("收到了" in text for text in replies[:20])
    assert "没有收下" in replies[20]


def test_a_picture_without_its_number_is_nothing(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    assert phone.show("image", "").text == words.not_text()
    assert phone.show("image", "x" * 200).text == words.not_text()
    assert comments(app) == []


# --- asking by number -------------------------------------------------------------------------------------------------


@both
def test_a_receipt_number_says_how_far_it_has_come_and_not_what_it_says(
    app: House, phone: Phone, other_phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    receipt = receipt_in(phone.say("一个小时不够。").text)
    for typed in (
        receipt,
        spaced(receipt),
        f" {receipt[:4]}-{receipt[4:]} ",
        f"编号{receipt}",
        receipt.translate({ord(d): chr(ord(d) + 0xFEE0) for d in "0123456789"}),
    ):
        reply = phone.say(typed)
        assert f"编号 {spaced(receipt)}\n《农贸市场周边停车管理办法》" in reply.text, typed
        assert "截止后，开始整理。" in reply.text
    stranger = other_phone.say(receipt)
    assert f"编号 {spaced(receipt)}" in stranger.text
    assert "一个小时" not in stranger.text
    assert comments(app)[0][3] == []


@pytest.mark.parametrize(
    "around", ["查一下 {}", "帮我看看编号{}到哪一步了？", "{} 有没有答复", "我的回执 {}，怎么样了"]
)
def test_a_number_inside_a_short_question_is_looked_up_too(
    app: House, phone: Phone, publish: Callable[..., str], around: str
) -> None:
    publish()
    number = receipt_in(phone.say("路灯太暗。").text)
    assert phone.say(around.format(spaced(number))).text.startswith(f"编号 {spaced(number)}\n")
    assert comments(app)[0][3] == [], "nothing was taken for a supplement"


def test_a_number_in_what_somebody_has_to_say_stays_there(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    number = receipt_in(phone.say("路灯太暗。").text)
    for words_said in (
        f"门口的牌子写着 {number}，太小",
        f"查一查{int(number) + 1:08d}号灯杆",
        "灯 " * 12 + f"查 {number}",
    ):
        assert phone.say(words_said).text.startswith("已补充到")
    assert len(comments(app)[0][3]) == 3


def test_a_wrong_number_is_said_so(phone: Phone) -> None:
    assert phone.say("12345678").text == words.no_such_receipt()


def test_numbers_cannot_be_tried_without_end(phone: Phone, other_phone: Phone) -> None:
    replies = [phone.say(f"{n:08d}").text for n in range(30_000_000, 30_000_012)]
    assert replies[:10] == [words.no_such_receipt()] * 10
    assert replies[10:] == [words.too_often()] * 2
    assert other_phone.say("30000099").text == words.no_such_receipt()


def test_an_answered_comment_says_so(app: House, phone: Phone, publish: Callable[..., str], clock: Clock) -> None:
    public_id = publish()
    receipt = receipt_in(phone.say("一个小时不够。").text)
    clock.forward(days=31)
    publish.answer_all(public_id)  # type: ignore[attr-defined]
    assert "已经答复。" in phone.say(receipt).text
    assert "其中1条有了答复" in phone.say("我的意见").text
    assert "《农贸市场周边停车管理办法》" in phone.say("采纳情况").text


# --- legal questions --------------------------------------------------------------------------------------------------


@both
def test_after_the_button_the_next_text_is_a_question_and_private(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    assert phone.press("ask").text == words.ask_now()
    reply = phone.say("邻居占了我家的地，怎么办？")
    assert "已转给法律顾问，别人看不到" in reply.text
    assert "12348" in reply.text
    with app.app_context():
        question = db.session.query(Question).one()
        assert (question.text, question.channel.value) == ("邻居占了我家的地，怎么办？", "chat")
    assert comments(app) == []
    phone.say("一个小时不够。")
    assert len(comments(app)) == 1


def test_a_question_can_be_asked_in_one_breath(app: House, phone: Phone) -> None:
    phone.say("问法律　邻居占了我家的地，怎么办？")
    with app.app_context():
        assert db.session.query(Question).one().text == "邻居占了我家的地，怎么办？"


def test_one_can_leave_the_question(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    phone.say("问法律")
    assert phone.say("取消").text == words.cancelled()
    assert phone.say("取消").text == words.nothing_to_cancel()
    assert phone.say("不提了").text == words.nothing_to_cancel(), "whoever means a comment is told how to take it back"
    phone.say("一个小时不够。")
    assert len(comments(app)) == 1


def test_a_picture_is_no_question_and_no_comment(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    phone.say("问法律")
    assert phone.show("image").text == words.question_in_words()
    assert comments(app) == []
    phone.say("邻居占了我家的地。")
    with app.app_context():
        assert db.session.query(Question).count() == 1


def test_a_question_is_expected_for_a_day_only(
    app: House, phone: Phone, publish: Callable[..., str], clock: Clock
) -> None:
    publish()
    phone.say("问法律")
    clock.forward(hours=25)
    phone.say("一个小时不够。")
    assert len(comments(app)) == 1


# --- the personal link ------------------------------------------------------------------------------------------------


def test_an_account_that_signs_people_in_gives_the_plain_address(app: House, phone: Phone) -> None:
    assert "http://localhost/mine" in phone.say("我的意见").text
    with app.app_context():
        assert db.session.query(OneOffLink).count() == 0


def test_an_account_that_cannot_gives_a_personal_link_once(app: House, phone: Phone) -> None:
    app.extensions["settings"] = app.extensions["settings"].__class__(
        **{
            **vars(app.extensions["settings"]),
            "official": OFFICIAL.__class__(**{**vars(OFFICIAL), "kind": "unverified"}),
        }
    )
    reply = phone.press("mine")
    found = re.search(r"http://localhost(/\S+)", reply.text)
    assert found
    assert "请不要转发" in reply.text
    page = phone.client.get(found.group(1))
    assert page.status_code == 200
    with app.app_context():
        assert db.session.query(OneOffLink).one().spent_at is None


# --- how fast ---------------------------------------------------------------------------------------------------------


@both
def test_a_flood_is_slowed_and_others_are_not(
    app: House, phone: Phone, other_phone: Phone, publish: Callable[..., str], clock: Clock
) -> None:
    publish()
    replies = [phone.say(f"刷屏{n}").text for n in range(34)]
    assert all("收到了" in text or "已补充" in text for text in replies[:30])
    assert replies[30:] == ["您说得太快了，请过几分钟再继续。已经收到的都在。"] * 4
    assert "收到了" in other_phone.say("一个小时不够。").text
    clock.forward(seconds=601)
    assert "已补充" in phone.say("慢慢说。").text


def test_a_long_list_fits_into_one_reply_with_its_question(phone: Phone, publish: Callable[..., str]) -> None:
    for n in range(11):
        publish(f"关于规范第{n:02d}号片区机动车和非机动车停放秩序并改善早市通行条件的管理办法（征求意见稿）")
    text = phone.press("consultations").text
    assert len(text.encode()) <= 2048
    assert text.endswith("回复数字选一件，再说您的想法。")
    assert text.count("还剩") == 9
    kept = phone.say("路灯太暗。").text
    assert len(kept.encode()) <= 2048
    assert kept.endswith("工作人员会替您归好。")
    assert len(phone.say("9").text.encode()) > 100


# --- which privacy text was shown ------------------------------------------------------------------------------------


def test_a_comment_in_the_chat_records_the_privacy_text_that_its_receipt_links_to(
    app: House, phone: Phone, other_phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    assert "/privacy" in phone.say("第四条，一个小时不够。").text
    phone.say("老人走得慢。")
    with app.app_context():
        assert shown_texts() == [(PRIVACY_VERSION, "chat", None)]
    other_phone.say("问法律")
    assert "/privacy" in other_phone.say("邻居占了我家的地，怎么办？").text
    with app.app_context():
        assert shown_texts()[1:] == [(PRIVACY_VERSION, "chat", None)]


def test_words_without_a_place_yet_record_it_too(app: House, phone: Phone) -> None:
    phone.say("希望路灯早点修好，晚上看不见路。")
    with app.app_context():
        assert db.session.query(Unplaced).count() == 1
        assert shown_texts() == [(PRIVACY_VERSION, "chat", None)]


# --- what somebody hears of without having spoken ---------------------------------------------------------------------


@both
def test_one_word_leaves_everything_and_one_word_brings_it_back(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    assert "现在没有订阅" in phone.say("我的订阅").text
    with app.app_context():
        who = Identity.seen(OFFICIAL.appid, phone.openid).resident
        follow(who, who, [villages()[0]], [topics()[0]])
        db.session.commit()
        names = f"{villages()[0].name}、{topics()[0].name}"
    told = phone.press("subscriptions").text
    assert names in told
    token = told.partition("/stop/")[2].split()[0]
    with app.app_context():
        found = whose(token)
        assert found is not None and found.id == Identity.seen(OFFICIAL.appid, phone.openid).resident.id
    said = phone.say("退订").text
    assert names in said and "恢复订阅" in said and "有了答复，还是会告诉您" in said
    assert "现在没有订阅" in phone.say("TD").text
    assert names in phone.say("恢复订阅").text
    assert "没有可以恢复的订阅" in phone.say("恢复订阅").text
    assert comments(app) == [], "none of these is a comment"
