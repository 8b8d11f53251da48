"""A consultation before the people, residents who hold a phone, and a browser that sends forms as a browser does."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.comments.comment import Comment
from models.comments.point import Point, PointStage
from models.comments.release import release
from models.decisions.consultation import Channel, Consultation, by_public_id
from models.decisions.decision import Decision
from models.decisions.draft import Draft
from models.kernel.base import db
from models.outreach.article import Article, topics
from models.people.officer import Officer
from models.people.resident import Resident
from models.people.session import Session
from models.questions.question import Question
from server.house import House
from tests.conftest import Clock

DRAFT = """农贸市场周边停车管理办法

第一章　总则

第一条　为了改善农贸市场周边的停车秩序，方便居民买菜，制定本办法。

第二条　本办法适用于市场东路、市场西路和桥头巷。

第二章　停车

第三条　每日6:00至10:00，市场东路西侧的46个车位供买菜居民短时停放，每次不超过1小时。
（一）停满的，由引导员引导到北侧停车场。
（二）残疾人车辆不受时间限制。

第四条　每日20:00至次日6:00，市场北侧停车场向居民开放。
"""
NOTICE = {
    "title": "农贸市场周边停车管理办法",
    "summary": "早上车位留给买菜的，晚上留给住在附近的。",
    "whom": "买菜的居民、市场商户、附近住户",
    "content": "早市短时停放，夜间向居民开放，不收费。",
    "purpose": "让短时买菜的车停得下、走得快。",
    "basis": "街道2026年度重大决策事项目录第3项。",
    "impact": "市场东路46个车位早上不能久停。",
    "contact_phone": "0000-5550123",
    "contact_address": "青禾街道桥头巷1号",
    "contact_email": "yijian@qinghe.example",
}


class Form(HTMLParser):
    """The fields of the first form on a page, as a browser would send them back."""

    def __init__(self, html: str, which: str = "") -> None:
        super().__init__()
        self.action, self.fields, self._inside, self._area, self._select = "", {}, False, "", ""  # type: ignore[var-annotated]
        self.which = which
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and not self.action and given.get("method") == "post":
            self._inside = not self.which or self.which in (given.get("action") or "")
            self.action = (given.get("action") or "").split("#")[0] if self._inside else ""
        if not self._inside:
            return
        name = given.get("name") or ""
        if tag == "input" and name and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.fields[name] = given.get("value") or ""
        if tag == "textarea":
            self._area = name
            self.fields[name] = ""
        if tag == "select":
            self._select = name
            self.fields[name] = ""
        if tag == "option" and "selected" in given:
            self.fields[self._select] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea":
            self.fields[self._area] = self.fields[self._area].lstrip("\r\n")
            self._area = ""


class Phone(FlaskClient):
    """A resident's browser."""

    def look(self, path: str, status: int = 200) -> str:
        """A page that answers as expected."""
        answer = self.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        return answer.get_data(as_text=True)

    def form(self, path: str, which: str = "") -> Form:
        """The form on a page."""
        return Form(self.look(path), which)

    def send(self, form: Form, **changed: Any) -> TestResponse:
        """Send it back with what a person filled in."""
        return self.post(form.action, data={**form.fields, **changed})

    def say(self, asked: str, text: str, clause: int | None = None, **more: Any) -> TestResponse:
        """Say something about a draft."""
        return self.send(
            self.form(f"/consultations/{asked}/comment" + (f"?clause={clause}" if clause else "")), text=text, **more
        )

    def follow(self, answer: TestResponse) -> str:
        """Where a form leads."""
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self.look(answer.headers["Location"])


@pytest.fixture
def phone(app: House) -> Callable[..., Phone]:
    """phone("周女士"): a browser in which this resident is signed in; phone(): one that nobody has used."""

    def opened(name: str = "", openid: str = "") -> Phone:
        browser = Phone(app, app.response_class)
        if name:
            with app.app_context():
                who = Resident.by_identity("wx0000000000000001", openid or f"openid-{name}")
                if not who.name:
                    who.name = name
                token = Session.open_for(who, "site", "a test")
                db.session.commit()
            browser.set_cookie("huiyin_r", token)
        return browser

    return opened


def officer(login: str) -> Officer:
    found = Officer.by_login(login)
    assert found
    return found


