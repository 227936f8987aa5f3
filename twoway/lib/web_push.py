"""Web Push messages: encrypted for one browser (RFC 8291 with RFC 8188), and signed as ours (VAPID, RFC 8292).

Nobody in between, the push service included, can read what is sent. The keys are on the curve P-256, written as
base64url without padding: public ones as 65 bytes uncompressed, private ones as 32 bytes.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4096
"""Bytes of the one record there is; a push service takes no more in all (RFC 8030, 7.2)."""
MOST = 3993
"""Bytes of a message: a record without header, tag and delimiter (RFC 8291, 4)."""
_CURVE = ec.SECP256R1()


class BadKey(ValueError):
    """A key or secret that is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """A pair of keys of ours."""

    public: str
    private: str


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes. Raises `BadKey`."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadKey("This is not base64url.") from error


def new_keys() -> Keys:
    """A fresh pair."""
    return _pair(ec.generate_private_key(_CURVE))


def check(*, public: str, auth: str) -> None:
    """Whether these are a browser's key and secret. Raises `BadKey`."""
    _public(public)
    if len(decode(auth)) != 16:
        raise BadKey("The secret has 16 bytes.")


def encrypt(message: bytes, *, public: str, auth: str, salt: bytes = b"", sender: str = "") -> bytes:
    """The body of a push: content encoding aes128gcm. `salt` and `sender`, a private key, are fresh unless given.

    Raises `BadKey`, and `ValueError` for a message of more than `MOST` bytes.
    """
    if len(message) > MOST:
        raise ValueError(f"A push holds {MOST} bytes at most.")
    own = _private(sender) if sender else ec.generate_private_key(_CURVE)
    salt = salt or secrets.token_bytes(16)
    own_public, their_public = _bytes(own.public_key()), decode(public)
    key, nonce = _derive(own.exchange(ec.ECDH(), _public(public)), decode(auth), salt, their_public, own_public)
    header = salt + RECORD.to_bytes(4, "big") + bytes([len(own_public)]) + own_public
    return header + AESGCM(key).encrypt(nonce, message + b"\x02", None)


def decrypt(body: bytes, *, private: str, auth: str) -> bytes:
    """What a browser does with the body of a push. Raises `InvalidTag` for one meant for another."""
    salt, length = body[:16], body[20]
    sender = body[21 : 21 + length]
    own = _private(private)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, sender))
    key, nonce = _derive(shared, decode(auth), salt, _bytes(own.public_key()), sender)
    return AESGCM(key).decrypt(nonce, body[21 + length :], None).rstrip(b"\0")[:-1]


def authorization(*, keys: Keys, audience: str, expires: int, subject: str) -> str:
    """The header that says who pushes: a token signed with ES256, for this origin, until a time in seconds since 1970.

    `subject` is where the operators of the push service may write to: mailto: or https:.
    """
    head = encode(orjson.dumps({"typ": "JWT", "alg": "ES256"}))
    claims = encode(orjson.dumps({"aud": audience, "exp": expires, "sub": subject}))
    signed = f"{head}.{claims}".encode()
    r, s = decode_dss_signature(_private(keys.private).sign(signed, ec.ECDSA(SHA256())))
    token = f"{head}.{claims}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"vapid t={token}, k={keys.public}"


def claims_of(header: str) -> dict[str, object]:
    """What a push service reads in that header, the signature checked. Raises `BadKey`."""
    parts = dict(part.strip().partition("=")[::2] for part in header.removeprefix("vapid ").split(","))
    head, _, rest = parts["t"].partition(".")
    claims, _, signature = rest.partition(".")
    raw = decode(signature)
    given = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        _public(parts["k"]).verify(given, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise BadKey("The signature is not of this key.") from error
    found: dict[str, object] = orjson.loads(decode(claims))
    return found


def _derive(shared: bytes, auth: bytes, salt: bytes, theirs: bytes, ours: bytes) -> tuple[bytes, bytes]:
    """The key and the nonce (RFC 8291, 3.4). `theirs` is the browser's public key, `ours` the sender's."""
    secret = _hkdf(shared, salt=auth, info=b"WebPush: info\0" + theirs + ours, length=32)
    key = _hkdf(secret, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    return key, _hkdf(secret, salt=salt, info=b"Content-Encoding: nonce\0", length=12)


def _hkdf(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def _pair(key: ec.EllipticCurvePrivateKey) -> Keys:
    number = key.private_numbers().private_value
    return Keys(public=encode(_bytes(key.public_key())), private=encode(number.to_bytes(32, "big")))


def _bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _public(text: str) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, decode(text))
    except ValueError as error:
        raise BadKey("This is no public key.") from error


def _private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decode(text), "big"), _CURVE)
