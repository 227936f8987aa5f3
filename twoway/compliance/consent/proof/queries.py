"""Everything the ledger holds about one person as one document, with every hash computed again.

The document can be checked without Twoway: `how_to_check` says how each hash was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from twoway.compliance.consent.actions import hash_of
from twoway.compliance.consent.queries import ConsentEntry, access_entries, is_intact, states_of, verify
from twoway.compliance.consent.rules import canonical, stamp
from twoway.contacts.queries import access_contact, identities, shown_address, shown_name
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of

HOW_TO_CHECK = (
    "proof_hash is SHA-256 of proof_text (UTF-8). hash is SHA-256 of these fields in this order, each written as its "
    "length in bytes, a colon, itself and a comma: the word twoway-consent-1, workspace_id, position, previous_hash, "
    "address_hash, channel_id, purpose, change, level, method, by, at, expires_at, proof_hash; nothing where a field "
    "is null. previous_hash is the hash of the entry at the position before, of whoever that is; the first one's is 64 "
    "zeros. address_hash is HMAC-SHA256 of the address with a key that only this installation has. All hashes are in "
    "hexadecimal digits, times in UTC."
)


def document(actor: Actor, *, contact_id: int, at: datetime) -> dict[str, Any]:
    """The proof for one contact, with as much of their address as this actor sees. Raises `NotAllowed`, `NotFound`."""
    entries = access_entries(actor, contact_id)
    contact = access_contact(actor, contact_id)
    addresses = identities(contact)
    hashes = {one.id: hash_of(actor.workspace_id, kind=one.kind, value=one.value) for one in addresses}
    chain = verify(actor.workspace_id)
    return {
        "format": "twoway-consent-proof-1",
        "workspace": workspace_of(actor).name,
        "made_at": stamp(at),
        "made_by": actor.audit_name,
        "contact": {
            "id": contact.id,
            "name": shown_name(contact),
            "addresses": [
                {
                    "kind": one.kind,
                    "value": shown_address(contact, one.value, to=actor),
                    "address_hash": hashes[one.id],
                }
                for one in addresses
            ],
        },
        "standing": _standing([one.id for one in addresses], hashes),
        "entries": [entry_document(entry) for entry in entries],
        "chain": {
            "is_whole": chain.broken_at == 0,
            "entries": chain.count,
            "head": chain.head,
            "broken_at": chain.broken_at or None,
            "why": chain.why or None,
        },
        "how_to_check": HOW_TO_CHECK,
    }


def _standing(identity_ids: Sequence[int], hashes: dict[int, str]) -> list[dict[str, Any]]:
    """How it stands now, by address, purpose and number."""
    return [
        {
            "address_hash": hashes.get(state.identity_id or 0, state.address_hash),
            "purpose": state.purpose,
            "channel_id": state.channel_id,
            "change": state.change,
            "level": state.level or None,
            "at": stamp(state.at),
            "expires_at": stamp(state.expires_at) or None,
        }
        for state in states_of(identity_ids)
    ]


def entry_document(entry: ConsentEntry) -> dict[str, Any]:
    """One entry with what its hash covers, its proof, and whether both are as they were written."""
    return {
        "workspace_id": entry.workspace_id,
        "position": entry.position,
        "previous_hash": entry.previous_hash,
        "address_hash": entry.address_hash,
        "channel_id": entry.channel_id,
        "purpose": entry.purpose,
        "change": entry.change,
        "level": entry.level or None,
        "method": entry.method,
        "by": entry.by_name,
        "at": stamp(entry.at),
        "expires_at": stamp(entry.expires_at) or None,
        "proof": entry.proof,
        "proof_text": canonical(entry.proof),
        "proof_hash": entry.proof_hash,
        "minimised_at": stamp(entry.minimised_at) or None,
        "hash": entry.hash,
        "is_intact": is_intact(entry),
    }
