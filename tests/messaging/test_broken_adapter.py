"""An adapter with a mistake in it loses no webhook and stops nobody else's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import make
from tests.cast import NOW
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.messaging.models import Message, QuarantineEntry, StatusEvent
from twoway.providers import registry
from twoway.providers.base import Inbound, RawRequest, Receipt, Status
from twoway.providers.simulator import Simulator
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


class Broken(Simulator):
    """Believes everybody, and makes a mistake of the kind that the body names."""

    slug = "broken"

    def verify(self, account: object, request: RawRequest) -> bool:
        return True

    def parse(self, request: RawRequest) -> list[Inbound | Receipt]:
        kind = request.body.decode()
        if kind == "fails":
            raise RuntimeError("a mistake")
        if kind == "half a character":
            return [Receipt(provider_id="id\ud83d", status=Status.SENT, raw_status="\ud83d", error_code="\0\ud83d")]
        if kind == "wrong type":
            return [Receipt(provider_id="id", status=Status.SENT, raw_status="sent", at="\ud83d")]  # type: ignore[arg-type]
        return [Receipt(provider_id=kind, status=Status.SENT, raw_status="sent")]


@pytest.fixture
def broken(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    monkeypatch.setitem(registry.PROVIDERS, "broken", f"{__name__}.Broken")
    yield make.make_channel(workspace, at=NOW, provider="broken")
    registry.get.cache_clear()


def post(channel: Channel, *bodies: str) -> list[int]:
    requests = [
        RawRequest(method="POST", url=hands.url(channel), headers={}, body=body.encode(), received_at=NOW)
        for body in bodies
    ]
    return [answer.status for answer in hands.post([(channel, request) for request in requests])]


def test_what_an_adapter_fails_on_is_kept(broken: Channel) -> None:
    assert post(broken, "fails", "fine") == [204, 204]
    entry = QuarantineEntry.objects.get()
    assert (entry.reason, entry.detail, bytes(entry.body)) == ("malformed", "RuntimeError: a mistake", b"fails")
    assert StatusEvent.objects.get().provider_id == "fine"


def test_half_a_character_is_no_obstacle(broken: Channel) -> None:
    assert post(broken, "half a character") == [204]
    kept = StatusEvent.objects.get()
    assert (kept.provider_id, kept.raw_status, kept.error_code) == ("id\ufffd", "\ufffd", "\ufffd")


def test_a_value_that_cannot_be_written_harms_no_other(broken: Channel) -> None:
    assert post(broken, "one", "wrong type", "two", "three") == [204] * 4
    assert set(StatusEvent.objects.values_list("provider_id", flat=True)) == {"one", "two", "three"}
    assert QuarantineEntry.objects.get().reason == "refused"
    assert not Message.objects.exists()
