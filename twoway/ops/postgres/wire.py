"""Just enough of the PostgreSQL protocol to ask a server how it is, without loading a client library.

The messages are those of "Frontend/Backend Protocol" version 3.0 in the PostgreSQL manual.
"""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

PORT = 5432

LONGEST_SOCKET_PATH = 103
"""Bytes a Unix socket's path may have: 103 on macOS and the BSDs, 107 on Linux (sys/un.h, less the closing NUL)."""

_PROTOCOL_3 = 196608


class State(Enum):
    """What a server said when asked."""

    READY = auto()
    STARTING = auto()
    """It is there but takes no one yet (starting, recovering) or any more (shutting down)."""
    NO_DATABASE = auto()
    FULL = auto()
    SILENT = auto()
    ABSENT = auto()
    REFUSED = auto()


_STATES = {"57P03": State.STARTING, "3D000": State.NO_DATABASE, "53300": State.FULL}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`words` is the server's own message when there was one."""

    state: State
    words: str = ""


class _ServerError(Exception):
    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields.get("M", ""))
        self.code = fields.get("C", "")


def socket_path(folder: Path) -> Path:
    """The Unix socket's file in `folder`."""
    return folder / f".s.PGSQL.{PORT}"


def ask(folder: Path, *, user: str, database: str, sql: str | None = None, timeout: float = 5.0) -> Answer:
    """Connect through the socket in `folder`, run `sql` if given, and say what became of it; `timeout` in seconds."""
    if len(os.fsencode(socket_path(folder))) > LONGEST_SOCKET_PATH:
        return Answer(state=State.ABSENT)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout)
        try:
            line.connect(str(socket_path(folder)))
            line.sendall(_startup(user=user, database=database))
            _until_ready(line)
            if sql is not None:
                line.sendall(_message(b"Q", sql.encode() + b"\0"))
                _until_ready(line)
            line.sendall(_message(b"X", b""))
        except _ServerError as error:
            return Answer(state=_STATES.get(error.code, State.REFUSED), words=str(error))
        except (FileNotFoundError, ConnectionRefusedError):
            return Answer(state=State.ABSENT)
        except (TimeoutError, BlockingIOError):
            return Answer(state=State.SILENT)
        except (ConnectionResetError, BrokenPipeError, EOFError):
            return Answer(state=State.STARTING, words="the server closed the connection")
    return Answer(state=State.READY)


def _startup(*, user: str, database: str) -> bytes:
    pairs = b"".join(word.encode() + b"\0" for word in ("user", user, "database", database))
    body = struct.pack("!i", _PROTOCOL_3) + pairs + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _until_ready(line: socket.socket) -> None:
    """Read messages up to ReadyForQuery; an error message is raised at once, for the line is given up then."""
    while True:
        kind, length = struct.unpack("!ci", _exactly(line, 5))
        body = _exactly(line, length - 4)
        if kind == b"E":
            raise _ServerError(_fields(body))
        if kind == b"R" and body[:4] != b"\0\0\0\0":
            raise _ServerError({"M": "the server asks for a password on its own private socket"})
        if kind == b"Z":
            return


def _fields(body: bytes) -> dict[str, str]:
    parts = [part.decode(errors="replace") for part in body.split(b"\0") if part]
    return {part[0]: part[1:] for part in parts}


def _exactly(line: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        piece = line.recv(count - len(received))
        if not piece:
            raise EOFError
        received += piece
    return bytes(received)
