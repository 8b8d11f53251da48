"""What somebody may want to read: articles, adoption reports, their own comments, help."""

from models.comments.mine import counted
from models.comments.release import releases
from models.outreach.article import article_list
from models.polls.poll import open_polls
from server.wechat import words
from server.wechat.reply import Card, Cards, Reply, Text
from server.wechat.turn import Turn, listed, open_now


def articles(turn: Turn) -> Reply:
    """The newest articles as cards; WeChat shows one to somebody who typed, eight to somebody who pressed a button."""
    rows = article_list(limit=8)
    if not rows:
        return Text(words.no_articles())
    return Cards([Card(row.title, row.digest, turn.link("article", public_id=row.public_id)) for row in rows])


def reports(turn: Turn) -> Reply:
    """The newest adoption reports."""
    rows = releases(limit=5)
    if not rows:
        return Text(words.no_reports())
    return Text(words.reports([(row.title, turn.link("report", public_id=row.consultation_id)) for row in rows]))


def polls(turn: Turn) -> Reply:
    """Polls that can be answered now; answering is for the page, where nobody looks over the shoulder of a chat."""
    rows = open_polls(limit=5)
    if not rows:
        return Text(words.no_polls(turn.link("polls")))
    return Text(
        words.polls([(row.title, row.closes_on, turn.personal("poll", public_id=row.public_id)) for row in rows])
    )


def mine(turn: Turn) -> Reply:
    """What the person has said so far."""
    written, answered = counted(turn.resident.all_ids)
    return Text(words.mine(written, answered, turn.personal("mine")))


def help_me(turn: Turn) -> Reply:
    """How it works."""
    return Text(words.help_text(turn.office.office_name, turn.office.phone))


def hello(turn: Turn) -> Reply:
    """Somebody says hello; they are told what is on."""
    found = open_now()
    if len(found) > 1:
        turn.offer(found)
    return Text(words.greeting(turn.office.office_name, listed(found), turn.link("privacy")))


def services(turn: Turn) -> Reply:
    """The law near home, and whether legal aid may be asked for."""
    return Text(words.legal_services(turn.link("legal_services"), turn.link("legal_aid")))


def thanks(turn: Turn) -> Reply:
    """Somebody says thank you."""
    return Text(words.thanks())
