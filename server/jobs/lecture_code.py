"""The square that stands in the room of a lecture: whoever scans it is checked in, and follows the account if they did not."""

from flask import current_app
from sqlalchemy import update

from models.kernel.base import db
from models.outreach.lecture import Lecture
from server.jobs.queue import Turn
from server.jobs.reactions import outage, react
from server.wire.errors import Unknown, WireError
from server.wire.wire import Wire


def lecture_code(turn: Turn) -> None:
    """Made once for an account that may; where it may not, the room shows the page's own square and the six digits."""
    wire: Wire = current_app.extensions["wire"]
    official = wire.official
    if official is None or not official.rights.scenes:
        return
    with turn.reading():
        lecture = db.session.get_one(Lecture, turn.payload["subject"])
        scene, made = lecture.scene, lecture.wx_appid == official.appid
    if made:
        return
    try:
        url = official.make_scene(scene)
    except Unknown as unknown:
        raise outage(turn, unknown.words) from unknown
    except WireError as error:
        end = react(turn, official.appid, error.api, error)
        if end is not None:
            raise end from error
        return
    with turn.transaction(last=True):
        # Not through the record: whoever has its page open has missed nothing.
        made_by = update(Lecture).where(Lecture.id == turn.payload["subject"])
        db.session.execute(made_by.values(wx_appid=official.appid, wx_url=url[:300]))
