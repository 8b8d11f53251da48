"""The office's WeChat accounts and what can be asked of each, in the words of this house."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from wechatpy import WeChatClient

from server.wire.errors import Reaction, Unknown, WireError
from server.wire.line import API, Download, Line, api_name
from server.wire.many import Many, Outcome, body_of
from server.wire.redaction import hide
from server.wire.rights import Rights, rights_of

PICTURE_CAP = 10 * 1024 * 1024
LACKING_SECONDS = 3600.0


class Tokens(Protocol):
    """Where access tokens come from."""

    def token(self, appid: str) -> str:
        """A token that is good now."""

    def refused(self, appid: str, used: str) -> str:
        """Another one than this."""


@dataclass(frozen=True)
class Visitor:
    """Who came back from WeChat's sign-in page. A snapshot visitor is a stand-in and must not become a resident."""

    openid: str = field(repr=False)
    unionid: str | None = field(default=None, repr=False)
    snapshot: bool = False


@dataclass(frozen=True)
class Verdict:
    """What WeChat's content check says: pass, review or risky."""

    suggest: str
    label: int | None = None
    trace_id: str | None = None


class Publishing(IntEnum):
    """How far freepublish is with an article; the numbers are WeChat's."""

    OK = 0
    RUNNING = 1
    ORIGINALITY_FAILED = 2
    FAILED = 3
    AUDIT_FAILED = 4
    DELETED = 5
    BANNED = 6


@dataclass(frozen=True)
class Published:
    """What WeChat says about a publishing job."""

    state: Publishing
    article_id: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class MassReceipt:
    """What WeChat gave back for a mass send; `already` when it knew our client id."""

    msg_id: str
    data_id: str | None = None
    already: bool = False


class _Client(WeChatClient):
    """wechatpy knows WeChat's paths and bodies; breath, tokens and errors are ours."""

    def __init__(self, appid: str, line: Line, tokens: Tokens) -> None:
        super().__init__(appid, "", auto_retry=False)
        self.__dict__["_http"] = line.http  # its own session has neither our hosts nor our patience
        self._line = line
        self._tokens = tokens

    @property
    def access_token(self) -> str:
        """From the token centre, never fetched here."""
        return self._tokens.token(self.appid)

    def fetch_access_token(self) -> None:
        """wechatpy's own fetch would call /cgi-bin/token and make everybody else's token invalid."""
        raise AssertionError("tokens come from the token centre")

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        """Send through our line; exactly one more try when the token was refused."""
        base = kwargs.pop("api_base_url", self.API_BASE_URL)
        url = url_or_endpoint if url_or_endpoint.startswith("https://") else base + url_or_endpoint
        path = urlsplit(url).path
        body = kwargs.pop("data", None)
        params = dict(kwargs.pop("params", None) or {})
        processor = kwargs.pop("result_processor", None)
        token = self._tokens.token(self.appid)
        for more in (True, False):
            params["access_token"] = token
            refused: WireError | None = None
            try:
                result = self._line.ask(
                    method.upper(),
                    path,
                    params=params,
                    body=body,
                    files=kwargs.get("files"),
                    timeout=kwargs.get("timeout"),
                )
                return processor(result) if processor else result
            except (KeyError, TypeError):
                raise Unknown(api_name(path), "the answer lacks what it should hold") from None
            except WireError as error:
                if error.reaction is not Reaction.REFRESH_TOKEN:
                    raise
                refused = error
            if more:
                token = self._tokens.refused(self.appid, token)
            else:
                raise WireError(
                    refused.api, refused.errcode, Reaction.ALARM_STOP, "新换的接口凭证也被拒绝", refused.errmsg
                )
        raise AssertionError("unreachable")


