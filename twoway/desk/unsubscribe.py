"""The link at the end of an email: no more of them, without signing in. It works for a year and for nothing else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from twoway.notifications import actions, digest

TEMPLATE = "desk/notifications/unsubscribe.html"


@csrf_exempt  # mail programs post by themselves (RFC 8058); the link itself is the permission
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask first, since programs open links too; a POST ends the emails."""
    member_id = digest.member_of(token)
    is_done = False
    if member_id is not None and request.method == "POST":
        actions.stop_emails(member_id=member_id)
        is_done = True
    context = {"is_known": member_id is not None, "is_done": is_done}
    return render(request, TEMPLATE, context, status=200 if member_id is not None else 404)
