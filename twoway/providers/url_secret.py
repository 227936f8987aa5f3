"""A secret of our own in the address a provider calls, for providers whose signature leaves the words open.

The address is `https://desk.example.com/hooks/.../inbound?key=SECRET`. It travels inside TLS only, is never shown and
is compared in constant time. Several secrets, separated by commas, are accepted while one replaces the other.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from twoway.lib.words import noted, t
from twoway.providers import reading
from twoway.providers.base import CredentialField, RawRequest

NAME = "key"
FIELD = "url_secret"
SHOWN = "YOUR_URL_SECRET"
SHORTEST = 16


def field(words: str) -> CredentialField:
    """The credential an owner makes up. `words` ask for it and say what the provider leaves open."""
    return CredentialField(
        key=FIELD,
        label=noted("Address secret"),
        help=words,
        secret=True,
    )


def wrong(credentials: Mapping[str, str]) -> dict[str, str]:
    """Why the secret in use can't be right, by its key; empty when it can."""
    secret = reading.first(credentials.get(FIELD, ""))
    is_short = 0 < len(secret) < SHORTEST
    return {FIELD: t("Make the address secret {shortest} letters or longer.", shortest=SHORTEST)} if is_short else {}


def is_in(credentials: Mapping[str, str], request: RawRequest) -> bool:
    """Whether the address that was called carries one of our secrets. Constant time for each."""
    return _carries(request.url, credentials)


def _carries(url: str, credentials: Mapping[str, str]) -> bool:
    try:
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    except ValueError:
        return False
    given = query.get(NAME, "").encode("utf-8", "replace")
    matches = [hmac.compare_digest(secret.encode(), given) for secret in reading.secrets(credentials.get(FIELD, ""))]
    return any(matches)


def within(url: str, credentials: Mapping[str, str], **more: str) -> str:
    """An address of ours with the secret and other parameters in its query; what is there already stays."""
    secret = reading.first(credentials.get(FIELD, ""))
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    known = {name for name, _ in query}
    wanted = {**more, **({NAME: secret} if secret else {})}
    query += [(name, value) for name, value in wanted.items() if value and name not in known]
    return urlunsplit(parts._replace(query=urlencode(query)))


def compare(wanted: str, found: str, credentials: Mapping[str, str]) -> str:
    """What is wrong with the address set at the provider, as the end of a sentence; "" when nothing is.

    The secret itself is never in it.
    """
    if not wanted:
        return ""
    shown = f"{wanted}?{NAME}={SHOWN}"
    if not found:
        return f"is empty: set it to {shown}"
    if without_query(found) != without_query(wanted):
        return f"is {without_query(found)}: set it to {shown}"
    if not _carries(found, credentials):
        return f"lacks the address secret: set it to {shown}"
    return ""


def without_query(url: str) -> str:
    """An address that may be shown."""
    return url.partition("?")[0].partition("#")[0]
