"""What a new wording changes for what is on its way."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.inbox.models import Message
from messaging.wording import in_use, variables
from messaging.wording.kinds import Kind, Medium
from messaging.wording.models import Text
from persons.models import Protection
from web import languages

# An SMS or e-mail takes its words when it is queued; a welcome is written out when it is scheduled.
CHOSEN = {
    Medium.SMS: Q(person__account__notify_by_sms=True),
    Medium.EMAIL: Q(person__account__notify_by_email=True),
}


def in_words(text: Text, *, used: Text | None = None) -> list[str]:
    """What these words would change, in the place of those that are used."""
    return [*_fields_gone(text, used), *_on_its_way(text)]


def _fields_gone(text: Text, used: Text | None) -> list[str]:
    before, now = (variables.unfilled(words.in_words) if words else [] for words in (used, text))
    gone = [field for field in before if field not in now]
    return [_("Fältet %(field)s finns inte längre med.") % {"field": field} for field in gone]


def _on_its_way(text: Text) -> list[str]:
    if text.medium == Medium.MESSAGE:
        return [_("Schemalagda välkomstmeddelanden är redan skrivna och behåller sin text.")]
    sentences = []
    if text.kind == Kind.WELCOME:
        sentences.append(_scheduled_in_words(scheduled(text)))
    if (text.kind, text.medium) == (Kind.NEW_MESSAGE, Medium.SMS):
        sentences.append(_("Rutan i informationsbladet visar den nya texten."))
    return [*sentences, _("Köade sms och mejl behåller den gamla.")]


def scheduled(text: Text) -> int:
    """The welcomes that wait, whose SMS or e-mail will be in these words."""
    if text.kind != Kind.WELCOME or text.medium not in CHOSEN:
        return 0
    waiting = Message.objects.welcomes().filter(
        CHOSEN[Medium(text.medium)],
        _reads(text),
        state=Message.State.SCHEDULED,
        person__protection=Protection.NONE,
        person__deceased_on=None,
    )
    return waiting.count()


def _reads(text: Text) -> Q:
    """Whose language it is, and for Swedish those too whose language has no text of its own."""
    if text.language != languages.SWEDISH:
        return Q(person__language=text.language)
    others = in_use.available(text.kind, text.medium) - {languages.SWEDISH}
    return ~Q(person__language__in=sorted(others))


def _scheduled_in_words(count: int) -> str:
    if not count:
        return _("Inget schemalagt välkomstmeddelande får den nya texten.")
    words = ngettext(
        "%(count)d schemalagt välkomstmeddelande får den nya texten.",
        "%(count)d schemalagda välkomstmeddelanden får den nya texten.",
        count,
    )
    return words % {"count": count}
