"""What a sign-in with OpenID Connect begins with and ends in; `lib.oidc_asking` asks the provider."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field


class Failed(Exception):
    """The provider could not be asked, or said something that can't be believed. The words are for logs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """Who we are to which provider. `secret` is empty for a public client, which PKCE alone protects."""

    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    redirect_uri: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """What has to be kept, in the browser's session, until the provider sends it back."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who signed in, as the provider vouches. `email` is empty unless it says that the address is verified."""

    subject: str
    email: str
    name: str
