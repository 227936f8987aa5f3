"""The documents against the program: what is read, offered and promised is written down, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from twoway.api import openapi
from twoway.api.app import api
from twoway.channels.models import Channel
from twoway.compliance.deciding.rules import DENIALS
from twoway.compliance.rules import REFUSALS
from twoway.conversations.models import State
from twoway.lib import env
from twoway.ops.cli import COMMANDS
from twoway.teams.models import Role

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
READERS = {"text", "flag", "integer", "folder", "names", "choice"}
NOT_OURS = {"PATH", "LD_LIBRARY_PATH", "TMPDIR", "DJANGO_SETTINGS_MODULE"}
STATES = {"works", "first form", "planned"}
NOW_DUE = {
    *("S1", "S2", "S3", "S4", "S5", "S12", "S13", "S14", "S18", "S25", "S26", "S27", "S28", "S29"),
    *("S34", "S38", "S39", "S40", "S88", "N1", "N3", "N25"),
    *("S22", "S35", "S87", "S89", "S90", "S91", "S92", "S93", "S94", "S95", "S97", "S98", "S99", "S101", "S102"),
    *("N4", "N5", "N6", "N7", "N16", "N23"),
    *(
        "S9",
        "S10",
        "S11",
        "S31",
        "S32",
        "S36",
        "S41",
        "S42",
        "S43",
        "S44",
        "S45",
        "S46",
        "S47",
        "N10",
        "N14",
        "N26",
        "N28",
    ),
    *("S17", "S20", "S30", "S33", "S37", "S48", "S49", "S50", "S51", "S52", "S53", "S54", "S57", "S62", "S63", "S64"),
    *("S113", "N8", "N9", "N11", "N12", "N13"),
}


def read(name: str) -> str:
    return (ROOT / name).read_text()


def _literal(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def settings_in(source: str) -> set[str]:
    """Names that a file reads by `env.text("NAME")` and its kin, `os.environ.get("NAME")` or `os.environ["NAME"]`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner = ast.unparse(node.func.value)
            if (owner == "env" and node.func.attr in READERS) or (owner == "os.environ" and node.func.attr == "get"):
                names.add(_literal(node.args[0]))
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and ast.unparse(node.value) == "os.environ"
        ):
            names.add(_literal(node.slice))
    return names - {""} - NOT_OURS


def settings_read() -> set[str]:
    found = (settings_in(path.read_text()) for path in (ROOT / "twoway").rglob("*.py"))
    return set().union(*found)


def headings(text: str) -> list[str]:
    """The names that have a heading of their own: ### `NAME`."""
    return re.findall(r"^### `([^`]+)`", text, re.M)


def slug(heading: str) -> str:
    """The anchor a heading gets on the usual hosts."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def links(path: Path) -> Iterator[str]:
    """Targets of the links in a document that lead inside the repository."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(), flags=re.S)
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z][a-z0-9+.-]*:", target):
            yield unquote(target)


def broken(path: Path, target: str) -> bool:
    """Whether this link leads nowhere: no such file, or no such heading in it."""
    name, _, anchor = target.partition("#")
    there = (path.parent / name).resolve() if name else path
    if not there.exists():
        return True
    return bool(anchor) and anchor not in map(slug, re.findall(r"^#+ (.+)$", there.read_text(), re.M))


def capabilities() -> dict[str, tuple[str, str, str]]:
    """id -> what, state, proof."""
    rows = re.findall(r"^\| ([SN]\d+) \| (.+?) \| ([a-z ]+) \| ?(.*?) ?\|$", read("docs/capabilities.md"), re.M)
    assert len({row[0] for row in rows}) == len(rows)
    return {number: (what, state, proof) for number, what, state, proof in rows}


@cache
def names_of_tests(path: str) -> frozenset[str]:
    """Names of the tests of a file, `Class::name` for those in a class; of JavaScript tests, what they are called."""
    file = ROOT / path
    if not file.exists():
        return frozenset()
    if file.suffix == ".js":
        return frozenset(re.findall(r"^\s*(?:test|it)\(\s*[\"'`](.+?)[\"'`]", file.read_text(), re.M))
    found: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found.update(f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef))
    return frozenset(name for name in found if name.rpartition("::")[2].startswith("test_"))


def test_readers_are_recognised() -> None:
    source = (
        'env.text("A")\nenv.flag("B", default=True)\nos.environ["C"]\nos.environ.get("D", "")\nos.environ["E"] = "x"'
    )
    assert settings_in(source) == {"A", "B", "C", "D"}


def test_every_setting_is_documented() -> None:
    documented = headings(read("docs/settings.md"))
    assert len(documented) == len(set(documented))
    assert set(documented) == settings_read()


def test_settings_are_read_by_literal_name() -> None:
    """So that the comparison above is complete: nothing was read at run time that reading the source did not find."""
    assert env.NAMES_READ - settings_read() == set()


