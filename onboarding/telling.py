"""When a welcome that waits goes out, or the notices of one that is written in the case system."""

from django.utils import timezone
from django.utils.translation import gettext as _

from messaging.notices import addresses
from messaging.notices.models import Channel
from onboarding.facts import Facts
from web import dates


def in_words(facts: Facts, *, elsewhere: bool) -> str:
    """With a date, unless nobody can know it."""
    if facts.has_no_date:
        return _("Skickas när rutorna är bekräftade i Lifecare")
    return _words(facts, elsewhere=elsewhere) % {"when": _when(facts)}


def _when(facts: Facts) -> str:
    if facts.welcome_is_due:
        return _("nu")
    local = timezone.localtime(facts.welcome_moment)
    return _("%(date)s kl. %(time)s") % {
        "date": dates.in_words(local.date(), today=facts.today),
        "time": f"{local:%H.%M}",
    }


def _words(facts: Facts, *, elsewhere: bool) -> str:
    if not elsewhere:
        return _("Skickas %(when)s")
    channels = frozenset(addresses.chosen(facts.account))
    return {
        frozenset({Channel.SMS, Channel.EMAIL}): _("Sms och mejl skickas %(when)s"),
        frozenset({Channel.SMS}): _("Sms skickas %(when)s"),
        frozenset({Channel.EMAIL}): _("Mejl skickas %(when)s"),
    }.get(channels, _("Inget sms eller mejl skickas. Personen har ingen sådan kanal"))
