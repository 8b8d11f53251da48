"""Articles as they are typed, their pictures, and their place beside a clause."""

import io
from typing import Any

import pytest
from PIL import Image

from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.outreach.article import Article
from models.outreach.beside import beside, put_beside, stands_beside, take_away
from models.outreach.picture import BYTES, add_picture, picture_of, pictures_of
from models.texts.article_text import blocks, hints
from server.voice.article import Hosted, paragraphs
from tests.making import a_consultation

TYPED = """春耕之前，村里总有人来问。

## 一、先看三样

- 承包证
- 合同
1. 先催
2. 再调解
> 第四十条 流转应当签书面合同
【图1】 合同样本
<script>alert(1)</script>"""


def test_what_is_typed_is_read_once() -> None:
    found = [(b.kind, b.words or b.items or b.picture) for b in blocks(TYPED)]
    assert found == [
        ("text", "春耕之前，村里总有人来问。"),
        ("heading", "一、先看三样"),
        ("bullets", ("承包证", "合同")),
        ("numbers", ("先催", "再调解")),
        ("quote", "第四十条 流转应当签书面合同"),
        ("picture", "合同样本"),
        ("text", "<script>alert(1)</script>"),
    ]
    assert list(blocks("")) == []


def test_wechat_gets_the_same_and_only_its_own_pictures() -> None:
    made = "".join(paragraphs(TYPED, {1: Hosted("http://mmbiz.example/1.jpg", "一份合同")}))
    assert made.count("<li>") == 4
    assert '<img src="http://mmbiz.example/1.jpg" alt="一份合同">' in made
    assert "<script" not in made
    assert "<img" not in "".join(paragraphs(TYPED))


def test_hints_are_about_length_and_plain_words() -> None:
    assert any("小标题" in one for one in hints("讲一件事。" * 150))
    assert any("超过60字" in one for one in hints("这一句话" * 20 + "。" + "短句。" * 60))
    assert any("公文的词" in one for one in hints("上述事项应予办理，" * 30))
    good = "先看合同。合同里写了期限。\n\n## 怎么办\n\n先催，再请人调解。" * 8
    assert hints(good) == []


def drawn(size: tuple[int, int] = (900, 600), kind: str = "JPEG", noise: bool = False) -> bytes:
    """A picture as a telephone makes it."""
    made = Image.effect_noise(size, 90).convert("RGB") if noise else Image.new("RGB", size, "#2a7")
    file = io.BytesIO()
    made.save(file, kind)
    return file.getvalue()


def test_a_picture_is_made_small_enough_for_wechat_and_has_words(people: Any) -> None:
    author = people["linxiao"]
    article = Article.draft_new(author, title="合同", body=TYPED, topic=None)
    with pytest.raises(RuleUnmet):
        add_picture(article, author, drawn(), " ")
    with pytest.raises(RuleUnmet):
        add_picture(article, author, b"%PDF-1.4 no picture", "合同")
    with pytest.raises(NotAllowed):
        add_picture(article, people["shenlin"], drawn(), "合同")
    add_picture(article, author, drawn((4000, 3000), noise=True), "一份合同")
    add_picture(article, author, drawn(kind="PNG"), "第二页")
    db.session.flush()
    first, second = pictures_of(article)
    assert (first.number, second.number) == (1, 2)
    assert max(first.size, second.size) < BYTES
    assert picture_of(article, 1).data[:2] == b"\xff\xd8"
    article.submit(author)
    with pytest.raises(OutOfTurn):
        add_picture(article, author, drawn(), "太晚了")


@pytest.mark.both_engines
def test_an_article_stands_beside_a_clause_while_it_is_public(people: Any) -> None:
    asked: Consultation = a_consultation(people)
    assert asked.draft
    clause = asked.draft.speakable[1]
    article = Article.draft_new(
        people["linxiao"],
        title="停车怎么管",
        body="依法划线。",
        topic=None,
        basis="道路交通安全法第三十三条",
        basis_on=today(),
    )
    with pytest.raises(OutOfTurn):
        put_beside(article, people["linxiao"], clause)
    article.submit(people["linxiao"])
    article.review(people["luojing"])
    article.publish(people["linxiao"])
    put_beside(article, people["linxiao"], clause)
    db.session.flush()
    with pytest.raises(RuleUnmet):
        put_beside(article, people["shenlin"], clause)
    assert [row.title for row in beside(asked.draft_id)[clause.position]] == ["停车怎么管"]
    assert list(stands_beside(article)) == [clause]
    article.withdraw(people["luojing"], "法律改了。")
    db.session.flush()
    assert beside(asked.draft_id) == {}
    take_away(article, people["luojing"], clause)
    assert list(stands_beside(article)) == []
