from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils.html import strip_tags

from messaging.sync import run
from messaging.sync.gateways import manual
from onboarding import boxes, checklist, facts, next_step
from persons.models import Case, NotAllowed
from persons.states import SwitchState
from staff.models import Role
from tests.factories import (
    AccountFactory,
    CaseFactory,
    RelationFactory,
    SyncRunFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Europe/Stockholm"))
NIGHT = datetime(2026, 11, 24, 3, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
PAGE = "/rutor/"


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        SyncRunFactory()
        yield traveller


@pytest.fixture(autouse=True)
def by_hand(settings):
    settings.SYNC_GATEWAY = "messaging.sync.gateways.manual.Gateway"


@pytest.fixture
def karin(client):
    karin = UserFactory(role=Role.SUPPORT_CONTACT)
    client.force_login(karin)
    return karin


def switched_on(karin, **facts):
    account = AccountFactory(pending=True, **facts)
    CaseFactory(person=account.person, support_contact=karin)
    return account


def shown(client) -> str:
    """With room between the cells."""
    html = client.get(PAGE).content.decode().replace("<", " <")
    return " ".join(strip_tags(html).split())


class TestTheList:
    def test_has_the_exact_values_to_copy(self, client, karin):
        account = switched_on(karin, notify_by_email=True, person__email="amina@exempel.se")

        words = shown(client)

        assert (
            "Personnummer Meddelande Notifiering via SMS Notifiering via e-post Telefon mobil "
            "E-postadress"
        ) in words
        assert (
            f"{account.person.identity_number} ikryssad ikryssad ikryssad {account.person.mobile} "
            "amina@exempel.se"
        ) in words
        assert "gäller från och med i morgon, tisdag 24 november." in words

    def test_has_relations_and_what_is_to_be_closed(self, client, karin):
        account = switched_on(karin)
        RelationFactory(
            closing=True, principal=account.person, given_name="Leila", family_name="Prov"
        )

        words = shown(client)

        assert "Relation: Leila Prov" in words
        assert "inte ikryssad Rutorna är ändrade" in words

    def test_has_nobody_but_ones_own(self, client, karin):
        other = AccountFactory(pending=True)
        CaseFactory(person=other.person, support_contact=UserFactory(role=Role.SUPPORT_CONTACT))

        assert "Inga rutor att ändra." in shown(client)

    def test_is_printed_under_a_heading_that_gives_nobody_away(self, client, karin):
        account = switched_on(karin, person__family_name="Kanarifågel")

        html = client.get(PAGE).content.decode()

        title = " ".join(html.split("<title>")[1].split("</title>")[0].split())
        assert title == "Rutor att ändra – Meddelanden"
        assert html.count("<table") == 1
        assert account.person.family_name in html

    def test_hides_the_number_of_who_is_protected(self, client, karin):
        account = AccountFactory(closing=True, person__protected=True)
        CaseFactory(person=account.person, support_contact=karin)

        assert account.person.identity_number not in client.get(PAGE).content.decode()

    def test_is_logged(self, client, karin, django_assert_max_num_queries):
        account = switched_on(karin)

        client.get(PAGE)

        from persons.models import AccessLogEntry

        assert account.person_id in AccessLogEntry.objects.latest("pk").listed

    @pytest.mark.parametrize("gateway", ["builtin", "http", "file"])
    def test_is_not_there_with_another_gateway(self, client, karin, settings, gateway):
        settings.SYNC_GATEWAY = f"messaging.sync.gateways.{gateway}.Gateway"

        assert client.get(PAGE).status_code == 404

    def test_is_not_there_for_those_who_do_not_work_with_people(self, client):
        client.force_login(UserFactory(role=Role.SYSTEM_ADMIN))

        assert client.get(PAGE).status_code == 404


class TestConfirming:
    def test_lets_the_night_take_that_row_and_no_other(self, client, karin, monday):
        ticked, other = switched_on(karin), switched_on(karin)
        client.post(PAGE, {"boxes": f"E{ticked.pk}:1"})
        monday.move_to(NIGHT)

        this = run.run()

        ticked.refresh_from_db()
        other.refresh_from_db()
        assert (ticked.state, other.state) == (SwitchState.ACTIVE, SwitchState.PENDING)
        assert (this.done_count, other.sent_version) == (1, 0)
        event = ticked.person.events.get(kind="boxes_ticked")
        assert (event.by, event.at) == (karin, MONDAY)

    def test_may_be_of_all_at_once(self, client, karin):
        rows = [switched_on(karin) for _ in range(3)]

        response = client.post(PAGE, {"boxes": [f"E{row.pk}:1" for row in rows]}, follow=True)

        assert [str(m) for m in response.context["messages"]] == [
            "3 är bekräftade och synkas i natt."
        ]
        assert boxes.to_tick(karin) == []

    def test_is_of_what_was_shown_and_nothing_newer(self, client, karin):
        account = switched_on(karin)
        account.move(SwitchState.PENDING, notify_by_sms=False)

        response = client.post(PAGE, {"boxes": f"E{account.pk}:1"}, follow=True)

        assert "har ändrats" in str(next(iter(response.context["messages"])))
        assert len(boxes.to_tick(karin)) == 1

    def test_twice_is_once(self, karin):
        account = switched_on(karin)
        boxes.confirm(row=account, seen_version=1, by=karin)

        with pytest.raises(NotAllowed):
            boxes.confirm(row=account, seen_version=1, by=karin)

        assert account.person.events.filter(kind="boxes_ticked").count() == 1

    def test_is_nobody_elses(self, client, karin):
        account = AccountFactory(pending=True)

        client.post(PAGE, {"boxes": f"E{account.pk}:1"})
        with pytest.raises(PermissionDenied):
            boxes.confirm(row=account, seen_version=1, by=karin)

        account.refresh_from_db()
        assert account.confirmed_version == 0

    def test_cannot_be_undone_without_a_trace(self, karin):
        account = switched_on(karin)

        boxes.confirm(row=account, seen_version=1, by=karin)

        account.refresh_from_db()
        assert not account.can_be_undone

    def test_is_not_done_by_an_administrators_button(self, karin):
        account = switched_on(karin)

        run.run_one(account)

        account.refresh_from_db()
        assert account.state == SwitchState.PENDING


class TestSynkning:
    def test_counts_nobody_as_taken_tonight_whose_boxes_have_not_been_ticked(self, client, karin):
        switched_on(karin)
        boxes.confirm(row=switched_on(karin), seen_version=1, by=karin)

        words = " ".join(strip_tags(client.get("/synkning/").content.decode()).split())

        assert "Väntar på rutor i Lifecare 1 person" in words
        assert "Kopplas på 1 0" in words

    def test_asks_about_no_closings_that_nobody_has_ticked(self, karin):
        AccountFactory.create_batch(6, closing=True)

        assert run.run().state == "done"


class TestThePersonsPages:
    def test_ask_for_it_and_promise_no_date_without_it(self, karin):
        account = switched_on(karin)

        [found] = facts.load(Case.objects.filter(person=account.person))

        step = next_step.find(found)
        assert (step.text, step.responsible) == ("Ändra rutorna i Lifecare och bekräfta", karin)
        wait = checklist.build(found).steps[0].waits[0]
        assert wait.text.startswith("Bekräfta att rutorna är ändrade i Lifecare.")

    def test_promise_it_when_it_is_done(self, karin):
        account = switched_on(karin)
        boxes.confirm(row=account, seen_version=1, by=karin)

        [found] = facts.load(Case.objects.filter(person=account.person))

        wait = checklist.build(found).steps[0].waits[0]
        assert wait.text == "Kan användas från och med i morgon, tisdag 24 november"
        assert not manual.is_awaited(found.account)
