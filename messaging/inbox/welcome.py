"""The text that a welcome starts from. The worker may change every word of it."""

from dataclasses import dataclass

from messaging.wording import in_use, phrases, variables
from messaging.wording.kinds import Kind, Medium
from persons.models import Person
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
    has_good_man: bool = False,
    language: str = languages.SWEDISH,
) -> Draft:
    """The published welcome, filled from what is known, so that it is never untrue.

    What is not known stands as {avsändarens telefon}, for the worker to write.
    """
    text = in_use.find(Kind.WELCOME, Medium.MESSAGE, language)
    account = person.account
    known = variables.of_the_municipality(Municipality.load(), text.language) | phrases.fill(
        text.language,
        sms=account.notify_by_sms,
        email=account.notify_by_email,
        has_good_man=has_good_man,
    )
    known |= {variables.GIVEN_NAME: "" if person.is_protected else person.given_name}
    sender = {
        variables.SENDER_NAME: by.get_full_name(),
        variables.SENDER_ROLE: by.role_in_words(),
        variables.SENDER_PHONE: by.phone,
    }
    known |= {name: value for name, value in sender.items() if value}
    return Draft(
        variables.fill(text.subject, known), variables.fill(text.body, known), text.language
    )
