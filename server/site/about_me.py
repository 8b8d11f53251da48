"""What I have told about myself: to look at, to put right, or to have forgotten."""

from flask import g, render_template, request
from werkzeug.wrappers import Response as Answer

from models.comments.forget import forget
from models.decisions.consultation import Channel
from server.house import RESIDENT_COOKIE, checks_its_form
from server.site.door import blueprint, go, personal, resident
from server.site.forms import AboutMeForm, EraseForm, Try, complaint, trying


@blueprint.get("/me")
@personal
def about_me() -> str:
    """The form, filled with what we have."""
    who, form = resident(), AboutMeForm()
    form.name.data, form.phone.data = who.name, who.phone
    form.place.data = who.place.public_id if who.place else ""
    return _form(form, Try(), "改好了" if request.args.get("done") == "1" else "")[0]


@blueprint.post("/me")
@checks_its_form
@personal
def about_me_send() -> tuple[str, int] | Answer:
    """Put right; what is left empty stays as it was."""
    who, form = resident(), AboutMeForm(request.form)
    if not form.validate():
        return _form(form, complaint(form))
    with trying(form) as went:
        who.introduce(
            who, name=form.name.data or "", phone=form.phone.data or "", place=form.place.place, door=Channel.H5.value
        )
    return go("site.about_me", done=1) if went.done else _form(form, went)


def _form(form: AboutMeForm, went: Try, done: str = "") -> tuple[str, int]:
    return render_template("site/about_me.html", form=form, trouble=went.trouble, done_word=done), went.status


@blueprint.get("/me/erase")
@personal
def erase() -> str:
    """Really? What goes, and what stays."""
    return render_template("site/erase.html", form=EraseForm(), trouble="")


@blueprint.post("/me/erase")
@checks_its_form
@personal
def erase_send() -> tuple[str, int] | Answer:
    """Forgotten, here and now; the session ends with it."""
    form = EraseForm(request.form)
    if not form.validate():
        return render_template("site/erase.html", form=form, trouble=complaint(form).trouble), 400
    if not form.sure.data:
        return render_template("site/erase.html", form=form, trouble="请先在下面勾选，再点删除。"), 422
    forget(resident(), resident())
    g.session_row.revoke()
    answer = go("site.home")
    answer.delete_cookie(RESIDENT_COOKIE, path="/", httponly=True, samesite="Lax")
    return answer
