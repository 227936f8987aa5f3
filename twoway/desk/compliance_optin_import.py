"""Compliance, Opt-in, Import: sign-ups from a file. First what would happen, then it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from twoway.channels.queries import access_channel
from twoway.compliance.optin.imports import actions, queries, rules
from twoway.compliance.optin.imports.actions import ImportWish
from twoway.compliance.optin.queries import access_topic, topics
from twoway.desk.compliance_optin import texting
from twoway.desk.context import Column
from twoway.desk.forms import DeskForm
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/compliance/optin_import.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many rows came to one outcome."""

    outcome: str
    words: str
    rows: int


class ImportForm(DeskForm):
    """A file of sign-ups."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("At most 10 MB and 50,000 rows, with headings in its first row."),
    )
    topic = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Topic they joined"))
    channel = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Number that will text them"))
    attests = forms.BooleanField(required=False, label=gettext_lazy(rules.ATTESTATION))

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = [(one.id, one.label) for one in topics(by)]  # type: ignore[attr-defined]
        self.fields["channel"].choices = texting(by)  # type: ignore[attr-defined]


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Choose a file; POST checks it and changes nobody."""
    actor = actor_of(request)
    form = ImportForm(request.POST or None, request.FILES or None, by=actor)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.begin(wish=_wish(form, actor), by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("desk:compliance_optin_import_one", row.pk)
    return render(request, TEMPLATE, {"form": form}, status=422 if form.errors else 200)


def _wish(form: ImportForm, actor: Actor) -> ImportWish:
    given = form.cleaned_data
    content = given["file"].read(rules.MOST_BYTES + 1)
    mapping: dict[str, int | None] = dict(rules.guess(rules.header(rules.decoded(content))))
    mapping.setdefault("number", next(place for place in range(len(mapping) + 1) if place not in mapping.values()))
    return ImportWish(
        file_name=given["file"].name or "file.csv",
        content=content,
        mapping=mapping,
        topic=access_topic(actor, given["topic"]),
        channel=access_channel(actor, given["channel"]),
        attests=given["attests"],
    )


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, import_id: int) -> HttpResponse:
    """One import: what would happen, how far it is, or what happened; POST brings it in."""
    actor = actor_of(request)
    row = queries.access_import(actor, import_id)
    if request.method == "POST":
        try:
            _go_on(request, row, actor)
        except Refused as refused:
            warn(request, refused.sentence)
        return redirect("desk:compliance_optin_import_one", row.pk)
    context = {
        "job": row,
        "counts": _counts(row),
        "percent": row.done * 100 // max(row.total, 1),
        "columns": _columns(row) if row.state == "checked" else [],
        "targets": [("", t("Nothing")), *((field, t(label)) for field, (label, _) in rules.FIELDS.items())],
    }
    return render(request, TEMPLATE, context)


def _go_on(request: HttpRequest, row: queries.Import, actor: Actor) -> None:
    """Check the file again with other columns, or bring it in."""
    if request.POST.get("do") != "columns":
        row = actions.run(row=row, by=actor, at=timezone.now())
        is_done = row.state == "done"
        say(
            request,
            t("{file}: imported.", file=row.file_name)
            if is_done
            else t("{file}: the import is running.", file=row.file_name),
        )
        return
    mapping: dict[str, int | None] = {}
    for number in range(rules.MOST_COLUMNS):
        field = request.POST.get(f"c{number}", "")
        if field in mapping:
            label = t(rules.FIELDS[field][0]) if field in rules.FIELDS else ""
            raise Invalid(t("Two columns become “{column}”.", column=label) if label else t("Choose again."))
        mapping |= {field: number} if field else {}
    actions.remap(row=row, mapping=mapping, by=actor, at=timezone.now())


def _columns(row: queries.Import) -> list[Column]:
    return [
        Column(number=number, heading=heading or t("Column {n}", n=number + 1), samples=samples, becomes=becomes)
        for number, (heading, samples, becomes) in enumerate(queries.columns(row))
    ]


def _counts(row: queries.Import) -> list[Count]:
    found: dict[str, int] = row.counts
    return [
        Count(outcome=outcome, words=t(words), rows=found[outcome])
        for outcome, words in rules.OUTCOMES.items()
        if found.get(outcome)
    ]


@guard(Right.MANAGE_COMPLIANCE)
@require_safe
def problems(request: HttpRequest, import_id: int) -> HttpResponse:
    """The rows that don't come in as they stand, as a file."""
    row = queries.access_import(actor_of(request), import_id)
    return HttpResponse(
        rules.PROBLEM_HEADER + row.problems,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="import-{row.pk}-rows-to-look-at.csv"'},
    )
