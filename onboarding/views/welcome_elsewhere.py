"""Step 2 where people write in the case system: the text to copy, and who says that it is there."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from messaging.inbox import actions
from messaging.inbox.models import Message
from messaging.sync.gateways import manual
from onboarding import telling
from onboarding.facts import Facts
from onboarding.forms import WelcomeForm
from onboarding.people import frame
from onboarding.views import welcome_preview
from persons.models import NotAllowed
from staff.http import UserRequest
from web import dates


def is_the_way(facts: Facts) -> bool:
    """Also of a welcome that stands there since before the gateway was changed."""
    return facts.welcome.written_elsewhere if facts.welcome else manual.is_chosen()


def page(request: UserRequest, facts: Facts, form: WelcomeForm) -> HttpResponse:
    if facts.has_no_date:
        text = _("Det går att skriva när rutorna är bekräftade i Lifecare. Inget skickas innan.")
        messages.info(request, text)
        return redirect(facts.person)
    if request.method == "POST" and form.is_valid():
        return _confirm(request, facts, form)
    context = frame(facts, page="person") | welcome_preview.context(facts, form)
    context |= {"told": telling.in_words(facts, elsewhere=True)}
    return render(request, "onboarding/welcome_elsewhere.html", context)


def already(request: UserRequest, message: Message) -> HttpResponse:
    """The same button twice, or a colleague's: it is confirmed once."""
    words = {"who": message.written_by, "moment": dates.moment_in_words(message.created_at)}
    text = _("%(who)s bekräftade %(moment)s att välkomstmeddelandet är skrivet i Lifecare.")
    messages.info(request, text % words)
    return redirect(message.person)


def _confirm(request: UserRequest, facts: Facts, form: WelcomeForm) -> HttpResponse:
    typed = form.cleaned_data
    try:
        actions.schedule_welcome(
            person=facts.person,
            subject=typed["subject"],
            body=typed["body"],
            submission=typed["submission"],
            by=request.user,
        )
    except actions.AlreadyWelcomed as error:
        return already(request, error.message)
    except NotAllowed:
        messages.warning(request, _("Läget har ändrats. Läs igenom det och försök igen."))
        return redirect(facts.person)
    told = telling.in_words(facts, elsewhere=True)
    context = {"person": facts.person, "told": told, "is_due": facts.welcome_is_due}
    name = "onboarding/welcome_confirmed.html"
    messages.success(request, render_to_string(name, context, request))
    return redirect(facts.person)
