"""The rows a benchmark starts from."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import django

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

from bench import large, webhooks  # noqa: E402
from tests.providers.recorded_cases import ACCOUNTS  # noqa: E402
from twoway.channels.models import Channel  # noqa: E402
from twoway.conversations.models import Tag  # noqa: E402
from twoway.lib.sealing import seal  # noqa: E402
from twoway.teams import tickets  # noqa: E402
from twoway.teams.models import Member, Role, Team, User, Workspace  # noqa: E402
from twoway.teams.queries import actor_of  # noqa: E402


def channel(*, address: str = "+15035550142", api_base: str = "", rate: float = 1.0) -> Channel:
    """A workspace with one Twilio number."""
    at = datetime.now(UTC)
    workspace = Workspace.objects.create(name="Bench", created_at=at)
    credentials = {"account_sid": webhooks.ACCOUNT, "auth_token": webhooks.AUTH_TOKEN}
    return Channel.objects.create(
        workspace=workspace,
        provider="twilio",
        address=address,
        sealed_credentials=seal(credentials, key=settings.SEALING_KEY),
        settings={"api_base": api_base} if api_base else {},
        hook=secrets.token_urlsafe(12),
        rate=rate,
        created_at=at,
    )


def carrier_channel(provider: str, *, api_base: str, rate: float) -> Channel:
    """A workspace with one number at another provider, with the account its recordings were made for."""
    account = ACCOUNTS[provider]
    made = channel(address=account.address, api_base=api_base, rate=rate)
    made.provider, made.settings = provider, {**account.settings, "api_base": api_base}
    made.sealed_credentials = seal(dict(account.credentials), key=settings.SEALING_KEY)
    made.save()
    return made


def smpp_channel(*, address: str, port: int, window: int, rate: float) -> Channel:
    """A workspace with one number at an SMSC on this machine."""
    made = channel(address=address, rate=rate)
    credentials = {
        "host": "127.0.0.1",
        "port": str(port),
        "system_id": "bench",
        "password": "bench",
        "window": str(window),
    }
    made.provider, made.settings = "smpp", {"private_host": "yes"}
    made.sealed_credentials = seal(credentials, key=settings.SEALING_KEY)
    made.save()
    return made


def desk(*, members: int = large.MEMBERS) -> Member:
    """A workspace with members, teams, channels and tags but no conversations; its owner. At least 12 members."""
    at = datetime.now(UTC)
    workspace = channel().workspace
    owner = member(workspace, "Ana", role=Role.OWNER)
    agents = [owner, *(member(workspace, f"Agent {n}") for n in range(2, max(members, large.MEMBERS) + 1))]
    teams = [Team.objects.create(workspace=workspace, name=f"Team {n}", created_at=at) for n in range(large.TEAMS)]
    for number, team in enumerate(teams):
        team.members.set(agents[number :: large.TEAMS])
    first = workspace.channels.get()
    for number in range(1, large.CHANNELS):
        Channel.objects.create(
            workspace=workspace,
            provider="twilio",
            address=f"+1503555{100 + number:04d}",
            name=f"Line {number}",
            sealed_credentials=first.sealed_credentials,
            hook=secrets.token_urlsafe(12),
            created_at=at,
        )
    Tag.objects.bulk_create(Tag(workspace=workspace, name=f"tag {n}") for n in range(large.TAGS))
    return owner


def member(workspace: Workspace, name: str, *, role: str = Role.AGENT) -> Member:
    """A member who can sign in, with an address that is confirmed."""
    email = f"{name.lower().replace(' ', '')}@example.com"
    user = User.objects.create_user(email, secrets.token_urlsafe(12), name=name)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return Member.objects.create(workspace=workspace, user=user, role=role, created_at=datetime.now(UTC))


def session(one: Member) -> str:
    """The cookie of a browser in which this member has signed in."""
    browser = Client()
    browser.force_login(one.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def ticket(one: Member) -> str:
    """What a browser of this member shows the live stream, good for a minute."""
    return tickets.issue(actor_of(one))
