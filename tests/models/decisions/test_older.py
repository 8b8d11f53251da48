"""Documents from before this system: registered without a case, reminded of by the clockwork, evaluated by two, cleaned up with the rest."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions.cleanup import Cleanup
from models.decisions.expiry import Call, ExpiryNotice, newest_calls, notices_of, remind_of_expiry
from models.decisions.older import OlderDocument, OlderStage, older_documents
from models.decisions.validity import Force, Verdict, term_of
from models.kernel import clock
from models.kernel.clock import today
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import Trace
from server.house import House
from server.jobs.queue import Queue
from server.jobs.routine import Routine
from tests.conftest import People
from tests.deciding import a_document
from tests.making import a_pdf, an_older_document

pytestmark = pytest.mark.both_engines
DAY = 86_400


def ends_in(days: int) -> dict[str, Any]:
    return {"valid_until": today() + timedelta(days=days)}


def on(day: date) -> None:
    """The law's clock goes to this day."""
    while (left := (day - today()).days) > 0:
        clock.move(min(left, 400) * DAY)


def test_it_is_registered_as_it_was_issued_and_holds_as_long_as_its_name_lets_it(
    people: People, session: scoped_session[Any]
) -> None:
    made = an_older_document(people)
    assert made.valid_until.year - made.effective_on.year == 5
    short = an_older_document(people, "青街规〔2025〕1号", title="充电棚管理办法（试行）", published_on=today())
    assert short.valid_until.year - short.effective_on.year == 2
    assert [one for one, _ in older_documents()] == [made, short] or made.valid_until > short.valid_until
    with pytest.raises(NotAllowed):
        OlderDocument.register(
            people["shenlin"],
            number="x",
            title="x",
            published_on=today(),
            effective_on=None,
            valid_until=None,
            data=b"",
        )
    session.commit()
    for sql in ("UPDATE older_document SET title = '别的'", "DELETE FROM older_document"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("number", {"number": " "}),
        ("title", {"title": ""}),
        ("published_on", {"published_on": None}),
        ("effective_on", {"effective_on": date(2001, 1, 1)}),
        ("valid_until", {"valid_until": date(2001, 1, 1)}),
        ("file", {"data": b""}),
    ],
)
def test_what_is_missing_is_named(people: People, field: str, told: dict[str, Any]) -> None:
    with pytest.raises(RuleUnmet) as refused:
        an_older_document(people, **told)
    assert field in refused.value.fields


def test_a_number_is_registered_once_and_a_picture_is_no_document(people: People) -> None:
    an_older_document(people)
    with pytest.raises(RuleUnmet) as refused:
        an_older_document(people)
    assert "已经登记过" in refused.value.fields["number"]
    with pytest.raises(RuleUnmet):
        an_older_document(people, "青街规〔2022〕9号", data=b"GIF89a no document")
    document = a_document(people)
    with pytest.raises(RuleUnmet):
        an_older_document(people, document.number)


def test_the_clockwork_reminds_half_a_year_before_a_month_before_and_when_it_has_lapsed(
    app: House, people: People, session: scoped_session[Any]
) -> None:
    old, document = an_older_document(people, **ends_in(400)), a_document(people)
    routine = Routine(app, Queue(app, {}, "tests"), None)  # type: ignore[arg-type]

    def a_day_at(day: date) -> list[Call]:
        on(day)
        session.commit()
        with app.app_context():
            routine.calendar()
            routine.calendar()
        session.expire_all()
        return [notice.call for notice in notices_of(old)]

    term = old.term()
    assert a_day_at(term.notice_on - timedelta(days=1)) == []
    assert a_day_at(term.notice_on) == [Call.NOTICE]
    assert a_day_at(term.notice_on + timedelta(days=1)) == [Call.NOTICE], "once"
    assert a_day_at(term.until - timedelta(days=30)) == [Call.NOTICE, Call.LAST]
    assert a_day_at(term.until) == [Call.NOTICE, Call.LAST]
    assert a_day_at(term.until + timedelta(days=1)) == [Call.NOTICE, Call.LAST, Call.LAPSED]
    assert notices_of(document) == [], "its time is far away"
    told = session.scalars(select(Trace).where(Trace.subject_kind == "ExpiryNotice")).all()
    assert [trace.detail["number"] for trace in told] == [old.number] * 3
    assert newest_calls()["older", old.id][0] == Call.LAPSED
    assert old.term().force == Force.LAPSED
    found = term_of(document)
    assert found
    on(found.notice_on)
    assert remind_of_expiry() == 1
    session.flush()
    assert [notice.call for notice in notices_of(document)] == [Call.NOTICE]
    assert remind_of_expiry() == 0


