"""An opening, a release and an article appear in the official account: by the API where it may, else by hand."""

import hashlib
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update

from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.trail import Trace
from models.kernel.work import Work, WorkState
from models.messages.wx_article import WxArticle, WxKind, WxStage
from models.outreach.article import Article, Broadcast, BroadcastState, Topic, topics
from models.outreach.picture import add_picture
from models.people.officer import Officer
from server.voice.article import CONTENT, COVER, DIGEST, TITLE, lesson, opening
from tests.jobs.conftest import Works

DRAFT, SUBMIT, GET = "/cgi-bin/draft/add", "/cgi-bin/freepublish/submit", "/cgi-bin/freepublish/get"
MASS, MATERIAL = "/cgi-bin/message/mass/sendall", "/cgi-bin/material/add_material"


def article(works: Works, kind: WxKind = WxKind.OPENING) -> WxArticle:
    with works.app.app_context():
        return db.session.scalars(select(WxArticle).where(WxArticle.kind == kind)).one()


def due(works: Works, kind: str) -> None:
    past = wall() - timedelta(seconds=1)
    works.change(lambda: db.session.execute(update(Work).where(Work.state == WorkState.READY).values(run_at=past)))
    works.do(kind)


def written(works: Works) -> str:
    public_id: list[str] = []

    def write() -> None:
        lin, luo = Officer.by_login("linxiao"), Officer.by_login("luojing")
        assert lin
        made = Article.draft_new(
            lin, title="租摊位先看清这五处", body="## 租多久\n\n写清起止日期。<b>", digest="看清五处"
        )
        made.basis, made.basis_on, made.topic = "民法典第七百零三条", date(2021, 1, 1), topics()[1]
        made.submit(lin)
        made.review(luo)
        made.publish(lin)
        public_id.append(made.public_id)

    works.change(write)
    return public_id[0]


def test_an_opening_is_drafted_published_and_followed_to_its_end(works: Works) -> None:
    works.stub.say(SUBMIT, {"errcode": 0, "publish_id": "100000001"})
    asked = works.open()
    works.do("publish_notice")
    (draft,) = works.stub.of(DRAFT)
    (said,) = draft.json["articles"]
    assert said["title"] == "【演示】农贸市场周边停车管理办法"
    assert said["thumb_media_id"] == "COVER"
    assert said["content_source_url"] == f"http://localhost/consultations/{asked}"
    assert "停一小时改一小时半" in said["content"]
    assert len(works.stub.of(MATERIAL)) == 1
    found = article(works)
    assert (found.stage, found.media_id, found.publish_id) == (WxStage.SUBMITTED, "DRAFT", "100000001")
    works.stub.say(
        GET,
        {"publish_id": "100000001", "publish_status": 1, "fail_idx": []},
        {
            "publish_id": "100000001",
            "publish_status": 0,
            "article_id": "A",
            "article_detail": {"count": 1, "item": [{"idx": 1, "article_url": "http://mp/s/1"}]},
        },
    )
    due(works, "follow_publishing")
    assert article(works).stage is WxStage.SUBMITTED
    due(works, "follow_publishing")
    found = article(works)
    assert (found.stage, found.url, found.article_id) == (WxStage.PUBLISHED, "http://mp/s/1", "A")
    with works.app.app_context():
        verbs = [
            t.verb
            for t in db.session.scalars(select(Trace).where(Trace.subject_kind == "WxArticle").order_by(Trace.id))
        ]
    assert verbs == ["drafted", "submitted", "published"]


def test_pictures_inside_an_article_are_hosted_by_wechat_once_and_stand_where_they_were_put(works: Works) -> None:
    works.stub.say(SUBMIT, {"errcode": 0, "publish_id": "1"})
    works.stub.say("/cgi-bin/media/uploadimg", {"url": "http://mmbiz.example/1.jpg"})

    def write() -> None:
        lin, luo = Officer.by_login("linxiao"), Officer.by_login("luojing")
        assert lin
        made = Article.draft_new(lin, title="合同长什么样", body="先看合同。\n【图1】\n再看期限。\n【图9】")
        made.basis, made.basis_on = "民法典第七百零三条", date(2021, 1, 1)
        db.session.flush()
        file = io.BytesIO()
        Image.new("RGB", (40, 30), "#2a7").save(file, "JPEG")
        add_picture(made, lin, file.getvalue(), "一份合同")
        made.submit(lin)
        made.review(luo)
        made.publish(lin)

    works.change(write)
    works.do("publish_notice")
    assert len(works.stub.of("/cgi-bin/media/uploadimg")) == 1
    (draft,) = works.stub.of(DRAFT)
    content = draft.json["articles"][0]["content"]
    assert (
        content.index("先看合同") < content.index('<img src="http://mmbiz.example/1.jpg"') < content.index("再看期限")
    )
    assert content.count("<img") == 1
    assert "图9" not in content


