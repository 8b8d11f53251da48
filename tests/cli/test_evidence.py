"""`flask trail verify`: whoever changes the trail is noticed, and the row is named; whoever changes nothing is not accused."""

import functools
import json
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from models.kernel import trail
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.heads import DailyHead, day_head, keep, public, take_daily_head
from models.kernel.trail import Trace, TraceLink, canonical, keyed, link_head, link_mac, row_fields
from models.kernel.triggers import TRIGGERS
from server.house import brief
from tests.cli.scene import Scene, lines, opened, say
from tests.conftest import Engine

pytestmark = pytest.mark.both_engines

COPIED = (
    "chain, at, wall_at, subject_kind, subject_id, verb, actor_kind, actor_ref, actor_name, actor_post, actor_unit, detail, "
    "demonstration, mac"
)
BESIDE = ("notes", "heads", "memory")
"""What lies beside the database. Most deeds are found without any of it, by MACs and chains alone."""


@pytest.fixture
def scene(engine: Engine, tmp_path: Path) -> Iterator[Scene]:
    """The street, looked at once."""
    yield from opened(engine, tmp_path)


def found(scene: Scene, *words: str, args: tuple[str, ...] = ()) -> list[str]:
    """The command ends with 1, and one line holds all of these words; every line, to look further."""
    done = scene.verify(*args)
    assert done.exit_code == 1, done.output
    assert "全部对上" not in done.output
    said = list(lines(done))
    assert any(all(word in line for word in words) for line in said), "\n".join([str(words), *said])
    return said


def test_an_untouched_trail_is_whole_again_and_again(scene: Scene) -> None:
    for _ in range(2):
        done = scene.verify()
        assert done.exit_code == 0, done.output
        assert "全部对上" in done.output
    scene.sequencer()
    assert scene.verify().exit_code == 0
    assert scene.verify(scene.case).exit_code == 0
    assert scene.verify("no-such-chain").exit_code == 2
    scene.forget(*BESIDE)
    alone = scene.verify()
    assert alone.exit_code == 0
    assert "没有上次核对的记忆" in alone.output, "the first look says that it has nothing to compare with"


# --- a database administrator -----------------------------------------------------------------------------------------

EDITS = (
    "actor_name = '别人'",
    "actor_post = '主要领导'",
    "verb = 'sign_off'",
    "subject_id = subject_id + 1",
    "at = '2026-01-01 00:00:00.000000'",
    "wall_at = '2026-01-01 00:00:00.000000'",
    """detail = '{"a": 1}'""",
    "chain = :other",
    "demonstration = false",
    "ref = 'x'",
    "mac = (SELECT mac FROM trace WHERE id = 1)",
)
"""Each to a row of its own, from place 3 of a case's chain on."""
UNHOLDABLE = {
    "sqlite": (
        "detail = 'no json'",
        "at = 'yesterday'",
        "mac = 'text'",
        "mac = 7",
        "wall_at = 12",
        "actor_name = x'ff'",
    ),
    "postgresql": ("at = 'infinity'", "wall_at = '4000-01-01 BC'", "mac = ''"),
}
"""What the columns take and no row of ours can hold, so that it cannot even be read."""


def test_every_edited_row_is_named_and_no_other(scene: Scene) -> None:
    scene.forget(*BESIDE)
    deeds = dict(enumerate(EDITS, 3))
    scene.administrator(
        *(
            (f"UPDATE trace SET {deed} WHERE id = :row", {"row": scene.row(place), "other": scene.other})
            for place, deed in deeds.items()
        )
    )
    said = found(scene)
    assert len(said) == len(EDITS)
    for line, place in zip(said, deeds, strict=True):
        for word in (f"链 {scene.case}", f"第{place}个位置", f"第{scene.row(place)}行", "内容与写入时不符"):
            assert word in line, deeds[place]


def test_a_row_is_named_with_its_case_its_time_and_whose_deed_it_was(scene: Scene) -> None:
    scene.administrator("UPDATE trace SET actor_post = '主要领导' WHERE id = :row", row=scene.row(5))
    line = found(scene, f"第{scene.row(5)}行")[0]
    assert re.search(r"（20\d\d-\d\d-\d\d \d\d:\d\d:\d\d 许静 城市管理科 主要领导 Consultation\.check）", line)
    assert "［农贸市场周边停车管理办法］" in line


