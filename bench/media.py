"""Fetching pictures: the guarded way, and with everything that is done to them, as ratios to a plain download.

All three read the same file from the same local server in this run, eight at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import aiohttp
from PIL import Image

from bench import report
from tests.fakes.http_server import Answer, Listener
from twoway.lib import file_types, images
from twoway.lib.safe_fetch import Fetcher, Wanted

AT_ONCE = 8
FILES = 400
LOOKED_AT = 80


def photo() -> bytes:
    """A photo of a phone as MMS brings it: 1,600 by 1,200 pixels, some 300 KB."""
    image = Image.effect_mandelbrot((1600, 1200), (-2.0, -1.2, 1.0, 1.2), 60).convert("RGB")
    noise = Image.effect_noise((1600, 1200), 24).convert("RGB")
    out = io.BytesIO()
    Image.blend(image, noise, 0.25).save(out, "JPEG", quality=72)
    return out.getvalue()


async def _many(one: Callable[[int], Awaitable[None]], count: int) -> float:
    """How many a second, eight at a time."""
    left = iter(range(count))

    async def line() -> None:
        for number in left:
            await one(number)

    started = time.perf_counter()
    await asyncio.gather(*(line() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - started)


def _look(path: Path) -> None:
    """What taking a picture into the store does before it is stored."""
    with path.open("rb") as file:
        file_types.told_by(file.read(file_types.HEAD))
    images.look(path)
    (path.parent / f"{uuid4().hex}.small").write_bytes(images.thumbnail(path).data)


async def measure(*, files: int = FILES, looked_at: int = LOOKED_AT) -> dict[str, float]:
    """Files a second: plain download to the disk, the guarded fetch, and the guarded fetch with a small copy made."""
    data = photo()
    server = await Listener(lambda request: Answer(body=data, content_type="image/jpeg")).start()
    url = f"http://127.0.0.1:{server.port}/photo.jpg"
    with tempfile.TemporaryDirectory() as folder:

        async def plain(number: int) -> None:
            async with session.get(url) as response:
                await asyncio.to_thread((Path(folder) / str(number)).write_bytes, await response.read())

        async def guarded(number: int) -> None:
            wanted = Wanted(url=url, headers={}, size=25_000_000)
            await fetcher.fetch(wanted, into=Path(folder) / str(number), trusted=[url])

        async def whole(number: int) -> None:
            await guarded(number)
            await asyncio.to_thread(_look, Path(folder) / str(number))

        try:
            async with aiohttp.ClientSession() as session, Fetcher(limit=AT_ONCE) as fetcher:
                await _many(plain, AT_ONCE)
                await _many(guarded, AT_ONCE)
                return {
                    "plain": await _many(plain, files),
                    "guarded": await _many(guarded, files),
                    "whole": await _many(whole, looked_at),
                }
        finally:
            await server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=FILES, help="fetched in each round")
    parser.add_argument("--looked-at", type=int, default=LOOKED_AT, help="fetched and looked at in each round")
    parser.add_argument("--rounds", type=int, default=3, help="the round in the middle counts")
    given = parser.parse_args()
    rounds = [asyncio.run(measure(files=given.files, looked_at=given.looked_at)) for _ in range(given.rounds)]
    middle = sorted(rounds, key=lambda one: one["guarded"] / one["plain"])[len(rounds) // 2]
    beside = f"plain download {middle['plain']:.0f}/s"
    for key, words in (("guarded", "Pictures fetched, guarded"), ("whole", "Pictures fetched and looked at")):
        report.tell(words, f"{middle[key]:.0f}/s", beside=beside, ratio=middle[key] / middle["plain"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
