"""Taking secrets out of a request as it came: form fields, JSON, addresses, and bytes of any other kind.

What holds no secret stays byte for byte as it was, so that a signature still fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import orjson

from twoway.compliance.shield import cards
from twoway.compliance.shield.rules import is_suspect, redact

Kinds = frozenset[str]
NONE: Kinds = frozenset()

_DEEPEST = 40
_NAMES_NO_WORDS = re.compile(
    r"(?:^|[._\[-]|(?<=[a-z]))(?:id|sid|uuid|from|to|msisdn|timestamp|time|signature|token|nonce|recipient|sender|phone)\]?$",
    re.IGNORECASE,
)
"""Fields of numbers and names that only machines write; a customer's words are never in them."""


def redact_raw(body: bytes, *, content_type: str = "") -> tuple[bytes, Kinds]:
    """The body without secrets, and their kinds. The body itself when there are none."""
    if not body:
        return body, NONE
    kind = content_type.partition(";")[0].strip().lower()
    text = _text(body)
    if text is not None and text.lstrip()[:1] in {"{", "["}:
        done = _json(body)
        if done is not None:
            return done
    if text is not None and (kind == "application/x-www-form-urlencoded" or _is_form(text)):
        fields, kinds = redact_query(text)
        return (fields.encode(), kinds) if kinds else (body, NONE)
    if text is not None and not any(char < " " and char not in "\t\r\n" for char in text):
        kept, found = redact(text)
        return (kept.encode(), frozenset(one.kind for one in found)) if found else (body, NONE)
    return _bytes(body)


def redact_url(url: str) -> tuple[str, Kinds]:
    """An address without the secrets in its query."""
    path, mark, query = url.partition("?")
    if not mark:
        return url, NONE
    kept, kinds = redact_query(query)
    return (f"{path}?{kept}", kinds) if kinds else (url, NONE)


def redact_query(query: str) -> tuple[str, Kinds]:
    """Form fields without secrets; fields that hold none stay as they were written."""
    kinds: set[str] = set()
    pairs = []
    for pair in query.split("&"):
        name, mark, value = pair.partition("=")
        words = unquote_plus(value)
        kept, found = _value(unquote_plus(name), words)
        kinds |= found
        pairs.append(f"{name}{mark}{quote_plus(kept)}" if found else pair)
    return "&".join(pairs), frozenset(kinds)


def _value(name: str, words: str) -> tuple[str, Kinds]:
    if _NAMES_NO_WORDS.search(name) or not is_suspect(words):
        return words, NONE
    kept, found = redact(words)
    return kept, frozenset(one.kind for one in found)


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _is_form(text: str) -> bool:
    return "=" in text and not any(char.isspace() or char in "<{" for char in text)


def _json(body: bytes) -> tuple[bytes, Kinds] | None:
    """None when it isn't JSON."""
    try:
        told = orjson.loads(body)
    except ValueError:
        return None
    kinds: set[str] = set()
    kept = _walk("", told, kinds, depth=0)
    return (orjson.dumps(kept), frozenset(kinds)) if kinds else (body, NONE)


def _walk(name: str, told: Any, kinds: set[str], *, depth: int) -> Any:
    if depth > _DEEPEST:
        return told
    if isinstance(told, str):
        kept, found = _value(name, told)
        kinds |= found
        return kept
    if isinstance(told, int) and not isinstance(told, bool) and not _NAMES_NO_WORDS.search(name):
        kept, found = _value(name, str(told))
        kinds |= found
        return kept if found else told
    if isinstance(told, Mapping):
        return {key: _walk(str(key), value, kinds, depth=depth + 1) for key, value in told.items()}
    if isinstance(told, list):
        return [_walk(name, value, kinds, depth=depth + 1) for value in told]
    return told


def _bytes(body: bytes) -> tuple[bytes, Kinds]:
    """Bytes nobody can read: card numbers in them, in one byte or two a digit, become stars of the same length."""
    text = body.decode("latin-1")
    found = cards.find(text, is_raw=True)
    if not found:
        return body, NONE
    kept = bytearray(body)
    for start, end in found:
        places = [place for place in range(start, end) if text[place].isdigit()]
        for place in places[6:-4]:
            kept[place] = ord("*")
    return bytes(kept), frozenset({"card"})
