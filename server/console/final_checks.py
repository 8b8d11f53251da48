"""All answers of a consultation looked over before they go out, and one answer to be read where it stands."""

from flask import render_template
from markupsafe import Markup

from models.comments.look_through import LISTED, Kind
from models.comments.point import Point, PointStage, by_public_id
from models.comments.showing import shown_words
from models.decisions.consultation import Stage
from models.kernel.refusal import Missing
from models.texts.diff import changes
from models.texts.reasons import findings, personal_data
from server.console.answer_checks import checks
from server.console.door import blueprint, desk, opens
from server.console.drafts import find
from server.console.nav import ANSWERING, APPROVAL, RELEASE
from server.console.progress import looked_through
from server.console.said import said

LOOKERS = tuple(dict.fromkeys((*APPROVAL.posts, *RELEASE.posts, *ANSWERING.posts)))
"""Who writes, approves or releases answers, and who inspects."""


@blueprint.get("/desk/consultations/<public_id>/checks")
@desk(*LOOKERS)
def final_checks(public_id: str) -> str:
    """What was found, kind by kind, each with a jump to its place."""
    matter = find(public_id)
    if matter.published_at is None:
        raise Missing("这次征求意见还没有公布，没有答复可以查。")
    return render_template(
        "console/final_checks.html",
        matter=matter,
        found=looked_through(matter),
        kinds=list(Kind),
        listed=LISTED,
        open=matter.stage == Stage.PUBLISHED,
        may_read=opens("/desk/transcripts"),
    )


@blueprint.get("/desk/points/<point_id>")
@desk(*LOOKERS)
def one_answer(point_id: str) -> str:
    """What was said, what is answered, and the words in question marked; for whoever may not write here, too."""
    point = by_public_id(point_id)
    if point is None:
        raise Missing("没有找到这条要点。")
    outcome = point.outcome.value if point.outcome else None
    reason = point.reason or ""
    spots = [f.span for f in findings(reason, outcome=outcome, comment=point.comment.readable)] if reason else []
    may_show = point.comment.show_text and point.may_show
    shown = shown_words([point]).get(point.id, "") if may_show else ""
    return render_template(
        "console/one_answer.html",
        point=point,
        matter=point.consultation,
        said=said(point),
        reason=marked(reason, [s for s in spots if s != (0, len(reason))]),
        gist=marked(point.gist, [f.span for f in personal_data(point.gist)]),
        words=marked(shown, [f.span for f in personal_data(shown)]),
        changes=changes(point.before, point.after) if point.after else [],
        checks=checks(point, outcome, reason, point.gist, bool(point.after), approving=True) if outcome else [],
        mend=_mend(point),
    )


def _mend(point: Point) -> list[tuple[str, str]]:
    """Where it can be changed from here, as far as the officer may go there."""
    ways = []
    if point.stage == PointStage.SUBMITTED:
        ways.append(("去审核", f"/desk/approval/{point.public_id}"))
    if point.stage not in (PointStage.RELEASED, PointStage.WITHDRAWN):
        ways.append(("在答复里看", f"/desk/answering/{point.consultation.public_id}?stage=all&p={point.public_id}"))
    if point.stage == PointStage.APPROVED:
        ways.append(("去退回", f"/desk/approval/{point.public_id}"))
    return [(words, link) for words, link in ways if opens(link)]


def marked(text: str, spans: list[tuple[int, int]]) -> Markup:
    """A text with the words in question marked."""
    out, at = Markup(""), 0
    for begin, end in sorted(spans):
        if begin < at:
            continue
        out += text[at:begin] + Markup("<mark>{}</mark>").format(text[begin:end])
        at = end
    return out + text[at:]
