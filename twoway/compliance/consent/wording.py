"""The wording somebody was shown, as a proof keeps it: the text itself and its hash."""

from __future__ import annotations

import hashlib
from typing import Any


def disclosed(text: str) -> dict[str, Any]:
    """The fields `disclosure` and `disclosure_hash` (SHA-256 of the text in UTF-8, hexadecimal); none for no text."""
    shown = text.replace("\r\n", "\n").strip()
    if not shown:
        return {}
    return {"disclosure": shown, "disclosure_hash": hashlib.sha256(shown.encode()).hexdigest()}
