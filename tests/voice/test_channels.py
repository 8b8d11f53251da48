"""Each way of telling somebody leads to the very thing that the message is about."""

import pytest

from server.voice.channels import mini_page


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/comments/abc", "pages/comment/comment?id=abc"),
        ("/consultations/abc", "pages/consultation/consultation?id=abc"),
        ("/questions/abc", "pages/question/question?id=abc"),
        ("/mine", "pages/mine/mine"),
        ("/remarks/abc", "pages/mine/mine"),
        ("/", "pages/mine/mine"),
    ],
)
def test_a_subscribe_message_opens_the_page_of_what_it_is_about(path: str, page: str) -> None:
    assert mini_page(path) == page
