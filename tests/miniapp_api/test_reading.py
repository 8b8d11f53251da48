"""What anybody may read: consultations, reports, articles; each body is what its schema says."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from marshmallow import Schema

from miniapp_api.schemas import consultations as c
from miniapp_api.schemas import people as p
from miniapp_api.schemas import reading as r
from miniapp_api.schemas.base import page_of
from models.comments.point import Outcome
from models.kernel.base import db
from models.outreach.article import Article, Topic
from server.house import House, brief
from tests.conftest import Clock
from tests.miniapp_api.conftest import MiniProgram
from tests.wechat.consultations import officer

pytestmark = pytest.mark.both_engines


def loaded(schema: Schema | type[Schema], body: Any) -> Any:
    """The body as the documentation promises it; anything else is a ValidationError."""
    made = schema() if isinstance(schema, type) else schema
    return made.load(body)


def test_published_consultations_are_listed_newest_first_and_page_by_page(
    anybody: MiniProgram, publish: Callable[..., str]
) -> None:
    ids = [publish(f"办法之{n}") for n in range(5)]
    seen: list[str] = []
    after = None
    for _ in range(9):
        answer = anybody.get("/consultations", limit=2, **({"after": after} if after else {}))
        assert answer.status_code == 200
        body = answer.get_json()
        loaded(page_of(c.ConsultationLine), body)
        assert len(body["items"]) <= 2
        seen += [item["id"] for item in body["items"]]
        after = body["next"]
        if after is None:
            break
    assert seen == list(reversed(ids))
    first = anybody.get("/consultations", state="open").get_json()["items"][0]
    assert first["state"] == "open"
    assert first["days_left"] == (date.fromisoformat(first["closes_on"]) - date.fromisoformat(first["opens_on"])).days
    assert anybody.get("/consultations", state="released").get_json() == {"items": [], "next": None}


def test_one_consultation_comes_with_its_clauses(anybody: MiniProgram, publish: Callable[..., str]) -> None:
    body = anybody.get(f"/consultations/{publish()}").get_json()
    loaded(c.Consultation, body)
    spoken = [clause["label"] for clause in body["clauses"] if clause["speakable"]]
    assert spoken[:4] == ["第一条", "第二条", "第三条", "第四条"]
    assert body["explanation"]["basis"] == "《道路交通安全法》"
    assert body["contact"]["phone"] == "0000-5550123"


def test_what_is_not_published_is_not_there(app: House, anybody: MiniProgram, publish: Callable[..., str]) -> None:
    for missing in ("a" * 12, "zzzzzzzzzzzz"):
        for path in ("/consultations/{}", "/consultations/{}/comments", "/reports/{}", "/articles/{}"):
            answer = anybody.get(path.format(missing))
            assert (answer.status_code, answer.get_json()["code"]) == (404, "missing")
    assert anybody.get("/consultations/short").status_code == 404


def test_an_unchanged_answer_is_not_sent_twice(anybody: MiniProgram, publish: Callable[..., str]) -> None:
    path = f"/consultations/{publish()}"
    first = anybody.get(path)
    assert first.headers["ETag"]
    again = anybody.call("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"] and "max-age" in again.headers["Cache-Control"]


def test_what_was_done_in_the_case_changes_the_mark(
    anybody: MiniProgram, mini: MiniProgram, publish: Callable[..., str], clock: Clock
) -> None:
    """A comment moves the numbers, midnight moves the days, the release brings the answers: each is told to who has the old mark."""
    public_id, other = publish(), publish("另一件")
    path, quiet = f"/consultations/{public_id}", f"/consultations/{other}"
    marks = [anybody.get(path).headers["ETag"]]
    still = anybody.get(quiet).headers["ETag"]

    def told_anew() -> Any:
        again = anybody.call("GET", path, headers={"If-None-Match": marks[-1]})
        assert again.status_code == 200
        marks.append(again.headers["ETag"])
        return again.get_json()

    mini.comment(public_id, "一个小时不够。", show_text=True)
    assert told_anew()["texts"] == 1
    again = anybody.call("GET", quiet, headers={"If-None-Match": still})
    assert again.status_code == 304, "nothing was done in the other case"
    clock.forward(days=31)
    assert told_anew()["state"] == "closed"
    publish.answer_all(public_id, Outcome.ADOPTED)  # type: ignore[attr-defined]
    assert told_anew()["state"] == "released"
    assert len(set(marks)) == 4
    points = anybody.get(f"{path}/comments")
    kept = {"If-None-Match": points.headers["ETag"]}
    assert anybody.call("GET", f"{path}/comments", headers=kept).status_code == 304
    assert anybody.call("GET", f"{path}/comments?limit=1", headers=kept).status_code == 200, (
        "another page, another mark"
    )


def test_comments_are_not_shown_before_the_release_and_then_by_consent(
    anybody: MiniProgram, mini: MiniProgram, other: MiniProgram, publish: Callable[..., str], clock: Clock
) -> None:
    public_id = publish()
    clause = next(
        x["id"] for x in anybody.get(f"/consultations/{public_id}").get_json()["clauses"] if x["label"] == "第四条"
    )
    mini.call("PATCH", "/me", {"name": "周女士"})
    mini.comment(public_id, "一个小时不够。", clause=clause, show_text=True, show_name=True)
    other.comment(public_id, "我不想让人看见。")
    path = f"/consultations/{public_id}/comments"
    assert anybody.get(path).get_json() == {"items": [], "next": None}
    clock.forward(days=31)
    assert anybody.get(path).get_json() == {"items": [], "next": None}
    assert anybody.get(f"/reports/{public_id}").status_code == 404
    publish.answer_all(public_id, Outcome.ADOPTED)  # type: ignore[attr-defined]
    body = anybody.get(path).get_json()
    loaded(page_of(c.ReleasedPoint), body)
    shown, hidden = body["items"]
    assert (shown["text"], shown["name"], shown["clause"], shown["serial"]) == (
        "一个小时不够。",
        "周女士",
        "第四条",
        "0001",
    )
    assert (hidden["text"], hidden["name"], hidden["clause"]) == (None, None, "整个草案")
    assert {shown["outcome"], hidden["outcome"]} == {"adopted"}
    first = anybody.get(path, limit=1).get_json()
    second = anybody.get(path, limit=1, after=first["next"]).get_json()
    assert [x["id"] for x in first["items"] + second["items"]] == [shown["id"], hidden["id"]]
    assert second["next"] is None
    report = anybody.get(f"/reports/{public_id}").get_json()
    loaded(r.Report, report)
    assert (report["people"], report["texts"], report["points"], report["outcomes"]["adopted"]) == (2, 2, 2, 2)
    listed = anybody.get("/reports").get_json()
    loaded(page_of(r.ReportLine), listed)
    assert [item["id"] for item in listed["items"]] == [public_id]


def published_article(app: House, title: str, topic: str) -> str:
    """An article brought to publication by its verbs."""
    with app.app_context(), brief():
        found = db.session.query(Topic).filter_by(name=topic).one()
        fields = {
            "title": title,
            "body": "第一段。\n\n## 小标题\n\n第二段。",
            "digest": "摘要",
            "basis": "《民法典》第二百八十七条",
            "basis_on": date(2021, 1, 1),
        }
        article = Article.draft_new(officer("linxiao"), topic=found, **fields)
        article.submit(officer("linxiao"))
        article.review(officer("luojing"))
        article.publish(officer("linxiao"))
        return article.public_id


def test_articles_by_topic(app: House, anybody: MiniProgram) -> None:
    first = published_article(app, "高空抛物谁来赔", "城建")
    second = published_article(app, "拖欠工资怎么办", "劳动争议")
    topics = anybody.get("/topics").get_json()
    loaded(r.TopicList, topics)
    body = anybody.get("/articles").get_json()
    loaded(page_of(r.ArticleLine), body)
    assert [item["id"] for item in body["items"]] == [second, first]
    topic = next(t["id"] for t in topics["items"] if t["name"] == "城建")
    assert [item["id"] for item in anybody.get("/articles", topic=topic).get_json()["items"]] == [first]
    whole = anybody.get(f"/articles/{first}").get_json()
    loaded(r.Article, whole)
    assert whole["body"].startswith("第一段。")
    assert anybody.get("/articles", topic="a" * 12).status_code == 422


def test_places_and_privacy(anybody: MiniProgram) -> None:
    places = anybody.get("/places").get_json()
    loaded(p.PlaceList, places)
    assert {"杨柳社区", "东湖村"} <= {place["name"] for place in places["items"]}
    privacy = anybody.get("/me/privacy").get_json()
    loaded(p.Privacy, privacy)
    assert "青禾街道" in privacy["text"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 51}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": "9" * 30}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"limit": -(2**63)}, "limit"),
        ({"after": "x'; --"}, "after"),
        ({"after": "\x00"}, "after"),
        ({"after": "a" * 12}, "after"),
        ({"state": "secret"}, "state"),
        ({"state": "\ufffd"}, "state"),
    ],
)
def test_a_list_refuses_what_it_cannot_mean(anybody: MiniProgram, query: dict[str, Any], field: str) -> None:
    answer = anybody.get("/consultations", **query)
    assert answer.status_code == 422
    assert answer.get_json()["code"] == "rule_unmet"
    assert field in answer.get_json()["fields"]
