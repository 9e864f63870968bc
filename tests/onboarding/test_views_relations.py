from datetime import date
from typing import Any

import pytest
from django.core import serializers
from django.urls import reverse

from persons.models import AccessLogEntry, Case, Person, PersonEvent
from persons.states import SwitchState
from relations.models import Relation, RelationsAnswer
from tests.factories import PersonFactory, RelationFactory, protect
from tests.onboarding.conftest import MONDAY, person_of
from tests.pages import Form, Page, follow, open_page, words

LEILA = "199107172380"  # Skatteverket's test number


def address(person: Person, name: str = "relations") -> str:
    return reverse(name, args=[person.public_id])


def form_of(client, person: Person) -> Form:
    return open_page(client, address(person, "add_relation")).form("Lägg till relationen")


def rows() -> str:
    kinds: tuple[Any, ...] = (Person, Case, Relation, RelationsAnswer, PersonEvent)
    return "".join(serializers.serialize("json", kind.objects.order_by("pk")) for kind in kinds)


TYPED: dict[str, Any] = {
    "identity_number": "910717-2380",
    "given_name": "Leila",
    "family_name": "Exempel",
    "kinship": "syster",
    "investigation_opened_on": "2026-11-12",
    "consent_on": "2026-11-23",
    "consent_form": "oral",
    "valid_until": "2027-05-23",
    "may": ["may_read_messages", "may_write_messages"],
    "notify_by_sms": "on",
    "mobile": "070-174 06 11",
    "email": "",
    "read_by_others": "no",
}

MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"identity_number": ""}, "id_identity_number", "Skriv personnumret med 12 siffror."),
    (
        {"identity_number": "19910717-2381"},
        "id_identity_number",
        "Personnumret stämmer inte. Kontrollera siffrorna.",
    ),
    (
        {"identity_number": "9107172380"},
        "id_identity_number",
        "Skriv personnumret med 12 siffror, så att århundradet syns.",
    ),
    (
        {"identity_number": "Leila"},
        "id_identity_number",
        "Skriv personnumret med 12 siffror, till exempel 19850312-1234.",
    ),
    (  # a date of birth in the future
        {"identity_number": "20901231-2385"},
        "id_identity_number",
        "Personnumret stämmer inte. Kontrollera siffrorna.",
    ),
    (
        {"identity_number": "19900602-2397"},
        "id_identity_number",
        "Det här är Amina själv. Skriv personnumret för den som ska läggas till.",
    ),
    ({"given_name": " "}, "id_given_name", "Skriv förnamnet."),
    ({"family_name": ""}, "id_family_name", "Skriv efternamnet."),
    (
        {"investigation_opened_on": ""},
        "id_investigation_opened_on",
        "Relationer kan aktiveras när en utredning har inletts. Skriv datumet när den inleddes.",
    ),
    (
        {"investigation_opened_on": "2026-11-24"},
        "id_investigation_opened_on",
        "Datumet har inte varit än. Skriv ett datum som har varit.",
    ),
    ({"consent_on": ""}, "id_consent_on", "Skriv datumet när personen sa ja."),
    (
        {"consent_on": "2026-12-01"},
        "id_consent_on",
        "Datumet har inte varit än. Skriv ett datum som har varit.",
    ),
    ({"consent_form": None}, "id_consent_form_0", "Välj hur personen sa ja."),
    ({"valid_until": ""}, "id_valid_until", "Skriv hur länge samtycket gäller."),
    (
        {"valid_until": "2026-11-22"},
        "id_valid_until",
        "Slutdatumet har redan varit. Välj ett senare datum.",
    ),
    (
        {"valid_until": "2027-11-24"},
        "id_valid_until",
        "Samtycket kan gälla högst ett år. Välj ett tidigare slutdatum.",
    ),
    ({"may": None}, "id_may_0", "Kryssa i minst en sak som personen får göra."),
    ({"mobile": ""}, "id_mobile", "Skriv mobilnumret, till exempel 070-174 06 05."),
    (
        {"mobile": "070-174 06 05"},
        "id_mobile",
        "Skriv relationens egna kontaktuppgifter, inte personens.",
    ),
    (
        {"notify_by_email": "on", "email": "leila"},
        "id_email",
        "E-postadressen saknar @. Skriv den så här: namn@exempel.se.",
    ),
    (
        {"notify_by_email": "on", "email": "amina@exempel.se"},
        "id_email",
        "Skriv relationens egna kontaktuppgifter, inte personens.",
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
]


