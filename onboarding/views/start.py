from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from onboarding import facts, morning, next_step, protected_people
from onboarding.facts import Facts
from onboarding.next_step import NextStep, Tag, Urgency
from persons import access_log, permissions
from persons.models import Case, Registration
from staff.http import UserRequest
from staff.models import User
from web import clock, dates

PER_PAGE = 50


@dataclass(frozen=True)
class Row:
    facts: Facts
    next: NextStep
    is_mine: bool
    # Who is away, when the work is somebody else's.
    colleague: User | None = None

    @property
    def tone(self) -> str:
        return TONES[self.next.tag]

    @property
    def tag(self) -> bool:
        """What needs no words beside the step has no tag: an ordinary task of one's own."""
        return self.next.tag not in {Tag.NOT_STARTED, Tag.LATE}

    @property
    def is_late(self) -> bool:
        """What is to be corrected can be late too, and keeps its tag."""
        due, mine = self.next.due_on, self.next.urgency <= Urgency.TASK
        return self.next.tag == Tag.LATE or (mine and due is not None and due < self.facts.today)

    @property
    def late_days(self) -> int:
        if not self.is_late or self.next.due_on is None:
            return 0
        return dates.working_days_between(self.next.due_on, self.facts.today)

    @property
    def late_text(self) -> str:
        return ngettext(
            "Försenad %(days)d vardag", "Försenad %(days)d vardagar", self.late_days
        ) % {"days": self.late_days}


def _to_do(row: Row) -> bool:
    return row.is_mine and row.next.urgency <= Urgency.TASK


# The value in the address, the label, and which rows. The first is shown at once.
VIEWS: dict[str, tuple[Any, Callable[[Row], bool]]] = {
    "att-gora": (gettext_lazy("Att göra"), _to_do),
    "forsenade": (gettext_lazy("Försenade"), lambda row: row.is_late),
    "atgarda": (gettext_lazy("Åtgärda"), lambda row: row.next.tag == Tag.FIX),
    "vantar": (gettext_lazy("Väntar"), lambda row: row.next.urgency == Urgency.WAIT),
    "klara": (gettext_lazy("Klara"), lambda row: row.next.tag == Tag.DONE),
    "alla": (gettext_lazy("Alla"), lambda row: True),
}

EMPTY = {
    "att-gora": (
        gettext_lazy("Inget att göra just nu."),
        gettext_lazy("När någon behöver ett nästa steg visas personen här."),
    ),
    "forsenade": (gettext_lazy("Inget är försenat."), ""),
    "atgarda": (gettext_lazy("Alla sms och mejl har kommit fram."), ""),
    "vantar": (gettext_lazy("Ingen väntar."), ""),
    "klara": (gettext_lazy("Ingen är klar ännu."), ""),
    "alla": (
        gettext_lazy("Du har inga personer ännu."),
        gettext_lazy(
            "Personer visas här när du är handläggare eller kontaktperson för dem. "
            "Saknar du någon? Prata med enhetschefen."
        ),
    ),
}
FOR_MANAGERS = (
    gettext_lazy("Du har inga egna personer."),
    gettext_lazy("De som enheten arbetar med finns under Enhetens personer i menyn."),
)


@require_safe
def start(request: UserRequest) -> TemplateResponse:
    """My people with their next step: the most urgent first."""
    rows = worklist(request.user)
    chosen = request.GET.get("vy", "")
    if chosen not in VIEWS:
        chosen = "att-gora"
    shown = [row for row in rows if VIEWS[chosen][1](row)]
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("sida"))
    mine = [row.facts for row in rows]
    news = morning.news(mine, request.user)
    named = [row.facts.person for row in page] + [told.person for told in news]
    access_log.record_list(request, list(dict.fromkeys(named)))
    heading, text = EMPTY[chosen if rows else "alla"]
    if not rows and request.user.managed_units():
        heading, text = FOR_MANAGERS
    context = {
        "page": page,
        "news": news,
        "failed_night": morning.failed_night(mine),
        "chosen": chosen,
        "chosen_label": VIEWS[chosen][0],
        "views": _views(rows, chosen),
        "count": len(shown),
        "total": len(rows),
        "empty": {"heading": heading, "text": text},
        "today": clock.today(),
        "unseen": protected_people.count_unseen(request.user),
        "may_add": bool(permissions.own_units(request.user)),
        "to_answer": _to_answer(request.user),
    }
    return TemplateResponse(request, "onboarding/start.html", context)


def _to_answer(user: User) -> int:
    """How many the user is asked about: nobody but a manager is asked."""
    return Registration.objects.to_answer(user).count() if user.managed_units() else 0


@require_safe
def unit_persons(request: UserRequest) -> TemplateResponse:
    """Everybody with an open case in the units that the user manages, by name.

    One page at a time is read, however many there are.
    """
    units = request.user.managed_units()
    if not units:
        raise Http404
    cases = Case.objects.visible_to(request.user).filter(unit__in=units)
    nobody = request.GET.get("vy") == "utan-handlaggare"
    shown = cases.filter(case_worker=None) if nobody else cases
    page = Paginator(shown.order_by("person__sort_key", "pk"), PER_PAGE).get_page(
        request.GET.get("sida")
    )
    found = {f.case.pk: f for f in facts.load(Case.objects.filter(pk__in=[c.pk for c in page]))}
    rows = [row_of(found[c.pk], request.user) for c in page if c.pk in found]
    access_log.record_list(request, [row.facts.person for row in rows])
    context = {
        "page": page,
        "rows": rows,
        "views": _unit_views(nobody=nobody),
    }
    return TemplateResponse(request, "onboarding/unit_persons.html", context)


def _unit_views(*, nobody: bool) -> list[dict[str, object]]:
    address = reverse("unit_persons")
    return [
        {"label": _("Alla"), "url": address, "current": not nobody},
        {
            "label": _("Utan handläggare"),
            "url": f"{address}?vy=utan-handlaggare",
            "current": nobody,
        },
    ]


def worklist(user: User) -> list[Row]:
    mine = facts.load(Case.objects.assigned_to(user))
    return sorted((row_of(f, user) for f in mine), key=_order)


def row_of(found: Facts, user: User) -> Row:
    step = next_step.find(found)
    return Row(found, step, step.is_for(user), _colleague(found, user))


def _colleague(found: Facts, user: User) -> User | None:
    """For whom the user does this work today, if it is not the user's own."""
    workers = (found.case.case_worker, found.case.support_contact)
    if user in workers:
        return None
    return next((worker for worker in workers if worker in user.stands_in_for), None)


def _order(row: Row) -> tuple[int, str, str]:
    due = row.next.due_on.isoformat() if row.next.due_on else "9999"
    return row.next.urgency, due, row.facts.person.sort_key


def _views(rows: list[Row], chosen: str) -> list[dict[str, object]]:
    return [
        {
            "label": label,
            "url": f"{reverse('start')}?vy={name}",
            "count": sum(map(belongs, rows)),
            "count_label": _("personer"),
            "current": name == chosen,
        }
        for name, (label, belongs) in VIEWS.items()
    ]


TONES: dict[str, str] = {
    Tag.NOT_STARTED: "todo",
    Tag.ONGOING: "active",
    Tag.WAITING: "waiting",
    Tag.FIX: "fix",
    Tag.LATE: "late",
    Tag.DONE: "plain",
    Tag.DECLINED: "ended",
    Tag.NO_EID: "ended",
    Tag.PROTECTED: "protected",
    Tag.ENDED: "ended",
    "not-yet": "muted",
}
