"""Calls on the simulator page: the phone calls us, hears what is said as words, leaves a message, is called."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from twoway.channels import simulator_calls
from twoway.channels.queries import Channel
from twoway.desk import simulator
from twoway.desk.settings_frame import actor_of, guard, warn
from twoway.lib.refusal import Refused
from twoway.teams.rules import Right


@guard(Right.USE_SIMULATOR)
@require_POST
def call(request: HttpRequest) -> HttpResponse:
    """The phone calls us."""
    actor, (channel, handset) = actor_of(request), simulator.place_of(request)
    try:
        simulator_calls.call(channel, handset=handset, by=actor)
    except Refused as refused:
        return _answer(request, channel, handset, error=refused.sentence)
    return _answer(request, channel, handset)


@guard(Right.USE_SIMULATOR)
@require_POST
def act(request: HttpRequest, call_id: str, deed: str) -> HttpResponse:
    """Somebody answers, doesn't, speaks or hangs up."""
    actor, (channel, handset) = actor_of(request), simulator.place_of(request)
    words = request.POST.get("words", "")
    try:
        simulator_calls.act(channel, call_id=call_id, deed=deed, words=words, by=actor)
    except Refused as refused:
        return _answer(request, channel, handset, error=refused.sentence)
    return _answer(request, channel, handset)


def _answer(request: HttpRequest, channel: Channel, handset: str, *, error: str = "") -> HttpResponse:
    if request.headers.get("HX-Request"):
        return simulator.parts(request, channel, handset, error=error)
    if error:
        warn(request, error)
    return redirect(simulator.address(channel, handset))
