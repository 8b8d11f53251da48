"""A sealed case file: whole, readable, provable, and it says itself what is missing; whatever is done to it is found."""

import gc
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import bagit
import psutil
import pytest
from docx import Document
from sqlalchemy import text
from sqlalchemy.orm import scoped_session

from models import files
from models.comments.comment import Attachment
from models.comments.forget import forget
from models.decisions.casefile import lacking_of
from models.decisions.decision import Decision
from models.decisions.material import Material, Publicity
from models.decisions.volume import by_hash, store_key, volumes
from models.kernel import trail
from models.kernel.clock import today
from models.kernel.heads import take_daily_head
from models.kernel.trail import SYSTEM
from server.app import create_app
from server.house import House
from server.papers.bag import Hashing
from server.papers.casefile import pack
from server.papers.verify_casefile import HEADS, TRAIL, Case, canonical, check_bag, check_trail, leaf, next_head
from tests.conftest import Engine, People, close, ignore, settings_for, settle
from tests.making import a_pdf
from tests.papers.filing import NAME, ORIGINAL, PHONE, a_case, closed, crowd, decided, only_these, written

Files = dict[str, bytes]


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch)


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    return published(people)


def published(people: People) -> Decision:
    """Decided and published, with a public head over all of its trail."""
    made = a_case(people).decision
    decided(made)
    while trail.sequence(5000):
        pass
    take_daily_head(today())
    return made


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, tuple[int, str]]]:
    """One file for all tests that only look at it, and the place and head that its chain had then."""
    folder = tmp_path_factory.mktemp("once")
    app = create_app(settings_for(Engine("sqlite", folder).fresh("street", settle), folder / "data"), wake=ignore)
    with app.app_context(), pytest.MonkeyPatch.context() as monkeypatch:
        only_these(monkeypatch)
        made = published(People())
        position, head = trail.tip(made.chain)
        written(made, folder / "案卷.zip")
    yield folder / "案卷.zip", (position, head.hex())
    close(app)


@pytest.fixture
def packed(once: tuple[Path, tuple[int, str]]) -> Path:
    return once[0]


