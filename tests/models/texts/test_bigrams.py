"""Search looks at a shadow in which width, case and punctuation are alike, and every character can be found."""

from hypothesis import given
from hypothesis import strategies as st

from models.texts.bigrams import bigrams, normal
from models.texts.keywords import is_word, which_word


def test_width_case_spaces_and_punctuation_do_not_matter() -> None:
    assert normal("ＡＢｃ，１２ 条　。「路灯」") == "abc12条路灯"
    assert normal("路\u200b灯\ufeff") == "路灯"


@given(st.text(max_size=60))
def test_the_shadow_of_a_shadow_is_itself(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.text(max_size=40), st.text(max_size=40), st.text(min_size=1, max_size=20))
def test_a_text_within_another_is_found_by_its_bigrams(before: str, after: str, middle: str) -> None:
    whole = bigrams(normal(before) + normal(middle) + normal(after))
    if len(normal(middle)) > 1 and normal(normal(before) + normal(middle) + normal(after)) == (
        normal(before) + normal(middle) + normal(after)
    ):
        assert set(bigrams(middle)) <= set(whole)


@given(st.text(max_size=60))
def test_bigrams_are_unique_and_of_one_or_two_characters(text: str) -> None:
    found = bigrams(text)
    assert len(found) == len(set(found))
    assert all(1 <= len(pair) <= 2 for pair in found)


def test_bigrams_keep_their_order_and_rare_characters_are_whole() -> None:
    assert bigrams("路灯、路灯坏了") == ["路灯", "灯路", "灯坏", "坏了"]
    assert bigrams("𠮷野家") == ["𠮷野", "野家"]
    assert bigrams("灯") == ["灯"]
    assert bigrams("，。！") == []


def test_the_same_character_drawn_otherwise_is_found() -> None:
    assert normal("葛\U000e0100飾") == normal("葛飾")


def test_a_command_word_is_known_however_it_is_typed() -> None:
    words = {"帮助", "help"}
    for text in ("帮助", " 帮助！", "「帮助」", "帮 助", "ＨＥＬＰ", "Help?", "帮助\n"):
        assert is_word(text, words), text
    for text in ("", "？？", "帮助我修路灯", "请帮助"):
        assert not is_word(text, words), text


def test_an_empty_word_in_the_table_matches_nothing() -> None:
    assert not is_word("！", {""})


def test_the_table_says_which_word_it_was() -> None:
    table = {"withdraw": {"撤回"}, "help": {"帮助", "菜单"}}
    assert which_word("【菜单】", table) == "help"
    assert which_word("撤回。", table) == "withdraw"
    assert which_word("路灯坏了", table) is None
