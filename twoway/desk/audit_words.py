"""The audit trail in sentences: what each action means, by its name. One that is not here is named as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twoway.desk.audit_names import worded
from twoway.lib.words import noted, t

WORDS: Mapping[str, str] = {
    "account.added": noted("connected an account at a provider"),
    "account.changed": noted("changed an account at a provider"),
    "callbacks.changed": noted("changed how calls back are given out"),
    "phone_queue.changed": noted("changed a phone queue"),
    "phone_queue.removed": noted("removed a phone queue"),
    "answering.changed": noted("changed who may answer what somebody has"),
    "approval.agreed": noted("agreed as the second person"),
    "approval.asked": noted("asked for a second person"),
    "approval.declined": noted("declined as the second person"),
    "approval.rules_changed": noted("changed what takes two people"),
    "approval.taken_back": noted("took back what they had asked a second person for"),
    "approval.used": noted("took the file a second person agreed to"),
    "audit.exported": noted("exported the audit trail"),
    "audit.verified": noted("verified the audit trail"),
    "brand.added": noted("added a brand"),
    "brand.changed": noted("changed a brand"),
    "brand.deleted": noted("deleted a brand"),
    "budget.added": noted("set a budget"),
    "budget.changed": noted("changed a budget"),
    "budget.deleted": noted("deleted a budget"),
    "campaign.added": noted("added a campaign"),
    "campaign.changed": noted("changed a campaign"),
    "campaign.deleted": noted("deleted a campaign"),
    "channel.added": noted("added a number"),
    "channel.changed": noted("changed a number"),
    "channel.deactivated": noted("switched a number off"),
    "channel.hours_set": noted("changed the hours of a number"),
    "channel.kept": noted("kept a number that was to retire"),
    "channel.mode_set": noted("changed the modes of a number"),
    "channel.paused": noted("paused a number"),
    "channel.reactivated": noted("switched a number on"),
    "channel.resumed": noted("let a number send again"),
    "channel.retired": noted("retired a number"),
    "channel.retiring": noted("set a number to retire"),
    "clock_policy.changed": noted("changed a policy for replies"),
    "clock_policy.created": noted("made a policy for replies"),
    "clock_policy.deleted": noted("deleted a policy for replies"),
    "clock_policy.moved": noted("moved a policy for replies"),
    "consent.given_again": noted("recorded that somebody wants texts again"),
    "consent.granted": noted("recorded consent"),
    "consent.proof_exported": noted("exported proof of consent"),
    "consent.stop_scope_changed": noted("changed what a STOP covers"),
    "consent.withdrawn": noted("recorded an opt-out"),
    "consent.withdrawn_for_purpose": noted("recorded the end of consent for one purpose"),
    "effort.switched_off": noted("stopped measuring time, and deleted what was kept"),
    "effort.switched_on": noted("began to measure time spent texting"),
    "audience.deleted": noted("deleted an audience"),
    "audience.saved": noted("saved an audience"),
    "contact.added": noted("added a person"),
    "contact.address_removed": noted("removed a number of a contact"),
    "contact.blocked": noted("blocked a contact"),
    "contact.erased": noted("erased a person"),
    "contact.first_address": noted("chose a contact's first number"),
    "contact.merged": noted("merged two contacts"),
    "contact.placed": noted("set where a contact is"),
    "contact.unblocked": noted("unblocked a contact"),
    "contact.unmerged": noted("undid a merge of contacts"),
    "contact.wrong_number": noted("recorded a wrong number"),
    "contact_field.added": noted("added a contact field"),
    "contact_field.changed": noted("changed a contact field"),
    "contact_field.deleted": noted("deleted a contact field"),
    "contact_field.moved": noted("moved a contact field"),
    "contacts.exported": noted("exported people"),
    "contacts.imported": noted("imported people"),
    "content.changed": noted("changed the content checks"),
    "content.sent_anyway": noted("sent a text in spite of a warning"),
    "form.changed": noted("changed an opt-in form"),
    "form.made": noted("made an opt-in form"),
    "form.off": noted("switched an opt-in form off"),
    "form.on": noted("switched an opt-in form on"),
    "form.published": noted("published a new version of an opt-in form"),
    "help_answer.changed": noted("changed a number's answer to HELP"),
    "hold.lifted": noted("lifted a legal hold"),
    "hold.placed": noted("placed a legal hold"),
    "hours.changed": noted("changed hours"),
    "hours.created": noted("made hours"),
    "hours.deleted": noted("deleted hours"),
    "hours.usual_set": noted("changed the hours of the workspace"),
    "invitation.accepted": noted("accepted an invitation"),
    "invitation.made": noted("invited somebody"),
    "invitation.renewed": noted("made a new link for an invitation"),
    "invitation.revoked": noted("took an invitation back"),
    "keyword.added": noted("added a keyword"),
    "keyword.removed": noted("removed a keyword"),
    "macro.added": noted("made a macro"),
    "macro.archived": noted("archived a macro"),
    "macro.changed": noted("changed a macro"),
    "macro.ran": noted("ran a macro"),
    "macro.restored": noted("brought a macro back"),
    "member.added": noted("added a member"),
    "member.deactivated": noted("deactivated a member"),
    "member.limited": noted("changed which conversations a member sees"),
    "member.password_link_made": noted("made a password link for a member"),
    "member.role_changed": noted("changed a member's role"),
    "member.signed_out": noted("signed a member out everywhere"),
    "near.limit_removed": noted("took away how far texts of a purpose go"),
    "near.limit_set": noted("set how far texts of a purpose go"),
    "near.place_forgotten": noted("took away where a number is"),
    "near.placed": noted("set where a number is"),
    "number.bought": noted("bought a number"),
    "number.host_asked": noted("asked a provider to host a number"),
    "number.registration_changed": noted("noted how a number is registered"),
    "number.registration_required": noted("made registration count for a number again"),
    "number.registration_waived": noted("waived registration for a number"),
    "number.released": noted("gave a number back"),
    "number.webhook_changed": noted("noted where a number's texts go"),
    "numbers.shown_from": noted("changed who sees whole phone numbers"),
    "pacing.changed": noted("changed the guard for people who don't answer"),
    "pool.changed": noted("changed a pool"),
    "pool.created": noted("made a pool"),
    "pool.deleted": noted("deleted a pool"),
    "pool.number_added": noted("added a number to a pool"),
    "pool.number_removed": noted("took a number out of a pool"),
    "call_hint.changed": noted("changed a hint when to call"),
    "call_hint.created": noted("made a hint when to call"),
    "call_hint.deleted": noted("deleted a hint when to call"),
    "escalation.changed": noted("changed an escalation rule"),
    "escalation.created": noted("made an escalation rule"),
    "escalation.deleted": noted("deleted an escalation rule"),
    "escalation.ordered": noted("moved an escalation rule"),
    "member.capacity": noted("changed how many conversations somebody has at once"),
    "member.skills": noted("changed what somebody is good at"),
    "queue.changed": noted("changed a queue"),
    "queue.created": noted("made a queue"),
    "queue.ordered": noted("put the queues in another order"),
    "queue.deleted": noted("deleted a queue"),
    "routing.changed": noted("changed what holds for all queues"),
    "routing_rule.changed": noted("changed a routing rule"),
    "routing_rule.created": noted("made a routing rule"),
    "routing_rule.deleted": noted("deleted a routing rule"),
    "routing_rule.ordered": noted("put the routing rules in another order"),
    "skill.deleted": noted("deleted a skill"),
    "skill.saved": noted("named a skill"),
    "presence.chosen": noted("chose for somebody whether they are there"),
    "price.deleted": noted("deleted a price"),
    "picture.added": noted("kept a picture to send again"),
    "picture.removed": noted("removed a kept picture"),
    "price.set": noted("set a price"),
    "purpose.added": noted("added a purpose"),
    "purpose.changed": noted("changed a purpose"),
    "purpose.reset": noted("put a purpose back to its defaults"),
    "purpose.retired": noted("retired a purpose"),
    "quarantine.settled": noted("handled a webhook in quarantine"),
    "quiet_hours.changed": noted("changed the quiet hours"),
    "reply.added": noted("saved a reply"),
    "reply.archived": noted("archived a saved reply"),
    "reply.changed": noted("changed a saved reply"),
    "reply.exported": noted("exported the saved replies"),
    "reply.file_added": noted("added a file to a saved reply"),
    "reply.file_removed": noted("took a file off a saved reply"),
    "reply.folder_deleted": noted("deleted a folder of saved replies"),
    "reply.folder_renamed": noted("renamed a folder of saved replies"),
    "reply.restored": noted("brought a saved reply back"),
    "reply.starter_added": noted("added the starter set of saved replies"),
    "reply.test_ended": noted("ended a wording test"),
    "reply.test_started": noted("started a wording test"),
    "request.erasure_began": noted("began an erasure"),
    "request.export_began": noted("had a copy of somebody's data made"),
    "request.export_fetched": noted("downloaded a copy of somebody's data"),
    "request.logged": noted("logged a request"),
    "request.refused": noted("refused a request"),
    "retention.changed": noted("changed how long data is kept"),
    "retention.counted": noted("ran a dry run of retention"),
    "retention.deleted": noted("deleted data past its time"),
    "retention.ran": noted("ran retention"),
    "role.added": noted("made a role"),
    "role.changed": noted("changed what a role may do"),
    "role.deleted": noted("deleted a role"),
    "revocation.settled": noted("settled an unsure message"),
    "sending_policy.changed": noted("changed what a first text needs"),
    "sign_ups.imported": noted("imported sign-ups"),
    "tag.changed": noted("changed a tag"),
    "tag.deleted": noted("deleted a tag"),
    "team.created": noted("made a team"),
    "team.deleted": noted("deleted a team"),
    "team.hours_set": noted("changed the hours of a team"),
    "team.members_set": noted("changed who is in a team"),
    "team.renamed": noted("renamed a team"),
    "token.created": noted("made an API token"),
    "token.revoked": noted("revoked an API token"),
    "topic.changed": noted("changed a topic"),
    "topic.made": noted("made a topic"),
    "topic.retired": noted("retired a topic"),
    "transcript.exported": noted("took a transcript of a conversation"),
    "transcript.printed": noted("printed a transcript of a conversation"),
    "forecast.terms_set": noted("changed what the staffing forecast reckons with"),
    "wallboard.closed": noted("let managers alone see the wallboard"),
    "wallboard.link_made": noted("made a link to the wallboard"),
    "wallboard.link_revoked": noted("revoked a link to the wallboard"),
    "wallboard.link_rotated": noted("renewed a link to the wallboard"),
    "wallboard.opened": noted("let everybody see the wallboard"),
    "workspace.changed": noted("changed the workspace's settings"),
    "workspace.created": noted("set the workspace up"),
}

AREAS: tuple[tuple[str, str], ...] = (
    ("consent", noted("Consent and opt-outs")),
    ("contact", noted("Contacts")),
    ("form", noted("Opt-in forms")),
    ("topic", noted("Topics")),
    ("retention", noted("Retention")),
    ("hold", noted("Legal holds")),
    ("request", noted("Requests")),
    ("audit", noted("The audit trail")),
    ("quiet_hours", noted("Quiet hours")),
    ("purpose", noted("Purposes")),
    ("pacing", noted("Caps and the guard")),
    ("near", noted("Who is near enough")),
    ("channel", noted("Numbers")),
    ("number", noted("Registration and buying")),
    ("pool", noted("Pools")),
    ("member", noted("People")),
    ("role", noted("Roles")),
    ("invitation", noted("Invitations")),
    ("approval", noted("Two people")),
    ("team", noted("Teams")),
    ("hours", noted("Hours")),
    ("clock_policy", noted("Reply times")),
    ("token", noted("API tokens")),
    ("workspace", noted("Workspace")),
    ("budget", noted("Budgets")),
    ("content", noted("Content checks")),
    ("keyword", noted("Keywords")),
    ("reply", noted("Saved replies")),
    ("macro", noted("Macros")),
    ("revocation", noted("Unsure messages")),
    ("sign_ups", noted("Imports")),
    ("quarantine", noted("Quarantine")),
)
"""What actions are about, for the filter: the word before the dot, and its label."""


def sentence(action: str) -> str:
    """What was done, to stand after the name of who did it."""
    known = WORDS.get(action)
    return t(known) if known else action.replace(".", ": ").replace("_", " ")


def areas() -> list[tuple[str, str]]:
    """The areas as the filter shows them."""
    return [(word, t(label)) for word, label in AREAS]


def actor(name: str) -> str:
    """Who, as people say it: "system: Twoway" is Twoway, "token: Booking" is the token Booking."""
    kind, colon, rest = name.partition(": ")
    if not colon:
        return name
    return {"system": rest, "token": t("{name} (token)", name=rest)}.get(kind, name)


def details(data: Mapping[str, Any]) -> str:
    """The values kept with an entry, in one line; `_before` and `_after` of one name are put together."""
    told = []
    for name, value in data.items():
        if name.endswith("_after") and f"{name[:-6]}_before" in data:
            continue
        if name.endswith("_before") and f"{name[:-7]}_after" in data:
            told.append(f"{worded(name[:-7])}: {_value(value)} → {_value(data[f'{name[:-7]}_after'])}")
        elif {"before", "after"} <= data.keys() and name in {"before", "after"}:
            if name == "before":
                told.append(f"{_value(value)} → {_value(data['after'])}")
        else:
            told.append(f"{worded(name)}: {_value(value)}")
    return ", ".join(told)


def _value(value: Any) -> str:
    if value is None or value == "":
        return t("none")
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value) or t("none")
    return str(value)
