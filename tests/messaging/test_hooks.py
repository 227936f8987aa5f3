"""The webhook doors through a real socket: what they refuse, and that nothing is stored twice under load."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException

import pytest
from django.conf import settings
from pytest_django import Settings

from tests.messaging import hands
from tests.messaging.serving import PATIENCE, Site, site
from twoway.channels.models import Channel
from twoway.contacts.models import Contact
from twoway.conversations.models import Conversation
from twoway.messaging.models import Message, QuarantineEntry
from twoway.providers.base import RawRequest
from twoway.teams.models import Workspace
from twoway.webhooks.hooks import MOST_BYTES

pytestmark = pytest.mark.django_db(transaction=True)

CONNECTIONS, WEBHOOKS, TIMES = 64, 320, 3


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace)


@pytest.fixture
def web(twilio: Channel) -> Iterator[Site]:
    with site() as running:
        yield running


def path_of(request: RawRequest) -> str:
    return request.url.removeprefix(settings.PUBLIC_URL)


def post(web: Site, request: RawRequest, **headers: str) -> tuple[int, bytes]:
    return web.ask("POST", path_of(request), request.body, {**request.headers, **headers})


def test_a_text_is_stored_before_the_answer(web: Site, twilio: Channel) -> None:
    status, body = post(web, hands.webhook(twilio, hands.text(twilio, "hello")))
    assert (status, body) == (200, b'<?xml version="1.0" encoding="UTF-8"?><Response/>')
    assert Message.objects.get().body == "hello"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(web: Site, twilio: Channel, method: str) -> None:
    request = hands.webhook(twilio, hands.text(twilio, "hello"))
    assert web.ask(method, path_of(request), request.body, dict(request.headers))[0] == 405
    assert not QuarantineEntry.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/",
        "/hooks/twilio",
        "/hooks/twilio/abc/inbound",
        "/hooks/twilio/{hook}/elsewhere",
        "/hooks/twilio/{hook}/inbound/more",
        "/hooks/Twilio/{hook}/inbound",
        "/hooks/twilio/{hook}%2Finbound/../inbound",
        "/hooks//twilio/{hook}/inbound",
    ],
)
def test_other_paths_are_not_found(web: Site, twilio: Channel, path: str) -> None:
    request = hands.webhook(twilio, hands.text(twilio, "hello"))
    assert web.ask("POST", path.format(hook=twilio.hook), request.body, dict(request.headers))[0] == 404
    assert not Message.objects.exists()
    assert not QuarantineEntry.objects.exists()


@pytest.mark.parametrize("path", ["/hooks/twilio/nosuchhooknosuchhook/inbound", "/hooks/simulator/{hook}/inbound"])
def test_an_unknown_hook_is_404_and_kept(web: Site, twilio: Channel, path: str) -> None:
    """Also a hook that is another provider's: each provider's signature is its own."""
    request = hands.webhook(twilio, hands.text(twilio, "hello"))
    assert web.ask("POST", path.format(hook=twilio.hook), request.body, dict(request.headers))[0] == 404
    assert QuarantineEntry.objects.get().reason == "unknown_hook"


def test_a_wrong_signature_is_403_and_kept(web: Site, twilio: Channel) -> None:
    status, _ = post(web, hands.webhook(twilio, hands.text(twilio, "hello")), **{"x-twilio-signature": "bm9wZQ=="})
    assert status == 403
    assert QuarantineEntry.objects.get().reason == "bad_signature"


def test_a_body_of_a_mebibyte_is_read_and_a_longer_one_refused(web: Site, twilio: Channel) -> None:
    path = f"/hooks/twilio/{twilio.hook}/inbound"
    assert web.ask("POST", path, b"x" * MOST_BYTES)[0] == 403
    assert web.ask("POST", path, b"x" * (MOST_BYTES + 1))[0] == 413
    assert QuarantineEntry.objects.count() == 1


def test_a_long_body_in_chunks_is_refused_before_its_end(web: Site, twilio: Channel) -> None:
    """A body that says no length and never ends."""
    line = HTTPConnection("127.0.0.1", web.port, timeout=PATIENCE)
    line.putrequest("POST", f"/hooks/twilio/{twilio.hook}/inbound")
    line.putheader("transfer-encoding", "chunked")
    line.endheaders()
    try:
        for _ in range(200):
            line.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
    except OSError:
        pass  # it hung up after its answer
    try:
        assert line.getresponse().status == 413
    except (OSError, HTTPException):
        pytest.fail("the answer was lost")
    finally:
        line.close()


def test_a_body_in_chunks_is_put_together(web: Site, twilio: Channel) -> None:
    request = hands.webhook(twilio, hands.text(twilio, "piece by piece é"))
    pieces = (request.body[at : at + 7] for at in range(0, len(request.body), 7))
    status, _ = web.ask("POST", path_of(request), pieces, {**request.headers, "transfer-encoding": "chunked"})
    assert status == 200
    assert Message.objects.get().body == "piece by piece é"


def test_a_caller_that_hangs_up_halfway_said_nothing(web: Site, twilio: Channel) -> None:
    request = hands.webhook(twilio, hands.text(twilio, "hello"))
    with socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE) as line:
        head = f"POST {path_of(request)} HTTP/1.1\r\nhost: desk\r\ncontent-length: {len(request.body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        line.sendall(head.encode() + b"\r\n" + request.body[:-5])
    assert post(web, request)[0] == 200
    assert Message.objects.count() == 1
    assert not QuarantineEntry.objects.exists()


def test_a_get_is_verified_and_kept(web: Site, twilio: Channel) -> None:
    """Twilio signs a GET by its address. Our addresses are given out for POST; what comes otherwise can be replayed."""
    query = "Body=hello&From=%2B14155550101&MessageSid=SM1&To=%2B14155550199"
    address = hands.url(twilio, query=query)
    headers = {"x-twilio-signature": hands.sign(address, {})}
    status, _ = web.ask("GET", address.removeprefix(settings.PUBLIC_URL), headers=headers)
    assert status == 200
    entry = QuarantineEntry.objects.get()
    assert (entry.reason, entry.method, entry.url) == ("malformed", "GET", address)


def test_the_signed_address_is_the_public_one(web: Site, twilio: Channel) -> None:
    """Whatever host and port a proxy names; the path and the query as they came, not decoded."""
    request = hands.webhook(twilio, hands.text(twilio, "hello"), query="a=%7E&b=x%20y&c")
    assert post(
        web, request, host="10.0.0.7:8000", **{"x-forwarded-proto": "http", "x-forwarded-host": "elsewhere"}
    ) == (
        200,
        b'<?xml version="1.0" encoding="UTF-8"?><Response/>',
    )


@pytest.mark.parametrize(
    ("trusted", "forwarded", "remote"),
    [
        ([], "192.0.2.7", "127.0.0.1"),
        (["127.0.0.1"], "192.0.2.7", "192.0.2.7"),
        (["127.0.0.1"], "198.51.100.9, 192.0.2.7", "192.0.2.7"),
        (["127.0.0.1", "192.0.2.7"], "198.51.100.9, 192.0.2.7", "198.51.100.9"),
        (["10.1.1.1"], "192.0.2.7", "127.0.0.1"),
    ],
)
def test_who_called_is_what_a_trusted_proxy_says(
    settings: Settings, twilio: Channel, trusted: list[str], forwarded: str, remote: str
) -> None:
    settings.TRUSTED_PROXIES = trusted
    with site() as web:
        request = hands.webhook(twilio, hands.text(twilio, "hello"), signature="bm9wZQ==")
        assert post(web, request, **{"x-forwarded-for": forwarded})[0] == 403
    assert QuarantineEntry.objects.get().remote == remote


def test_each_webhook_thrice_on_many_connections_is_stored_once(web: Site, twilio: Channel) -> None:
    """Texts of 40 people who write in turn; each connection is used again and again."""
    requests = [
        hands.webhook(twilio, hands.text(twilio, f"text {n}", sender=f"+1415555{1000 + n % 40}"))
        for n in range(WEBHOOKS)
    ]
    copies = requests * TIMES

    def one_connection(number: int) -> set[int]:
        line = HTTPConnection("127.0.0.1", web.port, timeout=PATIENCE)
        statuses = set()
        for request in copies[number::CONNECTIONS]:
            line.request("POST", path_of(request), request.body, dict(request.headers))
            answer = line.getresponse()
            answer.read()
            statuses.add(answer.status)
        line.close()
        return statuses

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        assert set().union(*pool.map(one_connection, range(CONNECTIONS))) == {200}
    assert sorted(Message.objects.values_list("body", flat=True)) == sorted(f"text {n}" for n in range(WEBHOOKS))
    assert Contact.objects.count() == 40
    assert set(Conversation.objects.values_list("unanswered", flat=True)) == {WEBHOOKS // 40}
    assert web.application.intake.stored == WEBHOOKS * TIMES
    assert not QuarantineEntry.objects.exists()


def raw_post(request: RawRequest, *headers: str) -> bytes:
    lines = [f"POST {path_of(request)} HTTP/1.1", "host: desk", f"content-length: {len(request.body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + request.body


def answers(web: Site, sent: bytes) -> list[bytes]:
    """The status lines of all answers to what is sent at once; the last request must ask for the connection's end."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE) as line:
        line.sendall(sent)
        heard = b""
        while part := line.recv(65_536):
            heard += part
    return re.findall(rb"HTTP/1\.1 \d{3} [^\r]*", heard)