class Account:
    """What both kinds of account have in common."""

    def __init__(self, appid: str, secret: str, kind: str, line: Line, tokens: Tokens) -> None:
        self.appid = appid
        self.kind = kind
        self._secret = secret
        self._line = line
        self._tokens = tokens
        self._client = _Client(appid, line, tokens)
        # Behind a proxy calls go one by one: many connections are for a straight line to WeChat.
        self._many = None if line.http.proxies else Many(line.api_base)
        self._lacking: dict[str, float] = {}
        hide(secret)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.appid}>"

    def lacks(self, path: str) -> bool:
        """Whether WeChat said within the last hour that the account does not have this interface."""
        return self._lacking.get(api_name(path), 0.0) > time.monotonic()

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """A call that wechatpy does not know, through its own generic door."""
        if self.lacks(path):
            raise WireError(api_name(path), 48001, Reaction.CAPABILITY_OFF, "账号没有这个接口的权限")
        try:
            answer: dict[str, Any] = self._client.post(API + path, data=dict(body))
        except WireError as error:
            if error.reaction is Reaction.CAPABILITY_OFF:
                self._lacking[api_name(path)] = time.monotonic() + LACKING_SECONDS
            raise
        return answer

    def _post_many(
        self,
        path: str,
        bodies: Sequence[dict[str, object]],
        *,
        ends: Callable[[Outcome], bool],
        stopping: Callable[[], bool],
        seconds: float,
    ) -> list[Outcome]:
        """The same call for many people at once; what came of each, None for those that were never begun.

        A call whose token was refused is made once more by itself, which renews the token for all that follow.
        """

        def over(outcome: Outcome) -> bool:
            stale = isinstance(outcome, WireError) and outcome.reaction is Reaction.REFRESH_TOKEN
            return stale or ends(outcome)

        found: list[Outcome] = [None] * len(bodies)
        until = time.monotonic() + seconds
        if self._many is not None:
            try:
                token = self._tokens.token(self.appid)
            except (WireError, Unknown) as error:
                if bodies:
                    found[0] = error if isinstance(error, WireError) else _no_token(error)
                return found
            sent = self._many.post(
                path, token, [body_of(b) for b in bodies], ends=over, stopping=stopping, seconds=seconds
            )
            found = sent
        again = [n for n, o in enumerate(found) if isinstance(o, WireError) and o.reaction is Reaction.REFRESH_TOKEN]
        for n in again if self._many is not None else range(len(bodies)):
            if stopping() or time.monotonic() > until:
                if self._many is not None:
                    found[n] = None  # refused for its token: nothing was sent
                continue
            try:
                found[n] = self._post(path, bodies[n])
            except (WireError, Unknown) as error:
                found[n] = error
            if ends(found[n]):
                until = 0.0
        return found

    def let_go(self) -> None:
        """Close the connections that were kept open."""
        if self._many is not None:
            self._many.close()

    def media(self, media_id: str, cap: int = PICTURE_CAP) -> Download:
        """A picture or voice message somebody sent us; WeChat keeps it for three days."""
        path = "/cgi-bin/media/get"
        token = self._tokens.token(self.appid)
        try:
            return self._line.download(path, params={"access_token": token, "media_id": media_id}, cap=cap)
        except WireError as error:
            if error.reaction is not Reaction.REFRESH_TOKEN:
                raise
        token = self._tokens.refused(self.appid, token)
        return self._line.download(path, params={"access_token": token, "media_id": media_id}, cap=cap)

    def send_text(self, openid: str, text: str) -> None:
        """A customer message; only inside the window that the person opened by writing."""
        self._client.message.send_text(openid, text)


