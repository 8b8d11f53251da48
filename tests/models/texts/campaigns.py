"""Labelled comments on a parking rule: campaigns whose copies were edited more or less, demands in people's own words, decoys."""

import random
from dataclasses import dataclass

TEMPLATES = (
    "我们是农贸市场的商户，每天凌晨就要进货卸货，请把卸货时间提前到早上四点，五点太晚，赶不上早市。",
    "本人住在市场西侧，夜里卸货的声音很吵，强烈要求西侧从晚上十点到早上六点禁止卸货，让老人孩子睡个好觉。",
    "两个小时停车时间太短，亲戚来吃席根本停不下，建议把停车时间延长到四个小时。",
    "路侧泊位不应该按小时收钱，附近住户交不起，请给本街道居民每月一百小时的优惠。",
    "充电桩太少，电动车越来越多，请在东侧停车场再装二十个充电桩，并且规定充满以后必须挪车。",
    "消防通道上画了车位，万一着火消防车开不进来，请立即擦掉北门两侧的六个车位。",
)
OPPOSED = (
    ("请把卸货时间提前到早上四点", "请把卸货时间推迟到早上七点"),
    (
        "强烈要求西侧从晚上十点到早上六点禁止卸货，让老人孩子睡个好觉",
        "强烈要求西侧从晚上十点到早上六点允许卸货，让商户做得成生意",
    ),
    ("建议把停车时间延长到四个小时", "建议把停车时间缩短到一个小时"),
)
"""The same letter turned round: a copy by its words, another demand by its sense."""
OWN_WORDS = (
    ("卖鲜鱼的四点就到货了，五点才开门卸货，鱼都死一半。", "豆腐凌晨三点做好，四点送到摊上，卸货时间晚一个钟头就凉了。", "早市五点半开张，卸货时间从五点开始哪里来得及，四点就该让我们进。", "进货的车四点在门口排队，等到五点才让卸货，早市都误了。"),
    ("晚上搬箱子的声音太吵，西边楼里的老人睡不着。", "半夜货车倒车滴滴响，吵得孩子直哭，西侧住户夜里没法睡。", "西侧离住户不到三十米，夜里卸货太吵，请管一管。", "睡到两点就被卸货吵醒，夜里能不能不要在西边卸。"),
    ("去镇上吃喜酒两个小时哪够，停车时间放长一些。", "老人看病排队就要一上午，停车两个小时太短了。", "来吃席的亲戚停不下，停车时间两个小时不够。", "停车两个小时就要罚，办个事都不够，时间再长一点吧。"),
    ("住在路边的人天天停，按小时收钱一个月要好几百，住户交不起。", "本街道居民停车能不能优惠，按月算。", "泊位收钱可以，但是附近住户要有优惠价。", "我家就在泊位旁边，居民每月给一百小时优惠行不行。"),
    ("开电动车的越来越多，充电桩排队要两个小时。", "东侧停车场的充电桩不够，再装一些。", "有人充满了电也不挪车，充电桩一直占着，请定个规矩。", "充电桩太少了，充满不挪车的要罚。"),
    ("北门的消防通道画成车位了，着火怎么办。", "消防车开不进来，北门那几个车位赶紧擦掉。", "车位画在消防通道上，是谁同意的？", "万一着火，消防通道被车位堵住，要出人命。"),
    ("泊位上的编号磨没了，缴费的时候不知道填哪个。", "地上的泊位编号看不清，请重新刷漆。", "编号都看不清，扫码缴费填错了泊位。", "晚上泊位编号一点也看不清，刷亮一点。"),
    ("赶集那天人多车多，应该另外定时间。", "逢集的日子照平时的办法停不行，赶集日要另定。", "赶集日三轮车都没地方放，那天要单独规定。", "农历逢三逢八赶集，停车办法要另外写。"),
)  # fmt: skip
"""Each row one demand, in the words of four people."""
DECOYS = (
    "市场的厕所太脏，请派人打扫。", "路灯坏了三盏，从东门到桥头一片黑。", "希望多种几棵树，夏天没有一点荫凉。", "办法写得很好，没有意见。",
    "垃圾桶满了两天没人收。", "请把公交站往南挪五十米。", "活鸡宰杀的摊位离熟食太近。", "盲道被广告牌挡住了，视障人士走不了。", "桥头的井盖响，半夜车一过就咣当一声。",
    "摊位费今年涨得太多，小本生意做不下去。", "流浪狗追着学生跑，请联系人处理。", "第三条的施行日期能不能写明白。", "下雨天市场门口积水到脚踝。",
    "快递柜放在楼道里不安全。", "建议给环卫工人设一个休息点。", "文化广场的音响晚上九点以后要关。",
)  # fmt: skip
SWAPS = (
    ("请", "希望"), ("建议", "提议"), ("太", "实在太"), ("我们是", "我是"), ("每天", "天天"), ("强烈要求", "要求"), ("根本", "完全"), ("立即", "马上"),
    ("并且", "还要"), ("早上", "清早"), ("，", ","), ("。", "！"), ("附近", "周边"), ("本人", "我"),
)  # fmt: skip
TAILS = (
    "谢谢！",
    "我家有两个孩子。",
    "大家都这么说。",
    "请领导重视，尽快答复。",
    "我在这里住了三十年了。",
    "去年也提过一次。",
)


