"""The words people read: how they are looked up, how they are found in the program, and what the catalogues hold."""

from __future__ import annotations

import ast
import re
import runpy
import string
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.utils import formats, translation

from tests import pseudo
from twoway.desk.script_words import script_words
from twoway.lib import words
from twoway.lib.words import ENGLISH, LANGUAGES, closest, current, noted, reading_in, t, tn

ROOT = Path(__file__).resolve().parent.parent
SCRIPT: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "translations"))
SAID = SCRIPT["said"]()
OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})
CATALOGUES = [(language, domain) for language in OTHERS for domain in ("django", "djangojs")]
SOURCES = {
    path.relative_to(ROOT): path.read_text()
    for path in (ROOT / "twoway").rglob("*.py")
    if "migrations" not in path.parts
}
SCRIPTS = {path.name: path.read_text() for path in (ROOT / "assets" / "js").glob("*.js")}
_NAMED = re.compile(r"%\((\w+)\)s|\{(\w+)[^{}]*\}")
_TAGS = re.compile(r"</?([a-z]\w*)")


# Looking up -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en-US,en;q=0.9,es;q=0.8", "en"),
        ("fr;q=1, es;q=0.5, en;q=0.2", "es"),
        ("en;q=0.2, ES ;q=0.7", "es"),
        ("es;q=0", "en"),
        ("tlh, *;q=0.1", "en"),
        ("es;q=x", "en"),
        (";;,,=", "en"),
    ],
)
def test_the_closest_language(asked: str, language: str) -> None:
    assert closest(asked) == language


def test_english_is_said_where_nothing_else_is_known() -> None:
    assert t("{name}: nowhere.", name="Ana") == "Ana: nowhere."
    assert t("Braces { stay") == "Braces { stay"
    assert t("") == ""
    assert noted("Kept") == "Kept"
    assert [tn("{n} text to {name}", "{n} texts to {name}", n, name="Dana") for n in (0, 1, 2)] == [
        "0 texts to Dana",
        "1 text to Dana",
        "2 texts to Dana",
    ]


def test_a_language_is_read_in_until_the_end() -> None:
    with reading_in("es"):
        assert current() == "es"
        with reading_in("xx"):
            assert t("Saved.") == "Saved."
        assert current() == "es"
    assert current() == "en"


def test_words_of_another_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        SCRIPT["Entry"]("Saved.", told=["Guardado."]),
        SCRIPT["Entry"]("{n} text", "{n} texts", told=["{n} mensaje", "{n} mensajes"]),
        SCRIPT["Entry"]("Not yet", told=[""]),
        SCRIPT["Entry"]("Doubtful", told=["Dudoso"], is_fuzzy=True),
    ]
    folder = tmp_path / "zz" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = SCRIPT["compiled"]({one.one: one for one in entries}, plurals="nplurals=2; plural=(n > 1);")
    for domain in ("django", "djangojs"):
        (folder / f"{domain}.mo").write_bytes(catalogue)
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    with reading_in("zz"):
        assert [t("Saved."), t("Not yet"), t("Doubtful"), t("Unknown")] == [
            "Guardado.",
            "Not yet",
            "Doubtful",
            "Unknown",
        ]
        assert [tn("{n} text", "{n} texts", n) for n in (0, 1, 2)] == ["0 mensaje", "1 mensaje", "2 mensajes"]
    told = script_words("zz")
    assert told["words"] == {"Saved.": "Guardado.", "{n} text": ["{n} mensaje", "{n} mensajes"]}
    assert (told["forms"][:4], len(told["forms"])) == ("0011", 200)
    assert script_words("yy") == {}


# Numbers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", OTHERS)
def test_programs_read_the_same_numbers_in_every_language(language: str) -> None:
    import_module(f"twoway.lib.formats.{language}.formats")
    with translation.override(language):
        assert formats.localize(1234.5) == "1234.5"
        assert formats.get_format("DATE_INPUT_FORMATS")[0] == "%Y-%m-%d"


# Finding --------------------------------------------------------------------------------------------------------------