def test_the_cover_is_uploaded_once_and_again_when_the_account_lost_it(works: Works) -> None:
    works.stub.say(SUBMIT, {"errcode": 0, "publish_id": "1"})
    works.open()
    works.open()
    works.do("publish_notice")
    assert len(works.stub.of(MATERIAL)) == 1
    works.stub.say(DRAFT, {"errcode": 40007, "errmsg": "invalid media_id"}, {"media_id": "DRAFT-3"})
    works.open()
    works.do("publish_notice")
    due(works, "publish_notice")
    assert len(works.stub.of(MATERIAL)) == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"errcode": 48001, "errmsg": "api unauthorized"}, "手工发布"),
        ("cut", "看看是否已经发布"),
        ({"errcode": 53503, "errmsg": "?"}, "53503"),
    ],
)
def test_where_the_api_may_not_or_nobody_knows_a_person_publishes(works: Works, answer: Any, words: str) -> None:
    works.stub.say(SUBMIT, answer)
    works.open()
    works.do("publish_notice")
    found = article(works)
    assert found.stage is WxStage.BY_HAND
    assert words in found.trouble
    assert works.only("publish_notice").state is WorkState.DONE
    due(works, "publish_notice")
    assert len(works.stub.of(SUBMIT)) == 1


def test_an_unverified_account_only_pushes_the_draft(works: Works) -> None:
    works.app.extensions["wire"].official.kind = "unverified"
    works.open()
    works.do("publish_notice")
    assert article(works).stage is WxStage.BY_HAND
    assert works.stub.of(SUBMIT) == []


def test_a_draft_whose_outcome_is_unknown_is_pushed_again(works: Works) -> None:
    works.stub.say(SUBMIT, {"errcode": 0, "publish_id": "1"})
    works.stub.say(DRAFT, "cut", {"media_id": "D2"})
    works.open()
    works.do("publish_notice")
    assert article(works).stage is WxStage.TO_PUSH
    due(works, "publish_notice")
    assert (article(works).stage, article(works).media_id) == (WxStage.SUBMITTED, "D2")


def test_a_refused_draft_is_shown_and_can_be_pushed_again(works: Works) -> None:
    works.stub.say(SUBMIT, {"errcode": 0, "publish_id": "1"})
    works.stub.say(DRAFT, {"errcode": 45002, "errmsg": "content size out of limit"}, {"media_id": "D2"})
    works.open()
    works.do("publish_notice")
    assert article(works).stage is WxStage.FAILED
    assert "45002" in article(works).trouble
    office = "zhoumin"
    works.change(lambda: db.session.get_one(WxArticle, article(works).id).push_again(Officer.by_login(office)))
    works.do("push_article")
    assert article(works).stage is WxStage.SUBMITTED


def test_a_release_says_its_honest_counts(works: Works) -> None:
    works.stub.say(SUBMIT, {"errcode": 0, "publish_id": "1"})
    asked = works.open()
    works.comment(asked, "人")
    works.release(asked)
    works.do("publish_notice")
    said = works.stub.of(DRAFT)[-1].json["articles"][0]
    assert "收到1人的1条意见，现在全部答复。" in said["digest"]
    assert said["content_source_url"].startswith("http://localhost/reports/")
    assert "人的意见" not in said["content"], "nobody's own words"


def test_an_office_without_an_official_account_has_nothing_to_push(works: Works) -> None:
    works.app.extensions["wire"].official = None
    works.open()
    works.do("publish_notice")
    assert works.only("publish_notice").state is WorkState.DONE
    assert works.stub.asked == []


# --- mass sends -------------------------------------------------------------------------------------------------------


@pytest.fixture
def pushed(works: Works) -> Callable[..., None]:
    """An article is published and handed to mass send."""

    def push(topic: bool = False) -> None:
        public_id = written(works)

        def broadcast() -> None:
            found = db.session.scalars(select(Article).where(Article.public_id == public_id)).one()
            found.broadcast(Officer.by_login("linxiao"), topics()[0] if topic else None)

        works.change(broadcast)
        works.do("broadcast")

    return push


