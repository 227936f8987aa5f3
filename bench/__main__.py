"""Every benchmark, one after another, and a table of what they found.

    python -m bench                  # all; about 12 minutes, on a machine that does nothing else
    python -m bench outbound pages   # some
    python -m bench --quick          # small, to see that they work; the figures mean nothing

Each is also a program of its own with options: `python -m bench.outbound --help`. The status is 1 when a bar was
missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import report

QUICK = {
    "idle": ["--idle", "2", "--rounds", "1"],
    "intake": ["--seconds", "2", "--rounds", "1"],
    "outbound": ["--messages", "1000", "--seconds", "2", "--rounds", "1"],
    "decision": ["--people", "100", "--texts", "4", "--rounds", "1"],
    "routing": ["--waiting", "200", "--members", "20", "--rounds", "5"],
    "media": ["--files", "40", "--looked-at", "8", "--rounds", "1"],
    "smpp": ["--messages", "500", "--seconds", "2", "--rounds", "1"],
    "screen": ["--times", "5"],
    "keys": ["--conversations", "3000", "--messages", "30000", "--times", "5"],
    "fanout": ["--browsers", "100", "--times", "3"],
    "search": ["--conversations", "1000", "--messages", "10000", "--times", "3"],
    "desk": ["--conversations", "1000", "--messages", "10000", "--members", "20", "--times", "3"],
    "pages": ["--conversations", "3000", "--messages", "30000", "--times", "3"],
}


def machine() -> str:
    """What it ran on, in a line."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    model = names[0].partition(":")[2].strip() if names else platform.machine()
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    busy = os.getloadavg()[0]
    return f"{os.cpu_count()} x {model}, {memory:.0f} GiB, Python {platform.python_version()}, load {busy:.1f} before"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(QUICK)}; without any, all")
    parser.add_argument("--quick", action="store_true", help="small, to see that they work")
    given = parser.parse_args()
    unknown = set(given.names) - set(QUICK)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    where = machine()
    failed = []
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as records:
        for name in given.names or QUICK:
            words = [sys.executable, "-m", f"bench.{name}", *(QUICK[name] if given.quick else [])]
            if subprocess.run(words, check=False, env={**os.environ, report.RECORDS: records.name}).returncode:
                failed.append(name)
        figures = [report.Figure(**json.loads(line)) for line in records]
    sys.stdout.write(f"\n{where}\n\n{report.table(figures)}\n")
    for name in failed:
        sys.stdout.write(f"\nbench.{name} did not finish.\n")
    return 1 if failed or any(one.is_met is False for one in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
