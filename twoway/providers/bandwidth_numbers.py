"""Bandwidth: buying and setting up numbers, hosted messaging, and how they are registered.

Sources: dev.bandwidth.com on availableNumbers, orders, tns, disconnects, applications, importTnOrders, 10DLC phone
numbers and toll-free verification. The Dashboard API speaks XML and ten digits; the newer ones JSON and E.164. Where
texts go is kept by the messaging application that the channel names.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as Xml

from twoway.lib.words import noted
from twoway.providers.base import Account, CredentialField, HttpRequest, HttpResponse, Rejected, SendError
from twoway.providers.number_calls import basic, call, checker, element, leaf, read_xml
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
    plus,
    text,
)
from twoway.providers.outcomes import json_object, raise_for

DASHBOARD = "https://api.bandwidth.com"
API = "https://api.bandwidth.com"
CONSOLE = "https://app.bandwidth.com/registration-center"
PAGE_SIZE = 500
ABILITIES = frozenset({Ability.SMS, Ability.MMS, Ability.VOICE})
TEN_DLC = {
    "SUCCESS": RegistrationState.APPROVED,
    "PROCESSING": RegistrationState.PENDING,
    "FAILURE": RegistrationState.REJECTED,
}
TOLL_FREE = {
    "VERIFIED": RegistrationState.APPROVED,
    "PENDING": RegistrationState.PENDING,
    "UNVERIFIED": RegistrationState.REJECTED,
}
HOSTING = {"COMPLETE": HostState.DONE, "PARTIAL": HostState.DONE, "FAILED": HostState.FAILED}
SITE = CredentialField(
    key="site_id", label=noted("Sub-account (site) ID"), help=noted("Where ordered numbers are put.")
)
PEER = CredentialField(
    key="peer_id",
    label=noted("Location (SIP peer) ID"),
    help=noted("The one that has the messaging application."),
    required=False,
)


class BandwidthNumbers:
    """Jobs about numbers at bandwidth.com (US and Canada)."""

    slug = "bandwidth"
    kinds: Sequence[NumberKind] = (NumberKind.LOCAL, NumberKind.TOLL_FREE)
    account_fields: Sequence[CredentialField] = (SITE, PEER)
    host_help = noted(
        "Bandwidth hosts the texting of US numbers of other phone companies; calls stay where they are. Keep the "
        "signed letter of authorization: it may be asked for."
    )
    hosts = True
    host_fields: Sequence[CredentialField] = (
        CredentialField(key="business", label=noted("Business name"), help=noted("As the phone company has it.")),
        CredentialField(key="house_number", label=noted("House number"), help=noted("Of the service address.")),
        CredentialField(key="street", label=noted("Street"), help=noted("Without the house number.")),
        CredentialField(key="city", label=noted("City"), help=noted("Of the service address.")),
        CredentialField(key="state", label=noted("State"), help=noted("Two letters.")),
        CredentialField(key="zip", label=noted("ZIP code"), help=noted("Five digits.")),
        CredentialField(
            key="signer", label=noted("Who authorized it"), help=noted("First and last name on the signed letter.")
        ),
    )

    def search(self, account: Account, query: NumberQuery) -> Exchange[Sequence[Offered]]:
        """GET availableNumbers. Bandwidth says no prices; they are in the contract."""
        if query.country not in {"US", "CA"}:
            raise Rejected("config", noted("Through this API Bandwidth has numbers of the US and Canada only."))
        told = {"quantity": str(query.limit), "LCA": "false"} | _criteria(query)
        path = f"/availableNumbers?{urlencode(told)}"
        found = read_xml(_checked((yield _dashboard(account, "GET", path))))
        numbers = [plus_one(one.text) for one in found.iter("TelephoneNumber") if one.text]
        return [
            Offered(number=number, country=query.country, kind=query.kind, abilities=ABILITIES)
            for number in numbers
            if query.contains in number
        ]

    def buy(self, account: Account, offered: Offered) -> Exchange[Bought]:
        """POST orders, then the order's state: it is worked on for some seconds."""
        order = element(
            "Order",
            leaf("SiteId", _site(account)),
            _peer(account),
            element(
                "ExistingTelephoneNumberOrderType",
                element("TelephoneNumberList", leaf("TelephoneNumber", ten(offered.number))),
            ),
        )
        made = read_xml(_checked((yield _dashboard(account, "POST", "/orders", order))))
        order_id, word = _find(made, "id"), _find(made, "OrderStatus")
        answer = yield _dashboard(account, "GET", f"/orders/{quote(order_id, safe='')}")
        if answer.status == 200:
            seen = read_xml(answer)
            word = _find(seen, "OrderStatus") or word
            if word == "FAILED":
                why = _find(seen, "Description") or "somebody else may have taken it"
                raise Rejected("config", f"Bandwidth couldn't give {offered.number}: {why}.")
        return Bought(number=offered.number, id=order_id, is_ready=word == "COMPLETE", detail=word)

    def owned(self, account: Account, *, cursor: str = "") -> Exchange[OwnedPage]:
        """GET tns of the account, in service."""
        page = int(cursor) if cursor.isdigit() else 1
        query = urlencode(
            {"accountId": account.credentials["account_id"], "status": "Inservice", "size": PAGE_SIZE, "page": page}
        )
        url = f"{(account.api_base or DASHBOARD).rstrip('/')}/api/tns?{query}"
        found = read_xml(_checked((yield call("GET", url, authorization=_authorization(account), xml=""))))
        items = [_owned(plus_one(one.text)) for one in found.iter("FullNumber") if one.text]
        return OwnedPage(items=items, cursor=str(page + 1) if len(items) == PAGE_SIZE else "")

    def look(self, account: Account, number: str) -> Exchange[Owned | None]:
        """Whether the number is in service in this account, and what address the application has."""
        url = f"{(account.api_base or DASHBOARD).rstrip('/')}/api/tns/{quote(ten(number), safe='')}"
        answer = yield call("GET", url, authorization=_authorization(account), xml="")
        if answer.status == 404:
            return None
        told = read_xml(_checked(answer))
        if _find(told, "AccountId") not in {"", account.credentials["account_id"]}:
            return None
        if _find(told, "Status") not in {"", "Inservice", "InAccount"}:
            return None
        application = _application_id(account)
        answer = yield _dashboard(account, "GET", f"/applications/{quote(application, safe='')}")
        if answer.status == 404:
            return _owned(number)
        kept = read_xml(_checked(answer))
        return Owned(
            number=number,
            id=ten(number),
            country="US",
            kind=kind_of_number(number),
            abilities=ABILITIES,
            inbound=_find(kept, "InboundCallbackUrl") or _find(kept, "MsgCallbackUrl"),
            via=f"the application {_find(kept, 'AppName') or application}",
            via_id=application,
        )

    def configure(self, account: Account, owned: Owned, hooks: Hooks) -> Exchange[None]:
        """PUT the application with our addresses and, when the channel has them, our callback credentials."""
        application = _application_id(account)
        path = f"/applications/{quote(application, safe='')}"
        kept = read_xml(_checked((yield _dashboard(account, "GET", path))))
        body = element(
            "Application",
            leaf("ServiceType", "Messaging-V2"),
            leaf("AppName", _find(kept, "AppName") or "Twoway"),
            leaf("InboundCallbackUrl", hooks.inbound),
            leaf("OutboundCallbackUrl", hooks.status),
            *_callback_credentials(account),
            element(
                "RequestedCallbackTypes",
                *(leaf("CallbackType", kind) for kind in ("message-delivered", "message-failed", "message-sending")),
            ),
        )
        _checked((yield _dashboard(account, "PUT", path, body)))

    def release(self, account: Account, owned: Owned) -> Exchange[None]:
        """POST disconnects."""
        order = element(
            "DisconnectTelephoneNumberOrder",
            leaf("name", f"Twoway {owned.number}"),
            element(
                "DisconnectTelephoneNumberOrderType",
                element("TelephoneNumberList", leaf("TelephoneNumber", ten(owned.number))),
            ),
        )
        _checked((yield _dashboard(account, "POST", "/disconnects", order)))

    def host(self, account: Account, wish: HostWish, hooks: Hooks | None) -> Exchange[Hosted]:
        """importTnChecker says whether it can be hosted, then importTnOrders asks for it."""
        numbers = element("TelephoneNumbers", leaf("TelephoneNumber", ten(wish.number)))
        place = leaf("SiteId", _site(account)) + _peer(account, name="SipPeerId")
        check = element("ImportTnCheckerPayload", numbers, place)
        seen = read_xml(_checked((yield _dashboard(account, "POST", "/importTnChecker", check))))
        why = seen.find(".//ImportTnError/Description")
        if why is not None:
            raise Rejected("config", f"Bandwidth can't host {wish.number}: {why.text or 'no reason given'}")
        signer = leaf("LoaAuthorizingPerson", _said(wish, "signer"))
        order = element("ImportTnOrder", place, _subscriber(wish), signer, numbers)
        return _hosted(read_xml(_checked((yield _dashboard(account, "POST", "/importTnOrders", order)))))

    def hosted(self, account: Account, reference: str) -> Exchange[Hosted]:
        """The order as it is now."""
        answer = yield _dashboard(account, "GET", f"/importTnOrders/{quote(reference, safe='')}")
        return _hosted(read_xml(_checked(answer)))

    def registration(self, account: Account, owned: Owned) -> Exchange[Registration]:
        """10DLC: the number's record in the registration center. Toll-free: its verification."""
        if owned.kind is NumberKind.SHORT_CODE:
            detail = noted("Bandwidth doesn't tell the state of short codes here.")
            return Registration(state=RegistrationState.UNKNOWN, detail=detail, link=CONSOLE)
        is_toll_free = owned.kind is NumberKind.TOLL_FREE
        number = quote(owned.number, safe="")
        path = f"/phoneNumbers/{number}/tollFreeVerification" if is_toll_free else f"/tendlc/phoneNumbers/{number}"
        answer = yield _newer(account, path)
        if answer.status == 404:
            what = (
                noted("Nobody has asked for its verification yet.")
                if is_toll_free
                else noted("The number is in no 10DLC campaign.")
            )
            name = "Verification" if is_toll_free else "Number"
            part = Part(name=name, state=RegistrationState.MISSING, detail=what)
            return Registration(state=part.state, detail=what, parts=(part,), link=CONSOLE)
        told = json_object(_checked_json(answer))
        inner = told.get("data")
        return _read_registration(inner if isinstance(inner, dict) else told, is_toll_free=is_toll_free)