def sent(works: Works) -> Broadcast:
    with works.app.app_context():
        return db.session.scalars(select(Broadcast)).one()


def test_an_article_goes_to_all_followers_under_its_own_client_id(works: Works, pushed: Callable[..., None]) -> None:
    works.stub.say(MASS, {"errcode": 0, "msg_id": 34182, "msg_data_id": 206227730})
    pushed()
    (asked,) = works.stub.of(MASS)
    assert asked.json["filter"] == {"is_to_all": True}
    assert asked.json["clientmsgid"] == sent(works).public_id
    assert (sent(works).state, sent(works).msg_id) == (BroadcastState.SENT, "34182")
    works.do("broadcast")
    assert len(works.stub.of(MASS)) == 1


def test_an_article_goes_to_a_topic_by_its_tag(works: Works, pushed: Callable[..., None]) -> None:
    works.stub.say("/cgi-bin/tags/get", {"tags": [{"id": 2, "name": "星标组", "count": 0}]})
    works.stub.say("/cgi-bin/tags/create", {"tag": {"id": 134, "name": "x"}})
    works.stub.say(MASS, {"errcode": 0, "msg_id": 1})
    pushed(topic=True)
    assert works.stub.of(MASS)[0].json["filter"] == {"is_to_all": False, "tag_id": 134}
    with works.app.app_context():
        assert db.session.scalars(select(Topic).order_by(Topic.id)).first().tag == 134  # type: ignore[union-attr]


def test_a_mass_send_with_an_unknown_outcome_is_repeated_and_recognised(
    works: Works, pushed: Callable[..., None]
) -> None:
    works.stub.say(
        MASS,
        "cut",
        {"errcode": 45066, "errmsg": "fast"},
        {"errcode": 45065, "errmsg": "clientmsgid exist", "msgid": 77},
    )
    pushed()
    assert sent(works).state is BroadcastState.WAITING
    due(works, "broadcast")
    assert works.only("broadcast").run_at > wall() + timedelta(seconds=50)
    works.change(lambda: law.move(61))
    due(works, "broadcast")
    assert (sent(works).state, sent(works).msg_id) == (BroadcastState.SENT, "77")
    assert len({a.json["clientmsgid"] for a in works.stub.of(MASS)}) == 1


def test_no_mass_quota_waits_for_the_next_day(works: Works, pushed: Callable[..., None]) -> None:
    works.stub.say(MASS, {"errcode": 45028, "errmsg": "has no masssend quota"})
    pushed()
    assert sent(works).state is BroadcastState.WAITING
    assert works.only("broadcast").state is WorkState.READY


@pytest.mark.parametrize("kind", ["unverified", "service"])
def test_an_account_that_may_not_push_says_so(works: Works, pushed: Callable[..., None], kind: str) -> None:
    works.app.extensions["wire"].official.kind = kind
    works.stub.say(MASS, {"errcode": 48001, "errmsg": "api unauthorized"})
    pushed()
    assert sent(works).state is BroadcastState.FAILED
    assert sent(works).result


# --- the words --------------------------------------------------------------------------------------------------------


def test_long_texts_are_cut_to_what_the_draft_box_takes() -> None:
    made = lesson(
        title="长" * 64,
        digest="",
        body="\n".join("一段很长的话" * 40 for _ in range(300)),
        basis="法",
        basis_on=None,
        office="很长很长很长很长很长的街道办事处名称",
        url="http://x",
        demonstration=True,
    )
    assert len(made.title) <= TITLE
    assert len(made.author) <= 16
    assert len(made.digest) <= DIGEST
    assert len(made.content) < 20_000
    assert CONTENT < 20_000
    assert "全文请点「阅读原文」" in made.content


def test_what_people_wrote_cannot_become_markup() -> None:
    made = opening(
        title="<script>",
        number="1",
        summary='"><img src=x onerror=alert(1)>',
        whom="&",
        closes_on=date(2026, 12, 22),
        answer_due_on=date(2027, 1, 15),
        office="街道",
        url="http://x",
        demonstration=False,
    )
    assert "<img" not in made.content
    assert "<script" not in made.content


def test_the_shipped_cover_is_small_and_the_shape_wechat_crops_to() -> None:
    data = COVER.read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    assert abs(width / height - 2.35) < 0.01
    assert len(data) < 64 * 1024
    assert hashlib.sha256(data).hexdigest()
