"""Importing people: keep a file, say what its columns are, check it, then bring it in a stretch at a time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django import app

from twoway.compliance.optin.people import rules
from twoway.compliance.optin.people.bringing import Bringer
from twoway.compliance.optin.people.queries import known
from twoway.compliance.optin.people.rules import Empty, Match, Plan
from twoway.contacts.import_models import ContactImport, ContactImportState, ContactImportStretch
from twoway.events.actions import audit
from twoway.lib import sheets
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.sheets import Source
from twoway.lib.words import noted, t
from twoway.teams.actor import Actor
from twoway.teams.languages import language_by_id, worded_in
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

FORGET_FILES = timedelta(days=7)
FORGET_ERRORS = timedelta(days=30)
TRIES = 3
SHORTEST_NEEDLE = 7
"""Characters: a shorter address would be found in files about others too."""
_PIECE = 1_048_576


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What a member chose for a file: the columns, how rows find people, and the topic their proof is for, if any."""

    columns: Sequence[str]
    match: Match = "number"
    empty: Empty = "leave"
    is_update: bool = True
    topic_id: int | None = None
    channel_id: int | None = None
    attests: bool = False


@transaction.atomic
def upload(*, file: Source, name: str, size: int, by: Actor, at: datetime) -> ContactImport:
    """Keep a file of people, read from a stream. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MOVE_CONTACTS)
    if size > rules.MOST_BYTES:
        raise Invalid(t("A file has at most {most} MB.", most=rules.MOST_BYTES // 1048576), field="file")
    how = sheets.written(file)
    found = sheets.rows(file, how)
    headings = sheets.headings(found)
    job = ContactImport.objects.create(
        workspace_id=by.workspace_id,
        member_id=by.member_id,
        by_name=by.audit_name[:120],
        file_name=" ".join(name.replace("\0", "").split())[:120] or "file.csv",
        sha256="",
        headings=headings,
        created_at=at,
    )
    number = 0
    while stretch := list(islice(found, rules.STRETCH)):
        job.total += len(stretch)
        if job.total > rules.MOST_ROWS:
            raise Invalid(t("A file has at most {most:,} rows below its headings.", most=rules.MOST_ROWS), field="file")
        job.samples = job.samples or [cells for _, cells in stretch[: sheets.SAMPLES]]
        ContactImportStretch.objects.create(job=job, number=number, rows=stretch)
        number += 1
    if not job.total:
        raise Invalid(t("There are no rows below the headings."), field="file")
    job.sha256 = _sha256(file)
    job.mapping = {"columns": rules.guessed(headings, job.samples, known=known(by.workspace_id))}
    job.save()
    return job


def _sha256(file: Source) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


@transaction.atomic
def choose(*, job: ContactImport, choice: Choice, by: Actor, at: datetime) -> ContactImport:
    """Say what the columns become, and check the file, which changes nobody. Raises `NotAllowed`, `Invalid`."""
    job = _lock(job, by)
    if job.state not in {ContactImportState.MAPPING, ContactImportState.CHECKED}:
        raise Invalid(t("This file is being worked on, or was brought in already."))
    columns = rules.clean_columns(choice.columns, headings=job.headings, known=known(by.workspace_id))
    if choice.match not in columns:
        raise Invalid(
            t("No column becomes “{target}”, by which people are found.", target=t(rules.TARGETS[choice.match][0])),
            field="match",
        )
    if choice.topic_id is not None:
        require(by, Right.MANAGE_COMPLIANCE)
        if not choice.attests:
            raise Invalid(t("Say that these people agreed, or choose no topic."), field="attests")
        if "proof" not in columns or "number" not in columns:
            raise Invalid(t("Consent needs a column of numbers and one of proof."), field="columns")
    job.mapping = {"columns": columns}
    job.options = {
        "match": choice.match,
        "empty": choice.empty,
        "is_update": choice.is_update,
        "topic": choice.topic_id,
        "channel": choice.channel_id,
    }
    _begin(job, is_dry=True, at=at)
    return job


@transaction.atomic
def run(*, job: ContactImport, by: Actor, at: datetime) -> ContactImport:
    """Bring in a file that was checked. Raises `NotAllowed`, `Invalid`."""
    job = _lock(job, by)
    if job.state != ContactImportState.CHECKED:
        raise Invalid(t("This file was brought in already, or isn't checked yet."))
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="contacts.imported",
        subject=f"import {job.pk}",
        data={"rows": job.total, "sha256": job.sha256, "file": job.file_name},
        at=at,
    )
    _begin(job, is_dry=False, at=at)
    return job


def _lock(job: ContactImport, by: Actor) -> ContactImport:
    require(by, Right.MOVE_CONTACTS)
    if job.workspace_id != by.workspace_id:
        raise NotAllowed(t("This import is not in this workspace."))
    return ContactImport.objects.select_for_update().get(id=job.pk)


def _begin(job: ContactImport, *, is_dry: bool, at: datetime) -> None:
    job.state = ContactImportState.CHECKING if is_dry else ContactImportState.RUNNING
    job.is_dry, job.done, job.counts, job.detail, job.started_at = is_dry, 0, {}, "", at
    job.save()
    ContactImportStretch.objects.filter(job=job).exclude(errors=[]).update(errors=[])
    if job.total <= rules.AT_ONCE:
        work(import_id=job.pk, at=at)
        job.refresh_from_db()
    else:
        app.configure_task("contacts.import", queue="slow", lock=f"contacts.import.{job.pk}").defer(import_id=job.pk)


def work(*, import_id: int, at: datetime) -> None:
    """Work through a file from where it stands; a worker that dies in between loses nothing and repeats nothing.

    What is wrong with a row is said in the language of whoever brought the file.
    """
    member_id = ContactImport.objects.filter(id=import_id).values_list("member_id", flat=True).first()
    with worded_in(language_by_id(member_id)):
        _work(import_id=import_id, at=at)


def _work(*, import_id: int, at: datetime) -> None:
    bringer: Bringer | None = None
    tries = 0
    while True:
        try:
            bringer = _stretch(import_id, bringer, at)
        except IntegrityError:
            tries += 1
            if tries >= TRIES:
                raise
            bringer = None
            continue
        tries = 0
        if bringer is None:
            return


@transaction.atomic
def _stretch(import_id: int, bringer: Bringer | None, at: datetime) -> Bringer | None:
    """The next rows of an import, in one transaction with how far it has come; who goes on, or None at the end."""
    job = ContactImport.objects.select_for_update().filter(id=import_id).first()
    if job is None or job.state not in {ContactImportState.CHECKING, ContactImportState.RUNNING}:
        return None
    bringer = bringer or _bringer(job)
    rows = ContactImportStretch.objects.filter(job=job, number=job.done).first()
    if rows is None:
        _end(job, at)
        return None
    done = bringer.bring([(line, cells) for line, cells in rows.rows], at=at)
    counted = Counter(job.counts)
    counted.update(done.counts)
    job.counts, job.done = dict(counted), job.done + 1
    job.save(update_fields=["counts", "done"])
    if done.errors:
        rows.errors = done.errors
        rows.save(update_fields=["errors"])
    return bringer


def _bringer(job: ContactImport) -> Bringer:
    region = Workspace.objects.values_list("region", flat=True).get(id=job.workspace_id)
    options: Mapping[str, object] = job.options
    plan = Plan(
        columns=tuple(job.mapping["columns"]),
        headings=tuple(job.headings),
        properties=known(job.workspace_id),
        region=region,
        match=job.options["match"],
        empty=job.options["empty"],
        is_update=bool(options["is_update"]),
    )
    bringer = Bringer(job=job, plan=plan)
    for rows in ContactImportStretch.objects.filter(job=job, number__lt=job.done).order_by("number").iterator(20):
        bringer.remember([(line, cells) for line, cells in rows.rows])
    return bringer


def _end(job: ContactImport, at: datetime) -> None:
    job.state = ContactImportState.CHECKED if job.is_dry else ContactImportState.DONE
    job.ended_at = at
    job.save()
    if not job.is_dry:
        ContactImportStretch.objects.filter(job=job).update(rows=[])
        ContactImport.objects.filter(id=job.pk).update(samples=[])


def forget(*, at: datetime) -> int:
    """Forget files that were never brought in, and the rows with errors of those that were; how many imports."""
    old = ContactImport.objects.filter(
        state__in=[ContactImportState.MAPPING, ContactImportState.CHECKED], created_at__lt=at - FORGET_FILES
    )
    gone = list(old.values_list("id", flat=True))
    ContactImportStretch.objects.filter(job__in=gone).delete()
    old.filter(id__in=gone).update(
        state=ContactImportState.FAILED, samples=[], detail=noted("Not brought in within a week.")
    )
    ContactImportStretch.objects.filter(job__ended_at__lt=at - FORGET_ERRORS).delete()
    return len(gone)


_NAMING = """
SELECT DISTINCT s.job_id FROM contact_import_stretch s JOIN contact_import j ON j.id = s.job_id
WHERE j.workspace_id = %(workspace)s AND EXISTS (
    SELECT FROM unnest(%(needles)s::text[]) AS needle, (SELECT s.rows::text || s.errors::text AS words) t
    WHERE position(needle IN lower(t.words)) > 0
       OR (needle ~ '^[0-9]+$' AND position(needle IN regexp_replace(t.words, '[^0-9"]', '', 'g')) > 0))
"""


def forget_rows(*, workspace_id: int, values: Sequence[str], at: datetime) -> int:
    """Forget files that name one of these addresses; how many. One that wasn't brought in has to be chosen again."""
    needles = [value.removeprefix("+")[-10:] if value.startswith("+") else value.lower() for value in values]
    needles = [needle for needle in needles if len(needle) >= SHORTEST_NEEDLE]
    with connection.cursor() as cursor:
        cursor.execute(_NAMING, {"workspace": workspace_id, "needles": needles})
        jobs = [row[0] for row in cursor.fetchall()]
    ContactImportStretch.objects.filter(job__in=jobs).delete()
    waiting = ContactImport.objects.filter(id__in=jobs).exclude(state=ContactImportState.DONE)
    waiting.update(
        state=ContactImportState.FAILED, ended_at=at, detail=noted("Somebody in it was erased. Choose the file again.")
    )
    ContactImport.objects.filter(id__in=jobs).update(samples=[])
    return len(jobs)
