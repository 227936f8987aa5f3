"""The providers there are: one line each, loaded on first use."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from twoway.providers.adapter import Provider

PROVIDERS = {
    "android": "twoway.providers.android.Android",
    "bandwidth": "twoway.providers.bandwidth.Bandwidth",
    "bird": "twoway.providers.bird.Bird",
    "bird_channels": "twoway.providers.bird_channels.BirdChannels",
    "messagebird": "twoway.providers.messagebird.MessageBird",
    "meta": "twoway.providers.meta.Meta",
    "plivo": "twoway.providers.plivo.Plivo",
    "simulator": "twoway.providers.simulator.Simulator",
    "sinch": "twoway.providers.sinch.Sinch",
    "smpp": "twoway.providers.smpp.Smpp",
    "telnyx": "twoway.providers.telnyx.Telnyx",
    "twilio": "twoway.providers.twilio.Twilio",
    "vonage": "twoway.providers.vonage.Vonage",
    "vonage_sms": "twoway.providers.vonage_sms.VonageSms",
}


class UnknownProvider(LookupError):
    """No provider has this slug; the text says which there are."""


@cache
def get(slug: str) -> Provider:
    """The adapter of this slug, the same object every time. Raises `UnknownProvider`."""
    try:
        module, _, name = PROVIDERS[slug].rpartition(".")
    except KeyError:
        raise UnknownProvider(f"There is no provider “{slug}”. There are: {', '.join(slugs())}.") from None
    return cast(Provider, getattr(import_module(module), name)())


def slugs() -> tuple[str, ...]:
    """Every provider's slug, in alphabetical order."""
    return tuple(sorted(PROVIDERS))
