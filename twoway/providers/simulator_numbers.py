"""The built-in carrier's numbers: bought, set up and given back as at a real provider, so that it can be tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from twoway.lib.words import noted
from twoway.providers.base import Account, CredentialField, HttpRequest
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
    Registration,
    RegistrationState,
    kind_of_number,
    objects,
    price,
    text,
)
from twoway.providers.outcomes import json_object

API = "http://127.0.0.1:8000/carrier"
ABILITIES = frozenset({Ability.SMS, Ability.MMS})


class SimulatorNumbers:
    """Jobs about numbers at the simulated carrier."""

    slug = "simulator"
    kinds: Sequence[NumberKind] = (NumberKind.LOCAL, NumberKind.TOLL_FREE)
    account_fields: Sequence[CredentialField] = ()
    hosts = True
    host_fields: Sequence[CredentialField] = (
        CredentialField(
            key="signer", label=noted("Who authorized it"), help=noted("Any name: nothing leaves this machine.")
        ),
    )
    host_help = noted("The simulated carrier text-enables any number within moments.")

    def search(self, account: Account, query: NumberQuery) -> Exchange[Sequence[Offered]]:
        """GET /stock."""
        told = {
            "country": query.country,
            "kind": query.kind.value,
            "area": query.area,
            "contains": query.contains,
            "limit": str(query.limit),
        }
        found = json_object(_checked((yield _call(account, "GET", f"/stock?{urlencode(told)}"))))
        return [_offered(one, query) for one in objects(found.get("items"))]

    def buy(self, account: Account, offered: Offered) -> Exchange[Bought]:
        """POST /numbers/{number}."""
        _checked((yield _call(account, "POST", _path(offered.number), {})))
        return Bought(number=offered.number, id=offered.number)

    def owned(self, account: Account, *, cursor: str = "") -> Exchange[OwnedPage]:
        """GET /numbers."""
        found = json_object(_checked((yield _call(account, "GET", "/numbers"))))
        return OwnedPage(items=[_owned(one) for one in objects(found.get("items"))])

    def look(self, account: Account, number: str) -> Exchange[Owned | None]:
        """GET /numbers/{number}."""
        answer = yield _call(account, "GET", _path(number))
        return None if answer.status == 404 else _owned(json_object(_checked(answer)))

    def configure(self, account: Account, owned: Owned, hooks: Hooks) -> Exchange[None]:
        """PUT /numbers/{number}."""
        _checked((yield _call(account, "PUT", _path(owned.number), {"inbound_url": hooks.inbound})))

    def release(self, account: Account, owned: Owned) -> Exchange[None]:
        """DELETE /numbers/{number}."""
        _checked((yield _call(account, "DELETE", _path(owned.number))))

    def host(self, account: Account, wish: HostWish, hooks: Hooks | None) -> Exchange[Hosted]:
        """POST /hosting/{number}."""
        path = f"/hosting/{quote(wish.number, safe='')}"
        return _hosted(json_object(_checked((yield _call(account, "POST", path, dict(wish.answers))))))

    def hosted(self, account: Account, reference: str) -> Exchange[Hosted]:
        """GET /hosting/{number}."""
        answer = yield _call(account, "GET", f"/hosting/{quote(reference, safe='')}")
        return _hosted(json_object(_checked(answer)))

    def registration(self, account: Account, owned: Owned) -> Exchange[Registration]:
        """Nothing leaves this machine, so nothing is registered."""
        yield from ()
        return Registration(state=RegistrationState.NOT_NEEDED, detail=noted("Nothing leaves this machine."))


def _offered(told: Mapping[str, Any], query: NumberQuery) -> Offered:
    monthly = told.get("monthly")
    cost = monthly if isinstance(monthly, dict) else {}
    return Offered(
        number=text(told.get("number")),
        country=query.country,
        kind=query.kind,
        abilities=ABILITIES,
        place=text(told.get("place")),
        monthly=price(cost.get("amount"), text(cost.get("currency")) or "USD"),
    )


def _owned(told: Mapping[str, Any]) -> Owned:
    number = text(told.get("address"))
    return Owned(
        number=number,
        id=number,
        country="US",
        kind=kind_of_number(number),
        abilities=ABILITIES,
        inbound=text(told.get("inbound_url")),
    )


def _hosted(told: Mapping[str, Any]) -> Hosted:
    is_done = told.get("state") == "done"
    words = noted("Texting works.") if is_done else noted("The simulated carrier is at it.")
    return Hosted(
        reference=text(told.get("number")), state=HostState.DONE if is_done else HostState.WAITING, detail=words
    )


def _path(number: str) -> str:
    return f"/numbers/{quote(number, safe='')}"


def _call(account: Account, method: str, path: str, told: Mapping[str, Any] | None = None) -> HttpRequest:
    url = f"{(account.api_base or API).rstrip('/')}{path}"
    key = account.credentials["key"].split(",")[0].strip()
    return call(method, url, authorization=bearer(key), told=told)


_checked = checker("The simulated carrier", lambda told: text(told.get("message")))
