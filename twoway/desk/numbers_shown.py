"""What the numbers page shows of each number beside its channel: type, registration, and where its texts go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from twoway.channels.numbers import queries
from twoway.channels.numbers.queries import NumberRecord, Registered, Webhook
from twoway.channels.queries import Channel
from twoway.desk.number_forms import ReleaseForm
from twoway.lib.words import noted, t
from twoway.sms import number_types, phone
from twoway.teams.actor import Actor

Tone = Literal["", "ok", "warn", "danger", "line"]
_BADGES: dict[str, tuple[Tone, str, str]] = {
    Registered.APPROVED: ("ok", "check", noted("{label} registered")),
    Registered.PENDING: ("warn", "clock", noted("{label} in review")),
    Registered.MISSING: ("danger", "alert", noted("{label} not registered")),
    Registered.REJECTED: ("danger", "alert", noted("{label} rejected")),
}
_WAIVED: tuple[Tone, str, str] = ("line", "info", noted("{label}, registration waived"))
_STATES: dict[str, Tone] = {
    Registered.APPROVED: "ok",
    Registered.PENDING: "warn",
    Registered.MISSING: "danger",
    Registered.REJECTED: "danger",
}
ICONS: dict[Tone, str] = {"ok": "check", "warn": "clock", "danger": "alert", "line": "info", "": "info"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Badge:
    """A coloured word with its icon; never the colour alone."""

    tone: Tone
    icon: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One number's facts for the list."""

    type_label: str
    badge: Badge | None
    webhook: Badge | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One part of a registration."""

    name: str
    badge: Badge
    detail: str


def of_rows(channels: Sequence[Channel], *, region: str, on: datetime) -> dict[int, Shown]:
    """The facts of each number of the list."""
    known = queries.records(channels)
    return {one.pk: _shown(one, known.get(one.pk), region=region, on=on) for one in channels}


def of_page(actor: Actor, *, region: str) -> dict[str, Any]:
    """What needs somebody's attention, and what is on order."""
    return {
        "changed": [_alarm(record, t(record.webhook_detail), region=region) for record in queries.changed(actor)],
        "held": [_alarm(record, t(record.registration_detail), region=region) for record in queries.held(actor)],
        "orders": [
            {"order": order, "number": phone.pretty(order.address, region=region)} for order in queries.orders(actor)
        ],
    }


def of_channel(channel: Channel, *, on: datetime) -> dict[str, Any]:
    """The number's own panel: its type's rules, registration with what is missing, webhook, and giving it back."""
    kind = queries.type_of(channel, on=on)
    needed = queries.registration_needed(channel, on=on)
    record = queries.record_of(channel)
    steps = tuple(_step(part) for part in record.registration_parts)
    is_open = record.registration in {Registered.MISSING, Registered.REJECTED, Registered.UNKNOWN}
    return {
        "record": record,
        "type_label": _label(channel, region=channel.workspace.region, on=on),
        "state_badge": _webhook(channel, record) if channel.is_active and channel.kind == "sms" else None,
        "registration_needed": needed,
        "registration_badge": _badge(record, label=t(kind.label)) if needed else None,
        "registration_steps": steps,
        "registration_to_do": tuple(t(step) for step in kind.steps) if needed and is_open else (),
        "has_number_api": queries.is_asked(channel),
        "price": _price(record),
        "release_form": ReleaseForm(),
    }


def _alarm(record: NumberRecord, detail: str, *, region: str) -> dict[str, Any]:
    channel = record.channel
    return {"id": channel.pk, "name": channel.name or phone.pretty(channel.address, region=region), "detail": detail}


def _shown(channel: Channel, record: NumberRecord | None, *, region: str, on: datetime) -> Shown:
    label = _label(channel, region=region, on=on)
    if record is None or channel.kind != "sms":
        return Shown(type_label=label, badge=None, webhook=None)
    return Shown(type_label=label, badge=_badge(record, label=label), webhook=_webhook(channel, record))


def _label(channel: Channel, *, region: str, on: datetime) -> str:
    """What sort of number it is. At the simulated carrier nothing is registered, so there it is plainly local."""
    if channel.kind != "sms":
        return ""
    kind, country = number_types.kind_of(channel.address), number_types.country_of(channel.address, region=region)
    return t(number_types.type_of(kind=kind, country="" if _is_ours(channel) else country, on=on.date()).label)


def _is_ours(channel: Channel) -> bool:
    return channel.provider == "simulator"


def _badge(record: NumberRecord, *, label: str) -> Badge | None:
    found = _BADGES.get(record.registration)
    if found is None:
        return None
    tone, icon, words = found
    if record.is_waived and record.registration in queries.HELD:
        tone, icon, words = _WAIVED
    return Badge(tone=tone, icon=icon, words=t(words, label=label))


def _webhook(channel: Channel, record: NumberRecord) -> Badge | None:
    """Where its texts go, when that says more than the last check of the channel does."""
    if record.webhook == Webhook.OURS and channel.check_ok is None and not _is_ours(channel):
        return Badge(tone="ok", icon="check", words=t("Texts come here"))
    if record.webhook not in queries.ALARMING:
        return None
    words = {
        Webhook.ELSEWHERE: t("Texts go elsewhere"),
        Webhook.NOWHERE: t("Texts go nowhere"),
        Webhook.GONE: t("Gone"),
    }
    return Badge(tone="danger", icon="alert", words=words[Webhook(record.webhook)])


def _step(part: dict[str, str]) -> Step:
    tone = _STATES.get(part.get("state", ""), "")
    words = dict(Registered.choices).get(part.get("state", ""), t("Not known"))
    badge = Badge(tone=tone, icon=ICONS[tone], words=str(words))
    return Step(name=part.get("name", ""), badge=badge, detail=part.get("detail", ""))


def _price(record: NumberRecord) -> str:
    if record.monthly_price is None:
        return ""
    return t("{price} a month", price=f"{queries.amount_words(record.monthly_price)} {record.currency}")
