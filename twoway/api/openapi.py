"""The OpenAPI document: what django-ninja derives from the code, with what it cannot know put right."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, cast

import orjson
from ninja import NinjaAPI

from twoway.api.problems import MEDIA_TYPE

PREFIX = "/api/v1/"

_INTEGER: dict[str, Any] = {"schema": {"type": "integer", "minimum": 1}}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}},
    429: {"Retry-After": {"description": "Seconds to wait.", "required": True, **_INTEGER}},
    503: {"Retry-After": {"description": "Seconds to wait.", "required": True, **_INTEGER}},
}
_WHAT: dict[int, tuple[str, str, str]] = {
    400: ("The body is not JSON.", "malformed_json", "The body is not a JSON document in UTF-8."),
    401: ("No valid token.", "unauthenticated", "Send a valid API token in the header Authorization: Bearer <token>."),
    403: ("The token's role does not allow this.", "not_allowed", "Your role doesn't allow this."),
    404: ("There is no such thing, or this token may not see it.", "not_found", "There is no such conversation."),
    409: ("Something newer than `seen_id` is there.", "overtaken", "Text 1042 is newer than what you have seen."),
    411: ("The body has no length.", "length_required", "Send the body whole, with its Content-Length."),
    413: ("The body is too large.", "too_large", "The body has more than 262144 bytes."),
    415: ("The body is not application/json.", "unsupported_media_type", "Send the body as application/json."),
    422: ("A field cannot be used, or policy refuses.", "opted_out", "This person has opted out."),
    429: ("Too many requests.", "rate_limited", "This token has asked too often. Try again later."),
    503: ("The database cannot be reached.", "unavailable", "The database cannot be reached now. Try again."),
}


def document(api: NinjaAPI) -> dict[str, Any]:
    """The whole document as plain values."""
    found = cast(dict[str, Any], json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX))))
    for operations in found["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                _put_right(int(status), response)
            for parameter in operation["parameters"]:
                parameter["schema"] = _storable(_without_null(parameter["schema"]))
    return found


@cache
def as_bytes(api: NinjaAPI) -> bytes:
    """The document as it is served."""
    return orjson.dumps(document(api))


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter can be left out, but there is no way to write null in an address or a header."""
    kinds: list[dict[str, Any]] = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
    return kinds[0] | rest


def _storable(schema: dict[str, Any]) -> dict[str, Any]:
    """Words in an address hold no NUL, which no database keeps (`parser`)."""
    is_any_words = schema.get("type") == "string" and not {"enum", "const", "format", "pattern"} & set(schema)
    return {**schema, "pattern": r"^[^\u0000]*$"} if is_any_words else schema


def _put_right(status: int, response: dict[str, Any]) -> None:
    """Errors have their own media type, a description, an example, and some have headers."""
    if status < 400:
        return
    description, code, detail = _WHAT[status]
    schema = response["content"]["application/json"]["schema"]
    example = {
        "type": f"urn:twoway:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
    }
    response["description"] = description
    response["content"] = {MEDIA_TYPE: {"schema": schema, "example": example}}
    if status in _HEADERS:
        response["headers"] = _HEADERS[status]
