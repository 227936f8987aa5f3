"""What callers hear and are texted: the workspace's own words, with defaults in English and Spanish. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from twoway.lib.words import noted

LANGUAGES = ("en", "es")
SPOKEN = {"en": "en-US", "es": "es-ES"}
"""The voice of a language; every provider has these."""
LONGEST = 500
DEFAULTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "greeting": {
            "en": "Hello, this is {business}. This number takes text messages. Please send us a text. Goodbye.",
            "es": "Hola, le atiende {business}. Este número es para mensajes de texto. Envíenos un mensaje. Adiós.",
        },
        "texting": {
            "en": "Hello, this is {business}. We can't take your call. We're sending you a text: just answer it.",
            "es": "Hola, le atiende {business}. No podemos atender su llamada. Le enviamos un mensaje: respóndalo.",
        },
        "voicemail": {
            "en": "Hello, this is {business}. Please leave a message after the tone. It is recorded.",
            "es": "Hola, le atiende {business}. Deje su mensaje después de la señal. Se graba.",
        },
        "thanks": {"en": "Thank you. Goodbye.", "es": "Gracias. Adiós."},
        "connecting": {"en": "Connecting your call from {business}.", "es": "Conectamos su llamada de {business}."},
        "text": {
            "en": "{business}: Sorry we missed your call. Reply to this text and a person will answer.",
            "es": "{business}: Sentimos no haber atendido su llamada. Responda a este mensaje y le contestamos.",
        },
    }
)
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "greeting": noted("Greeting, before we hang up"),
        "texting": noted("Before we hang up and text them"),
        "voicemail": noted("Before they leave a message"),
        "thanks": noted("After they left a message"),
        "connecting": noted("To a teammate who calls a customer"),
        "text": noted("The text after a missed call"),
    }
)


def worded(kind: str, language: str, own: Mapping[tuple[str, str], str], *, business: str) -> str:
    """The words of one kind in a language: the workspace's own, else ours; English where a language is not known."""
    known = language if language in LANGUAGES else "en"
    return (own.get((kind, known)) or DEFAULTS[kind][known]).replace("{business}", business)


def language_of(*told: str | None) -> str:
    """The first of several languages, such as es-MX, that there are words in."""
    found = ((each or "")[:2].lower() for each in told)
    return next((each for each in found if each in LANGUAGES), "en")
