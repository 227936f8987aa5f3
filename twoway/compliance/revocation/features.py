"""A text as numbered traits: words, pairs of words, pieces of words, concepts and how they follow each other.

Traits are hashed into a fixed number of places, so that the model is one small table and no vocabulary is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from zlib import crc32

from twoway.compliance.revocation import concepts, wording

PLACES = 1 << 15
NEAR = 4
"""How many concepts further on still count as following."""
SHARES = {"w": 1.0, "c": 1.0, "k": 1.6}
"""How much the words, the pieces of words and the concepts weigh beside each other."""


def traits(text: str) -> dict[int, float]:
    """Place -> weight. Each kind of trait has the length of its share, whatever the length of the text."""
    words = wording.words(text)
    found: dict[int, float] = {}
    for kind, names in (("w", _of_words(words)), ("c", _of_pieces(words)), ("k", _of_concepts(words))):
        places = {crc32(f"{kind}{name}".encode()) % PLACES for name in names}
        if places:
            weight = SHARES[kind] / len(places) ** 0.5
            for place in places:
                found[place] = found.get(place, 0.0) + weight
    return found


def _of_words(words: list[str]) -> Iterator[str]:
    bounded = ["^", *words, "$"]
    yield from words
    for left, right in pairwise(bounded):
        yield f"{left} {right}"
    for left, middle, right in zip(bounded, bounded[1:], bounded[2:], strict=False):
        yield f"{left} {middle} {right}"
        yield f"{left} _ {right}"
    yield f"#{min(len(words), 12)}"


def _of_pieces(words: list[str]) -> Iterator[str]:
    for word in words:
        bounded = f" {word} "
        for length in (3, 4, 5):
            for start in range(len(bounded) - length + 1):
                yield bounded[start : start + length]


def _of_concepts(words: list[str]) -> Iterator[str]:
    chain = concepts.chains(words)
    for number, here in enumerate(chain):
        for concept in here:
            yield concept
            for step, there in enumerate(chain[number + 1 : number + 1 + NEAR], start=1):
                for other in there:
                    yield f"{concept}>{other}"
                    if step == 1:
                        yield f"{concept}>>{other}"
                    for last in chain[number + step + 1] if number + step + 1 < len(chain) else ():
                        if step <= 2:
                            yield f"{concept}>{other}>{last}"
    known = sorted({concept for here in chain for concept in here if concept.isalpha()})
    for number, concept in enumerate(known):
        for other in known[number + 1 :]:
            yield f"{concept}&{other}"
    yield f"#{min(len(chain), 8)}"
