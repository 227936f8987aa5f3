"""As whom the server runs. PostgreSQL refuses root, and we neither make users nor open other people's folders."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from twoway.ops.postgres.errors import PostgresError

_LAUNCHER = Path(__file__).with_name("launch.py")
_ORDINARY_USERS = ("postgres", "nobody")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The user who runs the server and owns its files; `inside_uid` is its number inside a user namespace, if one."""

    uid: int
    gid: int
    inside_uid: int | None = None

    def run(
        self, argv: Sequence[str | Path], *, output: IO[bytes], detach: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program as this user, in a session of its own, its messages to `output`.

        With `detach` it is left running and its process id is what the answer's standard output holds.
        """
        return self._launch(argv=[str(word) for word in argv], reach=(), output=output, detach=detach)

    def reaches(self, paths: Sequence[Path]) -> bool:
        """Whether this user may enter these folders and run these programs; tried, not guessed from mode bits."""
        return self._launch(argv=[], reach=paths, output=None, detach=False).returncode == 0

    def give(self, path: Path) -> None:
        """Make a file or folder of ours this user's."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def _launch(
        self, *, argv: Sequence[str], reach: Sequence[Path], output: IO[bytes] | None, detach: bool
    ) -> subprocess.CompletedProcess[bytes]:
        spec = {
            "uid": self.uid,
            "gid": self.gid,
            "inside_uid": self.inside_uid,
            "detach": detach,
            "argv": list(argv),
            "reach": [str(path) for path in reach],
            "env": _environment(),
        }
        return subprocess.run(
            [sys.executable, "-I", "-S", str(_LAUNCHER), json.dumps(spec)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if detach else (output or subprocess.DEVNULL),
            stderr=output or subprocess.DEVNULL,
            start_new_session=True,
            check=False,
        )


def choose(*, home: Path, needs: Sequence[Path]) -> Identity:
    """Who shall run the server whose files are in `home` (made later when it is not there) and who must reach `needs`.

    The owner of existing files stays the owner. A new server started by root runs as the data folder's own user, else
    `postgres`, else `nobody`; where none of them may enter, as root's own user in a user namespace.
    """
    if os.geteuid() != 0:
        return _as_ourselves(home)
    if home.exists() and home.stat().st_uid != 0:
        owner = Identity(uid=home.stat().st_uid, gid=home.stat().st_gid)
        if owner.reaches(needs):
            return owner
        return _take_back(home, needs)
    if not home.exists():
        for candidate in _candidates(home.parent):
            if candidate.reaches(needs):
                return candidate
    namespaced = _in_user_namespace(needs)
    if namespaced is None:
        raise PostgresError(_nobody_can(home))
    return namespaced


def _as_ourselves(home: Path) -> Identity:
    uid = os.geteuid()
    if home.exists() and home.stat().st_uid != uid:
        raise PostgresError(
            f"The PostgreSQL files in {home} belong to {_name(home.stat().st_uid)}, but this is {_name(uid)}."
            " Run the command as that user or as root, or choose another folder with --data."
        )
    return Identity(uid=uid, gid=os.getegid())


def _take_back(home: Path, needs: Sequence[Path]) -> Identity:
    """The files moved to where their owner cannot go, so root keeps them from now on."""
    namespaced = _in_user_namespace(needs)
    if namespaced is None:
        raise PostgresError(_nobody_can(home))
    for folder, _, files in os.walk(home):
        for name in files:
            os.chown(Path(folder, name), 0, 0, follow_symlinks=False)
        os.chown(folder, 0, 0)
    return namespaced


def _candidates(data_dir: Path) -> Iterator[Identity]:
    owner = data_dir.stat()
    if owner.st_uid != 0 and _known(owner.st_uid):
        yield Identity(uid=owner.st_uid, gid=owner.st_gid)
    for name in _ORDINARY_USERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        yield Identity(uid=user.pw_uid, gid=user.pw_gid)


def _in_user_namespace(needs: Sequence[Path]) -> Identity | None:
    """Root under another number. It must be one that has a name, because initdb looks it up."""
    if not sys.platform.startswith("linux"):
        return None
    named = next((user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0), None)
    if named is None:
        return None
    identity = Identity(uid=0, gid=os.getegid(), inside_uid=named)
    return identity if identity.reaches(needs) else None


def _environment() -> dict[str, str]:
    """What the server inherits: nothing of ours that could change how it behaves."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C"}


def _known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _name(uid: int) -> str:
    return pwd.getpwuid(uid).pw_name if _known(uid) else f"user {uid}"


def _nobody_can(home: Path) -> str:
    return (
        f"PostgreSQL does not run as root, no ordinary user may enter {home.parent}, and this system allows no user"
        " namespace. Choose with --data a folder that others may enter (such as /var/lib/twoway), run the command as an"
        " ordinary user, or set DATABASE_URL to a server of your own."
    )
