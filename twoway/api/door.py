"""The way into the API: everything below /api/v1/ is answered here, errors included. Sessions count for nothing."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.urls import Resolver404, ResolverMatch, URLResolver
from django.urls.resolvers import RegexPattern
from django.views.decorators.csrf import csrf_exempt

from twoway.api import openapi, problems
from twoway.api.app import api

_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})


@cache
def _resolver() -> URLResolver:
    return URLResolver(RegexPattern(r"^/api/v1/"), api.urls[0])


@csrf_exempt
def answer(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """One request to the API. Every error is a problem document; nothing is cached on the way."""
    response = _answer(request)
    if isinstance(response, HttpResponseNotAllowed):
        allowed = response.headers["Allow"]
        response = problems.respond(problems.method_not_allowed(_with_head(allowed)))
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _answer(request: HttpRequest) -> HttpResponseBase:
    if request.path_info == openapi.PREFIX + "openapi.json":
        return _document(request)
    try:
        match = _resolver().resolve(request.path_info)
    except Resolver404:
        return problems.respond(problems.not_found())
    if request.method not in _BODILESS and not _is_json(request):
        return problems.respond(problems.unsupported_media_type())
    if "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers:
        return problems.respond(problems.length_required())
    try:
        return _called(request, match)
    except Exception as error:
        return api.on_exception(request, error)


def _called(request: HttpRequest, match: ResolverMatch) -> HttpResponseBase:
    """What the operation answers. HEAD is asked as GET; the server leaves the body out."""
    asked = request.method
    request.method = "GET" if asked == "HEAD" else asked
    try:
        found: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    finally:
        request.method = asked
    return found


def _document(request: HttpRequest) -> HttpResponseBase:
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET"])
    return HttpResponse(
        openapi.as_bytes(api), content_type="application/json", headers={"Cache-Control": "public, max-age=300"}
    )


def _is_json(request: HttpRequest) -> bool:
    """Whether the body is said to be JSON; a body without any type is taken for it."""
    return (request.content_type or "application/json") == "application/json"


def _with_head(allowed: str) -> str:
    methods = sorted(part.strip() for part in allowed.split(","))
    return ", ".join([*methods, "HEAD"] if "GET" in methods else methods)