class Official(Account):
    """The official account: 服务号 or 公众号."""

    @property
    def rights(self) -> Rights:
        """What this kind of account may do at all."""
        return rights_of(self.kind)

    def authorize_url(self, redirect_uri: str, state: str, scope: str = "snsapi_base") -> str:
        """Where to send a browser so that WeChat tells us who it is."""
        if not (state.isascii() and state.isalnum() and len(state) <= 128):
            raise ValueError("state is letters and digits only, 128 at most")
        return (
            f"{self._line.open_base}/connect/oauth2/authorize?appid={self.appid}"
            f"&redirect_uri={quote(redirect_uri, safe='')}&response_type=code&scope={scope}&state={state}#wechat_redirect"
        )

    def identity_by_code(self, code: str) -> Visitor | None:
        """The visitor behind a code from the sign-in page; None when the code is spent and has to be asked for anew."""
        answer = self._by_code("/sns/oauth2/access_token", {"code": code, "grant_type": "authorization_code"})
        if answer is None:
            return None
        return Visitor(
            openid=str(answer["openid"]),
            unionid=answer.get("unionid") or None,
            snapshot=str(answer.get("is_snapshotuser", "")) == "1",
        )

    def _by_code(self, path: str, params: dict[str, str]) -> dict[str, Any] | None:
        return _exchange(self._line, path, {"appid": self.appid, "secret": self._secret, **params})

    def follows(self, openid: str) -> bool:
        """Whether this person follows the account now."""
        return int(self._client.user.get(openid).get("subscribe", 0)) == 1

    def send_template(
        self,
        openid: str,
        template_id: str,
        values: Mapping[str, str],
        *,
        url: str,
        client_msg_id: str,
        miniprogram: Mapping[str, str] | None = None,
    ) -> str:
        """A template message to a follower; the same client id is delivered once."""
        body = template_body(openid, template_id, values, url=url, client_msg_id=client_msg_id)
        if miniprogram:
            body["miniprogram"] = dict(miniprogram)
        return str(self._post("/cgi-bin/message/template/send", body).get("msgid", ""))

    def send_templates(
        self,
        bodies: Sequence[dict[str, object]],
        *,
        ends: Callable[[Outcome], bool],
        stopping: Callable[[], bool],
        seconds: float,
    ) -> list[Outcome]:
        """Many template messages at once, each made by template_body()."""
        return self._post_many("/cgi-bin/message/template/send", bodies, ends=ends, stopping=stopping, seconds=seconds)

    def send_notice(self, openid: str, template_id: str, values: Mapping[str, str], *, url: str) -> str:
        """A subscribe notice of the service account; each one spends a consent, and there is no client id."""
        body = {
            "touser": openid,
            "template_id": template_id,
            "page": url,
            "data": {name: {"value": value} for name, value in values.items()},
        }
        return str(self._post("/cgi-bin/message/subscribe/bizsend", body).get("msgid", ""))

    def menu(self) -> list[dict[str, Any]]:
        """The menu residents see now; empty when there is none."""
        try:
            answer = self._client.menu.get()
        except WireError as error:
            if error.errcode == 46003:
                return []
            raise
        return list(answer.get("menu", {}).get("button", []))

    def put_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """Replace the menu."""
        self._client.menu.create({"button": list(buttons)})

    def keep_picture(self, name: str, data: bytes) -> str:
        """A permanent picture, for covers; its media id."""
        return _field(
            "material/add_material", self._client.material.add("image", (name, data, "image/png")), "media_id"
        )

    def host_picture(self, name: str, data: bytes) -> str:
        """A picture to stand inside an article; its address."""
        kind = "image/png" if name.endswith(".png") else "image/jpeg"
        return str(self._client.media.upload_image((name, data, kind)))

    def make_scene(self, scene: str) -> str:
        """A lasting square that carries this scene (64 characters at most, 100,000 squares an account): what it says."""
        body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        return _field("qrcode/create", self._post("/cgi-bin/qrcode/create", body), "url")

    def add_draft(self, articles: Sequence[Mapping[str, object]]) -> str:
        """Put an article among the account's drafts; the draft's media id."""
        answer = self._post("/cgi-bin/draft/add", {"articles": [dict(a) for a in articles]})
        return _field("draft/add", answer, "media_id")

    def publish(self, media_id: str) -> str:
        """Publish a draft without pushing it to anybody; the job's number."""
        return _field(
            "freepublish/submit", self._post("/cgi-bin/freepublish/submit", {"media_id": media_id}), "publish_id"
        )

    def published(self, publish_id: str) -> Published:
        """How far that is."""
        answer = self._post("/cgi-bin/freepublish/get", {"publish_id": publish_id})
        status = _field("freepublish/get", answer, "publish_status")
        if status not in {str(int(s)) for s in Publishing}:
            raise Unknown("freepublish/get", "a publish_status nobody wrote down")
        items = (answer.get("article_detail") or {}).get("item") or [{}]
        return Published(
            state=Publishing(int(status)),
            article_id=answer.get("article_id") or None,
            url=items[0].get("article_url"),
        )

    def send_to_tag(self, media_id: str, *, tag_id: int | None, client_msg_id: str) -> MassReceipt:
        """Push an article to everybody with a tag, or to all followers. The same client id is sent once."""
        who = {"is_to_all": True} if tag_id is None else {"is_to_all": False, "tag_id": tag_id}
        return self._mass("/cgi-bin/message/mass/sendall", {"filter": who}, media_id, client_msg_id)

    def send_to_people(self, media_id: str, openids: Sequence[str], *, client_msg_id: str) -> MassReceipt:
        """The same to 2 to 10,000 named followers (WeChat, Batch_Sends)."""
        return self._mass("/cgi-bin/message/mass/send", {"touser": list(openids)}, media_id, client_msg_id)

    def preview_article(self, media_id: str, wx_name: str) -> None:
        """Show an article to one follower by their WeChat name before it is sent to many; about a hundred a day."""
        body = {"towxname": wx_name, "msgtype": "mpnews", "mpnews": {"media_id": media_id}}
        self._post("/cgi-bin/message/mass/preview", body)

    def _mass(self, path: str, who: Mapping[str, object], media_id: str, client_msg_id: str) -> MassReceipt:
        body = {
            **who,
            "msgtype": "mpnews",
            "mpnews": {"media_id": media_id},
            "send_ignore_reprint": 1,
            "clientmsgid": client_msg_id,
        }
        try:
            answer = self._post(path, body)
        except WireError as error:
            if error.reaction is not Reaction.TREAT_AS_SENT:
                raise
            answer = {**error.answer, "already": True}
        return MassReceipt(
            msg_id=str(answer.get("msg_id") or answer.get("msgid") or ""),
            data_id=str(answer["msg_data_id"]) if answer.get("msg_data_id") else None,
            already=bool(answer.get("already")),
        )

    def tags(self) -> dict[str, int]:
        """The account's tags by name."""
        return {str(tag["name"]): int(tag["id"]) for tag in self._client.tag.get()}

    def make_tag(self, name: str) -> int:
        """A new tag."""
        return int(self._client.tag.create(name)["id"])

    def tag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        """Put a tag on up to fifty followers."""
        self._client.tag.tag_user(tag_id, list(openids))


