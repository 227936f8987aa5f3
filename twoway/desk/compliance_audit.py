"""Compliance, Audit log: looking for entries, checking that none was changed, and taking them away as JSON lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.compliance.optin.queries import topic_labels
from twoway.desk import audit_words
from twoway.desk.approvals_asked import ask
from twoway.desk.inbox_frame import id_of
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.events import queries
from twoway.events.actions import audit
from twoway.events.queries import AuditEntry, AuditSearch
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import is_second_needed
from twoway.teams.approvals.rules import Rule
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right

TEMPLATE = "desk/compliance/audit.html"
PAGE = 50
LONGEST = 80
READ_AT_ONCE = 1000
TOPIC = re.compile(r"topic (\d{1,18})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One entry as the page shows it."""

    id: int
    at: datetime
    who: str
    did: str
    subject: str
    details: str
    hash: str


@guard(Right.SEE_COMPLIANCE)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The newest entries that fit, and older ones by ?before=."""
    actor = actor_of(request)
    given = _given(request)
    before = request.GET.get("before", "")
    found = queries.search_audit(
        actor.workspace_id,
        _search(actor, given),
        before_id=id_of(before),
    )
    rows = _rows(actor, found[: PAGE + 1])
    context: dict[str, Any] = {
        "rows": rows[:PAGE],
        "next": rows[PAGE - 1].id if len(rows) > PAGE else None,
        "given": given,
        "areas": audit_words.areas(),
        "kept": urlencode({name: value for name, value in given.items() if value}),
    }
    return render(request, TEMPLATE, context)


@guard(Right.SEE_COMPLIANCE)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Follow the whole chain; the answer is said, with the entry where it breaks."""
    actor = actor_of(request)
    checked = queries.follow_audit(actor.workspace_id)
    if checked.broken_id is None:
        words = t(
            "All {count} entries are as they were written, and none is missing.",
            count=f"{checked.checked:,}",
        )
        say(request, words)
    else:
        warn(
            request,
            t(
                "The chain breaks at entry {entry}: it was changed, or one before it is missing. "
                "{count} entries before it are right.",
                entry=checked.broken_id,
                count=f"{checked.checked:,}",
            ),
        )
    return redirect("desk:compliance_audit")


@guard(Right.SEE_COMPLIANCE)
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """The whole trail as a file; where it takes two people, it is asked for."""
    actor = actor_of(request)
    return ask(request, "audit", {}) if is_second_needed(actor, Rule.EXPORT) else taken(actor, at=timezone.now())


def taken(actor: Actor, *, at: datetime) -> StreamingHttpResponse:
    """Every entry as one JSON document a line, oldest first, with both hashes, so that anybody can follow the chain."""
    audit(
        workspace_id=actor.workspace_id,
        actor=actor.audit_name,
        action="audit.exported",
        subject="workspace",
        data={},
        at=at,
    )
    answer = StreamingHttpResponse(_lines(actor.workspace_id), content_type="application/x-ndjson")
    answer["Content-Disposition"] = f'attachment; filename="audit-{at:%Y-%m-%d}.jsonl"'
    answer["Cache-Control"] = "no-store"
    return answer


def _lines(workspace_id: int) -> Iterator[bytes]:
    for entry in queries.audit_entries(workspace_id).order_by("id").iterator(chunk_size=READ_AT_ONCE):
        told = {
            "id": entry.id,
            "workspace_id": entry.workspace_id,
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "data": entry.data,
            "previous_hash": entry.previous_hash,
            "hash": entry.hash,
        }
        yield orjson.dumps(told, option=orjson.OPT_SORT_KEYS) + b"\n"


def recent(actor: Actor, *, limit: int) -> list[Row]:
    """The newest entries, for the overview."""
    return _rows(actor, queries.audit_entries(actor.workspace_id)[:limit])


def _rows(actor: Actor, entries: Iterable[AuditEntry]) -> list[Row]:
    """The entries as they are shown: a topic by its name, also one that is out of use."""
    found = list(entries)
    about = {entry.subject: int(match[1]) for entry in found if (match := TOPIC.fullmatch(entry.subject))}
    labels = topic_labels(actor, about.values())
    names = {subject: labels.get(topic_id, t("a deleted topic")) for subject, topic_id in about.items()}
    return [_row(entry, subject=names.get(entry.subject, entry.subject)) for entry in found]


def _row(entry: AuditEntry, *, subject: str) -> Row:
    return Row(
        id=entry.id,
        at=entry.at,
        who=audit_words.actor(entry.actor),
        did=audit_words.sentence(entry.action),
        subject="" if subject == "workspace" else subject,
        details=audit_words.details(entry.data),
        hash=entry.hash[:12],
    )


def _given(request: HttpRequest) -> dict[str, str]:
    """What was asked for, as it was typed."""
    names = ("who", "area", "subject", "since", "until")
    return {name: request.GET.get(name, "").replace("\0", "").strip()[:LONGEST] for name in names}


def _search(actor: Actor, given: dict[str, str]) -> AuditSearch:
    """Days are the workspace's, and both included. What is no day is left out."""
    zone = ZoneInfo(workspace_of(actor).time_zone)
    since, until = _midnight(given["since"], zone, days=0), _midnight(given["until"], zone, days=1)
    return AuditSearch(actor=given["who"], action=given["area"], subject=given["subject"], since=since, until=until)


def _midnight(day: str, zone: ZoneInfo, *, days: int) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), tzinfo=zone)
    except (ValueError, OverflowError):
        return None
