from typing import ClassVar

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.wording import revealing, variables
from messaging.wording.kinds import Kind, Medium
from messaging.wording.versions import Version, VersionQuerySet, constraints
from staff.models import Municipality


class Text(Version):
    KEY: ClassVar = ("kind", "medium", "language")
    CONTENT: ClassVar = ("subject", "body")

    kind = models.CharField(gettext_lazy("mall"), max_length=20, choices=Kind)
    medium = models.CharField(gettext_lazy("kanal"), max_length=10, choices=Medium)
    subject = models.CharField(gettext_lazy("Ämne"), max_length=100, blank=True)
    body = models.TextField(gettext_lazy("Text"), max_length=8000)

    objects = VersionQuerySet["Text"].as_manager()

    class Meta:
        verbose_name = gettext_lazy("text")
        verbose_name_plural = gettext_lazy("texter")
        constraints = constraints("text", "kind", "medium", "language")

    @property
    def leaves_the_house(self) -> bool:
        """The others are read after signing in."""
        return self.medium != Medium.MESSAGE

    @property
    def has_subject(self) -> bool:
        return self.medium != Medium.SMS

    @property
    def fields(self) -> tuple[str, ...]:
        """What may stand in it between braces."""
        return variables.allowed(self.kind, self.medium, self.language)

    def problems(self) -> dict[str, list[str]]:
        found = {name: self._problems(value) for name, value in self.content.items()}
        if not self.body.strip():
            found["body"] = [_("Skriv en text.")]
        if self.has_subject and not self.subject.strip():
            found["subject"] = [_("Skriv ett ämne.")]
        return {name: sentences for name, sentences in found.items() if sentences}

    def _problems(self, value: str) -> list[str]:
        wrong = list(variables.problems(value, self.fields))
        if self.leaves_the_house:
            wrong += revealing.findings(value, revealing.lookout(Municipality.load()))
        return wrong
