"""Figures as every benchmark tells them: a line on standard output, and a record for the table of `python -m bench`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RECORDS = "TWOWAY_BENCH_RECORDS"
"""The environment variable that names the file the records go to."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured thing. `compared` is the number the bar is about; `bar` begins with "at least" or "at most"."""

    name: str
    measured: str
    beside: str = ""
    ratio: float | None = None
    bar: str = ""
    is_met: bool | None = None


def tell(
    name: str,
    measured: str,
    *,
    beside: str = "",
    ratio: float | None = None,
    compared: float | None = None,
    least: float | None = None,
    most: float | None = None,
    unit: str = "",
) -> Figure:
    """Print a figure and keep its record. `beside` is the limit measured in the same run."""
    bar, is_met = "", None
    if compared is not None and least is not None:
        bar, is_met = f"at least {least:g}{unit}", compared >= least
    if compared is not None and most is not None:
        bar, is_met = f"at most {most:g}{unit}", compared <= most
    figure = Figure(name=name, measured=measured, beside=beside, ratio=ratio, bar=bar, is_met=is_met)
    sys.stdout.write(f"{name}: {', '.join(words(figure)[1:])}\n")
    sys.stdout.flush()
    if os.environ.get(RECORDS):
        with Path(os.environ[RECORDS]).open("a") as file:
            file.write(json.dumps(asdict(figure)) + "\n")
    return figure


def words(figure: Figure) -> list[str]:
    """The figure's columns, without empty ones at the end."""
    met = {True: "met", False: "NOT MET", None: ""}[figure.is_met]
    columns = [
        figure.name,
        figure.measured,
        figure.beside,
        "" if figure.ratio is None else f"ratio {figure.ratio:.2f}",
        f"{figure.bar}: {met}" if figure.bar else "",
    ]
    return [column for column in columns if column]


def table(figures: Sequence[Figure]) -> str:
    """All figures as a Markdown table."""
    lines = ["| what | measured | beside it | ratio | bar | met |", "|---|---|---|---|---|---|"]
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        met = {True: "yes", False: "no", None: ""}[one.is_met]
        lines.append(f"| {one.name} | {one.measured} | {one.beside} | {ratio} | {one.bar} | {met} |")
    return "\n".join(lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
