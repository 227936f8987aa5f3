"""The database away for 20 seconds under load, webhooks lost on their way: nothing is lost or there twice."""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.journeys.installation import PASSWORD, PATIENCE, Installation
from tests.journeys.test_killed_intake import Carrier, webhook
from tests.messaging import hands
from tests.ops.migrated import passable_folder
from tests.ops.processes import wait_for
from twoway.channels.simulator import FILE
from twoway.ops.postgres import Cluster, find_bin_dir
from twoway.providers.simulator_carrier.store import CarrierStore

pytestmark = pytest.mark.long

AWAY = 20.0
PER_SECOND = 150
TEXTS = int(PER_SECOND * (AWAY + 10))
DESK = "+14155550199"
HEARD_LATE = 60


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A database server of somebody else's, who may stop it."""
    outer = passable_folder()
    made = Cluster(outer / "elsewhere", find_bin_dir())
    made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(outer)


@pytest.fixture
def apart(cluster: Cluster) -> Iterator[Installation]:
    """Twoway beside that server."""
    outer = passable_folder()
    made = Installation(outer / "data", DATABASE_URL=cluster.dsn)
    made.command("init", "--workspace", "Ridgeway Carshare", "--email", "ana@example.com", "--password", PASSWORD)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(outer)


def test_the_database_goes_away_under_load_and_every_text_is_there_once(apart: Installation, cluster: Cluster) -> None:
    apart.serve()
    channel = apart.command(
        *("channel", "add", "twilio", "--address", DESK),
        *("--set", f"account_sid={hands.ACCOUNT}", "--set", f"auth_token={hands.AUTH_TOKEN}"),
    )
    webhooks = [webhook(number, channel["inbound_url"]) for number in range(TEXTS)]
    carrier = Carrier(random.Random(20261121))
    taken_while_away: list[int] = []

    async def play() -> None:
        async with asyncio.timeout(10 * PATIENCE):
            delivering = asyncio.create_task(carrier.deliver(webhooks))
            await asyncio.sleep(3)
            await asyncio.to_thread(cluster.stop)
            before = len(carrier.acknowledged)
            await asyncio.sleep(AWAY)
            taken_while_away.append(len(carrier.acknowledged) - before)
            await asyncio.to_thread(cluster.start)
            await delivering

    asyncio.run(play())
    assert len(carrier.acknowledged) == TEXTS
    assert taken_while_away[0] > PER_SECOND, "hardly anything was answered while the database was away"
    wait_for(lambda: stored(cluster.dsn)["number"] == TEXTS, PATIENCE)
    assert stored(cluster.dsn) == {"number": TEXTS, "different": TEXTS, "bodies": TEXTS}
    assert not list((apart.data / "spool").glob("*/*.journal"))


def stored(dsn: str) -> dict[str, Any]:
    """How many texts there are, and how many of them are different."""
    with psycopg.connect(dsn, row_factory=dict_row, connect_timeout=10) as connection:
        found = connection.execute(
            "SELECT count(*) AS number, count(DISTINCT provider_id) AS different, count(DISTINCT body) AS bodies"
            " FROM message WHERE direction = 'in'"
        ).fetchone()
    assert found is not None
    return found


def test_texts_whose_webhooks_were_lost_are_there_after_one_comparison(installation: Installation) -> None:
    installation.serve()
    installation.command("channel", "add", "simulator", "--address", DESK)
    carrier = CarrierStore(installation.data / FILE)
    carrier.set_faults({"unheard": 0.3})
    for number in range(HEARD_LATE):
        handset = f"+1415555{2000 + number % 7}"
        carrier.text_from_handset(handset=handset, desk=DESK, body=f"text {number}", at=datetime.now(UTC))
    wait_for(lambda: carrier.next_at() is None, PATIENCE)
    lost = HEARD_LATE - stored(installation.dsn)["number"]
    assert lost > 0, "no webhook was lost"
    time.sleep(31)  # what may still be on its way is left alone for 30 seconds
    (compared,) = installation.command("compare")["items"]
    assert (compared["listed"], compared["filled"], compared["error"]) == (HEARD_LATE, lost, None)
    assert stored(installation.dsn) == {"number": HEARD_LATE, "different": HEARD_LATE, "bodies": HEARD_LATE}
    (again,) = installation.command("compare", "--hours", "1")["items"]
    assert again["filled"] == 0
