"""From the meeting to the public page and the county's receipt, through the desk, each person doing their own part."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import bagit
import pytest
from docx import Document

from models.decisions.cleanup import cleanups
from models.decisions.consultation import Consultation
from models.decisions.decision import CaseStage, Decision, Kind
from models.decisions.deliberation import Deliberation, deliberations
from models.decisions.draft import Draft
from models.decisions.publish import Publication
from models.kernel import clock
from models.kernel.base import db
from models.kernel.clock import local, wall
from server.console.publishing import as_asked
from server.house import House
from server.papers.verify_casefile import Case, check_bag, check_trail
from tests.conftest import People
from tests.deciding import TITLED, a_case, a_decided_case, a_document, lawful, take_as_done
from tests.making import SOURCE, a_pdf
from tests.papers.filing import work


def day() -> date:
    """The day in Beijing, of a clock that nobody moved."""
    return local(wall()).date()


def case_of(kind: Kind, **more: Any) -> str:
    """A case in the office's database, by its address."""
    made = a_case(People(), kind, **more)
    db.session.commit()
    return made.public_id


def found(public_id: str) -> Decision:
    db.session.expire_all()
    return db.session.query(Decision).filter_by(public_id=public_id).one()


def meeting_of(public_id: str) -> Deliberation:
    return deliberations(found(public_id))[-1]


def the_table(people: People, **more: str) -> dict[str, str]:
    """The minutes as the office types them: two members, one who is absent, and the head last."""
    rows = (
        ("hexiulan", "member", "yes", "agree", "同意，早上的车位不够用。"),
        ("xujing", "member", "yes", "disagree", "西侧还要留消防通道。"),
        ("mafang", "member", "no", "", ""),
        ("wuqiming", "head", "yes", "agree", "同意大家的意见，就这样办。"),
    )
    told = {
        "held_on": day().isoformat(), "place": "三楼会议室", "chair": "吴启明", "result": "passed",
        "minutes_number": "青街党纪〔2026〕12号", "deed": "record", "version": "",
    }  # fmt: skip
    for n, (who, role, came, stance, words) in enumerate(rows, 1):
        told |= {
            f"who_{n}": people[who].public_id, f"role_{n}": role, f"came_{n}": came,
            f"stance_{n}": stance, f"words_{n}": words,
        }  # fmt: skip
    return told | more


@pytest.mark.parametrize("kind", [Kind.MAJOR, Kind.ORDINARY, Kind.NORMATIVE])
def test_no_button_before_its_time_and_each_says_why_with_its_article(
    app: House, desk: Callable[[str], Any], kind: Kind
) -> None:
    with app.app_context():
        public_id = case_of(kind)
    office = desk("zhoumin")
    here = f"/desk/cases/{public_id}"
    deliberate = office.get(f"{here}/deliberate").get_data(as_text=True)
    decide = office.get(f"{here}/decide").get_data(as_text=True)
    publish = office.get(f"{here}/publish").get_data(as_text=True)
    asked = {
        Kind.MAJOR: (("条例第二十五条", "条例第二十四条", "条例第二十九条"), ("条例第三十条", "条例第三十一条")),
        Kind.NORMATIVE: (("条例第二十五条",), ("条例第三十条",)),
        Kind.ORDINARY: ((), ()),
    }[kind]
    for page, articles in zip((deliberate, decide), asked, strict=True):
        assert ("aria-disabled" in page) == bool(articles)
        for article in articles:
            assert article in page
    assert "政府信息公开条例第十七条" in publish
    assert office.submit(f"{here}/deliberate", data={"meeting": "party_committee"}).status_code == (
        422 if asked[0] else 303
    )


def begun(app: House, handler: Any, title: str, kind: str) -> str:
    """From a title: opened, classified, numbered, with a draft; nothing runs before it is classified."""
    opened = handler.submit("/desk/cases/new", data={"title": title})
    public_id: str = opened.headers["Location"].split("/")[-2]
    here = f"/desk/cases/{public_id}"
    assert "条例第三条" in handler.get(here).get_data(as_text=True)
    assert handler.submit(f"{here}/start").status_code == 422
    told = {"kind": kind, "reason": "涉及停车人的权利义务。", "basis": "by_reference", "idea": "unit"}
    assert handler.submit(f"{here}/classify", data=told).status_code == 303
    assert handler.submit(f"{here}/start").status_code == 303
    with app.app_context():
        Draft.write(People()["shenlin"], found(public_id), SOURCE)
        db.session.commit()
    return public_id