def _read_registration(told: dict[str, object], *, is_toll_free: bool) -> Registration:
    word = text(told.get("status")).upper()
    why = text(told.get("declineReasonDescription")) or text(told.get("blockedReason"))
    said = f"Bandwidth says {word.lower()}.{f' {why}' if why else ''}"[:400]
    if is_toll_free:
        part = Part(name="Verification", state=TOLL_FREE.get(word, RegistrationState.UNKNOWN), detail=said)
        return Registration(state=part.state, detail=f"Toll-free verification: {said}", parts=(part,), link=CONSOLE)
    campaign = text(told.get("campaignId"))
    state = TEN_DLC.get(word, RegistrationState.UNKNOWN) if campaign else RegistrationState.MISSING
    named = f"Campaign {campaign}." if campaign else noted("The number is in no campaign.")
    parts = (
        Part(
            name="Campaign", state=RegistrationState.APPROVED if campaign else RegistrationState.MISSING, detail=named
        ),
        Part(name="Number", state=state, detail=said),
    )
    return Registration(state=state, detail=f"10DLC: {said if campaign else named}", parts=parts, link=CONSOLE)


def ten(number: str) -> str:
    """The ten digits of a number of the US or Canada."""
    return number.removeprefix("+1")


def plus_one(digits: str | None) -> str:
    """A number of the US or Canada in E.164, from its ten or eleven digits."""
    bare = (digits or "").strip().lstrip("+")
    return plus(bare if len(bare) > 10 else f"1{bare}")


