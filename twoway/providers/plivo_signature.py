"""Whether Plivo signed a request: plivo.com/docs on signature validation, and the official SDK's validators.

V3 signs the address with its query, and every form field, with HMAC-SHA256. V2, which Plivo uses for texts, signs the
address without its query and nothing else: there the secret in the address must be right besides.
"""

from __future__ import annotations

import hmac
from binascii import b2a_base64
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from twoway.providers import reading, url_secret
from twoway.providers.base import Account, Malformed, RawRequest

V3, V3_NONCE = ("x-plivo-signature-v3", "x-plivo-signature-ma-v3"), "x-plivo-signature-v3-nonce"
V2, V2_NONCE = ("x-plivo-signature-v2", "x-plivo-signature-ma-v2"), "x-plivo-signature-v2-nonce"

Fields = dict[str, list[str]]


def is_valid(account: Account, request: RawRequest) -> bool:
    """Whether one of the auth tokens made the signature, V3 where there is one, and the secret is in the address."""
    tokens = reading.secrets(account.credentials.get("auth_token", ""))
    if not tokens or not url_secret.is_in(account.credentials, request):
        return False
    given, nonce, is_v3 = _given(request)
    if not given or not nonce:
        return False
    signed = signed_by_v3(request, nonce) if is_v3 else _v2(request, nonce)
    if signed is None:
        return False
    text = signed.encode("utf-8", "surrogatepass")
    return any(hmac.compare_digest(sign(token, text), one) for token in tokens for one in given)


def sign(token: str, text: bytes) -> bytes:
    """HMAC-SHA256 in base64."""
    return b2a_base64(hmac.digest(token.encode(), text, "sha256"), newline=False)


def _given(request: RawRequest) -> tuple[list[bytes], str, bool]:
    """The signatures of the newest kind there is (account and main account), its nonce, and whether it is V3."""
    for names, nonce, is_v3 in ((V3, V3_NONCE, True), (V2, V2_NONCE, False)):
        header = ",".join(request.headers.get(name, "") for name in names)
        found = [one.encode("utf-8", "replace") for one in header.split(",") if one]
        if found:
            return found, request.headers.get(nonce, ""), is_v3
    return [], "", False


def _v2(request: RawRequest, nonce: str) -> str | None:
    bare = _bare(request.url)
    return None if bare is None else bare + nonce


def signed_by_v3(request: RawRequest, nonce: str) -> str | None:
    """The address, the sorted query, the sorted form, the nonce; None when the body is not a form that was signed."""
    bare = _bare(request.url)
    try:
        query = parse_qs(urlsplit(request.url).query, keep_blank_values=True)
        form = _fields(request.form)
    except (Malformed, ValueError):
        return None
    if bare is None or (request.body and not form):
        return None
    if request.method == "GET":
        if request.body:
            return None
        return f"{bare}{'?' if query else ''}{_query(query)}.{nonce}"
    if query or form:
        bare += f"?{_query(query)}"
    if query and form:
        bare += "."
    return f"{bare}{_form(form)}.{nonce}"


def _bare(url: str) -> str | None:
    """Scheme, host and path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _fields(pairs: Iterable[tuple[str, str]]) -> Fields:
    fields: Fields = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _query(fields: Fields) -> str:
    return "&".join(f"{name}={value}" for name in sorted(fields) for value in sorted(fields[name]))


def _form(fields: Fields) -> str:
    return "".join(f"{name}{value}" for name in sorted(fields) for value in sorted(fields[name]))
