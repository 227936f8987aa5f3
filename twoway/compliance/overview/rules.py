"""What an answer to HELP and to STOP must say (CTIA Short Code Monitoring Handbook; CTIA Messaging Principles 5.1)."""

from __future__ import annotations

import re

from twoway.lib.words import t

_RATES = re.compile(r"rates?\s+may\s+apply|data\s+rates", re.IGNORECASE)
_STOP = re.compile(r"\bSTOP\b")
_START = re.compile(r"\b(?:START|UNSTOP)\b")
_CONTACT = re.compile(
    r"@|https?://|www\.|\b[\w-]+\.(?:com|org|net|io|co|us|ca|uk|eu|de|fr)\b|\+?\d[\d ().-]{6,}\d"
    r"|reply to this|text us|call us",
    re.IGNORECASE,
)
_BUSINESS = "{business}"


def missing_in_help(text: str, *, business: str) -> tuple[str, ...]:
    """What an answer to HELP lacks, in words; empty when it has everything. `business` is the name it must give."""
    lacks = [] if _names(text, business) else [t("your business's name")]
    if not _CONTACT.search(text):
        lacks.append(t("how to reach you"))
    if not _RATES.search(text):
        lacks.append(t("that message and data rates may apply"))
    if not _STOP.search(text):
        lacks.append("STOP")
    return tuple(lacks)


def missing_in_stop(text: str, *, business: str) -> tuple[str, ...]:
    """What the confirmation of STOP lacks, in words."""
    lacks = [] if _names(text, business) else [t("your business's name")]
    if not _START.search(text):
        lacks.append(t("how to opt back in (START)"))
    return tuple(lacks)


def _names(text: str, business: str) -> bool:
    return _BUSINESS in text or (bool(business) and business.casefold() in text.casefold())
