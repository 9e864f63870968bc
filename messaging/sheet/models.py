from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from messaging.sheet import content
from messaging.wording import revealing
from messaging.wording.versions import Version, constraints
from staff.models import Municipality
from web import clock, languages


class SheetText(Version):
    """The words of the sheet in one language, as they were written and approved."""

    KEY: ClassVar = ("language",)
    CONTENT: ClassVar = ("body",)

    body = models.TextField(_("Text"), max_length=8000)

    class Meta:
        verbose_name = _("bladets text")
        verbose_name_plural = _("bladets texter")
        constraints = constraints("sheet_text", "language")

    def problems(self) -> dict[str, list[str]]:
        """All but its length: that takes a second to measure, so `actions` asks."""
        found = content.problems(self.body, revealing.lookout(Municipality.load()))
        return {"body": found} if found else {}


class SheetVersion(models.Model):
    """One wording of the sheet, kept as people received it: rows are added, never changed."""

    FILENAME = "informationsblad-meddelanden.pdf"

    language = models.CharField(_("språk"), max_length=10, choices=languages.CHOICES)
    version = models.PositiveIntegerField(_("version"))
    digest = models.CharField(max_length=64)
    html = models.TextField()
    pdf = models.BinaryField()
    created_at = models.DateTimeField(_("skapad"), default=clock.now)

    class Meta:
        verbose_name = _("informationsblad")
        verbose_name_plural = _("informationsblad")
        constraints = [
            models.UniqueConstraint(
                fields=["language", "version"], name="one_sheet_per_version_number"
            ),
            models.UniqueConstraint(fields=["language", "digest"], name="one_sheet_per_wording"),
        ]

    def __str__(self) -> str:
        return f"Sheet {self.language} {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("sheet_pdf", args=[self.language, self.version])

    def attachment(self) -> tuple[str, bytes, str]:
        """What `EmailMessage.attach` takes."""
        # PostgreSQL answers with a memoryview.
        return self.FILENAME, bytes(self.pdf), "application/pdf"
