"""What /metrics says about the intake of the process that answers."""

from __future__ import annotations

import os
import re
from http.client import HTTPConnection

import pytest
from pytest_django import Settings

from tests.messaging import hands
from tests.messaging.serving import Site, site
from twoway.ops import measures
from twoway.providers.base import RawRequest
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def figures(running: Site) -> dict[str, tuple[str, float]]:
    """Kind and value of each metric of the intake."""
    status, body = running.ask("GET", "/metrics")
    assert status == 200
    text = body.decode()
    kinds = dict(re.findall(r"# TYPE (twoway_intake_\w+) (\w+)", text))
    values = re.findall(rf'(twoway_intake_\w+)\{{process="{os.getpid()}"\}} (\d+)', text)
    return {name: (kinds[name], float(value)) for name, value in values}


def post(running: Site, request: RawRequest) -> int:
    line = HTTPConnection("127.0.0.1", running.port, timeout=60)
    line.request("POST", request.url.removeprefix("http://127.0.0.1:8000"), request.body, dict(request.headers))
    status = line.getresponse().status
    line.close()
    return status


def test_the_intake_of_a_process_is_counted(workspace: Workspace, settings: Settings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    channel = hands.twilio_channel(workspace)
    with site() as running:
        for n in range(3):
            assert post(running, hands.webhook(channel, hands.text(channel, f"text {n}"))) == 200
        assert figures(running) == {
            "twoway_intake_stored_total": ("counter", 3.0),
            "twoway_intake_refused_total": ("counter", 0.0),
            "twoway_intake_waiting": ("gauge", 0.0),
        }
        running.application.intake.close()
        assert post(running, hands.webhook(channel, hands.text(channel, "too late"))) == 503
        assert figures(running)["twoway_intake_refused_total"] == ("counter", 1.0)
    assert running.application.figures not in measures.sources
