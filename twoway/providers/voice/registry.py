"""The providers whose calls we understand: one line each, loaded on first use."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from twoway.providers.voice.base import Voice

VOICES = {
    "plivo": "twoway.providers.voice.plivo.PlivoVoice",
    "simulator": "twoway.providers.voice.simulator.SimulatorVoice",
    "twilio": "twoway.providers.voice.twilio.TwilioVoice",
    "vonage": "twoway.providers.voice.vonage.VonageVoice",
}


@cache
def get(slug: str) -> Voice | None:
    """The translator of this provider's calls, or None when we understand none of them."""
    named = VOICES.get(slug)
    if named is None:
        return None
    module, _, name = named.rpartition(".")
    return cast(Voice, getattr(import_module(module), name)())
