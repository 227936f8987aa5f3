"""What an SMSC's numbers mean: command_status of an answer, and the states of a delivery receipt.

Source: SMPP v3.4, section 5.1.3 (command_status) and 5.2.28 (message_state). Vendors add numbers of their own.
"""

from __future__ import annotations

from typing import Final

from twoway.providers.base import Rejected, SendError, Status, Throttled

OK: Final = 0x00
INVALID_COMMAND_LENGTH: Final = 0x02
INVALID_COMMAND: Final = 0x03
SYSTEM_ERROR: Final = 0x08
ALREADY_BOUND: Final = 0x05
QUEUE_FULL: Final = 0x14
THROTTLED: Final = 0x58
TEMPORARY: Final = 0x64
"""ESME_RX_T_APPN: we can't take it now; the SMSC is to try again."""

NAMES = {
    0x01: "the message is too long",
    0x02: "wrong length of a PDU",
    0x03: "unknown command",
    0x04: "not bound in the right way for this",
    0x05: "already bound",
    0x08: "system error",
    0x0A: "invalid source address",
    0x0B: "invalid destination address",
    0x0D: "bind failed",
    0x0E: "invalid password",
    0x0F: "invalid system_id",
    0x14: "message queue full",
    0x15: "invalid service type",
    0x33: "invalid number of destinations",
    0x43: "invalid esm_class",
    0x45: "submit failed",
    0x48: "invalid source TON",
    0x49: "invalid source NPI",
    0x50: "invalid destination TON",
    0x51: "invalid destination NPI",
    0x53: "invalid system_type",
    0x58: "throttled",
    0x61: "invalid schedule time",
    0x62: "invalid validity period",
    0xC1: "an optional parameter is not allowed",
    0xC4: "invalid value of an optional parameter",
    0xFE: "delivery failed",
    0xFF: "unknown error",
}

_REASON_OF_STATUS = {
    0x01: "content_invalid",
    0x02: "config",
    0x03: "config",
    0x04: "config",
    0x05: "config",
    0x08: "provider_error",
    0x0A: "sender_invalid",
    0x0B: "invalid_number",
    0x0D: "auth",
    0x0E: "auth",
    0x0F: "auth",
    0x14: "queue_full",
    0x15: "config",
    0x33: "invalid_number",
    0x43: "config",
    0x45: "provider_error",
    0x48: "sender_invalid",
    0x49: "sender_invalid",
    0x50: "config",
    0x51: "config",
    0x53: "config",
    0x58: "rate_limited",
    0x61: "config",
    0x62: "config",
    0xC1: "config",
    0xC4: "config",
    0xFE: "provider_error",
    0xFF: "unknown",
}

RESEND: Final = frozenset({SYSTEM_ERROR, QUEUE_FULL, THROTTLED})
"""The SMSC refused and says it may take the same message a moment later."""

STATES = {
    1: ("ENROUTE", Status.SENDING),
    2: ("DELIVRD", Status.DELIVERED),
    3: ("EXPIRED", Status.UNDELIVERED),
    4: ("DELETED", Status.CANCELED),
    5: ("UNDELIV", Status.UNDELIVERED),
    6: ("ACCEPTD", Status.SENT),
    7: ("UNKNOWN", Status.UNKNOWN),
    8: ("REJECTD", Status.FAILED),
}
STATUS_OF_WORD = dict(STATES.values())


def written(status: int) -> str:
    """A command_status as the specification writes it: 0x0000000B."""
    return f"0x{status:08X}"


def named(status: int) -> str:
    """The same in words for a log and a page: 0x0000000E (invalid password)."""
    return f"{written(status)} ({NAMES.get(status, 'a code of this SMSC')})"


REASONS = {written(status): reason for status, reason in _REASON_OF_STATUS.items()} | {
    "EXPIRED": "expired",
    "DELETED": "provider_error",
    "UNDELIV": "unknown",
    "REJECTD": "unknown",
}
"""Reasons of refusals and of receipts. Networks number their receipts' errors as they like, so those give no reason."""


def refusal(status: int) -> SendError:
    """The error that an answer with this command_status means."""
    code = written(status)
    if status in RESEND:
        return Throttled(named(status), provider_code=code)
    return Rejected(REASONS.get(code, "unknown"), named(status), provider_code=code)
