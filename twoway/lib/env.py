"""Typed readers for settings that come from the environment. Each reader remembers the name it was asked for."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

NAMES_READ: set[str] = set()


class BadSetting(ValueError):
    """A setting cannot be used; the message says which one and what to do."""


def text(name: str, default: str = "") -> str:
    """The setting as written, without surrounding blanks."""
    NAMES_READ.add(name)
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    """1, true, yes, on or 0, false, no, off."""
    word = text(name).lower()
    if word == "":
        return default
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} is {word!r}. Write 1 or 0.")


def choice(name: str, *, among: tuple[str, ...]) -> str:
    """One of these words, or "" when it is not set."""
    word = text(name).lower()
    if word and word not in among:
        raise BadSetting(f"{name} is {word!r}. Write one of: {', '.join(among)}.")
    return word


def integer(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number between `least` and `most`."""
    word = text(name)
    if word == "":
        return default
    try:
        value = int(word)
    except ValueError:
        raise BadSetting(f"{name} is {word!r}. Write a whole number.") from None
    if not least <= value <= most:
        raise BadSetting(f"{name} is {value}. Write a number from {least} to {most}.")
    return value


def folder(name: str, default: str) -> Path:
    """An absolute path; it need not exist yet."""
    return Path(text(name) or default).expanduser().absolute()


def names(name: str) -> list[str]:
    """Words separated by commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def database(url: str) -> dict[str, object]:
    """Django's connection settings for a postgresql:// URL; a Unix socket folder goes in ?host=.

    Raises `BadSetting` for anything that is not PostgreSQL.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise BadSetting("DATABASE_URL must start with postgresql://. Twoway runs on PostgreSQL 14 or newer only.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "twoway",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(options.pop("port", parts.port or "")),
        "OPTIONS": dict(options),
    }


def media_store(url: str, *, folder: Path) -> dict[str, object]:
    """Django's storage settings for pictures and files.

    Without a URL they are files in `folder`. s3://key:secret@host:port/bucket/prefix is any store that speaks S3;
    ?region= names its region, ?tls=0 is for http, and without a host it is Amazon's. s3:///bucket takes the key from
    where Amazon's tools look for it. Raises `BadSetting`.
    """
    if not url:
        options: dict[str, object] = {"location": str(folder), "base_url": None, "allow_overwrite": True}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    parts = urlsplit(url)
    bucket, _, prefix = parts.path.strip("/").partition("/")
    asked = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not bucket or set(asked) - {"region", "tls"}:
        raise BadSetting("TWOWAY_MEDIA_STORE must look like s3://key:secret@host/bucket?region=us-east-1.")
    host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    options = {
        "bucket_name": unquote(bucket),
        "location": unquote(prefix),
        "access_key": unquote(parts.username or "") or None,
        "secret_key": unquote(parts.password or "") or None,
        "region_name": asked.get("region") or None,
        "endpoint_url": f"http{'' if asked.get('tls') == '0' else 's'}://{host}" if host else None,
        "addressing_style": "path" if host else "auto",
        "signature_version": "s3v4",
        "default_acl": None,
        "file_overwrite": True,
        "max_memory_size": 1_048_576,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def email(url: str, *, mailbox: Path) -> dict[str, object]:
    """Django's mail settings for smtp://user:password@host:port.

    smtps:// means TLS from the start, ?starttls=0 none at all. Without a URL, mails are written as files into
    `mailbox`. Raises `BadSetting`.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": str(mailbox)}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadSetting("TWOWAY_EMAIL_URL must look like smtp://user:password@mail.example.com:587.")
    starttls = dict(parse_qsl(parts.query)).get("starttls", "1") != "0"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and starttls,
        "EMAIL_TIMEOUT": 15,
    }
