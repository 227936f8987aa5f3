"""A Telnyx account, and how Telnyx signs: Ed25519 over its time and the body; the address is not signed."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from nacl.signing import SigningKey

from twoway.providers.base import Account, RawRequest

KEY = SigningKey(bytes(range(32)))
ACCOUNT = Account(
    address="+14155550199",
    credentials={
        "api_key": "KEY0123456789ABCDEF",
        "public_key": base64.b64encode(bytes(KEY.verify_key)).decode(),
        "messaging_profile_id": "16fd2706-8baf-433b-82eb-8c7fada847da",
    },
)
UNSIGNED = ("query", "host")
PROVES = ("public_key",)


def sign(request: RawRequest) -> Mapping[str, str]:
    """The headers its signature adds."""
    moment = str(int(request.received_at.timestamp()))
    signature = KEY.sign(moment.encode() + b"|" + request.body).signature
    return {"telnyx-timestamp": moment, "telnyx-signature-ed25519": base64.b64encode(signature).decode()}
