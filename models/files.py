"""One store for every file: named by what is in it, written whole or not at all, sealed when it belongs to a person."""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import Image, ImageOps, UnidentifiedImageError

from models.kernel.refusal import Missing, RuleUnmet
from models.texts.word import check_docx

MB = 1024 * 1024

ALLOWED: Mapping[str, int] = MappingProxyType(
    {
        "jpg": 12 * MB,
        "png": 12 * MB,
        "webp": 12 * MB,
        "amr": 3 * MB,
        "mp3": 10 * MB,
        "mp4": 25 * MB,
        "pdf": 20 * MB,
        "docx": 20 * MB,
    }
)
"""What is kept at all, by its extension, and how large it may be. No SVG and no HTML: they are programs."""

IMAGES = ("jpg", "png", "webp")

_MIMES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "amr": "audio/amr",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

_SEAL = b"huiyin-file-1\n"
_DRAFT = re.compile(r"\.[0-9a-f]{32}")
_NAME = re.compile(r"[0-9a-f]{64}")
_MOST_PIXELS = 50_000_000

_root: Path | None = None


class Damaged(Exception):
    """A stored file is not what was stored: the disk failed or somebody changed it."""


def configure(root: Path) -> None:
    """Keep files under this folder: a local one, or one that all machines of the office share."""
    global _root
    root.mkdir(parents=True, exist_ok=True)
    _root = root


def keep(data: bytes, *, key: bytes | None = None) -> str:
    """Store a file and return its name, the SHA-256 of what lies on the disk; with a key that is the sealed file.

    When this returns the file is on the disk. The same bytes without a key are stored once.
    """
    if key is not None:
        nonce = secrets.token_bytes(12)
        data = _SEAL + nonce + AESGCM(key).encrypt(nonce, data, _SEAL)
    name = hashlib.sha256(data).hexdigest()
    path = _path(name)
    if not (path.is_file() and _sum(path.read_bytes()) == name):
        _write(path, data)
    return name


def read(name: str, key: bytes | None = None) -> bytes:
    """A stored file, checked against its name and unsealed. Missing when it is not there or this key does not open it."""
    try:
        data = _path(name).read_bytes()
    except FileNotFoundError:
        raise Missing("这个文件已经不在了。") from None
    if _sum(data) != name:
        raise Damaged(name)
    if key is None:
        return data
    body = data.removeprefix(_SEAL)
    try:
        if len(body) == len(data):
            raise InvalidTag
        return AESGCM(key).decrypt(body[:12], body[12:], _SEAL)
    except (InvalidTag, ValueError):
        raise Missing("这个文件打不开了。") from None


# ── large files: sealed piece by piece ───────────────────────────────────────

_LONG_SEAL = b"huiyin-file-2\n"
_PIECE = MB
_TAG = 16


class Put:
    """A file that is sealed and stored while it is written, a piece at a time: it never lies open on the disk, and never whole in memory.

    Pieces are sealed in their order and the last one as the last (the STREAM construction), so that none can be moved, left out
    or added. `written` and `sha256` are those of the open file.
    """

    def __init__(self, key: bytes) -> None:
        self._seal = AESGCM(key)
        self._prefix = secrets.token_bytes(7)
        self._waiting = bytearray()
        self._pieces = 0
        self._outer, self._inner = hashlib.sha256(), hashlib.sha256()
        self.written = 0
        self._draft = _folder() / f".{secrets.token_hex(16)}"
        handle = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        self._file = open(handle, "wb")  # noqa: SIM115  closed by keep() or drop()
        self._out(_LONG_SEAL + self._prefix)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """More of it."""
        plain = bytes(data)
        self._inner.update(plain)
        self.written += len(plain)
        self._waiting += plain
        while len(self._waiting) > _PIECE:
            self._next(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]
        return len(plain)

    def flush(self) -> None:
        """Nothing to do before the end."""

    @property
    def sha256(self) -> str:
        """Of what was written."""
        return self._inner.hexdigest()

    def keep(self) -> str:
        """The end: on the disk under the hash of its sealed form, which is returned."""
        self._next(bytes(self._waiting), last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        name = self._outer.hexdigest()
        path = _path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self._draft, path)
        for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
            _sync_folder(folder)
        return name

    def drop(self) -> None:
        """Nothing of it stays; after keep() it does nothing."""
        self._file.close()
        self._draft.unlink(missing_ok=True)

    def _next(self, plain: bytes, *, last: bool) -> None:
        self._out(self._seal.encrypt(_nonce(self._prefix, self._pieces, last), plain, _LONG_SEAL))
        self._pieces += 1

    def _out(self, data: bytes) -> None:
        self._outer.update(data)
        self._file.write(data)