def test_what_cannot_even_be_read_is_named_too(scene: Scene, engine: Engine) -> None:
    scene.forget(*BESIDE)
    deeds = dict(enumerate(UNHOLDABLE[engine.kind], 5))
    scene.administrator(
        *((f"UPDATE trace SET {deed} WHERE id = :row", {"row": scene.row(place)}) for place, deed in deeds.items())
    )
    said = found(scene, f"链 {scene.case}")
    for place, deed in deeds.items():
        assert any(f"第{place}个位置" in line and f"第{scene.row(place)}行" in line for line in said), (deed, said)


def test_a_row_taken_out_of_the_middle_is_missed(scene: Scene) -> None:
    scene.forget(*BESIDE)
    row = scene.row(5)
    scene.administrator("DELETE FROM trace_link WHERE trace_id = :row", "DELETE FROM trace WHERE id = :row", row=row)
    said = found(
        scene, f"链 {scene.case}", "第5个位置的行被删去", f"前一条是第{scene.row(4)}行", f"后一条是第{scene.row(6)}行"
    )
    assert len(said) == 1, "only the row that is gone is wrong, not all that come after it"


def test_a_row_taken_out_from_under_its_place_is_missed(scene: Scene) -> None:
    scene.forget(*BESIDE)
    row = scene.row(5)
    scene.administrator("DELETE FROM trace WHERE id = :row", row=row)
    assert len(found(scene, f"链 {scene.case}", "第5个位置", f"第{row}行", "留痕那一行被删去")) == 1


@pytest.mark.parametrize("what", ["places", "rows", "numbers"])
def test_two_rows_that_changed_places_are_named(scene: Scene, what: str) -> None:
    scene.forget(*BESIDE)
    a, b = scene.row(4), scene.row(5)
    column = {"places": "position", "rows": "trace_id"}.get(what)
    if column:
        first, second = (4, 5) if what == "places" else (a, b)
        where = "position" if what == "places" else "trace_id"
        scene.administrator(
            f"UPDATE trace_link SET {column} = -1 WHERE {where} = :first AND chain = :chain",
            f"UPDATE trace_link SET {column} = :first WHERE {where} = :second AND chain = :chain",
            f"UPDATE trace_link SET {column} = :second WHERE {where} = -1 AND chain = :chain",
            first=first,
            second=second,
            chain=scene.case,
        )
    else:
        scene.administrator(
            "UPDATE trace SET id = -1 WHERE id = :a",
            "UPDATE trace SET id = :a WHERE id = :b",
            "UPDATE trace SET id = :b WHERE id = -1",
            a=a,
            b=b,
        )
    said = found(scene, f"链 {scene.case}", "第4个位置")
    assert any("第5个位置" in line for line in said)
    assert {f"第{a}行" in line or f"第{b}行" in line for line in said} == {True}


@pytest.mark.parametrize("linked", [False, True], ids=["waiting", "linked"])
def test_a_row_smuggled_in_is_named(scene: Scene, linked: bool) -> None:
    """Back-dated, with a name of its own and a MAC that belongs to another; the sequencer may even have given it a place."""
    scene.forget(*BESIDE)
    row = scene.row(5)
    scene.administrator(
        f"INSERT INTO trace (id, ref, {COPIED}) SELECT 990, 'smuggled', {COPIED} FROM trace WHERE id = :row",
        "UPDATE trace SET at = '2026-11-01 08:00:00.000000' WHERE id = 990",
        row=row,
    )
    if linked:
        assert scene.sequencer() == 2
    said = found(scene, f"链 {scene.case}", "第990行", "内容与写入时不符")
    assert len(said) == 1
    assert (f"第{scene.tip() + 1}个位置" in said[0]) is linked


def test_a_copy_that_is_as_true_as_the_row_is_named(scene: Scene) -> None:
    """The same name, the same MAC: only the database can refuse it, so the command looks whether it still does."""
    if scene.app.extensions["settings"].database_url.startswith("sqlite"):
        scene.administrator(
            "CREATE TABLE copied AS SELECT * FROM trace", "DROP TABLE trace", "ALTER TABLE copied RENAME TO trace"
        )
    else:
        scene.administrator("ALTER TABLE trace DROP CONSTRAINT uq_trace_ref")
    row = scene.row(5)
    found(scene, "trace 的唯一约束（ref）被去掉了")
    scene.administrator(
        f"INSERT INTO trace (id, ref, {COPIED}) SELECT 990, ref, {COPIED} FROM trace WHERE id = :row", row=row
    )
    found(scene, "第990行", "照抄")


