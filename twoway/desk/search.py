"""The search page: people, texts and notes of all history, with the filters that write the query."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.conversations.queries import counts
from twoway.desk import inbox_reads as reads
from twoway.desk.builders import found, lists
from twoway.desk.inbox_frame import asked_of, desk_view, shown
from twoway.desk.middleware import DeskRequest
from twoway.messaging.search import queries
from twoway.messaging.search.queries import Page

PAGE = 20
LONGEST = 400


@require_safe
@desk_view
def search(request: DeskRequest) -> HttpResponse:
    """The page; for htmx its results alone, or the further lines after a cursor."""
    cursor = request.GET.get("before", "")
    kind = "note" if request.GET.get("kind") == "note" else "text"
    results = queries.search(
        request.actor,
        request.GET.get("q", "")[:LONGEST],
        at=timezone.now(),
        zone=timezone.get_current_timezone(),
        page=Page(cursor=cursor, limit=PAGE, kind=kind),
        is_typing=request.GET.get("typing") == "1",
        is_exact=request.GET.get("exact") == "1",
    )
    region = request.signed.member.workspace.region
    page = found.page(results, actor=request.actor, region=region, kind=kind, is_further=bool(cursor))
    if request.htmx:
        template = "further" if cursor else "results"
        return shown(request, f"desk/search/{template}.html", {"search": page})
    asked = asked_of(request)
    views = lists.views_column(counts(asked.actor), names=reads.names_of(asked))
    return shown(request, "desk/search/page.html", {"search": page, "views": views})
