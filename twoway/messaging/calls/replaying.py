"""A webhook about a call that nobody could use, taken in later: nobody is on the line, but that they called is kept."""

from __future__ import annotations

from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging.calls import hearing
from twoway.messaging.directory import Route
from twoway.providers.base import Malformed, RawRequest
from twoway.providers.voice import registry


def take_again(route: Route, raw: RawRequest, *, is_verified: bool) -> None:
    """Take it in as of when it came; what it would have been answered is dropped. Raises `Refused` when it still can't
    be used."""
    voice = registry.get(route.provider)
    if voice is None or not route.is_active:
        raise Refused(t("The number it was sent to is still not an active channel."), code="unknown_number")
    if not is_verified and not voice.verify(route.account, raw):
        raise Refused(
            t("The signature still doesn't match. Check the channel's credentials and the public address."),
            code="bad_signature",
        )
    try:
        heard = voice.parse(raw)
    except Malformed as error:
        raise Refused(t("It still can't be understood: {error}", error=t(str(error))), code="malformed") from error
    if hearing.hear(channel_id=route.id, heard=heard, at=raw.received_at).is_lost:
        raise Refused(t("It is about a call nobody here knows."), code="unknown_call")
