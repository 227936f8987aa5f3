"""What the screens of the inbox read, each in as few queries as it takes, put into the records of `desk.context`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from twoway.channels.queries import Channel
from twoway.compliance import queries as compliance
from twoway.compliance.consent.queries import states_of
from twoway.compliance.deciding.rules import is_exchange
from twoway.compliance.purposes import queries as purposes
from twoway.compliance.purposes.rules import called
from twoway.compliance.quiet import queries as quiet
from twoway.compliance.revocation.queries import open_doubt_of
from twoway.compliance.rules import Purpose, consent_state, needs_template, refusal
from twoway.contacts import queries as contacts
from twoway.contacts.fields.queries import usual
from twoway.contacts.outside.queries import latest
from twoway.conversations import queries as conversations
from twoway.conversations.effort.queries import is_measured
from twoway.conversations.queries import Conversation, Counts, Draft, Episode, ListItem, Totals
from twoway.conversations.rules import View
from twoway.conversations.together.queries import handover_for
from twoway.conversations.views import queries as habits
from twoway.desk import queues_shown, stretches
from twoway.desk.builders import clocks, composers, files, handovers, later, lists, panels, threads
from twoway.desk.builders.calls import why_no_call
from twoway.desk.builders.composers import Standing
from twoway.desk.builders.lists import Names
from twoway.desk.builders.panels import About
from twoway.desk.builders.threads import Reader, Stretch
from twoway.desk.context import (
    Attached,
    Composer,
    ConsentState,
    ContactPanel,
    ConversationList,
    InboxPage,
    ListRow,
    LogItem,
    Thread,
    ThreadHead,
    ViewsColumn,
)
from twoway.desk.context.later import LaterStrip
from twoway.desk.inbox_frame import Asked
from twoway.desk.reply_refusals import request_refusal
from twoway.desk.stretches import Scope
from twoway.messaging import overtaking, pooling
from twoway.messaging import queries as messaging
from twoway.messaging.beside import Beside, beside
from twoway.messaging.cost import queries as costs
from twoway.messaging.cost.queries import Quote
from twoway.messaging.media import queries as media
from twoway.messaging.pooling import Sender
from twoway.messaging.scheduling import queries as scheduling
from twoway.sla.queries import Clock, clocks_of
from twoway.teams import queries as teams
from twoway.teams.rules import Right, may

PAGE = 50
TAIL = 30


# The list ---------------------------------------------------------------------------------------------------------


def inbox_page(
    asked: Asked, *, cursor: str = "", thread: Thread | None = None, panel: ContactPanel | None = None
) -> InboxPage:
    """Views column and list, with the open conversation beside them."""
    counts = conversations.counts(asked.actor)
    names = names_of(asked, has_queues=bool(counts.queues))
    page, problem = _page(asked, cursor)
    totals, waiting = totals_of(asked, counts)
    listed = lists.conversation_list(
        asked.view,
        totals=totals,
        waiting=waiting,
        rows=rows_of(asked, page.rows, has_queues=bool(counts.queues)),
        names=names,
        following=page.next,
        folded=asked.habit().folded,
        problem=problem,
        has_next=bool(counts.queues) and asked.may_reply,
    )
    views = lists.views_column(counts, current=asked.view, names=names)
    return InboxPage(views=views, list=listed, thread=thread, panel=panel, is_timed=is_measured(asked.actor))


def _page(asked: Asked, cursor: str) -> tuple[conversations.Page, str]:
    """The rows, or none and why: a view that looks through too much says so in its place."""
    try:
        return conversations.page(asked.actor, asked.view, cursor=cursor, limit=PAGE, channels=asked.channels), ""
    except conversations.TooSlow as slow:
        return conversations.Page(rows=(), next=""), slow.sentence


def names_of(asked: Asked, *, has_queues: bool = False) -> Names:
    """What the channels, teams and queues of the views column are called."""
    return lists.names_of(
        asked.channels,
        teams.own_teams(asked.actor).values_list("id", "name"),
        habits.pinned_views(asked.actor),
        queues=queues_shown.names(asked.actor) if has_queues else (),
        region=asked.region,
    )


def totals_of(asked: Asked, counts: Counts) -> tuple[Totals, int]:
    """The sizes of the view's groups, and how many of its open ones wait for us."""
    view = asked.view
    totals = conversations.totals(asked.actor, view)
    if view.status != "done" or not view.has_status or view.is_searched:
        return totals, totals.reply
    return totals, conversations.totals(asked.actor, replace(view, status="waiting")).reply


def list_numbers(asked: Asked) -> tuple[ViewsColumn, ConversationList]:
    """The counts of the views column and the sizes in the list's head: what every change may have moved."""
    counts = conversations.counts(asked.actor)
    totals, waiting = totals_of(asked, counts)
    has_next = bool(counts.queues) and asked.may_reply
    head = lists.conversation_list(asked.view, totals=totals, waiting=waiting, has_next=has_next)
    return lists.views_column(counts), head


