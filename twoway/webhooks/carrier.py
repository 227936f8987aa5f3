"""The simulated carrier, mounted in the web process so that the demo needs nothing else."""

from __future__ import annotations

from django.conf import settings

from twoway.channels.simulator import FILE
from twoway.providers.simulator_carrier import Carrier

PREFIX = "/carrier"


def carrier() -> Carrier:
    """The carrier of this installation; its memory is a file in the data folder."""
    return Carrier(settings.DATA_DIR / FILE, settings.CARRIER_KEY, prefix=PREFIX)
