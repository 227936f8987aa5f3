"""Opt-outs from before the ledger get their entries, so that they too outlive an erasure."""

import hashlib
import hmac

from django.conf import settings
from django.db import migrations

METHODS = {"keyword": "keyword", "words": "reply", "provider": "provider", "carrier": "carrier", "api": "api"}


def carry_over(apps, schema_editor):
    """One entry for each opt-out, for its number, and one for each that was lifted, in the order they came."""
    opt_outs = apps.get_model("compliance", "OptOut").objects.select_related("identity").order_by("opted_out_at", "id")
    entries = apps.get_model("compliance_consent", "ConsentEntry").objects
    for row in opt_outs.iterator(chunk_size=1000):
        told = f"{row.workspace_id}:{row.identity.kind}:{row.identity.value}".encode()
        about = {
            "workspace_id": row.workspace_id,
            "identity_id": row.identity_id,
            "address_hash": hmac.new(settings.ADDRESS_KEY, told, hashlib.sha256).hexdigest(),
            "channel_id": row.channel_id,
            "purpose": "all",
            "method": METHODS.get(row.source, "agent"),
            "by_name": "Twoway",
        }
        proof = {"channel_id": row.channel_id, "keyword": row.keyword, "message_id": row.message_id}
        kept = {key: value for key, value in proof.items() if value} | {"note": "From before the ledger."}
        entries.create(**about, change="withdrawn", at=row.opted_out_at, proof=kept)
        if row.lifted_at is not None:
            level = "express" if row.lifted_by in {"", "keyword"} or row.lifted_by.isupper() else "implied"
            entries.create(**about, change="lifted", level=level, at=row.lifted_at, proof=kept)


class Migration(migrations.Migration):
    dependencies = [("compliance_consent", "0002_triggers"), ("compliance", "0004_opt_out_covers")]
    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
