"""Small readings of what providers send: words, counts, times, prices and secrets, for the adapters that share them.

Nothing here knows a provider. Every function takes whatever came and answers with a plain value; none raises.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from twoway.providers.base import Price

MOST_SEGMENTS = 9_999


def word(value: object) -> str:
    """A word or number as text; "" for anything else, such as null, a list or an object."""
    if isinstance(value, bool):
        return ""
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def count(value: object) -> int | None:
    """A number of parts, or None when it is missing, unreadable or not known yet."""
    digits = word(value).strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(MOST_SEGMENTS)):
        return None
    return int(digits) or None


def moment(value: object) -> datetime | None:
    """An ISO 8601 time in UTC, or None; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is None:
            return None
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def mail_moment(value: object) -> datetime | None:
    """An RFC 2822 time, or None."""
    try:
        return parsedate_to_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None


def price(amount: object, currency: object) -> Price | None:
    """What a text cost, as a positive amount; None when either is missing or makes no sense."""
    try:
        found = abs(Decimal(word(amount)))
    except InvalidOperation:
        return None
    code = word(currency).upper()
    return Price(amount=found, currency=code) if found.is_finite() and len(code) == 3 and code.isalpha() else None


def thing(value: object) -> Mapping[str, Any]:
    """A JSON object, empty when it is anything else."""
    return value if isinstance(value, dict) else {}


def things(value: object) -> list[Mapping[str, Any]]:
    """The objects of a JSON list; what is none of them is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def json_of(body: bytes) -> Any:
    """What a JSON body says, or None when it is not JSON."""
    try:
        return orjson.loads(body)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def secrets(given: str) -> tuple[str, ...]:
    """The secrets in a credential, during a rotation several, separated by commas; the first is used for calls."""
    return tuple(secret.strip() for secret in given.split(",") if secret.strip())


def first(given: str) -> str:
    """The secret calls are made with; "" when there is none."""
    return next(iter(secrets(given)), "")


def basic(user: str, password: str) -> str:
    """HTTP Basic authentication (RFC 7617) with a UTF-8 name and password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def is_basic(given: str, user: str, passwords: tuple[str, ...]) -> bool:
    """Whether an Authorization header holds this name and one of these passwords. Constant time."""
    scheme, _, rest = given.partition(" ")
    held = (scheme.capitalize() + " " + rest).encode("utf-8", "replace")
    return any(hmac.compare_digest(basic(user, one).encode(), held) for one in passwords)


def is_recent(given: str, at: datetime, within: float) -> bool:
    """Whether a Unix time in digits is at most `within` seconds away from a moment."""
    if not given.isascii() or not given.isdigit() or len(given) > 12:
        return False
    return abs(at.timestamp() - int(given)) <= within


def host(url: str) -> str:
    """The host an https address names, lower case; "" when it is no such address."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower() if parts.scheme == "https" and parts.port in (None, 443) else ""
    except ValueError:
        return ""


def is_under(url: str, base: str) -> bool:
    """Whether an address is below a base address, path included."""
    return bool(base) and url.startswith(base.rstrip("/") + "/") and "/../" not in url


def with_query(url: str, name: str, value: str) -> str:
    """An address with one more query parameter, unless it has it already or there is nothing to add."""
    try:
        query = urlsplit(url).query
    except ValueError:
        return url
    if not url or not value or any(part.startswith(f"{name}=") for part in query.split("&")):
        return url
    return f"{url}{'&' if query else '?'}{name}={quote(value, safe='')}"


def plus(digits: object) -> str:
    """A number that came without its plus, as E.164; a short code, a name and what has a plus stay."""
    text = word(digits).strip()
    return f"+{text}" if text.isascii() and text.isdigit() and 9 <= len(text) <= 15 and text[0] != "0" else text


def digits_only(address: str) -> str:
    """An address of ours for a provider that wants numbers without a plus; a name stays as it is."""
    bare = address.removeprefix("whatsapp:")
    number = bare.removeprefix("+")
    return number if number.isascii() and number.isdigit() else bare


def is_at(url: str, *domains: str) -> bool:
    """Whether this is an https address at one of these domains or below them."""
    found = host(url)
    return any(found == domain or found.endswith(f".{domain}") for domain in domains)
