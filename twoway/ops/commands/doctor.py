"""`twoway doctor`: is everything as it should be, and if not, what to do."""

from __future__ import annotations

import argparse

from twoway.ops import printing
from twoway.ops.diagnosis import Finding, diagnose


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only the common ones."""


def run(args: argparse.Namespace) -> int:
    """Print every finding. Exit status 1 when one of them is a failure."""
    findings = list(diagnose())
    is_well = all(finding.state != "fail" for finding in findings)
    told = [
        {"check": each.check, "state": each.state, "detail": each.detail, "do": each.to_do or None} for each in findings
    ]
    printing.show(args, {"ok": is_well, "checks": told}, lambda: [_line(finding) for finding in findings])
    failed = sum(finding.state == "fail" for finding in findings)
    return 0 if is_well else printing.fail(f"{failed} of {len(findings)} checks failed.")


def _line(finding: Finding) -> str:
    to_do = f" {finding.to_do}" if finding.to_do else ""
    return f"{finding.state:<4}  {finding.check}: {finding.detail}{to_do}"
