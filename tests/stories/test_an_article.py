"""An article with a picture, from the sheet to the page, the mini program and the clause that it explains."""

import io
from typing import Any

from PIL import Image

from models.kernel.base import db
from models.outreach.article import topics
from server.house import House
from tests.conftest import People
from tests.making import a_consultation
from tests.privacy.told import signed_in
from tests.stories.test_a_legal_question import Street, street

__all__ = ["street"]
BODY = "停车的事，先看三样。\n\n## 看什么\n\n- 划没划线\n- 有没有牌子\n\n【图1】\n\n<b>不是标签</b>"


def test_from_the_sheet_to_the_clause(street: Street, app: House, clock: Any) -> None:
    with app.app_context():
        asked = a_consultation(People())
        assert asked.draft
        consultation, clause = asked.public_id, asked.draft.speakable[1].public_id
        topic = topics()[2].public_id
        street.desks["linxiao"], _ = signed_in(app, People()["linxiao"], "console")
        db.session.commit()
    told = {"title": "路边停车看什么", "body": BODY, "basis": "道路交通安全法第三十三条", "basis_on": "2021-04-29"}
    assert f'value="{topic}"' in street.page("linxiao", f"/desk/articles/new?topic={topic}")
    at = street.send("linxiao", "/desk/articles/new", deed="keep", topic=topic, **told)
    sheet = street.page("linxiao", at)
    assert "读者可能会卡在这里" in sheet, "it is short, and the sheet says so"
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "#2a7").save(file, "PNG")
    form = {"caption": "划了线的车位", "picture": (io.BytesIO(file.getvalue()), "a.png")}
    assert street.desks["linxiao"].post(f"{at}/pictures", data={"caption": "没有图"}).status_code == 422
    assert street.desks["linxiao"].post(f"{at}/pictures", data=form).status_code == 303
    assert "【图1】" in street.page("linxiao", at)
    street.send("linxiao", at, deed="submit", topic=topic, **told)
    public = "/articles/" + at.rsplit("/", 1)[1]
    assert street.site.get(f"{public}/pictures/1").status_code == 404, "not before it is published"
    assert street.desks["luojing"].get(f"{at}/pictures/1").status_code == 200
    street.send("luojing", f"{at}/deed", deed="review")
    street.send("linxiao", f"{at}/deed", deed="publish")
    page = street.site.get(public).get_data(as_text=True)
    for part in ('alt="划了线的车位"', "<li>划没划线</li>", "<h2>看什么</h2>", "&lt;b&gt;不是标签"):
        assert part in page, part
    assert street.site.get(f"{public}/pictures/1").mimetype in ("image/jpeg", "image/png")
    whole = street.mini.get(f"/api/v1{public}").get_json()
    assert [block["kind"] for block in whole["blocks"]] == ["text", "heading", "bullets", "picture", "text"]
    assert whole["blocks"][3]["picture"] == {"url": f"{public}/pictures/1", "caption": "划了线的车位"}

    street.send("linxiao", f"{at}/beside", 422, clause="zzzzzzzzzzzz")
    street.send("linxiao", f"{at}/beside", clause=clause)
    assert "法律怎么说" in street.site.get(f"/consultations/{consultation}").get_data(as_text=True)
    street.send("linxiao", f"{at}/beside", clause=clause, deed="away")
    assert "法律怎么说" not in street.site.get(f"/consultations/{consultation}").get_data(as_text=True)
    clock.forward(days=13)
    assert "13 天没有发布文章了" in street.page("linxiao", "/desk/")
    assert "13 天没有发布了" in street.page("linxiao", "/desk/articles")
