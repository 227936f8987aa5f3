"""Sinch's codes and what each means in our words.

Sources: developers.sinch.com on delivery report error codes (numbers: 4xx are Sinch's own, others the carriers'), and
on status codes (words: why a call was refused). Where a report has no code that says why, its status does.
"""

_REPORTS: dict[str, tuple[str, ...]] = {
    "no_route": ("402", "412"),
    "provider_error": ("403",),
    "unreachable_temp": ("404", "321"),
    "content_invalid": ("405", "411"),
    "expired": ("406", "Expired"),
    "carrier_filtered": ("408", "15", "62", "349", "Rejected"),
    "sender_invalid": ("410", "310"),
    "account": ("413",),
    "media_problem": ("414", "415", "416", "417", "418"),
    "sender_unregistered": ("60",),
    "daily_cap": ("64",),
    "recipient_limited": ("152", "Deleted"),
    "invalid_number": ("300",),
    "config": ("332", "334"),
    "unknown": ("407", "399", "Failed", "Aborted"),
}

_CALLS: dict[str, tuple[str, ...]] = {
    "config": ("syntax_invalid_json", "syntax_constraint_violation", "missing_callback_url"),
    "content_invalid": ("syntax_invalid_parameter_format",),
    "account": ("blocked_account",),
    "invalid_number": ("illegal_number_type",),
}

LONGEST = 20
"""Letters of a code that are kept."""

REASONS: dict[str, str] = {
    code[:LONGEST]: reason for table in (_REPORTS, _CALLS) for reason, codes in table.items() for code in codes
}