def rows_of(asked: Asked, items: Iterable[ListItem], *, has_queues: bool) -> tuple[ListRow, ...]:
    """Rows with how consent stands for each, the clock that is most urgent, and the queue where there are queues: one
    query each for all."""
    found = list(items)
    states = compliance.consent_states(
        (item.conversation.identity_id, item.conversation.channel_id, item.conversation.last_inbound_id is not None)
        for item in found
    )
    clocks = clocks_of([item.conversation.pk for item in found], asked.now) if found else {}
    rows = tuple(
        row_of(
            asked,
            item,
            consent=states[item.conversation.identity_id, item.conversation.channel_id],
            clock=clocks.get(item.conversation.pk),
        )
        for item in found
    )
    return queues_shown.marked(rows) if has_queues else rows


def row_of(asked: Asked, item: ListItem, *, consent: ConsentState, clock: Clock | None = None) -> ListRow:
    """One row."""
    return lists.row(
        item,
        view=asked.view,
        actor=asked.actor,
        region=asked.region,
        consent=consent,
        is_current=item.conversation.pk == asked.open_id,
        clock=clock,
    )


def own_row(
    asked: Asked,
    conversation: Conversation,
    *,
    consent: ConsentState,
    read_id: int | None = None,
    clock: Clock | None = None,
) -> ListRow | None:
    """The row of a loaded conversation, or None when it is not in the view on screen."""
    if read_id is None:
        read_id = conversations.read_ids(asked.actor, [conversation.pk]).get(conversation.pk, 0)
    item = conversations.item_in_view(asked.actor, asked.view, conversation, read_id=read_id)
    return queues_shown.marked([row_of(asked, item, consent=consent, clock=clock)])[0] if item else None


# The thread -------------------------------------------------------------------------------------------------------


_VIEWS = {"snoozed": View(box="snoozed"), "done": View(box="done")}


