from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from persons.models.case import Case
from persons.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from persons.models.person import Person
from staff.models import User
from web import clock


class PersonEventQuerySet(InsertOnlyQuerySet):
    def visible_to(self, user: User) -> Self:
        """What is about a case is for those who see the case."""
        return self.filter(Q(case=None) | Q(case__in=Case.objects.visible_to(user)))


class PersonEvent(InsertOnlyModel):
    """What happened, with old and new values. `kind` is a word of the floor that wrote it."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="events")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="events")
    at = models.DateTimeField(_("när"), default=clock.now)
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("vem"), null=True, related_name="+")
    kind = models.CharField(max_length=40)
    changes = models.JSONField(default=dict)  # {"field": [old, new]}

    objects = PersonEventQuerySet.as_manager()  # type: ignore[misc]  # narrower than the base

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        verbose_name = _("händelse")
        verbose_name_plural = _("händelser")
        indexes = [models.Index(fields=["person", "-at"], name="history_of_person")]

    def __str__(self) -> str:
        return f"PersonEvent {self.pk}"
