"""How dates, numbers and outcomes are said."""

from datetime import UTC, date, datetime, timedelta

from flask import render_template_string

from models.comments.point import Outcome
from models.kernel.clock import today
from server import words
from server.house import House


def test_a_date_never_breaks_and_says_what_is_left(app: House) -> None:
    with app.test_request_context():
        assert words.date_plain(date(2026, 11, 2)) == "2026年11月2日"
        assert words.day(date(2026, 11, 2)) == '<time class="date" datetime="2026-11-02">2026年11月2日</time>'
        assert words.days_left(today() + timedelta(days=9)) == "还剩9天"
        assert words.days_left(today()) == "今天是最后一天"
        assert words.days_left(today() - timedelta(days=3)) == "已过3天"
        assert "（还剩1天）" in words.until(today() + timedelta(days=1))
        assert words.until(None) == words.day(None) == words.clock(None) == words.date_plain(None) == ""


def test_the_legal_day_of_an_instant_is_beijings(app: House) -> None:
    with app.test_request_context():
        late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
        assert words.date_plain(late) == "2026年11月23日"
        assert words.clock(late).endswith("11月23日 0:30")
        assert words.clock(datetime(1999, 12, 31, 1, 5, tzinfo=UTC)) == "1999年12月31日 9:05"


def test_a_receipt_is_read_aloud_as_on_the_telephone(app: House) -> None:
    assert words.receipt("72631845") == "726 318 45"
    assert words.spoken("72631845") == "七二六，三幺八，四五"


def test_every_outcome_has_a_word_and_a_shape_of_its_own(app: House) -> None:
    assert [words.outcome_label(o) for o in Outcome] == ["采纳", "部分采纳", "未采纳", "其他"]
    assert len({words.outcome_class(o) for o in Outcome}) == 4
    assert words.outcome_label("partly_adopted") == "部分采纳"
    assert words.outcome_label(None) == ""


def test_plain_text_becomes_paragraphs_and_never_markup(app: House) -> None:
    said = words.paragraphs("<b>一</b>\r\n\r\n二 & 三\n", "draft")
    assert said == '<p class="draft">&lt;b&gt;一&lt;/b&gt;</p><p class="draft">二 &amp; 三</p>'
    assert words.paragraphs(None) == ""
    assert words.brief("一二三四五六", 4) == "一二三……"
    assert words.brief("一\n二") == "一 二"


def test_every_door_has_the_same_words(app: House) -> None:
    with app.test_request_context(headers={"Cookie": "large=1"}):
        said = render_template_string("{{ '72631845'|receipt }}{{ large_text() }}{{ office_name() }}{{ csrf() }}")
    assert said.startswith('726 318 45True青禾街道<input type="hidden" name="csrf_token"')
