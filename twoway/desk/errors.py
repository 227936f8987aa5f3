"""Pages for what went wrong: forbidden, not found, broken, too often, and a form sent from a page that was too old."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from twoway.lib.refusal import NotAllowed, NotFound, Refused
from twoway.lib.words import noted, t


class Words(NamedTuple):
    """What an error page says: what happened, then what to do."""

    title: str
    words: str


FORBIDDEN = Words(
    noted("You don't have access to this."), noted("Your role doesn't allow it. Ask an owner or an admin.")
)
HOMELESS = Words(
    noted("You aren't in a workspace."), noted("Ask an owner or an admin to add you. Then reload this page.")
)
MISSING = Words(noted("Nothing here."), noted("That page is gone, was merged, or was never there."))
STALE_FORM = Words(noted("That page was too old."), noted("Nothing was saved. Go back, reload the page and try again."))
BROKEN = Words(noted("Something broke on our side."), noted("Your draft is saved. Try again in a moment."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: this member may not do that."""
    return _page(request, _worded(FORBIDDEN), status=403)


def homeless(request: HttpRequest) -> HttpResponse:
    """403: signed in, but in no workspace."""
    return _page(request, _worded(HOMELESS), status=403)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or no such thing for this member."""
    return _page(request, _worded(MISSING), status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """500: drawn without the database, the session or the context processors, any of which may be what broke."""
    reference = str(getattr(request, "trace", ""))[:8].upper()
    try:
        html = str(
            render_to_string("desk/errors/page.html", {"error": _worded(BROKEN), "status": 500, "reference": reference})
        )
    except Exception:
        html = _bare()
    return HttpResponse(html, status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without its protection token, because the page is old or cookies are off."""
    return _page(request, _worded(STALE_FORM), status=403)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The page of a refusal nobody caught: 403 and 404 in general words, others in their own sentence."""
    if isinstance(refusal, NotAllowed):
        return forbidden(request)
    if isinstance(refusal, NotFound):
        return missing(request)
    return _page(request, Words(t("That can't be done."), refusal.sentence), status=refusal.status)


def _worded(error: Words) -> Words:
    """In the language of whoever reads it."""
    return Words(t(error.title), t(error.words))


def _bare() -> str:
    """What is left when even the template can't be rendered."""
    title, words = t("Something broke"), t("Something broke on our side. Try again in a moment.")
    return f"<!doctype html><title>{title}</title><p>{words}</p>"


def _page(request: HttpRequest, error: Words, *, status: int) -> HttpResponse:
    return render(request, "desk/errors/page.html", {"error": error, "status": status}, status=status)
