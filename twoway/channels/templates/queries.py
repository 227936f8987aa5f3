"""Reading templates, and asking a provider for them."""

from __future__ import annotations

from twoway.channels.models import Channel, Template
from twoway.channels.queries import account, provider_of
from twoway.channels.templates import rules
from twoway.lib.refusal import NotFound, Refused
from twoway.lib.sealing import WrongKey
from twoway.lib.words import t
from twoway.providers import http
from twoway.providers.base import SendError
from twoway.providers.templates import ListedTemplate

__all__ = ["Template", "access_template", "can_fetch", "fetch", "sendable", "templates_of", "words_of"]

MOST_PAGES = 50


def templates_of(channel: Channel) -> list[Template]:
    """Every template of a number, those that can be sent first, by name and language."""
    found = Template.objects.filter(channel=channel).order_by("name", "language")
    return sorted(found, key=lambda one: not rules.can_be_sent(status=one.status, why_not=one.why_not))


def sendable(channel: Channel) -> list[Template]:
    """The templates of a number that can be sent now, by name and language."""
    return list(Template.objects.filter(channel=channel, status="approved", why_not="").order_by("name", "language"))


def access_template(channel: Channel, *, name: str, language: str) -> Template:
    """The template of this name and language. Raises `NotFound`; the caller may use the channel."""
    found = Template.objects.filter(channel=channel, name=name, language=language).first()
    if found is None:
        raise NotFound("template", f"{name} ({language})")
    return found


def words_of(template: Template) -> rules.Words:
    """The texts and places of a template, as the rules take them."""
    return rules.Words(
        header=template.header, body=template.body, footer=template.footer, places=tuple(template.places)
    )


def can_fetch(channel: Channel) -> bool:
    """Whether the provider of this number has a list of templates."""
    return channel.kind == "whatsapp" and channel.is_active


def fetch(channel: Channel) -> list[ListedTemplate]:
    """Ask the provider for every template of a number's account. Raises `Refused`. Not in a transaction."""
    adapter = provider_of(channel.provider)
    if not can_fetch(channel):
        raise Refused(t("Only a WhatsApp number that is switched on has templates."), code="no_templates")
    try:
        ours = account(channel)
        found: list[ListedTemplate] = []
        cursor = ""
        for _ in range(MOST_PAGES):
            request = adapter.list_templates(ours, cursor=cursor)
            if request is None:
                raise Refused(t("{name} has no list of templates.", name=adapter.name), code="no_templates")
            page = adapter.read_templates(http.call_sync(request))
            found += page.items
            cursor = page.cursor
            if not cursor:
                return found
        return found
    except WrongKey as error:
        raise Refused(t(str(error)), code="config") from None
    except SendError as error:
        detail = t(error.detail or error.for_agent)
        raise Refused(
            t("{name} can't be asked for its templates: {detail}", name=adapter.name, detail=detail), code=error.code
        ) from None