def _nonce(prefix: bytes, piece: int, last: bool) -> bytes:
    return prefix + piece.to_bytes(4, "big") + (b"\1" if last else b"\0")


@dataclass(frozen=True)
class Stored:
    """A large file of the store, to be read a piece at a time."""

    name: str
    key: bytes = field(repr=False)
    size: int

    def pieces(self) -> Iterator[bytes]:
        """What was written; Damaged as soon as a piece is not what was stored, Missing when the file is gone."""
        try:
            file = open(_path(self.name), "rb")  # noqa: SIM115  closed below, whoever stops reading
        except FileNotFoundError:
            raise Missing("这个文件已经不在了。") from None
        with file:
            head = file.read(len(_LONG_SEAL) + 7)
            if head[:-7] != _LONG_SEAL:
                raise Damaged(self.name)
            opener, number, sealed = AESGCM(self.key), 0, file.read(_PIECE + _TAG)
            while True:
                following = file.read(_PIECE + _TAG)
                try:
                    yield opener.decrypt(_nonce(head[-7:], number, not following), sealed, _LONG_SEAL)
                except (InvalidTag, ValueError):
                    raise Damaged(self.name) from None
                if not following:
                    return
                number, sealed = number + 1, following


def exists(name: str) -> bool:
    """Whether a file of this name is stored."""
    return _NAME.fullmatch(name) is not None and _path(name).is_file()


def forget(name: str) -> bool:
    """Take a file out of the store for good; whether it was there."""
    path = _path(name)
    if not path.is_file():
        return False
    path.unlink()
    _sync_folder(path.parent)
    return True


def sweep_drafts(before: float) -> int:
    """Files in the making whose maker died, untouched since this moment (seconds since 1970); how many there were."""
    gone = 0
    for path in _folder().iterdir():
        if _DRAFT.fullmatch(path.name) and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def sniff(data: bytes) -> tuple[str, str] | None:
    """(mime, extension) by what the file holds, whatever it is called; None for everything that is not kept."""
    extension = _extension(data)
    return None if extension is None else (_MIMES[extension], extension)


def admitted(
    data: bytes, *, only: Collection[str] = tuple(ALLOWED), most: int | None = None, field: str = "file"
) -> tuple[str, str]:
    """(mime, extension) of a file that somebody hands in, or a refusal in plain words: what it is, how large, what hides in it."""
    if not data:
        raise _unmet(field, "文件是空的，请重新选择。")
    found = sniff(data)
    if found is None or found[1] not in only:
        raise _unmet(field, f"不能上传这种文件；可以上传：{'、'.join(sorted(only))}。")
    extension = found[1]
    cap = min(ALLOWED[extension], most or ALLOWED[extension])
    if len(data) > cap:
        raise _unmet(field, f"文件太大，最大 {cap / MB:g} MB；请缩小以后再上传。")
    try:
        if extension in IMAGES:
            _opened(data).close()
        elif extension == "pdf":
            _check_pdf(data)
        elif extension == "docx":
            check_docx(data)
    except RuleUnmet as refusal:
        raise _unmet(field, refusal.message) from None
    return found


