"""What is wrong with the settings: an id, a sentence, and what to do. Checked before anything is served."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.checks import Warning as Remark

from twoway.ops.errors import CommandFailed

ABOUT_SETTINGS = (Tags.security, Tags.files, Tags.staticfiles, Tags.compatibility, Tags.caches)
"""Django's other checks are about the program itself, which its tests make; they load every page first."""
BUILT = ("desk.css", "desk.js")


@register(Tags.security)
def public_url(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Providers sign the whole address, so it must be the one they call, and it must be https outside this machine."""
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        return [
            Error(
                f"TWOWAY_PUBLIC_URL is {settings.PUBLIC_URL!r}, which is not an address.",
                hint="Write https:// and a host name, without a path, such as https://desk.example.com.",
                id="twoway.E001",
            )
        ]
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        return [
            Error(
                "TWOWAY_PUBLIC_URL must be https: providers send texts to it and people sign in there.",
                hint="Put a proxy with a certificate in front, and write its https address.",
                id="twoway.E002",
            )
        ]
    return []


@register(Tags.files)
def data_folder(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The data folder holds the key, the embedded database and media."""
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        probe = settings.DATA_DIR / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return [
            Error(
                f"The data folder {settings.DATA_DIR} cannot be written: {error.strerror}.",
                hint="Set TWOWAY_DATA to a folder of this user.",
                id="twoway.E003",
            )
        ]
    return []


@register(Tags.staticfiles)
def built_assets(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The desk's script and styles are built, not committed."""
    folder = settings.PACKAGE_DIR / "desk" / "static" / "desk" / "build"
    missing = [name for name in BUILT if not (folder / name).is_file()]
    if not missing:
        return []
    return [
        Remark(
            f"The desk's {' and '.join(missing)} are not built: pages will be bare.",
            hint="Run make assets, or install a built wheel.",
            id="twoway.W001",
        )
    ]


@register(Tags.compatibility)
def time_zones(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Days, snoozes and quiet hours need the time zone database."""
    if "America/New_York" in available_timezones():
        return []
    return [
        Error(
            "This machine has no time zone database.",
            hint="Install the tzdata package of the system or of PyPI.",
            id="twoway.E004",
        )
    ]


def refuse_bad_settings() -> None:
    """Raise `CommandFailed` with the first error's id, sentence and what to do, if there is one."""
    for message in run_checks(tags=ABOUT_SETTINGS):
        if message.is_serious():
            raise CommandFailed(f"{message.id}: {message.msg} {message.hint or ''}".strip())


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
