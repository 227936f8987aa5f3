"""Web addresses as they are: a name that only looks like another is shown as what it is."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "LATIN", "COMMON"})
_LOOKS_LATIN = frozenset("аеорсухіјѕԁһԛԝӏοαυνρτκιᴀɑɡ")
"""Letters of other scripts, and odd ones of ours, that are drawn like plain a to z."""


def true_host(url: str) -> str:
    """The host of an address in plain letters (punycode), where its own letters may be mistaken for others; else "".

    Any host with letters beyond a to z that mixes scripts, or has a letter drawn like a Latin one, and one that
    carries a name before an @, which is no part of where it leads.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        has_name = parts.username is not None
    except ValueError:
        return ""
    if host.isascii():
        return host if has_name or host.startswith("xn--") or ".xn--" in host else ""
    try:
        plain = host.encode("idna").decode("ascii")
    except UnicodeError:
        return ascii(host).strip("'")
    return plain if has_name or any(_misleads(label) for label in host.split(".")) else ""


def _misleads(label: str) -> bool:
    scripts = {_script(char) for char in label}
    is_one = len(scripts - {"COMMON"}) <= 1 or scripts <= _ASIAN
    return not is_one or any(char in _LOOKS_LATIN for char in label)


def _script(char: str) -> str:
    if char.isascii():
        return "LATIN" if char.isalpha() else "COMMON"
    name = unicodedata.name(char, "COMMON").split()[0]
    return name if char.isalpha() else "COMMON"
