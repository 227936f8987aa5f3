# ruff: noqa: INP001 - a script
"""Train the classifier of withdrawals: `python scripts/revocation/train.py` from the repository's root.

Reads lines.tsv (kind, language, text) and templates.txt beside it, leaves out the part that is only for measuring
(`is_held_out`), and writes twoway/compliance/revocation/model.npz. The same input gives the same file.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from twoway.compliance.revocation import classifier, features, sentences  # noqa: E402 - a script beside the package
from twoway.compliance.revocation.lines import Line, is_held_out, read  # noqa: E402

OUT = HERE.parents[1] / "twoway" / "compliance" / "revocation" / "model.npz"
CLASSES = {"plain": 0, "hard": 0, "hint": 1, "out": 2}
COUNTS = {"plain": 1.8, "hard": 1.5, "hint": 1.0, "out": 1.0}
OF_TEMPLATE, OF_VARIANT = 0.35, 0.3
PER_TEMPLATE = 12
STEPS = 130
DECAY = 1e-5
HEADS = ("hi", "hello", "hey", "ok", "lol", "hi there", "good morning", "sorry", "thanks")
TAILS = ("thanks", "!!!", "please", "thx", "lol", "😡", "🙏", "😂", "asap", "...", ".", "?", "today", "- Maria")
JOINTS = (". ", ", ", "! ", " ", ". ")
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    kind: str
    text: str
    weight: float


def templates(path: Path) -> Iterator[tuple[str, str]]:
    """Kind and sentence with choices; `no` stands for hard."""
    kind = ""
    for line in path.read_text().splitlines():
        if line.startswith("= "):
            kind = line.split()[1].replace("no", "hard")
        elif line and not line.startswith("#"):
            yield kind, line


def chosen(template: str, dice: random.Random) -> str:
    """One sentence of a template."""
    text = re.sub(r"\[([^\]]*)\]", lambda found: dice.choice(found[1].split("|")), template)
    return re.sub(r"\s+([,?])", r"\1", " ".join(text.split()))


def mistyped(text: str, dice: random.Random) -> str:
    """A text with a slip of the finger for every 25 letters."""
    chars = list(text)
    for _ in range(max(1, len(chars) // 25)):
        place, what = dice.randrange(len(chars)), dice.random()
        if not chars[place].isalpha():
            continue
        if what < 0.3 and place + 1 < len(chars):
            chars[place], chars[place + 1] = chars[place + 1], chars[place]
        elif what < 0.6:
            chars[place] = ""
        elif what < 0.8:
            chars[place] *= 2
        else:
            chars[place] = dice.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(chars)


def variants(lines: Sequence[Line], dice: random.Random) -> Iterator[Sample]:
    """The lines mistyped, with a greeting or a sign, and beside an ordinary sentence."""
    plain: dict[str, list[str]] = {}
    for line in lines:
        if line.kind == "plain":
            plain.setdefault(line.language, []).append(line.text)
    for line in lines:
        if len(line.text) > 6:
            yield Sample(line.kind, mistyped(line.text, dice), OF_VARIANT)
        where = dice.random()
        if where < 0.25 and line.language == "en":
            yield Sample(line.kind, f"{dice.choice(HEADS)} {line.text}", OF_VARIANT)
        elif where < 0.5:
            yield Sample(line.kind, f"{line.text} {dice.choice(TAILS)}", OF_VARIANT)
        if len(line.text.split()) > 2 and dice.random() < 0.45:
            pair = [dice.choice(plain[line.language]), line.text]
            dice.shuffle(pair)
            yield Sample(line.kind, f"{pair[0]}{dice.choice(JOINTS)}{pair[1]}", OF_VARIANT)


def samples(lines: Sequence[Line]) -> list[Sample]:
    """What is trained on."""
    dice = random.Random(1)  # noqa: S311 - nothing secret
    found = [Sample(line.kind, line.text, 1.0) for line in lines]
    for kind, template in templates(HERE / "templates.txt"):
        texts = sorted({chosen(template, dice) for _ in range(PER_TEMPLATE)})
        found.extend(Sample(kind, text, OF_TEMPLATE) for text in texts)
    return [*found, *variants(lines, dice)]


class Table:
    """The traits of many texts, flat: `row` and `place` say where each `weight` stands."""

    def __init__(self, texts: Sequence[str]) -> None:
        traits = [features.traits(text) for text in texts]
        self.rows = len(texts)
        self.row = np.repeat(np.arange(self.rows), [len(one) for one in traits])
        self.place = np.concatenate([np.fromiter(one.keys(), np.int64, len(one)) for one in traits])
        self.weight = np.concatenate([np.fromiter(one.values(), np.float64, len(one)) for one in traits])

    def times(self, table: Numbers) -> Numbers:
        columns = [np.bincount(self.row, column[self.place] * self.weight, self.rows) for column in table.T]
        return np.stack(columns, axis=1)

    def back(self, slope: Numbers) -> Numbers:
        columns = [np.bincount(self.place, column[self.row] * self.weight, features.PLACES) for column in slope.T]
        return np.stack(columns, axis=1)


def train(found: Sequence[Sample], traits: Table, meaning: Numbers) -> list[Numbers]:
    """Logistic regression over three classes by Adam over the whole set: tables for traits and meaning, and a bias."""
    truth = np.eye(3)[[CLASSES[sample.kind] for sample in found]]
    share = np.array([sample.weight * COUNTS[sample.kind] for sample in found])
    share /= share.sum()
    tables = [np.zeros((features.PLACES, 3)), np.zeros((meaning.shape[1], 3)), np.zeros(3)]
    first, second = [np.zeros_like(one) for one in tables], [np.zeros_like(one) for one in tables]
    for step in range(1, STEPS + 1):
        odds = classifier.softmax(traits.times(tables[0]) + meaning @ tables[1] + tables[2])
        slope = (odds - truth) * share[:, None]
        slopes = [traits.back(slope) + DECAY * tables[0], meaning.T @ slope + DECAY * tables[1], slope.sum(axis=0)]
        rate = 0.1 * min(1.0, step / 10) * (1 - step / (STEPS + 1)) + 1e-3
        for number, change in enumerate(slopes):
            first[number] = 0.9 * first[number] + 0.1 * change
            second[number] = 0.99 * second[number] + 0.01 * change**2
            size = np.sqrt(second[number] / (1 - 0.99**step)) + 1e-8
            tables[number] -= rate * (first[number] / (1 - 0.9**step)) / size
    return tables


def main() -> None:
    lines = [line for line in read(HERE / "lines.tsv") if not is_held_out(line.text)]
    found = samples(lines)
    texts = [sample.text for sample in found]
    table = Table(texts)
    traits, meaning, bias = train(found, table, sentences.embed(texts).astype(np.float64))
    sieve, _, level = train(found, table, np.zeros((len(texts), 1)))
    small = {"traits": traits, "meaning": meaning, "sieve": sieve}
    np.savez_compressed(
        OUT,
        **{name: one.astype(np.float16) for name, one in small.items()},
        bias=bias.astype(np.float32),
        level=level.astype(np.float32),
    )
    print(f"{len(lines)} lines, {len(found)} samples, {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
