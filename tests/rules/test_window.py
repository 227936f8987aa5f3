"""WhatsApp's 24 hours, as a table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOW
from twoway.compliance.rules import WINDOW, needs_template, window_ends

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("kind", "written_ago", "is_template", "expected"),
    [
        ("whatsapp", timedelta(0), False, False),
        ("whatsapp", 23 * HOUR, False, False),
        ("whatsapp", 24 * HOUR - SECOND, False, False),
        ("whatsapp", 24 * HOUR, False, True),
        ("whatsapp", 24 * HOUR, True, False),
        ("whatsapp", 900 * HOUR, False, True),
        ("whatsapp", -HOUR, False, False),
        ("whatsapp", None, False, True),
        ("whatsapp", None, True, False),
        ("sms", None, False, False),
        ("sms", 900 * HOUR, False, False),
        ("email", None, False, False),
    ],
)
def test_when_only_a_template_may_go(
    kind: str, written_ago: timedelta | None, is_template: bool, expected: bool
) -> None:
    written = None if written_ago is None else NOW - written_ago
    assert needs_template(kind, last_inbound_at=written, at=NOW, is_template=is_template) is expected


@pytest.mark.parametrize(
    ("kind", "written", "ends"),
    [("whatsapp", NOW, NOW + WINDOW), ("whatsapp", None, None), ("sms", NOW, None)],
)
def test_when_the_window_ends(kind: str, written: object, ends: object) -> None:
    assert window_ends(kind, written) == ends  # type: ignore[arg-type]
