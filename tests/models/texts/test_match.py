"""A clause is found again in the next version though its number moved, its words changed, or others came and went."""

import time

from hypothesis import given
from hypothesis import strategies as st

from models.texts.clauses import Piece, split
from models.texts.match import Row, matched, woven

clauses = st.lists(st.text(st.sampled_from("车位居民停放时间街道办法不得应当"), min_size=1, max_size=12), max_size=8)


def pieces(bodies: list[str]) -> list[Piece]:
    return [Piece("article", f"第{n}条", "", 4, f"第{n}条 {words}\n") for n, words in enumerate(bodies, 1)]


def rows(before: list[Piece], after: list[Piece]) -> list[Row]:
    return list(woven(len(before), len(after), matched(before, after)))


@given(clauses, clauses)
def test_the_rows_joined_are_both_texts_in_their_order(one: list[str], other: list[str]) -> None:
    before, after = pieces(one), pieces(other)
    found = rows(before, after)
    assert [old for old, _ in found if old is not None] == list(range(len(before)))
    assert [new for _, new in found if new is not None] == list(range(len(after)))
    assert all(old is not None or new is not None for old, new in found)


@given(clauses)
def test_a_text_matches_itself_clause_by_clause(bodies: list[str]) -> None:
    text = pieces(bodies)
    assert rows(text, text) == [(n, n) for n in range(len(text))]


@given(
    st.lists(st.text(st.sampled_from("车位居民停放时间街道"), min_size=1, max_size=12), max_size=8, unique=True),
    st.data(),
)
def test_a_clause_put_in_or_taken_out_leaves_every_other_matched(bodies: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(bodies)))
    longer = pieces([*bodies[:at], "ABCD写在中间的新话", *bodies[at:]])
    kept = [(n, n + (n >= at)) for n in range(len(bodies))]
    assert matched(pieces(bodies), longer) == kept
    assert matched(longer, pieces(bodies)) == [(new, old) for old, new in kept]


def test_a_reworded_clause_is_the_same_clause_under_another_number() -> None:
    before = split(
        "第一条 为了方便居民买菜，制定本办法。\n第二条 每次不超过1小时。\n第三条 本办法自2027年3月1日起施行。\n"
    )
    after = split(
        "第一条 为了方便居民买菜，制定本办法。\n第二条 车位由社区管理。\n第三条 每次不超过2小时，周末不限。\n"
        "第四条 本办法自2027年5月1日起施行。\n"
    )
    assert rows(before, after) == [(0, 0), (None, 1), (1, 2), (2, 3)]


def test_a_clause_written_anew_under_its_old_number_is_one_that_went_and_one_that_came() -> None:
    before, after = (
        split("第一条 甲乙丙丁。\n第二条 车位收费标准另定。\n"),
        split("第一条 甲乙丙丁。\n第二条 夜间禁止鸣笛扰民。\n"),
    )
    assert rows(before, after) == [(0, 0), (1, None), (None, 1)]


def test_two_long_drafts_are_matched_in_good_time() -> None:
    before = pieces([f"第{n}类车位由社区甲{n}管理，收费{n}元" for n in range(700)])
    after = pieces([f"第{n}类车位由社区乙{n}管理，收费{n + 1}元" for n in range(700)])
    started = time.perf_counter()
    found = matched(before, after)
    assert len(found) == 700
    assert time.perf_counter() - started < 5
