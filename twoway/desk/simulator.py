"""The simulator page: a phone on the left, the real inbox beside it, and five things to try."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from twoway.channels import simulator
from twoway.channels.queries import Channel
from twoway.desk import simulator_faults, simulator_photo, simulator_round
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.desk.simulator_called import shown as phone_calls
from twoway.lib import file_types
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.sms import phone as phones
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

MOST_FILES = 10
LARGEST_FILE = 5 * 1024 * 1024
SESSION_KEY = "simulated_handsets"
# Numbers nobody has (555-0100 to 0199), one area after the other.
AREAS = (971, 458, 541, 206, 360, 425, 509, 253)


@guard(Right.USE_SIMULATOR)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The whole page; ?channel= picks the number that is texted, ?handset= the phone."""
    actor = actor_of(request)
    numbers = simulator.numbers(actor)
    if not numbers:
        may_add = may(actor, Right.MANAGE_CHANNELS)
        return render(request, "desk/simulator/none.html", {"may_add": may_add})
    channel = _channel_of(request, actor, numbers)
    handset = _handset_of(request, channel)
    context = {
        **_phone(actor, channel, handset),
        "numbers": [(number, phones.pretty(number.address, region="US")) for number in numbers],
        "handsets": [(number, phones.pretty(number, region="US")) for number in simulator.handsets(channel, limit=8)],
        "chips": _chips(),
        "view": f"channel-{channel.pk}",
        "faults": simulator_faults.form(simulator.faults()),
        "faults_on": simulator_faults.count_on(simulator.faults(), at=timezone.now()),
        "longest": simulator.LONGEST_TEXT,
    }
    return render(request, "desk/simulator/page.html", context)


@guard(Right.USE_SIMULATOR)
@require_safe
def phone(request: HttpRequest) -> HttpResponse:
    """What the phone and the steps show now, as parts to put in place; 304 when the page has them already."""
    actor = actor_of(request)
    channel = _channel_of(request, actor, simulator.numbers(actor))
    return parts(request, channel, _handset_of(request, channel))


@guard(Right.USE_SIMULATOR)
@require_POST
def text(request: HttpRequest) -> HttpResponse:
    """The customer texts us."""
    actor = actor_of(request)
    channel = _channel_of(request, actor, simulator.numbers(actor))
    handset = _handset_of(request, channel)
    body = request.POST.get("body", "")
    try:
        files = _files(request)
        error = "" if body.strip() or files else t("Write something first.")
    except Refused as refused:
        files, error = [], refused.sentence
    if not error:
        try:
            simulator.text_from(channel, handset=handset, body=body, files=files, by=actor, at=timezone.now())
        except Refused as refused:
            error = refused.sentence
    if request.headers.get("HX-Request"):
        return parts(request, channel, handset, error=error)
    if error:
        warn(request, error)
    return redirect(address(channel, handset))


def _files(request: HttpRequest) -> list[simulator.Sent]:
    """What the phone sends along: files of the form, and the ready-made photo. Raises `Invalid`."""
    if request.POST.get("photo"):
        return [simulator.Sent(content=simulator_photo.drawn(), name="photo.jpg", content_type="image/jpeg")]
    given = request.FILES.getlist("files")[:MOST_FILES]
    if any((one.size or 0) > LARGEST_FILE for one in given):
        raise Invalid(t("Phones send files of up to 5 MB."), field="files")
    return [_sent(one) for one in given]


def _sent(given: UploadedFile[bytes]) -> simulator.Sent:
    content = given.read()
    name = given.name or ""
    found = file_types.told_by(content[: file_types.HEAD], name=name)
    return simulator.Sent(content=content, name=name, content_type=found.content_type)


@guard(Right.USE_SIMULATOR)
@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    """A file a phone sent, for the phone beside the inbox."""
    _channel_of(request, actor_of(request), simulator.numbers(actor_of(request)))
    found = simulator.file_of(f"/files/{name}")
    if found is None:
        return HttpResponse(t("This file is not here.") + "\n", status=404, content_type="text/plain; charset=utf-8")
    is_shown = found[0] in file_types.INLINE
    return HttpResponse(
        found[1],
        content_type=found[0] if is_shown else file_types.UNKNOWN,
        headers={
            "Content-Disposition": "inline" if is_shown else "attachment",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=3600",
        },
    )


@guard(Right.USE_SIMULATOR)
@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    """Another phone, one that never texted."""
    actor = actor_of(request)
    channel = _channel_of(request, actor, simulator.numbers(actor))
    handset = _fresh_handset(channel)
    _remember(request, channel, handset)
    say(request, t("A new phone: {number}.", number=phones.pretty(handset, region="US")))
    return redirect(address(channel, handset))


