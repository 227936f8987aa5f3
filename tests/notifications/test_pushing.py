"""Pushes from the database to a browser of the test, through a push service on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from django.db import connections

from tests import make
from tests.cast import NOW, Player
from tests.fakes.push_service import Browser, PushService
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import MessageReceived
from twoway.lib.public_addresses import NotFetched
from twoway.lib.safe_post import Poster
from twoway.notifications import actions, devices, pushing, reading
from twoway.notifications.actions import Choice
from twoway.notifications.models import Device, Notification, Push, PushKey

pytestmark = pytest.mark.django_db(transaction=True)


async def off(do: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Something with the database, beside the loop; its connection is given back."""

    def done() -> Any:
        try:
            return do(*given, **named)
        finally:
            connections.close_all()

    return await asyncio.to_thread(done)


class Post:
    """A push service, one browser of Ben's, and the worker's rounds at times of the test's choosing."""

    def __init__(self, service: PushService, ben: Player, settings: Any) -> None:
        self.service, self.ben = service, ben
        settings.PUSH_TRUSTED = [service.origin]
        self.browser = self.add(ben)

    def add(self, player: Player) -> Browser:
        browser = self.service.subscribe()
        devices.add(subscription=browser.subscription, label="Chrome", by=player.actor, at=NOW)
        return browser

    async def round(self, seconds: float) -> int:
        async with Poster(trusted=devices.trusted()) as poster:
            return await pushing.round_of(poster, at=NOW + timedelta(seconds=seconds))


@pytest.fixture
def talk(channel: Channel, ben: Player) -> Conversation:
    reading.round_of(at=NOW)
    return make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield", assignee=ben.member)


@pytest.fixture
def play(ben: Player, settings: Any) -> Callable[[Callable[[Post], Awaitable[None]]], PushService]:
    """Runs a test's story beside a push service."""

    def run(story: Callable[[Post], Awaitable[None]]) -> PushService:
        async def whole() -> PushService:
            async with PushService() as service:
                post = await off(Post, service, ben, settings)
                await story(post)
                return service

        return asyncio.run(whole())

    return run


def receive(talk: Conversation, *, at: datetime = NOW, body: str = "My code is 4711") -> None:
    talk.refresh_from_db()
    text = make.make_message(talk, at=at, body=body)
    publish(MessageReceived(workspace_id=talk.workspace_id, conversation_id=talk.pk, message_id=text.pk), at=at)
    reading.round_of(at=at)


Play = Callable[[Callable[[Post], Awaitable[None]]], PushService]


def test_a_text_reaches_the_browser_encrypted_and_without_its_words(talk: Conversation, play: Play) -> None:
    async def story(post: Post) -> None:
        await off(receive, talk)
        assert await post.round(1) == 0
        assert await post.round(4) == 1
        assert await post.round(20) == 0
        told = post.browser.read[0]
        assert (told["title"], told["body"], told["unread"]) == ("New text from Dana Whitfield", "", 1)
        assert told["conversation"] == talk.pk

    service = play(story)
    note = Notification.objects.get()
    sent = service.requests[0]
    assert service.problems == []
    assert (sent["TTL"], sent["Urgency"], sent["Topic"]) == ("86400", "high", f"n{note.pk}")
    assert note.pushed_at == NOW + timedelta(seconds=4)
    assert not Push.objects.exists()
    assert Device.objects.get().told_at == NOW + timedelta(seconds=4)
    assert "Cookie" not in sent


def test_words_are_told_when_the_member_wants_it(talk: Conversation, play: Play, ben: Player) -> None:
    actions.choose(by=ben.actor, choice=Choice(ways={"message": frozenset({"app", "push"})}, push_words=True))

    async def story(post: Post) -> None:
        await off(receive, talk)
        await post.round(4)
        assert post.browser.read[0]["body"] == "My code is 4711"

    play(story)


def test_what_was_read_meanwhile_is_not_pushed(talk: Conversation, play: Play, ben: Player) -> None:
    async def story(post: Post) -> None:
        await off(receive, talk)
        await off(lambda: actions.read(by=ben.actor, at=NOW, conversation_id=talk.pk))
        assert await post.round(60) == 0
        assert post.browser.read == []

    play(story)
    assert not Push.objects.exists()


def test_somebody_at_their_desk_is_given_time_to_read_it_there(talk: Conversation, play: Play, ben: Player) -> None:
    actions.be_active(by=ben.actor, at=NOW - timedelta(seconds=30))

    async def story(post: Post) -> None:
        await off(receive, talk)
        assert await post.round(40) == 0
        assert await post.round(46) == 1

    play(story)