def _criteria(query: NumberQuery) -> dict[str, str]:
    if query.kind is NumberKind.TOLL_FREE:
        return {"tollFreeWildCardPattern": f"{query.area[:2] or '8*'}*".replace("**", "*")}
    told = {"areaCode": query.area} if query.area else {}
    if query.contains and not query.area:
        told["localVanity"] = query.contains
    return told or {"state": "NY" if query.country == "US" else "ON"}


def _owned(number: str) -> Owned:
    return Owned(number=number, id=ten(number), country="US", kind=kind_of_number(number), abilities=ABILITIES)


def _site(account: Account) -> str:
    site = account.settings.get("site_id", "")
    if not site:
        raise Rejected("config", noted("Bandwidth needs the sub-account (site) ID: give site_id with the account."))
    return site


def _peer(account: Account, *, name: str = "PeerId") -> str:
    peer = account.settings.get("peer_id", "")
    return leaf(name, peer) if peer else ""


def _application_id(account: Account) -> str:
    return account.credentials.get("application_id", "")


def _callback_credentials(account: Account) -> list[str]:
    user, secret = account.credentials.get("callback_user", ""), account.credentials.get("callback_password", "")
    if not user or not secret:
        return []
    inside = leaf("UserId", user) + leaf("Password", secret.split(",")[0].strip())
    return [element("InboundCallbackCreds", inside), element("OutboundCallbackCreds", inside)]


