"""One small municipality: who works there, whom they work with, and who may see whom."""

import io
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.test import Client
from PIL import Image

from messaging.inbox.models import Message
from messaging.notices.models import Notice, NoticeEvent, ProviderEvent
from messaging.notices.states import NoticeState
from messaging.sheet import actions as sheet
from messaging.sheet.models import SheetVersion
from messaging.sync.models import BeatTick
from onboarding.imports.models import ImportRun
from persons.models import (
    AccessLogEntry,
    AccessLogListed,
    Case,
    DecisionRequest,
    EmergencyAccess,
    EServiceAccount,
    LogReview,
    LogSample,
    NamedAccess,
    Person,
    PersonEvent,
    Protection,
    ProtectionDecision,
    Registration,
)
from relations.models import Relation, RelationsAnswer
from staff.models import Municipality, Role, User
from tests.access.canaries import Canaries
from tests.factories import (
    AbsenceFactory,
    AccountFactory,
    CaseFactory,
    DecisionRequestFactory,
    EmergencyAccessFactory,
    MembershipFactory,
    MessageFactory,
    NamedAccessFactory,
    NoticeFactory,
    PersonFactory,
    ProtectionDecisionFactory,
    RelationFactory,
    UnitFactory,
    UserFactory,
)
from tests.signing_in import force_login
from web import clock

# Whom each kind of user may open. Everybody else, and every other person: not there.
SEES: dict[str, set[str]] = {
    "anonymous": set(),
    "disabled": set(),
    "nobody yet": set(),
    "former manager": set(),
    "colleague in the unit": set(),
    "administrator": set(),
    "template editor": set(),
    "log reviewer": set(),
    "support contact": {"own", "protected"},
    "case worker": {"own"},  # has the same cases, and is not named
    "substitute": {"own"},
    "manager": {"own"},
    "worker elsewhere": {"other"},
    "manager elsewhere": {"other"},
    "opened in an emergency": {"other"},
}
NOT_SIGNED_IN = {"anonymous", "disabled"}
PERSONS = ("own", "other", "protected", "closed")


