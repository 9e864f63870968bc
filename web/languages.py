"""Languages: their codes, their own names, and which way they are read."""

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Language(NamedTuple):
    """The code is a BCP 47 tag: what `lang` says to a screen reader."""

    code: str
    name: "StrOrPromise"
    own_name: str
    direction: str = "ltr"


SWEDISH = "sv"
# "simple" is a registered variant: the same language, in simplified form.
EASY_SWEDISH = "sv-simple"
ENGLISH = "en"

ALL = [
    Language(SWEDISH, _("Svenska"), "Svenska"),
    Language(EASY_SWEDISH, _("Lätt svenska"), "Lätt svenska"),
    Language(ENGLISH, _("Engelska"), "English"),
    Language("ar", _("Arabiska"), "العربية", "rtl"),
    Language("prs", _("Dari"), "دری", "rtl"),
    Language("fi", _("Finska"), "Suomi"),
    Language("ckb", _("Kurdiska, sorani"), "کوردیی ناوەندی", "rtl"),
    Language("fa", _("Persiska"), "فارسی", "rtl"),
    Language("so", _("Somaliska"), "Soomaali"),
    Language("ti", _("Tigrinja"), "ትግርኛ"),
    Language("uk", _("Ukrainska"), "Українська"),
]
BY_CODE = {language.code: language for language in ALL}
CHOICES = [(language.code, language.name) for language in ALL]


def named(code: str) -> Language:
    """The language of this code. An unknown one is read as Swedish, from left to right."""
    return BY_CODE.get(code, BY_CODE[SWEDISH])
