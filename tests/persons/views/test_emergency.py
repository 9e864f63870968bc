import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from persons.models import AccessLogEntry, EmergencyAccess
from staff.models import Role
from tests.factories import (
    CaseFactory,
    EmergencyAccessFactory,
    PersonFactory,
    UserFactory,
    protect,
)
from tests.pages import Page, follow, open_page

pytestmark = pytest.mark.django_db

PAGE = "/oppna-utan-uppdrag/"
LIST = "/oppnade-utan-uppdrag/"
REASON = "Vikarierar i kväll"
NEUTRAL = "Det går inte att öppna här. Prata med enhetschefen."


@pytest.fixture
def erik(client):
    user = UserFactory(role=Role.SUPPORT_CONTACT, first_name="Erik", last_name="Lind")
    client.force_login(user)
    return user


@pytest.fixture
def case():
    return CaseFactory(number="IFO-2026-7")


def ask(client, term, reason=REASON):
    form = open_page(client, PAGE).form("Öppna personen")
    return form.send(client, term=term, reason=reason)


class TestOpenWithoutAssignment:
    def test_is_found_from_the_search_that_found_nobody(self, client, erik):
        page = Page(open_page(client, "/sok/").form("Sök").send(client, term="exempel"))

        assert page.link("Öppna utan uppdrag") == PAGE
        assert "Du har inget uppdrag för den här personen." in open_page(client, PAGE).words

    @time_machine.travel("2026-11-23T09:00:00Z", tick=False)
    def test_leads_to_the_person_and_every_page_says_until_when(self, client, erik, case):
        page = follow(client, ask(client, "ifo-2026-7"))

        banner = "Öppnad utan uppdrag till kl. 18.00. Det loggas och granskas."
        assert "Amina Exempel" in page.words
        assert banner in page.words
        history = reverse("history", args=[case.person.public_id])
        assert banner in open_page(client, history).words

    def test_is_logged_with_the_reason(self, client, erik, case):
        ask(client, case.person.identity_number)

        entry = AccessLogEntry.objects.get()
        assert (entry.action, entry.person, entry.basis) == ("view", case.person, "emergency")
        assert (entry.reason, entry.refused) == (REASON, False)

    def test_opens_nothing_that_cannot_be_logged(self, client, erik, case, monkeypatch):
        def broken(*args, **fields):
            raise RuntimeError

        client.raise_request_exception = False
        monkeypatch.setattr(AccessLogEntry.objects, "create", broken)

        assert ask(client, "IFO-2026-7").status_code == 500
        assert not EmergencyAccess.objects.exists()

    def test_just_goes_to_whom_one_sees_anyway(self, client, erik):
        mine = CaseFactory(support_contact=erik, number="IFO-2026-8")

        page = follow(client, ask(client, "IFO-2026-8"))

        assert "Amina Exempel" in page.words
        assert "Öppnad utan uppdrag" not in page.words
        assert not EmergencyAccess.objects.filter(person=mine.person).exists()

    @time_machine.travel("2026-11-23T09:00:00Z", tick=False)
    def test_answers_the_same_whatever_the_reason_it_cannot(self, client, erik, case):
        protected, closed = CaseFactory(), CaseFactory(closed_on="2026-11-01")
        protect(protected.person)
        nobody = PersonFactory.build()
        asked = [nobody, protected.person, closed.person, PersonFactory()]

        form = open_page(client, PAGE).form("Öppna personen")

        answers = []
        for person in asked:
            with CaptureQueriesContext(connection) as queries:
                response = form.send(client, term=person.identity_number, reason=REASON)
            html = response.content.decode().replace(person.identity_number, "")
            html = re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", html)
            headers = {name: v for name, v in response.headers.items() if name != "Expires"}
            answers.append((response.status_code, html, headers, len(queries)))

        assert NEUTRAL in answers[0][1]
        assert all(answer == answers[0] for answer in answers)
        assert not EmergencyAccess.objects.exists()
        known = AccessLogEntry.objects.order_by("pk").values_list("refused", "person", "reason")
        assert list(known) == [(True, getattr(p, "pk", None), REASON) for p in asked]

    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ({"term": ""}, "Skriv personnumret eller ärendenumret."),
            ({"term": "Amina"}, "Skriv hela personnumret eller hela ärendenumret."),
            ({"term": "2397"}, "Skriv hela personnumret eller hela ärendenumret."),
            ({"term": "199006022398"}, "Personnumret stämmer inte. Kontrollera siffrorna."),
            ({"reason": ""}, "Skriv varför du behöver öppna uppgifterna."),
            ({"reason": "jour"}, "Skriv lite mer om varför du behöver öppna, minst 10 tecken."),
        ],
    )
    def test_says_what_is_wrong_and_keeps_the_rest(self, client, erik, case, typed, text):
        page = Page(ask(client, **{"term": "IFO-2026-7"} | typed))

        [(target, said)] = page.errors().items()
        assert said == page.error_at(target) == text
        kept = {"term": "IFO-2026-7", "reason": REASON} | typed
        form = page.form("Öppna personen")
        assert form.value("term") == kept["term"]
        assert not EmergencyAccess.objects.exists()
        assert not AccessLogEntry.objects.exists()

    def test_is_refused_after_five_in_a_day(self, client, erik, case, settings):
        settings.EMERGENCY_ACCESS_PER_DAY = 1
        ask(client, "IFO-1999-1")

        response = ask(client, "IFO-2026-7")

        assert response.status_code == 429
        assert "Prata med enhetschefen." in Page(response).words
        assert not EmergencyAccess.objects.exists()
        entry = AccessLogEntry.objects.latest("pk")
        assert (entry.refused, entry.person) == (True, case.person)

    @pytest.mark.parametrize("role", [*set(Role) - {
        Role.CASE_WORKER, Role.SUPPORT_CONTACT, Role.UNIT_MANAGER}, ""])  # fmt: skip
    def test_is_not_there_for_who_works_with_nobody(self, client, role):
        client.force_login(UserFactory(role=role))

        assert client.get(PAGE).status_code == 404
        assert client.post(PAGE, {"term": "x", "reason": REASON}).status_code == 404


