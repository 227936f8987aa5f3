"""What a phone system is answered: TwiML, an NCCO or JSON; and what is said and texted, in English and Spanish. Pure.

TwiML: `Gather`, `Say` and `Hangup` are allowed in the document of an `Enqueue`'s waitUrl
(https://www.twilio.com/docs/voice/twiml/enqueue). NCCO: `talk` and `input`
(https://developer.vonage.com/en/voice/voice-api/ncco-reference).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal
from xml.etree import ElementTree as Xml

from twoway.sms import segments

Format = Literal["twiml", "ncco", "json"]
FORMATS: tuple[Format, ...] = ("json", "twiml", "ncco")
TYPES: Mapping[str, str] = MappingProxyType(
    {"twiml": "text/xml; charset=utf-8", "ncco": "application/json", "json": "application/json"}
)
VOICES: Mapping[str, str] = MappingProxyType({"en": "en-US", "es": "es-US"})
LANGUAGES = ("en", "es")
DIGIT = "1"
LISTENS = 6
"""Seconds in which the key may be pressed after the words."""

SAY: Mapping[str, str] = MappingProxyType(
    {
        "en": "Thank you for waiting. Everybody is busy. To get help by text message instead, press 1.",
        "es": "Gracias por esperar. Todos estamos ocupados. Si prefiere ayuda por mensaje de texto, pulse 1.",
    }
)
SENT: Mapping[str, str] = MappingProxyType(
    {
        "en": "We sent you a text message. Answer it, and a person will help you. Goodbye.",
        "es": "Le enviamos un mensaje de texto. Respóndalo y una persona le ayudará. Adiós.",
    }
)
NOT_SENT: Mapping[str, str] = MappingProxyType(
    {
        "en": "We can't text this number. Please stay on the line.",
        "es": "No podemos enviar un mensaje a este número. Espere en la línea, por favor.",
    }
)
TEXT: Mapping[str, str] = MappingProxyType(
    {
        "en": "{business}: You asked for a text instead of waiting on the phone. Reply here and a person will help."
        " Reply STOP to opt out.",
        "es": "{business}: Gracias por escribir en vez de esperar al teléfono. Responda y una persona le ayuda."
        " Responda STOP para darse de baja.",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a phone system is told. `offers`: say the words and listen for the key; `ends`: the caller leaves the queue.

    `why` is a word for programs; `offer_id` names the offer; `say` is "" when nothing is said.
    """

    offers: bool = False
    ends: bool = False
    why: str = ""
    say: str = ""
    offer_id: int | None = None
    answer_url: str = ""
    language: str = "en"
    more: Mapping[str, Any] | None = None


def format_of(asked: str, accept: str) -> Format:
    """The format that is wanted: by the parameter, else by Accept, else JSON."""
    told = asked.strip().lower()
    if told in FORMATS:
        return "twiml" if told == "twiml" else "ncco" if told == "ncco" else "json"
    return "twiml" if "xml" in accept.lower() else "json"


def written(reply: Reply, kind: Format) -> bytes:
    """The answer as bytes of its format."""
    if kind == "twiml":
        return _twiml(reply)
    if kind == "ncco":
        return json.dumps(_ncco(reply), ensure_ascii=False).encode()
    told: dict[str, Any] = {"offer": reply.offers, "why": reply.why}
    if reply.say:
        told |= {"say": reply.say, "language": VOICES.get(reply.language, "en-US")}
    if reply.offers:
        told |= {"offer_id": reply.offer_id, "accept_url": reply.answer_url, "accept_digit": DIGIT}
    return json.dumps({**told, **(reply.more or {})}, ensure_ascii=False).encode()


def _twiml(reply: Reply) -> bytes:
    root = Xml.Element("Response")
    parent = root
    if reply.offers:
        told = {"numDigits": "1", "timeout": str(LISTENS), "action": reply.answer_url, "method": "POST"}
        parent = Xml.SubElement(root, "Gather", told)
    if reply.say:
        Xml.SubElement(parent, "Say", {"language": VOICES.get(reply.language, "en-US")}).text = reply.say
    if reply.ends:
        Xml.SubElement(root, "Hangup")
    document: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _ncco(reply: Reply) -> list[dict[str, Any]]:
    talk = {"action": "talk", "text": reply.say, "language": VOICES.get(reply.language, "en-US")}
    if reply.offers:
        listen = {
            "action": "input",
            "type": ["dtmf"],
            "dtmf": {"maxDigits": 1, "timeOut": LISTENS},
            "eventUrl": [reply.answer_url],
            "eventMethod": "POST",
        }
        return [{**talk, "bargeIn": True}, listen]
    return [talk] if reply.say else []


def text_of(own: str, *, business: str, language: str) -> str:
    """The first text, with the business's name as long as one segment allows."""
    words, name = own or TEXT[language], business.strip()
    while True:
        told = segments.prepare(re.sub(r"^\s*:\s*", "", words.replace("{business}", name)).strip())
        if segments.count(told).segments <= 1 or not name:
            return told
        name = name[:-1].rstrip()


def minutes(seconds: int) -> int:
    """Whole minutes, rounded up."""
    return math.ceil(seconds / 60)