def test_a_place_moved_to_another_chain_is_named(scene: Scene) -> None:
    scene.forget(*BESIDE)
    row = scene.row(5)
    scene.administrator(
        "UPDATE trace_link SET chain = :other, position = 90 WHERE trace_id = :row", row=row, other=scene.other
    )
    said = found(scene, f"链 {scene.other}", "第90个位置", f"第{row}行")
    assert any(f"链 {scene.case}" in line and "第5个位置的行被删去" in line for line in said)


def test_the_chain_of_a_month_is_kept_like_a_case(scene: Scene) -> None:
    scene.forget(*BESIDE)
    row = scene.row(1, scene.month)
    scene.administrator("UPDATE trace SET actor_name = '别人' WHERE id = :row", row=row)
    found(scene, f"链 {scene.month}", "第1个位置", f"第{row}行", "Unit.found")


# --- who takes away the end, where no chain can miss it ---------------------------------------------------------------


def cut(scene: Scene, chain: str, after: int) -> None:
    """Rows and places beyond this one, and what has no place, are gone."""
    scene.administrator(
        "CREATE TABLE gone AS SELECT t.id FROM trace t LEFT JOIN trace_link l ON l.trace_id = t.id "
        "WHERE t.chain = :chain AND (l.position IS NULL OR l.position > :after)",
        "DELETE FROM trace_link WHERE trace_id IN (SELECT id FROM gone)",
        "DELETE FROM trace WHERE id IN (SELECT id FROM gone)",
        "DROP TABLE gone",
        chain=chain,
        after=after,
    )


@pytest.mark.parametrize("left", ["notes", "heads", "memory", "saved", "daily heads"])
def test_a_tail_cut_off_with_its_places_is_missed_by_each_witness_alone(
    scene: Scene, left: str, tmp_path: Path
) -> None:
    tip, row = scene.tip(), scene.row(scene.tip())
    saved = tmp_path / "saved.json"
    with scene.app.app_context():
        scene.app.test_cli_runner().invoke(args=["trail", "heads", "--out", str(saved)], catch_exceptions=False)
    scene.forget(*(one for one in BESIDE if one != left))
    if left != "daily heads":
        scene.administrator("DELETE FROM daily_head")
    cut(scene, scene.case, tip - 2)
    args = ("--against", str(saved)) if left == "saved" else ()
    said = found(scene, f"链 {scene.case}", args=args)
    if left == "notes":
        assert any(f"第{row}行" in line and "吴启明" in line and "Consultation.release" in line for line in said)
        assert any(f"第{row}行" in line and "写入过，现在不在了" in line for line in said)
    else:
        where = f"现在只到第{tip - 2}个：第{tip - 1}到第{tip}个位置的行被删去"
        (line,) = [line for line in said if where in line]
        assert f"第{row}行" in line
        assert ("吴启明" in line) is (left == "memory")


def test_what_came_after_the_last_look_is_missed_from_the_notes(scene: Scene) -> None:
    """Newer than memory and daily heads: linked rows and the one that had no place yet."""
    waiting, tip = scene.waiting(), scene.row(scene.tip(scene.other), scene.other)
    cut(scene, scene.other, scene.tip(scene.other) - 1)
    said = found(scene, f"链 {scene.other}", f"第{waiting}行", "写入过，现在不在了", "Consultation._receive")
    assert any(f"第{tip}行" in line for line in said)
    scene.forget("notes")
    said = found(scene, f"链 {scene.other}", "意见编到了第4号，留痕里收到意见的只有2行")
    assert len(said) == 1, "without the notes the counter of the matter still says how many there were"


def test_a_row_without_a_place_is_remembered_by_the_command(scene: Scene) -> None:
    assert scene.verify().exit_code == 0
    scene.forget("notes")
    row = scene.waiting()
    scene.administrator(
        "DELETE FROM trace WHERE id = :row", "UPDATE consultation SET serials = serials - 1 WHERE serials = 4", row=row
    )
    found(scene, f"链 {scene.other}", f"第{row}行", "还没有入链；现在不在了")


