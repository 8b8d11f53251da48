"""The campaign's desk: an article is chosen, the count is waited for, another person approves, it is stopped with a reason."""

from collections.abc import Callable
from typing import Any

from models.kernel.base import db
from models.kernel.trail import SYSTEM
from models.messages.audience import expand
from models.messages.campaigning import fact_of
from models.messages.follow import follow
from models.messages.telling import Telling
from models.outreach.article import topics
from models.outreach.campaign import Campaign, CampaignStage, by_public_id
from server.house import House
from tests.console.world import World
from tests.making import a_follower, counted_as


def campaign_of(name: str) -> Campaign:
    found = by_public_id(name)
    assert found
    return found


def test_drafted_counted_approved_paused_and_stopped(app: House, world: World, desk: Callable[[str], Any]) -> None:
    author, justice, handler = desk("linxiao"), desk("luojing"), desk("shenlin")
    with app.app_context():
        topic = topics()[1].public_id
        follow(a_follower(77), a_follower(77), [], [topics()[1]])
        db.session.commit()
    assert handler.get("/desk/campaigns").status_code == 403
    told = {"article": world.published_article, "topics": topic, "way": "notice", "starts_at": "2026-01-01T03:00"}
    wrong = author.submit("/desk/campaigns/new", told)
    assert wrong.status_code == 422 and "这个时间已经过了" in wrong.get_data(as_text=True)
    unchosen = author.submit("/desk/campaigns/new", told | {"article": "", "starts_at": ""})
    assert unchosen.status_code == 422 and "请选一篇" in unchosen.get_data(as_text=True)
    made = author.submit("/desk/campaigns/new", told | {"starts_at": ""})
    assert made.status_code == 303
    at = made.headers["Location"]
    name = at.rsplit("/", 1)[1]
    page = author.get(at).get_data(as_text=True)
    assert "正在数" in page and f'hx-get="{at}"' in page, "it looks again by itself"
    early = author.submit(f"{at}/deed", {"deed": "submit"})
    assert early.status_code == 422 and "数一数" in early.get_data(as_text=True)
    with app.app_context():
        counted_as(campaign_of(name), people=3, short=[["没有关注公众号", 1]], warns=["会用掉2个人各一次订阅同意"])
        db.session.commit()
    page = author.get(at).get_data(as_text=True)
    assert "没有关注公众号" in page and "会用掉2个人" in page and "every 2s" not in page
    assert author.submit(f"{at}/deed", {"deed": "submit"}).status_code == 303
    assert author.submit(f"{at}/deed", {"deed": "approve"}).status_code == 403
    bare = justice.submit(f"{at}/deed", {"deed": "send_back", "reason": ""})
    assert bare.status_code == 422 and "退回的原因" in bare.get_data(as_text=True)
    assert justice.submit(f"{at}/deed", {"deed": "approve"}).status_code == 303
    assert author.get(f"{at}/edit").status_code == 409
    assert "还没有开始推送" in author.submit(f"{at}/deed", {"deed": "pause"}).get_data(as_text=True)
    with app.app_context():
        campaign = campaign_of(name)
        campaign.start(SYSTEM)
        db.session.flush()
        fact = fact_of(campaign)
        assert fact
        Telling.begin(fact, expand(fact))
        db.session.commit()
    assert author.submit(f"{at}/deed", {"deed": "pause", "reason": "等一等"}).status_code == 303
    assert "等一等" in author.get(at).get_data(as_text=True)
    assert author.submit(f"{at}/deed", {"deed": "resume"}).status_code == 303
    assert author.submit(f"{at}/deed", {"deed": "stop", "reason": ""}).status_code == 422
    assert author.submit(f"{at}/deed", {"deed": "stop", "reason": "电话写错了"}).status_code == 303
    page = author.get(at).get_data(as_text=True)
    assert "推送停止了（电话写错了）" in page and "every 2s" not in page
    assert author.submit(f"{at}/deed", {"deed": "dance"}).status_code == 403
    with app.app_context():
        assert campaign_of(name).stage is CampaignStage.STOPPED
    listed = author.get("/desk/campaigns").get_data(as_text=True)
    assert "已停止" in listed and "今天" in listed
