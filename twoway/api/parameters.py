"""Parameters nobody knows are refused, so that a misspelt filter does not quietly mean "everything"."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, get_args, get_type_hints

from django.http import HttpRequest

from twoway.api import problems

Result = TypeVar("Result")


def only_known(view: Callable[..., Result]) -> Callable[..., Result]:
    """An operation that refuses parameters which are not fields of its argument `query`."""
    hint = get_type_hints(view, include_extras=True).get("query")
    known = frozenset(get_args(hint)[0].model_fields) if hint else frozenset()

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **values: Any) -> Result:
        unknown = sorted(set(request.GET) - known)
        if unknown:
            raise problems.invalid([problems.FieldError(name, "There is no such parameter.") for name in unknown[:20]])
        return view(request, *args, **values)

    return checked