@pytest.mark.parametrize("left", ["notes", "heads", "memory", "daily heads", "nothing"])
def test_a_whole_chain_that_is_gone_is_missed(scene: Scene, left: str) -> None:
    scene.forget(*(one for one in BESIDE if one != left))
    if left != "daily heads":
        scene.administrator("DELETE FROM daily_head")
    cut(scene, scene.case, 0)
    words = {"notes": ("写入过，现在不在了",), "nothing": ("案卷《农贸市场周边停车管理办法》一行留痕也没有",)}
    found(scene, f"链 {scene.case}", *words.get(left, ("整条链都没有了",)))


def test_everything_emptied_is_missed(scene: Scene) -> None:
    scene.administrator("DELETE FROM trace_link", "DELETE FROM daily_head", "DELETE FROM trace")
    said = found(scene, f"链 {scene.case}", "整条链都没有了")
    assert any("第2号日链首" in line for line in said)
    assert any(f"第{scene.row(5)}行" in line for line in said)


# --- who lets the sequencer do the forging ----------------------------------------------------------------------------


def test_the_sequencer_does_not_link_anew_what_was_cut_loose(scene: Scene) -> None:
    """A row is taken out, the places behind it too: linked again they would stand in a chain with valid MACs."""
    victim = scene.row(9)
    scene.administrator(
        "DELETE FROM trace_link WHERE chain = :chain AND position >= 9",
        "DELETE FROM trace WHERE id = :row",
        row=victim,
        chain=scene.case,
    )
    assert scene.sequencer() == 1, "other chains go on"
    assert scene.sequencer() == 0, "this one does not, and nobody spins over it"
    said = found(scene, f"链 {scene.case}", f"第{victim}行", "写入过，现在不在了")
    assert any("第9个位置" in line for line in said)


@pytest.mark.parametrize("left", ["heads", "memory", "daily heads"])
def test_a_chain_linked_anew_is_no_longer_the_one_that_was_seen(scene: Scene, left: str) -> None:
    """The same on a machine that has lost its notes: the chain is whole in itself, and not what others remember."""
    victim = scene.row(9)
    scene.administrator(
        "DELETE FROM trace_link WHERE chain = :chain AND position >= 9",
        "DELETE FROM trace WHERE id = :row",
        row=victim,
        chain=scene.case,
    )
    scene.forget(*BESIDE) if left == "daily heads" else scene.forget("notes")
    keep_aside = {
        name: (scene.folder / name).read_bytes()
        for name in ("heads.jsonl", "memory.json")
        if (scene.folder / name).exists()
    }
    scene.forget("heads", "memory")
    while scene.sequencer():
        pass
    for name, content in keep_aside.items():
        if left in name:
            (scene.folder / name).write_bytes(content)
    if left != "daily heads":
        scene.administrator("DELETE FROM daily_head")
    found(scene, f"链 {scene.case}", f"第{scene.tip()}个位置", f"现在只到第{scene.tip() - 1}个")


# --- who recomputes hashes --------------------------------------------------------------------------------------------


def recomputed(scene: Scene, chain: str, key: bytes | None = None) -> None:
    """Every head of a chain computed anew over what stands there now; with the key every MAC as well."""
    with scene.app.app_context():
        rows = db.session.execute(
            select(Trace, TraceLink)
            .join(TraceLink, TraceLink.trace_id == Trace.id)
            .where(Trace.chain == chain)
            .order_by(TraceLink.position)
        ).all()
        head, told = bytes(32), []
        for place, (row, link) in enumerate(rows, 1):
            mac = keyed("trace", canonical(row_fields(row))) if key else row.mac
            row.mac = mac
            head = link_head(head, row)
            told.append((row.id, link.id, place, mac, head, link_mac(chain, place, head) if key else link.mac))
        db.session.rollback()
    statements = [("UPDATE trace_link SET position = -position WHERE chain = :chain", {"chain": chain})]
    for row, link, place, mac, head, made in told:
        statements += [
            ("UPDATE trace SET mac = :mac WHERE id = :row", {"mac": mac, "row": row}),
            (
                "UPDATE trace_link SET position = :place, head = :head, mac = :made WHERE id = :link",
                {"place": place, "head": head, "made": made, "link": link},
            ),
        ]
    scene.administrator(*statements)


