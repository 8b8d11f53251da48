"""While the window is open: what people talk about, in their own words, and which doors are silent."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from models.comments.comment import Comment, Withdrawal
from models.comments.point import Point, PointGroup, PointStage
from models.comments.sums import Summed
from models.decisions.consultation import Channel, Consultation
from models.kernel.base import db
from models.kernel.refusal import Missing
from models.people.place import Place

READ = 1000
"""The newest texts that are read for topics: enough to know what is talked about, and no more than a moment's work."""
TOPICS = 20
QUOTES = 3
LONGEST_QUOTE = 60
LONGEST_NAME = 16
ONE_TOPIC = 6
"""Of ten texts that say one of two words: where so many say both, they are one topic."""
TORN = 8
"""Of ten clauses that say a word: where so many go on with the same character, the word is torn off from a longer one."""
_BREAK = re.compile(r"[^\u4e00-\u9fff]+")
_STOP = frozenset(
    "的了是我你他们在有和就不也都要会能说对把被从到去来这那个些么吗吧呢啊呀哦很太更最再还又才只没为以及与或让给但因而所如果"
)
_COMMON = frozenset(
    "我们 你们 他们 大家 可以 希望 建议 应该 应当 能不 不能 能否 是否 这个 那个 这样 这条 什么 怎么 没有 不要 不是 还是 就是 时候 现在 觉得 认为 一下 一些 "
    "一个 已经 因为 所以 如果 但是 而且 或者 以及 要求 强烈 本人 并且 根本 完全 实在 马上 立即 进行 增加 减少 改成 改为 支持 反对 同意 意见 办法 规定 街道 居民 群众 领导 政府 谢谢 感谢 麻烦 尽快 答复".split()
)
_SAY_NOTHING = re.compile("|".join(sorted(_COMMON, key=lambda word: -len(word))))


@dataclass(frozen=True)
class Topic:
    """One topic: how many texts name it, and sentences in which they do."""

    words: str
    texts: int
    quotes: list[tuple[str, str]] = field(default_factory=list)
    """Serial and sentence, as it was written."""


@dataclass(frozen=True)
class Topics:
    """What is talked about in the texts that were read, and the groups that staff have made."""

    found: list[Topic]
    read: int
    groups: list[Topic]


def topics(consultation: Consultation) -> Topics:
    """From the newest texts; who was forgotten or took theirs back is not read."""
    comments = (
        db.session.scalars(
            select(Comment)
            .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
            .where(Comment.consultation_id == consultation.id, Withdrawal.id.is_(None))
            .order_by(Comment.serial.desc())
            .limit(READ)
        )
        .unique()
        .all()
    )
    texts = []
    for comment in comments:
        try:
            texts.append((comment.serial_words, comment.text))
        except Missing:
            continue
    return Topics(talked_about(texts), len(texts), _groups(consultation))


