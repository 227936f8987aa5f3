"""Making a server's files and starting it. To be called while no server of that folder runs and the lock is held."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from twoway.lib.files import write_atomically
from twoway.ops.postgres import config, identity, postmaster
from twoway.ops.postgres.binaries import major_version
from twoway.ops.postgres.errors import PostgresError
from twoway.ops.postgres.folder import USER, Folder
from twoway.ops.postgres.identity import Identity

_BUILTIN_LOCALES_SINCE = 17
_NEW = "new-"


def boot(folder: Folder, bin_dir: Path) -> int:
    """Start the server of `folder` and return its process id, before it takes connections. Makes its files first."""
    major = major_version(bin_dir)
    owner = identity.choose(home=folder.home, needs=[folder.data_dir, bin_dir / "postgres", bin_dir / "initdb"])
    if not folder.home.exists():
        folder.home.mkdir(mode=0o700)
        owner.give(folder.home)
    if folder.pgdata.exists():
        _check_version(folder, major, bin_dir)
        postmaster.clear_away(folder.pgdata)
        folder.clear_socket_dir()
    else:
        _make_files(folder, bin_dir, owner=owner, major=major)
    write_atomically(folder.config, config.text(major=major).encode(), mode=0o644)
    folder.rotate_log()
    arguments = config.arguments(
        pgdata=folder.pgdata, config_file=folder.config, socket_dir=folder.make_socket_dir(owner)
    )
    with folder.open_log() as log:
        started = owner.run([bin_dir / "postgres", *arguments], output=log, detach=True)
    if started.returncode != 0:
        raise PostgresError(f"The PostgreSQL in {folder.home} could not be started. {folder.last_words()}")
    return int(started.stdout)


def _check_version(folder: Folder, major: int, bin_dir: Path) -> None:
    files = (folder.pgdata / "PG_VERSION").read_text().strip()
    if files != str(major):
        raise PostgresError(
            f"The files in {folder.pgdata} are of PostgreSQL {files}, but the programs in {bin_dir} are PostgreSQL"
            f" {major}. To go on, name the programs of {files} in TWOWAY_POSTGRES_BIN. To move to {major}, save the"
            f" database with pg_dump while {files} runs, and load it with pg_restore in a new data folder that has the"
            " same secret.key."
        )


def _make_files(folder: Folder, bin_dir: Path, *, owner: Identity, major: int) -> None:
    """Make a new server's files beside their place and move them there when they are whole."""
    for half_done in folder.home.glob(_NEW + "*"):
        shutil.rmtree(half_done, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=_NEW, dir=folder.home))
    owner.give(new)
    command: list[str | Path] = [
        bin_dir / "initdb",
        *("-D", new, "-U", USER, "--encoding=UTF8", "--data-checksums", "--no-instructions"),
        *("--auth-local=trust", "--auth-host=reject", *_locale(major)),
    ]
    with folder.open_log() as log:
        made = owner.run(command, output=log)
    if made.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise PostgresError(f"The files of a new PostgreSQL could not be made. {folder.last_words()}")
    new.rename(folder.pgdata)
    _sync(folder.home)


def _locale(major: int) -> list[str]:
    """Text sorted by code point, the same on every machine; letters known as such beyond ASCII."""
    letters = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    if major < _BUILTIN_LOCALES_SINCE:
        return ["--lc-collate=C.UTF-8" if letters == "C.UTF-8" else "--lc-collate=C", f"--lc-ctype={letters}"]
    return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={letters}"]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
