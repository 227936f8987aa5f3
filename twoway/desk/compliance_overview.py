"""The compliance centre's first page: how things stand, and what asks for attention."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.compliance.overview.queries import figures
from twoway.desk.settings_frame import actor_of, guard
from twoway.teams.rules import Right

TEMPLATE = "desk/compliance/overview.html"


@guard(Right.SEE_COMPLIANCE)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How consent, opt-outs and what was held back stand today."""
    at = timezone.now()
    return render(request, TEMPLATE, {"figures": figures(actor_of(request), at=at)})
