"""Codes the simulated carrier refuses with: those of a well-known provider, so that practice is like the real thing."""

REASONS: dict[str, str] = {
    "21610": "opted_out",
    "21211": "invalid_number",
    "30006": "landline",
    "30005": "deactivated",
    "30003": "unreachable_temp",
    "21408": "no_route",
    "30007": "carrier_filtered",
    "30034": "sender_unregistered",
    "21606": "sender_invalid",
    "21617": "content_invalid",
    "21620": "media_problem",
    "20429": "rate_limited",
    "21611": "queue_full",
    "30023": "daily_cap",
    "30036": "expired",
    "30002": "account",
    "20003": "auth",
    "20500": "provider_error",
    "30008": "unknown",
}
