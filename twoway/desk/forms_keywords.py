"""The forms of the keywords page."""

from __future__ import annotations

from django import forms

from twoway.desk.forms import DeskForm

FAMILIES = (("stop", "STOP: opts out"), ("start", "START: opts back in"), ("help", "HELP: is answered"))


class TryForm(DeskForm):
    """A text as a customer might write it."""

    text = forms.CharField(max_length=1600, label="A text", help_text="What a customer might write.")


class OwnWordForm(DeskForm):
    """A word of the workspace's own."""

    family = forms.ChoiceField(choices=FAMILIES, label="Means")
    word = forms.CharField(max_length=40, label="Word or phrase", help_text="Counts when it is the whole text.")
