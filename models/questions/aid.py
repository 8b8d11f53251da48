"""Legal aid, looked at beforehand: what the law says of such a matter, what to bring, where to go. Nothing is decided here."""

import enum
from collections.abc import Collection
from dataclasses import dataclass, field


class AidMatter(enum.StrEnum):
    """The nine kinds of matter of article 31 of the Legal Aid Law, and what is none of them."""

    PAY = "pay"
    INJURY = "injury"
    SUPPORT = "support"
    INSURANCE = "insurance"
    PENSION = "pension"
    STATE = "state"
    CAPACITY = "capacity"
    POLLUTION = "pollution"
    OTHER_LAW = "other_law"
    NONE = "none"

    @property
    def label(self) -> str:
        """The law's words, shortened."""
        return _MATTERS[self.value][0]

    @property
    def item(self) -> str:
        """Where it stands in article 31; empty when it does not."""
        return _MATTERS[self.value][1]

    @property
    def papers(self) -> tuple[str, ...]:
        """What belongs to such a matter."""
        return _MATTERS[self.value][2]


_MATTERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "pay": (
        "讨工资、确认劳动关系",
        "第五项",
        ("劳动合同、工牌、考勤或者记工本", "工资条、转账记录", "和单位、班组长的聊天记录"),
    ),
    "injury": (
        "工伤、交通、食品药品、医疗事故的人身损害",
        "第七项",
        ("事故认定书、工伤认定书或者报警回执", "病历、诊断证明、医疗费票据", "误工、护理的证明"),
    ),
    "support": ("要赡养费、抚养费、扶养费", "第四项", ("户口簿、出生证明，能说明是什么关系的", "对方收入、住处的线索")),
    "insurance": ("要社会保险待遇、社会救助（低保等）", "第二项", ("参保或者申请救助的记录", "有关部门的答复、决定")),
    "pension": ("要抚恤金", "第三项", ("伤残、牺牲或者病故的证明", "有关部门的答复、决定")),
    "state": ("请求国家赔偿", "第一项", ("行政机关或者司法机关的决定书、裁判文书", "损失的证明")),
    "capacity": ("认定家人没有（限制）民事行为能力", "第六项", ("和被认定人关系的证明", "病历、鉴定意见、残疾证")),
    "pollution": ("环境污染、生态破坏造成的损害", "第八项", ("照片、录像、检测报告", "损失的证明")),
    "other_law": ("法律、法规、规章规定的其他情形", "第九项", ("能说明是哪一条规定的材料",)),
    "none": ("都不是，或者说不清", "", ("和这件事有关的合同、收据、照片、聊天记录",)),
}


class Standing(enum.StrEnum):
    """Something about the person that changes whether means are looked at (articles 32 and 42)."""

    VIOLENCE = "violence"
    BRAVE = "brave"
    HERO = "hero"
    RETRIAL = "retrial"
    NO_INCOME = "no_income"
    RELIEF = "relief"
    MIGRANT = "migrant"

    @property
    def label(self) -> str:
        """What somebody would tick."""
        return {
            "violence": "受了虐待、遗弃、家庭暴力",
            "brave": "因为见义勇为",
            "hero": "英雄烈士的近亲属，维护烈士名誉",
            "retrial": "再审改判无罪，请求国家赔偿",
            "no_income": "没有固定收入的未成年人、老年人、残疾人",
            "relief": "低保、特困、优抚对象，或者得到过司法救助",
            "migrant": "进城务工，讨工资或者工伤赔偿",
        }[self.value]


NO_TEST = frozenset({Standing.VIOLENCE, Standing.BRAVE, Standing.HERO, Standing.RETRIAL})
"""Article 32: whoever stands so may apply whatever they have."""
NO_CHECK = frozenset({Standing.NO_INCOME, Standing.RELIEF, Standing.MIGRANT})
"""Article 42: who can show this has their means not checked."""
WORKERS = frozenset({AidMatter.PAY, AidMatter.INJURY})
"""The matters for which a migrant worker's means are not checked."""

_PROOFS = {
    Standing.VIOLENCE: "报警回执、告诫书、伤情照片、妇联或者村居的证明（一样也行）",
    Standing.BRAVE: "见义勇为的证明",
    Standing.HERO: "烈士证明、亲属关系证明",
    Standing.RETRIAL: "再审判决书",
    Standing.NO_INCOME: "残疾证、户口簿，或者村居的证明",
    Standing.RELIEF: "低保证、特困证、优抚证，或者救助决定",
    Standing.MIGRANT: "能说明在外务工的：居住证、工作证、用工记录",
}


@dataclass(frozen=True)
class Guidance:
    """What somebody is told. It says what the law says; whether aid is given is the legal aid centre's to decide."""

    heading: str
    why: str
    means: str
    papers: tuple[str, ...]
    hurry: str = ""
    matter: AidMatter = AidMatter.NONE
    standing: frozenset[Standing] = field(default=frozenset())

    @property
    def summary(self) -> str:
        """The same in a line, as it goes to the justice office with the person's words."""
        marks = "；".join(one.label for one in Standing if one in self.standing)
        return f"想申请法律援助：{self.matter.label}。" + (f"本人情况：{marks}。" if marks else "")


NEVER_DECIDES = "这只是按法律条文给您指路，不是决定。给不给法律援助，由县法律援助中心在收到申请后7日内审查决定。"


def look(matter: AidMatter, standing: Collection[Standing], *, hurried: bool = False) -> Guidance:
    """Nine kinds, no means test, no check of means, papers, hurry; in this order."""
    told = frozenset(standing)
    free, unchecked = told & NO_TEST, told & NO_CHECK
    if Standing.MIGRANT in unchecked and matter not in WORKERS:
        unchecked -= {Standing.MIGRANT}
    if free:
        heading, why = "可以去申请，不看家里困难不困难", "法律援助法第三十二条"
        means = "不用证明经济困难。"
    elif matter != AidMatter.NONE:
        heading, why = "这类事可以去申请", f"法律援助法第三十一条{matter.item}"
        means = (
            "您这种情况免予核查经济困难，带上证明就行（第四十二条）。"
            if unchecked
            else "要说明家里经济困难；可以作个人诚信承诺，不一定要开证明（第四十一条）。"
        )
    else:
        heading, why = "不在法律列出的几类里，先问一问", "法律援助法第三十一条"
        means = "各地还有自己的规定，打 12348 问得清。不能申请的，法律顾问也可以免费解答，村里可以调解。"
    papers = (
        "身份证（没有的带户口簿）",
        *matter.papers,
        *(_PROOFS[one] for one in Standing if one in free | unchecked),
    )
    if not free and not unchecked and matter != AidMatter.NONE:
        papers = (*papers, "经济困难的说明，或者到那里填诚信承诺书")
    hurry = (
        "期限快到了：离时效届满不足7日的，可以先办援助、再补手续（第四十四条）。请今天就去，或者打 12348。"
        if hurried
        else ""
    )
    return Guidance(heading, why, means, papers, hurry, matter, told)
