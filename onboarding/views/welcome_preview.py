"""What the pages of a welcome show beside the form: what leaves the house, and the sheet."""

from typing import Any

from messaging.notices import texts
from messaging.notices.models import Channel
from messaging.sheet import actions as sheet
from messaging.sheet import document, published
from messaging.wording import in_use
from messaging.wording.kinds import Kind, Medium
from onboarding.facts import Facts
from onboarding.forms import WelcomeForm
from staff.models import Municipality
from web import languages


def context(facts: Facts, form: WelcomeForm) -> dict[str, Any]:
    municipality, language = Municipality.load(), facts.person.language
    return {
        "form": form,
        "reads": languages.named(language),
        "template": in_use.find(Kind.WELCOME, Medium.MESSAGE, language),
        "sms": texts.write(Kind.WELCOME, Channel.SMS, municipality, language),
        "email": texts.write(Kind.WELCOME, Channel.EMAIL, municipality, language),
        "sheet": sheet.current(language, municipality=municipality),
        "sheet_html": document.fragment(published.find(language), municipality=municipality),
    }
