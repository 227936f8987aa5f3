from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0004_opt_out_covers")]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("reason", "never_responds")), fields=["at"], name="decision_never_responds"
            ),
        ),
    ]
