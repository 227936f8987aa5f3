"""Data folders to begin with."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tests.once import made_once
from tests.ops.processes import TWOWAY, clean_environment


def passable_folder() -> Path:
    """A folder that any user may pass through, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="tw-"))
    made.chmod(0o755)
    return made


def migrated() -> Path:
    """A data folder whose stopped server has Twoway's tables. To be copied; see `copied`."""

    def make(folder: Path) -> None:
        subprocess.run([*TWOWAY, "migrate", "--data", folder / "data"], check=True, env=clean_environment())

    return made_once("migrated", make) / "data"


def copied(data: Path, to: Path) -> None:
    """Copy a data folder whose server is stopped, with its owners."""
    subprocess.run(["cp", "-a", data, to], check=True)
