"""The SMS API's codes and what each means in our words (developer.vonage.com/api-errors/sms, delivery receipts).

A receipt has an `err-code`; the answer to a send has a status of its own, which is kept as `status-N` here because the
numbers mean other things.
"""

_RECEIPT: dict[str, tuple[str, ...]] = {
    "opted_out": ("9",),
    "unreachable_temp": ("2", "7", "12"),
    "invalid_number": ("3",),
    "no_route": ("5", "11"),
    "carrier_filtered": ("4", "6", "13", "14", "52", "53"),
    "content_invalid": ("10",),
    "sender_unregistered": ("50", "51", "54"),
    "account": ("15",),
    "rate_limited": ("16",),
    "provider_error": ("8", "99"),
    "unknown": ("1",),
}

_SEND: dict[str, tuple[str, ...]] = {
    "rate_limited": ("1",),
    "content_invalid": ("2", "3", "6", "12"),
    "auth": ("4", "14", "32"),
    "account": ("8", "9", "10", "11", "29"),
    "provider_error": ("5",),
    "no_route": ("7", "22"),
    "sender_invalid": ("15", "33"),
    "config": ("23",),
}

SENT = "status-"

REASONS: dict[str, str] = {
    **{code: reason for reason, codes in _RECEIPT.items() for code in codes},
    **{f"{SENT}{code}": reason for reason, codes in _SEND.items() for code in codes},
}
