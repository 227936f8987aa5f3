"""Fakes that speak the number APIs of providers, with a memory: what is bought is owned, what is set is read back.

Each is written after the provider's documentation, not after our code. `FAKES` names them by provider.
"""

from __future__ import annotations

from tests.fakes.numbers.bandwidth import Bandwidth
from tests.fakes.numbers.desk import NumberFake
from tests.fakes.numbers.plivo import Plivo
from tests.fakes.numbers.telnyx import Telnyx
from tests.fakes.numbers.twilio import Twilio
from tests.fakes.numbers.vonage import Vonage

FAKES: dict[str, type[NumberFake]] = {
    "bandwidth": Bandwidth,
    "plivo": Plivo,
    "telnyx": Telnyx,
    "twilio": Twilio,
    "vonage": Vonage,
}

__all__ = ["FAKES", "NumberFake"]
