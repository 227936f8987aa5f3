"""Pictures: upright, without what a camera writes about its owner, and small enough."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from tests import pictures
from twoway.lib import images

ALL = frozenset({"image/jpeg", "image/png", "image/gif"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "picture"


def opened(picture: images.Picture | None) -> Image.Image:
    assert picture is not None
    return Image.open(io.BytesIO(picture.data))


def test_a_sideways_photo_is_measured_and_shown_upright(path: Path) -> None:
    path.write_bytes(pictures.sideways(600, 400))
    seen = images.look(path)
    assert (seen.width, seen.height, seen.has_metadata) == (400, 600, True)
    small = images.thumbnail(path, side=90)
    assert (small.width, small.height) == (60, 90)


def test_what_the_camera_wrote_is_taken_out(path: Path) -> None:
    path.write_bytes(pictures.sideways())
    clean = opened(images.cleaned(path))
    assert clean.size == (40, 60)
    assert not clean.getexif()
    path.write_bytes(pictures.picture())
    assert images.cleaned(path) is None


def test_a_photo_is_made_to_fit(path: Path) -> None:
    path.write_bytes(pictures.picture(1400, 1000, noise=True, quality=95))
    assert path.stat().st_size > 700_000
    for limit in (600_000, 100_000, 45_000):
        made = images.fitted(path, limit=limit, types=ALL)
        assert made is not None
        assert len(made.data) <= limit
        assert made.content_type == "image/jpeg"
    assert images.fitted(path, limit=300, types=ALL) is None


def test_a_huge_photo_is_first_brought_to_a_phone_s_size(path: Path) -> None:
    path.write_bytes(pictures.picture(4000, 3000))
    made = images.fitted(path, limit=600_000, types=ALL)
    assert made is not None
    assert max(made.width, made.height) <= images.LARGEST_SENT


def test_a_drawing_stays_see_through_where_that_is_possible(path: Path) -> None:
    path.write_bytes(pictures.drawing())
    assert opened(images.fitted(path, limit=100_000, types=ALL)).mode == "RGBA"
    made = opened(images.fitted(path, limit=100_000, types=frozenset({"image/jpeg"})))
    assert made.getpixel((5, 5)) != (0, 0, 0)


def test_an_animation_keeps_moving(path: Path) -> None:
    path.write_bytes(pictures.moving(side=240))
    assert images.look(path).is_animated
    made = opened(images.fitted(path, limit=path.stat().st_size * 2, types=ALL))
    assert (made.n_frames, made.size) == (6, (180, 180))  # type: ignore[attr-defined]
    assert images.cleaned(path) is None


@pytest.mark.parametrize("data", [b"", b"no picture", pictures.PDF, pictures.SVG, pictures.picture()[:200]])
def test_what_is_no_picture_is_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(images.NotAPicture):
        images.thumbnail(path)


def test_a_small_file_with_a_huge_picture_is_not_unpacked(path: Path) -> None:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    path.write_bytes(out.getvalue())
    assert path.stat().st_size < 200_000
    for use in (images.look, images.thumbnail, images.cleaned):
        with pytest.raises(images.NotAPicture, match="too many pixels"):
            use(path)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "BMP", "TIFF"])
def test_other_formats_become_what_every_phone_shows(path: Path, form: str) -> None:
    path.write_bytes(pictures.picture(form=form))
    made = images.fitted(path, limit=100_000, types=ALL)
    assert made is not None
    assert made.content_type in ALL
