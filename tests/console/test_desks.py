"""The other desks: taking in on behalf, chat texts, voice, articles, questions, people, sessions, search, the trail."""

import re
from collections.abc import Callable
from typing import Any

from models.comments.comment import Comment
from models.comments.forget import forget
from models.comments.receipt import Receipt
from models.comments.unplaced import UnplacedStage
from models.comments.unplaced import by_public_id as unplaced_of
from models.decisions.consultation import by_public_id
from models.kernel import clock as law
from models.kernel import trail
from models.kernel.base import db
from models.kernel.trail import Trace
from models.messages.message import Message, MessageChannel, MessageState
from models.outreach.article import ArticleStage, Broadcast
from models.outreach.article import by_public_id as article_of
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident
from models.people.session import Session
from models.people.unit import Unit
from models.questions.question import QuestionStage
from models.questions.question import by_public_id as question_of
from server.cli.setting_up import PRIVACY_VERSION
from server.house import House
from server.words import date_plain
from tests.conftest import Clock, People
from tests.console.world import World
from tests.making import a_release, a_resident, answer_all, read_all, shown_texts

PAPER = {
    "channel": "paper",
    "text": "车位要写清楚是谁的。\n第二行。",
    "kind": "individual",
    "name": "老张",
    "phone": "13800000000",
}


def test_paper_is_taken_in_once_with_a_receipt_and_a_pin(app: House, world: World, desk: Callable[[str], Any]) -> None:
    village = desk("mafang")
    place = f"/desk/consultations/{world.open}/intake"
    sheet = village.get(place).get_data(as_text=True)
    key = re.search(r'name="key" value="([0-9a-f]{64})"', sheet)
    assert key
    slip = village.submit(place, {**PAPER, "key": key[1]})
    text = slip.get_data(as_text=True)
    assert slip.status_code == 200
    number = re.search(r'<p class="big">([\d ]+)</p>', text)
    pin = re.search(r"查询码</span> (\S+)</p>", text)
    assert number
    assert pin
    again = village.submit(place, {**PAPER, "key": key[1]}).get_data(as_text=True)
    assert "这份已经录过了" in again
    assert "查询码</span>" not in again
    with app.app_context():
        found = Receipt.open_with(number[1], pin[1])
        assert found
        comment = found.comment
        assert comment
        assert comment.text == PAPER["text"]
        assert comment.entered_by
        assert comment.entered_by.login == "mafang"
        assert comment.resident.name == "老张"
        assert (
            db.session.query(Comment)
            .filter(Comment.entered_by_id.is_not(None), Comment.consultation.has(public_id=world.open))
            .count()
            == 2
        ), "the world's letter, and this one"
        assert shown_texts()[-1] == (PRIVACY_VERSION, "paper", "mafang"), "who gave it, with which version"
    assert f"个人信息告知（{PRIVACY_VERSION} 版" in sheet
    assert f"个人信息告知（{PRIVACY_VERSION} 版，已随本回执交给您）" in text
    assert "保存期限" in text