def sealed(app: House, keeper: Any, public_id: str, folder: Path) -> Case:
    """Archived by one click, packed by the worker, downloaded, and found whole by ours and by the Library of Congress."""
    here = f"/desk/cases/{public_id}"
    assert keeper.submit(f"{here}/archive").status_code == 303
    assert work(app) == 1
    page = keeper.get(f"{here}/archive").get_data(as_text=True)
    assert "没有缺件" in page
    file = re.search(r'name="file" value="([a-z0-9]{12})"', page)
    assert file
    taken = keeper.submit(f"{here}/file", data={"file": file[1]})
    (folder / "案卷.zip").write_bytes(taken.get_data())
    case = Case(folder / "案卷.zip")
    assert not check_bag(case)
    assert not check_trail(case)
    with zipfile.ZipFile(folder / "案卷.zip") as packed:
        packed.extractall(folder / "x")
    bagit.Bag(str(next((folder / "x").iterdir()))).validate()
    return case


def test_an_ordinary_case_from_an_idea_to_its_sealed_file(
    app: House, desk: Callable[[str], Any], tmp_path: Path
) -> None:
    public_id = begun(app, desk("shenlin"), "农贸市场周边停车安排", "ordinary")
    office, here = desk("zhoumin"), f"/desk/cases/{public_id}"
    assert office.submit(f"{here}/deliberate", data={"meeting": "office"}).status_code == 303
    with app.app_context():
        meeting, people = meeting_of(public_id).public_id, People()
        table = the_table(people)
        swapped = the_table(people, who_2=people["wuqiming"].public_id, role_2="head", who_4=people["xujing"].public_id)
        swapped |= {"role_4": "member"}
        unexplained = the_table(people, stance_1="disagree")
        names = {login: people[login].public_id for login in ("hexiulan", "xujing")}
    record = f"/desk/meetings/{meeting}/record"
    assert office.get(record).status_code == 200
    refused = office.submit(record, data=swapped)
    assert refused.status_code == 422
    said = refused.get_data(as_text=True)
    assert "主要领导要最后发表意见" in said
    assert "条例第三十条" in said
    assert "西侧还要留消防通道。" in said, "nothing typed is lost"
    refused = office.submit(record, data=unexplained)
    assert "请写明主要领导在会上说明的理由" in refused.get_data(as_text=True)
    more = office.submit(record, data=table | {"deed": "more"}).get_data(as_text=True)
    assert "who_12" in more
    assert "同意大家的意见，就这样办。" in more
    assert office.submit(record, data=table).status_code == 303
    shown = desk("xujing").get(f"{here}/deliberation").get_data(as_text=True)
    assert "西侧还要留消防通道。" in shown
    assert "同意 2，不同意 1" in shown
    assert "没有到会：马芳" in shown
    assert names
    assert office.submit(f"/desk/meetings/{meeting}/confirm").status_code == 422, "the recorder does not confirm"
    luojing = desk("luojing").get(f"{here}/deliberation").get_data(as_text=True)
    assert "会议记录要由到会的人确认" in luojing
    back = desk("xujing").submit(f"/desk/meetings/{meeting}/send_back", data={"reason": ""})
    assert back.status_code == 422
    assert desk("xujing").submit(f"/desk/meetings/{meeting}/send_back", data={"reason": "少了一句"}).status_code == 303
    again = office.get(record).get_data(as_text=True)
    assert "少了一句" in again
    assert "西侧还要留消防通道。" in again
    assert office.submit(record, data=table).status_code == 303
    assert desk("xujing").submit(f"/desk/meetings/{meeting}/confirm").status_code == 303
    scan = {"file": (io.BytesIO(a_pdf("签字")), "记录.pdf")}
    assert office.submit(f"/desk/meetings/{meeting}/scan", data=scan).status_code == 303
    assert "签字扫描件" in office.get(f"{here}/deliberation").get_data(as_text=True)
    assert office.submit(f"{here}/decide", data={"draft": ""}).status_code == 303
    words = {"basis": "年度计划", "explanation": "让车停得下。", "effective_on": "", "number": "", "title": TITLED}
    held = office.submit(f"{here}/publish", data=words)
    assert held.status_code == 422
    assert "公布以前请完成保密审查" in held.get_data(as_text=True)
    handler = desk("shenlin")
    assert handler.submit(f"{here}/secrecy", data={"openness": "partly", "reason": ""}).status_code == 422
    with app.app_context():
        clause = next(c for c in meeting_of(public_id).draft.clauses if c.label == "第二条").public_id  # type: ignore[union-attr]
    kept = {"openness": "partly", "withheld": [clause], "reason": "涉及商业秘密（第十五条）。"}
    assert handler.submit(f"{here}/secrecy", data=kept).status_code == 303
    assert desk("xujing").submit(f"{here}/secrecy/send_back", data={"reason": "不涉及商业秘密"}).status_code == 303
    assert handler.submit(f"{here}/secrecy", data=kept).status_code == 303
    assert desk("xujing").submit(f"{here}/secrecy/confirm").status_code == 303
    assert "第二条不公开" in office.get(f"{here}/publish").get_data(as_text=True)
    offered = office.get(f"{here}/publish").get_data(as_text=True)
    assert f'value="{TITLED}"' in offered, "the mended title is offered"
    for title in ("", "停车办法（征求意见稿）", "停车管理规定"):
        refused = office.submit(f"{here}/publish", data=words | {"title": title})
        assert refused.status_code == 422
        said = refused.get_data(as_text=True)
        assert "文本的标题还写着“征求意见稿”" in said
        assert "条例第三十二条" in said
        assert "让车停得下。" in said, "nothing typed is lost"
    assert office.submit(f"{here}/publish", data=words).status_code == 303
    with app.app_context():
        case = found(public_id)
        made = Publication.of(case)
        assert made is not None
        assert (case.stage, made.number) == (CaseStage.PUBLISHED, f"青街发〔{day().year}〕1号")
    page = app.test_client().get(f"/decisions/{public_id}").get_data(as_text=True)
    assert "主任办公会" in page
    assert "第二条依法不公开" in page
    assert "征求意见稿" not in page
    assert "市场东路" not in page
    for view in ("何秀兰", "消防通道", "许静", "吴启明"):
        assert view not in page, "nobody's view is public"
    assert "青街发" in app.test_client().get("/decisions").get_data(as_text=True)
    held = sealed(app, desk("yangfan"), public_id, tmp_path)
    kept = next(name for name in held.names if "集体讨论记录" in name)
    assert kept.startswith("data/3 不公开/"), "everybody's view is in the file, and on no public page"
    with held.open(kept) as paper:
        record = "".join(line.text for line in Document(io.BytesIO(paper.read())).paragraphs)
    assert "。发言：西侧还要留消防通道。" in record, "the view, and then the words"


