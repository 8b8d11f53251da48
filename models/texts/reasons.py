"""Looks over an officer's reason before a second person does: is it a reason, does it fit its outcome, does it name anybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from models.texts.bigrams import normal

Severity = Literal["stop", "warn"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: `span` is where in the text, from and to; `stop` must be mended, `warn` is for the officer to judge."""

    code: str
    words: str
    span: tuple[int, int]
    severity: Severity


def findings(text: str, *, outcome: str | None = None, comment: str = "") -> list[Finding]:
    """Everything found in a reason. `outcome` is adopted, partly_adopted, not_adopted or other; `comment` what was said."""
    found = _substance(text, comment)
    if not any(finding.severity == "stop" for finding in found):
        found += _fit(text, outcome)
    return found + personal_data(text)


def may_pass(text: str, *, outcome: str | None = None, comment: str = "") -> bool:
    """Whether nothing in a reason has to be mended first."""
    return all(finding.severity != "stop" for finding in findings(text, outcome=outcome, comment=comment))


# ── is it a reason ───────────────────────────────────────────────────────────

# What may be said with every reason and is none by itself. Written as the shadow: no spaces, no punctuation.
_FORMULAS = re.compile(
    "|".join(
        (
            "您?提?出?的?(?:宝贵)?(?:意见|建议)(?:和建议)?(?:已|我们已|我们)?(?:收悉|收到|知悉|知晓|阅悉)?",
            "(?:您好|你好)",
            "(?:非常|十分|衷心)?感谢(?:您|你)?(?:对.{0,10}?(?:工作)?的)?(?:关心|支持|参与|理解|关注|提出)*(?:和|与)?(?:支持|理解|参与)?",
            "谢谢(?:您|你)?",
            "(?:我们|我街道|我办|街道|本机关)?(?:已经?|均已|将|会|现)?(?:收悉|收到|知悉|知晓|阅悉|已阅|阅知)",
            "经?(?:认真|综合|慎重)?(?:研究|考虑|讨论|论证)(?:决定|后|认为)?",
            "(?:暂|暂时|均|决定|拟)?(?:不予|予以|给予|不)?(?:部分)?采纳",
            "(?:不|予以)?同意",
            "(?:已|将)?(?:转|转交|转送|反馈给?|报送?)(?:有关|相关|主管|上级)(?:部门|单位|科室)(?:处理|办理|研究)?",
            "(?:将|会|我们会|我们将)?(?:认真|积极|进一步|继续)?(?:研究|考虑|吸纳|参考|改进|落实|完善|加强(?:工作)?)",
            "按(?:照)?(?:有关|相关)?(?:规定|要求|政策|程序)(?:办理|执行|处理)?",
            "(?:情况)?属实|无(?:意见)?|同上|见上|略|暂无|理由(?:充分|如下)?|原因|特此(?:回复|答复)|现(?:回复|答复)如下|的|了|并|和",
        )
    )
)

_GROUNDS = re.compile(
    r"第[〇零一二三四五六七八九十百千0-9０-９]{1,12}[条款项章节]|《[^》]{1,100}》|[0-9０-９]|[一二三四五六七八九十百千万两]{1,12}(?:元|万|户|人|米|盏|处|个|年|月|日|天|名|次|辆|成|%)"
    r"|法律|法规|条例|规章|办法|规定|规范|标准|规划|预算|资金|经费|财政|调查|实地|现场|测算|监测|数据|评估|论证|专家|会议|投票|听证|多数|少数"
    r"|因为|由于|因此|所以|原因|避免|防止|影响|可能|无法|不能|需要|应当|已经|目前|现有|原来|改为|增加|删去|删除|写入|写明|明确|安排|计划|负责|权限|属于"
)


def _substance(text: str, comment: str) -> list[Finding]:
    everything = (0, len(text))
    shadow = normal(text)
    if not shadow:
        return [Finding("empty", "请写明理由。", everything, "stop")]
    if comment and shadow == normal(comment):
        return [Finding("echo", "理由和居民的意见一字不差，请写您的理由。", everything, "stop")]
    left = _FORMULAS.sub("", shadow)
    if len(left) < 5:
        words = "只有「已知悉」「不予采纳」一类的套话，没有说为什么；请写明事实或者依据。"
        return [Finding("formula", words, everything, "stop")]
    found = []
    if len(left) < 7:
        found.append(Finding("short", "理由很短，居民可能看不明白。", everything, "warn"))
    if not _GROUNDS.search(text):
        words = "没有提到条款、事实或者依据；写上一样，居民更容易明白。"
        found.append(Finding("no_grounds", words, everything, "warn"))
    return found


# ── does it fit its outcome ──────────────────────────────────────────────────

