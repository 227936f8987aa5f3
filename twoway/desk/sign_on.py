"""Signing in with the identity provider the operator set: to it, and back."""

from __future__ import annotations

import secrets
from importlib import import_module
from types import ModuleType
from typing import Any

import structlog
from allauth.account.utils import perform_login
from allauth.core.internal.ratelimit import consume
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from twoway.desk import errors
from twoway.lib import oidc
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams.inviting import sign_on

log = structlog.get_logger(__name__)

KEPT = "single_sign_on"
"""Where the session keeps a sign-in that has begun: one at a time."""
GOOD_FOR = 600
"""Seconds to sign in at the provider."""
MARK = "twoway_single_sign_on"
_TOO_MANY = 429
_LONGEST = 2000


def is_set() -> bool:
    """Whether the operator named an identity provider."""
    return bool(settings.SSO_ISSUER and settings.SSO_CLIENT_ID)


@never_cache
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    if not is_set():
        return errors.missing(request)
    if not consume(request, app="allauth.account", action="single_sign_on", limit_get=True):
        return render(request, "429.html", status=_TOO_MANY)
    begun = oidc.Begun()
    try:
        url = _asking().authorization_url(_client(), begun)
    except oidc.Failed as failed:
        log.warning("single_sign_on_failed", why=str(failed))
        return _back(request, t("Your identity provider can't be reached. Try again in a minute."))
    request.session[KEPT] = {
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "next": _path(request.GET.get("next", "")),
        "at": timezone.now().timestamp(),
    }
    return HttpResponseRedirect(url)


@never_cache
@require_safe
def returned(request: HttpRequest) -> HttpResponse:
    """Whoever comes back from the provider: signed in when everything is right, once."""
    if not is_set():
        return errors.missing(request)
    if not consume(request, app="allauth.account", action="single_sign_on", limit_get=True):
        return render(request, "429.html", status=_TOO_MANY)
    kept: dict[str, Any] = request.session.pop(KEPT, {})
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    is_own = bool(kept) and secrets.compare_digest(state.encode(), kept["state"].encode())
    if not is_own or kept["at"] < timezone.now().timestamp() - GOOD_FOR:
        return _back(request, t("That sign-in was begun elsewhere, or too long ago. Try again."))
    if not code or len(code) > _LONGEST or request.GET.get("iss", settings.SSO_ISSUER) != settings.SSO_ISSUER:
        return _back(request, t("Your identity provider didn't let you in."))
    begun = oidc.Begun(state=kept["state"], nonce=kept["nonce"], verifier=kept["verifier"])
    try:
        who = _asking().identity(_client(), begun, code=code)
        user = sign_on.admit(who=who, terms=_terms(), at=timezone.now(), link=_invitation(kept["next"]))
    except oidc.Failed as failed:
        log.warning("single_sign_on_failed", why=str(failed))
        return _back(request, t("Your identity provider's answer can't be used. Tell whoever runs Twoway."))
    except Refused as refused:
        return _back(request, refused.sentence)
    setattr(request, MARK, True)
    answer: HttpResponse = perform_login(request, user, email_verification="none", redirect_url=kept["next"] or None)
    return answer


def _asking() -> ModuleType:
    """What asks the provider: loaded with the first sign-in, for its HTTP client takes megabytes."""
    return import_module("twoway.lib.oidc_asking")


def _client() -> oidc.Client:
    return oidc.Client(
        issuer=settings.SSO_ISSUER,
        client_id=settings.SSO_CLIENT_ID,
        secret=settings.SSO_CLIENT_SECRET,
        redirect_uri=f"{settings.PUBLIC_URL}{reverse('sso_returned')}",
    )


def _terms() -> sign_on.Terms:
    domains = frozenset(name.lower().removeprefix("@") for name in settings.SSO_DOMAINS)
    return sign_on.Terms(issuer=settings.SSO_ISSUER, domains=domains, role=settings.SSO_ROLE)


def _path(asked: str) -> str:
    """A path of our own to go on to, or ""."""
    is_ours = asked.startswith("/") and len(asked) <= _LONGEST and url_has_allowed_host_and_scheme(asked, None)
    return asked if is_ours else ""


def _invitation(path: str) -> str:
    """The secret part of the invitation this path leads to, or ""."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return str(match.kwargs["raw"]) if match.url_name == "invited" else ""


def _back(request: HttpRequest, words: str) -> HttpResponse:
    messages.error(request, words)
    return redirect("account_login")
