"""Spanish."""

from twoway.lib.formats import *  # noqa: F403 the names Django looks for
