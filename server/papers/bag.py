"""A BagIt zip (RFC 8493) that is written from beginning to end without ever lying in memory: payload, manifests, tags."""

import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Self

ALGORITHMS = ("sha256", "sha512")
PACKED = frozenset({"jpg", "png", "webp", "amr", "mp3", "mp4", "docx"})
"""What would not become smaller."""
LONGEST = 60
"""Characters of a name: at three bytes a Chinese character well below what any file system takes."""
_FORBIDDEN = {ord(sign): ord(wide) for sign, wide in zip('\\/:*?"<>|%', "＼／：＊？＂＜＞｜％", strict=True)}
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def file_name(words: str, extension: str = "") -> str:
    """A name that every file system takes and no manifest has to escape: NFC, no signs of paths, no control characters, not too long."""
    plain = unicodedata.normalize("NFC", words).translate(_FORBIDDEN)
    plain = "".join(ch if unicodedata.category(ch)[0] != "C" else " " for ch in plain)
    plain = re.sub(r"\s+", " ", plain).strip(" .")[:LONGEST].strip(" .")
    if _RESERVED.match(plain) or not plain:
        plain = f"_{plain}"
    return f"{plain}.{extension}" if extension else plain


class Hashing:
    """Takes bytes, hands them on, and knows their hash and number; what a zip is written to."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out
        self.sums = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """More."""
        self.sums.update(data)
        self.size += len(data)
        self.out.write(data)
        return len(data)

    def flush(self) -> None:
        """Hand on what the file holds back."""
        self.out.flush()


@dataclass(frozen=True)
class Entry:
    """A file of the payload: where it is, how large, its hash."""

    path: str
    size: int
    sha256: str


class Bag:
    """One bag: payload first, tags at the end."""

    def __init__(self, out: IO[bytes] | Any, base: str, at: datetime) -> None:
        self.base = base
        self.at = at
        self.octets = 0
        self.files = 0
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True, strict_timestamps=False)
        self._sums: dict[str, list[str]] = {name: [] for name in ALGORITHMS}
        self._seen: set[str] = set()

    def add(self, path: str, pieces: Iterable[bytes]) -> Entry:
        """A file of the payload, written as it comes."""
        full = f"data/{path}"
        if full.casefold() in self._seen:
            raise ValueError(f"two files of one name: {path}")
        self._seen.add(full.casefold())
        size, sums = self._write(full, pieces)
        for name, digest in sums.items():
            self._sums[name].append(f"{digest}  {full}\n")
        self.octets += size
        self.files += 1
        return Entry(path, size, sums["sha256"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, value: object, where: object) -> None:
        """Whatever happened, the zip is let go of."""
        self._zip.close()

    def close(self, info: Sequence[tuple[str, str]]) -> None:
        """The tags, and the end."""
        written = {
            "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "bag-info.txt": "".join(
                f"{name}: {_one_line(words)}\n"
                for name, words in (*info, ("Payload-Oxum", f"{self.octets}.{self.files}"))
            ),
            **{f"manifest-{name}.txt": "".join(lines) for name, lines in self._sums.items()},
        }
        tags: dict[str, list[str]] = {name: [] for name in ALGORITHMS}
        for path, text in written.items():
            _, sums = self._write(path, [text.encode()])
            for name, digest in sums.items():
                tags[name].append(f"{digest}  {path}\n")
        for name, lines in tags.items():
            self._write(f"tagmanifest-{name}.txt", ["".join(lines).encode()])
        self._zip.close()

    def _write(self, path: str, pieces: Iterable[bytes]) -> tuple[int, dict[str, str]]:
        entry = zipfile.ZipInfo(f"{self.base}/{path}", self.at.timetuple()[:6])
        extension = path.rpartition(".")[2].lower()
        entry.compress_type = zipfile.ZIP_STORED if extension in PACKED else zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        sums = {name: hashlib.new(name) for name in ALGORITHMS}
        size = 0
        with self._zip.open(entry, "w", force_zip64=True) as file:
            for piece in pieces:
                file.write(piece)
                size += len(piece)
                for one in sums.values():
                    one.update(piece)
        return size, {name: one.hexdigest() for name, one in sums.items()}


def _one_line(words: str) -> str:
    return " ".join(unicodedata.normalize("NFC", words).split())
