"""At the counter and on the telephone: where a comment stands, more words, taking it back, a new PIN, the scan; and whole tables of comments."""

from flask import Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from models.comments.amendment import amended
from models.comments.attach import attach_scan
from models.comments.comment import Comment
from models.comments.intake_table import HEADS, MOST, Wrong, refusal_of, take_table
from models.comments.mine import answers
from models.comments.on_behalf import add_for, give_pin, look_again_for, rate_for, withdraw_for
from models.comments.point import PointStage
from models.comments.receipt import Receipt, numbers
from models.comments.second_look import of_points as looks_of
from models.comments.second_look import point_of, ratings_of
from models.comments.transcription import BY_HAND, TranscriptionStage, by_public_id
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, NotAllowed, Refusal, RuleUnmet
from models.people.place import villages
from server.console.case_expert import uploaded
from server.console.consultations import must_be_open
from server.console.door import blueprint, desk
from server.console.drafts import find
from server.console.forms.by_hand import AfterAnswer, OnBehalf, Reading, Recognised, Scan, Table
from server.console.forms.fields import offered
from server.console.forms.trying import trying
from server.console.intake import slip_page
from server.console.nav import INTAKE, TRANSCRIPTS
from server.console.transcripts import transcripts_page
from server.headers import save_as
from server.house import checks_its_form
from server.papers.sheets import Book, sent

DONE = {
    "withdraw": "撤回了，另计，不再答复。",
    "add": "补充好了，接在原来的意见后面。",
    "scan": "原件附上了。",
    "met": "记下了：答到点子上了。",
    "unmet": "记下了：没答到。问清哪里没答到，可以请另一位工作人员再看一次。",
    "again": "请另一位工作人员再看了，写出补充以后发布在他的意见下面。",
}


@blueprint.get("/desk/slips/<public_id>/counter")
@desk(*INTAKE)
def counter(public_id: str) -> str:
    """Where it stands, to be read out; and what the person may ask for."""
    return _counter(_comment(public_id))


@blueprint.post("/desk/slips/<public_id>/<any(withdraw, add, pin, scan):deed>")
@desk(*INTAKE)
@checks_its_form
def for_somebody(public_id: str, deed: str) -> str | Answer | tuple[str, int]:
    """The deed, for the person who asked for it; the trail says who did it and how the person was known."""
    comment = _comment(public_id)
    form = Scan(request.form) if deed == "scan" else OnBehalf(request.form)
    opened = _opened(comment, form) if deed in ("withdraw", "add") else None
    refusal, pin = None, ""
    if form.validate():
        with trying(form) as went:
            if deed == "withdraw":
                withdraw_for(comment, g.officer, form.known.data, opened)
            elif deed == "add":
                add_for(comment, g.officer, form.text.data or "", form.known.data, opened)
            elif deed == "pin":
                pin = give_pin(comment, g.officer, form.known.data)
            else:
                attach_scan(comment, g.officer, uploaded())
        refusal = went.refusal
        if went.done and pin:
            return slip_page(comment, pin, repeated=False, again=True)
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.counter", public_id=public_id), 303)
    return _counter(comment, form if isinstance(form, OnBehalf) else None, refusal or _said(form)), 422


@blueprint.post("/desk/slips/<public_id>/answer")
@desk(*INTAKE)
def answer_for_somebody(public_id: str) -> str | Answer | tuple[str, int]:
    """What the person says of an answer: it met the point, it did not, or another officer shall look once more."""
    comment = _comment(public_id)
    deed = request.form.get("deed")
    if deed not in ("met", "unmet", "again"):
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    form = AfterAnswer(request.form)
    opened = _opened(comment, form)
    refusal = None
    if form.validate():
        point, how = point_of(comment, form.point.data or ""), form.known.data
        with trying(form) as went:
            if deed == "again":
                look_again_for(point, g.officer, form.reason.data or "", how, opened)
            else:
                rate_for(point, g.officer, deed == "met", how, opened)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.counter", public_id=public_id), 303)
    return _counter(comment, form, refusal), 422


def _opened(comment: Comment, form: Scan | Recognised) -> Receipt | None:
    """What number and PIN open; tried outside the savepoint of the deed, so that wrong ones stay counted."""
    if isinstance(form, Scan) or form.known.data != "pin":
        return None
    return Receipt.open_with(_number(comment), (form.pin.data or "").replace(" ", "")[:40])


def _said(form: Scan | Recognised) -> str:
    return " ".join(words for errors in form.errors.values() for words in errors)


def _number(comment: Comment) -> str:
    receipt = Receipt.of(comment)
    assert receipt is not None
    return receipt.number


def _comment(public_id: str) -> Comment:
    comment = Comment.by_public_id(public_id)
    if comment is None:
        raise Missing("没有找到这份意见。")
    return comment


