"""Pages continue where they ended, whatever is added meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests import make
from tests.api.conftest import Program
from twoway.channels.models import Channel


def add(channel: Channel, count: int, at: datetime) -> None:
    for n in range(count):
        make.make_conversation(channel, at=at + timedelta(minutes=n), messages=1)


@pytest.mark.parametrize("path", ["/messages", "/conversations", "/contacts"])
def test_new_items_do_not_shift_the_pages(program: Program, channel: Channel, now: datetime, path: str) -> None:
    add(channel, 5, now)
    seen: list[int] = []
    cursor = ""
    while True:
        page = program.get(f"{path}?limit=2{cursor}").json
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        add(channel, 3, now)
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


def test_a_page_that_ends_the_list_says_so(program: Program, channel: Channel, now: datetime) -> None:
    add(channel, 2, now)
    assert program.get("/messages?limit=2").json["next"] is None
    assert program.get("/messages?limit=1").json["next"] is not None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=ten", "limit=1.0", "cursor=", "cursor=abc", "cursor=ffffffffffffffff"]
)
def test_what_is_no_page(program: Program, query: str) -> None:
    refused = program.get(f"/messages?{query}")
    assert (refused.status, refused.code) == (422, "invalid")
    assert refused.fields == [query.partition("=")[0]]
