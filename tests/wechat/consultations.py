"""Brings consultations through their sign-off by verbs, and releases them."""

from typing import Any

from models.comments.point import Outcome, Point, PointStage
from models.comments.release import release, totals
from models.decisions.consultation import Consultation, by_public_id
from models.decisions.decision import Decision
from models.decisions.draft import Draft
from models.kernel.base import db
from models.people.officer import Officer
from server.house import House, brief

DRAFT = """农贸市场周边停车管理办法（草案）

第一条　为了规范农贸市场周边停车，制定本办法。

第二条　本办法适用于农贸市场周边三条道路。

第三条　早市车位每天六时至九时开放。

第四条　临时停车不超过一小时。

第五条　本办法自公布之日起施行。
"""


def officer(login: str) -> Officer:
    """Somebody who works here."""
    found = Officer.by_login(login)
    assert found, login
    return found


class Publisher:
    """Publishes consultations in an application."""

    def __init__(self, app: House):
        self.app = app

    def __call__(self, title: str = "农贸市场周边停车管理办法", draft: str = DRAFT, **fields: Any) -> str:
        with self.app.app_context(), brief():
            handler = officer("shenlin")
            case = Decision.open(handler, title)
            text = Draft.write(handler, case, draft)
            told = {
                "title": title,
                "summary": "停一小时改一小时半",
                "whom": "农贸市场周边的居民和商户",
                "content": "规定停车时间。",
                "purpose": "让早市好停车。",
                "basis": "《道路交通安全法》",
                "impact": "周边三条道路。",
                "contact_unit": "城市管理科",
                "contact_phone": "0000-5550123",
            }
            asked = Consultation.draft_new(handler, case, draft=text, **(told | fields))
            asked.submit(handler)
            asked.check(officer("xujing"))
            asked.review(officer("hexiulan"))
            asked.sign(officer("wuqiming"))
            asked.publish(officer("zhoumin"))
            return asked.public_id

    def answer_all(self, public_id: str, outcome: Outcome = Outcome.ADOPTED, *, may_show: bool = True) -> None:
        """Answer and approve every point, then release."""
        with self.app.app_context(), brief():
            asked = by_public_id(public_id)
            assert asked
            points = db.session.query(Point).filter_by(consultation_id=asked.id).all()
            for point in points:
                if point.stage == PointStage.WITHDRAWN:
                    continue
                point.answer(officer("shenlin"), outcome, "采纳，已改为一个半小时。", gist="希望延长停车时间")
                point.submit(officer("shenlin"))
                point.approve(officer("xujing"), may_show=may_show)
            release(asked, officer("zhoumin"), totals(asked)["points"])
