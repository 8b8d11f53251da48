"""What a resident wrote is kept character for character; what cannot be kept is refused, never quietly changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import RuleUnmet
from models.texts.received import as_received


def kept(text: str, most: int = 2000, least: int = 1) -> str:
    return as_received(text, field="text", most=most, least=least)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=200))
def test_every_character_is_kept(text: str) -> None:
    assert kept(text, least=0) == text


def test_only_the_line_ends_of_xml_are_given_up() -> None:
    assert kept("一\r\n二\r三\n\n四") == "一\n二\n三\n\n四"
    assert kept("  \u3000前后空格\u00a0 ") == "  \u3000前后空格\u00a0 "


@pytest.mark.parametrize(
    "text", ["e\u0301", "\ufa30", "\u2f00", "葛\U000e0100", "𠮷", "㐂", "ﬁ", "\u200b字", "\ufeff", "Å"]
)
def test_nothing_is_normalised_because_names_hold_rare_characters(text: str) -> None:
    assert kept(f"我{text}") == f"我{text}"


@pytest.mark.parametrize("char", ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1f", "\ud800"])
def test_what_no_database_can_hold_is_refused(char: str) -> None:
    with pytest.raises(RuleUnmet) as refusal:
        kept(f"您好{char}街道")
    assert set(refusal.value.fields) == {"text"}
    assert "无法保存" in refusal.value.message


def test_half_a_character_is_refused_whichever_half() -> None:
    for half in map(chr, (0xD800, 0xDBFF, 0xDC00, 0xDFFF)):
        with pytest.raises(RuleUnmet):
            kept(f"您好{half}")


def test_length_is_counted_in_characters_not_bytes() -> None:
    assert kept("𠮷" * 20, most=20) == "𠮷" * 20
    with pytest.raises(RuleUnmet, match="最多20字，现在是21字"):
        kept("意" * 21, most=20)


@pytest.mark.parametrize("text", ["", " ", "\u3000\n\t", "\r\n"])
def test_an_empty_text_is_a_refusal_not_a_crash(text: str) -> None:
    with pytest.raises(RuleUnmet, match="请填写内容"):
        kept(text)
    assert kept(text, least=0) == text.replace("\r\n", "\n")


def test_a_text_may_be_asked_to_say_more() -> None:
    with pytest.raises(RuleUnmet, match="理由至少5字，现在是2字"):
        as_received("同意", field="reason", most=100, least=5, label="理由")
