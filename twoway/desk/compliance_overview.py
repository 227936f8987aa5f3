"""The compliance centre's first page: how things stand, and what asks for attention."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.compliance.consent.listing import queries as listing
from twoway.compliance.overview import queries
from twoway.compliance.revocation.queries import own_words
from twoway.desk import compliance_audit, compliance_ledger, compliance_quiet, compliance_registration
from twoway.desk.compliance_checks import checks
from twoway.desk.settings_frame import actor_of, guard
from twoway.lib.words import noted, t
from twoway.teams.rules import Right, may

TEMPLATE = "desk/compliance/overview.html"
RECENT = 6
MOST_REASONS = 3
REASONS = {
    "opted_out": noted("{many} opted out"),
    "blocked": noted("{many} blocked"),
    "landline": noted("{many} landlines"),
    "unreachable": noted("{many} unreachable"),
    "quiet_hours": noted("{many} in quiet hours"),
    "no_consent": noted("{many} without consent"),
    "too_far": noted("{many} too far away"),
    "sender_unregistered": noted("{many} from unregistered numbers"),
    "window_closed": noted("{many} outside WhatsApp's window"),
    "channel_inactive": noted("{many} from numbers switched off"),
}
"""Codes of refusals with their number, in "9 opted out, 5 in quiet hours"."""


@guard(Right.SEE_COMPLIANCE)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How consent, opt-outs, what was held back and the numbers stand today."""
    actor, at = actor_of(request), timezone.now()
    figures = listing.figures(actor, at=at)
    stopped = queries.stopped_today(actor, at=at)
    found = checks(actor, figures, at=at)
    rows = compliance_registration.number_rows(actor)
    context = {
        "figures": figures,
        "can_text": queries.can_text(actor),
        "stopped": stopped,
        "reasons": [_reason(code, many) for code, many in stopped.reasons[:MOST_REASONS]],
        "checks": found,
        "failing": sum(not check.is_ok for check in found),
        "ledger": compliance_ledger.recent(actor, limit=RECENT),
        "audit": compliance_audit.recent(actor, limit=RECENT),
        "quiet": compliance_quiet.card(actor, at=at),
        "own_words": own_words(actor)[:RECENT],
        "numbers": rows[:RECENT],
        "more_numbers": max(len(rows) - RECENT, 0),
        "may_record": may(actor, Right.MANAGE_COMPLIANCE),
    }
    return render(request, TEMPLATE, context)


def _reason(code: str, many: int) -> str:
    words = REASONS.get(code)
    return t(words, many=f"{many:,}") if words else f"{many:,} {code.replace('_', ' ')}"
