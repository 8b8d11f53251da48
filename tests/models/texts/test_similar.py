"""Which texts say the same: measured on a labelled campaign, against comparing all pairs, with what it costs to be wrong."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations
from math import log, sqrt

import pytest

from models.texts.bigrams import normal
from models.texts.similar import Alike, Kind, alike, beyond, opposed
from tests.models.texts.campaigns import Labelled, campaign

SEEDS = (7, 8, 10)


def together(number: int, found: Sequence[Alike], kinds: set[Kind]) -> list[int]:
    """For each text the leader of its leader's leader."""
    above = list(range(number))
    for one in found:
        if one.kind in kinds:
            above[one.text] = one.leader

    def top(n: int) -> int:
        while above[n] != n:
            n = above[n]
        return n

    return [top(n) for n in range(number)]


def quality(
    said: list[Labelled], tops: Sequence[int], keep: Callable[[Labelled], bool] = lambda one: True
) -> tuple[float, float]:
    """Precision and recall over pairs of texts."""
    right = wrong = missed = 0
    for a, b in combinations([n for n, one in enumerate(said) if keep(one)], 2):
        same, true = tops[a] == tops[b], said[a].demand == said[b].demand
        right += same and true
        wrong += same and not true
        missed += true and not same
    return right / (right + wrong or 1), right / (right + missed or 1)


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall)


def all_pairs(said: list[Labelled]) -> float:
    """The best F1 that the cosine of all pairs reaches at any threshold, told with the labels in hand."""
    bags = [frozenset(s[n : n + 2] for n in range(len(s) - 1)) for s in (normal(one.text) for one in said)]
    spread, number = Counter(word for bag in set(bags) for word in bag), len(set(bags))
    weigh = {word: log(1 + 1 / max(n / number, 1 / 500)) * (1 if n > 1 else 0.25) for word, n in spread.items()}
    size = [sqrt(sum(weigh[w] for w in bag)) for bag in bags]
    pairs = sorted(
        (sum(map(weigh.__getitem__, bags[a] & bags[b])) / (size[a] * size[b]), said[a].demand == said[b].demand)
        for a, b in combinations(range(len(said)), 2)
    )
    true, hits, best = sum(same for _, same in pairs), 0, 0.0
    for taken, (_, same) in enumerate(reversed(pairs), 1):
        hits += same
        if hits:
            best = max(best, f1(hits / taken, hits / true))
    return best


def test_precision_and_recall_on_labelled_campaigns() -> None:
    ours, pairs = [], []
    for seed in SEEDS:
        said = campaign(seed)
        tops = together(len(said), alike([one.text for one in said]), set(Kind))
        whole = quality(said, tops)
        copies = quality(said, tops, lambda one: one.made not in ("own", "decoy"))
        own = quality(said, tops, lambda one: one.made in ("own", "decoy"))
        ours.append(f1(*whole))
        pairs.append(all_pairs(said))
        print(
            f"\nseed {seed}, {len(said)} texts, precision/recall over pairs: all {whole[0]:.3f}/{whole[1]:.3f}, copies and "
            f"edited copies {copies[0]:.3f}/{copies[1]:.3f}, own words among decoys {own[0]:.3f}/{own[1]:.3f}; "
            f"F1 {ours[-1]:.3f}, cosine of all pairs at its best threshold {pairs[-1]:.3f}"
        )
        assert copies[0] >= 0.99
        assert copies[1] >= 0.9
        assert own[0] >= 0.65
        assert own[1] >= 0.6
    assert sum(ours) >= sum(pairs), "no worse than all pairs, which cannot be had at a hundred thousand"


@pytest.mark.parametrize("seed", SEEDS)
def test_edited_copies_are_found_at_every_rate_of_editing(seed: int) -> None:
    said = campaign(seed)
    found = {one.text: one for one in alike([one.text for one in said])}
    for rate in ("edited-1", "edited-2", "edited-3", "edited-4"):
        copies = [n for n, one in enumerate(said) if one.made == rate]
        right = sum(1 for n in copies if n in found and said[found[n].leader].demand == said[n].demand)
        assert right >= 0.9 * len(copies), rate


def test_a_letter_turned_round_is_not_the_same_demand() -> None:
    said = campaign()
    for one in alike([one.text for one in said]):
        assert {said[one.text].made, said[one.leader].made} != {"copy", "opposed"}
    assert opposed("请提前到四点", "请推迟到六点")
    assert opposed("我不同意收费", "我同意收费")
    assert not opposed("请提前到四点", "提前到三点半")


def test_exact_copies_are_copies_whatever_their_dress() -> None:
    found = alike(["停两个小时太短。", "停 两个小时太短", "停两个小时太短！！", "", "？？", "别的话。"])
    assert found == [Alike(1, 0, Kind.COPY, 100), Alike(2, 0, Kind.COPY, 100)]


def test_own_words_about_different_clauses_are_kept_apart_and_copies_are_not() -> None:
    texts = [one.text for one in campaign()]
    own = next(one for one in alike(texts) if one.kind == Kind.TOPIC)
    copy = next(one for one in alike(texts) if one.kind == Kind.COPY)
    clauses: list[int | None] = [None] * len(texts)
    for n, place in enumerate((own.text, own.leader, copy.text, copy.leader)):
        clauses[place] = n + 1
    found = alike(texts, clauses)
    assert not any(one[:2] == own[:2] for one in found)
    assert copy in found


def test_a_leader_is_never_itself_like_another_in_copies() -> None:
    found = alike([one.text for one in campaign()])
    members = {a.text for a in found if a.kind != Kind.TOPIC}
    assert not members & {a.leader for a in found if a.kind == Kind.EDITED}


def test_what_a_text_says_besides_its_leader_is_named() -> None:
    letter = "两个小时停车时间太短，亲戚来吃席根本停不下，建议把停车时间延长到四个小时。"
    assert beyond(letter, letter + "另外东门的路灯坏了三盏。") == "另外东门的路灯坏了三盏"
    assert beyond(letter, "井盖一夜响到天亮也没人管。停车时间两个小时太短。") == "井盖一夜响到天亮也没人管"
    assert beyond(letter, letter) == ""
    assert beyond(letter, letter + "谢谢！") == "", "how a letter ends asks for nothing"
    assert beyond(letter, letter + "请领导重视，尽快答复。") == ""
    assert beyond(letter, "桥头的井盖响，半夜车一过就咣当一声。") == "", (
        "of which nothing is the leader's, that is no addition"
    )
