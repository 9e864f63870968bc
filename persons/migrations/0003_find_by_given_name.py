from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Concat, StrIndex, Substr

import persons.swedish_order

BETWEEN = "\x01"


def turn_around(apps, schema_editor):
    """From the key that there is: the family name, the character between, the given name."""
    person = apps.get_model("persons", "Person")
    person.objects.update(given_name_key=F("sort_key"))
    parted = person.objects.alias(at=StrIndex("sort_key", Value(BETWEEN))).filter(at__gt=1)
    parted.update(
        given_name_key=Concat(
            Substr("sort_key", F("at") + 1),
            Value(BETWEEN),
            Substr("sort_key", 1, F("at") - 1),
        )
    )


class Migration(migrations.Migration):

    dependencies = [
        ('persons', '0002_who_sees_whom'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='person',
            name='family_name_search',
        ),
        migrations.RemoveField(
            model_name='person',
            name='given_name_search',
        ),
        migrations.AddField(
            model_name='person',
            name='given_name_key',
            field=persons.swedish_order.SortKeyField(db_index=True, default='', editable=False, max_length=250),
            preserve_default=False,
        ),
        migrations.RunPython(turn_around, migrations.RunPython.noop),
    ]
