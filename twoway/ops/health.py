"""For machines that watch this installation: does it answer, can it work, and how much is there to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import orjson
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from twoway.ops import measures
from twoway.ops.queries import workers_alive
from twoway.teams import queries as teams
from twoway.teams.rules import Right, may

PROXY_HEADERS = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that keeps this installation from working, and what to do about it."""

    check: str
    detail: str


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 whenever the process answers; nothing else is asked."""
    return _json({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database, its tables and a worker are there; otherwise 503 and why not."""
    reasons = list(why_not_ready(at=datetime.now(UTC)))
    if not reasons:
        return _json({"status": "ready"})
    told = [{"check": reason.check, "detail": reason.detail} for reason in reasons]
    return _json({"status": "not_ready", "reasons": told}, status=503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Numbers in the Prometheus text format: all of them for loopback, one workspace's for an admin's token."""
    workspace_id = None
    if not is_from_this_machine(request):
        workspace_id = _workspace_of_token(request)
        if workspace_id is None:
            return HttpResponse(
                "An owner's or admin's API token is needed.\n",
                status=401,
                content_type="text/plain; charset=utf-8",
                headers={"WWW-Authenticate": 'Bearer realm="twoway"'},
            )
    text = measures.text(workspace_id=workspace_id, at=datetime.now(UTC))
    return HttpResponse(
        text, content_type="text/plain; version=0.0.4; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


def why_not_ready(*, at: datetime) -> Iterator[Reason]:
    """Everything that is missing. Without a database nothing else can be known."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        yield Reason("database", "The database does not answer. Check DATABASE_URL and that PostgreSQL runs.")
        return
    pending = pending_migrations()
    if pending:
        yield Reason("migrations", f"{len(pending)} migrations are pending, first {pending[0]}. Run twoway migrate.")
        return
    if not workers_alive(at=at):
        yield Reason("worker", "No worker runs, so nothing is sent. Start one with twoway worker, or use twoway serve.")


def pending_migrations() -> list[str]:
    """Names of the migrations the database does not have yet. Once there are none they are not looked for again."""
    if not _up_to_date:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
        _up_to_date.append(True)
    return []


_up_to_date: list[bool] = []


def is_from_this_machine(request: HttpRequest) -> bool:
    """Whether the request was made on this machine, and not handed on by a proxy that runs here."""
    if any(name in request.headers for name in PROXY_HEADERS):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _workspace_of_token(request: HttpRequest) -> int | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    actor = teams.actor_of_token(token.strip(), datetime.now(UTC))
    if actor is None or not may(actor, Right.MANAGE_WORKSPACE):
        return None
    return actor.workspace_id


def _json(document: Any, *, status: int = 200) -> HttpResponse:
    return HttpResponse(
        orjson.dumps(document), status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