def _subscriber(wish: HostWish) -> str:
    address = element(
        "ServiceAddress",
        leaf("HouseNumber", _said(wish, "house_number")),
        leaf("StreetName", _said(wish, "street")),
        leaf("City", _said(wish, "city")),
        leaf("StateCode", _said(wish, "state")),
        leaf("Zip", _said(wish, "zip")),
    )
    return element("Subscriber", leaf("Name", _said(wish, "business")), address)


def _said(wish: HostWish, key: str) -> str:
    return wish.answers.get(key, "")


def _hosted(told: Xml.Element) -> Hosted:
    word = _find(told, "ProcessingStatus")
    why = _find(told, "Description")
    detail = f"Bandwidth says {word.lower()}.{f' {why}' if why else ''}"
    return Hosted(reference=_find(told, "OrderId"), state=HOSTING.get(word, HostState.WAITING), detail=detail[:400])


def _find(told: Xml.Element, name: str) -> str:
    """The text of the first element of this name, at any depth, in any namespace."""
    for one in told.iter():
        if one.tag.rpartition("}")[2] == name:
            return (one.text or "").strip()
    return ""


def _authorization(account: Account) -> str:
    return basic(account.credentials.get("api_user", ""), account.credentials.get("api_password", ""))


def _dashboard(account: Account, method: str, path: str, xml: str = "") -> HttpRequest:
    base = (account.api_base or DASHBOARD).rstrip("/")
    url = f"{base}/api/accounts/{quote(account.credentials['account_id'], safe='')}{path}"
    return call(method, url, authorization=_authorization(account), xml=xml)


def _newer(account: Account, path: str) -> HttpRequest:
    base = (account.api_base or API).rstrip("/")
    url = f"{base}/api/v2/accounts/{quote(account.credentials['account_id'], safe='')}{path}"
    return call("GET", url, authorization=_authorization(account))


def _refusal(answer: HttpResponse) -> SendError | None:
    try:
        words = _find(Xml.fromstring(answer.body), "Description") if b"<!" not in answer.body else ""  # noqa: S314
    except Xml.ParseError:
        words = ""
    if answer.status in (401, 403):
        said = words.rstrip(".") or "check the credentials and their roles"
        return Rejected("auth", f"Bandwidth doesn't allow this: {said}.", provider_code=str(answer.status))
    return Rejected("config", f"Bandwidth says: {words}", provider_code=str(answer.status)) if words else None


def _checked(answer: HttpResponse) -> HttpResponse:
    raise_for(answer, _refusal)
    return answer


_checked_json = checker("Bandwidth", lambda told: text(told.get("description")) or text(told.get("message")))
