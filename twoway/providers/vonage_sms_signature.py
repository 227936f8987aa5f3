"""Whether Vonage's SMS API signed a request: developer.vonage.com on signed messages; the official SDK's `auth.py`.

What is signed is every parameter but `sig`, sorted by name, written `&name=value`, `&` and `=` in a value being `_`.
The hash is an HMAC with the signature secret, or plain MD5 with the secret behind (`md5hash`), in hex. The address is
not covered.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from twoway.lib.words import noted
from twoway.providers import reading, url_secret
from twoway.providers.base import Account, Malformed, RawRequest

DEFAULT = "sha256"
HMACS = ("md5", "sha1", "sha256", "sha512")
PLAIN_MD5 = "md5hash"
METHODS = (*HMACS, PLAIN_MD5)


def is_valid(account: Account, request: RawRequest) -> bool:
    """Whether the address carries our secret and, when there is a signature secret, Vonage signed. Constant time."""
    if not url_secret.is_in(account.credentials, request):
        return False
    secrets = reading.secrets(account.credentials.get("signature_secret", ""))
    if not secrets:
        return True
    try:
        told = parameters(request)
    except (Malformed, ValueError):
        return False
    given = told.pop("sig", "").lower().encode("utf-8", "replace")
    method = account.credentials.get("signature_method", "").strip().lower() or DEFAULT
    texts = [signed_text(told)]
    if request.method == "GET":  # our own secret stands among Vonage's parameters
        texts.append(signed_text({name: value for name, value in told.items() if name != url_secret.NAME}))
    made = [sign(text, secret, method) for text in texts for secret in secrets]
    return any(one is not None and hmac.compare_digest(one.encode(), given) for one in made)


def parameters(request: RawRequest) -> dict[str, str]:
    """The parameters of a webhook, from the query, a form or a JSON object. Raises `Malformed`."""
    if request.method == "GET":
        if request.body:
            raise Malformed(noted("A GET has no body."))
        return dict(request.query)
    if request.form:
        return dict(request.form)
    told = reading.json_of(request.body)
    if not isinstance(told, dict) or not told:
        raise Malformed(noted("There are no parameters in this webhook."))
    return {name: value if isinstance(value, str) else _written(value) for name, value in told.items()}


def _written(value: object) -> str:
    """A JSON value as the parameter it would be in a form."""
    if value is None or isinstance(value, list | dict):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def signed_text(told: Mapping[str, str]) -> str:
    """What the signature is made over."""
    return "".join(f"&{name}={told[name].replace('&', '_').replace('=', '_')}" for name in sorted(told))


def sign(text: str, secret: str, method: str) -> str | None:
    """The signature in lower-case hex; None for a method there is not."""
    raw = text.encode("utf-8", "surrogatepass")
    if method == PLAIN_MD5:
        return hashlib.md5(raw + secret.encode(), usedforsecurity=False).hexdigest()
    return hmac.digest(secret.encode(), raw, method).hex() if method in HMACS else None
