"""What the checks found in words that may be shown: a list a page at a time, each with what came of it and the way to cover or hide."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from models.comments.comment import Comment
from models.comments.receipt import Receipt
from models.comments.showing import Hiding, redact
from models.comments.text_check import Suggestion, TextCheck
from models.decisions.consultation import by_public_id
from models.kernel.base import db
from server.console import showing
from server.house import House
from tests.conftest import People
from tests.console.world import World
from tests.making import a_comment, a_consultation, a_resident, answer_all

pytestmark = pytest.mark.both_engines

FOUND = (Suggestion.RISKY, Suggestion.REVIEW, Suggestion.PASS, Suggestion.RISKY, Suggestion.PASS)


@pytest.fixture
def asked(app: House, world: World) -> str:
    """Five comments that may be shown; in the first, second, fourth and fifth something was found."""
    with app.app_context():
        asked = a_consultation(People(), title="青禾街道夜市管理办法")
        for n, suggestion in enumerate(FOUND):
            text = "那个王 八 蛋占道。" if n == 4 else f"第{n}个人说晚上太吵。"
            said = a_comment(asked, a_resident(60 + n), text, show_text=True).comment
            TextCheck.keep(said.id, suggestion, 100, f"T-{n}", ["王八蛋"] if n == 4 else [])
        db.session.commit()
        return str(asked.public_id)


def rows_of(page: str) -> list[str]:
    return re.findall(r'<td class="mono nowrap">(\d{4})<', page)


def comment_of(asked: str, serial: int) -> Comment:
    found = by_public_id(asked)
    assert found is not None
    return db.session.query(Comment).filter_by(consultation_id=found.id, serial=serial).one()


def test_the_consultations_page_leads_to_what_was_found_and_the_list_to_where_it_is_covered(
    app: House, asked: str, desk: Callable[[str], Any]
) -> None:
    browser, where = desk("zhoumin"), f"/desk/consultations/{asked}/mentioned"
    page = browser.get(f"/desk/consultations/{asked}").get_data(as_text=True)
    assert f'href="{where}">检查提到的 4</a>' in page
    page = browser.get(where).get_data(as_text=True)
    assert rows_of(page) == ["0001", "0002", "0004", "0005"] and "检查提到 4 份" in page
    assert "微信内容检查认为有风险" in page and "本机关词表上的词：王八蛋" in page
    with app.app_context():
        shown = f"/desk/comments/{comment_of(asked, 1).public_id}/shown"
    assert f'href="{shown}"' in page and browser.get(shown).status_code == 200


def test_each_says_what_was_done_about_it_and_what_was_taken_back_is_not_listed(
    app: House, asked: str, desk: Callable[[str], Any]
) -> None:
    browser, where = desk("zhoumin"), f"/desk/consultations/{asked}/mentioned"
    assert browser.get(where).get_data(as_text=True).count("还没有看") == 4
    with app.app_context():
        people = People()
        Hiding.hide(people["zhoumin"], comment_of(asked, 1), "insult", "骂人。")
        redact(comment_of(asked, 2), people["zhoumin"], ["晚上"], "personal", "有名字。")
        taken = comment_of(asked, 4)
        taken.withdraw(taken.resident)
        db.session.commit()
    page = browser.get(where).get_data(as_text=True)
    assert rows_of(page) == ["0001", "0002", "0005"]
    assert "整段不公开" in page and "隐去了 1 处" in page and page.count("还没有看") == 1
    with app.app_context():
        matter = by_public_id(asked)
        assert matter is not None
        answer_all(People(), matter)
        db.session.commit()
    page = browser.get(where).get_data(as_text=True)
    assert "审定时看过" in page and "还没有看" not in page


def test_it_is_read_page_by_page_and_one_is_found_by_receipt_or_number(
    app: House, asked: str, desk: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, where = desk("xujing"), f"/desk/consultations/{asked}/mentioned"
    monkeypatch.setattr(showing, "LISTED", 3)
    first = browser.get(where).get_data(as_text=True)
    (onward,) = re.findall(rf'href="({where}\?after=\d+)" rel="next"', first)
    second = browser.get(onward).get_data(as_text=True)
    assert rows_of(first) + rows_of(second) == ["0001", "0002", "0004", "0005"] and 'rel="next"' not in second
    with app.app_context():
        receipt = Receipt.of(comment_of(asked, 4))
        assert receipt is not None
        number = receipt.number
    for sought, found in (
        ("0002", ["0002"]), ("第 5 号", ["0005"]), (number, ["0004"]), (f"{number[:3]} {number[3:6]} {number[6:]}", ["0004"]),
        ("3", []), ("夜市", []), ("12345678", []), ("999999", []),
    ):  # fmt: skip
        page = browser.get(where, query_string={"q": sought}).get_data(as_text=True)
        assert rows_of(page) == found, sought
    assert browser.get(where, query_string={"after": "x" * 90}).status_code == 200


def test_of_another_consultation_nothing_is_listed(world: World, asked: str, desk: Callable[[str], Any]) -> None:
    page = desk("shenlin").get(f"/desk/consultations/{world.open}/mentioned").get_data(as_text=True)
    assert not rows_of(page) and "检查没有提到什么" in page
    assert "检查提到的" not in desk("shenlin").get(f"/desk/consultations/{world.open}").get_data(as_text=True)
