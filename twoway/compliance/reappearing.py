"""An address that was suppressed, forgotten and is now added again is opted out from the start.

Intake does this in its own statements (`bulk.restore`). Whatever else makes an identity saves one, which is heard here:
contacts come below compliance and can't call it.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models.signals import post_save
from django.dispatch import receiver

from twoway.compliance import opting
from twoway.contacts.models import Identity


@receiver(post_save, sender=Identity, dispatch_uid="suppression outlives erasure")
def opt_out_again(instance: Identity, created: bool, raw: bool, **_: Any) -> None:
    """In the transaction that makes the identity: nothing can be sent to it before."""
    if created and not raw:
        with connection.cursor() as cursor:
            cursor.execute(
                opting.RESTORE, opting.told([(instance.id, instance.workspace_id, instance.kind, instance.value)])
            )
