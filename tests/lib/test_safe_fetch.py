"""Fetching what somebody else names: where to, how much, how long, and through which redirects."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.fakes.http_server import HANG, HANG_UP, Answer, Handler, Listener, Request
from twoway.lib import safe_fetch
from twoway.lib.public_addresses import NotFetched
from twoway.lib.safe_fetch import Fetcher, Got, Wanted

MOST = 10_000


class Points(AbstractResolver):
    """Every name leads to one address."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=self.address, port=port, family=family, proto=0, flags=0),
        ]

    async def close(self) -> None:
        return None


class Server:
    """A server with answers by path; it remembers what it was asked."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answers.get(request.path, Answer(404))


def fetch(
    handler: Handler, into: Path, path: str = "/a.png", *, trusted: bool = True, resolver: Any = None, **wish: Any
) -> Got:
    """Ask for a path of a server on this machine."""

    async def whole() -> Got:
        server = await Listener(handler).start()
        base = f"http://127.0.0.1:{server.port}"
        try:
            async with Fetcher(resolver=resolver) as fetcher:
                url = path if "://" in path else f"{base}{path}"
                wanted = Wanted(url=url, **{"headers": {}, "size": MOST, "timeout": 20.0, **wish})
                return await fetcher.fetch(wanted, into=into, trusted=[base] if trusted else [])
        finally:
            await server.stop()

    return asyncio.run(whole())


def refused(handler: Handler, into: Path, path: str = "/a.png", **more: Any) -> NotFetched:
    with pytest.raises(NotFetched) as caught:
        fetch(handler, into, path, **more)
    assert not into.exists()
    return caught.value


def moved(where: str) -> Answer:
    return Answer(302, headers={"Location": where})


def test_a_file_is_written_with_what_the_server_says_of_it(tmp_path: Path) -> None:
    server = Server({"/a.png": Answer(body=b"x" * 9000, content_type="image/png; charset=x")})
    got = fetch(server, tmp_path / "f", headers={"authorization": "Basic abc"})
    assert (got.size, got.content_type) == (9000, "image/png")
    assert (tmp_path / "f").read_bytes() == b"x" * 9000
    assert server.asked[0].headers["authorization"] == "Basic abc"
    assert "cookie" not in server.asked[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/",
        "http://localhost:8080/",
        "http://127.1:8080/",
        "http://2130706433:8080/",
        "http://0x7f.1:8080/",
        "http://[::1]:8080/",
        "http://[::ffff:127.0.0.1]:8080/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://printer/",
        "http://db.internal/",
        "http://[64:ff9b::a00:1]/",
        "http://[2002:7f00:1::]/",
    ],
)
def test_private_addresses_are_refused_however_they_are_written(tmp_path: Path, url: str) -> None:
    error = refused(Server({}), tmp_path / "f", url, trusted=False)
    assert (error.code, error.is_final) == ("not_public", True)


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.com/a", "file:///etc/passwd", "gopher://example.com/", "https://"),
        *("https://user:secret@example.com/a", "https://example.com:22/a", "https://example.com:99999/"),
        f"https://example.com/{'a' * 5000}",
    ],
)
def test_other_addresses_are_refused(tmp_path: Path, url: str) -> None:
    assert refused(Server({}), tmp_path / "f", url, trusted=False).code == "bad_address"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "::1", "169.254.169.254"])
def test_a_public_name_that_leads_to_a_private_address_is_refused(tmp_path: Path, address: str) -> None:
    """It is the connection that is judged, not the name: looking it up twice would not be enough."""
    error = refused(
        Server({}), tmp_path / "f", "http://pictures.example.com/a", trusted=False, resolver=Points(address)
    )
    assert error.code == "not_public"


def test_an_operator_s_address_may_be_private_and_may_lead_on_to_itself(tmp_path: Path) -> None:
    server = Server({"/a.png": moved("/b.png"), "/b.png": Answer(body=b"here")})
    assert fetch(server, tmp_path / "f").size == 4


def test_a_redirect_to_a_private_address_is_refused(tmp_path: Path) -> None:
    for where in ("http://127.0.0.1:8443/x", "http://localhost:8080/", "http://[::1]/", "http://10.0.0.1/"):
        assert refused(Server({"/a.png": moved(where)}), tmp_path / "f").code == "not_public"


def test_a_redirect_to_another_scheme_is_refused(tmp_path: Path) -> None:
    for where in ("file:///etc/passwd", "ftp://example.com/"):
        assert refused(Server({"/a.png": moved(where)}), tmp_path / "f").code == "bad_address"


def test_credentials_stay_with_the_host_they_are_for(tmp_path: Path) -> None:
    seen: list[str] = []

    async def whole() -> None:
        def second(request: Request) -> Answer:
            seen.append(request.headers.get("authorization", ""))
            return Answer(body=b"file")

        behind = await Listener(second).start()
        first = await Listener(lambda request: moved(f"http://127.0.0.1:{behind.port}/x")).start()
        try:
            async with Fetcher() as fetcher:
                wanted = Wanted(
                    url=f"http://127.0.0.1:{first.port}/", headers={"authorization": "Basic abc"}, size=MOST
                )
                trusted = [f"http://127.0.0.1:{port}" for port in (first.port, behind.port)]
                await fetcher.fetch(wanted, into=tmp_path / "f", trusted=trusted)
        finally:
            await first.stop()
            await behind.stop()

    asyncio.run(whole())
    assert seen == [""]


def test_redirects_end_somewhere(tmp_path: Path) -> None:
    server = Server({"/a.png": moved("/a.png")})
    assert refused(server, tmp_path / "f").code == "too_many_redirects"
    assert len(server.asked) == safe_fetch.MOST_REDIRECTS + 1


def test_what_is_too_big_is_not_read_on(tmp_path: Path) -> None:
    announced = Server({"/a.png": Answer(body=b"x" * (MOST + 1))})
    assert refused(announced, tmp_path / "f").code == "too_big"
    assert fetch(Server({"/a.png": Answer(body=b"x" * MOST)}), tmp_path / "g").size == MOST


def test_what_is_too_big_without_saying_so_is_cut_off(tmp_path: Path) -> None:
    async def whole() -> str:
        async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try:
                while True:
                    writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
                    await writer.drain()
            except ConnectionError:
                writer.close()

        server = await asyncio.start_server(pour, "127.0.0.1", 0)
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, Fetcher() as fetcher:
            try:
                await fetcher.fetch(Wanted(url=base, headers={}, size=MOST), into=tmp_path / "f", trusted=[base])
            except NotFetched as error:
                return error.code
        return ""

    assert asyncio.run(whole()) == "too_big"
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize(
    ("answer", "code", "is_final"),
    [
        (Answer(404), "gone", False),
        (Answer(410), "gone", False),
        (Answer(401), "not_allowed", False),
        (Answer(403), "not_allowed", False),
        (Answer(500), "server", False),
        (Answer(304), "server", False),
        (Answer(200, b"", headers={}), "empty", False),
        (Answer(200, b"x", headers={"Content-Encoding": "gzip"}), "server", False),
        (HANG_UP, "unreachable", False),
    ],
)
def test_every_failure_has_its_reason(tmp_path: Path, answer: Answer, code: str, is_final: bool) -> None:
    error = refused(Server({"/a.png": answer}), tmp_path / "f")
    assert (error.code, error.is_final) == (code, is_final)
    assert str(error)


def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    assert refused(Server({"/a.png": HANG}), tmp_path / "f", timeout=0.3).code == "too_slow"


def test_no_secret_is_in_the_words_of_a_failure(tmp_path: Path) -> None:
    error = refused(Server({"/a": HANG_UP}), tmp_path / "f", "/a?token=secret", headers={"authorization": "secret"})
    assert "secret" not in str(error)
