"""Twilio: buying and setting up numbers, hosted numbers, and how they are registered.

Sources: twilio.com/docs on AvailablePhoneNumbers, IncomingPhoneNumbers, SMS ShortCodes, Pricing, Hosted Number Orders
(numbers v2), Messaging Services, Usa2p, BrandRegistrations and Tollfree Verifications; the official SDK's resources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from twoway.lib.words import noted
from twoway.providers import twilio_registration
from twoway.providers.base import Account, CredentialField, HttpResponse, Price, Rejected
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
    Registration,
    RegistrationState,
    kind_of_number,
    objects,
    price,
    text,
)
from twoway.providers.outcomes import json_object, maybe_json_object
from twoway.providers.twilio_number_calls import (
    API,
    MESSAGING,
    NUMBERS,
    PRICING,
    account_path,
    checked,
    get,
    make,
    post,
)

PAGE_SIZE = 100
RESOURCES = {
    NumberKind.LOCAL: "Local",
    NumberKind.MOBILE: "Mobile",
    NumberKind.NATIONAL: "National",
    NumberKind.TOLL_FREE: "TollFree",
}
PRICE_WORDS = {
    "local": NumberKind.LOCAL,
    "mobile": NumberKind.MOBILE,
    "national": NumberKind.NATIONAL,
    "toll free": NumberKind.TOLL_FREE,
}
NEEDS = {
    "any": noted("Twilio asks for an address for it, anywhere."),
    "local": noted("Twilio asks for an address in its country."),
    "foreign": noted("Twilio asks for an address outside its country."),
}
HOSTING = {
    "completed": HostState.DONE,
    "failed": HostState.FAILED,
    "action-required": HostState.ACTION_NEEDED,
    "pending-verification": HostState.ACTION_NEEDED,
    "pending-loa": HostState.ACTION_NEEDED,
}


class TwilioNumbers:
    """Jobs about numbers at twilio.com."""

    slug = "twilio"
    kinds: Sequence[NumberKind] = tuple(RESOURCES)
    account_fields: Sequence[CredentialField] = ()
    host_help = noted(
        "Twilio hosts US and Canadian landlines and toll-free numbers that don't have texting yet; calls stay where "
        "they are. Twilio mails a letter of authorization to sign."
    )
    hosts = True
    host_fields: Sequence[CredentialField] = (
        CredentialField(
            key="email", label=noted("Owner's email"), help=noted("The letter of authorization goes there.")
        ),
        CredentialField(
            key="contact_phone_number",
            label=noted("Owner's phone"),
            help=noted("Of the person who signs, with its country code."),
        ),
        CredentialField(
            key="address_sid",
            label=noted("Address SID"),
            help=noted("Starts with AD; made at Twilio under Phone numbers, Addresses."),
        ),
        CredentialField(
            key="contact_title", label=noted("Signer's title"), help=noted("Such as Owner."), required=False
        ),
    )

    def search(self, account: Account, query: NumberQuery) -> Exchange[Sequence[Offered]]:
        """AvailablePhoneNumbers, and what this kind costs in this country."""
        resource = RESOURCES.get(query.kind)
        if resource is None:
            raise Rejected("config", noted("Twilio doesn't sell short codes here: ask its sales team."))
        told = [("PageSize", str(query.limit))]
        told += [(f"{ability.value.capitalize()}Enabled", "true") for ability in sorted(query.abilities)]
        if query.area:
            told.append(("AreaCode", query.area))
        if query.contains:
            told.append(("Contains", query.contains))
        country = quote(query.country, safe="")
        path = f"/AvailablePhoneNumbers/{country}/{resource}.json?{urlencode(told)}"
        found = json_object(checked((yield get(account, API, account_path(account, path)))))
        answer = yield get(account, PRICING, f"/v1/PhoneNumbers/Countries/{country}")
        monthly = _prices(answer).get(query.kind)
        return [
            _offered(one, query, monthly)
            for one in objects(found.get("available_phone_numbers"))
            if one.get("phone_number")
        ]

    def buy(self, account: Account, offered: Offered) -> Exchange[Bought]:
        """POST IncomingPhoneNumbers. Twilio charges the first month at once."""
        form = {"PhoneNumber": offered.number}
        answer = yield post(account, API, account_path(account, "/IncomingPhoneNumbers.json"), form)
        made = json_object(checked(answer))
        return Bought(number=text(made.get("phone_number")) or offered.number, id=text(made.get("sid")))

    def owned(self, account: Account, *, cursor: str = "") -> Exchange[OwnedPage]:
        """IncomingPhoneNumbers, then short codes on the first page."""
        page = cursor if cursor.isdigit() else "0"
        path = f"/IncomingPhoneNumbers.json?PageSize={PAGE_SIZE}&Page={page}"
        found = json_object(checked((yield get(account, API, account_path(account, path)))))
        items = [_owned(one) for one in objects(found.get("incoming_phone_numbers"))]
        if page == "0":
            answer = yield get(account, API, account_path(account, f"/SMS/ShortCodes.json?PageSize={PAGE_SIZE}"))
            codes = maybe_json_object(answer) if answer.status == 200 else None
            items += [_owned(one) for one in objects((codes or {}).get("short_codes"))]
        return OwnedPage(items=items, cursor=str(int(page) + 1) if found.get("next_page_uri") else "")

    def look(self, account: Account, number: str) -> Exchange[Owned | None]:
        """The number, and the Messaging Service that decides instead of it when the channel names one."""
        is_code = not number.startswith("+")
        name, field = ("SMS/ShortCodes", "ShortCode") if is_code else ("IncomingPhoneNumbers", "PhoneNumber")
        path = f"/{name}.json?{urlencode({field: number})}"
        found = json_object(checked((yield get(account, API, account_path(account, path)))))
        listed = found.get("short_codes" if is_code else "incoming_phone_numbers")
        matching = [one for one in map(_owned, objects(listed)) if one.number == number]
        if not matching:
            return None
        service = account.credentials.get("messaging_service_sid", "")
        if not service:
            return matching[0]
        told = json_object(checked((yield get(account, MESSAGING, f"/v1/Services/{quote(service, safe='')}"))))
        if told.get("use_inbound_webhook_on_number"):
            return matching[0]
        return _of_service(matching[0], service, told)

    def configure(self, account: Account, owned: Owned, hooks: Hooks) -> Exchange[None]:
        """SmsUrl of the number, or the request address of its Messaging Service; connection errors are tried again."""
        inbound = f"{hooks.inbound}#rc=3&rp=ct,rt,5xx"
        if owned.via_id.startswith("MG"):
            form = {"InboundRequestUrl": inbound, "InboundMethod": "POST"}
            checked((yield post(account, MESSAGING, f"/v1/Services/{owned.via_id}", form)))
            return
        form = {"SmsUrl": inbound, "SmsMethod": "POST"}
        if owned.kind is not NumberKind.SHORT_CODE:
            form["SmsApplicationSid"] = ""
        checked((yield post(account, API, account_path(account, _resource(owned)), form)))

    def release(self, account: Account, owned: Owned) -> Exchange[None]:
        """DELETE IncomingPhoneNumbers."""
        if owned.kind is NumberKind.SHORT_CODE:
            raise Rejected("config", noted("A short code is given back by Twilio's support, not here."))
        answer = yield make(account, "DELETE", API, account_path(account, _resource(owned)))
        if answer.status != 404:
            checked(answer)

    def host(self, account: Account, wish: HostWish, hooks: Hooks | None) -> Exchange[Hosted]:
        """A hosted number order: Twilio checks the number and mails the letter of authorization."""
        form = {
            "PhoneNumber": wish.number,
            "SmsCapability": "true",
            "Email": wish.answers.get("email", ""),
            "ContactPhoneNumber": wish.answers.get("contact_phone_number", ""),
            "AddressSid": wish.answers.get("address_sid", ""),
        }
        if wish.answers.get("contact_title"):
            form["ContactTitle"] = wish.answers["contact_title"]
        if hooks is not None:
            form |= {"SmsUrl": hooks.inbound, "SmsMethod": "POST"}
        return _hosted(json_object(checked((yield post(account, NUMBERS, "/v2/HostedNumber/Orders", form)))))

    def hosted(self, account: Account, reference: str) -> Exchange[Hosted]:
        """The order as it is now."""
        path = f"/v2/HostedNumber/Orders/{quote(reference, safe='')}"
        return _hosted(json_object(checked((yield get(account, NUMBERS, path)))))

    def registration(self, account: Account, owned: Owned) -> Exchange[Registration]:
        """10DLC: the number's Messaging Service, its campaign and brand. Toll-free: its verification."""
        if owned.kind is NumberKind.TOLL_FREE:
            return (yield from twilio_registration.verification(account, owned))
        if owned.kind is NumberKind.SHORT_CODE:
            return Registration(
                state=RegistrationState.APPROVED,
                detail=noted("Twilio lists this short code, so it is provisioned."),
                link=twilio_registration.CONSOLE,
            )
        return (yield from twilio_registration.ten_dlc(account, owned))


