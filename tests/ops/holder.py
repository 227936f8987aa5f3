"""A command that uses the embedded server until a line comes on its standard input. Run as a process of its own.

python -m tests.ops.holder DATA_DIR [BIN_DIR]
"""

from __future__ import annotations

import sys
from pathlib import Path

from twoway.ops.postgres import Cluster, PostgresError, find_bin_dir


def main() -> int:
    cluster = Cluster(Path(sys.argv[1]), find_bin_dir(sys.argv[2] if len(sys.argv) > 2 else None))
    try:
        print(cluster.start(), flush=True)
    except PostgresError as error:
        print(error, file=sys.stderr)
        return 1
    sys.stdin.readline()
    cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
