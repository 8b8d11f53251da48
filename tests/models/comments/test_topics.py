"""While the window is open: topics come from people's own words, and a door nobody uses is named."""

import re
from typing import Any

import pytest

from models.comments.arrange import gather
from models.comments.sums import Sums
from models.comments.topics import doors, talked_about, topics
from models.decisions.consultation import Channel
from models.kernel.base import db
from models.people.place import villages
from tests.making import a_comment, a_consultation, a_resident, points_of
from tests.models.texts.campaigns import TEMPLATES, campaign

pytestmark = pytest.mark.both_engines

SAID = (
    "卸货区要留出来，早上卸货区被占了。",
    "农贸市场后门的卸货区太小！",
    "希望卸货区划线。",
    "夜间照明不够，老人看不清。",
    "夜间照明坏了三盏。",
    "残疾人车位要两个。",
)


def test_a_topic_is_named_in_peoples_own_words_with_sentences_in_which_they_stand() -> None:
    found = talked_about([(f"{n:04d}", text) for n, text in enumerate(SAID, 1)])
    assert [(t.words, t.texts) for t in found[:2]] == [("卸货区", 3), ("夜间照明", 2)]
    assert found[0].quotes[0] == ("0001", "卸货区要留出来，早上卸货区被占了。")
    for topic in found:
        for serial, sentence in topic.quotes:
            assert sentence in SAID[int(serial) - 1]
    assert not [t for t in found if t.words in ("货区", "卸货", "间照")]


def test_a_letter_that_was_copied_is_one_topic_and_not_as_many_as_it_has_words() -> None:
    letter = "第二条写的一小时太短，买菜加排队都不够，请改成两小时。"
    texts = [letter] * 9 + [f"{letter}麻烦了。", "夜里太吵了。", "夜里还在收摊，睡不着。"]
    found = talked_about([(f"{n:04d}", text) for n, text in enumerate(texts, 1)])
    assert [t.texts for t in found] == [10, 2]
    assert found[0].words in letter and len(found[0].words) >= 6, "a clause as it was said, not a piece of one"
    assert found[1].words == "夜里"


def test_a_topic_is_a_word_and_no_piece_of_one_and_a_letter_that_was_edited_is_not_twenty_topics() -> None:
    texts = [one.text for one in campaign(7)]
    found = talked_about([(f"{n:04d}", text) for n, text in enumerate(texts, 1)])
    names = [topic.words for topic in found]
    assert len(set(names)) == len(names)
    assert {"停车", "卸货", "充电桩"} & set(names)
    for letter in TEMPLATES:
        parts = set(re.split(r"[^\u4e00-\u9fff]+", letter))
        assert sum(name in parts for name in names) <= 3, "a letter is told by a few of its clauses"
    assert not {"求西侧", "小时的优", "上六点禁", "十点到清"} & set(names), (
        "pieces of 要求西侧, 小时的优惠, 晚上六点禁止"
    )


def test_words_that_say_nothing_are_no_topic_and_nothing_is_found_in_nothing() -> None:
    assert talked_about([]) == []
    assert talked_about([("0001", "我们希望大家可以这样。"), ("0002", "我们希望大家可以那样。")]) == []


def test_who_took_it_back_is_not_read_and_groups_stand_with_their_words(people: Any) -> None:
    asked = a_consultation(people)
    comments = [a_comment(asked, a_resident(n), text).comment for n, text in enumerate(SAID)]
    comments[0].withdraw(comments[0].resident)
    gather(asked, people["shenlin"], "卸货区", [p.id for p in points_of(asked) if "卸货区" in p.comment.text])
    db.session.flush()
    heard = topics(asked)
    assert heard.read == 5
    assert {t.words: t.texts for t in heard.found}["卸货区"] == 2
    assert [(g.words, g.texts) for g in heard.groups] == [("卸货区", 2)]
    assert heard.groups[0].quotes[0] == ("0002", "农贸市场后门的卸货区太小！")


def test_villages_by_channels_add_up_and_silent_doors_are_named(people: Any) -> None:
    asked = a_consultation(people, channels=["chat", "h5", "phone", "paper"])
    towns = list(villages())
    for n, (town, channel) in enumerate(
        [
            (towns[0], Channel.H5),
            (towns[0], Channel.H5),
            (towns[0], Channel.CHAT),
            (towns[1], Channel.CHAT),
            (None, Channel.H5),
        ]
    ):
        a_comment(asked, a_resident(n), f"第{n}句。", channel=channel, place=town)
    found = doors(asked, towns, Sums().now(asked))
    assert found.silent == [Channel.PHONE, Channel.PAPER]
    assert [v.name for v in found.quiet_villages] == [t.name for t in towns[2:] if t.residents]
    assert sum(v.total for v in found.villages) == 5
    first = found.villages[0]
    assert (first.texts, first.people) == ({Channel.H5: 2, Channel.CHAT: 1}, 3)
    assert (found.villages[-1].name, found.villages[-1].total) == ("没有填", 1)
