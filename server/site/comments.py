"""Saying something about a draft, adding to it, taking it back; what was written is kept whatever happens."""

import re
from collections.abc import Callable

from flask import g, render_template, request
from werkzeug.wrappers import Response as Answer

from models.comments.comment import Comment
from models.comments.mine import sent_lately
from models.comments.promise import of_points as promises_of
from models.comments.receipt import Receipt
from models.comments.receive import Given, receive, under_key
from models.comments.second_look import SecondLook, point_of, rate, ratings_of
from models.comments.second_look import of_points as looks_of
from models.comments.showing import told
from models.decisions.consultation import Channel, Consultation
from models.decisions.draft import Clause, clause_at
from models.kernel.ids import new_token
from models.kernel.refusal import Missing, TooOften
from models.messages.pace import WITHIN, not_too_fast
from models.people.resident import Resident, ResidentKind
from models.proposals.proposal import Proposal
from models.proposals.proposal import sent_lately as proposed_lately
from server.csrf import visitor
from server.house import checks_its_form
from server.site.consultations import found, piece
from server.site.door import blueprint, go, in_wechat, official, personal, resident, secure, to_sign_in
from server.site.following import wish_for
from server.site.forms import AgainForm, CommentForm, ProposalForm, Try, WordsForm, complaint, trying
from server.site.shown import shown_whole
from server.site.sign_in import sign_in_as

POSITION = re.compile(r"[0-9]{1,5}")
MOST_UNKNOWN = 10
"""Comments from one browser without signing in, within the time that also bounds everybody else."""
ONCE = "huiyin_pin"
"""The cookie that carries a PIN from the form to the receipt page, once."""


def clause_of(asked: Consultation) -> Clause | None:
    """The clause that the address names, if people can speak about it."""
    wanted = request.args.get("clause", "")
    if not wanted:
        return None
    clause = clause_at(asked.draft_id, int(wanted)) if POSITION.fullmatch(wanted) and asked.draft_id else None
    if clause is None or not clause.speakable:
        raise Missing("草案里没有这一条。")
    return clause


def signed_in() -> Resident | None:
    """Somebody we know again; who only holds a receipt is a new person with every comment."""
    who: Resident | None = g.resident
    return who if who is not None and not who.anonymous else None


@blueprint.get("/consultations/<public_id>/comment")
def comment_new(public_id: str) -> str | Answer:
    """The form."""
    asked = found(public_id)
    clause = clause_of(asked)
    if not asked.is_open():
        return go("site.consultation", public_id=public_id)
    if g.resident is None and in_wechat() and official() and "anonymous" not in request.args:
        return to_sign_in()
    form = CommentForm()
    who = signed_in()
    if who is not None:
        form.name.data, form.phone.data = who.name, who.phone
        form.place.data = who.place.public_id if who.place else ""
    return _form(asked, clause, form, Try())[0]


@blueprint.post("/consultations/<public_id>/comment")
@checks_its_form
def comment_send(public_id: str) -> tuple[str, int] | Answer:
    """A comment comes in; pressed twice it is one comment."""
    asked = found(public_id)
    clause = clause_of(asked)
    form = CommentForm(request.form)
    if not form.validate():
        return _form(asked, clause, form, complaint(form))
    pin, anonymous = "", signed_in() is None
    with trying(form) as went:
        given, who = _receive(asked, clause, form)
        receipt = Receipt.of(given.comment)
        if anonymous and receipt is not None:
            pin = receipt.guard()
    if not went.done:
        if went.code == "key_reused":
            # The first text is already with us; this one is another comment, under another key.
            form.key.data = new_token()
            went.trouble = "刚才那份已经收到了。现在这份和它不一样，要再提一份，请再点一次提交。"
        return _form(asked, clause, form, went)
    answer = go("site.receipt", public_id=given.comment.public_id)
    if anonymous:
        sign_in_as(who, answer)
        pin_once(answer, pin, f"/receipts/{given.comment.public_id}")
    return answer


def not_too_many_from(sender: str) -> None:
    """A browser that has not signed in says only so much at once, comments and proposals together."""
    if sent_lately(sender, WITHIN) + proposed_lately(sender, WITHIN) >= MOST_UNKNOWN:
        raise TooOften("这台手机提得太快了，请过几分钟再提。您写的都还在。", int(WITHIN.total_seconds()))


def who_writes(
    form: CommentForm | ProposalForm, under: Callable[[str], Comment | Proposal | None]
) -> tuple[Resident, str]:
    """Whose a text is, with the name, telephone and village that came along, and its key: whoever sent the same before, who is signed in, or somebody new.

    `under` finds what was taken in under a key. Who sends too much in a short time is refused.
    """
    who = signed_in()
    sender = f"h5:{who.public_id}:" if who else f"h5:v:{visitor()}:"
    key = f"{sender}{form.key.data}"
    before = under(key)
    if before is not None:
        who = who or before.resident
    elif who is not None:
        not_too_fast(who)
    else:
        not_too_many_from(sender)
        who = Resident.nobody_known()
    told = {"name": form.name.data or "", "phone": form.phone.data or "", "place": form.place.place}
    if any(value and value != getattr(who, name) for name, value in told.items()):
        who.introduce(who, **told, door=Channel.H5.value)
    return who, key


def pin_once(answer: Answer, pin: str, page: str) -> None:
    """Carry a PIN from the form to its receipt page, which shows it this once."""
    answer.set_cookie(ONCE, pin, max_age=600, path=page, httponly=True, samesite="Lax", secure=secure())


