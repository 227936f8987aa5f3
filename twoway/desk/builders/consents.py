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
from twoway.sms import phone
from twoway.teams.actor import Actor

CHANGES: Mapping[str, tuple[str, str, str]] = {
    "granted": ("Granted", "ok", "shield-check"),
    "confirmed": ("Confirmed", "ok", "shield-check"),
    "requested": ("Requested", "", "shield"),
    "withdrawn": ("Withdrawn", "danger", "ban"),
    "lifted": ("Opted back in", "ok", "undo"),
    "expired": ("Expired", "warn", "clock"),
    "denied": ("Declined", "danger", "ban"),
}
"""The badge of a change: its word, its tone, its icon."""
LEVELS = {"implied": "in the conversation", "express": "express", "written": "in writing"}
_FIELDS = {
    "agent_id": "Teammate",
    "attestation": "What the importer declared",
    "channel_id": "Number of ours",
    "conversation_id": "Conversation",
    "disclosure": "What they were shown",
    "disclosure_hash": "Hash of that wording",
    "disclosure_version": "Version of that wording",
    "expired_at": "Was valid until",
    "file": "File",
    "form_id": "Form",
    "form_version": "Version of the form",
    "ip": "Internet address",
    "keyword": "What they texted",
    "message_id": "Message",
    "message_ids": "Messages",
    "note": "Note",
    "position": "Entry it ends",
    "requested_at_position": "Entry it answers",
    "row": "Row",
    "source_url": "Page",
    "user_agent": "Browser",
    "was": "It was",
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


GONE = Who(contact_id=None, name="Erased", address="Known by a keyed hash only", hue=UNKNOWN_HUE)


def who(identity: Identity | None, *, to: Actor, region: str) -> Who:
    """Whose line it is, as this actor may see them."""
    if identity is None:
        return GONE
    name = shown_name(identity.contact)
    address = shown_address(identity.contact, identity.value, to=to, region=region)
    hue = hue_of(identity.contact_id) if name else UNKNOWN_HUE
    return Who(contact_id=identity.contact_id, name=name or address, address=address if name else "", hue=hue)


def purpose_words(slug: str, labels: Mapping[str, str]) -> str:
    """What it is for: "All texts", or the purpose's name."""
    return "All texts" if slug == "all" else labels.get(slug, slug.replace("_", " ").capitalize())


def entry_row(
    entry: ConsentEntry, *, to: Actor, region: str, labels: Mapping[str, str], channels: Mapping[int, Channel]
) -> EntryRow:
    """One entry as a line."""
    word, tone, icon = CHANGES[entry.change]
    return EntryRow(
        position=entry.position,
        who=who(entry.identity, to=to, region=region),
        word=word,
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
    where = f" to {phone.pretty(ours.address, region=region)}" if ours else ""
    is_word = entry.method == "keyword" or entry.change != "withdrawn"
    keyword = str(proof.get("keyword") or (proof.get("words") if is_word else "") or "")[:40].upper()
    by = entry.by_name.removeprefix("token: ").removeprefix("system: ")
    told = {
        "keyword": f"Texted {keyword or 'a keyword'}{where}",
        "reply": f"Replied {keyword}{where}" if keyword else f"Wrote it in their own words{where}",
        "provider": f"The provider told us{f' of {keyword}' if keyword else ''}{where}",
        "carrier": "The carrier refused a text",
        "form": "Web form",
        "import": "Import",
        "api": f"{by}, by program",
        "paper": f"Paper form, {by}",
        "voice": f"By voice, {by}",
        "agent": f"Told {by}",
        "system": "Double opt-in without an answer" if proof.get("was") == "requested" else "Ran out",
    }
    return told[entry.method]


def proof_words(entry: ConsentEntry) -> str:
    """What there is to show."""
    if entry.minimised_at is not None:
        return "Reduced"
    proof = entry.proof
    parts = []
    if proof.get("message_ids"):
        parts.append("Both messages")
    elif proof.get("message_id"):
        parts.append("Message")
    if proof.get("form_id") or proof.get("form_version"):
        parts.append("Form")
    if proof.get("file"):
        parts.append(f"{proof['file']}, row {proof.get('row', '?')}")
    if proof.get("ip"):
        parts.append("IP")
    version = proof.get("disclosure_version") or proof.get("form_version")
    if version:
        parts.append(f"wording v{version}")
    elif proof.get("disclosure"):
        parts.append("wording")
    if proof.get("note"):
        parts.append("Note")
    words = ", ".join(parts) or "Entry"
    return words[0].upper() + words[1:]


def proof_lines(entry: ConsentEntry) -> list[tuple[str, str]]:
    """The whole proof as names and values."""
    return [
        (
            _FIELDS.get(key, key.replace("_", " ").capitalize()),
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
                word=word,
                tone=tone,
                icon=icon,
                purpose=purpose_words(state.purpose, labels),
                detail=LEVELS.get(state.level, ""),
                at=state.at,
                expires_at=None if is_over else state.expires_at,
            )
        )
    return rows


_HOW = {
    "keyword": "They texted a keyword",
    "words": "They wrote it in their own words",
    "provider": "The provider told us",
    "carrier": "The carrier refused a text",
    "member": "Recorded by a teammate",
    "api": "Recorded by a program",
}


def opt_out_row(row: OptOut, *, to: Actor, region: str, may_lift: bool) -> OptOutRow:
    """One opt-out as a line, with who can end it."""
    number = phone.pretty(row.channel.address, region=region)
    is_ours = row.source not in {"provider", "carrier"}
    is_toll_free = row.source in {"provider", "carrier"} and phone.is_toll_free_us(row.channel.address)
    holder = "Us" if is_ours else "The toll-free network" if is_toll_free else "The provider or the carrier"
    return OptOutRow(
        id=row.pk,
        who=who(row.identity, to=to, region=region),
        covers="Every number" if row.covers == "all" else f"{number} and its service",
        how=f"Texted {row.keyword.upper()} to {number}" if row.keyword else f"{_HOW[row.source]}, {number}",
        holder=holder,
        undo="They text START, or a teammate with a note"
        if is_ours
        else f"Only they can, by texting START to {number}",
        may_lift=may_lift and is_ours,
        at=row.opted_out_at,
    )
