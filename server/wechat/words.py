"""Every sentence that is said in the chat: short, warm, and to 您."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from models.kernel.ids import spaced
from server.words import date_plain, days_left, promised


@dataclass(frozen=True)
class Listed:
    """One open consultation as a line of a list."""

    title: str
    closes_on: dt.date


def until(day: dt.date | None) -> str:
    """2026年11月22日（还剩9天）."""
    return f"{date_plain(day)}（{days_left(day)}）" if day else ""


def named(title: str) -> str:
    """A title in book-title marks, which official documents use, and only once."""
    return title if title.startswith("《") or "《" in title else f"《{title}》"


WHAT_ONE_CAN_DO = (
    "在这里您可以：\n· 对正在征求意见的事说说想法，直接打字就行\n· 看您的意见有没有采纳、为什么\n· 学法、问法律问题"
)


def list_of(open_now: Sequence[Listed]) -> str:
    """The open consultations, numbered."""
    lines = [f"{n}. {named(one.title)}\n    {until(one.closes_on)}截止" for n, one in enumerate(open_now, 1)]
    return "\n".join(lines)


def welcome(office: str, open_now: Sequence[Listed], privacy: str) -> str:
    """Said to somebody who has just followed the account."""
    said = [f"您好，这里是{office}。", WHAT_ONE_CAN_DO]
    if len(open_now) == 1:
        said.append(f"现在正在征求意见：\n{list_of(open_now)}\n有想法，直接说给我们听。")
    elif open_now:
        said.append(f"现在正在征求意见：\n{list_of(open_now)}\n回复数字选一件，再说您的想法。")
    said.append(f"个人信息怎样使用、保存多久：{privacy}")
    return "\n\n".join(said)


def greeting(office: str, open_now: Sequence[Listed], privacy: str) -> str:
    """Said to somebody who says hello."""
    if not open_now:
        return f"您好，这里是{office}。现在没有正在征求意见的事。\n\n{WHAT_ONE_CAN_DO}"
    return welcome(office, open_now, privacy)


def legal_services(link: str, aid: str) -> str:
    """Where the law can be found near home."""
    return (
        f"身边的法律服务（法律顾问、调解室、法律援助、公证）：{link}\n\n"
        f"请不起律师，先看看能不能申请法律援助、要带什么：{aid}\n\n急的打 12348，全天有人接，不收费。"
    )


def thanks() -> str:
    """Said to somebody who says thank you."""
    return "不客气。有想法随时说给我们听。"


def help_text(office: str, phone: str) -> str:
    """How it works, in eight lines."""
    said = (
        f"这里是{office}。\n\n"
        "征求意见：看正在征求意见的事\n"
        "我的意见：看您提过的意见和答复\n"
        "问法律：问一个法律问题，只有法律顾问和司法所看得到\n"
        "学法：看普法文章\n"
        "讲堂：看接下来的文明讲堂，报名\n"
        "搜 加装电梯：找公告、决定和文章\n"
        "撤回：收回刚才那条意见\n"
        "八位编号：查那条意见办到哪一步了\n"
        "退订：不再收普法文章和村里的通知\n\n"
        "提意见直接打字就行；想说哪一条，就从「第四条」说起。您的原话默认不公开。"
    )
    return f"{said}\n\n想找人说，请拨 {phone}。" if phone else said


def nothing_open() -> str:
    """There is nothing to comment on."""
    return "现在没有正在征求意见的事。过些天可以再发「征求意见」问问。\n想看以前的结果，回复「采纳情况」。"


def choose(open_now: Sequence[Listed]) -> str:
    """Which of several?"""
    return f"正在征求意见的有{len(open_now)}件：\n{list_of(open_now)}\n\n回复数字选一件，再说您的想法。"


def no_such_number(count: int) -> str:
    """A number that is not in the list."""
    return f"没有这个数字，请回复1到{count}。" if count > 1 else "没有这个数字。有想法，直接说给我们听。"


def card_description(summary: str, closes_on: dt.date | None) -> str:
    """Below a consultation's card."""
    lead = f"{until(closes_on)}截止。直接打字就能提意见，点开看全文。"
    return f"{lead}\n{summary}" if summary else lead


