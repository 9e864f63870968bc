"""Historik: what happened to a person's e-service, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from onboarding import history_values
from persons.models import Person, PersonEvent
from staff.models import User

LIMIT = 200


@dataclass(frozen=True)
class HistoryRow:
    key: int
    at: datetime
    who: str
    what: str
    changes: list[str]


def of(person: Person, *, user: User, before: int | None = None) -> list[HistoryRow]:
    """The latest first, or those before an event. What is about a case is for those who see it.

    The values of a protected person are nobody's to read here.
    """
    seen = PersonEvent.objects.visible_to(user).filter(person=person)
    if before and (last := seen.filter(pk=before).first()):
        seen = seen.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    events = seen.select_related("by").order_by("-at", "-pk")[:LIMIT]
    words = in_words()
    return [
        HistoryRow(
            event.pk,
            event.at,
            _who(event),
            words.get(event.kind, event.kind),
            [] if person.is_protected else history_values.in_words(event.changes),
        )
        for event in events
    ]


def _who(event: PersonEvent) -> str:
    return str(event.by) if event.by else _("Systemet")


def in_words() -> dict[str, str]:
    """Every kind of event that some floor writes."""
    return {
        "switched_on": _("Kopplade på e-tjänsten"),
        "switch_undone": _("Ångrade påkopplingen"),
        "channels_changed": _("Ändrade kontaktvägar"),
        "switched_off": _("Stängde av e-tjänsten"),
        "declined": _("Noterade att personen inte vill eller inte kan"),
        "became_usable": _("Synkades. E-tjänsten kan användas"),
        "was_refused": _("Synkningen gick inte igenom"),
        "was_set_aside": _("Synkningen lade undan påkopplingen efter fem nätter"),
        "boxes_ticked": _("Bekräftade rutorna i Lifecare"),
        "sync_asked_again": _("Försökte synka igen"),
        "sync_set_aside_again": _("Ångrade att synka igen. Påkopplingen är undanlagd som förut"),
        "details_changed": _("Ändrade personens uppgifter"),
        "number_confirmed": _("Frågade om mobilnumret stämmer. Det stämmer"),
        "test_sms_sent": _("Skickade ett test-sms"),
        "test_sms_received": _("Frågade om test-sms:et kom. Det kom"),
        "test_sms_missed": _("Frågade om test-sms:et kom. Det kom inte"),
        "person_registered": _("Lade till personen"),
        "case_registered": _("Registrerade ett ärende"),
        "case_changed": _("Ändrade ett ärende"),
        "case_transferred": _("Flyttade ett ärende till en annan enhet"),
        "case_closed": _("Avslutade ett ärende"),
        "welcome_scheduled": _("Schemalade välkomstmeddelandet"),
        "welcome_changed": _("Ändrade välkomstmeddelandet"),
        "welcome_stopped": _("Stoppade välkomstmeddelandet"),
        "welcome_readable": _("Välkomstmeddelandet kom till inkorgen"),
        "welcome_confirmed": _("Bekräftade att välkomstmeddelandet är skrivet i Lifecare"),
        "welcome_unconfirmed": _("Ångrade att välkomstmeddelandet är skrivet i Lifecare"),
        "welcome_told": _("Sms och mejl om välkomstmeddelandet i Lifecare lades i kö"),
        "imported": _("Läste in uppgifter från en fil"),
        "relations_answered": _("Frågade om relationer"),
        "relation_added": _("Lade till en relation"),
        "relation_closed": _("Stängde åtkomst för en relation"),
        "protection_marked": _("Markerade skyddade personuppgifter. Allt stoppades"),
        "protection_lifted": _("Hävde markeringen om skyddade personuppgifter"),
        "access_named": _("Namngav någon som får se personen"),
        "access_ended": _("Avslutade någons namngivna behörighet"),
        "decision_asked": _("Bad om beslut om e-tjänsten"),
        "decision_taken": _("Beslutade om e-tjänsten"),
        "decision_undone": _("Ångrade beslutet om e-tjänsten"),
    }
