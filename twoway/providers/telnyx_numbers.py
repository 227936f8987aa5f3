"""Telnyx: buying and setting up numbers, hosted numbers, and how they are registered.

Sources: developers.telnyx.com on available phone numbers, number orders, phone numbers, messaging profiles, hosted
number orders, 10DLC and toll-free verification; the official SDK's types. Where texts go is kept by a messaging
profile; a number whose profile isn't named by its channel gets one of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from twoway.lib.words import noted
from twoway.providers.base import Account, CredentialField, HttpRequest, Rejected
from twoway.providers.number_calls import bearer, call, checker
from twoway.providers.numbers import (
    Ability,
    Bought,
    Exchange,
    Hooks,
    Hosted,
    HostState,
    HostWish,
    NumberKind,
    NumberQuery,
    Offered,
    Owned,
    OwnedPage,
    Part,
    Registration,
    RegistrationState,
    kind_of_number,
    objects,
    price,
    text,
    worst,
)
from twoway.providers.outcomes import json_object, maybe_json_object

API = "https://api.telnyx.com"
CONSOLE = "https://portal.telnyx.com/#/messaging-10dlc/brands"
PAGE_SIZE = 50
OURS = "Twoway "
DESTINATIONS = ["US", "CA"]
KINDS = {
    NumberKind.LOCAL: "local",
    NumberKind.MOBILE: "mobile",
    NumberKind.NATIONAL: "national",
    NumberKind.TOLL_FREE: "toll_free",
}
ASSIGNMENT = {
    "ASSIGNED": RegistrationState.APPROVED,
    "PENDING_ASSIGNMENT": RegistrationState.PENDING,
    "PENDING_UNASSIGNMENT": RegistrationState.MISSING,
    "FAILED_ASSIGNMENT": RegistrationState.REJECTED,
    "FAILED_UNASSIGNMENT": RegistrationState.APPROVED,
}
CAMPAIGN = {
    "TCR_PENDING": RegistrationState.PENDING,
    "TCR_ACCEPTED": RegistrationState.PENDING,
    "TELNYX_ACCEPTED": RegistrationState.PENDING,
    "MNO_PENDING": RegistrationState.PENDING,
    "MNO_ACCEPTED": RegistrationState.APPROVED,
    "MNO_PROVISIONED": RegistrationState.APPROVED,
    "ACTIVE": RegistrationState.APPROVED,
    "TCR_FAILED": RegistrationState.REJECTED,
    "TELNYX_FAILED": RegistrationState.REJECTED,
    "MNO_REJECTED": RegistrationState.REJECTED,
    "TCR_SUSPENDED": RegistrationState.REJECTED,
    "TCR_EXPIRED": RegistrationState.REJECTED,
    "MNO_PROVISIONING_FAILED": RegistrationState.REJECTED,
}
BRAND = {
    "VERIFIED": RegistrationState.APPROVED,
    "VETTED_VERIFIED": RegistrationState.APPROVED,
    "SELF_DECLARED": RegistrationState.PENDING,
    "UNVERIFIED": RegistrationState.MISSING,
}
TOLL_FREE = {
    "Verified": RegistrationState.APPROVED,
    "In Progress": RegistrationState.PENDING,
    "Waiting For Vendor": RegistrationState.PENDING,
    "Waiting For Telnyx": RegistrationState.PENDING,
    "Waiting For Customer": RegistrationState.MISSING,
    "Rejected": RegistrationState.REJECTED,
}
HOSTING = {
    "successful": HostState.DONE,
    "pending": HostState.WAITING,
    "provisioning": HostState.WAITING,
    "loa_file_successful": HostState.WAITING,
    "incomplete_documentation": HostState.ACTION_NEEDED,
    "incorrect_billing_information": HostState.ACTION_NEEDED,
    "loa_file_invalid": HostState.ACTION_NEEDED,
    "failed": HostState.FAILED,
    "carrier_rejected": HostState.FAILED,
    "compliance_review_failed": HostState.FAILED,
    "ineligible_carrier": HostState.FAILED,
    "deleted": HostState.FAILED,
}


class TelnyxNumbers:
    """Jobs about numbers at telnyx.com."""

    slug = "telnyx"
    kinds: Sequence[NumberKind] = tuple(KINDS)
    account_fields: Sequence[CredentialField] = ()
    hosts = True
    host_fields: Sequence[CredentialField] = ()
    host_help = (
        "Telnyx hosts US and Canadian numbers of other phone companies; calls stay where they are. After the order, "
        "upload the signed letter and a bill in its portal under Hosted SMS."
    )

    def search(self, account: Account, query: NumberQuery) -> Exchange[Sequence[Offered]]:
        """GET available_phone_numbers."""
        if query.kind not in KINDS:
            raise Rejected("config", noted("Telnyx leases short codes by request, not here."))
        told = [
            ("filter[country_code]", query.country),
            ("filter[phone_number_type]", KINDS[query.kind]),
            ("filter[limit]", str(query.limit)),
        ]
        told += [("filter[features][]", ability.value) for ability in sorted(query.abilities)]
        if query.area:
            told.append(("filter[national_destination_code]", query.area))
        if query.contains:
            told.append(("filter[phone_number][contains]", query.contains))
        found = json_object(_checked((yield _call(account, "GET", f"/available_phone_numbers?{urlencode(told)}"))))
        return [_offered(one, query) for one in objects(found.get("data")) if one.get("phone_number")]

    def buy(self, account: Account, offered: Offered) -> Exchange[Bought]:
        """POST number_orders."""
        told: dict[str, Any] = {"phone_numbers": [{"phone_number": offered.number}]}
        if account.credentials.get("messaging_profile_id"):
            told["messaging_profile_id"] = account.credentials["messaging_profile_id"]
        made = _data(json_object(_checked((yield _call(account, "POST", "/number_orders", told)))))
        word = text(made.get("status"))
        if word == "failure":
            raise Rejected("config", f"Telnyx couldn't give {offered.number}: somebody else may have taken it.")
        detail = "" if made.get("requirements_met", True) else noted("Telnyx still asks for documents in its portal.")
        return Bought(number=offered.number, is_ready=word == "success" and not detail, detail=detail)

    def owned(self, account: Account, *, cursor: str = "") -> Exchange[OwnedPage]:
        """GET phone_numbers/messaging: the numbers with what they can carry."""
        page = int(cursor) if cursor.isdigit() else 1
        query = urlencode({"page[number]": page, "page[size]": PAGE_SIZE})
        found = json_object(_checked((yield _call(account, "GET", f"/phone_numbers/messaging?{query}"))))
        meta = found.get("meta")
        pages = meta.get("total_pages", 0) if isinstance(meta, dict) else 0
        return OwnedPage(
            items=[_owned(one) for one in objects(found.get("data"))],
            cursor=str(page + 1) if isinstance(pages, int) and page < pages else "",
        )

    def look(self, account: Account, number: str) -> Exchange[Owned | None]:
        """The number and the address its messaging profile holds."""
        query = urlencode({"filter[phone_number]": number})
        found = json_object(_checked((yield _call(account, "GET", f"/phone_numbers/messaging?{query}"))))
        matching = [one for one in map(_owned, objects(found.get("data"))) if one.number == number]
        if not matching:
            return None
        owned = matching[0]
        if not owned.via_id:
            return owned
        answer = yield _call(account, "GET", f"/messaging_profiles/{quote(owned.via_id, safe='')}")
        if answer.status == 404:
            return owned
        profile = _data(json_object(_checked(answer)))
        return Owned(
            number=owned.number,
            id=owned.id,
            country=owned.country,
            kind=owned.kind,
            abilities=owned.abilities,
            inbound=text(profile.get("webhook_url")),
            via=f"the messaging profile {text(profile.get('name')) or owned.via_id}",
            via_id=owned.via_id,
        )

    def configure(self, account: Account, owned: Owned, hooks: Hooks) -> Exchange[None]:
        """Change the profile that is ours or that the channel names; otherwise make one and put the number into it."""
        name = OURS + owned.number
        named = account.credentials.get("messaging_profile_id", "")
        address = {"webhook_url": hooks.inbound, "webhook_api_version": "2"}
        profile = named or (owned.via_id if owned.via.endswith(f" {name}") else "")
        if profile:
            _checked((yield _call(account, "PATCH", f"/messaging_profiles/{quote(profile, safe='')}", address)))
        else:
            told = {"name": name, "enabled": True, "whitelisted_destinations": _destinations(owned), **address}
            made = _data(json_object(_checked((yield _call(account, "POST", "/messaging_profiles", told)))))
            profile = text(made.get("id"))
        if profile != owned.via_id:
            path = f"/phone_numbers/{quote(owned.id or owned.number, safe='')}/messaging"
            _checked((yield _call(account, "PATCH", path, {"messaging_profile_id": profile})))

    def release(self, account: Account, owned: Owned) -> Exchange[None]:
        """DELETE phone_numbers."""
        answer = yield _call(account, "DELETE", f"/phone_numbers/{quote(owned.id or owned.number, safe='')}")
        if answer.status != 404:
            _checked(answer)

    def host(self, account: Account, wish: HostWish, hooks: Hooks | None) -> Exchange[Hosted]:
        """A hosted number order; the papers are uploaded in the portal."""
        told: dict[str, Any] = {"phone_numbers": [wish.number]}
        if account.credentials.get("messaging_profile_id"):
            told["messaging_profile_id"] = account.credentials["messaging_profile_id"]
        answer = yield _call(account, "POST", "/messaging_hosted_number_orders", told)
        return _hosted(_data(json_object(_checked(answer))))

    def hosted(self, account: Account, reference: str) -> Exchange[Hosted]:
        """The order as it is now."""
        answer = yield _call(account, "GET", f"/messaging_hosted_number_orders/{quote(reference, safe='')}")
        return _hosted(_data(json_object(_checked(answer))))

    def registration(self, account: Account, owned: Owned) -> Exchange[Registration]:
        """10DLC: the number's assignment, its campaign and brand. Toll-free: its verification request."""
        if owned.kind is NumberKind.TOLL_FREE:
            return (yield from _verification(account, owned.number))
        if owned.kind is NumberKind.SHORT_CODE:
            detail = noted("Telnyx lists this short code, so it is provisioned.")
            return Registration(state=RegistrationState.APPROVED, detail=detail, link=CONSOLE)
        answer = yield _call(account, "GET", f"/10dlc/phone_number_campaigns/{quote(owned.number, safe='')}")
        if answer.status == 404:
            part = Part(name="Number", state=RegistrationState.MISSING, detail=noted("It is in no campaign."))
            return Registration(
                state=part.state, detail=noted("The number is in no 10DLC campaign."), parts=(part,), link=CONSOLE
            )
        told = json_object(_checked(answer))
        number = _assignment(told)
        campaign = yield from _campaign(account, text(told.get("campaignId")))
        brand = yield from _brand(account, text(told.get("brandId")))
        decisive = [part for part in (campaign, number) if part.state is not RegistrationState.UNKNOWN]
        return Registration(
            state=worst(decisive), detail=f"10DLC: {number.detail}", parts=(brand, campaign, number), link=CONSOLE
        )


