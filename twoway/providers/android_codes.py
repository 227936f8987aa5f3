"""Why an Android phone could not send, shortened from what the app says.

Sources: docs.sms-gate.app (errors), and Android's SmsManager, whose RESULT_ constants the app passes on. A phone does
not learn why a carrier or a recipient refused.
"""

from __future__ import annotations

import re

REASONS: dict[str, str] = {
    "GENERIC_FAILURE": "unknown",
    "LIMIT_EXCEEDED": "rate_limited",
    "NO_SERVICE": "provider_error",
    "RADIO_OFF": "provider_error",
    "RADIO_NOT_AVAILABLE": "provider_error",
    "MODEM_ERR": "provider_error",
    "NETWORK_ERR": "provider_error",
    "NETWORK_REJECT": "carrier_filtered",
    "NULL_PDU": "content_invalid",
    "ENCODING_ERROR": "content_invalid",
    "INVALID_NUMBER": "invalid_number",
    "FDN_CHECK_FAILURE": "no_route",
    "SHORT_CODE": "no_route",
    "NO_DEFAULT_SMS_APP": "config",
    "NO_SIM": "config",
    "NOT_ALLOWED": "config",
    "EXPIRED": "expired",
    "CANCELLED": "unknown",
    "NOT_DELIVERED": "unreachable_temp",
    "OTHER": "unknown",
    # refused calls
    "400": "content_invalid",
    "404": "config",
}

WORDS: tuple[tuple[str, str], ...] = (
    ("SHORT_CODE_N", "SHORT_CODE"),
    ("NO SIMS FOUND", "NO_SIM"),
    ("SIM_ABSENT", "NO_SIM"),
    ("SIM NUMBER", "NO_SIM"),
    ("INVALID_SMSC", "MODEM_ERR"),
    ("INVALID NUMBER", "INVALID_NUMBER"),
    ("INVALID_ARGUMENTS", "INVALID_NUMBER"),
    ("PERMISSION", "NOT_ALLOWED"),
    ("OPERATION_NOT_ALLOWED", "NOT_ALLOWED"),
    ("TTL", "EXPIRED"),
    ("EXPIRED", "EXPIRED"),
    ("DELIVERY", "NOT_DELIVERED"),
)
"""Words in the app's sentence, and the code they mean."""

_CONSTANT = re.compile(r"RESULT_(?:ERROR_|RIL_)?([A-Z_]+)")


def code_of(reason: str) -> str:
    """The short code of what the app says; OTHER when it says something new, "" when it says nothing."""
    told = reason.upper()
    named = _CONSTANT.search(told)
    if named and named[1] in REASONS:
        return named[1]
    found = next((code for word, code in WORDS if word in told), "")
    return found or ("OTHER" if told.strip() else "")
