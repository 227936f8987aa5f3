"""How a supervisor and its children learn of each other: by pipes, which the kernel closes for the dead.

The supervisor holds the one end of the lifeline and never writes to it. A child that reads end-of-file there has lost
its supervisor, however that died.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

LIFELINE = "TWOWAY_LIFELINE"
READY = "TWOWAY_READY"


def stop_myself() -> None:
    """The orderly end, as if the supervisor had asked for it."""
    os.kill(os.getpid(), signal.SIGTERM)


def watch(on_lost: Callable[[], None] = stop_myself) -> bool:
    """Call `on_lost`, in a thread of its own, when the supervisor is gone; False when there is none to watch.

    A process that has not ended within the drain time after that is ended by force: nobody else is left to do it.
    """
    descriptor = _taken(LIFELINE)
    if descriptor is None:
        return False
    patience = float(os.environ.get("TWOWAY_DRAIN_SECONDS", "20")) + 5
    threading.Thread(target=_wait, args=(descriptor, on_lost, patience), name="lifeline", daemon=True).start()
    return True


def ready(name: str) -> None:
    """Tell the supervisor, if there is one, that this part is at work."""
    descriptor = _taken(READY)
    if descriptor is not None:
        os.write(descriptor, f"{name}\n".encode())
        os.close(descriptor)


def _taken(variable: str) -> int | None:
    """The descriptor that was handed down, once: neither we nor our children shall use it twice."""
    word = os.environ.pop(variable, "")
    if not word.isdigit():
        return None
    os.set_inheritable(int(word), False)
    return int(word)


def _wait(descriptor: int, on_lost: Callable[[], None], patience: float) -> None:
    while os.read(descriptor, 1):
        pass
    on_lost()
    time.sleep(patience)
    os._exit(1)