@guard(Right.USE_SIMULATOR)
@require_POST
def faults(request: HttpRequest) -> HttpResponse:
    """Turn faults of the carrier on and off."""
    actor = actor_of(request)
    channel = _channel_of(request, actor, simulator.numbers(actor))
    at = timezone.now()
    told = simulator_faults.told(request.POST, at=at)
    now_on = simulator.set_faults(by=actor, told=told, reset=True)
    count = simulator_faults.count_on(now_on, at=at)
    say(request, t("The carrier works as it should.") if not count else t("Faults turned on: {count}.", count=count))
    return redirect(address(channel, _handset_of(request, channel)))


def _chips() -> tuple[tuple[str, str], ...]:
    """Words to tap, and what the phone sends then: in the reader's language, but for keywords."""
    return (
        (t("Hi, my car won't unlock"), t("Hi, my car won't unlock")),
        (t("Thanks"), t("Thanks, that did it!")),
        (t("Text STOP"), "STOP"),
        (t("Text START"), "START"),
        (t("Say it in Spanish"), "Hola, mi coche no se abre y llego tarde a una cita. ¿Me pueden ayudar?"),
        (
            t("Long, with emoji"),
            t(
                "So I walked all the way to bay B14 🚗 and tried the app three times, then the key card, then the app "
                "again. The lights blink twice but the doors stay shut 😕 My trip started ten minutes ago, can "
                "somebody open it from where you are or give me another car nearby? 🙏"
            ),
        ),
    )


def _phone(actor: Actor, channel: Channel, handset: str) -> dict[str, Any]:
    """What the parts that change are drawn from."""
    found = simulator_round.facts(actor, channel, handset)
    plan = simulator_round.steps(found, member=actor.name.split()[0] if actor.name.split() else t("the team"))
    return {
        "channel": channel,
        "number": phones.pretty(channel.address, region="US"),
        "handset": handset,
        "handset_words": phones.pretty(handset, region="US"),
        "bubbles": simulator_round.bubbles(channel, handset),
        "calls": phone_calls(channel, handset),
        "steps": plan,
        "current": next((step for step in plan if step.is_current), None),
        "conversation_id": found.conversation_id,
    }


def parts(request: HttpRequest, channel: Channel, handset: str, *, error: str = "") -> HttpResponse:
    """The parts of the page that change, as they are now."""
    actor = actor_of(request)
    context = {**_phone(actor, channel, handset), "error": error}
    html = render_to_string("desk/simulator/parts.html", context, request)
    tag = f'"{sha256(html.encode()).hexdigest()[:20]}"'
    if request.method == "GET" and request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    return HttpResponse(html, headers={"ETag": tag, "Cache-Control": "no-cache"}, status=422 if error else 200)


def place_of(request: HttpRequest) -> tuple[Channel, str]:
    """The number and the phone a request is about. Raises `NotAllowed`, `NotFound`."""
    actor = actor_of(request)
    channel = _channel_of(request, actor, simulator.numbers(actor))
    return channel, _handset_of(request, channel)


def _channel_of(request: HttpRequest, actor: Actor, numbers: list[Channel]) -> Channel:
    """The number asked for, else the first. Raises `NotFound`."""
    asked = request.POST.get("channel") or request.GET.get("channel") or ""
    if not asked and numbers:
        return numbers[0]
    return simulator.access_number(actor, int(asked) if asked.isdecimal() and len(asked) < 18 else 0)


def _handset_of(request: HttpRequest, channel: Channel) -> str:
    """The phone asked for, else the one this browser used last with this number, else a new one."""
    asked = request.POST.get("handset") or request.GET.get("handset") or ""
    if asked:
        try:
            handset = phones.parse_typed(asked, region="US").value
        except phones.NotANumber:
            handset = ""
        if handset:
            _remember(request, channel, handset)
            return handset
    kept: dict[str, str] = request.session.get(SESSION_KEY, {})
    if str(channel.pk) not in kept:
        _remember(request, channel, _fresh_handset(channel))
    return str(request.session[SESSION_KEY][str(channel.pk)])


def _remember(request: HttpRequest, channel: Channel, handset: str) -> None:
    kept: dict[str, str] = request.session.get(SESSION_KEY, {})
    if kept.get(str(channel.pk)) != handset:
        request.session[SESSION_KEY] = {**kept, str(channel.pk): handset}


def _fresh_handset(channel: Channel) -> str:
    """A number that has not texted this one of ours."""
    used = set(simulator.handsets(channel, limit=10_000))
    every = (f"+1{area}555{line:04d}" for area in AREAS for line in range(100, 200))
    return next((number for number in every if number not in used), f"+1{AREAS[0]}5550100")


def address(channel: Channel, handset: str) -> str:
    """The page of this phone and this number."""
    return f"{reverse('desk:simulator')}?{urlencode({'channel': str(channel.pk), 'handset': handset})}"
