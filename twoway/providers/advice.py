"""What an owner or a manager does about each reason why texts fail; `failures.REASONS` has the words for the agent."""

from __future__ import annotations

from twoway.lib.words import noted, t

ADVICE: dict[str, str] = {
    "opted_out": noted(
        "Nothing: it is their choice. Ask for consent again only where they can say no, such as at the counter."
    ),
    "invalid_number": noted("Correct the number with the customer. Many at once: look at where the numbers came from."),
    "landline": noted("Call, or ask for a mobile number. Some landlines can get texts once their owner enables it."),
    "deactivated": noted("Ask for the new number. Somebody else may have the old one soon, so stop texting it."),
    "unreachable_temp": noted("Wait. If one person stays unreachable for days, call them."),
    "no_route": noted("Switch on this country at the provider, or text it from a number the provider allows there."),
    "carrier_filtered": noted(
        "Read the texts it happened to: no shortened links, no shouting, your business named, and only to "
        "people who asked for it. Compare them with what was registered."
    ),
    "sender_unregistered": noted(
        "Register the number at the provider (10DLC campaign, toll-free verification). Until then carriers refuse it."
    ),
    "sender_invalid": noted(
        "Check that the number belongs to the provider's account and can text, and that the channel names "
        "the right one."
    ),
    "content_invalid": noted("Shorten the text or take out what the provider doesn't accept."),
    "media_problem": noted("Send a smaller file, or another type: JPEG, PNG and PDF work nearly everywhere."),
    "rate_limited": noted(
        "Nothing for a few. If it goes on, lower the number's rate to what the provider allows, or add "
        "numbers to its pool."
    ),
    "queue_full": noted("Send less at once, or spread it over more numbers."),
    "daily_cap": noted(
        "Wait until tomorrow. If it happens often, ask for a higher tier of the brand or use a short code."
    ),
    "expired": noted(
        "Look at how long texts waited: a paused number, a rate that is too low, or a provider that was away."
    ),
    "window_closed": noted("Answer within 24 hours, or use an approved template."),
    "template_problem": noted(
        "Fetch the templates again and compare name, language and values; a paused template needs better words."
    ),
    "recipient_limited": noted(
        "Text this person less often; on WhatsApp, use a utility template instead of a marketing one."
    ),
    "account": noted("Sign in at the provider: balance, payment method, suspension."),
    "auth": noted("Replace the credentials on the number's page, then check it."),
    "config": noted("Check the number on its page; it says what does not fit."),
    "provider_error": noted(
        "Look at the provider's status page. If it goes on, write to them with the codes and the ids of these texts."
    ),
    "not_connected": noted("Look at the provider's status page and at this machine's connection."),
    "uncertain": noted("Look at the texts and at the provider's log before anybody sends them again."),
    "incomplete": noted("Look at the thread for what is missing, and send the words again if the customer needs them."),
    "unknown": noted("Look the code up at the provider. If it has a meaning, tell us, so that it gets words here."),
}


def of(reason: str) -> str:
    """What to do about a reason, whatever it is."""
    return t(ADVICE.get(reason, ADVICE["unknown"]))
