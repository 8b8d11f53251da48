"""The line against the stand-in for WeChat's servers, running as a process of its own: nothing here is scripted by us."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import ROOT
from models.kernel.base import db
from server.house import House
from server.wire.account import Publishing
from server.wire.errors import Reaction, Unknown, WireError, rule_for
from server.wire.wire import Wire
from tests.conftest import OFFICIAL, Engine, migrate, settings_for
from tests.houses import bare_house
from tests.wire.simulator import Simulator
from tests.wire.test_vectors import NAMED

PNG = (Path(ROOT) / "server" / "voice" / "static" / "cover.png").read_bytes()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = Simulator(tmp_path_factory.mktemp("simulator"))
    yield simulator
    simulator.close()


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    running.sim("reset", {})
    running.sim("errors", {"clear": True})
    running.sim("kind", {"kind": "service"})
    return running


@pytest.fixture
def wire(simulator: Simulator, engine: Engine, tmp_path: Path) -> Iterator[Wire]:
    base = simulator.url
    settings = settings_for(
        engine.fresh("migrated", migrate),
        tmp_path,
        wechat_api_base=base,
        wechat_mp_base=base,
        wechat_open_base=base,
    )
    house: House = bare_house(settings)
    wire = Wire(settings)
    with house.app_context():
        yield wire
        db.session.remove()
        db.engine.dispose()
    wire.line.close()


TEMPLATE = "/cgi-bin/message/template/send"
VALUES = {"thing1": "停车管理办法", "thing2": "您的意见已答复：采纳", "date3": "2026年12月22日"}


def send(wire: Wire, openid: str, key: str = "m1", template: str = "TEMPLATE_ANSWER") -> str:
    assert wire.official
    return wire.official.send_template(openid, template, VALUES, url="http://localhost/mine", client_msg_id=key)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_each_error_is_driven_to_its_named_reaction(name: str, wire: Wire, simulator: Simulator) -> None:
    errcode = int(name.split("-")[0] or "-1") if name != "-1" else -1
    person = simulator.phone()
    send(wire, person["openid"], "first")
    simulator.trouble(TEMPLATE, errcode=errcode, times=5)
    with pytest.raises(WireError) as refused:
        send(wire, person["openid"], "second")
    wanted = NAMED[name]
    assert refused.value.errcode == errcode
    assert rule_for(errcode).reaction is wanted
    assert refused.value.reaction is (Reaction.ALARM_STOP if wanted is Reaction.REFRESH_TOKEN else wanted)
    assert refused.value.rid
    left = simulator.sim("errors")["errors"][0]["left_over"]
    assert left == (3 if wanted is Reaction.REFRESH_TOKEN else 4), "one more try for a token, none for the rest"


@pytest.mark.parametrize("mode", ["drop", "drop_after", "garbage", "http500"])
def test_what_gives_no_answer_is_unknown(mode: str, wire: Wire, simulator: Simulator) -> None:
    person = simulator.phone()
    send(wire, person["openid"], "first")
    simulator.trouble(TEMPLATE, mode)
    with pytest.raises(Unknown):
        send(wire, person["openid"], "second")
    number = send(wire, person["openid"], "second")
    assert number
    assert send(wire, person["openid"], "second") == number, "the key makes the repeat harmless"


def test_a_silent_wechat_is_given_up_within_seconds(wire: Wire, simulator: Simulator) -> None:
    person = simulator.phone()
    send(wire, person["openid"], "first")
    simulator.trouble(TEMPLATE, "hang", seconds=20)
    began = time.monotonic()
    with pytest.raises(Unknown):
        send(wire, person["openid"], "second")
    assert time.monotonic() - began < 9


def test_tokens_that_die_all_at_once_are_replaced(wire: Wire, simulator: Simulator) -> None:
    person = simulator.phone()
    send(wire, person["openid"], "first")
    simulator.sim("expire", {})
    assert send(wire, person["openid"], "second")


def test_a_template_message_reaches_the_phone_as_it_was_said(wire: Wire, simulator: Simulator) -> None:
    person = simulator.phone()
    for _ in range(3):
        send(wire, person["openid"], "the-same")
    end = time.monotonic() + 15
    while True:
        chat = simulator.sim("phones/1/chat")["messages"]
        cards = [m for m in chat if m.get("kind") == "template" or m.get("type") == "template"]
        if cards:
            break
        assert time.monotonic() < end, chat
        time.sleep(0.2)
    assert len(cards) == 1
    assert "停车管理办法" in str(cards[0])
    stranger = simulator.phone(2, follows=False)
    with pytest.raises(WireError) as refused:
        send(wire, stranger["openid"])
    assert refused.value.reaction is Reaction.UNFOLLOWED
    with pytest.raises(WireError) as refused:
        send(wire, "o-nobody")
    assert refused.value.reaction is Reaction.DROP_RECIPIENT
    with pytest.raises(WireError) as refused:
        send(wire, person["openid"], template="NO_SUCH")
    assert refused.value.reaction is Reaction.STOP_BATCH


def test_drafts_and_publishing(wire: Wire, simulator: Simulator) -> None:
    official = wire.official
    assert official
    cover = official.keep_picture("cover.png", PNG)
    article = {
        "title": "公告",
        "author": "青禾街道",
        "digest": "一句话",
        "content": "<p>正文</p>",
        "content_source_url": "http://localhost/consultations/x",
        "thumb_media_id": cover,
        "need_open_comment": 0,
        "only_fans_can_comment": 0,
    }
    draft = official.add_draft([article])
    job = official.publish(draft)
    end = time.monotonic() + 15
    while (found := official.published(job)).state is Publishing.RUNNING:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert found.state is Publishing.OK
    assert found.url
    assert found.article_id
    second = official.add_draft([article])
    simulator.sim("kind", {"kind": "unverified"})
    with pytest.raises(WireError) as refused:
        official.publish(second)
    assert refused.value.reaction is Reaction.CAPABILITY_OFF


def test_a_mass_send_is_taken_once(wire: Wire, simulator: Simulator) -> None:
    official = wire.official
    assert official
    simulator.phone()
    cover = official.keep_picture("cover.png", PNG)
    draft = official.add_draft([{"title": "文", "content": "<p>正文</p>", "thumb_media_id": cover}])
    first = official.send_to_tag(draft, tag_id=None, client_msg_id="b1")
    assert first.msg_id
    with pytest.raises(WireError) as fast:
        official.send_to_tag(draft, tag_id=None, client_msg_id="b1")
    assert fast.value.reaction is Reaction.NEXT_MINUTE
    simulator.sim("clock", {"seconds": 120, "alone": True})
    again = official.send_to_tag(draft, tag_id=None, client_msg_id="b1")
    assert again.already
    assert again.msg_id == first.msg_id


def test_tags_menu_and_followers(wire: Wire, simulator: Simulator) -> None:
    official = wire.official
    assert official
    person = simulator.phone()
    tag = official.make_tag("劳动争议")
    assert official.tags()["劳动争议"] == tag
    official.tag_people(tag, [person["openid"]])
    assert official.follows(person["openid"])
    assert official.menu() == []
    buttons = [{"type": "click", "name": "征求意见", "key": "consultations"}]
    official.put_menu(buttons)
    assert official.menu()[0]["name"] == "征求意见"
    with pytest.raises(WireError) as refused:
        official.put_menu([{"type": "click", "name": "这个名字实在是太长太长太长了", "key": "k"}] * 4)
    assert refused.value.reaction is Reaction.FIX_DATA


def test_the_mini_program_checks_texts_and_spends_consents(wire: Wire, simulator: Simulator) -> None:
    mini = wire.mini
    assert mini
    person = simulator.phone()
    openid = person["mini_openid"]
    assert mini.check_text(openid, "希望晚一点关灯").suggest in ("pass", "review")
    with pytest.raises(WireError) as refused:
        mini.send_subscribed(
            openid,
            "MINI_ANSWER",
            {"thing1": "灯", "phrase2": "采纳", "date3": "2026年12月22日"},
            page="pages/mine/mine",
        )
    assert refused.value.reaction is Reaction.ZERO_GRANT
    assert mini.session_by_code("no-such-code") is None


def test_a_wrong_secret_is_an_alarm(simulator: Simulator, wire: Wire) -> None:
    wire.tokens._secret_of[OFFICIAL.appid] = "f" * 32
    with pytest.raises(WireError) as refused:
        send(wire, "o-x")
    assert refused.value.reaction is Reaction.ALARM_STOP


def test_a_square_with_a_scene_is_made_and_too_long_a_scene_is_refused(wire: Wire, simulator: Simulator) -> None:
    assert wire.official
    assert wire.official.make_scene("in_abcdefghjkmn_123456").startswith("http://weixin.qq.com/q/")
    with pytest.raises(WireError):
        wire.official.make_scene("x" * 65)
    simulator.sim("kind", {"kind": "unverified"})
    with pytest.raises(WireError) as refused:
        wire.official.make_scene("in_abcdefghjkmn_123456")
    assert refused.value.reaction is Reaction.CAPABILITY_OFF
