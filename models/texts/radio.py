"""An article as it is read out over the village loudspeakers: numbers, dates and signs in words, headings as turns of speech."""

import re
from collections.abc import Iterator
from datetime import date, datetime

from models.texts.article_text import Block, blocks
from models.texts.numerals import chinese

PACE = 200
"""Characters a minute, read slowly enough for the open air and for old people."""
VILLAGE = "〔村名〕"
"""Stands for the village's name until the script is printed for one."""
LONG_BASIS, LONG_SENTENCE = 80, 45
"""Characters: what is longer nobody follows by ear."""

_DIGITS = "零一二三四五六七八九"
_ENDS = "。！？；：，、"
_MEASURES = "个人天次户名位件张份倍周项种点处米元块小半分公平万千亿间辆斤亩遍门家条部套成年"
_MONTHS = "[0-9]{1,2}(?=[月日号])"


def script(title: str, body: str, basis: str, office: str) -> str:
    """The whole script of an article, a paragraph a line; it may be changed by hand afterwards."""
    named = _ended(spoken(title))
    parts = [f"{VILLAGE}的乡亲们，大家好！这里是{office}大喇叭。今天和大家说一说：{named}"]
    parts += _body(list(blocks(body)))
    law = spoken(basis)
    if law and len(law) <= LONG_BASIS:
        parts.append(_ended(f"以上说的，依据是{law}"))
    elif law:
        parts.append(f"以上说的都有法律依据，条文登在{office}的微信公众号上。")
    parts.append(
        f"刚才说的是：{named}有弄不明白的，可以问{VILLAGE}的干部和网格员，也可以打幺二三四八法律服务热线。"
        f"谢谢大家收听，{office}大喇叭和{VILLAGE}的乡亲们再见！"
    )
    return "\n".join(parts)


def _body(pieces: list[Block]) -> Iterator[str]:
    headings = sum(block.kind == "heading" for block in pieces)
    seen, quoting = 0, False
    for block in pieces:
        if block.kind == "heading":
            turn = "下面说" if headings == 1 else "先说" if seen == 0 else "最后说" if seen == headings - 1 else "再说"
            seen += 1
            if words := spoken(_COUNTED.sub("", block.words)):
                yield _ended(f"{turn}：{words}")
        elif block.kind == "quote":
            if words := spoken(block.words):
                yield _ended(words if quoting else f"法律原文是这样说的：{words}")
        elif block.kind in ("bullets", "numbers"):
            items = [words for one in block.items if (words := spoken(one))]
            if len(items) == 1:
                yield _ended(items[0])
            elif items:
                yield "".join(_ended(f"第{chinese(n)}，{words}", "。") for n, words in enumerate(items, 1))
        elif block.kind == "text" and (words := spoken(block.words)):
            yield _ended(words)
        quoting = block.kind == "quote"


_COUNTED = re.compile("^[(（]?(?:第?[一二三四五六七八九十]{1,3}|[0-9]{1,2})[)）]?(?:[、.．，,：:]|(?<=[)）]))\\s*")
"""A heading's own number: the turn of speech says it already."""


def _ended(words: str, end: str = "。") -> str:
    """With a sign at its end; a colon before what follows stays."""
    if end and words.endswith(("；", "，", "、")):
        words = words[:-1]
    return words if words.endswith(tuple("。！？：")) else words + end


def for_village(text: str, village: str) -> str:
    """The script as this village hears it."""
    return text.replace(VILLAGE, village)


def length(text: str) -> int:
    """Characters that are spoken: signs and blanks take no breath of their own."""
    return len(re.sub(r"[^\w]", "", text.replace(VILLAGE, "某某村")))


def minutes(text: str) -> float:
    """How long it takes, in minutes, to half a minute."""
    return max(0.5, round(length(text) / PACE * 2) / 2)


def hints(text: str, most: int) -> list[str]:
    """What a reader at the microphone would stumble over; for the writer to judge. `most` is in characters."""
    found = []
    plain = text.replace(VILLAGE, "")
    if (number := length(text)) > most:
        found.append(
            f"有{number}字，要念{minutes(text):g}分钟；超过{most / PACE:g}分钟，走路的人听不完，请删短或者分成两篇。"
        )
    if VILLAGE not in text:
        found.append(f"没有写「{VILLAGE}」；写上了，印的时候换成每个村的名字。")
    if left := dict.fromkeys(re.findall(r"[0-9A-Za-z〔〕（）()【】\[\]《》%/@#&+=<>]+", plain)):
        found.append(f"这些照着念不出来，请改成说的话：{'、'.join(list(left)[:6])}。")
    long = [s for s in re.split(r"[。！？；：\n]", plain) if length(s) > LONG_SENTENCE and "，" not in s]
    long += [s for s in re.split(r"[。！？；\n]", plain) if length(s) > LONG_SENTENCE * 2]
    if long:
        found.append(f"有{len(dict.fromkeys(long))}句太长，听的人记不住，例如「{long[0].strip()[:12]}……」。")
    return found


# ── words for figures and signs ──────────────────────────────────────────────


