from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.sync.gateways import manual
from messaging.wording.permissions import may_write_texts
from onboarding import protected_people
from onboarding.demo.office import STAFF
from persons.actions import emergency
from persons.permissions import may_review_emergencies, may_review_log, may_search
from staff import permissions
from staff.models import User

MANY = 100  # no menu counts further


def menu(request: HttpRequest) -> dict[str, object]:
    """The main menu of whoever is signed in; on the demo's sign-in page, who can sign in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"demo_users": STAFF if settings.DEMO else ()}
    pages = [("start", _("Mina personer"))]
    if user.managed_units():
        pages.append(("unit_persons", _("Enhetens personer")))
    if manual.is_chosen() and may_search(user):
        pages.append(("boxes", _("Rutor i Lifecare")))
    pages.append(("sync_status", _("Synkning")))
    if may_review_emergencies(user):
        pages.append(("emergency_reviews", _openings(user)))
    if user.managed_units():
        pages.append(("protected_people", _protected_people(user)))
    if may_review_log(user):
        pages.append(("log_reviews", _("Loggranskning")))
    if may_write_texts(user):
        pages.append(("texts", _("Mallar")))
    if permissions.may_administer(user):
        pages += [
            ("operations", _("Drift")),
            ("imports", _("Import")),
            ("municipality", _("Kommunens uppgifter")),
            ("admin:index", _("Administration")),
        ]
    if settings.DEMO:
        pages.append(("outbox", _("Utkorg")))
    return {
        "menu": [_item(request, name, label) for name, label in pages],
        "may_search": may_search(user),
    }


def _openings(user: User) -> str:
    if count := emergency.to_review(user).unreviewed().count():
        return _("Öppnade utan uppdrag, %(count)d att granska") % {"count": count}
    return _("Öppnade utan uppdrag")


def _protected_people(user: User) -> str:
    waiting = protected_people.count_undecided(user, at_most=MANY)
    if not waiting:
        return _("Skyddade personer")
    if waiting == MANY:
        return _("Skyddade personer, minst %(count)d väntar") % {"count": waiting}
    words = ngettext(
        "Skyddade personer, %(count)d väntar", "Skyddade personer, %(count)d väntar", waiting
    )
    return words % {"count": waiting}


def _item(request: HttpRequest, name: str, label: str) -> dict[str, object]:
    match = request.resolver_match
    return {
        "label": label,
        "url": reverse(name),
        "current": match is not None and match.view_name == name,
    }
