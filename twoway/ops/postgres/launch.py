"""Become the server's user and run one of its programs. Started as a script of its own, with the standard library only.

PostgreSQL refuses to run as root. What is asked for comes as one JSON document in the first argument:

    {"uid": 101, "gid": 104, "inside_uid": null, "detach": false, "argv": [...], "reach": [...], "env": {...}}

- `uid`, `gid`: whom to become, when we are root.
- `inside_uid`: instead, enter a user namespace in which our own user has this number; files stay ours.
- `reach`: exit 13 unless each of these paths may be entered or executed by whom we became.
- `detach`: run `argv` as an orphan and print its process id, so that no one has to reap it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from typing import Any

UNREACHABLE = 13
_CLONE_NEWUSER = 0x10000000


def become(spec: dict[str, Any]) -> None:
    """Change this process's user, as the document says."""
    if spec["inside_uid"] is not None:
        _enter_user_namespace(spec["inside_uid"])
    elif os.geteuid() == 0 and spec["uid"] != 0:
        os.setgroups([])
        os.setgid(spec["gid"])
        os.setuid(spec["uid"])


def _enter_user_namespace(inside: int) -> None:
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"unshare: {os.strerror(number)}")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{inside} {uid} 1"), ("gid_map", f"{inside} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def main() -> None:
    """Do what the document in the first argument says."""
    spec = json.loads(sys.argv[1])
    os.umask(0o077)
    become(spec)
    if not all(os.access(path, os.X_OK) for path in spec["reach"]):
        sys.exit(UNREACHABLE)
    argv = spec["argv"]
    if not argv:
        return
    os.chdir("/")
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if spec["detach"]:
        orphan = os.fork()
        if orphan:
            print(orphan)
            return
        with open(os.devnull, "r+b") as nothing:
            os.dup2(nothing.fileno(), 0)
            os.dup2(2, 1)
    os.execve(argv[0], argv, spec["env"])  # noqa: S606 - becoming the program is the point


if __name__ == "__main__":
    main()
