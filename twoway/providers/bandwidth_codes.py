"""Bandwidth's error codes (dev.bandwidth.com on messaging errors), and the `type` words of refused calls.

The first digit says who: 4 the client, 5 a server, 9 nobody answered.
"""

REASONS: dict[str, str] = {
    "4775": "opted_out",
    "4720": "invalid_number",
    "4721": "deactivated",
    "4700": "unreachable_temp",
    "4701": "unreachable_temp",
    "4702": "unreachable_temp",
    "4730": "no_route",
    "4432": "no_route",
    "4470": "carrier_filtered",
    "4481": "carrier_filtered",
    "4482": "carrier_filtered",
    "4750": "carrier_filtered",
    "4751": "carrier_filtered",
    "4752": "carrier_filtered",
    "4770": "carrier_filtered",
    "4771": "carrier_filtered",
    "4772": "carrier_filtered",
    "4785": "carrier_filtered",
    "4773": "sender_unregistered",
    "4774": "sender_unregistered",
    "4790": "sender_unregistered",
    "4791": "sender_unregistered",
    "4792": "sender_unregistered",
    "4793": "sender_unregistered",
    "4795": "sender_unregistered",
    "4405": "sender_invalid",
    "4406": "sender_invalid",
    "4740": "sender_invalid",
    "4302": "content_invalid",
    "4303": "content_invalid",
    "4435": "content_invalid",
    "4492": "content_invalid",
    "4410": "media_problem",
    "4411": "media_problem",
    "4412": "media_problem",
    "4781": "rate_limited",
    "4780": "daily_cap",
    "4360": "expired",
    "4403": "account",
    "4404": "account",
    "9902": "unknown",
    "9999": "unknown",
    # refused calls name a type and the fields that are wrong
    "request-validation": "content_invalid",
    "field-to": "invalid_number",
    "field-from": "sender_invalid",
    "field-applicationId": "config",
    "field-media": "media_problem",
    "unauthorized": "auth",
    "forbidden": "auth",
    "not-found": "config",
}


def _trouble(code: int) -> str:
    """5600 to 5699 are a carrier's passing trouble, the other codes of 5xxx Bandwidth's own."""
    return "unreachable_temp" if 5600 <= code < 5700 else "provider_error"


REASONS |= {str(code): _trouble(code) for code in range(5000, 6000)}
