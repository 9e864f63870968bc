import pytest
from django.test import RequestFactory
from django.urls import resolve, reverse

from persons import access_log
from persons.models import AccessLogEntry
from staff.models import Role
from tests.factories import MembershipFactory, PersonFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


def request_of(user, address=None):
    request = RequestFactory().get(address or "/", REMOTE_ADDR="10.0.0.7")
    request.user = user
    request.resolver_match = resolve(address) if address else None
    return request


class TestRecord:
    def test_writes_who_what_whom_where_and_why(self):
        unit = UnitFactory()
        karin = UserFactory(role=Role.SUPPORT_CONTACT, unit=unit)
        person = PersonFactory()
        request = request_of(karin, reverse("person", args=[person.public_id]))

        access_log.record(request, access_log.Action.UNMASK, person, reason="Frågade i telefon")

        entry = AccessLogEntry.objects.get()
        assert (entry.user, entry.role, entry.unit) == (karin, Role.SUPPORT_CONTACT, unit)
        assert (entry.action, entry.person, entry.listed) == ("unmask", person, [])
        assert (entry.view, entry.reason) == ("person", "Frågade i telefon")
        assert entry.source_ip == "10.0.0.7"

    def test_uses_the_first_of_several_roles(self):
        karin = UserFactory(role=Role.CASE_WORKER)
        MembershipFactory(user=karin, role=Role.UNIT_MANAGER)

        access_log.record(request_of(karin), access_log.Action.VIEW, PersonFactory())

        assert AccessLogEntry.objects.get().role == Role.CASE_WORKER

    def test_is_written_also_for_whoever_has_no_role(self):
        access_log.record(request_of(UserFactory()), access_log.Action.VIEW, PersonFactory())

        entry = AccessLogEntry.objects.get()
        assert (entry.role, entry.unit, entry.view) == ("", None, "")


class TestRecordList:
    def test_is_one_row_with_the_ids_of_all(self):
        persons = PersonFactory.create_batch(3)

        access_log.record_list(request_of(UserFactory()), persons)

        entry = AccessLogEntry.objects.get()
        assert (entry.action, entry.person) == ("list", None)
        assert entry.listed == [person.pk for person in persons]

    def test_is_written_also_when_nobody_was_shown(self):
        access_log.record_list(request_of(UserFactory()), [])

        assert AccessLogEntry.objects.get().listed == []