def _offered(told: Mapping[str, Any], query: NumberQuery, monthly: Price | None) -> Offered:
    place = ", ".join(part for part in (text(told.get("locality")), text(told.get("region"))) if part)
    return Offered(
        number=text(told.get("phone_number")),
        country=text(told.get("iso_country")) or query.country,
        kind=query.kind,
        abilities=_abilities(told.get("capabilities")),
        place=place,
        monthly=monthly,
        needs=NEEDS.get(text(told.get("address_requirements")), ""),
    )


def _owned(told: Mapping[str, Any]) -> Owned:
    code = text(told.get("short_code"))
    application = text(told.get("sms_application_sid"))
    number = code or text(told.get("phone_number"))
    return Owned(
        number=number,
        id=text(told.get("sid")),
        kind=kind_of_number(number),
        abilities=_abilities(told.get("capabilities")) or frozenset({Ability.SMS}),
        inbound="" if application else text(told.get("sms_url")),
        inbound_method=text(told.get("sms_method")) or "POST",
        via="a TwiML App" if application else "",
        via_id=application,
    )


def _of_service(owned: Owned, service: str, told: Mapping[str, Any]) -> Owned:
    return Owned(
        number=owned.number,
        id=owned.id,
        kind=owned.kind,
        abilities=owned.abilities,
        inbound=text(told.get("inbound_request_url")),
        inbound_method=text(told.get("inbound_method")) or "POST",
        via="its Messaging Service",
        via_id=service,
    )


