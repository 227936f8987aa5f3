"""The calls of number APIs as they are written on the wire: JSON, forms and XML with Basic or bearer authorization."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as Xml
from xml.sax.saxutils import escape

import orjson

from twoway.lib.words import noted, t
from twoway.providers.base import HttpRequest, HttpResponse, NotConnected, Rejected, SendError, Uncertain
from twoway.providers.outcomes import maybe_json_object, raise_for

WITHIN = 20.0  # seconds
LONGEST_SAID = 400


def basic(user: str, secret: str) -> str:
    """The value of an authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode("ascii")


def bearer(key: str) -> str:
    """The value of an authorization header (RFC 6750)."""
    return f"Bearer {key}"


def call(
    method: str,
    url: str,
    *,
    authorization: str,
    told: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    xml: str | None = None,
) -> HttpRequest:
    """One call with at most one kind of body."""
    headers = {"authorization": authorization, "accept": "application/json"}
    body = b""
    if told is not None:
        headers["content-type"], body = "application/json", orjson.dumps(told)
    elif form is not None:
        headers["content-type"], body = "application/x-www-form-urlencoded", urlencode(form).encode("ascii")
    if xml is not None:
        headers |= {"content-type": "application/xml; charset=utf-8", "accept": "application/xml"}
        body = xml.encode()
    return HttpRequest(method=method, url=url, headers=headers, body=body, timeout=WITHIN)


def checker(name: str, said: Callable[[Mapping[str, Any]], str]) -> Callable[[HttpResponse], HttpResponse]:
    """A check of answers for one provider: returns a 2xx, raises what anything else means.

    `said` finds the provider's own words in the JSON body of a refusal.
    """

    def refusal(answer: HttpResponse) -> SendError | None:
        words = said(maybe_json_object(answer) or {})[:LONGEST_SAID]
        if answer.status in (401, 403):
            sentence = t(
                "{name} doesn't allow this: {why}.", name=name, why=words.rstrip(".") or t("check the credentials")
            )
            return Rejected("auth", sentence, provider_code=str(answer.status))
        return (
            Rejected("config", t("{name} says: {words}", name=name, words=words), provider_code=str(answer.status))
            if words
            else None
        )

    def checked(answer: HttpResponse) -> HttpResponse:
        raise_for(answer, refusal)
        return answer

    return checked


def explain(error: SendError, name: str) -> str:
    """A refused or failed job in one sentence for the owner. Waiting is said as what it is: nothing was changed."""
    if isinstance(error, NotConnected):
        return t("{name} can't be reached now. Nothing was changed.", name=name)
    if isinstance(error, Uncertain):
        return t("{name} didn't confirm in time. Look at the list of numbers before you try again.", name=name)
    if error.code == "rate_limited":
        return t("{name} asks us to slow down. Try again in a minute.", name=name)
    return t(error.detail or error.for_agent)


def read_xml(answer: HttpResponse) -> Xml.Element:
    """The document of a 2xx answer. Raises `Uncertain` when there is none, or one with a document type (entities)."""
    body = answer.body
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Uncertain(noted("The provider's answer holds a document type."), provider_code=str(answer.status))
    try:
        return Xml.fromstring(body)  # noqa: S314 - no document type, so no entities
    except Xml.ParseError as error:
        raise Uncertain(noted("The provider's answer could not be read."), provider_code=str(answer.status)) from error


def element(name: str, *inside: str) -> str:
    """An XML element around elements."""
    return f"<{name}>{''.join(inside)}</{name}>"


def leaf(name: str, words: str) -> str:
    """An XML element around text."""
    return f"<{name}>{escape(words)}</{name}>"
