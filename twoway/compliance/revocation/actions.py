"""Raising and settling doubts about a withdrawal, and a workspace's own keywords."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from twoway.channels.models import Channel
from twoway.compliance.actions import opt_out
from twoway.compliance.models import OptOut, Source
from twoway.compliance.quiet.laws import holiday
from twoway.compliance.revocation import rules
from twoway.compliance.revocation.models import Doubt, DoubtState, OwnWord
from twoway.compliance.revocation.queries import joined_alone
from twoway.contacts.models import Identity
from twoway.events.actions import audit, publish
from twoway.events.types import DoubtRaised, DoubtSettled
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.sms import keywords
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

FAMILIES = ("stop", "start", "help")
LONGEST_WORD = 40
MOST_WORDS = 200


@transaction.atomic
def raise_doubt(
    *, identity: Identity, channel: Channel, conversation_id: int, message_id: int, why: str, at: datetime
) -> Doubt | None:
    """Stop sends to this person until somebody has answered; None when they are stopped already.

    The identity is locked, so that no text can be claimed meanwhile. `due_at` is ten business days on, in the
    workspace's time zone (47 CFR 64.1200(a)(10)); the clock of a doubt that is open runs on.
    """
    Identity.objects.select_for_update(no_key=True).get(id=identity.pk)
    is_known = Doubt.objects.filter(identity=identity, state=DoubtState.OPEN).exists()
    if is_known or OptOut.objects.filter(identity=identity, channel=channel, lifted_at=None).exists():
        return None
    workspace = channel.workspace
    doubt = Doubt.objects.create(
        workspace=workspace,
        identity=identity,
        channel=channel,
        conversation_id=conversation_id,
        message_id=message_id,
        why=why[:120],
        opened_at=at,
        due_at=rules.due(at, zone=ZoneInfo(workspace.time_zone), is_holiday=_is_holiday),
    )
    publish(
        DoubtRaised(
            workspace_id=workspace.pk,
            conversation_id=conversation_id,
            contact_id=identity.contact_id,
            message_id=message_id,
            doubt_id=doubt.pk,
        ),
        at=at,
    )
    return doubt


def _is_holiday(day: date) -> bool:
    return bool(holiday(("US",), day))


@transaction.atomic
def settle(*, doubt: Doubt, wants_texts: bool, by: Actor, at: datetime, how: str = "") -> bool:
    """Answer a doubt; False when it was answered already.

    "No more texts" opts the person out, with their text as proof. `how` says what answered where no member did: their
    own reply, or the clock. Raises `NotAllowed`.
    """
    require(by, Right.REPLY)
    locked = Doubt.objects.select_for_update().select_related("identity", "channel").get(id=doubt.pk)
    if locked.state != DoubtState.OPEN:
        return False
    locked.state = DoubtState.KEPT if wants_texts else DoubtState.OUT
    locked.settled_at = at
    locked.settled_by = (how or by.name)[:120]
    locked.save(update_fields=["state", "settled_at", "settled_by"])
    publish(
        DoubtSettled(
            workspace_id=locked.workspace_id,
            conversation_id=locked.conversation_id,
            contact_id=locked.identity.contact_id,
            message_id=locked.message_id,
            member_id=by.member_id,
            doubt_id=locked.pk,
            answer=locked.state,
            by_name="" if by.kind == "system" else by.name,
        ),
        at=at,
    )
    audit(
        workspace_id=locked.workspace_id,
        actor=by.audit_name,
        action="revocation.settled",
        subject=f"contact {locked.identity.contact_id}",
        data={"doubt": locked.pk, "answer": locked.state, "how": how},
        at=at,
    )
    if not wants_texts:
        opt_out(
            identity=locked.identity,
            channel=locked.channel,
            source=Source.WORDS if by.kind == "system" else Source.MEMBER,
            message_id=locked.message_id,
            conversation_id=locked.conversation_id,
            note=f"Their text may have meant stop; {locked.settled_by}.",
            by=by,
            at=at,
        )
    return True


def mark_asked(*, doubt: Doubt, by: Actor, at: datetime) -> bool:
    """Note that the one neutral question went out; False when it had already."""
    require(by, Right.REPLY)
    return bool(Doubt.objects.filter(id=doubt.pk, state=DoubtState.OPEN, asked_at=None).update(asked_at=at))


@transaction.atomic
def add_word(*, family: str, word: str, by: Actor, at: datetime) -> OwnWord:
    """Add a word to a family.

    Raises `NotAllowed`, `Invalid` (what every phone and law knows is taken, and what alone joins a topic).
    """
    require(by, Right.MANAGE_COMPLIANCE)
    word, folded = " ".join(word.split()), keywords.folded(word)
    if family not in FAMILIES:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(FAMILIES)), field="family")
    if not folded or len(word) > LONGEST_WORD:
        raise Invalid(
            t("A word has letters or digits, and at most {most} characters.", most=LONGEST_WORD), field="word"
        )
    known = keywords.match(word)
    if known is not None:
        raise Invalid(
            t("{word} means {family} already, everywhere.", word=known.word, family=known.family), field="word"
        )
    Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)
    if label := joined_alone(by.workspace_id, folded):
        raise Invalid(t("This word alone joins the topic {label}. Change that first.", label=label), field="word")
    if OwnWord.objects.filter(workspace_id=by.workspace_id, folded=folded).exists():
        raise Invalid(t("This word is on your list already."), field="word")
    if OwnWord.objects.filter(workspace_id=by.workspace_id).count() >= MOST_WORDS:
        raise Invalid(t("A workspace has at most {most} words of its own.", most=MOST_WORDS), field="word")
    row = OwnWord.objects.create(workspace_id=by.workspace_id, family=family, word=word, folded=folded, created_at=at)
    _audit_word("keyword.added", row, by, at)
    return row


@transaction.atomic
def remove_word(*, word: OwnWord, by: Actor, at: datetime) -> None:
    """Take back a word of the workspace's own; the others are the law's. Raises `NotAllowed`."""
    require(by, Right.MANAGE_COMPLIANCE)
    _audit_word("keyword.removed", word, by, at)
    word.delete()


def _audit_word(action: str, word: OwnWord, by: Actor, at: datetime) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=word.word,
        data={"family": word.family},
        at=at,
    )