def spoken(words: str) -> str:
    """A piece of writing in words that can be read aloud; what cannot be spoken is left out or said in words."""
    said = "".join(
        chr(ord(c) - 0xFEE0) if "０" <= c <= "９" or "Ａ" <= c <= "ｚ" or c in "％：／＋＝＆＠＃＜＞［］－～．" else c
        for c in words
    )
    said = re.sub(r"[\u200b-\u200f\u2060\ufeff\ufe0f]", "", said)
    said = _ADDRESS.sub("街道的微信公众号", said)
    said = _MAIL.sub("公告上的电子邮箱", said)
    for pattern, into in _FIGURES:
        said = pattern.sub(into, said)
    for sign, word in _SIGNS:
        said = said.replace(sign, word)
    return _tidied(said)


def spoken_date(day: date) -> str:
    """2026-11-28 is 十一月二十八日; the year is left out, the day of the week is said."""
    return f"{chinese(day.month)}月{chinese(day.day)}日，星期{'一二三四五六日'[day.weekday()]}"


def spoken_time(at: datetime) -> str:
    """The hour as it is said: 早上七点半, 下午两点, 晚上六点四十五分. `at` is on a Beijing clock."""
    part = next(
        name
        for until, name in ((5, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
        if at.hour < until
    )
    return part + _hour(at.hour - 12 if at.hour > 12 else at.hour, at.minute)


def _hour(hour: int, minute: int) -> str:
    named = "两点" if hour == 2 else f"{chinese(hour)}点"
    if minute == 0:
        return named
    if minute == 30:
        return f"{named}半"
    return f"{named}{'零' if minute < 10 else ''}{chinese(minute)}分"


def _figures(row: str, one: str = "一") -> str:
    """Figure by figure; in telephone numbers one is 幺."""
    return "".join((one if figure == "1" else _DIGITS[int(figure)]) for figure in row if figure.isdigit())


def _whole(row: str) -> str:
    value = int(row)
    if value < 100_000_000:
        said = chinese(value)
    elif value < 10**12:
        high, low = divmod(value, 100_000_000)
        said = f"{chinese(high)}亿{'零' if 0 < low < 10_000_000 else ''}{chinese(low) if low else ''}"
    else:
        return _figures(row)
    return re.sub(r"^二(?=[千万亿])", "两", said)


def _number(row: str) -> str:
    """12,000 is 一万两千 read as 一万二千, 3.50 is 三点五零; a row that begins with nought is read figure by figure."""
    row = row.replace(",", "").replace("，", "")
    whole, _, rest = row.partition(".")
    if len(whole) > 1 and whole[0] == "0" and not rest:
        return _figures(whole)
    return _whole(whole or "0") + (f"点{_figures(rest)}" if rest else "")


def _date(found: re.Match[str]) -> str:
    year, month, day = found[1], int(found[2]), int(found[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return found[0]
    return f"{_figures(year)}年{chinese(month)}月{chinese(day)}日"


def _clock(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    return _hour(hour, minute) if hour <= 24 and minute < 60 else f"{_whole(found[1])}比{_whole(found[2])}"


def _hotline(found: re.Match[str]) -> str:
    return found[1] + _figures(found[2], "幺")


def _two(found: re.Match[str]) -> str:
    return "两"


_HOTLINES = "110|119|120|122|12110|12315|12320|12333|12338|12345|12348|12351|12355|12368|12378|12388|12389|12393|96110"
_N = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?"
_ADDRESS = re.compile(r"(?:https?://|www\.)[\w\-./?%&=#:~+@!$]{1,2000}", re.I | re.A)
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}")
_FIGURES = (
    # telephone numbers before anything else looks like a range or a sum
    (
        re.compile(r"(?<![0-9])(?:\+?86[- ])?(1[3-9][0-9])[- ]?([0-9]{4})[- ]?([0-9]{4})(?![0-9])"),
        lambda m: _figures(m[1] + m[2] + m[3], "幺"),
    ),
    (
        re.compile(r"(?<![0-9])\(?(0[0-9]{2,3})\)?[-—– ]([0-9]{7,8})(?![0-9])"),
        lambda m: f"{_figures(m[1], '幺')}，{_figures(m[2], '幺')}",
    ),
    (
        re.compile(r"(?<![0-9])([48]00)-?([0-9]{3})-?([0-9]{4})(?![0-9])"),
        lambda m: "，".join(_figures(part, "幺") for part in m.groups()),
    ),
    (
        re.compile(r"((?:拨打|致电|电话|热线|拨|打)(?:号码)?(?:是|为)?[:： ]?)([0-9]{3,8})(?![0-9]|[元人户天年个次])"),
        _hotline,
    ),
    (re.compile(rf"(?<![0-9.,第=])()({_HOTLINES})(?![0-9.,]|[元人户天年个次米条亩斤号款项期%万])"), _hotline),
    # numbers of documents, dates, hours
    (
        re.compile(r"[〔\[【（(]((?:19|20)[0-9]{2})[〕\]】）)] ?第?([0-9]{1,5})号"),
        lambda m: f"{_figures(m[1])}年第{_whole(m[2])}号",
    ),
    (re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])"), _date),
    (re.compile(r"(?<![0-9])([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?(?![0-9])"), _clock),
    # shares, money, measures
    (
        re.compile(r"([0-9]+(?:\.[0-9]+)?)%? ?[-—–~至到]{1,2} ?([0-9]+(?:\.[0-9]+)?)%"),
        lambda m: f"百分之{_number(m[1])}到百分之{_number(m[2])}",
    ),
    (re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%"), lambda m: f"百分之{_number(m[1])}"),
    (re.compile(r"([0-9]+(?:\.[0-9]+)?) ?‰"), lambda m: f"千分之{_number(m[1])}"),
    (re.compile(rf"[¥￥] ?({_N}) ?([万亿]?)元?"), lambda m: f"{_number(m[1])}{m[2]}元"),
    (re.compile(rf"-({_N}) ?(?:℃|°C)"), lambda m: f"零下{_number(m[1])}摄氏度"),
    (re.compile(r"(?<=[0-9]) ?(?:㎡|m²|m2|平米)"), lambda _: "平方米"),
    (re.compile(r"(?<=[0-9]) ?(?:m³|m3|立方)(?!米)"), lambda _: "立方米"),
    (re.compile(r"(?<=[0-9]) ?km(?![a-z])", re.I), lambda _: "公里"),
    (re.compile(r"(?<=[0-9]) ?kg(?![a-z])", re.I), lambda _: "公斤"),
    (re.compile(r"(?<=[0-9]) ?cm(?![a-z])", re.I), lambda _: "厘米"),
    (re.compile(r"(?<=[0-9]) ?mm(?![a-z])", re.I), lambda _: "毫米"),
    (re.compile(r"(?<=[0-9]) ?m(?![A-Za-z])"), lambda _: "米"),
    # from one to another; a part of a whole; years; two; all other numbers
    (re.compile(r"(?<=[0-9年月日号时点分元岁条天人%半]) ?[-—–~]{1,2} ?(?=第?[0-9])"), lambda _: "到"),
    (re.compile(r"(?<=[点半分])(?: ?[-—–~]{1,2} ?|至)(?=[零一二两三四五六七八九十])"), lambda _: "到"),
    (re.compile(r"(?<![0-9/])([0-9]{1,4})/([0-9]{1,4})(?![0-9/])"), lambda m: f"{_whole(m[2])}分之{_whole(m[1])}"),
    (re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?=年|到(?:19|20)[0-9]{2}年)"), lambda m: _figures(m[1])),
    (re.compile(rf"(?<![0-9.,第])2(?= ?[{_MEASURES}])(?!年级|分之)"), _two),
    (re.compile(_N), lambda m: _number(m[0])),
)
"""In this order: each takes what is its own, and what is left is a number."""
_SIGNS = (
    ("和/或", "或者"), ("℃", "摄氏度"), ("°C", "摄氏度"), ("≥", "不少于"), ("≤", "不超过"), (">", "大于"), ("<", "小于"), ("×", "乘以"),
    ("+", "加"), ("=", "等于"), ("&", "和"), ("→", "，到"), ("/", "或者"), ("㎡", "平方米"), ("@", ""), ("#", ""), ("*", ""),
)  # fmt: skip
_PAIR = re.compile(r"[(（]([^()（）]{0,200})[)）]")
_CIRCLED = {char: n for n, char in enumerate("①②③④⑤⑥⑦⑧⑨⑩", 1)}
_UNSPEAKABLE = re.compile(r"[^\u3400-\u9fff〇\U00020000-\U0003ffffA-Za-z0-9，。！？；：、 ]")


def _aside(found: re.Match[str]) -> str:
    words = found[1].strip(_ENDS + " ")
    if not words:
        return ""
    if re.fullmatch("[一二三四五六七八九十]{1,3}", words):
        return f"第{words}，"
    return f"，{words}，"


def _tidied(said: str) -> str:
    for _ in range(3):
        said = _PAIR.sub(_aside, said)
    for char, n in _CIRCLED.items():
        said = said.replace(char, f"第{chinese(n)}，")
    said = re.sub(r"[“”‘’「」『』《》〈〉【】\[\]〔〕\"'·•]", "", said)
    for half, full in ((",", "，"), (";", "；"), (":", "："), ("!", "！"), ("?", "？"), ("~", "到")):
        said = said.replace(half, full)
    said = re.sub(r"\.(?![0-9])", "。", said)
    said = re.sub(r"…+|—+|–+", "，", said)
    said = _UNSPEAKABLE.sub("", re.sub(r"\s+", " ", said))
    said = re.sub(r"(?<![A-Za-z]) | (?![A-Za-z])", "", said)
    said = re.sub(r"，*([。！？；：、])[，、；]*", r"\1", said)
    said = re.sub(r"，{2,}", "，", said)
    said = re.sub(r"([。！？；：])[。；：]+", r"\1", said)
    return said.strip("，、；： ")
