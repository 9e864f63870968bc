from typing import Any

import pytest
from django.core import serializers
from django.urls import reverse

from messaging.inbox.models import Message
from messaging.wording.kinds import Kind, Medium
from messaging.wording.models import Text
from onboarding.channels_form import ChannelsForm
from persons.models import EServiceAccount, Person, PersonEvent, Wish
from persons.states import SwitchState
from relations.models import Relation
from staff.models import Role
from tests.factories import MessageFactory, PersonFactory, UserFactory, protect
from tests.onboarding.conftest import MONDAY, person_of
from tests.pages import Form, Page, follow, open_page

NUMBER = "070-174 06 05"


def address(person: Person, name: str = "switch_on") -> str:
    return reverse(name, args=[person.public_id])


def form_of(client, person: Person) -> Form:
    return open_page(client, address(person)).form("Koppla på")


def rows() -> str:
    """All that a form about a person can change."""
    kinds: tuple[Any, ...] = (Person, EServiceAccount, PersonEvent, Message, Relation)
    return "".join(serializers.serialize("json", kind.objects.order_by("pk")) for kind in kinds)


YES: dict[str, Any] = {
    "wish": "yes",
    "wish_on": "2026-11-23",
    "messages_enabled": "on",
    "notify_by_sms": "on",
    "mobile": NUMBER,
    "email": "",
    "read_by_others": "no",
}

# What is typed instead, the field that the error belongs to, and what it says.
MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"wish": None}, "id_wish_0", "Välj om personen vill använda e-tjänsten."),
    (
        {"wish_on": "2026-11-24"},
        "id_wish_on",
        "Datumet har inte varit än. Skriv det datum då personen sa ja.",
    ),
    ({"wish_on": ""}, "id_wish_on", "Skriv vilken dag personen sa ja."),
    (
        {"wish_on": "i går"},
        "id_wish_on",
        "Datumet går inte att läsa. Skriv det så här: 2026-11-23.",
    ),
    (
        {"wish_on": "2026-02-30"},
        "id_wish_on",
        "Datumet går inte att läsa. Skriv det så här: 2026-11-23.",
    ),
    (
        {"messages_enabled": None},
        "id_messages_enabled",
        "Kryssa i Meddelande för att koppla på e-tjänsten.",
    ),
    ({"mobile": ""}, "id_mobile", "Skriv mobilnumret, till exempel 070-174 06 05."),
    (
        {"mobile": "070-1740"},
        "id_mobile",
        "Mobilnumret ska ha 10 siffror. Du skrev 7. Kontrollera numret.",
    ),
    (
        {"mobile": "070-174 06 055"},
        "id_mobile",
        "Mobilnumret ska ha 10 siffror. Du skrev 11. Kontrollera numret.",
    ),
    (
        {"mobile": "011-15 00 00"},
        "id_mobile",
        "Numret är ett fast telefonnummer och kan inte ta emot sms. Skriv ett mobilnummer.",
    ),
    (
        {"mobile": "070-ett sju"},
        "id_mobile",
        "Mobilnumret innehåller bokstäver. Skriv bara siffror.",
    ),
    (
        {"mobile": "070-174 06 99"},
        "id_mobile",
        "Det här är ett nummer på jobbet. Skriv personens eget nummer.",
    ),
    (
        {"notify_by_email": "on"},
        "id_email",
        "Skriv e-postadressen, till exempel namn@exempel.se.",
    ),
    (
        {"notify_by_email": "on", "email": "amina.exempel.se"},
        "id_email",
        "E-postadressen saknar @. Skriv den så här: namn@exempel.se.",
    ),
    (
        {"notify_by_email": "on", "email": "amina@exempel"},
        "id_email",
        "E-postadressen stämmer inte. Skriv den så här: namn@exempel.se.",
    ),
    (
        {"notify_by_email": "on", "email": "karin@Soderkoping.se"},
        "id_email",
        "Adressen slutar på soderkoping.se. Skriv personens egen adress.",
    ),
    (
        {"read_by_others": None},
        "id_read_by_others_0",
        "Svara på om någon annan kan läsa personens sms eller mejl.",
    ),
    (
        {"read_by_others": "yes"},
        "id_channels_read_by_others_0",
        "Kryssa i sms, mejl eller båda.",
    ),
    ({"wish": "no", "ask_again_on": ""}, "id_ask_again_on",
     "Välj ett datum då du vill fråga igen."),
    (
        {"wish": "no", "ask_again_on": "2026-11-23"},
        "id_ask_again_on",
        "Datumet har redan varit. Välj ett senare datum.",
    ),
]  # fmt: skip


