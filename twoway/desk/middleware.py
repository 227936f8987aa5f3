"""What every request goes through: an id for the logs, and who asks in which workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import structlog
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from twoway.channels.queries import Channel
from twoway.conversations.views.queries import Habit
from twoway.desk import errors
from twoway.desk.setup import first_run
from twoway.lib import clocks, words
from twoway.lib.logs import new_trace
from twoway.teams import languages, times
from twoway.teams.actor import Actor
from twoway.teams.queries import SignedIn, signed_in, was_member

WORKSPACE_KEY = "workspace_id"
"""Where the session keeps the workspace of somebody who is in several."""
OPEN_NAMES = frozenset({"setup"})
"""Pages of the desk that nobody has to be signed in for."""
NOT_PAGES = ("/static/", "/api/", "/hooks/", "/queues/", "/carrier/", "/healthz", "/readyz", "/metrics")
"""What programs ask for: nobody is looked up for these."""
_NOT_SIGNED_IN = 401

GetResponse = Callable[[HttpRequest], HttpResponse]


class DeskRequest(HttpRequest):
    """A request of a signed-in member, as every view of the desk gets it."""

    actor: Actor
    member: Any
    signed: SignedIn
    elsewhere: tuple[tuple[int, str], ...]
    htmx: HtmxDetails
    trace: str
    channels: QuerySet[Channel]
    habit: Habit
    gives_out: bool


def trace(get_response: GetResponse) -> GetResponse:
    """Middleware: one id per request, in every log line of it and in X-Request-Id of the answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        key = new_trace()
        cast(DeskRequest, request).trace = key
        with structlog.contextvars.bound_contextvars(trace=key):
            response = get_response(request)
        response.headers["X-Request-Id"] = key
        return response

    return middleware


class Membership:
    """Middleware: sets `request.member` and `request.actor`, and how its reader has times and words, for members.

    Who isn't reads in the language their browser asks for, and programs are answered in English. Pages of the desk are
    for members: others are led to the sign-in or told that they are in no workspace. Somebody who was switched off is
    signed out.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._answer = first_run(self._as_member)
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Keep everybody but members from the desk."""
        match = request.resolver_match
        if match is None or match.namespace != "desk" or match.url_name in OPEN_NAMES:
            return None
        if not request.user.is_authenticated:
            return sign_in_first(request)
        return None if hasattr(request, "actor") else errors.homeless(request)

    def _as_member(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(NOT_PAGES):
            return self._get_response(request)
        if not request.user.is_authenticated:
            return self._as_asked(request)
        found = signed_in(request.user.pk)
        if not found:
            if was_member(request.user.pk):
                logout(request)
            return self._as_asked(request)
        chosen = _chosen(request, found)
        asked = cast(DeskRequest, request)
        asked.signed, asked.member, asked.actor = chosen, chosen.member, chosen.actor
        others = [one.member.workspace for one in found if one is not chosen]
        asked.elsewhere = tuple((workspace.pk, workspace.name) for workspace in others)
        with timezone.override(times.zone_of(chosen.member)), clocks.reading(times.clock_of(chosen.member)):
            return self._in(languages.language_of(chosen.member), request)

    def _as_asked(self, request: HttpRequest) -> HttpResponse:
        """The answer for somebody we don't know, in a language of their browser."""
        answer = self._in(words.closest(request.headers.get("Accept-Language", "")), request)
        if _is_page(answer):
            patch_vary_headers(answer, ["Accept-Language"])
        return answer

    def _in(self, language: str, request: HttpRequest) -> HttpResponse:
        with languages.worded_in(language):
            answer = self._get_response(request)
        if _is_page(answer):
            answer.headers.setdefault("Content-Language", language)
        if answer.streaming and language != words.ENGLISH:
            streamed = cast(Any, answer)
            streamed.streaming_content = _worded(iter(streamed.streaming_content), language)
        return answer


membership = Membership


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in and back again. A fragment is only told: its page stays, with what is being written."""
    if request.headers.get("HX-Request") != "true":
        return redirect_to_login(request.get_full_path())
    return HttpResponse(status=_NOT_SIGNED_IN)


def choose_workspace(request: HttpRequest, workspace_id: int) -> HttpResponse:
    """From now on the desk is this workspace's, if the user is in it."""
    if any(one.member.workspace_id == workspace_id for one in signed_in(request.user.pk or 0)):
        request.session[WORKSPACE_KEY] = workspace_id
    return redirect("desk:home")


def _worded(pieces: Iterator[bytes], language: str) -> Iterator[bytes]:
    """An answer that is written while it is sent: in the reader's language to its end."""
    while True:
        with languages.worded_in(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _is_page(answer: HttpResponse) -> bool:
    return answer.headers.get("Content-Type", "").startswith("text/html")


def _chosen(request: HttpRequest, found: list[SignedIn]) -> SignedIn:
    """The workspace the session names, else the first."""
    if len(found) > 1:
        wanted = request.session.get(WORKSPACE_KEY)
        return next((one for one in found if one.member.workspace_id == wanted), found[0])
    return found[0]
