"""What each kind of deed is, for a second person: in one sentence, and done or taken once they agreed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from twoway.compliance import actions as compliance
from twoway.compliance.consent.listing.queries import access_opt_out
from twoway.compliance.retention.queries import access_request
from twoway.contacts.audiences.queries import access_audience
from twoway.contacts.queries import access_contact
from twoway.conversations.queries import access_conversation
from twoway.desk import compliance_audit, compliance_ledger, compliance_requests, contacts_export, transcript
from twoway.desk.contacts_frame import asked_in
from twoway.desk.contacts_writing import erase_now
from twoway.desk.inbox_frame import id_of
from twoway.desk.people_named import person_words
from twoway.desk.role_words import GROUPS
from twoway.desk.settings_frame import actor_of
from twoway.lib.refusal import Refused
from twoway.lib.words import noted, t
from twoway.messaging.retention import actions as rights
from twoway.teams.actions import members
from twoway.teams.actor import Actor
from twoway.teams.approvals import actions
from twoway.teams.approvals.actions import Doer
from twoway.teams.approvals.rules import Payload, Rule
from twoway.teams.queries import access_member
from twoway.teams.roles import actions as roles
from twoway.teams.roles.queries import access_role, built_in, choose

RULES: Mapping[str, tuple[str, str]] = {
    Rule.EXPORT: (
        noted("Taking people and transcripts out"),
        noted("Lists of people, transcripts, proof of consent, the audit log, copies of what is kept about somebody."),
    ),
    Rule.ERASE: (noted("Erasing a person"), noted("What is kept about them is deleted for good.")),
    Rule.POWERS: (
        noted("Making admins and owners"),
        noted("Also giving somebody, or a role of your own, rights that only admins have."),
    ),
    Rule.LIFT: (noted("Lifting an opt-out by hand"), noted("A customer's own START always counts at once.")),
}
"""Each rule, and what it covers."""
LABELS: Mapping[str, str] = {
    "people": noted("Export people"),
    "transcript": noted("Export a transcript"),
    "proof": noted("Export proof of consent"),
    "audit": noted("Export the audit log"),
    "copy": noted("Take away a copy of what is kept about somebody"),
    "erase": noted("Erase a person"),
    "erase_request": noted("Erase a person"),
    "member_add": noted("Add somebody with an admin's rights"),
    "member_role": noted("Give somebody an admin's rights"),
    "role_change": noted("Give a role an admin's rights"),
    "role_delete": noted("Delete a role whose members get an admin's rights"),
    "lift": noted("Lift an opt-out"),
    "rules_off": noted("Switch off two-person rules"),
}
"""Each kind without its values: for what is closed, and for who can't see what it is about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A deed in one sentence for one reader, and where they can look at what it is about."""

    words: str
    url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """`look` words it and raises `Refused` when the thing is gone or not for this reader; `do` or `take` does it."""

    look: Callable[[Actor, Payload], Told]
    do: Callable[[Actor, Payload, datetime], object] | None = None
    take: Callable[[HttpRequest, Payload], HttpResponseBase] | None = None


def told(actor: Actor, kind: str, payload: Payload) -> Told | None:
    """What is asked for, as this reader may know it; None when it is gone or not for them."""
    try:
        return DEEDS[kind].look(actor, payload)
    except Refused:
        return None


def doer(kind: str) -> Doer:
    """What does it once somebody agreed. Both must be able to see what it is about. Raises `Refused`."""
    deed = DEEDS[kind]

    def act(asker: Actor, second: Actor, payload: Payload, at: datetime) -> None:
        deed.look(second, payload)
        deed.look(asker, payload)
        if deed.do is not None:
            deed.do(asker, payload, at)

    return act


# Exports --------------------------------------------------------------------------------------------------------------


