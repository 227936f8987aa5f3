"""Python's search for rings of dead objects, kept from what it costs where there are none to find."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """No search meanwhile: modules that load make a million objects that stay, and looking through them again and
    again is a seventh of the start. Within another such block it does nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def calm() -> None:
    """What is loaded stays, and rings are looked for less often: a batch makes thousands of short-lived objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
