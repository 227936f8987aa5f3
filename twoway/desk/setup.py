"""First run: until there is a workspace, every page leads here, and whoever fills this in becomes the owner."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from twoway.channels import simulator
from twoway.desk.forms import SetupForm
from twoway.desk.settings_frame import say
from twoway.lib import setup_code
from twoway.lib.refusal import Refused
from twoway.lib.words import current, t
from twoway.replies import actions as replies
from twoway.teams import actions, queries

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
OPEN_PATHS = ("/setup/", "/static/", "/api/", "/hooks/", "/carrier/", "/live", "/healthz", "/readyz", "/metrics")
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_HOST")

# Once there is a workspace there always is one; after that no request asks the database again.
_done = False


def first_run(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: send every page to /setup/ while nobody owns this installation."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN_PATHS) or is_done():
            return get_response(request)
        return redirect("desk:setup")

    return middleware


def is_done() -> bool:
    """Whether there is a workspace."""
    global _done
    _done = _done or queries.has_workspace()
    return _done


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The form, and on POST the workspace, its owner, and a number to try when wanted."""
    if queries.has_workspace():
        return redirect("account_login" if not request.user.is_authenticated else "/")
    needs_code = not is_here(request)
    begun = {"wants_simulator": True, "wants_starter": True}
    form = SetupForm(request.POST or None, needs_code=needs_code, initial=begun)
    if request.method == "POST" and form.is_valid():
        if needs_code and not setup_code.matches(form.cleaned_data["code"], master_key=settings.MASTER_KEY):
            form.add_error("code", t("That isn't the code Twoway printed."))
        else:
            answer = _create(request, form)
            if answer is not None:
                return answer
    return render(request, "desk/setup/page.html", {"form": form}, status=422 if form.errors else 200)


def is_here(request: HttpRequest) -> bool:
    """Whether the browser runs on this machine: loopback on both ends, no proxy in between, no public address set."""
    if any(name in request.META for name in _FORWARDED):
        return False
    names = (request.META.get("REMOTE_ADDR", ""), _host(f"//{request.get_host()}"), _host(settings.PUBLIC_URL))
    return all(_is_loopback(name) for name in names)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _create(request: HttpRequest, form: SetupForm) -> HttpResponse | None:
    given = form.cleaned_data
    at = timezone.now()
    try:
        owner = actions.create_workspace(
            name=given["workspace"],
            owner_name=given["name"],
            owner_email=given["email"],
            password=given["password"],
            time_zone=given["time_zone"],
            language=current(),
            at=at,
            only_first=True,
        )
    except Refused as refused:
        form.refuse(refused)
        return None
    setup_code.withdraw(settings.DATA_DIR)
    if given["wants_starter"]:
        replies.add_starter_set(by=queries.actor_of(owner), at=at)
    if given["wants_simulator"]:
        simulator.add_number(by=queries.actor_of(owner), at=at, name=given["workspace"][:60])
    if not owner.user.check_password(given["password"]):
        say(request, t("Twoway is set up. This account existed already: sign in with its own password."))
        return redirect("account_login")
    login(request, owner.user, backend=BACKEND)
    say(request, t("Welcome, {name}.", name=owner.user.name))
    return redirect("desk:simulator" if given["wants_simulator"] else "desk:settings_channels")
