"""Which looks a reviewer should see: drawn by chance, or with something about them."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Count, Max, Q
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from persons import mobile_number, swedish_order
from persons.models import AccessLogEntry, LogSample, Protection
from staff.models import User

Action = AccessLogEntry.Action
NIGHT_BEGINS, NIGHT_ENDS = 20, 6


class Sign(models.TextChoices):
    """Why to look at a look."""

    NO_ASSIGNMENT = "utan-uppdrag", _("Utan uppdrag")
    REFUSED = "nekade", _("Nekade")
    PROTECTED = "skyddade", _("Skyddade")
    SURNAME = "samma-efternamn", _("Samma efternamn")
    COLLEAGUE = "kollega", _("Kollega")
    NIGHT = "natt", _("Kväll och natt")
    VOLUME = "manga", _("Många på en timme")


def month_of(day: date) -> date:
    return day.replace(day=1)


def month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def looks_in(month: date) -> Any:
    """Reading the log, and ending its time, is no look at a person."""
    since, until = _midnight(month), _midnight(month_after(month))
    return AccessLogEntry.objects.filter(at__gte=since, at__lt=until).exclude(
        action__in=[Action.LOG, Action.DISPOSE_LOG]
    )


def sample(month: date, *, today: date) -> Any:
    """Drawn when somebody first asks, once the month is over, and the same ever after."""
    drawn = LogSample.objects.filter(month=month)
    if month < month_of(today) and not drawn.exists():
        _draw(month)
    return AccessLogEntry.objects.filter(pk__in=drawn.values("entry"))


def _draw(month: date) -> None:
    chosen = looks_in(month).filter(person__isnull=False, refused=False).order_by("?")
    rows = [
        LogSample(month=month, place=place, entry=entry)
        for place, entry in enumerate(chosen[: settings.LOG_REVIEW_SAMPLE])
    ]
    try:
        with transaction.atomic():
            LogSample.objects.bulk_create(rows)
    except IntegrityError:
        return  # another reviewer was faster: that draw holds


def with_sign(sign: Sign, month: date) -> Any:
    return _SIGNS[sign](looks_in(month))


def _without_assignment(looks: Any) -> Any:
    return looks.filter(basis=AccessLogEntry.Basis.EMERGENCY)


def _at_night(looks: Any) -> Any:
    return looks.filter(Q(at__hour__gte=NIGHT_BEGINS) | Q(at__hour__lt=NIGHT_ENDS))


def _of_same_surname(looks: Any) -> Any:
    """The latest look of each such pair."""
    staff = User.objects.exclude(last_name="").values_list("pk", "last_name")
    names = {user: swedish_order.sort_key(name) for user, name in staff}
    pairs = _pairs(looks, "person__family_name")
    same = [look for user, look, name in pairs if swedish_order.sort_key(name) == names.get(user)]
    return looks.filter(pk__in=same)


def _of_colleagues(looks: Any) -> Any:
    """Whoever has the telephone or the e-mail address of somebody who works here."""
    staff = User.objects.values_list("email", "phone")
    emails = {email.lower() for email, _phone in staff}
    phones = {_e164(phone) for _email, phone in staff} - {""}
    pairs = _pairs(looks, "person__email", "person__mobile_e164")
    return looks.filter(
        pk__in=[look for _, look, mail, phone in pairs if mail.lower() in emails or phone in phones]
    )


def _pairs(looks: Any, *about: str) -> Any:
    """Each user, the latest look at each person, and facts about the person."""
    seen = _of_known(looks).order_by().values("user", "person", *about)
    return seen.annotate(look=Max("pk")).values_list("user", "look", *about).iterator()


def _of_known(looks: Any) -> Any:
    """Of who has been disposed of, only a number is left."""
    return looks.filter(person__public_id__isnull=False)


def _of_many(looks: Any) -> Any:
    """The last look of each hour in which somebody opened unusually many persons."""
    hours = looks.filter(person__isnull=False).order_by().annotate(hour=TruncHour("at"))
    many = hours.values("user", "hour").annotate(
        persons=Count("person", distinct=True), look=Max("pk")
    )
    found = many.filter(persons__gt=settings.LOG_REVIEW_PERSONS_PER_HOUR)
    return looks.filter(pk__in=[row["look"] for row in found])


_SIGNS: dict[Sign, Callable[[Any], Any]] = {
    Sign.NO_ASSIGNMENT: _without_assignment,
    Sign.REFUSED: lambda looks: looks.filter(refused=True),
    Sign.PROTECTED: lambda looks: _of_known(looks).exclude(person__protection=Protection.NONE),
    Sign.SURNAME: _of_same_surname,
    Sign.COLLEAGUE: _of_colleagues,
    Sign.NIGHT: _at_night,
    Sign.VOLUME: _of_many,
}


def _e164(phone: str) -> str:
    try:
        return mobile_number.to_e164(phone)
    except mobile_number.InvalidMobileNumber:
        return ""


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
