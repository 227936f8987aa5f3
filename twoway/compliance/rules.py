"""Whether a text may be sent. The one place that says so; the door and the claim both ask it.

Sources: 47 CFR 64.1200(a)(10) and (12) (a withdrawal by any reasonable means ends the texts; one text may confirm
it), CTIA Messaging Principles 5.1 (HELP and STOP are always answered), what a landline or a name can't do, and
WhatsApp's customer service window (developers.facebook.com, WhatsApp Business Platform, send messages).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from twoway.lib.words import noted, t
from twoway.sms import phone

ConsentState = Literal["in", "out", "none"]


class Purpose(StrEnum):
    """Why a text is sent. The three notices are Twoway's own answers to STOP, START and HELP.

    A broadcast goes to many; a forwarding note tells somebody who texted a retired number where to write now. An opt-in
    request asks whether somebody wants to join a topic, a topic notice says that they have joined or left. A
    callback notice belongs to a call they asked for, a phone offer goes to who asked for a text while on the phone.
    """

    REPLY = "reply"
    BROADCAST = "broadcast"
    FORWARDING_NOTE = "forwarding_note"
    TEST = "test"
    CONSENT_QUESTION = "consent_question"
    OPT_OUT_NOTICE = "opt_out_notice"
    OPT_IN_NOTICE = "opt_in_notice"
    HELP_NOTICE = "help_notice"
    SHIELD_NOTICE = "shield_notice"
    OPT_IN_REQUEST = "opt_in_request"
    TOPIC_NOTICE = "topic_notice"
    AUTO_REPLY = "auto_reply"
    CALLBACK_NOTICE = "callback_notice"
    PHONE_OFFER = "phone_offer"


NOTICES = frozenset({Purpose.OPT_OUT_NOTICE, Purpose.OPT_IN_NOTICE, Purpose.HELP_NOTICE})


UNREACHABLE = frozenset({"landline", "invalid", "unreachable"})
"""What `Identity.reach` may say that makes a text pointless."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SendFacts:
    """What is known about one text when it is asked for, and again when it is about to leave.

    `kind` is the kind of identity it goes to; `reach` is what a carrier told us about the number, "" when nothing.
    `author` is member, api or system. `needs_template`: WhatsApp's window is closed and this is no template.

    `registration` is how our number stands with the carriers (`channels.models.Registered`), `registration_detail` what
    is missing in a sentence; `is_registration_waived`: the owner says that carriers don't block it. `is_domestic`: the
    text goes to the US or Canada, where carriers block what isn't registered. `is_in_doubt`: a text of theirs may mean
    that they want no more, and nobody has answered that yet. `is_reply_only`: our number answers and never begins.
    """

    purpose: str
    author: str
    kind: phone.Kind
    reach: str
    is_opted_out: bool
    is_blocked: bool
    is_channel_active: bool
    needs_template: bool = False
    registration: str = "unknown"
    registration_detail: str = ""
    is_registration_waived: bool = False
    is_domestic: bool = True
    is_in_doubt: bool = False
    is_reply_only: bool = False

    def as_json(self) -> dict[str, Any]:
        """The facts as they are kept with the decision."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why not: a stable code, and a sentence for whoever wrote the text."""

    code: str
    for_agent: str


OPTED_OUT = Refusal(code="opted_out", for_agent=noted("They opted out of texts. They can text START to opt back in."))
BLOCKED = Refusal(code="blocked", for_agent=noted("This contact is blocked. Unblock them to text them."))
LANDLINE = Refusal(code="landline", for_agent=noted("This number can't get texts: the carrier says it is a landline."))
UNREACHABLE_NUMBER = Refusal(code="unreachable", for_agent=noted("The carrier says this number can't get texts."))
CANNOT_REPLY = Refusal(
    code="cannot_reply", for_agent=noted("This sender can't get replies: it is a name, not a number.")
)
CHANNEL_INACTIVE = Refusal(code="channel_inactive", for_agent=noted("This number of ours is switched off."))
WINDOW_CLOSED = Refusal(
    code="window_closed",
    for_agent=noted("They last wrote more than 24 hours ago, so WhatsApp takes only an approved template."),
)