def test_who_recomputes_all_hashes_but_has_no_key_is_found(scene: Scene) -> None:
    scene.forget(*BESIDE)
    row = scene.row(5)
    scene.administrator("UPDATE trace SET actor_name = '别人' WHERE id = :row", row=row)
    recomputed(scene, scene.case)
    said = found(scene, f"链 {scene.case}", "第5个位置", f"第{row}行", "内容与写入时不符")
    assert f"第{row}行" in said[0], "the row itself comes first, then the places behind it"
    assert sum("入链的位置与写入时不符" in line for line in said) == scene.tip() - 5


def test_who_takes_a_row_out_and_moves_all_places_up_is_found(scene: Scene) -> None:
    scene.forget(*BESIDE)
    row, after = scene.row(5), scene.row(6)
    scene.administrator("DELETE FROM trace_link WHERE trace_id = :row", "DELETE FROM trace WHERE id = :row", row=row)
    recomputed(scene, scene.case)
    said = found(scene, f"链 {scene.case}", "第5个位置", f"第{after}行", "入链的位置与写入时不符")
    assert len(said) >= scene.tip() - 5


def test_who_makes_a_daily_head_without_the_key_is_found(scene: Scene) -> None:
    scene.forget(*BESIDE)
    cut(scene, scene.case, scene.tip() - 2)
    with scene.app.app_context():
        first = db.session.scalars(select(DailyHead).order_by(DailyHead.number)).first()
        assert first
        at = first.heads[scene.case]["position"] - 2
        first.heads = {**first.heads, scene.case: {**first.heads[scene.case], "position": at}}
        head = day_head(public(first))
        told = json.dumps(first.heads)
        db.session.rollback()
    scene.administrator("UPDATE daily_head SET heads = :told, head = :head WHERE number = 1", told=told, head=head)
    found(scene, "第1号日链首", "与写下时不符")


@pytest.mark.parametrize("left", ["notes", "heads", "memory", "saved"])
def test_who_has_the_key_is_found_by_what_lies_elsewhere(scene: Scene, left: str, tmp_path: Path) -> None:
    """One row, every MAC behind it, and every daily head made anew: the database agrees with itself, the world does not."""
    row = scene.row(5)
    saved = tmp_path / "saved.json"
    with scene.app.app_context():
        scene.app.test_cli_runner().invoke(args=["trail", "heads", "--out", str(saved)], catch_exceptions=False)
    scene.administrator("UPDATE trace SET actor_name = '别人' WHERE id = :row", row=row)
    recomputed(scene, scene.case, key=b"the office's own")
    kept = {path.name: path.read_bytes() for path in scene.folder.iterdir()}
    scene.forget(*BESIDE)
    days = []
    with scene.app.app_context(), db.session.no_autoflush:
        before = bytes(32)
        places = {(link.chain, link.position): link.head.hex() for link in db.session.scalars(select(TraceLink))}
        for day in db.session.scalars(select(DailyHead).order_by(DailyHead.number)).all():
            day.before = before
            day.heads = {chain: {**one, "head": places[chain, one["position"]]} for chain, one in day.heads.items()}
            before = day_head(public(day))
            told = {
                "number": day.number,
                "prior": day.before,
                "told": day.heads,
                "head": before,
                "mac": keyed("day", before),
            }
            days.append(
                (
                    "UPDATE daily_head SET before = :prior, heads = :told, head = :head, mac = :mac WHERE number = :number",
                    told,
                )
            )
        db.session.rollback()
    scene.administrator(*days)
    assert scene.verify().exit_code == 0, "who holds the key and all that lies beside the database is found by nobody"
    scene.forget(*BESIDE)
    for name, content in kept.items():
        if left in {"notes": "notes", "heads": "heads", "memory": "memory"} and name.startswith(
            left if left != "notes" else "written"
        ):
            (scene.folder / name).write_bytes(content)
    scene.start_again()
    said = found(scene, f"链 {scene.case}", args=("--against", str(saved)) if left == "saved" else ())
    if left == "notes":
        assert any(f"第{row}行" in line and "许静" in line and "校验码" in line for line in said)


# --- daily heads ------------------------------------------------------------------------------------------------------


