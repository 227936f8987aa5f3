"""Twilio's error codes and what each means in our words (twilio.com/docs/api/errors).

One choice was made for codes with several meanings: 30003 may also be a block by the person, 21614 any number that is
not a mobile. Warnings (30025, 30026) are not failures and are left out.
"""

_CODES: dict[str, tuple[str, ...]] = {
    "opted_out": ("21610", "63033"),
    "invalid_number": ("21211", "21214", "21217", "63003", "63024", "30005"),
    "landline": ("21614", "30006"),
    "unreachable_temp": ("30003",),
    "no_route": ("21612", "21408", "21215"),
    "carrier_filtered": ("30004", "30007", "63013", "63026"),
    "sender_unregistered": ("30032", "30034", "30024", "30018", "21717"),
    "sender_invalid": ("21212", "21601", "21603", "21606", "21607", "21703", "21704", "21709", "63007", "63002"),
    "content_invalid": ("21602", "21604", "21617", "21618", "63005", "63006", "63021"),
    "media_problem": ("21620", "21621", "21622", "21623", "11751", "30011", "30019", "63019", "63034", "63037"),
    "rate_limited": ("20429", "14107", "30017", "30022", "63017", "63018"),
    "queue_full": ("21611", "30001"),
    "daily_cap": ("30023", "30027", "63038"),
    "expired": ("30036",),
    "window_closed": ("63016",),
    "template_problem": ("63027", "63028", "63029", "63040", "63041", "21655", "21656"),
    "recipient_limited": ("63032", "63014"),
    "account": ("30002", "63020", "63001", "63008", "21608", "63015"),
    "auth": ("20003",),
    "provider_error": ("20500", "21619", "30410", "30009", "30020", "30021", "63009", "63010", "63012"),
    "unknown": ("30008", "63023"),
}

REASONS: dict[str, str] = {code: reason for reason, codes in _CODES.items() for code in codes}
