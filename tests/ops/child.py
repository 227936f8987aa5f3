"""A child for the supervisor: writes what happens to it into FOLDER/NAME. Run as a process of its own.

python child.py FOLDER NAME MANNER, where MANNER is one of:
good      works until told to stop
stubborn  is told to stop and does not
short     works for a moment and ends by itself
orphans   leaves a process behind that nobody waits for, notes its id, and is good
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from twoway.ops import lifeline

FOLDER, NAME, MANNER = sys.argv[1:]


def note(word: str) -> None:
    with Path(FOLDER, NAME).open("a") as file:
        file.write(f"{word} {os.getpid()}\n")


def stop(number: int, frame: FrameType | None) -> None:
    note("told")
    if MANNER != "stubborn":
        note("ended")
        sys.exit(0)


def leave_an_orphan() -> None:
    parent = os.fork()
    if parent:
        os.waitpid(parent, 0)
        return
    orphan = os.fork()
    if orphan:
        Path(FOLDER, "orphan").write_text(str(orphan))
    os._exit(0)


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    lifeline.watch()
    note("started")
    lifeline.ready(NAME)
    if MANNER == "orphans":
        leave_an_orphan()
    if MANNER == "short":
        time.sleep(0.1)
        return
    while True:
        signal.pause()


main()
