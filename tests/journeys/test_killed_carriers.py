"""With every HTTP carrier, over a bad line and with the worker killed: no text leaves twice, each is accounted for."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.fakes.launch import fake
from tests.journeys.conftest import copy_of
from tests.journeys.installation import PATIENCE, Installation, kill
from tests.ops.processes import wait_for
from tests.providers.recorded_cases import ACCOUNTS, RECORDED, signed
from twoway.providers import registry
from twoway.providers.base import Inbound, RawRequest, Receipt, Unread

pytestmark = pytest.mark.long

TEXTS = 40
KILLS = 4
SEED = 20261121
OTHERS = {"simulator", "smpp"}
"""Not called over HTTP as the others are; they have stories of their own."""
SLUGS = sorted(set(registry.slugs()) - OTHERS)
OPENED_BY_CUSTOMERS = {"meta"}
"""WhatsApp takes a free text only within a day of what the customer wrote."""
HOW_THEY_ENDED = """
    SELECT id, status, provider_id, is_uncertain, error,
           NOT (status IN ('delivered', 'failed') OR (status = 'sending' AND is_uncertain)) AS is_open
    FROM message WHERE id = ANY(%(ids)s)
"""


@pytest.fixture(scope="module")
def house(first_day: Installation) -> Iterator[Installation]:
    """One installation for all of them; each carrier has a channel and people of its own."""
    with copy_of(first_day) as made:
        made.serve()
        yield made


def person(slug: str, number: int) -> str:
    return f"+1415555{1000 + SLUGS.index(slug) * TEXTS + number}"


def connect(installation: Installation, slug: str, api: str) -> dict[str, Any]:
    account = ACCOUNTS[slug]
    told = {"rate": "500", **account.settings, **account.credentials, "api_base": api}
    words = [word for name, value in told.items() for word in ("--set", f"{name}={value}")]
    made: dict[str, Any] = installation.command("channel", "add", slug, "--address", account.address, *words)
    return made


def deliver(slug: str, name: str, *, url: str, changes: dict[str, str]) -> Sequence[Inbound | Receipt | Unread]:
    """Send a recorded webhook with some whole words replaced, signed now, to our address; what it says."""
    told = json.loads((RECORDED / slug / f"{name}.json").read_text())
    query, body = urlsplit(told["url"]).query, told["body"]
    words = re.compile("|".join(rf"(?<![\w-]){re.escape(old)}(?![\w-])" for old in changes))
    query, body = (words.sub(lambda found: changes[found[0]], text) for text in (query, body))
    raw = RawRequest(
        method=told.get("method", "POST"),
        url=f"{url.partition('?')[0]}?{query}" if query else url,
        headers=told["headers"],
        body=body.encode(),
        received_at=datetime.now(UTC),
    )
    request = signed(slug, raw)
    call = Request(request.url, data=request.body, headers=dict(request.headers), method=request.method)  # noqa: S310
    try:
        with urlopen(call, timeout=60) as answer:  # noqa: S310 - our own installation
            assert 200 <= answer.status < 300
    except HTTPError as error:
        pytest.fail(f"{slug}: {name} was answered {error.code}: {error.read()[:200]!r}")
    return registry.get(slug).parse(replace(request))


def open_windows(slug: str, channel: dict[str, Any]) -> None:
    """Everybody writes first."""
    (first,) = json.loads((RECORDED / slug / "inbound_text.json").read_text())["expect"]
    digits = first["sender"].removeprefix("whatsapp:").removeprefix("+")
    for number in range(TEXTS):
        changes = {first["provider_id"]: f"first-{number}", digits: person(slug, number).removeprefix("+")}
        if alias := first.get("alias", "").partition(":")[2]:
            changes[alias] = f"{alias[:-4]}{number:04d}"
        deliver(slug, "inbound_text", url=channel["inbound_url"], changes=changes)


def report(slug: str, channel: dict[str, Any], *, provider_id: str, message_id: int) -> None:
    """A receipt from the carrier, as it was recorded, about one of our texts."""
    (recorded,) = json.loads((RECORDED / slug / "receipt_delivered.json").read_text())["expect"]
    changes = {recorded["provider_id"]: provider_id}
    ref = recorded.get("ref", "")
    if ref and ref != recorded["provider_id"]:
        changes[ref] = str(message_id)
    (said,) = deliver(slug, "receipt_delivered", url=channel["status_url"], changes=changes)
    assert isinstance(said, Receipt)
    assert said.provider_id == provider_id
    assert said.ref in {"", str(message_id)}


@dataclass
class Story:
    """One carrier: its local server, our channel, the texts we queued by their number, and what became of them."""

    slug: str
    api: str
    channel: dict[str, Any]
    ids: dict[int, int] = field(default_factory=dict)
    taken: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    reported: set[str] = field(default_factory=set)

    def send(self, installation: Installation, number: int) -> None:
        prefix = "whatsapp:" if ACCOUNTS[self.slug].address.startswith("whatsapp:") else ""
        told = {
            "from": self.channel["channel_id"],
            "to": prefix + person(self.slug, number),
            "body": f"This is reply-{number}.",
        }
        self.ids[number] = installation.send(told, key=f"{self.slug}-{number}")["id"]

    def is_settled(self, installation: Installation) -> bool:
        """Report what the carrier took since, and look; what it never had goes out again once it was asked."""
        self.taken = accepted(self.api)
        for one in self.taken:
            if one["provider_id"] not in self.reported:
                message_id = self.ids[one["number"]]
                report(self.slug, self.channel, provider_id=one["provider_id"], message_id=message_id)
                self.reported.add(one["provider_id"])
        self.rows = installation.rows(HOW_THEY_ENDED, ids=list(self.ids.values()))
        return not any(row["is_open"] for row in self.rows)


@pytest.fixture(scope="module")
def stories(house: Installation) -> Iterator[dict[str, Story]]:
    """All carriers at once: people are answered through each of them while the worker is killed again and again."""
    with ExitStack() as stack:
        told = f"--drop 0.1 --error 0.05 --throttle 0.1 --seed {SEED}"
        running = {}
        for slug in SLUGS:
            api = stack.enter_context(fake("any_carrier", *f"--provider {slug} {told}".split()))
            running[slug] = Story(slug=slug, api=api, channel=connect(house, slug, api))
            if slug in OPENED_BY_CUSTOMERS:
                open_windows(slug, running[slug].channel)
        kill_in_the_middle(house, list(running.values()))
        for story in running.values():
            wait_for(partial(story.is_settled, house), PATIENCE)
        yield running


@pytest.mark.parametrize("slug", SLUGS)
def test_no_text_leaves_twice_and_every_one_is_accounted_for(stories: dict[str, Story], slug: str) -> None:
    assert_accounted_for(stories[slug].rows, stories[slug].taken, stories[slug].ids)


def accepted(api: str) -> list[dict[str, Any]]:
    with urlopen(f"{api}/_accepted") as answer:  # noqa: S310 - our own fake
        found: list[dict[str, Any]] = json.load(answer)["messages"]
    return found


def kill_in_the_middle(installation: Installation, running: Sequence[Story]) -> None:
    """Queue texts for every carrier, and kill the worker whenever all of them took so many more."""
    for first in range(0, TEXTS, TEXTS // KILLS):
        before = {story.slug: len(accepted(story.api)) for story in running}
        for number in range(first, first + TEXTS // KILLS):
            for story in running:
                story.send(installation, number)
        wait_for(lambda: all(len(accepted(story.api)) > before[story.slug] for story in running), PATIENCE)  # noqa: B023
        assert sum(kill(pid) for pid in installation.pids("worker"))


def assert_accounted_for(rows: list[dict[str, Any]], taken: list[dict[str, Any]], ids: dict[int, int]) -> None:
    """What the carrier took is delivered, once; what it did not take is visibly unsure or failed."""
    twice = {number: count for number, count in Counter(one["number"] for one in taken).items() if count > 1}
    assert twice == {}
    reached = {ids[one["number"]]: one["provider_id"] for one in taken}
    assert len(rows) == TEXTS
    for row in rows:
        if row["id"] in reached:
            assert (row["status"], row["provider_id"]) == ("delivered", reached[row["id"]])
        else:
            assert row["is_uncertain"] or (row["status"] == "failed" and row["error"]), row
    assert len(reached) >= TEXTS // 2
