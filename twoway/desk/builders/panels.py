"""The contact panel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from twoway.compliance.consent.queries import ConsentState
from twoway.compliance.queries import OptOut
from twoway.contacts.fields.queries import ContactField
from twoway.contacts.outside.queries import ContactEvent
from twoway.contacts.queries import BlockReason, Contact, Identity, shown_address
from twoway.contacts.queries import ContactNote as NoteRow
from twoway.contacts.rules import is_blocked
from twoway.conversations.queries import Conversation, Episode
from twoway.desk.builders import chips, consents, people
from twoway.desk.builders.composers import Standing
from twoway.desk.context import ConsentLine, ContactNote, ContactPanel, EarlierEpisode, Property
from twoway.desk.words import clock_words, date_words
from twoway.lib.words import noted, t
from twoway.messaging.cost.queries import Price
from twoway.messaging.cost.rules import words as price_words
from twoway.sms import keywords, phone
from twoway.teams.actor import Actor

_SOURCES = {
    "provider": noted("The provider told us"),
    "carrier": noted("The carrier refused a text"),
    "member": noted("Recorded by a teammate"),
    "api": noted("Recorded by a program"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What was read about the person of a conversation."""

    identities: Sequence[Identity]
    notes: Sequence[NoteRow]
    others: Sequence[Conversation]
    episodes: Sequence[Episode]
    cost: Sequence[Price] = ()
    fields: Sequence[ContactField] = ()
    outside: Sequence[ContactEvent] = ()
    states: Sequence[ConsentState] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    may_manage: bool = False


def panel(
    conversation: Conversation,
    about: About,
    *,
    standing: Standing,
    region: str,
    to: Actor,
    now: datetime,
    may_block: bool,
) -> ContactPanel:
    """Everything about the person: profile, consent, notes, what was before."""
    reader = people.Reader(to=to, region=region, may_edit=may_block)
    states = consents.state_rows(about.states, labels=about.labels, now=now)
    return ContactPanel(
        contact_id=conversation.contact_id,
        lines=tuple(people.lines(conversation.contact, about.fields, reader=reader)),
        addresses=people.addresses(conversation.contact, about.identities, reader=reader),
        may_manage=about.may_manage,
        outside=people.outside(about.outside, this_year=timezone.localtime(now).year),
        purposes=tuple((state.purpose, state.word, state.tone) for state in states),
        conversation_id=conversation.pk,
        person=chips.person(conversation, region=region, to=to),
        subtitle=_subtitle(conversation, region=region, to=to, now=now),
        consent=standing.consent,
        is_unsure=standing.doubt is not None,
        properties=tuple(_properties(about)),
        tags=chips.tag_chips(list(conversation.tags.all())),
        ledger=tuple(_ledger(conversation, standing, region=region, now=now)),
        notes=tuple(_note(row) for row in about.notes),
        earlier=tuple(_earlier(conversation, about, region=region, now=now)),
        blocked_words=blocked_words(conversation.contact, now=now),
        may_block=may_block,
    )


def blocked_words(contact: Contact, *, now: datetime) -> str:
    """Such as "Blocked until Mar 12 · Spam"; "" while no block holds."""
    if not is_blocked(contact.blocked_at, contact.blocked_until, at=now):
        return ""
    blocked = t("Blocked")
    if contact.blocked_until:
        blocked = t("Blocked until {day}", day=_day(contact.blocked_until, now))
    reason = contact.get_block_reason_display() if contact.block_reason not in {"", BlockReason.OTHER} else ""
    return " · ".join(part for part in (blocked, reason, contact.block_note) if part)


def _subtitle(conversation: Conversation, *, region: str, to: Actor, now: datetime) -> str:
    """Their number when a name stands above, and the time where they are when it is known."""
    zones = phone.time_zones(conversation.identity.value)
    zone = conversation.contact.time_zone or (zones[0] if len(zones) == 1 else "")
    contact = conversation.contact
    if contact.is_anonymous:
        address = t("Anonymous: their number is shown to nobody")
    else:
        address = shown_address(contact, conversation.identity.value, to=to, region=region) if contact.name else ""
    local = t("{time} local", time=clock_words(now.astimezone(ZoneInfo(zone)))) if zone else ""
    return " · ".join(part for part in (address, local) if part)


def _properties(about: About) -> Iterable[Property]:
    if about.cost:
        yield Property(label=t("Texts cost"), value=" + ".join(map(price_words, about.cost)), is_number=True)


def _ledger(conversation: Conversation, standing: Standing, *, region: str, now: datetime) -> Iterable[ConsentLine]:
    for line in standing.opt_outs:
        where = phone.pretty(line.channel.address, region=region)
        if line.lifted_at is not None:
            detail = f"{_how_lifted(line)}, {_day(line.lifted_at, now)}"
            yield ConsentLine(state="in", words=t("Opted back in to {number}", number=where), detail=detail)
        yield ConsentLine(
            state="out",
            words=t("Opted out of {number}", number=where),
            detail=f"{_how(line)}, {_day(line.opted_out_at, now)}",
        )
    if conversation.last_inbound_at is not None:
        where = phone.pretty(conversation.channel.address, region=region)
        detail = t("Last on {day}", day=_day(conversation.last_inbound_at, now))
        yield ConsentLine(state="in", words=t("Texts us at {number}", number=where), detail=detail)


def _how(line: OptOut) -> str:
    if line.keyword:
        return t("Texted {keyword}", keyword=line.keyword.upper())
    return t(_SOURCES.get(line.source, noted("Texted us")))


def _how_lifted(line: OptOut) -> str:
    """`lifted_by` is a keyword of theirs, or who recorded it."""
    if line.lifted_by in {"", "keyword"}:
        return t("Texted {keyword}", keyword="START")
    if keywords.family(line.lifted_by):
        return t("Texted {keyword}", keyword=line.lifted_by.upper())
    return t("By {name}", name=line.lifted_by)


def _note(row: NoteRow) -> ContactNote:
    author = chips.member_chip(row.by) or chips.chip(0, "")
    return ContactNote(id=row.pk, author=author, body=row.body, at=row.created_at)


def _earlier(conversation: Conversation, about: About, *, region: str, now: datetime) -> Iterable[EarlierEpisode]:
    for other in about.others:
        if other.pk != conversation.pk:
            where = other.channel.name or phone.pretty(other.channel.address, region=region)
            detail = f"{_day(other.last_message_at, now)} · {other.get_state_display()}"
            yield EarlierEpisode(conversation_id=other.pk, words=t("On {number}", number=where), detail=detail)
    for episode in reversed(about.episodes):
        if episode.number < conversation.episode:
            yield EarlierEpisode(
                conversation_id=conversation.pk,
                words=_span(episode, now),
                detail=t("Done by {name}", name=chips.short(str(episode.closed_by)))
                if episode.closed_by
                else t("Done"),
                icon="history",
            )


def _span(episode: Episode, now: datetime) -> str:
    first, last = _day(episode.opened_at, now), _day(episode.closed_at or episode.opened_at, now)
    return first if first == last else t("{first} to {last}", first=first, last=last)


def _day(at: datetime, now: datetime) -> str:
    return date_words(timezone.localtime(at), this_year=timezone.localtime(now).year)
