from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from persons import log_review
from persons.actions.log_review import review_look
from persons.log_review import Sign
from persons.models import AccessLogEntry, LogReview, LogSample, Person
from staff.models import Role
from tests.factories import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

OCTOBER, TODAY = date(2026, 10, 1), date(2026, 11, 24)
NOON = datetime(2026, 10, 14, 12, tzinfo=ZoneInfo("Europe/Stockholm"))
JUSTIFIED, FOLLOW_UP = LogReview.Decision.JUSTIFIED, LogReview.Decision.FOLLOW_UP


def look(user=None, person=None, **facts) -> AccessLogEntry:
    facts = {"action": "view", "view": "person", "at": NOON} | facts
    return AccessLogEntry.objects.create(
        user=user or UserFactory(), person=person or PersonFactory(), **facts
    )


def found(sign: Sign) -> list[AccessLogEntry]:
    return list(log_review.with_sign(sign, OCTOBER))


class TestSample:
    def test_is_the_same_each_time_it_is_asked_for(self, settings):
        settings.LOG_REVIEW_SAMPLE = 3
        looks = [look() for _ in range(10)]

        first = set(log_review.sample(OCTOBER, today=TODAY))
        look()
        again = set(log_review.sample(OCTOBER, today=TODAY))

        assert len(first) == 3
        assert first == again
        assert first < set(looks)

    def test_waits_until_the_month_is_over(self):
        look()

        assert not log_review.sample(OCTOBER, today=date(2026, 10, 31)).exists()
        assert not LogSample.objects.exists()

    def test_draws_no_reading_of_the_log_and_nothing_from_another_month(self):
        look(action="log")
        look(at=NOON + timedelta(days=30))

        assert not log_review.sample(OCTOBER, today=TODAY).exists()

    def test_keeps_the_draw_of_who_was_faster(self):
        theirs = look()
        LogSample.objects.create(month=OCTOBER, place=0, entry=theirs)
        look()

        log_review._draw(OCTOBER)

        assert [sample.entry for sample in LogSample.objects.all()] == [theirs]


class TestSigns:
    def test_know_who_opened_without_an_assignment(self):
        marked = look(basis="emergency")
        look(basis="assignment")

        assert found(Sign.NO_ASSIGNMENT) == [marked]

    def test_know_who_was_refused(self):
        marked = look(refused=True)
        look()

        assert found(Sign.REFUSED) == [marked]

    def test_know_who_is_protected(self):
        marked = look(person=PersonFactory(protected=True))
        look()

        assert found(Sign.PROTECTED) == [marked]

    def test_know_the_same_surname_however_it_is_written(self):
        asa = UserFactory(last_name="ÅSLUND")
        look(asa, PersonFactory(family_name="Exempel"))
        look(UserFactory(last_name="Ek"), marked := PersonFactory(family_name="Åslund"))
        theirs = look(asa, marked)

        assert found(Sign.SURNAME) == [theirs]

    @pytest.mark.parametrize(
        "facts",
        [{"mobile_e164": "+46701740699"}, {"email": "Erik.Lind@soderkoping.example"}],
        ids=["telephone", "e-mail"],
    )
    def test_know_who_works_here(self, facts):
        UserFactory(email="erik.lind@soderkoping.example", phone="070-174 06 99")
        UserFactory(phone="växeln")
        marked = look(person=PersonFactory(**facts))
        look(person=PersonFactory(mobile_e164="", email=""))

        assert found(Sign.COLLEAGUE) == [marked]

    @pytest.mark.parametrize(
        ("hour", "minute", "marks"), [(19, 59, 0), (20, 0, 1), (5, 59, 1), (6, 0, 0)]
    )
    def test_know_the_night_by_the_local_clock(self, hour, minute, marks):
        look(at=NOON.replace(hour=hour, minute=minute))

        assert len(found(Sign.NIGHT)) == marks

    def test_know_who_opened_many_in_an_hour_and_show_the_last(self, settings):
        settings.LOG_REVIEW_PERSONS_PER_HOUR = 2
        busy, calm = UserFactory(), UserFactory()
        looks = [look(busy, at=NOON + timedelta(minutes=n)) for n in range(3)]
        amina = PersonFactory()
        for _ in range(5):
            look(calm, amina)

        assert found(Sign.VOLUME) == looks[-1:]

    def test_look_at_one_month_at_a_time(self):
        look(refused=True, at=NOON - timedelta(days=30))

        assert found(Sign.REFUSED) == []


class TestMonths:
    def test_follow_each_other_over_new_year(self):
        assert log_review.month_before(date(2027, 1, 1)) == date(2026, 12, 1)
        assert log_review.month_after(date(2026, 12, 1)) == date(2027, 1, 1)
        assert log_review.month_after(date(2026, 11, 1)) == date(2026, 12, 1)
        assert log_review.month_before(date(2026, 12, 1)) == date(2026, 11, 1)


class TestReviewLook:
    def test_keeps_who_said_what(self):
        jonas, entry = UserFactory(role=Role.LOG_REVIEWER), look()

        review_look(entry=entry, decision=FOLLOW_UP, text="Fråga Eva", by=jonas)

        review = LogReview.objects.get()
        assert (review.reviewer, review.decision, review.text) == (jonas, FOLLOW_UP, "Fråga Eva")

    def test_said_twice_is_one_review_and_another_one_comes_after(self):
        jonas, entry = UserFactory(role=Role.LOG_REVIEWER), look()

        for decision in (JUSTIFIED, JUSTIFIED, FOLLOW_UP):
            review_look(entry=entry, decision=decision, text="Ringde", by=jonas)

        said = entry.reviews.order_by("pk").values_list("decision", flat=True)
        assert list(said) == [JUSTIFIED, FOLLOW_UP]

    def test_refuses_ones_own_look_and_who_is_no_reviewer(self):
        jonas = UserFactory(role=Role.LOG_REVIEWER)
        manager = UserFactory(role=Role.UNIT_MANAGER)

        for entry, by in ((look(jonas), jonas), (look(), manager)):
            with pytest.raises(PermissionDenied):
                review_look(entry=entry, decision=JUSTIFIED, text="", by=by)

    def test_describes_what_is_not_in_order(self):
        jonas, entry = UserFactory(role=Role.LOG_REVIEWER), look()

        with pytest.raises(IntegrityError):
            review_look(entry=entry, decision=FOLLOW_UP, text="", by=jonas)


class TestAPersonWhoHasBeenDisposedOf:
    @pytest.mark.parametrize("sign", [Sign.SURNAME, Sign.COLLEAGUE, Sign.PROTECTED])
    def test_has_nothing_left_to_compare(self, sign):
        person = PersonFactory(account=None, protected=True, family_name="Ek")
        look(person=person)
        Person.objects.filter(pk=person.pk)._raw_delete("default")

        assert found(sign) == []
        assert AccessLogEntry.objects.get().person_id == person.pk