def test_a_head_that_is_gone_changed_or_played_again_is_named(scene: Scene) -> None:
    scene.forget("heads", "memory")
    kept = scene.kept("SELECT * FROM daily_head WHERE number = 1")
    scene.administrator("DELETE FROM daily_head WHERE number = 1")
    found(scene, "第1号日链首被删去")
    columns = ", ".join(kept)
    scene.administrator(f"INSERT INTO daily_head ({columns}) VALUES ({', '.join(':' + name for name in kept)})", **kept)
    assert scene.verify().exit_code == 0
    scene.administrator("UPDATE daily_head SET rows = rows - 1 WHERE number = 2")
    found(scene, "第2号日链首", "与写下时不符")
    scene.administrator(
        "UPDATE daily_head SET head = :head, mac = :mac, heads = :heads, before = :before, rows = :rows, chains = :chains "
        "WHERE number = 2",
        **{name: kept[name] for name in ("head", "mac", "heads", "before", "rows", "chains")},
    )
    found(scene, "第2号日链首", "接不上前一号")


def test_the_newest_head_that_is_gone_is_missed_and_not_taken_again(scene: Scene, tmp_path: Path) -> None:
    """Otherwise yesterday's head would be taken anew a minute later, over what is left."""
    saved = tmp_path / "saved.json"
    with scene.app.app_context():
        done = scene.app.test_cli_runner().invoke(args=["trail", "heads", "--out", str(saved)])
        assert "2 天的日链首写进了" in done.output
    scene.administrator("DELETE FROM daily_head WHERE number = 2")
    with scene.app.app_context():
        with brief():
            assert take_daily_head(today()) is None, "this machine kept number 2"
        with brief(write=False):
            assert keep() == 0
    found(scene, "上次核对", "第2号日链首", "数据库里没有了")
    found(scene, "本机存的日链首里有第2号日链首")
    scene.forget("heads", "memory", "notes")
    with scene.app.app_context(), brief():
        assert take_daily_head(today()), "a machine that lost everything takes it again"
    assert scene.verify().exit_code == 0, "and agrees with it"
    found(scene, "第2号日链首", "saved.json", "不一样，被换过", args=("--against", str(saved)))


def test_heads_saved_from_the_public_page_are_compared_by_address(scene: Scene, tmp_path: Path) -> None:
    published = tmp_path / "www" / "heads.json"
    published.parent.mkdir()
    published.write_text(scene.app.test_client().get("/heads.json").get_data(as_text=True))
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = HTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(published.parent)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/heads.json"
    try:
        assert scene.verify("--against", address).exit_code == 0
        scene.forget(*BESIDE)
        scene.administrator("DELETE FROM daily_head WHERE number = 2")
        found(scene, address, "里有第2号日链首", args=("--against", address))
        assert scene.verify("--against", f"{address}.gone").exit_code == 2
    finally:
        server.shutdown()
        server.server_close()


def test_a_file_of_heads_that_is_none_is_refused_before_anything_is_looked_at(scene: Scene, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    good: Any = json.loads(scene.app.test_client().get("/heads.json").get_data(as_text=True))
    for content in (
        "",
        "[]",
        '{"form": "x", "days": []}',
        json.dumps({**good, "days": [{**good["days"][0], "rows": 1}]}),
    ):
        bad.write_text(content)
        done = scene.verify("--against", str(bad))
        assert done.exit_code == 2, content
        assert "Traceback" not in done.output
    assert scene.verify("--against", str(tmp_path / "none.json")).exit_code == 2


# --- its own memory ---------------------------------------------------------------------------------------------------


def test_memory_that_somebody_changed_is_not_believed_and_not_overwritten(scene: Scene) -> None:
    path = scene.folder / "memory.json"
    told = json.loads(path.read_text())
    del told["moved"][scene.case]
    path.write_text(json.dumps(told))
    changed = path.read_text()
    done = scene.verify()
    assert done.exit_code == 2
    assert "被改过" in done.output
    assert path.read_text() == changed


def test_memory_is_kept_where_the_office_says_and_learns_only_from_a_whole_trail(scene: Scene, tmp_path: Path) -> None:
    elsewhere = tmp_path / "safe" / "memory.json"
    assert scene.verify("--memory", str(elsewhere)).exit_code == 0
    before = elsewhere.read_bytes()
    scene.administrator("UPDATE trace SET actor_name = '别人' WHERE id = :row", row=scene.row(5))
    for _ in range(2):
        found(scene, "第5个位置", args=("--memory", str(elsewhere)))
        assert elsewhere.read_bytes() == before, "what is wrong today is wrong tomorrow"


# --- the texts behind the deeds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "fact"),
    [
        ("UPDATE answer_version SET reason = '当时就说采纳了。' WHERE id = 2", "Point.answer"),
        ("UPDATE clause SET text = replace(text, '1小时', '2小时') WHERE draft_id = 1", "Draft.write"),
        ("DELETE FROM clause WHERE draft_id = 1 AND position = 2", "Draft.write"),
    ],
)
def test_words_changed_after_the_deed_are_found_and_the_deed_is_named(scene: Scene, deed: str, fact: str) -> None:
    scene.forget(*BESIDE)
    scene.administrator(deed)
    (line,) = found(scene, f"链 {scene.case}", fact, "当时所写的文字")
    assert "沈林" in line