@dataclass(frozen=True)
class Labelled:
    """A comment, what it asks for, and how it came to be."""

    text: str
    demand: str
    made: str
    """copy, edited-1 … edited-4 (of five words that many were changed), opposed, own, decoy."""


def edited(text: str, tenths: int, dice: random.Random) -> str:
    """A copy in which this many tenths of the changes that people make were made: words swapped, parts dropped, lines added."""
    swaps = [swap for swap in SWAPS if swap[0] in text]
    for old, new in dice.sample(swaps, min(len(swaps), max(1, tenths))):
        text = text.replace(old, new)
    parts = text.rstrip("。！").split("，")
    if tenths >= 3 and len(parts) > 3:
        del parts[dice.randrange(len(parts))]
    text = "，".join(parts) + "。"
    if tenths >= 2:
        text += dice.choice(TAILS)
    letters = list(text)
    for _ in range(tenths * len(letters) // 60):
        letters[dice.randrange(len(letters))] = dice.choice("的了呢吧啊")
    return "".join(letters)


def campaign(seed: int = 7, copies: int = 12) -> list[Labelled]:
    """The whole fixture, shuffled; the same seed gives the same texts."""
    dice = random.Random(seed)
    found = [Labelled(template, f"d{n}", "copy") for n, template in enumerate(TEMPLATES) for _ in range(copies)]
    for n, template in enumerate(TEMPLATES):
        for tenths in (1, 2, 3, 4):
            found += [Labelled(edited(template, tenths, dice), f"d{n}", f"edited-{tenths}") for _ in range(copies)]
    for n, (old, new) in enumerate(OPPOSED):
        template = next(t for t in TEMPLATES if old in t)
        found += [Labelled(template.replace(old, new), f"against{n}", "opposed") for _ in range(3)]
    for n, said in enumerate(OWN_WORDS):
        found += [Labelled(words, f"d{n}", "own") for words in said]
    found += [Labelled(words, f"alone{n}", "decoy") for n, words in enumerate(DECOYS)]
    dice.shuffle(found)
    return found


PLACES = "东门 西门 桥头 河边 学校门口 卫生院 文化广场 菜场北侧 老年活动室 停车楼 三号楼 供销社 渡口 水塔 戏台 邮局 幸福巷 劳动路".split()
THINGS = "路灯 井盖 长椅 垃圾桶 围挡 公告栏 斑马线 减速带 雨棚 晾衣杆 健身器材 摄像头 指示牌 花坛 台阶 护栏 水龙头 排水沟".split()
TROUBLES = "坏了没人修 太少了不够用 装得太高老人够不着 晚上看不见 挡住了行人 一下雨就积水 响得人睡不着 去年就报过 颜色看不清 占了半边路".split()
WISHES = "请派人看一看 希望月底前修好 能不能换个地方 再添两个就好 请写进办法里 拆掉算了 定个专人管 请公开花了多少钱 先听听住户怎么说 请跟学校商量".split()


def crowd(number: int, seed: int = 11) -> list[str]:
    """So many comments as a campaign brings them: half copies, three tenths edited copies, the rest everybody's own words."""
    dice, found = random.Random(seed), []
    for _ in range(number):
        way = dice.random()
        if way < 0.5:
            found.append(dice.choice(TEMPLATES))
        elif way < 0.8:
            found.append(edited(dice.choice(TEMPLATES), dice.randrange(1, 5), dice))
        else:
            parts = [
                dice.choice(PLACES),
                "的",
                dice.choice(THINGS),
                dice.choice(TROUBLES),
                "，",
                dice.choice(WISHES),
                "。",
            ]
            extra = (
                f"我家在{dice.choice(PLACES)}{dice.randrange(1, 400)}号，{dice.choice(TAILS)}"
                if dice.random() < 0.7
                else ""
            )
            found.append("".join(parts) + extra + ("" if dice.random() < 0.5 else dice.choice(DECOYS)))
    return found
