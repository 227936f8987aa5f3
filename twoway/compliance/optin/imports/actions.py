"""Importing sign-ups: check a file, then bring it in, a stretch of rows in each transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from procrastinate.contrib.django import app

from twoway.channels.models import Channel
from twoway.compliance.consent.actions import hash_of
from twoway.compliance.consent.models import Suppression
from twoway.compliance.optin import actions as optin
from twoway.compliance.optin.actions import Source
from twoway.compliance.optin.imports import rules
from twoway.compliance.optin.imports.rules import Row
from twoway.compliance.optin.models import Import, ImportState, Membership, State, Topic
from twoway.compliance.queries import is_opted_out
from twoway.contacts import actions as contacts
from twoway.contacts.models import Identity
from twoway.contacts.queries import find_identity
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import noted, t
from twoway.sms import phone
from twoway.teams.actor import Actor, system
from twoway.teams.languages import language_by_id, worded_in
from twoway.teams.rules import Right, require

STRETCH = 100
"""Rows in one transaction: the ledger of the workspace is held that long."""
FORGET_FILES = timedelta(days=7)
OUT = noted("They opted out; only they can undo it, by texting START.")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportWish:
    """A file to be checked, what its columns are, and what the importer vouches for."""

    file_name: str
    content: bytes
    mapping: Mapping[str, int | None]
    topic: Topic
    channel: Channel
    attests: bool


@transaction.atomic
def begin(*, wish: ImportWish, by: Actor, at: datetime) -> Import:
    """Keep a file and check it: a dry run that changes nobody. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_COMPLIANCE)
    if not wish.topic.workspace_id == wish.channel.workspace_id == by.workspace_id:
        raise NotAllowed(t("This topic and this number are not in this workspace."))
    if not wish.topic.channels.filter(id=wish.channel.pk).exists():
        raise Invalid(t("People can't join this topic on this number."), field="channel")
    if not wish.attests:
        raise Invalid(t("Say that these people agreed, or don't import them."), field="attests")
    text = rules.decoded(wish.content)
    mapping = rules.clean_mapping(wish.mapping, columns=len(rules.header(text)))
    total = sum(1 for _ in rules.lines(text)) - 1
    if not 1 <= total <= rules.MOST_ROWS:
        raise Invalid(t("A file has from 1 to {most:,} rows below its headings.", most=rules.MOST_ROWS), field="file")
    row = Import.objects.create(
        workspace_id=by.workspace_id,
        topic=wish.topic,
        channel=wish.channel,
        member_id=by.member_id,
        by_name=by.audit_name[:120],
        file_name=" ".join(wish.file_name.replace("\0", "").split())[:120],
        sha256=hashlib.sha256(wish.content).hexdigest(),
        content=text.encode(),
        mapping=mapping,
        attestation=rules.ATTESTATION,
        total=total,
        created_at=at,
    )
    _hand_over(row, at)
    return row


@transaction.atomic
def remap(*, row: Import, mapping: Mapping[str, int | None], by: Actor, at: datetime) -> Import:
    """Say anew what the columns of a checked file are, and check it again. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_COMPLIANCE)
    if row.workspace_id != by.workspace_id:
        raise NotAllowed(t("This import is not in this workspace."))
    row = Import.objects.select_for_update().get(id=row.id)
    if row.state != ImportState.CHECKED or row.content is None:
        raise Invalid(t("This file was imported already, or isn't checked yet."))
    row.mapping = rules.clean_mapping(mapping, columns=len(rules.header(bytes(row.content).decode())))
    row.state, row.done, row.counts, row.problems, row.detail = ImportState.CHECKING, 0, {}, "", ""
    row.save()
    _hand_over(row, at)
    return row


@transaction.atomic
def run(*, row: Import, by: Actor, at: datetime) -> Import:
    """Bring in a file that was checked. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_COMPLIANCE)
    if row.workspace_id != by.workspace_id:
        raise NotAllowed(t("This import is not in this workspace."))
    row = Import.objects.select_for_update().get(id=row.id)
    if row.state != ImportState.CHECKED or row.content is None:
        raise Invalid(t("This file was imported already, or isn't checked yet."))
    row.state, row.is_dry, row.done, row.counts, row.problems = ImportState.RUNNING, False, 0, {}, ""
    row.started_at = at
    row.save()
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="sign_ups.imported",
        subject=f"import {row.id}",
        data={"rows": row.total, "sha256": row.sha256, "topic": row.topic_id, "attestation": row.attestation},
        at=at,
    )
    _hand_over(row, at)
    return row


def _hand_over(row: Import, at: datetime) -> None:
    """A short file is worked through at once, a long one by the worker."""
    if row.total <= rules.AT_ONCE:
        work(import_id=row.id, at=at)
        row.refresh_from_db()
    else:
        app.configure_task("optin.import", queue="slow", lock=f"optin.import.{row.id}").defer(import_id=row.id)


def work(*, import_id: int, at: datetime) -> None:
    """Work through a file from where it stands; a worker that dies in between loses nothing and repeats nothing.

    What is wrong with a row is said in the language of whoever brought the file.
    """
    member_id = Import.objects.filter(id=import_id).values_list("member_id", flat=True).first()
    seen: set[str] = set()
    with worded_in(language_by_id(member_id)):
        while _stretch(import_id, seen, at):
            pass


