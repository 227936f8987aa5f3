"""The code that proves, on first run from elsewhere, that somebody may read this program's log or data folder.

Without it a stranger who finds a fresh installation first would become its owner. It is derived from the master key,
so that every host of one installation knows the same code, and it is useless once there is an owner.
"""

from __future__ import annotations

import base64
import hmac
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from twoway.lib.files import write_atomically

FILE = "setup-code"
_BYTES = 10  # 80 bits: beyond guessing, and 16 letters to type


def code_for(master_key: str) -> str:
    """The code in four groups of four letters and digits."""
    raw = HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=b"set-up code").derive(master_key.encode())
    letters = base64.b32encode(raw).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def matches(given: str, *, master_key: str) -> bool:
    """Whether this is the code, however it was typed. Constant time."""
    typed = "".join(letter for letter in given.upper() if letter.isalnum())
    return hmac.compare_digest(typed.encode(), code_for(master_key).replace("-", "").encode())


def publish(data_dir: Path, *, master_key: str) -> str:
    """Write the code to the data folder, readable by its owner alone, and return it for the log."""
    code = code_for(master_key)
    write_atomically(data_dir / FILE, f"{code}\n".encode())
    return code


def withdraw(data_dir: Path) -> None:
    """Remove the file once there is an owner."""
    (data_dir / FILE).unlink(missing_ok=True)
