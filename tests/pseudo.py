"""A language in which every sentence of the catalogues stands in ⟦brackets⟧, and what of a page stands outside them."""

from __future__ import annotations

import gettext
import json
import re
import runpy
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import allauth
import django
import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db import models

from twoway.compliance.content.words import CTIA
from twoway.compliance.pacing.rules import QUESTION
from twoway.compliance.quiet.places import region_names
from twoway.compliance.retention.rules import LAWS
from twoway.lib import words
from twoway.messaging.callbacks.wording import DEFAULTS as CALLBACKS
from twoway.messaging.calls.wording import DEFAULTS as CALLS
from twoway.messaging.calls.wording import PROMPTS
from twoway.messaging.deflection.speaking import SAY, TEXT
from twoway.messaging.greeting.trying import SAMPLE_OPENING
from twoway.messaging.greeting.wording.rules import OVER_AN_HOUR, WITHIN
from twoway.messaging.greeting.wording.rules import TEXTS as GREETINGS
from twoway.messaging.keywords import HELP_TEXT, START_TEXT, STOP_TEXT
from twoway.messaging.shielding import NOTICE_LINK, NOTICE_TEXT
from twoway.teams.hours.public_days import countries, public_days, subdivisions

ROOT = Path(__file__).resolve().parent.parent
PSEUDO = "xx"
NAMES = {
    "Twoway", "Twilio", "WhatsApp", "Telnyx", "Sinch", "Vonage", "Plivo", "Bandwidth", "MessageBird", "Bird", "Android",
    "Meta", "Simulator", "Español", "English", "Esc", "Ctrl", "Enter", "Shift", "Tab", "Alt", "Unicode", "Chrome",
    "Firefox", "Safari", "Linux", "iPhone", "DLT", "TwiML", "Bird Channels", "MessageBird (classic)", "Android phone",
    "CCPA (California)", "PIPEDA (Canada)", "LGPD (Brazil)",
}  # fmt: skip
"""What is called the same everywhere: words, and whole texts. Words in capitals are (SMS, STOP, GDPR)."""
EXAMPLES = {"contact 12", "phone", "number", "proof", "seats", "news", "refund"}
"""What a field shows to be typed in as programs read it, and columns and keys that people named."""
TYPED = ("enough of it", "Paper form signed")
"""What tests typed where it can't be written over."""
PLAY_MONEY = "play money: the simulated carrier charges nothing"
USERS = {
    "name", "label", "body", "other_body", "title", "preview", "preview_by", "by_name", "description", "block_note",
    "summary", "typed", "words", "question", "disclosure", "lede", "welcome", "frequency", "file_name", "header",
    "footer", "notice_text", "help", "help_text", "stop_text", "start_text", "blocked_by", "changed_by", "claimed_by",
    "done_by", "lifted_by", "logged_by", "paused_by", "placed_by", "published_by", "settled_by", "undone_by",
    "pause_words", "keyword", "reason", "attestation", "word",

}  # fmt: skip
"""Columns of what people typed."""
SEALED = {"ConsentEntry", "AuditEntry", "FormVersion"}
"""What nothing changes once it is written; `sealed` holds what people typed into it."""
sealed: set[str] = set()
codes: set[str] = set()
"""What the audit trail holds, shown as it is."""
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
    r"|Paper form|\b[a-z]+:[a-z]*|\b[a-z]+ \d+\b|[A-Z]\w+/[\w/ -]+|/\w[\w/-]*|\{[\w.|]+\}|\b(?=\w*\d)\w+\b"
)


def write_catalogues(folder: Path) -> None:
    """The pseudo-language below this folder, of what the program, Django and allauth say."""
    script = runpy.run_path(str(ROOT / "scripts" / "translations"))
    packages = [Path(package.__file__).parent for package in (django, allauth) if package.__file__]
    theirs = [path for package in packages for path in package.rglob("locale/es/LC_MESSAGES/django.mo")]
    for domain, ours in script["said"]().items():
        entries = dict(ours)
        for path in theirs if domain == "django" else ():
            for one, counts in _msgids(path).items():
                told = [_bracketed(one)] * (2 if counts else 1)
                entries.setdefault(one, script["Entry"](one, one if counts else "", told=told))
        for one, entry in ours.items():
            entry.told = [_bracketed(one), _bracketed(entry.many)] if entry.many else [_bracketed(one)]
        path = folder / PSEUDO / "LC_MESSAGES" / f"{domain}.mo"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(script["compiled"](entries, plurals="nplurals=2; plural=(n != 1);"))


