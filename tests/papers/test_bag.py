"""The bag itself: names that every system takes, hashes as RFC 8493 asks, written without going back."""

import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import bagit
import pytest

from server.papers.bag import Bag, Hashing, file_name

AT = datetime(2026, 11, 28, 9, 30)
HOSTILE = [
    "../../etc/passwd",
    "a/b\\c",
    "CON",
    "nul.txt",
    "line\nbreak\r",
    "tab\there",
    "...",
    "",
    "%0a",
    "e\u0301tude",
    "x" * 500,
    "中" * 500,
]


@pytest.mark.parametrize("words", HOSTILE)
def test_a_name_stays_in_its_folder_on_every_system(words: str) -> None:
    made = file_name(words, "pdf")
    assert not set(made) & set('/\\:*?"<>|%\r\n\t\0')
    assert made not in (".pdf", "..") and made.strip(" .") == made
    assert made == unicodedata.normalize("NFC", made) and len(made.encode()) <= 200
    assert made.partition(".")[0].lower() not in ("con", "nul")


def test_the_library_of_congress_finds_it_valid(tmp_path: Path) -> None:
    out = Hashing((tmp_path / "a.zip").open("wb"))
    bag = Bag(out, "青街决〔2026〕5号", AT)
    bag.add("1 公开/办法（征求意见稿）.txt", (b"\xe4\xb8\xad" for _ in range(3)))
    bag.add("1 公开/" + file_name("e\u0301tude\n中", "txt"), [])
    bag.close([("External-Description", "两行\n的标题"), ("Bagging-Date", "2026-11-28")])
    out.out.close()
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert packed.testzip() is None
        assert all(entry.flag_bits & 0x800 for entry in packed.infolist() if not entry.filename.isascii())
        packed.extractall(tmp_path / "x")
    opened = bagit.Bag(str(tmp_path / "x" / "青街决〔2026〕5号"))
    opened.validate()
    assert opened.info["Payload-Oxum"] == "9.2" and opened.info["External-Description"] == "两行 的标题"
    assert sorted(opened.algorithms) == ["sha256", "sha512"]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.zip").open("wb") as file:
        bag = Bag(Hashing(file), "b", AT)
        bag.add("A.txt", [b"1"])
        with pytest.raises(ValueError):
            bag.add("a.txt", [b"2"])
        bag.close([])


def test_nothing_is_read_before_it_is_written(tmp_path: Path) -> None:
    """Each piece is in the file, or on its way, before the next one is asked for: no list is made of them."""
    seen: list[int] = []
    with (tmp_path / "a.zip").open("wb") as file:
        out = Hashing(file)
        bag = Bag(out, "b", AT)

        def pieces() -> Iterator[bytes]:
            for _ in range(64):
                seen.append(out.size)
                yield bytes(range(256)) * 4096

        bag.add("a.jpg", pieces())
        bag.close([])
    assert seen == sorted(seen) and seen[-1] > 60 * 1024 * 1024
