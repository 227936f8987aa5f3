"""The goal a workspace wrote down becomes its default policy: for the first and for every further reply, by the clock."""

from django.db import migrations


def carry_over(apps, schema_editor):
    workspaces = apps.get_model("teams", "Workspace").objects.filter(reply_goal__isnull=False)
    policies = apps.get_model("sla", "Policy").objects
    for workspace in workspaces:
        goal, soon = workspace.reply_goal, max(1, workspace.reply_goal * 2 // 3)
        warning = soon if soon < goal else None
        policies.get_or_create(
            workspace_id=workspace.pk,
            is_default=True,
            defaults={
                "name": "Everybody else",
                "is_on": True,
                "first_minutes": goal,
                "first_warn": warning,
                "next_minutes": goal,
                "next_warn": warning,
                "in_hours": False,
                "on_warn": [],
                "on_breach": [],
                "changed_at": workspace.created_at,
            },
        )


def put_back(apps, schema_editor):
    workspaces = apps.get_model("teams", "Workspace").objects
    for policy in apps.get_model("sla", "Policy").objects.filter(is_default=True, is_on=True):
        workspaces.filter(pk=policy.workspace_id).update(reply_goal=policy.next_minutes)


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_reply_goals"), ("teams", "0006_language")]
    operations = [migrations.RunPython(carry_over, put_back)]
