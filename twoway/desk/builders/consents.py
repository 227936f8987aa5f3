"""Entries of the consent ledger and opt-outs in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from twoway.channels.queries import Channel
from twoway.compliance.consent.queries import ConsentEntry, ConsentState
from twoway.compliance.queries import OptOut
from twoway.contacts.queries import Identity, shown_address, shown_name
from twoway.desk.context import UNKNOWN_HUE, hue_of
from twoway.lib.words import noted, t
from twoway.sms import phone
from twoway.teams.actor import Actor

CHANGES: Mapping[str, tuple[str, str, str]] = {
    "granted": (noted("Granted"), "ok", "shield-check"),
    "confirmed": (noted("Confirmed"), "ok", "shield-check"),
    "requested": (noted("Requested"), "", "shield"),
    "withdrawn": (noted("Withdrawn"), "danger", "ban"),
    "lifted": (noted("Opted back in"), "ok", "undo"),
    "expired": (noted("Expired"), "warn", "clock"),
    "denied": (noted("Declined"), "danger", "ban"),
}
"""The badge of a change: its word, its tone, its icon."""
LEVELS = {"implied": noted("in the conversation"), "express": noted("express"), "written": noted("in writing")}
_FIELDS = {
    "agent_id": noted("Teammate"),
    "attestation": noted("What the importer declared"),
    "channel_id": noted("Number of ours"),
    "conversation_id": noted("Conversation"),
    "disclosure": noted("What they were shown"),
    "disclosure_hash": noted("Hash of that wording"),
    "disclosure_version": noted("Version of that wording"),
    "expired_at": noted("Was valid until"),
    "file": noted("File"),
    "form_id": noted("Form"),
    "form_version": noted("Version of the form"),
    "ip": noted("Internet address"),
    "keyword": noted("What they texted"),
    "message_id": noted("Message"),
    "message_ids": noted("Messages"),
    "note": noted("Note"),
    "position": noted("Entry it ends"),
    "requested_at_position": noted("Entry it answers"),
    "row": noted("Row"),
    "source_url": noted("Page"),
    "user_agent": noted("Browser"),
    "was": noted("It was"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Who:
    """A person in a list. Without an id nobody is known by this address any more."""

    contact_id: int | None
    name: str
    address: str
    hue: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryRow:
    """One line of the ledger."""

    position: int
    who: Who
    word: str
    tone: str
    icon: str
    purpose: str
    how: str
    proof: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class StateRow:
    """How consent stands for one purpose."""

    word: str
    tone: str
    icon: str
    purpose: str
    detail: str
    at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OptOutRow:
    """One opt-out that holds: what it covers, who said so, and how it ends."""

    id: int
    who: Who
    covers: str
    how: str
    holder: str
    undo: str
    may_lift: bool
    at: datetime


def who(identity: Identity | None, *, to: Actor, region: str) -> Who:
    """Whose line it is, as this actor may see them."""
    if identity is None:
        name, address = t("Erased"), t("Known by a keyed hash only")
        return Who(contact_id=None, name=name, address=address, hue=UNKNOWN_HUE)
    name = shown_name(identity.contact)
    address = shown_address(identity.contact, identity.value, to=to, region=region)
    hue = hue_of(identity.contact_id) if name else UNKNOWN_HUE
    return Who(contact_id=identity.contact_id, name=name or address, address=address if name else "", hue=hue)


def purpose_words(slug: str, labels: Mapping[str, str]) -> str:
    """What it is for: "All texts", or the purpose's name."""
    return t("All texts") if slug == "all" else labels.get(slug, slug.replace("_", " ").capitalize())


def entry_row(
    entry: ConsentEntry, *, to: Actor, region: str, labels: Mapping[str, str], channels: Mapping[int, Channel]
) -> EntryRow:
    """One entry as a line."""
    word, tone, icon = CHANGES[entry.change]
    return EntryRow(
        position=entry.position,
        who=who(entry.identity, to=to, region=region),
        word=t(word),
        tone=tone,
        icon=icon,
        purpose=purpose_words(entry.purpose, labels),
        how=how_words(entry, region=region, channels=channels),
        proof=proof_words(entry),
        at=entry.at,
    )


