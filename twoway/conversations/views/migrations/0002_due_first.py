"""Views may also be ordered by when an answer is due."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations_views", "0001_saved_views")]
    operations = [
        migrations.AlterField(
            model_name="savedview",
            name="order",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting longest first"),
                    ("due", "Due soonest first"),
                    ("newest", "Newest first"),
                    ("oldest", "Oldest first"),
                ],
                default="waiting",
                max_length=8,
            ),
        )
    ]
