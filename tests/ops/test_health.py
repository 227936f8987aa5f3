"""healthz, readyz and metrics, for machines that watch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory

from tests import make
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.messaging.models import Message, QuarantineEntry
from twoway.ops import actions, health, measures
from twoway.teams import actions as teams


def ask(view: Any, **meta: str) -> Any:
    """One view's answer, without a proxy or a page in between."""
    request = RequestFactory().get("/")
    request.META |= meta
    return view(request)


@pytest.fixture
def worker(db: None) -> None:
    """A worker that has just given a sign of life."""
    at = datetime.now(UTC)
    actions.beat(name="w1", host="here", pid=1, lanes="hot", started_at=at, at=at)


@pytest.fixture
def unmigrated(db: None) -> Iterator[None]:
    """A database that lacks the last migration, as far as it knows."""
    kept = list(health._up_to_date)
    health._up_to_date.clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'messaging'")
    yield
    health._up_to_date[:] = kept


def test_healthz_asks_nobody() -> None:
    response = ask(health.healthz)
    assert (response.status_code, json.loads(response.content)) == (200, {"status": "ok"})


def test_ready(worker: None) -> None:
    response = ask(health.readyz)
    assert (response.status_code, json.loads(response.content)) == (200, {"status": "ready"})


def test_not_ready_without_a_worker(db: None) -> None:
    response = ask(health.readyz)
    assert response.status_code == 503
    (reason,) = json.loads(response.content)["reasons"]
    assert reason["check"] == "worker"
    assert "twoway worker" in reason["detail"]


def test_not_ready_with_migrations_pending(worker: None, unmigrated: None) -> None:
    response = ask(health.readyz)
    assert response.status_code == 503
    (reason,) = json.loads(response.content)["reasons"]
    assert (reason["check"], "messaging.0001" in reason["detail"]) == ("migrations", True)


def figures(response: Any) -> dict[str, float]:
    """The samples, after checking that every line is in the format."""
    found = {}
    for line in response.content.decode().splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ (gauge|counter))", line)
            continue
        match = re.fullmatch(r'([a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})?) (\S+)', line)
        assert match, line
        found[match[1]] = float(match[2])
    return found


def busy(channel: Channel, at: datetime) -> None:
    conversation = make.make_conversation(channel, at=at, messages=1)
    make.make_message(conversation, at=at, direction="out", status="queued")
    make.make_message(conversation, at=at - timedelta(hours=2), direction="out", status="delivered")
    QuarantineEntry.objects.create(
        workspace_id=channel.workspace_id,
        kind="inbound",
        reason="malformed",
        method="POST",
        url="/",
        body=b"",
        received_at=at,
    )


def test_figures_of_everything_for_this_machine(worker: None, channel: Channel, cleo: Player) -> None:
    at = datetime.now(UTC) - timedelta(seconds=90)
    busy(channel, at)
    busy(make.make_channel(cleo.member.workspace, at=at), at)
    found = figures(ask(health.metrics, REMOTE_ADDR="127.0.0.1"))
    assert found['twoway_messages_last_hour{direction="in",status="received"}'] == 2
    assert found['twoway_messages_last_hour{direction="out",status="queued"}'] == 2
    assert 'twoway_messages_last_hour{direction="out",status="delivered"}' not in found
    assert found["twoway_queue_depth"] == 2
    assert 90 <= found["twoway_queue_oldest_seconds"] < 150
    assert (found["twoway_quarantine_open"], found["twoway_opt_outs"], found["twoway_workers"]) == (2, 0, 1)


def test_figures_of_one_workspace_for_its_token(ana: Player, channel: Channel, cleo: Player, now: datetime) -> None:
    busy(channel, datetime.now(UTC))
    busy(make.make_channel(cleo.member.workspace, at=now), datetime.now(UTC))
    _, raw = teams.create_token(by=ana.actor, name="Prometheus", role="admin", at=now)
    found = figures(ask(health.metrics, REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION=f"Bearer {raw}"))
    assert found["twoway_queue_depth"] == 1
    assert "twoway_workers" not in found
    assert Message.objects.filter(status="queued").count() == 2


@pytest.mark.parametrize(
    "meta",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"REMOTE_ADDR": "::1", "HTTP_FORWARDED": "for=203.0.113.9"},
        {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer tw_wrong"},
        {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Basic YTpi"},
    ],
)
def test_figures_are_not_for_everybody(db: None, meta: dict[str, str]) -> None:
    assert ask(health.metrics, **meta).status_code == 401


def test_an_agents_token_is_not_enough(ana: Player, now: datetime) -> None:
    _, raw = teams.create_token(by=ana.actor, name="A program", role="agent", at=now)
    assert ask(health.metrics, REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION=f"Bearer {raw}").status_code == 401


def test_labels_are_escaped() -> None:
    metric = measures.Metric("twoway_x", "X.", (measures.Sample(1.5, (("name", 'a"b\\c\nd'),)),))
    assert list(measures._lines(metric))[1] == 'twoway_x{name="a\\"b\\\\c\\nd"} 1.5\n'