SENDER_UNREGISTERED = Refusal(
    code="sender_unregistered",
    for_agent=noted("Carriers block texts from this number of ours until it is registered for business texting."),
)

REFUSALS = (
    OPTED_OUT,
    BLOCKED,
    LANDLINE,
    UNREACHABLE_NUMBER,
    CANNOT_REPLY,
    CHANNEL_INACTIVE,
    SENDER_UNREGISTERED,
    WINDOW_CLOSED,
)
UNREGISTERED = frozenset({"missing", "pending", "rejected"})
"""States of a registration in which carriers block what a number sends."""


def refusal(facts: SendFacts) -> Refusal | None:
    """Why this text may not be sent, or None. What the law says comes first, then what can't work."""
    if facts.is_opted_out and not _is_notice(facts):
        return OPTED_OUT
    if facts.is_blocked and not _is_notice(facts):
        return BLOCKED
    if not phone.can_reply(facts.kind):
        return CANNOT_REPLY
    if facts.reach in UNREACHABLE:
        return LANDLINE if facts.reach == "landline" else UNREACHABLE_NUMBER
    if not facts.is_channel_active:
        return CHANNEL_INACTIVE
    if is_unregistered(facts.registration, is_waived=facts.is_registration_waived) and facts.is_domestic:
        return unregistered(facts.registration_detail)
    return WINDOW_CLOSED if facts.needs_template else None


def is_unregistered(registration: str, *, is_waived: bool) -> bool:
    """Whether carriers block a number of ours that stands like this. What is not known is not held."""
    return registration in UNREGISTERED and not is_waived


def unregistered(detail: str) -> Refusal:
    """The refusal that also says what is missing."""
    return replace(SENDER_UNREGISTERED, for_agent=f"{SENDER_UNREGISTERED.for_agent} {detail}".strip())


def worded(why: Refusal) -> str:
    """The sentence of a refusal in the reader's language."""
    if why.code != SENDER_UNREGISTERED.code:
        return t(why.for_agent)
    missing = why.for_agent.removeprefix(SENDER_UNREGISTERED.for_agent).strip()
    return f"{t(SENDER_UNREGISTERED.for_agent)} {t(missing)}".strip()


def waits(why: Refusal, facts: SendFacts) -> bool:
    """Whether a text that is queued already waits for this to pass, instead of being withdrawn.

    Twoway's own notices never wait: an answer to STOP that comes days later is worse than none.
    """
    return why.code == SENDER_UNREGISTERED.code and not _is_notice(facts)


def stale_at(
    *, expires_at: datetime | None, created_at: datetime, held_until: datetime | None, purpose: str
) -> datetime | None:
    """When a text is too old to send. The time it was held until doesn't count; notices are never held."""
    if expires_at is None or held_until is None or held_until <= created_at or purpose in NOTICES:
        return expires_at
    return max(expires_at, held_until + (expires_at - created_at))


WINDOW = timedelta(hours=24)
"""How long after the customer's last message WhatsApp takes any words, and not only templates."""


def window_ends(channel_kind: str, last_inbound_at: datetime | None) -> datetime | None:
    """When the window of a WhatsApp conversation closes, or closed; None where there is none or it never opened."""
    if channel_kind != "whatsapp" or last_inbound_at is None:
        return None
    return last_inbound_at + WINDOW


def needs_template(
    channel_kind: str, *, last_inbound_at: datetime | None, at: datetime, is_template: bool = False
) -> bool:
    """Whether a text that leaves at this time must be an approved template and is not."""
    if channel_kind != "whatsapp" or is_template:
        return False
    ends = window_ends(channel_kind, last_inbound_at)
    return ends is None or at >= ends


def _is_notice(facts: SendFacts) -> bool:
    """Whether it answers a keyword. Only Twoway itself may: a member or a program can't pass by naming that purpose."""
    return facts.purpose in NOTICES and facts.author == "system"


def consent_state(*, is_opted_out: bool, has_lifted: bool, has_written: bool) -> ConsentState:
    """How it stands: withdrawn; given, by START or by writing to us first; or nothing known."""
    if is_opted_out:
        return "out"
    return "in" if has_lifted or has_written else "none"
