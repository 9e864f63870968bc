from django.db import migrations

from persons.triggers import insert_only


class Migration(migrations.Migration):
    dependencies = [("persons", "0005_case_versions_and_events")]

    operations = [insert_only("persons_personevent", "persons_accesslogentry")]