class Street:
    """What the office does, in short."""

    def __init__(self, app: House, clock: Clock) -> None:
        self.app, self.clock = app, clock

    def publish(self, *, draft: str = DRAFT, **fields: Any) -> str:
        """A consultation that opens today; returns its public id."""
        with self.app.app_context():
            shen = officer("shenlin")
            case = Decision.open(shen, fields.get("title") or NOTICE["title"])
            asked = Consultation.draft_new(shen, case, **{**NOTICE, **fields})
            asked.revise(shen, draft=Draft.write(shen, case, draft))
            db.session.flush()
            asked.submit(shen)
            asked.check(officer("xujing"))
            asked.review(officer("hexiulan"))
            asked.sign(officer("wuqiming"))
            asked.publish(officer("zhoumin"))
            db.session.commit()
            return asked.public_id

    def close(self, days: int = 31) -> None:
        """Time goes by."""
        self.clock.forward(days=days)

    def answer(self, public_id: str, *outcomes: str, revised: str = "", may_show: bool = True) -> None:
        """Every open point is answered and approved, in the order they came, with these outcomes in turn."""
        with self.app.app_context():
            asked = by_public_id(public_id)
            assert asked
            shen, he = officer("shenlin"), officer("hexiulan")
            points = (
                db.session.scalars(
                    select(Point)
                    .where(Point.consultation_id == asked.id, Point.stage == PointStage.OPEN)
                    .order_by(Point.id)
                )
                .unique()
                .all()
            )
            for n, point in enumerate(points):
                outcome = (outcomes or ("adopted",))[n % len(outcomes or ("x",))]
                change = revised if outcome in ("adopted", "partly_adopted") and point.clause else None
                point.answer(shen, outcome, f"理由{n + 1}：经过研究，这样办。", gist=f"大意{n + 1}", revised=change)
                point.submit(shen)
                point.approve(he, may_show=may_show)
            db.session.commit()

    def release(self, public_id: str) -> None:
        """All answers go out."""
        with self.app.app_context():
            asked = by_public_id(public_id)
            assert asked
            total = db.session.scalars(
                select(Point.id).where(Point.consultation_id == asked.id, Point.stage != PointStage.WITHDRAWN)
            ).all()
            release(asked, officer("wuqiming"), len(total))
            db.session.commit()

    def write(self, title: str = "租摊位先看清这五处", **fields: Any) -> str:
        """A published article."""
        with self.app.app_context():
            lin, luo = officer("linxiao"), officer("luojing")
            told = {
                "body": "## 租多久\n\n写清起止日期。",
                "digest": "写清日期和押金",
                "basis": "民法典第七百零三条",
                "topic": topics()[0],
            }
            article = Article.draft_new(lin, title=title, **{**told, **fields})
            article.basis_on = article.made_at.date()
            db.session.flush()
            article.submit(lin)
            article.review(luo)
            article.publish(officer("linxiao"))
            db.session.commit()
            return article.public_id

    def answer_question(self, public_id: str, text: str) -> None:
        """The counsel answers."""
        with self.app.app_context():
            question = db.session.scalar(select(Question).where(Question.public_id == public_id))
            assert question
            peng = officer("pengyuan")
            question.assign(officer("luojing"), peng)
            question.answer_it(peng, text)
            db.session.commit()

    def comments(self) -> list[dict[str, Any]]:
        """What has been received."""
        with self.app.app_context():
            return [
                {
                    "text": c.text,
                    "clause": c.clause.position if c.clause else None,
                    "public_id": c.public_id,
                    "channel": Channel(c.channel),
                    "kind": c.kind.value,
                    "signers": c.signers,
                    "organisation": c.organisation,
                    "show_text": c.show_text,
                    "show_name": c.show_name,
                    "place": c.place.name if c.place else "",
                    "name": c.resident.name,
                    "phone": c.resident.phone,
                    "anonymous": c.resident.anonymous,
                    "withdrawn": c.withdrawn,
                    "supplements": [s.text for s in c.supplements],
                }
                for c in db.session.scalars(select(Comment).order_by(Comment.id)).unique()
            ]


@pytest.fixture
def street(app: House, clock: Clock) -> Street:
    """The office at work."""
    return Street(app, clock)


def seen(html: str) -> str:
    """The text of a page without its markup."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", re.sub(r"(?s)<head>.*?</head>", "", html)))
