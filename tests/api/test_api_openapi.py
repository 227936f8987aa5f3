"""The OpenAPI document is true: every operation answers to whatever it is sent as the document says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from tests import make
from tests.api.conftest import Program
from tests.cast import Player
from twoway.api import openapi
from twoway.api.app import api
from twoway.channels.models import Channel
from twoway.messaging.callbacks import actions as callbacks
from twoway.messaging.callbacks import queries as times
from twoway.messaging.callbacks.models import CallbackSetting
from twoway.messaging.calls.models import Call
from twoway.messaging.merging import actions as merging
from twoway.messaging.models import Message
from twoway.replies import actions as replies
from twoway.replies.actions import ReplyTerms
from twoway.routing import actions as routing
from twoway.routing.escalation import actions as escalation
from twoway.sla import actions as clocks
from twoway.teams.hours import actions as hours
from twoway.teams.hours.actions import HoursWish
from twoway.teams.hours.week_rules import SUGGESTED

DOCUMENT = openapi.document(api)
DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
WRITES_MAY_BE_REFUSED = {
    "checks": {"positive_data_acceptance": {"expected-statuses": ["200", "201", "404", "409", "422"]}}
}
"""A well-formed write may mean somebody unknown, and policy may refuse it. A well-formed read is never refused."""
MOMENTS_MAY_BE_REFUSED = {"checks": {"positive_data_acceptance": {"expected-statuses": ["200", "404", "422"]}}}
"""A team or a number that nobody knows has no hours, and nobody knows the holidays of every century."""
SPANS_MAY_BE_REFUSED = {"checks": {"positive_data_acceptance": {"expected-statuses": ["200", "422"]}}}
"""No schema says that one day comes before another."""
CONFIG = {
    "operations": [
        *({"include-method": method, **WRITES_MAY_BE_REFUSED} for method in ("POST", "PATCH", "PUT")),
        {"include-path": "/api/v1/costs", **SPANS_MAY_BE_REFUSED},
        {"include-path": "/api/v1/hours/open", **MOMENTS_MAY_BE_REFUSED},
        {"include-path": "/api/v1/reply-times", **MOMENTS_MAY_BE_REFUSED},
    ]
}


def application(environ: Any, start_response: Any) -> Any:
    """Django's WSGI application, made anew for the settings of the test, on the test's own connection."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        with closing(WSGIHandler()(environ, start_response)) as response:
            return list(response)
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


schema = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig.from_dict(CONFIG))
schema.app = application


@pytest.fixture
def manager(ana: Player, program_of: Callable[..., Program]) -> Program:
    """A program no operation refuses for its role."""
    return program_of(ana, role="admin")


@pytest.fixture
def known(channel: Channel, ana: Player, now: datetime) -> dict[str, int]:
    """Ids that exist, by the name of the parameter that takes them."""
    conversation = make.make_conversation(channel, at=now, messages=2, name="Dana")
    kept, gone = (make.make_contact(channel.workspace, at=now, name=name) for name in ("Luis", "Luis O."))
    queue = routing.save_queue(wish=routing.QueueWish(name="Care"), by=ana.actor, at=now)
    conditions = {"all": [{"field": "words", "is": "any_of", "value": ["refund"]}]}
    wish = routing.RuleWish(name="Refunds", conditions=conditions, queue_id=queue.pk)
    terms = ReplyTerms(name="Late", body="We run late.", scope="all")
    CallbackSetting.objects.create(workspace=channel.workspace, is_on=True, words=times.usual_words(), changed_at=now)
    free = times.free_in(conversation, at=now)[0]
    return {
        "conversation_id": conversation.id,
        "contact_id": conversation.contact_id,
        "message_id": Message.objects.filter(conversation=conversation)[0].id,
        "channel_id": channel.pk,
        "callback_id": callbacks.begin(
            conversation=conversation, starts_at=free, by=ana.actor, at=now, source="agent"
        ).pk,
        "call_id": Call.objects.create(
            workspace=channel.workspace, channel=channel, conversation=conversation, direction="in", started_at=now
        ).pk,
        "merge_id": merging.merge(kept=kept, gone=gone, by=ana.actor, at=now).pk,
        "hours_id": hours.create_hours(by=ana.actor, wish=HoursWish(name="Office", week=SUGGESTED), at=now).pk,
        "queue_id": queue.pk,
        "rule_id": routing.save_rule(wish=wish, by=ana.actor, at=now).pk,
        "escalation_id": escalation.save_rule(
            wish=escalation.RuleWish(name="Lawyers", conditions=conditions, gives="manager"), by=ana.actor, at=now
        ).pk,
        "member_id": ana.id,
        "policy_id": clocks.create_policy(wish=clocks.Wish(name="Billing"), by=ana.actor, at=now).pk,
        "reply_id": replies.add_reply(terms=terms, by=ana.actor, at=now).pk,
    }


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_its_word(case: Any, manager: Program, known: dict[str, int]) -> None:
    if case.meta.generation.mode is GenerationMode.POSITIVE:
        case.path_parameters |= {name: known[name] for name in case.path_parameters}
    case.call_and_validate(headers={"Authorization": f"Bearer {manager.token}"})


def test_every_operation_is_described() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["description"].endswith("."), (method, path)
            assert operation["security"] == [{"Bearer": []}], (method, path)
            assert {"401", "403", "429", "503"} <= set(operation["responses"]), (method, path)
    assert DOCUMENT["components"]["securitySchemes"]["Bearer"] == {"type": "http", "scheme": "bearer"}


def test_every_operation_is_on_the_page() -> None:
    """docs/api.md names each operation, and no other."""
    documented = set(re.findall(r"`(GET|POST|PATCH|PUT|DELETE) (/[a-z/{}_-]+)`", DOCS)) - {
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
    }
    there = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
    }
    assert documented == there


def test_the_document_is_served_without_a_token() -> None:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(response.content) == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.")
