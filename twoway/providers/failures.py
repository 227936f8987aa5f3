"""Why a text did not arrive: one list of reasons for all providers, with words for the agent.

Providers have hundreds of codes; each is one of these reasons (`reason_of`). The provider's own code is always kept
beside it. Only `opted_out` may suppress a person; `landline`, `invalid_number` and `deactivated` say "not textable"
when they were seen twice on different days.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from twoway.lib.words import noted
from twoway.providers import (
    android_codes,
    bandwidth_codes,
    bird_channels_codes,
    bird_codes,
    messagebird_codes,
    meta_codes,
    plivo_codes,
    simulator_codes,
    sinch_codes,
    smpp_codes,
    telnyx_codes,
    twilio_codes,
    vonage_codes,
    vonage_sms_codes,
)

Retry = Literal["never", "later", "config", "ask"]


class Reason(NamedTuple):
    """`retry`: never to this person; later by itself; after the configuration changed; or ask a person first."""

    retry: Retry
    for_agent: str
    label: str


REASONS: dict[str, Reason] = {
    "opted_out": Reason(
        "never", noted("This person opted out with the carrier and can't be texted."), noted("Opted out")
    ),
    "invalid_number": Reason(
        "never", noted("This number can't receive texts. Check it with the customer."), noted("Invalid number")
    ),
    "landline": Reason("never", noted("This is a landline and can't receive texts. Try calling."), noted("Landline")),
    "deactivated": Reason("never", noted("This number is no longer in service."), noted("Deactivated")),
    "unreachable_temp": Reason(
        "later",
        noted("The phone is off or out of reach, or blocks these texts. It can be tried again later."),
        noted("Unreachable"),
    ),
    "no_route": Reason(
        "config", noted("The provider can't send to this country or network from this number."), noted("No route")
    ),
    "carrier_filtered": Reason(
        "ask",
        noted("The carrier blocked this text as unwanted. Change the words or the links before sending it."),
        noted("Filtered"),
    ),
    "sender_unregistered": Reason(
        "config",
        noted("Our number isn't registered for business texting yet. An admin must register it."),
        noted("Not registered"),
    ),
    "sender_invalid": Reason(
        "config", noted("The provider can't send from our number. An admin must check it."), noted("Sender")
    ),
    "content_invalid": Reason(
        "never", noted("The provider can't send this text as it is. It may be too long."), noted("Content")
    ),
    "media_problem": Reason(
        "config", noted("The picture or file couldn't be sent. Try a smaller one."), noted("Attachment")
    ),
    "rate_limited": Reason("later", noted("The carrier asked us to slow down. It will be sent."), noted("Slowed down")),
    "queue_full": Reason(
        "later", noted("The provider's queue is full. It will be sent when there is room."), noted("Queue full")
    ),
    "daily_cap": Reason(
        "later", noted("The carrier's limit for today is reached. It can be sent tomorrow."), noted("Daily limit")
    ),
    "incomplete": Reason(
        "ask",
        noted("The carrier took only a part of this long text. Send it again if the customer needs all."),
        noted("Incomplete"),
    ),
    "expired": Reason(
        "ask", noted("It couldn't be delivered in time, so it was dropped. Send it again if needed."), noted("Expired")
    ),
    "window_closed": Reason(
        "config",
        noted("The customer last wrote more than a day ago, so WhatsApp needs an approved template."),
        noted("Window closed"),
    ),
    "template_problem": Reason("config", noted("The template was refused. An admin must check it."), noted("Template")),
    "recipient_limited": Reason(
        "never", noted("The carrier doesn't let this person be texted at the moment."), noted("Limited")
    ),
    "account": Reason(
        "config",
        noted("The provider account can't send now. An admin must check its funds and standing."),
        noted("Account"),
    ),
    "auth": Reason(
        "config", noted("The provider didn't accept our credentials. An admin must check them."), noted("Credentials")
    ),
    "config": Reason("config", noted("The channel isn't set up correctly. An admin must check it."), noted("Set-up")),
    "provider_error": Reason(
        "ask", noted("The provider had a fault of its own. Send it again if needed."), noted("Provider fault")
    ),
    "not_connected": Reason(
        "later", noted("The provider can't be reached. It will be sent when it answers."), noted("Unreachable")
    ),
    "uncertain": Reason(
        "ask", noted("The provider didn't confirm. We're checking before anything is sent again."), noted("Checking")
    ),
    "unknown": Reason("ask", noted("The carrier didn't say why this text failed."), noted("Unknown")),
}

CODES: dict[str, dict[str, str]] = {
    "android": android_codes.REASONS,
    "bandwidth": bandwidth_codes.REASONS,
    "bird": bird_codes.REASONS,
    "bird_channels": bird_channels_codes.REASONS,
    "messagebird": messagebird_codes.REASONS,
    "meta": meta_codes.REASONS,
    "plivo": plivo_codes.REASONS,
    "simulator": simulator_codes.REASONS,
    "sinch": sinch_codes.REASONS,
    "smpp": smpp_codes.REASONS,
    "telnyx": telnyx_codes.REASONS,
    "twilio": twilio_codes.REASONS,
    "vonage": vonage_codes.REASONS,
    "vonage_sms": vonage_sms_codes.REASONS,
}


def reason_of(slug: str, provider_code: str) -> str:
    """The canonical reason of a provider's code; "unknown" for a code we never saw, "" for no code.

    A code in two, such as EXPIRED/27 of SMPP, counts by its first half when the whole is not known.
    """
    if not provider_code or provider_code == "0":
        return ""
    known = CODES.get(slug, {})
    return known.get(provider_code) or known.get(provider_code.partition("/")[0], "unknown")


def words(reason: str) -> str:
    """The sentence for the agent, whatever the reason."""
    return REASONS.get(reason, REASONS["unknown"]).for_agent
