"""Deciding away from the desk: the list as a table, and the table back; one wrong row and nothing is taken, each with its reason."""

import io
from collections.abc import Iterator
from dataclasses import replace

from flask import flash, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from models.comments.arrange import words_of
from models.comments.offline import MOST, Decided, Wrong, take_in
from models.comments.point import TO_ANSWER, Outcome, SubReason
from models.comments.worklist import after, how_many
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.refusal import NotAllowed, RuleUnmet
from models.texts.xlsx import read_xlsx
from server.console.answering import View, view_of
from server.console.door import blueprint, desk
from server.console.drafts import find
from server.console.nav import ANSWERING
from server.headers import save_as
from server.papers.sheets import XLSX, Book, Cell, Share

HEADS = (
    ("编号", 15.0), ("版本", 6.0), ("意见号", 10.0), ("条款", 14.0), ("村／社区", 12.0), ("渠道", 10.0), ("组", 18.0), ("他说的话", 60.0),
    ("结果", 10.0), ("属于哪一类", 18.0), ("理由", 60.0), ("一句话摘要", 30.0),
)  # fmt: skip
NOTES = (
    "填「结果」「理由」「一句话摘要」三列；不填的行留着以后再答。前面的列不要改，行可以删、可以排序。",
    f"结果填：{'、'.join(o.label for o in Outcome)}。属于哪一类可以空着，要填就从这些里选：{'、'.join(s.label for s in SubReason)}。",
)
CHOICES = {"结果": [o.label for o in Outcome], "属于哪一类": [s.label for s in SubReason]}
PAGE = 300
BIGGEST = 8 * 1024 * 1024


@blueprint.get("/desk/answering/<public_id>/table")
@desk(*ANSWERING.posts)
def answer_table(public_id: str) -> str:
    """Out with what is listed, and back in."""
    return _page(find(public_id))


@blueprint.get("/desk/answering/<public_id>/table/xlsx")
@desk(*ANSWERING.posts)
def answer_table_file(public_id: str) -> Response:
    """What is listed and not submitted, as .xlsx."""
    matter = find(public_id)
    view = view_of(matter, request.args)
    out = io.BytesIO()
    book = Book(out)
    book.sheet("答复", HEADS, _rows(view), title=f"{matter.title}：要答的意见", notes=NOTES, choices=CHOICES)
    book.close()
    answer = make_response(out.getvalue())
    answer.headers["Content-Type"] = XLSX
    return save_as(answer, f"要答的意见-{matter.title}.xlsx")


def _rows(view: View) -> Iterator[list[Cell | Share]]:
    """Page by page; what is on its way to a second person is not offered."""
    wanted = replace(view.wanted, stages=TO_ANSWER)
    last, written = 0, 0
    while written < MOST:
        points = after(view.matter, wanted, last, PAGE)
        if not points:
            return
        words = words_of(points)
        for point in points:
            said = point.comment
            yield [
                point.public_id,
                str(point.version),
                point.serial_words,
                point.target,
                said.place.name if said.place else "",
                said.channel.label,
                point.group.name if point.group else "",
                words[point.id],
                point.outcome.label if point.outcome else "",
                point.sub_reason.label if point.sub_reason else "",
                point.reason or "",
                point.gist or (point.group.name if point.group else ""),
            ]
        last = points[-1].id
        written += len(points)


def _page(matter: Consultation, wrong: list[Wrong] | None = None, refusal: str = "") -> str:
    view = view_of(matter, request.args)
    return render_template(
        "console/answer_table.html",
        matter=matter,
        view=view,
        number=min(how_many(matter, view.wanted), MOST),
        wrong=wrong or [],
        refusal=refusal,
        may=not g.officer.lacks(matter.rules.post_for("point.answer")),
    )


@blueprint.post("/desk/answering/<public_id>/table")
@desk(*ANSWERING.posts)
def take_table(public_id: str) -> str | Response | tuple[str, int]:
    """All of it, or nothing and a reason for each row."""
    matter = find(public_id)
    if g.officer.lacks(matter.rules.post_for("point.answer")):
        raise NotAllowed("写答复由承办人办理，您的岗位不能办。")
    file = request.files.get("table")
    try:
        decided = _read(file.read(BIGGEST + 1) if file else b"")
        with db.session.begin_nested() as inside:
            done, wrong = take_in(matter, g.officer, decided, submit=request.form.get("deed") != "keep")
            if wrong:
                inside.rollback()
    except RuleUnmet as refusal:
        return _page(matter, refusal=refusal.message), 422
    if wrong:
        return _page(matter, wrong), 422
    flash(f"{done:,} 条答复存好了{'' if request.form.get('deed') == 'keep' else '，送审了'}。", "ok")
    return redirect(f"/desk/answering/{public_id}", 303)


def _read(data: bytes) -> list[Decided]:
    if not data:
        raise RuleUnmet("请先选填好的表格（.xlsx）。")
    if len(data) > BIGGEST:
        raise RuleUnmet("文件太大，请分成几份。")
    rows = read_xlsx(data)
    names = [name for name, _ in HEADS]
    head = next(
        (n for n, row in enumerate(rows) if {"编号", "版本", "结果", "理由"} <= {c.strip() for c in row.cells}), None
    )
    if head is None:
        raise RuleUnmet("表头不对：要有「编号」「版本」「结果」「理由」「一句话摘要」几列，请用导出的那张表填。")
    at = {cell.strip(): n for n, cell in enumerate(rows[head].cells) if cell.strip() in names}
    found = []
    for row in rows[head + 1 :]:

        def cell(name: str, cells: list[str] = row.cells) -> str:
            place = at.get(name)
            return cells[place].strip() if place is not None and place < len(cells) else ""

        told = Decided(row.number, *(cell(n) for n in ("编号", "版本", "结果", "属于哪一类", "理由", "一句话摘要")))
        if told.outcome or told.reason:
            found.append(told)
    if not found:
        raise RuleUnmet("表里没有填好的行：「结果」和「理由」都空着。")
    if len(found) > MOST:
        raise RuleUnmet(f"一次最多{MOST:,}行，请分成几份。")
    return found
