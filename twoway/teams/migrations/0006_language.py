from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('teams', '0005_getting_started'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='workspace',
            name='language',
            field=models.CharField(db_default='en', default='en', help_text='What its members read.', max_length=8),
        ),
    ]
