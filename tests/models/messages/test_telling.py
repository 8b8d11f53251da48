"""Why somebody was told in the way that they were, in few words."""

from models.messages.telling import short_of


def test_an_obstacle_of_two_ways_is_named_once() -> None:
    why = "公众号服务通知不行：没有公众号身份；小程序订阅消息不行：没有用过小程序；公众号群发不行：没有公众号身份；用我的意见"
    assert short_of(why) == "没有公众号身份、没有用过小程序"
    assert short_of("用公众号服务通知") == "用公众号服务通知"
