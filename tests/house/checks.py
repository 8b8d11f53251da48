"""The polices: each takes one source text and says what is wrong with it, line by line."""

import ast
import contextlib
import io
import re
import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOREYS = ("config", "models", "miniapp_api", "server")

Finding = str


def sources(*folders: str, suffix: str = ".py") -> list[Path]:
    """Every file of the storeys (or of these folders) with this suffix, by its path in the repository."""
    found = [p for f in folders or STOREYS for p in sorted((ROOT / f).rglob(f"*{suffix}"))]
    return [p.relative_to(ROOT) for p in found if "__pycache__" not in p.parts]


def kept() -> list[Path]:
    """Every file that git keeps, or would keep if asked to."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str | None:
    """The file's text; None for pictures and the like."""
    raw = (ROOT / path).read_bytes()
    if b"\0" in raw[:4096]:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


@lru_cache(maxsize=512)
def tree(source: str) -> ast.Module:
    """The source as a tree; an empty one when it is no Python, which `readable` tells."""
    try:
        return ast.parse(source, feature_version=(3, 11))
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def readable(source: str) -> Iterator[Finding]:
    """It is Python, and the oldest Python that we promise can read it."""
    try:
        ast.parse(source, feature_version=(3, 11))
    except SyntaxError as why:
        yield f"{why.lineno}: {why.msg}"


def _at(node: ast.AST, why: str) -> Finding:
    return f"{getattr(node, 'lineno', 0)}: {why}"


# --- Python -----------------------------------------------------------------------------------------------------------


def inner_imports(source: str) -> Iterator[Finding]:
    """Imports inside functions hide a cycle, and a cycle is a design error."""
    for outer in ast.walk(tree(source)):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(outer):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield _at(node, f"an import inside {outer.name}()")


def commits(source: str) -> Iterator[Finding]:
    """Somebody ends a transaction."""
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield _at(node, "commit() is the house's and the queue's alone")


def stage_moves(source: str) -> Iterator[Finding]:
    """Somebody moves a record outside its verbs, and so without a trace."""

    def walk(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef) and {"step", "act", "birth"} & set(_decorators(child)):
                continue
            yield child
            yield from walk(child)

    for node in walk(tree(source)):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = [
                t for target in node.targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])
            ]
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr == "stage":
                yield _at(node, "a stage is moved by @step, never by hand")


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The last names of a function's decorators."""
    marks = [m.func if isinstance(m, ast.Call) else m for m in node.decorator_list]
    return [m.attr if isinstance(m, ast.Attribute) else m.id for m in marks if isinstance(m, ast.Attribute | ast.Name)]


BANNED_NAMES = frozenset(
    "util utils helper helpers common manager managers service services dao daos dto dtos misc stuff".split()
)
BANNED_ENDINGS = ("Service", "Manager", "Helper", "Helpers", "Utils", "DAO", "Dao", "DTO", "Dto", "Repository")


def banned_path(path: Path) -> Iterator[Finding]:
    """Names that say nothing about the matter."""
    for part in (*path.parts[:-1], path.stem):
        if BANNED_NAMES & set(re.split(r"[_.-]", part.lower())):
            yield f"0: {part} is a name for a drawer, not for a thing"


def banned_classes(source: str) -> Iterator[Finding]:
    """The same for classes."""
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.ClassDef) and node.name.endswith(BANNED_ENDINGS):
            yield _at(node, f"class {node.name} names a layer, not a thing")


def module_sentence(source: str) -> Iterator[Finding]:
    """A module begins with one sentence a mayor could read."""
    said = ast.get_docstring(tree(source))
    if not said:
        yield "1: the module says nothing of itself"
        return
    first = said.split("\n\n")[0]
    if "\n" in first or len(first) > 170:
        yield "1: the module's first sentence is longer than a line"
    elif not first.endswith((".", "?", "!", "。")):
        yield "1: the module's first line is not a sentence"


def markup(source: str) -> Iterator[Finding]:
    """Only what a programmer wrote is HTML: Markup takes a literal, and text gets in by format() or escape()."""
    for node in ast.walk(tree(source)):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func).rsplit(".", 1)[-1]
        literal = all(isinstance(given, ast.Constant) for given in node.args)
        if (name == "Markup" and not literal) or name == "render_template_string":
            yield _at(node, f"{name}() turns text into HTML")


