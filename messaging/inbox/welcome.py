"""The text that a welcome starts from. The worker may change every word of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from messaging.wording import in_use, phrases, variables
from messaging.wording.kinds import Kind, Medium
from persons.models import Person
from relations.models import Relation
from staff.models import Municipality, User
from web import languages


@dataclass(frozen=True)
class Draft:
    subject: str
    body: str
    language: str


def draft(
    *,
    person: Person,
    by: User,
    read_on: date,
    language: str = languages.SWEDISH,
) -> Draft:
    """The published welcome, filled from what is known, so that it is true on the day it is read.

    What is not known stands as {avsändarens telefon}, for the worker to write.
    """
    text = in_use.find(Kind.WELCOME, Medium.MESSAGE, language)
    account = person.account
    known = variables.of_the_municipality(Municipality.load(), text.language) | phrases.fill(
        text.language,
        sms=account.notify_by_sms,
        email=account.notify_by_email,
        has_good_man=Relation.objects.of(person).with_a_mandate(on=read_on).exists(),
    )
    known |= {variables.GIVEN_NAME: "" if person.is_protected else person.given_name}
    known |= of_the_sender(by)
    return Draft(
        variables.fill(text.subject, known), variables.fill(text.body, known), text.language
    )


def of_the_sender(by: User) -> dict[str, str]:
    """The fields that can be filled later too, when the worker has written what was missing."""
    sender = {
        variables.SENDER_NAME: by.get_full_name(),
        variables.SENDER_ROLE: by.role_in_words(),
        variables.SENDER_PHONE: by.phone,
    }
    return {name: value for name, value in sender.items() if value}


def missing(text: str) -> Iterator[str]:
    """What must be filled in before this may be read by the person, in sentences."""
    for field in variables.unfilled(text):
        if field == f"{{{variables.SENDER_PHONE}}}":
            yield _(
                "Ditt telefonnummer saknas. Skriv det i stället för %(field)s. Lägg också in det "
                "under Mina inställningar, så finns det med nästa gång."
            ) % {"field": field}
        else:
            yield _("Skriv det som ska stå i stället för %(field)s, eller ta bort det.") % {
                "field": field
            }
