import web.clock
from django.db import migrations, models

from persons.triggers import insert_only


def _id() -> models.BigAutoField:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_insert_only"), ("persons", "0006_insert_only")]

    operations = [
        migrations.CreateModel(
            name="Restoration",
            fields=[
                ("id", _id()),
                ("at", models.DateTimeField(default=web.clock.now)),
                ("backup_time", models.DateTimeField()),
                ("notice_count", models.PositiveIntegerField()),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        insert_only("notices_restoration"),
        migrations.CreateModel(
            name="SendingMarker",
            fields=[
                ("id", _id()),
                ("marker", models.CharField(max_length=32)),
                ("claims", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name="notice",
            name="may_have_left_since",
            field=models.DateTimeField(null=True),
        ),
    ]