def comment_received(
    receipt: str, *, title: str, clause: str, due: dt.date | None, privacy: str = "", draft_has_no: str = ""
) -> str:
    """The receipt; what was written is not said again, since a telephone may lie on the table."""
    where = f"记在{named(title)}{clause}下面。" if clause else f"记在{named(title)}下面。"
    said = [f"收到了，{where}"]
    if draft_has_no:
        said.append(f"草案里没找到{draft_has_no}，先按对整件事的意见收下。")
    said.append(f"编号 {spaced(receipt)}")
    if due:
        said.append(f"不晚于{date_plain(due)}答复您。")
    said.append("")
    said.append("要补充，接着说就行；不想提了，回复「撤回」。")
    if privacy:
        said.append(f"您的原话默认不公开，只有工作人员看得到。个人信息怎样使用、保存多久：{privacy}")
    return "\n".join(said)


def supplement_received(receipt: str, count: int) -> str:
    """What followed was added."""
    return f"已补充到编号 {spaced(receipt)} 的意见里，一共补充了{count}次。\n还要补充，接着说；要另提一条，回复「新意见」。"


def media_received(receipt: str, what: str, *, with_comment: bool, due: dt.date | None) -> str:
    """A picture, a voice message or a film."""
    later = "工作人员会听一遍，记成文字。" if what == "语音" else ""
    if with_comment:
        return f"{what}收到了，附在编号 {spaced(receipt)} 的意见后面。{later}"
    promise = f"\n不晚于{date_plain(due)}答复您。" if due else ""
    return (
        f"{what}收到了，记为一条意见。{later}\n编号 {spaced(receipt)}{promise}\n\n"
        "想再说几句，接着打字就行；不想提了，回复「撤回」。"
    )


GRIEVANCES = ("投诉", "举报", "信访", "上访", "报修", "没人管")


def elsewhere(text: str, phone: str) -> str:
    """Said beside the receipt to somebody who has a grievance: it stays written down, and this is the quicker way."""
    if not any(word in text for word in GRIEVANCES):
        return ""
    where = f"{phone} 或者 12345" if phone else "12345"
    return f"\n\n要投诉、报修，打 {where} 更快；这里是听大家对草案的意见。"


def new_comment(title: str) -> str:
    """What comes next is a comment of its own."""
    return f"好的，请说您对{named(title)}的另一条意见。"


def supplement_next(receipt: str) -> str:
    """What comes next is a supplement."""
    return f"好的，请接着说，会补充到编号 {spaced(receipt)} 的意见里。"


def nothing_to_supplement() -> str:
    """There is no comment yet that could be added to."""
    return "还没有可以补充的意见。有想法，直接说给我们听；要补充以前的意见，请打开「我的意见」。"


def withdrawn(receipt: str) -> str:
    """A comment was taken back."""
    return f"编号 {spaced(receipt)} 的意见已经撤回。改了主意，随时再说。"


def nothing_to_withdraw() -> str:
    """There is no comment of this conversation."""
    return "这里没有刚提的意见可以撤回。以前提的，请打开「我的意见」里撤回。"


def unplaced(receipt: str, open_now: Sequence[Listed], phone: str = "") -> str:
    """Taken, though we do not know yet what it is about."""
    kept = f"收到了，先替您收好。编号 {spaced(receipt)}" if receipt else "收到了，先替您收好。"
    if not open_now:
        urgent = f"要紧的事，请打 {phone}；" if phone else ""
        return (
            f"{kept}\n现在没有正在征求意见的事，工作人员会看您的留言。\n\n"
            f"{urgent}问法律，回复「问法律」；不想留了，回复「撤回」。"
        )
    return f"{kept}\n请问说的是哪一件？\n{list_of(open_now)}\n\n回复数字就行；不选也不要紧，工作人员会替您归好。"


def placed(receipts: Sequence[str], title: str, due: dt.date | None) -> str:
    """It is known now what it was about."""
    promise = f"\n不晚于{date_plain(due)}答复您。" if due else ""
    numbers = "，".join(spaced(receipt) for receipt in receipts)
    return (
        f"好的，已经记在{named(title)}下面。\n编号 {numbers}{promise}\n\n要补充，接着说就行；不想提了，回复「撤回」。"
    )


def progress(receipt: str, title: str, said: str, due: dt.date | None, link: str) -> str:
    """Where a comment stands, told to whoever knows its number; never what it says."""
    promise = f"\n{promised(due, '答复')}。" if due else ""
    return f"编号 {spaced(receipt)}\n{named(title)}\n{said}{promise}\n\n详细情况：{link}"


def question_progress(receipt: str, said: str, link: str) -> str:
    """How far a legal question has come, told to whoever knows its number; never what it is about."""
    return f"编号 {spaced(receipt)} 的法律咨询：{said}。\n内容只给本人看，凭编号和查询码打开：{link}"


