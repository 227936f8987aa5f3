"""The order in which several processes take the test files."""

from __future__ import annotations

import pytest

SHORT_FOR_A_LONG = 2
JOURNEYS = "tests/journeys/"
"""Long, each of them, also where they are not marked so: an installation is served."""


def by_turns(items: list[pytest.Item]) -> list[pytest.Item]:
    """File by file: one with long tests, then two without, and so on; a long file never begins when all else is done.

    Long tests wait a lot and start programs of their own, so they are spread over those that only compute.
    """
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.split("::")[0], []).append(item)
    is_long = {
        name: name.startswith(JOURNEYS) or any(item.get_closest_marker("long") for item in found)
        for name, found in files.items()
    }
    short = iter([found for name, found in files.items() if not is_long[name]])
    ordered: list[pytest.Item] = []
    for name, found in files.items():
        if is_long[name]:
            ordered += found
            for _ in range(SHORT_FOR_A_LONG):
                ordered += next(short, [])
    for found in short:
        ordered += found
    return ordered