def members(path: Path) -> Files:
    with zipfile.ZipFile(path) as opened:
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def rewritten(path: Path, held: Files) -> Path:
    """The same zip with other contents, as somebody with an archive program makes it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in held.items():
            made.writestr(f"案卷/{name}", data)
    return path


def faults(path: Path) -> list[str]:
    case = Case(path)
    return check_bag(case) or check_trail(case)


def unpacked(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as opened:
        opened.extractall(folder)
    return next(folder.iterdir())


# --- whole and valid --------------------------------------------------------------------------------------------------


def test_the_library_of_congress_finds_it_valid(packed: Path, tmp_path: Path) -> None:
    bag = bagit.Bag(str(unpacked(packed, tmp_path / "x")))
    bag.validate()
    assert sorted(bag.algorithms) == ["sha256", "sha512"]
    assert bag.info["Source-Organization"] == "青禾街道办事处" and bag.info["Huiyin-Volume"] == "copy"
    assert not faults(packed)


def test_every_record_is_in_it(packed: Path) -> None:
    held = members(packed)
    everything = b"\n".join(held.values()).decode("utf-8", "replace")
    assert ORIGINAL in everything and "第一稿的理由。" in everything and "改为两小时。" in everything
    assert sum(name.endswith((".pdf", ".jpg")) for name in held) == 4
    assert [data for name, data in held.items() if name.endswith(".jpg")] == [b"\xff\xd8\xff\xe0 a picture"]
    draft = next(data for name, data in held.items() if "草案第1稿" in name)
    assert draft.decode().startswith("停车办法（征求意见稿）\n\n第一条")
    told = json.loads(held["data/案卷目录.json"])
    titles = [item["title"] for item in told["items"]]
    assert titles[:4] == ["案件基本情况表", "草案第1稿（公开征求意见稿）", "立项报告（第1版）", "立项报告（第2版）"]
    assert {"征求意见公告", "公告审签记录", "意见采纳情况", "会议记录：第12次主任办公会"} <= set(titles)
    listed = {file["path"] for item in told["items"] for file in item["files"]}
    payload = {name.removeprefix("data/") for name in held if name.startswith("data/")}
    assert payload - listed == {n for n in payload if n.startswith(("留痕证明/", "案卷目录."))}


def test_the_notice_carries_its_extension_and_its_correction(packed: Path, tmp_path: Path) -> None:
    name = next(name for name in members(packed) if "征求意见公告.docx" in name)
    (tmp_path / "n.docx").write_bytes(members(packed)[name])
    words = "\n".join(p.text for p in Document(str(tmp_path / "n.docx")).paragraphs)
    assert "放假" in words and "电话写错了" in words and "0000-5550199" in words


def test_publicity_decides_the_folder_and_names_stay_sealed(packed: Path) -> None:
    held = members(packed)
    for name, data in held.items():
        words = data.decode("utf-8", "replace")
        assert NAME not in words and PHONE not in words, name
        if not name.startswith("data/3 不公开/"):
            assert ORIGINAL not in words, name
    assert any(name.startswith("data/1 公开/") and "立项报告" in name for name in held)
    assert any(name.startswith("data/3 不公开/") and "会议记录" in name for name in held)
    shown = next(data for name, data in held.items() if name.startswith("data/1 公开/") and name.endswith("逐条.jsonl"))
    rows = [json.loads(line) for line in shown.splitlines()]
    assert [row["shown_text"] for row in rows] == [None, None, None, "我录了一段。"]


def test_the_index_opens_in_word_and_names_everything(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "i.docx").write_bytes(members(packed)["data/案卷目录.docx"])
    document = Document(str(tmp_path / "i.docx"))
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells[0] == ["件号", "材料名称", "责任者", "日期", "公开属性", "数量"]
    assert cells[12][:3] == ["012", "会议记录：第12次主任办公会", "周敏交入"] and cells[12][4:] == ["不公开", "1件"]
    words = "\n".join(p.text for p in document.paragraphs)
    assert "没有缺件。" in words and "〔2026〕1号" in words and "全部由公布的每日留痕摘要盖到" in words


# --- provable ---------------------------------------------------------------------------------------------------------


def test_the_proof_reaches_from_the_first_row_to_the_published_head(once: tuple[Path, tuple[int, str]]) -> None:
    opened, (position, head) = Case(once[0]), once[1]
    proof = json.loads(opened.text(HEADS))
    assert proof["tip"] == {"position": position, "head": head} and proof["waiting"] == 0
    assert proof["published"] == position and len(proof["days"]) == 1
    assert not check_trail(opened)


def test_rows_that_wait_for_their_place_are_in_it_and_counted(case: Decision, people: People, tmp_path: Path) -> None:
    Material.add(people["shenlin"], case, "risk", "补充", a_pdf(), publicity=Publicity.OPEN)
    opened = Case(written(case, tmp_path / "a.zip"))
    assert json.loads(opened.text(HEADS))["waiting"] == 1
    assert not check_bag(opened) and not check_trail(opened)


def test_it_checks_itself_with_nothing_but_python(packed: Path, tmp_path: Path) -> None:
    script = tmp_path / "verify.py"
    script.write_bytes(members(packed)["data/留痕证明/verify.py"])
    heads = [one["day"] for one in json.loads(members(packed)[HEADS])["days"]]
    (tmp_path / "heads.json").write_text(json.dumps({"days": heads}))

    def run(*told: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, "-I", *told], capture_output=True, text=True, cwd=tmp_path, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = run("verify.py", str(packed), "heads.json")
    assert code == 0 and "对上 1 天" in said
    folder = unpacked(packed, tmp_path / "x")
    assert run(str(folder / "data" / "留痕证明" / "verify.py"))[0] == 0
    (folder / "bagit.txt").write_text("x")
    assert run(str(folder / "data" / "留痕证明" / "verify.py"))[0] == 1
    heads[0]["head"] = "0" * 64
    (tmp_path / "heads.json").write_text(json.dumps({"days": heads}))
    code, said = run("verify.py", str(packed), "heads.json")
    assert code == 1 and "和公布的不一样" in said
    (tmp_path / "heads.json").write_text(json.dumps({"days": []}))
    code, said = run("verify.py", str(packed), "heads.json")
    assert code == 0 and "没有对照成" in said


def test_a_wrong_file_is_told_in_words(packed: Path, tmp_path: Path) -> None:
    script, own = tmp_path / "verify.py", tmp_path / "own.json"
    script.write_bytes(members(packed)["data/留痕证明/verify.py"])
    own.write_bytes(members(packed)[HEADS])
    (tmp_path / "half.zip").write_bytes(packed.read_bytes()[:700])
    (tmp_path / "list.json").write_text("[]")
    for told, words in (
        (["no.zip"], "没有找到 no.zip"),
        (["half.zip"], "没有下载完整"),
        ([str(packed), "own.json"], "是案卷自己带的那一份"),
        ([str(packed), "no.json"], "没有找到 no.json"),
        ([str(packed), "list.json"], "不是公布的每日留痕摘要"),
        ([str(packed), "half.zip"], "不是公布的每日留痕摘要"),
    ):
        done = subprocess.run(
            [sys.executable, "-I", "verify.py", *told], capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert done.returncode == 1 and words in done.stdout and not done.stderr, told


def test_the_trail_for_people_is_in_the_time_of_beijing(packed: Path) -> None:
    first, second = members(packed)["data/留痕证明/留痕.txt"].decode().splitlines()[:2]
    assert first.split("\t") == ["位置", "北京时间", "谁", "做了什么"]
    told = json.loads(members(packed)["data/留痕证明/trail.jsonl"].splitlines()[0])["row"]["at"]
    assert second.split("\t")[1] == f"{datetime.fromisoformat(told) + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"


# --- tampering --------------------------------------------------------------------------------------------------------


def test_one_byte_in_any_file_is_found_and_the_file_named(packed: Path, tmp_path: Path) -> None:
    held = members(packed)
    tried = 0
    for name, data in held.items():
        if not data or name.startswith("tagmanifest"):
            continue
        middle = len(data) // 2
        spoilt = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        found = faults(rewritten(tmp_path / "b.zip", held | {name: spoilt}))
        assert any(name in fault for fault in found), name
        tried += 1
    assert tried > 20


def test_one_byte_of_the_zip_is_found(packed: Path, tmp_path: Path) -> None:
    """In the headers of a zip there are bytes that say nothing of what is in it; the register knows the zip itself."""
    raw, whole = packed.read_bytes(), members(packed)
    for place in range(200, len(raw) - 4000, len(raw) // 12):
        (tmp_path / "b.zip").write_bytes(raw[:place] + bytes([raw[place] ^ 255]) + raw[place + 1 :])
        try:
            found = faults(tmp_path / "b.zip")
        except (zipfile.BadZipFile, zlib.error, UnicodeDecodeError):
            continue
        assert found or members(tmp_path / "b.zip") == whole, place


@pytest.mark.parametrize(
    "name", ["data/案卷目录.docx", TRAIL, "manifest-sha512.txt", "bag-info.txt", "tagmanifest-sha256.txt"]
)
def test_a_file_taken_out_is_found(packed: Path, tmp_path: Path, name: str) -> None:
    held = members(packed)
    del held[name]
    assert any(name in fault for fault in faults(rewritten(tmp_path / "b.zip", held)))


@pytest.mark.parametrize("name", ["data/1 公开/another.txt", "another.txt", "data/../x"])
def test_a_file_put_in_is_found(packed: Path, tmp_path: Path, name: str) -> None:
    assert any(name in fault for fault in faults(rewritten(tmp_path / "b.zip", members(packed) | {name: b"x"})))


def test_a_file_put_in_twice_is_found(packed: Path, tmp_path: Path) -> None:
    path = rewritten(tmp_path / "b.zip", members(packed))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as opened:
        opened.writestr(f"案卷/{TRAIL}", b"{}")
    assert any("两个" in fault for fault in faults(path))


def summed(held: Files) -> Files:
    """Manifests and tags made anew, as somebody who knows BagIt would."""
    made = {n: d for n, d in held.items() if not n.startswith(("manifest-", "tagmanifest-"))}
    import_hashes = {"sha256": files.hashlib.sha256, "sha512": files.hashlib.sha512}
    payload = {n: d for n, d in made.items() if n.startswith("data/")}
    oxum = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}\n"
    info = [line for line in made["bag-info.txt"].decode().splitlines(True) if not line.startswith("Payload-Oxum")]
    made["bag-info.txt"] = ("".join(info) + oxum).encode()
    for kind, over in (("manifest", payload), ("tagmanifest", None)):
        chosen = over if over is not None else {n: d for n, d in made.items() if n not in payload}
        for name, digest in import_hashes.items():
            lines = "".join(
                f"{digest(d).hexdigest()}  {n}\n" for n, d in chosen.items() if not n.startswith("tagmanifest")
            )
            made[f"{kind}-{name}.txt"] = lines.encode()
    return made


def edited(held: Files, change: Callable[[list[dict[str, Any]]], None], *, chained: bool = False) -> Files:
    """The trail changed and every manifest made anew; `chained` also recomputes every link."""
    rows = [json.loads(line) for line in held[TRAIL].splitlines()]
    change(rows)
    made = dict(held)
    if chained:
        head = bytes(32)
        for row in rows:
            head = next_head(head, row)
            row["head"] = head.hex()
        proof = json.loads(made[HEADS])
        before, proof["tip"]["head"] = proof["tip"]["head"], head.hex()
        proof["days"], proof["published"] = [], 0
        made[HEADS] = json.dumps(proof).encode()
        made["bag-info.txt"] = made["bag-info.txt"].replace(before.encode(), head.hex().encode())
    made[TRAIL] = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
    return summed(made)


def actor(rows: list[dict[str, Any]]) -> None:
    rows[4]["row"]["actor_name"] = "别人"


def cut(rows: list[dict[str, Any]]) -> None:
    del rows[4]


def swap(rows: list[dict[str, Any]]) -> None:
    rows[4], rows[5] = rows[5], rows[4]


def shorten(rows: list[dict[str, Any]]) -> None:
    del rows[-1]


@pytest.mark.parametrize("change", [actor, cut, swap, shorten])
def test_a_trail_changed_under_new_manifests_is_found(packed: Path, tmp_path: Path, change: Any) -> None:
    found = faults(rewritten(tmp_path / "b.zip", edited(members(packed), change)))
    assert found and all("留痕" in fault for fault in found)


def test_who_recomputes_every_hash_meets_the_keys_and_the_register(
    case: Decision, tmp_path: Path, app: House, session: scoped_session[Any]
) -> None:
    """The file agrees with itself; the office's own check still finds it, by its MACs and by what was registered."""
    forged = rewritten(tmp_path / "b.zip", edited(members(written(case, tmp_path / "a.zip")), actor, chained=True))
    assert not faults(forged)
    session.commit()
    done = app.test_cli_runner().invoke(args=["casefile", "verify", str(forged)])
    assert done.exit_code == 1
    assert "没有登记过" in done.stderr and "留痕第5个位置：不是用本机关的密钥签的" in done.stderr


