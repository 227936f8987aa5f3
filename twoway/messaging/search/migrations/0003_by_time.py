import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("messaging_search", "0002_triggers")]
    operations = [
        migrations.AddIndex(
            model_name="searchtext",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["at"], name="search_text_by_time", pages_per_range=32
            ),
        ),
    ]