def _abilities(told: object) -> frozenset[Ability]:
    """Capabilities, which Twilio writes in capitals in one resource and small in another."""
    able = {str(name).lower() for name, value in told.items() if value} if isinstance(told, dict) else set()
    return frozenset(ability for ability in Ability if ability.value in able)


def _prices(answer: HttpResponse) -> dict[NumberKind, Price]:
    """What a month costs by kind; empty when Twilio doesn't say (the price is shown as unknown then)."""
    told = maybe_json_object(answer) if answer.status == 200 else None
    if told is None:
        return {}
    currency = text(told.get("price_unit")).upper() or "USD"
    found: dict[NumberKind, Price] = {}
    for one in objects(told.get("phone_number_prices")):
        kind = PRICE_WORDS.get(text(one.get("number_type")).lower())
        monthly = price(one.get("current_price"), currency)
        if kind is not None and monthly is not None:
            found[kind] = monthly
    return found


def _hosted(told: Mapping[str, Any]) -> Hosted:
    word = text(told.get("status"))
    why = text(told.get("failure_reason")) or text(told.get("next_step"))
    state = HOSTING.get(word, HostState.WAITING)
    return Hosted(reference=text(told.get("sid")), state=state, detail=f"Twilio says {word}. {why}".strip()[:400])


def _resource(owned: Owned) -> str:
    folder = "SMS/ShortCodes" if owned.kind is NumberKind.SHORT_CODE else "IncomingPhoneNumbers"
    return f"/{folder}/{quote(owned.id, safe='')}.json"
