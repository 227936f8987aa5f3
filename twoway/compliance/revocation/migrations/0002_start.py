"""Texts that were stored before are history: judging begins after them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("compliance_revocation", "0001_doubts"), ("messaging", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO revocation_judged (message_id) SELECT coalesce(max(id), 0) FROM message",
            migrations.RunSQL.noop,
        )
    ]
