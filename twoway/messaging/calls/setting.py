"""Setting what happens with calls: per number, in which words, and the phone of a member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime

from django.db import transaction

from twoway.channels.models import Channel
from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.messaging.calls import rules, wording
from twoway.messaging.calls.models import CallWords, MemberPhone, NumberCalls
from twoway.messaging.calls.rules import Plan
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

_BOUNDS = {
    "ring_seconds": (rules.SHORTEST_RING, rules.LONGEST_RING),
    "message_seconds": (rules.SHORTEST_MESSAGE, rules.LONGEST_MESSAGE),
    "text_every_minutes": (rules.FEWEST_MINUTES, rules.MOST_MINUTES),
}


@transaction.atomic
def save_plan(*, channel: Channel, is_open: bool, plan: Plan, by: Actor, at: datetime) -> Plan:
    """Set what a number does with calls while it is open, or while it is not. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_CHANNELS)
    if channel.workspace_id != by.workspace_id:
        raise NotAllowed(t("This number is not in this workspace."))
    kept = _checked(plan, channel)
    NumberCalls.objects.update_or_create(channel=channel, is_open=is_open, defaults={**asdict(kept), "changed_at": at})
    told: dict[str, Detail] = {"is_open": is_open, "does": kept.does, "then": kept.then, "texts": kept.texts}
    _record(by, "calls.changed", f"channel {channel.pk}", at, told)
    return kept


def _checked(plan: Plan, channel: Channel) -> Plan:
    if plan.does not in rules.DOES:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(rules.DOES)), field="does")
    if plan.then not in rules.THEN:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(rules.THEN)), field="then")
    for field, (least, most) in _BOUNDS.items():
        if not least <= getattr(plan, field) <= most:
            raise Invalid(t("Choose a number from {least} to {most}.", least=least, most=most), field=field)
    words = clean(plan.words)
    if len(words) > wording.LONGEST:
        raise Invalid(t("Use at most {most} characters.", most=wording.LONGEST), field="words")
    if plan.does != "forward" and not plan.forward_to.strip():
        return replace(plan, words=words, forward_to="")
    number = diallable(plan.forward_to, region=channel.workspace.region, field="forward_to")
    if phone.is_costly(number):
        raise Invalid(t("This number costs whoever calls it extra. Choose another."), field="forward_to")
    if number == channel.address:
        raise Invalid(t("Calls can't be passed on to the number they came to."), field="forward_to")
    return replace(plan, words=words, forward_to=number)


def diallable(typed: str, *, region: str, field: str) -> str:
    """A typed number in E.164. Raises `Invalid`."""
    try:
        found = phone.parse_typed(typed, region=region or None)
    except phone.NotANumber as error:
        raise Invalid(str(error), field=field) from None
    if found.kind != "phone" or not rules.is_diallable(found.value):
        raise Invalid(t("Enter a number that can be called."), field=field)
    return found.value


def clean(words: str) -> str:
    """Words in one line, as they are spoken."""
    return " ".join(words.replace("\0", "").split())


@transaction.atomic
def save_words(*, words: Mapping[tuple[str, str], str], by: Actor, at: datetime) -> None:
    """Set the workspace's own words by kind and language; empty ones are Twoway's again. Raises `NotAllowed`,
    `Invalid`."""
    require(by, Right.MANAGE_CHANNELS)
    for (kind, language), typed in words.items():
        if kind not in wording.DEFAULTS or language not in wording.LANGUAGES:
            raise Invalid(t("There are no such words."), field="words")
        own = clean(typed)
        if len(own) > wording.LONGEST:
            raise Invalid(t("Use at most {most} characters.", most=wording.LONGEST), field=f"{kind}_{language}")
        rows = CallWords.objects.filter(workspace_id=by.workspace_id, kind=kind, language=language)
        if not own or own == wording.DEFAULTS[kind][language]:
            rows.delete()
        else:
            rows.update_or_create(workspace_id=by.workspace_id, kind=kind, language=language, defaults={"words": own})
    _record(by, "calls.worded", f"workspace {by.workspace_id}", at, {"kinds": sorted({kind for kind, _ in words})})


@transaction.atomic
def set_phone(*, number: str, region: str, by: Actor, at: datetime) -> str:
    """Set the phone on which this member is rung, or with "" forget it; the number in E.164. Raises `Invalid`."""
    if by.member_id is None:
        raise NotAllowed(t("Only a teammate has a phone of their own."))
    if not number.strip():
        MemberPhone.objects.filter(member_id=by.member_id).delete()
        return ""
    kept = diallable(number, region=region, field="number")
    if phone.is_costly(kept):
        raise Invalid(t("This number costs whoever calls it extra. Enter the phone in your hand."), field="number")
    if Channel.objects.filter(workspace_id=by.workspace_id, address=kept).exists():
        raise Invalid(t("This is a number of ours. Enter the phone in your hand."), field="number")
    if MemberPhone.objects.filter(member_id=by.member_id, number=kept).exists():
        return kept
    told = {"number": kept, "changed_at": at, "verified_at": None}
    MemberPhone.objects.update_or_create(member_id=by.member_id, defaults=told)
    _record(by, "calls.phone_changed", f"member {by.member_id}", at, {})
    return kept


def _record(by: Actor, action: str, subject: str, at: datetime, told: Mapping[str, Detail]) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=told, at=at)
