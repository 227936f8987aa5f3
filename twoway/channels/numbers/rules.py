"""Decisions about numbers of ours: what registration they need, and whether their texts come to us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from twoway.lib.words import noted
from twoway.providers import url_secret
from twoway.providers.numbers import Owned
from twoway.sms import number_types

REVIEWED_EVERY = timedelta(minutes=25)
"""How often a registration in review is asked for; what stands is asked once a day."""
SETTLED_EVERY = timedelta(hours=23)
NOTHING_TO_REGISTER = frozenset({"simulator"})
"""Providers whose texts never reach a carrier."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pointing:
    """Where a number's texts go: `state` is a value of `models.Webhook`, `url` may be shown."""

    state: str
    url: str
    detail: str


def needed_registration(*, provider: str, kind: str, address: str, region: str, on: date) -> str:
    """Which registration carriers want for a number (10dlc, toll_free, short_code, dlt), or "" for none."""
    if provider in NOTHING_TO_REGISTER or kind != "sms":
        return ""
    found = number_types.of_address(address, region=region, on=on)
    return found.registration if found.blocks_unregistered else ""


def is_due(*, registration: str, asked_at: datetime | None, at: datetime) -> bool:
    """Whether it is time to ask for a number's registration again."""
    if asked_at is None:
        return True
    every = REVIEWED_EVERY if registration in {"missing", "pending", "rejected"} else SETTLED_EVERY
    return at - asked_at >= every


def pointing(
    owned: Owned | None, *, ours: Iterable[str], credentials: Mapping[str, str], was_ours: bool = False
) -> Pointing:
    """Where the texts of a number go. `ours` are our webhook addresses that would take them, its own first.

    What follows # is only for the provider's own settings; queries may hold secrets and are not shown.
    """
    addresses = list(ours)
    if owned is None:
        return Pointing(
            state="gone", url="", detail=noted("The provider says this number isn't in the account any more.")
        )
    shown = url_secret.without_query(owned.inbound)
    place = f" It is set in {owned.via}." if owned.via else ""
    if not owned.inbound:
        detail = f"Texts to this number go nowhere.{place}"
        if owned.via:
            detail = f"Texts to this number go to {owned.via}, which has no address of ours."
        return Pointing(state="nowhere", url="", detail=_changed(detail, was_ours))
    if shown not in {url_secret.without_query(address) for address in addresses}:
        return Pointing(
            state="elsewhere", url=shown, detail=_changed(f"Texts to this number go to {shown}.{place}", was_ours)
        )
    if owned.inbound_method.upper() != "POST":
        detail = f"Texts come here, but by {owned.inbound_method.upper()} instead of POST."
        return Pointing(state="elsewhere", url=shown, detail=_changed(detail, was_ours))
    if credentials.get(url_secret.FIELD) and url_secret.compare(shown, owned.inbound, credentials):
        detail = noted("The address at the provider lacks the address secret, so texts are refused.")
        return Pointing(state="elsewhere", url=shown, detail=_changed(detail, was_ours))
    return Pointing(state="ours", url=shown, detail=noted("Texts to this number come here."))


def _changed(detail: str, was_ours: bool) -> str:
    return f"Someone changed it. {detail}" if was_ours else detail