def test_words_are_found() -> None:
    python = (
        "from twoway.lib import words\nfrom twoway.lib.words import t, tn, noted as kept\n"
        "from django.utils.translation import gettext_lazy\n"
        'a = t("One " "sentence.")\nb = tn("{n} text", "{n} texts", 2)\nc = kept("Kept")\nd = gettext_lazy("Label")\n'
        'e = words.t("By module")\nf = t(c)\ng = other("Not this")\n'
    )
    assert list(SCRIPT["in_python"](python)) == [
        ("One sentence.", ""), ("{n} text", "{n} texts"), ("Kept", ""), ("Label", ""), ("By module", ""),
    ]  # fmt: skip
    assert list(SCRIPT["in_python"]('t("Not ours")')) == []
    template = (
        '<a title="{% translate "Close it" %}">{% blocktranslate with who=x trimmed %}\n To <b>{{ who }}</b>: 5%\n'
        "{% endblocktranslate %}{% blocktranslate count n=n %}{{ n }} a{% plural %}{{ n }} b{% endblocktranslate %}"
        '{% include "x.html" with label=_("It\'s") %}{{ y|default:_("None") }}</a>'
    )
    assert list(SCRIPT["in_template"](template)) == [
        ("Close it", ""), ("To <b>%(who)s</b>: 5%%", ""), ("%(n)s a", "%(n)s b"), ("It's", ""), ("None", ""),
    ]  # fmt: skip
    script = (
        't("A \\"b\\"", { n }); tn("one", "many", n); // t("no")\n// t("neither")\nnoted("x"); start("y"); a.t("z")'
    )
    assert list(SCRIPT["in_script"](script)) == [('A "b"', ""), ("one", "many"), ("no", ""), ("x", "")]


def test_a_catalogue_is_read_as_it_was_written() -> None:
    entries = {
        one.one: one
        for one in (
            SCRIPT["Entry"]('Say "a\\b"\nand\tc', places=["x.py"], told=['Di "a\\b"\ny\tc']),
            SCRIPT["Entry"]("{n} text", "{n} texts", places=["x.py"], told=["{n} a", "{n} b"], is_fuzzy=True),
        )
    }
    found = SCRIPT["read"](SCRIPT["written"](entries, language="es"))
    del found[""]
    assert {key: (one.many, one.told, one.is_fuzzy) for key, one in found.items()} == {
        key: (one.many, one.told, one.is_fuzzy) for key, one in entries.items()
    }


def is_made_up(argument: ast.expr) -> bool:
    """Words put together at run time: no catalogue can hold them."""
    if isinstance(argument, ast.Call):
        return isinstance(argument.func, ast.Attribute) and argument.func.attr in {"format", "join"}
    if isinstance(argument, ast.IfExp):
        return any(isinstance(one, ast.Constant) for one in (argument.body, argument.orelse))
    return isinstance(argument, ast.JoinedStr | ast.BinOp)


def test_nothing_is_marked_that_is_put_together() -> None:
    tried = ('f"{a}"', '"a" + b', '"{}".format(a)', '"a" if b else "c"', "A[b]", "a.b", "A.get(b)")
    assert [is_made_up(ast.parse(one, mode="eval").body) for one in tried] == [True] * 4 + [False] * 3
    found = [
        f"{path}:{call.lineno}"
        for path, source in SOURCES.items()
        for call, count in SCRIPT["calls"](source)
        if any(is_made_up(one) for one in call.args[:count])
    ]
    assert found == []


def fields_of(words_said: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words_said) if name}


def test_sentences_get_the_values_they_name() -> None:
    found = []
    for path, source in SOURCES.items():
        for call, count in SCRIPT["calls"](source):
            name = ast.unparse(call.func).rpartition(".")[2]
            said = [one.value for one in call.args[:count] if isinstance(one, ast.Constant)]
            given = {one.arg for one in call.keywords}
            if name not in {"t", "tn"} or len(said) < count or None in given or not (given or name == "tn"):
                continue
            wanted = set[str]().union(*(fields_of(str(one)) for one in said))
            if wanted | {"n"} != given | {"n"} or (name == "t" and wanted != given):
                found.append(f"{path}:{call.lineno} names {sorted(wanted)}, gets {sorted(map(str, given))}")
    assert found == []


def test_scripts_mark_literals() -> None:
    made_up = re.compile(r"(?<![\w.$])(?:tn?|noted)\(\s*(?:`|'|\"(?:[^\"\\]|\\.)*\"\s*\+)")
    ours = {name: source for name, source in SCRIPTS.items() if "./words.js" in source}
    assert {name: found.group() for name, source in ours.items() if (found := made_up.search(source))} == {}


