"""Bird Channels' codes: docs.bird.com on the Channels API's errors, and the failures of messages by their words."""

REASONS: dict[str, str] = {
    # refused calls
    "InvalidPayload": "content_invalid",
    "ValidationError": "content_invalid",
    "Unauthorized": "auth",
    "AccessDenied": "auth",
    "Forbidden": "auth",
    "ResourceNotFound": "config",
    "NotFound": "config",
    "TooManyRequests": "rate_limited",
    "InsufficientBalance": "account",
    "InternalError": "provider_error",
    # why a message failed
    "opted_out": "opted_out",
    "invalid_number": "invalid_number",
    "unreachable": "unreachable_temp",
    "filtered": "carrier_filtered",
    "unregistered": "sender_unregistered",
    "no_balance": "account",
    "expired": "expired",
}

WORDS: tuple[tuple[str, str], ...] = (
    ("opted out", "opted_out"),
    ("opted-out", "opted_out"),
    ("opt-out", "opted_out"),
    ("unsubscribed", "opted_out"),
    ("unregistered", "unregistered"),
    ("not registered", "unregistered"),
    ("balance", "no_balance"),
    ("expired", "expired"),
    ("spam", "filtered"),
    ("filter", "filtered"),
    ("unknown subscriber", "invalid_number"),
    ("invalid", "invalid_number"),
    ("absent", "unreachable"),
    ("unavailable", "unreachable"),
)
"""What a message's `reason` has in it, and the code we keep: Bird's own numbers differ from route to route."""


def code_of(reason: str) -> str:
    """The code of a failure's words; the words themselves, cut, when they say something new."""
    told = reason.lower()
    return next((code for part, code in WORDS if part in told), reason[:20])
