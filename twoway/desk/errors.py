"""Pages for what went wrong: forbidden, not found, broken, and a form sent twice or too late."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its protection token: the page is old, or cookies are off."""
    return render(request, "desk/error.html", {"code": 403, "title": "That page was too old."}, status=403)