class World:
    def __init__(self, texts: Any = None) -> None:
        self.texts = texts or Canaries()
        self.here, self.elsewhere = UnitFactory(), UnitFactory()
        self.users = self._users()
        self.registrations: dict[str, Registration] = {}
        self.persons = {kind: self._person(kind) for kind in PERSONS}
        self.missing = PersonFactory.build()
        self._rights()
        self.clients = {who: self._client(who) for who in SEES}
        self.sheet = self._municipality()
        self.import_run = ImportRun.objects.create(
            created_by=self.users["administrator"], errors=[[2, "enhet", "Rutan är tom."]]
        )
        BeatTick.objects.create(at=clock.machine_now() + timedelta(hours=1))

    def row(self, model: Any, kind: str) -> Any:
        """The row of this model about this person. There is one of each."""
        if model is Person:
            return self.persons[kind]
        return model.objects.filter(**{_way_to_person(model): self.persons[kind]}).first()

    def _municipality(self) -> SheetVersion:
        logo = io.BytesIO()
        Image.new("RGB", (4, 1)).save(logo, "PNG")
        rows = Municipality.objects.update_or_create(
            pk=1, defaults={"logo": logo.getvalue(), "logo_type": "image/png"}
        )
        return sheet.current(municipality=rows[0])

    def _users(self) -> dict[str, User]:
        here, elsewhere = self.here, self.elsewhere
        users = {
            "nobody yet": UserFactory(),
            "former manager": UserFactory(),
            "colleague in the unit": UserFactory(role=Role.SUPPORT_CONTACT, unit=here),
            "administrator": UserFactory(role=Role.SYSTEM_ADMIN, unit=here),
            "template editor": UserFactory(role=Role.TEMPLATE_EDITOR, unit=here),
            "log reviewer": UserFactory(role=Role.LOG_REVIEWER, unit=here),
            "support contact": UserFactory(role=Role.SUPPORT_CONTACT, unit=here),
            "disabled": UserFactory(role=Role.UNIT_MANAGER, unit=here),
            "case worker": UserFactory(role=Role.CASE_WORKER, unit=here),
            "substitute": UserFactory(role=Role.CASE_WORKER, unit=here),
            "manager": UserFactory(role=Role.UNIT_MANAGER, unit=here),
            "worker elsewhere": UserFactory(role=Role.SUPPORT_CONTACT, unit=elsewhere),
            "manager elsewhere": UserFactory(role=Role.UNIT_MANAGER, unit=elsewhere),
            "opened in an emergency": UserFactory(role=Role.CASE_WORKER, unit=here),
        }
        MembershipFactory(
            user=users["former manager"], unit=here, role=Role.UNIT_MANAGER,
            valid_until=date(2020, 12, 31),
        )  # fmt: skip
        return users

    def _person(self, kind: str) -> Person:
        """With a row of every model that is about a person, and a text in each of its fields."""
        person = self._new_person(kind)
        AccountFactory(active=True, person=person, **self._texts(EServiceAccount, kind))
        self._case(kind, person)
        relative = self._new_person(f"{kind}'s relative")
        RelationFactory(
            active=True, principal=person, representative=relative, **self._texts(Relation, kind)
        )
        self._messages(kind, person)
        self._history(kind, person)
        self._registrations(kind, person)
        return person

    def _new_person(self, owner: str) -> Person:
        person = PersonFactory(account=None, **self._texts(Person, owner))
        self.texts.keep(owner, "Person.public_id", str(person.public_id))
        return person

    def _case(self, kind: str, person: Person) -> None:
        theirs = {"unit": self.elsewhere, "support_contact": self.users["worker elsewhere"]}
        ours = {
            "unit": self.here,
            "support_contact": self.users["support contact"],
            "case_worker": self.users["case worker"],
            "closed_on": clock.today() if kind == "closed" else None,
        }
        rows = theirs if kind == "other" else ours
        CaseFactory(person=person, executed=True, **rows, **self._texts(Case, kind))

    def _messages(self, kind: str, person: Person) -> None:
        writer = self.users["support contact"]
        MessageFactory(
            person=person, readable=True, written_by=writer, **self._texts(Message, kind)
        )
        MessageFactory(person=person, reply=True, **self._texts(Message, kind))
        notice = NoticeFactory(person=person, undelivered=True, **self._texts(Notice, kind))
        NoticeEvent.objects.create(
            notice=notice, from_state=NoticeState.QUEUED, to_state=NoticeState.UNDELIVERED
        )
        ProviderEvent.objects.create(
            notice=notice, ref=notice.ref, provider="locmem", status="undelivered"
        )

    def _history(self, kind: str, person: Person) -> None:
        stranger = UserFactory()
        was, became = (self.texts.hide(Person._meta.get_field("given_name"), kind) for _ in "12")
        self._new(
            PersonEvent, kind, person=person, by=stranger, kind="channels_changed",
            changes={"given_name": [was, became]},
        )  # fmt: skip
        self._new(RelationsAnswer, kind, person=person, by=stranger, answer="no")
        entry = self._new(
            AccessLogEntry, kind, person=person, user=stranger, action="view", view="person"
        )
        self._new(AccessLogListed, kind, person=person, entry=entry, at=entry.at)
        self._new(LogSample, kind, month=date(2026, 10, 1), place=entry.pk % 1000, entry=entry)
        self._new(LogReview, kind, entry=entry, reviewer=stranger, decision="justified")
        long_ago = clock.now() - timedelta(days=30)
        EmergencyAccessFactory(
            person=person, user=stranger, opened_at=long_ago,
            open_until=long_ago + timedelta(hours=1), reviewed_by=UserFactory(),
            reviewed_at=clock.now(), **self._texts(EmergencyAccess, kind),
        )  # fmt: skip
        NamedAccessFactory(person=person, user=stranger, **self._texts(NamedAccess, kind))
        self._decided(kind, person)

    def _decided(self, kind: str, person: Person) -> None:
        """Long ago: what stands is for the manager to read."""
        ProtectionDecisionFactory(
            person=person, ended_at=clock.now(), **self._texts(ProtectionDecision, kind)
        )
        DecisionRequestFactory(
            person=person, answered_at=clock.now(), **self._texts(DecisionRequest, kind)
        )

    def _registrations(self, kind: str, person: Person) -> None:
        """One that led to the case; and about those whom a manager sees, one that waits."""
        case = person.cases.get()
        known = {"unit": case.unit, "asked_by": UserFactory()}
        answered = {"case": case, "answered_by": UserFactory(), "answered_at": clock.now()}
        no_refusal = {"refusal": ""}
        texts = self._texts(Registration, kind)
        row = Registration.objects.create(**texts | known | answered | no_refusal)
        if kind in {"own", "other"}:
            texts = self._texts(Registration, kind)
            row = Registration.objects.create(**texts | known | no_refusal)
        self.registrations[kind] = row

    def _rights(self) -> None:
        protected = self.persons["protected"]
        Person.objects.filter(pk=protected.pk).update(protection=Protection.PROTECTED_REGISTRATION)
        protected.refresh_from_db()
        NamedAccessFactory(person=protected, user=self.users["support contact"])
        EmergencyAccessFactory(
            person=self.persons["other"], user=self.users["opened in an emergency"]
        )
        # The substitute's own role is the case worker's, so it is her work that is taken over.
        AbsenceFactory(user=self.users["case worker"], substitute=self.users["substitute"])
        User.objects.filter(pk=self.users["disabled"].pk).update(is_active=False)

    def _client(self, who: str) -> Client:
        client = Client(raise_request_exception=False)
        if who != "anonymous":
            force_login(client, self.users[who])
        return client

    def _texts(self, model: type[models.Model], kind: str) -> dict[str, str]:
        return self.texts.values(model, kind)

    def _new(self, model: Any, owner: str, /, **known: Any) -> Any:
        return model.objects.create(**self._texts(model, owner) | known)


def _way_to_person(model: Any) -> str:
    others = ("person", "notice__person", "case__person", "entry__person")
    names = ("principal",) if model is Relation else others
    return next(name for name in names if name.partition("__")[0] in _field_names(model))


def _field_names(model: Any) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}
