"""The archive's page: what is missing is said, one click packs, how far it is can be seen, the zip is taken away and leaves its trace."""

import io
import zipfile
from collections.abc import Callable

import pytest
from sqlalchemy import select

from models.decisions.decision import Decision
from models.decisions.volume import CaseFile
from models.kernel.base import db
from models.kernel.trail import Trace
from server.house import House
from tests.conftest import People, SignedIn
from tests.papers.filing import ORIGINAL, a_case, decided, only_these, work

Desk = Callable[[str], SignedIn]


@pytest.fixture
def here(app: House, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a case that is published and complete."""
    only_these(monkeypatch)
    with app.app_context():
        case = a_case(People()).decision
        decided(case)
        address = f"/desk/cases/{case.public_id}"
        db.session.commit()
    return address


def test_archived_sealed_taken_away(app: House, here: str, desk: Desk) -> None:
    archivist = desk("yangfan")
    page = archivist.get(f"{here}/archive").text
    assert "归档并封存第1卷" in page and "没有缺件。" in page and "会议记录：第12次主任办公会" in page
    assert archivist.submit(f"{here}/archive").status_code == 303
    page = archivist.get(f"{here}/archive").text
    assert "封存第1卷：排队" in page and 'hx-trigger="every 2s"' in page
    assert "正在打包" in archivist.submit(f"{here}/archive/pack", {"what": "volume"}).text
    work(app)
    page = archivist.get(f"{here}/archive").text
    assert "every 2s" not in page and "第1卷" in page and "档〔" in page
    with app.app_context():
        made = db.session.scalars(select(CaseFile)).one()
        told = {"file": made.public_id, "sha256": made.sha256, "size": made.size}
    assert str(told["sha256"]) in page
    answer = desk("chenguodong").submit(f"{here}/file", {"file": told["file"]})
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    assert len(answer.data) == told["size"] == answer.content_length
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        assert opened.testzip() is None
        assert any(ORIGINAL in opened.read(name).decode("utf-8", "replace") for name in opened.namelist())
    with app.app_context():
        fetched = db.session.scalars(select(Trace).where(Trace.verb == "fetch")).one()
        assert (fetched.actor_name, fetched.detail["what"]) == ("陈国栋", "案卷第1卷")


def test_who_has_no_business_with_it_takes_nothing(app: House, here: str, desk: Desk) -> None:
    for login in ("xujing", "luojing", "linxiao", "xitong"):
        browser = desk(login)
        assert browser.submit(f"{here}/archive/pack").status_code == 403
        assert browser.submit(f"{here}/file", {"file": "zzzzzzzzzzzz"}).status_code == 403
        assert browser.submit(f"{here}/archive").status_code == 403
    assert "可以导出和下载" in desk("xujing").get(f"{here}/archive").text
    assert desk("yangfan").submit(f"{here}/file", {"file": "zzzzzzzzzzzz"}).status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Decision)).one().archived_on is None
