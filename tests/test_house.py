"""The house rules that no other tool checks. Each rule is a small function, tried first on code that breaks it."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils.module_loading import import_string

from twoway import reactions
from twoway.events import types
from twoway.ops import loops
from twoway.providers import registry
from twoway.providers.voice import registry as voices

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_LINES, TEST_LINES, FILE_LINES = 50, 80, 400
JUNK_DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc"}
HOSTS = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb.debian" + ".org")
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|NotImplemented" + "Error")
INLINE = re.compile(r"""<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=["']|javascript:""", re.I)
COPIED = re.compile(r"\.min\.(js|css)$|(^|/)(node_modules|vendor|third_party|site-packages)/")


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository, ignored ones left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


@cache
def sources() -> dict[Path, str]:
    """Every Python file with its text, by its path in the repository; migrations left out."""
    inside = {path: path.relative_to(ROOT) for path in files() if path.suffix == ".py"}
    return {name: path.read_text() for path, name in inside.items() if "migrations" not in name.parts}


def python_files(*folders: str) -> Iterator[tuple[Path, str]]:
    """Those below these folders of the repository."""
    for path, source in sources().items():
        if path.parts[0] in folders:
            yield path, source


def long_functions(source: str, limit: int) -> list[str]:
    """Functions of more than `limit` lines, decorators not counted."""
    return [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > limit
    ]


def positional_actions(source: str) -> list[str]:
    """Public functions that take more than the one thing they are about by position."""
    return [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and (len(node.args.posonlyargs + node.args.args) > 1 or node.args.vararg)
    ]