@transaction.atomic
def _stretch(import_id: int, seen: set[str], at: datetime) -> bool:
    """The next rows of an import, in one transaction with how far it has come; whether there is more to do.

    `seen` are the numbers of the rows before, kept from one stretch to the next.
    """
    rows = Import.objects.select_for_update(of=("self",)).select_related("topic__workspace", "channel__workspace")
    job = rows.filter(id=import_id, state__in=[ImportState.CHECKING, ImportState.RUNNING]).first()
    if job is None or job.content is None:
        return False
    if job.topic is None or job.channel is None or not job.topic.is_active:
        _end(job, ImportState.FAILED, noted("The topic or the number is gone."), at)
        return False
    text = bytes(job.content).decode()
    region = job.channel.workspace.region
    stretch = list(islice(rules.rows(text, job.mapping, region=region, at=job.created_at, skip=job.done), STRETCH))
    if job.done and not seen:
        seen |= _numbers_before(text, job, region)
    counted, problems = Counter(job.counts), []
    for row in stretch:
        outcome, why = _take(row, job=job, topic=job.topic, channel=job.channel, seen=seen, at=at)
        counted[outcome] += 1
        if outcome not in {"joined", "already"}:
            problems.append((row.line, row.typed, outcome, why))
    job.done += len(stretch)
    job.counts = dict(counted)
    if job.problems.count("\n") < rules.MOST_PROBLEMS:
        job.problems += rules.problem_lines(problems)
    if job.done >= job.total or not stretch:
        _end(job, ImportState.CHECKED if job.is_dry else ImportState.DONE, "", at)
        return False
    job.save()
    return True


def _numbers_before(text: str, job: Import, region: str) -> set[str]:
    """The numbers of the rows that were done, so that a repeated one is told wherever the first one was."""
    done = islice(rules.rows(text, {"number": job.mapping["number"]}, region=region, at=job.created_at), job.done)
    return {row.number.value for row in done if row.number is not None}


def _end(job: Import, state: ImportState, detail: str, at: datetime) -> None:
    job.state, job.detail, job.ended_at = state, detail, at
    if state != ImportState.CHECKED:
        job.content = None
    job.save()


def _take(row: Row, *, job: Import, topic: Topic, channel: Channel, seen: set[str], at: datetime) -> tuple[str, str]:
    """What becomes of one row, and why. In a dry run nothing is written."""
    if row.number is None:
        return "invalid", row.why
    if row.number.value in seen:
        return "repeated", t("Another row has this number.")
    seen.add(row.number.value)
    known = find_identity(job.workspace_id, row.number)
    if _is_out(known, row.number, channel):
        return "opted_out", t(OUT)
    if job.is_dry:
        return (row.outcome, row.why) if row.outcome else (_foretold(known, topic), "")
    by = system(job.workspace_id, name=f"import {job.id} by {job.by_name}"[:100])
    identity, _ = contacts.find_or_create(identity=row.number, by=by, at=at, name=row.name)
    if is_opted_out(identity=identity, channel=channel):
        return "opted_out", t(OUT)
    if row.outcome:
        return row.outcome, row.why
    source = Source(identity=identity, channel=channel, method="import", proof=_proof(row, job))
    return ("joined", "") if optin.admit(topic=topic, source=source, by=by, at=at) else ("already", "")


def _is_out(known: Identity | None, number: phone.Identity, channel: Channel) -> bool:
    """Whether this number opted out, also when nobody is known by it any more."""
    if known is not None:
        return is_opted_out(identity=known, channel=channel)
    hashed = hash_of(channel.workspace_id, kind=number.kind, value=number.value)
    rows = Suppression.objects.filter(workspace_id=channel.workspace_id, address_hash=hashed)
    return any(one.channel_id in {None, channel.pk} for one in rows)


def _foretold(known: Identity | None, topic: Topic) -> str:
    if known is None:
        return "joined"
    is_in = Membership.objects.filter(topic=topic, identity=known, state=State.JOINED).exists()
    return "already" if is_in else "joined"


def _proof(row: Row, job: Import) -> dict[str, str | int]:
    """What the ledger keeps of a row: the proof itself, the file by its hash, the line, and who vouched for it."""
    told: dict[str, str | int] = {
        "proof": row.proof,
        "import": job.id,
        "file": job.file_name,
        "file_sha256": job.sha256,
        "line": row.line,
        "attestation": job.attestation,
        "attested_by": job.by_name,
    }
    if row.given_at is not None:
        told["given_at"] = row.given_at.isoformat()
    return told | ({"source_url": row.source} if row.source else {})


def forget_files(*, at: datetime) -> int:
    """Forget files that were checked and never imported; how many."""
    old = Import.objects.filter(state=ImportState.CHECKED, created_at__lt=at - FORGET_FILES, content__isnull=False)
    return old.update(content=None, state=ImportState.FAILED, detail=noted("Checked, and not imported within a week."))
