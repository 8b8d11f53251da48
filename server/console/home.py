"""My desk: the first page of every officer."""

from flask import g, render_template

from models.people.officer import Post
from server.console.door import EVERY_POST, blueprint, desk
from server.console.waiting import groups

NOTHING = {
    Post.SYSTEM_ADMIN: "您管人员、单位和村居，在左边的「工作人员」里。",
    Post.SECURITY_ADMIN: "您看谁在登录、可以让他退出，在左边的「登录情况」里。",
    Post.AUDIT_ADMIN: "您看留痕、校验链条，在左边的「留痕」里。",
    Post.INSPECTOR: "您可以看每一件事走到哪里，在左边选一张案头。",
}


@blueprint.get("/desk/")
@desk(*EVERY_POST)
def home() -> str:
    """What waits for me, what is late, what I promised."""
    found = groups(g.officer)
    waiting = [row for group in found for row in group.rows if not row.promised]
    promised = [row for group in found for row in group.rows if row.promised]
    return render_template(
        "console/home.html",
        groups=found,
        waiting_count=len(waiting),
        late_count=sum(row.late for row in waiting),
        promised_count=len(promised),
        first=waiting[0] if waiting else None,
        nothing=next((NOTHING[p.post] for p in g.officer.posts if p.post in NOTHING), "轮到您办的事，会出现在这里。"),
    )
