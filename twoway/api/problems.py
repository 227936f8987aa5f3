"""Every error of the API as a problem document (RFC 9457) with a stable `code`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpResponse

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:twoway:problem:"
MOST_BYTES = 262_144
"""Of one body: 10,000 characters written as escapes, and room for the rest."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `field` is its path from the root of the body, query or path, joined by dots."""

    field: str
    detail: str


@dataclass(kw_only=True, eq=False)
class Problem(Exception):
    """An answer that is an error; raised anywhere below an operation."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.detail}"


def respond(problem: Problem) -> HttpResponse:
    """The problem as a response. `title` is the code in words, so that it never changes with the case at hand."""
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.code,
        "title": problem.code.replace("_", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.errors:
        document["errors"] = [{"field": error.field, "detail": error.detail} for error in problem.errors]
    return HttpResponse(
        orjson.dumps(document), status=problem.status, content_type=MEDIA_TYPE, headers=dict(problem.headers)
    )


def unauthenticated() -> Problem:
    """No token, or one that is unknown or revoked (RFC 6750, section 3)."""
    return Problem(
        status=HTTPStatus.UNAUTHORIZED,
        code="unauthenticated",
        detail="Send a valid API token in the header Authorization: Bearer <token>.",
        headers={"WWW-Authenticate": 'Bearer realm="twoway"'},
    )


def not_found(detail: str = "There is nothing at this address.") -> Problem:
    return Problem(status=HTTPStatus.NOT_FOUND, code="not_found", detail=detail)


def method_not_allowed(allowed: str) -> Problem:
    return Problem(
        status=HTTPStatus.METHOD_NOT_ALLOWED,
        code="method_not_allowed",
        detail=f"This address answers to {allowed}.",
        headers={"Allow": allowed},
    )


def malformed(detail: str = "The body is not a JSON document in UTF-8.") -> Problem:
    return Problem(status=HTTPStatus.BAD_REQUEST, code="malformed_json", detail=detail)


def unsupported_media_type() -> Problem:
    return Problem(
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        code="unsupported_media_type",
        detail="Send the body as Content-Type: application/json.",
    )


def length_required() -> Problem:
    return Problem(
        status=HTTPStatus.LENGTH_REQUIRED,
        code="length_required",
        detail="Send the body whole, with its Content-Length, and not in chunks.",
    )


def too_large() -> Problem:
    return Problem(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        code="too_large",
        detail=f"The body has more than {MOST_BYTES} bytes.",
    )


def invalid(errors: Sequence[FieldError]) -> Problem:
    """One or more fields cannot be used; the detail names the first."""
    first = errors[0]
    return Problem(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        code="invalid",
        detail=f"{first.field}: {first.detail}" if first.field else first.detail,
        errors=errors,
    )


def invalid_field(name: str, detail: str) -> Problem:
    return invalid([FieldError(name, detail)])


def rate_limited(seconds: int) -> Problem:
    return Problem(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        code="rate_limited",
        detail="This token has asked too often. Try again later.",
        headers={"Retry-After": str(seconds)},
    )


def internal() -> Problem:
    return Problem(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal",
        detail="Something went wrong here. It has been logged.",
    )


def unavailable() -> Problem:
    return Problem(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        code="unavailable",
        detail="The database cannot be reached now. Try again.",
        headers={"Retry-After": "2"},
    )
