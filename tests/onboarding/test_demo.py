import re
from collections import Counter
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from personnummer.personnummer import Personnummer

from messaging.inbox import actions as inbox
from messaging.inbox.models import Message
from messaging.notices.models import Channel, Notice
from messaging.sheet import pdf
from messaging.sync import run
from messaging.sync.models import SyncRun
from onboarding import facts
from onboarding.demo import load, office
from onboarding.next_step import Tag, find
from persons import actions as persons
from persons.models import Case, EServiceAccount, Person, PersonEvent
from persons.states import SwitchState
from staff.models import User
from web import clock, dates

pytestmark = pytest.mark.django_db

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# A working day, before the night, a weekend, and the year's first night.
MOMENTS = ["2026-11-24 10:42", "2026-11-24 00:50", "2026-11-28 13:00", "2027-01-01 00:10"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


@pytest.fixture(autouse=True)
def _demo(settings, monkeypatch):
    settings.DEMO = True
    settings.CLOCK_OFFSET_FILE = None
    monkeypatch.setattr(pdf, "render", lambda html: b"%PDF-1.7")


@pytest.fixture
def monday():
    with time_machine.travel(moment(MOMENTS[0]), tick=False):
        yield


@pytest.fixture
def demo(monday):
    load.load()


def next_steps() -> dict[str, tuple[Tag, str]]:
    steps = {f.person.full_name: find(f) for f in facts.load(Case.objects.all())}
    return {name: (step.tag, step.text) for name, step in steps.items()}


class TestLoad:
    def test_refuses_outside_the_demo(self, settings):
        settings.DEMO = False

        with pytest.raises(load.NotTheDemo):
            load.load()
        assert not User.objects.exists()

    def test_fills_an_empty_database_once(self, demo):
        assert not load.load()
        assert Case.objects.count() == 40

    def test_leaves_a_database_that_has_people_alone(self):
        User.objects.create_user("verklig@soderkoping.example")

        assert not load.load()
        assert not Person.objects.exists()

    @pytest.mark.parametrize("now", MOMENTS)
    def test_can_be_loaded_at_any_time(self, now):
        with time_machine.travel(moment(now), tick=False):
            assert load.load()

            assert len(next_steps()) == 40
            assert all(e.at <= clock.now() for e in PersonEvent.objects.all())

    def test_shows_every_state_of_the_checklist(self, demo):
        assert {tag for tag, _text in next_steps().values()} == set(Tag)

    def test_shows_every_kind_of_next_step(self, demo):
        texts = " | ".join(text for _tag, text in next_steps().values())

        for expected in (
            "Koppla på e-tjänsten",
            "Fråga igen om e-tjänsten",
            "Fråga igen lördag 23 januari 2027",
            "Hjälp till med e-legitimation",
            "Rätta uppgiften som stoppade synkningen",
            "Rätta mobilnumret",
            "Rätta e-postadressen",
            "Skicka välkomstmeddelande",
            "Skickas i morgon, onsdag 25 november kl. 09.00",
            "Väntar på första inloggning",
            "Följ upp: har inte loggat in",
            "Fråga om relationer",
            "Skriv ett första meddelande",
            "Be om beslut om e-tjänsten",
            "Stäng av e-tjänsten",
            "Personen är avliden",
            "Klar",
        ):
            assert expected in texts

    def test_gives_karin_most_people_but_not_all(self, demo):
        karin = User.objects.get(first_name="Karin")

        assert 15 <= Person.objects.visible_to(karin).count() <= 27

    def test_gives_each_signs_in_role_somebody_to_see_but_the_administrator(self, demo):
        seen = {u.first_name: Person.objects.visible_to(u).exists() for u in User.objects.all()}

        assert seen.pop("Mona") is False
        assert set(seen.values()) == {True}


class TestPeople:
    def test_have_published_numbers_of_adults(self, demo):
        numbers = Person.objects.values_list("identity_number", flat=True)

        for number in numbers:
            Personnummer(number)  # or it raises
            assert 18 <= int(f"{clock.today():%Y}") - int(number[:4]) <= 90
        assert len(set(numbers)) == 42

    def test_have_phones_that_belong_to_nobody_and_mail_that_goes_nowhere(self, demo):
        fictional = re.compile(r"(\+4670174(06(0[5-9]|[1-9]\d)))?")
        phones = list(Person.objects.values_list("mobile_e164", flat=True))
        addresses = Person.objects.values_list("email", flat=True)

        assert all(fictional.fullmatch(phone) for phone in phones)
        assert max(Counter(filter(None, phones)).values()) == 1
        assert all(not address or address.endswith("@exempel.se") for address in addresses)

    def test_have_accounts_as_the_code_itself_leaves_them(self, demo):
        for account in EServiceAccount.objects.all():
            state = SwitchState(account.state)
            assert account.messages_enabled == (state != SwitchState.OFF)
            if state != SwitchState.OFF:
                is_told = account.synced_version == account.version
                assert is_told == (state == SwitchState.ACTIVE)

    def test_can_be_switched_off_again_by_undo(self, demo):
        account = EServiceAccount.objects.filter(state=SwitchState.PENDING).first()
        by = account.person.cases.get().support_contact

        persons.undo_switch_on(account=account, by=by)

        account.refresh_from_db()
        assert (account.state, account.messages_enabled, account.wish) == ("off", False, "")

    def test_are_welcomed_by_themselves_the_next_morning(self, demo):
        with time_machine.travel(moment("2026-11-25 03:30"), tick=False):
            assert run.run_if_due(clock.now()).refused_count == 0
        with time_machine.travel(moment("2026-11-25 09:00"), tick=False):
            assert inbox.release_due(now=clock.now()) == 2

        new = Notice.objects.filter(created_at=moment("2026-11-25 09:00"))
        assert Counter(new.values_list("channel", flat=True)) == {Channel.SMS: 2, Channel.EMAIL: 2}
        assert not Message.objects.filter(state=Message.State.SCHEDULED).exists()

    @pytest.mark.usefixtures("demo")
    def test_were_welcomed_on_working_days(self):
        for message in Message.objects.welcomes().exclude(readable_at=None):
            assert dates.is_working_day(message.readable_at.astimezone(STOCKHOLM).date())


class TestNights:
    @pytest.mark.parametrize(
        ("now", "latest"), [("2026-11-24 10:42", "2026-11-24"), ("2026-11-24 00:50", "2026-11-23")]
    )
    def test_have_been_run_until_now(self, now, latest):
        with time_machine.travel(moment(now), tick=False):
            load.load()

            last = SyncRun.objects.latest("local_date")
            assert str(last.local_date) == latest
            assert SyncRun.objects.filter(state=SyncRun.State.DONE).count() == 6
            assert run.run_if_due(clock.now()) is None


class TestLoadDemo:
    def test_prints_who_can_sign_in_each_time(self, client, monday):
        printed = [StringIO(), StringIO()]

        for out in printed:
            call_command("load_demo", stdout=out)

        first, second = (out.getvalue() for out in printed)
        assert first == second
        assert len(first.splitlines()) == 6
        assert "karin.ek@soderkoping.example" in first
        assert office.PASSWORD in first
        assert client.login(email="karin.ek@soderkoping.example", password=office.PASSWORD)

    def test_refuses_outside_the_demo(self, settings):
        settings.DEMO = False

        with pytest.raises(CommandError):
            call_command("load_demo")


class TestDemoSignIn:
    def test_is_offered_on_the_sign_in_page(self, client, demo):
        page = client.get("/konto/logga-in/").content.decode()

        assert "Logga in som Karin Ek, kontaktperson" in " ".join(page.split())

    def test_is_offered_nowhere_else(self, client, settings):
        settings.DEMO = False

        assert office.PASSWORD not in client.get("/konto/logga-in/").content.decode()
