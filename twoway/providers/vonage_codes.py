"""The Messages API's error codes and what each means in our words (developer.vonage.com/api-errors/messages).

A refused call or a receipt names its code in `title`, or behind `#` in `type`.
"""

_CODES: dict[str, tuple[str, ...]] = {
    "rate_limited": ("1000", "1241"),
    "content_invalid": ("1010", "1040", "1090", "1130", "1150", "invalid-params", "invalid-json"),
    "invalid_number": ("1020", "1170", "1190", "1300"),
    "template_problem": ("1022",),
    "config": ("1021", "1080", "1140"),
    "auth": (
        "1110",
        "1370",
        "401",
        "403",
        "unauthorized",
        "forbidden",
        "jwt-expired",
        "jwt-revoked",
        "invalid-api-key",
    ),
    "account": ("1060", "1070", "1350", "402", "low-balance", "unprovisioned", "account-suspended"),
    "provider_error": ("1030", "1100", "1230"),
    "opted_out": ("1240",),
    "recipient_limited": ("1050", "1310"),
    "sender_invalid": ("1120",),
    "no_route": ("1160", "1200", "1250"),
    "unreachable_temp": ("1180", "1220", "1260", "1290"),
    "carrier_filtered": ("1210", "1270", "1280"),
    "expired": ("1360",),
    "window_closed": ("1340",),
    "unknown": ("1320", "1330"),
}

REASONS: dict[str, str] = {code: reason for reason, codes in _CODES.items() for code in codes}