class TestSwitchOn:
    def test_saves_what_was_asked_and_says_from_when_it_can_be_used(self, signed_in, amina, karin):
        typed = YES | {"notify_by_email": "on", "email": "amina@Exempel.SE"}

        page = follow(signed_in, form_of(signed_in, amina).send(signed_in, **typed))

        amina.refresh_from_db()
        account = amina.account
        assert page.address == amina.get_absolute_url()
        assert (amina.mobile, amina.mobile_e164) == (NUMBER, "+46701740605")
        assert amina.email == "amina@exempel.se"
        assert (account.state, account.wish, account.wish_on) == ("pending", "yes", MONDAY.date())
        assert account.messages_enabled
        assert account.notify_by_sms
        assert account.notify_by_email
        assert (account.sms_read_by_others, account.email_read_by_others) == (False, False)
        assert (account.switched_on_by, account.switched_on_at) == (karin, MONDAY)
        assert page.status.startswith(
            "E-tjänsten är påkopplad för Amina Exempel. Den synkas på natten och kan användas "
            "från och med i morgon, tisdag 24 november."
        )

    def test_promises_the_same_date_before_and_after(self, signed_in, amina):
        before = open_page(signed_in, address(amina))

        follow(signed_in, before.form("Koppla på").send(signed_in, **YES))

        promise = "från och med i morgon, tisdag 24 november."
        assert promise in before.words
        after = open_page(signed_in, amina.get_absolute_url())
        assert promise.rstrip(".") in after.words

    def test_begins_with_what_is_known(self, signed_in, amina):
        form = form_of(signed_in, amina)

        assert form.value("mobile") == amina.mobile
        assert form.value("email") == amina.email
        assert form.value("wish_on") == "2026-11-23"
        assert form.value("read_by_others") == ""

    def test_is_hidden_from_others(self, stranger, amina):
        before = rows()

        assert stranger.get(address(amina)).status_code == 404
        assert stranger.post(address(amina), YES | {"version": "0"}).status_code == 404
        assert rows() == before

    @pytest.mark.parametrize(
        "typed",
        [
            "0701740605", "070-174 06 05", "070 174 06 05", "(070) 174 06 05", "+46701740605",
            "0046701740605", "+46 (0)70-174 06 05", "070\u00a0174\u00a006\u00a005",
            "070-174 06 05 ", "070–174 06 05", "070.174.06.05",
        ],
    )  # fmt: skip
    def test_keeps_a_number_as_it_was_typed(self, signed_in, amina, typed):
        follow(signed_in, form_of(signed_in, amina).send(signed_in, **YES | {"mobile": typed}))

        amina.refresh_from_db()
        assert (amina.mobile, amina.mobile_e164) == (typed.strip(), "+46701740605")

    def test_notifies_no_channel_that_somebody_else_can_read(self, signed_in, amina):
        typed = YES | {
            "notify_by_email": "on",
            "email": "amina@exempel.se",
            "read_by_others": "yes",
            "channels_read_by_others": ["sms"],
        }

        follow(signed_in, form_of(signed_in, amina).send(signed_in, **typed))

        account = EServiceAccount.objects.get(person=amina)
        assert (account.notify_by_sms, account.notify_by_email) == (False, True)
        assert (account.sms_read_by_others, account.email_read_by_others) == (True, False)

    def test_changes_the_number_of_someone_who_is_on(self, signed_in, karin):
        person = person_of(karin, account__active=True, account__sms_read_by_others=False)
        page = open_page(signed_in, address(person))
        assert page.heading == "Ändra kontaktvägar"
        assert "E-tjänsten fungerar som vanligt medan ändringen synkas på natten." in page.words

        typed = {"mobile": "070-174 06 98", "read_by_others": "no"}
        after = follow(signed_in, page.form("Spara").send(signed_in, **typed))

        person.refresh_from_db()
        assert person.mobile_e164 == "+46701740698"
        assert person.account.state == SwitchState.PENDING_CHANGE
        assert after.status.startswith("Kontaktvägarna är ändrade för Amina Exempel.")

    def test_shows_the_sms_in_the_language_that_the_person_reads(self, signed_in, amina):
        Person.objects.filter(pk=amina.pk).update(language="en")
        key = {"kind": Kind.WELCOME, "medium": Medium.SMS, "language": "en"}
        Text.objects.create(**key, body="You can read it.", version=1, state="published")

        assert "You can read it." in open_page(signed_in, address(amina)).words

    def test_asks_as_few_questions_with_an_error_as_without(
        self, signed_in, amina, django_assert_max_num_queries
    ):
        form = form_of(signed_in, amina)

        with django_assert_max_num_queries(12):
            form.send(signed_in, **YES | {"mobile": "1"})


