"""The receipt: a number that can be read aloud, when the answer comes, and how to find it again."""

from flask import current_app, g, make_response, render_template, request
from werkzeug.wrappers import Response as Answer

from models.comments.comment import Comment
from models.comments.receipt import Receipt
from models.kernel.refusal import TooOften
from models.proposals.proposal import Proposal
from models.questions.question import Question
from server.house import checks_its_form
from server.site.comments import ONCE, pin_shown, signed_in
from server.site.door import blueprint, go, personal, resident
from server.site.errors import wait
from server.site.forms import ReceiptForm, Try, complaint
from server.site.shown import shown_whole
from server.site.sign_in import sign_in_as


@blueprint.get("/receipts/<public_id>")
@personal
def receipt(public_id: str) -> Answer:
    """Received; the PIN is shown this once."""
    who = resident()
    written = Comment.of(who, public_id)
    page = make_response(
        render_template(
            "site/receipt.html",
            comment=shown_whole(written),
            pin=pin_shown(),
            followed=who.followed,
            anonymous=who.anonymous,
            has_mini=current_app.extensions["settings"].mini is not None,
        )
    )
    if request.cookies.get(ONCE):
        page.delete_cookie(ONCE, path=f"/receipts/{public_id}", httponly=True, samesite="Lax")
    return page


@blueprint.get("/receipt")
def receipt_lookup() -> str:
    """The form."""
    g.personal = True
    return _form(ReceiptForm(), Try())[0]


@blueprint.post("/receipt")
@checks_its_form
def receipt_open() -> tuple[str, int] | Answer:
    """Number and PIN open the comment; whoever signed in may take it under their own name."""
    g.personal = True
    form = ReceiptForm(request.form)
    if not form.validate():
        return _form(form, complaint(form))
    try:
        opened = Receipt.open_with((form.receipt.data or "")[:40], (form.pin.data or "").replace(" ", "")[:40])
    except TooOften as locked:
        return _form(form, Try(f"{locked.message}（{wait(locked.retry_after)}后可以再试）", 429))
    found = opened and (opened.comment or opened.proposal or opened.question)
    if not found:
        form.pin.data = ""
        return _form(form, Try("编号和查询码对不上，请再看一看。", 422))
    owner, who = found.resident.current, signed_in()
    answer = go(f"site.{_page_of(found)}", public_id=found.public_id)
    if who is not None and form.mine.data == "yes" and owner.anonymous:
        owner.merge_into(who, who)
    elif who is None or who.id != owner.id:
        sign_in_as(owner, answer)
    return answer


def _page_of(found: Comment | Proposal | Question) -> str:
    return "comment" if isinstance(found, Comment) else "proposal" if isinstance(found, Proposal) else "question"


def _form(form: ReceiptForm, went: Try) -> tuple[str, int]:
    page = render_template(
        "site/receipt_lookup.html", form=form, trouble=went.trouble, signed_in=signed_in() is not None
    )
    return page, went.status
