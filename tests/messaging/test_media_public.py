"""The public address of a file, as carriers and customers ask for it: on the running web process, without cookies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import make, pictures
from tests.conftest import NOW, Player
from tests.messaging.serving import PATIENCE, Site, site
from twoway.channels.models import Channel
from twoway.messaging.media import actions, addresses, sending
from twoway.messaging.models import MediaFile

pytestmark = pytest.mark.django_db(transaction=True)
DATA = pictures.picture(700, 500)


@pytest.fixture
def row(ana: Player, channel: Channel, tmp_path: Path) -> MediaFile:
    path = tmp_path / "upload"
    path.write_bytes(DATA)
    talk = make.make_conversation(channel, at=NOW, messages=1)
    return actions.add_upload(conversation=talk, path=path, name="bay one.jpg", by=ana.actor, at=NOW)


def ask(running: Site, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    line = HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE)
    try:
        line.request(method, path, headers=headers)
        answer = line.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        line.close()


def test_a_carrier_fetches_it_with_get_and_head(row: MediaFile) -> None:
    url = sending.carrier_url(row.pk, "whole", name=row.name, at=datetime.now(UTC))
    path = urlsplit(url).path
    assert path.endswith("/bay%20one.jpg")
    with site() as running:
        status, headers, body = ask(running, "HEAD", path)
        assert (status, body) == (200, b"")
        assert (headers["content-type"], headers["content-length"]) == ("image/jpeg", str(len(DATA)))
        status, headers, body = ask(running, "GET", path)
        assert (status, body) == (200, DATA)
        assert (headers["content-type"], headers["content-length"]) == ("image/jpeg", str(len(DATA)))
        assert "transfer-encoding" not in headers
        assert "set-cookie" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in headers["content-security-policy"]
        status, headers, body = ask(running, "GET", path, Range="bytes=0-99")
        assert (status, body) == (206, DATA[:100])
        status, _, body = ask(running, "GET", path, **{"If-None-Match": headers["etag"]})
        assert (status, body) == (304, b"")
        assert ask(running, "POST", path)[0] == 405


def test_nothing_else_is_there(row: MediaFile) -> None:
    now = datetime.now(UTC)
    token = addresses.issue(row.pk, copy="whole", audience="public", good_until=now - timedelta(hours=2))
    desk = addresses.desk_token(row.pk, copy="whole", at=now)
    missing = addresses.issue(row.pk + 999, copy="whole", audience="public", good_until=now + timedelta(hours=2))
    absent = addresses.issue(row.pk, copy="sent", audience="public", good_until=now + timedelta(hours=2))
    with site() as running:
        status, headers, body = ask(running, "GET", f"/m/{token}")
        assert (status, headers["cache-control"]) == (410, "no-store")
        assert body == b"This link has expired. Ask for a new one.\n"
        for wrong in (desk, missing, absent, "A" * 30, "..%2f..%2fetc", ""):
            assert ask(running, "GET", f"/m/{wrong}")[0] == 404
