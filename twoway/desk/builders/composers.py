"""The reply form: what it allows, and what a draft costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.text import capfirst

from twoway.channels.health import queries as health
from twoway.channels.pools import rules as pools
from twoway.compliance.queries import OptOut
from twoway.compliance.revocation.queries import Doubt
from twoway.compliance.rules import SENDER_UNREGISTERED, Refusal, window_ends
from twoway.conversations.queries import Conversation, Draft
from twoway.desk.builders import chips
from twoway.desk.builders.meters import NO_QUOTE, meter, text_price
from twoway.desk.context import Attached, Blocked, Composer, ConsentState, Meter, News
from twoway.desk.context.threads import NO_FILES
from twoway.desk.words import clock_words, date_words, until_words
from twoway.lib.words import t
from twoway.messaging import overtaking, pooling
from twoway.messaging.cost.queries import Quote
from twoway.messaging.pooling import Sender
from twoway.messaging.queries import Message
from twoway.messaging.rules import preview
from twoway.sms import phone
from twoway.teams.actor import Actor

MOST_QUOTED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How it stands between us and the person of one conversation: consent, why no text may go, and the ledger."""

    consent: ConsentState
    refusal: Refusal | None
    opt_outs: Sequence[OptOut] = ()
    doubt: Doubt | None = None


def composer(
    conversation: Conversation,
    *,
    standing: Standing,
    region: str,
    to: Actor,
    key: str,
    now: datetime,
    may_reply: bool = True,
    draft: Draft | None = None,
    files: Attached = NO_FILES,
    quote: Quote = NO_QUOTE,
    sender: Sender | None = None,
    quiet: str = "",
    seen_id: int | None = None,
    news: Sequence[Message] = (),
) -> Composer:
    """The form with this member's draft. Whoever may not reply reads why, and cannot write notes either."""
    who = chips.person(conversation, region=region, to=to)
    why = blocked(conversation, standing=standing, name=who.name, region=region, now=now)
    asked = in_doubt(who.name, standing.doubt, now=now) if standing.doubt else None
    ours = sender.channel if sender is not None else conversation.channel
    is_toll_free = phone.is_toll_free_us(ours.address)
    is_counted = conversation.channel.kind == "sms"
    ends = window_ends(conversation.channel.kind, conversation.last_inbound_at)
    body = draft.body if draft else ""
    is_note = bool(draft and draft.is_note)
    return Composer(
        conversation_id=conversation.pk,
        person_name=who.name,
        channel=chips.channel_chip(ours, region=region),
        key=key,
        draft=body,
        is_note=is_note,
        is_toll_free=is_toll_free,
        meter=None if is_note else _meter(body, files, quote, is_toll_free=is_toll_free, is_counted=is_counted),
        price=text_price(quote),
        blocked=(why or asked) if may_reply else _not_allowed(),
        may_note=may_reply,
        files=files,
        free_until=_local_until(ends, now=now) if ends and ends > now else "",
        is_counted=is_counted,
        notice=notice(sender, region=region, now=now) if sender is not None and may_reply else "",
        quiet=quiet,
        language=conversation.contact.language,
        seen_id=(conversation.last_message_id or 0) if seen_id is None else seen_id,
        news=news_of(news, person=who.name),
    )


def _not_allowed() -> Blocked:
    return Blocked(
        code="not_allowed",
        headline=t("You can read this conversation."),
        words=t("Your role doesn't send texts or write notes."),
        icon="eye",
    )


def news_of(found: Sequence[Message], *, person: str, is_stop: bool = False, then: str = "") -> News | None:
    """What came since a reply was begun, as the form shows it; None when nothing did."""
    if not found:
        return None
    return News(
        headline=overtaking.headline(found, person=person),
        seen_id=found[-1].pk,
        quotes=tuple((_writer(one, person), preview(one.body) or t("A file")) for one in found[-MOST_QUOTED:]),
        is_stop=is_stop,
        then=then,
    )


def _writer(message: Message, person: str) -> str:
    if message.direction == "in":
        return person
    return chips.short(message.by_name) if message.author == "member" else t("Automatic")


def notice(sender: Sender, *, region: str, now: datetime) -> str:
    """Why a text leaves from another number than the one they know, or why it waits; "" when neither is so."""
    home = sender.instead_of or sender.channel
    ours = phone.pretty(home.address, region=region)
    state = health.state_of(home)
    stand = health.stand_of(home, state, at=now)
    why = f"{pools.because(stand, number=ours)}: {state.pause_words}" if state.pause_words and stand == "paused" else ""
    why = why.rstrip(".") or pools.because(sender.why or stand, number=ours)
    if sender.instead_of is not None:
        number = phone.pretty(sender.channel.address, region=region)
        return f"{why}. " + t("Your text leaves from {number}.", number=number)
    if stand in {"paused", "down"}:
        return f"{why}. " + t("Your text waits until it sends again.")
    until = pooling.held_until(home, at=now)
    if until is not None:
        return t(
            "What carriers let us send in a day is used up. Your text waits until {time}.",
            time=_local_until(until, now=now),
        )
    return ""


