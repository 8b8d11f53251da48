"""The official account's articles: pushed to the draft box, published by the API where the account may, else by hand."""

import hashlib
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select

from config.settings import Settings
from models import files
from models.comments.release import Release
from models.decisions.consultation import Audience, Consultation
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.ids import new_public_id
from models.kernel.installation import Installation
from models.kernel.trail import SYSTEM, Trace
from models.kernel.work import ATTEMPTS, Work
from models.messages import budget
from models.messages.halt import HaltKind
from models.messages.wx_article import WxArticle, WxKind, WxStage
from models.outreach.article import Article, Broadcast, BroadcastState, Topic
from models.outreach.picture import Picture, pictures_of
from server.house import brief
from server.jobs.queue import Again, Held, Turn
from server.jobs.reactions import FOR_EVERYBODY, ending, outage, react, stopped
from server.voice import article as said
from server.voice.article import COVER, Hosted, WxDraft
from server.voice.voice import Voice
from server.wire.account import Official, Published, Publishing
from server.wire.errors import Reaction, Unknown, WireError
from server.wire.wire import Wire

log = logging.getLogger(__name__)

ANNOUNCED = {
    "Consultation.publish": WxKind.OPENING,
    "Consultation.release": WxKind.RELEASE,
    "Article.publish": WxKind.ARTICLE,
}
BY_HAND = "账号没有发布接口的权限。草稿已在公众号后台的草稿箱里，请登录 mp.weixin.qq.com 手工发布，再回来登记。"
DOUBTFUL = "已提交发布但没有收到回音。请登录 mp.weixin.qq.com 看看是否已经发布，再回来登记。"
WENT_WRONG = {
    Publishing.ORIGINALITY_FAILED: "原创声明没有通过",
    Publishing.FAILED: "微信没有发布成功",
    Publishing.AUDIT_FAILED: "平台审核没有通过",
    Publishing.DELETED: "发布后被删除",
    Publishing.BANNED: "发布后被微信封禁",
}
POLLS = 7
"""The event usually comes first; polls are 100 a day for the whole account, so each waits four times longer."""


def publish_notice(turn: Turn) -> None:
    """An opening, a release or an article has to appear in the official account."""
    if our_account() is None:
        return
    with turn.transaction():
        fact = db.session.get_one(Trace, turn.payload["fact"])
        kind = ANNOUNCED[fact.fact]
        if kind is WxKind.RELEASE and db.session.get_one(Consultation, fact.subject_id).audience != Audience.PUBLIC:
            return  # a round among invited people is nobody else's news
        title, page = _subject(kind, fact.subject_id)
        number = WxArticle.want(kind, fact.subject_id, fact, title, page).id
    _push(turn, number)


def push_article(turn: Turn) -> None:
    """A person asked to try once more."""
    _push(turn, int(turn.payload["subject"]))


def our_account() -> Official | None:
    wire: Wire = current_app.extensions["wire"]
    return wire.official


def _subject(kind: WxKind, number: int) -> tuple[str, str]:
    """Title and page of what the article is about."""
    if kind is WxKind.ARTICLE:
        lesson = db.session.get_one(Article, number)
        return lesson.title, f"/articles/{lesson.public_id}"
    asked = db.session.get_one(Consultation, number)
    where = "reports" if kind is WxKind.RELEASE else "consultations"
    return asked.title, f"/{where}/{asked.public_id}"


def host_pictures(turn: Turn, official: Official, article_id: int) -> None:
    """WeChat drops pictures that it does not keep itself: each is uploaded once for an account, before the draft is written."""
    with turn.reading():
        lesson = db.session.get_one(Article, article_id)
        lacking = [
            (one.id, f"picture-{one.number}.{one.extension}", one.file)
            for one in pictures_of(lesson)
            if one.wx_appid != official.appid
        ]
    for number, name, file in lacking:
        url = official.host_picture(name, files.read(file))
        with turn.transaction():
            one = db.session.get_one(Picture, number)
            one.wx_appid, one.wx_url = official.appid, url[:300]


def _pictures(lesson: Article) -> dict[int, Hosted]:
    return {one.number: Hosted(one.wx_url, one.caption) for one in pictures_of(lesson) if one.wx_url}


