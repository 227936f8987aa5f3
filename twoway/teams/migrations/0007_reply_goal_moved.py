"""The goal for replies is the default policy's from now on (`sla`)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("teams", "0006_language"), ("sla", "0003_goals_of_workspaces")]
    operations = [migrations.RemoveField(model_name="workspace", name="reply_goal")]
