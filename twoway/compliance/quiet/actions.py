"""Changing a workspace's quiet hours, and saying where somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from twoway.compliance.quiet import places
from twoway.compliance.quiet.laws import Window
from twoway.compliance.quiet.models import Place, QuietHours, QuietProfile, ToldBy
from twoway.compliance.quiet.rules import LEGAL, SAFE
from twoway.contacts import actions as contacts
from twoway.contacts.models import Contact
from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid
from twoway.lib.words import ENGLISH, reading_in, t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require


@dataclass(frozen=True, kw_only=True, slots=True)
class HoursWanted:
    """What a workspace asks for; windows in minutes of the recipient's day, None for a closed day.

    `acknowledges`: an admin says that they know what the legal minimum means.
    """

    profile: str = QuietProfile.SAFE.value
    weekdays: Window | None = SAFE.weekdays
    saturday: Window | None = SAFE.saturday
    sunday: Window | None = SAFE.sunday
    on_holidays: bool = False
    acknowledges: bool = False


@transaction.atomic
def set_hours(*, wanted: HoursWanted, at: datetime, by: Actor) -> QuietHours:
    """Set a workspace's quiet hours: the safe ones or stricter, or the legal minimum with an acknowledgement.

    Laws of states are added to either. Texts that are held already are asked about again by the new hours. Raises
    `NotAllowed`, `Invalid`.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    if wanted.profile not in QuietProfile.values:
        raise Invalid(t("Choose the safe hours or the legal minimum."), field="profile")
    is_legal = wanted.profile == QuietProfile.LEGAL
    row = QuietHours.objects.filter(workspace_id=by.workspace_id).first() or QuietHours(workspace_id=by.workspace_id)
    if is_legal and not (wanted.acknowledges or (row.profile == QuietProfile.LEGAL and row.acknowledged_at)):
        raise Invalid(t("Confirm that you have had these hours checked for your business."), field="acknowledges")
    if not is_legal:
        _check(wanted)
        row.weekday_from, row.weekday_to = wanted.weekdays or (SAFE.weekdays or (540, 1200))
        row.saturday_from, row.saturday_to = wanted.saturday or (None, None)
        row.sunday_from, row.sunday_to = wanted.sunday or (None, None)
        row.on_holidays = wanted.on_holidays
    if wanted.acknowledges and is_legal:
        row.acknowledged_by, row.acknowledged_at = by.audit_name[:120], at
    if not is_legal:
        row.acknowledged_by, row.acknowledged_at = "", None
    row.profile, row.changed_at = wanted.profile, at
    row.save()
    _audit("quiet_hours.changed", f"workspace {by.workspace_id}", _told(row), by=by, at=at)
    return row


def _check(wanted: HoursWanted) -> None:
    """Raises `Invalid` for hours that are none, or that reach beyond the safe ones."""
    for field, asked, most in (
        ("weekdays", wanted.weekdays, SAFE.weekdays),
        ("saturday", wanted.saturday, SAFE.saturday),
        ("sunday", wanted.sunday, SAFE.sunday),
    ):
        if asked is None and field == "weekdays":
            raise Invalid(t("Leave some hours on weekdays, or nothing goes out at all."), field=field)
        if asked is None or most is None:
            continue
        if asked[0] >= asked[1]:
            raise Invalid(t("The end comes after the beginning."), field=field)
        if asked[0] < most[0] or asked[1] > most[1]:
            raise Invalid(
                t("The safe hours lie between {begin} and {end}.", begin=hour(most[0]), end=hour(most[1])),
                field=field,
            )
    if wanted.on_holidays:
        raise Invalid(t("The safe hours leave public holidays out."), field="on_holidays")


def hour(minute: int) -> str:
    """Such as 9 AM or 12:30 PM."""
    shown, rest = divmod(minute, 60)
    half = t("AM") if shown % 24 < 12 else t("PM")
    return f"{(shown - 1) % 12 + 1}{f':{rest:02d}' if rest else ''} {half}"


def _told(row: QuietHours) -> dict[str, Detail]:
    """The hours as the audit trail keeps them."""
    if row.profile == QuietProfile.LEGAL:
        return {"profile": "legal", "weekdays": _span(LEGAL.weekdays), "acknowledged_by": row.acknowledged_by}
    return {
        "profile": "safe",
        "weekdays": _span((row.weekday_from, row.weekday_to)),
        "saturday": _span(_pair(row.saturday_from, row.saturday_to)),
        "sunday": _span(_pair(row.sunday_from, row.sunday_to)),
    }


def _pair(opens: int | None, closes: int | None) -> Window | None:
    return None if opens is None or closes is None else (opens, closes)


def _span(window: Window | None) -> str:
    with reading_in(ENGLISH):
        return f"{hour(window[0])} to {hour(window[1])}" if window else "closed"


@transaction.atomic
def set_place(
    *,
    contact: Contact,
    at: datetime,
    by: Actor,
    time_zone: str = "",
    country: str = "",
    state: str = "",
    told_by: str = ToldBy.MEMBER.value,
) -> Place | None:
    """Say where a contact is: an IANA zone, a country and a state, each "" when unknown; all empty forgets it.

    `told_by` "customer" means that they said so themselves; then their zone counts alone. Texts that waited for a zone
    go out by it. Raises `NotAllowed`, `Invalid`.
    """
    country, state = country.strip().upper(), state.strip().upper()
    _check_place(country, state, told_by)
    contacts.set_locale(contact=contact, by=by, at=at, time_zone=time_zone.strip())
    _audit(
        "contact.placed",
        f"contact {contact.pk}",
        {"time_zone": time_zone.strip(), "region": places.region_name(country, state), "told_by": told_by},
        by=by,
        at=at,
    )
    if not (time_zone.strip() or country):
        Place.objects.filter(contact=contact).delete()
        return None
    values = {"country": country, "state": state, "told_by": told_by, "by_name": by.audit_name[:120], "at": at}
    row, _ = Place.objects.update_or_create(contact=contact, defaults=values)
    return row


def _check_place(country: str, state: str, told_by: str) -> None:
    if told_by not in ToldBy.values:
        raise Invalid(t("Say who told us where they are."), field="told_by")
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Invalid(t("Write a country in two letters, such as US."), field="country")
    if not state:
        return
    if not country:
        raise Invalid(t("Write the country of this state."), field="country")
    known = places.region_name(country, state) in places.region_zones()
    if country in {"US", "CA"} and not known:
        raise Invalid(t("Write a state in two letters, such as FL."), field="state")
    if not (len(state) <= 3 and state.isascii() and state.isalnum()):
        raise Invalid(t("Write a state in at most three letters."), field="state")


def _audit(action: str, subject: str, data: Mapping[str, Detail], *, by: Actor, at: datetime) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
