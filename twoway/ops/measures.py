"""What can be measured about an installation, as Prometheus metrics. Each is one query over a small index."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import connection

from twoway.ops.queries import workers_alive

RECENT = timedelta(hours=1)
OF_WORKSPACE = "(%(w)s::bigint IS NULL OR workspace_id = %(w)s)"


@dataclass(frozen=True, slots=True)
class Sample:
    """One number, with the labels that tell it from its siblings."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """What it counts, and the samples of now. A counter grows from the start of its process; its name says total."""

    name: str
    help: str
    samples: tuple[Sample, ...]
    kind: Literal["gauge", "counter"] = "gauge"


Source = Callable[[], Iterable[Metric]]
sources: list[Source] = []
"""Measures that live in the process, such as its intake queue; whoever has some adds a function here."""


def text(*, workspace_id: int | None, at: datetime) -> str:
    """Every metric of one workspace, or of all of them and of this process, in the text exposition format 0.0.4."""
    found = list(from_database(workspace_id=workspace_id, at=at))
    if workspace_id is None:
        found.append(Metric("twoway_workers", "Workers that beat lately.", (Sample(workers_alive(at=at)),)))
        found += [metric for source in sources for metric in source()]
    return "".join(line for metric in found for line in _lines(metric))


def from_database(*, workspace_id: int | None, at: datetime) -> Iterable[Metric]:
    """Counts the database keeps."""
    recent = _rows(
        f"""
        SELECT direction, status, count(*) FROM message
        WHERE created_at > %(since)s AND {OF_WORKSPACE} GROUP BY 1, 2 ORDER BY 1, 2
        """,  # noqa: S608 - put together from constants
        workspace_id,
        since=at - RECENT,
    )
    yield Metric(
        "twoway_messages_last_hour",
        "Texts stored in the last hour, by direction and by what they are now.",
        tuple(Sample(count, (("direction", way), ("status", status))) for way, status, count in recent),
    )
    depth, oldest = _rows(
        f"""
        SELECT count(*), extract(epoch FROM %(at)s - min(created_at)) FROM message
        WHERE status = 'queued' AND {OF_WORKSPACE}
        """,  # noqa: S608
        workspace_id,
        at=at,
    )[0]
    yield _gauge("twoway_queue_depth", "Texts waiting to be sent.", depth)
    yield _gauge("twoway_queue_oldest_seconds", "Age of the oldest text waiting to be sent.", max(oldest or 0, 0))
    yield from _by_number(workspace_id, at)
    for name, help_text, sql in _COUNTS:
        yield _gauge(name, help_text, _rows(f"{sql} AND {OF_WORKSPACE}", workspace_id)[0][0])


def _by_number(workspace_id: int | None, at: datetime) -> Iterable[Metric]:
    """The queue and the state of each number in use."""
    rows = _rows(
        """
        SELECT c.id, c.address, q.count, extract(epoch FROM %(at)s - q.oldest),
               (s.paused_at IS NOT NULL AND (s.paused_until IS NULL OR s.paused_until > %(at)s))::int,
               (s.down_since IS NOT NULL AND s.probe_at IS NOT NULL)::int
        FROM channel c LEFT JOIN channel_state s ON s.channel_id = c.id
        CROSS JOIN LATERAL (
            SELECT count(*) AS count, min(coalesce(m.send_after, m.created_at)) AS oldest
            FROM message m WHERE m.channel_id = c.id AND m.status = 'queued') AS q
        WHERE c.is_active AND (%(w)s::bigint IS NULL OR c.workspace_id = %(w)s) ORDER BY c.id
        """,
        workspace_id,
        at=at,
    )
    named = [((("channel", str(row[0])), ("address", row[1])), row[2:]) for row in rows]
    for place, (name, help_text) in enumerate(_OF_A_NUMBER):
        yield Metric(name, help_text, tuple(Sample(max(float(row[place] or 0), 0.0), who) for who, row in named))


_OF_A_NUMBER = (
    ("twoway_number_queue_depth", "Texts waiting to be sent from one number."),
    ("twoway_number_queue_oldest_seconds", "Age of the oldest text waiting to be sent from one number."),
    ("twoway_number_paused", "1 while a number is paused."),
    ("twoway_number_down", "1 while a number's provider can't be reached."),
)
_COUNTS = (
    (
        "twoway_uncertain",
        "Texts whose provider has not said whether it took them.",
        "SELECT count(*) FROM message WHERE status = 'sending' AND is_uncertain",
    ),
    (
        "twoway_quarantine_open",
        "Webhooks in quarantine that nobody has settled.",
        "SELECT count(*) FROM quarantine_entry WHERE resolved_at IS NULL",
    ),
    ("twoway_opt_outs", "Opt-outs that hold.", "SELECT count(*) FROM opt_out WHERE lifted_at IS NULL"),
    ("twoway_events_pending", "Events whose reactions have not run.", "SELECT count(*) FROM event WHERE is_pending"),
)


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return Metric(name, help_text, (Sample(value),))


def _rows(sql: str, workspace_id: int | None, **values: datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"w": workspace_id, **values})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _lines(metric: Metric) -> Iterable[str]:
    yield f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} {metric.kind}\n"
    for sample in metric.samples:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels)
        yield f"{metric.name}{'{' + labels + '}' if labels else ''} {sample.value:g}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
