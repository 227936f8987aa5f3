"""Files that a program names by their address: fetched by us, so that what is sent is what was there then."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from twoway.lib.public_addresses import NotFetched
from twoway.lib.refusal import Refused
from twoway.lib.safe_fetch import Fetcher, Got, Wanted
from twoway.lib.words import t
from twoway.messaging.media import actions, addresses, files
from twoway.messaging.models import MediaFile, MediaState
from twoway.teams.actor import Actor

TIME_FOR_ALL = 20.0  # seconds; somebody waits for the answer


def fetched(urls: Sequence[str], *, by: Actor, at: datetime, trusted: Collection[str] = ()) -> list[MediaFile]:
    """The files at these addresses, kept. Only public addresses, and this installation's own for files.

    Raises `Refused` with code `media_unreachable` and a sentence that names the host.
    """
    if not urls:
        return []
    with ExitStack() as stack:
        paths = [stack.enter_context(files.scratch()) for _ in urls]
        pairs = list(zip(urls, paths, strict=True))
        others = [(url, path) for url, path in pairs if not _copied(url, path, by=by, at=at)]
        asyncio.run(_fetch_all(others, trusted=trusted))
        return [
            actions.keep(
                path=path,
                name=unquote(urlsplit(url).path.rpartition("/")[2])[:120],
                workspace_id=by.workspace_id,
                conversation_id=None,
                by_id=None,
                at=at,
                source_url=url,
            )
            for url, path in pairs
        ]


async def _fetch_all(wanted: Sequence[tuple[str, Path]], *, trusted: Collection[str]) -> Sequence[Got]:
    async with Fetcher() as fetcher:
        return await asyncio.gather(*(_one(fetcher, url, path, trusted=trusted) for url, path in wanted))


async def _one(fetcher: Fetcher, url: str, path: Path, *, trusted: Collection[str]) -> Got:
    wanted = Wanted(url=url, headers={}, size=settings.MEDIA_MOST_BYTES, timeout=TIME_FOR_ALL)
    try:
        return await fetcher.fetch(wanted, into=path, trusted=trusted)
    except NotFetched as error:
        host = urlsplit(url).hostname or t("this address")
        raise Refused(
            t("The file at {host} can't be fetched. {error}", host=host, error=t(str(error))), code="media_unreachable"
        ) from error


def _copied(url: str, path: Path, *, by: Actor, at: datetime) -> bool:
    """Whether it was one of our own addresses; then the file is at `path`."""
    prefix = f"{settings.PUBLIC_URL}/m/"
    if not url.startswith(prefix):
        return False
    try:
        token = addresses.read(url[len(prefix) :].partition("/")[0], audience="public", at=at)
        row = MediaFile.objects.get(id=token.media_id, workspace_id=by.workspace_id, state=MediaState.READY)
        with files.opened(row.key, token.copy) as content, path.open("wb") as file:
            while piece := content.read(1024 * 1024):
                file.write(piece)
    except (addresses.Expired, addresses.Forged, MediaFile.DoesNotExist, OSError) as error:
        raise Refused(
            t("One of these files is not here, or its address has expired."), code="media_unreachable"
        ) from error
    return True