class TestMistakes:
    @pytest.fixture(autouse=True)
    def _colleague(self, karin):
        UserFactory(phone="070-174 06 99")

    @pytest.mark.parametrize(("mistake", "target", "text"), MISTAKES)
    def test_are_told_at_the_field_and_in_the_summary(
        self, signed_in, amina, mistake, target, text
    ):
        form = form_of(signed_in, amina)
        before = rows()

        page = Page(form.send(signed_in, **YES | mistake))

        assert page.errors() == {target: text}
        assert page.error_at(target) == text
        assert page.title.startswith("Fel: Koppla på e-tjänsten")
        assert page.status == ""
        assert rows() == before

    @pytest.mark.parametrize(("mistake", "target", "text"), MISTAKES)
    def test_cost_nothing_of_what_was_typed(self, signed_in, amina, mistake, target, text):
        typed = YES | {"email": "någon annan", "ask_again_on": "2027-01-31"} | mistake
        sent = form_of(signed_in, amina)

        kept = Page(sent.send(signed_in, **typed)).form("Koppla på")

        for name, value in typed.items():
            assert kept.value(name) == (value or ""), name
        assert kept.value("version") == sent.value("version")

    def test_are_told_all_at_once_in_the_order_of_the_fields(self, signed_in, amina):
        typed = {"wish": "yes", "notify_by_sms": "on", "wish_on": "", "mobile": "", "email": "x"}
        form = form_of(signed_in, amina)
        form.values = {"version": form.values["version"]}

        page = Page(form.send(signed_in, **typed))

        assert list(page.errors()) == [
            "id_wish_on", "id_messages_enabled", "id_mobile", "id_email", "id_read_by_others_0"
        ]  # fmt: skip
        assert "Det finns 5 saker att rätta" in page.words

    def test_are_not_told_before_anything_was_sent(self, signed_in, amina):
        page = open_page(signed_in, address(amina))

        assert page.errors() == {}
        assert not page.title.startswith("Fel:")
        assert not [e for e in page.root.iter() if "required" in e.attrib]

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
    def test_in_what_nobody_typed_change_nothing(self, signed_in, amina, version):
        before = rows()

        response = form_of(signed_in, amina).send(signed_in, **YES, version=version)

        assert response.status_code in {200, 409}
        assert rows() == before

    @pytest.mark.parametrize("text", ["\x00", "x" * 5000, "<script>alert(1)</script>", "'; --"])
    def test_of_any_kind_are_answered(self, signed_in, amina, text):
        typed = YES | {"notify_by_email": "on", "email": text, "mobile": text, "wish_on": text}
        before = rows()

        page = Page(form_of(signed_in, amina).send(signed_in, **typed))

        assert set(page.errors()) == {"id_wish_on", "id_mobile", "id_email"}
        assert "<script>alert" not in page.response.content.decode()
        assert rows() == before

    def test_are_not_found_in_what_was_not_asked(self, signed_in, amina):
        """Whoever says no is not asked for a number, and what is on file stays."""
        typed = YES | {"wish": "no", "ask_again_on": "2027-02-23", "mobile": "x", "email": "x"}
        mobile = amina.mobile

        page = follow(signed_in, form_of(signed_in, amina).send(signed_in, **typed))

        amina.refresh_from_db()
        assert amina.mobile == mobile
        assert page.status == (
            "Noterat: Amina vill inte använda e-tjänsten. Du påminns tisdag 23 februari 2027. Stäng"
        )