def view_around(conversation: Conversation) -> View:
    """The list shown beside a conversation that was opened by its address."""
    return _VIEWS.get(conversation.state, View(box="open"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A conversation with what its panes share."""

    conversation: Conversation
    standing: Standing
    episodes: tuple[Episode, ...]
    sender: Sender
    beside: Beside
    clock: Clock | None = None


def opened(asked: Asked, conversation: Conversation, *, around: Beside | None = None) -> Opened:
    """What head, log, composer and panel all need, read once; `around` when it is known already."""
    around = around or beside(asked.actor, conversation)
    sender = pooling.sender_of(conversation, at=asked.now)
    facts = compliance.send_facts(
        identity_id=conversation.identity_id,
        channel_id=sender.channel.pk,
        purpose=Purpose.REPLY.value,
        author="member",
    )
    closed = needs_template(conversation.channel.kind, last_inbound_at=conversation.last_inbound_at, at=asked.now)
    facts = replace(facts, needs_template=closed)
    ledger = compliance.ledger_of_contact(conversation.contact_id) if around.has_opt_outs else []
    has_written = conversation.last_inbound_id is not None
    if facts.is_opted_out or has_written or not ledger:
        consent = consent_state(is_opted_out=facts.is_opted_out, has_lifted=False, has_written=has_written)
    else:
        consent = compliance.consent_state_of(identity=conversation.identity, channel=conversation.channel)
    why_not = refusal(facts) or (request_refusal(conversation, sender, at=asked.now) if facts.is_reply_only else None)
    doubt = open_doubt_of(conversation.identity_id) if facts.is_in_doubt and why_not is None else None
    standing = Standing(consent=consent, refusal=why_not, opt_outs=ledger, doubt=doubt)
    episodes = tuple(conversations.episodes(conversation)) if conversation.episode > 1 else ()
    return Opened(
        conversation=conversation,
        standing=standing,
        episodes=episodes,
        sender=sender,
        beside=around,
        clock=clocks_of([conversation.pk], asked.now).get(conversation.pk),
    )


def thread_of(asked: Asked, found: Opened) -> Thread:
    """The middle pane with the newest page of the log."""
    stretch = stretch_of(found, limit=PAGE)
    return thread_at(asked, found, stretch)


def thread_at(asked: Asked, found: Opened, stretch: Stretch, *, target_id: int = 0, shows_all: bool = False) -> Thread:
    """The middle pane with a stretch of the log, and the text to show first."""
    return Thread(
        head=head_of(asked, found),
        items=items_of(asked, stretch, found),
        composer=composer_of(asked, found),
        earlier=stretch.earlier,
        newer=stretch.newer,
        target_id=target_id,
        shows_all=shows_all,
        others=tuple(stretch.elsewhere.values()),
        later=later_of(asked, found),
    )


def later_of(asked: Asked, found: Opened) -> LaterStrip:
    """What is scheduled; where the customer is, is asked only when something is."""
    conversation = found.conversation
    rows = scheduling.shown(conversation) if found.beside.has_scheduled else []
    clock = later.clocks(
        quiet.identity_facts(conversation.identity_id, at=asked.now) if rows else None,
        known=conversation.contact.time_zone,
    )
    return later.strip(rows, conversation, clock=clock, now=asked.now, may_change=asked.may_reply)


def head_of(asked: Asked, found: Opened) -> ThreadHead:
    """The bar above the log."""
    consent = found.standing.consent
    head = threads.head(found.conversation, region=asked.region, to=asked.actor, consent=consent, clock=found.clock)
    why = why_no_call(found.conversation, by=asked.actor)
    handover = handover_for(asked.actor, found.conversation)
    head = replace(head, can_call=not why, call_why=why, handover=handovers.card(handover) if handover else None)
    return queues_shown.headed(asked, found.conversation, found.beside, head)


def items_of(asked: Asked, stretch: Stretch, found: Opened) -> tuple[LogItem, ...]:
    """A stretch of the log."""
    may_reply = asked.may_reply and found.standing.refusal is None
    held = composers.held_words(found.standing.refusal)
    reader = Reader(
        member_id=asked.actor.member_id,
        now=asked.now,
        may_reply=may_reply,
        held=held,
        team_ids=asked.actor.team_ids,
        may_call=may(asked.actor, Right.CALL),
    )
    return threads.log(stretch, reader=reader)


def composer_of(asked: Asked, found: Opened) -> Composer:
    """The reply form with this member's draft and a fresh key."""
    has_draft = asked.may_reply and found.beside.has_draft
    draft = conversations.draft_of(asked.actor, found.conversation) if has_draft else None
    seen_id = _seen_id(asked, found.conversation, draft)
    return composers.composer(
        found.conversation,
        standing=found.standing,
        region=asked.region,
        to=asked.actor,
        key=secrets.token_hex(16),
        now=asked.now,
        may_reply=asked.may_reply,
        draft=draft,
        files=_files_of(asked, found),
        quote=quote_of(asked, found.conversation, found.sender.channel, has_own=found.beside.has_own_prices),
        sender=found.sender,
        quiet=_quiet_of(asked, found) if asked.may_reply else "",
        seen_id=seen_id,
        news=_news_of(asked, found.conversation, seen_id),
    )


def _seen_id(asked: Asked, conversation: Conversation, draft: Draft | None) -> int | None:
    """The newest text this member had seen when they began what they write, here or on another device."""
    if asked.seen_id is not None and asked.open_id == conversation.pk:
        return asked.seen_id
    return draft.seen_id if draft is not None and not draft.is_note else None


def _news_of(asked: Asked, conversation: Conversation, seen_id: int | None) -> Sequence[messaging.Message]:
    """What came since; one statement, and only when something did."""
    if seen_id is None or (conversation.last_message_id or 0) <= seen_id:
        return ()
    return overtaking.news(conversation.pk, seen_id=seen_id, by=asked.actor)


def _quiet_of(asked: Asked, found: Opened) -> str:
    """What the composer says of the customer's clock; one statement."""
    conversation = found.conversation
    facts = quiet.identity_facts(conversation.identity_id, at=asked.now)
    if facts is None:
        return ""
    is_reply = is_exchange(conversation.last_inbound_at, at=asked.now)
    is_held = not is_reply and found.beside.first_needs_consent
    return clocks.quiet_words(facts, is_reply=is_reply, is_held=is_held, now=asked.now)


def quote_of(asked: Asked, conversation: Conversation, channel: Channel, *, has_own: bool = True) -> Quote:
    """What a text to this person costs from this number. `has_own` is false where only list prices are known."""
    return costs.quote(
        channel,
        recipient=conversation.identity.value,
        region=asked.region,
        time_zone=asked.time_zone,
        at=asked.now,
        has_own=has_own,
    )


def _files_of(asked: Asked, found: Opened) -> Attached:
    """What this member has put beside their draft."""
    has_files = asked.may_reply and found.beside.has_files
    rows = media.drafts(asked.actor, found.conversation.pk) if has_files else ()
    return files.attached(rows, conversation=found.conversation, at=asked.now)


def panel_of(asked: Asked, found: Opened) -> ContactPanel:
    """The right pane."""
    conversation = found.conversation
    held = contacts.identities(conversation.contact)
    there = found.beside
    states = states_of([one.pk for one in held]) if there.has_consent else []
    about = About(
        identities=held,
        fields=usual(conversation.workspace_id, is_defined=there.has_fields),
        outside=latest(conversation.contact, limit=6) if there.has_outside else (),
        states=states,
        labels={slug: called(rule) for slug, rule in purposes.rules_of(conversation.workspace_id).items()}
        if states
        else {},
        may_manage=may(asked.actor, Right.MANAGE_CONTACTS),
        notes=contacts.notes(conversation.contact) if there.has_contact_notes else (),
        others=conversations.conversations_of(asked.actor, conversation.contact_id) if there.has_others else (),
        episodes=found.episodes,
        cost=costs.conversation_total(conversation),
    )
    return panels.panel(
        conversation,
        about,
        standing=found.standing,
        region=asked.region,
        to=asked.actor,
        now=asked.now,
        may_block=asked.may_reply,
    )


def stretch_of(found: Opened, *, limit: int, since: datetime | None = None) -> Stretch:
    """The newest `limit` texts, or so many more that nothing since `since` is left out, with what is between them."""
    scope = Scope(conversation=found.conversation, episodes=found.episodes, now=timezone.now())
    return stretches.before(scope, limit=limit, since=since)
