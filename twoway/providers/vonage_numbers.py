"""Vonage: buying and setting up numbers, and how toll-free ones are registered.

Sources: developer.vonage.com on the Numbers API, the Application API v2 and the TFN Registration API; the official
SDK's models. A number's texts go to its own `moHttpUrl` (SMS API) or to its application's messages webhooks (Messages
API), when the channel names an application. Prices are in euros.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from twoway.lib.words import noted
from twoway.providers.base import Account, CredentialField, HttpRequest, HttpResponse, Rejected
from twoway.providers.number_calls import basic, call, checker
from twoway.providers.numbers import (
    Ability,
    Bought,
    Exchange,
    Hooks,
    Hosted,
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
    not_offered,
    objects,
    plus,
    price,
    text,
)
from twoway.providers.outcomes import json_object

REST = "https://rest.nexmo.com"
API = "https://api.nexmo.com"
CONSOLE = "https://dashboard.nexmo.com/sms/brands"
PAGE_SIZE = 100
CURRENCY = "EUR"
KINDS = {
    NumberKind.LOCAL: "landline",
    NumberKind.MOBILE: "mobile-lvn",
    NumberKind.TOLL_FREE: "landline-toll-free",
}
BY_WORD = {word: kind for kind, word in KINDS.items()}
NORTH_AMERICA = frozenset({"US", "CA"})
TOLL_FREE = {
    "REGISTERED": RegistrationState.APPROVED,
    "IN_REVIEW": RegistrationState.PENDING,
    "UNDER_REVIEW": RegistrationState.PENDING,
    "CARRIER_REVIEW": RegistrationState.PENDING,
    "DRAFT": RegistrationState.MISSING,
    "UPDATES_REQUIRED": RegistrationState.MISSING,
    "REJECTED": RegistrationState.REJECTED,
    "BLOCKED": RegistrationState.REJECTED,
}


class VonageNumbers:
    """Jobs about numbers at vonage.com."""

    slug = "vonage"
    kinds: Sequence[NumberKind] = tuple(KINDS)
    account_fields: Sequence[CredentialField] = ()
    hosts = False
    host_fields: Sequence[CredentialField] = ()
    host_help = noted(
        "Vonage doesn't text-enable numbers of other phone companies through its API: port the number instead."
    )

    def search(self, account: Account, query: NumberQuery) -> Exchange[Sequence[Offered]]:
        """GET number/search. In the US and Canada Vonage calls long codes mobile."""
        if query.kind not in KINDS:
            raise Rejected("config", noted("Vonage leases short codes by request, not here."))
        is_north = query.country in NORTH_AMERICA and query.kind is NumberKind.LOCAL
        told = {
            "country": query.country,
            "type": KINDS[NumberKind.MOBILE] if is_north else KINDS[query.kind],
            "features": ",".join(ability.value.upper() for ability in Ability if ability in query.abilities),
            "size": str(query.limit),
        }
        told |= _pattern(query)
        found = json_object(_checked((yield _rest(account, "GET", f"/number/search?{urlencode(told)}"))))
        offered = (_offered(one, query) for one in objects(found.get("numbers")))
        return [one for one in offered if query.contains in one.number]

    def buy(self, account: Account, offered: Offered) -> Exchange[Bought]:
        """POST number/buy."""
        form = {"country": offered.country, "msisdn": offered.number.lstrip("+")}
        _accepted((yield _rest(account, "POST", "/number/buy", form)))
        return Bought(number=offered.number, id=form["msisdn"])

    def owned(self, account: Account, *, cursor: str = "") -> Exchange[OwnedPage]:
        """GET account/numbers."""
        index = int(cursor) if cursor.isdigit() else 1
        query = urlencode({"size": PAGE_SIZE, "index": index})
        found = json_object(_checked((yield _rest(account, "GET", f"/account/numbers?{query}"))))
        items = [_owned(one) for one in objects(found.get("numbers"))]
        count = found.get("count")
        more = isinstance(count, int) and index * PAGE_SIZE < count
        return OwnedPage(items=items, cursor=str(index + 1) if more else "")

    def look(self, account: Account, number: str) -> Exchange[Owned | None]:
        """The number with its own address, or its application's."""
        query = urlencode({"pattern": number.lstrip("+"), "search_pattern": 0})
        found = json_object(_checked((yield _rest(account, "GET", f"/account/numbers?{query}"))))
        matching = [one for one in map(_owned, objects(found.get("numbers"))) if one.number == number]
        if not matching:
            return None
        owned = matching[0]
        if not owned.via_id:
            return owned
        answer = yield _api(account, "GET", f"/v2/applications/{quote(owned.via_id, safe='')}")
        if answer.status == 404:
            return owned
        told = json_object(_checked(answer))
        inbound, method = _inbound(told)
        if not inbound:
            return owned
        return Owned(
            number=owned.number,
            id=owned.id,
            country=owned.country,
            kind=owned.kind,
            abilities=owned.abilities,
            inbound=inbound,
            inbound_method=method,
            via=f"the application {text(told.get('name')) or owned.via_id}",
            via_id=owned.via_id,
        )

    def configure(self, account: Account, owned: Owned, hooks: Hooks) -> Exchange[None]:
        """Link the number to the channel's application and set its webhooks; without one, set its own address."""
        form = {"country": owned.country, "msisdn": owned.number.lstrip("+")}
        application = account.credentials.get("application_id", "")
        if not application:
            if owned.via_id:
                form["app_id"] = owned.via_id
            _accepted((yield _rest(account, "POST", "/number/update", form | {"moHttpUrl": hooks.inbound})))
            return
        path = f"/v2/applications/{quote(application, safe='')}"
        kept = json_object(_checked((yield _api(account, "GET", path))))
        _checked((yield _api(account, "PUT", path, _with_webhooks(kept, hooks))))
        if owned.via_id != application:
            _accepted((yield _rest(account, "POST", "/number/update", form | {"app_id": application})))

    def release(self, account: Account, owned: Owned) -> Exchange[None]:
        """POST number/cancel."""
        form = {"country": owned.country, "msisdn": owned.number.lstrip("+")}
        answer = yield _rest(account, "POST", "/number/cancel", form)
        _accepted(answer)

    def host(self, account: Account, wish: HostWish, hooks: Hooks | None) -> Exchange[Hosted]:
        """Not in Vonage's API."""
        return not_offered(self.host_help)

    def hosted(self, account: Account, reference: str) -> Exchange[Hosted]:
        """Not in Vonage's API."""
        return not_offered(self.host_help)

    def registration(self, account: Account, owned: Owned) -> Exchange[Registration]:
        """Toll-free: the TFN registrations of the account. Vonage's API doesn't say which campaign a number is in."""
        if owned.kind is not NumberKind.TOLL_FREE:
            detail = noted("Vonage's API doesn't say which 10DLC campaign a number is in. Look in its dashboard.")
            return Registration(state=RegistrationState.UNKNOWN, detail=detail, link=CONSOLE)
        found = json_object(_checked((yield _api(account, "GET", "/tfn/v1/numbers"))))
        mine = [one for one in _listed(found) if _is_about(one, owned.number)]
        if not mine:
            part = Part(
                name="Registration", state=RegistrationState.MISSING, detail=noted("Nobody has asked for it yet.")
            )
        else:
            word, why = text(mine[0].get("status")).upper(), text(mine[0].get("reason"))
            detail = f"Vonage says {word.lower().replace('_', ' ')}.{f' {why}' if why else ''}"[:400]
            part = Part(name="Registration", state=TOLL_FREE.get(word, RegistrationState.UNKNOWN), detail=detail)
        return Registration(
            state=part.state, detail=f"Toll-free registration: {part.detail}", parts=(part,), link=CONSOLE
        )


