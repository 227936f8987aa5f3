"""A carrier that is simulated: handsets with numbers, receipts, and faults that can be turned on.

`Carrier` is the ASGI application which a desk's `simulator` channel talks to, `CarrierStore` its memory, which a page
of the same program may use directly to show a handset and to text from it.
"""

from twoway.providers.simulator_carrier.app import Carrier
from twoway.providers.simulator_carrier.faults import Faults
from twoway.providers.simulator_carrier.store import CarrierStore, CarrierText

__all__ = ["Carrier", "CarrierStore", "CarrierText", "Faults"]
