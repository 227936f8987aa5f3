"""Every source of an opt-out has its method in the ledger, its words on the pages, and comes back after erasure."""

from __future__ import annotations

from typing import get_args

import pytest

from tests import make
from tests.cast import NOW
from twoway.api.shapes_consent import ConsentItem
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.consent.models import ConsentEntry, Method
from twoway.compliance.models import OptOut, Source
from twoway.compliance.opting import METHODS
from twoway.desk.builders import consents
from twoway.teams.actor import system


@pytest.mark.parametrize("source", Source.values)
def test_each_source(channel: Channel, source: str) -> None:
    person = make.make_contact(channel.workspace, at=NOW)
    dana = make.make_identity(person, at=NOW)
    by = system(channel.workspace_id)
    (row,) = compliance.opt_out(identity=dana, channel=channel, source=source, at=NOW, by=by)
    entry = ConsentEntry.objects.get()
    assert entry.method == METHODS[source]
    assert entry.method in Method.values
    assert consents.how_words(entry, region="US", channels={channel.pk: channel})
    assert consents.opt_out_row(row, to=by, region="US", may_lift=True).how
    assert source in get_args(ConsentItem.model_fields["source"].annotation.__args__[0])  # type: ignore[union-attr]
    dana.delete()
    make.make_identity(person, at=NOW, value=dana.value)
    assert OptOut.objects.get().source == source
