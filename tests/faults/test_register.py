"""The twenty faults, and for each the tests that inject it and assert its promise; a test that is renamed or lost is noticed here."""

import ast
from pathlib import Path

import pytest

from config.settings import ROOT

FAULTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "F1": ("web worker killed in mid-submit", ("faults/test_kill.py::test_what_was_acknowledged_survives_kill_9",)),
    "F2": (
        "job worker killed in mid-send",
        (
            "faults/test_kill.py::test_what_was_acknowledged_survives_kill_9",
            "jobs/test_worker.py::test_a_worker_that_is_killed_over_and_over_tells_everybody_once_or_lists_them",
            "jobs/test_on_the_phone.py::test_everybody_holds_one_card_whatever_happens_on_the_way",
        ),
    ),
    "F3": ("everything killed", ("faults/test_kill.py::test_what_was_acknowledged_survives_kill_9",)),
    "F4": (
        "power loss",
        (
            "faults/test_sqlite.py::test_every_acknowledged_comment_was_synced_first",
            "faults/test_sqlite.py::test_every_new_connection_is_held_as_it_must_be",
        ),
    ),
    "F5": ("two writers at once", ("faults/test_sqlite.py::test_sixteen_writers_are_all_served",)),
    "F6": (
        "a long reader or a backup during writes",
        (
            "faults/test_hard_times.py::test_a_long_reader_and_a_backup_keep_nobody_from_writing",
            "cli/test_backup.py::test_a_backup_is_one_moment_while_people_go_on_speaking",
        ),
    ),
    "F7": (
        "disk full",
        ("faults/test_hard_times.py::test_a_full_disk_refuses_writing_honestly_and_reading_goes_on",),
    ),
    "F8": (
        "read-only database, bad permissions",
        (
            "faults/test_sqlite.py::test_a_database_that_cannot_be_written_is_named_and_nothing_starts",
            "faults/test_sqlite.py::test_a_data_folder_that_cannot_be_written_is_named_and_nothing_starts",
        ),
    ),
    "F9": (
        "PostgreSQL stopped and started",
        ("faults/test_servers_away.py::test_postgresql_goes_away_and_comes_back",),
    ),
    "F10": (
        "an older copy in its place",
        (
            "cli/test_backup.py::"
            "test_an_older_copy_laid_over_a_newer_office_does_not_open_until_somebody_accepts_the_loss",
        ),
    ),
    "F11": ("Redis down", ("faults/test_servers_away.py::test_redis_goes_away_and_the_sweep_does_the_work",)),
    "F12": (
        "Redis loses all",
        ("faults/test_servers_away.py::test_redis_loses_everything_and_the_sweep_carries_it_again",),
    ),
    "F13": (
        "WeChat slow or hanging",
        (
            "wire/test_line.py::test_a_hanging_wechat_costs_five_seconds_at_most_by_default",
            "faults/test_hard_times.py::test_nobody_at_the_door_waits_for_a_wechat_that_hangs",
            "jobs/test_telling.py::test_nothing_is_sent_from_inside_a_transaction",
        ),
    ),
    "F14": (
        "WeChat's errors",
        (
            "jobs/test_every_error.py::test_each_error_has_its_reaction",
            "wire/test_tokens.py::test_sixteen_callers_in_two_processes_make_one_fetch",
        ),
    ),
    "F15": (
        "WeChat sends it three times at once",
        ("wechat/test_webhook.py::test_three_copies_at_once_are_one_effect_and_one_reply",),
    ),
    "F16": (
        "sent, and the answer lost",
        (
            "jobs/test_telling.py::test_an_unknown_outcome_with_a_key_is_sent_again_under_the_same_key",
            "jobs/test_telling.py::test_an_unknown_outcome_without_a_key_is_held_for_a_person",
            "faults/test_month.py::test_a_month",
        ),
    ),
    "F17": (
        "a clock that jumps",
        ("faults/test_hard_times.py::test_a_worker_whose_clock_is_wrong_takes_no_work_from_another",),
    ),
    "F18": ("poison", ("faults/test_hard_times.py::test_poison_is_given_up_and_others_do_not_wait_for_it",)),
    "F19": ("a migration killed half-way", ("faults/test_migration.py::test_setting_up_survives_kill_9_anywhere",)),
    "F20": (
        "a damaged backup, the drill",
        (
            "cli/test_backup.py::test_every_damaged_backup_is_refused_and_nothing_of_it_is_used",
            "cli/test_backup.py::test_the_drill_says_how_long_it_took_and_leaves_nothing",
        ),
    ),
}


def found_in(path: Path) -> dict[str, ast.FunctionDef]:
    """The tests of a file by name."""
    found = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name: node for node in found if isinstance(node, ast.FunctionDef)}


def long(node: ast.FunctionDef) -> bool:
    """Whether it is left out of `make test` as a whole."""
    return any(
        "mark.long" in ast.unparse(each) and "parametrize" not in ast.unparse(each) for each in node.decorator_list
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_injected_by_a_quick_test(fault: str) -> None:
    names = FAULTS[fault][1]
    assert names
    for name in names:
        file, _, test = name.partition("::")
        node = found_in(ROOT / "tests" / file).get(test)
        assert node is not None, name
        assert not long(node), name


def test_all_twenty_are_here() -> None:
    assert list(FAULTS) == [f"F{n}" for n in range(1, 21)]