def written(kind: WxKind, number: int, page: str) -> WxDraft:
    """The article's words."""
    settings: Settings = current_app.extensions["settings"]
    office = Installation.here()
    common: dict[str, Any] = {
        "office": office.office_name,
        "url": settings.public_url + page,
        "demonstration": office.demonstration,
    }
    if kind is WxKind.ARTICLE:
        lesson = db.session.get_one(Article, number)
        return said.lesson(
            title=lesson.title,
            digest=lesson.digest,
            body=lesson.body,
            basis=lesson.basis,
            basis_on=lesson.basis_on,
            pictures=_pictures(lesson),
            **common,
        )
    asked = db.session.get_one(Consultation, number)
    if kind is WxKind.RELEASE:
        release = Release.of(asked)
        if release is None:
            raise Held("采纳情况还没有发布，不能推送到公众号")
        return said.released(
            title=asked.title, number=release.number, totals=release.totals, before=asked.before_words, **common
        )
    if asked.closes_on is None or asked.answer_due_on is None:
        raise Held("公告还没有日期，不能推送到公众号")
    return said.opening(
        title=asked.title,
        number=asked.number,
        summary=asked.summary,
        whom=asked.whom,
        closes_on=asked.closes_on,
        answer_due_on=asked.answer_due_on,
        **common,
    )


def _push(turn: Turn, number: int) -> None:
    """To the draft box, then on to publishing. Each step is written down before the next one begins."""
    official = our_account()
    if official is None:
        return
    with turn.reading():
        wx = db.session.get_one(WxArticle, number)
        lesson = wx.subject_id if wx.kind is WxKind.ARTICLE and wx.stage is WxStage.TO_PUSH else None
    if lesson is not None and not _pictures_hosted(turn, official, number, lesson):
        return
    with turn.reading():
        wx = db.session.get_one(WxArticle, number)
        stage, media_id = wx.stage, wx.media_id
        draft = written(wx.kind, wx.subject_id, wx.page) if stage is WxStage.TO_PUSH else None
    standing_still(official, "draft/add", "freepublish/submit")
    if draft is not None:
        media_id = _draft(turn, official, number, draft)
        if media_id is None:
            return
        with turn.transaction():
            db.session.get_one(WxArticle, number).drafted(SYSTEM, media_id)
        stage = WxStage.DRAFTED
    if stage is not WxStage.DRAFTED or media_id is None:
        return
    turn.breathe()
    _publish(turn, official, number, media_id)


def _pictures_hosted(turn: Turn, official: Official, number: int, lesson: int) -> bool:
    """A picture uploaded twice harms nobody, so an unknown outcome is tried again; a refused one is for a person."""
    try:
        host_pictures(turn, official, lesson)
    except Unknown as unknown:
        raise outage(turn, unknown.words) from None
    except WireError as error:
        _common(turn, official, error)
        with turn.transaction(last=True):
            db.session.get_one(WxArticle, number).failed(SYSTEM, f"文章里的图：{error.words}（{error.errcode}）")
        return False
    return True


def _draft(turn: Turn, official: Official, number: int, draft: WxDraft) -> str | None:
    """A draft twice in the box harms nobody, so an unknown outcome is simply tried again."""
    try:
        cover = cover_of(official)
        return official.add_draft([draft.body(cover)])
    except Unknown as unknown:
        raise outage(turn, unknown.words) from None
    except WireError as error:
        if error.errcode == 40007:
            forget_cover(official)  # somebody deleted the picture from the account's material
            raise Again(error.words) from None
        _common(turn, official, error)
        with turn.transaction(last=True):
            db.session.get_one(WxArticle, number).failed(SYSTEM, f"{error.words}（{error.errcode}）")
        return None


def _publish(turn: Turn, official: Official, number: int, media_id: str) -> None:
    """Through the API where the account may. An unknown outcome goes to a person: published twice is seen twice."""
    why, publish_id = BY_HAND, None
    if official.rights.publish and not official.lacks("/cgi-bin/freepublish/submit"):
        try:
            publish_id = official.publish(media_id)
        except Unknown:
            why = DOUBTFUL
        except WireError as error:
            if error.reaction is not Reaction.CAPABILITY_OFF:
                _common(turn, official, error)
                why = f"{error.words}（{error.errcode}）。请登录 mp.weixin.qq.com 手工发布，再回来登记。"
    with turn.transaction(last=True):
        wx = db.session.get_one(WxArticle, number)
        if publish_id is None:
            wx.to_hand(SYSTEM, why)
            return
        wx.submitted(SYSTEM, publish_id)
        _follow(number, 0)


def _follow(number: int, times: int) -> None:
    wait = timedelta(seconds=30 * 4**times)
    Work.want(
        "follow_publishing",
        {"article": number, "times": times},
        key=f"follow_publishing:{number}:{times}",
        run_at=wall() + wait,
    )


