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
PROMPTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "key": {
            "en": "A call from {business}. Press 1 to be connected.",
            "es": "Una llamada de {business}. Pulse 1 para conectarla.",
        },
        "code": {
            "en": "A call from {business}. Enter the four digits on your screen to be connected.",
            "es": "Una llamada de {business}. Marque los cuatro dígitos de su pantalla para conectarla.",
        },
        "sorry": {
            "en": "We can't connect your call just now. Please try again in a few minutes.",
            "es": "Ahora no podemos conectar su llamada. Inténtelo de nuevo en unos minutos.",
        },
    }
)
"""What teammates hear, and whoever calls while nothing can be looked up; nobody words these anew."""
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
    return (own.get((kind, known)) or (DEFAULTS.get(kind) or PROMPTS[kind])[known]).replace("{business}", business)


def all_of(language: str, own: Mapping[tuple[str, str], str], *, business: str) -> dict[str, str]:
    """Everything that may be spoken or texted in a language, by kind."""
    return {kind: worded(kind, language, own, business=business) for kind in (*DEFAULTS, *PROMPTS)}


def language_of(*told: str | None) -> str:
    """The first of several languages, such as es-MX, that there are words in."""
    found = ((each or "")[:2].lower() for each in told)
    return next((each for each in found if each in LANGUAGES), "en")
