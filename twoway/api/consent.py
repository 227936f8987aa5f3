"""Consent of one contact: what is recorded, and the proof of it."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Path, Router, Status

from twoway.api import errors
from twoway.api.auth import ApiRequest
from twoway.api.fields import PathId
from twoway.api.outlines import consent_document
from twoway.api.shapes_consent import ConsentIn, ConsentOut, EntryOut, ProofOut
from twoway.channels import queries as channels
from twoway.compliance import queries as compliance
from twoway.compliance.consent import actions
from twoway.compliance.consent.proof import actions as proofs
from twoway.compliance.consent.queries import ConsentEntry, states_of
from twoway.compliance.consent.wording import disclosed
from twoway.compliance.purposes.queries import rules_of
from twoway.contacts import queries as contacts
from twoway.contacts.queries import Contact, Identity
from twoway.conversations import queries as conversations
from twoway.lib.refusal import Invalid
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

router = Router(tags=["Contacts"])


@router.get("/{int:contact_id}/consent", response={200: ConsentOut, **errors.READ_ONE}, operation_id="get_consent")
def get_consent(request: ApiRequest, contact_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """Whether each of their addresses may be texted from each of our channels, since when not, and for what."""
    contact = contacts.access_contact(request.actor, contact_id)
    return {"items": _consent(request.actor, contact), "purposes": _purposes(contacts.identities(contact))}


def _consent(actor: Actor, contact: Contact) -> list[dict[str, Any]]:
    ours = list(channels.visible_channels(actor).filter(is_active=True).order_by("id"))
    theirs = contacts.identities(contact)
    threads = conversations.visible_to(actor).filter(contact=contact).exclude(last_inbound_at=None)
    written = set(threads.values_list("identity_id", "channel_id"))
    pairs = [(who, channel) for who in theirs for channel in ours]
    states = compliance.consent_states((who.id, channel.pk, (who.id, channel.pk) in written) for who, channel in pairs)
    ledger = [entry for entry in compliance.ledger([who.id for who in theirs]) if entry.lifted_at is None]
    return [consent_document(who, channel, states[who.id, channel.pk], ledger, to=actor) for who, channel in pairs]


def _purposes(identities: list[Identity]) -> list[dict[str, Any]]:
    """How consent stands for each purpose of these addresses."""
    return [
        {
            "identity_id": state.identity_id,
            "purpose": state.purpose,
            "channel_id": state.channel_id,
            "state": state.change,
            "level": state.level or None,
            "at": state.at,
            "expires_at": state.expires_at,
        }
        for state in states_of([one.id for one in identities])
    ]


@router.post("/{int:contact_id}/consent", response={201: EntryOut, **errors.WRITE_ONE}, operation_id="record_consent")
def record_consent(request: ApiRequest, contact_id: Annotated[PathId, Path()], body: ConsentIn) -> Status[ConsentEntry]:
    """Record that somebody agreed to texts of one purpose, or wants no more of them; written for good."""
    actor = request.actor
    require(actor, Right.REPLY)
    identity = _identity(contacts.identities(contacts.access_contact(actor, contact_id)), body.identity_id)
    if body.purpose not in rules_of(actor.workspace_id):
        raise Invalid("There is no such purpose.", field="purpose")
    proof = {**disclosed(body.disclosure), "source_url": body.source_url, "ip": body.ip, "note": body.note}
    told = {key: value for key, value in proof.items() if value}
    about: dict[str, Any] = {"identity": identity, "purpose": body.purpose, "method": "api", "proof": told}
    if body.change == "withdrawn":
        return Status(201, actions.withdraw(**about, at=request.at, by=actor))
    given = actions.grant(**about, level=body.level, expires_at=body.expires_at, at=request.at, by=actor)
    return Status(201, given)


def _identity(found: list[Identity], wanted: int | None) -> Identity:
    """The address that is meant. Raises `Invalid`."""
    chosen = next((one for one in found if wanted in (None, one.id)), None)
    if chosen is None:
        raise Invalid("This contact has no such address.", field="identity_id")
    return chosen


@router.get(
    "/{int:contact_id}/consent/proof", response={200: ProofOut, **errors.EXPORT_ONE}, operation_id="get_consent_proof"
)
def get_consent_proof(request: ApiRequest, contact_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """Everything the consent ledger holds about one contact, each hash checked. Managers and up; it is audited.

    409 `second_person` where the workspace wants two people for exports: they are asked for in the desk then.
    """
    return proofs.export(contact_id=contact_id, by=request.actor, at=request.at)
