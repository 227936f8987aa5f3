"""Publishing forms, keeping what was sent with one, and counting who tries how often."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from twoway.channels.models import Channel
from twoway.compliance.optin.actions import Source
from twoway.compliance.optin.forms import rules
from twoway.compliance.optin.forms.queries import latest, wording_of
from twoway.compliance.optin.forms.rules import Limit, Wording
from twoway.compliance.optin.models import Form, FormVersion, Submission, Tally, Topic
from twoway.contacts.models import Identity
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

MOST_FORMS = 50

COUNT = """
    INSERT INTO optin_tally AS t (key, "window", count) VALUES (%(key)s, %(window)s, 1)
    ON CONFLICT (key, "window") DO UPDATE SET count = least(t.count + 1, 1000000)
    RETURNING count
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class FormWish:
    """A form as somebody wants it. `origins` are sites, one a line; `countries` two-letter codes."""

    name: str
    slug: str
    channel_id: int
    wording: Wording
    origins: str = ""
    countries: str = "US"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A form somebody sent: the version they read, what they ticked, and where from."""

    version: FormVersion
    topic_ids: tuple[int, ...]
    address: str = ""
    user_agent: str = ""
    source_url: str = ""


@transaction.atomic
def save(*, wish: FormWish, form: Form | None = None, by: Actor, at: datetime) -> Form:
    """Make a form, or change one. Other words than before are published as a new version.

    Raises `NotAllowed`, `Invalid` (fields of `FormWish` and `Wording`).
    """
    require(by, Right.MANAGE_COMPLIANCE)
    if form is not None:
        if form.workspace_id != by.workspace_id:
            raise NotAllowed(t("This form is not in this workspace."))
        form = Form.objects.select_for_update(no_key=True).get(id=form.id)
    elif Form.objects.filter(workspace_id=by.workspace_id).count() >= MOST_FORMS:
        raise Invalid(t("A workspace has at most {most} forms.", most=MOST_FORMS), code="too_many_forms")
    channel = _channel(wish, by)
    row = form or Form(workspace_id=by.workspace_id, created_at=at)
    row.name, row.slug, row.channel = _name(wish.name), rules.clean_slug(wish.slug), channel
    row.allowed_origins = rules.clean_origins(wish.origins)
    row.countries = rules.clean_countries(wish.countries)
    wording = _clean(wish.wording, channel=channel)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(t("Another form has this address."), field="slug", code="slug_taken") from None
    _audit("form.changed" if form else "form.made", row, by, at)
    _publish(row, wording, by, at)
    return row


def _channel(wish: FormWish, by: Actor) -> Channel:
    rows = Channel.objects.select_related("workspace").filter(id=wish.channel_id, workspace_id=by.workspace_id)
    found = rows.filter(is_active=True, kind="sms").first()
    if found is None:
        raise Invalid(t("Choose the number that texts them."), field="channel")
    return found


def _name(text: str) -> str:
    name = " ".join(text.replace("\0", "").split())
    if not 1 <= len(name) <= 60:
        raise Invalid(t("Name the form in at most 60 characters."), field="name")
    return name


def _clean(wording: Wording, *, channel: Channel) -> Wording:
    """A wording as it is published. Raises `Invalid`."""
    business = channel.name or channel.workspace.name
    title, lede = (" ".join(words.replace("\0", "").split()) for words in (wording.title, wording.lede))
    disclosure = wording.disclosure.replace("\0", "").strip().replace("{business}", business)
    if not 1 <= len(title) <= 80:
        raise Invalid(t("Give the page a heading of at most 80 characters."), field="title")
    if len(lede) > 300:
        raise Invalid(t("Use at most 300 characters."), field="lede")
    if not 1 <= len(disclosure) <= rules.LONGEST_DISCLOSURE:
        raise Invalid(
            t("Write the disclosure in at most {most} characters.", most=rules.LONGEST_DISCLOSURE), field="disclosure"
        )
    known = set(Topic.objects.filter(channels=channel, is_active=True).values_list("id", flat=True))
    boxes = wording.boxes[: rules.MOST_BOXES]
    if not boxes or any(box.topic_id not in known for box in boxes):
        raise Invalid(t("Choose at least one topic that can be joined on this number."), field="topics")
    return replace(
        wording,
        title=title,
        lede=lede,
        disclosure=disclosure,
        boxes=boxes,
        terms_url=rules.clean_url(wording.terms_url, field="terms_url"),
        privacy_url=rules.clean_url(wording.privacy_url, field="privacy_url"),
    )


def _publish(form: Form, wording: Wording, by: Actor, at: datetime) -> None:
    """A new version, unless the words are those of the newest one."""
    before = latest(form)
    if before is not None and wording_of(before) == wording:
        return
    made = FormVersion.objects.create(
        form=form,
        number=before.number + 1 if before else 1,
        title=wording.title,
        lede=wording.lede,
        boxes=wording.as_json(),
        disclosure=wording.disclosure,
        terms_url=wording.terms_url,
        privacy_url=wording.privacy_url,
        sha256=rules.fingerprint(wording),
        published_at=at,
        published_by=by.audit_name[:120],
    )
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="form.published",
        subject=f"form {form.id}",
        data={"version": made.number, "sha256": made.sha256},
        at=at,
    )


@transaction.atomic
def set_active(*, form: Form, is_active: bool, by: Actor, at: datetime) -> None:
    """Take a form off the web, or put it back. Raises `NotAllowed`."""
    require(by, Right.MANAGE_COMPLIANCE)
    if form.workspace_id != by.workspace_id:
        raise NotAllowed(t("This form is not in this workspace."))
    Form.objects.filter(id=form.id).update(is_active=is_active)
    _audit("form.on" if is_active else "form.off", form, by, at)


def _audit(action: str, form: Form, by: Actor, at: datetime) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"form {form.id}",
        data={"slug": form.slug, "origins": list(form.allowed_origins), "countries": list(form.countries)},
        at=at,
    )


@transaction.atomic
def keep(*, sent: Sent, identity: Identity, at: datetime) -> Source:
    """Keep what somebody sent, and give it as a wish with its proof: version, exact words, address, browser, page."""
    version, wording = sent.version, wording_of(sent.version)
    words = rules.exact_words(wording, ticked=sent.topic_ids)
    submission = Submission.objects.create(
        version=version,
        identity=identity,
        topics=list(sent.topic_ids),
        address=sent.address[:45],
        user_agent=sent.user_agent[:300],
        source_url=sent.source_url[:300],
        at=at,
    )
    proof: dict[str, str | int] = {
        "form": version.form.slug,
        "form_version": version.number,
        "form_version_sha256": version.sha256,
        "submission": submission.id,
        "disclosure": words,
        "disclosure_sha256": rules.words_hash(words),
        "ip": submission.address,
        "user_agent": submission.user_agent,
        "source_url": submission.source_url,
    }
    channel = version.form.channel
    return Source(identity=identity, channel=channel, method="form", proof=proof, version_id=version.id)


# Limits


def over(*, slug: str, address: str, number: str, at: datetime) -> Sequence[Limit]:
    """Count one attempt against each limit; the limits it is over. Only hashes of address and number are kept."""
    keys = {"address": address, "number": number, "form": slug}
    passed = []
    with connection.cursor() as cursor:
        for limit in rules.LIMITS:
            names: dict[str, str | datetime] = {
                "key": _key(limit.kind, keys[limit.kind], slug if limit.kind == "number" else ""),
                "window": rules.window_of(limit, at=at),
            }
            cursor.execute(COUNT, names)
            found = cursor.fetchone()
            if found is not None and found[0] > limit.most:
                passed.append(limit)
    return passed


def _key(kind: str, value: str, scope: str) -> str:
    """A keyed hash: the table must not be a list of numbers and addresses."""
    told = f"optin:{kind}:{scope}:{value}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), told, hashlib.sha256).hexdigest()


def forget_tallies(*, at: datetime) -> int:
    """Forget the counts of windows that are long over; how many."""
    return Tally.objects.filter(window__lt=at - rules.FORGET_TALLIES).delete()[0]