def _people(actor: Actor, payload: Payload) -> Told:
    fields = QueryDict(payload["query"])
    url = reverse("desk:contacts") + (f"?{payload['query']}" if payload["query"] else "")
    audience = id_of(fields.get("audience", ""))
    if audience is not None:
        name = access_audience(actor, audience).name
        return Told(words=t("Export the people of {audience} as a CSV file", audience=name), url=url)
    if fields.get("q") or fields.get("where"):
        return Told(words=t("Export the people of a filter as a CSV file"), url=url)
    return Told(words=t("Export all people as a CSV file"), url=url)


def _take_people(request: HttpRequest, payload: Payload) -> HttpResponseBase:
    actor = actor_of(request)
    return contacts_export.taken(actor, asked_in(actor, QueryDict(payload["query"])), at=timezone.now())


def _transcript(actor: Actor, payload: Payload) -> Told:
    found = access_conversation(actor, payload["conversation"])
    person, url = person_words(actor, found.contact), reverse("desk:conversation", args=[found.pk])
    if QueryDict(payload["query"]).get("notes"):
        return Told(words=t("Export the conversation with {person}, with private notes", person=person), url=url)
    return Told(words=t("Export the conversation with {person}", person=person), url=url)


def _take_transcript(request: HttpRequest, payload: Payload) -> HttpResponseBase:
    return transcript.taken(request, payload["conversation"], payload["form"], QueryDict(payload["query"]))


def _proof(actor: Actor, payload: Payload) -> Told:
    found = access_contact(actor, payload["contact"])
    words = t("Export the proof of consent of {person}", person=person_words(actor, found))
    return Told(words=words, url=reverse("desk:compliance_ledger_person", args=[found.pk]))


def _take_proof(request: HttpRequest, payload: Payload) -> HttpResponseBase:
    return compliance_ledger.taken(actor_of(request), payload["contact"], payload["form"])


def _audit(actor: Actor, payload: Payload) -> Told:
    return Told(words=t("Export the whole audit log"), url=reverse("desk:compliance_audit"))


def _take_audit(request: HttpRequest, payload: Payload) -> HttpResponseBase:
    return compliance_audit.taken(actor_of(request), at=timezone.now())


def _copy(actor: Actor, payload: Payload) -> Told:
    found = access_request(actor, payload["request"])
    words = t("Take away the copy of what is kept about {person}", person=person_words(actor, found.contact))
    return Told(words=words, url=reverse("desk:compliance_request", args=[found.pk]))


def _take_copy(request: HttpRequest, payload: Payload) -> HttpResponseBase:
    return compliance_requests.taken(actor_of(request), payload["request"], at=timezone.now())


# People and consent ---------------------------------------------------------------------------------------------------


def _erase(actor: Actor, payload: Payload) -> Told:
    found = access_contact(actor, payload["contact"])
    words = t("Erase {person} for good", person=person_words(actor, found))
    return Told(words=words, url=reverse("desk:contact", args=[found.pk]))


def _do_erase(by: Actor, payload: Payload, at: datetime) -> None:
    found = access_contact(by, payload["contact"])
    asked_at = parse_datetime(payload["asked_at"]) or at
    erase_now(found, law=payload["law"], confirmation=rights.CONFIRMATION, by=by, at=at, asked_at=asked_at)


def _erase_request(actor: Actor, payload: Payload) -> Told:
    found = access_request(actor, payload["request"])
    words = t("Erase {person} for good", person=person_words(actor, found.contact))
    return Told(words=words, url=reverse("desk:compliance_request", args=[found.pk]))


def _do_erase_request(by: Actor, payload: Payload, at: datetime) -> None:
    rights.start(request=access_request(by, payload["request"]), by=by, at=at, confirmation=rights.CONFIRMATION)


def _lift(actor: Actor, payload: Payload) -> Told:
    found = access_opt_out(actor, payload["opt_out"])
    person = person_words(actor, found.identity.contact)
    words = t("Lift the opt-out of {person}. Why: {note}", person=person, note=payload["note"])
    return Told(words=words, url=reverse("desk:compliance_optouts_one", args=[found.pk]))


