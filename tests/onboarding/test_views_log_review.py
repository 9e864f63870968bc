from datetime import timedelta

import pytest
from django.urls import reverse

from persons.models import AccessLogEntry, LogReview
from staff.models import Role
from tests.factories import CaseFactory, PersonFactory, UserFactory, protect
from tests.onboarding.test_views_readers import look, rows
from tests.pages import Page, follow, open_page
from web import clock


@pytest.fixture
def jonas(office):
    return UserFactory(first_name="Jonas", last_name="Holm", role=Role.LOG_REVIEWER)


@pytest.fixture
def reviewer(client, jonas):
    client.force_login(jonas)
    return client


@pytest.fixture
def last_month():
    return clock.now() - timedelta(days=30)


LIST = "/loggranskning/"


class TestLogReviews:
    def test_shows_who_read_what_and_about_whom_without_a_name(
        self, reviewer, karin, amina, last_month
    ):
        look(karin, amina, at=last_month, basis="assignment")

        page = open_page(reviewer, LIST)

        [row] = rows(page)
        assert "Karin Ek" in row
        assert amina.masked_number in row
        assert amina.cases.get().number in row
        assert "Exempel" not in page.words

    def test_says_nothing_of_who_is_protected_but_the_case(self, reviewer, karin, last_month):
        person = CaseFactory().person
        protect(person)
        look(karin, person, at=last_month)

        page = open_page(reviewer, LIST + "?vy=skyddade&manad=2026-10")

        assert "Skyddad person, ärende" in rows(page)[0]
        assert person.masked_number not in page.words

    def test_is_itself_logged_with_those_who_were_shown(self, reviewer, jonas, amina, last_month):
        look(UserFactory(), amina, at=last_month)

        open_page(reviewer, LIST)

        entry = AccessLogEntry.objects.get(action="log")
        assert (entry.user, entry.listed, entry.view) == (jonas, [amina.pk], "log_reviews")

    def test_shows_this_month_as_it_goes_but_draws_no_sample_yet(self, reviewer, karin, amina):
        look(karin, amina, refused=True)

        assert "när månaden är slut" in open_page(reviewer, LIST + "?manad=2026-11").words
        assert len(rows(open_page(reviewer, LIST + "?manad=2026-11&vy=nekade"))) == 1

    def test_leads_from_view_to_view_in_the_same_month(self, reviewer):
        page = open_page(reviewer, LIST + "?manad=2026-09")

        assert page.link("Nekade") == LIST + "?manad=2026-09&vy=nekade"

    def test_counts_a_list_without_telling_who_was_on_it(self, reviewer, karin, amina):
        look(karin, None, action="list", view="start", listed=[amina.pk], refused=True)
        look(karin, None, action="search", refused=True)

        both = rows(open_page(reviewer, LIST + "?manad=2026-11&vy=nekade"))

        assert ["1 person i en lista" in row for row in both] == [False, True]

    def test_is_not_there_for_others(self, signed_in):
        assert signed_in.get(LIST).status_code == 404

    def test_is_in_the_menu_of_a_reviewer(self, reviewer):
        assert open_page(reviewer, LIST).link("Loggranskning") == LIST


class TestReviewLook:
    @pytest.fixture
    def entry(self, karin, amina, last_month):
        return look(karin, amina, at=last_month, reason="vikarie")

    def page(self, client, entry) -> Page:
        return open_page(client, reverse("review_look", args=[entry.pk]))

    def test_is_reached_from_the_list_and_kept(self, reviewer, jonas, entry):
        form = open_page(reviewer, open_page(reviewer, LIST).link("Granska ")).form("Markera")

        page = follow(reviewer, form.send(reviewer, decision="follow_up", text="Fråga Eva"))

        review = LogReview.objects.get()
        assert (review.entry, review.reviewer, review.text) == (entry, jonas, "Fråga Eva")
        assert "Öppningen är granskad." in page.status
        assert "Behöver följas upp" in rows(page)[0]

    def test_asks_for_a_decision(self, reviewer, entry):
        page = Page(self.page(reviewer, entry).form("Markera").send(reviewer, text="Hej"))

        assert page.errors() == {"id_decision_0": "Välj en bedömning."}
        assert page.form("Markera").value("text") == "Hej"

    def test_asks_what_it_showed_unless_all_is_well(self, reviewer, entry):
        form = self.page(reviewer, entry).form("Markera")

        page = Page(form.send(reviewer, decision="unjustified"))

        assert page.errors() == {"id_text": "Skriv vad granskningen visade."}
        assert not LogReview.objects.exists()

    def test_tells_of_earlier_reviews(self, reviewer, jonas, entry):
        LogReview.objects.create(entry=entry, reviewer=jonas, decision="follow_up", text="Ring")

        assert "Ring" in self.page(reviewer, entry).words

    def test_gives_ones_own_look_to_somebody_else(self, reviewer, jonas, amina):
        own = look(jonas, amina)

        page = self.page(reviewer, own)
        reviewer.post(reverse("review_look", args=[own.pk]), {"decision": "justified"})

        assert "Någon annan granskar den." in page.words
        assert not LogReview.objects.exists()

    def test_is_logged(self, reviewer, jonas, entry, amina):
        self.page(reviewer, entry)

        logged = AccessLogEntry.objects.get(action="log")
        assert (logged.user, logged.listed) == (jonas, [amina.pk])

    def test_is_not_there_for_others(self, signed_in, entry):
        for name in ("review_look", "review_readers"):
            assert signed_in.get(reverse(name, args=[entry.pk])).status_code == 404


class TestReviewReaders:
    def test_shows_all_who_read_about_the_person_and_no_name(self, reviewer, karin, amina):
        look(UserFactory(first_name="Sara", last_name="Ny"), amina)

        page = open_page(reviewer, reverse("review_readers", args=[look(karin, amina).pk]))

        assert "Sara Ny" in page.words
        assert amina.masked_number in page.words
        assert "Exempel" not in page.words

    def test_is_not_there_for_a_list(self, reviewer, karin):
        listed = look(karin, None, action="list", listed=[PersonFactory().pk])

        assert reviewer.get(reverse("review_readers", args=[listed.pk])).status_code == 404