class TestWishes:
    def test_remember_when_to_ask_again(self, signed_in, amina):
        typed = {"wish": "no", "ask_again_on": "23 februari 2027"}

        follow(signed_in, form_of(signed_in, amina).send(signed_in, **typed))

        account = EServiceAccount.objects.get(person=amina)
        assert (account.wish, str(account.ask_again_on)) == (Wish.NO, "2027-02-23")
        assert account.state == SwitchState.OFF

    def test_note_that_there_is_no_eid(self, signed_in, amina):
        page = follow(signed_in, form_of(signed_in, amina).send(signed_in, wish="no_eid"))

        assert page.status.startswith("Noterat: Amina saknar e-legitimation.")
        assert EServiceAccount.objects.get(person=amina).wish == Wish.NO_EID

    def test_do_not_switch_off_what_is_on(self, signed_in, karin):
        person = person_of(karin, account__active=True)
        form = open_page(signed_in, address(person)).form("Spara")
        before = rows()

        page = Page(form.send(signed_in, wish="no", ask_again_on="2027-02-23"))

        assert page.errors() == {"id_wish_0": "E-tjänsten är påkopplad. Stäng av den först."}
        assert rows() == before


class TestStopPage:
    WARNINGS = [
        (
            {"mobile": "+47 406 12 345"},
            "Vi får kanske inte veta om sms:et kommer fram.",
        ),
        (
            {"mobile": "070-174 06 97"},
            "Numret finns redan på en annan person. Kontrollera att det är rätt.",
        ),
        (
            {"notify_by_email": "on", "email": "amina@gmial.com"},
            "Du skrev amina@gmial.com. Menade du amina@gmail.com?",
        ),
        (
            {"notify_by_sms": None},
            "Personen får inget sms eller mejl när det kommer något.",
        ),
    ]

    @pytest.fixture(autouse=True)
    def _another_person(self, office):
        PersonFactory(given_name="Bo", family_name="Hemlig", mobile="070-174 06 97")

    @pytest.mark.parametrize(("typed", "warning"), WARNINGS)
    def test_asks_before_anything_is_saved(self, signed_in, amina, typed, warning):
        before = rows()

        page = Page(form_of(signed_in, amina).send(signed_in, **YES | typed))

        assert page.heading == "Kontrollera innan du kopplar på"
        assert not page.title.startswith("Fel:")
        assert warning in page.words
        assert rows() == before

    @pytest.mark.parametrize(("typed", "warning"), WARNINGS)
    def test_saves_what_was_typed_when_it_is_right(self, signed_in, amina, typed, warning):
        stop = Page(form_of(signed_in, amina).send(signed_in, **YES | typed))

        follow(signed_in, stop.form("Koppla på ändå").send(signed_in))

        amina.refresh_from_db()
        assert amina.account.state == SwitchState.PENDING
        assert amina.mobile == (YES | typed)["mobile"]

    @pytest.mark.parametrize(("typed", "warning"), WARNINGS)
    def test_gives_everything_back(self, signed_in, amina, typed, warning):
        typed = YES | {"ask_again_on": "2027-01-31"} | typed
        stop = Page(form_of(signed_in, amina).send(signed_in, **typed))

        back = Page(stop.form("Gå tillbaka").send(signed_in))

        assert back.heading == "Koppla på e-tjänsten"
        assert back.errors() == {}
        for name, value in typed.items():
            assert back.form("Koppla på").value(name) == (value or ""), name

    def test_never_says_whose_the_number_is(self, signed_in, amina):
        page = Page(form_of(signed_in, amina).send(signed_in, **YES | {"mobile": "0701740697"}))

        for word in ("Bo", "Hemlig"):
            assert word not in page.words.split()

    def test_tells_every_warning_at_once(self, signed_in, amina):
        typed = {"mobile": "+47 406 12 345", "email": "a@hotmial.com", "notify_by_sms": None}

        page = Page(form_of(signed_in, amina).send(signed_in, **YES | typed))

        assert "utländskt" in page.words
        assert "Menade du a@hotmail.com?" in page.words
        assert "Personen får inget sms eller mejl" in page.words

    def test_cannot_be_used_to_get_past_an_error(self, signed_in, amina):
        before = rows()

        typed = YES | {"mobile": "", "confirmed": "1"}
        page = Page(form_of(signed_in, amina).send(signed_in, **typed))

        assert "id_mobile" in page.errors()
        assert rows() == before