def test_the_untouched_twin_of_a_rewritten_bag_is_sound(packed: Path, tmp_path: Path) -> None:
    """The tests above can fail: the same rewriting without a change is sound."""
    assert not faults(rewritten(tmp_path / "b.zip", summed(members(packed))))


def test_one_spelling_for_the_same_row() -> None:
    fields = {"b": "中", "a": [1, {"d": None, "c": 2.5}]}
    assert canonical(fields) == trail.canonical(fields)
    assert len(leaf("x", 1, "00" * 32)) == 64


# --- what is missing --------------------------------------------------------------------------------------------------


def test_what_is_missing_is_named(case: Decision, people: People, session: scoped_session[Any], tmp_path: Path) -> None:
    picture = session.query(Attachment).one()
    forget(picture.resident, SYSTEM)
    papers = session.query(Material).order_by(Material.id).all()
    (files._path(papers[0].file)).write_bytes(b"somebody was here")
    files._path(papers[2].file).unlink()
    waiting = a_comment_lost(people, session, case)
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        made = pack(case, Hashing(file))
    assert [one for one in made.lacking if "已应本人要求删除" in one]
    assert (
        "立项报告（第1版）（文件损坏）" in made.lacking and "会议记录：第12次主任办公会（文件不在了）" in made.lacking
    )
    assert waiting in made.lacking
    assert not faults(path)
    rows = next(d for n, d in members(path).items() if n.endswith("全部版本.jsonl")).splitlines()
    last = json.loads(rows[-1])
    assert last["erased"] and last["text"] is None
    (tmp_path / "i.docx").write_bytes(members(path)["data/案卷目录.docx"])
    words = "\n".join(p.text for p in Document(str(tmp_path / "i.docx")).paragraphs)
    assert all(one in words for one in made.lacking)


