"""A Vonage account with an application, and how Vonage signs webhooks of the Messages API (PyJWT, as its SDK does)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from twoway.providers.base import Account, RawRequest

UNSIGNED = {"query", "host"}
PROVES = {"signature_secret"}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
ACCOUNT = Account(
    address="+14155550199",
    credentials={
        "api_key": "a1b2c3d4",
        "api_secret": "Abcd1234Efgh5678",
        "application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
        "private_key": PEM.replace("\n", ""),
        "signature_secret": "aVerySecretSignatureSecret0123456789",
    },
)


def sign(request: RawRequest) -> Mapping[str, str]:
    """The headers its signature adds."""
    claims = {
        "iat": 1767323045,
        "iss": "Vonage",
        "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        "payload_hash": hashlib.sha256(request.body).hexdigest(),
        "api_key": ACCOUNT.credentials["api_key"],
        "application_id": ACCOUNT.credentials["application_id"],
    }
    token = jwt.encode(claims, ACCOUNT.credentials["signature_secret"], algorithm="HS256")
    return {"authorization": f"Bearer {token}"}
