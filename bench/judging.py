"""What judging a text costs: processor milliseconds a text of the worker, in batches and one by one.

`python -m bench.judging`: the lines the classifier is measured with, keywords and ordinary texts among them. Beside it
a hash of the same texts a thousand times over, so that machines can be compared.
"""

from __future__ import annotations

import hashlib
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from twoway.compliance.revocation.judgement import judge
from twoway.compliance.revocation.lines import read

LINES = Path(__file__).parents[1] / "scripts" / "revocation" / "lines.tsv"
BATCH = 100
ALONE = 300


def cost(work: Callable[[Sequence[str]], object], batches: Sequence[Sequence[str]]) -> float:
    """The median of milliseconds of processor time a text."""
    times = []
    for batch in batches:
        began = time.process_time()
        work(batch)
        times.append((time.process_time() - began) * 1000 / len(batch))
    return median(times)


def hashed(texts: Sequence[str]) -> None:
    """A thousand digests of each text."""
    for text in texts:
        for _ in range(1000):
            hashlib.sha256(text.encode()).digest()


def main() -> None:
    """Print one line a kind of text."""
    judge(["please stop texting me"])
    print(f"memory with the model: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    by_kind = {kind: [line.text for line in read(LINES) if line.kind == kind] for kind in ("out", "hard", "plain")}
    base = cost(hashed, [by_kind["plain"][:BATCH]])
    for kind, texts in by_kind.items():
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        alone = [[text] for text in texts[:ALONE]]
        together = cost(judge, batches)
        print(
            f"{kind:6} {together:6.2f} ms a text in batches, {cost(judge, alone):6.2f} ms alone;"
            f" {together / base:5.2f} of a thousand digests"
        )


if __name__ == "__main__":
    main()
