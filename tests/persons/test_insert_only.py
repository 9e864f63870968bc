import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from persons.models import AccessLogEntry, PersonEvent
from persons.models.insert_only import InsertOnly, InsertOnlyModel
from tests.factories import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry():
    return AccessLogEntry.objects.create(
        user=UserFactory(), person=PersonFactory(), action="view", view="person"
    )


def forge(entry):
    """Rows as whoever wants to change history would make them."""
    return AccessLogEntry(
        pk=entry.pk, user=UserFactory(), person=entry.person, action="view", view="forged"
    )


class TestInsertOnly:
    def change_the_row(self, entry):
        entry.view = "forged"
        entry.save()

    def change_one_field(self, entry):
        entry.save(update_fields=["view"])

    def force_an_update(self, entry):
        forge(entry).save(force_update=True)

    def save_another_in_its_place(self, entry):
        forge(entry).save()

    def delete_the_row(self, entry):
        entry.delete()

    def update_a_query(self, entry):
        AccessLogEntry.objects.filter(pk=entry.pk).update(view="forged")

    def update_all(self, entry):
        AccessLogEntry.objects.update(view="forged")

    def update_through_the_person(self, entry):
        entry.person.access_log.update(view="forged")

    def delete_a_query(self, entry):
        AccessLogEntry.objects.all().delete()

    def delete_through_the_person(self, entry):
        entry.person.access_log.all().delete()

    def update_in_bulk(self, entry):
        AccessLogEntry.objects.bulk_update([forge(entry)], ["view"])

    def insert_in_bulk_over_it(self, entry):
        AccessLogEntry.objects.bulk_create(
            [forge(entry)], update_conflicts=True, update_fields=["view"], unique_fields=["id"]
        )

    def update_or_create(self, entry):
        AccessLogEntry.objects.update_or_create(pk=entry.pk, defaults={"view": "forged"})

    def hand_it_to_another(self, entry):
        PersonFactory().access_log.add(entry)

    def go_behind_the_manager(self, entry):
        AccessLogEntry._base_manager.filter(pk=entry.pk).update(view="forged")

    WAYS = (
        change_the_row, change_one_field, force_an_update, save_another_in_its_place,
        delete_the_row, update_a_query, update_all, update_through_the_person, delete_a_query,
        delete_through_the_person, update_in_bulk, insert_in_bulk_over_it, update_or_create,
        hand_it_to_another, go_behind_the_manager,
    )  # fmt: skip

    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
    def test_refuses_to(self, entry, way):
        before = AccessLogEntry.objects.values().get()

        with pytest.raises((InsertOnly, IntegrityError)), transaction.atomic():
            way(self, entry)

        assert AccessLogEntry.objects.values().get() == before

    def test_refuses_to_lose_its_person(self, entry):
        with pytest.raises(Exception, match="protected"):
            entry.person.delete()

        assert AccessLogEntry.objects.count() == 1

    def test_lets_new_rows_in_by_every_way(self):
        person = PersonFactory()

        PersonEvent(person=person, kind="a").save()
        PersonEvent.objects.create(person=person, kind="b")
        PersonEvent.objects.bulk_create([PersonEvent(person=person, kind="c")])
        PersonEvent.objects.get_or_create(person=person, kind="d")

        assert PersonEvent.objects.count() == 4

    def test_is_what_all_history_is(self):
        history = {
            model.__name__ for model in apps.get_models() if issubclass(model, InsertOnlyModel)
        }

        assert history >= {"AccessLogEntry", "PersonEvent", "NoticeEvent", "RelationsAnswer"}