def test_requests_sent_without_waiting_are_answered_in_order(web: Site, twilio: Channel) -> None:
    """Texts, a page, one that is refused and a page again, all in one packet."""
    texts = [hands.webhook(twilio, hands.text(twilio, f"text {n}")) for n in range(3)]
    forged = hands.webhook(twilio, hands.text(twilio, "forged"), signature="bm9wZQ==")
    page = b"GET /healthz HTTP/1.1\r\nhost: desk\r\n\r\n"
    sent = [
        raw_post(texts[0]),
        page,
        raw_post(texts[1]),
        raw_post(forged),
        page,
        raw_post(texts[2], "connection: close"),
    ]
    statuses = [int(words.split()[1]) for words in answers(web, b"".join(sent))]
    assert statuses == [200, 200, 200, 403, 200, 200]
    assert [message.body for message in Message.objects.order_by("id")] == ["text 0", "text 1", "text 2"]


def test_a_caller_may_ask_before_it_sends_its_body(web: Site, twilio: Channel) -> None:
    request = hands.webhook(twilio, hands.text(twilio, "hello"))
    whole = raw_post(request, "expect: 100-continue", "connection: close")
    assert answers(web, whole) == [b"HTTP/1.1 100 Continue", b"HTTP/1.1 200 OK"]
    assert Message.objects.count() == 1


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_a_connection_ends_when_its_caller_wants(web: Site, twilio: Channel, version: str) -> None:
    whole = raw_post(hands.webhook(twilio, hands.text(twilio, "hello")), "connection: close")
    assert len(answers(web, whole.replace(b"HTTP/1.1", version.encode(), 1))) == 1
    assert Message.objects.count() == 1


@pytest.mark.parametrize("piece", [1, 9, 400])
def test_a_request_may_come_in_pieces(web: Site, twilio: Channel, piece: int) -> None:
    whole = raw_post(hands.webhook(twilio, hands.text(twilio, "hello")), "connection: close")
    with socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(whole), piece):
            line.sendall(whole[at : at + piece])
        assert line.recv(65_536).startswith(b"HTTP/1.1 200 OK")
    assert Message.objects.count() == 1


@pytest.mark.parametrize("length", ["-1", "abc", "99999999999999999999"])
def test_a_length_that_is_none_is_refused(web: Site, twilio: Channel, length: str) -> None:
    head = f"POST /hooks/twilio/{twilio.hook}/inbound HTTP/1.1\r\nhost: desk\r\ncontent-length: {length}\r\n\r\n"
    found = answers(web, head.encode())
    assert [words.split()[1] for words in found] == [b"400"]
    assert not QuarantineEntry.objects.exists()
