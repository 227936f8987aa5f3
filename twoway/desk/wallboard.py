"""The wallboard: for members, and by a secret link for a screen on the wall, which shows numbers only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from twoway.analytics.wallboard import actions, queries
from twoway.analytics.wallboard.gate import Gate
from twoway.analytics.wallboard.queries import Board
from twoway.analytics.wallboard.rules import LOOKS_IN, MANY_LOOKS
from twoway.desk.builders.wallboard import shown_board
from twoway.desk.inbox_frame import desk_view
from twoway.desk.middleware import DeskRequest
from twoway.lib import clocks
from twoway.lib.refusal import NotFound
from twoway.teams import languages, tickets
from twoway.teams.rules import Right, may

TEMPLATE, NUMBERS, GONE = "desk/wallboard/page.html", "desk/wallboard/board.html", "desk/wallboard/gone.html"
_gate = Gate(most=MANY_LOOKS, span=LOOKS_IN)
_UNKNOWN = 0


@require_safe
@desk_view
def wallboard(request: DeskRequest) -> HttpResponse:
    """The whole page; it keeps itself up to date."""
    board = queries.access_board(request.actor, at=timezone.now())
    addresses = {
        "now_url": reverse("desk:wallboard_now"),
        "ticket_url": reverse("desk:wallboard_ticket"),
        "sees_forecast": may(request.actor, Right.SEE_WORK),
    }
    return render(request, TEMPLATE, shown_board(board, names=True) | addresses)


@require_safe
@desk_view
def wallboard_now(request: DeskRequest) -> HttpResponse:
    """The numbers as they are now, as the part of the page that changes."""
    board = queries.access_board(request.actor, at=timezone.now())
    return render(request, NUMBERS, shown_board(board, names=True))


@require_safe
@desk_view
def wallboard_ticket(request: DeskRequest) -> HttpResponse:
    """Where to listen. The stream says only that something changed: a board on a screen is nobody's presence."""
    queries.access_board(request.actor, at=timezone.now())
    return _ticket(request.actor.workspace_id)


def _ticket(workspace_id: int) -> HttpResponse:
    url = f"/live?ticket={tickets.issue_board(workspace_id)}"
    return JsonResponse({"url": url, "expires_in": tickets.GOOD_FOR_SECONDS})


# By a link, for nobody in particular ----------------------------------------------------------------------------------


def on_the_wall(
    view: Callable[[HttpRequest, Board, str], HttpResponseBase],
) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Give the view the board of a link, in the workspace's language and time; a link that is none is not found."""

    @never_cache
    @require_safe
    @wraps(view)
    def answered(request: HttpRequest, secret: str) -> HttpResponseBase:
        at = timezone.now()
        try:
            link = queries.access_link(secret)
        except NotFound:
            response: HttpResponseBase = _gone(request) if _gate.allows(_UNKNOWN, at=at) else _too_often()
        else:
            if not _gate.allows(link.pk, at=at):
                response = _too_often()
            else:
                actions.note_use(link=link, at=at)
                board = queries.board(link.workspace_id, teams=None, at=at)
                response = _in_its_words(board, lambda: view(request, board, secret))
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        vars(response)["_has_been_logged"] = True  # Django would log the address, which holds the secret
        return response

    return answered


def _in_its_words(board: Board, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    language = languages.spoken(board.language)
    zone, clock = ZoneInfo(board.zone), clocks.usual(board.region)
    with timezone.override(zone), clocks.reading(clock), languages.worded_in(language):
        response = answer()
    response.headers["Content-Language"] = language
    return response


@on_the_wall
def wall(request: HttpRequest, board: Board, secret: str) -> HttpResponse:
    """The page of a screen on the wall."""
    addresses = {"now_url": reverse("wall_now", args=[secret]), "ticket_url": reverse("wall_ticket", args=[secret])}
    return render(request, TEMPLATE, shown_board(board, names=False) | addresses)


@on_the_wall
def wall_now(request: HttpRequest, board: Board, secret: str) -> HttpResponse:
    """Its numbers as they are now."""
    return render(request, NUMBERS, shown_board(board, names=False))


@on_the_wall
def wall_ticket(request: HttpRequest, board: Board, secret: str) -> HttpResponse:
    """Where it listens."""
    return _ticket(board.workspace_id)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, GONE, status=404)


def _too_often() -> HttpResponse:
    return HttpResponse(status=429, headers={"Retry-After": "30"})
