"""Classic MessageBird's codes: developers.messagebird.com on status reports (`statusErrorCode`) and on API errors.

A status report's codes and the API's are different numbers for different things, so the API's are written `api-9`.
"""

REASONS: dict[str, str] = {
    "1": "invalid_number",
    "5": "invalid_number",
    "9": "invalid_number",
    "11": "no_route",
    "13": "no_route",
    "27": "unreachable_temp",
    "31": "unreachable_temp",
    "32": "unreachable_temp",
    "33": "unreachable_temp",
    "103": "opted_out",
    "104": "sender_unregistered",
    "105": "sender_unregistered",
    "106": "daily_cap",
    "107": "rate_limited",
    "api-2": "auth",
    "api-9": "content_invalid",
    "api-10": "content_invalid",
    "api-20": "config",
    "api-21": "content_invalid",
    "api-25": "account",
    "api-98": "config",
    "api-99": "provider_error",
}

PARAMETERS: dict[str, str] = {
    "recipient": "invalid_number",
    "recipients": "invalid_number",
    "originator": "sender_invalid",
    "mediaUrls": "media_problem",
}
"""A refused call names the parameter that is wrong, which says more than its code."""
