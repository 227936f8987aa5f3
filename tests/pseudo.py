"""A language in which every sentence of the catalogues stands in ⟦brackets⟧, and what of a page stands outside them."""

from __future__ import annotations

import gettext
import re
import runpy
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import allauth
import django
import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db import models

from twoway.lib import words

ROOT = Path(__file__).resolve().parent.parent
PSEUDO = "xx"
NAMES = {
    "Twoway", "SMS", "MMS", "GSM", "UCS", "Twilio", "CSV", "UTC", "JSON", "API", "STOP", "START", "HELP", "PDF", "SHA",
    "WhatsApp", "Telnyx", "Sinch", "Vonage", "Plivo", "Bandwidth", "MessageBird", "Bird", "Android", "SMPP", "Meta",
    "Español", "English", "URL", "HTTPS", "TCPA", "GDPR", "CCPA", "CTIA", "RCS", "TOTP", "Esc", "Ctrl", "Enter",
    "Shift", "Tab", "Alt", "USD", "EUR", "Unicode", "Chrome", "Firefox", "Safari", "Linux", "iPhone",
    "JOIN", "GIF",
}  # fmt: skip
"""What is called the same everywhere."""
EXAMPLES = {"contact 12"}
"""What a field shows to be typed in, as programs read it."""
USERS = {
    "name", "label", "body", "other_body", "title", "preview", "preview_by", "by_name", "description", "block_note",
    "summary", "typed", "words", "question", "disclosure", "lede", "welcome", "frequency", "file_name", "header",
    "footer", "notice_text", "help", "help_text", "stop_text", "start_text", "blocked_by", "changed_by", "claimed_by",
    "done_by", "lifted_by", "logged_by", "paused_by", "placed_by", "published_by", "settled_by", "undone_by",
    "pause_words", "keyword", "reason",
}  # fmt: skip
"""Columns of what people typed."""
LATIN, OTHER = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "абцдефгхижклмнопярстуввхузАБЦДЕФГХИЖКЛМНОПЯРСТУВВХУЗ",
)
_BLOCKS = """
    article aside body button dd details dialog div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header label li
    main nav ol option p section select summary table tbody td th thead tr ul
"""
BLOCKS = frozenset(_BLOCKS.split())
ATTRIBUTES = {"title", "aria-label", "placeholder", "alt", "aria-description", "aria-roledescription"}
SKIPPED = {"script", "style", "code", "kbd", "pre", "textarea"}
_WORD = re.compile(r"[A-Za-zÀ-ɏ]{3,}")
_NO_WORDS = re.compile(
    r"[\w.+-]+@[\w.-]+|https?://\S*|\b(?:[\w-]+\.)+(?:com|net|org|example|csv|jpg|gif|pdf|txt|vcf)\b"
    r"|[A-Z]\w+/[\w/ -]+|/\w[\w/-]*|\{[\w.|]+\}|\b(?=\w*\d)\w+\b"
)


def write_catalogues(folder: Path) -> None:
    """The pseudo-language below this folder, of what the program, Django and allauth say."""
    script = runpy.run_path(str(ROOT / "scripts" / "translations"))
    packages = [Path(package.__file__).parent for package in (django, allauth) if package.__file__]
    theirs = [path for package in packages for path in package.rglob("locale/es/LC_MESSAGES/django.mo")]
    for domain, ours in script["said"]().items():
        entries = dict(ours)
        for path in theirs if domain == "django" else ():
            for one in _msgids(path) - entries.keys():
                entries[one] = script["Entry"](one, told=[_bracketed(one)])
        for one, entry in ours.items():
            entry.told = [_bracketed(one), _bracketed(entry.many)] if entry.many else [_bracketed(one)]
        path = folder / PSEUDO / "LC_MESSAGES" / f"{domain}.mo"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(script["compiled"](entries, plurals="nplurals=2; plural=(n != 1);"))


def _bracketed(words: str) -> str:
    return f"⟦{words}⟧"


def _msgids(path: Path) -> set[str]:
    with path.open("rb") as file:
        catalogue: dict[Any, str] = vars(gettext.GNUTranslations(file))["_catalog"]
    return {key for key in catalogue if isinstance(key, str) and key and "\x04" not in key}


def write_over() -> None:
    """What people typed into the database, in letters that are not Latin."""
    table = str.maketrans(LATIN, OTHER)
    for model in apps.get_models():
        if not model.__module__.startswith("twoway."):
            continue
        fields = [
            field.name
            for field in model._meta.concrete_fields
            if field.name in USERS and isinstance(field, models.CharField | models.TextField) and not field.choices
        ]
        for row in model._default_manager.all() if fields else ():
            changed = {name: str(getattr(row, name)).translate(table) for name in fields if getattr(row, name)}
            if changed:
                model._default_manager.filter(pk=row.pk).update(**changed)


@pytest.fixture(scope="session")
def brackets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the catalogues of the pseudo-language are."""
    folder = tmp_path_factory.mktemp("locale")
    write_catalogues(folder)
    return folder


@pytest.fixture
def in_brackets(brackets: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The desk speaks the pseudo-language too."""
    monkeypatch.setattr(words, "FOLDER", brackets)
    monkeypatch.setitem(words.LANGUAGES, PSEUDO, "⟦xx⟧")
    settings.LOCALE_PATHS = [brackets]
    settings.LANGUAGES = list(words.LANGUAGES.items())
    words._catalogue.cache_clear()
    yield
    words._catalogue.cache_clear()


class Page(HTMLParser):
    """Collects the words of a page that stand outside all brackets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._depth = 0
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in BLOCKS:
            self._depth = 0
        if tag in SKIPPED:
            self._skipped += 1
        shown = [
            value for name, value in attrs if value and (name in ATTRIBUTES or name in {"data-words", "data-question"})
        ]
        if tag == "input" and given.get("type") in {"submit", "button"}:
            shown.append(given.get("value") or "")
        for value in shown:
            self._note("".join(_outside(value, 0)[0]))

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self._depth = 0
        if tag in SKIPPED:
            self._skipped = max(0, self._skipped - 1)

    def handle_data(self, data: str) -> None:
        outside, self._depth = _outside(data, self._depth)
        if not self._skipped:
            self._note(outside)

    def _note(self, text: str) -> None:
        plain = " ".join(text.split())
        if plain in EXAMPLES:
            return
        plain = _NO_WORDS.sub(" ", plain)
        if any(word not in NAMES for word in _WORD.findall(plain)):
            self.found.append(" ".join(text.split())[:120])


def _outside(text: str, depth: int) -> tuple[str, int]:
    """What of it stands outside brackets, and how deep its end is in them."""
    kept = []
    for char in text:
        if char == "⟦":
            depth += 1
        elif char == "⟧":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(char)
    return "".join(kept), depth


def bare_words(html: str) -> Iterator[str]:
    """The words of a page that are marked nowhere."""
    page = Page()
    page.feed(html)
    yield from page.found
