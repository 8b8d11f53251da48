"""Letters for the farmers' mailbox: out of an article, agreed to by a second person, taken out as a file, marked as sent by hand."""

from flask import Response as FlaskResponse
from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.installation import Installation
from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import Missing, NotAllowed, RuleUnmet
from models.outreach import letter as post
from models.outreach.article import ArticleStage, articles
from models.outreach.article import by_public_id as article_of
from models.outreach.letter import ExportForm, Letter, LetterStage
from models.people.place import villages
from server.console.door import blueprint, desk, may
from server.console.drafts import same_page
from server.console.forms.fields import offered
from server.console.forms.reaching import Letter as Sheet
from server.console.forms.reaching import LetterDeed, NewLetter
from server.console.forms.trying import trying
from server.console.nav import REACHING
from server.headers import save_as
from server.house import checks_its_form
from server.papers.reaching import letter_paper

DONE = {
    "agree": "审核通过，可以导出了。",
    "send_back": "退回作者了。",
    "mark_sent": "登记好了。",
    "withdraw": "不发了。",
}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/desk/letters")
@desk(*REACHING.posts)
def letters() -> str:
    """All letters, and one more."""
    return _list(NewLetter())


@blueprint.post("/desk/letters")
@desk(*REACHING.posts)
@checks_its_form
def new_letter() -> str | Response | tuple[str, int]:
    """The machine writes the first version."""
    form, refusal = NewLetter(request.form), None
    if form.validate():
        with trying(form) as went:
            article = article_of(form.article.data or "")
            if article is None:
                raise RuleUnmet("没有找到这篇文章。", {"article": "请选一篇已经发布的文章。"})
            made = Letter.draft_new(g.officer, article)
        refusal = went.refusal
        if went.done:
            flash("写好了第一稿，选好发给哪些村，看一遍再送审。", "ok")
            return redirect(url_for("console.letter", public_id=made.public_id), 303)
    return _list(form, refusal), 422


@blueprint.get("/desk/letters/<public_id>")
@desk(*REACHING.posts)
def letter(public_id: str) -> str:
    """The sheet while it is a draft of mine to write; otherwise as it goes out, and who took it out."""
    return _page(_found(public_id))


@blueprint.post("/desk/letters/<public_id>")
@desk(*REACHING.posts)
@checks_its_form
def write_letter(public_id: str) -> str | Response | tuple[str, int]:
    """Keep, or keep and submit."""
    found = _found(public_id)
    same_page(found.version)
    form, refusal = Sheet(request.form), None
    if form.validate():
        chosen = [one for one in villages() if one.public_id in (form.places.data or [])]
        with trying(form) as went:
            found.revise(g.officer, form.title.data or "", form.text.data or "", form.sender.data or "", chosen)
            if request.form.get("deed") == "submit":
                found.submit(g.officer)
        refusal = went.refusal
        if went.done:
            flash("送审了。" if request.form.get("deed") == "submit" else "存好了。", "ok")
            return redirect(url_for("console.letter", public_id=public_id), 303)
    return _page(found, sheet=form, refusal=refusal), 422


@blueprint.post("/desk/letters/<public_id>/deed")
@desk(*REACHING.posts)
@checks_its_form
def letter_deed(public_id: str) -> str | Response | tuple[str, int]:
    """Agree, send back, mark as sent, give up."""
    found = _found(public_id)
    same_page(found.version)
    form, deed, refusal = LetterDeed(request.form), request.form.get("deed", ""), None
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    if form.validate():
        with trying(form) as went:
            if deed == "mark_sent":
                found.mark_sent(g.officer, form.sent_on.data)
            elif deed == "agree":
                found.agree(g.officer)
            else:
                getattr(found, deed)(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.letter", public_id=public_id), 303)
    return _page(found, deed=form, refusal=refusal), 422


@blueprint.post("/desk/letters/<public_id>/export")
@desk(*REACHING.posts)
def export_letter(public_id: str) -> Response:
    """The file; that it was taken out is written down in the same breath."""
    found = _found(public_id)
    form = next((one for one in ExportForm if one.value == request.form.get("form")), None)
    if form is None:
        raise NotAllowed("请选纯文本或者 Word。")
    found.export(g.officer, form)
    name = f"农民信箱：{found.title}.{form.value}"
    if form == ExportForm.TXT:
        # A byte order mark, so that Windows' own editor sees UTF-8.
        return save_as(FlaskResponse(b"\xef\xbb\xbf" + post.as_text(found).encode(), mimetype="text/plain"), name)
    house = Installation.here()
    return save_as(FlaskResponse(letter_paper(found, demonstration=house.demonstration), mimetype=WORD), name)


def _found(public_id: str) -> Letter:
    found = post.by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这封信。")
    return found


def _list(form: NewLetter, refusal: str | None = None) -> str:
    form.article.choices = offered(
        [("", "请选择"), *((one.public_id, one.title) for one in articles(ArticleStage.PUBLISHED))]
    )
    return render_template(
        "console/letters.html",
        rows=post.letters(),
        form=form if may("letter.draft_new") else None,
        refusal=refusal,
        Stage=LetterStage,
    )


def _page(
    found: Letter, *, sheet: Sheet | None = None, deed: LetterDeed | None = None, refusal: str | None = None
) -> str:
    writing = found.stage == LetterStage.DRAFTED and why_not(found, "revise", g.officer) is None
    if sheet is None and writing:
        sheet = Sheet(obj=found)
        sheet.places.data = [one.public_id for one in found.places or villages()]
    if sheet is not None:
        sheet.places.choices = offered([(one.public_id, one.name) for one in villages()])
    return render_template(
        "console/letter.html",
        l=found,
        sheet=sheet,
        form=deed or LetterDeed(),
        refusal=refusal,
        may_export=why_not(found, "export", g.officer) is None,
        buttons=[one for one in buttons(found, g.officer) if one.verb in DONE],
    )