def _bracketed(words: str) -> str:
    return f"⟦{words}⟧"


def _msgids(path: Path) -> dict[str, bool]:
    """What a catalogue has words for; whether they count."""
    with path.open("rb") as file:
        catalogue: dict[Any, str] = vars(gettext.GNUTranslations(file))["_catalog"]
    found = {key[0] if isinstance(key, tuple) else key: isinstance(key, tuple) for key in catalogue}
    return {one: counts for one, counts in found.items() if one and "\x04" not in one}


@cache
def said_anyhow() -> tuple[str, ...]:
    """What stays in one language whoever reads: wordings that go to customers, laws with their names, and places."""
    wordings = (HELP_TEXT, STOP_TEXT, START_TEXT, QUESTION, NOTICE_TEXT, NOTICE_LINK)
    greetings = (*GREETINGS.values(), WITHIN, OVER_AN_HOUR, SAMPLE_OPENING)
    kinds = (*CALLBACKS.values(), *CALLS.values(), *PROMPTS.values(), *greetings)
    offers = [*SAY.values(), *TEXT.values(), *(told for own in kinds for told in own.values())]
    parts = [part.strip() for words_said in (*wordings, *offers) for part in re.split(r"\{\w+\}", words_said)]
    rows = json.loads((ROOT / "twoway/compliance/quiet/windows.json").read_text())["rows"]
    parts += [row[name] for row in rows for name in ("source", "disagree", "name")]
    parts += [*region_names().values(), CTIA, PLAY_MONEY, *TYPED, "Terms:", "Privacy:", *(law.source for law in LAWS)]
    return tuple(sorted((part for part in parts if len(part) > 2), key=len, reverse=True))


def _strings(value: object) -> Iterator[str]:
    """Every string below it."""
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def _keep_json() -> None:
    """What people typed that documents hold: what looks like more than a code, and all that the audit trail has."""
    for model in apps.get_models():
        fields = [field.name for field in model._meta.concrete_fields if isinstance(field, models.JSONField)]
        if model.__module__.startswith("twoway.") and fields:
            for told in _strings([list(row) for row in model._default_manager.values_list(*fields)]):
                if model.__name__ == "AuditEntry":
                    codes.update(_WORD.findall(told))
                if len(told) > 2 and re.search(r"[A-Z ]", told):
                    sealed.add(told)


def write_over() -> None:
    """What people typed into the database, in letters that are not Latin."""
    _keep_json()
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
            typed = {name: str(getattr(row, name)) for name in fields if getattr(row, name)}
            changed = {name: text.translate(table) for name, text in typed.items()}
            if model.__name__ in SEALED:
                sealed.update(" ".join(text.split()) for text in typed.values() if len(text) > 2)
            elif changed:
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
    sealed.clear()
    codes.clear()


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
        if plain in EXAMPLES or plain in NAMES or plain in names_of_places_and_holidays():
            return
        if _bare_of(plain) <= codes:
            return
        for told in sorted((*said_anyhow(), *sealed), key=len, reverse=True):
            plain = plain.replace(told, " ")
        if not _bare_of(plain) <= codes:
            self.found.append(" ".join(_NO_WORDS.sub(" ", plain).split())[:120])


def _bare_of(text: str) -> set[str]:
    """The words of a text that somebody could read, but for names."""
    found = _WORD.findall(_NO_WORDS.sub(" ", text))
    return {word for word in found if word not in NAMES and not word.isupper()}


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


@cache
def names_of_places_and_holidays() -> frozenset[str]:
    """Countries, states and public holidays as the library names them, which no catalogue of ours translates."""
    years = tuple(range(2020, 2050))
    days = (name for names in public_days("US", "", years, "en").values() for name in names)
    return frozenset({name for _, name in (*countries(), *subdivisions("US"))} | set(days))


def bare_words(html: str) -> Iterator[str]:
    """The words of a page that are marked nowhere."""
    page = Page()
    page.feed(html)
    yield from page.found
