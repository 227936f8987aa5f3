"""Signing in with OpenID Connect: the authorization code flow with PKCE, as its client (OpenID Connect Core 1.0).

Everything that comes from the provider is checked: the issuer of its document, where its endpoints are, and the
signature, issuer, audience, times and nonce of the id token. Answers are bounded in size and time, and redirects are
not followed. The issuer is the operator's and may be anywhere; other endpoints have to be https and public.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import jwt
from yarl import URL

from twoway.lib.oidc import Begun, Client, Failed, Identity
from twoway.lib.public_addresses import NotFetched, checked, origin, public_socket
from twoway.lib.safe_fetch import CONNECT_WITHIN, USER_AGENT

WITHIN = 10.0
"""Seconds for one question to the provider."""
MOST_READ = 256 * 1024
"""Bytes of an answer."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Asymmetric ones only: with a shared secret, whoever can check a token could make one."""
LEEWAY = 60
"""Seconds that clocks may differ by."""


def authorization_url(client: Client, begun: Begun) -> str:
    """Where to send the browser. Asks the provider for its document. Raises `Failed`."""
    document = asyncio.run(_document(client))
    digest = hashlib.sha256(begun.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": "openid email profile",
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    address = document["authorization_endpoint"]
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def identity(client: Client, begun: Begun, *, code: str) -> Identity:
    """Who the code stands for. Raises `Failed`."""
    return asyncio.run(_identity(client, begun, code))


async def _identity(client: Client, begun: Begun, code: str) -> Identity:
    document = await _document(client)
    answer = await _ask(client, document["token_endpoint"], given=_grant(client, begun, code, document))
    keys = await _ask(client, document["jwks_uri"])
    return believed(client, token=answer.get("id_token"), keys=keys, nonce=begun.nonce)


def believed(client: Client, *, token: object, keys: dict[str, Any], nonce: str) -> Identity:
    """What an id token says, once everything about it is right (Core 1.0, 3.1.3.7). Raises `Failed`."""
    try:
        header = jwt.get_unverified_header(str(token))
        found = _key(keys, header)
        claims = jwt.decode(
            str(token),
            found,
            algorithms=list(ALGORITHMS),
            audience=client.client_id,
            issuer=client.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
        )
    except jwt.PyJWTError as error:
        raise Failed(f"The id token is not right: {type(error).__name__}.") from error
    if not secrets.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise Failed("The id token is for another sign-in.")
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client.client_id:
        raise Failed("The id token was given to somebody else.")
    subject, email = str(claims["sub"])[:255], str(claims.get("email") or "").strip().lower()
    if not subject:
        raise Failed("The id token names nobody.")
    is_verified = claims.get("email_verified") in {True, "true"}
    return Identity(subject=subject, email=email if is_verified else "", name=str(claims.get("name") or "")[:80])


def _key(keys: dict[str, Any], header: dict[str, Any]) -> Any:
    """The provider's key this token was signed with: by its id, or the only one there is."""
    found = [one for one in jwt.PyJWKSet.from_dict(keys).keys if one.public_key_use in {None, "sig"}]
    wanted = [one for one in found if "kid" not in header or one.key_id == header["kid"]]
    if len(wanted) != 1:
        raise Failed("The id token is signed with a key the provider doesn't show.")
    return wanted[0]


def _grant(client: Client, begun: Begun, code: str, document: dict[str, Any]) -> dict[str, str]:
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": begun.verifier,
        "client_id": client.client_id,
    }
    # Both ways are the standard's; basic is the one every provider has to know (RFC 6749, 2.3.1).
    if client.secret and "client_secret_post" in document.get("token_endpoint_auth_methods_supported", []):
        given["client_secret"] = client.secret
    return given


async def _document(client: Client) -> dict[str, Any]:
    document = await _ask(client, f"{client.issuer.rstrip('/')}/.well-known/openid-configuration")
    if document.get("issuer") != client.issuer:
        raise Failed("The provider's document is of another issuer.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _check(client, str(document.get(name, "")))
    return document


def _check(client: Client, url: str) -> bool:
    """Whether an address is the operator's own. Raises `Failed` for one that may not be asked."""
    is_own = origin(url) == origin(client.issuer) != ""
    if not is_own and not url.startswith("https://"):
        raise Failed("An address of the provider is not https.")
    try:
        checked(url, is_trusted=is_own)
    except NotFetched as error:
        raise Failed("An address of the provider can't be used.") from error
    return is_own


async def _ask(client: Client, url: str, *, given: dict[str, str] | None = None) -> dict[str, Any]:
    """The provider's answer as a JSON object: to a form when there is one. Raises `Failed`."""
    is_own = _check(client, url)
    headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
    if given is not None and client.secret and "client_secret" not in given:
        pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    within = aiohttp.ClientTimeout(total=WITHIN, connect=CONNECT_WITHIN)
    connector = aiohttp.TCPConnector(socket_factory=None if is_own else public_socket)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, trust_env=False, timeout=within, headers=headers) as session,
            session.request(
                "GET" if given is None else "POST", URL(url, encoded=True), data=given, allow_redirects=False
            ) as response,
        ):
            body = await _read(response)
            if response.status != 200:
                raise Failed(f"The provider answered {response.status}.")
            found = json.loads(body)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Failed(f"The provider could not be asked: {type(error).__name__}.") from error
    if not isinstance(found, dict):
        raise Failed("The provider's answer is no object.")
    return found


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MOST_READ:
            raise Failed("The provider's answer is too big.")
    return body
