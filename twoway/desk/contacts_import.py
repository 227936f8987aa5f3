"""People, Import: a file, what its columns become, what would happen, and then it happens."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from twoway.compliance.optin.imports.rules import ATTESTATION
from twoway.compliance.optin.people import actions, queries, rules
from twoway.compliance.optin.people.actions import Choice
from twoway.compliance.optin.people.queries import ContactImport, ContactImportState
from twoway.compliance.optin.queries import topics
from twoway.desk.compliance_optin import texting
from twoway.desk.contacts_frame import people_page
from twoway.desk.context import Column
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

IMPORTS, ONE = "desk/contacts/imports.html", "desk/contacts/import.html"


@guard(Right.MOVE_CONTACTS)
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Choose a file; the earlier ones stand below."""
    actor, error = actor_of(request), ""
    file = request.FILES.get("file")
    if request.method == "POST":
        if file is None:
            error = t("Choose a file.")
        else:
            try:
                job = actions.upload(file=file, name=file.name or "", size=file.size or 0, by=actor, at=timezone.now())
            except Refused as refused:
                error = refused.sentence
            else:
                return redirect("desk:contacts_import", job.pk)
    context = {"jobs": queries.recent(actor), "error": error, "here": "imports", "most": rules.MOST_ROWS}
    return people_page(request, IMPORTS, context, status=422 if error else 200)


@guard(Right.MOVE_CONTACTS)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, import_id: int) -> HttpResponse:
    """One import: its columns, what would happen, how far it is, or what happened. POST goes one step on."""
    actor = actor_of(request)
    job = queries.access_import(actor, import_id)
    if request.method != "POST":
        return _page(request, job, actor, changes=request.GET.get("columns") == "1")
    try:
        if request.POST.get("do") == "run":
            actions.run(job=job, by=actor, at=timezone.now())
            say(request, t("{file}: the import has begun.", file=job.file_name))
        else:
            actions.choose(job=job, choice=_choice(request, job), by=actor, at=timezone.now())
    except Refused as refused:
        return _page(request, job, actor, error=refused.sentence, changes=request.POST.get("do") != "run")
    return redirect("desk:contacts_import", import_id)


def _choice(request: HttpRequest, job: ContactImport) -> Choice:
    given = request.POST
    topic, channel = given.get("topic", ""), given.get("channel", "")
    return Choice(
        columns=[given.get(f"c{number}", "") for number in range(len(job.headings))],
        match=next((word for word, _ in rules.MATCHES if word == given.get("match")), "number"),
        empty="clear" if given.get("empty") == "clear" else "leave",
        is_update=given.get("known") != "skip",
        topic_id=int(topic) if topic.isdecimal() and len(topic) < 19 else None,
        channel_id=int(channel) if channel.isdecimal() and len(channel) < 19 else None,
        attests=given.get("attests") == "yes",
    )


def _page(
    request: HttpRequest, job: ContactImport, actor: Actor, *, error: str = "", changes: bool = False
) -> HttpResponse:
    can_map = job.state == ContactImportState.MAPPING or (job.state == ContactImportState.CHECKED and changes)
    context: dict[str, Any] = {
        "job": job,
        "maps": can_map,
        "works": job.state in {ContactImportState.CHECKING, ContactImportState.RUNNING},
        "columns": _columns(request, job) if can_map else [],
        "targets": _targets(actor),
        "matches": [(word, t(label)) for word, label in rules.MATCHES],
        "empties": [(word, t(label)) for word, label in rules.EMPTIES],
        "given": {**job.options, "known": "" if job.options.get("is_update", True) else "skip"},
        "counts": [
            (word, t(label), job.counts[word]) for word, label in rules.OUTCOMES.items() if job.counts.get(word)
        ],
        "has_errors": bool(job.counts.get("error")) and queries.has_errors(job),
        "percent": min(100, job.done * rules.STRETCH * 100 // max(job.total, 1)),
        "rows_done": min(job.total, job.done * rules.STRETCH),
        "error": error,
        "here": "imports",
    }
    if can_map and may(actor, Right.MANAGE_COMPLIANCE):
        context |= {"topics": [(one.pk, one.label) for one in topics(actor)], "channels": texting(actor)}
        context["attestation"] = t(ATTESTATION)
    return people_page(request, ONE, context, status=422 if error else 200)


def _columns(request: HttpRequest, job: ContactImport) -> list[Column]:
    chosen = job.mapping.get("columns", [])
    return [
        Column(
            number=number,
            heading=heading or t("Column {n}", n=number + 1),
            samples=tuple(row[number][:40] for row in job.samples[:3] if number < len(row) and row[number]),
            becomes=request.POST.get(f"c{number}", chosen[number] if number < len(chosen) else ""),
        )
        for number, heading in enumerate(job.headings)
    ]


def _targets(actor: Actor) -> list[tuple[str, str]]:
    """What a column may become."""
    own = [(f"{rules.PROPERTY}{key}", one.name) for key, one in queries.known(actor.workspace_id).items()]
    fixed = [(key, t(label)) for key, (label, _) in rules.TARGETS.items()]
    return [("", t("Nothing")), *fixed, *own, (rules.NEW, t("A property called like its heading"))]


@guard(Right.MOVE_CONTACTS)
@require_safe
def errors(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """The rows with errors, as a file with the reason of each."""
    job = queries.access_import(actor_of(request), import_id)
    answer = StreamingHttpResponse(
        (part.encode() for part in queries.error_lines(job)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="import-{job.pk}-errors.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