def _meter(body: str, files: Attached, quote: Quote, *, is_toll_free: bool, is_counted: bool) -> Meter | None:
    """The count of a draft as it would be sent, with the links of its files; None when there is nothing yet."""
    text = "\n".join(part for part in (body, files.links) if part)
    if not text and not files.media:
        return None
    return meter(text, is_toll_free=is_toll_free, quote=quote, media=files.media, is_counted=is_counted)


def blocked(conversation: Conversation, *, standing: Standing, name: str, region: str, now: datetime) -> Blocked | None:
    """Who can't be texted, since when, and what would change it; None while they can."""
    refusal = standing.refusal
    if refusal is None:
        return None
    headline, words = _words(refusal, conversation, name=name, region=region)
    if refusal.code == "window_closed":
        return Blocked(code=refusal.code, headline=_silent(conversation, name, now=now), words=words, icon="clock")
    if refusal.code == "opted_out":
        headline = _opted_out(name, conversation, standing.opt_outs, now=now)
    return Blocked(code=refusal.code, headline=headline, words=words)


def in_doubt(name: str, doubt: Doubt, *, now: datetime) -> Blocked:
    """What is asked of the agent before anything more is sent to them."""
    until = date_words(timezone.localtime(doubt.due_at), this_year=timezone.localtime(now).year)
    do = t("Read what they wrote.") if doubt.asked_at is None else t("They were asked; their answer settles it.")
    counts = t("Unanswered, they count as opted out after {day}. This isn't legal advice.", day=until)
    return Blocked(
        code="in_doubt",
        headline=t("{name} may have asked us to stop.", name=name),
        words=f"{do} {counts}",
        icon="alert",
        may_ask=doubt.asked_at is None,
    )


def _words(refusal: Refusal, conversation: Conversation, *, name: str, region: str) -> tuple[str, str]:
    ours = phone.pretty(conversation.channel.address, region=region)
    by_code = {
        "window_closed": ("", t("After 24 hours WhatsApp takes only an approved template, until they write again.")),
        "opted_out": ("", t("Nothing can be sent to this number until they text START.")),
        "blocked": (t("{name} is blocked.", name=name), t("Nothing is sent to them until somebody unblocks them.")),
        "landline": (t("This number can't get texts."), t("The carrier says it is a landline. Try calling.")),
        "unreachable": (
            t("This number can't get texts."),
            t("The carrier says this number can't be reached by text."),
        ),
        "cannot_reply": (t("This sender can't get replies."), t("It is a name, not a number.")),
        "sender_unregistered": (
            t("Carriers block texts from {number} until it is registered.", number=ours),
            registration_words(refusal),
        ),
        "no_open_request": (
            t("{number} only answers, and {name} has no open request.", number=ours, name=name),
            f"{_no_request(refusal)} " + t("You can write a note."),
        ),
        "channel_inactive": (
            t("{number} is switched off.", number=ours),
            t("An owner or an admin can connect it again in Settings."),
        ),
    }
    return by_code.get(refusal.code, (t(refusal.for_agent), ""))


def _no_request(refusal: Refusal) -> str:
    """Why nothing is open, without what the headline says already."""
    return capfirst(t(refusal.for_agent).removeprefix("This number only answers, and "))


def registration_words(refusal: Refusal) -> str:
    """What is missing, and who can do something about it."""
    steps = t("An owner or an admin finds the steps in Settings, Numbers.")
    return f"{_missing(refusal)} {steps}".strip()


def _missing(refusal: Refusal) -> str:
    """What the carriers still want, as the provider says it."""
    return refusal.for_agent.removeprefix(SENDER_UNREGISTERED.for_agent).strip()


def held_words(refusal: Refusal | None) -> str:
    """Why texts that are queued wait, or ""."""
    if refusal is None or refusal.code != SENDER_UNREGISTERED.code:
        return ""
    blocks = t("carriers block our number until it is registered.")
    return f"{blocks} {_missing(refusal)}".strip()


def _silent(conversation: Conversation, name: str, *, now: datetime) -> str:
    """Since when nothing has come from them on WhatsApp."""
    if conversation.last_inbound_at is None:
        return t("{name} hasn't written on WhatsApp yet.", name=name)
    local, today = timezone.localtime(conversation.last_inbound_at), timezone.localtime(now)
    if (today.date() - local.date()).days == 1:
        return t("{name} last wrote yesterday at {time}.", name=name, time=clock_words(local))
    day = date_words(local, this_year=today.year)
    return t("{name} last wrote on {day} at {time}.", name=name, day=day, time=clock_words(local))


def _local_until(ends: datetime, *, now: datetime) -> str:
    return until_words(timezone.localtime(ends), now=timezone.localtime(now))


def _opted_out(name: str, conversation: Conversation, opt_outs: Sequence[OptOut], *, now: datetime) -> str:
    """That they opted out, with when: today at 12:48 PM, on Mar 10, or without where no line says it."""
    times = [
        line.opted_out_at
        for line in opt_outs
        if line.lifted_at is None and line.identity_id == conversation.identity_id
    ]
    if not times:
        return t("{name} opted out of texts.", name=name)
    local, today = timezone.localtime(max(times)), timezone.localtime(now)
    if local.date() == today.date():
        return t("{name} opted out of texts today at {time}.", name=name, time=clock_words(local))
    return t("{name} opted out of texts on {day}.", name=name, day=date_words(local, this_year=today.year))
