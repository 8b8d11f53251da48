"""A year's catalogue through the pages: pasted from Word, corrected, agreed, published by another, read by residents, adjusted."""

import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from models.kernel.clock import today
from server.house import House
from tests.conftest import Clock, SignedIn

TABLE = """序号\t重大行政决策事项\t承办科室\t法律政策依据\t履行程序要求\t计划完成时间
1\t农贸市场周边停车管理办法\t城市管理科\t道路交通安全法第三十三条\t公众参与（座谈会）、合法性审查、集体讨论\t{year}年12月
2\t小区充电管理办法\t物业科\t消防法第二十八条\t公众参与（问卷）、合法性审查、集体讨论\t下半年
3\t年度总结\t党政办\t\t\t
"""


def words(answer: Any) -> str:
    """What an answer shows, without its tags."""
    assert answer.status_code == 200, answer.get_data(as_text=True)[-600:]
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", answer.get_data(as_text=True)))


def fields(page: str) -> dict[str, Any]:
    """Everything the form of a page would send if it were sent as it is shown."""
    told: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        made = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if made.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        if "name" in made:
            told.setdefault(made["name"], []).append(made.get("value", ""))
    for name, chosen in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        picked = re.search(r"<option selected[^>]*value=\"([^\"]*)\"", chosen)
        told[name] = [picked[1] if picked else ""]
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*(.*?)</textarea>', page, re.S):
        told[name] = [text]
    told.pop("csrf_token", None)
    told.pop("q", None)
    return told