def pin_shown() -> str:
    """The PIN that came along, in two groups; empty when it was shown before."""
    pin = request.cookies.get(ONCE, "")
    return f"{pin[:3]} {pin[3:]}" if len(pin) == 6 and pin.isascii() and pin.isdigit() else ""


def _receive(asked: Consultation, clause: Clause | None, form: CommentForm) -> tuple[Given, Resident]:
    who, key = who_writes(form, under_key)
    kind = ResidentKind(form.kind.data or "")
    given = receive(
        asked,
        who,
        form.text.data or "",
        channel=Channel.H5,
        clause=clause,
        kind=kind,
        organisation=(form.organisation.data or "") if kind == ResidentKind.ORGANISATION else "",
        signers=form.signed,
        show_text=form.shown.data in ("words", "name"),
        show_name=form.shown.data == "name",
        place=form.place.place,
        key=key,
    )
    return given, given.comment.resident


def _form(asked: Consultation, clause: Clause | None, form: CommentForm, went: Try) -> tuple[str, int]:
    page = render_template(
        "site/comment_new.html",
        c=asked,
        clause=piece(clause) if clause else None,
        form=form,
        trouble=went.trouble,
        signed_in=signed_in() is not None,
    )
    return page, went.status


@blueprint.get("/comments/<public_id>")
@personal
def comment(public_id: str) -> str:
    """One comment of mine, whole."""
    return _mine(Comment.of(resident(), public_id), WordsForm(), Try())[0]


@blueprint.post("/comments/<public_id>")
@checks_its_form
@personal
def comment_add(public_id: str) -> tuple[str, int] | Answer:
    """More words."""
    written = Comment.of(resident(), public_id)
    form = WordsForm(request.form)
    if not form.validate():
        return _mine(written, form, complaint(form))
    if _said_already(written, form.text.data or ""):
        return go("site.comment", public_id=public_id, done="added")
    with trying(form) as went:
        not_too_fast(resident())
        written.add(resident(), form.text.data or "", channel=Channel.H5)
    if not went.done:
        return _mine(written, form, went)
    return go("site.comment", public_id=public_id, done="added")


def _said_already(written: Comment, text: str) -> bool:
    """The same words once more are the button pressed twice."""
    said = text.replace("\r\n", "\n").replace("\r", "\n")
    return bool(written.supplements) and written.supplements[-1].readable == said


DONE = {
    "added": "补充收到了",
    "met": "记下了，谢谢您",
    "unmet": "记下了。写一句哪里没答到，就由另一位工作人员再看一次",
    "looked": "收到了，由另一位工作人员再看一次",
}


def _mine(
    written: Comment, form: WordsForm, went: Try, *, again: AgainForm | None = None, at: int = 0
) -> tuple[str, int]:
    """`again` is a second look that was refused, `at` the point that it is about."""
    comment, numbers = shown_whole(written), list[int]()
    if comment.points:
        numbers = [point.id for point in comment.points]
    page = render_template(
        "site/comment.html",
        comment=comment,
        form=form,
        trouble=went.trouble if again is None else "",
        done_word=DONE.get(request.args.get("done", ""), "") if request.method == "GET" else "",
        told=told(written),
        rated=ratings_of(numbers, written.resident.current) if numbers else {},
        looks=looks_of(numbers) if numbers else {},
        promised=promises_of(numbers) if numbers else {},
        again=again or AgainForm(),
        again_at=at,
        again_trouble=went.trouble if again is not None else "",
        wish=wish_for(written.place or resident().place) if comment.points else None,
    )
    return page, went.status


@blueprint.post("/comments/<public_id>/rating")
@personal
def rate_answer(public_id: str) -> Answer:
    """One tap, and it is recorded."""
    written = Comment.of(resident(), public_id)
    point = point_of(written, request.form.get("point", ""))
    good = request.form.get("good") == "yes"
    if ratings_of([point.id], resident()).get(point.id) != good:
        rate(point, resident(), good)
    return go("site.comment", public_id=public_id, done="met" if good else "unmet", _anchor=f"p{point.public_id}")


@blueprint.post("/comments/<public_id>/again")
@checks_its_form
@personal
def look_again(public_id: str) -> tuple[str, int] | Answer:
    """A reason, and another officer looks once more."""
    written = Comment.of(resident(), public_id)
    point = point_of(written, request.form.get("point", ""))
    form = AgainForm(request.form)
    if not form.validate():
        return _mine(written, WordsForm(), complaint(form), again=form, at=point.id)
    with trying(form) as went:
        SecondLook.ask(resident(), point, form.reason.data or "")
    if not went.done:
        return _mine(written, WordsForm(), went, again=form, at=point.id)
    return go("site.comment", public_id=public_id, done="looked", _anchor=f"p{point.public_id}")


@blueprint.get("/comments/<public_id>/withdraw")
@personal
def withdraw(public_id: str) -> str | Answer:
    """Really?"""
    written = Comment.of(resident(), public_id)
    if written.withdrawn or not written.consultation.is_open():
        return go("site.comment", public_id=public_id)
    return render_template("site/withdraw.html", comment=shown_whole(written))


@blueprint.post("/comments/<public_id>/withdraw")
@personal
def withdraw_send(public_id: str) -> Answer:
    """Taken back."""
    written = Comment.of(resident(), public_id)
    if not written.withdrawn:
        written.withdraw(resident())
    return go("site.comment", public_id=public_id)
