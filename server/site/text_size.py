"""Large letters for whoever wants them, remembered by the phone."""

from flask import redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from server.site.door import blueprint, inside, secure

YEAR = 365 * 86400


@blueprint.route("/text-size", methods=["GET", "POST"])
def text_size() -> str | Answer:
    """Switch and go back; it changes how this browser shows pages and nothing else."""
    wanted = request.values.get("large", "")
    back = inside(request.values.get("next"))
    if wanted not in ("0", "1"):
        return render_template("site/text_size.html", next=back)
    answer = redirect(back, 303)
    if wanted == "1":
        answer.set_cookie("large", "1", max_age=YEAR, httponly=True, samesite="Lax", secure=secure())
    else:
        answer.delete_cookie("large", httponly=True, samesite="Lax")
    return answer
