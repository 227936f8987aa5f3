"""Meta's error codes and what each means in our words (developers.facebook.com, WhatsApp Cloud API error codes).

131026 is a person who can't be reached on WhatsApp for a reason Meta doesn't tell: it never marks a number as invalid.
"""

_CODES: dict[str, tuple[str, ...]] = {
    "opted_out": ("131050",),
    "invalid_number": ("133009", "131021"),
    "no_route": ("130497", "131062"),
    "carrier_filtered": ("131048", "368"),
    "sender_unregistered": ("131045", "133010", "131037", "131059"),
    "sender_invalid": ("133005", "133006", "133008", "133015", "136025"),
    "content_invalid": ("131051", "131009", "131008", "131055", "100"),
    "media_problem": ("131052", "131053"),
    "rate_limited": ("4", "80007", "130429", "131056", "133016", "131064"),
    "window_closed": ("131047",),
    "template_problem": (
        "132000",
        "132001",
        "132005",
        "132007",
        "132008",
        "132012",
        "132015",
        "132016",
        "132018",
        "132068",
        "132069",
    ),
    "recipient_limited": ("131049", "131026", "130472"),
    "account": ("131042", "131031", "134011", "131044"),
    "auth": ("0", "3", "10", "190", "200", "131005"),
    "config": ("33", "135000"),
    "provider_error": ("1", "2", "131000", "131016", "131057", "133000", "133004", "2388001"),
}

REASONS: dict[str, str] = {code: reason for reason, codes in _CODES.items() for code in codes}
ONE_PERSON = "131056"
"""Too many messages to the same person in a short time; texts to others may go on."""
PAIR_REST = 6.0
"""Seconds after which the same person may get another one."""
