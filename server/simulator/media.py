"""Pictures and recordings: those of a moment live three days, those kept for good stay, those for articles get an address."""

import re
import secrets
import sqlite3
from typing import TYPE_CHECKING, Any

from flask import Response

from server.simulator.calls import Call, File, Upload, call
from server.simulator.fault import Fault, ok

if TYPE_CHECKING:
    from server.simulator.world import World

LIFE = 3 * 86_400
MEGABYTE = 1 << 20
LARGEST = {"image": 10 * MEGABYTE, "voice": 2 * MEGABYTE, "video": 10 * MEGABYTE, "thumb": 64 * 1024}
ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
}


def sniff(data: bytes) -> str | None:
    """What a file is, by its first bytes."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"#!AMR"):
        return "audio/amr"
    if data.startswith(b"ID3") or re.match(rb"\xff[\xe2-\xfb]", data):
        return "audio/mpeg"
    if data[4:8] == b"ftyp":
        return "video/mp4"
    return None


def keep(world: "World", kind: str, data: bytes, mime: str, name: str = "", *, permanent: bool = False) -> str:
    media_id = secrets.token_urlsafe(48)
    world.book.write(
        "insert into media(media_id, kind, name, mime, data, made, permanent) values (?, ?, ?, ?, ?, ?, ?)",
        media_id,
        kind,
        name,
        mime,
        data,
        world.clock.now(),
        int(permanent),
    )
    return media_id


def find(world: "World", media_id: Any) -> sqlite3.Row | None:
    row = world.book.row("select * from media where media_id = ?", str(media_id))
    if row is None or (not row["permanent"] and row["made"] + LIFE <= world.clock.now()):
        return None
    return row


def demand(world: "World", media_id: Any, *kinds: str) -> sqlite3.Row:
    row = find(world, media_id)
    if row is None or (kinds and row["kind"] not in (*kinds, "thumb")):
        raise Fault(40007)
    return row


def taken(call: Call, kind: str) -> tuple[Upload, str]:
    upload = call.uploads.get("media")
    if upload is None:
        raise Fault(41005)
    if not upload.data:
        raise Fault(44001)
    mime = sniff(upload.data)
    family = "image" if kind in ("image", "thumb") else kind
    if mime is None or mime.split("/")[0] != {"voice": "audio"}.get(family, family):
        raise Fault(40005)
    if len(upload.data) > LARGEST[kind]:
        raise Fault(40006 if kind != "image" else 40009)
    return upload, mime


@call("/cgi-bin/media/upload", needs="media", says="上传临时素材")
def upload(call: Call) -> dict[str, Any]:
    kind = call.args.get("type", call.body.get("type", ""))
    if kind not in LARGEST:
        raise Fault(40004)
    given, mime = taken(call, kind)
    media_id = keep(call.world, kind, given.data, mime, given.name)
    return {
        "type": kind,
        "thumb_media_id" if kind == "thumb" else "media_id": media_id,
        "created_at": int(call.world.clock.now()),
    }


@call("/cgi-bin/media/get", needs="media", method="GET", says="取居民发来的文件")
def get(call: Call) -> File:
    media_id = call.args.get("media_id")
    if not media_id:
        raise Fault(41006)
    row = find(call.world, media_id)
    if row is None or row["permanent"]:
        raise Fault(40007)
    call.words = {"voice": "取居民发来的语音", "image": "取居民发来的图片"}.get(row["kind"], call.words)
    return File(row["data"], row["mime"], f"{row['media_id'][:24]}.{ENDINGS[row['mime']]}")


@call("/cgi-bin/media/uploadimg", needs="media", says="上传文章里的图片")
def uploadimg(call: Call) -> dict[str, Any]:
    given, mime = taken(call, "image")
    if mime not in ("image/png", "image/jpeg"):
        raise Fault(40005)
    if len(given.data) > MEGABYTE:
        raise Fault(40009)
    media_id = keep(call.world, "article_image", given.data, mime, given.name, permanent=True)
    return {"url": f"{call.world.setup.public}/mmbiz/{media_id}/0"}


@call("/cgi-bin/material/add_material", needs="material", says="上传永久素材")
def add_material(call: Call) -> dict[str, Any]:
    kind = call.args.get("type", call.body.get("type", ""))
    if kind not in LARGEST:
        raise Fault(40004)
    given, mime = taken(call, kind)
    media_id = keep(call.world, kind, given.data, mime, given.name, permanent=True)
    answer = {"media_id": media_id}
    if kind in ("image", "thumb"):
        answer["url"] = f"{call.world.setup.public}/mmbiz/{media_id}/0"
    return answer


@call("/cgi-bin/material/get_material", needs="material", says="取永久素材")
def get_material(call: Call) -> File:
    row = find(call.world, call.text("media_id", missing=41006))
    if row is None or not row["permanent"]:
        raise Fault(40007)
    return File(row["data"], row["mime"], f"{row['media_id'][:24]}.{ENDINGS[row['mime']]}")


@call("/cgi-bin/material/del_material", needs="material", says="删永久素材")
def del_material(call: Call) -> dict[str, Any]:
    done = call.world.book.write(
        "delete from media where permanent = 1 and media_id = ?", call.text("media_id", missing=41006)
    )
    if not done.rowcount:
        raise Fault(40007)
    return ok()


@call("/cgi-bin/material/get_materialcount", needs="material", method="GET", says="数永久素材")
def material_count(call: Call) -> dict[str, Any]:
    rows = call.world.book.rows("select kind, count(*) as n from media where permanent = 1 group by kind")
    counts = {row["kind"]: row["n"] for row in rows}
    return {
        "voice_count": counts.get("voice", 0),
        "video_count": counts.get("video", 0),
        "image_count": counts.get("image", 0) + counts.get("thumb", 0),
        "news_count": 0,
    }


@call("/cgi-bin/material/batchget_material", needs="material", says="列永久素材")
def batchget_material(call: Call) -> dict[str, Any]:
    kind = call.text("type")
    rows = call.world.book.rows(
        "select media_id, name, made from media where permanent = 1 and kind = ? order by made desc limit ? offset ?",
        kind,
        min(20, int(call.body.get("count", 20))),
        int(call.body.get("offset", 0)),
    )
    everything = call.world.book.one("select count(*) from media where permanent = 1 and kind = ?", kind)
    item = [
        {
            "media_id": row["media_id"],
            "name": row["name"],
            "update_time": int(row["made"]),
            "url": f"{call.world.setup.public}/mmbiz/{row['media_id']}/0",
        }
        for row in rows
    ]
    return {"total_count": everything, "item_count": len(item), "item": item}


def picture(world: "World", media_id: str) -> Response:
    """Any picture or recording, for the phone's screen and for articles."""
    row = world.book.row("select * from media where media_id = ?", media_id)
    if row is None:
        return Response("没有这个文件", status=404, mimetype="text/plain")
    return Response(row["data"], mimetype=row["mime"], headers={"Cache-Control": "private, max-age=86400"})
