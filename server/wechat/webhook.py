"""The two addresses that WeChat knocks at, one for each account: size, signature, freshness, decrypt, parse, hear, answer."""

import logging

from flask import Blueprint, Response, abort, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from config.settings import Account, Settings
from models.kernel.clock import wall
from server.wechat.crypt import Forged, Seal
from server.wechat.hearing import hear
from server.wechat.incoming import Incoming
from server.wechat.parsing import MOST_BYTES, Unreadable, read
from server.wechat.reply import SUCCESS, envelope

log = logging.getLogger(__name__)

blueprint = Blueprint("wechat", __name__, url_prefix="/wechat")


def _account(door: str) -> Account:
    """The account behind this door; no such address where the office has none."""
    settings: Settings = current_app.extensions["settings"]
    account = settings.official if door == "official" else settings.mini
    if account is None:
        abort(404)
    return account


def seal_of(account: Account) -> Seal:
    """The account's webhook cryptography, made once."""
    seals: dict[str, Seal] = current_app.extensions.setdefault("wechat_seals", {})
    if account.appid not in seals:
        seals[account.appid] = Seal(account.appid, account.token, account.aes_key)
    return seals[account.appid]


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status=status, mimetype="text/plain")


@blueprint.get("/<any(official, mini):door>")
def prove(door: str) -> Response:
    """WeChat asks whether this address knows the token; the echo goes back as it came."""
    seal = seal_of(_account(door))
    asked = request.args
    try:
        seal.check_fresh(asked.get("timestamp", ""), wall().timestamp())
        seal.check(asked.get("signature", ""), asked.get("timestamp", ""), asked.get("nonce", ""))
    except Forged as why:
        log.warning("webhook %s: refused a knock (%s)", door, why)
        abort(403)
    return _plain(asked.get("echostr", "")[:256])


@blueprint.post("/<any(official, mini):door>")
def knock(door: str) -> Response:
    """One message. What is not from WeChat is refused with 403; everything from WeChat is answered with 200."""
    account = _account(door)
    seal = seal_of(account)
    asked = request.args
    timestamp, nonce = asked.get("timestamp", ""), asked.get("nonce", "")
    try:
        request.max_content_length = MOST_BYTES
        body = request.get_data(cache=False)
        # Plain mode signs token, timestamp and nonce but not the body: whoever saw one address could say anything.
        if asked.get("encrypt_type", "") != "aes" or not asked.get("msg_signature"):
            raise Forged("plain mode")
        seal.check_fresh(timestamp, wall().timestamp())
        outer, form = read(body)
        encrypt = outer.get("Encrypt")
        if not isinstance(encrypt, str):
            raise Forged("nothing encrypted")
        encrypt = encrypt.strip()
        seal.check(asked["msg_signature"], timestamp, nonce, encrypt)
        message = seal.open(encrypt)
    except RequestEntityTooLarge:
        log.warning("webhook %s: refused a body over %d bytes", door, MOST_BYTES)
        abort(413)
    except Unreadable as why:
        log.warning("webhook %s: refused what is no envelope (%s)", door, why)
        abort(400)
    except Forged as why:
        log.warning("webhook %s: refused a forgery (%s)", door, why)
        abort(403)
    try:
        fields, _ = read(message)
        incoming = Incoming.of(door, account.appid, fields)
    except Unreadable as why:
        # It is WeChat's own, so refusing it would only make WeChat send it three times.
        log.warning("webhook %s: cannot read a genuine message (%s)", door, why)
        return _plain(SUCCESS)
    sealed = hear(incoming, account, seal)
    if sealed is None:
        return _plain(SUCCESS)
    at = str(int(wall().timestamp()))
    answer = envelope(seal, sealed, timestamp=at, nonce=nonce, form=form)
    return Response(answer, mimetype="application/json" if form == "json" else "application/xml")
