"""Pictures and files for tests, made on the spot."""

from __future__ import annotations

import io
import random

from PIL import Image

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
VCARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Dana Whitfield\r\nTEL;TYPE=CELL:+1 503 555 0178\r\nEND:VCARD\r\n"
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 2000
OGG = b"OggS\0\x02" + b"\0" * 20 + b"\x01\x13OpusHead" + b"\0" * 500


def picture(width: int = 60, height: int = 40, *, form: str = "JPEG", noise: bool = False, **options: object) -> bytes:
    """A picture; with `noise` one that hardly gets smaller."""
    image = Image.new("RGB", (width, height), (11, 100, 112))
    if noise:
        image = Image.frombytes("RGB", (width, height), random.Random(7).randbytes(width * height * 3))
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def sideways(width: int = 60, height: int = 40) -> bytes:
    """A photo taken with the phone upright, with where and by whom in its EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Maker of phones"
    return picture(width, height, exif=exif)


def moving(frames: int = 6, side: int = 120) -> bytes:
    """An animated GIF."""
    images = [Image.new("RGB", (side, side), (index * 40 % 255, 90, 120)) for index in range(frames)]
    out = io.BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=80, loop=0)
    return out.getvalue()


def drawing(side: int = 64) -> bytes:
    """A PNG one can see through."""
    out = io.BytesIO()
    Image.new("RGBA", (side, side), (11, 100, 112, 90)).save(out, "PNG")
    return out.getvalue()
