"""Calls as the simulated phone shows them."""

from __future__ import annotations

from dataclasses import dataclass

from twoway.channels import simulator_calls
from twoway.channels.queries import Channel
from twoway.channels.simulator_calls import CarrierCall
from twoway.lib.words import t
from twoway.sms import phone as phones


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneCall:
    """A call as the phone shows it."""

    id: str
    title: str
    heard: tuple[str, ...]
    state: str
    is_live: bool


def shown(channel: Channel, handset: str) -> list[PhoneCall]:
    """The calls at this number now, and the last one of this phone."""
    return [_shown(one, handset) for one in simulator_calls.calls_of(channel, handset)]


def _shown(call: CarrierCall, handset: str) -> PhoneCall:
    who = phones.pretty(call.rings or call.handset, region="US")
    titles = {
        "ringing": t("{number} rings: the teammate's phone", number=who),
        "asking": t("{number} is asked to press keys", number=who),
        "dialling": t("{number} rings", number=who),
        "talking": t("In a call"),
        "recording": t("After the tone"),
        "over": t("The call is over"),
    }
    return PhoneCall(
        id=call.id, title=titles.get(call.state, ""), heard=call.heard, state=call.state, is_live=call.is_live
    )