def _assignment(told: Mapping[str, Any]) -> Part:
    word, why = text(told.get("assignmentStatus")), text(told.get("failureReasons"))
    state = ASSIGNMENT.get(word, RegistrationState.UNKNOWN if word else RegistrationState.APPROVED)
    return Part(name="Number", state=state, detail=f"Telnyx says {word or 'assigned'}.{f' {why}' if why else ''}"[:400])


def _campaign(account: Account, campaign_id: str) -> Exchange[Part]:
    answer = yield _call(account, "GET", f"/10dlc/campaign/{quote(campaign_id, safe='')}")
    told = maybe_json_object(answer) if answer.status == 200 else None
    if told is None:
        return Part(name="Campaign", state=RegistrationState.UNKNOWN, detail=f"Telnyx answered {answer.status}.")
    word = text(told.get("campaignStatus")) or text(told.get("status"))
    state = CAMPAIGN.get(word, RegistrationState.UNKNOWN)
    why = text(told.get("failureReasons"))
    return Part(name="Campaign", state=state, detail=f"Telnyx says {word}.{f' {why}' if why else ''}"[:400])


def _brand(account: Account, brand_id: str) -> Exchange[Part]:
    if not brand_id:
        return Part(name="Brand", state=RegistrationState.UNKNOWN, detail=noted("It belongs to a shared campaign."))
    answer = yield _call(account, "GET", f"/10dlc/brand/{quote(brand_id, safe='')}")
    told = maybe_json_object(answer) if answer.status == 200 else None
    word = text((told or {}).get("identityStatus"))
    detail = f"Telnyx says {word}." if word else f"Telnyx answered {answer.status}."
    return Part(name="Brand", state=BRAND.get(word, RegistrationState.UNKNOWN), detail=detail)


