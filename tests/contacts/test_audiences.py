"""Filters over contacts: what the database finds is what a plain reading of each contact says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.consent.actions import grant
from twoway.compliance.models import OptOut
from twoway.contacts import actions as contacts
from twoway.contacts.audiences import actions, queries
from twoway.contacts.audiences.columns import fields_for
from twoway.contacts.audiences.queries import Wanted
from twoway.contacts.fields import actions as fields
from twoway.contacts.fields.actions import FieldWish
from twoway.contacts.models import Contact
from twoway.lib.conditions import OPS, Fact, Field, Group, holds, read, written
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.teams.models import Workspace

PLANS = ["Day", "Month", "Año"]
ZONE = "America/Los_Angeles"


@pytest.fixture
def world(workspace: Workspace, ana: Player, channel: Channel) -> dict[int, dict[str, Fact]]:
    """A dozen people and what is true of each, by the fields' keys."""
    for name, kind in (
        ("Plan", "choice"),
        ("Seats", "number"),
        ("Since", "date"),
        ("Member", "yes_no"),
        ("City", "text"),
    ):
        fields.add_field(wish=FieldWish(name=name, kind=kind, choices=PLANS), by=ana.actor, at=NOW)
    tags = [make.make_tag(workspace, word) for word in ("VIP", "Late")]
    told: dict[int, dict[str, Fact]] = {}
    for n in range(12):
        created = NOW - timedelta(days=n * 9, hours=n)
        contact = make.make_contact(
            workspace,
            at=created,
            name=["", "Dana Ünal", "LUIS o'Day", "100% sure_"][n % 4],
            language=["", "es", "en"][n % 3],
        )
        identity = make.make_identity(contact, at=created)
        facts: dict[str, Fact] = {"name": contact.name, "language": contact.language, "created": created}
        facts |= {"consent": "none", "blocked": False, "time_zone": "", "last_heard": None}
        facts |= {"tag": frozenset(), "channel": frozenset()}
        given_values = _properties(n, facts)
        contact.properties = given_values
        contact.save()
        if n % 2:
            talk = make.make_conversation(
                channel, at=NOW - timedelta(days=n * 5), identity=identity, tags=tags[: n % 3]
            )
            make.make_message(talk, at=NOW - timedelta(days=n * 5))
            facts["last_heard"] = NOW - timedelta(days=n * 5)
            facts["tag"] = frozenset(str(tag.pk) for tag in tags[: n % 3])
            facts["channel"] = frozenset({str(channel.pk)})
        if n in {3, 4}:
            OptOut.objects.create(
                workspace=workspace, identity=identity, channel=channel, source="keyword", opted_out_at=NOW
            )
            facts["consent"] = "out"
        elif n in {5, 6}:
            proof = {"note": "Paper form of March 1"}
            grant(identity=identity, purpose="all", method="paper", level="express", proof=proof, at=NOW, by=ana.actor)
            facts["consent"] = "in"
        if n == 7:
            contacts.block(contact=contact, by=ana.actor, at=NOW)
            facts["blocked"] = True
        if n == 8:
            contacts.block(contact=contact, by=ana.actor, at=NOW - timedelta(days=3), until=NOW - timedelta(days=1))
        told[contact.pk] = facts
    return told


def _properties(n: int, facts: dict[str, Fact]) -> dict[str, str]:
    """Properties in all states: there, missing, and older free text that is no value of its kind."""
    held: dict[str, str] = {}
    facts |= {f"property.{key}": None for key in ("plan", "seats", "since", "member", "city")}
    if n % 3:
        held["plan"] = PLANS[n % 3]
        facts["property.plan"] = PLANS[n % 3]
    if n % 4:
        held["seats"] = ["", "-1.5", "10", "many"][n % 4]
        facts["property.seats"] = None if n % 4 == 3 else Decimal(held["seats"])
    if n % 5:
        held["since"] = ["", "2026-02-11", "2024-02-29", "2026-02-30", "soon"][n % 5]
        facts["property.since"] = date.fromisoformat(held["since"]) if n % 5 < 3 else None
    if n % 2:
        held["member"] = ["no", "yes", "maybe"][n % 3]
        facts["property.member"] = {"no": False, "yes": True}.get(held["member"])
    if n % 6:
        held["city"] = ["", "Portland", "São Paulo", "PORT", "a%b_c", "x"][n % 6]
        facts["property.city"] = held["city"]
    return held