def test_on_the_telephone_the_privacy_text_is_read_out_and_who_did_is_kept(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    place = f"/desk/consultations/{world.open}/intake"
    slip = desk("shenlin").submit(place, {**PAPER, "channel": "phone"}).get_data(as_text=True)
    assert "已读给您听" in slip
    with app.app_context():
        assert shown_texts()[-1] == (PRIVACY_VERSION, "phone", "shenlin")


def test_whom_to_telephone_is_known_after_the_release_and_each_look_is_traced(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    office = desk("zhoumin")
    assert office.get(f"/desk/messages/{world.open}/calls").status_code == 409
    assert desk("chenguodong").get(f"/desk/messages/{world.released}/calls").status_code == 403
    office.submit(f"/desk/consultations/{world.open}/intake", PAPER)
    with app.app_context():
        people = People()
        law.move(40 * 86400)
        db.session.expire_all()
        asked = by_public_id(world.open)
        answer_all(people, asked)
        read_all(people)
        a_release(people, asked)
        db.session.commit()
    page = office.get(f"/desk/messages/{world.open}/calls").get_data(as_text=True)
    assert "13800000000" in page
    assert "老张" in page
    with app.app_context():
        seen = db.session.query(Trace).filter_by(verb="call_list").one()
        assert seen.actor_name == "周敏"
        assert seen.detail == {"number": 1}


def test_a_release_that_asks_for_no_telephone_call_offers_no_list(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    office = desk("zhoumin")
    page = office.get("/desk/messages").get_data(as_text=True)
    assert f"/desk/messages/{world.released}/calls" not in page
    assert "0 份" in page
    for paper in (PAPER, PAPER | {"text": "路太窄。", "phone": ""}):
        office.submit(f"/desk/consultations/{world.open}/intake", paper)
    with app.app_context():
        law.move(40 * 86400)
        db.session.expire_all()
        asked = by_public_id(world.open)
        answer_all(People(), asked)
        read_all(People())
        a_release(People(), asked)
        db.session.commit()
    page = office.get("/desk/messages").get_data(as_text=True)
    assert f"/desk/messages/{world.open}/calls" in page
    assert ">1 份<" in page
    with app.app_context():
        assert db.session.query(Trace).filter_by(verb="call_list").count() == 0, "counting opens no list"


def test_an_unclear_message_is_settled_by_a_person(app: House, world: World, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        matter = by_public_id(world.released)
        fact = db.session.query(Trace).filter_by(verb="release", subject_id=matter.id).one()
        message = Message(
            fact=fact,
            resident=a_resident(971),
            topic="Consultation.release",
            state=MessageState.HELD,
            channel=MessageChannel.CUSTOMER,
            made_at=law.now(),
        )
        db.session.add(message)
        db.session.commit()
        number = str(message.id)
    office = desk("zhoumin")
    assert "没收到，再发一次" in office.get("/desk/messages").get_data(as_text=True)
    assert desk("chenguodong").submit("/desk/messages", {"number": number, "deed": "sent"}).status_code == 403
    assert office.submit("/desk/messages", {"number": number, "deed": "sent"}).status_code == 303
    assert office.submit("/desk/messages", {"number": number, "deed": "again"}).status_code == 409


def test_a_joint_letter_says_how_many_and_an_organisation_its_name(world: World, desk: Callable[[str], Any]) -> None:
    browser = desk("zhoumin")
    place = f"/desk/consultations/{world.open}/intake"
    joint = browser.submit(place, {**PAPER, "kind": "joint", "signers": "1"})
    assert joint.status_code == 422
    assert "至少2人" in joint.get_data(as_text=True)
    assert browser.submit(place, {**PAPER, "kind": "organisation"}).status_code == 422
    assert browser.submit(place, {**PAPER, "kind": "joint", "signers": "37"}).status_code == 200
    assert browser.submit(place, {**PAPER, "channel": "chat"}).status_code == 422


def test_a_closed_window_takes_nothing_in(world: World, desk: Callable[[str], Any]) -> None:
    assert desk("mafang").submit(f"/desk/consultations/{world.closed}/intake", PAPER).status_code == 403


def test_words_from_the_chat_find_their_place_and_keep_their_receipt(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    browser = desk("zhoumin")
    assert "路灯坏了三盏" in browser.get("/desk/unplaced").get_data(as_text=True)
    nowhere = browser.submit(f"/desk/unplaced/{world.unplaced}", {"deed": "place"})
    assert nowhere.status_code == 422
    with app.app_context():
        number = unplaced_of(world.unplaced).receipt
    assert (
        browser.submit(f"/desk/unplaced/{world.unplaced}", {"deed": "place", "consultation": world.open}).status_code
        == 303
    )
    with app.app_context():
        assert unplaced_of(world.unplaced).stage == UnplacedStage.PLACED
        assert Receipt.find(number).comment.consultation.public_id == world.open
    assert browser.submit(f"/desk/unplaced/{world.unplaced}", {"deed": "aside"}).status_code == 409


def test_whoever_asked_to_be_forgotten_breaks_no_page(app: House, world: World, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        for who in db.session.query(Resident):
            forget(who, Officer.by_login("anquan"))
        db.session.commit()
    gone = "已应本人要求删除"
    for login, address in (
        ("zhoumin", "/desk/unplaced"),
        ("shenlin", f"/desk/answering/{world.closed}?stage=all"),
        ("xujing", f"/desk/approval/{world.submitted_point}"),
        ("luojing", f"/desk/questions/{world.question}"),
        ("shenlin", "/desk/transcripts"),
        ("shenlin", f"/desk/find?q={world.receipt}"),
        ("wuqiming", f"/desk/release/{world.ready}"),
        ("zhoumin", f"/desk/messages/{world.released}/calls"),
        ("shenlin", f"/desk/slips/{world.comment}"),
    ):
        page = desk(login).get(address)
        assert page.status_code == 200, address
        if "unplaced" in address or "answering" in address or "questions" in address:
            assert gone in page.get_data(as_text=True)


def test_a_greeting_is_set_aside(app: House, world: World, desk: Callable[[str], Any]) -> None:
    assert (
        desk("shenlin").submit(f"/desk/unplaced/{world.unplaced}", {"deed": "aside", "reason": "问候"}).status_code
        == 303
    )
    with app.app_context():
        assert unplaced_of(world.unplaced).stage == UnplacedStage.SET_ASIDE
    assert "路灯坏了三盏" in desk("shenlin").get("/desk/unplaced").get_data(as_text=True)
    assert desk("shenlin").submit(f"/desk/unplaced/{world.unplaced}", {"deed": "back"}).status_code == 303
    with app.app_context():
        assert unplaced_of(world.unplaced).stage == UnplacedStage.WAITING


def test_a_voice_is_written_down_under_a_name(world: World, desk: Callable[[str], Any]) -> None:
    browser = desk("tianye")
    assert browser.submit(f"/desk/transcripts/{world.voice}", {"text": ""}).status_code == 422
    assert (
        browser.submit(f"/desk/transcripts/{world.voice}", {"text": "车位不够，听不清，再留两个。"}).status_code == 303
    )
    page = browser.get("/desk/transcripts").get_data(as_text=True)
    assert "再留两个" in page
    assert "田野" in page


def test_a_file_that_is_not_there_is_no_error(world: World, desk: Callable[[str], Any]) -> None:
    assert desk("shenlin").get(f"/desk/attachments/{world.voice}").status_code == 404


def test_an_article_is_written_by_one_and_reviewed_by_another(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    author, justice = desk("linxiao"), desk("luojing")
    new = author.submit("/desk/articles/new", {"title": "工伤怎么认", "body": "上班路上……", "deed": "submit"})
    assert new.status_code == 303
    address = new.headers["Location"].rsplit("/", 1)[1]
    bare = justice.submit(f"/desk/articles/{address}/deed", {"deed": "review"})
    assert bare.status_code == 422
    assert "依据的法律条文" in bare.get_data(as_text=True)
    assert (
        justice.submit(f"/desk/articles/{address}/deed", {"deed": "send_back", "reason": "补上条文"}).status_code == 303
    )
    assert "补上条文" in author.get(f"/desk/articles/{address}").get_data(as_text=True)
    basis = {"title": "工伤怎么认", "body": "上班路上……", "basis": "工伤保险条例第十四条", "basis_on": "2011-01-01"}
    assert author.submit(f"/desk/articles/{address}", {**basis, "deed": "submit"}).status_code == 303
    assert author.submit(f"/desk/articles/{address}/deed", {"deed": "review"}).status_code == 403
    assert author.submit(f"/desk/articles/{address}/deed", {"deed": "publish"}).status_code == 409
    assert justice.submit(f"/desk/articles/{address}/deed", {"deed": "review"}).status_code == 303
    assert author.submit(f"/desk/articles/{address}/deed", {"deed": "publish"}).status_code == 303
    assert author.submit(f"/desk/articles/{address}/deed", {"deed": "broadcast"}).status_code == 303
    assert author.submit(f"/desk/articles/{address}/deed", {"deed": "broadcast"}).status_code == 422
    assert justice.submit(f"/desk/articles/{address}", {**basis, "deed": "correct", "remark": ""}).status_code == 422
    corrected = justice.submit(f"/desk/articles/{address}", {**basis, "deed": "correct", "remark": "条文号写错了"})
    assert corrected.status_code == 303
    assert "条文号写错了" in author.get(f"/desk/articles/{address}").get_data(as_text=True)
    assert (
        justice.submit(f"/desk/articles/{address}/deed", {"deed": "withdraw", "reason": "法律改了"}).status_code == 303
    )
    with app.app_context():
        assert article_of(address).stage == ArticleStage.WITHDRAWN
        assert db.session.query(Broadcast).count() == 1


def test_an_answered_question_says_when_it_was_answered_however_long_ago(
    app: House, world: World, desk: Callable[[str], Any], clock: Clock
) -> None:
    justice, place = desk("luojing"), f"/desk/questions/{world.question}"
    with app.app_context():
        counsel = Officer.by_login("pengyuan").public_id
    justice.submit(place + "/assign", {"counsel": counsel})
    clock.forward(days=2)
    desk("pengyuan").submit(place + "/answer", {"text": "先请村里调解。"})
    with app.app_context():
        answered = date_plain(law.today()).partition("年")[2]
    clock.forward(days=40)
    page = justice.get(place).get_data(as_text=True)
    assert f"{answered}答复" in page
    assert "已过" not in page
    assert "晚了" not in page


def test_a_question_answered_late_says_by_how_many_days(
    app: House, world: World, desk: Callable[[str], Any], clock: Clock
) -> None:
    justice, place = desk("luojing"), f"/desk/questions/{world.question}"
    with app.app_context():
        counsel = Officer.by_login("pengyuan").public_id
        due = question_of(world.question).due_on
        left = (due - law.today()).days
    justice.submit(place + "/assign", {"counsel": counsel})
    clock.forward(days=left + 3)
    assert "已过3天" in justice.get(place).get_data(as_text=True)
    desk("pengyuan").submit(place + "/answer", {"text": "先请村里调解。"})
    clock.forward(days=5)
    assert "比答应的晚了3天" in justice.get(place).get_data(as_text=True)


def test_a_question_is_private_assigned_answered_and_every_reading_is_traced(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    justice, counsel = desk("luojing"), desk("pengyuan")
    place = f"/desk/questions/{world.question}"
    assert "邻居的墙" not in justice.get("/desk/questions").get_data(as_text=True)
    assert counsel.get(place).status_code == 404, "not assigned, not there"
    assert "邻居的墙" in justice.get(place).get_data(as_text=True)
    with app.app_context():
        chosen = Officer.by_login("pengyuan").public_id
        other = Officer.by_login("shenlin").public_id
    assert justice.submit(f"{place}/assign", {"counsel": other}).status_code == 422
    assert justice.submit(f"{place}/assign", {"counsel": chosen}).status_code == 303
    assert "邻居的墙" in counsel.get(place).get_data(as_text=True)
    assert counsel.submit(f"{place}/answer", {"text": " "}).status_code == 422
    assert (
        counsel.submit(f"{place}/answer", {"text": "相邻关系看民法典第二百八十八条，先请村里调解。"}).status_code == 303
    )
    assert counsel.submit(f"{place}/answer", {"text": "又一遍"}).status_code == 409
    with app.app_context():
        assert question_of(world.question).stage == QuestionStage.ANSWERED
        readers = [t.actor_name for t in db.session.query(Trace).filter_by(verb="read")]
        assert readers.count("罗静") >= 1
        assert readers.count("彭远") >= 1
        written = str([t.detail for t in db.session.query(Trace)])
        assert "邻居的墙" not in written


def test_people_come_get_posts_stand_in_and_leave(app: House, world: World, desk: Callable[[str], Any]) -> None:
    admin = desk("xitong")
    sheet = {"login": "liming", "name": "李明", "post": "handler", "password": "a-long-first-password"}
    with app.app_context():
        sheet["unit"] = db.session.query(Unit).first().public_id
        place = db.session.query(Place).filter_by(name="东湖村").one().public_id
    assert admin.submit("/desk/officers/new", {**sheet, "password": "12345678"}).status_code == 422
    assert admin.submit("/desk/officers/new", {**sheet, "login": "shenlin"}).status_code == 422
    made = admin.submit("/desk/officers/new", sheet)
    assert made.status_code == 303
    where = made.headers["Location"]
    assert admin.submit(f"{where}/appoint", {"post": "village", "place": place}).status_code == 303
    assert admin.submit(f"{where}/appoint", {"post": "system_admin"}).status_code == 422
    assert admin.submit(f"{where}/appoint", {"post": "emperor"}).status_code in (403, 422)
    with app.app_context():
        new = Officer.by_login("liming")
        assert {p.post.value for p in new.posts} == {"handler", "village"}
        stand_in = Officer.by_login("shenlin").public_id
    assert admin.submit(f"{where}/relieve", {"post": "village"}).status_code == 303
    day = {"to": stand_in, "from_on": "2027-01-01", "until_on": "2027-01-05"}
    assert admin.submit(f"{where}/delegate", {**day, "until_on": "2026-12-01"}).status_code == 422
    assert admin.submit(f"{where}/delegate", day).status_code == 303
    assert admin.submit(f"{where}/password", {"password": "another-long-one"}).status_code == 303
    assert admin.submit(f"{where}/leave").status_code == 303
    with app.app_context():
        assert not Officer.by_login("liming").active
        myself = Officer.by_login("xitong").public_id
    assert admin.submit(f"/desk/officers/{myself}/leave").status_code == 422
    assert admin.submit(f"/desk/officers/{myself}/relieve", {"post": "system_admin"}).status_code == 422


def test_places_and_units_are_kept_in_their_tree(app: House, world: World, desk: Callable[[str], Any]) -> None:
    admin = desk("xitong")
    with app.app_context():
        village = db.session.query(Place).filter_by(name="东湖村").one().public_id
    group = {"name": "一组", "kind": "group", "parent": village, "residents": "120"}
    assert admin.submit("/desk/places", group).status_code == 303
    assert admin.submit("/desk/places", {**group, "parent": ""}).status_code == 422
    assert admin.submit(f"/desk/places/{village}", {"name": "东湖村", "residents": "2,901"}).status_code == 303
    assert admin.submit("/desk/units", {"name": "经济发展办", "phone": "0000-5550111"}).status_code == 303
    assert admin.submit("/desk/units", {"name": "经济发展办"}).status_code == 422
    with app.app_context():
        assert db.session.query(Place).filter_by(name="东湖村").one().residents == 2901


def test_the_security_administrator_ends_a_session_at_once(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    handler, guard = desk("shenlin"), desk("anquan")
    with app.app_context():
        row = Session.living(Officer.by_login("shenlin"))[0].public_id
    assert "沈林" in guard.get("/desk/sessions").get_data(as_text=True)
    assert handler.get("/desk/").status_code == 200
    assert guard.submit(f"/desk/sessions/{row}").status_code == 303
    assert handler.get("/desk/").status_code == 303


def test_the_telephone_question_finds_its_comment(world: World, desk: Callable[[str], Any]) -> None:
    browser = desk("tianye")
    spaced = f"{world.receipt[:3]} {world.receipt[3:6]} {world.receipt[6:]}"
    page = browser.get(f"/desk/find?q={spaced}").get_data(as_text=True)
    assert "农贸市场周边停车" in page
    assert "开始整理" in page
    assert "老楼加装电梯" in browser.get("/desk/find?q=加装电梯").get_data(as_text=True)
    assert "没有查到" in browser.get("/desk/find?q=99999999").get_data(as_text=True)
    assert "没有查到" in browser.get("/desk/find?q=%25").get_data(as_text=True), "a percent sign is a percent sign"


def test_the_trail_reads_as_a_story_and_says_when_it_was_tampered_with(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        trail.sequence(1000)
        db.session.commit()
    audit = desk("shenji")
    page = audit.get(f"/desk/trail/{world.case}").get_data(as_text=True)
    assert "链条完整" in page
    assert "征求意见到2026年" in page
    only = audit.get(f"/desk/trail/{world.case}?kind=answers").get_data(as_text=True)
    assert "起草答复" in only
    assert "复审通过" not in only
    with app.app_context():
        connection = db.session.connection()
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS trace_is_never_changed")
        triggers = (
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='trace'")
            .scalars()
            .all()
        )
        for name in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql(
            f"UPDATE trace SET actor_name = '别人' WHERE chain = '{world.case}' AND verb = 'sign'"
        )
        db.session.commit()
    page = audit.get(f"/desk/trail/{world.case}").get_data(as_text=True)
    assert "链条对不上" in page


def test_each_filter_of_a_trail_says_how_many_rows_it_shows(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    place = f"/desk/trail/{world.case}"
    page = desk("chenguodong").get(place).get_data(as_text=True)
    chips = dict(re.findall(r'href="([^"]+)">(?:程序|收到|答复|审核) ([\d,]+)</a>', page))
    assert set(chips) == {f"{place}?kind={kind}" for kind in ("course", "said", "answers", "approvals")}
    with app.app_context():
        total = db.session.query(Trace).filter_by(chain=world.case).count()
    assert f">全部 {total}</a>" in page
    for link, number in chips.items():
        shown = desk("chenguodong").get(link).get_data(as_text=True)
        assert shown.count('<td class="t">') == int(number), link
    assert int(chips[f"{place}?kind=answers"]) == 2
    assert "data-print" in page


def test_who_is_charged_with_a_part_of_a_case_and_what_was_said_of_a_decision_waits_on_the_desk(
    world: World, desk: Callable[[str], Any]
) -> None:
    inspector = desk("chenguodong").get("/desk/").get_data(as_text=True)
    assert "办风险评估" in inspector
    assert f"/desk/cases/{world.major}" in inspector
    office = desk("zhoumin").get("/desk/").get_data(as_text=True)
    assert f"/desk/cases/{world.in_force}/remarks" in office


def test_what_somebody_said_of_a_decision_by_telephone_is_written_down_and_gets_its_reply(
    world: World, desk: Callable[[str], Any]
) -> None:
    told = {"channel": "phone", "text": "夜里卸货太吵。", "name": "周女士", "phone": "", "place": "", "key": "0" * 32}
    refused = desk("mafang").submit(f"/desk/cases/{world.in_force}/remarks", told | {"channel": ""})
    assert refused.status_code == 422
    assert "夜里卸货太吵。" in refused.get_data(as_text=True), "nothing typed is lost"
    for _ in range(2):
        assert desk("mafang").submit(f"/desk/cases/{world.in_force}/remarks", told).status_code == 303
    page = desk("zhoumin").get(f"/desk/cases/{world.in_force}/remarks").get_data(as_text=True)
    assert page.count("夜里卸货太吵。") == 1, "pressed twice"
    assert desk("zhoumin").submit(f"/desk/remarks/{world.remark}", {"text": "明天改线。"}).status_code == 303
    assert "明天改线。" in desk("zhoumin").get(f"/desk/cases/{world.in_force}/remarks").get_data(as_text=True)
