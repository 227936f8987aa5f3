"""The one key everything secret is derived from."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from twoway.lib import env

LEAST_LENGTH = 32


def load_or_create(data_dir: Path) -> str:
    """TWOWAY_SECRET_KEY, or the text of `secret.key` in the data folder, made with mode 0600 on first use.

    Safe when several processes start at once. Raises `env.BadSetting` when the key is too short.
    """
    key = env.text("TWOWAY_SECRET_KEY") or _from_file(data_dir / "secret.key")
    if len(key) < LEAST_LENGTH:
        raise env.BadSetting(f"TWOWAY_SECRET_KEY has {len(key)} characters. Use at least {LEAST_LENGTH} random ones.")
    return key


def _from_file(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".secret.key.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
