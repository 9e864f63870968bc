from django.db import migrations

from persons.triggers import insert_only


class Migration(migrations.Migration):
    dependencies = [("wording", "0001_initial"), ("persons", "0006_insert_only")]

    operations = [insert_only("wording_versionevent")]
