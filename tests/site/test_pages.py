"""Every page answers, for who is signed in and for who is not."""

from collections.abc import Callable

import pytest

from tests.site.conftest import Phone, Street, seen


@pytest.mark.both_engines
def test_every_page_answers_signed_in_and_out(phone: Callable[..., Phone], street: Street) -> None:
    asked = street.publish()
    woman, nobody = phone("周女士"), phone()
    receipt = woman.say(asked, "一个小时不够。", clause=5).headers["Location"]
    comment = receipt.rsplit("/", 1)[1]
    for browser in (woman, nobody):
        for path in ("/", "/consultations", "/consultations?state=open", f"/consultations/{asked}", f"/consultations/{asked}/draft", "/reports", "/articles", "/experts",
                     f"/consultations/{asked}/comment", f"/consultations/{asked}/comment?clause=5", "/receipt", "/sign-in",
                     "/privacy", "/text-size", "/demo"):  # fmt: skip
            browser.look(path)
    for path in (
        "/mine",
        receipt,
        f"/comments/{comment}",
        f"/comments/{comment}/withdraw",
        "/questions",
        "/questions/new",
        "/sign-out",
    ):
        woman.look(path)
        assert nobody.get(path).status_code == 303
    street.close()
    woman.look("/"), woman.look("/mine"), woman.look(f"/consultations/{asked}")
    street.answer(asked, "partly_adopted", revised="每次不超过1小时30分。")
    street.release(asked)
    article = street.write()
    for browser in (woman, nobody):
        for path in (
            "/",
            f"/consultations/{asked}",
            f"/reports/{asked}",
            f"/reports/{asked}?clause=5",
            "/reports",
            f"/articles/{article}",
            "/articles",
        ):
            browser.look(path)
    assert "部分采纳" in seen(woman.look("/mine"))
    assert "您的1条意见有了答复" in seen(woman.look("/"))
