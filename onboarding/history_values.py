"""What an event changed, in the words of the pages: old and new, never the name of a field."""

from collections.abc import Set
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from persons.models import Wish
from web import languages


def in_words(changes: dict[str, Any]) -> list[str]:
    """One line for each fact that a page shows. What has no words there has none here."""
    # In our order: PostgreSQL keeps the names in one of its own.
    return [
        _line(label, *(_value(name, value) for value in changes[name]))
        for name, label in _labels().items()
        if name in changes
    ]


def labels(names: Set[str]) -> list[str]:
    """What the pages call these facts, in our order."""
    return [label for name, label in _labels().items() if name in names]


def _line(label: str, old: str, new: str) -> str:
    words = {"label": label, "old": old, "new": new or _("saknas")}
    if old:
        return _("%(label)s: %(new)s (var: %(old)s)") % words
    return _("%(label)s: %(new)s") % words


def _value(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        yes, no = (_("ja"), _("nej")) if name.endswith("_by_others") else (_("på"), _("av"))
        return yes if value else no
    if name.endswith("_on"):
        return date_format(date.fromisoformat(value), "j F Y")
    if name == "wish":
        return str(dict(Wish.choices).get(value, value))
    if name == "language":
        return str(languages.named(value).name)
    return str(value)


def _labels() -> dict[str, str]:
    return {
        "given_name": _("Förnamn"),
        "family_name": _("Efternamn"),
        "mobile": _("Telefon mobil"),
        "mobile_confirmed_on": _("Numret bekräftat"),
        "email": _("E-postadress"),
        "language": _("Språk i meddelanden"),
        "interpreter": _("Tolk"),
        "wish": _("Vill använda e-tjänsten"),
        "wish_on": _("Svarade"),
        "ask_again_on": _("Fråga igen"),
        "messages_enabled": _("Meddelande"),
        "notify_by_sms": _("Notifiering via SMS"),
        "notify_by_email": _("Notifiering via e-post"),
        "sms_read_by_others": _("Någon annan läser sms"),
        "email_read_by_others": _("Någon annan läser mejl"),
        "number": _("Ärendenummer"),
        "unit": _("Enhet"),
        "case_worker": _("Handläggare"),
        "support_contact": _("Kontaktperson"),
        "investigation_opened_on": _("Utredning inledd"),
        "decided_on": _("Beslut"),
        "executed_on": _("Insatsen verkställd"),
        "closed_on": _("Avslutat"),
        "refusal": _("Orsak"),
    }
