"""How far a failed call got: the transport against a server that misbehaves, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from tests.fakes.http_server import HANG, HANG_UP, Answer
from tests.providers.serving import Script, serving
from twoway.providers.base import HttpRequest, HttpResponse, NotConnected, Rejected, SendError, Uncertain
from twoway.providers.http import LONGEST_ANSWER, Transport, call_sync

SECRET = "Bearer do-not-show-me"


async def call_once(request: HttpRequest) -> HttpResponse:
    async with Transport(limit=4) as transport:
        return await transport.call(request)


def call_async(request: HttpRequest) -> HttpResponse:
    return asyncio.run(call_once(request))


both_ways = pytest.mark.parametrize("call", [call_async, call_sync])
Call = Callable[[HttpRequest], HttpResponse]


def post(url: str, *, timeout: float = 5.0) -> HttpRequest:
    return HttpRequest(
        method="POST", url=url, headers={"authorization": SECRET, "X-Own": "1"}, body=b"To=%2B1415", timeout=timeout
    )


@both_ways
def test_a_call_arrives_as_it_was_made(call: Call) -> None:
    with serving(lambda _: Answer(201, b'{"sid": "SM1"}', headers={"X-Reply": "Yes"})) as server:
        response = call(post(f"{server.url}/a%2Fb/Messages.json?DateSent%3E=2026-01-02&To=%2B1"))
    assert (response.status, response.body) == (201, b'{"sid": "SM1"}')
    assert response.headers["x-reply"] == "Yes"
    (request,) = server.seen
    assert (request.method, request.path, request.body) == ("POST", "/a%2Fb/Messages.json", b"To=%2B1415")
    assert request.query == "DateSent%3E=2026-01-02&To=%2B1"
    assert request.headers["authorization"] == SECRET
    assert request.headers["x-own"] == "1"


@both_ways
def test_a_closed_port_is_not_connected(call: Call) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(NotConnected) as refused:
            call(post(f"http://127.0.0.1:{port}/"))
    assert SECRET not in str(refused.value)


@both_ways
def test_a_name_that_does_not_exist_is_not_connected(call: Call) -> None:
    with pytest.raises(NotConnected):
        call(post("http://nobody.invalid/"))


@both_ways
def test_a_connection_that_is_never_accepted_is_not_connected(call: Call) -> None:
    """The queue of a listening socket is full, so the handshake never ends."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        try:
            with pytest.raises(NotConnected):
                call(post(f"http://127.0.0.1:{address[1]}/", timeout=0.6))
        finally:
            for one in waiting:
                one.close()


@both_ways
def test_a_tls_handshake_that_fails_is_not_connected(call: Call) -> None:
    with serving(lambda _: Answer()) as server, pytest.raises(NotConnected):
        call(post(server.url.replace("http:", "https:"), timeout=1.0))


@both_ways
@pytest.mark.parametrize(
    "script",
    [lambda _: HANG_UP, lambda _: HANG, lambda _: Answer(201, b"{}", headers={"Content-Length": "900"})],
    ids=["hangs up", "never answers", "breaks the protocol"],
)
def test_anything_after_the_request_was_written_is_uncertain(call: Call, script: Script) -> None:
    with serving(script) as server, pytest.raises(Uncertain) as refused:
        call(post(server.url, timeout=0.5))
    assert len(server.seen) == 1, "it must not be repeated"
    assert SECRET not in str(refused.value)


def test_a_reused_connection_that_the_server_closes_is_uncertain_and_not_repeated() -> None:
    """The classic trap: a keep-alive connection dies as the second call is written."""
    script = iter([Answer(201, b"{}"), HANG_UP])

    async def twice(url: str) -> None:
        async with Transport(limit=1) as transport:
            assert (await transport.call(post(url))).status == 201
            with pytest.raises(Uncertain):
                await transport.call(post(url))

    with serving(lambda _: next(script)) as server:
        asyncio.run(twice(server.url))
    assert len(server.seen) == 2


