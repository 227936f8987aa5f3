"""One stretch of an import: whom its rows are about, what becomes of them, and writing that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import available_timezones

from django.db import connection

from twoway.channels.models import Channel
from twoway.compliance.optin import actions as optin
from twoway.compliance.optin.actions import Source
from twoway.compliance.optin.imports import rules as proofs
from twoway.compliance.optin.models import Topic
from twoway.compliance.optin.people import rules
from twoway.compliance.optin.people.rules import Plan, Told
from twoway.compliance.queries import is_opted_out
from twoway.contacts.import_models import ContactImport
from twoway.contacts.models import Contact, Identity
from twoway.lib.words import t
from twoway.teams.actor import Actor, system

Line = tuple[int, list[str]]
ErrorLine = tuple[int, str, list[str]]
_BY_PROPERTY = """
SELECT DISTINCT ON (v) v, c.id FROM unnest(%(values)s::text[]) AS v
JOIN contact c ON c.properties <> '{}' AND c.properties @> jsonb_build_object(%(key)s::text, v)
WHERE c.workspace_id = %(workspace)s AND c.merged_into_id IS NULL ORDER BY v, c.id
"""
_MOST_PROPERTIES = 50


@dataclass(slots=True)
class Done:
    """What became of a stretch."""

    counts: Counter[str] = field(default_factory=Counter)
    errors: list[ErrorLine] = field(default_factory=list)


@dataclass(slots=True)
class Bringer:
    """Brings rows in, or in a dry run says what would become of them. `seen` are the people of earlier rows."""

    job: ContactImport
    plan: Plan
    seen: dict[str, int] = field(default_factory=dict)

    def remember(self, lines: Sequence[Line]) -> None:
        """Know the people of rows that are through already."""
        for number, cells in lines:
            told = rules.read(number, cells, self.plan)
            if not told.why:
                self.seen.setdefault(told.key(self.plan.match), number)

    def bring(self, lines: Sequence[Line], *, at: datetime) -> Done:
        """Take a stretch."""
        done = Done()
        taken: list[tuple[Told, list[str]]] = []
        for number, cells in lines:
            told = rules.read(number, cells, self.plan)
            why = told.why or self._wrong(told)
            if why:
                done.counts["error"] += 1
                done.errors.append((number, why, cells))
            else:
                self.seen[told.key(self.plan.match)] = number
                taken.append((told, cells))
        found = self._found([told for told, _ in taken])
        owners = self._owners([told for told, _ in taken])
        new: list[Told] = []
        for told, cells in taken:
            contact = found.get(told.key(self.plan.match))
            why = self._taken_by(told, contact, owners)
            if why:
                done.counts["error"] += 1
                done.errors.append((told.line, why, cells))
            elif contact is None:
                done.counts["new"] += 1
                new.append(told)
            else:
                done.counts[self._change(contact, told, owners, at=at)] += 1
        made = [] if self.job.is_dry else self._make(new, at=at)
        self._admit(
            [told for told, _ in taken], done, found | {told.key(self.plan.match): row for told, row in made}, at
        )
        return done

    def _wrong(self, told: Told) -> str:
        earlier = self.seen.get(told.key(self.plan.match))
        if earlier is not None:
            return t("Line {line} is about the same person.", line=earlier)
        if told.time_zone and told.time_zone not in available_timezones():
            return t("The time zone isn't one such as America/New_York.")
        return ""

    def _found(self, told: Sequence[Told]) -> dict[str, Contact]:
        """The people who are known already, by what they are found by."""
        keys = [one.key(self.plan.match) for one in told]
        if self.plan.match == "number":
            rows = Identity.objects.filter(workspace_id=self.job.workspace_id, kind="phone", value__in=keys)
            ids = {row.value: row.contact_id for row in rows}
        else:
            ids = self._by_property(keys)
        contacts = {row.pk: row for row in Contact.objects.select_for_update(no_key=True).filter(id__in=ids.values())}
        return {key: contacts[value] for key, value in ids.items() if value in contacts}

    def _by_property(self, keys: list[str]) -> dict[str, int]:
        name = "external_id"
        found: dict[str, int] = {}
        if self.plan.match == "email":
            rows = Identity.objects.filter(workspace_id=self.job.workspace_id, kind="email", value__in=keys)
            found = {row.value: row.contact_id for row in rows}
            name = rules.email_key(self.plan)
        with connection.cursor() as cursor:
            cursor.execute(_BY_PROPERTY, {"values": keys, "key": name, "workspace": self.job.workspace_id})
            return dict(cursor.fetchall()) | found

    def _owners(self, told: Sequence[Told]) -> dict[str, int]:
        """Whose the numbers of these rows are now."""
        values = [number.value for one in told for number in one.numbers]
        rows = Identity.objects.filter(workspace_id=self.job.workspace_id, kind="phone", value__in=values)
        return {row.value: row.contact_id for row in rows}

    def _taken_by(self, told: Told, contact: Contact | None, owners: dict[str, int]) -> str:
        mine = contact.pk if contact is not None else None
        for number in told.numbers:
            owner = owners.get(number.value)
            if owner is not None and owner != mine:
                return t("Another contact has the number {number}.", number=number.value)
        if contact is not None and contact.is_anonymous:
            return t("This person stays anonymous here.")
        return ""

    def _change(self, contact: Contact, told: Told, owners: dict[str, int], *, at: datetime) -> str:
        if not self.plan.is_update:
            return "skipped"
        properties = {key: value for key, value in {**contact.properties, **told.properties}.items() if value != ""}
        changes = {
            "name": contact.name if told.name is None else told.name,
            "language": contact.language if told.language is None else told.language,
            "time_zone": contact.time_zone if told.time_zone is None else told.time_zone,
            "properties": properties if len(properties) <= _MOST_PROPERTIES else contact.properties,
        }
        more = [number for number in told.numbers if number.value not in owners]
        if not more and all(getattr(contact, name) == value for name, value in changes.items()):
            return "unchanged"
        if not self.job.is_dry:
            for name, value in changes.items():
                setattr(contact, name, value)
            contact.save(update_fields=list(changes))
            self._identify([(contact, told)], at, known=owners)
        return "updated"

    def _make(self, new: Sequence[Told], *, at: datetime) -> list[tuple[Told, Contact]]:
        rows = Contact.objects.bulk_create(
            Contact(
                workspace_id=self.job.workspace_id,
                name=told.name or "",
                language=told.language or "",
                time_zone=told.time_zone or "",
                properties={key: value for key, value in told.properties.items() if value},
                created_at=at,
            )
            for told in new
        )
        made = list(zip(new, rows, strict=True))
        self._identify([(row, told) for told, row in made], at, known={})
        return made

    def _identify(self, people: Sequence[tuple[Contact, Told]], at: datetime, *, known: dict[str, int]) -> None:
        Identity.objects.bulk_create(
            Identity(
                workspace_id=self.job.workspace_id,
                contact=contact,
                kind="phone",
                value=number.value,
                is_blocked=contact.blocked_at is not None,
                blocked_until=contact.blocked_until,
                created_at=at,
            )
            for contact, told in people
            for number in dict.fromkeys(told.numbers)
            if number.value not in known
        )

    # Consent ---------------------------------------------------------------------------------------------------------

    def _admit(self, told: Sequence[Told], done: Done, people: dict[str, Contact], at: datetime) -> None:
        """Where a topic was chosen, who has proof joins it; the others come in without consent."""
        topic = Topic.objects.filter(id=self.job.options.get("topic"), workspace_id=self.job.workspace_id).first()
        channel = Channel.objects.filter(id=self.job.options.get("channel"), workspace_id=self.job.workspace_id).first()
        if topic is None or channel is None or not topic.is_active:
            return
        by = system(self.job.workspace_id, name=f"import {self.job.pk} by {self.job.by_name}"[:100])
        for one in told:
            given_at = proofs.day(one.given_at)
            if proofs.missing(one.proof, one.given_at, given_at, at):
                done.counts["without_proof"] += 1
            elif self.job.is_dry:
                done.counts["with_consent"] += 1
            elif (contact := people.get(one.key(self.plan.match))) is not None:
                done.counts[self._join(one, contact, topic, channel, by, at)] += 1

    def _join(self, told: Told, contact: Contact, topic: Topic, channel: Channel, by: Actor, at: datetime) -> str:
        identity = Identity.objects.filter(contact=contact, kind="phone", value=told.numbers[0].value).first()
        if identity is None or is_opted_out(identity=identity, channel=channel):
            return "opted_out"
        proof: dict[str, str | int] = {
            "proof": told.proof,
            "import": self.job.pk,
            "file": self.job.file_name,
            "file_sha256": self.job.sha256,
            "line": told.line,
            "attestation": proofs.ATTESTATION,
            "attested_by": self.job.by_name,
        }
        if told.given_at:
            proof["given_at"] = told.given_at
        if told.source:
            proof["source_url"] = told.source
        optin.admit(
            topic=topic,
            source=Source(identity=identity, channel=channel, method="import", proof=proof),
            by=by,
            at=at,
        )
        return "with_consent"
