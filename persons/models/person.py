import uuid
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from persons import identity_number, swedish_order
from persons.models.case import Case
from persons.models.protection import DecisionRequest, Protection, ProtectionDecision
from staff.models import User
from web import clock


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: User) -> Self:
        """Those in whose open cases the user has a part: never more. SoLPuL 10 §."""
        return self.filter(Exists(Case.objects.visible_to(user).filter(person=OuterRef("pk"))))

    def protected(self) -> Self:
        """See also Person.is_protected."""
        return self.exclude(protection=Protection.NONE)

    def undecided(self) -> Self:
        """About whom no manager has decided whether they may use the e-service."""
        standing = ProtectionDecision.objects.standing().filter(person=OuterRef("pk"))
        return self.exclude(Exists(standing))

    def unprotected(self) -> Self:
        return self.filter(protection=Protection.NONE)

    def may_use_e_service(self, *, on: date) -> Self:
        """See also Person.may_use_e_service."""
        decided = ProtectionDecision.objects.allowing(on=on).filter(person=OuterRef("pk"))
        alive = self.filter(deceased_on=None)
        return alive.filter(Q(protection=Protection.NONE) | Exists(decided))


class ContactDetails(models.Model):
    """How someone can be reached. The number is shown as typed and compared as E.164."""

    mobile = models.CharField(_("Telefon mobil"), max_length=40, blank=True)
    mobile_e164 = models.CharField(max_length=16, blank=True, db_index=True)
    mobile_confirmed_on = models.DateField(null=True, blank=True)
    email = models.EmailField(_("E-postadress"), blank=True)

    class Meta:
        abstract = True


_FROM_THE_NAME = ("sort_key", "given_name_key")


class Person(ContactDetails):
    """Someone whose affairs we handle, or who acts for such a person."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identity_number = models.CharField(_("personnummer"), max_length=12, unique=True)
    given_name = models.CharField(_("förnamn"), max_length=100)
    family_name = models.CharField(_("efternamn"), max_length=100)
    # Family name first, and given name first: both are searched, and read in this order.
    sort_key = swedish_order.SortKeyField(max_length=250, editable=False, db_index=True)
    given_name_key = swedish_order.SortKeyField(max_length=250, editable=False, db_index=True)
    protection = models.CharField(max_length=30, choices=Protection, default=Protection.UNKNOWN)
    deceased_on = models.DateField(null=True, blank=True)
    language = models.CharField(_("språk"), max_length=10, default="sv")
    interpreter = models.CharField(_("tolk"), max_length=50, blank=True)
    created_at = models.DateTimeField(_("tillagd"), default=clock.now, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("personer")
        constraints = [
            models.CheckConstraint(
                condition=Q(identity_number__regex=r"^(18|19|20)[0-9]{10}$"),
                name="identity_number_has_twelve_digits",
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="protected_persons",
                condition=~Q(protection=Protection.NONE),
            )
        ]

    def __str__(self) -> str:
        return f"Person {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_sort_keys()
        if (named := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*named, *_FROM_THE_NAME}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("person", args=[self.public_id])

    def set_sort_keys(self) -> None:
        """Called by save(); for whoever writes many at once, who must call it."""
        # Cut: a few letters fold into several.
        self.sort_key = swedish_order.sort_key(self.family_name, self.given_name)[:250]
        self.given_name_key = swedish_order.sort_key(self.given_name, self.family_name)[:250]

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def is_protected(self) -> bool:
        """See also PersonQuerySet.protected. Fails closed: anything but NONE is protected."""
        return self.protection != Protection.NONE

    @property
    def protection_in_words(self) -> str:
        """The kind of marking. One that we do not know by name is never shown by name."""
        known = self.protection if self.protection in Protection else Protection.UNKNOWN
        return str(Protection(known).label)

    @property
    def standing_decision(self) -> ProtectionDecision | None:
        """What the unit manager has decided about the e-service. Prefetched where many are read."""
        return next((d for d in self.protection_decisions.all() if d.ended_at is None), None)

    @property
    def waiting_request(self) -> DecisionRequest | None:
        """Somebody has asked the unit manager for a decision. Prefetched where many are read."""
        return next((r for r in self.decision_requests.all() if r.answered_at is None), None)

    def may_use_e_service(self, *, on: date) -> bool:
        """The e-service may be on. Who is protected needs a decision, and its day must have come.

        See also PersonQuerySet.may_use_e_service.
        """
        if self.deceased_on is not None:
            return False
        decision = self.standing_decision if self.is_protected else None
        return not self.is_protected or (decision is not None and decision.allows(on=on))

    @property
    def may_be_notified(self) -> bool:
        """SMS and e-mail may be sent: never to who is protected, whatever is decided."""
        return not self.is_protected and self.deceased_on is None

    @property
    def shown_name(self) -> str:
        """The name for headings and lists; a protected person's is behind a button."""
        return str(_("Skyddad person")) if self.is_protected else self.full_name

    @property
    def shown_given_name(self) -> str:
        """The same, in a sentence about the person."""
        return str(_("Personen")) if self.is_protected else self.given_name

    @property
    def masked_number(self) -> str:
        return identity_number.masked(self.identity_number, today=clock.today())

    @property
    def shown_number(self) -> str:
        return identity_number.shown(self.identity_number, today=clock.today())

    @property
    def birth_year(self) -> int:
        return int(self.identity_number[:4])

    @property
    def age(self) -> int:
        return identity_number.age(self.identity_number, today=clock.today())
