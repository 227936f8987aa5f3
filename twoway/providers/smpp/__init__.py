"""SMPP 3.4, as carriers and aggregators speak it: what its messages mean. `messaging.sessions` holds the sessions."""

from twoway.providers.smpp.adapter import Smpp

__all__ = ["Smpp"]
