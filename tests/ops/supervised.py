"""A supervisor over the children named on the command line. Run as a process of its own.

python -m tests.ops.supervised FOLDER DRAIN_SECONDS HEALTHY_SECONDS NAME:MANNER...
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

from twoway.ops import supervisor
from twoway.ops.say import say
from twoway.ops.supervisor import Part, Supervisor

_PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    folder, drain_seconds, healthy_seconds, *children = sys.argv[1:]
    if sys.platform == "linux":  # orphans come to us, as they do to the first process of a container
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    supervisor.HEALTHY_SECONDS = float(healthy_seconds)
    child = Path(__file__).with_name("child.py")
    parts = [
        Part(name=name, argv=[sys.executable, str(child), folder, name, manner])
        for name, _, manner in (word.partition(":") for word in children)
    ]
    made = Supervisor(drain_seconds=float(drain_seconds), on_ready=lambda name: say("part_ready", part=name))
    return made.run(parts)


if __name__ == "__main__":
    sys.exit(main())