def waiting_to_be_placed(receipt: str) -> str:
    """A message of the conversation that nobody has sorted yet."""
    return f"编号 {spaced(receipt)} 的留言已经收到，工作人员正在归类。"


def no_such_receipt() -> str:
    """Nothing under this number."""
    return "没有查到这个编号，请核对一下是不是八位数字。"


def question_in_words() -> str:
    """A picture where a question was expected."""
    return "法律咨询请打字说，图片和语音先不要发。不问了，回复「取消」。"


def too_often() -> str:
    """Slow down."""
    return "查得太快了，请过一小时再试，也可以打开「我的意见」看。"


def ask_now() -> str:
    """The next text is the question."""
    return (
        "请用一段话把事情和您的问题说清楚，发给我们。\n"
        "只有法律顾问和司法所看得到，不会公开。请不要写身份证号、银行卡号。\n不问了，回复「取消」。"
    )


def question_received(due: dt.date | None, link: str, privacy: str) -> str:
    """The legal question is with the counsel."""
    promise = f"不晚于{date_plain(due)}答复您。" if due else "法律顾问看过会答复您。"
    return (
        f"问题收到了，已转给法律顾问，别人看不到。{promise}\n答复在这里：{link}\n个人信息怎样使用、保存多久：{privacy}\n\n"
        "事情紧急的，可以拨打法律援助热线 12348；您有权依法申请法律援助。"
    )


def known_already(lines: Sequence[tuple[str, str]]) -> str:
    """Others have asked much the same, and everybody may read the answer."""
    return "\n\n别人问过差不多的，可以先看：\n" + "\n".join(f"· {title}\n    {link}" for title, link in lines)


def follow_up_now() -> str:
    """The next text asks once more about the last answer."""
    return "请把要追问的发给我们，会转给答复您的法律顾问，别人看不到。\n不问了，回复「取消」。"


def followed_up(due: dt.date, link: str) -> str:
    """Counsel has it."""
    return f"追问收到了，不晚于{date_plain(due)}答复您。\n答复在这里：{link}"


def nothing_to_follow_up() -> str:
    """There is no answer that could be asked about."""
    return "没有可以追问的答复。要问新的问题，回复「问法律」。"


def cancelled() -> str:
    """Never mind."""
    return "好的，不问了。"


def nothing_to_cancel() -> str:
    """There was nothing to leave."""
    return "没关系。要收回刚提的意见，回复「撤回」；想做别的，回复「帮助」看看。"


def mine(count: int, answered: int, link: str) -> str:
    """What the person has said so far, with the page."""
    if count == 0:
        return f"您还没有提过意见。提过以后，可以在这里看：{link}"
    told = f"，其中{answered}条有了答复" if answered else ""
    return f"您一共提过{count}条意见{told}。\n打开看：{link}"


def subscriptions(names: Sequence[str], link: str, stop: str) -> str:
    """What the person hears of without having spoken."""
    if not names:
        return f"您现在没有订阅，我们不会主动打扰您。\n想听到哪个村、哪个主题的事，在这里选：{link}"
    return f"您订阅了：{'、'.join(names)}。\n改一改：{link}\n不想再收，回复「退订」，一次就退；也可以点这里，不用登录：{stop}"


def left(names: Sequence[str]) -> str:
    """Nothing more comes; how to undo it."""
    after = "您提过的意见有了答复，还是会告诉您。"
    if not names:
        return f"您现在没有订阅，我们不会主动打扰您。{after}"
    return f"退订好了，不再给您发：{'、'.join(names)}。\n点错了？回复「恢复订阅」。\n{after}"


def restored(names: Sequence[str]) -> str:
    """It comes again."""
    return f"恢复好了。您订阅了：{'、'.join(names)}。\n不想再收，回复「退订」。"


def personal(link: str, hours: int) -> str:
    """A link that signs this person in; it must not be passed on."""
    return f"{link}\n（链接只给您本人用，{hours}小时内有效，用一次就作废，请不要转发。）"


def articles(title: str, link: str) -> str:
    """The newest article where a card cannot be shown."""
    return f"最新的普法文章：{title}\n{link}"


def no_articles() -> str:
    """Nothing has been published yet."""
    return "普法文章还在准备，过几天再来看看。想问法律问题，回复「问法律」。"