def fields_of(ana: Player, channel: Channel) -> dict[str, Field]:
    tags = [(str(tag.pk), tag.name) for tag in channel.workspace.tags.all()]
    return fields_for(ana.actor, tags=tags, channels=[(str(channel.pk), "Ours")])


def _value(draw: st.DrawFn, field: Field, shape: str) -> Any:
    days = st.dates(date(2025, 10, 1), date(2026, 4, 1)).map(date.isoformat)
    numbers = st.sampled_from(["-1.5", "0", "10", "11", 9.5])
    return draw(
        {
            "text": st.sampled_from(["dana", "ÜNAL", "port", "%", "_", "o'day", "es", "São", "x", "America"]),
            "texts": st.lists(
                st.sampled_from([value for value, _ in field.choices] or ["x"]), min_size=1, max_size=3, unique=True
            ),
            "number": numbers,
            "numbers": st.lists(numbers, min_size=2, max_size=2),
            "date": days,
            "dates": st.lists(days, min_size=2, max_size=2),
            "days": st.integers(1, 120),
        }[shape]
    )


@st.composite
def trees(draw: st.DrawFn, known: dict[str, Field], depth: int = 3) -> dict[str, Any]:
    """Any tree over these fields."""
    if depth > 1 and draw(st.booleans()):
        how = draw(st.sampled_from(["all", "any", "none"]))
        return {how: draw(st.lists(trees(known, depth - 1), max_size=3))}
    field = draw(st.sampled_from(list(known.values())))
    op = draw(st.sampled_from(list(OPS[field.kind])))
    rule = {"field": field.key, "is": op}
    shape = OPS[field.kind][op].shape
    return rule if shape == "none" else rule | {"value": _value(draw, field, shape)}


def wanted(known: dict[str, Field], tree: object, **more: Any) -> Wanted:
    clock = queries.clock_of(at=NOW, zone=ZONE)
    return Wanted(fields=known, clock=clock, conditions=read(tree, fields=known), region="US", **more)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_database_finds_whom_a_plain_reading_finds(
    data: st.DataObject, ana: Player, channel: Channel, world: dict[int, dict[str, Fact]]
) -> None:
    known = fields_of(ana, channel)
    asked = wanted(known, data.draw(trees(known)))
    assert read(written(asked.conditions), fields=known) == asked.conditions
    plain = [
        key
        for key, facts in world.items()
        if holds(asked.conditions, fact=facts.__getitem__, fields=known, clock=asked.clock)
    ]
    assert list(queries.ids(ana.actor, asked)) == plain
    assert queries.count(ana.actor, asked) == len(plain)


def pages(ana: Player, asked: Wanted) -> Iterator[list[int]]:
    cursor = ""
    while True:
        found = queries.page(ana.actor, asked, cursor=cursor, limit=5)
        yield [row.pk for row in found.rows]
        cursor = found.following
        if not cursor:
            return


@pytest.mark.parametrize("order", ["newest", "oldest", "name", "heard"])
def test_pages_hold_everybody_once_in_order(
    order: Any, ana: Player, channel: Channel, world: dict[int, dict[str, Fact]]
) -> None:
    asked = wanted(fields_of(ana, channel), {"all": []}, order=order)
    seen = [key for page in pages(ana, asked) for key in page]
    epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    keys = {
        "newest": lambda key: -key,
        "oldest": lambda key: key,
        "name": lambda key: (
            not world[key]["name"],
            str(world[key]["name"]).lower(),
            key if world[key]["name"] else -key,
        ),
        "heard": lambda key: (epoch - (world[key]["last_heard"] or epoch), -key),  # type: ignore[operator]
    }
    assert seen == sorted(world, key=keys[order])


