"""What a text means beside its words: a reaction to another one, a place, or that it is of another conversation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from twoway.conversations.queries import Note
from twoway.desk.builders import files
from twoway.desk.context.logs import PlaceCard, Reaction, Where
from twoway.lib.words import t
from twoway.messaging.queries import Message
from twoway.sms import places, tapbacks

NOWHERE: Mapping[int, Where] = MappingProxyType({})


class Marks:
    """The reactions among these texts, each with the text it is to, and where texts are from."""

    def __init__(self, messages: Sequence[Message] = (), elsewhere: Mapping[int, Where] = NOWHERE) -> None:
        self._elsewhere = elsewhere
        self._own: dict[int, Reaction] = {}
        self._on: dict[int, dict[str, Reaction]] = defaultdict(dict)
        for index, message in enumerate(messages):
            if message.direction == "in" and not message.media:
                self._take(message, messages[:index])

    def _take(self, message: Message, before: Sequence[Message]) -> None:
        """Put a reaction to the newest text it quotes; one that was taken back is no more on it."""
        tapback = tapbacks.read(message.body)
        if tapback is None:
            return
        for other in reversed(before):
            if other.conversation_id == message.conversation_id and _is_meant(tapback, other):
                words = _words(tapback, other)
                made = Reaction(sign=tapback.sign, words=words, raw=message.body, message_id=message.pk)
                self._own[message.pk] = made
                if tapback.is_removed:
                    self._on[other.pk].pop(tapback.sign, None)
                else:
                    self._on[other.pk] = {tapback.sign: made}
                return

    def where(self, row: Message | Note) -> Where | None:
        """The conversation a text or note is of, when it is not the open one."""
        return self._elsewhere.get(row.conversation_id)

    def reaction(self, message: Message) -> Reaction | None:
        """What the text says of another one, when that is all it says."""
        return self._own.get(message.pk)

    def reactions(self, message: Message) -> tuple[Reaction, ...]:
        """What they think of this text."""
        return tuple(self._on[message.pk].values()) if message.pk in self._on else ()


NO_MARKS = Marks()


def _is_meant(tapback: tapbacks.Tapback, other: Message) -> bool:
    if tapbacks.read(other.body) is not None and other.direction == "in":
        return False
    types = [str(one.get("content_type", "")) for one in other.media]
    return tapbacks.quotes(tapback, body=other.body, files=types)


def _words(tapback: tapbacks.Tapback, other: Message) -> str:
    if tapback.is_removed:
        return t("They took back a reaction")
    return t("They reacted to a text of ours") if other.direction == "out" else t("They reacted to a text of theirs")


def place_card(body: str) -> PlaceCard | None:
    """The card of a place that a text names."""
    if not any(char.isdigit() for char in body):
        return None
    found = places.find(body)
    if found is None:
        return None
    coordinates = f"{found.latitude:.5f}, {found.longitude:.5f}"
    return PlaceCard(
        words=found.name or t("Location"),
        coordinates=coordinates,
        map_url=files.map_url(found.latitude, found.longitude),
    )
