"""QR codes as paths to be drawn: no image, no inline style, sharp at every size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import segno

QUIET_ZONE = 2
"""Light modules around the code; its card is light too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Qr:
    """The side of the code in modules, quiet zone included, and the path of its dark ones."""

    side: int
    path: str


@lru_cache(maxsize=256)
def qr(content: str) -> Qr:
    """The QR code (ISO 18004, error correction M) of a text of at most a few hundred characters."""
    made = segno.make_qr(content, error="m", boost_error=False)
    rows = [list(row) for row in made.matrix_iter(border=QUIET_ZONE)]
    return Qr(side=len(rows), path="".join(_run(y, row) for y, row in enumerate(rows)))


def _run(y: int, row: list[int]) -> str:
    """One row's dark stretches as horizontal strokes."""
    out, x = [], 0
    while x < len(row):
        start = x
        while x < len(row) and row[x]:
            x += 1
        if x > start:
            out.append(f"M{start} {y}.5h{x - start}")
        x += 1
    return "".join(out)
