"""What a web process does before it takes requests: say where it answers and, on a first run, the set-up code."""

from __future__ import annotations

from django.conf import settings
from django.db import ProgrammingError

from twoway.lib import own_address, setup_code
from twoway.ops.say import say
from twoway.teams.queries import has_workspace


def arrive(*, is_sibling: bool = False) -> None:
    """Leave the address for commands in other shells. While nobody owns this installation, leave and print the code
    that a first run from another machine asks for; a sibling of the process that does leaves it at that.
    """
    if is_sibling:
        return
    own_address.record(settings.DATA_DIR, port=settings.PORT, public_url=settings.PUBLIC_URL)
    if is_owned():
        setup_code.withdraw(settings.DATA_DIR)
        return
    code = setup_code.publish(settings.DATA_DIR, master_key=settings.MASTER_KEY)
    say("set_up_code", code=code, open=f"{settings.PUBLIC_URL}/setup/", asked_for="from another machine only")


def is_owned() -> bool:
    """Whether there is a workspace. Where there are no tables yet there is none."""
    try:
        return has_workspace()
    except ProgrammingError:
        return False
