import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from persons.models import Person, Switch
from persons.models.insert_only import InsertOnlyModel
from persons.models.person import ContactDetails
from persons.models.switch import SwitchQuerySet
from persons.states import SwitchState
from staff.models import User
from web import clock


class Role(models.TextChoices):
    CLOSE_RELATIVE = "close_relative", _("Närstående")
    GOOD_MAN = "good_man", _("God man")
    LEGAL_ADMINISTRATOR = "legal_administrator", _("Förvaltare")
    AGENT = "agent", _("Ombud")
    OTHER = "other", _("Annan")


class Basis(models.TextChoices):
    CONSENT = "consent", _("Samtycke")
    APPOINTMENT = "appointment", _("Förordnande")


class ConsentForm(models.TextChoices):
    ORAL = "oral", _("Muntligt")
    WRITTEN = "written", _("Skriftligt")
    DIGITAL = "digital", _("I e-tjänsten")


class RelationQuerySet(SwitchQuerySet):
    def of(self, principal: Person) -> Self:
        return self.filter(principal=principal)

    def standing(self) -> Self:
        """Those that are on or on their way, not those that have been closed."""
        return self.exclude(state__in=[SwitchState.OFF, SwitchState.CLOSING])

    def with_a_mandate(self, *, on: date) -> Self:
        """Good men and administrators, appointed by a court or by the chief guardian."""
        current = self.standing().filter(valid_from__lte=on, valid_until__gte=on)
        return current.filter(role__in=[Role.GOOD_MAN, Role.LEGAL_ADMINISTRATOR])


class Relation(ContactDetails, Switch):
    """Who may act for whom. It has a personbild of its own, with its own flags and number.

    The name is kept as the principal gave it: whether we know the representative from
    elsewhere must not show.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    principal = models.ForeignKey(Person, models.PROTECT, related_name="relations")
    representative = models.ForeignKey(Person, models.PROTECT, related_name="represents")
    given_name = models.CharField(_("Förnamn"), max_length=100)
    family_name = models.CharField(_("Efternamn"), max_length=100)
    role = models.CharField(_("roll"), max_length=30, choices=Role)
    kinship = models.CharField(max_length=50, blank=True)
    basis = models.CharField(_("grund"), max_length=20, choices=Basis)
    consent_on = models.DateField(null=True, blank=True)
    consent_form = models.CharField(max_length=20, choices=ConsentForm, blank=True)
    may_read_messages = models.BooleanField(default=False)
    may_write_messages = models.BooleanField(default=False)
    may_see_documents = models.BooleanField(default=False)
    may_see_invitations = models.BooleanField(default=False)
    valid_from = models.DateField(_("från och med"))
    valid_until = models.DateField(_("till och med"))
    created_at = models.DateTimeField(_("tillagd"), default=clock.now)
    created_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("tillagd av"), related_name="+"
    )

    objects = RelationQuerySet.as_manager()  # type: ignore[misc]  # narrower than the base

    class Meta(Switch.Meta):
        verbose_name = _("relation")
        verbose_name_plural = _("relationer")
        constraints = [
            *Switch.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(principal=F("representative")), name="relation_is_between_two"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")),
                name="relation_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(basis=Basis.CONSENT)
                | Q(consent_on__isnull=False) & ~Q(consent_form=""),
                name="consent_has_a_date_and_a_form",
            ),
            models.UniqueConstraint(
                fields=["principal", "representative"],
                condition=~Q(state__in=[SwitchState.OFF, SwitchState.CLOSING]),
                name="one_standing_relation_per_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"Relation {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("relation", args=[self.principal.public_id, self.public_id])

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def is_current(self, *, on: date) -> bool:
        return self.is_usable_on(on) and self.valid_from <= on <= self.valid_until


class RelationsAnswer(InsertOnlyModel):
    """What the person said when asked about relations. The latest one counts."""

    class Answer(models.TextChoices):
        NO = "no", _("Nej, ingen just nu")
        LATER = "later", _("Fråga igen senare")

    person = models.ForeignKey(Person, models.PROTECT, related_name="relations_answers")
    answer = models.CharField(max_length=10, choices=Answer)
    ask_again_on = models.DateField(null=True, blank=True)
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "-at"], name="latest_answer_of_person")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(answer="later") | Q(ask_again_on__isnull=False),
                name="later_has_a_date",
            )
        ]

    def __str__(self) -> str:
        return f"RelationsAnswer {self.pk}"
