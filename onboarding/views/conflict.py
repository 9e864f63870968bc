"""Somebody else changed the same facts: both sides are kept on the page, and the worker chooses."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from onboarding.facts import Facts
from onboarding.people import frame
from persons.models import PersonEvent
from staff.http import UserRequest
from web.forms import DateField, Form


def conflict_page(
    request: UserRequest,
    facts: Facts,
    rows: list[dict[str, str]],
    *,
    page: str,
    back: str,
    **now: object,
) -> HttpResponse:
    """`now` is what the form must carry instead, so that it can be saved after all."""
    context = frame(facts, page=page) | {
        "rows": rows,
        "last": last_event(request, facts),
        "typed": typed_again(request, **now),
        "back": back,
    }
    return render(request, "onboarding/conflict.html", context, status=409)


def last_event(request: UserRequest, facts: Facts) -> PersonEvent | None:
    seen = PersonEvent.objects.visible_to(request.user).filter(person=facts.person)
    last: PersonEvent | None = seen.select_related("by").order_by("-pk").first()
    return last


def differences(mine: Form, theirs: Form) -> list[dict[str, str]]:
    """Where what was typed is not what is known now."""
    rows = [
        {
            "label": str(field.label),
            "mine": _shown(field, _typed(mine, name)),
            "theirs": _shown(field, theirs[name].value()),
        }
        for name, field in mine.fields.items()
        if name != "version"
    ]
    return [row for row in rows if row["mine"] != row["theirs"]]


def _typed(form: Form, name: str) -> Any:
    """A day as it was understood, not as it was written."""
    if isinstance(form.fields[name], DateField):
        return form.cleaned_data.get(name)
    return form[name].value()


def _shown(field: Any, value: Any) -> str:
    choices = {str(key): str(label) for key, label in getattr(field, "choices", [])}
    if choices:
        return choices.get(str(value or ""), _("Saknas"))
    return str(value or _("Saknas"))


def typed_again(request: UserRequest, **changed: object) -> list[tuple[str, object]]:
    """Everything that was typed, to be carried by the next page."""
    left_out = {"csrfmiddlewaretoken", "back", "confirmed", *changed}
    pairs: list[tuple[str, object]] = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in left_out
        for value in values
    ]
    return pairs + list(changed.items())
