"""A file is stored whole under the name of what is in it, a person's file is sealed, and a hostile file is refused."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from models import files
from models.kernel.refusal import Missing, RuleUnmet
from models.texts.word import MOST_UNPACKED

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    before = files._root
    files.configure(tmp_path / "files")
    yield tmp_path / "files"
    files._root = before


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# ── the store ────────────────────────────────────────────────────────────────


def test_a_file_is_named_by_the_sum_of_what_is_in_it(folder: Path) -> None:
    name = files.keep(b"scan of a letter")
    assert name == hashlib.sha256(b"scan of a letter").hexdigest()
    assert on_disk(folder) == [folder / name[:2] / name[2:4] / name]
    assert files.read(name) == b"scan of a letter"
    assert files.exists(name)


def test_the_same_file_is_stored_once(folder: Path) -> None:
    assert files.keep(b"same") == files.keep(b"same")
    assert len(on_disk(folder)) == 1


def test_a_persons_file_is_sealed_and_opens_only_with_that_persons_key(folder: Path) -> None:
    name = files.keep(b"my house number", key=KEY)
    (path,) = on_disk(folder)
    stored = path.read_bytes()
    assert b"my house number" not in stored
    assert hashlib.sha256(stored).hexdigest() == name == path.name
    assert files.read(name, KEY) == b"my house number"
    with pytest.raises(Missing):
        files.read(name, OTHER)
    assert files.read(name) == stored  # without the key only noise comes out


def test_the_same_picture_of_two_people_cannot_be_seen_to_be_the_same() -> None:
    assert files.keep(b"same", key=KEY) != files.keep(b"same", key=OTHER)
    assert files.keep(b"same", key=KEY) != files.keep(b"same", key=KEY)


def test_an_unsealed_file_does_not_open_with_a_key() -> None:
    with pytest.raises(Missing):
        files.read(files.keep(b"plain"), KEY)


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "/etc/passwd"]
)
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    assert not files.exists(name)
    with pytest.raises(Missing):
        files.read(name)


def test_a_file_that_is_not_there_is_missing() -> None:
    assert not files.exists("0" * 64)
    with pytest.raises(Missing):
        files.read("0" * 64)


def test_a_file_changed_on_the_disk_is_never_handed_out_and_is_mended_when_it_comes_again(folder: Path) -> None:
    name = files.keep(b"the signed notice")
    (path,) = on_disk(folder)
    path.write_bytes(b"another notice!!!")
    with pytest.raises(files.Damaged):
        files.read(name)
    assert files.keep(b"the signed notice") == name
    assert files.read(name) == b"the signed notice"


def test_a_write_that_breaks_off_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space left")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as broken:
            broken.setattr(os, step, full)
            with pytest.raises(OSError, match="no space"):
                files.keep(b"half")
        assert on_disk(folder) == []
        assert not files.exists(hashlib.sha256(b"half").hexdigest())


def test_a_file_is_synced_before_it_gets_its_name_and_its_folder_after(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    sync, move = os.fsync, os.replace

    def fsync(handle: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        sync(handle)

    def replace(old: Path, new: Path) -> None:
        done.append("name")
        move(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    files.keep(b"durable")
    assert done[:2] == ["file", "name"]
    assert set(done[2:]) == {"folder"}
    assert len(done) >= 4  # the new folders' own entries are synced too


def test_many_writers_of_one_file_do_not_hurt_each_other(folder: Path) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(files.keep(b"x" * 100_000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 1
    assert len(names) == 8
    assert len(on_disk(folder)) == 1


def test_without_a_folder_nothing_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_root", None)
    with pytest.raises(RuntimeError):
        files.keep(b"x")


# ── what a file is ───────────────────────────────────────────────────────────


def picture(form: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **how: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, 128 if mode in ("L", "P") else (200, 30, 30, 255)[: len(mode)]).save(file, form, **how)
    return file.getvalue()


def word(**entries: bytes | str) -> bytes:
    file = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("第一条 内容。")
    document.save(file)
    if not entries:
        return file.getvalue()
    with zipfile.ZipFile(file) as old:
        content: dict[str, bytes | str] = {name: old.read(name) for name in old.namelist()}
    content |= {name.replace("__", "/"): value for name, value in entries.items()}
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name, value in content.items():
            new.writestr(name, value)
    return changed.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
MP3 = b"\xff\xfb\x90\x00" + b"\0" * 400


@pytest.mark.parametrize(
    ("data", "mime", "extension"),
    [
        (picture("JPEG"), "image/jpeg", "jpg"),
        (picture("PNG"), "image/png", "png"),
        (picture("WEBP"), "image/webp", "webp"),
        (b"#!AMR\n" + b"\x3c" * 32, "audio/amr", "amr"),
        (MP3, "audio/mpeg", "mp3"),
        (b"ID3\x04\0\0\0\0\0\0" + MP3, "audio/mpeg", "mp3"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 64, "video/mp4", "mp4"),
        (PDF, "application/pdf", "pdf"),
        (word(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ],
)
def test_a_file_is_known_by_what_it_holds(data: bytes, mime: str, extension: str) -> None:
    assert files.sniff(data) == (mime, extension)
    assert files.admitted(data) == (mime, extension)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"{}/></Relationships>'

HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "plain text": lambda: "意见".encode(),
    "SVG": lambda: SVG,
    "SVG with an XML head": lambda: b'<?xml version="1.0"?>' + SVG,
    "HTML": lambda: b"<!doctype html><script>alert(1)</script>",
    "GIF and script": lambda: b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
    "BMP": lambda: picture("BMP"),
    "TIFF": lambda: picture("TIFF"),
    "ICO": lambda: picture("ICO"),
    "Windows program": lambda: b"MZ" + b"\0" * 200,
    "Linux program": lambda: b"\x7fELF" + b"\0" * 200,
    "shell script": lambda: b"#!/bin/sh\nrm -rf /\n",
    "plain zip": lambda: b"PK\x03\x04" + b"\0" * 60,
    "old Word": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "spreadsheet": lambda: b"PK\x03\x04" + b"[Content_Types].xml" + b"xl/workbook.xml" + b"\0" * 60,
    "a head of JPEG and no picture": lambda: b"\xff\xd8\xff\xe0" + b"<script>alert(1)</script>",
    "a head of PNG and no picture": lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 100,
    "a head of WEBP and no picture": lambda: b"RIFF\x10\0\0\0WEBP" + b"x" * 100,
    "a picture of too many pixels": lambda: picture("PNG", (9000, 9000), "1"),
    "PDF and page": lambda: PDF.replace(b"1.7\n", b"1.7\n<script>alert(1)</script>\n"),
    "PDF with a script": lambda: PDF.replace(b"/Type", b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>/Type"),
    "PDF with a script in disguise": lambda: PDF.replace(b"/Type", b"/AA<</S/J#61vaScript/#4aS(app.alert(1))>>/Type"),
    "PDF that starts a program": lambda: PDF.replace(b"/Type", b"/OpenAction<</S/Launch/F(cmd.exe)>>/Type"),
    "PDF with a file inside": lambda: PDF.replace(b"/Type", b"/Names<</EmbeddedFiles 9 0 R>>/Type"),
    "PDF without an end": lambda: PDF.replace(b"%%EOF", b""),
    "Word with macros": lambda: word(**{"word__vbaProject.bin": b"macro"}),
    "Word with a template from elsewhere": lambda: word(
        **{
            "word___rels__settings.xml.rels": RELS.format(
                "attachedTemplate", "http://203.0.113.9/a", ' TargetMode="External"'
            )
        }
    ),
    "Word with a picture from elsewhere": lambda: word(
        **{"word___rels__extra.xml.rels": RELS.format("image", "http://203.0.113.9/a.png", ' TargetMode="External"')}
    ),
    "Word with a program inside": lambda: word(
        **{"word___rels__extra.xml.rels": RELS.format("oleObject", "embeddings/a.bin", "")}
    ),
    "Word that is a bomb": lambda: word(**{"word__media__a.png": b"\0" * (MOST_UNPACKED + 1)}),
    "Word with entities": lambda: word(
        **{"word__document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><w:document xmlns:w="urn:x">&b;</w:document>'}
    ),
    "Word cut in half": lambda: word()[: len(word()) // 2] + b"word/document.xml",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_plain_words(name: str) -> None:
    with pytest.raises(RuleUnmet) as refusal:
        files.admitted(HOSTILE[name](), field="scan")
    assert set(refusal.value.fields) == {"scan"}
    assert refusal.value.message.endswith("。")


def test_figures_that_look_like_a_script_inside_a_picture_of_a_pdf_do_no_harm() -> None:
    assert files.admitted(PDF.replace(b"endobj", b"endobj\n<<>>stream\n\x01/JS(\x02/J \xff\nendstream"))[1] == "pdf"


def test_only_what_was_asked_for_is_admitted_and_only_up_to_its_size() -> None:
    with pytest.raises(RuleUnmet, match="可以上传：docx、pdf"):
        files.admitted(picture("PNG"), only=("pdf", "docx"))
    with pytest.raises(RuleUnmet, match=r"最大 0\.5 MB"):
        files.admitted(MP3 + b"\0" * files.MB, most=files.MB // 2)
    with pytest.raises(RuleUnmet, match="最大 3 MB"):
        files.admitted(b"#!AMR\n" + b"\0" * 3 * files.MB)


@given(
    st.binary(max_size=80),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-", b"RIFF", b"ID3", b"\xff"]),
)
def test_any_bytes_are_admitted_or_refused_never_a_crash(data: bytes, head: bytes) -> None:
    with contextlib.suppress(RuleUnmet):
        assert files.admitted(head + data) == files.sniff(head + data)


# ── showing a picture ────────────────────────────────────────────────────────


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_shown_picture_has_lost_place_time_and_everything_hidden() -> None:
    exif = Image.Exif()
    exif[0x0110] = "SECRETPHONE"
    exif.get_ifd(0x8825)[1] = "N"
    told = picture("JPEG", exif=exif, comment=b"SECRETNOTE") + b"PK\x03\x04SECRETZIP<script>"
    assert b"SECRETPHONE" in told
    shown, mime = files.redrawn(told)
    assert mime == "image/jpeg"
    assert b"SECRET" not in shown
    assert b"<script" not in shown
    assert not opened(shown).getexif()


def test_notes_in_a_png_are_gone() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRETNOTE")
    shown, mime = files.redrawn(picture("PNG", mode="RGBA", pnginfo=notes))
    assert mime == "image/png"
    assert b"SECRET" not in shown
    assert opened(shown).mode == "RGBA"


def test_a_picture_taken_sideways_stands_up_and_is_made_smaller() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    shown, _ = files.redrawn(picture("JPEG", (400, 200), exif=exif), longest=100)
    assert opened(shown).size == (50, 100)


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "P"), ("PNG", "1"), ("WEBP", "RGBA")]
)
def test_every_way_of_colouring_can_be_shown(form: str, mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (20, 20)).save(file, form)
    shown, mime = files.redrawn(file.getvalue())
    assert files.sniff(shown) == (mime, {"image/jpeg": "jpg", "image/png": "png"}[mime])


@pytest.mark.parametrize("data", [b"", b"GIF89a" + b"x" * 40, SVG, picture("PNG")[:60], picture("JPEG")[:200], PDF])
def test_what_is_no_whole_picture_is_not_shown(data: bytes) -> None:
    with pytest.raises(RuleUnmet):
        files.redrawn(data)


# --- large files ------------------------------------------------------------------------------------------------------


def put(*pieces: bytes) -> tuple[files.Stored, bytes]:
    out = files.Put(KEY)
    for piece in pieces:
        out.write(piece)
    whole = b"".join(pieces)
    assert (out.sha256, out.written) == (hashlib.sha256(whole).hexdigest(), len(whole))
    return files.Stored(out.keep(), KEY, out.written), whole


@pytest.mark.parametrize("size", [0, 1, files.MB - 1, files.MB, files.MB + 1, 3 * files.MB])
def test_a_large_file_comes_back_as_it_was_written(folder: Path, size: int) -> None:
    stored, whole = put(*(b"\x5a" * 65536 for _ in range(size // 65536)), b"\xa5" * (size % 65536))
    assert b"".join(stored.pieces()) == whole
    raw = files._path(stored.name).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == stored.name and b"\x5a" * 64 not in raw


def test_pieces_cannot_be_changed_moved_left_out_or_added(folder: Path) -> None:
    stored, _ = put(*(bytes([n]) * files.MB for n in range(4)))
    path = files._path(stored.name)
    raw = path.read_bytes()
    start, piece = len(b"huiyin-file-2\n") + 7, files.MB + 16
    head, parts = raw[:start], [raw[start + n * piece : start + (n + 1) * piece] for n in range(4)]
    spoilt = parts[1][:9] + bytes([parts[1][9] ^ 1]) + parts[1][10:]
    for wrong in (
        [parts[0], spoilt, *parts[2:]],
        [parts[1], parts[0], *parts[2:]],
        [parts[0], *parts[2:]],
        parts[:3],
        [*parts, parts[3]],
    ):
        path.write_bytes(head + b"".join(wrong))
        with pytest.raises(files.Damaged):
            list(stored.pieces())
    path.write_bytes(b"x" + raw[1:])
    with pytest.raises(files.Damaged):
        list(stored.pieces())
    path.unlink()
    with pytest.raises(Missing):
        list(stored.pieces())


def test_a_file_that_is_not_finished_leaves_nothing(folder: Path) -> None:
    out = files.Put(KEY)
    out.write(b"x" * 3 * files.MB)
    out.drop()
    assert not [path for path in folder.rglob("*") if path.is_file()]
    kept = files.Put(KEY)
    kept.write(b"x")
    name = kept.keep()
    kept.drop()
    assert files.exists(name)