def redrawn(data: bytes, *, longest: int = 2048) -> tuple[bytes, str]:
    """A picture drawn anew for showing, with its mime type: nothing of the old file is left but what the eye sees.

    Place and time (EXIF), comments and whatever was hidden behind the picture are gone; a picture lying on its side stands up.
    """
    with _opened(data) as opened:
        try:
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((longest, longest))
            clear = "A" in upright.getbands() or "transparency" in upright.info
            plain = upright.convert("RGBA" if clear else "RGB")
        except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
            raise RuleUnmet(_NOT_PICTURE) from None
    # A new canvas: convert() would carry the old file's notes along.
    fresh = Image.new(plain.mode, plain.size)
    fresh.paste(plain)
    file = io.BytesIO()
    if clear:
        fresh.save(file, "PNG", optimize=True)
        return file.getvalue(), _MIMES["png"]
    fresh.save(file, "JPEG", quality=85, optimize=True)
    return file.getvalue(), _MIMES["jpg"]


# ── on the disk ──────────────────────────────────────────────────────────────


def _folder() -> Path:
    if _root is None:
        raise RuntimeError("models.files.configure() has not been called")
    return _root


def _path(name: str) -> Path:
    root = _folder()
    if not _NAME.fullmatch(name):
        raise Missing("没有这个文件。")
    return root / name[:2] / name[2:4] / name


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Beside its place under another name, synced, then moved: whoever looks sees all of it or nothing."""
    made = [folder for folder in (path.parent.parent, path.parent) if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{path.name}.{secrets.token_hex(6)}"
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    for folder in {path.parent, *(new.parent for new in made)}:
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ── what a file is ───────────────────────────────────────────────────────────

_NOT_PICTURE = "这张图片读不出来，请换一张再上传。"
_TOO_LARGE = "这张图片太大，请缩小以后再上传。"
_PDF_SCRIPT = "这个 PDF 里带有脚本或者程序，不能上传；请重新导出一份再上传。"
_NOT_PDF = "这个 PDF 读不出来，请重新导出一份再上传。"

# What makes a PDF do something by itself. Names may be written with #xx, so those are undone first. (/JS alone is too short:
# compressed pictures hold it by chance; it does nothing without /JavaScript.)
_PDF_ACTIVE = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)(?![A-Za-z0-9])")
_MARKUP = re.compile(rb"<\s*(?:script|html|svg|iframe|body|\?php|!doctype)", re.I)


def _extension(data: bytes) -> str | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "amr"
    if data.startswith(b"ID3") or _mp3_frame(data):
        return "mp3"
    if data[4:8] == b"ftyp" and data[8:12] in (
        b"isom",
        b"iso2",
        b"mp41",
        b"mp42",
        b"avc1",
        b"M4V ",
        b"M4A ",
        b"3gp4",
        b"3gp5",
    ):
        return "mp4"
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in data and b"word/document.xml" in data:
        return "docx"
    return None


def _mp3_frame(data: bytes) -> bool:
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return False
    version, layer = data[1] >> 3 & 3, data[1] >> 1 & 3
    bitrate, rate = data[2] >> 4, data[2] >> 2 & 3
    return version != 1 and layer == 1 and 0 < bitrate < 15 and rate != 3


def _opened(data: bytes) -> Image.Image:
    try:
        opened = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
        if opened.width * opened.height > _MOST_PIXELS:
            raise RuleUnmet(_TOO_LARGE)
        return opened
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RuleUnmet(_TOO_LARGE) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise RuleUnmet(_NOT_PICTURE) from None


def _check_pdf(data: bytes) -> None:
    if b"%%EOF" not in data[-2048:]:
        raise RuleUnmet(_NOT_PDF)
    plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), data)
    if _PDF_ACTIVE.search(plain) or _MARKUP.search(data[:4096]):
        raise RuleUnmet(_PDF_SCRIPT)


def _unmet(field: str, message: str) -> RuleUnmet:
    return RuleUnmet(message, fields={field: message})
