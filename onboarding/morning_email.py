"""To those who have asked for it: that there is something to read on the start page."""

from datetime import date, datetime, time

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from messaging.notices import restoring
from messaging.sync.models import SyncRun
from onboarding import morning
from persons.models import Case, EServiceAccount
from persons.states import SwitchState
from staff import mail
from staff.models import User
from web import dates

# A night that is late is told of as long as it still is for the same day.
FROM, UNTIL = time(7), time(12)


def write(now: datetime) -> None:
    """One e-mail to each on a working day. What one that is lost told of, the page tells too."""
    local = timezone.localtime(now)
    day = local.date()
    if not FROM <= local.time() < UNTIL or not dates.is_working_day(day) or restoring.is_restored():
        return
    news = _news(day)
    for user in _to_tell(news, day):
        # The filter is the lock, and it holds before anything leaves: killed here, nobody gets two.
        untold = User.objects.filter(pk=user.pk, morning_email=True).exclude(morning_email_on=day)
        if _still_theirs(user, news) and untold.update(morning_email_on=day):
            mail.write(user.email, _("Du har något nytt att läsa i Meddelanden"), _text())


def _text() -> str:
    return _(
        "Logga in som vanligt för att läsa.\n\n"
        "Du får det här mejlet för att du har valt det under Mina inställningar. "
        "Där kan du också stänga av det."
    )


def _to_tell(news: QuerySet[EServiceAccount], day: date) -> QuerySet[User]:
    """In one question, however many wait."""
    theirs = news.filter(switched_on_by=OuterRef("pk"))
    asked = User.objects.filter(is_active=True, morning_email=True).exclude(morning_email_on=day)
    return asked.filter(Exists(theirs)).order_by("pk")


def _still_theirs(user: User, news: QuerySet[EServiceAccount]) -> bool:
    """Nobody is sent to a page that shows them nothing."""
    people = news.filter(switched_on_by=user).values("person")
    return Case.objects.assigned_to(user).filter(person__in=people).exists()


def _news(day: date) -> QuerySet[EServiceAccount]:
    """See also morning._of and morning.failed_night, which ask the same of one person's facts."""
    since = morning.first_day(day)
    news = Q(refused_on__gte=since)
    news |= Q(state=SwitchState.ACTIVE, usable_from__range=(since, day))
    latest = SyncRun.objects.order_by("-local_date").values_list("state", flat=True).first()
    if latest in morning.NOT_THROUGH:
        news |= Q(state=SwitchState.PENDING)
    return EServiceAccount.objects.filter(news)
