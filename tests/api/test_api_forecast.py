"""The staffing forecast for programs."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Program
from tests.cast import Player
from twoway.channels.models import Channel


def test_the_half_hours_of_the_days_to_come(
    ana: Player, ben: Player, channel: Channel, program_of: Callable[..., Program]
) -> None:
    told = program_of(ana, role="manager").get("/forecast?days=3").json
    assert len(told["items"]) in {11 * 48 - 2, 11 * 48, 11 * 48 + 2}
    assert told["terms"]["concurrency"] == 5
    assert (told["weeks"], told["counted_until"]) == (0, None)
    first, last = told["items"][0], told["items"][-1]
    assert (first["expected"], first["people"], first["arrivals"]) == (0, 1, 0)
    assert last["arrivals"] is None


def test_who_may_and_how_far(ana: Player, program_of: Callable[..., Program]) -> None:
    manager = program_of(ana, role="manager")
    assert manager.get("/forecast?days=15").status == 422
    assert manager.get("/forecast?days=0").status == 422
    assert manager.get("/forecast?weeks=1").status == 422
    assert program_of(ana, role="agent").get("/forecast").status == 403
    assert Program().get("/forecast").status == 401