def test_every_command_is_documented() -> None:
    documented = [heading.split()[0] for heading in headings(read("docs/commands.md"))]
    assert set(documented) == set(COMMANDS)


def codes_in(source: str) -> set[str]:
    """The codes a file gives its errors: code="..." in any call."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {_literal(word.value) for call in calls for word in call.keywords if word.arg == "code"} - {""}


def test_every_code_of_an_error_is_documented() -> None:
    sources = ["api/problems.py", "api/messages.py", "api/conversations.py", "teams/rules.py"]
    sources += [f"messaging/{name}.py" for name in ("outbound", "asking", "repeats", "wishes", "templating")]
    codes = set().union(*(codes_in(read(f"twoway/{name}")) for name in sources))
    codes |= {refusal.code for refusal in (*REFUSALS, *DENIALS)}
    codes.remove("bad_idempotency_key")  # the API refuses such a header as invalid before
    documented = re.findall(r"^\| \d{3} \| (`[^|]+`) \|", read("docs/api.md"), re.M)
    assert len(codes) > 15
    assert codes - set(re.findall(r"`(\w+)`", " ".join(documented))) == set()


def test_every_operation_of_the_api_is_documented() -> None:
    text = read("docs/api.md")
    operations = {
        f"{method.upper()} /{path.removeprefix(openapi.PREFIX)}"
        for path, methods in openapi.document(api)["paths"].items()
        for method in methods
    }
    assert len(operations) > 15
    assert {operation for operation in operations if not re.search(rf"`{re.escape(operation)}[`?]", text)} == set()


def test_the_readme_shows_two_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", read("Makefile"), re.M))
    shown = set(re.findall(r"(?:^|`)make ([a-z]+)", read("README.md") + read("CONTRIBUTING.md"), re.M))
    assert {"demo", "test"} <= shown <= targets


def test_the_readme_uses_commands_that_exist() -> None:
    text = read("README.md")
    used = set(re.findall(r"\.venv/bin/twoway ([a-z-]+)", text))
    assert {"init", "serve", "channel"} <= used <= set(COMMANDS)


def test_every_link_leads_somewhere() -> None:
    found = {f"{path.relative_to(ROOT)}: {target}" for path in DOCS for target in links(path) if broken(path, target)}
    assert found == set()


def test_links_are_recognised(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page's top\n[up](#a-pages-top) [gone](gone.md) [far](https://example.com) `[code](x.md)`\n")
    assert [target for target in links(page) if broken(page, target)] == ["gone.md"]


def test_every_package_is_explained() -> None:
    told = set(re.findall(r"`([a-z]+)`", read("docs/architecture.md")))
    packages = {path.parent.name for path in (ROOT / "twoway").glob("*/__init__.py")}
    assert packages - told == set()


def test_every_capability_is_listed_once() -> None:
    expected = [f"S{number}" for number in range(1, 141)] + [f"N{number}" for number in range(1, 29)]
    assert list(capabilities()) == expected
    assert {state for _, state, _ in capabilities().values()} <= STATES


def test_what_works_names_a_test_that_exists() -> None:
    missing = {}
    for number, (_, state, proof) in capabilities().items():
        named = re.findall(r"`([^`:]+)::([^`]+)`", proof)
        if state != "planned" and not (named and all(name in names_of_tests(path) for path, name in named)):
            missing[number] = proof
    assert missing == {}


def test_what_is_planned_names_no_test() -> None:
    assert [number for number, (_, state, proof) in capabilities().items() if state == "planned" and proof] == []


def test_what_is_due_is_there() -> None:
    assert {number for number, (_, state, _) in capabilities().items() if state == "planned"} & NOW_DUE == set()


def glossary() -> dict[str, str]:
    """word -> meaning; a line may explain several words."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", read("docs/glossary.md"), re.M)
    return {word.strip(): meaning.strip() for words, meaning in rows for word in words.split(",")}


def test_glossary_words_have_one_meaning() -> None:
    words = re.findall(r"^\| ([^|]+) \| [^|]+ \|", read("docs/glossary.md"), re.M)
    every = [word.strip() for line in words for word in line.split(",")]
    assert sorted(every) == sorted(set(every))


@pytest.mark.parametrize("package", ["contact", "conversation", "channel", "team", "event", "provider"])
def test_the_nouns_are_in_the_glossary(package: str) -> None:
    assert (ROOT / "twoway" / f"{package}s").is_dir()
    assert package in glossary()


def test_the_words_of_states_and_roles_are_in_the_glossary() -> None:
    text = " ".join([*glossary(), *glossary().values()])
    words = {*Role.values, *State.values}
    assert {word for word in words if not re.search(rf"\b{word}\b", text)} == set()
    assert Channel._meta.model_name in glossary()
