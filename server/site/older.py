"""Normative documents from before this system, for everybody: what holds, until when, and the official text."""

from flask import Response, render_template

from models import files
from models.decisions import older
from models.kernel.refusal import Missing
from server.headers import save_as
from server.site.door import blueprint


@blueprint.get("/decisions/older")
def older_decisions() -> str:
    """All of them, what holds first."""
    return render_template("site/older.html", rows=older.older_documents())


@blueprint.get("/decisions/older/<public_id>")
def older_decision(public_id: str) -> Response:
    """The official text of one of them, to be taken away."""
    found = older.by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这份文件。")
    return save_as(Response(files.read(found.file), mimetype=found.mime), found.download_name)
