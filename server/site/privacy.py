"""What happens with personal information, in words that can be read in two minutes."""

from flask import render_template, request

from models.kernel.refusal import Missing
from models.people.consent import ConsentText
from server.site.door import blueprint


@blueprint.get("/privacy")
def privacy() -> str:
    """The notice in force, or the version that was in force when a consultation was published."""
    asked = request.args.get("version", "")[:24]
    now, text = ConsentText.current(), None
    if asked:
        text = ConsentText.version_of(asked)
        if text is None:
            raise Missing("没有这个版本的告知。")
    text = text or now
    return render_template(
        "site/privacy.html",
        text=text.body if text else "",
        version=text.version if text else "",
        newer=now is not None and text is not None and now.id != text.id,
    )
