"""What is answered 2xx is stored, once, whatever is killed whenever; what is not, a provider sends again."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.journeys.installation import PATIENCE, Installation, kill
from tests.messaging import hands
from tests.ops.processes import wait_for

TEXTS, TIMES, CUSTOMERS = 1000, 3, 100
CONNECTIONS = 32
PER_SECOND = 150
SEED = 20260310
DESK = "+14155550199"
KINDS = (("web",), ("worker",), ("server",), ("backend",), ("server", "every web"))


@dataclass(frozen=True)
class Webhook:
    """One signed request."""

    sid: str
    url: str
    body: bytes
    signature: str

    @property
    def headers(self) -> dict[str, str]:
        return {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": self.signature}


def webhook(number: int, url: str) -> Webhook:
    sid = f"SM{number:032x}"
    form = {
        "MessageSid": sid,
        "AccountSid": hands.ACCOUNT,
        "From": f"+1415555{1000 + number % CUSTOMERS}",
        "To": DESK,
        "Body": f"text {number}",
        "NumMedia": "0",
        "NumSegments": "1",
    }
    return Webhook(sid, url, urlencode(form).encode(), hands.sign(url, form))


@dataclass
class Carrier:
    """Delivers each webhook until it is taken, as a provider that does not give up."""

    dice: random.Random
    acknowledged: list[str] = field(default_factory=list)
    tried_again: int = 0
    began: int = 0

    async def deliver(self, webhooks: Sequence[Webhook]) -> None:
        """All of them on many connections, at a steady pace, so that what is killed is killed in the middle."""
        waiting: asyncio.Queue[Webhook] = asyncio.Queue()
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
            workers = [group.create_task(self._work(session, waiting)) for _ in range(CONNECTIONS)]
            for one in webhooks:
                waiting.put_nowait(one)
                self.began += 1
                await asyncio.sleep(1 / PER_SECOND)
            await waiting.join()
            for worker in workers:
                worker.cancel()

    async def _work(self, session: aiohttp.ClientSession, waiting: asyncio.Queue[Webhook]) -> None:
        while True:
            one = await waiting.get()
            while not await self._post(session, one):
                self.tried_again += 1
                await asyncio.sleep(self.dice.uniform(0.05, 0.5))
            self.acknowledged.append(one.sid)
            waiting.task_done()

    async def _post(self, session: aiohttp.ClientSession, one: Webhook) -> bool:
        try:
            async with session.post(one.url, data=one.body, headers=one.headers) as answer:
                await answer.read()
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


@dataclass
class Killer:
    """Ends a process about every second: a web process, the worker, the database server or one of its processes.

    Each kind in turn at first, then by chance: one that is not there just then has its turn again. Now and then the
    server and, before it is back, all web processes: whoever answers too early loses texts then.
    """

    installation: Installation
    dice: random.Random
    killed: Counter[str] = field(default_factory=Counter)

    async def run(self, until: asyncio.Task[None], count: int, carrier: Carrier) -> None:
        """Until everything was sent for the first time."""
        while carrier.began < count and not until.done():
            await asyncio.sleep(self.dice.uniform(0.7, 1.3))
            targets = self.dice.choice([kind for kind in KINDS if not set(kind) <= set(self.killed)] or KINDS)
            for target in targets:
                await asyncio.to_thread(self._strike, target)
                await asyncio.sleep(0.2)

    def _strike(self, target: str) -> None:
        server, *backends = self.installation.postgres_pids() or [0]
        every_web = self.installation.pids("web")
        candidates = {
            "web": every_web,
            "every web": every_web,
            "worker": self.installation.pids("worker"),
            "server": [server] if server else [],
            "backend": backends,
        }[target]
        victims = candidates if target == "every web" else self.dice.sample(candidates, min(len(candidates), 1))
        self.killed.update(target for victim in victims if kill(victim))


@pytest.mark.long
def test_a_thousand_webhooks_thrice_while_everything_is_killed(installation: Installation) -> None:
    installation.serve(TWOWAY_WEB_PROCESSES="2")
    channel = installation.command(
        *("channel", "add", "twilio", "--address", DESK),
        *("--set", f"account_sid={hands.ACCOUNT}", "--set", f"auth_token={hands.AUTH_TOKEN}"),
    )
    dice = random.Random(SEED)
    texts = [webhook(number, channel["inbound_url"]) for number in range(TEXTS)]
    dice.shuffle(texts)
    webhooks = [copy for text in texts for copy in [text] * TIMES]
    carrier, killer = Carrier(random.Random(SEED + 1)), Killer(installation, random.Random(SEED + 2))

    async def play() -> None:
        async with asyncio.timeout(10 * PATIENCE):
            delivering = asyncio.create_task(carrier.deliver(webhooks))
            await killer.run(delivering, len(webhooks), carrier)
            await delivering

    asyncio.run(play())
    assert len(carrier.acknowledged) == TEXTS * TIMES
    assert {"web", "every web", "worker", "server", "backend"} <= set(killer.killed), killer.killed
    assert carrier.tried_again > 0, "nothing was interrupted"
    wait_for(lambda: installation.ask("GET", "/readyz")[0] == 200, PATIENCE)
    assert_stored_once(installation)


def assert_stored_once(installation: Installation) -> None:
    """Every text once, and nothing beside it counted differently."""
    (messages,) = installation.rows(
        "SELECT count(*) AS number, count(DISTINCT provider_id) AS different, count(DISTINCT body) AS bodies"
        " FROM message WHERE direction = 'in'"
    )
    assert messages == {"number": TEXTS, "different": TEXTS, "bodies": TEXTS}
    (others,) = installation.rows(
        "SELECT (SELECT count(*) FROM contact) AS contacts, (SELECT count(*) FROM identity) AS identities,"
        " (SELECT count(*) FROM episode) AS episodes, (SELECT count(*) FROM quarantine_entry) AS strays,"
        " (SELECT count(*) FROM event WHERE type = 'message_received') AS events"
    )
    assert others == {
        "contacts": CUSTOMERS,
        "identities": CUSTOMERS,
        "episodes": CUSTOMERS,
        "strays": 0,
        "events": TEXTS,
    }
    conversations = installation.rows(
        "SELECT x.unanswered, x.needs_reply, x.last_message_id = max(m.id) AS is_last, count(m.id) AS texts,"
        " x.last_inbound_id = max(m.id) AS is_last_inbound, x.sort_at = min(m.created_at) AS waits_since_first"
        " FROM conversation x JOIN message m ON m.conversation_id = x.id GROUP BY x.id"
    )
    assert len(conversations) == CUSTOMERS
    each = TEXTS // CUSTOMERS
    for conversation in conversations:
        assert conversation["unanswered"] == conversation["texts"] == each
        assert conversation["needs_reply"]
        assert conversation["is_last"]
        assert conversation["is_last_inbound"]
