"""Sending a number's calls to us at its provider, when a member says so; what is set up there already stays."""

from __future__ import annotations

from datetime import datetime

from twoway.channels.models import Channel
from twoway.channels.queries import account
from twoway.channels.urls import voice_url
from twoway.events.actions import audit
from twoway.lib.refusal import NotAllowed, Refused
from twoway.lib.sealing import WrongKey
from twoway.lib.words import t
from twoway.providers import http
from twoway.providers.base import SendError
from twoway.providers.voice import twilio_number
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

BY_API = frozenset({"twilio"})
"""Providers where it can be set for a number by itself; elsewhere an application has it, which the owner sets."""


class Taken(Refused):
    """The number's calls go somewhere else already; `where` says where."""

    def __init__(self, where: str) -> None:
        super().__init__(
            t("Calls to this number go to {where} now. Nothing was changed.", where=where), code="voice_taken"
        )
        self.where = where


def connect(*, channel: Channel, by: Actor, at: datetime, replaces: str = "") -> None:
    """Send the calls of a number to us. Asks the provider; not in a transaction.

    `replaces` is the setup that may be replaced, exactly as `Taken.where` named it. Raises `NotAllowed`, `Taken`,
    `Refused`.
    """
    require(by, Right.MANAGE_CHANNELS)
    if channel.workspace_id != by.workspace_id:
        raise NotAllowed(t("This number is not in this workspace."))
    if channel.provider not in BY_API:
        raise Refused(t("Set the address at the provider: it can't be set from here."), code="by_hand")
    url = voice_url(channel)
    try:
        known = account(channel)
        held = twilio_number.read(http.call_sync(twilio_number.look(known)))
        where = held.holder or held.url
        if held.url == url and not held.holder:
            return
        if not held.is_free and where != replaces:
            raise Taken(where)
        twilio_number.read_point(http.call_sync(twilio_number.point(known, held.sid, url)))
    except (SendError, WrongKey) as error:
        raise Refused(t("The provider refused: {why}", why=t(str(error))), code="provider_refused") from error
    told = {"instead_of": "" if held.is_free else where}
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="calls.connected",
        subject=f"channel {channel.pk}",
        data=told,
        at=at,
    )
