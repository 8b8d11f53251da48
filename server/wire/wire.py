"""Both of the office's accounts on one line, as the rest of the house is given them."""

from config.settings import Settings
from server.wire.account import Mini, Official
from server.wire.line import Line
from server.wire.redaction import hide
from server.wire.tokens import TokenCentre


class Wire:
    """`official` and `mini` are None where the office has no such account."""

    def __init__(self, settings: Settings, tokens: TokenCentre | None = None) -> None:
        accounts = [a for a in (settings.official, settings.mini) if a is not None]
        for account in accounts:
            hide(account.secret, account.token, account.aes_key)
        self.line = Line(settings.wechat_api_base, settings.wechat_mp_base, settings.wechat_open_base)
        self.tokens = tokens or TokenCentre(self.line, {a.appid: a.secret for a in accounts})
        self.official: Official | None = None
        self.mini: Mini | None = None
        if settings.official:
            a = settings.official
            self.official = Official(a.appid, a.secret, a.kind, self.line, self.tokens)
        if settings.mini:
            a = settings.mini
            self.mini = Mini(a.appid, a.secret, a.kind, self.line, self.tokens)

    def __repr__(self) -> str:
        return f"<Wire official={self.official!r} mini={self.mini!r}>"
