"""DATABASE_URL, given or of the embedded server. Loads no Django."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from twoway.ops.postgres import Cluster, find_bin_dir


@contextmanager
def leased(data_dir: Path) -> Iterator[Cluster | None]:
    """Have a database while this lasts: DATABASE_URL's, else the embedded server's, whose address is set there.

    Yields the embedded server, or None when there was an address. A command that is told to stop leaves it in order.
    """
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    cluster = Cluster(data_dir, find_bin_dir())
    os.environ["DATABASE_URL"] = cluster.start()
    _leave_on_sigterm()
    try:
        yield cluster
    finally:
        del os.environ["DATABASE_URL"]
        cluster.stop()


def _leave_on_sigterm() -> None:
    """Turn SIGTERM into an exit that runs `finally`, unless something else already listens to it."""
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _exit)


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(1)
