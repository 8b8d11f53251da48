"""While the window is open: what people talk about in their own words, and who has not been heard yet."""

from flask import render_template

from models.comments.topics import READ, doors, topics
from models.kernel.refusal import Missing
from models.people.place import villages
from server.console.door import blueprint, desk
from server.console.drafts import find
from server.console.nav import READERS
from server.console.progress import summed


@blueprint.get("/desk/consultations/<public_id>/topics")
@desk(*READERS)
def listening(public_id: str) -> str:
    """Topics with sentences, villages by channels, silent doors."""
    matter = find(public_id)
    if matter.published_at is None:
        raise Missing("这次征求意见还没有公布。")
    heard, through = topics(matter), doors(matter, villages(), summed(matter))
    return render_template(
        "console/listening.html",
        matter=matter,
        heard=heard,
        doors=through,
        most=max((t.texts for t in heard.found), default=0),
        most_group=max((t.texts for t in heard.groups), default=0),
        read_at_most=READ,
    )