def _do_lift(by: Actor, payload: Payload, at: datetime) -> None:
    found = access_opt_out(by, payload["opt_out"])
    note = payload["note"]
    compliance.lift(identity=found.identity, channel=found.channel, source="member", note=note, at=at, by=by)


# Rights ---------------------------------------------------------------------------------------------------------------


def _member_add(actor: Actor, payload: Payload) -> Told:
    role = choose(actor.workspace_id, payload["role"]).name
    words = t("Add {name} ({email}) with the role {role}", name=payload["name"], email=payload["email"], role=role)
    return Told(words=words, url=reverse("desk:settings_members"))


def _do_member_add(by: Actor, payload: Payload, at: datetime) -> None:
    members.add_member(by=by, password=None, at=at, **payload)


def _member_role(actor: Actor, payload: Payload) -> Told:
    found = access_member(actor, payload["member"])
    role = choose(actor.workspace_id, payload["role"]).name
    words = t("Give {name} the role {role}", name=found, role=role)
    return Told(words=words, url=reverse("desk:settings_member", args=[found.pk]))


def _do_member_role(by: Actor, payload: Payload, at: datetime) -> None:
    found = access_member(by, payload["member"])
    members.change_role(by=by, member=found, role=payload["role"], at=at)
    members.limit_to_own_teams(by=by, member=found, sees_own_teams_only=payload["sees_own_teams_only"], at=at)


def _role_change(actor: Actor, payload: Payload) -> Told:
    found = access_role(actor, payload["role"])
    more = set(payload["rights"]) - set(found.rights)
    named = [t(words) for _, rows in GROUPS for right, words, _ in rows if right.value in more]
    url = reverse("desk:settings_role", args=[found.pk])
    if named:
        return Told(words=t("Let the role {name} do more: {rights}", name=found.name, rights=", ".join(named)), url=url)
    base = built_in(payload["base"]).name
    return Told(words=t("Base the role {name} on {base}", name=found.name, base=base), url=url)


def _do_role_change(by: Actor, payload: Payload, at: datetime) -> None:
    role = access_role(by, payload["role"])
    name, base, wanted = payload["name"], payload["base"], payload["rights"]
    roles.change_role(by=by, role=role, name=name, base=base, rights=wanted, at=at)


def _role_delete(actor: Actor, payload: Payload) -> Told:
    found = access_role(actor, payload["role"])
    base = built_in(found.base).name
    words = t("Delete the role {name}: whoever has it is {base} then", name=found.name, base=base)
    return Told(words=words, url=reverse("desk:settings_role", args=[found.pk]))


def _do_role_delete(by: Actor, payload: Payload, at: datetime) -> None:
    roles.delete_role(by=by, role=access_role(by, payload["role"]), at=at)


def _rules_off(actor: Actor, payload: Payload) -> Told:
    named = [t(RULES[word][0]) for word in RULES if word in payload["rules"]]
    return Told(words=t("Want no second person any more for: {rules}", rules=", ".join(named)))


def _do_rules_off(by: Actor, payload: Payload, at: datetime) -> None:
    actions.switch_off(by=by, unwanted=payload["rules"], at=at)


DEEDS: Mapping[str, Deed] = {
    "people": Deed(look=_people, take=_take_people),
    "transcript": Deed(look=_transcript, take=_take_transcript),
    "proof": Deed(look=_proof, take=_take_proof),
    "audit": Deed(look=_audit, take=_take_audit),
    "copy": Deed(look=_copy, take=_take_copy),
    "erase": Deed(look=_erase, do=_do_erase),
    "erase_request": Deed(look=_erase_request, do=_do_erase_request),
    "member_add": Deed(look=_member_add, do=_do_member_add),
    "member_role": Deed(look=_member_role, do=_do_member_role),
    "role_change": Deed(look=_role_change, do=_do_role_change),
    "role_delete": Deed(look=_role_delete, do=_do_role_delete),
    "lift": Deed(look=_lift, do=_do_lift),
    "rules_off": Deed(look=_rules_off, do=_do_rules_off),
}
"""By the kinds of `teams.approvals.rules.KINDS`."""
