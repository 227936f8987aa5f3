"""Pictures: upright, without what a camera writes about its owner, and small enough.

Nothing larger than `MOST_PIXELS` is unpacked, so a few bytes cannot fill the memory. Formats are the ones phones and
browsers make; anything else is not a picture to us.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, ImageSequence

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
MOST_PIXELS = 64_000_000
MOST_FRAME_PIXELS = 200_000_000  # of all frames of an animation together
THUMBNAIL = 640  # pixels of the longer side
LARGEST_SENT = 2048
SMALLEST_SENT = 320
_QUALITIES = (85, 75, 62, 50)
_SHRINK = 0.75
_LARGEST_PROFILE = 4096  # bytes

Image.MAX_IMAGE_PIXELS = None  # `_open` has a limit of its own, before anything is unpacked


class NotAPicture(ValueError):
    """It cannot be read as a picture, or is too large to unpack; the sentence says which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture as bytes."""

    data: bytes
    content_type: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a picture is, without having unpacked it. Sizes are in pixels, upright."""

    width: int
    height: int
    is_animated: bool
    has_metadata: bool


def look(path: Path) -> Seen:
    """Raises `NotAPicture`."""
    with _open(path) as image:
        exif = _exif(image)
        turned = exif.get(0x0112, 1) in {5, 6, 7, 8}
        width, height = image.size
        has_metadata = bool(exif) or any(key in image.info for key in ("comment", "xmp", "photoshop"))
        return Seen(
            width=height if turned else width,
            height=width if turned else height,
            is_animated=_frames(image) > 1,
            has_metadata=has_metadata,
        )


def thumbnail(path: Path, *, side: int = THUMBNAIL) -> Picture:
    """The first frame, upright, at most `side` pixels. Raises `NotAPicture`."""
    with _open(path) as image:
        image.draft("RGB", (side * 2, side * 2))
        upright = _upright(image)
        upright.thumbnail((side, side), Image.Resampling.LANCZOS)
        if _has_alpha(upright):
            return _written(upright.convert("RGBA"), "PNG", optimize=True)
        return _written(upright.convert("RGB"), "JPEG", quality=82, optimize=True, progressive=True)


def cleaned(path: Path) -> Picture | None:
    """The same picture upright and without metadata; None when it is clean already, or moves.

    Raises `NotAPicture`.
    """
    seen = look(path)
    if seen.is_animated or not seen.has_metadata:
        return None
    with _open(path) as image:
        form = image.format if image.format in TYPES else "PNG"
        upright = _upright(image)
        if form == "JPEG":
            return _written(upright.convert("RGB"), "JPEG", quality=92, optimize=True)
        return _written(upright, form)


def fitted(path: Path, *, limit: int, types: frozenset[str]) -> Picture | None:
    """The picture in at most `limit` bytes and in one of `types`, as good as it fits; None when nothing does.

    An animation keeps moving, only smaller. Raises `NotAPicture`.
    """
    with _open(path) as image:
        if _frames(image) > 1:
            return _animated(image, limit) if "image/gif" in types else None
        image.draft("RGB", (LARGEST_SENT, LARGEST_SENT))
        upright = _upright(image)
        if _has_alpha(upright):
            tried = _small_png(upright, limit) if "image/png" in types else None
            if tried is not None:
                return tried
            upright = _on_white(upright)
        return _jpeg(upright.convert("RGB"), limit) if "image/jpeg" in types else None


def _open(path: Path) -> Image.Image:
    try:
        image = Image.open(path, formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            image.close()
            raise NotAPicture("This picture has too many pixels.")
        if _frames(image) * image.width * image.height > MOST_FRAME_PIXELS:
            image.close()
            raise NotAPicture("This animation is too long.")
    except NotAPicture:
        raise
    except Exception as error:  # a broken file may raise anything
        raise NotAPicture("This picture can't be read.") from error
    return image


def _frames(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def _exif(image: Image.Image) -> Image.Exif:
    try:
        return image.getexif()
    except Exception as error:
        raise NotAPicture("This picture can't be read.") from error


def _upright(image: Image.Image) -> Image.Image:
    """A copy of the first frame, turned as its camera says; beside the pixels only a small color profile is kept."""
    try:
        turned = ImageOps.exif_transpose(image)
        turned.load()
    except Exception as error:
        raise NotAPicture("This picture can't be read.") from error
    profile = image.info.get("icc_profile")
    if turned.mode == "P":
        turned = turned.convert("RGBA" if "transparency" in turned.info else "RGB")
    elif turned.mode not in {"RGB", "RGBA", "L"}:
        turned, profile = turned.convert("RGBA" if _has_alpha(turned) else "RGB"), None
    turned.info = {"icc_profile": profile} if profile and len(profile) <= _LARGEST_PROFILE else {}
    return turned


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info


def _on_white(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.convert("RGBA").getchannel("A"))
    return ground


def _written(image: Image.Image, form: str, **options: object) -> Picture:
    out = io.BytesIO()
    profile = image.info.get("icc_profile")
    if profile:
        options["icc_profile"] = profile
    image.save(out, form, **options)
    return Picture(data=out.getvalue(), content_type=TYPES[form], width=image.width, height=image.height)


def _sizes(image: Image.Image) -> Iterator[Image.Image]:
    """Smaller and smaller, from what a phone shows to what still can be made out."""
    scale = min(1.0, LARGEST_SENT / max(image.size))
    while True:
        size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
        yield image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)
        scale *= _SHRINK
        if max(image.size) * scale < SMALLEST_SENT:
            return


def _jpeg(image: Image.Image, limit: int) -> Picture | None:
    for smaller in _sizes(image):
        smaller.info = dict(image.info)
        for quality in _QUALITIES:
            tried = _written(smaller, "JPEG", quality=quality, optimize=True)
            if len(tried.data) <= limit:
                return tried
            if len(tried.data) > limit * 3:
                break
    return None


def _small_png(image: Image.Image, limit: int) -> Picture | None:
    """As PNG when that is small enough at once: more often a logo or a drawing than a photo."""
    tried = _written(next(_sizes(image.convert("RGBA"))), "PNG", optimize=True)
    return tried if len(tried.data) <= limit else None


def _animated(image: Image.Image, limit: int) -> Picture | None:
    """The animation at three quarters, half and a third of its size, whichever fits first."""
    for scale in (0.75, 0.5, 0.34):
        size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
        if max(size) < 80:
            return None
        frames, times = [], []
        for frame in ImageSequence.Iterator(image):
            times.append(int(frame.info.get("duration", 100)))
            frames.append(frame.convert("RGBA").resize(size, Image.Resampling.BILINEAR))
        tried = _written(
            frames[0],
            "GIF",
            save_all=True,
            append_images=frames[1:],
            duration=times,
            loop=int(image.info.get("loop", 0)),
            disposal=2,
            optimize=True,
        )
        if len(tried.data) <= limit:
            return tried
    return None
