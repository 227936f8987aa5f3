"""The process that reads texts for their meaning: `python -m twoway.compliance.revocation.reading`, for `apart`.

It says `[]` when it can read. Then each line in is a JSON list of texts, each line out the list of their verdicts as
pairs of kind and why, in order. It ends when nobody asks any more, however the one who asked ended.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from twoway.compliance.revocation import judgement
from twoway.compliance.revocation.rules import LONGEST_LINE


def main() -> int:
    """Answer line by line until the end of the input; 1 for a line that is too long or cut off."""
    _say([])
    while line := sys.stdin.buffer.readline(LONGEST_LINE + 1):
        if not line.endswith(b"\n"):
            return 1
        _say([[verdict.kind, verdict.why] for verdict in judgement.by_meaning(json.loads(line))])
    return 0


def _say(document: Any) -> None:
    sys.stdout.buffer.write(json.dumps(document).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
