"""Voice messages: staff listen and write down what is heard; and the files behind comments, opened for reading."""

from flask import Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from models import files
from models.comments import saying
from models.comments.comment import Attachment, MediaState
from models.comments.transcription import Transcription, to_confirm, waiting
from models.kernel.refusal import Missing
from server.console.door import blueprint, desk
from server.console.forms.answer import Transcript
from server.console.forms.by_hand import Reading
from server.console.forms.trying import trying
from server.console.nav import ANSWERING, APPROVAL, INTAKE, TRANSCRIPTS, UNPLACED
from server.csrf import HouseForm
from server.headers import save_as

EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "application/pdf": "pdf",
}
PICTURED = frozenset({"image/jpeg", "image/png", "image/webp"})
SHOWN = PICTURED | {"audio/mpeg"}
"""What a browser shows or plays; everything else is handed over as a file."""


@blueprint.get("/desk/transcripts")
@desk(*TRANSCRIPTS.posts)
def transcripts() -> str:
    """What nobody has listened to yet, oldest first."""
    return transcripts_page()


@blueprint.post("/desk/transcripts/<public_id>")
@desk(*TRANSCRIPTS.posts)
def transcribe(public_id: str) -> str | Answer | tuple[str, int]:
    """What is heard, under the name of who listened."""
    voice = _attachment(public_id)
    form = Transcript(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            voice.transcribe(g.officer, form.text.data)
        refusal = went.refusal
        if went.done:
            flash("记下了，放在原来的语音旁边。", "ok")
            return redirect(url_for("console.transcripts"), 303)
    return transcripts_page(voice, form, refusal), 422


@blueprint.get("/desk/attachments/<public_id>")
@desk(*{*ANSWERING.posts, *APPROVAL.posts, *INTAKE, *UNPLACED.posts})
def attachment(public_id: str) -> Response:
    """A file behind a comment, unsealed for this pair of eyes."""
    found = _attachment(public_id)
    if found.state != MediaState.KEPT or found.sha256 is None or found.resident.key.wrapped is None:
        raise Missing("这个文件不在了：没有取到，或者已应本人要求删除。")
    data = files.read(found.sha256, found.resident.key.secret)
    ending = EXTENSIONS.get(found.mime, "bin")
    kind = found.mime if found.mime in EXTENSIONS else "application/octet-stream"
    answer = Response(data, mimetype=kind)
    how = "inline" if found.mime in SHOWN else "attachment"
    return save_as(answer, f"{found.public_id}.{ending}", how)


def _attachment(public_id: str) -> Attachment:
    found = saying.attachment(public_id)
    if found is None or found.comment is None:
        raise Missing("没有找到这个文件。")
    return found


def _apart(form: HouseForm, name: str) -> HouseForm:
    """The same form stands here many times: each of its fields has an id of its own."""
    for field in form:
        field.id = f"{field.id}-{name}"
        field.label.field_id = field.id
    return form


def transcripts_page(
    wrong: Attachment | None = None,
    form: Transcript | None = None,
    refusal: str | None = None,
    *,
    checked: Transcription | None = None,
    reading: Reading | None = None,
) -> str:
    """What waits to be written down, and what waits for a second person; `checked` and `reading` are a form that was refused."""
    rows = []
    for voice in saying.voices():
        mine = form if wrong is not None and form is not None and voice.id == wrong.id else Transcript()
        assert voice.comment is not None
        rows.append((voice, voice.comment, _apart(mine, voice.public_id), refusal if mine is form else None))
    waits = []
    for each in to_confirm(g.officer):
        here = checked is not None and reading is not None and each.id == checked.id
        waits.append(
            (
                each,
                _apart(reading if here and reading else Reading(data={"text": each.written}), each.public_id),
                refusal if here else None,
            )
        )
    return render_template(
        "console/transcripts.html",
        rows=rows,
        waits=waits,
        waiting=waiting(g.officer),
        done=saying.voices(done=True, limit=10),
        pictured=PICTURED,
    )