def follow_publishing(turn: Turn) -> None:
    """Ask how far WeChat is, in case the event never comes."""
    number, times = int(turn.payload["article"]), int(turn.payload["times"])
    official = our_account()
    with turn.reading():
        wx = db.session.get_one(WxArticle, number)
        publish_id = wx.publish_id if wx.stage is WxStage.SUBMITTED else None
    if official is None or publish_id is None:
        return
    standing_still(official, "freepublish/get")
    found: Published | None = None
    try:
        found = official.published(publish_id)
    except Unknown as unknown:
        raise outage(turn, unknown.words) from None
    except WireError as error:
        if error.reaction is not Reaction.CAPABILITY_OFF:
            _common(turn, official, error)
    with turn.transaction(last=True):
        wx = db.session.get_one(WxArticle, number)
        if wx.stage is not WxStage.SUBMITTED:
            return
        if found is not None and found.state is Publishing.OK:
            wx.published(SYSTEM, (found.article_id or "")[:128], (found.url or "")[:500])
        elif found is not None and found.state in WENT_WRONG:
            wx.failed(SYSTEM, WENT_WRONG[found.state])
        elif found is not None and times < POLLS:
            _follow(number, times + 1)
        else:
            wx.to_hand(SYSTEM, DOUBTFUL)


def broadcast(turn: Turn) -> None:
    """Push an article by mass send. The broadcast's public id is the client id: a second submission is harmless."""
    voice: Voice = current_app.extensions["voice"]
    mass, official = voice.mass, our_account()
    with turn.reading():
        row = db.session.scalars(select(Broadcast).where(Broadcast.article_id == turn.payload["subject"])).one()
        if row.state is not BroadcastState.WAITING:
            return
        number, key, article_id = row.id, row.public_id, row.article_id
        topic = (row.topic.id, row.topic.name, row.topic.tag) if row.topic else None
        spent = budget.mass_obstacle(official.kind, row.topic) if official is not None else None
        draft = written(WxKind.ARTICLE, article_id, _subject(WxKind.ARTICLE, article_id)[1])
    obstacle = "没有配置公众号" if mass is None or official is None else mass.why_not()
    if mass is None or official is None or obstacle is not None:
        _broadcast_ended(turn, number, BroadcastState.FAILED, obstacle or "")
        return
    standing_still(official, "message/mass/sendall")
    if spent is not None:
        quota = WireError("message/mass/sendall", None, Reaction.NO_MASS_QUOTA, spent)
        _common(turn, official, quota)
    try:
        tag = None
        if topic is not None:
            tag = topic[2] or mass.tag(topic[1])
            if tag != topic[2]:
                with turn.transaction():
                    db.session.get_one(Topic, topic[0]).tag = tag
        # A draft of its own: publishing takes the other one out of the box.
        media_id = official.add_draft([draft.body(cover_of(official))])
        turn.breathe()
        receipt = mass.send(media_id, tag=tag, key=key)
    except Unknown as unknown:
        if turn.attempt >= ATTEMPTS:
            _broadcast_ended(turn, number, BroadcastState.HELD, unknown.words)
            return
        raise outage(turn, unknown.words) from None
    except WireError as error:
        _common(turn, official, error)
        _broadcast_ended(turn, number, BroadcastState.FAILED, f"{error.words}（{error.errcode}）")
        return
    with turn.transaction(last=True):
        row = db.session.get_one(Broadcast, number)
        if row.state is BroadcastState.WAITING:
            row.state, row.msg_id = BroadcastState.SENT, receipt.msg_id or None


def _broadcast_ended(turn: Turn, number: int, state: BroadcastState, why: str) -> None:
    with turn.transaction(last=True):
        row = db.session.get_one(Broadcast, number)
        row.state, row.result = state, why[:60]


def _common(turn: Turn, official: Official, error: WireError) -> None:
    """Raise what waiting can cure; return when it is this one article's own trouble."""
    if error.reaction in FOR_EVERYBODY and error.reaction is not Reaction.STOP_BATCH:
        end = react(turn, official.appid, error.api, error, monthly=official.kind != "subscription")
        if end is not None:
            raise end


def standing_still(official: Official, *apis: str) -> None:
    """Raise when one of these interfaces stands still for a reason that waiting can cure."""
    with brief(write=False):
        found = [stop for api in apis if (stop := stopped(official.appid, api)) is not None]
    for stop in found:
        if stop.kind is not HaltKind.CAPABILITY:
            raise ending(stop)


def _note_of(official: Official) -> Path:
    settings: Settings = current_app.extensions["settings"]
    return settings.data_dir / "wechat" / f"cover-{official.appid}.json"


def cover_of(official: Official) -> str:
    """The cover's media id. Uploaded once for each picture and account, and noted beside the files."""
    data = COVER.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    note = _note_of(official)
    try:
        known = json.loads(note.read_text())
        if known["sha256"] == digest:
            return str(known["media_id"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    media_id = official.keep_picture("cover.png", data)
    note.parent.mkdir(parents=True, exist_ok=True)
    # Two jobs may upload it at once: each writes a file of its own, and the last note stands.
    fresh = note.with_suffix(f".{new_public_id()}.new")
    fresh.write_text(json.dumps({"sha256": digest, "media_id": media_id}))
    fresh.replace(note)
    return media_id


def forget_cover(official: Official) -> None:
    """The account does not have it any more."""
    _note_of(official).unlink(missing_ok=True)
