"""What somebody who is signed in may do: speak, add, withdraw, ask; each once, each their own."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from miniapp_api.schemas import comments as cs
from miniapp_api.schemas import people as ps
from miniapp_api.schemas import questions as qs
from miniapp_api.schemas.base import page_of
from models.comments.comment import Comment, Supplement
from models.kernel.base import db
from models.people.resident import Grant
from models.people.session import Session
from models.questions.question import Question
from server.cli.setting_up import PRIVACY_VERSION
from server.house import House
from tests.conftest import MINI, Clock
from tests.making import shown_texts
from tests.miniapp_api.conftest import MiniProgram, new_key
from tests.miniapp_api.test_reading import loaded
from tests.stories.test_near_home import a_room
from tests.wechat.phone import Phone

pytestmark = pytest.mark.both_engines


def count(app: House, record: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(record)) or 0


# --- signing in -------------------------------------------------------------------------------------------------------


def test_a_code_becomes_a_token_once(app: House, anybody: MiniProgram) -> None:
    codes = {"code-1": ("oNew", "union-1")}
    app.extensions["mini_code"] = lambda code: codes.pop(code, None)
    answer = anybody.call("POST", "/session", {"code": "code-1"})
    assert answer.status_code == 201
    loaded(ps.Session, answer.get_json())
    signed = {"Authorization": f"Bearer {answer.get_json()['token']}"}
    assert anybody.call("GET", "/me", headers=signed).status_code == 200
    again = anybody.call("POST", "/session", {"code": "code-1"})
    assert (again.status_code, again.get_json()["code"]) == (401, "sign_in")
    assert anybody.call("DELETE", "/session", headers=signed).status_code == 204
    ended = anybody.call("GET", "/me", headers=signed)
    assert (ended.status_code, ended.get_json()["code"]) == (401, "sign_in")
    assert ended.headers["WWW-Authenticate"] == "Bearer"


def test_wechat_is_asked_before_any_transaction_begins(app: House, anybody: MiniProgram) -> None:
    def whose(_code: str) -> tuple[str, None]:
        assert not db.session().in_transaction()
        return "oNew", None

    app.extensions["mini_code"] = whose
    assert anybody.call("POST", "/session", {"code": "x"}).status_code == 201


def test_wechats_silence_is_503_and_not_a_bug(anybody: MiniProgram) -> None:
    answer = anybody.call("POST", "/session", {"code": "x"})  # nobody listens at the tests' address for WeChat
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "busy"


def test_a_token_of_another_door_does_not_open_this_one(app: House, mini: MiniProgram) -> None:
    with app.app_context():
        token = Session.open_for(mini.resident(), "site", "a browser")
        db.session.commit()
    for given in (f"Bearer {token}", "Bearer ", "Bearer " + "a" * 64, "Basic abc", "Bearer \u00e9", "bearer"):
        assert mini.call("GET", "/me", headers={"Authorization": given}).status_code == 401


# --- comments ---------------------------------------------------------------------------------------------------------


def test_a_comment_gets_a_receipt_and_stands_among_mine(
    app: House, mini: MiniProgram, publish: Callable[..., str]
) -> None:
    public_id = publish()
    place = mini.get("/places").get_json()["items"][0]["id"]
    answer = mini.post("/comments", {"consultation": public_id, "text": "  一个小时\n不够。 ", "place": place})
    assert answer.status_code == 201
    received = answer.get_json()
    loaded(cs.Received, received)
    assert len(received["receipt"]) == 8
    listed = mini.get("/comments/mine").get_json()
    loaded(page_of(cs.CommentLine), listed)
    assert [(x["id"], x["text"], x["receipt"]) for x in listed["items"]] == [
        (received["id"], "  一个小时\n不够。 ", received["receipt"])
    ]
    whole = mini.get(f"/comments/{received['id']}").get_json()
    loaded(cs.Comment, whole)
    assert (whole["channel"], whole["show_text"], whole["answers"]) == ("mini", False, [])
    with app.app_context():
        assert db.session.query(Comment).one().place.public_id == place
        assert shown_texts() == [(PRIVACY_VERSION, "mini", None)]


def test_a_joint_letter_and_an_organisation(mini: MiniProgram, publish: Callable[..., str]) -> None:
    public_id = publish()
    mini.comment(public_id, "我们三十人都这样想。", kind="joint", signers=30)
    mini.comment(public_id, "本公司意见如下。", kind="organisation", organisation="青禾农贸公司")
    for fields, field in (
        ({"kind": "joint", "signers": 1}, "signers"),
        ({"kind": "organisation"}, "organisation"),
        ({"clause": "a" * 12}, "clause"),
        ({"place": "a" * 12}, "place"),
        ({"signers": 0}, "signers"),
        ({"kind": "king"}, "kind"),
    ):
        answer = mini.post("/comments", {"consultation": public_id, "text": "x", **fields})
        assert answer.status_code == 422
        assert field in answer.get_json()["fields"], answer.get_json()


def test_the_same_key_is_the_same_comment_and_with_other_words_refused(
    app: House, mini: MiniProgram, other: MiniProgram, publish: Callable[..., str]
) -> None:
    public_id, key = publish(), new_key()
    body = {"consultation": public_id, "text": "一个小时不够。"}
    first = mini.post("/comments", body, key)
    again = mini.post("/comments", body, key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    changed = mini.post("/comments", body | {"text": "两个小时。"}, key)
    assert (changed.status_code, changed.get_json()["code"]) == (422, "key_reused")
    assert other.post("/comments", body, key).status_code == 201
    assert count(app, Comment) == 2


@pytest.mark.parametrize("key", [None, "", "short", "x" * 65, "with space", "é" * 10, "a;b;c;d;e"])
def test_a_submission_needs_a_sound_key(mini: MiniProgram, publish: Callable[..., str], key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    for path, body in (
        ("/comments", {"consultation": publish(), "text": "x"}),
        ("/questions", {"text": "x"}),
        ("/subscriptions", {"answers": [{"template": "MINI_ANSWER", "answer": "accept"}]}),
    ):
        answer = mini.call("POST", path, body, headers=headers)
        assert answer.status_code == 422, path
        assert "Idempotency-Key" in answer.get_json()["fields"]


def at_once(app: House, mini: MiniProgram, path: str, body: dict[str, Any], key: str, times: int = 6) -> list[Any]:
    """The same submission from several connections in the same moment."""
    answers: list[Any] = []
    barrier = threading.Barrier(times)

    def send() -> None:
        client = app.test_client()
        barrier.wait()
        answer = client.post(f"/api/v1{path}", json=body, headers=mini.headers | {"Idempotency-Key": key})
        answers.append((answer.status_code, answer.get_json()))

    threads = [threading.Thread(target=send) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_submission_that_arrives_six_times_at_once_is_one(
    app: House, mini: MiniProgram, publish: Callable[..., str]
) -> None:
    public_id = publish()
    for path, body in (
        ("/comments", {"consultation": public_id, "text": "一个小时不够。"}),
        ("/questions", {"text": "邻居占了我家的地。"}),
    ):
        answers = at_once(app, mini, path, body, new_key())
        assert {status for status, _ in answers} <= {200, 201}, answers
        assert len({str(answer) for _, answer in answers}) == 1
    comment = mini.get("/comments/mine").get_json()["items"][0]["id"]
    answers = at_once(app, mini, f"/comments/{comment}/supplements", {"text": "老人走得慢。"}, new_key())
    assert {status for status, _ in answers} <= {200, 201}, answers
    assert len({str(answer) for _, answer in answers}) == 1
    assert (count(app, Comment), count(app, Question), count(app, Supplement)) == (1, 1, 1)


def test_supplements_and_withdrawal(app: House, mini: MiniProgram, publish: Callable[..., str]) -> None:
    received = mini.comment(publish())
    path, key = f"/comments/{received['id']}", new_key()
    first = mini.post(f"{path}/supplements", {"text": "老人走得慢。"}, key)
    assert first.status_code == 201
    loaded(cs.Supplemented, first.get_json())
    again = mini.post(f"{path}/supplements", {"text": "老人走得慢。"}, key)
    assert (again.status_code, again.get_json()) == (200, first.get_json())
    changed = mini.post(f"{path}/supplements", {"text": "别的话。"}, key)
    assert (changed.status_code, changed.get_json()["code"]) == (422, "key_reused")
    assert [s["text"] for s in mini.get(path).get_json()["supplements"]] == ["老人走得慢。"]
    gone = mini.post(f"{path}/withdrawal")
    assert gone.status_code == 200
    assert gone.get_json()["withdrawn"] is True
    assert mini.post(f"{path}/withdrawal").status_code == 409
    assert mini.post(f"{path}/supplements", {"text": "还有。"}).status_code == 409
    assert count(app, Supplement) == 1


def test_after_the_window_nothing_is_taken_any_more(
    mini: MiniProgram, publish: Callable[..., str], clock: Clock
) -> None:
    public_id = publish()
    received = mini.comment(public_id)
    clock.forward(days=31)
    for answer in (
        mini.post("/comments", {"consultation": public_id, "text": "迟到的话。"}),
        mini.post(f"/comments/{received['id']}/supplements", {"text": "迟到的话。"}),
        mini.post(f"/comments/{received['id']}/withdrawal"),
    ):
        assert answer.status_code == 422
        assert "不在征集期内" in answer.get_json()["message"] or "截止" in answer.get_json()["message"], (
            answer.get_json()
        )


def test_the_answer_arrives_with_the_release(mini: MiniProgram, publish: Callable[..., str], clock: Clock) -> None:
    public_id = publish()
    received = mini.comment(public_id)
    assert mini.get("/me").get_json()["comments"] == 1
    clock.forward(days=31)
    publish.answer_all(public_id)  # type: ignore[attr-defined]
    whole = mini.get(f"/comments/{received['id']}").get_json()
    loaded(cs.Comment, whole)
    assert [(a["outcome"], a["outcome_label"]) for a in whole["answers"]] == [("adopted", "采纳")]
    assert whole["progress"]["done"] == 5
    assert mini.get("/me").get_json()["answered"] == 1


def test_my_comments_page_by_page(mini: MiniProgram, other: MiniProgram, publish: Callable[..., str]) -> None:
    public_id = publish()
    ids = [mini.comment(public_id, f"第{n}条意见")["id"] for n in range(5)]
    foreign = other.comment(public_id)["id"]
    seen, after = [], None
    while True:
        body = mini.get("/comments/mine", limit=2, **({"after": after} if after else {})).get_json()
        seen += [item["id"] for item in body["items"]]
        after = body["next"]
        if after is None:
            break
    assert seen == list(reversed(ids))
    assert foreign not in seen


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_nobody_reaches_what_belongs_to_somebody_else(
    app: House, mini: MiniProgram, other: MiniProgram, anybody: MiniProgram, publish: Callable[..., str]
) -> None:
    comment = mini.comment(publish())["id"]
    question = mini.post("/questions", {"text": "邻居占了我家的地。"}).get_json()["id"]
    proposal = mini.post("/proposals", {"title": "村口装路灯", "text": "村口太黑，请装路灯。"}).get_json()["id"]
    asked_for = {"room": a_room(app)[0], "dispute": "land", "text": "隔壁的墙压着我家的地。"}
    mediation = mini.post("/mediations", asked_for).get_json()["id"]
    matrix = [
        ("GET", f"/comments/{comment}", None),
        ("POST", f"/comments/{comment}/supplements", {"text": "冒名的话"}),
        ("POST", f"/comments/{comment}/withdrawal", None),
        ("PUT", f"/comments/{comment}/rating", {"point": "a" * 12, "met": True}),
        ("POST", f"/comments/{comment}/second-look", {"point": "a" * 12, "reason": "没有答到。"}),
        ("GET", f"/questions/{question}", None),
        ("POST", f"/questions/{question}/follow-ups", {"text": "冒名再问。"}),
        ("PUT", f"/questions/{question}/rating", {"helpful": True}),
        ("DELETE", f"/questions/{question}", None),
        ("GET", f"/mediations/{mediation}", None),
        ("POST", f"/mediations/{mediation}/withdrawal", None),
        ("GET", f"/proposals/{proposal}", None),
    ]
    for method, path, body in matrix:
        stranger = other.call(method, path, body, new_key())
        nowhere = re.sub(f"{comment}|{question}|{proposal}|{mediation}", "a" * 12, path)
        absent = other.call(method, nowhere, body, new_key())
        assert stranger.status_code == absent.status_code == 404, path
        assert stranger.get_json() == absent.get_json(), "whoever asks must not learn that it is there"
        assert anybody.call(method, path, body, new_key()).status_code == 401, path
    with app.app_context():
        with_id = {
            rule.rule
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith("/api/v1")
            and "public_id" in rule.arguments
            and getattr(app.view_functions[rule.endpoint], "signed_in", False)
        }
    pattern = "<string(length=12):public_id>"
    assert with_id == {
        f"/api/v1/{kind}/{pattern}{rest}"
        for kind, rest in (
            ("comments", ""),
            ("comments", "/supplements"),
            ("comments", "/withdrawal"),
            ("comments", "/rating"),
            ("comments", "/second-look"),
            ("questions", ""),
            ("questions", "/follow-ups"),
            ("questions", "/rating"),
            ("mediations", ""),
            ("mediations", "/withdrawal"),
            ("proposals", ""),
        )
    } | {f"/api/v1/polls/{pattern}/{rest}" for rest in ("answers", "mine")} | {
        f"/api/v1/lectures/{pattern}/{rest}" for rest in ("mine", "seat", "presence")
    } | {
        f"/api/v1/subscriptions/following/{pattern}"  # a place's or a topic's id, which everybody may know
    }, "a new address with somebody's id in it needs its row in this matrix"
    assert count(app, Supplement) == 0


def test_every_address_that_writes_or_shows_people_asks_who_it_is(app: House, anybody: MiniProgram) -> None:
    open_to_all = {
        "/session POST",
        "/consultations GET",
        "/consultations/{} GET",
        "/consultations/{}/comments GET",
        "/reports GET",
        "/reports/{} GET",
        "/reports/{}/lines GET",
        "/polls GET",
        "/exhibitions GET",
        "/exhibitions/{} GET",
        "/lectures GET",
        "/lectures/{} GET",
        "/polls/{} GET",
        "/polls/{}/results GET",
        "/search GET",
        "/clock GET",
        "/legal-services GET",
        "/common-questions GET",
        "/common-questions/{} GET",
        "/articles GET",
        "/articles/{} GET",
        "/topics GET",
        "/places GET",
        "/catalogue GET",
        "/catalogue/{} GET",
        "/decisions GET",
        "/decisions/{} GET",
        "/me/privacy GET",
        "/openapi.json GET",
    }
    found = set()
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1"):
            continue
        path = rule.rule.removeprefix("/api/v1").replace("<string(length=12):public_id>", "{}")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if getattr(app.view_functions[rule.endpoint], "signed_in", False):
                answer = anybody.call(method, path.format("a" * 12), key=new_key())
                assert answer.status_code == 401, (method, path)
            else:
                found.add(f"{path} {method}")
    assert found == open_to_all


# --- questions, subscriptions, me -------------------------------------------------------------------------------------


def test_a_question_and_its_page(app: House, mini: MiniProgram) -> None:
    key = new_key()
    first = mini.post("/questions", {"text": "邻居占了我家的地。"}, key)
    assert first.status_code == 201
    loaded(qs.Asked, first.get_json())
    assert mini.post("/questions", {"text": "邻居占了我家的地。"}, key).get_json() == first.get_json()
    assert mini.post("/questions", {"text": "别的。"}, key).get_json()["code"] == "key_reused"
    listed = mini.get("/questions/mine").get_json()
    loaded(page_of(qs.QuestionLine), listed)
    whole = mini.get(f"/questions/{first.get_json()['id']}").get_json()
    loaded(qs.Question, whole)
    assert (whole["text"], whole["answer"]) == ("邻居占了我家的地。", "")
    assert "12348" in whole["aid_hint"]
    assert count(app, Question) == 1
    with app.app_context():
        assert shown_texts() == [(PRIVACY_VERSION, "mini", None)]


def test_consents_to_be_told_are_counted_once(app: House, mini: MiniProgram) -> None:
    told = {"answers": [{"template": "MINI_ANSWER", "answer": "accept"}]}
    key = new_key()
    first = mini.post("/subscriptions", told, key)
    assert first.status_code == 200
    loaded(ps.Subscriptions, first.get_json())
    mini.post("/subscriptions", told, key)
    assert mini.get("/subscriptions").get_json()["items"] == [
        {"template": "MINI_ANSWER", "purpose": "意见有了答复", "left": 1}
    ]
    mini.post("/subscriptions", told)
    assert mini.get("/subscriptions").get_json()["items"][0]["left"] == 2
    mini.post("/subscriptions", {"answers": [{"template": "MINI_ANSWER", "answer": "reject"}]})
    assert mini.get("/subscriptions").get_json()["items"][0]["left"] == 0
    assert mini.post("/subscriptions", {"answers": [{"template": "foreign", "answer": "accept"}]}).status_code == 422
    assert count(app, Grant) == 1


def test_i_tell_what_i_choose_to_tell(app: House, mini: MiniProgram) -> None:
    empty = mini.get("/me").get_json()
    loaded(ps.Me, empty)
    assert (empty["name"], empty["phone"], empty["place"], empty["consented"]) == ("", "", None, False)
    place = mini.get("/places").get_json()["items"][0]
    told = mini.call("PATCH", "/me", {"name": "周女士", "phone": "13800000000", "place": place["id"]}).get_json()
    loaded(ps.Me, told)
    assert (told["name"], told["phone"], told["place"]) == ("周女士", "13800000000", place)
    with app.app_context():
        assert shown_texts() == [(PRIVACY_VERSION, "mini", None)]
    assert mini.call("PATCH", "/me", {}).get_json() == told
    wrong = mini.call("PATCH", "/me", {"phone": "abc"})
    assert (wrong.status_code, "phone" in wrong.get_json()["fields"]) == (422, True)


def test_i_agree_to_the_notice_that_i_read_and_may_take_it_back(mini: MiniProgram) -> None:
    version = mini.get("/me/privacy").get_json()["version"]
    assert mini.call("PUT", "/me/consent", {"version": "older"}).status_code == 409
    assert mini.call("PUT", "/me/consent", {"version": version}).status_code == 204
    assert mini.get("/me").get_json()["consented"] is True
    assert mini.call("DELETE", "/me/consent").status_code == 204
    assert mini.get("/me").get_json()["consented"] is False


def test_the_office_without_a_mini_program_has_no_sign_in(app: House, anybody: MiniProgram) -> None:
    settings = app.extensions["settings"]
    app.extensions["settings"] = type(settings)(**{**vars(settings), "mini": None})
    assert anybody.call("POST", "/session", {"code": "x"}).status_code == 404
    assert MINI.appid not in anybody.get("/consultations").get_data(as_text=True)


def test_a_flood_gets_429_and_a_time_to_wait_and_others_are_not_touched(
    app: House, mini: MiniProgram, other: MiniProgram, publish: Callable[..., str]
) -> None:
    public_id = publish()
    answers = [mini.post("/comments", {"consultation": public_id, "text": f"刷屏{n}"}) for n in range(33)]
    assert [answer.status_code for answer in answers] == [201] * 30 + [429] * 3
    assert answers[-1].headers["Retry-After"] == "600"
    assert answers[-1].get_json()["code"] == "too_often"
    assert count(app, Comment) == 30
    other.comment(public_id)


def test_one_accept_brought_by_two_messengers_is_one_message(app: House, mini: MiniProgram) -> None:
    phone = Phone(app.test_client(), MINI, mini.openid or "", door="mini")
    accept = {"answers": [{"template": "MINI_ANSWER", "answer": "accept"}]}

    def event(at: int) -> None:
        item = {"TemplateId": "MINI_ANSWER", "SubscribeStatusString": "accept", "PopupScene": "0"}
        assert phone.event("subscribe_msg_popup_event", CreateTime=at, SubscribeMsgPopupEvent={"List": item}).quiet

    def left() -> int:
        return int(mini.get("/subscriptions").get_json()["items"][0]["left"])

    mini.post("/subscriptions", accept)
    event(1)
    assert left() == 1
    event(2)
    mini.post("/subscriptions", accept)
    assert left() == 2
    event(3)
    event(4)
    assert left() == 4


def test_one_network_cannot_make_us_ask_wechat_without_end(app: House, anybody: MiniProgram) -> None:
    asked: list[str] = []
    app.extensions["mini_code"] = asked.append
    outside = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    statuses = [anybody.call("POST", "/session", {"code": f"c{n}"}, **outside).status_code for n in range(302)]
    assert statuses == [401] * 300 + [429] * 2
    assert len(asked) == 300
    refused = anybody.call("POST", "/session", {"code": "x"}, **outside)
    assert refused.get_json()["code"] == "too_often"
    assert int(refused.headers["Retry-After"]) >= 1
