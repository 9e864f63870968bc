"""The text that a welcome starts from. The worker may change every word of it."""

from django.template.loader import render_to_string

from persons.models import Person
from staff.models import User

SUBJECT = "Välkommen till e-tjänsten Meddelanden"


def draft(*, person: Person, by: User, has_good_man: bool = False) -> str:
    """The Swedish welcome, filled from what is known, so that it is never untrue."""
    context = {
        "person": person,
        "account": person.account,
        "has_good_man": has_good_man,
        "sender": by,
    }
    return render_to_string("inbox/welcome/sv.txt", context).strip()