def test_a_connection_closed_while_idle_is_replaced() -> None:
    async def main() -> tuple[int, int]:
        connections = 0

        async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            await reader.readuntil(b"1415")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            writer.close()

        server = await asyncio.start_server(once, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        answered = 0
        async with server, Transport(limit=1) as transport:
            for _ in range(3):
                answered += (await transport.call(post(url))).status == 200
                await asyncio.sleep(0.05)
        return answered, connections

    assert asyncio.run(main()) == (3, 3)


def test_connections_are_kept_and_limited() -> None:
    peers: set[object] = set()

    async def main() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            peers.add(writer.get_extra_info("peername"))
            with contextlib.suppress(asyncio.IncompleteReadError):
                while True:
                    await reader.readuntil(b"1415")
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with Transport(limit=3) as transport:
            await asyncio.gather(*(transport.call(post(url)) for _ in range(30)))
        server.close()
        await server.wait_closed()

    asyncio.run(main())
    assert 1 <= len(peers) <= 3


@both_ways
def test_a_redirect_is_not_followed(call: Call) -> None:
    with serving(lambda _: Answer(307, headers={"Location": "/elsewhere"})) as server:
        assert call(post(server.url)).status == 307
    assert len(server.seen) == 1


@both_ways
def test_a_cookie_is_not_kept(call: Call) -> None:
    with serving(lambda _: Answer(200, headers={"Set-Cookie": "a=1"})) as server:
        call(post(server.url))
        call(post(server.url))
    assert all("cookie" not in request.headers for request in server.seen)


@both_ways
@pytest.mark.parametrize("size", [LONGEST_ANSWER, LONGEST_ANSWER + 1])
def test_an_answer_is_read_up_to_a_limit(call: Call, size: int) -> None:
    with serving(lambda _: Answer(200, b"x" * size)) as server:
        if size > LONGEST_ANSWER:
            with pytest.raises(Uncertain):
                call(post(server.url))
        else:
            assert len(call(post(server.url)).body) == size


@both_ways
def test_an_answer_without_length_is_read_up_to_a_limit(call: Call) -> None:
    """A chunked answer that never ends."""

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"1415")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(OSError):
            while not writer.is_closing():
                writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                await writer.drain()

    async def main(call_it: Callable[[str], Awaitable[HttpResponse]]) -> None:
        server = await asyncio.start_server(endless, "127.0.0.1", 0)
        async with server:
            await call_it(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")

    with pytest.raises(Uncertain, match="too long"):
        asyncio.run(main(lambda url: asyncio.to_thread(call, post(url))))


@both_ways
@pytest.mark.parametrize("url", ["ftp://carrier.example/", "carrier.example/x", "http://", ""])
def test_an_impossible_address_is_a_matter_of_configuration(call: Call, url: str) -> None:
    with pytest.raises(SendError) as refused:
        call(post(url))
    assert isinstance(refused.value, Rejected | NotConnected)
    assert refused.value.code in ("config", "not_connected")


@both_ways
@pytest.mark.parametrize("key", ["", "Bearer s3cret\n", "Bearer s3cret\r\nX-Evil: 1", "Bearer s3crét"])
def test_credentials_that_cannot_be_sent_are_not_shown(call: Call, key: str) -> None:
    with pytest.raises(Rejected) as refused:
        call(replace(post("http://127.0.0.1:9/"), headers={"authorization": key}))
    assert refused.value.code == "config"
    assert "authorization" in str(refused.value)
    assert "s3cr" not in str(refused.value)


def test_a_transport_is_used_inside_its_context() -> None:
    with pytest.raises(RuntimeError):
        asyncio.run(Transport().call(post("http://127.0.0.1/")))


def raw_server(*answers: bytes) -> tuple[socket.socket, str]:
    """A server that writes these bytes, one to each request on one connection."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listening.accept()
        with line:
            for answer in answers:
                line.recv(65536)
                line.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}/"


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", 201, b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200, b"abc"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, b"until the end"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    ],
    ids=["interim", "chunked", "until closed", "nothing"],
)
def test_every_shape_of_an_answer_is_read(answer: bytes, status: int, body: bytes) -> None:
    listening, url = raw_server(answer)
    with listening:
        response = call_async(post(url))
    assert (response.status, response.body) == (status, body)
    assert "x-early" not in response.headers


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 200_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"not http at all\r\n\r\n",
    ],
    ids=["endless head", "cut short", "bad chunk", "another protocol", "another language"],
)
def test_a_malformed_answer_is_uncertain(answer: bytes) -> None:
    listening, url = raw_server(answer)
    with listening, pytest.raises(Uncertain) as refused:
        call_async(post(url))
    assert SECRET not in str(refused.value)


def test_an_answer_nobody_asked_for_is_never_taken_for_the_next() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"

    async def twice(url: str) -> None:
        async with Transport(limit=1) as transport:
            assert (await transport.call(post(url))).body == b"a"
            await asyncio.sleep(0.05)
            with pytest.raises(SendError):
                await transport.call(post(url, timeout=0.5))

    listening, url = raw_server(whole + whole)
    with listening:
        asyncio.run(twice(url))
