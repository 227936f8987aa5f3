# ruff: noqa: INP001 - a script
"""What the judgement makes of lines it was not trained on: `python scripts/revocation/measure.py [FILE] [--wrong]`.

Without FILE the held-out part of lines.tsv. Prints a table as docs/compliance/revocation.md has it.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from twoway.compliance.revocation.judgement import judge  # noqa: E402 - a script beside the package
from twoway.compliance.revocation.lines import KINDS, is_held_out, read  # noqa: E402


def main() -> None:
    files = [name for name in sys.argv[1:] if not name.startswith("--")]
    lines = read(Path(files[0])) if files else [one for one in read(HERE / "lines.tsv") if is_held_out(one.text)]
    verdicts = [verdict.kind for verdict in judge([line.text for line in lines])]
    counted = Counter((line.language, line.kind, kind) for line, kind in zip(lines, verdicts, strict=True))
    for line, kind in zip(lines, verdicts, strict=True):
        is_wrong = kind == "none" if line.kind in ("out", "hint") else kind != "none"
        if "--wrong" in sys.argv and is_wrong:
            print(f"  {line.kind:5} {line.language} {kind:8} {line.text}")
    for language in (*dict.fromkeys(line.language for line in lines), "all"):
        for what in KINDS:
            row = [
                sum(
                    n
                    for (of, has, is_), n in counted.items()
                    if has == what and is_ == kind and language in (of, "all")
                )
                for kind in ("opt_out", "unsure", "none")
            ]
            if sum(row):
                print(f"| {language} | {what} | {sum(row)} | {row[0]} | {row[1]} | {row[2]} |")


if __name__ == "__main__":
    main()