@pytest.fixture
def eva(client, case):
    user = UserFactory(role=Role.UNIT_MANAGER, unit=case.unit)
    client.force_login(user)
    return user


@pytest.fixture
def opening(case):
    user = UserFactory(first_name="Erik", last_name="Lind")
    return EmergencyAccessFactory(user=user, person=case.person, reason=REASON)


class TestReviews:
    def test_are_counted_in_the_menu(self, client, eva, opening):
        page = open_page(client, reverse("start"))

        assert page.link("Öppnade utan uppdrag, 1 att granska") == LIST

    def test_have_a_page_also_when_there_are_none(self, client, eva):
        assert open_page(client, reverse("start")).link("Öppnade utan uppdrag") == LIST
        assert "Inget att granska just nu." in open_page(client, LIST).words

    def test_say_who_opened_whom_and_why_and_are_logged(self, client, eva, opening):
        page = open_page(client, LIST)

        for text in ("Amina Exempel", "Erik Lind", REASON):
            assert text in page.words
        entry = AccessLogEntry.objects.get()
        assert (entry.action, entry.listed) == ("list", [opening.person_id])

    def test_end_with_what_they_showed(self, client, eva, opening):
        page = open_page(client, open_page(client, LIST).link("Granska"))
        form = page.form("Markera som granskad")

        page = follow(client, form.send(client, finding="Var vikarie den kvällen"))

        assert "Öppningen är granskad." in page.status
        assert "Inget att granska just nu." in page.words
        opening.refresh_from_db()
        assert (opening.reviewed_by, opening.finding) == (eva, "Var vikarie den kvällen")

    def test_are_not_made_twice(self, client, eva, opening):
        form = open_page(client, f"{LIST}{opening.pk}/").form("Markera som granskad")
        form.send(client, finding="Var vikarie den kvällen")

        page = follow(client, form.send(client, finding="Något annat"))

        assert "Öppningen är redan granskad." in page.status
        opening.refresh_from_db()
        assert opening.finding == "Var vikarie den kvällen"

    def test_need_words(self, client, eva, opening):
        form = open_page(client, f"{LIST}{opening.pk}/").form("Markera som granskad")

        page = Page(form.send(client, finding=" "))

        assert list(page.errors().values()) == ["Skriv vad granskningen visade."]
        opening.refresh_from_db()
        assert opening.reviewed_at is None

    def test_do_not_name_who_is_protected(self, client, case, eva, opening):
        protect(case.person)

        assert "Exempel" not in open_page(client, LIST).words
        assert client.get(f"{LIST}{opening.pk}/").status_code == 404

    @pytest.mark.parametrize("role", [*Role, ""])
    def test_are_not_there_for_others(self, client, role, opening):
        client.force_login(UserFactory(role=role))
        missing = client.get(f"{LIST}{opening.pk + 1}/")

        response = client.get(f"{LIST}{opening.pk}/")

        assert (response.status_code, missing.status_code) == (404, 404)
        assert client.get(LIST).status_code == (200 if role == Role.UNIT_MANAGER else 404)