_REFUSES = re.compile(
    r"(?:不予|不能|不宜|未予|未|暂不|暂缓|不)(?:完全|全部)?采纳|不采用|维持原(?:文|稿|条款|规定)|不作修改|不做修改|不予修改"
)
_ACCEPTS = re.compile(
    r"(?<![不未难否])(?:予以|全部|完全|已|均)采纳|已(?:按|据|依)[^，。；]{0,12}修改|已(?:修改|改)为|已(?:写入|吸收|增加)"
)
_DOUBT = re.compile(r"(?:是否|能否|可否|若|如果|要求|建议|希望)$")
_CHANGE = re.compile(
    r"修改|改为|改成|调整|增加|增设|新增|加上|补充|删去|删除|写入|写明|写进|吸收|列入|纳入|明确|第[〇零一二三四五六七八九十百千0-9０-９]{1,12}条"
)
_PART = re.compile(r"部分|其中|一是|二是|前半|后半|前一|后一|但|另|同时|不过|其余|第一|第二|未采纳|没有采纳|暂不")


def _fit(text: str, outcome: str | None) -> list[Finding]:
    refuses = _first(_REFUSES, text)
    accepts = _first(_ACCEPTS, text)
    everything = (0, len(text))
    if outcome == "adopted":
        if refuses:
            words = f"结果是「采纳」，理由却写着「{refuses[0]}」，请改一处。"
            return [Finding("contradicts", words, refuses.span(), "stop")]
        if not _CHANGE.search(text):
            return [Finding("no_change", "采纳了，请写明改了哪一条、怎样改。", everything, "warn")]
    if outcome == "partly_adopted" and not _PART.search(text):
        return [Finding("which_part", "请写明采纳了哪一部分、哪一部分没有采纳和为什么。", everything, "warn")]
    if outcome == "not_adopted" and accepts and not refuses:
        words = f"结果是「未采纳」，理由却写着「{accepts[0]}」，请改一处。"
        return [Finding("contradicts", words, accepts.span(), "stop")]
    if outcome == "other" and (refuses or accepts):
        said = refuses or accepts
        words = f"结果是「其他」，理由却写着「{said[0] if said else ''}」，请核对。"
        return [Finding("contradicts", words, said.span() if said else everything, "warn")]
    return []


def _first(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(
        (
            found
            for found in pattern.finditer(text)
            if not _DOUBT.search(text[max(0, found.start() - 4) : found.start()])
        ),
        None,
    )


# ── does it name anybody ─────────────────────────────────────────────────────

_SEP = r"[ \-－—.·\u3000\xa0]?"
_ID_CARD = re.compile(
    rf"(?<![0-9]){'[0-9]' + _SEP}{f'[0-9]{_SEP}' * 5}(?:18|19|20)[0-9]{{2}}{_SEP}(?:0[1-9]|1[0-2]){_SEP}(?:0[1-9]|[12][0-9]|3[01]){_SEP}[0-9]{{3}}{_SEP}[0-9Xx](?![0-9])"
)
_MOBILE = re.compile(rf"(?<![0-9])(?:(?:\+|00)?86{_SEP})?1[3-9][0-9]{_SEP}[0-9]{{4}}{_SEP}[0-9]{{4}}(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9])0[1-9][0-9]{1,2}[\-－— ][1-9][0-9]{6,7}(?![0-9])")
_CARD = re.compile(rf"(?<![0-9])[3-69](?:{_SEP}[0-9]){{14,18}}(?![0-9])")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-HJ-NP-Za-hj-np-z][ ·•．.\-]?"
    r"(?=[A-Za-z]*[0-9])[A-HJ-NP-Za-hj-np-z0-9]{4,5}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳](?![A-Za-z0-9])"
)
# Every repeat has an end: what is looked over may be far longer than any reason.
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}")
_HOME = re.compile(
    r"[0-9一二三四五六七八九十]{1,6}(?:栋|幢|号楼|座)[^，。；\n]{0,8}?[0-9一二三四五六七八九十]{1,6}(?:室|户|号)(?![楼])"
)
_AT_HOME = re.compile(
    r"(?:家在|家住|我住|们住|本人住|住在|住址)[是为在：: ]{0,2}"
    r"(?P<where>[^，。；、！？\n]{0,16}?[0-9一二三四五六七八九十]{1,5} ?(?:号楼|号院|号|栋|幢|单元|室)(?:[0-9一二三四五六七八九十]{1,5}(?:单元|层|室|号|户)?)*)"
)
"""A number at which somebody says that they live: 我家在幸福巷150号."""

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤"
    "滕殷罗毕郝邬安常乐傅皮卞齐康伍余元卜顾孟黄穆萧尹姚邵湛汪祁毛狄米贝臧戴谈宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻贾路娄江童颜郭梅盛林钟徐邱骆高夏蔡"
    "田樊胡凌霍虞万支柯管卢莫房裘缪解应宗丁宣邓洪包诸左石崔吉龚程邢裴陆荣翁荀羊甄曲封储靳焦牧车侯班仰秋仲伊宫宁仇祖武符刘景詹束龙叶司黎印白蒲鄂索"
    "赖卓屠池乔苍双闻党翟谭姬申冉雍桑桂牛寿边燕冀尚温庄晏柴瞿阎慕连习鱼容向古易廖居衡步耿满弘匡国文寇广欧利师巩聂晁勾敖冷辛简饶曾关肖涂岳帅付代佘"
)
_COMPOUND = "欧阳|太史|端木|上官|司马|东方|独孤|南宫|夏侯|诸葛|尉迟|皇甫|公孙|慕容|令狐|司徒|轩辕|长孙|宇文"
_NAME = rf"(?:{_COMPOUND}|[{_SURNAMES}])[\u4e00-\u9fff·]{{1,2}}"
_WORDS = (
    "居民|居委|居住|方便|方面|方式|方案|常住|常年|安全|安置|安心|安静|和平|和谐|平时|连续|应该|应当|应急|应有|时常|时间|时段|成年|成员|成本|党员|党代|党群"
    "|车主|车位|车辆|车子|车库|车棚|房屋|房子|房间|经常|高度|高龄|高中|高层|高峰|解决|解释|支持|利用|利益|包括|文盲|文明|文化|双方|温馨|乐意|贫困|满意|关系|关心"
    "|关注|代表|花园|花钱|向来|司机|路边|路口|路过|路灯|马路|施工|许多|严重|项目|金额|江边|景观|林地|田地|万元|习惯|费用|季节|白天|容易|顾虑|管理|管道|石板|钱款|祝愿|舒适|封闭"
)
"""Words that begin as a surname does."""
_END = r"(?=$|[^\u4e00-\u9fff]|[住是系家在的，])"
_NAMED = re.compile(rf"(?:我叫|名叫|姓名(?:是|为)?[：: ]?|我的名字(?:是|叫)|联系人[：: ]?)\s*(?P<name>{_NAME})")
_MYSELF = re.compile(rf"(?:本人|我是|居民|村民|群众|投诉人|反映人)[：: ]?(?!{_WORDS})(?P<name>{_NAME}){_END}")

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def personal_data(text: str) -> list[Finding]:
    """Where a text names somebody or gives away a number, an address or a plate, so that it can be taken out before printing."""
    # Full-width figures and letters are read like the others; the folding keeps every position where it is.
    plain = "".join(
        chr(ord(char) - 0xFEE0) if "！" <= char <= "～" and char not in "，。；：" else char for char in text
    )
    taken: list[tuple[int, int]] = []
    found: list[Finding] = []
    for code, words, severity, search in _SEARCHES:
        for start, end in search(plain):
            if all(end <= other[0] or start >= other[1] for other in taken):
                taken.append((start, end))
                found.append(Finding(code, words, (start, end), severity))
    return sorted(found, key=lambda finding: finding.span)