def test_an_undecided_or_secret_case_is_on_no_public_page(app: House, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        people = People()
        undecided = case_of(Kind.ORDINARY)
        secret = a_decided_case(people, Kind.ORDINARY).public_id
        db.session.commit()
    here = f"/desk/cases/{secret}"
    desk("shenlin").submit(f"{here}/secrecy", data={"openness": "none", "reason": "涉及国家秘密（第十四条）。"})
    desk("xujing").submit(f"{here}/secrecy/confirm")
    desk("zhoumin").submit(f"{here}/publish", data={"basis": "计划", "explanation": "说明", "title": TITLED})
    with app.app_context():
        assert found(secret).stage == CaseStage.PUBLISHED
    visitor = app.test_client()
    assert visitor.get(f"/decisions/{undecided}").status_code == visitor.get(f"/decisions/{secret}").status_code == 404
    assert "青街发" not in visitor.get("/decisions").get_data(as_text=True)


def test_publishing_late_is_flagged_and_due_days_are_shown(app: House, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        case = a_decided_case(People(), Kind.ORDINARY)
        public_id = case.public_id
        db.session.commit()
        assert "以前公布" in desk("zhoumin").get(f"/desk/cases/{public_id}/publish").get_data(as_text=True)
        clock.move(60 * 86400)
        db.session.commit()
    here = f"/desk/cases/{public_id}"
    assert "逾期" in desk("zhoumin").get(here).get_data(as_text=True)
    desk("shenlin").submit(f"{here}/secrecy", data={"openness": "all"})
    desk("xujing").submit(f"{here}/secrecy/confirm")
    desk("zhoumin").submit(f"{here}/publish", data={"basis": "计划", "explanation": "说明", "title": TITLED})
    assert "晚了" in desk("zhoumin").get(here).get_data(as_text=True)


def test_a_major_case_is_held_until_everything_is_there(
    app: House, desk: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        public_id = case_of(Kind.MAJOR, market=True)
    office, here = desk("zhoumin"), f"/desk/cases/{public_id}"
    pack = office.get(f"{here}/meeting-pack").get_data(as_text=True)
    for name in ("公平竞争审查", "公众主要意见的研究采纳情况", "专家论证意见", "风险评估报告", "合法性审查意见"):
        assert name in pack
    take_as_done(monkeypatch, "answers", "expert", "risk", "legal_review")
    assert "还缺 1 样：公平竞争审查" in office.get(f"{here}/meeting-pack").get_data(as_text=True)
    paper = {"what": "fair", "title": "公平竞争审查表", "publicity": "open"}
    assert desk("shenlin").submit(f"{here}/meeting-pack", data=paper).status_code == 422
    paper |= {"file": (io.BytesIO(a_pdf()), "表.pdf")}  # type: ignore[dict-item]
    assert desk("shenlin").submit(f"{here}/meeting-pack", data=paper).status_code == 303
    assert "材料齐了" in office.get(f"{here}/meeting-pack").get_data(as_text=True)
    assert office.submit(f"{here}/deliberate", data={"meeting": "party_committee"}).status_code == 303
    with app.app_context():
        meeting, table = meeting_of(public_id).public_id, the_table(People(), stance_2="agree")
    assert office.submit(f"/desk/meetings/{meeting}/record", data=table).status_code == 303
    assert desk("hexiulan").submit(f"/desk/meetings/{meeting}/confirm").status_code == 303
    held = office.submit(f"{here}/decide", data={"draft": ""})
    assert held.status_code == 422
    assert "条例第三十一条" in held.get_data(as_text=True)
    reported = {"reported_on": day().isoformat(), "number": "青街党请〔2026〕8号", "reply": ""}
    assert office.submit(f"{here}/party-report", data=reported | {"number": ""}).status_code == 422
    assert office.submit(f"{here}/party-report", data=reported).status_code == 303
    assert office.submit(f"{here}/decide", data={"draft": ""}).status_code == 303


def test_a_normative_document_from_idea_over_filing_to_its_sealed_file(
    app: House, desk: Callable[[str], Any], tmp_path: Path
) -> None:
    handler, head, leader, chief, office = (
        desk(who) for who in ("shenlin", "xujing", "hexiulan", "wuqiming", "zhoumin")
    )
    public_id = begun(app, handler, "农贸市场周边停车管理办法（试行）", "normative")
    here = f"/desk/cases/{public_id}"
    assert handler.submit(f"{here}/sign-off", data={"deed": "submit"}).status_code == 303
    assert head.submit(f"{here}/sign-off", data={"deed": "check", "remark": "可以"}).status_code == 303
    early = leader.submit(f"{here}/sign-off", data={"deed": "review"})
    assert early.status_code == 422
    assert "未经合法性审查，分管领导和主要领导不予签发" in early.get_data(as_text=True)
    with app.app_context():
        lawful(People(), found(public_id))
        db.session.commit()
    assert leader.submit(f"{here}/sign-off", data={"deed": "review"}).status_code == 303
    unsigned = chief.submit(f"{here}/sign-off", data={"deed": "sign"})
    assert "集体审议决定以后才能签发" in unsigned.get_data(as_text=True)
    assert office.submit(f"{here}/deliberate", data={"meeting": "office"}).status_code == 303
    with app.app_context():
        meeting, table = meeting_of(public_id).public_id, the_table(People())
    office.submit(f"/desk/meetings/{meeting}/record", data=table)
    head.submit(f"/desk/meetings/{meeting}/confirm")
    assert office.submit(f"{here}/decide", data={"draft": ""}).status_code == 303
    assert chief.submit(f"{here}/sign-off", data={"deed": "sign"}).status_code == 303
    handler.submit(f"{here}/secrecy", data={"openness": "all"})
    head.submit(f"{here}/secrecy/confirm")
    words = {"basis": "县停车管理规定", "explanation": "让车停得下。", "title": TITLED}
    unnumbered = office.submit(f"{here}/publish", data=words)
    assert "统一登记、统一编号" in unnumbered.get_data(as_text=True)
    assert office.submit(f"{here}/sign-off", data={"deed": "register"}).status_code == 303
    before = {"effective_on": (day() - timedelta(days=1)).isoformat()}
    assert "没有公布的，不得施行" in office.submit(f"{here}/publish", data=words | before).get_data(as_text=True)
    assert office.submit(f"{here}/publish", data=words | {"effective_on": day().isoformat()}).status_code == 303
    public = app.test_client().get(f"/decisions/{public_id}").get_data(as_text=True)
    assert f"青街规〔{day().year}〕1号" in public
    assert "有效期到" in public
    early = office.submit(f"{here}/filing/sent", data={"filed_on": day().isoformat(), "filed_to": "县司法局"})
    assert early.status_code == 422
    assert "还缺：正式文件、征集意见记录、电子档" in early.get_data(as_text=True)
    for what in ("official", "record", "electronic", "attached"):
        paper = {"what": what, "title": what, "publicity": "open", "file": (io.BytesIO(a_pdf(what)), "x.pdf")}
        assert office.submit(f"{here}/filing", data=paper).status_code == 303
    sent = {"filed_on": day().isoformat(), "filed_to": "县司法局"}
    assert office.submit(f"{here}/filing/sent", data=sent).status_code == 303
    receipt = {"receipt_on": day().isoformat(), "receipt_number": "县备〔2026〕31号"}
    assert office.submit(f"{here}/filing/receipt", data=receipt).status_code == 303
    table_page = office.get("/desk/normatives/statistics").get_data(as_text=True)
    assert "报备率 100%，及时率 100%" in table_page
    rows = office.get("/desk/normatives/statistics?as=csv")
    assert rows.mimetype == "text/csv"
    assert "县备〔2026〕31号" in rows.get_data().decode("utf-8-sig")
    assert "县备〔2026〕31号" in office.get("/desk/normatives").get_data(as_text=True)
    assert "备案" in office.get(here).get_data(as_text=True)
    held = sealed(app, desk("yangfan"), public_id, tmp_path)
    for title in ("签批和备案记录", "合法性审查意见书", "征求对象和答复情况", "公布的决定"):
        assert any(title in name for name in held.names), title


def test_a_document_is_evaluated_cleaned_up_and_the_result_is_public(
    app: House, desk: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_as_done(monkeypatch, "legal_review")
    with app.app_context():
        people = People()
        kept, gone = a_document(people), a_document(people, title="夜市摊位管理暂行办法")
        ids, cases = (kept.public_id, gone.public_id), (kept.decision.public_id, gone.decision.public_id)
        db.session.commit()
    office, chief = desk("zhoumin"), desk("wuqiming")
    proposal = {
        "verdict": "keep",
        "until": (day() + timedelta(days=5 * 365 + 400)).isoformat(),
        "reason": "执行得好。",
    }
    assert office.submit(f"/desk/normatives/{ids[0]}", data=proposal | {"reason": ""}).status_code == 422
    assert office.submit(f"/desk/normatives/{ids[0]}", data=proposal).status_code == 303
    assert chief.submit(f"/desk/normatives/{ids[0]}/send_back", data={"reason": ""}).status_code == 422
    assert chief.submit(f"/desk/normatives/{ids[0]}/agree").status_code == 303
    begun = office.submit("/desk/cleanups", data={"title": "2026年清理", "reason": "县政府办通知。"})
    where = begun.headers["Location"]
    public = f"/cleanups/{where.rsplit('/', 1)[-1]}"
    with app.app_context():
        items = {i.normative.public_id: i.public_id for c in cleanups() for i in c.items}
    assert "清理意见" in office.get(where).get_data(as_text=True)
    assert office.submit(where, data={"item": items[ids[0]], "verdict": "", "reason": ""}).status_code == 422
    office.submit(where, data={"item": items[ids[0]], "verdict": "keep", "reason": "仍然需要。"})
    assert chief.submit(f"{where}/conclude").status_code == 422
    assert app.test_client().get(public).status_code == 404
    office.submit(where, data={"item": items[ids[1]], "verdict": "repeal", "reason": "夜市已经搬走。"})
    assert chief.submit(f"{where}/conclude").status_code == 303
    page = app.test_client().get(public).get_data(as_text=True)
    assert "夜市已经搬走。" in page
    assert "废止" in app.test_client().get(f"/decisions/{cases[1]}").get_data(as_text=True)
    assert "废止" in office.get("/desk/normatives?force=repealed").get_data(as_text=True)


def test_what_a_notice_told_of_its_draft_is_not_told_of_another_text() -> None:
    asked = Consultation(basis="计划", purpose="停得下。", content="每次一小时。", draft_id=1)
    assert as_asked(asked, 1) == {"basis": "计划", "explanation": "停得下。\n每次一小时。"}
    assert as_asked(asked, 3) == {"basis": "计划", "explanation": "停得下。"}