def a_comment_lost(people: People, session: scoped_session[Any], case: Decision) -> str:
    """A voice message that WeChat threw away before it was fetched."""
    picture = session.query(Attachment).one()
    lost = Attachment(
        comment_id=picture.comment_id,
        resident_id=picture.resident_id,
        kind="voice",
        state="lost",
        received_at=picture.received_at,
    )
    session.add(lost)
    session.flush()
    return "第0004号意见的语音（微信里已经取不到）"


def test_a_station_that_is_not_done_is_missing(people: People, session: scoped_session[Any]) -> None:
    asked = a_case(people)
    session.execute(text("DELETE FROM work"))
    case = asked.decision
    assert not lacking_of(case)
    session.execute(text("UPDATE consultation SET stage = 'published', released_at = NULL"))
    session.expire_all()
    assert [one.title for one in lacking_of(case)] == ["答复意见"]


# --- volumes ----------------------------------------------------------------------------------------------------------


def test_volume_one_and_its_supplement_are_chained(
    app: House, case: Decision, people: People, session: scoped_session[Any], tmp_path: Path
) -> None:
    first = closed(app, people, case, session)
    assert (first.volume, first.number, first.previous) == (1, f"青街档〔{today().year}〕1号", None)
    one = tmp_path / "1.zip"
    one.write_bytes(b"".join(files.Stored(first.file, store_key(), first.size).pieces()))
    assert not faults(one)
    Material.add(people["yangfan"], case, "evaluation", "后评估报告", a_pdf("评"), publicity=Publicity.OPEN)
    second = closed(app, people, case, session, supplement=True)
    assert (second.volume, second.number, second.previous_id) == (2, f"{first.number}（补1）", first.id)
    assert list(second.held) == [key for key in second.held if key.startswith("evaluation:material:")]
    two = tmp_path / "2.zip"
    two.write_bytes(b"".join(files.Stored(second.file, store_key(), second.size).pieces()))
    assert not faults(two)
    info, proof = Case(two).info(), json.loads(Case(two).text(HEADS))
    assert info["Huiyin-Previous-SHA256"] == first.sha256 == files.hashlib.sha256(one.read_bytes()).hexdigest()
    assert info["Huiyin-Previous-Volume"] == first.number
    assert proof["after"] == {"position": first.position, "head": first.head}
    facts = [t.detail["sha256"] for t, _ in trail.story(chain=case.chain, verbs=("seal",))]
    assert facts == [second.sha256, first.sha256]
    assert by_hash(first.sha256) == first and volumes(case) == [first, second]


