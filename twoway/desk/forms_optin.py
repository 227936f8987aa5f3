"""The forms of the opt-in page: topics, forms people fill in, answers to HELP, and imports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy

from twoway.compliance.optin.forms.rules import DISCLOSURE, Box, Wording
from twoway.compliance.optin.queries import Topic
from twoway.desk.forms import DeskForm
from twoway.lib.words import t


class TopicForm(DeskForm):
    """A topic people join by text."""

    label = forms.CharField(
        max_length=60,
        label=gettext_lazy("What people get"),
        help_text=gettext_lazy("As in “You're signed up for Order updates”."),
    )
    keyword = forms.CharField(
        max_length=20,
        label=gettext_lazy("Keyword"),
        help_text=gettext_lazy("Letters and digits. People text JOIN and this word, and LEAVE to go."),
    )
    purpose = forms.ChoiceField(label=gettext_lazy("What these texts are for"))
    channels = forms.TypedMultipleChoiceField(
        coerce=int, label=gettext_lazy("Numbers"), widget=forms.CheckboxSelectMultiple
    )
    description = forms.CharField(max_length=300, required=False, label=gettext_lazy("In a sentence"))
    frequency = forms.CharField(
        max_length=80,
        required=False,
        label=gettext_lazy("How often"),
        help_text=gettext_lazy("Such as “About 4 a month”. Empty: it varies."),
    )
    is_double = forms.BooleanField(
        required=False,
        label=gettext_lazy("Ask first: they reply YES"),
        help_text=gettext_lazy("The text names you, the texts, how often, and STOP."),
    )
    takes_bare = forms.BooleanField(required=False, label=gettext_lazy("The keyword alone joins too"))
    welcome = forms.CharField(
        max_length=320,
        required=False,
        label=gettext_lazy("Welcome text"),
        widget=forms.Textarea,
        help_text=gettext_lazy(
            "Empty: Twoway's own, with everything carriers ask for. {business} and {program} are filled in."
        ),
    )

    def __init__(
        self, *args: Any, purposes: Sequence[tuple[str, str]], channels: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = purposes  # type: ignore[attr-defined]
        self.fields["channels"].choices = channels  # type: ignore[attr-defined]


class HelpForm(DeskForm):
    """What one number answers to HELP."""

    help_text = forms.CharField(
        max_length=480,
        required=False,
        label=gettext_lazy("Answer to HELP"),
        widget=forms.Textarea,
        help_text=gettext_lazy("Empty: the workspace's answer. {business} and {program} are filled in."),
    )


@dataclass(frozen=True, slots=True)
class BoxFields:
    """One topic in the form that makes a form: whether it is offered, and the words beside its box."""

    topic: Topic
    on: BoundField
    label: BoundField
    about: BoundField


class OptInForm(DeskForm):
    """A form people fill in."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name"), help_text=gettext_lazy("For your team only."))
    slug = forms.CharField(
        max_length=40,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("The end of its link, such as alder-street."),
    )
    channel = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Number that texts them"))
    title = forms.CharField(max_length=80, label=gettext_lazy("Heading"), initial="Text us like you'd text a friend")
    lede = forms.CharField(
        max_length=300, required=False, label=gettext_lazy("A sentence below it"), widget=forms.Textarea
    )
    disclosure = forms.CharField(
        max_length=2000, label=gettext_lazy("Disclosure"), widget=forms.Textarea(attrs={"rows": 6}), initial=DISCLOSURE
    )
    terms_url = forms.CharField(max_length=300, required=False, label=gettext_lazy("Link to your terms"))
    privacy_url = forms.CharField(max_length=300, required=False, label=gettext_lazy("Link to your privacy policy"))
    countries = forms.CharField(
        max_length=80, label=gettext_lazy("Countries"), help_text=gettext_lazy("Two letters each, such as US, CA.")
    )
    origins = forms.CharField(
        max_length=2000,
        required=False,
        label=gettext_lazy("Sites that may show it in a frame"),
        widget=forms.Textarea,
        help_text=gettext_lazy("One a line, such as https://www.example.com."),
    )

    def __init__(
        self,
        *args: Any,
        topics: Iterable[Topic],
        channels: Sequence[tuple[int, str]],
        shown: Wording | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = channels  # type: ignore[attr-defined]
        self._topics = list(topics)
        boxes = {box.topic_id: box for box in shown.boxes} if shown else {}
        for topic in self._topics:
            box = boxes.get(topic.id)
            about = " ".join(words for words in (topic.description, topic.frequency) if words)
            self.fields[f"on_{topic.id}"] = forms.BooleanField(
                required=False, label=t("Offer {label}", label=topic.label), initial=box is not None
            )
            self.fields[f"label_{topic.id}"] = forms.CharField(
                required=False,
                max_length=120,
                label=t("Words beside the box"),
                initial=box.label if box else f"Text me about {topic.label}",
            )
            self.fields[f"about_{topic.id}"] = forms.CharField(
                required=False, max_length=300, label=t("Smaller words"), initial=box.description if box else about
            )

    @property
    def box_rows(self) -> list[BoxFields]:
        """The fields of each topic, together."""
        return [
            BoxFields(topic, self[f"on_{topic.id}"], self[f"label_{topic.id}"], self[f"about_{topic.id}"])
            for topic in self._topics
        ]

    def wording(self) -> Wording:
        """The words as they were typed."""
        given = self.cleaned_data
        boxes = tuple(
            Box(
                topic_id=topic.id,
                label=" ".join(given[f"label_{topic.id}"].split()) or topic.label,
                description=" ".join(given[f"about_{topic.id}"].split()),
            )
            for topic in self._topics
            if given[f"on_{topic.id}"]
        )
        return Wording(
            title=given["title"],
            lede=given["lede"],
            boxes=boxes,
            disclosure=given["disclosure"].replace("\r\n", "\n"),
            terms_url=given["terms_url"],
            privacy_url=given["privacy_url"],
        )
