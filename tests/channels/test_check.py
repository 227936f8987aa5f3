"""Asking the provider about a channel: over real HTTP, at a stand-in for Twilio."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest

from tests.cast import NOW, Player
from twoway.channels import actions, queries, urls
from twoway.channels.models import Channel
from twoway.lib.sealing import seal
from twoway.teams.actor import system


class Desk(BaseHTTPRequestHandler):
    """Answers every GET with what `server.told` says."""

    def do_GET(self) -> None:
        status, told = self.server.told  # type: ignore[attr-defined]
        self.server.asked.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        body = orjson.dumps(told)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def twilio(ana: Player, provider: Any) -> Channel:
    return actions.add_channel(
        by=system(ana.member.workspace_id),
        provider="twilio",
        address="+15035550142",
        credentials={"account_sid": "AC1", "auth_token": "secret"},
        settings={"api_base": f"http://127.0.0.1:{provider.server_port}"},
        at=NOW,
    )


def test_texts_that_come_to_us_are_fine(twilio: Channel, provider: Any) -> None:
    provider.told = 200, {"incoming_phone_numbers": [{"sms_url": urls.inbound_url(twilio), "sms_method": "POST"}]}
    checked = queries.check(twilio)
    assert checked.ok, checked.detail
    ((path, headers),) = provider.asked
    assert path.startswith("/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json")
    assert headers["authorization"].startswith("Basic ") or headers["Authorization"].startswith("Basic ")


def test_texts_that_go_elsewhere_are_named(twilio: Channel, provider: Any) -> None:
    provider.told = 200, {"incoming_phone_numbers": [{"sms_url": "https://old.example/sms", "sms_method": "POST"}]}
    checked = queries.check(twilio)
    assert not checked.ok
    assert "https://old.example/sms" in checked.detail
    assert urls.inbound_url(twilio) in checked.detail


def test_wrong_credentials_are_said(twilio: Channel, provider: Any) -> None:
    provider.told = 401, {"message": "Authenticate"}
    assert not queries.check(twilio).ok


def test_a_provider_that_does_not_answer_is_said(twilio: Channel, provider: Any) -> None:
    Channel.objects.filter(id=twilio.pk).update(settings={"api_base": "http://127.0.0.1:1"})
    twilio.refresh_from_db()
    checked = queries.check(twilio)
    assert not checked.ok
    assert checked.detail.startswith("Twilio can't be asked")


def test_credentials_sealed_with_another_key_are_said(twilio: Channel) -> None:
    other = "A" * 43 + "="
    Channel.objects.filter(id=twilio.pk).update(sealed_credentials=seal({"auth_token": "x"}, key=other))
    twilio.refresh_from_db()
    checked = queries.check(twilio)
    assert not checked.ok
    assert "another key" in checked.detail
