"""The real process that reads texts, but one text is its death. Run as a process of its own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from twoway.compliance.revocation import judgement, reading
from twoway.compliance.revocation.rules import Verdict

read = judgement.by_meaning


def by_meaning(texts: Sequence[str]) -> list[Verdict]:
    if "the end of me" in texts:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(texts)


judgement.by_meaning = by_meaning
sys.exit(reading.main())
