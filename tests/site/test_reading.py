"""Notices, reports, articles and questions, and what is said when something is not there."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from models.comments.arrange import gather
from models.comments.bulk import answer_each, approve_each
from models.comments.point import Point
from models.comments.report_line import ReportLine
from models.decisions.consultation import by_public_id
from models.decisions.material import Material, Publicity
from models.decisions.material import by_public_id as material_by
from models.kernel.base import db
from models.outreach.article import by_public_id as article_by
from models.people.consent import ConsentText
from server.house import House
from server.site.errors import error_page
from tests.conftest import Clock
from tests.making import a_comment, a_pdf, a_resident, points_of
from tests.site.conftest import Phone, Street, officer, seen

Phones = Callable[..., Phone]


def test_the_first_screen_says_what_whom_until_when_and_answered_by_when(phone: Phones, street: Street) -> None:
    asked = street.publish(window_days=20, short_reason="早市改造12月开工。")
    page = seen(phone().look(f"/consultations/{asked}"))
    first = page[: page.index("为什么做")]
    for words in (
        "正在征求意见",
        "农贸市场周边停车管理办法",
        "早上车位留给买菜的",
        "关系到买菜的居民",
        "截止到2",
        "（还剩20天）",
        "不晚于2",
        "提意见",
    ):
        assert words in first
    assert "这次只有20天，不满30天早市改造12月开工。" in page
    how = page[page.index("怎样提意见") :]
    for words in (
        "公众号关注公众号，直接打字",
        "网页就在这一页点「提意见」",
        "信函和意见箱寄到青禾街道桥头巷1号",
        "电话拨打0000-5550123",
        "现场到青禾街道桥头巷1号",
        "电子邮件发到yijian@qinghe.example",
    ):
        assert words in how
    for words in (
        "目的",
        "依据",
        "主要内容",
        "影响",
        "第三条",
        "对这一条说两句",
        "收到整理研究复审发布",
        "个人信息怎样使用",
        "0000-5550123",
    ):
        assert words in page


def test_only_the_chosen_ways_are_printed_and_the_privacy_text_stays_the_one_it_was_published_with(
    phone: Phones, street: Street, app: House
) -> None:
    asked = street.publish(channels=["h5", "phone"])
    page = phone().look(f"/consultations/{asked}")
    how = seen(page)[seen(page).index("怎样提意见") :]
    assert "电话拨打0000-5550123" in how
    assert "电子邮件发到" not in how
    assert "信函和意见箱" not in how
    with app.app_context():
        was = ConsentText.current()
        assert was
        version = was.version
        ConsentText.publish("privacy", "2027-01", "新的告知。保存期限：三年。")
        db.session.commit()
    page = phone().look(f"/consultations/{asked}")
    assert f"/privacy?version={version}" in page
    assert "保存期限：意见随决策案卷保存" in phone().look(f"/privacy?version={version}")
    assert "新的告知" in phone().look("/privacy")
    assert phone().get("/privacy?version=1999").status_code == 404


def test_extending_correcting_and_cancelling_are_printed_on_the_notice(
    phone: Phones, street: Street, app: House
) -> None:
    asked = street.publish()
    with app.app_context():
        notice = by_public_id(asked)
        assert notice
        notice.extend(officer("wuqiming"), 10, "应商户要求再开一次座谈会。")
        notice.correct(officer("wuqiming"), "车位数由45个更正为46个。")
        db.session.commit()
    page = seen(phone().look(f"/consultations/{asked}"))
    assert "应商户要求再开一次座谈会" in page
    assert "车位数由45个更正为46个" in page
    assert "（还剩40天）" in page
    with app.app_context():
        notice = by_public_id(asked)
        assert notice
        notice.cancel(officer("wuqiming"), "上级已统一规定。")
        db.session.commit()
    page = phone().look(f"/consultations/{asked}")
    assert "上级已统一规定。" in page
    assert "对这一条说两句" not in page
    assert phone().get(f"/consultations/{asked}/comment").status_code == 303
    assert "已取消" in seen(phone().look("/consultations?state=cancelled"))


def test_what_is_not_published_is_not_there(phone: Phones, street: Street, app: House) -> None:
    asked = street.publish()
    assert phone().get(f"/reports/{asked}").status_code == 404
    for path in (
        "/consultations/abcdefghjkmn",
        "/articles/abcdefghjkmn",
        "/reports/abcdefghjkmn",
        "/consultations/short",
        "/nothing",
    ):
        answer = phone().get(path)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 404
        assert "没有丢" in page
        assert '<a class="weui-btn weui-btn_primary" href="/">回到首页</a>' in page


@pytest.mark.both_engines
def test_the_report_adds_up_filters_by_clause_and_goes_on_page_by_page(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    for n in range(23):
        woman.say(asked, f"第{n}句。", clause=(5, 6)[n % 2])
    phone().say(asked, "不针对条文。")
    back = woman.say(asked, "收回的。").headers["Location"].rsplit("/", 1)[1]
    woman.send(woman.form(f"/comments/{back}/withdraw"))
    street.close()
    street.answer(asked, "adopted", "partly_adopted", "not_adopted", "other")
    street.release(asked)
    page = seen(phone().look(f"/reports/{asked}"))
    assert "24条意见里，12条改进了草案" in page
    assert "6条未采纳，每条都写了理由；6条没有要求修改" in page
    assert "多少人2多少份24多少条24" in page
    assert "另有1份由本人撤回，不计在内" in page
    assert "第三条12" in page
    assert "不针对条文1" in page
    found: list[str] = []
    path = f"/reports/{asked}"
    while path:
        html = phone().look(path)
        found += re.findall(r'<h3 class="gist">(大意\d+)</h3>', html)
        onward = re.search(r'class="more" href="([^"]+)" rel="next"', html)
        path = onward[1].replace("&amp;", "&") if onward else ""
    assert found == [f"大意{n}" for n in range(1, 25)]
    assert len(re.findall('class="gist"', phone().look(f"/reports/{asked}?all=1"))) == 24
    only = phone().look(f"/reports/{asked}?clause=5")
    assert len(re.findall("大意", only)) == 12
    assert phone().get(f"/reports/{asked}?clause=2").status_code == 404


def a_campaign(street: Street, shown: int) -> str:
    """So many people in words of their own and three who keep theirs back, put together and answered alike."""
    asked = street.publish()
    with street.app.app_context():
        consultation = by_public_id(asked)
        assert consultation
        for n in range(shown + 3):
            a_comment(consultation, a_resident(n), f"请改成两小时，第{n}家。", show_text=n < shown)
        a_comment(consultation, a_resident(0), "灯太暗。", show_text=True)
        db.session.commit()
    street.close()
    with street.app.app_context():
        consultation = by_public_id(asked)
        assert consultation
        points = [point.id for point in points_of(consultation)]
        gather(consultation, officer("shenlin"), "改两小时", points[:-1])
        assert not answer_each(points, officer("shenlin"), "not_adopted", "一小时够买一次菜。", gist="改两小时").refused
        assert not approve_each(points, officer("hexiulan"), may_show=True).refused
        db.session.commit()
    street.release(asked)
    return asked


@pytest.mark.both_engines
def test_many_wordings_of_one_demand_are_one_line_and_each_that_may_be_shown_is_reached(
    phone: Phones, street: Street
) -> None:
    asked = a_campaign(street, 43)
    page = phone().look(f"/reports/{asked}")
    assert "改两小时（46条，46人）" in seen(page) and "还有 43 种写法" in page and "看全部 44 种写法" in page
    assert _families(page) == list(range(20)), "no more than may be read at once"
    assert "种写法" not in phone().look(f"/reports/{asked}?all=1").split("灯太暗")[1]
    (path,) = re.findall(f'href="(/reports/{asked}/lines/[^"]+)"', page)
    told, pages = [], 0
    while path:
        others, pages = phone().look(path), pages + 1
        told += _families(others)
        assert "改两小时（46条，46人）" in seen(others)
        onward = re.search(r'class="more" href="([^"]+)" rel="next"', others)
        path = onward[1].replace("&amp;", "&") if onward else ""
    assert (told, pages) == (list(range(43)), 3), (
        "all that may be shown, once; nothing of the three who kept theirs back"
    )


def _families(page: str) -> list[int]:
    return [int(n) for n in re.findall(r"两小时，第(\d+)家", page)]


@pytest.mark.both_engines
def test_only_a_line_in_several_wordings_has_a_page_of_them_and_only_in_its_own_report(
    phone: Phones, street: Street
) -> None:
    asked, another = a_campaign(street, 22), street.publish()
    (path,) = re.findall(f'href="(/reports/{asked}/lines/[^"]+)"', phone().look(f"/reports/{asked}"))
    assert phone().get(path).status_code == 200
    assert phone().get(f"{path}?after=999999").status_code == 200
    with street.app.app_context():
        single = db.session.scalar(
            select(Point.public_id).join(ReportLine, ReportLine.lead_id == Point.id).where(ReportLine.points == 1)
        )
    for nowhere in (path.replace(asked, another), f"/reports/{asked}/lines/{single}", f"{path}x", f"{path}%00"):
        assert phone().get(nowhere).status_code == 404, nowhere


def test_a_report_without_a_single_comment_is_a_report_too(phone: Phones, street: Street) -> None:
    asked = street.publish()
    street.close()
    street.release(asked)
    assert "这次没有收到意见" in seen(phone().look(f"/reports/{asked}"))
    assert "没有收到意见" in seen(phone().look("/"))


def test_the_report_is_taken_along_as_a_word_document_and_as_a_table(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    woman.say(asked, "早上一小时不够。")
    street.close()
    street.answer(asked, "adopted")
    street.release(asked)
    page = phone().look(f"/reports/{asked}")
    for kind, begins in (("docx", "wordprocessingml"), ("xlsx", "spreadsheetml")):
        assert f"/reports/{asked}/{kind}" in page
        answer = phone().get(f"/reports/{asked}/{kind}")
        assert answer.status_code == 200 and begins in answer.mimetype
        assert answer.get_data()[:2] == b"PK"
        assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert phone().get(f"/reports/{asked}/exe").status_code == 404


def test_articles_by_topic_with_their_law_and_a_withdrawn_one_says_so(
    phone: Phones, street: Street, app: House
) -> None:
    article = street.write()
    page = phone().look(f"/articles/{article}")
    assert "<h2>租多久</h2>" in page
    assert "民法典第七百零三条" in page
    topics = re.findall(r'href="(/articles\?topic=[a-z0-9]+)"', phone().look("/articles"))
    assert len(topics) == 4
    assert "租摊位先看清这五处" in phone().look(topics[0])
    assert "还没有文章" in phone().look(topics[1])
    with app.app_context():
        written = article_by(article)
        assert written
        written.withdraw(officer("zhoumin"), "法律有了新规定。")
        db.session.commit()
    page = phone().look(f"/articles/{article}")
    assert "已经撤下" in page
    assert "法律有了新规定" in page
    assert "租多久" not in page


@pytest.mark.both_engines
def test_a_question_is_private_and_its_answer_comes_back(phone: Phones, street: Street) -> None:
    woman, man = phone("周女士"), phone("老陈")
    form = woman.form("/questions/new")
    first, second = (woman.send(form, text="房东不退押金怎么办？") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    path = first.headers["Location"].split("?")[0]
    assert "问题收到了" in woman.look(path)
    assert man.get(path).status_code == 404
    assert phone().get(path).status_code == 303
    street.answer_question(path.rsplit("/", 1)[1], "先看合同。\n再去司法所。")
    page = woman.look(path)
    assert "先看合同。" in page
    assert "申请法律援助的权利" in page
    assert "法律顾问彭远" in seen(page)
    assert "回复" in seen(woman.look("/questions"))
    kept = woman.send(woman.form("/questions/new"), text="长" * 2001)
    assert kept.status_code == 422
    assert "长" * 2001 in kept.get_data(as_text=True)


def test_the_demonstration_page_leads_to_phones_and_desks_and_shows_the_clock(phone: Phones, clock: Clock) -> None:
    page = phone().get("/demo", base_url="http://localhost:8000").get_data(as_text=True)
    assert 'href="http://phone-1.localhost:9/"' in page
    assert 'href="http://shenlin.localhost:8000/desk/sign-in"' in page
    assert "和真正的今天一样" in page
    clock.forward(days=31)
    assert "比真正的今天晚31天" in phone().look("/demo")
    assert "演示：内容都是虚构的" in phone().look("/")


def test_the_demonstration_follows_its_matter_from_the_phone_to_the_desks_and_back(
    phone: Phones, street: Street, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.site.demo.PLAYING", timedelta(0))

    def now() -> str:
        page = phone().look("/demo")
        return seen(page[page.index('aria-current="step"') :].split("</li>")[0])

    assert "现在没有正在征求意见的事" in phone().look("/demo")
    asked = street.publish()
    page = seen(phone().look("/demo"))
    assert "五分钟，走完一件事" in page
    assert "酝酿，正在立案起草、征求意见" in page, "its case, and how far it has come"
    assert "makedemo-reset" not in page
    assert "对《农贸市场周边停车管理办法》说一句想法" in now()
    phone("周女士").say(asked, "路灯太暗。")
    clock.forward(days=31)
    page = phone().look("/demo")
    assert "接着走第3步" in page
    assert "makedemo-reset，然后makerun" in seen(page)
    assert "承办人逐条答复" in now()
    for login, where in (("shenlin", "answering/"), ("xujing", "approval?of="), ("wuqiming", "release/")):
        assert f'href="http://{login}.localhost/desk/{where}{asked}"' in page, "each step leads to this matter"
    street.answer(asked)
    assert "发布，一次告诉所有人" in now()
    street.release(asked)
    assert "演示已经走完一遍" in phone().look("/demo")
    assert "再看手机" in now()


def test_a_demonstration_that_is_just_beginning_asks_for_patience_and_not_to_begin_anew(
    app: House, phone: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.site.demo.PLAYING", timedelta(days=1))
    page = phone().look("/demo")
    assert "先自己演一遍" in page and 'href="/demo">再看一看' in page
    assert "demo-reset" not in page
    monkeypatch.setattr("server.site.demo.PLAYING", timedelta(0))
    page = phone().look("/demo")
    assert "先自己演一遍" not in page and "再看一看" not in page
    assert "demo-reset" in page


def test_the_page_that_says_something_broke_names_the_telephone_without_asking_the_database(
    app: House, phone: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone().look("/")
    monkeypatch.setattr("server.words.Installation", None)
    with app.test_request_context("/mine"):
        assert 'href="tel:00005550123"' in error_page(500, reference="1a2b3c4d")


def test_the_whole_draft_is_one_page_to_print_with_its_explanation(phone: Phones, street: Street) -> None:
    asked = street.publish()
    assert f"/consultations/{asked}/draft" in phone().look(f"/consultations/{asked}")
    page = seen(phone().look(f"/consultations/{asked}/draft"))
    for words in (
        "征求意见稿",
        "早市短时停放",
        "46个车位早上不能久停",
        "第一章",
        "残疾人车辆不受时间限制",
        "第四条",
        "演示",
    ):
        assert words in page
    assert "提交" not in page


def test_open_papers_of_the_case_are_downloads_and_others_do_not_exist(
    phone: Phones, street: Street, app: House
) -> None:
    asked, other = street.publish(), street.publish()
    with app.app_context():
        case = by_public_id(asked).decision
        kept = {}
        for title, station, publicity in (
            ("车位图", "consultation", Publicity.OPEN),
            ("立项报告", "start", Publicity.OPEN),
            ("座谈会录音整理", "consultation", Publicity.ON_REQUEST),
            ("会议纪要", "deliberation", Publicity.OPEN),
        ):
            reason = "" if publicity == Publicity.OPEN else "过程性信息。"
            data = a_pdf(title)
            made = Material.add(
                officer("shenlin"), case, station, title, data, publicity=publicity, publicity_reason=reason
            )
            db.session.flush()
            kept[title] = made.public_id
        db.session.commit()
    page = phone().look(f"/consultations/{asked}")
    assert "车位图" in page and "立项报告" in page
    assert "座谈会" not in page and "会议纪要" not in page
    answer = phone().get(f"/consultations/{asked}/materials/{kept['车位图']}")
    assert answer.data == a_pdf("车位图")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    for where, title in ((asked, "座谈会录音整理"), (asked, "会议纪要"), (other, "车位图")):
        assert phone().get(f"/consultations/{where}/materials/{kept[title]}").status_code == 404
    with app.app_context():
        paper = material_by(kept["车位图"])
        Material.reclassify(officer("shenlin"), paper, Publicity.CLOSED, "图上有住户姓名。")
        db.session.commit()
    assert phone().get(f"/consultations/{asked}/materials/{kept['车位图']}").status_code == 404
    assert "车位图" not in phone().look(f"/consultations/{asked}")


def test_a_wrong_method_and_a_foreign_origin_get_the_calm_page_too(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    form = woman.form(f"/consultations/{asked}/comment")
    foreign = woman.post(
        form.action, data={**form.fields, "text": "一句。"}, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 400
    assert "没有丢" in foreign.get_data(as_text=True)
    assert woman.delete("/mine").status_code == 405
    assert street.comments() == []


def test_pages_of_many_comments_ask_the_database_no_more_often_than_pages_of_few(
    phone: Phones, street: Street, app: House
) -> None:
    from_start: dict[str, int] = {}
    asked, woman = street.publish(), phone("周女士")

    def count(path: str) -> int:
        asked_for: list[str] = []

        def listen(conn: object, cursor: object, statement: str, *rest: object) -> None:
            asked_for.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", listen)
        try:
            woman.look(path)
        finally:
            event.remove(engine, "before_cursor_execute", listen)
        return len([s for s in asked_for if s.startswith(("SELECT", "WITH"))])

    for n in range(12):
        woman.say(asked, f"第{n}句。", clause=(2, 3, 5, 6)[n % 4])
        if n == 1:
            from_start = {p: count(p) for p in ("/mine", "/")}
    assert {p: count(p) for p in ("/mine", "/")} == from_start
    street.close()
    street.answer(asked, "partly_adopted", revised="新的条文。")
    street.release(asked)
    for path, most in (
        ("/mine", 12),
        ("/", 11),
        (f"/reports/{asked}", 12),
        (f"/consultations/{asked}", 12),
        ("/consultations", 6),
        ("/reports", 6),
        ("/articles", 6),
    ):
        assert count(path) <= most, path
