"""Plivo: buying and setting up numbers, and how they are registered.

Sources: plivo.com/docs on PhoneNumber, Number, Application, 10DLC Campaign and Brand, and Toll-Free Verification; the
official SDK's resources and recorded answers. Where texts go is kept by an Application; each number gets one of its
own, so that no other number's texts are moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from twoway.lib.words import noted
from twoway.providers.base import Account, CredentialField, HttpRequest, Rejected
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
    worst,
)
from twoway.providers.outcomes import json_object, maybe_json_object

API = "https://api.plivo.com"
CONSOLE = "https://cx.plivo.com/10dlc-registration"
PAGE_SIZE = 20  # the most Plivo gives
CURRENCY = "USD"
OURS = "Twoway "
KINDS = {
    NumberKind.LOCAL: "local",
    NumberKind.MOBILE: "mobile",
    NumberKind.NATIONAL: "national",
    NumberKind.TOLL_FREE: "tollfree",
}
NUMBER = {
    "COMPLETED": RegistrationState.APPROVED,
    "REGISTERED": RegistrationState.APPROVED,
    "PROCESSING": RegistrationState.PENDING,
    "UNREGISTERED": RegistrationState.MISSING,
    "FAILED": RegistrationState.REJECTED,
}
CAMPAIGN = {
    "COMPLETED": RegistrationState.APPROVED,
    "ACTIVE": RegistrationState.APPROVED,
    "PROCESSING": RegistrationState.PENDING,
    "PENDING": RegistrationState.PENDING,
    "FAILED": RegistrationState.REJECTED,
    "SUSPENDED": RegistrationState.REJECTED,
    "EXPIRED": RegistrationState.REJECTED,
}
TOLL_FREE = {
    "verified": RegistrationState.APPROVED,
    "approved": RegistrationState.APPROVED,
    "submitted": RegistrationState.PENDING,
    "pending": RegistrationState.PENDING,
    "pending_verification": RegistrationState.PENDING,
    "in_review": RegistrationState.PENDING,
    "unverified": RegistrationState.MISSING,
    "rejected": RegistrationState.REJECTED,
}


class PlivoNumbers:
    """Jobs about numbers at plivo.com."""

    slug = "plivo"
    kinds: Sequence[NumberKind] = tuple(KINDS)
    account_fields: Sequence[CredentialField] = ()
    hosts = False
    host_fields: Sequence[CredentialField] = ()
    host_help = noted(
        "Plivo text-enables landlines and toll-free numbers by request: ask its support with a signed letter."
    )

    def search(self, account: Account, query: NumberQuery) -> Exchange[Sequence[Offered]]:
        """GET PhoneNumber. Plivo's `pattern` is the beginning after the country code, with * for any digits."""
        if query.kind not in KINDS:
            raise Rejected("config", noted("Plivo leases short codes by request, not here."))
        told = {
            "country_iso": query.country,
            "type": KINDS[query.kind],
            "services": ",".join(sorted(query.abilities)),
            "limit": str(min(query.limit, PAGE_SIZE)),
        }
        pattern = query.area + (f"*{query.contains}" if query.contains else "")
        if pattern:
            told["pattern"] = pattern
        found = json_object(_checked((yield _call(account, "GET", f"/PhoneNumber/?{urlencode(told)}"))))
        return [_offered(one, query) for one in objects(found.get("objects")) if one.get("number")]

    def buy(self, account: Account, offered: Offered) -> Exchange[Bought]:
        """POST PhoneNumber/{number}."""
        made = json_object(_checked((yield _call(account, "POST", f"/PhoneNumber/{_bare(offered.number)}/", {}))))
        lines = list(objects(made.get("numbers")))
        word = text(lines[0].get("status")) if lines else ""
        is_ready = text(made.get("status")).lower() in {"fulfilled", "success", ""} and word.lower() != "pending"
        return Bought(number=offered.number, id=_bare(offered.number), is_ready=is_ready, detail=word)

    def owned(self, account: Account, *, cursor: str = "") -> Exchange[OwnedPage]:
        """GET Number, 20 at a time."""
        offset = int(cursor) if cursor.isdigit() else 0
        path = f"/Number/?limit={PAGE_SIZE}&offset={offset}"
        found = json_object(_checked((yield _call(account, "GET", path))))
        meta = found.get("meta")
        more = isinstance(meta, dict) and bool(meta.get("next"))
        return OwnedPage(
            items=[_owned(one) for one in objects(found.get("objects"))],
            cursor=str(offset + PAGE_SIZE) if more else "",
        )

    def look(self, account: Account, number: str) -> Exchange[Owned | None]:
        """The number, and the address its Application holds."""
        answer = yield _call(account, "GET", f"/Number/{_bare(number)}/")
        if answer.status == 404:
            return None
        owned = _owned(json_object(_checked(answer)))
        if not owned.via_id:
            return owned
        answer = yield _call(account, "GET", f"/Application/{quote(owned.via_id, safe='')}/")
        if answer.status == 404:
            return owned
        told = json_object(_checked(answer))
        return Owned(
            number=owned.number,
            id=owned.id,
            kind=owned.kind,
            abilities=owned.abilities,
            inbound=text(told.get("message_url")),
            inbound_method=text(told.get("message_method")) or "POST",
            via=f"the application {text(told.get('app_name')) or owned.via_id}",
            via_id=owned.via_id,
            monthly=owned.monthly,
        )

    def configure(self, account: Account, owned: Owned, hooks: Hooks) -> Exchange[None]:
        """Change the Application that is ours, or make one and put the number into it."""
        form = {"message_url": hooks.inbound, "message_method": "POST"}
        name = OURS + _bare(owned.number)
        if owned.via_id and owned.via.endswith(f" {name}"):
            _checked((yield _call(account, "POST", f"/Application/{quote(owned.via_id, safe='')}/", form)))
            return
        made = json_object(_checked((yield _call(account, "POST", "/Application/", {"app_name": name, **form}))))
        app_id = text(made.get("app_id"))
        if not app_id:
            raise Rejected("config", noted("Plivo made no application."))
        _checked((yield _call(account, "POST", f"/Number/{_bare(owned.number)}/", {"app_id": app_id})))

    def release(self, account: Account, owned: Owned) -> Exchange[None]:
        """DELETE Number."""
        answer = yield _call(account, "DELETE", f"/Number/{_bare(owned.number)}/")
        if answer.status != 404:
            _checked(answer)

    def host(self, account: Account, wish: HostWish, hooks: Hooks | None) -> Exchange[Hosted]:
        """Not in Plivo's API."""
        return not_offered(self.host_help)

    def hosted(self, account: Account, reference: str) -> Exchange[Hosted]:
        """Not in Plivo's API."""
        return not_offered(self.host_help)

    def registration(self, account: Account, owned: Owned) -> Exchange[Registration]:
        """What the number itself says, and its campaign's and brand's state."""
        told = json_object(_checked((yield _call(account, "GET", f"/Number/{_bare(owned.number)}/"))))
        if owned.kind is NumberKind.TOLL_FREE:
            return _verification(told)
        if owned.kind is NumberKind.SHORT_CODE:
            state = RegistrationState.APPROVED if told.get("active", True) else RegistrationState.PENDING
            return Registration(state=state, detail=noted("Plivo lists this short code."), link=CONSOLE)
        word = text(told.get("tendlc_registration_status")).upper()
        said = NUMBER.get(word, RegistrationState.UNKNOWN if word else RegistrationState.MISSING)
        number = Part(name="Number", state=said, detail=f"Plivo says {word.lower() or 'it is in no campaign'}.")
        campaign_id = text(told.get("tendlc_campaign_id"))
        parts: tuple[Part, ...] = (number,)
        if campaign_id:
            above = yield from _campaign(account, campaign_id)
            parts = (*above, number)
        state = said if said is RegistrationState.APPROVED else worst(parts)
        return Registration(state=state, detail=f"10DLC: {number.detail}", parts=parts, link=CONSOLE)


