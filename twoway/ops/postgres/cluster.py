"""One embedded server in one data folder, shared by every command that is run on that folder.

Why it is done this way: docs/decisions/0001-embedded-postgresql.md.
"""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote

from twoway.ops.postgres import postmaster, wire
from twoway.ops.postgres.boot import boot
from twoway.ops.postgres.errors import PostgresError
from twoway.ops.postgres.folder import USER, Folder
from twoway.ops.postgres.locks import Lease, alone

DATABASE = "twoway"

_START_SECONDS = 600.0
_UNREACHABLE_SECONDS = 10.0
_PAUSE_SECONDS = 0.01


class Cluster:
    """A share in the server of `data_dir`, run with the programs in `bin_dir`."""

    def __init__(self, data_dir: Path, bin_dir: Path) -> None:
        self.folder = Folder(data_dir)
        self._bin_dir = bin_dir
        self._lease: Lease | None = None

    @property
    def dsn(self) -> str:
        """The address, for psycopg or Django: a URL whose host is the folder of the Unix socket."""
        where = quote(str(self.folder.socket_dir()), safe="/")
        return f"postgresql://{USER}@/{DATABASE}?host={where}&port={wire.PORT}"

    @property
    def lease_descriptor(self) -> int:
        """The lease as an open file: children that inherit it keep the server from being stopped under them."""
        if self._lease is None:
            raise PostgresError("The embedded PostgreSQL has not been started by this command.")
        return self._lease.descriptor

    def start(self, *, timeout: float = _START_SECONDS) -> str:
        """Join the server, starting it when it does not run, and return the address; again is allowed and repairs.

        Waits up to `timeout` seconds, also through crash recovery. Raises `PostgresError`.
        """
        self.folder.make()
        give_up_at = time.monotonic() + timeout
        with alone(self.folder.lock, timeout=timeout):
            lease = self._lease or Lease(self.folder.lease)
            try:
                self._ensure_running(give_up_at)
            except BaseException:
                if self._lease is None:
                    lease.leave()
                raise
            self._lease = lease
        return self.dsn

    def stop(self) -> None:
        """Leave the server; the last to leave stops it."""
        if self._lease is None:
            return
        lease, self._lease = self._lease, None
        try:
            with alone(self.folder.lock, timeout=_START_SECONDS):
                if lease.is_last():
                    self._shut_down()
        finally:
            lease.leave()

    def is_ready(self) -> bool:
        """Whether a connection to the database succeeds now."""
        return self._ask(DATABASE).state is wire.State.READY

    def is_running(self) -> bool:
        """Whether the server's process lives; cheaper than `is_ready`, and true while it still recovers."""
        return postmaster.find(self.folder.pgdata) is not None

    def tidy_log(self) -> None:
        """Keep the server's log within its size; for whoever runs long."""
        self.folder.rotate_log()

    def _ensure_running(self, give_up_at: float) -> None:
        launched: int | None = None
        lost_at: float | None = None
        while True:
            answer = self._ask(DATABASE)
            if answer.state in (wire.State.READY, wire.State.FULL):
                return
            if answer.state is wire.State.NO_DATABASE:
                self._create_database()
                continue
            if answer.state is wire.State.REFUSED:
                raise PostgresError(f"The PostgreSQL in {self.folder.home} refuses its own commands: {answer.words}")
            if answer.state is wire.State.ABSENT:
                running = postmaster.find(self.folder.pgdata)
                if launched is not None and not postmaster.is_alive(launched):
                    self._explain_death()
                    launched = None
                elif running is None and launched is None:
                    launched = boot(self.folder, self._bin_dir)
                elif launched is None:
                    lost_at = self._give_up_lost(running, lost_at)
            if time.monotonic() > give_up_at:
                raise PostgresError(
                    f"The PostgreSQL in {self.folder.home} did not take connections in time. {self.folder.last_words()}"
                )
            time.sleep(_PAUSE_SECONDS)

    def _give_up_lost(self, running: int | None, lost_at: float | None) -> float | None:
        """A server that runs behind a socket that was deleted can never be reached: after a while it is stopped."""
        now = time.monotonic()
        if running is None or lost_at is None or now - lost_at < _UNREACHABLE_SECONDS:
            return lost_at or now
        postmaster.stop(running)
        return None

    def _explain_death(self) -> None:
        """Raise what the server said when it ended at once, unless trying again will do."""
        words = self.folder.last_words()
        if "pre-existing shared memory block" not in words:
            raise PostgresError(f"The PostgreSQL in {self.folder.home} does not start. {words}")
        time.sleep(0.2)

    def _create_database(self) -> None:
        answer = self._ask("postgres", f"CREATE DATABASE {DATABASE}")
        if answer.state is not wire.State.READY:
            raise PostgresError(f"The database {DATABASE} cannot be created: {answer.words or answer.state.name}")

    def _shut_down(self) -> None:
        running = postmaster.find(self.folder.pgdata)
        if running is not None:
            postmaster.stop(running)
        self.folder.drop_socket_dir()

    def _ask(self, database: str, sql: str | None = None) -> wire.Answer:
        try:
            return wire.ask(self.folder.socket_dir(), user=USER, database=database, sql=sql)
        except PermissionError as error:
            raise PostgresError(
                f"The PostgreSQL in {self.folder.home} runs as another user. Run the command as that user or as root."
            ) from error
