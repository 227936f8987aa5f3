from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("routing", "0001_queues"),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="position",
            field=models.IntegerField(db_default=0, default=0),
        ),
    ]
