"""Bird's error codes: `SMSErrorCode` of its SDK for messages, and the `type` words of refused calls."""

REASONS: dict[str, str] = {
    "recipient_opted_out": "opted_out",
    "invalid_destination": "invalid_number",
    "landline_unreachable": "landline",
    "unreachable": "unreachable_temp",
    "blocked_by_recipient": "recipient_limited",
    "blocked_by_carrier": "carrier_filtered",
    "blocked_by_fraud_protection": "carrier_filtered",
    "content_rejected": "carrier_filtered",
    "sender_unregistered": "sender_unregistered",
    "provider_unavailable": "provider_error",
    "insufficient_balance": "account",
    "unknown": "unknown",
    # refused calls
    "auth": "auth",
    "permission": "auth",
    "billing": "account",
    "not_found": "config",
    "bad_request": "content_invalid",
    "validation": "content_invalid",
    "payload_too_large": "content_invalid",
    "precondition": "config",
    "misdirected": "config",
    "rate_limit": "rate_limited",
}

PARAMETERS: dict[str, str] = {"to": "invalid_number", "from": "sender_invalid", "media_urls": "media_problem"}
"""A refused call may name the parameter that is wrong, which says more than its type."""
