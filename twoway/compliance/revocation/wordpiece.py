"""BERT's way to cut a text into numbered pieces (uncased, accents dropped); the vocabulary is a file beside this one.

Source: the reference tokenizer of the BERT release (basic tokenizer, then greedy longest match first).
"""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

VOCABULARY = Path(__file__).with_name("vocabulary.txt.gz")
LONGEST_WORD = 100


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, int]:
    """Piece -> number."""
    with gzip.open(VOCABULARY, "rt", encoding="utf-8") as lines:
        return {line.rstrip("\n"): number for number, line in enumerate(lines)}


def numbers(text: str, *, longest: int) -> list[int]:
    """The numbers of a text's pieces between [CLS] and [SEP], at most `longest` of them."""
    table = vocabulary()
    found = [piece for word in _words(text) for piece in _pieces(word, table)]
    return [table["[CLS]"], *found[: longest - 2], table["[SEP]"]]


def _words(text: str) -> Iterator[str]:
    cleaned = (" " if unicodedata.category(char).startswith("C") and char not in "\t\n\r" else char for char in text)
    stripped = (
        char for char in unicodedata.normalize("NFD", "".join(cleaned).lower()) if unicodedata.category(char) != "Mn"
    )
    spaced = "".join(f" {char} " if _stands_alone(char) else char for char in stripped)
    return iter(spaced.split())


def _stands_alone(char: str) -> bool:
    """Marks, and the characters of Chinese, are words of their own."""
    if char.isascii():
        return not (char.isalnum() or char.isspace())
    return unicodedata.category(char).startswith("P") or "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf"


def _pieces(word: str, table: dict[str, int]) -> list[int]:
    if len(word) > LONGEST_WORD:
        return [table["[UNK]"]]
    found: list[int] = []
    start = 0
    while start < len(word):
        for end in range(len(word), start, -1):
            number = table.get(word[start:end] if start == 0 else f"##{word[start:end]}")
            if number is not None:
                break
        else:
            return [table["[UNK]"]]
        found.append(number)
        start = end
    return found