class TestTwice:
    def test_is_one_result_when_the_same_form_is_sent_again(self, signed_in, amina):
        form = form_of(signed_in, amina)
        follow(signed_in, form.send(signed_in, **YES))
        once = rows()

        follow(signed_in, form.send(signed_in, **YES))

        assert rows() == once
        assert PersonEvent.objects.filter(kind="switched_on").count() == 1

    def test_is_one_result_for_a_no_too(self, signed_in, amina):
        form, typed = form_of(signed_in, amina), {"wish": "no", "ask_again_on": "2027-02-23"}
        follow(signed_in, form.send(signed_in, **typed))
        once = rows()

        follow(signed_in, form.send(signed_in, **typed))

        assert rows() == once

    @pytest.mark.parametrize("state", ["pending", "active", "failed", "pending_change"])
    def test_is_one_result_when_switched_off(self, signed_in, karin, state):
        person = person_of(karin, **{f"account__{state}": True})
        stop = open_page(signed_in, address(person, "switch_off")).form("Stäng av")
        follow(signed_in, stop.send(signed_in))
        once = rows()

        page = follow(signed_in, stop.send(signed_in))

        assert rows() == once
        assert page.status.startswith("E-tjänsten är redan avstängd.")

    def test_is_one_result_when_undone(self, signed_in, amina):
        follow(signed_in, form_of(signed_in, amina).send(signed_in, **YES))
        undo = open_page(signed_in, amina.get_absolute_url()).form("Ångra påkopplingen")
        follow(signed_in, undo.send(signed_in))
        once = rows()

        page = follow(signed_in, undo.send(signed_in))

        assert rows() == once
        assert "Det går inte att ångra längre." in page.status


