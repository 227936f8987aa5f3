"""Which addresses somebody else may have us ask: public ones only, by name and where the connection is made."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from twoway.lib.words import noted

PORTS = frozenset({80, 443, 8080, 8443})
LONGEST_URL = 4000
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_DEFAULT_PORTS = {"http": 80, "https": 443}


class NotFetched(Exception):
    """It could not be had. `code` is one of `WORDS`; `is_final` says that another try makes no sense."""

    def __init__(self, code: str, detail: str = "", *, is_final: bool = False) -> None:
        super().__init__(detail or WORDS[code])
        self.code = code
        self.is_final = is_final


WORDS = {
    "bad_address": noted("The address can't be used."),
    "not_public": noted("The address is not a public one."),
    "too_big": noted("The file is too big."),
    "too_slow": noted("The file came too slowly."),
    "unreachable": noted("The server could not be reached."),
    "gone": noted("The file is not there any more."),
    "not_allowed": noted("The server refused us the file."),
    "server": noted("The server answered with an error."),
    "too_many_redirects": noted("The server sent us from one address to the next."),
    "empty": noted("The file is empty."),
}


class Private(OSError):
    """A connection to an address that is not public was about to be made."""


def origin(url: str) -> str:
    """Scheme, host and port of an address, such as https://example.com:443, or "" when it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}" if parts.hostname and port else ""


def checked(url: str, *, is_trusted: bool = False) -> None:
    """Whether an address may be tried at all. Raises `NotFetched`. Names are checked when they are looked up."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise NotFetched("bad_address", is_final=True) from error
    host = parts.hostname or ""
    if parts.scheme not in _DEFAULT_PORTS or not host or len(url) > LONGEST_URL or not url.isprintable():
        raise NotFetched("bad_address", is_final=True)
    if is_trusted:
        return
    if parts.username is not None or port not in PORTS:
        raise NotFetched("bad_address", is_final=True)
    if not _may_be_public(host):
        raise NotFetched("not_public", is_final=True)


def _may_be_public(host: str) -> bool:
    """False for addresses in digits, however they are written, that are not public; a name is looked up later."""
    bare = host.strip("[]")
    try:
        return is_public(bare)
    except ValueError:
        pass
    with suppress(OSError):
        return is_public(socket.inet_ntoa(socket.inet_aton(bare)))  # 127.1, 0x7f000001, 2130706433
    return not (bare.endswith((".localhost", ".local", ".internal")) or bare == "localhost" or "." not in bare)


def is_public(address: str) -> bool:
    """Whether an IP address is one anybody on the internet could reach. Raises `ValueError`.

    Addresses that carry an IPv4 address inside (mapped, 6to4, Teredo, NAT64) are judged by that one.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and any(found in network for network in _TRANSLATED):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def public_socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket for one looked-up address; refuses the ones that are not public. It sees what is really connected to."""
    family, kind, protocol, _, target = address
    if family not in {socket.AF_INET, socket.AF_INET6} or not is_public(str(target[0])):
        raise Private(f"{target[0]} is not a public address")
    return socket.socket(family=family, type=kind, proto=protocol)