def test_scripts_say_nothing_unmarked() -> None:
    """What begins with a capital and goes on in words is a sentence."""
    sentence = re.compile(
        r"(?<!\()[\"'`]([A-Z][a-z']+ [a-z][^\"`]*)[\"`]|(?:aria-label|title|placeholder)=\"([A-Z][a-z]+)"
    )
    found = {}
    for name, source in SCRIPTS.items():
        code = re.sub(r"^\s*(//|\*|/\*).*$|\s// .*$", "", source, flags=re.M)
        code = SCRIPT["_IN_SCRIPT"].sub("", code)
        if bare := [told.group() for told in sentence.finditer(code)]:
            found[name] = bare
    assert found == {}


_MARKED = re.compile(
    r"\{%\s*comment\b.*?\{%\s*endcomment\s*%\}|\{#.*?#\}|\{%\s*blocktranslate\b.*?\{%\s*endblocktranslate\s*%\}"
    r"|\{%\s*block \w*(?:class|view)\s*%\}.*?\{%\s*endblock\s*%\}",
    re.DOTALL,
)
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


def unmarked(source: str) -> list[str]:
    """The words of a template that no tag translates, in whatever branch they stand."""
    return list(pseudo.bare_words(_TAG.sub(" ", _MARKED.sub(" ", source))))


def test_templates_say_nothing_unmarked() -> None:
    said = '{% block body_class %}app{% endblock %}<p title="{% translate "Close" %}">{% if a %}Bare{% endif %}</p>'
    assert unmarked(said) == ["Bare"]
    found = {
        str(path.relative_to(ROOT)): bare
        for path in (ROOT / "twoway").rglob("*.html")
        if "templates" in path.parts and (bare := unmarked(path.read_text()))
    }
    assert found == {}


# Catalogues -----------------------------------------------------------------------------------------------------------


def catalogue(language: str, domain: str) -> dict[str, Any]:
    entries: dict[str, Any] = SCRIPT["read"](SCRIPT["path_of"](language, domain).read_text())
    del entries[""]
    return entries


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_catalogues_hold_what_is_said(language: str, domain: str) -> None:
    held = {(one, entry.many) for one, entry in catalogue(language, domain).items()}
    wanted = {(one, entry.many) for one, entry in SAID[domain].items()}
    assert sorted(held ^ wanted) == [], "run scripts/translations"


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_everything_is_translated(language: str, domain: str) -> None:
    entries = catalogue(language, domain).values()
    assert [one.one for one in entries if one.is_fuzzy or not one.told or not all(one.told)] == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_what_is_compiled_is_what_is_written(language: str, domain: str) -> None:
    path = SCRIPT["path_of"](language, domain)
    wanted = SCRIPT["compiled"](catalogue(language, domain), plurals=SCRIPT["PLURALS"][language])
    assert path.with_suffix(".mo").read_bytes() == wanted, "run scripts/translations"


def names_in(said: str) -> Counter[str]:
    """The values a sentence names."""
    return Counter("".join(found) for found in _NAMED.findall(said))


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_translations_name_the_same_values_and_tags(language: str, domain: str) -> None:
    wrong = []
    for entry in catalogue(language, domain).values():
        forms = [one for one in (entry.one, entry.many) if one]
        always = set.intersection(*(set(names_in(one)) for one in forms))
        ever = set.union(*(set(names_in(one)) for one in forms))
        tags = [Counter(_TAGS.findall(one)) for one in forms]
        for told in filter(None, entry.told):
            names = set(names_in(told))
            edges = [told[:1].isspace(), told[-1:].isspace()] == [entry.one[:1].isspace(), entry.one[-1:].isspace()]
            if not always <= names <= ever or Counter(_TAGS.findall(told)) not in tags or not edges:
                wrong.append(f"{entry.one!r}: {told!r}")
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_emoji_stay_what_they_are(language: str) -> None:
    lists = [entry for one, entry in catalogue(language, "djangojs").items() if one.count("|") > 5]
    assert len(lists) == 8
    for entry in lists:
        for told in filter(None, entry.told):
            assert [one.split(" ")[0] for one in told.split("|")] == [one.split(" ")[0] for one in entry.one.split("|")]
            assert all(" " in one for one in told.split("|"))