def reports(lines: Sequence[tuple[str, str]]) -> str:
    """The adoption reports that have come out."""
    return "意见采纳情况：\n" + "\n".join(f"· {named(title)}\n    {link}" for title, link in lines)


def no_reports() -> str:
    """Nothing has been released yet."""
    return "还没有公布过采纳情况。征求意见结束、逐条答复以后，会在这里公布。"


def found(lines: Sequence[tuple[str, str, str]], total: int, more: str) -> str:
    """What was found: kind, title and address of each."""
    said = "\n".join(f"· {label}：{title}\n    {link}" for label, title, link in lines)
    return f"找到{total}篇，最相关的{len(lines)}篇：\n{said}\n\n看全部：{more}" if more else f"找到{total}篇：\n{said}"


def nothing_found() -> str:
    """Nothing has these words."""
    return "没有找到。换个说法，或者只写最要紧的词再搜一次，例如：搜 加装电梯。\n想问法律问题，回复「问法律」。"


def how_to_search(link: str) -> str:
    """The word without what is looked for."""
    return f"要找什么？回复「搜」，空一格，再写几个字，例如：搜 加装电梯。\n也可以打开搜：{link}"


def polls(lines: Sequence[tuple[str, dt.date | None, str]]) -> str:
    """The polls that can be answered now."""
    said = "\n".join(f"· {named(title)}\n    {until(day)}截止\n    {link}" for title, day, link in lines)
    return f"正在进行的民意调查：\n{said}\n\n点开答，一人一次。"


def no_polls(link: str) -> str:
    """Nothing can be answered now."""
    return f"现在没有正在进行的民意调查。以前的结果：{link}"


def lectures(lines: Sequence[tuple[str, str, str]], link: str) -> str:
    """What comes next: title, hour and room, and whether one has signed up."""
    said = "\n".join(
        f"{n}. {title}\n    {when}" + (f"\n    您{stand}" if stand else "")
        for n, (title, when, stand) in enumerate(lines, 1)
    )
    return f"接下来的文明讲堂：\n{said}\n\n回复数字报名；去不了，回复「退出报名」。\n看详情：{link}"


def no_lectures(link: str) -> str:
    """Nothing is announced."""
    return f"现在没有预告的讲堂，过些天再发「讲堂」问问。以前讲过的：{link}"


def signed_up(title: str, when: str, seat: int, link: str, privacy: str) -> str:
    """A seat."""
    return (
        f"报上了，{seat}号。\n{title}\n{when}\n前一天提醒您；去不了，请回复「退出报名」，座位留给别人。\n{link}\n"
        f"谁报了名只有工作人员看得到。个人信息怎样使用、保存多久：{privacy}"
    )


def lecture_full(title: str, queue: int, link: str) -> str:
    """No seat is left; their place in the list, honestly."""
    return (
        f"{title}\n座位报满了，替您排在候补第{queue}。有人退出就轮到您，会告诉您。\n不等了，回复「退出报名」。\n{link}"
    )


def left_lecture(title: str) -> str:
    """The seat is free again."""
    return f"退出了：{title}。改了主意，回复「讲堂」再报名。"


def nothing_to_leave() -> str:
    """They have signed up for nothing that is still to come."""
    return "您没有还没开讲的报名。想听讲，回复「讲堂」。"


def which_to_leave(lines: Sequence[tuple[str, str]]) -> str:
    """Several: each has its page."""
    said = "\n".join(f"· {title}\n    {link}" for title, link in lines)
    return f"您报了{len(lines)}场，请打开要退出的那一场：\n{said}"


def checked_in(title: str) -> str:
    """They are here."""
    return f"签到了，谢谢您来听「{title}」。听完有问题，回复「问法律」。"


def wrong_code() -> str:
    """Not the code of a room that is open now."""
    return "签到码不对，请看现场的屏幕，或者问工作人员。"


def not_text() -> str:
    """A place, a link or something unknown."""
    return "这种消息我们还读不了，没有收下。请打字告诉我们，说地方就写清是哪条路、哪个村；发图片、语音也行。"


def empty() -> str:
    """There was nothing in it."""
    return "没有看到文字，请再说一遍。"


def broken() -> str:
    """Something of ours went wrong; nothing was kept, and we say so."""
    return "对不起，我们这边出了点问题，刚才这条没有收下。请过几分钟再发一遍；一直不行，请打电话告诉我们。"


def once_more() -> str:
    """Two things happened at once, and this one came second."""
    return "刚才同时有两件事在办，这条没有收下，请再发一遍。"