class Mini(Account):
    """The mini program."""

    def session_by_code(self, code: str) -> Visitor | None:
        """Who is behind a wx.login code; None when it is spent. The session key is forgotten here: nothing needs it."""
        answer = _exchange(
            self._line,
            "/sns/jscode2session",
            {"appid": self.appid, "secret": self._secret, "js_code": code, "grant_type": "authorization_code"},
        )
        if answer is None:
            return None
        return Visitor(openid=str(answer["openid"]), unionid=answer.get("unionid") or None)

    def check_text(self, openid: str, text: str, scene: int = 2) -> Verdict:
        """WeChat's content check. Whenever it cannot judge, a person has to: never "pass" by default."""
        try:
            answer = self._post(
                "/wxa/msg_sec_check", {"openid": openid, "scene": scene, "version": 2, "content": text[:2500]}
            )
        except (WireError, Unknown):
            return Verdict("review")
        result = answer.get("result") or {}
        suggest = result.get("suggest")
        if suggest not in ("pass", "review", "risky"):
            suggest = "review"
        return Verdict(suggest, result.get("label"), answer.get("trace_id"))

    def send_subscribed(
        self, openid: str, template_id: str, values: Mapping[str, str], *, page: str, state: str = "formal"
    ) -> str:
        """A subscribe message; each one spends a consent. There is no client id: an unknown outcome stays unknown."""
        answer = self._post(
            "/cgi-bin/message/subscribe/send",
            {
                "touser": openid,
                "template_id": template_id,
                "page": page,
                "miniprogram_state": state,
                "lang": "zh_CN",
                "data": {name: {"value": value} for name, value in values.items()},
            },
        )
        return str(answer.get("msgid", ""))


def template_body(
    openid: str, template_id: str, values: Mapping[str, str], *, url: str, client_msg_id: str
) -> dict[str, object]:
    """What template/send is told."""
    return {
        "touser": openid,
        "template_id": template_id,
        "url": url,
        "client_msg_id": client_msg_id,
        "data": {name: {"value": value} for name, value in values.items()},
    }


def _no_token(error: Unknown) -> WireError:
    """The token call has an unknown end; the messages themselves were certainly not sent."""
    return WireError(error.api, None, Reaction.RETRY_LATER, "暂时拿不到接口凭证，稍后自动重试", error.what)


def _field(api: str, answer: Mapping[str, Any], name: str) -> str:
    """What the answer must hold; without it nobody knows whether the thing was done."""
    if answer.get(name) in (None, ""):
        raise Unknown(api, f"no {name} in the answer")
    return str(answer[name])


def _exchange(line: Line, path: str, params: dict[str, str]) -> dict[str, Any] | None:
    """A sign-in code for an openid; these calls carry the secret and no access token."""
    try:
        answer = line.ask("GET", path, params=params)
    except WireError as error:
        if error.reaction is Reaction.LOGIN_AGAIN:
            return None
        raise
    if not answer.get("openid"):
        raise Unknown(api_name(path), "no openid in the answer")
    return answer