def _counter(comment: Comment, form: Recognised | None = None, refusal: str | None = None) -> str:
    """`form` is the one that was refused; after the release the deeds are those of who has an answer."""
    held: dict[str, Refusal | None] = {
        verb: why_not(comment, verb, g.officer) for verb in ("withdraw_for", "add_for", "give_pin")
    }
    given = [row for row in answers([comment.id]).get(comment.id, []) if row.stage == PointStage.RELEASED]
    numbers_of = [row.id for row in given]
    after = form if isinstance(form, AfterAnswer) else AfterAnswer()
    after.point.choices = offered([(row.public_id, f"{row.label or '整个草案'}：{row.outcome.label}") for row in given])
    if len(given) == 1:
        after.point.data = given[0].public_id
    return render_template(
        "console/counter.html",
        comment=comment,
        matter=comment.consultation,
        receipt=_number(comment),
        progress=comment.progress,
        answers=given,
        later=amended(numbers_of),
        rated=ratings_of(numbers_of, comment.resident.current),
        looks=looks_of(numbers_of),
        form=after if given else form if isinstance(form, OnBehalf) else OnBehalf(),
        scan=Scan(),
        refusal=refusal,
        held=held,
        files=[a for a in comment.attachments if a.kind.value == "scan"],
        on_paper=comment.resident.current.on_paper,
    )


# --- a second person reads -------------------------------------------------------------------------------------------


@blueprint.post("/desk/transcripts/<public_id>/check")
@desk(*TRANSCRIPTS.posts)
def check_transcript(public_id: str) -> str | Answer | tuple[str, int]:
    """The same as the letter or the recording, or different, and how."""
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这段录入。")
    form = Reading(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if request.form.get("deed") == "mend":
                found.mend(g.officer, form.text.data or "", form.remark.data or "")
            else:
                found.confirm(g.officer)
        refusal = went.refusal
        if went.done:
            same = found.stage == TranscriptionStage.CONFIRMED
            flash("核对过了，一致。" if same else "记下了，正确的话放在录入的旁边。", "ok")
            return redirect(url_for("console.transcripts", _anchor="check"), 303)
    return transcripts_page(checked=found, reading=form, refusal=refusal), 422


# --- tables ----------------------------------------------------------------------------------------------------------


@blueprint.get("/desk/consultations/<public_id>/table")
@desk(*INTAKE)
def intake_table(public_id: str) -> str:
    """Where a filled-in spreadsheet is handed in."""
    matter = find(public_id)
    must_be_open(matter)
    return _table(matter, Table())


@blueprint.post("/desk/consultations/<public_id>/table")
@desk(*INTAKE)
@checks_its_form
def take_in_table(public_id: str) -> str | tuple[str, int]:
    """All rows or none; the receipts come out at once, to be printed."""
    matter = find(public_id)
    must_be_open(matter)
    form = Table(request.form)
    data = uploaded()
    wrongs: list[Wrong] = []
    refusal: str | None = "请选要导入的表格。" if not data else None
    if data and form.validate():
        try:
            with db.session.begin_nested():
                given = take_table(matter, g.officer, data)
        except RuleUnmet as unmet:
            wrongs, refusal = refusal_of(unmet), " ".join([unmet.sentence, *unmet.fields.values()])
        else:
            comments = [one.comment for one in given]
            return render_template(
                "console/table_taken.html",
                matter=matter,
                comments=comments,
                receipts=numbers([c.id for c in comments]),
                repeated=all(one.repeated for one in given),
            )
    return _table(matter, form, refusal, wrongs), 422


@blueprint.get("/desk/consultations/<public_id>/empty-table")
@desk(*INTAKE)
def empty_table(public_id: str) -> Response:
    """The sheet to fill in, with its headings and what may stand under them."""
    matter = find(public_id)
    widths = {"原话": 60.0, "单位名称": 24.0}
    notes = [
        f"来源请填：{'、'.join(s.label for s in BY_HAND)}。日期写成 2026-11-28。谁说的：个人、单位、联名。公开原话、署名：是或否，没有问到就空着。",
        f"村／社区：{'、'.join(v.name for v in villages())}。原话怎么说就怎么写，不改、不缩。一次最多 {MOST} 份。",
    ]

    def write(file: object) -> None:
        book = Book(file)  # type: ignore[arg-type]
        heads = [(head, widths.get(head, 14.0)) for _, head in HEADS]
        book.sheet("意见", heads, [], title=f"《{matter.title}》意见登记表", notes=notes)
        book.close()

    return save_as(sent(write), f"{matter.title}意见登记表.xlsx")


def _table(matter: Consultation, form: Table, refusal: str | None = None, wrongs: list[Wrong] | None = None) -> str:
    return render_template(
        "console/table.html", matter=matter, form=form, refusal=refusal, wrongs=wrongs or [], most=MOST
    )
