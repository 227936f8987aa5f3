"""The API: its operations, and what an exception below one becomes."""

from __future__ import annotations

from typing import Any

import orjson
import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.renderers import BaseRenderer

from twoway.api import (
    callbacks,
    calls,
    clocks,
    consent,
    contacts,
    contacts_more,
    conversations,
    costs,
    deflection,
    escalation,
    forecast,
    hours,
    messages,
    places,
    presence,
    problems,
    promises,
    replies,
    routing,
    search,
)
from twoway.api.auth import Bearer
from twoway.api.parameters import only_known
from twoway.api.parser import StrictParser
from twoway.lib.refusal import Invalid, Refused

log = structlog.get_logger(__name__)

DESCRIPTION = """Read and send texts, and work with conversations and contacts of one workspace.

Every request carries a token: `Authorization: Bearer <token>`, made with `twoway token create` or on the settings page.
Errors are problem documents (RFC 9457) with a stable `code`. Lists are `{"items": [...], "next": cursor}`, newest
first: pass `next` as `cursor` until it is null. Times are in UTC (RFC 3339)."""


_OF_THE_BODY = 2
"""Words in the place of the body itself: where it is from, and the argument it is bound to."""


class JsonRenderer(BaseRenderer):
    """UTF-8 JSON."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data)


def _problem(request: HttpRequest, problem: problems.Problem) -> HttpResponse:
    return problems.respond(problem)


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    if isinstance(refused, Invalid) and refused.field and refused.code == Invalid.default_code:
        return problems.respond(problems.invalid_field(refused.field, refused.sentence))
    return problems.respond(problems.Problem(status=refused.status, code=refused.code, detail=refused.sentence))


def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Pydantic's findings; the place is told without the name of the argument the body is bound to."""
    errors = [problems.FieldError(_where(found["loc"]), _words(found)) for found in error.errors]
    return problems.respond(problems.invalid(errors[:20]))


def _where(loc: tuple[str | int, ...]) -> str:
    source, *path = loc
    if source == "body":
        path = path[1:]
    return ".".join(str(part) for part in path)


def _words(found: dict[str, Any]) -> str:
    if found["type"] == "missing" and len(found["loc"]) == _OF_THE_BODY:
        return "Send a JSON document as the body."
    said = str(found["msg"]).removeprefix("Value error, ")
    return said if said.endswith(".") else f"{said}."


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """django-ninja's own: it wraps what the parser raised, and has one for a request without a token."""
    if isinstance(error.__cause__, problems.Problem):
        return problems.respond(error.__cause__)
    if error.status_code == 401:
        return problems.respond(problems.unauthenticated())
    return problems.respond(problems.malformed())


def _not_found(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(problems.not_found())


def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(problems.too_large())


def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.respond(problems.malformed("The body ended before it was complete."))


def _no_database(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("api_database_unavailable", path=request.path, error=str(error))
    return problems.respond(problems.unavailable())


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("api_failed", path=request.path, method=request.method, exc_info=error)
    return problems.respond(problems.internal())


HANDLERS: tuple[tuple[type[Exception], Any], ...] = (
    (Exception, _broken),
    (problems.Problem, _problem),
    (Refused, _refused),
    (ValidationError, _not_valid),
    (HttpError, _http_error),
    (Http404, _not_found),
    (RequestDataTooBig, _too_large),
    (UnreadablePostError, _unreadable),
    (OperationalError, _no_database),
    (InterfaceError, _no_database),
)
ROUTERS: tuple[tuple[str, Router], ...] = (
    ("/messages", messages.router),
    ("/conversations", conversations.router),
    ("/contacts", contacts.router),
    ("/contacts", consent.router),
    ("", contacts_more.router),
    ("/costs", costs.router),
    ("", calls.router),
    ("", clocks.router),
    ("/forecast", forecast.router),
    ("/hours", hours.router),
    ("/promises", promises.router),
    ("/replies", replies.router),
    ("", routing.router),
    ("", escalation.router),
    ("", presence.router),
    ("/search", search.router),
    ("", callbacks.router),
    ("", deflection.router),
    ("", places.router),
)


def build() -> NinjaAPI:
    """A new API with every operation."""
    made = NinjaAPI(
        title="Twoway",
        version="1",
        description=DESCRIPTION,
        urls_namespace="api",
        openapi_url=None,
        docs_url=None,
        auth=Bearer(),
        parser=StrictParser(),
        renderer=JsonRenderer(),
    )
    for kind, handler in HANDLERS:
        made.add_exception_handler(kind, handler)
    for prefix, router in ROUTERS:
        router.add_decorator(only_known, mode="operation")
        made.add_router(prefix, router)
    return made


api = build()