@pytest.mark.parametrize(
    ("words", "city"), [("portl", "Portland"), ("PAULO", "São Paulo"), ("a%b", "a%b_c")], ids=["part", "case", "sign"]
)
def test_found_by_a_property(
    words: str, city: str, ana: Player, channel: Channel, world: dict[int, dict[str, Fact]]
) -> None:
    asked = wanted(fields_of(ana, channel), {"all": []}, words=words)
    assert list(queries.ids(ana.actor, asked)) == [
        key for key, facts in world.items() if facts["property.city"] == city
    ]


def test_who_sees_own_teams_only_finds_their_people(
    workspace: Workspace, channel: Channel, world: dict[int, dict[str, Fact]]
) -> None:
    team = make.make_team(workspace, "Desk", at=NOW)
    member = make.make_member(workspace, "Dora", at=NOW, teams=[team], sees_own_teams_only=True)
    dora = Player(member=member)
    talk = make.make_conversation(channel, at=NOW, messages=1, team=team, name="Mine")
    asked = wanted(fields_for(dora.actor), {"all": []})
    assert list(queries.ids(dora.actor, asked)) == [talk.contact_id]
    heard = {"field": "last_heard", "is": "set"}
    assert list(queries.ids(dora.actor, wanted(fields_for(dora.actor), heard))) == [talk.contact_id]


@pytest.mark.parametrize(
    "tree",
    [
        [],
        "all",
        {},
        {"all": [], "any": []},
        {"all": {}},
        {"field": "nothing", "is": "set"},
        {"field": "name", "is": "one_of", "value": ["x"]},
        {"field": "name", "is": "is"},
        {"field": "name", "is": "is", "value": "x" * 201},
        {"field": "consent", "is": "one_of", "value": ["maybe"]},
        {"field": "created", "is": "last_days", "value": 0},
        {"field": "created", "is": "on", "value": "2026-02-30"},
        {"field": "name", "is": "is", "value": "x", "sql": "1"},
        {"all": [{"any": [{"all": [{"any": [{"field": "name", "is": "set"}]}]}]}]},
        {"all": [{"field": "name", "is": "set"}] * 41},
    ],
)
def test_what_is_no_condition_is_refused_in_words(tree: object, ana: Player) -> None:
    with pytest.raises(Invalid) as refused:
        read(tree, fields=fields_for(ana.actor))
    assert refused.value.sentence.endswith(".")


def test_an_audience_is_kept_under_its_name(ana: Player, ben: Player, cleo: Player) -> None:
    known = fields_for(ana.actor)
    tree = {"any": [{"field": "language", "is": "is", "value": "es"}]}
    row = actions.save_audience(
        name=" Spanish ", conditions=read(tree, fields=known), fields=known, by=ben.actor, at=NOW
    )
    again = actions.save_audience(
        name="spanish", conditions=read(tree, fields=known), fields=known, by=ana.actor, at=NOW
    )
    assert (again.pk, [one.name for one in queries.audiences(ana.actor)], row.conditions) == (row.pk, ["spanish"], tree)
    with pytest.raises(NotFound):
        queries.access_audience(cleo.actor, row.pk)
    with pytest.raises(NotAllowed):
        actions.delete_audience(audience=row, by=cleo.actor, at=NOW)
    with pytest.raises(Invalid):
        actions.save_audience(name="All", conditions=Group("all"), fields=known, by=ana.actor, at=NOW)
    actions.delete_audience(audience=row, by=ana.actor, at=NOW)
    assert queries.audiences(ana.actor) == []


def test_merged_people_are_nobody(workspace: Workspace, ana: Player) -> None:
    kept, gone = (make.make_contact(workspace, at=NOW, name=name) for name in ("Dana", "Dana W."))
    Contact.objects.filter(id=gone.pk).update(merged_into=kept)
    asked = wanted(fields_for(ana.actor), {"all": []})
    assert list(queries.ids(ana.actor, asked)) == [kept.pk]
