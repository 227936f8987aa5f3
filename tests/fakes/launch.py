"""Starts a fake as a process of its own and ends it after use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def fake(module: str, *options: str) -> Iterator[str]:
    """The base address of `python -m tests.fakes.<module>`, listening on a port of its own choice."""
    command = [sys.executable, "-m", f"tests.fakes.{module}", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first.startswith("listening on "), f"{module} did not start: {first!r}"
            yield f"http://127.0.0.1:{first.split()[-1]}"
        finally:
            process.terminate()
