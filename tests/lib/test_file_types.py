"""What a file is, told by its content."""

from __future__ import annotations

import pytest

from tests import pictures
from twoway.lib import file_types


@pytest.mark.parametrize(
    ("head", "content_type", "kind"),
    [
        (pictures.picture(), "image/jpeg", "image"),
        (pictures.picture(form="PNG"), "image/png", "image"),
        (pictures.picture(form="WEBP"), "image/webp", "image"),
        (pictures.moving(), "image/gif", "image"),
        (pictures.MP4, "video/mp4", "video"),
        (b"\0\0\0\x18ftyp3gp4\0\0\0\x003gp4isom" + b"\0" * 99, "video/3gpp", "video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0" * 99, "video/quicktime", "video"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0mp42isom" + b"\0" * 99, "audio/mp4", "audio"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 99, "image/heic", "image"),
        (b"#!AMR\n" + b"\0" * 99, "audio/amr", "audio"),
        (b"ID3\x03\0\0\0\0\0\x10" + b"\0" * 99, "audio/mpeg", "audio"),
        (pictures.OGG, "audio/ogg", "audio"),
        (pictures.PDF, "application/pdf", "pdf"),
        (pictures.VCARD, "text/vcard", "contact"),
        (pictures.SVG, "image/svg+xml", "file"),
        (pictures.HTML, "text/html", "file"),
        (b"hello", "text/plain", "file"),
        ("Grüße".encode(), "text/plain", "file"),
        (b"PK\x03\x04" + b"\0" * 99, "application/zip", "file"),
        (b"\x00\x01\x02\x03", file_types.UNKNOWN, "file"),
        (b"", file_types.UNKNOWN, "file"),
    ],
)
def test_by_content(head: bytes, content_type: str, kind: str) -> None:
    found = file_types.told_by(head)
    assert (found.content_type, found.kind) == (content_type, kind)


def test_a_name_only_tells_office_documents_apart() -> None:
    archive = b"PK\x03\x04" + b"\0" * 99
    assert file_types.told_by(archive, name="plan.docx").content_type.endswith("wordprocessingml.document")
    assert file_types.told_by(pictures.HTML, name="photo.jpg").content_type == "text/html"


def test_nothing_with_a_script_in_it_is_shown_inline() -> None:
    assert not file_types.INLINE & {"text/html", "image/svg+xml", "application/xml", "application/pdf", "text/plain"}


@pytest.mark.parametrize(
    ("name", "content_type", "safe"),
    [
        ("photo.jpg", "image/jpeg", "photo.jpg"),
        ("photo.JPEG", "image/jpeg", "photo.JPEG"),
        ("../../etc/passwd", "image/png", "passwd.png"),
        ("C:\\files\\bay.png", "image/png", "bay.png"),
        ("page.html", "image/jpeg", "page.jpg"),
        ('a"b\r\nc.pdf', "application/pdf", 'a"bc.pdf'),
        ("", "image/jpeg", "photo.jpg"),
        ("", "", "file"),
        ("...", "text/vcard", "contact.vcf"),
    ],
)
def test_names_are_made_safe(name: str, content_type: str, safe: str) -> None:
    assert file_types.safe_name(name, content_type) == safe
