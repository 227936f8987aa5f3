"""A worker that runs loops of loops.py, and the real housekeeping when it is named. Run as a process of its own.

python -m tests.ops.working DATA_DIR LOOP...
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from twoway.ops.database import database
from twoway.ops.loops import LANE_LOOPS, LANES


def main() -> int:
    data_dir, *names = sys.argv[1:]
    loops = {name: LANE_LOOPS.get(name, f"tests.ops.loops.{name}") for name in names}
    with database(argparse.Namespace(data=Path(data_dir))):
        status: int = import_module("twoway.ops.worker").main(LANES, loops=loops)
    return status


if __name__ == "__main__":
    sys.exit(main())
