"""The audit trail in sentences: what each action means, by its name. One that is not here is named as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORDS: Mapping[str, str] = {
    "account.added": "connected an account at a provider",
    "account.changed": "changed an account at a provider",
    "answering.changed": "changed who may answer what somebody has",
    "audit.exported": "exported the audit trail",
    "audit.verified": "verified the audit trail",
    "brand.added": "added a brand",
    "brand.changed": "changed a brand",
    "brand.deleted": "deleted a brand",
    "budget.added": "set a budget",
    "budget.changed": "changed a budget",
    "budget.deleted": "deleted a budget",
    "campaign.added": "added a campaign",
    "campaign.changed": "changed a campaign",
    "campaign.deleted": "deleted a campaign",
    "channel.added": "added a number",
    "channel.changed": "changed a number",
    "channel.deactivated": "switched a number off",
    "channel.kept": "kept a number that was to retire",
    "channel.mode_set": "changed the modes of a number",
    "channel.paused": "paused a number",
    "channel.reactivated": "switched a number on",
    "channel.resumed": "let a number send again",
    "channel.retired": "retired a number",
    "channel.retiring": "set a number to retire",
    "consent.given_again": "recorded that somebody wants texts again",
    "consent.granted": "recorded consent",
    "consent.proof_exported": "exported proof of consent",
    "consent.stop_scope_changed": "changed what a STOP covers",
    "consent.withdrawn": "recorded an opt-out",
    "consent.withdrawn_for_purpose": "recorded the end of consent for one purpose",
    "effort.switched_off": "stopped measuring time, and deleted what was kept",
    "effort.switched_on": "began to measure time spent texting",
    "audience.deleted": "deleted an audience",
    "audience.saved": "saved an audience",
    "contact.added": "added a person",
    "contact.address_removed": "removed a number of a contact",
    "contact.blocked": "blocked a contact",
    "contact.erased": "erased a person",
    "contact.first_address": "chose a contact's first number",
    "contact.merged": "merged two contacts",
    "contact.placed": "set where a contact is",
    "contact.unblocked": "unblocked a contact",
    "contact.unmerged": "undid a merge of contacts",
    "contact.wrong_number": "recorded a wrong number",
    "contact_field.added": "added a contact field",
    "contact_field.changed": "changed a contact field",
    "contact_field.deleted": "deleted a contact field",
    "contact_field.moved": "moved a contact field",
    "contacts.exported": "exported people",
    "contacts.imported": "imported people",
    "content.changed": "changed the content checks",
    "content.sent_anyway": "sent a text in spite of a warning",
    "form.changed": "changed an opt-in form",
    "form.made": "made an opt-in form",
    "form.off": "switched an opt-in form off",
    "form.on": "switched an opt-in form on",
    "form.published": "published a new version of an opt-in form",
    "help_answer.changed": "changed a number's answer to HELP",
    "hold.lifted": "lifted a legal hold",
    "hold.placed": "placed a legal hold",
    "invitation.accepted": "accepted an invitation",
    "invitation.made": "invited somebody",
    "invitation.renewed": "made a new link for an invitation",
    "invitation.revoked": "took an invitation back",
    "keyword.added": "added a keyword",
    "keyword.removed": "removed a keyword",
    "macro.added": "made a macro",
    "macro.archived": "archived a macro",
    "macro.changed": "changed a macro",
    "macro.ran": "ran a macro",
    "macro.restored": "brought a macro back",
    "member.added": "added a member",
    "member.deactivated": "deactivated a member",
    "member.limited": "changed which conversations a member sees",
    "member.password_link_made": "made a password link for a member",
    "member.role_changed": "changed a member's role",
    "member.signed_out": "signed a member out everywhere",
    "near.limit_removed": "took away how far texts of a purpose go",
    "near.limit_set": "set how far texts of a purpose go",
    "near.place_forgotten": "took away where a number is",
    "near.placed": "set where a number is",
    "number.bought": "bought a number",
    "number.host_asked": "asked a provider to host a number",
    "number.registration_changed": "noted how a number is registered",
    "number.registration_required": "made registration count for a number again",
    "number.registration_waived": "waived registration for a number",
    "number.released": "gave a number back",
    "number.webhook_changed": "noted where a number's texts go",
    "numbers.shown_from": "changed who sees whole phone numbers",
    "pacing.changed": "changed the guard for people who don't answer",
    "pool.changed": "changed a pool",
    "pool.created": "made a pool",
    "pool.deleted": "deleted a pool",
    "pool.number_added": "added a number to a pool",
    "pool.number_removed": "took a number out of a pool",
    "price.deleted": "deleted a price",
    "picture.added": "kept a picture to send again",
    "picture.removed": "removed a kept picture",
    "price.set": "set a price",
    "purpose.added": "added a purpose",
    "purpose.changed": "changed a purpose",
    "purpose.reset": "put a purpose back to its defaults",
    "purpose.retired": "retired a purpose",
    "quarantine.settled": "handled a webhook in quarantine",
    "quiet_hours.changed": "changed the quiet hours",
    "reply.added": "saved a reply",
    "reply.archived": "archived a saved reply",
    "reply.changed": "changed a saved reply",
    "reply.exported": "exported the saved replies",
    "reply.file_added": "added a file to a saved reply",
    "reply.file_removed": "took a file off a saved reply",
    "reply.folder_deleted": "deleted a folder of saved replies",
    "reply.folder_renamed": "renamed a folder of saved replies",
    "reply.restored": "brought a saved reply back",
    "reply.starter_added": "added the starter set of saved replies",
    "reply.test_ended": "ended a wording test",
    "reply.test_started": "started a wording test",
    "request.erasure_began": "began an erasure",
    "request.export_began": "had a copy of somebody's data made",
    "request.export_fetched": "downloaded a copy of somebody's data",
    "request.logged": "logged a request",
    "request.refused": "refused a request",
    "retention.changed": "changed how long data is kept",
    "retention.counted": "ran a dry run of retention",
    "retention.deleted": "deleted data past its time",
    "retention.ran": "ran retention",
    "role.added": "made a role",
    "role.changed": "changed what a role may do",
    "role.deleted": "deleted a role",
    "revocation.settled": "settled an unsure message",
    "sending_policy.changed": "changed what a first text needs",
    "sign_ups.imported": "imported sign-ups",
    "tag.changed": "changed a tag",
    "tag.deleted": "deleted a tag",
    "team.created": "made a team",
    "team.deleted": "deleted a team",
    "team.members_set": "changed who is in a team",
    "team.renamed": "renamed a team",
    "token.created": "made an API token",
    "token.revoked": "revoked an API token",
    "topic.changed": "changed a topic",
    "topic.made": "made a topic",
    "topic.retired": "retired a topic",
    "transcript.exported": "took a transcript of a conversation",
    "transcript.printed": "printed a transcript of a conversation",
    "workspace.changed": "changed the workspace's settings",
    "workspace.created": "set the workspace up",
}

AREAS: tuple[tuple[str, str], ...] = (
    ("consent", "Consent and opt-outs"),
    ("contact", "Contacts"),
    ("form", "Opt-in forms"),
    ("topic", "Topics"),
    ("retention", "Retention"),
    ("hold", "Legal holds"),
    ("request", "Requests"),
    ("audit", "The audit trail"),
    ("quiet_hours", "Quiet hours"),
    ("purpose", "Purposes"),
    ("pacing", "Caps and the guard"),
    ("near", "Who is near enough"),
    ("channel", "Numbers"),
    ("number", "Registration and buying"),
    ("pool", "Pools"),
    ("member", "People"),
    ("role", "Roles"),
    ("invitation", "Invitations"),
    ("team", "Teams"),
    ("token", "API tokens"),
    ("workspace", "Workspace"),
    ("budget", "Budgets"),
    ("content", "Content checks"),
    ("keyword", "Keywords"),
    ("reply", "Saved replies"),
    ("macro", "Macros"),
    ("revocation", "Unsure messages"),
    ("sign_ups", "Imports"),
    ("quarantine", "Quarantine"),
)
"""What actions are about, for the filter: the word before the dot, and its label."""


def sentence(action: str) -> str:
    """What was done, to stand after the name of who did it."""
    return WORDS.get(action) or action.replace(".", ": ").replace("_", " ")


def actor(name: str) -> str:
    """Who, as people say it: "system: Twoway" is Twoway, "token: Booking" is the token Booking."""
    kind, colon, rest = name.partition(": ")
    if not colon:
        return name
    return {"system": rest, "token": f"{rest} (token)"}.get(kind, name)


def details(data: Mapping[str, Any]) -> str:
    """The values kept with an entry, in one line; `_before` and `_after` of one name are put together."""
    told = []
    for name, value in data.items():
        if name.endswith("_after") and f"{name[:-6]}_before" in data:
            continue
        if name.endswith("_before") and f"{name[:-7]}_after" in data:
            told.append(f"{_name(name[:-7])}: {_value(value)} → {_value(data[f'{name[:-7]}_after'])}")
        elif {"before", "after"} <= data.keys() and name in {"before", "after"}:
            if name == "before":
                told.append(f"{_value(value)} → {_value(data['after'])}")
        else:
            told.append(f"{_name(name)}: {_value(value)}")
    return ", ".join(told)


def _name(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value) or "none"
    return str(value)