def _campaign(account: Account, campaign_id: str) -> Exchange[tuple[Part, ...]]:
    answer = yield _call(account, "GET", f"/10dlc/Campaign/{quote(campaign_id, safe='')}/")
    told = maybe_json_object(answer) if answer.status == 200 else None
    inner = told.get("campaign", told) if told else None
    if not isinstance(inner, dict):
        return (Part(name="Campaign", state=RegistrationState.UNKNOWN, detail=f"Plivo answered {answer.status}."),)
    word = text(inner.get("registration_status") or inner.get("status")).upper()
    state = CAMPAIGN.get(word, RegistrationState.UNKNOWN)
    return (Part(name="Campaign", state=state, detail=f"Plivo says {word.lower()} ({campaign_id})."),)


def _verification(told: Mapping[str, Any]) -> Registration:
    word = text(told.get("toll_free_sms_verification")) or text(told.get("toll_free_sms_verification_order_status"))
    state = TOLL_FREE.get(word.lower(), RegistrationState.UNKNOWN if word else RegistrationState.MISSING)
    detail = f"Plivo says {word}." if word else noted("Nobody has asked for it yet.")
    part = Part(name="Verification", state=state, detail=detail)
    return Registration(state=state, detail=f"Toll-free verification: {detail}", parts=(part,), link=CONSOLE)


def _offered(told: Mapping[str, Any], query: NumberQuery) -> Offered:
    place = ", ".join(part for part in (text(told.get("city")), text(told.get("region"))) if part)
    return Offered(
        number=plus(told.get("number")),
        country=query.country,
        kind=query.kind,
        abilities=_abilities(told),
        place=place,
        monthly=price(told.get("monthly_rental_rate"), CURRENCY),
        setup=price(told.get("setup_rate"), CURRENCY),
        needs=text(told.get("restriction_text")),
    )


def _owned(told: Mapping[str, Any]) -> Owned:
    application = text(told.get("application")).rstrip("/").rpartition("/")[2]
    bare = text(told.get("number"))
    number = bare if len(bare) <= 6 else plus(bare)
    return Owned(
        number=number,
        id=bare,
        kind=kind_of_number(number),
        abilities=_abilities(told),
        via="an application" if application else "",
        via_id=application,
        monthly=price(told.get("monthly_rental_rate"), CURRENCY),
    )


def _abilities(told: Mapping[str, Any]) -> frozenset[Ability]:
    return frozenset(ability for ability in Ability if told.get(f"{ability.value}_enabled"))


def _bare(number: str) -> str:
    return quote(number.lstrip("+"), safe="")


def _call(account: Account, method: str, path: str, told: Mapping[str, Any] | None = None) -> HttpRequest:
    auth_id = account.credentials["auth_id"]
    secret = account.credentials["auth_token"].split(",")[0].strip()
    url = f"{(account.api_base or API).rstrip('/')}/v1/Account/{quote(auth_id, safe='')}{path}"
    return call(method, url, authorization=basic(auth_id, secret), told=told)


def _said(told: Mapping[str, Any]) -> str:
    error = told.get("error")
    return text(error.get("error")) if isinstance(error, dict) else text(error)


_checked = checker("Plivo", _said)