class TestConflict:
    """Two windows, or two people, with the same form."""

    @pytest.fixture
    def erik(self, amina):
        erik = UserFactory(
            role=Role.CASE_WORKER,
            unit=amina.cases.get().unit,
            first_name="Erik",
            last_name="Lind",
        )
        amina.cases.update(case_worker=erik)
        return erik

    @pytest.fixture
    def stopped(self, signed_in, client_class, amina, erik) -> Page:
        """Karin's form is older than what Erik has saved."""
        old, other = form_of(signed_in, amina), client_class()
        other.force_login(erik)
        follow(other, form_of(other, amina).send(other, **YES | {"mobile": "070-174 06 98"}))
        return Page(old.send(signed_in, **YES | {"mobile": "070-174 06 97"}))

    @pytest.fixture
    def client_class(self, client):
        return type(client)

    def test_is_stopped_with_both_values_and_who_was_first(self, stopped, amina):
        assert stopped.response.status_code == 409
        assert stopped.heading == "Uppgifterna har ändrats"
        assert "Erik Lind ändrade uppgifterna 23 november kl. 10.42." in stopped.words
        assert "Dina ändringar är inte sparade." in stopped.words
        assert "Telefon mobil 070-174 06 97 070-174 06 98" in stopped.words
        amina.refresh_from_db()
        assert amina.mobile == "070-174 06 98"

    def test_shows_only_what_differs(self, stopped):
        table = next(stopped.root.iter("tbody"))

        assert len(list(table.iter("tr"))) == 1

    def test_saves_ones_own_values_when_one_says_so(self, stopped, signed_in, amina):
        follow(signed_in, stopped.form("Spara mina värden").send(signed_in))

        amina.refresh_from_db()
        assert amina.mobile == "070-174 06 97"
        assert amina.account.state == SwitchState.PENDING

    def test_keeps_the_others_values_when_one_leaves(self, stopped, amina):
        assert stopped.link("Behåll värdena") == amina.get_absolute_url()

    def test_is_stopped_again_when_it_changed_once_more(
        self, stopped, signed_in, client_class, amina, erik
    ):
        other = client_class()
        other.force_login(erik)
        change = open_page(other, address(amina)).form("Spara")
        follow(other, change.send(other, mobile="070-174 06 96"))

        again = Page(stopped.form("Spara mina värden").send(signed_in))

        assert again.response.status_code == 409
        assert "Telefon mobil 070-174 06 97 070-174 06 96" in again.words

    def test_stops_a_no_to_someone_who_has_been_switched_on_meanwhile(
        self, signed_in, client_class, amina, erik
    ):
        old, other = form_of(signed_in, amina), client_class()
        other.force_login(erik)
        follow(other, form_of(other, amina).send(other, **YES))
        before = rows()

        page = Page(old.send(signed_in, wish="no", ask_again_on="2027-02-23"))

        assert page.errors() or page.response.status_code == 409
        assert rows() == before


class TestNight:
    def test_stops_a_form_from_before_it(self, signed_in, karin):
        """The run took the row while the form was open: undo is over, and nothing is lost."""
        person = person_of(karin, account__pending=True)
        page = open_page(signed_in, person.get_absolute_url())
        account = EServiceAccount.objects.filter(person=person)
        account.update(sent_version=1, synced_version=1, state="active", usable_from=MONDAY.date())

        after = follow(signed_in, page.form("Ångra påkopplingen").send(signed_in))

        assert "Det går inte att ångra längre. Du kan stänga av e-tjänsten." in after.status
        assert account.get().state == SwitchState.ACTIVE


class TestUndo:
    def values(self, person: Person) -> dict[str, Any]:
        person = Person.objects.select_related("account").get(pk=person.pk)
        both = vars(person) | vars(person.account)
        return {k: v for k, v in both.items() if not k.startswith("_") and k != "version"}

    @pytest.mark.parametrize(
        "before",
        [
            {},
            {"mobile": "", "mobile_e164": "", "email": ""},
            {"account__wish": Wish.NO, "account__wish_on": MONDAY.date(),
             "account__ask_again_on": MONDAY.date()},
        ],
    )  # fmt: skip
    def test_restores_everything(self, signed_in, karin, before):
        person = person_of(karin, **before)
        typed = YES | {"wish_on": "2026-11-20", "notify_by_email": "on", "email": "ny@exempel.se"}
        was = self.values(person)
        page = follow(signed_in, form_of(signed_in, person).send(signed_in, **typed))

        after = follow(signed_in, page.form("Ångra").send(signed_in))

        assert self.values(person) == was
        assert after.status.startswith("Påkopplingen är ångrad. Allt är som det var.")
        kinds = list(person.events.order_by("pk").values_list("kind", flat=True))
        assert kinds == ["switched_on", "switch_undone"]

    def test_restores_what_was_changed_after_the_switch_too(self, signed_in, amina):
        was = self.values(amina)
        follow(signed_in, form_of(signed_in, amina).send(signed_in, **YES))
        change = open_page(signed_in, address(amina)).form("Spara")
        follow(signed_in, change.send(signed_in, mobile="070-174 06 98"))

        page = open_page(signed_in, amina.get_absolute_url())
        follow(signed_in, page.form("Ångra påkopplingen").send(signed_in))

        assert self.values(amina) == was

    def test_says_what_others_have_changed_since_and_is_kept(self, signed_in, amina):
        follow(signed_in, form_of(signed_in, amina).send(signed_in, **YES))
        change = open_page(signed_in, address(amina, "change_details")).form("Spara")
        follow(signed_in, change.send(signed_in, mobile="070-174 06 98", family_name="Prov"))

        page = open_page(signed_in, amina.get_absolute_url())
        after = follow(signed_in, page.form("Ångra påkopplingen").send(signed_in))

        assert after.status.startswith(
            "Påkopplingen är ångrad. Det som har ändrats sedan dess är kvar: "
            "Efternamn, Telefon mobil."
        )

    def test_takes_back_a_welcome_that_was_written_meanwhile(self, signed_in, amina, karin):
        page = follow(signed_in, form_of(signed_in, amina).send(signed_in, **YES))
        message = MessageFactory(person=amina, written_by=karin)

        follow(signed_in, page.form("Ångra").send(signed_in))

        message.refresh_from_db()
        assert message.state == Message.State.STOPPED

    def test_is_hidden_from_others(self, stranger, karin):
        person = person_of(karin, account__pending=True)

        assert stranger.post(address(person, "undo_switch_on")).status_code == 404