def test_where_it_lies_nobody_reads_it(
    app: House, case: Decision, people: People, session: scoped_session[Any], settings: Any
) -> None:
    made = closed(app, people, case, session)
    raw = b"".join(
        path.read_bytes() for path in settings.data_dir.rglob("*") if path.is_file() and made.file in path.name
    )
    assert len(raw) > made.size and ORIGINAL.encode() not in raw and b"PK\x03\x04" not in raw


# --- the command line -------------------------------------------------------------------------------------------------


def test_export_and_verify_from_the_command_line(
    app: House, case: Decision, people: People, session: scoped_session[Any], tmp_path: Path
) -> None:
    number = case.number
    session.commit()
    run = app.test_cli_runner().invoke
    copy, sealed = tmp_path / "copy.zip", tmp_path / "sealed.zip"
    done = run(args=["casefile", "export", number, "--out", str(copy)], catch_exceptions=False)
    assert done.exit_code == 0 and "SHA-256" in done.output and "100%" in done.stderr
    done = run(args=["casefile", "verify", str(copy)], catch_exceptions=False)
    assert done.exit_code == 0 and "没有归档 副本" in done.output and "密钥签名都对" in done.output
    assert run(args=["casefile", "export", number, "--out", str(copy)]).exit_code == 2
    assert run(args=["casefile", "export", "没有〔2026〕9号", "--out", str(sealed)]).exit_code == 2
    sha256 = closed(app, people, case, session).sha256
    session.commit()
    done = run(args=["casefile", "export", number, "--out", str(sealed)], catch_exceptions=False)
    assert done.exit_code == 0 and sha256 in done.output
    done = run(args=["casefile", "verify", str(sealed)], catch_exceptions=False)
    assert done.exit_code == 0 and "由下一天的摘要盖到" in done.output
    while trail.sequence(5000):
        pass
    take_daily_head(today() + timedelta(days=1))
    session.commit()
    done = run(args=["casefile", "verify", str(sealed)], catch_exceptions=False)
    assert done.exit_code == 0 and "都在里面" in done.output
    spoilt = bytearray(sealed.read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    sealed.write_bytes(bytes(spoilt))
    assert run(args=["casefile", "verify", str(sealed)]).exit_code == 1


# --- memory -----------------------------------------------------------------------------------------------------------


def test_two_thousand_comments_need_no_more_memory_than_a_few(
    case: Decision, people: People, session: scoped_session[Any], tmp_path: Path
) -> None:
    """The file has megabytes of comments; what the process grows by while it is packed has not."""
    written(case, tmp_path / "warm.zip")
    crowd(session, case, 2000)
    gc.collect()
    here = psutil.Process()
    before, most = here.memory_info().rss, 0

    def tell(done: int, total: int, phase: str) -> None:
        nonlocal most
        if done % 50 == 0:
            most = max(most, here.memory_info().rss)

    with (tmp_path / "a.zip").open("wb") as file:
        pack(case, Hashing(file), tell=tell)
    held = sum(map(len, members(tmp_path / "a.zip").values()))
    grown = most - before
    print(f"2,000 comments, {held:,} bytes packed, grown by {grown:,} bytes")
    assert held > 8_000_000 and grown < 8_000_000