def _verification(account: Account, number: str) -> Exchange[Registration]:
    query = urlencode({"page": 1, "page_size": 10, "phone_number": number})
    path = f"/messaging_tollfree/verification/requests?{query}"
    found = json_object(_checked((yield _call(account, "GET", path))))
    records = list(objects(found.get("records")))
    if not records:
        part = Part(name="Verification", state=RegistrationState.MISSING, detail=noted("Nobody has asked for it yet."))
    else:
        word, why = text(records[0].get("verificationStatus")), text(records[0].get("reason"))
        detail = f"Telnyx says {word}.{f' {why}' if why else ''}"[:400]
        part = Part(name="Verification", state=TOLL_FREE.get(word, RegistrationState.UNKNOWN), detail=detail)
    return Registration(state=part.state, detail=f"Toll-free verification: {part.detail}", parts=(part,), link=CONSOLE)


def _offered(told: Mapping[str, Any], query: NumberQuery) -> Offered:
    cost = told.get("cost_information")
    known = cost if isinstance(cost, dict) else {}
    currency = text(known.get("currency")) or "USD"
    regions = [text(one.get("region_name")) for one in objects(told.get("region_information"))]
    needs = "" if told.get("quickship", True) else noted("It takes some time after the purchase until it works.")
    return Offered(
        number=text(told.get("phone_number")),
        country=query.country,
        kind=query.kind,
        abilities=_abilities(text(one.get("name")) for one in objects(told.get("features"))),
        place=", ".join(dict.fromkeys(region for region in regions[:2] if region)),
        monthly=price(known.get("monthly_cost"), currency),
        setup=price(known.get("upfront_cost"), currency),
        needs=needs,
    )