def how_words(entry: ConsentEntry, *, region: str, channels: Mapping[int, Channel]) -> str:
    """How it came, in a few words."""
    proof = entry.proof
    ours = channels.get(proof.get("channel_id") or entry.channel_id or 0)
    number = phone.pretty(ours.address, region=region) if ours else ""
    is_word = entry.method == "keyword" or entry.change != "withdrawn"
    keyword = str(proof.get("keyword") or (proof.get("words") if is_word else "") or "")[:40].upper()
    by = entry.by_name.removeprefix("token: ").removeprefix("system: ")
    texted = _texted_words(entry.method, keyword)
    if texted:
        return t("{how} to {number}", how=texted, number=number) if number else texted
    told = {
        "carrier": t("The carrier refused a text"),
        "form": t("Web form"),
        "import": t("Import"),
        "api": t("{name}, by program", name=by),
        "paper": t("Paper form, {name}", name=by),
        "voice": t("By voice, {name}", name=by),
        "agent": t("Told {name}", name=by),
        "system": t("Double opt-in without an answer") if proof.get("was") == "requested" else t("Ran out"),
    }
    return told[entry.method]


def _texted_words(method: str, keyword: str) -> str:
    """What they wrote to a number of ours, "" when it came by another way."""
    if method == "keyword":
        return t("Texted {keyword}", keyword=keyword) if keyword else t("Texted a keyword")
    if method == "reply":
        return t("Replied {keyword}", keyword=keyword) if keyword else t("Wrote it in their own words")
    if method == "provider":
        return t("The provider told us of {keyword}", keyword=keyword) if keyword else t("The provider told us")
    return ""


def proof_words(entry: ConsentEntry) -> str:
    """What there is to show."""
    if entry.minimised_at is not None:
        return t("Reduced")
    proof = entry.proof
    parts = []
    if proof.get("message_ids"):
        parts.append(t("Both messages"))
    elif proof.get("message_id"):
        parts.append(t("Message"))
    if proof.get("form_id") or proof.get("form_version"):
        parts.append(t("Form"))
    if proof.get("file"):
        parts.append(t("{file}, row {row}", file=proof["file"], row=proof.get("row", "?")))
    if proof.get("ip"):
        parts.append(t("IP"))
    version = proof.get("disclosure_version") or proof.get("form_version")
    if version:
        parts.append(t("wording v{version}", version=version))
    elif proof.get("disclosure"):
        parts.append(t("wording"))
    if proof.get("note"):
        parts.append(t("Note"))
    words = ", ".join(parts) or t("Entry")
    return words[0].upper() + words[1:]


def proof_lines(entry: ConsentEntry) -> list[tuple[str, str]]:
    """The whole proof as names and values."""
    return [
        (
            t(_FIELDS[key]) if key in _FIELDS else key.replace("_", " ").capitalize(),
            ", ".join(map(str, value)) if isinstance(value, list) else str(value),
        )
        for key, value in entry.proof.items()
        if value not in (None, "")
    ]


def state_rows(states: Iterable[ConsentState], *, labels: Mapping[str, str], now: datetime) -> list[StateRow]:
    """How consent stands, the latest change first."""
    rows = []
    for state in states:
        is_over = state.expires_at is not None and state.expires_at <= now
        word, tone, icon = CHANGES["expired" if is_over else state.change]
        rows.append(
            StateRow(
                word=t(word),
                tone=tone,
                icon=icon,
                purpose=purpose_words(state.purpose, labels),
                detail=t(LEVELS.get(state.level, "")),
                at=state.at,
                expires_at=None if is_over else state.expires_at,
            )
        )
    return rows


_HOW = {
    "keyword": noted("They texted a keyword"),
    "words": noted("They wrote it in their own words"),
    "provider": noted("The provider told us"),
    "carrier": noted("The carrier refused a text"),
    "member": noted("Recorded by a teammate"),
    "api": noted("Recorded by a program"),
}


def opt_out_row(row: OptOut, *, to: Actor, region: str, may_lift: bool) -> OptOutRow:
    """One opt-out as a line, with who can end it."""
    number = phone.pretty(row.channel.address, region=region)
    is_ours = row.source not in {"provider", "carrier"}
    is_toll_free = row.source in {"provider", "carrier"} and phone.is_toll_free_us(row.channel.address)
    network = t("The toll-free network") if is_toll_free else t("The provider or the carrier")
    how = t("Texted {keyword}", keyword=row.keyword.upper()) if row.keyword else ""
    return OptOutRow(
        id=row.pk,
        who=who(row.identity, to=to, region=region),
        covers=t("Every number") if row.covers == "all" else t("{number} and its service", number=number),
        how=t("{how} to {number}", how=how, number=number) if how else f"{t(_HOW[row.source])}, {number}",
        holder=t("Us") if is_ours else network,
        undo=t("They text START, or a teammate with a note")
        if is_ours
        else t("Only they can, by texting START to {number}", number=number),
        may_lift=may_lift and is_ours,
        at=row.opted_out_at,
    )
