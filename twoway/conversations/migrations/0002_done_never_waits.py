"""Nobody waits in a conversation that is done: what was so by custom is so by constraint."""

from django.db import migrations, models

MEND = "UPDATE conversation SET needs_reply = false, unanswered = 0 WHERE state = 'done' AND needs_reply"


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]

    operations = [
        migrations.RunSQL(MEND, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=~models.Q(state="done", needs_reply=True), name="done_never_waits"
            ),
        ),
    ]
