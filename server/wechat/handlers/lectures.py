"""Lectures in the chat: what comes next, signing up by its number, leaving, and being there by scan or by the code of the room."""

import re
import unicodedata

from models.decisions.consultation import Channel
from models.messages.conversation import Expecting
from models.outreach.attendee import Arrival, Attendee, AttendeeStage, be_here, mine, sign_up
from models.outreach.attendee import leave as give_back
from models.outreach.lecture import SCENE, SHOWN, Lecture, by_public_id, coming, with_open_doors
from server.wechat import words
from server.wechat.reply import Card, Cards, Reply, Text
from server.wechat.turn import Turn
from server.words import hours

FEW = 5
"""A passive reply holds 2,048 bytes."""
CODE = re.compile(r"(?:签到)?[:：]?\s*([0-9]{6})")
WANTED = re.compile(r"报名\s*第?([1-9])(?:场|个|号)?")
HELD = (AttendeeStage.SEATED, AttendeeStage.WAITING)


def listing(turn: Turn) -> Reply:
    """The next ones, numbered, with mine marked."""
    rows = coming(FEW)
    if not rows:
        return Text(words.no_lectures(turn.link("lectures")))
    my = mine(turn.resident, rows)
    turn.offer(rows, Expecting.LECTURE)
    lines = [(row.title, when(row), _stand(my.get(row.id))) for row in rows]
    return Text(words.lectures(lines, turn.link("lectures")))


def when(lecture: Lecture) -> str:
    """Hour and room in one line."""
    return f"{hours(lecture.starts_at, lecture.ends_at)}，{lecture.venue}"


def _stand(row: Attendee | None) -> str:
    if row is None or row.stage not in HELD:
        return ""
    return f"已报名，{row.seat}号" if row.stage == AttendeeStage.SEATED else f"候补第{row.queue}"


def number_in(text: str) -> int | None:
    """「报名2」."""
    found = WANTED.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return int(found.group(1)) if found else None


def by_number(turn: Turn, number: int) -> Reply:
    """Sign up for the second of the list; without a list it is shown first."""
    if turn.expecting != Expecting.LECTURE:
        return listing(turn)
    offered = turn.conversation.offered
    if number > len(offered):
        return Text(words.no_such_number(len(offered)))
    found = by_public_id(offered[number - 1])
    if found is None or not found.takes_names:
        return listing(turn)
    row = sign_up(turn.resident, found, Channel.CHAT)
    page = turn.personal("lecture", public_id=found.public_id)
    if row.stage == AttendeeStage.WAITING:
        return Text(words.lecture_full(found.title, row.queue, page))
    return Text(words.signed_up(found.title, when(found), row.seat or 0, page, turn.link("privacy")))


def leave(turn: Turn) -> Reply:
    """Out of the one they are in; of several the page is asked, so that nobody leaves the wrong one."""
    rows = [one for one in coming() if one.takes_names]
    my = {number: row for number, row in mine(turn.resident, rows).items() if row.stage in HELD}
    if not my:
        return Text(words.nothing_to_leave())
    if len(my) > 1:
        links = [(one.title, turn.link("lecture", public_id=one.public_id)) for one in rows if one.id in my]
        return Text(words.which_to_leave(links))
    (row,) = my.values()
    give_back(row, turn.resident)
    return Text(words.left_lecture(row.lecture.title))


def code_in(text: str) -> str | None:
    """Six digits, while somewhere the doors are open; at any other time they are words like all others."""
    found = CODE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return found.group(1) if found and with_open_doors() else None


def typed_code(turn: Turn, code: str) -> Reply:
    """The code says which lecture it is; where none has it, the first one counts the wrong try."""
    there = with_open_doors()
    here = next((one for one in there if one.code == code), there[0])
    if not be_here(turn.resident, here, code, Channel.CHAT):
        return Text(words.wrong_code())
    return Text(words.checked_in(here.title))


def scanned(turn: Turn, scene: str) -> Reply:
    """The square of a room: checked in while the doors are open, before and after that the lecture as a card."""
    name, _, code = scene.removeprefix(SCENE).partition("_")
    found = by_public_id(name[:12])
    if found is None or found.stage not in SHOWN:
        return None
    if found.doors_open and be_here(turn.resident, found, code, Channel.CHAT, Arrival.SCAN):
        return Text(words.checked_in(found.title))
    return Cards(
        [Card(found.title, f"{when(found)}\n{found.state_words}", turn.link("lecture", public_id=found.public_id))]
    )
