"""The mini program reads the catalogue as it stands, and every version as it stood; nothing that is not published."""

from miniapp_api.schemas import catalogue as schemas
from models.decisions.catalogue import CatalogueStage
from models.kernel.base import db
from models.kernel.clock import today
from server.house import House
from tests.conftest import People
from tests.making import a_catalogue
from tests.miniapp_api.conftest import MiniProgram


def test_the_catalogue_is_what_its_schema_says_version_by_version(app: House, anybody: MiniProgram) -> None:
    assert anybody.get("/catalogue").status_code == 404
    with app.app_context():
        people, year = People(), today().year
        first = a_catalogue(people)
        db.session.commit()
        again = a_catalogue(people, CatalogueStage.DRAFTED)
        again.revise(people["luojing"], reason="先做防洪论证。")
        again.drop_item(people["luojing"], again.items[1])
        again.put_item(people["luojing"], again.items[0], remark="分时段")
        draft = again.public_id
        db.session.commit()
        assert anybody.get(f"/catalogue/{draft}").status_code == 404, "a draft is nobody's business yet"
        again.consent(people["zhoumin"], today(), "青街工委〔2026〕9号")
        again.publish(people["zhoumin"])
        old = first.public_id
        db.session.commit()
    now = anybody.get("/catalogue").get_json()
    schemas.Catalogue().load(now)
    assert (now["id"], now["number"], now["in_force"], now["reason"]) == (draft, 2, True, "先做防洪论证。")
    assert [(c["what"], c["title"], c["parts"]) for c in now["changes"]] == [
        ("changed", "农贸市场周边停车管理办法", ["备注"]),
        ("removed", "河滨步道延伸工程", []),
    ]
    assert [p["word"] for p in now["items"][0]["procedures"]] == ["participation", "legal_review", "deliberation"]
    before = anybody.get(f"/catalogue/{old}").get_json()
    schemas.Catalogue().load(before)
    assert (before["in_force"], len(before["items"]), [v["number"] for v in before["versions"]]) == (False, 2, [2, 1])
    assert anybody.get("/catalogue", year=year).get_json()["id"] == draft
    assert anybody.get("/catalogue", year=year - 1).status_code == 404
    assert anybody.get("/catalogue", year="x").status_code == 422
