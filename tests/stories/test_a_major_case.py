"""One major decision, from a resident's idea to the sealed file, by the buttons that each officer sees; nobody skips a step."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import bagit
import pytest
from playwright.sync_api import Browser, Page

from models.decisions.decision import by_public_id
from models.decisions.legal_review import review_of
from models.kernel.clock import today
from server.house import House
from server.papers import verify_casefile
from tests.conftest import Clock
from tests.making import a_pdf
from tests.papers.filing import work
from tests.stories.windows import TOO_WIDE, Street, Window, served

TITLE = "青禾街道农贸市场周边停车管理办法"
TEXT = f"""{TITLE}（征求意见稿）

第一条 为了方便居民买菜，制定本办法。
第二条 每日6:00至10:00，市场东路西侧供买菜居民短时停放，每次不超过1小时。
第三条 本办法自2027年3月1日起施行。
"""
NOTICE = {
    "summary": "早上留给买菜的，晚上留给住在附近的。",
    "whom": "买菜的居民、市场商户、附近住户",
    "content": "分时段使用车位。",
    "purpose": "让短时买菜的车停得下。",
    "basis": "道路交通安全法第三十三条。",
    "impact": "46个车位早上不能久停。",
}
SAID = "一个小时不够，来吃席的亲戚停不下。"
REASON = "第二条要让更多人停得下，我们数了三天，来吃席的要两小时，所以改为2小时。"
EXPERTS = (
    ("郑启明", "agree", "时段划分合理。"),
    ("罗一鸣", "agree", "同意，建议划装卸区。"),
    ("石磊", "disagree", "西侧路太窄。"),
)


@pytest.fixture
def street(app: House, chromium: Browser) -> Iterator[Street]:
    """The invented street before anything has happened, with its doors open."""
    with served(app) as address:
        made = Street(app, chromium, address)
        yield made
        made.close()
    assert not made.complaints, "\n".join(made.complaints)


@pytest.mark.timeout(900)
def test_a_major_case_from_an_idea_to_its_sealed_file(app: House, street: Street, clock: Clock, tmp_path: Path) -> None:
    handler, head, leader, chief = (street.officer(one) for one in ("shenlin", "xujing", "hexiulan", "wuqiming"))
    office, justice, counsel, archivist = (street.officer(one) for one in ("zhoumin", "luojing", "pengyuan", "yangfan"))
    with app.app_context():
        day = today()

    # A resident proposes it; it is taken up into the year's catalogue, and the resident is told.
    somebody = street.window()
    somebody.go("/proposals/new").send("提交建议", title="市场边上划短停车位", text="早上买菜没处停。", kind="citizen")
    justice.go("/desk/catalogue").send("开始编", year=f"{day.year}")
    catalogue = justice.path
    justice.follow("添一项").send(
        "存着",
        title=TITLE,
        category="policy",
        unit="城市管理",
        basis="道路交通安全法第三十三条",
        procedures=["expert", "risk"],
        modes=["open", "forum"],
        planned=f"{day.year + 1}-03",
    )
    office.go(catalogue).send("登记党工委同意", consented_on=f"{day}", number=f"青街工委〔{day.year}〕3号")
    justice.go(catalogue).says("编制目录和公布目录要由两个人分别完成")
    office.press("公布")
    handler.go("/desk/proposals").follow("市场边上划短停车位")
    proposal = handler.path
    handler.send("送审核", outcome="taken_up", item=TITLE, reason="列入年度目录，明年三月以前作决定。")
    leader.go(proposal).press("同意，答复本人")
    somebody.go("/mine").says("列入决策目录")

    # A case is opened; nothing runs before it is classified and stands in the catalogue.
    handler.go("/desk/cases").follow("立卷").send("立卷，接着定种类", title=TITLE)
    here = handler.path.removesuffix("/classify")
    handler.go(here).grey("立案", "条例第三条")
    handler.go(f"{here}/classify").send("就这样定", kind="major", reason="影响三千二百户。", wrong="条例第三条")
    handler.send("就这样定", category="政策", basis_words="条例第四十二条", idea="公民")
    handler.go(here).press("立案").says("立案了", "规则集")
    handler.go(f"{here}/catalogue").send("就这样定", item=TITLE)
    handler.go(here).says("年度目录第1项")
    for part in ("hearing", "poll"):
        handler.go(f"{here}/needs/{part}").send(
            "就这样定", needed="no", reason="座谈已经听了各方。", wrong="单位负责人"
        )
        head.go(f"{here}/needs/{part}").send("就这样定", needed="no", wrong="请写明理由")
        head.send("就这样定", reason="座谈已经听了各方。")
    for part in ("expert", "risk"):
        head.go(f"{here}/needs/{part}").send(
            "就这样定", needed="yes", owner="沈林", due_on=f"{day.replace(year=day.year + 1)}"
        )
    office.go(f"{here}/deliberate").grey("提交集体讨论", "条例第二十四条", "条例第二十五条", "条例第二十九条")
    office.go(f"{here}/decide").grey("登记决定", "条例第三十条", "条例第三十一条")
    office.go(f"{here}/publish").says("政府信息公开条例第十七条", "条例第三十二条")

    # The draft, cut into clauses, and its notice through four hands.
    handler.go(here).follow("起草").send("分条看看", title=TITLE, source=TEXT)
    handler.send("分条没问题，存下").says("草案存好了，共 3 条可以提意见")
    notice = handler.path
    handler.send("送初审", **NOTICE, contact_phone="", contact_email="", contact_address="", wrong="还不能送审")
    handler.says("条例第十五条").send("送初审", contact_phone="0000-5550123")
    asked = notice.rsplit("/", 1)[-1]
    for who, deed in ((head, "初审通过"), (leader, "复审通过"), (chief, "签发"), (office, "编号并公布")):
        who.go(f"/desk/sign-off/{asked}").press(deed)
    handler.go(here).says("征求意见")

    # A resident speaks about a clause; a forum is held; experts are asked, and one of them is against it.
    somebody.go(f"/consultations/{asked}").page.get_by_role("link", name="第二条").first.click()
    somebody.send("提交意见", text=SAID, kind="individual", shown="name", name="周女士").says("意见收到了")
    handler.go(f"{here}/participation").send(
        "登记", mode="forum", held_on=f"{day}", people="12", place="桥头社区", organised_by="城市管理科",
        kinds="商户6人、居民6人", gist="早上不够停。", file=a_pdf("座谈记录"),
    )  # fmt: skip
    for name, view, text in EXPERTS:
        office.go("/desk/experts/new").send(
            "入库",
            name=name,
            employer="省城市规划设计院",
            fields="道路交通",
            from_on=f"{day}",
            until_on=f"{day.replace(year=day.year + 2)}",
        )
        handler.go(f"{here}/expert").send("写聘请函", expert=name, way="meeting", task="时段划分是否合理。")
        handler.grey("登记意见", "条例第二十条")
        handler.send("登记声明", file=a_pdf("声明"))
        handler.send("登记意见", view=view, text=text, file=a_pdf("意见"))
        handler.send("就这样答复", taken="adopted" if view == "agree" else "not_adopted", reason="实测通得过。")
    handler.go(f"{here}/expert").says("有 1 位专家不同意")

    # The window closes; the point is answered by one, approved by another, released by a third.
    chief.go(f"/desk/release/{asked}").grey("同意发布", "条例第十五条", "条例第十八条")
    clock.forward(days=31)
    handler.go(f"/desk/answering/{asked}")
    handler.send(
        "送审", outcome="adopted", reason=REASON, gist="嫌一小时太短",
        revised="每日6:00至10:00，市场东路西侧供买菜居民短时停放，每次不超过2小时。",
    )  # fmt: skip
    head.go("/desk/approval").follow("嫌一小时太短").send("同意这条答复")
    chief.go(f"/desk/release/{asked}").send("同意发布", points="1").says("发布了")
    somebody.go("/mine").says("采纳")
    handler.go(f"{here}/drafts").follow("写下一稿").send("存成第 2 稿").says("1号意见", "嫌一小时太短")

    # Risks: points, measures, a second person.
    handler.go(f"{here}/send-to-review").send("保存并送审", basis="道路交通安全法第三十三条", wrong="条例第二十二条")
    handler.go(f"{here}/risk").press("开始第 1 轮评估")
    handler.send("保存并送审核", what=["商户担心影响装卸"], asked="派出所", wrong="条例第二十三条")
    handler.send(
        "保存并送审核", probability=["medium"], consequence=["low"], measures=["五点至六点装卸"], plan=["到场说明"],
        level="low", controllable="yes", conclusion="措施落实后，影响有限。",
    )  # fmt: skip
    head.go(handler.path).press("审定")

    # Legal review: the justice office with counsel, and the days that the law gives it.
    handler.go(f"{here}/send-to-review").says("案卷的记录后来变了", "低风险，可控")
    handler.follow("照现在的记录重写一遍").send("保存并送审")
    justice.go("/desk/legal-reviews").follow("去受理").send("受理", counsel="彭远")
    review = justice.path
    justice.grey("出具审查意见", "条例第二十六条", "条例第二十八条")
    counsel.go(review).send(
        "提出法律意见", role="adviser", authority="yes", procedure="yes", content="yes", text="未发现违反上位法的情形。"
    )
    justice.go(review).grey("出具审查意见", "条例第二十六条")
    office.go(f"{here}/deliberate").grey("提交集体讨论", "条例第二十五条")
    with app.app_context():
        case = by_public_id(here.rsplit("/", 1)[-1])
        assert case
        sent = review_of(case)
        assert sent
        assert sent.earliest_on
        clock.forward(days=(sent.earliest_on - today()).days)
    justice.go(review).send(
        "编号并出具",
        authority_ok="yes",
        procedure_ok="yes",
        content_ok="yes",
        result="lawful",
        opinion="同意提交讨论。",
    ).says("合法")

    # The meeting has its pack, everybody's view, the head's last; it passes with a change.
    office.go(f"{here}/meeting-pack").says("材料齐了")
    office.go(f"{here}/deliberate").send("提交集体讨论", meeting="party_committee")
    office.follow("写会议记录")
    with app.app_context():
        day = today()
    seats = {
        "who_1": "何秀兰", "role_1": "组成人员", "stance_1": "同意", "words_1": "同意。",
        "who_2": "许静", "role_2": "组成人员", "stance_2": "附条件", "words_2": "要留消防通道。",
        "who_3": "吴启明", "role_3": "主要领导", "stance_3": "同意", "words_3": "同意，加上消防通道。",
    }  # fmt: skip
    minutes = {
        "held_on": f"{day}", "place": "三楼会议室", "chair": "吴启明", "minutes_number": f"青街党纪〔{day.year}〕12号",
        "result": "changed", "remark": "第二条加上不得占用消防通道。",
    }  # fmt: skip
    office.send("记录好了", **{**minutes, **seats, "role_1": "主要领导", "role_3": "组成人员"}, wrong="条例第三十条")
    office.send("记录好了", role_1="组成人员", role_3="主要领导")
    leader.go(f"{here}/deliberation").press("记录属实，确认")
    office.go(f"{here}/decide").grey("登记决定", "条例第三十一条")
    office.go(f"{here}/party-report").send("登记", reported_on=f"{day}", number=f"青街党请〔{day.year}〕8号")
    office.go(f"{here}/decide").send("登记决定", wrong="请先按会议意见写成新的一稿")
    handler.go(f"{here}/drafts/next")
    rewrite(handler, "第二条", DECIDED, "会议要求：不得占用消防通道。")
    handler.send("存成第 3 稿").says("不得占用消防通道")
    office.go(f"{here}/decide").send("登记决定").says("决定登记了")

    # Two persons look for secrets; what was decided is published, and never an earlier text.
    office.go(f"{here}/publish").grey("公布", "政府信息公开条例第十七条")
    handler.go(f"{here}/secrecy").send("记下审查结果", openness="all")
    head.go(f"{here}/secrecy").press("复核同意")
    office.go(f"{here}/publish").says("公布时的标题").send("公布", title="", wrong="文本的标题还写着“征求意见稿”")
    office.says("条例第三十二条").send("公布", title=TITLE).says("公布了")
    somebody.go(f"/decisions/{here.rsplit('/', 1)[-1]}").says("党工委会议", "不得占用消防通道", "不超过2小时")
    assert "征求意见稿" not in somebody.words

    # It is carried out, archived, sealed; the file proves itself to anybody.
    office.go(f"{here}/execution").send("就这样定", unit="城市管理", owner="沈林", task="划线、立牌。")
    handler.go(f"{here}/execution").send("报告进展", text="线划好了。")
    handler.send("执行完毕", text="牌子立好了。")
    archivist.go(f"{here}/archive").press("归档并封存第1卷").says("归档了")
    assert work(app) == 1
    taken = archivist.go(f"{here}/archive").says("没有缺件").takes("下载")
    bag = tmp_path / taken.suggested_filename
    taken.save_as(bag)
    checked = subprocess.run(
        [sys.executable, "-I", verify_casefile.__file__, str(bag)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with zipfile.ZipFile(bag) as packed:
        packed.extractall(tmp_path / "x")
    (folder,) = (tmp_path / "x").iterdir()
    bagit.Bag(str(folder)).validate()
    names = {one.stem.partition(" ")[2] or one.stem for one in folder.rglob("*") if one.is_file()}
    for title in ("决策建议", "决策事项目录里的事项", "集体讨论记录：党工委会议", "风险评估报告", "合法性审查意见书"):
        assert [name for name in names if title.replace("：", "") in name.replace("：", "")], (title, names)
    assert SAID in "".join(one.read_text("utf-8", "ignore") for one in folder.rglob("*.txt"))
    on_paper(handler.go(here).page)


def on_paper(page: Page) -> None:
    """The whole road on two sheets of A4, as the table that it is, and on a tablet without being cut off."""
    page.set_viewport_size({"width": 820, "height": 1180})
    assert page.evaluate(TOO_WIDE) == 0
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1016})
    assert page.evaluate(TOO_WIDE) == 0
    assert page.locator(".stations thead").is_visible()
    assert not page.locator("nav.nav").is_visible()
    tops = {round(one.bounding_box()["y"]) for one in page.locator(".road li b").all()}  # type: ignore[index]
    assert len(tops) == 1, "one line of places"
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert 1 <= len(sheets) <= 2
    page.emulate_media(media="screen")


DECIDED = "每日6:00至10:00，市场东路西侧供买菜居民短时停放，每次不超过2小时，不得占用消防通道。"


def rewrite(handler: Window, clause: str, words: str, reason: str) -> None:
    """Other words for a clause of the next version, and why."""
    fold = handler.page.locator("details.fold", has=handler.page.locator("summary", has_text=clause)).first
    fold.locator("summary").click()
    fold.locator("textarea").fill(words)
    fold.locator("input").fill(reason)
