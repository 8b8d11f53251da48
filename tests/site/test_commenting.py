"""Saying something: one press or two, signed in or not, what was written is never lost."""

import re
from collections.abc import Callable

import pytest

from server.cli.setting_up import PRIVACY_VERSION
from server.house import House
from tests.conftest import Clock
from tests.making import shown_texts
from tests.site.conftest import Form, Phone, Street, seen

Phones = Callable[..., Phone]


def test_a_comment_on_a_clause_is_received_with_a_receipt_that_can_be_read_aloud(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    page = woman.follow(woman.say(asked, "一个小时不够。", clause=5))
    (kept,) = street.comments()
    assert (kept["text"], kept["clause"], kept["channel"].value, kept["anonymous"]) == (
        "一个小时不够。",
        5,
        "h5",
        False,
    )
    number = re.search(r"<strong>(\d{3} \d{3} \d{2})</strong>", page)
    assert number
    assert "念作：" in page
    assert "查询码，只显示这一次" not in page
    assert "一个小时不够。" in woman.look(f"/comments/{kept['public_id']}")


def test_without_signing_in_a_pin_is_shown_once_and_opens_the_comment_again(phone: Phones, street: Street) -> None:
    asked, nobody = street.publish(), phone()
    sent = nobody.say(asked, "不登录也说一句。")
    page = nobody.follow(sent)
    number = re.search(r"<strong>(\d{3} \d{3} \d{2})</strong>", page)
    pin = re.search(r"<strong>(\d{3} \d{3})</strong>", page)
    assert number
    assert pin
    assert "只显示这一次" not in nobody.look(sent.headers["Location"]), "the PIN is shown once"
    other = phone()
    wrong = other.send(other.form("/receipt"), receipt=number[1], pin="000000" if pin[1] != "000 000" else "111111")
    assert wrong.status_code == 422
    assert "对不上" in wrong.get_data(as_text=True)
    found = other.send(other.form("/receipt"), receipt=number[1], pin=pin[1])
    assert "不登录也说一句。" in other.follow(found)
    assert street.comments()[0]["anonymous"] is True


def test_five_wrong_pins_lock_the_receipt_for_a_while(phone: Phones, street: Street) -> None:
    asked, nobody, thief = street.publish(), phone(), phone()
    number = re.search(r"<strong>(\d{3} \d{3} \d{2})</strong>", nobody.follow(nobody.say(asked, "一句。")))
    assert number
    tries = [thief.send(thief.form("/receipt"), receipt=number[1], pin=f"00000{n}") for n in range(7)]
    assert [t.status_code for t in tries][-1] == 429
    assert "分钟后可以再试" in tries[-1].get_data(as_text=True)


@pytest.mark.both_engines
def test_pressed_twice_is_one_comment(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    form = woman.form(f"/consultations/{asked}/comment")
    first, second = (woman.send(form, text="只说一次。") for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert len(street.comments()) == 1


@pytest.mark.both_engines
def test_pressed_twice_without_signing_in_is_one_comment_with_one_pin_that_opens_it(
    phone: Phones, street: Street
) -> None:
    asked, nobody, faster = street.publish(), phone(), phone()
    form = nobody.form(f"/consultations/{asked}/comment")
    visitor = nobody.get_cookie("huiyin_v")
    assert visitor
    faster.set_cookie("huiyin_v", visitor.value)
    first, second = faster.send(form, text="只说一次。"), nobody.send(form, text="只说一次。")
    assert first.headers["Location"] == second.headers["Location"]
    assert len(street.comments()) == 1
    number, pin = re.findall(r"<strong>([\d ]+)</strong>", nobody.follow(second))
    other = phone()
    assert "只说一次。" in other.follow(other.send(other.form("/receipt"), receipt=number, pin=pin))
    back = nobody.send(form, text="只说一次。")
    assert back.status_code == 303, "the page from before is still this visitor's"
    assert len(street.comments()) == 1


def test_another_text_under_the_same_key_is_asked_about_and_then_received_too(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    form = woman.form(f"/consultations/{asked}/comment")
    woman.send(form, text="第一份。")
    again = woman.send(form, text="第二份。")
    assert again.status_code == 422
    page = again.get_data(as_text=True)
    assert "刚才那份已经收到了" in page
    assert Form(page).fields["text"] == "第二份。"
    assert woman.send(Form(page)).status_code == 303
    assert [c["text"] for c in street.comments()] == ["第一份。", "第二份。"]


@pytest.mark.parametrize(
    ("changed", "said", "status"),
    [
        ({"text": ""}, "请写上您的意见", 422),
        ({"text": "长" * 2001}, "最多2000字", 422),
        ({"text": "坏字\x07符"}, "无法保存的字符", 422),
        ({"kind": "organisation"}, "请写单位名称", 422),
        ({"kind": "joint", "signers": "很多"}, "签名的人数", 422),
        ({"kind": "joint", "signers": "1"}, "签名的人数", 422),
        ({"kind": "joint", "signers": "9" * 40}, "签名的人数", 422),
        ({"kind": "king"}, "请从下面选一项", 422),
        ({"shown": "name", "name": ""}, "请先写上怎么称呼您", 422),
        ({"place": "zzzzzzzzzzzz"}, "请从列出的村和社区里选一个", 422),
        ({"phone": "不告诉你"}, "电话号码不对", 422),
        ({"phone": "1380000123"}, "手机号是11位，这里有10位", 422),
        ({"name": "长" * 41}, "最多40字", 422),
        ({"csrf_token": "wrong"}, "放得太久了", 400),
    ],
)
def test_whatever_is_wrong_the_text_stays(
    phone: Phones, street: Street, changed: dict[str, str], said: str, status: int
) -> None:
    asked, nobody = street.publish(), phone()
    form = nobody.form(f"/consultations/{asked}/comment?clause=5")
    told = {"text": "一个小时不够，\n能不能宽些？", "organisation": "", **changed}
    answer = nobody.send(form, **told)
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert said in page
    kept = Form(page).fields
    assert kept["text"] == told["text"]
    assert kept["key"] == form.fields["key"]
    assert "clause=5" in Form(page).action
    assert street.comments() == []


def test_a_form_sent_after_the_last_day_gives_the_text_back(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    form = woman.form(f"/consultations/{asked}/comment")
    street.close()
    late = woman.send(form, text="差一天写好的话。")
    assert late.status_code in (409, 422)
    assert Form(late.get_data(as_text=True)).fields["text"] == "差一天写好的话。"
    assert woman.get(f"/consultations/{asked}/comment").status_code == 303


def test_organisations_and_joint_letters_are_told_apart(phone: Phones, street: Street) -> None:
    asked = street.publish()
    phone("周女士").say(asked, "单位的话。", kind="organisation", organisation="农贸市场管理公司")
    phone("老陈").say(asked, "大家的话。", kind="joint", signers="１２人")
    shop, letter = street.comments()
    assert (shop["kind"], shop["organisation"], shop["signers"]) == ("organisation", "农贸市场管理公司", 1)
    assert (letter["kind"], letter["signers"]) == ("joint", 12)


def test_words_and_name_are_shown_only_to_who_asks_for_it(phone: Phones, street: Street) -> None:
    asked = street.publish()
    for name, shown in (("甲", "gist"), ("乙", "words"), ("丙", "name")):
        phone(name).say(asked, f"{name}的原话。", shown=shown)
    assert [(c["show_text"], c["show_name"]) for c in street.comments()] == [
        (False, False),
        (True, False),
        (True, True),
    ]
    street.close()
    street.answer(asked, "not_adopted")
    street.release(asked)
    page = seen(phone().look(f"/reports/{asked}"))
    assert "甲的原话" not in page
    assert "居民：「乙的原话。」" in page
    assert "丙：「丙的原话。」" in page


def test_nobody_sees_anybody_elses_comment(phone: Phones, street: Street) -> None:
    asked, woman, man, nobody = street.publish(), phone("周女士"), phone("老陈"), phone()
    receipt = woman.say(asked, "只给我自己看。").headers["Location"]
    comment = receipt.rsplit("/", 1)[1]
    for path in (receipt, f"/comments/{comment}", f"/comments/{comment}/withdraw"):
        assert man.get(path).status_code == 404
        assert nobody.get(path).status_code == 303
    assert (
        man.post(
            f"/comments/{comment}/withdraw", data={"csrf_token": man.form("/sign-out").fields["csrf_token"]}
        ).status_code
        == 404
    )
    assert not street.comments()[0]["withdrawn"]
    assert "只给我自己看" not in man.look(f"/consultations/{asked}") + nobody.look(f"/consultations/{asked}")


def test_more_words_go_behind_the_first_ones_and_twice_is_once(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    comment = woman.say(asked, "头一句。").headers["Location"].rsplit("/", 1)[1]
    form = woman.form(f"/comments/{comment}")
    answers = [woman.send(form, text="再补一句。\r\n第二行。") for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert street.comments()[0]["supplements"] == ["再补一句。\n第二行。"]
    assert "补充收到了" in woman.follow(answers[0])
    empty = woman.send(form, text="   ")
    assert empty.status_code == 422
    stale = woman.send(form, text="写了很久的补充。", csrf_token="old")
    assert stale.status_code == 400
    assert Form(stale.get_data(as_text=True)).fields["text"] == "写了很久的补充。"
    street.close()
    assert 'id="add"' not in woman.look(f"/comments/{comment}")
    late = woman.send(form, text="晚了的补充。")
    assert late.status_code in (409, 422)
    assert Form(late.get_data(as_text=True), "/comments/").fields["text"] == "晚了的补充。"


def test_taking_back_asks_first_and_happens_by_post_alone(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    comment = woman.say(asked, "写错了。").headers["Location"].rsplit("/", 1)[1]
    form = woman.form(f"/comments/{comment}/withdraw")
    assert not street.comments()[0]["withdrawn"]
    assert "已经撤回" in woman.follow(woman.send(form))
    assert woman.send(form).status_code == 303
    assert street.comments()[0]["withdrawn"]
    assert "已撤回" in seen(woman.look("/mine"))


def test_a_clause_that_is_not_there_is_a_404_page(phone: Phones, street: Street) -> None:
    asked, nobody = street.publish(), phone()
    for clause in ("99", "0", "-1", "x", "9" * 30, "5 OR 1=1", "\x00"):
        assert nobody.get(f"/consultations/{asked}/comment", query_string={"clause": clause}).status_code == 404


def test_every_answer_stands_beside_what_was_said(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    woman.say(asked, "一个小时不够。", clause=5)
    comment = woman.say(asked, "晚上早点开放。", clause=6).headers["Location"].rsplit("/", 1)[1]
    street.close()
    assert "正在研究" in seen(woman.look("/mine"))
    street.answer(
        asked,
        "partly_adopted",
        "not_adopted",
        revised="每日6:00至10:00，市场东路西侧的46个车位供买菜居民短时停放，每次不超过2小时。",
    )
    assert "已经复审" in seen(woman.look("/mine"))
    assert "理由1" not in woman.look("/mine"), "nothing is told before the release"
    street.release(asked)
    page = woman.look("/mine")
    assert "理由1" in page
    assert "<del>" in page
    assert re.search(r"不超过<ins>2</ins>小时", page)
    assert "答复：城市管理科沈林，复审：何秀兰" in seen(page)
    assert "未采纳" in seen(woman.look(f"/comments/{comment}"))


def test_who_signed_in_can_take_a_comment_made_without_signing_in(phone: Phones, street: Street) -> None:
    asked, nobody, woman = street.publish(), phone(), phone("周女士")
    page = nobody.follow(nobody.say(asked, "先没登录。"))
    number, pin = re.findall(r"<strong>([\d ]+)</strong>", page)
    form = woman.form("/receipt")
    assert "先没登录。" in woman.follow(woman.send(form, receipt=number, pin=pin, mine="yes"))
    assert "先没登录。" in woman.look("/mine")
    assert "周女士" in woman.form("/me").fields["name"]


def test_a_flood_is_slowed_down_and_the_text_stays(phone: Phones, street: Street) -> None:
    asked = street.publish()
    for name, most in (("周女士", 30), ("", 10)):
        browser, statuses = phone(name), []
        for n in range(most + 1):
            if not name:
                browser.delete_cookie("huiyin_r")
            answer = browser.say(asked, f"第{n}句。")
            statuses.append(answer.status_code)
        assert statuses == [303] * most + [429]
        assert Form(answer.get_data(as_text=True)).fields["text"] == f"第{most}句。"
    street.clock.forward(seconds=601)
    assert phone("周女士").say(asked, "过一会儿再说。").status_code == 303


def test_a_comment_on_the_page_records_the_privacy_text_that_the_form_links_to(
    phone: Phones, street: Street, app: House
) -> None:
    asked, nobody, woman = street.publish(), phone(), phone("周女士")
    assert "/privacy" in nobody.look(f"/consultations/{asked}/comment")
    nobody.say(asked, "一个小时不够。", name="老张")
    with app.app_context():
        assert shown_texts() == [(PRIVACY_VERSION, "h5", None)]
    assert woman.send(woman.form("/me"), name="周女士", phone="13800000000").status_code in (302, 303)
    with app.app_context():
        assert shown_texts()[1:] == [(PRIVACY_VERSION, "h5", None)]


def test_a_question_on_the_page_records_it_too(phone: Phones, app: House) -> None:
    woman = phone("周女士")
    assert woman.send(woman.form("/questions/new"), text="邻居占了我家的地，怎么办？").status_code in (302, 303)
    with app.app_context():
        assert shown_texts() == [(PRIVACY_VERSION, "h5", None)]


def test_a_promise_that_was_not_kept_is_told_as_late_and_not_as_still_to_come(
    phone: Phones, street: Street, clock: Clock
) -> None:
    asked = street.publish()
    woman = phone("周女士")
    woman.say(asked, "路灯太暗。")
    (said,) = street.comments()
    assert "不晚于" in seen(woman.look("/mine"))
    clock.forward(days=90)
    for page in (woman.look("/mine"), woman.look(f"/comments/{said['public_id']}")):
        assert re.search(r"应在2\d+年\d+月\d+日前答复您，已经晚了\d+天，对不起", seen(page))
        assert "不晚于" not in seen(page)


def test_whoever_took_a_comment_back_can_say_another_thing_at_once(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    woman.say(asked, "太吵。", clause=5)
    (said,) = street.comments()
    page = f"/comments/{said['public_id']}"
    assert "再提一份" not in woman.look(page)
    woman.send(woman.form(f"{page}/withdraw"))
    assert f'href="/consultations/{asked}/comment?clause=5"' in woman.look(page)
    street.close()
    assert "再提一份" not in woman.look(page)
