from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from onboarding.imports import actions, tasks, work
from onboarding.imports.models import ImportRow, ImportRun
from persons.models import AccessLogEntry, Case, EServiceAccount, NotAllowed, Person, PersonEvent
from staff.models import Role
from tests.factories import (
    CaseFactory,
    MembershipFactory,
    NoticeFactory,
    PersonFactory,
    RelationFactory,
    UnitFactory,
    UserFactory,
    published_number,
)
from tests.onboarding.imports.files import apply, file_of, row, upload
from web import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unit")]

State = ImportRun.State


def register() -> list[object]:
    """Everything that an import can change."""
    models = (Person, EServiceAccount, Case, PersonEvent)
    return [list(model.objects.order_by("pk").values()) for model in models]


def known(**facts):
    """Somebody who is in the register with the case of `row()`."""
    facts = {"given_name": "Nina", "mobile": "", "mobile_e164": "", "email": ""} | facts
    person = PersonFactory(identity_number=published_number(200), **facts)
    CaseFactory(person=person, number="IFO-0", unit__name="Vuxenenheten 2")
    return person


class TestUpload:
    def test_takes_in_a_file_and_changes_nobody(self, mona, nobody_but_the_test_works):
        before = register()

        run = actions.upload(file=file_of(row(0), row(1)), submission=uuid4(), by=mona)

        assert (run.state, run.row_count, run.created_by) == (State.CHECKING, 2, mona)
        assert len(run.digest) == 64
        assert register() == before

    def test_is_for_administrators(self, sara):
        with pytest.raises(PermissionDenied):
            actions.upload(file=file_of(row()), submission=uuid4(), by=sara)

        assert not ImportRun.objects.exists()

    def test_of_the_same_page_twice_is_one(self, mona):
        submission = uuid4()

        first, second = (
            actions.upload(file=file_of(row()), submission=submission, by=mona) for _ in range(2)
        )

        assert first == second
        assert ImportRow.objects.count() == 1

    def test_tells_a_worker_once_it_is_there(
        self, mona, nobody_but_the_test_works, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            run = actions.upload(file=file_of(row()), submission=uuid4(), by=mona)

        assert nobody_but_the_test_works == [{"run_id": run.pk}]


class TestCheck:
    def test_counts_what_would_be_new_changed_and_as_before(self, mona, unit):
        apply(mona, row(0), row(1))
        before = register()

        run = upload(mona, row(0), row(1, tolk="dari"), row(2), row(3, enhet="Okänd"))

        assert run.state == State.CHECKED
        assert (run.new_count, run.changed_count, run.unchanged_count) == (1, 1, 1)
        assert run.error_count == 1
        assert register() == before

    def test_tells_row_column_and_what_to_do_but_not_what_stood_there(self, mona, sara):
        run = upload(
            mona,
            row(0, mobil="0701"),
            row(1, enhet="Okänd enhet"),
            row(2, handläggare="karin@soderkoping.example"),
            row(3, kontaktperson=sara.email),
        )

        assert run.errors == [
            [2, "mobil", "Mobilnumret ska ha 10 siffror. Du skrev 4. Kontrollera numret."],
            [3, "enhet", "Det finns ingen enhet med det namnet."],
            [4, "handläggare", "Ingen med den e-postadressen har rollen i dag."],
            [5, "kontaktperson", "Ingen med den e-postadressen har rollen i dag."],
        ]

    def test_finds_a_case_number_that_is_another_persons(self, mona):
        CaseFactory(number="IFO-0")

        run = upload(mona, row(0))

        assert run.errors == [
            [2, "ärendenummer", "Ärendenumret tillhör en annan person i registret."]
        ]

    def test_finds_rows_that_contradict_each_other(self, mona):
        twice = row(0), row(1, ärendenummer="IFO-0")
        differing = row(2), row(2, ärendenummer="IFO-3", förnamn="Nils")

        run = upload(mona, *twice, *differing, row(4))

        assert [number for number, _column, _text in run.errors] == [2, 3, 4, 5]
        assert run.new_count == 1

    def test_finds_a_date_that_does_not_go_with_one_that_we_have(self, mona):
        apply(mona, row(beslut="2026-10-20"))

        run = upload(mona, row(verkställd="2026-10-01"))

        assert run.errors == [[2, "verkställd", "Insatsen är verkställd före beslutet."]]

    def test_knows_only_those_who_work_here_today(self, mona, sara):
        MembershipFactory(
            user=UserFactory(email="former@soderkoping.example"),
            role=Role.CASE_WORKER,
            valid_until="2021-01-01",
        )
        UserFactory(email="stopped@soderkoping.example", role=Role.CASE_WORKER, is_active=False)
        names = ("former", "stopped", "SARA")

        run = upload(
            mona, *(row(n, handläggare=f"{who}@soderkoping.example") for n, who in enumerate(names))
        )

        assert [number for number, _column, _text in run.errors] == [2, 3]

    def test_is_logged_as_a_look_at_those_who_are_known(self, mona):
        person = known()

        upload(mona, row(0), row(1))

        entry = AccessLogEntry.objects.get()
        assert (entry.user, entry.action, entry.listed) == (mona, "list", [person.pk])

    def test_keeps_the_first_errors_of_very_many(self, mona, monkeypatch):
        monkeypatch.setattr(work, "KEPT_ERRORS", 2)

        run = upload(mona, row(0, beslut="x"), row(1, enhet="x"), row(2, beslut="x"))

        assert run.error_count == 3
        assert [number for number, _column, _text in run.errors] == [2, 3]

    def test_counts_a_person_with_many_cases_once_for_each(self, mona, monkeypatch):
        monkeypatch.setattr(work, "BATCH", 2)
        same = [row(0, ärendenummer=f"IFO-{n}") for n in range(3)]

        run = upload(mona, row(7), *same, row(8))

        assert (run.new_count, run.error_count) == (5, 0)


class TestApply:
    def test_registers_a_new_person_with_account_case_and_history(self, mona, unit, sara):
        run = apply(
            mona,
            row(
                **{
                    "mobil": "070-174 06 05",
                    "e-post": "nina@exempel.se",
                    "handläggare": sara.email,
                    "beslut": "2026-10-20",
                }
            ),
        )

        assert (run.state, run.new_count, run.applied_by) == (State.APPLIED, 1, mona)
        person = Person.objects.visible_to(sara).get()
        assert (person.full_name, person.mobile_e164) == ("Nina Exempel", "+46701740605")
        assert (person.protection, person.given_name_key) == ("none", "nina\x01exempel")
        assert person.sort_key == "exempel\x01nina"
        assert person.account.state == "off"
        case = person.cases.get()
        assert (case.number, case.unit, case.case_worker) == ("IFO-0", unit, sara)
        event = person.events.get()
        assert (event.kind, event.by) == ("imported", mona)
        assert event.changes["case_number"] == [None, "IFO-0"]
        assert event.changes["decided_on"] == [None, "2026-10-20"]
        assert event.changes["given_name"] == ["", "Nina"]

    def test_changes_nothing_the_second_time(self, mona, sara):
        rows = [row(n, mobil="070-174 06 05", handläggare=sara.email) for n in range(3)]
        apply(mona, *rows, row(4, skydd=""))
        before = register()

        run = apply(mona, *rows, row(4, skydd=""))

        assert (run.state, run.unchanged_count) == (State.APPLIED, 4)
        assert register() == before

    def test_changes_only_what_changed_and_tells_old_and_new(self, mona, sara):
        apply(mona, row(0, tolk="dari", beslut="2026-10-20"), row(1))
        before = Person.objects.values().get(identity_number=published_number(200))

        apply(mona, row(0, tolk="somaliska", handläggare=sara.email), row(1))

        after = Person.objects.values().get(identity_number=published_number(200))
        assert before | {"interpreter": "somaliska"} == after
        assert Case.objects.get(number="IFO-0").decided_on.isoformat() == "2026-10-20"
        event = PersonEvent.objects.latest("pk")
        assert PersonEvent.objects.count() == 3
        assert event.changes == {
            "case_number": ["IFO-0", "IFO-0"],
            "case_worker_id": [None, sara.pk],
            "interpreter": ["dari", "somaliska"],
        }

    def test_sorts_a_person_by_the_new_name(self, mona):
        apply(mona, row())

        apply(mona, row(efternamn="Öberg"))

        changed = Person.objects.get()
        assert (changed.sort_key, changed.given_name_key) == ("}berg\x01nina", "nina\x01}berg")

    def test_leaves_out_rows_with_errors_and_applies_the_rest(self, mona):
        run = apply(mona, row(0, beslut="x"), row(1), row(2, enhet="Okänd"))

        assert (run.new_count, run.error_count) == (1, 2)
        assert [number for number, _column, _text in run.errors] == [2, 4]
        assert Case.objects.get().number == "IFO-1"

    def test_makes_a_form_about_the_case_that_is_open_too_old(self, mona):
        apply(mona, row())
        seen = Case.objects.get().version

        apply(mona, row(beslut="2026-10-20"))

        case = Case.objects.get()
        assert case.version == seen + 1
        assert case.events.latest("pk").kind == "imported"

    def test_leaves_a_closed_case_as_it_is(self, mona):
        apply(mona, row(avslutad="2026-10-20"))

        same = apply(mona, row(avslutad="2026-10-20"))
        other = apply(mona, row(avslutad="2026-10-21", tolk="dari"))

        assert (same.unchanged_count, other.error_count) == (1, 1)
        assert other.errors == [
            [2, "ärendenummer", "Ärendet är avslutat i registret och ändras inte."]
        ]
        assert Person.objects.get().interpreter == ""

    def test_gives_one_person_both_cases(self, mona):
        apply(mona, row(0), row(0, ärendenummer="IFO-1"))

        assert Person.objects.get().cases.count() == 2
        assert EServiceAccount.objects.count() == 1

    def test_gives_an_account_to_somebody_who_only_acted_for_another(self, mona):
        person = PersonFactory(
            identity_number=published_number(200), family_name="Exempel", given_name="Nina",
            account=None,
        )  # fmt: skip

        apply(mona, row())

        assert person.account.state == "off"

    def test_keeps_no_row_when_it_is_done(self, mona):
        apply(mona, row(0), row(1, beslut="x"))

        assert not ImportRow.objects.exists()

    def test_logs_whom_it_added_and_changed(self, mona):
        changed = known()

        apply(mona, row(0, tolk="dari"), row(1))

        new = Person.objects.get(identity_number=published_number(201))
        entries = AccessLogEntry.objects.exclude(action="list").order_by("pk")
        assert [(entry.action, entry.listed) for entry in entries] == [
            ("create", [new.pk]),
            ("update", [changed.pk]),
        ]
        assert all((entry.user, entry.view) == (mona, "import") for entry in entries)

    def test_is_decided_by_an_administrator(self, mona, sara):
        run = upload(mona, row())

        with pytest.raises(PermissionDenied):
            actions.proceed(run=run, by=sara)

        run.refresh_from_db()
        assert run.state == State.CHECKED


class TestContactDetails:
    @pytest.mark.parametrize(
        ("trait", "state"),
        [
            ("active", "pending_change"),
            ("pending", "pending"),
            ("pending_change", "pending_change"),
            ("failed", "pending"),
            ("closing", "closing"),
        ],
    )
    def test_reach_the_other_side_tonight(self, mona, trait, state):
        person = known(**{f"account__{trait}": True})
        before = person.account.version

        apply(mona, row(mobil="070-174 06 70"))

        account = EServiceAccount.objects.get(person=person)
        assert (account.state, account.version) == (state, before + 1)
        assert account in EServiceAccount.objects.dirty()

    def test_give_a_new_version_also_where_it_is_off_so_that_an_open_form_is_too_old(self, mona):
        person = known()

        apply(mona, row(**{"e-post": "ny@exempel.se"}))

        account = EServiceAccount.objects.get(person=person)
        assert (account.state, account.version) == ("off", 1)
        assert not EServiceAccount.objects.dirty().exists()

    def test_leave_the_account_alone_when_something_else_changed(self, mona):
        person = known(account__active=True)

        apply(mona, row(tolk="dari", efternamn="Nytt"))

        account = EServiceAccount.objects.get(person=person)
        assert (account.state, account.version) == ("active", 1)

    def test_are_not_emptied_by_an_empty_cell(self, mona):
        facts = {"mobile": "070 174 06 05", "mobile_e164": "+46701740605", "email": "a@exempel.se"}
        person = known(mobile_confirmed_on=clock.today(), **facts)

        apply(mona, row())

        person.refresh_from_db()
        assert {name: getattr(person, name) for name in facts} == facts
        assert person.mobile_confirmed_on

    def test_are_not_rewritten_by_the_same_number_in_another_form(self, mona):
        facts = {"mobile": "070 174 06 05", "mobile_e164": "+46701740605"}
        person = known(mobile_confirmed_on=clock.today(), account__active=True, **facts)

        apply(mona, row(mobil="+46 70-174 06 05"))

        person.refresh_from_db()
        assert person.mobile == "070 174 06 05"
        assert person.mobile_confirmed_on
        assert EServiceAccount.objects.get(person=person).version == 1

    def test_that_are_new_have_not_been_confirmed(self, mona):
        confirmed = {"mobile": "070-174 06 05", "mobile_e164": "+46701740605"}
        person = known(mobile_confirmed_on=clock.today(), **confirmed)

        apply(mona, row(mobil="070-174 06 06"))

        person.refresh_from_db()
        assert (person.mobile_e164, person.mobile_confirmed_on) == ("+46701740606", None)


class TestMarkings:
    def test_are_set_and_shut_the_person_out_of_ordinary_lists(self, mona, sara):
        apply(mona, row(handläggare=sara.email))
        assert Person.objects.visible_to(sara).exists()

        run = apply(mona, row(handläggare=sara.email, skydd="sekretessmarkering"))

        assert Person.objects.get().protection == "confidentiality_marking"
        assert not Person.objects.visible_to(sara).exists()
        assert run.marked_count == 1

    def test_stop_what_is_on_and_under_way(self, mona):
        person = known(account__active=True)
        waiting = NoticeFactory(person=person, address="+46701740605")

        apply(mona, row(skydd="sekretessmarkering"))

        account = EServiceAccount.objects.get(person=person)
        waiting.refresh_from_db()
        assert (account.state, account.messages_enabled) == ("closing", False)
        assert (waiting.state, waiting.last_code) == ("cancelled", "protected")
        event = person.events.get(kind="protection_marked")
        assert (event.by, event.changes["source"]) == (mona, [None, "import"])

    @pytest.mark.parametrize("cell", ["nej", "", "ja"])
    def test_are_never_lifted_or_blurred_by_a_file(self, mona, cell):
        apply(mona, row(skydd="sekretessmarkering"))

        run = apply(mona, row(skydd=cell))

        assert Person.objects.get().protection == "confidentiality_marking"
        assert run.unchanged_count == 1

    def test_that_are_unknown_become_known(self, mona):
        apply(mona, row(skydd=""))

        apply(mona, row(skydd="skyddad folkbokföring"))

        assert Person.objects.get().protection == "protected_registration"

    @pytest.mark.parametrize("error", [{"mobil": "x"}, {"enhet": ""}, {"ärendenummer": ""}])
    def test_arrive_also_with_a_row_that_is_wrong_otherwise(self, mona, error):
        person = known(account__active=True)

        run = apply(mona, row(skydd="ja", **error))

        person.refresh_from_db()
        assert person.is_protected
        assert (run.marked_count, run.error_count) == (1, 1)
        assert AccessLogEntry.objects.filter(action="update", listed=[person.pk]).exists()

    def test_arrive_also_when_another_row_contradicts_them(self, mona):
        person = known()

        apply(mona, row(0), row(0, ärendenummer="IFO-1", skydd="sekretessmarkering"))

        person.refresh_from_db()
        assert person.is_protected


class TestInterruption:
    def test_leaves_what_is_done_and_goes_on_where_it_stopped(self, mona, monkeypatch):
        monkeypatch.setattr(work, "BATCH", 2)
        run = upload(mona, *(row(n) for n in range(5)))
        actions.proceed(run=run, by=mona)
        self._die_after_one_batch(run, monkeypatch)

        run.refresh_from_db()
        assert (run.state, run.new_count, Person.objects.count()) == (State.APPLYING, 1, 1)
        assert not work.go_on(run.pk)  # it may still be alive
        ImportRun.objects.update(lease_until=clock.machine_now() - timedelta(seconds=1))
        run.refresh_from_db()
        assert run.is_interrupted
        actions.proceed(run=run, by=mona)
        work.go_on(run.pk)

        run.refresh_from_db()
        assert (run.state, run.new_count, run.row_count) == (State.APPLIED, 5, 5)
        assert Person.objects.count() == PersonEvent.objects.count() == 5

    def _die_after_one_batch(self, run, monkeypatch):
        batch, calls = work._apply_batch, []

        def dying(*args):
            calls.append(args)
            if len(calls) > 1:
                raise SystemExit
            return batch(*args)

        with monkeypatch.context() as patch:
            patch.setattr(work, "_apply_batch", dying)
            with pytest.raises(SystemExit):
                work.go_on(run.pk)

    def test_in_the_middle_of_a_batch_writes_nothing_of_it(self, mona, monkeypatch):
        run = upload(mona, row(0), row(1))
        actions.proceed(run=run, by=mona)
        before = register()

        def full(*args, **kwargs):
            raise OSError("no space left")

        with monkeypatch.context() as patch:
            patch.setattr("onboarding.imports.write.PersonEvent.objects.bulk_create", full)
            with pytest.raises(OSError, match="no space"):
                work.go_on(run.pk)

        assert register() == before
        assert run.rows.count() == 2

    def test_that_was_no_interruption_writes_nothing_when_another_took_over(
        self, mona, monkeypatch
    ):
        run = upload(mona, row())
        actions.proceed(run=run, by=mona)
        plan_batch = work.plan.make

        def slow(*args, **kwargs):
            ImportRun.objects.update(lease_until=clock.machine_now() + timedelta(minutes=9))
            return plan_batch(*args, **kwargs)

        monkeypatch.setattr(work.plan, "make", slow)

        assert work.go_on(run.pk) is False
        assert not Person.objects.exists()

    def test_is_taken_up_by_the_next_tick(self, mona, nobody_but_the_test_works):
        run = upload(mona, row())
        actions.proceed(run=run, by=mona)

        tasks.sweep_imports()

        assert nobody_but_the_test_works[-1] == {"run_id": run.pk}


class TestOneAtATime:
    def test_another_has_to_wait(self, mona):
        first, second = upload(mona, row(0)), upload(mona, row(1))
        actions.proceed(run=first, by=mona)

        with pytest.raises(actions.AnotherIsApplied):
            actions.proceed(run=second, by=mona)

        second.refresh_from_db()
        assert second.state == State.CHECKED

    def test_two_clicks_on_the_same_are_one(self, mona):
        run = upload(mona, row())
        same = ImportRun.objects.get(pk=run.pk)
        actions.proceed(run=run, by=mona)

        with pytest.raises(NotAllowed):
            actions.proceed(run=same, by=mona)

        work.go_on(run.pk)
        work.go_on(run.pk)
        assert Person.objects.count() == 1

    def test_a_worker_with_many_rows_lets_others_in_between(self, mona, monkeypatch):
        monkeypatch.setattr(work, "BATCH", 1)
        monkeypatch.setattr(work, "BATCHES_A_PIECE", 2)
        run = upload(mona, *(row(n) for n in range(3)))
        actions.proceed(run=run, by=mona)

        assert [work.go_on(run.pk), work.go_on(run.pk)] == [True, False]

        run.refresh_from_db()
        assert (run.state, run.new_count) == (State.APPLIED, 3)


class TestDiscard:
    def test_forgets_the_rows_and_changes_nobody(self, mona):
        run = upload(mona, row())

        actions.discard(run=run, by=mona)

        run.refresh_from_db()
        assert run.state == State.DISCARDED
        assert not ImportRow.objects.exists()
        assert not Person.objects.exists()

    def test_cannot_be_done_to_what_is_finished(self, mona):
        run = apply(mona, row())

        with pytest.raises(NotAllowed):
            actions.discard(run=run, by=mona)

    def test_is_for_administrators(self, mona, sara):
        run = upload(mona, row())

        with pytest.raises(PermissionDenied):
            actions.discard(run=run, by=sara)

    def test_happens_by_itself_after_a_day(self, mona):
        old, new = upload(mona, row(0)), upload(mona, row(1))
        ImportRun.objects.filter(pk=old.pk).update(created_at=clock.now() - timedelta(hours=25))

        tasks.sweep_imports()

        assert list(ImportRow.objects.values_list("run", flat=True)) == [new.pk]
        old.refresh_from_db()
        assert old.state == State.DISCARDED

    def test_waits_for_a_worker_that_is_at_it(self, mona):
        run = upload(mona, row())
        ImportRun.objects.update(
            created_at=clock.now() - timedelta(hours=25),
            lease_until=clock.machine_now() + timedelta(minutes=1),
        )

        tasks.sweep_imports()

        assert run.rows.exists()


class TestRepresentatives:
    def test_are_told_apart_from_the_people_of_the_file(self, mona):
        relation = RelationFactory(representative__identity_number=published_number(200))

        apply(mona, row(förnamn="Nina"))

        relation.refresh_from_db()
        assert relation.given_name == "Leila"


def test_a_unit_is_found_by_its_name(mona):
    other = UnitFactory(name="Barnenheten")

    apply(mona, row(enhet="Barnenheten"))

    assert Case.objects.get().unit == other