# --- an application user ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["trace", "trace_link", "daily_head"])
def test_an_application_user_cannot_even_try(scene: Scene, table: str) -> None:
    with scene.app.app_context():
        sqlite = db.engine.dialect.name == "sqlite"
        deeds = [f"UPDATE {table} SET id = id", f"DELETE FROM {table}"]
        if sqlite:
            deeds += [
                f"REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
                f"UPDATE OR REPLACE {table} SET id = 1 WHERE id > 1",
            ]
        else:
            deeds += [
                f"TRUNCATE {table} CASCADE",
                f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1 ON CONFLICT (id) DO UPDATE SET id = 1",
            ]
        for deed in deeds:
            with pytest.raises(Exception, match="insert-only"):
                db.session.execute(text(deed))
            db.session.rollback()
    assert scene.verify().exit_code == 0


def test_guards_that_were_taken_away_or_disarmed_are_missed(scene: Scene) -> None:
    sqlite = scene.app.extensions["settings"].database_url.startswith("sqlite")
    names = [t.name for t in TRIGGERS if t.table == "trace" and (not sqlite or t.on != "TRUNCATE")]
    name = "guard_trace_delete"
    assert name in names
    if sqlite:
        disarmed = [f"DROP TRIGGER {name}", f"CREATE TRIGGER {name} BEFORE DELETE ON trace BEGIN SELECT 1; END"]
        ways = [disarmed[:1], disarmed]
    else:
        ways = [
            [f"DROP TRIGGER {name} ON trace"],
            ["ALTER TABLE trace DISABLE TRIGGER guard_trace_delete"],
            [f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$"],
        ]
    for way in ways:
        with scene.app.app_context():
            for statement in way:
                db.session.execute(text(statement))
            db.session.commit()
        (line,) = found(scene, name)
        assert "被去掉或者改过" in line
        scene.administrator()
        assert scene.verify().exit_code == 0


# --- what nobody is accused of ----------------------------------------------------------------------------------------


def test_what_was_rolled_back_is_no_missing_row(scene: Scene) -> None:
    with scene.app.app_context():
        with suppress(RuntimeError), brief():
            say(scene.asked, 7)
            raise RuntimeError
        with brief():
            with suppress(RuntimeError), db.session.begin_nested():
                say(scene.asked, 8)
                raise RuntimeError
            say(scene.asked, 9)
    notes = "".join(path.read_text() for path in scene.folder.glob("written-*"))
    assert scene.verify().exit_code == 0
    with scene.app.app_context():
        refs = set(db.session.scalars(select(Trace.ref)))
        kept = {line[3] for line in map(json.loads, notes.splitlines()) if line[0] == "T"}
        assert kept <= refs
        assert trail.unlinked()[-1].ref in kept


def test_rows_written_while_the_command_looks_are_no_trouble(scene: Scene) -> None:
    """Notes are measured before the database is opened; what is noted later belongs to the next look."""
    stop = threading.Event()

    def speak() -> None:
        n = 20
        while not stop.is_set():
            n += 1
            with scene.app.app_context():
                with brief():
                    say(scene.asked, n)
                with brief():
                    trail.sequence()

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        for _ in range(5):
            done = scene.verify()
            assert done.exit_code == 0, done.output
    finally:
        stop.set()
        speaker.join()
    assert scene.verify().exit_code == 0
