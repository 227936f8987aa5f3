"""Standing sessions to providers (SMPP): one a channel, held by one worker at a time."""

from twoway.messaging.sessions.line import Timing
from twoway.messaging.sessions.roster import Sessions

__all__ = ["Sessions", "Timing"]
