"""A photo nobody took, for whoever tries the simulator: a small blue car in its bay, at dusk."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1296, 792
_SKY = ((51, 71, 91), (217, 169, 131))
_GROUND = (77, 82, 88)
_LINE = (233, 230, 222)
_BODY, _GLASS, _LAMP, _TYRE, _DARK = (61, 117, 147), (27, 44, 55), (247, 234, 210), (17, 21, 24), (22, 38, 47)
_SKYLINE = ((0, 310, 180), (180, 180, 150), (330, 260, 130), (460, 120, 200), (680, 290, 150), (850, 190, 220))


@cache
def drawn() -> bytes:
    """As a JPEG."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    draw = ImageDraw.Draw(image)
    horizon = 470
    for row in range(horizon):
        shade = tuple(round(a + (b - a) * row / horizon) for a, b in zip(*_SKY, strict=True))
        draw.line((0, row, WIDTH, row), fill=shade)
    for left, top, width in (*_SKYLINE, (1090, 240, 206)):
        draw.rectangle((left, top, left + width, horizon), fill=(42, 54, 65))
    for slope in ((130, 790, 280, 500), (1170, 790, 1030, 500)):
        draw.line(slope, fill=_LINE, width=22)
    draw.ellipse((276, 590, 1020, 660), fill=(30, 34, 38))
    draw.rounded_rectangle((330, 580, 440, 640), 20, fill=_TYRE)
    draw.rounded_rectangle((856, 580, 966, 640), 20, fill=_TYRE)
    draw.polygon(((440, 420), (510, 290), (786, 290), (856, 420)), fill=_BODY)
    draw.rounded_rectangle((300, 400, 996, 610), 60, fill=_BODY)
    draw.polygon(((474, 405), (530, 315), (766, 315), (822, 405)), fill=_GLASS)
    draw.rounded_rectangle((326, 446, 434, 494), 24, fill=_LAMP)
    draw.rounded_rectangle((862, 446, 970, 494), 24, fill=_LAMP)
    draw.rounded_rectangle((516, 470, 780, 530), 18, fill=_DARK)
    draw.rounded_rectangle((564, 546, 732, 596), 9, fill=(232, 228, 218))
    draw.text((648, 571), "RDG 014", fill=(51, 51, 51), font_size=34, anchor="mm")
    draw.text((648, 728), "B14", fill=_LINE, font_size=90, anchor="mm")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()