def _owned(told: Mapping[str, Any]) -> Owned:
    number, profile = text(told.get("phone_number")), text(told.get("messaging_profile_id"))
    features = told.get("features")
    return Owned(
        number=number,
        id=text(told.get("id")),
        country=text(told.get("country_code")),
        kind=kind_of_number(number),
        abilities=_abilities(name for name, value in features.items() if value)
        if isinstance(features, dict)
        else frozenset({Ability.SMS}),
        via="a messaging profile" if profile else "",
        via_id=profile,
    )


def _abilities(names: Any) -> frozenset[Ability]:
    found = {str(name).lower() for name in names}
    return frozenset(ability for ability in Ability if ability.value in found)


def _destinations(owned: Owned) -> list[str]:
    return sorted({*DESTINATIONS, *([owned.country] if owned.country else [])})


def _hosted(told: Mapping[str, Any]) -> Hosted:
    word = text(told.get("status"))
    each = "; ".join(
        f"{text(one.get('phone_number'))}: {text(one.get('status')).replace('_', ' ')}"
        for one in objects(told.get("phone_numbers"))
    )
    detail = f"Telnyx says {word.replace('_', ' ')}. {each}".strip()
    return Hosted(reference=text(told.get("id")), state=HOSTING.get(word, HostState.WAITING), detail=detail[:400])


def _data(told: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = told.get("data")
    return inner if isinstance(inner, dict) else told


def _call(account: Account, method: str, path: str, told: Mapping[str, Any] | None = None) -> HttpRequest:
    url = f"{(account.api_base or API).rstrip('/')}/v2{path}"
    return call(method, url, authorization=bearer(account.credentials["api_key"]), told=told)


def _said(told: Mapping[str, Any]) -> str:
    return "; ".join(text(one.get("detail")) or text(one.get("title")) for one in objects(told.get("errors")))


_checked = checker("Telnyx", _said)