def talked_about(texts: Sequence[tuple[str, str]], most: int = TOPICS) -> list[Topic]:
    """Words of two to four characters that several texts use, and what is said with them.

    A word inside a longer one that stands as often is left out, and so is one that stands in the same texts as a word before it:
    a letter that was copied a hundred times is one topic, not as many as it has words.
    """
    used: Counter[str] = Counter()
    for _, text in texts:
        used.update(_words(text))
    few = 2 if len(texts) < 50 else max(3, len(texts) // 100)
    kept: list[tuple[str, str, set[int]]] = []
    # The longest of equally frequent words says most; a shorter one stays only where it is used much more often.
    for word, number in sorted(used.items(), key=lambda item: (-item[1], -len(item[0]), item[0])):
        if number < few or len(kept) >= most:
            break
        longer = [each for each in used if len(each) > len(word) and word in each and used[each] * 10 >= number * 7]
        if longer or any(_overlap(word, each) for each, _, _ in kept):
            continue
        where = {n for n, (_, text) in enumerate(texts) if word in text}
        if any(len(where & known) * 10 >= len(where | known) * ONE_TOPIC for _, _, known in kept):
            continue
        clauses = Counter(
            clause for n in where for clause in {part for part in _BREAK.split(texts[n][1]) if word in part}
        )
        name = _named(word, clauses, len(where))
        if name not in {known for _, known, _ in kept} and (name != word or not _torn(word, clauses)):
            kept.append((word, name, where))
    return [Topic(name, used[word], _quotes(texts, word)) for word, name, _ in kept]


def _named(word: str, clauses: Counter[str], texts: int) -> str:
    """The word, or the clause in which most say it, where they say it in the same words."""
    clause, number = clauses.most_common(1)[0]
    return clause if number > 1 and number * 10 >= texts * 6 and len(clause) <= LONGEST_NAME else word


def _torn(word: str, clauses: Iterable[str]) -> bool:
    """Whether what stands beside it is nearly always the same: 求西侧 of 要求西侧, 小时的优 of 小时的优惠."""
    before: Counter[str] = Counter()
    behind: Counter[str] = Counter()
    said = [clause.partition(word) for clause in clauses]
    for ahead, _, after in said:
        before[ahead[-1:]] += 1
        behind[after[:1]] += 1
    return len(said) > 1 and any(
        beside and number * 10 >= len(said) * TORN
        for beside, number in (before.most_common(1)[0], behind.most_common(1)[0])
    )


def _words(text: str) -> set[str]:
    found = set()
    for run in _BREAK.split(_SAY_NOTHING.sub(" ", text)):
        for size in (2, 3, 4):
            for at in range(len(run) - size + 1):
                word = run[at : at + size]
                if word[0] not in _STOP and word[-1] not in _STOP and "的" not in word:
                    found.add(word)
    return found


def _overlap(word: str, other: str) -> bool:
    """One word is a part of the other, or they share all but one character."""
    return word in other or other in word or word[1:] == other[:-1] or word[:-1] == other[1:]


def _quotes(texts: Iterable[tuple[str, str]], word: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for serial, text in texts:
        for sentence in re.split(r"(?<=[。！？!?；;\n])", text):
            if word in sentence and sentence.strip() not in {said for _, said in found}:
                said = " ".join(sentence.split())
                found.append((serial, said if len(said) <= LONGEST_QUOTE else said[: LONGEST_QUOTE - 2] + "……"))
                break
        if len(found) == QUOTES:
            break
    return found


def _groups(consultation: Consultation) -> list[Topic]:
    """What staff gathered, the largest first, each with the words of a few of its comments."""
    groups = db.session.scalars(
        select(PointGroup)
        .where(PointGroup.consultation_id == consultation.id, PointGroup.n_points > 1)
        .order_by(PointGroup.n_points.desc(), PointGroup.id)
        .limit(TOPICS)
    ).all()
    said: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for group in groups:
        comments = db.session.scalars(
            select(Comment)
            .join(Point, Point.comment_id == Comment.id)
            .where(Point.group_id == group.id, Point.stage != PointStage.WITHDRAWN)
            .order_by(Point.id)
            .limit(QUOTES)
        ).unique()
        for comment in comments:
            words = " ".join(comment.readable.split())
            short = words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 2] + "……"
            said[group.id].append((comment.serial_words, short))
    return [Topic(group.name, group.n_points, said[group.id]) for group in groups]


# --- doors ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Door:
    """A village or a channel: how many live there, how many came through each way."""

    name: str
    residents: int
    texts: dict[Channel, int]
    people: int

    @property
    def total(self) -> int:
        """All texts."""
        return sum(self.texts.values())


@dataclass(frozen=True)
class Doors:
    """Villages by channels; a column or a row of nothing is a silent door."""

    channels: list[Channel]
    villages: list[Door]
    silent: list[Channel]
    """Announced, and nobody came through it."""

    @property
    def quiet_villages(self) -> list[Door]:
        """Villages from which nobody has spoken."""
        return [door for door in self.villages if door.residents and not door.total]


def doors(consultation: Consultation, villages: Sequence[Place], summed: Summed) -> Doors:
    """Texts by village and channel, people by village; who did not say where they live stands last."""
    counted: dict[int | None, dict[Channel, int]] = defaultdict(dict)
    for (place, channel), texts in summed.doors.items():
        counted[place][channel] = texts
    people = summed.homes
    known = {village.id for village in villages}
    rows = [Door(v.name, v.residents, counted.get(v.id, {}), people.get(v.id, 0)) for v in villages]
    rest: Counter[Channel] = Counter()
    for place, through in counted.items():
        if place not in known:
            rest.update(through)
    if rest:
        rows.append(Door("没有填", 0, dict(rest), sum(n for place, n in people.items() if place not in known)))
    announced = [Channel(way) for way in consultation.channels]
    used = {channel for texts in counted.values() for channel in texts}
    columns = announced + [channel for channel in Channel if channel in used and channel not in announced]
    return Doors(columns, rows, [channel for channel in announced if channel not in used])