def dotted(node: ast.expr) -> str:
    """The dotted name of a call's function, as far as it is one."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def naive_times(source: str) -> Iterator[Finding]:
    """The law's clock and the wall's are in models.kernel.clock; nobody else asks the machine what day it is."""
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if re.search(r"(^|\.)(datetime|date|dt)\.(now|utcnow|today)$", name):
                yield _at(node, f"{name}() asks the machine; ask models.kernel.clock")


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        yield from tokenize.generate_tokens(io.StringIO(source).readline)


CJK = r"\u2e80-\u2eff\u3400-\u4dbf\u4e00-\u9fff"
_SENTENCE = re.compile(rf"[{CJK}]{{6,}}[^\n]*[。！？]|[{CJK}]{{15,}}")


def chinese_prose(source: str) -> Iterator[Finding]:
    """Comments and docstrings are English; a Chinese term in them is welcome, a Chinese sentence is not."""
    for token in _tokens(source):
        if token.type == tokenize.COMMENT and _SENTENCE.search(token.string):
            yield f"{token.start[0]}: a Chinese sentence in a comment"
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not _is_command(
            node
        ):
            said = ast.get_docstring(node)
            if said and _SENTENCE.search(re.sub("「[^」]*」|“[^”]*”|`[^`]*`", "", said)):
                yield _at(node, "a Chinese sentence in a docstring")


def _is_command(node: ast.AST) -> bool:
    """A command's docstring is its help, which the office's administrator reads."""
    return isinstance(node, ast.FunctionDef) and bool({"command", "group"} & set(_decorators(node)))


def unfinished(source: str) -> Iterator[Finding]:
    """Nothing is left for later in the code; what is left is an issue."""
    for number, line in enumerate(source.splitlines(), 1):
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
            yield f"{number}: something left for later"
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Raise) and node.exc is not None:
            named = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(named, ast.Name) and named.id == "NotImplementedError":
                yield _at(node, "a stub")


# --- templates --------------------------------------------------------------------------------------------------------


def template(source: str) -> Iterator[Finding]:
    """No inline style or script, no handler attributes, nothing marked safe, nothing from elsewhere."""
    rules = {
        r"(?<!['\"])\|\s*safe\b": "text is marked safe",
        r"{%-?\s*autoescape\s+false": "escaping is switched off",
        r"<style[\s>]": "an inline style sheet",
        r"(?<![\w-])style\s*=": "an inline style",
        r"<script(?![^>]*\bsrc=)[^>]*>": "an inline script",
        r"<[^>]*?[\s\"']on[a-z]{3,}\s*=": "an event handler in an attribute",
        r"javascript:": "a javascript: address",
        r"(?:\ssrc|<link\b[^>]*\shref)\s*=\s*[\"']?(?:https?:)?//": "something loaded from elsewhere",
        r"hx-on\b|hx-vals\s*=\s*[\"']js:|hx-headers\s*=\s*[\"']js:": "htmx evaluating a script",
    }
    bare = re.sub(r"{#.*?#}|<!--.*?-->", lambda m: re.sub(r"[^\n]", " ", m[0]), source, flags=re.DOTALL)
    for pattern, why in rules.items():
        for match in re.finditer(pattern, bare, re.IGNORECASE):
            yield f"{bare.count(chr(10), 0, match.start()) + 1}: {why}"


def form_tokens(source: str) -> Iterator[Finding]:
    """A form that changes something carries its token."""
    for match in re.finditer(r"<form\b(.*?)>(.*?)</form>", source, re.DOTALL | re.IGNORECASE):
        posts = re.search(r"method\s*=\s*[\"']?post", match[1], re.IGNORECASE)
        if posts and not re.search(r"csrf", match[2]):
            yield f"{source.count(chr(10), 0, match.start()) + 1}: a form that posts without csrf()"


# --- everything that is kept ------------------------------------------------------------------------------------------

# Put together here so that this file does not find itself.
_PLACES = {
    r"(?<![\w.@:-])/(?:ro" + r"ot|ho" + r"me/[a-z]\w*|Us" + r"ers/\w+)/": "a path of somebody's machine",
    r"(?<![\w.:/*])/wo" + r"rk/": "a path of somebody's machine",
    r"/opt/(?:py" + r"pi|wh" + r"eels)": "a path of somebody's machine",
    r"registry\.npm"
    + r"js|registry\.npm"
    + r"mirror|files\.python"
    + r"hosted|py"
    + r"pi\.org|pypi\.tuna|mirrors?\.\w+\.(?:com|cn)": ("a registry's host"),
    r"--(?:extra-)?index-u" + r"rl|--find-li" + r"nks|--trusted-ho" + r"st": "a registry's address",
}
_FLAG_NO = re.compile(r"--no-emit-[a-z-]+")


def places(source: str) -> Iterator[Finding]:
    """Neither a machine's paths nor a registry's host: the next machine has others."""
    source = _FLAG_NO.sub("", source)
    for pattern, why in _PLACES.items():
        for match in re.finditer(pattern, source):
            yield f"{source.count(chr(10), 0, match.start()) + 1}: {why}: {match[0]}"


_SECRETS = {
    r"-----BEGIN [A-Z ]*PRIV" + r"ATE KEY": "a private key",
    r"(?m)^(?:SECRET_KEY|TRAIL_KEY|SEAL_KEYS|DEMO_SECRET|WECHAT_\w+_(?:SECRET|TOKEN|AES_KEY))=\S+": "a secret in a settings file",
    r"\bAK" + r"IA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b": "somebody's access key",
}


def secrets(source: str) -> Iterator[Finding]:
    """Nothing secret is kept in the repository."""
    for pattern, why in _SECRETS.items():
        for match in re.finditer(pattern, source):
            yield f"{source.count(chr(10), 0, match.start()) + 1}: {why}"


def report(findings: Iterable[tuple[Path, Finding]]) -> str:
    """One line each, so that an editor jumps there."""
    return "\n".join(f"{path}:{finding}" for path, finding in findings)