def _listed(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The objects of the first list in an answer, also below _embedded."""
    inner = found.get("_embedded")
    for place in (found, inner if isinstance(inner, dict) else {}):
        for value in place.values():
            if isinstance(value, list):
                return list(objects(value))
    return []


def _is_about(told: Mapping[str, Any], number: str) -> bool:
    names = ("number", "msisdn", "phone_number", "tfn")
    return any(plus(told.get(name)) == number for name in names)


def _pattern(query: NumberQuery) -> dict[str, str]:
    """Vonage's `pattern` begins with the country code (0), or is anywhere in the number (1)."""
    if query.area:
        return {"pattern": f"{'1' if query.country in NORTH_AMERICA else ''}{query.area}", "search_pattern": "0"}
    return {"pattern": query.contains, "search_pattern": "1"} if query.contains else {}


def _offered(told: Mapping[str, Any], query: NumberQuery) -> Offered:
    return Offered(
        number=plus(told.get("msisdn")),
        country=text(told.get("country")) or query.country,
        kind=query.kind,
        abilities=_abilities(told),
        monthly=price(told.get("cost"), CURRENCY),
        setup=price(told.get("initialPrice"), CURRENCY),
    )


def _owned(told: Mapping[str, Any]) -> Owned:
    bare = text(told.get("msisdn"))
    number = bare if len(bare) <= 6 else plus(bare)
    application = text(told.get("app_id")) or text(told.get("messagesCallbackValue"))
    return Owned(
        number=number,
        id=bare,
        country=text(told.get("country")),
        kind=kind_of_number(number),
        abilities=_abilities(told),
        inbound=text(told.get("moHttpUrl")),
        via="an application" if application else "",
        via_id=application,
    )


def _abilities(told: Mapping[str, Any]) -> frozenset[Ability]:
    features = told.get("features")
    found = {str(name).lower() for name in features} if isinstance(features, list) else set()
    return frozenset(ability for ability in Ability if ability.value in found)


def _inbound(told: Mapping[str, Any]) -> tuple[str, str]:
    """The messages webhook of an application: its address and method."""
    place: Any = told
    for name in ("capabilities", "messages", "webhooks", "inbound_url"):
        place = place.get(name) if isinstance(place, dict) else None
    if not isinstance(place, dict):
        return "", "POST"
    return text(place.get("address")), text(place.get("http_method")) or "POST"


def _with_webhooks(kept: Mapping[str, Any], hooks: Hooks) -> dict[str, Any]:
    """The application as it is, with our messages webhooks: a PUT replaces the whole."""
    capabilities = kept.get("capabilities")
    able = dict(capabilities) if isinstance(capabilities, dict) else {}
    messages = able.get("messages")
    able["messages"] = (dict(messages) if isinstance(messages, dict) else {}) | {
        "version": "v1",
        "webhooks": {
            "inbound_url": {"address": hooks.inbound, "http_method": "POST"},
            "status_url": {"address": hooks.status, "http_method": "POST"},
        },
    }
    told: dict[str, Any] = {"name": text(kept.get("name")) or "Twoway", "capabilities": able}
    for name in ("keys", "privacy"):
        if isinstance(kept.get(name), dict):
            told[name] = kept[name]
    return told


def _authorization(account: Account) -> str:
    secret = account.credentials.get("api_secret", "")
    return basic(account.credentials.get("api_key", ""), secret.split(",")[0].strip())


def _rest(account: Account, method: str, path: str, form: Mapping[str, str] | None = None) -> HttpRequest:
    url = f"{(account.api_base or REST).rstrip('/')}{path}"
    return call(method, url, authorization=_authorization(account), form=form)


def _api(account: Account, method: str, path: str, told: Mapping[str, Any] | None = None) -> HttpRequest:
    url = f"{(account.api_base or API).rstrip('/')}{path}"
    return call(method, url, authorization=_authorization(account), told=told)


def _said(told: Mapping[str, Any]) -> str:
    return text(told.get("error-code-label")) or text(told.get("detail")) or text(told.get("title"))


_checked = checker("Vonage", _said)


def _accepted(answer: HttpResponse) -> None:
    """A 2xx whose own error code says 200: Vonage answers some refusals with HTTP 200."""
    told = json_object(_checked(answer))
    code = text(told.get("error-code"))
    if code not in {"", "200"}:
        reason = "auth" if code == "401" else "config"
        raise Rejected(reason, f"Vonage says: {text(told.get('error-code-label')) or code}", provider_code=code)
