"""The meaning of texts, read in a process of its own: the worker that asks stays small, and all the model's memory
(some 200 MB, of which its libraries never give 45 back) is free again when that process ends.

Where it runs and what may go wrong with it: docs/decisions/0009-meaning-read-apart.md. The process is `reading`.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from time import monotonic
from typing import Any, get_args

import structlog

from twoway.compliance.revocation import wording
from twoway.compliance.revocation.rules import LONGEST_LINE, MOST_TEXTS, Kind, Verdict
from twoway.lib.words import noted

log = structlog.get_logger(__name__)

COMMAND = (sys.executable, "-m", "twoway.compliance.revocation.reading")
HERE = "twoway.compliance.revocation.judgement"
"""The same judgement in this process, brought in only where no other can be started."""
ANSWER_WITHIN = 60.0
"""Seconds for an answer, and for the start; it takes a hundredth of that on a machine that does nothing else."""
TRY_AGAIN_AFTER = 300.0
KNOWN = "please stop texting me"
"""A text that is read to see whether it was another text, or the reading itself, that failed."""
UNREADABLE = Verdict("unsure", noted("It could not be read for its meaning."))


class NotStarted(Exception):
    """The process could not be started, or ended before it could read."""


class Lost(Exception):
    """The process ended, hung or answered nonsense while it read."""


class Apart:
    """Starts the process when it is needed. For one thread at a time; `end` may come from another."""

    def __init__(self, *, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._used = 0.0
        self._here_until = 0.0

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process else None

    def by_meaning(self, texts: Sequence[str]) -> list[Verdict]:
        """A verdict for each text, in order, as `judgement.by_meaning` gives it.

        A process that is lost is replaced once. A text it is lost over again, alone, is `UNREADABLE`. Raises `Lost`
        where not even a known text can be read.
        """
        if monotonic() < self._here_until:
            return _read_here(texts)
        try:
            return [verdict for part in _parts(texts) for verdict in self._read_surely(part)]
        except NotStarted as error:
            log.warning("meaning_read_in_worker", why=str(error), tries_again_in=TRY_AGAIN_AFTER)
            self._here_until = monotonic() + TRY_AGAIN_AFTER
            return _read_here(texts)

    def rest(self, *, unused_for: float) -> bool:
        """End the process when it read nothing for so many seconds; whether it did. The next text starts another."""
        if self._process is None or monotonic() - self._used < unused_for:
            return False
        self.end()
        return True

    def end(self) -> None:
        """End the process, if there is one; what it is reading is lost."""
        process, self._process = self._process, None
        line, self._line = self._line, None
        if line:
            line.close()
        if process:
            process.kill()
            process.wait()

    def _read_surely(self, texts: Sequence[str]) -> list[Verdict]:
        try:
            return self._read(texts)
        except Lost as error:
            log.warning("reading_lost", texts=len(texts), why=str(error))
        return [self._read_alone(text) for text in texts]

    def _read_alone(self, text: str) -> Verdict:
        try:
            return self._read([text])[0]
        except Lost as error:
            self._read([KNOWN])
            log.error("text_unreadable", characters=len(text), why=str(error))
            return UNREADABLE

    def _read(self, texts: Sequence[str]) -> list[Verdict]:
        line = self._line or self._start()
        with self._ending_when_lost():
            line.sendall(json.dumps([text[: wording.LONGEST] for text in texts]).encode() + b"\n")
            verdicts = [_verdict(one) for one in _answer(line)]
            if len(verdicts) != len(texts):
                raise Lost(f"{len(verdicts)} answers to {len(texts)} texts")
        self._used = monotonic()
        return verdicts

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.settimeout(ANSWER_WITHIN)
        with theirs:
            try:
                end = theirs.fileno()
                self._process = subprocess.Popen(self._command, stdin=end, stdout=end, start_new_session=True)
            except OSError as error:
                ours.close()
                raise NotStarted(str(error)) from error
        self._line = ours
        try:
            with self._ending_when_lost():
                _answer(ours)
        except Lost as error:
            raise NotStarted(str(error)) from error
        return ours

    @contextmanager
    def _ending_when_lost(self) -> Iterator[None]:
        """What goes wrong between the two processes is `Lost`, and the other one's end."""
        try:
            yield
        except (OSError, ValueError, Lost) as error:
            self.end()
            raise Lost(str(error) or type(error).__name__) from error


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), MOST_TEXTS):
        yield texts[start : start + MOST_TEXTS]


def _answer(line: socket.socket) -> list[Any]:
    """The next line. Raises `Lost`, OSError, ValueError."""
    got = bytearray()
    while not got.endswith(b"\n"):
        part = line.recv(65_536)
        if not part:
            raise Lost("it ended")
        got += part
        if len(got) > LONGEST_LINE:
            raise Lost("its answer is too long")
    answer = json.loads(got)
    if not isinstance(answer, list):
        raise Lost("its answer is no list")
    return answer


def _verdict(one: Any) -> Verdict:
    match one:
        case [str(kind), str(why)] if kind in get_args(Kind):
            return Verdict(kind, why)  # type: ignore[arg-type]  # it is one of them
    raise Lost("its answer is no verdict")


def _read_here(texts: Sequence[str]) -> list[Verdict]:
    verdicts: list[Verdict] = import_module(HERE).by_meaning(texts)
    return verdicts