class TestSwitchOff:
    def test_asks_first_and_then_shuts_at_once(self, signed_in, karin):
        person = person_of(karin, account__active=True)
        stop = open_page(signed_in, address(person, "switch_off"))
        assert stop.heading == "Stäng av e-tjänsten för Amina?"

        page = follow(signed_in, stop.form("Stäng av e-tjänsten").send(signed_in))

        account = EServiceAccount.objects.get(person=person)
        assert account.state == SwitchState.CLOSING
        assert not account.messages_enabled
        assert not account.is_usable
        assert page.status.startswith("E-tjänsten är avstängd. Det gäller direkt.")

    def test_does_not_name_who_is_protected(self, signed_in, karin):
        person = person_of(karin, account__active=True)
        protect(person)

        page = open_page(signed_in, address(person, "switch_off"))

        assert page.heading == "Stäng av e-tjänsten?"
        assert "Amina" not in page.words

    def test_stops_a_welcome_that_has_not_gone_out(self, signed_in, karin):
        person = person_of(karin, account__pending=True)
        message = MessageFactory(person=person, written_by=karin)

        stop = open_page(signed_in, address(person, "switch_off")).form("Stäng av")
        follow(signed_in, stop.send(signed_in))

        message.refresh_from_db()
        assert message.state == Message.State.STOPPED

    def test_is_hidden_from_others(self, stranger, karin):
        person = person_of(karin, account__active=True)

        assert stranger.post(address(person, "switch_off")).status_code == 404
        assert EServiceAccount.objects.get(person=person).state == SwitchState.ACTIVE


class TestProtected:
    @pytest.mark.parametrize("protection", ["confidentiality_marking", "unknown"])
    def test_is_not_switched_on_by_an_old_form(self, signed_in, amina, protection):
        form = form_of(signed_in, amina)
        protect(amina, protection)
        before = rows()

        page = Page(form.send(signed_in, **YES))

        assert page.heading == "E-tjänsten kan inte kopplas på här"
        assert "Amina" not in page.response.content.decode()
        assert rows() == before


class TestDeceased:
    def test_is_not_switched_on_and_everything_typed_is_kept(self, signed_in, amina):
        form = form_of(signed_in, amina)
        Person.objects.filter(pk=amina.pk).update(deceased_on=MONDAY.date())
        before = rows()

        page = Page(form.send(signed_in, **YES))

        assert page.errors() == {"": "Personen är avliden."}
        assert page.title.startswith("Fel: ")
        assert page.form("Koppla på").value("mobile") == NUMBER
        assert rows() == before


def test_every_field_of_the_form_has_a_mistake_that_is_tried():
    tried = {target.removeprefix("id_").removesuffix("_0") for _, target, _ in MISTAKES}

    assert set(ChannelsForm.base_fields) - {"notify_by_sms", "notify_by_email"} <= tried
