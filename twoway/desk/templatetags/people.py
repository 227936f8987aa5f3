"""Teammates as the chips avatars are drawn from."""

from __future__ import annotations

from typing import Protocol

from django import template

from twoway.desk.context import MemberChip, hue_of

register = template.Library()


class Named(Protocol):
    """A row with an id and a name: a member."""

    @property
    def pk(self) -> int: ...


@register.filter
def chip(member: Named) -> MemberChip:
    """The chip of a member."""
    name = str(member)
    return MemberChip(id=member.pk, name=name, short=name.split()[0] if name.split() else name, hue=hue_of(member.pk))
