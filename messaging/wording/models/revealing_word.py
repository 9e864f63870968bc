from django.db import models
from django.utils.translation import gettext_lazy as _


class RevealingWord(models.Model):
    """What the administrators have added to the words that are revealing everywhere."""

    word = models.CharField(_("ord"), max_length=60, unique=True)
    better = models.CharField(
        _("skriv i stället"),
        max_length=60,
        blank=True,
        help_text=_("Lämna tomt om ordet ska bort."),
    )
    is_whole = models.BooleanField(
        _("bara som helt ord"),
        default=False,
        help_text=_("För korta ord. Annars hittas ordet också inuti andra ord."),
    )

    class Meta:
        verbose_name = _("avslöjande ord")
        verbose_name_plural = _("avslöjande ord")

    def __str__(self) -> str:
        return self.word
