"""How likely a text asks to stop: logistic regression over its traits and its meaning, trained by scripts/revocation.

Only the command and the process that reads for the worker import this module; see `sentences` for what it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twoway.compliance.revocation import features, sentences

MODEL = Path(__file__).with_name("model.npz")
LOOK_FROM = 0.15
"""From these odds by its words alone a text is read for its meaning too."""


@dataclass(frozen=True, slots=True)
class Odds:
    """From 0 to 1: `stop` that it plainly asks to stop, `hint` that it may."""

    stop: float
    hint: float

    @property
    def either(self) -> float:
        """That it asks at all."""
        return self.stop + self.hint


def softmax(scores: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Scores as shares of 1, row by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: npt.NDArray[Any] = powers / powers.sum(axis=1, keepdims=True)
    return shares


@lru_cache(maxsize=1)
def _tables() -> dict[str, npt.NDArray[np.float32]]:
    with np.load(MODEL) as found:
        return {name: found[name].astype(np.float32) for name in ("traits", "meaning", "bias", "sieve", "level")}


def may_matter(text: str) -> bool:
    """Whether a text deserves a closer look: by its words alone, which costs a tenth of reading what it means."""
    tables = _tables()
    scores = tables["level"] + _by_traits(text, tables["sieve"])
    return float(1 - softmax(scores[None, :])[0, 0]) >= LOOK_FROM


def _by_traits(text: str, table: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    places, weights = _traits(text)
    scores: npt.NDArray[np.float32] = weights @ table[places]
    return scores


@lru_cache(maxsize=256)
def _traits(text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The places of a text's traits and their weights; kept, because the sieve and the odds both ask for them."""
    found = features.traits(text)
    return np.fromiter(found.keys(), np.int64, len(found)), np.fromiter(found.values(), np.float32, len(found))


def odds(texts: Sequence[str]) -> list[Odds]:
    """For each text, in order."""
    if not texts:
        return []
    tables = _tables()
    scores = sentences.embed(texts) @ tables["meaning"] + tables["bias"]
    for row, text in enumerate(texts):
        scores[row] += _by_traits(text, tables["traits"])
    return [Odds(stop=float(row[2]), hint=float(row[1])) for row in softmax(scores)]
