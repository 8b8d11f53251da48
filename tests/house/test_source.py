"""What every source file keeps to."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house import checks
from tests.house.checks import report, sources, text_of

COMMITTERS = {Path("server/house.py"), Path("server/jobs/queue.py")}
CLOCKS = {Path("models/kernel/clock.py"), Path("config/logging.py")}


def is_ours(path: Path) -> bool:
    """The simulator is a stranger under our roof: it has its own clock, its own database, its own commits."""
    return path.parts[:2] != ("server", "simulator")


def found(check: Callable[[str], Iterator[str]], paths: list[Path]) -> str:
    return report((path, finding) for path in paths for finding in check(text_of(path) or ""))


def python() -> list[Path]:
    return sources()


def test_every_file_can_be_read() -> None:
    assert not found(checks.readable, [*python(), *sources("tests")])


def test_nothing_is_imported_inside_a_function() -> None:
    assert not found(checks.inner_imports, python())


def test_only_the_house_and_the_queue_commit() -> None:
    assert not found(checks.commits, [p for p in python() if is_ours(p) and p not in COMMITTERS])


def test_a_record_is_moved_by_its_verbs_alone() -> None:
    paths = [p for p in python() if is_ours(p) and p != Path("models/kernel/lifecycle.py")]
    assert not found(checks.stage_moves, paths)


def test_names_say_what_a_thing_is() -> None:
    assert not report((path, finding) for path in python() for finding in checks.banned_path(path))
    assert not found(checks.banned_classes, python())


def test_every_module_begins_with_a_sentence() -> None:
    paths = [p for p in python() if "versions" not in p.parts]
    assert not found(checks.module_sentence, paths)


def test_nobody_makes_html_of_what_people_wrote() -> None:
    assert not found(checks.markup, [p for p in python() if is_ours(p)])


def test_only_the_two_clocks_ask_the_machine_for_the_time() -> None:
    assert not found(checks.naive_times, [p for p in python() if is_ours(p) and p not in CLOCKS])


def test_comments_are_english() -> None:
    assert not found(checks.chinese_prose, [*python(), *sources("tests")])


def test_nothing_is_left_for_later() -> None:
    assert not found(checks.unfinished, python())


def test_templates_keep_to_the_content_security_policy() -> None:
    assert not found(checks.template, sources("server", suffix=".html"))


def test_forms_that_change_something_carry_their_token() -> None:
    paths = [p for p in sources("server", suffix=".html") if is_ours(p)]
    assert not found(checks.form_tokens, paths)


def test_no_file_names_a_machine_or_a_registry() -> None:
    assert not found(checks.places, checks.kept())


def test_no_file_holds_a_secret() -> None:
    assert not found(checks.secrets, checks.kept())


def test_nothing_of_npm_is_kept() -> None:
    assert not [p for p in checks.kept() if {"node_modules", "var", ".venv"} & set(p.parts)]


# Each police is shown what it is for: a rule that has never failed proves nothing.
SEEDED = [
    (checks.readable, "def f(:\n", "def f(): pass\n"),
    (checks.inner_imports, "def f():\n    import os\n", "import os\ndef f():\n    return os\n"),
    (checks.commits, "db.session.commit()\n", "commit = 1\nawait_commit()\n"),
    (checks.stage_moves, "c.stage = Stage.OPEN\n", "stage = c.stage\n"),
    (checks.stage_moves, "self.stage: Stage = x\n", "stage: Stage = x\n"),
    (
        checks.stage_moves,
        "a, c.stage = 1, 2\n",
        "@act(by=officer)\ndef back(self, who):\n    self.stage = Stage.WAITING\n",
    ),
    (checks.banned_classes, "class CommentService:\n    pass\n", "class Comment:\n    pass\n"),
    (checks.module_sentence, "import os\n", '"""What it is."""\n'),
    (checks.module_sentence, '"""no sentence"""\n', '"""What it is.\n\nMore of it\nhere"""\n'),
    (checks.module_sentence, '"""What it\nis."""\n', '"""What is it?"""\n'),
    (checks.markup, "Markup(text)\n", "Markup('<p>{}</p>').format(text)\n"),
    (checks.markup, "markupsafe.Markup(f'<p>{text}</p>')\n", "Markup('') + escape(text)\n"),
    (checks.markup, "Markup('<p>' + text)\n", "Markup('<p>') + text\n"),
    (checks.markup, "flask.render_template_string(x)\n", "flask.render_template(x)\n"),
    (checks.naive_times, "x = datetime.now(UTC)\n", "x = clock.now()\n"),
    (checks.naive_times, "x = dt.date.today()\n", "x = today()\n"),
    (checks.chinese_prose, "# 这里要先检查窗口是否已经结束。\n", "# 初审 comes before 复审\n"),
    (
        checks.chinese_prose,
        'def f():\n    """返回所有还没有答复的意见要点列表给承办人"""\n',
        'def f():\n    """The 承办人 sees it."""\n',
    ),
    (checks.unfinished, "x = 1  # TO" + "DO later\n", "x = 1  # done\n"),
    (checks.unfinished, "def f():\n    raise NotImplementedError\n", "def f():\n    raise ValueError\n"),
    (checks.template, "<p>{{ text|safe }}</p>", "<p>{{ text }}</p>"),
    (checks.template, "<p style='color:red'>", "<p class='red'>"),
    (checks.template, "<style>p{}</style>", "<link rel=stylesheet href=/static/site/x.css>"),
    (checks.template, "<script>go()</script>", "<script src='/static/site/x.js' defer></script>"),
    (checks.template, "<a href=x onclick='go()'>", "<a href=x data-once='go'>"),
    (checks.template, "<a href='javascript:go()'>", "<a href='/go'>"),
    (checks.template, "<img src='//else.where/x.png'>", "<img src='/static/x.png'>"),
    (checks.template, "{% autoescape false %}", "{# |safe is forbidden #}"),
    (checks.form_tokens, "<form method=post><input></form>", "<form method=post>{{ csrf() }}</form>"),
    (checks.places, "x = '/ro" + "ot/.cache/'\n", "x = '/var/lib/huiyin'\n"),
    (checks.places, "cd /wo" + "rk/main\n", "href='/desk/work/1'\n"),
    (checks.places, "--index-u" + "rl https://x\n", "--no-emit-index-u" + "rl\n"),
    (checks.places, "https://py" + "pi.org/simple\n", "from PyPI\n"),
    (checks.secrets, "SECRET" + "_KEY=abc\n", "SECRET_KEY=\n"),
    (checks.secrets, "-----BEGIN RSA PRIV" + "ATE KEY-----\n", "a private key\n"),
]


@pytest.mark.parametrize(("check", "bad", "good"), SEEDED, ids=[f"{c[0].__name__}-{i}" for i, c in enumerate(SEEDED)])
def test_each_police_can_fail(check: Callable[[str], Iterator[str]], bad: str, good: str) -> None:
    assert list(check(bad))
    assert not list(check(good))


@pytest.mark.parametrize(
    "path", ["models/utils.py", "server/comment_service.py", "server/common/x.py", "models/dao.py"]
)
def test_the_name_police_can_fail(path: str) -> None:
    assert list(checks.banned_path(Path(path)))
    assert not list(checks.banned_path(Path("models/comments/comment.py")))
