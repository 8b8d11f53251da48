"""What is read out over the loudspeakers can be read out: figures, dates, signs and headings are words."""

import re
from datetime import UTC, date, datetime

import pytest

from models.kernel.clock import local
from models.texts.radio import (
    PACE,
    VILLAGE,
    for_village,
    hints,
    length,
    minutes,
    script,
    spoken,
    spoken_date,
    spoken_time,
)
from tests.conftest import SHARED, needs

SAID = [
    ("青街发〔2026〕5号文件", "青街发二零二六年第五号文件"),
    ("2026年11月8日至2026年12月2日", "二零二六年十一月八日至二零二六年十二月二日"),
    ("2026-11-28和2026/1/5", "二零二六年十一月二十八日和二零二六年一月五日"),
    ("2026-13-40", None),
    ("第1165条和第23条第2款", "第一千一百六十五条和第二十三条第二款"),
    ("民法典第1165-1167条", "民法典第一千一百六十五到一千一百六十七条"),
    ("每日6:00至10:30，每次不超过2小时", "每日六点到十点半，每次不超过两小时"),
    ("9:05", "九点零五分"),
    ("满2年，2月2日，2号楼，2个人，12人", "满两年，二月二日，二号楼，两个人，十二人"),
    ("200元，2000元，20000元，1.2亿元，150000000元", "二百元，两千元，两万元，一点二亿元，一亿五千万元"),
    ("超过30%的，最高3.5％，3%-5%，万分之5，2‰", "超过百分之三十的，最高百分之三点五，百分之三到百分之五，万分之五，千分之二"),
    ("拨打12348，电话：0854-5550123，或者13800000001，报警打110", "拨打幺二三四八，电话：零八五四，五五五零幺二三，或者幺三八零零零零零零零幺，报警打幺幺零"),
    ("110元，12345元，第120条", "一百一十元，一万二千三百四十五元，第一百二十条"),
    ("详见https://www.example.gov.cn/a?b=1。", "详见街道的微信公众号。"),
    ("《民法典》（2021年1月1日起施行）规定", "民法典，二零二一年一月一日起施行，规定"),
    ("￥500，12,000元，2/3以上", "五百元，一万二千元，三分之二以上"),
    ("面积20㎡，5km以内，3—5天，-5℃", "面积二十平方米，五公里以内，三到五天，零下五摄氏度"),
    ("（一）先报警；（二）留证据。", "第一，先报警；第二，留证据。"),
    ("２０２１—２０２５年", "二零二一到二零二五年"),
    ("周一至周五9:00-17:00（节假日除外）。", "周一至周五九点到十七点，节假日除外。"),
    ("“先说清楚”……再签字——不急", "先说清楚，再签字，不急"),
    ("😀★好※", "好"),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("written", "read"), SAID)
def test_what_is_written_is_said_in_words(written: str, read: str | None) -> None:
    said = spoken(written)
    assert not re.search(r"[0-9%〔〕（）《》]", said)
    if read is not None:
        assert said == read


def test_an_article_becomes_a_script() -> None:
    body = "前几天，有人从5楼扔下1个花盆。\n\n## 谁来赔\n\n> 禁止从建筑物中抛掷物品。\n> 第二款。\n\n- 找得到人的，由他赔；\n- 找不到的，住户补偿\n【图1】现场\n\n## 二、怎么办？\n\n1. 拨打110"
    assert script("高空抛物", body, "《民法典》第1254条", "青禾街道").split("\n") == [
        f"{VILLAGE}的乡亲们，大家好！这里是青禾街道大喇叭。今天和大家说一说：高空抛物。",
        "前几天，有人从五楼扔下一个花盆。",
        "先说：谁来赔。",
        "法律原文是这样说的：禁止从建筑物中抛掷物品。",
        "第二款。",
        "第一，找得到人的，由他赔。第二，找不到的，住户补偿。",
        "最后说：怎么办？",
        "拨打幺幺零。",
        "以上说的，依据是民法典第一千二百五十四条。",
        f"刚才说的是：高空抛物。有弄不明白的，可以问{VILLAGE}的干部和网格员，也可以打幺二三四八法律服务热线。谢谢大家收听，青禾街道大喇叭和{VILLAGE}的乡亲们再见！",
    ]
    numbered = script("题", "## （一）先报警\n## 2. 再拍照\n## 一件事", "", "青禾街道")
    assert [line for line in numbered.split("\n") if "说：" in line][1:4] == [
        "先说：先报警。",
        "再说：再拍照。",
        "最后说：一件事。",
    ]
    alone = script("题", "## 一件事\n说清楚。", "条" * 200, "青禾街道")
    assert "下面说：一件事。" in alone
    assert "条文登在青禾街道的微信公众号上" in alone
    assert for_village(alone, "东湖村").count("东湖村") == 3
    assert VILLAGE not in for_village(alone, "东湖村")


def test_real_articles_leave_nothing_that_cannot_be_read() -> None:
    needs(SHARED / "real")
    found = sorted((SHARED / "real").glob("1*-pufa-*.txt"))
    assert len(found) >= 6
    for path in found:
        said = script(path.stem, path.read_text(encoding="utf-8"), "", "青禾街道")
        assert not re.search(r"[0-9%/〔〕（）()《》【】“”]", said.replace(VILLAGE, "")), path.name
        assert "，，" not in said


def test_length_and_what_a_reader_stumbles_over() -> None:
    assert length("好，好。\n" + VILLAGE) == 5
    assert minutes("好" * PACE * 3) == 3
    assert minutes("好") == 0.5
    said = f"{VILLAGE}，大家好。"
    assert hints(said, 1000) == []
    assert "6分钟" in hints(said + "好，" * 1200, 1000)[0]
    assert "没有写" in hints("大家好。", 1000)[0]
    assert "APP、3" in hints(said + "用APP，共3人。", 1000)[0]
    assert "太长" in hints(said + "好" * 46 + "。", 1000)[0]


def test_days_and_hours_are_said() -> None:
    assert spoken_date(date(2026, 11, 28)) == "十一月二十八日，星期六"
    said = [
        spoken_time(local(datetime(2026, 11, 28, hour, minute, tzinfo=UTC)))
        for hour, minute in ((23, 30), (6, 0), (10, 45), (4, 5))
    ]
    assert said == ["早上七点半", "下午两点", "晚上六点四十五分", "中午十二点零五分"]


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "text", ["(" * 5000, "1-" * 5000, "1,111" * 3000, "http://" * 3000, "a@" * 5000, "1/" * 5000, "拨打" * 5000]
)
def test_strange_texts_take_no_time(text: str) -> None:
    assert isinstance(script(text[:60], text, text, "街道"), str)