@pytest.fixture
def amina(karin) -> Person:
    return person_of(
        karin,
        given_name="Amina",
        identity_number="199006022397",
        mobile="070-174 06 05",
        email="amina@exempel.se",
        account__pending=True,
    )


class TestAnswer:
    def test_no_is_an_answer_that_finishes_the_step(self, signed_in, amina):
        form = open_page(signed_in, address(amina)).form("Spara svaret")

        page = follow(signed_in, form.send(signed_in, answer="no"))

        assert RelationsAnswer.objects.get().answer == "no"
        assert page.address == amina.get_absolute_url()
        assert page.status.startswith("Svaret är sparat: Nej, ingen just nu.")
        assert "Nej, ingen just nu. Klar" in page.words

    def test_later_comes_back_on_its_day(self, signed_in, amina):
        form = open_page(signed_in, address(amina)).form("Spara svaret")

        page = follow(signed_in, form.send(signed_in, answer="later", ask_again_on="20261130"))

        assert page.status.startswith("Svaret är sparat. Du påminns måndag 30 november.")
        assert "Fråga igen måndag 30 november. Väntar" in page.words

    def test_yes_leads_to_the_form(self, signed_in, amina):
        form = open_page(signed_in, address(amina)).form("Spara svaret")

        page = follow(signed_in, form.send(signed_in, answer="yes"))

        assert page.heading == "Lägg till en närstående"
        assert not RelationsAnswer.objects.exists()

    @pytest.mark.parametrize(
        ("mistake", "target", "text"),
        [
            ({"answer": None}, "id_answer_0", "Välj ett av svaren."),
            ({"answer": "kanske"}, "id_answer_0", None),
            (
                {"answer": "later", "ask_again_on": ""},
                "id_ask_again_on",
                "Välj ett datum då du vill fråga igen.",
            ),
            (
                {"answer": "later", "ask_again_on": "2026-11-23"},
                "id_ask_again_on",
                "Datumet har redan varit. Välj ett senare datum.",
            ),
            (
                {"answer": "later", "ask_again_on": "snart"},
                "id_ask_again_on",
                "Datumet går inte att läsa. Skriv det så här: 2026-11-23.",
            ),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(
        self, signed_in, amina, mistake, target, text
    ):
        form = open_page(signed_in, address(amina)).form("Spara svaret")
        before = rows()

        page = Page(form.send(signed_in, **mistake))

        assert list(page.errors()) == [target]
        if text:
            assert page.errors()[target] == text
        assert page.error_at(target) == page.errors()[target]
        assert page.title.startswith("Fel: Relationer")
        if mistake["answer"] == "later":
            assert page.form("Spara").value("ask_again_on") == mistake["ask_again_on"]
        assert rows() == before

    def test_is_one_answer_when_it_is_sent_twice(self, signed_in, amina):
        form = open_page(signed_in, address(amina)).form("Spara svaret")
        follow(signed_in, form.send(signed_in, answer="no"))
        once = rows()

        follow(signed_in, form.send(signed_in, answer="no"))

        assert rows() == once

    def test_is_hidden_from_others(self, stranger, amina):
        before = rows()

        assert stranger.get(address(amina)).status_code == 404
        assert stranger.post(address(amina), {"answer": "no"}).status_code == 404
        assert rows() == before


class TestAddRelation:
    def test_saves_who_may_do_what_and_on_what_basis(self, signed_in, amina, karin):
        page = follow(signed_in, form_of(signed_in, amina).send(signed_in, **TYPED))

        relation = Relation.objects.get()
        assert relation.representative.identity_number == LEILA
        assert (relation.full_name, relation.kinship) == ("Leila Exempel", "syster")
        assert (relation.basis, relation.consent_form) == ("consent", "oral")
        assert (relation.consent_on, relation.valid_until) == (
            date(2026, 11, 23), date(2027, 5, 23)
        )  # fmt: skip
        assert (relation.may_read_messages, relation.may_see_documents) == (True, False)
        assert (relation.mobile, relation.mobile_e164) == ("070-174 06 11", "+46701740611")
        assert (relation.state, relation.created_by) == (SwitchState.PENDING, karin)
        assert amina.cases.get().investigation_opened_on == date(2026, 11, 12)
        assert page.status.startswith(
            "Leila Exempel är tillagd. Kan användas från och med i morgon, tisdag 24 november."
        )

    def test_shows_the_relation_afterwards(self, signed_in, amina):
        page = follow(signed_in, form_of(signed_in, amina).send(signed_in, **TYPED))

        assert "Närstående, syster" in page.words
        assert "läsa meddelanden, skriva meddelanden" in page.words
        assert "Samtycke 23 november 2026. Gäller till och med 23 maj 2027." in page.words
        assert "sms 070-174 06 11" in page.words
        assert "Utredning inledd: 12 november 2026." in page.words
        assert "Minst en relation är tillagd. Klar" in open_page(
            signed_in, amina.get_absolute_url()
        ).words  # fmt: skip

    def test_asks_no_more_but_offers_to_add_another(self, signed_in, amina):
        page = follow(signed_in, form_of(signed_in, amina).send(signed_in, **TYPED))

        assert "Vill personen att någon annan" not in page.words
        assert page.link("Lägg till en relation till") == address(amina, "add_relation")

    def test_keeps_what_is_known_of_the_representative(self, signed_in, amina):
        """Somebody else's client: neither the page nor the row tells."""
        known = PersonFactory(identity_number=LEILA, given_name="Lejla", mobile="070-174 06 33")

        page = follow(signed_in, form_of(signed_in, amina).send(signed_in, **TYPED))

        known.refresh_from_db()
        assert (known.given_name, known.mobile) == ("Lejla", "070-174 06 33")
        assert "Lejla" not in page.response.content.decode()

    def test_does_not_tell_that_the_representative_is_protected(self, signed_in, amina):
        PersonFactory(identity_number=LEILA, given_name="Lejla", protected=True)

        page = follow(signed_in, form_of(signed_in, amina).send(signed_in, **TYPED))

        assert page.status.startswith("Leila Exempel är tillagd.")

    @pytest.mark.parametrize("typed", ["19910717-2380", "199107172380", "910717-2380"])
    def test_takes_the_number_as_people_write_it(self, signed_in, amina, typed):
        follow(
            signed_in,
            form_of(signed_in, amina).send(signed_in, **TYPED | {"identity_number": typed}),
        )

        assert Relation.objects.get().representative.identity_number == LEILA

    def test_takes_a_coordination_number(self, signed_in, amina):
        typed = TYPED | {"identity_number": "19701063-2391"}

        follow(signed_in, form_of(signed_in, amina).send(signed_in, **typed))

        assert Relation.objects.get().representative.identity_number == "197010632391"

    def test_is_hidden_from_others(self, stranger, amina):
        before = rows()

        assert stranger.get(address(amina, "add_relation")).status_code == 404
        assert stranger.post(address(amina, "add_relation"), TYPED).status_code == 404
        assert rows() == before


class TestMistakes:
    @pytest.mark.parametrize(("mistake", "target", "text"), MISTAKES)
    def test_are_told_at_the_field_and_in_the_summary(
        self, signed_in, amina, mistake, target, text
    ):
        form = form_of(signed_in, amina)
        before = rows()

        page = Page(form.send(signed_in, **TYPED | mistake))

        assert page.errors() == {target: text}
        assert page.error_at(target) == text
        assert page.title.startswith("Fel: Lägg till en närstående")
        assert rows() == before

    @pytest.mark.parametrize(("mistake", "target", "text"), MISTAKES)
    def test_cost_nothing_of_what_was_typed(self, signed_in, amina, mistake, target, text):
        sent = form_of(signed_in, amina)
        typed = TYPED | mistake

        kept = Page(sent.send(signed_in, **typed)).form("Lägg till relationen")

        for name, value in typed.items():
            assert kept.values.get(name, [""]) == (value if name == "may" else [value or ""]) or (
                value is None and name not in kept.values
            ), name
        assert kept.value("submission") == sent.value("submission")

    def test_are_told_when_the_person_has_a_standing_relation(self, signed_in, amina):
        follow(signed_in, form_of(signed_in, amina).send(signed_in, **TYPED))
        before = rows()

        page = Page(form_of(signed_in, amina).send(signed_in, **TYPED))

        text = "Leila Exempel finns redan som närstående."
        assert page.errors() == {"id_identity_number": text}
        assert page.error_at("id_identity_number") == text
        assert rows() == before

    @pytest.mark.parametrize("text", ["\x00", "x" * 5000, "<script>alert(1)</script>"])
    def test_of_any_kind_are_answered(self, signed_in, amina, text):
        names = ("identity_number", "given_name", "kinship", "mobile", "valid_until", "submission")
        form = form_of(signed_in, amina)
        before = rows()

        page = Page(form.send(signed_in, **TYPED | dict.fromkeys(names, text)))

        assert "<script>alert" not in page.response.content.decode()
        assert page.errors()
        assert rows() == before

    def test_are_tried_for_every_field(self, signed_in, amina):
        form = form_of(signed_in, amina)
        tried = {target.removeprefix("id_").removesuffix("_0") for _, target, _ in MISTAKES}

        untried = set(form.values) | set(TYPED)
        untried -= tried | {"csrfmiddlewaretoken", "submission", "kinship"}
        assert untried == {"notify_by_sms"}


class TestStopPage:
    TYPED = TYPED | {"mobile": "+47 406 12 345"}

    def test_asks_before_anything_is_saved(self, signed_in, amina):
        form = form_of(signed_in, amina)
        before = rows()

        page = Page(form.send(signed_in, **self.TYPED))

        assert page.heading == "Kontrollera innan du lägger till"
        assert "Numret är utländskt (+47)." in page.words
        assert rows() == before

    def test_saves_when_it_is_right(self, signed_in, amina):
        stop = Page(form_of(signed_in, amina).send(signed_in, **self.TYPED))

        follow(signed_in, stop.form("Lägg till ändå").send(signed_in))

        assert Relation.objects.get().mobile == "+47 406 12 345"

    def test_gives_everything_back(self, signed_in, amina):
        stop = Page(form_of(signed_in, amina).send(signed_in, **self.TYPED))

        kept = Page(stop.form("Gå tillbaka").send(signed_in)).form("Lägg till relationen")

        for name, value in self.TYPED.items():
            assert kept.values.get(name) == (value if name == "may" else [value]), name


class TestTwice:
    def test_is_one_relation_when_the_same_form_is_sent_again(self, signed_in, amina):
        form = form_of(signed_in, amina)
        follow(signed_in, form.send(signed_in, **TYPED))
        once = rows()

        page = follow(signed_in, form.send(signed_in, **TYPED))

        assert rows() == once
        assert page.status.startswith("Leila Exempel är tillagd.")

    def test_is_one_relation_from_two_windows(self, signed_in, amina):
        one, other = form_of(signed_in, amina), form_of(signed_in, amina)
        follow(signed_in, one.send(signed_in, **TYPED))

        page = Page(other.send(signed_in, **TYPED))

        assert Relation.objects.count() == 1
        assert "finns redan som närstående" in page.errors()["id_identity_number"]

    @pytest.mark.parametrize("state", ["pending", "active"])
    def test_is_one_closing(self, signed_in, amina, karin, state):
        relation = RelationFactory(principal=amina, created_by=karin, **{state: True})
        close = open_page(signed_in, f"{relation.get_absolute_url()}stang/").form("Stäng åtkomst")
        follow(signed_in, close.send(signed_in))
        once = rows()

        page = follow(signed_in, close.send(signed_in))

        assert rows() == once
        assert page.status.startswith("Åtkomsten är redan stängd.")

    def test_does_not_say_that_a_closed_relation_was_added(self, signed_in, amina):
        """The browser's back button still has the form."""
        form = form_of(signed_in, amina)
        follow(signed_in, form.send(signed_in, **TYPED))
        relation = Relation.objects.get()
        close = open_page(signed_in, f"{relation.get_absolute_url()}stang/").form("Stäng åtkomst")
        follow(signed_in, close.send(signed_in))
        once = rows()

        page = Page(form.send(signed_in, **TYPED))

        assert rows() == once
        assert list(page.errors()) == [""]
        assert "stängd" in page.errors()[""]


class TestRelation:
    @pytest.fixture
    def leila(self, amina, karin) -> Relation:
        return RelationFactory(
            principal=amina, active=True, created_by=karin, mobile="070-174 06 11"
        )

    def test_has_a_personbild_of_its_own(self, signed_in, leila):
        page = open_page(signed_in, leila.get_absolute_url())

        assert page.heading == "Leila Exempel"
        assert "Ombud för Amina Exempel." in page.words
        assert "Kan användas sedan i dag." in page.words

    def test_is_reached_from_the_list(self, signed_in, amina, leila):
        page = open_page(signed_in, address(amina))

        assert page.link("Leila Exempel") == leila.get_absolute_url()

    def test_is_hidden_from_others(self, stranger, leila):
        for end in ("", "stang/"):
            assert stranger.get(leila.get_absolute_url() + end).status_code == 404

    def test_is_not_found_under_another_person(self, signed_in, leila, karin):
        other = person_of(karin)

        wrong = reverse("relation", args=[other.public_id, leila.public_id])

        assert signed_in.get(wrong).status_code == 404
        assert signed_in.post(f"{wrong}stang/").status_code == 404
        leila.refresh_from_db()
        assert leila.state == SwitchState.ACTIVE

    def test_is_closed_at_once_after_a_question(self, signed_in, amina, leila):
        page = open_page(signed_in, address(amina))
        stop = open_page(signed_in, page.link("Stäng åtkomst för Leila"))
        assert stop.heading == "Stäng åtkomst för Leila Exempel?"

        after = follow(signed_in, stop.form("Stäng åtkomst").send(signed_in))

        leila.refresh_from_db()
        assert leila.state == SwitchState.CLOSING
        assert not leila.is_current(on=MONDAY.date())
        assert after.status.startswith("Åtkomsten är stängd för Leila Exempel.")
        assert "Inga relationer." in after.words

    def test_offers_nothing_to_close_when_it_is_closed(self, signed_in, leila):
        close = open_page(signed_in, f"{leila.get_absolute_url()}stang/").form("Stäng åtkomst")
        follow(signed_in, close.send(signed_in))

        page = open_page(signed_in, leila.get_absolute_url())

        assert "Åtkomsten är stängd." in page.words
        assert not [e for e in page.root.iter("a") if words(e).startswith("Stäng åtkomst")]
        assert "Väntar" not in page.words

    def test_is_written_to_the_access_log_of_the_principal(self, signed_in, amina, leila):
        open_page(signed_in, leila.get_absolute_url())

        [entry] = AccessLogEntry.objects.all()
        assert (entry.person, entry.view) == (amina, "relation")


class TestProtectedPrincipal:
    def test_gets_no_relation_by_an_old_form(self, signed_in, amina):
        form = form_of(signed_in, amina)
        protect(amina)
        before = rows()

        page = Page(form.send(signed_in, **TYPED))

        assert "Ingen annan kan läsa eller skriva åt personen" in page.words
        assert rows() == before

    def test_is_not_named_on_any_page_nor_is_an_old_relation(self, signed_in, amina):
        relation = RelationFactory(principal=amina, given_name="Leila", closing=True)
        protect(amina)

        for page in (address(amina), address(amina, "add_relation"), relation.get_absolute_url()):
            html = open_page(signed_in, page).response.content.decode()
            assert "Amina" not in html
            assert "Leila" not in html


class TestDeceasedPrincipal:
    def test_gets_no_relation(self, signed_in, amina):
        form = form_of(signed_in, amina)
        Person.objects.filter(pk=amina.pk).update(deceased_on=MONDAY.date())
        before = rows()

        page = Page(form.send(signed_in, **TYPED))

        assert page.errors() == {"": "Personen är avliden."}
        assert rows() == before


@pytest.mark.parametrize("relatives", [2, 40])
def test_the_list_asks_as_few_questions_however_many_there_are(
    signed_in, amina, karin, relatives, django_assert_max_num_queries
):
    for _ in range(relatives):
        RelationFactory(principal=amina, active=True, created_by=karin)

    with django_assert_max_num_queries(8):
        page = open_page(signed_in, address(amina))

    assert page.words.count("Närstående") >= relatives
