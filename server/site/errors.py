"""When something did not work: what happened, that nothing is lost, and what to do now."""

from typing import NamedTuple

from flask import g, render_template, request, url_for

from models.kernel.refusal import Refusal, TooOften


class Words(NamedTuple):
    """What a page says about one kind of trouble."""

    head: str
    what: str
    todo: str
    mark: str = "tool"


KEPT = "您提过的意见和收到过的编号都在，没有丢。"
WORDS = {
    400: Words("这一页没有送到", f"送来的内容不完整，或者页面放得太久了。{KEPT}", "请回到上一页，再提交一次。", "back"),
    403: Words(
        "这一步办不了",
        f"这里只有本人或者有权的人能看、能办。{KEPT}",
        "登录以后再试，或者从公众号的「我的意见」进来。",
        "lock",
    ),
    404: Words("没有找到这一页", f"地址可能写错了，或者内容已经撤下。{KEPT}", "可以回到首页，从那里再进来。", "lost"),
    405: Words("这一步不能这样做", f"这个地址不能直接打开。{KEPT}", "请回到上一页，点页面上的按钮。", "back"),
    409: Words(
        "情况有变化，请再看一看", f"就在刚才，这件事有了新的进展。{KEPT}", "请重新打开这一页，看看最新的情况。", "wait"
    ),
    410: Words("这里的内容已经撤下", KEPT, "可以回到首页，看看别的事。", "lost"),
    413: Words("内容太大了", f"送来的内容超过了能收的大小。{KEPT}", "请写短一些，再提交一次。", "back"),
    422: Words("还差一点", KEPT, "请回到上一页，改一改再提交。", "pen"),
    429: Words("请稍等一会儿", f"刚才试的次数多了一些。{KEPT}", "请过一会儿再试，也可以打电话或到街道来办。", "wait"),
    503: Words("现在人有点多", f"系统正忙，这一次没有办成。{KEPT}", "请过一两分钟再试。", "wait"),
}
FAULT = Words("系统出了点问题", f"不是您的问题，我们已经记下了。{KEPT}", "请过几分钟再试；着急的，可以打电话来。")


def error_page(status: int, refusal: Refusal | None = None, reference: str = "", *, bare: bool = False) -> str:
    """A page in the same calm look. `bare` asks the database for nothing: it may be what failed."""
    words = WORDS.get(status, FAULT if status >= 500 else WORDS[400])
    if refusal is not None:
        words = words._replace(what=f"{refusal.sentence}{KEPT}")
    if isinstance(refusal, TooOften):
        words = words._replace(todo=f"请过{wait(refusal.retry_after)}再试，也可以打电话或到街道来办。")
    again = request.full_path.rstrip("?") if request.method == "GET" and status in (409, 429, 500, 502, 503) else ""
    if status == 403 and not bare and g.get("resident") is None:
        again = url_for("site.sign_in")
    return render_template(
        "site/error.html",
        bare=bare or status >= 500,
        head=words.head,
        what=words.what,
        todo=words.todo,
        mark=words.mark,
        again=again,
        again_word="登录" if status == 403 else "再看一次" if status == 409 else "再试一次",
        reference=reference,
    )


def wait(seconds: int) -> str:
    """How long, in the words of a person."""
    minutes = -(-seconds // 60)
    return f"{minutes}分钟" if minutes < 90 else f"{round(minutes / 60)}小时"