def test_a_lively_conversation_is_pushed_once_a_minute(talk: Conversation, play: Play) -> None:
    async def story(post: Post) -> None:
        for second in range(0, 180, 10):
            await off(receive, talk, at=NOW + timedelta(seconds=second))
            await post.round(second + 4)
        assert [told["title"] for told in post.browser.read] == [
            "New text from Dana Whitfield",
            "7 new texts from Dana Whitfield",
            "13 new texts from Dana Whitfield",
        ]

    play(story)


def test_nothing_in_quiet_times_and_pauses(talk: Conversation, play: Play, ben: Player) -> None:
    actions.pause(choice="60", by=ben.actor, at=NOW)

    async def story(post: Post) -> None:
        await off(receive, talk)
        assert await post.round(4) == 0

    play(story)
    assert Notification.objects.count() == 1


def test_a_browser_that_is_gone_is_forgotten(talk: Conversation, play: Play, ben: Player) -> None:
    async def story(post: Post) -> None:
        second = await off(post.add, ben)
        del post.service.browsers[post.browser.endpoint.rpartition("/")[2]]
        await off(receive, talk)
        assert await post.round(4) == 2
        assert len(second.read) == 1

    play(story)
    assert Device.objects.count() == 1


@pytest.mark.parametrize(("status", "headers", "wait"), [(503, {}, 30), (500, {"Retry-After": "7"}, 7), (302, {}, 30)])
def test_a_push_that_fails_is_tried_again(
    talk: Conversation, play: Play, status: int, headers: dict[str, str], wait: int
) -> None:
    """A redirect is not followed: it is an answer like any other that is none of success."""

    async def story(post: Post) -> None:
        target = {"Location": f"{post.service.origin}/{post.browser.endpoint.rpartition('/')[2]}"}
        post.service.answers = [(status, {**headers, **(target if status == 302 else {})})]
        await off(receive, talk)
        await post.round(4)
        assert await post.round(4 + wait - 1) == 0
        assert post.browser.read == []
        assert await post.round(4 + wait + 1) == 1
        assert len(post.browser.read) == 1

    play(story)
    assert Device.objects.get().failures == 0


def test_a_service_that_wants_peace_has_it(talk: Conversation, play: Play, ben: Player) -> None:
    async def story(post: Post) -> None:
        post.service.answers = [(429, {"Retry-After": "120"})]
        await off(receive, talk)
        await post.round(4)
        device = await off(Device.objects.get)
        await off(lambda: devices.test(device=device, at=NOW))
        await post.round(60)
        assert post.browser.read == []
        await post.round(130)
        await post.round(140)
        assert {told["title"] for told in post.browser.read} == {"New text from Dana Whitfield", "Notifications work"}

    play(story)


def test_a_message_it_refuses_is_not_tried_again(talk: Conversation, play: Play) -> None:
    async def story(post: Post) -> None:
        post.service.answers = [(413, {})]
        await off(receive, talk)
        await post.round(4)
        assert await post.round(7200) == 0

    play(story)
    assert not Push.objects.exists()


def test_our_key_is_made_once_and_kept_sealed(db: None) -> None:
    first, second = devices.own_keys(at=NOW), devices.own_keys(at=NOW)
    assert first == second
    row = PushKey.objects.get()
    assert row.public == first.public
    assert first.private.encode() not in bytes(row.sealed)


def test_a_message_always_fits() -> None:
    told = {"title": "é" * 4000, "body": "x" * 4000, "url": "/notifications/1/", "tag": "n1"}
    assert len(pushing.fitted(told)) <= pushing.LONGEST


@pytest.mark.parametrize(
    "url",
    [
        "http://push.example.net/x",
        "https://127.0.0.1/x",
        "https://192.168.1.1/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://0x7f000001/x",
        "ftp://push.example.net/x",
    ],
)
def test_nothing_is_posted_where_it_must_not_go(url: str) -> None:
    async def post() -> None:
        async with Poster() as poster:
            await poster.post(url, body=b"x", headers={})

    with pytest.raises(NotFetched) as error:
        asyncio.run(post())
    assert error.value.is_final


def test_a_name_that_leads_inside_is_not_posted_to() -> None:
    """The address is checked where the connection is made, after the name was looked up."""

    async def post() -> None:
        async with PushService() as service:
            port = service.origin.rpartition(":")[2]
            async with Poster(resolver=Inside(int(port))) as poster:
                await poster.post("https://push.example.net:8443/x", body=b"x", headers={})

    with pytest.raises(NotFetched):
        asyncio.run(post())


class Inside(AbstractResolver):
    """Looks every name up as this machine."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        found = ResolveResult(hostname=host, host="127.0.0.1", port=self.port, family=2, proto=0, flags=0)
        return [found]

    async def close(self) -> None:
        return None
