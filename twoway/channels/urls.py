"""The addresses providers call us at."""

from __future__ import annotations

from typing import Literal

from django.conf import settings

from twoway.channels.models import Channel

HookKind = Literal["inbound", "status", "voice"]


def hook_url(provider: str, hook: str, kind: HookKind) -> str:
    """The public address of one webhook of a channel."""
    return f"{settings.PUBLIC_URL}/hooks/{provider}/{hook}/{kind}"


def inbound_url(channel: Channel) -> str:
    """Where the provider sends texts."""
    return hook_url(channel.provider, channel.hook, "inbound")


def status_url(channel: Channel) -> str:
    """Where the provider sends delivery receipts."""
    return hook_url(channel.provider, channel.hook, "status")


def voice_url(channel: Channel) -> str:
    """Where the provider asks what to do with a call."""
    return hook_url(channel.provider, channel.hook, "voice")
