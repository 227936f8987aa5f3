"""The shield over requests as they came: what the quarantine and the spool may keep of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from twoway.compliance.shield.raw import redact_raw, redact_url
from twoway.compliance.shield.rules import KINDS
from twoway.providers.base import RawRequest


def cleaned(raw: RawRequest) -> tuple[RawRequest, tuple[str, ...]]:
    """The request without secrets, and their kinds; the request itself where there are none."""
    body, in_body = redact_raw(raw.body, content_type=raw.headers.get("content-type", ""))
    url, in_url = redact_url(raw.url)
    kinds = in_order((*in_body, *in_url))
    return (replace(raw, body=body, url=url) if kinds else raw), kinds


def in_order(kinds: Iterable[str]) -> tuple[str, ...]:
    """Kinds of secrets, each once, in the order they are always named."""
    told = set(kinds)
    return tuple(kind for kind in KINDS if kind in told)