def test_what_ended_long_ago_or_was_repealed_is_not_reminded_of(people: People, session: scoped_session[Any]) -> None:
    an_older_document(people, "青街规〔2015〕1号", published_on=date(2015, 1, 5))
    gone = an_older_document(people, "青街规〔2022〕8号", **ends_in(20))
    gone.propose(people["zhoumin"], Verdict.REPEAL, "上位法变了。")
    gone.agree(people["hexiulan"])
    session.flush()
    assert remind_of_expiry() == 0
    assert session.scalars(select(ExpiryNotice)).all() == []


def test_two_persons_prolong_it_and_then_the_reminders_begin_anew(people: People, session: scoped_session[Any]) -> None:
    made = an_older_document(people, **ends_in(100))
    assert remind_of_expiry() == 1
    with pytest.raises(RuleUnmet) as refused:
        made.propose(people["zhoumin"], Verdict.KEEP, "还要用。", made.valid_until)
    assert set(refused.value.fields) == {"until"}
    until = made.valid_until + timedelta(days=700)
    made.propose(people["zhoumin"], Verdict.KEEP, "还要用。", until)
    assert made.stage == OlderStage.PROPOSED
    with pytest.raises(NotAllowed):
        made.agree(people["zhoumin"])
    made.send_back(people["wuqiming"], "写明依据。")
    made.propose(people["zhoumin"], Verdict.KEEP, "还要用，依据没有变。", until)
    made.agree(people["wuqiming"])
    session.flush()
    assert (made.valid_until, made.stage, made.term().force) == (until, OlderStage.REGISTERED, Force.IN_FORCE)
    assert remind_of_expiry() == 0
    on(made.term().notice_on)
    assert remind_of_expiry() == 1, "a new end, a new reminder"


def test_a_clean_up_lists_it_and_what_it_repeals_holds_no_longer(people: People, session: scoped_session[Any]) -> None:
    old, document = an_older_document(people), a_document(people)
    made = Cleanup.begin(people["zhoumin"], "2026年清理", "县政府办通知。")
    session.flush()
    assert [item.document for item in made.everything] == [document, old]
    made.judge(people["zhoumin"], made.items[0], Verdict.KEEP, "仍然需要。")
    with pytest.raises(RuleUnmet, match="还差 1 件"):
        made.conclude(people["wuqiming"])
    made.judge(people["zhoumin"], made.older[0], Verdict.REPEAL, "上位法变了。")
    made.conclude(people["wuqiming"])
    session.commit()
    assert old.term().force == Force.REPEALED
    with pytest.raises(OutOfTurn):
        old.propose(people["zhoumin"], Verdict.KEEP, "再用。", today())
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("UPDATE older_cleanup_item SET reason = '别的'"))


def test_it_is_registered_at_the_desk_and_read_by_everybody(app: House, desk: Any) -> None:
    office = desk("zhoumin")
    with app.app_context():
        day = today() - timedelta(days=90)
    told = {"number": "青街规〔2023〕1号", "title": "集市管理办法", "published_on": day.isoformat()}
    bare = office.submit("/desk/older", told)
    assert bare.status_code == 422
    assert "请交正式文件" in bare.get_data(as_text=True)
    assert 'value="集市管理办法"' in bare.get_data(as_text=True), "nothing is lost"
    sent = office.submit(
        "/desk/older", told | {"file": (BytesIO(a_pdf("集市")), "集市.pdf")}, content_type="multipart/form-data"
    )
    assert sent.status_code == 303
    assert "集市管理办法" in office.get("/desk/normatives").get_data(as_text=True)
    assert desk("shenlin").get("/desk/older/new").status_code == 403
    visitor = app.test_client()
    page = visitor.get("/decisions/older").get_data(as_text=True)
    assert "集市管理办法" in page
    assert "以前公布的规范性文件" in visitor.get("/decisions").get_data(as_text=True)
    with app.app_context():
        ((made, _),) = older_documents()
        address = made.public_id
    taken = visitor.get(f"/decisions/older/{address}")
    assert taken.get_data() == a_pdf("集市")
    assert taken.headers["Content-Disposition"].startswith("attachment")
    assert visitor.get("/decisions/older/aaaaaaaaaaaa").status_code == 404