class _Running(ast.NodeTransformer):
    """Leaves out what only a type checker reads."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        return node.orelse if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def imported(source: str) -> set[str]:
    """The first word of every module imported when the program runs, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(_Running().visit(ast.parse(source))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def dotted_imports(source: str) -> set[str]:
    """Every module imported, with its full name; `from a import b` counts as a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def layers() -> list[str]:
    """The packages and modules that the order in .importlinter places."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    words = parser["importlinter:contract:order"]["layers"].replace("|", " ").split()
    return [word.strip("()") for word in words]


def test_the_rules_catch_what_they_should() -> None:
    long = "def f():\n" + "    x = 1\n" * 50
    assert long_functions(long, 50) == ["f has 51 lines"]
    assert long_functions(long, 51) == []
    assert positional_actions("def close(conversation, at): ...") == ["close"]
    assert positional_actions("def publish(event, *, at): ...\ndef close(*, at): ...") == []
    assert positional_actions("def _inner(a, b): ...\nclass A:\n    def m(self, a, b): ...") == []
    assert imported("import os.path\nfrom a.b import c\ndef f():\n    import d") == {"os", "a", "d"}
    assert imported("if TYPE_CHECKING:\n    import a\nelse:\n    import b") == {"b"}
    assert dotted_imports("from twoway.providers import twilio") == {"twoway.providers", "twoway.providers.twilio"}


@pytest.mark.parametrize(
    ("html", "is_inline"),
    [
        ('<script src="/static/a.js" defer></script>', False),
        ("<script>let a = 1</script>", True),
        ('<p style="color: red">', True),
        ("<style>p {}</style>", True),
        ('<button onclick="go()">', True),
        ('<a href="javascript:go()">', True),
        ('<button x-on:click="go" data-style="x" hx-on-x="y">', False),
        ("<p>confirm that one= is text</p>", False),
    ],
)
def test_inline_code_is_recognised(html: str, is_inline: bool) -> None:
    assert bool(INLINE.search(html)) is is_inline


@pytest.mark.parametrize(
    ("folder", "limit"), [("twoway", FUNCTION_LINES), ("bench", FUNCTION_LINES), ("tests", TEST_LINES)]
)
def test_functions_are_short(folder: str, limit: int) -> None:
    found = {str(path): long for path, source in python_files(folder) if (long := long_functions(source, limit))}
    assert found == {}


def test_files_are_short() -> None:
    sizes = {str(path): source.count("\n") for path, source in python_files("twoway", "tests", "bench")}
    assert {path: size for path, size in sizes.items() if size > FILE_LINES} == {}


def test_no_module_is_a_junk_drawer() -> None:
    assert [
        str(path) for path, _ in python_files("twoway", "tests", "bench") if {path.stem, *path.parts} & JUNK_DRAWERS
    ] == []


def offered(package: Path) -> set[str]:
    """What the `actions` package of this path offers: the names its `__init__` imports."""
    tree = ast.parse(sources().get(package / "__init__.py", ""))
    return {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}


def test_actions_take_keywords_only() -> None:
    found: dict[str, list[str]] = {}
    for path, source in python_files("twoway"):
        names = positional_actions(source)
        if path.stem == "actions":
            found[str(path)] = names
        elif path.parent.name == "actions":
            found[str(path)] = [name for name in names if name in offered(path.parent)]
    assert len(found) > 4
    assert {path: names for path, names in found.items() if names} == {}


def test_nothing_is_left_unfinished() -> None:
    marked = [str(path) for path, source in python_files("twoway", "tests", "bench") if UNFINISHED.search(source)]
    assert marked == []


def test_tests_use_no_mock_library() -> None:
    mocks = {"unittest.mock", "mock", "pytest_mock", "responses", "respx", "requests_mock"}
    assert [str(path) for path, source in python_files("tests") if dotted_imports(source) & mocks] == []


def test_templates_hold_no_inline_script_or_style() -> None:
    found = {
        str(path.relative_to(ROOT)): match.group()
        for path in files()
        if "templates" in path.parts and path.suffix in {".html", ".svg"} and (match := INLINE.search(path.read_text()))
    }
    assert found == {}


def test_no_code_of_others_is_committed() -> None:
    assert [str(path) for path in files() if COPIED.search(str(path.relative_to(ROOT)))] == []


def test_no_registry_is_named() -> None:
    found = {
        str(path.relative_to(ROOT)): host
        for path in files()
        for host in HOSTS
        if path.suffix not in {".png", ".woff2"} and host.encode() in path.read_bytes()
    }
    assert found == {}


def test_the_lock_file_holds_no_address() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_every_package_is_placed_once() -> None:
    found = {path.name for path in (ROOT / "twoway").iterdir() if (path / "__init__.py").exists()}
    placed = layers()
    assert found - set(placed) == set()
    assert len(placed) == len(set(placed))


def test_the_order_is_exhaustive() -> None:
    assert "exhaustive = True" in (ROOT / ".importlinter").read_text()


def test_every_adapter_is_kept_from_the_others() -> None:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    listed = parser["importlinter:contract:adapters-alone"]["modules"].split()
    known = [*registry.PROVIDERS.values(), *voices.VOICES.values()]
    assert sorted(listed) == sorted(dotted.rpartition(".")[0] for dotted in known)


def test_every_loop_of_the_worker_exists() -> None:
    """They are named by dotted path, which no other tool follows."""
    paths = loops.loops_for(loops.LANES).values()
    assert [path for path in paths if not iscoroutinefunction(import_string(path))] == []


def test_every_event_has_its_reactions() -> None:
    """An empty tuple says that nothing happens next; a missing line says that nobody thought about it."""
    assert set(reactions.REACTIONS) == set(types.registry.values())


def test_what_reacts_is_written_as_pending() -> None:
    assert {event.type for event, listed in reactions.REACTIONS.items() if listed} == types.REACTIVE_TYPES


def test_everything_imported_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[^A-Za-z0-9_.-]", line)[0].lower() for line in project["dependencies"]}
    ours = {"twoway", "__future__", *sys.stdlib_module_names}
    brought_by = packages_distributions()
    missing = {
        f"{path}: {name}"
        for path, source in python_files("twoway")
        for name in imported(source) - ours
        if not {dist.lower() for dist in brought_by.get(name, [])} & declared
    }
    assert missing == set()


def test_every_dependency_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lines = re.findall(r'^    "[A-Za-z][\w.-]*(?:\[[\w,-]+\])?[<>=].*$', text, re.M)
    assert len(lines) > 20
    assert [line for line in lines if "#" not in line] == []


def test_migrations_match_the_models() -> None:
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("twoway.")}
    changes = {label: steps for label, steps in detector.changes(graph=loader.graph).items() if label in ours}
    assert changes == {}