def test_a_catalogue_is_pasted_agreed_published_and_adjusted(
    app: House, client: FlaskClient, desk: Callable[[str], SignedIn], clock: Clock
) -> None:
    justice, office, chief = desk("luojing"), desk("zhoumin"), desk("wuqiming")
    with app.app_context():
        year = today().year

    # Nothing is public; the justice office begins, nobody else may.
    assert "还没有公布目录" in words(client.get("/catalogue"))
    assert desk("shenlin").submit("/desk/catalogue", {"year": str(year)}).status_code == 403
    begun = justice.submit("/desk/catalogue", {"year": str(year)})
    assert begun.status_code == 303
    here = begun.location
    assert justice.submit("/desk/catalogue", {"year": str(year)}).status_code == 409, "one in hand is enough"

    # The table is pasted; what was not understood stands beneath its field, and nothing is kept yet.
    read = justice.submit(f"{here}/table", {"table": TABLE.format(year=year)})
    page = read.get_data(as_text=True)
    assert "物业科" in words(read)
    assert "请写成几月" in words(read) or "请改成几月" in words(read)
    assert "还没有事项" in words(justice.get(here))
    told = fields(page)
    assert told["rows-0-title"] == ["农贸市场周边停车管理办法"]
    refused = justice.submit(f"{here}/rows", told | {"deed": "keep"})
    assert refused.status_code == 422, "the second row's time is still not a time"
    assert "下半年" in refused.get_data(as_text=True), "what stood there stays"
    unit = told["rows-0-unit"]
    kept = justice.submit(
        f"{here}/rows",
        told | {"deed": "keep", "rows-1-unit": unit, "rows-1-planned": f"{year + 1}-03", "rows-2-skip": "y"},
    )
    assert kept.status_code == 303

    # The office asks the committee with a complete list only, and writes down date and number.
    item = re.findall(rf"{here}/items/([a-z0-9]{{12}})\"", justice.get(here).get_data(as_text=True))
    broken = fields(justice.get(f"{here}/items/{item[1]}").get_data(as_text=True)) | {"basis": ""}
    assert justice.submit(f"{here}/items/{item[1]}", broken).status_code == 303
    assert "“小区充电管理办法”缺依据" in words(office.get(here))
    assert (
        office.submit(f"{here}/deed", {"deed": "consent", "consented_on": "2026-01-05", "number": "x"}).status_code
        == 422
    )
    mended = fields(justice.get(f"{here}/items/{item[1]}").get_data(as_text=True)) | {"basis": "消防法第二十八条"}
    assert justice.submit(f"{here}/items/{item[1]}", mended | {"position": "1"}).status_code == 303
    with app.app_context():
        day = today().isoformat()
    number = {"deed": "consent", "consented_on": day, "number": "青街工委〔2026〕3号"}
    nothing = office.submit(f"{here}/deed", number | {"number": ""})
    assert nothing.status_code == 422 and "文号" in nothing.get_data(as_text=True)
    assert office.submit(f"{here}/deed", number).status_code == 303
    assert "还没有公布目录" in words(client.get("/catalogue")), "agreed is not yet published"

    # Who wrote a line of it does not publish it.
    assert justice.submit(f"{here}/deed", {"deed": "publish"}).status_code == 403
    assert office.submit(f"{here}/deed", {"deed": "publish"}).status_code == 303
    seen = words(client.get("/catalogue"))
    assert "青街工委〔2026〕3号" in seen
    assert seen.index("小区充电管理办法") < seen.index("农贸市场周边停车管理办法"), "moved to the first place"
    assert "年度总结" not in seen
    first = f"/catalogue/{here.rsplit('/', 1)[1]}"

    # Two months later: a new version with reason and consent; the old one stays whole.
    clock.forward(days=60)
    with app.app_context():
        day = today().isoformat()
    justice, office, chief = desk("luojing"), desk("zhoumin"), desk("wuqiming")
    again = justice.submit("/desk/catalogue", {"year": str(year)}).location
    dropped = re.findall(rf"{again}/items/([a-z0-9]{{12}})/drop", justice.get(again).get_data(as_text=True))
    assert justice.submit(f"{again}/items/{dropped[0]}/drop").status_code == 303
    consent = {"deed": "consent", "consented_on": day, "number": "青街工委〔2027〕1号"}
    silent = office.submit(f"{again}/deed", consent)
    assert silent.status_code == 422 and "写明调整的理由" in silent.get_data(as_text=True)
    assert justice.submit(again, {"intro": "", "reason": "充电管理改由县里统一规定。"}).status_code == 303
    assert office.submit(f"{again}/deed", consent).status_code == 303
    assert chief.submit(f"{again}/deed", {"deed": "publish"}).status_code == 303
    now = words(client.get("/catalogue"))
    assert "充电管理改由县里统一规定。" in now and "调出小区充电管理办法" in now
    before = words(client.get(first))
    assert "后来调整过" in before and "小区充电管理办法" in before
    assert client.get(f"/catalogue?year={year}").status_code == 200
    assert client.get(f"/catalogue?year={year - 1}").status_code == 404
    assert client.get("/catalogue?year=aaaa").status_code == 404


def test_a_colleague_s_change_is_not_overwritten_unseen(app: House, desk: Callable[[str], SignedIn]) -> None:
    justice, office = desk("luojing"), desk("zhoumin")
    with app.app_context():
        year = today().year
    here = justice.submit("/desk/catalogue", {"year": str(year)}).location
    assert justice.submit(f"{here}/items/new", {"title": "夜市管理办法"}).status_code == 303
    item = re.findall(rf"{here}/items/([a-z0-9]{{12}})\"", justice.get(here).get_data(as_text=True))[0]
    mine = fields(justice.get(f"{here}/items/{item}").get_data(as_text=True))
    theirs = fields(office.get(f"{here}/items/{item}").get_data(as_text=True))
    assert office.submit(f"{here}/items/{item}", theirs | {"remark": "早市除外"}).status_code == 303
    late = justice.submit(f"{here}/items/{item}", mine | {"remark": "分两期"})
    assert late.status_code == 422
    page = late.get_data(as_text=True)
    assert "刚才别人也改过这里" in page and "分两期" in page, "nothing typed is lost"
    assert justice.submit(f"{here}/items/{item}", fields(page)).status_code == 303
    stale = office.submit(f"{here}/deed", {"deed": "abandon", "reason": "不编", "version": "1"})
    assert stale.status_code == 409, "a deed on an overtaken page is looked at again first"
