"""Settings, Saved replies: the starter set, tables in and out, folders, pictures, and wording tests."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.desk.forms import DeskForm
from twoway.desk.replies_forms import ImportForm, WordingForm
from twoway.desk.replies_settings import page
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t, tn
from twoway.messaging.media.files import scratch
from twoway.replies import actions, queries
from twoway.teams.rules import Right

CSV = "text/csv; charset=utf-8"
MOST_TABLE = 5_000_000
_PIECE = 256 * 1024


@guard(Right.MANAGE_REPLIES)
@require_POST
def starter(request: HttpRequest) -> HttpResponse:
    """Add the starter set."""
    made = actions.add_starter_set(by=actor_of(request), at=timezone.now())
    if made:
        say(
            request,
            tn(
                "{n} reply added. Change it as you like: it is yours now.",
                "{n} replies added. Change them as you like: they are yours now.",
                made,
            ),
        )
    else:
        say(request, t("The starter set is here already."))
    return redirect("desk:settings_replies")


@guard(Right.REPLY)
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Every reply they may see, as a file."""
    table = actions.export_replies(by=actor_of(request), at=timezone.now())
    headers = {"Content-Disposition": 'attachment; filename="saved-replies.csv"', "Cache-Control": "no-store"}
    return HttpResponse(table, content_type=CSV, headers=headers)


@guard(Right.REPLY)
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Add and change replies from a file: all rows or none."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, panel="import", form=form, status=422 if form.errors else 200)
    try:
        content = form.cleaned_data["file"].read(MOST_TABLE + 1)
        done = actions.import_replies(content=content, by=actor_of(request), at=timezone.now())
    except Refused as refused:
        form.refuse(refused)
        return page(request, panel="import", form=form, status=422)
    if done.problems:
        return page(request, panel="import", form=form, problems=done.problems, status=422)
    say(request, t("Added: {added}. Changed: {changed}.", added=done.added, changed=done.changed))
    return redirect("desk:settings_replies")


@guard(Right.MANAGE_REPLIES)
@require_http_methods(["GET", "HEAD", "POST"])
def folder(request: HttpRequest, folder_id: int) -> HttpResponse:
    """Another name for a folder."""
    actor = actor_of(request)
    found = queries.access_folder(actor, folder_id)
    if request.method == "POST":
        try:
            name = request.POST.get("name", "")
            changed = actions.rename_folder(folder=found, name=name, by=actor, at=timezone.now())
        except Refused as refused:
            return page(request, panel="folder", chosen_folder=found, error=refused.sentence, status=422)
        say(request, t("{name}: saved.", name=changed.name))
        return redirect("desk:settings_replies")
    return page(request, panel="folder", chosen_folder=found)


@guard(Right.MANAGE_REPLIES)
@require_POST
def folder_delete(request: HttpRequest, folder_id: int) -> HttpResponse:
    """Remove a folder; its replies stay."""
    actor = actor_of(request)
    found = queries.access_folder(actor, folder_id)
    actions.delete_folder(folder=found, by=actor, at=timezone.now())
    say(request, t("The folder {name} is gone. Its replies stay.", name=found.name))
    return redirect("desk:settings_replies")


@guard(Right.REPLY)
@require_POST
def file_add(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Keep a picture with a reply."""
    actor = actor_of(request)
    found = queries.access_reply(actor, reply_id)
    try:
        given = request.FILES.get("file")
        if given is None:
            raise Invalid(t("Choose a file."), field="file")
        with scratch() as path:
            with path.open("wb") as target:
                for piece in given.chunks(_PIECE):
                    target.write(piece)
            actions.add_file(reply=found, path=path, name=given.name or "", by=actor, at=timezone.now())
    except Refused as refused:
        warn(request, refused.sentence)
    return redirect("desk:settings_reply", found.pk)


@guard(Right.REPLY)
@require_POST
def file_remove(request: HttpRequest, file_id: int) -> HttpResponse:
    """Take a picture off a reply."""
    actor = actor_of(request)
    found = queries.access_file(actor, file_id)
    actions.remove_file(file=found, by=actor, at=timezone.now())
    say(request, t("{name} is taken off.", name=found.name))
    return redirect("desk:settings_reply", found.reply_id)


@guard(Right.REPLY)
@require_POST
def test_start(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Begin to use a second wording in turn."""
    actor = actor_of(request)
    found = queries.access_reply(actor, reply_id)
    form: DeskForm = WordingForm(request.POST)
    if form.is_valid():
        try:
            body = form.cleaned_data["other_body"]
            actions.start_test(reply=found, other_body=body, by=actor, at=timezone.now())
        except Refused as refused:
            warn(request, refused.sentence)
        else:
            say(request, t("The test runs. Each conversation gets one of the two wordings, in turn."))
    else:
        warn(request, t("Write the second wording first."))
    return redirect("desk:settings_reply", found.pk)


@guard(Right.REPLY)
@require_POST
def test_end(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Go on with one wording."""
    actor = actor_of(request)
    found = queries.access_reply(actor, reply_id)
    try:
        actions.end_test(reply=found, keep=request.POST.get("keep", ""), by=actor, at=timezone.now())
    except Refused as refused:
        warn(request, refused.sentence)
    else:
        say(request, t("The test is over. From now on everybody gets the wording you kept."))
    return redirect("desk:settings_reply", found.pk)