def masked(text: str, mark: str = "＊") -> str:
    """The text with everything that personal_data finds covered, character for character."""
    covered = list(text)
    for finding in personal_data(text):
        start, end = finding.span
        covered[start:end] = mark * (end - start)
    return "".join(covered)


def valid_id_card(text: str) -> bool:
    """Whether eighteen characters are a resident identity number: the last one checks the others (GB 11643)."""
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", text):
        return False
    total = sum(int(figure) * weight for figure, weight in zip(text, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[-1].upper()


def valid_bank_card(text: str) -> bool:
    """Whether a row of figures passes the check that every bank card's number passes (Luhn)."""
    if not re.fullmatch(r"[0-9]{15,19}", text):
        return False
    total = 0
    for place, figure in enumerate(reversed(text)):
        value = int(figure) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _bare(text: str) -> str:
    return re.sub(r"[^0-9Xx]", "", text)


def _all(pattern: re.Pattern[str], group: str | int = 0, check: Callable[[str], bool] = bool) -> _Search:
    def search(text: str) -> Iterator[tuple[int, int]]:
        for found in pattern.finditer(text):
            if check(_bare(found[0]) if check is not bool else found[0]):
                yield found.span(group)

    return search


_Search = Callable[[str], Iterator[tuple[int, int]]]

_SEARCHES: tuple[tuple[str, str, Severity, _Search], ...] = (
    ("id_card", "这里像身份证号码，请删去。", "stop", _all(_ID_CARD, check=valid_id_card)),
    ("bank_card", "这里像银行卡号，请删去。", "stop", _all(_CARD, check=valid_bank_card)),
    ("mobile", "这里像手机号码，请删去。", "stop", _all(_MOBILE)),
    ("email", "这里像电子邮箱，请核对是不是个人的。", "warn", _all(_EMAIL)),
    ("plate", "这里像车牌号，请核对是不是个人的。", "warn", _all(_PLATE)),
    ("landline", "这里像电话号码，请核对是不是个人的。", "warn", _all(_LANDLINE)),
    ("home", "这里像门牌住址，请核对是不是个人的。", "warn", _all(_HOME)),
    ("home", "这里像门牌住址，请核对是不是个人的。", "warn", _all(_AT_HOME, "where")),
    ("name", "这里像人名，请核对。", "warn", _all(_NAMED, "name")),
    ("name", "这里像人名，请核对。", "warn", _all(_MYSELF, "name")),
)
