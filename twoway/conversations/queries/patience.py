"""How long a view that members made themselves may take: some conditions can mean looking at every conversation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from twoway.conversations.rules import View
from twoway.lib.refusal import Refused
from twoway.lib.words import t

PATIENCE = 2000
"""Milliseconds for the rows of a view."""
COUNTING = 400
"""Milliseconds for one count of a view."""


class TooSlow(Refused):
    """A view looks through more conversations than there is time for."""

    status = 503
    default_code = "view_too_slow"


@contextmanager
def patiently(view: View, *, milliseconds: int = PATIENCE) -> Iterator[None]:
    """Give up after so long, if the view is searched; others always have an index that fits. Raises `TooSlow`."""
    if not view.is_searched:
        yield
        return
    try:
        with transaction.atomic():
            _limit(str(milliseconds))
            yield
            _limit("0")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow(
                t("This view looks through too many conversations. Narrow it by a team, a tag or a number.")
            ) from error
        raise


def _limit(milliseconds: str) -> None:
    """For this transaction alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])
