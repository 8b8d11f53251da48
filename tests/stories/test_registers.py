"""A power is written down, its way drawn, its basis checked by the justice office, published, and later changed on a basis of its own."""

import io
import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from PIL import Image

from server.house import House
from tests.conftest import SignedIn
from tests.stories.test_catalogue import fields, words

ENTRY = {
    "name": "临时占用道路摆摊审批",
    "kind": "licence",
    "basis": "城市道路管理条例第三十一条",
    "object": "沿街摊主",
    "steps": "申请｜摊主\n受理｜便民窗口｜当场｜一次告知要补什么\n决定｜街道办事处｜5个工作日",
}


def picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(made, "PNG")
    made.seek(0)
    return made


def test_a_list_is_checked_published_and_changed_on_a_basis(
    app: House, client: FlaskClient, desk: Callable[[str], SignedIn]
) -> None:
    handler, justice, office = desk("shenlin"), desk("luojing"), desk("zhoumin")
    assert "还没有公布" in words(client.get("/registers"))
    assert client.get("/registers/powers").status_code == 404
    assert justice.submit("/desk/registers", {"kind": "powers"}).status_code == 403
    here = handler.submit("/desk/registers", {"kind": "powers"}).location

    # Half an entry may be kept, but goes nowhere; steps that do not fit are named, and nothing typed is lost.
    bad = handler.submit(f"{here}/entries/new", ENTRY | {"steps": "申请｜一｜二｜三｜四"})
    assert bad.status_code == 422
    assert "第1行竖线太多" in bad.get_data(as_text=True) and ENTRY["basis"] in bad.get_data(as_text=True)
    assert handler.submit(f"{here}/entries/new", ENTRY).status_code == 303
    assert "还缺责任单位" in words(handler.get(here))
    assert handler.submit(f"{here}/deed", {"deed": "submit"}).status_code == 422
    entry = re.findall(rf"{here}/entries/([a-z0-9]{{12}})\"", handler.get(here).get_data(as_text=True))[0]
    page = handler.get(f"{here}/entries/{entry}").get_data(as_text=True)
    assert "流程图：第1步，申请（摊主）" in page
    unit = re.search(r'<option value="([a-z0-9]{12})">城市管理科', page)
    assert unit
    whole = fields(page) | {"unit": unit[1]}
    refused = handler.submit(f"{here}/entries/{entry}", whole | {"chart": (io.BytesIO(b"<svg/>"), "a.svg")})
    assert refused.status_code == 422 and "不能上传这种文件" in refused.get_data(as_text=True)
    assert handler.submit(f"{here}/entries/{entry}", whole).status_code == 303

    # The justice office answers for the basis; who checked does not publish; nothing is public before.
    assert handler.submit(f"{here}/deed", {"deed": "submit"}).status_code == 303
    assert handler.submit(f"{here}/entries/{entry}", whole).status_code == 409
    assert justice.submit(f"{here}/deed", {"deed": "check", "remark": ""}).status_code == 422
    assert justice.submit(f"{here}/deed", {"deed": "check", "remark": "依据现行有效。"}).status_code == 303
    assert justice.submit(f"{here}/deed", {"deed": "publish"}).status_code == 403
    assert client.get(f"/registers/entries/{entry}").status_code == 404
    assert office.submit(f"{here}/deed", {"deed": "publish"}).status_code == 303
    assert "临时占用道路摆摊审批" in words(client.get("/registers/powers"))
    shown = client.get(f"/registers/entries/{entry}").get_data(as_text=True)
    assert "城市道路管理条例第三十一条" in shown and "否则一次告知要补什么" in shown

    # A change: a drawn chart, and no publication without the basis of the change.
    again = handler.submit("/desk/registers", {"kind": "powers"}).location
    mine = re.findall(rf"{again}/entries/([a-z0-9]{{12}})\"", handler.get(again).get_data(as_text=True))[0]
    told = fields(handler.get(f"{again}/entries/{mine}").get_data(as_text=True))
    changed: dict[str, Any] = told | {"steps": ENTRY["steps"].replace("5个", "3个"), "chart": (picture(), "流程.png")}
    assert handler.submit(f"{again}/entries/{mine}", changed).status_code == 303
    with handler.get(f"{again}/entries/{mine}/chart") as file:
        assert file.mimetype in ("image/png", "image/jpeg") and file.status_code == 200
    assert handler.submit(again, {"intro": "", "reason": "条例修订。"}).status_code == 303
    bare = handler.submit(f"{again}/deed", {"deed": "submit"})
    assert bare.status_code == 422 and "请补上变动依据" in bare.get_data(as_text=True)
    told = fields(handler.get(f"{again}/entries/{mine}").get_data(as_text=True)) | {
        "change_basis": "条例（2026年修订）"
    }
    assert handler.submit(f"{again}/entries/{mine}", told).status_code == 303
    for browser, deed in (
        (handler, {"deed": "submit"}),
        (justice, {"deed": "check", "remark": "有效。"}),
        (office, {"deed": "publish"}),
    ):
        assert browser.submit(f"{again}/deed", deed).status_code == 303
    now = words(client.get("/registers/powers"))
    assert "依据：条例（2026年修订）" in now and "第2版" in now
    with client.get(f"/registers/entries/{mine}/chart") as file:
        assert file.status_code == 200
    assert client.get(f"/registers/entries/{entry}/chart").status_code == 404
    old = words(client.get(f"/registers/entries/{entry}"))
    assert "这是第1版里的写法" in old and "5个工作日" in old
    assert "后来调整过" in words(client.get(here.replace("/desk/registers", "/registers/versions")))


def test_the_negative_list_points_to_the_state_s(
    app: House, client: FlaskClient, desk: Callable[[str], SignedIn]
) -> None:
    handler, justice, office = desk("shenlin"), desk("luojing"), desk("zhoumin")
    here = handler.submit("/desk/registers", {"kind": "negative"}).location
    wrong = handler.submit(here, {"intro": "国家统一的清单。", "link": "http://x"})
    assert wrong.status_code == 422 and "https://" in wrong.get_data(as_text=True)
    assert handler.submit(here, {"intro": "国家统一的清单。", "link": "https://www.ndrc.gov.cn/"}).status_code == 303
    for browser, deed in (
        (handler, {"deed": "submit"}),
        (justice, {"deed": "check", "remark": "一致。"}),
        (office, {"deed": "publish"}),
    ):
        assert browser.submit(f"{here}/deed", deed).status_code == 303
    page = client.get("/registers/negative").get_data(as_text=True)
    assert 'href="https://www.ndrc.gov.cn/" rel="noreferrer"' in page and "平等进入" in page
