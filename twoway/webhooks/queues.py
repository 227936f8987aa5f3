"""The door of phone systems: POST or GET /queues/<hook>/ with the state of a queue, and what a caller answered.

Whoever knows the address may do this and nothing else: it is a key of its own, made anew in the settings. Values come
as JSON, as a form (Twilio's waitUrl) or in the query (Vonage); the answer is TwiML, an NCCO or JSON.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from twoway.lib.refusal import Refused
from twoway.messaging.deflection import actions, queries, rules, speaking
from twoway.messaging.deflection.queries import PhoneQueue
from twoway.messaging.deflection.rules import Told
from twoway.messaging.deflection.speaking import Format, Reply

LONGEST_BODY = 16_384
LONGEST_HOOK = 48
PER_MINUTE = 600
"""Posts one address may send in a minute; a phone system asks once for each caller and every so often for its state."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    "waiting": ("waiting", "currentqueuesize", "queue_size", "calls_waiting"),
    "longest": ("longest", "longest_wait", "longest_wait_seconds", "maxwait"),
    "agents": ("agents", "agents_available"),
    "waited": ("waited", "queuetime", "waited_seconds"),
    "caller": ("caller", "from", "caller_id"),
    "line_type": ("line_type", "linetype"),
    "call": ("call", "callsid", "uuid", "conversation_uuid", "call_id"),
    "reason": ("reason",),
}
"""How phone systems call what we read, in small letters, ours first."""


class NotRead(ValueError):
    """The body or a value can't be read; the text is a sentence for whoever set the phone system up."""


class _Pace:
    """So many posts a minute for each address, per process; the oldest addresses are let go of."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def allows(self, hook: str) -> bool:
        minute = int(time.monotonic() // 60)
        when, count = self._seen.pop(hook, (minute, 0))
        count = count + 1 if when == minute else 1
        self._seen[hook] = (minute, count)
        while len(self._seen) > 1000:
            self._seen.popitem(last=False)
        return count <= PER_MINUTE


_pace = _Pace()


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def state(request: HttpRequest, hook: str) -> HttpResponse:
    """The state of a queue, and the caller it asks about."""
    kind = _format(request)
    queue, refused = _queue(hook)
    if queue is None:
        return refused
    try:
        told = told_of(_values(request))
    except NotRead as error:
        return _problem(400, str(error))
    return _written(actions.hear_state(queue=queue, told=told, kind=kind, at=datetime.now(UTC)), kind)


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, hook: str) -> HttpResponse:
    """What a caller answered to an offer: the key (`Digits`, `dtmf`), or `accepted` as true or false."""
    kind = _format(request)
    queue, refused = _queue(hook)
    if queue is None:
        return refused
    try:
        values = _values(request)
        offer_id = _whole("offer", request.GET.get("offer") or values.get("offer") or values.get("offer_id"))
        if offer_id is None:
            raise NotRead("Name the offer: offer=<its number>.")
        reply = actions.hear_answer(queue=queue, offer_id=offer_id, accepts=_accepts(values), at=datetime.now(UTC))
    except NotRead as error:
        return _problem(400, str(error))
    except Refused as error:
        return _problem(404 if error.code == "no_such_offer" else 422, error.sentence)
    return _written(reply, kind)


def told_of(values: Mapping[str, Any]) -> Told:
    """What was said, by any of the names phone systems use. Raises `NotRead`."""

    def of(name: str) -> Any:
        return next((values[key] for key in _NAMES[name] if values.get(key) not in (None, "")), None)

    return Told(
        waiting=_whole("waiting", of("waiting"), most=rules.MOST_WAITING),
        longest=_whole("longest", of("longest"), most=rules.MOST_SECONDS),
        agents=_whole("agents", of("agents"), most=rules.MOST_WAITING),
        waited=_whole("waited", of("waited"), most=rules.MOST_SECONDS),
        caller=_words(of("caller"), 80),
        line_type=_words(of("line_type"), 40),
        call=_words(of("call"), rules.LONGEST_CALL),
        reason=_words(of("reason"), rules.LONGEST_REASON),
    )


def _whole(name: str, value: Any, *, most: int = 2**62) -> int | None:
    """A whole number of 0 and more; what is above `most` is `most`."""
    if value in (None, ""):
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 19:
        raise NotRead(f"{name} is a whole number of 0 and more.")
    return min(int(text), most)


def _words(value: Any, longest: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise NotRead("A value is text or a whole number.")
    return " ".join(str(value).replace("\0", "").split())[:longest]


def _accepts(values: Mapping[str, Any]) -> bool:
    told = values.get("accepted")
    if told is not None and told != "":
        return told is True or str(told).lower() in ("true", "1", "yes")
    digits = values.get("digits", "")
    dtmf = values.get("dtmf")
    if isinstance(dtmf, dict):
        digits = dtmf.get("digits", "")
    elif dtmf:
        digits = dtmf
    return str(digits).strip() == speaking.DIGIT


def _values(request: HttpRequest) -> dict[str, Any]:
    """The query, and above it the body, by names in small letters. Raises `NotRead`."""
    found: dict[str, Any] = {name.lower(): value for name, value in request.GET.items()}
    if request.method == "POST":
        if len(request.body) > LONGEST_BODY:
            raise NotRead("The body is too long.")
        if request.content_type == "application/json" and request.body.strip():
            try:
                told = json.loads(request.body)
            except (ValueError, RecursionError):
                raise NotRead("The body is not JSON.") from None
            if not isinstance(told, dict):
                raise NotRead('Send an object, such as {"waiting": 7}.')
            found |= {str(name).lower(): value for name, value in told.items()}
        else:
            found |= {name.lower(): value for name, value in request.POST.items()}
    return found


def _format(request: HttpRequest) -> Format:
    return speaking.format_of(request.GET.get("format", ""), request.headers.get("Accept", ""))


def _queue(hook: str) -> tuple[PhoneQueue | None, HttpResponse]:
    if not _pace.allows(hook[:LONGEST_HOOK]):
        return None, _problem(429, "Too many posts in this minute.")
    found = queries.queue_of_hook(hook) if len(hook) <= LONGEST_HOOK else None
    return found, _problem(404, "There is no phone queue at this address.")


def _problem(status: int, words: str) -> HttpResponse:
    return HttpResponse(json.dumps({"error": words}).encode(), status=status, content_type="application/json")


def _written(reply: Reply, kind: Format) -> HttpResponse:
    return HttpResponse(speaking.written(reply, kind), content_type=speaking.TYPES[kind])
