from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("compliance", "0003_decision_words")]

    operations = [
        migrations.AddField(
            model_name="optout",
            name="covers",
            field=models.CharField(
                choices=[
                    ("all", "Every number of the workspace"),
                    ("service", "The number and those of its service or pool"),
                ],
                db_default="service",
                default="service",
                max_length=8,
            ),
        ),
    ]
