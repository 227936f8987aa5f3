from django.db import migrations, models

# Read on exactly where the notifications' own place stood.
_TAKE_OVER = """
INSERT INTO event_follower (name, high, gaps) SELECT 'notifications', high, gaps FROM notification_place
ON CONFLICT (name) DO NOTHING
"""


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0001_notifications'),
        ('events', '0003_followers'),
    ]

    operations = [
        migrations.RunSQL(_TAKE_OVER),
        migrations.RemoveField(model_name='place', name='gaps'),
        migrations.RemoveField(model_name='place', name='high'),
        migrations.RenameModel(old_name='Place', new_name='WaitingLook'),
        migrations.RenameField(model_name='waitinglook', old_name='waiting_at', new_name='at'),
        migrations.AlterModelTable(name='waitinglook', table='notification_waiting_look'),
    ]
