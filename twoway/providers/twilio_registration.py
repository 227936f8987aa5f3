"""How a number at Twilio is registered: toll-free verification, and the 10DLC campaign and brand of its service.

Sources: twilio.com/docs on Tollfree Verifications, Messaging Services, Usa2p and BrandRegistrations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from twoway.lib.words import noted
from twoway.providers.base import Account
from twoway.providers.numbers import Exchange, Owned, Part, Registration, RegistrationState, objects, text, worst
from twoway.providers.outcomes import json_object, maybe_json_object
from twoway.providers.twilio_number_calls import MESSAGING, checked, get

CONSOLE = "https://console.twilio.com/us1/develop/sms/regulatory-compliance"
MOST_SERVICES = 12
CAMPAIGN = {
    "VERIFIED": RegistrationState.APPROVED,
    "IN_PROGRESS": RegistrationState.PENDING,
    "PENDING": RegistrationState.PENDING,
    "FAILED": RegistrationState.REJECTED,
}
BRAND = {
    "APPROVED": RegistrationState.APPROVED,
    "REGISTERED": RegistrationState.APPROVED,
    "PENDING": RegistrationState.PENDING,
    "IN_REVIEW": RegistrationState.PENDING,
    "DRAFT": RegistrationState.MISSING,
    "FAILED": RegistrationState.REJECTED,
    "SUSPENDED": RegistrationState.REJECTED,
    "DELETED": RegistrationState.MISSING,
}
TOLL_FREE = {
    "TWILIO_APPROVED": RegistrationState.APPROVED,
    "PENDING_REVIEW": RegistrationState.PENDING,
    "IN_REVIEW": RegistrationState.PENDING,
    "TWILIO_REJECTED": RegistrationState.REJECTED,
}


def verification(account: Account, owned: Owned) -> Exchange[Registration]:
    """How a toll-free number's verification stands."""
    query = urlencode({"TollfreePhoneNumberSid": owned.id, "PageSize": "20"})
    found = json_object(checked((yield get(account, MESSAGING, f"/v1/Tollfree/Verifications?{query}"))))
    mine = [
        one for one in objects(found.get("verifications")) if text(one.get("tollfree_phone_number_sid")) == owned.id
    ]
    if not mine:
        part = Part(name="Verification", state=RegistrationState.MISSING, detail=noted("Nobody has asked for it yet."))
    else:
        word, why = text(mine[0].get("status")), text(mine[0].get("rejection_reason"))
        may_edit = " It can be corrected and sent in again." if mine[0].get("edit_allowed") else ""
        state = TOLL_FREE.get(word, RegistrationState.UNKNOWN)
        detail = f"{why or 'Refused'}.{may_edit}" if state is RegistrationState.REJECTED else f"Twilio says {word}."
        part = Part(name="Verification", state=state, detail=detail.replace("..", "."))
    return Registration(state=part.state, detail=f"Toll-free verification: {part.detail}", parts=(part,), link=CONSOLE)


def ten_dlc(account: Account, owned: Owned) -> Exchange[Registration]:
    """How a long code's campaign and brand stand."""
    service = yield from _service_of(account, owned)
    if not service:
        missing = Part(
            name="Number",
            state=RegistrationState.MISSING,
            detail=noted("It is in no Messaging Service with a campaign."),
        )
        brand = yield from _brand(account, "")
        return Registration(
            state=RegistrationState.MISSING,
            detail=noted("The number is in no 10DLC campaign."),
            parts=(brand, missing),
            link=CONSOLE,
        )
    path = f"/v1/Services/{quote(service, safe='')}/Compliance/Usa2p?PageSize=20"
    found = json_object(checked((yield get(account, MESSAGING, path))))
    campaigns = list(objects(found.get("compliance")))
    in_service = Part(name="Number", state=RegistrationState.APPROVED, detail=f"In the Messaging Service {service}.")
    if not campaigns:
        campaign = Part(
            name="Campaign", state=RegistrationState.MISSING, detail=noted("The Messaging Service has none.")
        )
        brand = yield from _brand(account, "")
    else:
        campaign = _campaign(campaigns[0])
        brand = yield from _brand(account, text(campaigns[0].get("brand_registration_sid")))
    parts = (brand, campaign, in_service)
    # Twilio only verifies the campaign of an approved brand, so the campaign alone decides.
    state = campaign.state if campaign.state is not RegistrationState.MISSING else worst((campaign, in_service))
    return Registration(state=state, detail=f"Campaign: {campaign.detail}", parts=parts, link=CONSOLE)


def _service_of(account: Account, owned: Owned) -> Exchange[str]:
    """The Messaging Service this number is in: the one its channel names, or one of the first that has it."""
    named = account.credentials.get("messaging_service_sid", "")
    if named:
        return named
    found = json_object(checked((yield get(account, MESSAGING, "/v1/Services?PageSize=50"))))
    services = sorted(objects(found.get("services")), key=lambda one: not one.get("us_app_to_person_registered"))
    for service in services[:MOST_SERVICES]:
        sid = quote(text(service.get("sid")), safe="")
        answer = yield get(account, MESSAGING, f"/v1/Services/{sid}/PhoneNumbers/{quote(owned.id, safe='')}")
        if answer.status == 200:
            return text(service.get("sid"))
        if answer.status != 404:
            checked(answer)
    return ""


def _campaign(told: Mapping[str, Any]) -> Part:
    word = text(told.get("campaign_status"))
    why = "; ".join(text(one.get("description")) for one in objects(told.get("errors")) if one.get("description"))
    named = text(told.get("campaign_id"))
    said = f"Twilio says {word or 'nothing'}{f' ({named})' if named else ''}."
    detail = f"{said} {why}".strip()[:400]
    return Part(name="Campaign", state=CAMPAIGN.get(word, RegistrationState.UNKNOWN), detail=detail)


def _brand(account: Account, sid: str) -> Exchange[Part]:
    """The brand of the campaign, or the first of the account."""
    path = f"/v1/a2p/BrandRegistrations/{quote(sid, safe='')}" if sid else "/v1/a2p/BrandRegistrations?PageSize=20"
    answer = yield get(account, MESSAGING, path)
    told = maybe_json_object(answer) if answer.status == 200 else None
    if told is None:
        return Part(name="Brand", state=RegistrationState.UNKNOWN, detail=f"Twilio answered {answer.status}.")
    found = [told] if sid else list(objects(told.get("data")))
    if not found:
        return Part(
            name="Brand", state=RegistrationState.MISSING, detail=noted("No business is registered in this account.")
        )
    word, why = text(found[0].get("status")), text(found[0].get("failure_reason"))
    return Part(
        name="Brand",
        state=BRAND.get(word, RegistrationState.UNKNOWN),
        detail=f"Twilio says {word}.{f' {why}' if why else ''}"[:400],
    )
