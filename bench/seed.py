"""The rows a benchmark starts from."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import django

django.setup()

from django.conf import settings  # noqa: E402

from bench import webhooks  # noqa: E402
from twoway.channels.models import Channel  # noqa: E402
from twoway.lib.sealing import seal  # noqa: E402
from twoway.teams.models import Workspace  # noqa: E402


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
