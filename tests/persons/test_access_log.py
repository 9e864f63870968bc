import pytest
from django.db import OperationalError, connection, transaction
from django.test import RequestFactory
from django.urls import resolve, reverse

from persons import access_log
from persons.models import AccessLogEntry, AccessLogListed
from staff.models import Role
from tests.factories import (
    AbsenceFactory,
    CaseFactory,
    MembershipFactory,
    PersonFactory,
    UnitFactory,
    UserFactory,
)

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
        case = CaseFactory(support_contact=karin)
        request = request_of(karin, reverse("person", args=[case.person.public_id]))

        access_log.record(request, access_log.Action.UNMASK, case, reason="Frågade i telefon")

        entry = AccessLogEntry.objects.get()
        assert (entry.user, entry.role, entry.unit) == (karin, Role.SUPPORT_CONTACT, unit)
        assert (entry.action, entry.person, entry.listed) == ("unmask", case.person, [])
        assert (entry.basis, entry.refused) == ("assignment", False)
        assert (entry.view, entry.reason) == ("person", "Frågade i telefon")
        assert entry.source_ip == "10.0.0.7"

    def test_names_the_role_that_gave_the_right(self):
        karin = UserFactory(role=Role.CASE_WORKER)
        managed = MembershipFactory(user=karin, role=Role.UNIT_MANAGER)

        access_log.record(request_of(karin), access_log.Action.VIEW, CaseFactory(unit=managed.unit))

        entry = AccessLogEntry.objects.get()
        assert (entry.role, entry.unit) == (Role.UNIT_MANAGER, managed.unit)
        assert entry.basis == "manager"

    def test_tells_that_a_substitute_stood_in(self):
        absence = AbsenceFactory(
            user=UserFactory(role=Role.CASE_WORKER), substitute=UserFactory(role=Role.CASE_WORKER)
        )
        case = CaseFactory(case_worker=absence.user)

        access_log.record(request_of(absence.substitute), access_log.Action.VIEW, case)

        assert AccessLogEntry.objects.get().basis == "substitute"

    def test_tells_that_it_was_opened_without_a_part_in_the_case(self):
        karin = UserFactory(role=Role.CASE_WORKER)

        access_log.record(request_of(karin), access_log.Action.VIEW, CaseFactory())

        assert AccessLogEntry.objects.get().basis == "emergency"


class TestRecordOutside:
    def test_is_written_also_for_whoever_has_no_role(self):
        request = request_of(UserFactory())

        access_log.record_outside(request, access_log.Action.VIEW, PersonFactory())

        entry = AccessLogEntry.objects.get()
        assert (entry.role, entry.unit, entry.view, entry.basis) == ("", None, "", "")


class TestRecordRefused:
    def test_is_the_same_for_somebody_as_for_nobody_but_for_whom(self):
        for person in (PersonFactory(), None):
            access_log.record_refused(request_of(UserFactory()), access_log.Action.VIEW, person)

        known, unknown = AccessLogEntry.objects.order_by("pk")
        assert (known.refused, unknown.refused) == (True, True)
        assert (known.person is None, unknown.person) == (False, None)

    @pytest.mark.django_db(transaction=True)
    def test_is_kept_when_the_request_ends_in_an_error(self, client, monkeypatch):
        client.force_login(UserFactory())
        client.raise_request_exception = False
        monkeypatch.setattr("onboarding.people.Http404", ZeroDivisionError)

        response = client.get(PersonFactory().get_absolute_url())

        assert response.status_code == 500
        assert AccessLogEntry.objects.get().refused


class TestRecordList:
    def test_is_one_row_with_the_ids_of_all(self):
        persons = PersonFactory.create_batch(3)

        access_log.record_list(request_of(UserFactory()), persons)

        entry = AccessLogEntry.objects.get()
        assert (entry.action, entry.person) == ("list", None)
        assert entry.listed == [person.pk for person in persons]

    def test_can_be_found_by_each_of_them(self):
        persons = PersonFactory.create_batch(2)

        access_log.record_list(request_of(UserFactory()), [*persons, persons[0]])

        entry = AccessLogEntry.objects.get()
        found = AccessLogListed.objects.values_list("entry", "person", "at")
        assert set(found) == {(entry.pk, person.pk, entry.at) for person in persons}

    def test_is_not_written_by_half(self):
        request, persons = request_of(UserFactory()), [PersonFactory()]
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE persons_accessloglisted RENAME TO moved_away")

        with pytest.raises(access_log.NotWritten), transaction.atomic():
            access_log.record_list(request, persons)

        assert not AccessLogEntry.objects.exists()

    def test_is_written_also_when_nobody_was_shown(self):
        access_log.record_list(request_of(UserFactory()), [])

        assert AccessLogEntry.objects.get().listed == []


class TestALogThatTakesNothing:
    @pytest.mark.parametrize("page", ["person", "start"])
    def test_closes_the_page_and_shows_nothing(self, client, monkeypatch, page):
        karin = UserFactory(role=Role.SUPPORT_CONTACT)
        case = CaseFactory(support_contact=karin)
        client.force_login(karin)
        address = reverse(page, args=[case.person.public_id] if page == "person" else [])

        def full(**row):
            raise OperationalError("database or disk is full")

        monkeypatch.setattr(AccessLogEntry.objects, "create", full)
        response = client.get(address)

        told = response.content.decode()
        assert response.status_code == 503
        assert "Sidan kan inte visas just nu" in told
        assert case.person.family_name not in told
