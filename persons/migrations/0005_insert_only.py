from django.db import migrations

from persons.triggers import insert_only


class Migration(migrations.Migration):
    dependencies = [("persons", "0004_count_what_a_user_reads")]

    operations = [insert_only("persons_personevent", "persons_accesslogentry")]
