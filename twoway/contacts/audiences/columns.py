"""What may be asked of a contact, and where in the database each answer stands. The one place that says so.

Conversations, opt-outs and the consent ledger belong to packages above this one, so their tables are named here and not
imported. Only conversations that the actor may see count as facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twoway.contacts.fields.queries import PREFIX, condition_fields
from twoway.lib.conditions import Field
from twoway.lib.conditions_sql import Column, Params
from twoway.lib.words import noted, t
from twoway.teams.actor import Actor

CONSENT = (("in", noted("Agreed to texts")), ("out", noted("Opted out")), ("none", noted("Nothing on record")))
STANDING = (Field(key="consent", label="Consent", kind="choice"), Field(key="tag", label="Tags", kind="set"))
LANGUAGE, ZONE, CHANNEL, TAG = "language", "time_zone", "channel", "tag"

_DATE = (
    r"'^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$|^[0-9]{4}-(0[13-9]|1[0-2])-(29|30)$"
    r"|^[0-9]{4}-(0[13578]|1[02])-31$'"
)
_LEAP = r"'^(([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29$'"
_NUMBER = r"'^-?[0-9]{1,15}(\.[0-9]{1,6})?$'"


def fields_for(
    actor: Actor, *, tags: Sequence[tuple[str, str]] = (), channels: Sequence[tuple[str, str]] = ()
) -> dict[str, Field]:
    """What this actor may ask, by key. `tags` and `channels` are (id, name) of those they may see."""
    own = (
        Field(key="name", label=t("Name"), kind="text"),
        Field(
            key="consent", label=t("Consent"), kind="choice", choices=tuple((key, t(words)) for key, words in CONSENT)
        ),
        Field(key="blocked", label=t("Blocked"), kind="yes_no"),
        Field(key=CHANNEL, label=t("Has texted with"), kind="set", choices=tuple(channels)),
        Field(key=TAG, label=t("Tags"), kind="set", choices=tuple(tags)),
        Field(key="last_heard", label=t("Last heard from"), kind="moment"),
        Field(key="created", label=t("Added"), kind="moment"),
        Field(key=LANGUAGE, label=t("Language"), kind="text"),
        Field(key=ZONE, label=t("Time zone"), kind="text"),
    )
    return {field.key: field for field in own} | condition_fields(actor.workspace_id)


def columns_for(actor: Actor, fields: Mapping[str, Field]) -> dict[str, Column]:
    """The SQL of each field, for a table `contact c` and the parameter %(at)s."""
    return {key: _column(actor, field) for key, field in fields.items()}


def _column(actor: Actor, field: Field) -> Column:
    if field.key.startswith(PREFIX):
        return _property(field)
    return {
        "name": _fixed("CASE WHEN c.is_anonymous THEN '' ELSE c.name END"),
        "consent": _fixed(_CONSENT),
        "blocked": _fixed("(c.blocked_at IS NOT NULL AND (c.blocked_until IS NULL OR c.blocked_until > %(at)s))"),
        CHANNEL: _talks(actor, "v.channel_id::text"),
        TAG: _talks(actor, "t.tag_id::text", join="JOIN conversation_tag t ON t.conversation_id = v.id"),
        "last_heard": _talks(actor, "max(v.last_inbound_at)"),
        "created": _fixed("c.created_at"),
        LANGUAGE: _fixed("c.language"),
        ZONE: _fixed("c.time_zone"),
    }[field.key]


_OUT = """EXISTS (SELECT FROM identity i JOIN opt_out o ON o.identity_id = i.id
                  WHERE i.contact_id = c.id AND o.lifted_at IS NULL)"""
_AGREED = """EXISTS (SELECT FROM identity i JOIN consent_state s ON s.identity_id = i.id
                     WHERE i.contact_id = c.id AND s.change IN ('granted', 'confirmed')
                       AND (s.expires_at IS NULL OR s.expires_at > %(at)s))"""
_CONSENT = f"CASE WHEN {_OUT} THEN 'out' WHEN {_AGREED} THEN 'in' ELSE 'none' END"


def _fixed(sql: str) -> Column:
    return lambda _params: sql


def _talks(actor: Actor, what: str, *, join: str = "") -> Column:
    def column(params: Params) -> str:
        seen = ""
        if actor.sees_own_teams_only:
            teams, me = params.put(sorted(actor.team_ids)), params.put(actor.member_id or 0)
            seen = f" AND (v.team_id = ANY({teams}::bigint[]) OR v.assignee_id = {me}::bigint)"
        return f"SELECT {what} FROM conversation v {join} WHERE v.contact_id = c.id{seen}"  # noqa: S608 - of constants

    return column


def _property(field: Field) -> Column:
    """A property, only where it stands in the form of its kind: older free text is no value of it."""

    def column(params: Params) -> str:
        value = f"(c.properties ->> {params.put(field.key.removeprefix(PREFIX))}::text)"
        if field.kind == "number":
            return f"CASE WHEN {value} ~ {_NUMBER} THEN {value}::numeric END"
        if field.kind == "date":
            return f"CASE WHEN {value} ~ {_DATE} OR {value} ~ {_LEAP} THEN {value}::date END"
        if field.kind == "yes_no":
            return f"CASE {value} WHEN 'yes' THEN TRUE WHEN 'no' THEN FALSE END"
        return value

    return column
