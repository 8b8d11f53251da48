"""The ear: what WeChat tells us, understood once, and what we say back in the same breath."""

from server.wechat.webhook import blueprint

__all__ = ["blueprint"]
