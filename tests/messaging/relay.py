"""The way to the database, which can be cut or frozen while a test runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

PORT = 5432


class Relay:
    """A socket in `folder` that leads to the real server. Use as an asynchronous context manager."""

    def __init__(self, folder: Path, dsn: str) -> None:
        known = conninfo_to_dict(dsn)
        self._target = f"{known['host']}/.s.PGSQL.{known.get('port') or PORT}"
        self._socket = folder / f".s.PGSQL.{PORT}"
        self.dsn = make_conninfo(dsn, host=str(folder), port=PORT)
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    async def __aenter__(self) -> Relay:
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def cut(self) -> None:
        """Break every connection; new ones are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for serving in self._serving:
            serving.cancel()
        if self._serving:
            await asyncio.wait(self._serving)
        self._socket.unlink(missing_ok=True)

    async def mend(self) -> None:
        """Let connections through again."""
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_unix_server(self._begin, self._socket)

    def freeze(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._flows.clear()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._target)
        try:
            await asyncio.gather(self._pass(reader, there_writer), self._pass(there_reader, writer))
        finally:
            writer.close()
            there_writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()
