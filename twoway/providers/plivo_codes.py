"""Plivo's error codes and what each means in our words (plivo.com/docs, messaging error codes)."""

_CODES: dict[str, tuple[str, ...]] = {
    "opted_out": ("200",),
    "invalid_number": ("50",),
    "deactivated": ("70",),
    "unreachable_temp": ("80",),
    "no_route": ("90", "201", "450"),
    "carrier_filtered": ("30", "100"),
    "sender_invalid": ("40",),
    "content_invalid": ("10", "110"),
    "expired": ("420",),
    "account": ("900", "910", "402"),
    "auth": ("401",),
    "rate_limited": ("429",),
    "provider_error": ("20", "60", "300"),
    "unknown": ("1000",),
}

REASONS: dict[str, str] = {code: reason for reason, codes in _CODES.items() for code in codes}

WORDS: tuple[tuple[str, str], ...] = (
    ("insufficient", "account"),
    ("credit", "account"),
    ("balance", "account"),
    ("opted out", "opted_out"),
    ("unsubscribed", "opted_out"),
    ("media", "media_problem"),
    ("template", "template_problem"),
    ("src", "sender_invalid"),
    ("source", "sender_invalid"),
    ("sender", "sender_invalid"),
    ("powerpack", "sender_invalid"),
    ("dst", "invalid_number"),
    ("destination", "invalid_number"),
    ("text", "content_invalid"),
)
"""A refused call has a sentence and no code: the first of these words in it tells the reason."""
