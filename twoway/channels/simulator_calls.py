"""Calls of the simulated handsets, as the simulator page makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings

from twoway.channels.models import Channel
from twoway.channels.queries import account_settings
from twoway.channels.simulator import register, store
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import t
from twoway.providers.simulator_carrier.calls import Calls, CarrierCall, Unheard
from twoway.providers.simulator_carrier.store import UnknownNumber
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = ["DEEDS", "CarrierCall", "act", "call", "calls_of"]


def _calls(channel: Channel) -> Calls:
    base = account_settings(channel.provider, channel.settings)["api_base"]
    return Calls(store(), settings.CARRIER_KEY, base)


def calls_of(channel: Channel, handset: str) -> list[CarrierCall]:
    """What goes on at this number of ours, and the last call of this phone, newest first."""
    return _calls(channel).of(desk=channel.address, handset=handset)


def call(channel: Channel, *, handset: str, by: Actor) -> CarrierCall:
    """That phone calls us. Asks this very program; not in a transaction. Raises `NotAllowed`, `Invalid`, `Refused`."""
    require(by, Right.USE_SIMULATOR)
    try:
        number = phone.parse_typed(handset, region="US").value
    except phone.NotANumber as error:
        raise Invalid(str(error), field="handset") from None
    try:
        try:
            return _calls(channel).call(handset=number, desk=channel.address)
        except UnknownNumber:
            register(channel)
            return _calls(channel).call(handset=number, desk=channel.address)
    except Unheard as error:
        raise Refused(t("The desk didn't answer the carrier. Try again."), code="unheard") from error


DEEDS: Mapping[str, Callable[[Calls, CarrierCall, str], CarrierCall]] = {
    "answer": lambda calls, found, words: calls.answer(found),
    "press": lambda calls, found, words: calls.press(found, words),
    "ignore": lambda calls, found, words: calls.ignore(found),
    "speak": lambda calls, found, words: calls.speak(found, words),
    "hangup": lambda calls, found, words: calls.hang_up(found),
}


def act(channel: Channel, *, call_id: str, deed: str, words: str = "", by: Actor) -> CarrierCall:
    """Somebody answers or doesn't, presses keys, speaks after the tone or hangs up.

    Raises `NotAllowed`, `NotFound`, `Refused`.
    """
    require(by, Right.USE_SIMULATOR)
    calls = _calls(channel)
    found = calls.find(call_id)
    if found is None or found.desk != channel.address or deed not in DEEDS:
        raise NotFound("call", call_id)
    try:
        return DEEDS[deed](calls, found, words)
    except Unheard as error:
        raise Refused(t("The desk didn't answer the carrier. Try again."), code="unheard") from error
