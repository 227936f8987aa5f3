"""What a command reports in one line and exit status 1."""

from __future__ import annotations


class CommandFailed(Exception):
    """The command could not be done; the message says why and what to do."""
