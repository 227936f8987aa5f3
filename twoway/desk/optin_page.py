"""The public opt-in page, its embedded form and its printable card: for people who have no account here.

Nothing on them needs a cookie, so that the form works in a frame of another site; a signed token that names the
version somebody read stands for the CSRF token, and limits keep strangers from making Twoway text others. Every answer
to a form that was filled in right is the same, whatever is known of the number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from twoway.compliance.optin.forms import actions, queries, rules
from twoway.compliance.optin.forms.actions import Sent
from twoway.compliance.optin.forms.queries import Form, FormVersion
from twoway.compliance.optin.forms.rules import Box, Wording
from twoway.compliance.optin.queries import topics_of_channel
from twoway.desk.builders.qr import Qr, qr
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import noted, t
from twoway.messaging import optin
from twoway.sms import phone

SALT = "twoway.optin.form"
TOO_OLD = noted("This page was open for too long, or its words have changed. Read it again, then send it.")
TOO_OFTEN = noted("Too many people tried this form just now. Wait an hour, or text us instead.")
CHOOSE = noted("Tick what you want to get.")
_GONE = noted("This form isn't here any more.")


class JoinForm(forms.Form):
    """What somebody fills in. `website` is for machines only: people don't see it."""

    name = forms.CharField(required=False, max_length=80, label=gettext_lazy("First name"))
    number = forms.CharField(
        max_length=40,
        label=gettext_lazy("Mobile number"),
        error_messages={"required": gettext_lazy("Write your number.")},
    )
    website = forms.CharField(required=False, max_length=200)
    token = forms.CharField(required=False, max_length=2000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """How to join by text: the number, the words, a link that begins the text, and its QR code."""

    number: str
    words: str
    link: str
    code: Qr


@csrf_exempt
@never_cache
@sensitive_post_parameters("number", "name")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a form."""
    return _answer(request, slug, is_embedded=False)


@csrf_exempt
@never_cache
@xframe_options_exempt
@sensitive_post_parameters("number", "name")
@require_http_methods(["GET", "POST"])
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The form alone, for a frame of the sites that it allows."""
    response = _answer(request, slug, is_embedded=True)
    found = _found(slug)
    origins = list(found.allowed_origins) if found else []
    response._csp_replace = {"frame-ancestors": origins or ["'none'"]}  # type: ignore[attr-defined]
    return response


@never_cache
@require_safe
def card(request: HttpRequest, slug: str) -> HttpResponse:
    """The card to print and put on the counter."""
    form = _found(slug)
    version = queries.latest(form) if form else None
    if form is None or version is None:
        return _gone(request)
    return render(request, "desk/join/card.html", _context(form, version))


def _found(slug: str) -> Form | None:
    try:
        return queries.public_form(slug)
    except NotFound:
        return None


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/join/gone.html", {"words": t(_GONE)}, status=404)


def _answer(request: HttpRequest, slug: str, *, is_embedded: bool) -> HttpResponse:
    form = _found(slug)
    newest = queries.latest(form) if form else None
    if form is None or newest is None:
        return _gone(request)
    if request.method != "POST":
        return _page(request, form, newest, is_embedded=is_embedded)
    return _take(request, form, newest, is_embedded=is_embedded)


def _take(request: HttpRequest, form: Form, newest: FormVersion, *, is_embedded: bool) -> HttpResponse:
    """Check what was sent. What is wrong is said at its field; what was typed stays, ticks only for the same words."""
    typed = JoinForm(request.POST)
    version, source = _read(form, request.POST.get("token", ""))
    again: dict[str, Any] = {"typed": typed, "is_embedded": is_embedded}
    if version is None:
        return _page(request, form, newest, problem=t(TOO_OLD), status=422, **again)
    ticked = _ticked(request, version)
    again["ticked"] = ticked
    if not typed.is_valid():
        return _page(request, form, version, source=source, status=422, **again)
    if typed.cleaned_data["website"]:
        return _done(request, form, typed.cleaned_data["number"], is_embedded=is_embedded)
    try:
        number = rules.clean_number(typed.cleaned_data["number"], countries=form.countries)
    except Invalid as invalid:
        typed.add_error("number", invalid.sentence)
        return _page(request, form, version, source=source, status=422, **again)
    if not ticked:
        return _page(request, form, version, source=source, status=422, choose=t(CHOOSE), **again)
    address = request.META.get("REMOTE_ADDR", "")
    at = timezone.now()
    over = actions.over(slug=form.slug, address=address, number=number.value, at=at)
    if any(limit.is_told for limit in over):
        return _page(request, form, version, source=source, problem=t(TOO_OFTEN), status=429, **again)
    if not over:
        agent = request.headers.get("User-Agent", "")
        sent = Sent(version=version, topic_ids=ticked, address=address, user_agent=agent, source_url=source)
        optin.sign_up(sent=sent, number=number, name=typed.cleaned_data["name"], at=at)
    return _done(request, form, phone.pretty(number.value, region=form.countries[0]), is_embedded=is_embedded)


def _ticked(request: HttpRequest, version: FormVersion) -> tuple[int, ...]:
    """The boxes that were ticked, of those this version shows."""
    chosen = set(request.POST.getlist("topics"))
    return tuple(box.topic_id for box in _boxes(version) if str(box.topic_id) in chosen)


def _boxes(version: FormVersion) -> list[Box]:
    """The boxes of a version whose topics are still in use."""
    boxes = queries.wording_of(version).boxes
    known = {topic.id for topic in topics_of_channel(version.form.channel_id, [box.topic_id for box in boxes])}
    return [box for box in boxes if box.topic_id in known]


def _token(request: HttpRequest, version: FormVersion, *, is_embedded: bool, source: str = "") -> str:
    """What the form sends back: the version that was read, and on which page."""
    page = source or _source(request, version.form, is_embedded=is_embedded)
    return signing.dumps({"v": version.pk, "s": page}, salt=f"{SALT}.{version.form.pk}", compress=True)


def _source(request: HttpRequest, form: Form, *, is_embedded: bool) -> str:
    """The page the form stands on. A frame hears of its site by the browser's referrer."""
    referrer = request.headers.get("Referer", "")
    parts = urlsplit(referrer)
    if is_embedded and f"{parts.scheme}://{parts.netloc}" in form.allowed_origins:
        return referrer[: rules.LONGEST_URL]
    return f"{settings.PUBLIC_URL}{request.path}"[: rules.LONGEST_URL]


def _read(form: Form, token: str) -> tuple[FormVersion | None, str]:
    """The version a token names, and the page; None for one that is forged, another form's, or too old."""
    try:
        told: dict[str, Any] = signing.loads(
            token, salt=f"{SALT}.{form.pk}", max_age=timedelta(hours=rules.TOKEN_HOURS)
        )
    except signing.BadSignature:
        return None, ""
    return queries.version_of(form, int(told["v"])), str(told["s"])


def _page(
    request: HttpRequest,
    form: Form,
    version: FormVersion,
    *,
    is_embedded: bool,
    typed: JoinForm | None = None,
    ticked: tuple[int, ...] = (),
    source: str = "",
    problem: str = "",
    choose: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        **_context(form, version),
        "typed": typed or JoinForm(),
        "ticked": ticked,
        "boxes": _boxes(version),
        "token": _token(request, version, is_embedded=is_embedded, source=source),
        "problem": problem,
        "choose": choose,
        "is_embedded": is_embedded,
        "action": reverse("join_embed" if is_embedded else "join", args=[form.slug]),
    }
    return render(request, "desk/join/page.html", context, status=status)


def _done(request: HttpRequest, form: Form, number: str, *, is_embedded: bool) -> HttpResponse:
    version = queries.latest(form)
    context = {**_context(form, version), "number": number, "is_embedded": is_embedded}
    return render(request, "desk/join/done.html", context)


def _context(form: Form, version: FormVersion | None) -> dict[str, Any]:
    wording = queries.wording_of(version) if version else None
    channel = form.channel
    return {
        "business": optin.business_of(channel),
        "wording": wording,
        "countries": ", ".join(form.countries),
        "our_number": phone.pretty(channel.address, region=channel.workspace.region),
        "card": card_of(form, wording) if wording else None,
        "slug": form.slug,
        "page_url": f"{settings.PUBLIC_URL}{reverse('join', args=[form.slug])}",
    }


def card_of(form: Form, wording: Wording) -> Card | None:
    """How to join the first topic of a form by text; None when none of them is in use."""
    known = {topic.id: topic for topic in topics_of_channel(form.channel_id, [box.topic_id for box in wording.boxes])}
    topic = next((known[box.topic_id] for box in wording.boxes if box.topic_id in known), None)
    if topic is None:
        return None
    words = topic.keyword if topic.takes_bare else f"JOIN {topic.keyword}"
    link = rules.sms_link(form.channel.address, words)
    number = phone.pretty(form.channel.address, region=form.channel.workspace.region)
    return Card(number=number, words=words, link=link, code=qr(link))
