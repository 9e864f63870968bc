from django.db import models

from persons.models.insert_only import InsertOnlyModel
from persons.models.person import Person
from staff.models import User
from web import clock


class PersonEvent(InsertOnlyModel):
    """What happened, with old and new values. `kind` is a word of the floor that wrote it."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="events")
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    changes = models.JSONField(default=dict)  # {"field": [old, new]}

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "-at"], name="history_of_person")]

    def __str__(self) -> str:
        return f"PersonEvent {self.pk}"
