"""Saved replies as a table: out as CSV, and in again from one, all rows or none."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.replies import queries
from twoway.replies.actions.saving import ReplyTerms, add_reply, change_reply
from twoway.replies.models import Kind, Reply, Scope
from twoway.teams.actor import Actor
from twoway.teams.queries import teams
from twoway.teams.rules import Right, require

COLUMNS = ("name", "word", "folder", "scope", "team", "kind", "body", "languages", "steps", "url", "uses", "archived")
MOST_ROWS = 5_000
MOST_BYTES = 5_000_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST_TOLD = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What became of a table: rows added and changed. With `problems` (a row's number and a sentence) nothing was."""

    added: int = 0
    changed: int = 0
    problems: tuple[tuple[int, str], ...] = ()


def export_replies(*, by: Actor, at: datetime) -> str:
    """Every reply this actor may see, archived ones too, as CSV with a heading line. It is audited."""
    require(by, Right.REPLY)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    rows = queries.visible_to(by).select_related("folder", "team").order_by("id")
    count = 0
    for one in rows.iterator(chunk_size=500):
        writer.writerow([_safe(value) for value in _cells(one)])
        count += 1
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="reply.exported",
        subject="saved replies",
        data={"replies": count},
        at=at,
    )
    return out.getvalue()


def _cells(one: Reply) -> list[str]:
    return [
        one.name,
        one.word,
        one.folder.name if one.folder else "",
        one.scope,
        one.team.name if one.team else "",
        one.kind,
        one.body,
        json.dumps(one.variants, ensure_ascii=False) if one.variants else "",
        "\n".join(one.steps),
        one.url,
        str(one.uses),
        "yes" if one.archived_at else "",
    ]


def _safe(value: str) -> str:
    """A cell no spreadsheet takes for a formula; `_read` takes the mark off again."""
    return f"'{value}" if value.startswith(_FORMULA) else value


@transaction.atomic
def import_replies(*, content: bytes, by: Actor, at: datetime) -> Imported:
    """Add the replies of a CSV with at least `name` and `body`, or change those of the same name and scope.

    Either every row is good and taken, or none is and `problems` says which rows are not. Raises `NotAllowed`,
    `Invalid` for what is no such table.
    """
    require(by, Right.REPLY)
    added = changed = 0
    problems: list[tuple[int, str]] = []
    by_team = {one.name.casefold(): one.pk for one in teams(by)}
    for number, row in _rows(content):
        try:
            with transaction.atomic():
                is_new = _take(row, by_team, by=by, at=at)
            added, changed = added + is_new, changed + (not is_new)
        except Refused as refused:
            problems.append((number, refused.sentence))
            if len(problems) >= _MOST_TOLD:
                break
    if problems:
        transaction.set_rollback(True)
        return Imported(problems=tuple(problems))
    return Imported(added=added, changed=changed)


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with their numbers, counted as a spreadsheet does. Raises `Invalid`."""
    if len(content) > MOST_BYTES:
        raise Invalid(t("Send at most {most} MB.", most=MOST_BYTES // 1000000), field="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(t("Save the file as CSV in UTF-8."), field="file") from None
    reader = csv.DictReader(io.StringIO(text.replace("\0", ""), newline=""))
    names = [(name or "").strip().lower() for name in reader.fieldnames or []]
    if "name" not in names or not {"body", "steps", "url"} & set(names):
        raise Invalid(t("The first line must name the columns: at least name and body."), field="file")
    reader.fieldnames = names
    try:
        for number, row in enumerate(reader, start=2):
            if number > MOST_ROWS + 1:
                raise Invalid(t("Send at most {most:,} rows.", most=MOST_ROWS), field="file")
            yield number, {key: _read(value) for key, value in row.items() if key and isinstance(value, str)}
    except csv.Error:
        raise Invalid(t("This isn't a table as CSV."), field="file") from None


def _read(value: str) -> str:
    return value[1:] if value.startswith("'") and value[1:].startswith(_FORMULA) else value


def _take(row: dict[str, str], by_team: dict[str, int], *, by: Actor, at: datetime) -> bool:
    """One row into a reply; whether it is new."""
    scope = row.get("scope", "").strip().lower() or Scope.OWN.value
    team = row.get("team", "").strip()
    if scope == Scope.TEAM and team.casefold() not in by_team:
        raise Invalid(t("There is no team called “{team}”.", team=team))
    terms = ReplyTerms(
        name=row.get("name", ""),
        word=row.get("word", ""),
        folder=row.get("folder", ""),
        scope=scope,
        team_id=by_team.get(team.casefold()) if scope == Scope.TEAM else None,
        kind=row.get("kind", "").strip().lower() or Kind.TEXT.value,
        body=row.get("body", ""),
        variants=_languages(row.get("languages", "")),
        steps=row.get("steps", "").splitlines(),
        url=row.get("url", ""),
    )
    name = " ".join(terms.name.split())
    same = queries.visible_to(by).filter(name__iexact=name, scope=scope, archived_at=None)
    known = next((one for one in same.order_by("id") if one.team_id == terms.team_id), None)
    if known is None:
        add_reply(terms=terms, by=by, at=at)
        return True
    change_reply(reply=known, terms=terms, by=by, at=at)
    return False


def _languages(told: str) -> dict[str, str]:
    if not told.strip():
        return {}
    try:
        found = json.loads(told)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise Invalid(t('Write languages as {"es": "Hola"}, or leave the column out.'))
    return found
