"""Events survive the outbox, and every class is registered."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from twoway.events.happened import HappenedBy
from twoway.events.types import (
    COLUMNS,
    REACTIVE_TYPES,
    ContactOptedOut,
    ConversationDone,
    ConversationSnoozed,
    Happened,
    from_row,
    registry,
)

AT = datetime(2026, 3, 10, 17, 0, 0, 123456, tzinfo=UTC)


def test_every_event_class_is_registered_under_its_own_name() -> None:
    assert set(registry.values()) == {*Happened.__subclasses__(), *HappenedBy.__subclasses__()} - {HappenedBy}
    for name, event in registry.items():
        assert name == re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()
        assert len(name) <= 40
        assert event.__doc__


def test_reactive_types_exist() -> None:
    assert set(registry) >= REACTIVE_TYPES


@pytest.mark.parametrize(
    "event",
    [
        ConversationSnoozed(workspace_id=1, conversation_id=2, member_id=3, until=AT, by_name="Ana"),
        ConversationSnoozed(workspace_id=1, conversation_id=2, until=None),
        ConversationDone(workspace_id=1, episode=4, waiting_since=AT, unanswered=2, last_message_id=9),
        ContactOptedOut(
            workspace_id=1, identity_id=5, channel_id=6, channel_ids=(6, 7), source="keyword", keyword="ALTO"
        ),
    ],
)
def test_an_event_comes_back_as_it_was(event: Happened) -> None:
    columns = {name: getattr(event, name) for name in COLUMNS}
    assert not set(event.data()) & COLUMNS
    assert from_row(event_type=event.type, data=event.data(), **columns) == event


@pytest.mark.parametrize("name", sorted(registry))
def test_fields_of_its_own_have_names_no_column_has(name: str) -> None:
    own = {field.name for field in fields(registry[name])} - COLUMNS
    assert not own & {"id", "at", "trace", "type", "data"}


def test_an_older_row_with_a_field_too_many_can_be_read() -> None:
    found = from_row(event_type="conversation_woken", data={"why": "text", "gone": 1}, workspace_id=1)
    assert found.data() == {"why": "text", "by_name": ""}
