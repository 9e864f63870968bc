from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from messaging.sync import calendar, status
from messaging.sync.gateways import manual
from onboarding.facts import Facts
from onboarding.forms import CloseRelativeForm, RelationsAnswerForm
from onboarding.next_step import Tag
from onboarding.people import frame, open_person
from onboarding.views.conflict import typed_again
from onboarding.views.start import TONES
from persons.actions import Incomplete
from persons.models import NotAllowed
from persons.states import SwitchState
from relations import actions
from relations.models import Relation
from staff.http import UserRequest
from web import dates


@require_http_methods(["GET", "HEAD", "POST"])
def relations(request: UserRequest, person_id: UUID) -> HttpResponse:
    """Step 3: who else may read and write, or nobody just now."""
    facts = open_person(request, person_id)
    if facts.person.is_protected:
        return _no_relations(request, facts)
    form = RelationsAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _answer(request, facts, form)
    standing = Relation.objects.of(facts.person).standing().select_related("principal")
    context = frame(facts, page="relations") | {
        "form": form,
        "cards": [_card(facts, relation) for relation in standing.order_by("family_name", "pk")],
        "investigation_opened_on": facts.case.investigation_opened_on,
    }
    return render(request, "onboarding/relations.html", context)


def _answer(request: UserRequest, facts: Facts, form: RelationsAnswerForm) -> HttpResponse:
    answer, again = form.cleaned_data["answer"], form.cleaned_data["ask_again_on"]
    if answer == "yes":
        return redirect("add_relation", facts.person.public_id)
    actions.answer(person=facts.person, answer=answer, ask_again_on=again, by=request.user)
    if again:
        day = {"date": dates.in_words(again)}
        messages.success(request, _("Svaret är sparat. Du påminns %(date)s.") % day)
    else:
        messages.success(request, _("Svaret är sparat: Nej, ingen just nu."))
    return redirect(facts.person)


@require_http_methods(["GET", "HEAD", "POST"])
def add_relation(request: UserRequest, person_id: UUID) -> HttpResponse:
    """One närstående with consent. The nightly run makes it usable."""
    facts = open_person(request, person_id)
    if facts.person.is_protected:
        return _no_relations(request, facts)
    form = CloseRelativeForm(
        request.POST or None,
        principal=facts.person,
        investigation_opened_on=facts.case.investigation_opened_on,
    )
    if request.method != "POST" or not form.is_valid() or "back" in request.POST:
        return _add_page(request, facts, form)
    warnings = form.warnings()
    if warnings and "confirmed" not in request.POST:
        context = {"warnings": warnings, "typed": typed_again(request)}
        page = frame(facts, page="relations") | context
        return render(request, "onboarding/confirm_relation.html", page)
    return _add(request, facts, form)


def _add_page(request: UserRequest, facts: Facts, form: CloseRelativeForm) -> HttpResponse:
    context = frame(facts, page="relations") | {"form": form}
    return render(request, "onboarding/add_relation.html", context)


def _add(request: UserRequest, facts: Facts, form: CloseRelativeForm) -> HttpResponse:
    try:
        relation = actions.add_close_relative(
            principal=facts.person,
            case=facts.case,
            details=form.details(),
            submission=form.cleaned_data["submission"],
            by=request.user,
        )
    except Incomplete as error:
        for reason in error.reasons:
            form.add_error(None, reason)
    except actions.AlreadyThere as error:
        name = {"name": error.relation.full_name}
        form.add_error("identity_number", _("%(name)s finns redan som närstående.") % name)
    except actions.AlreadyClosed:
        form.add_error(None, _("Åtkomsten är stängd. Öppna sidan på nytt för att lägga till igen."))
    else:
        messages.success(request, _added_text(facts, relation))
        return redirect("relations", facts.person.public_id)
    return _add_page(request, facts, form)


def _added_text(facts: Facts, relation: Relation) -> str:
    if manual.has_no_date(relation):
        return _("%(name)s är tillagd. Ändra nu rutorna i Lifecare och bekräfta.") % {
            "name": relation.full_name
        }
    day = calendar.expected_usable_from(now=facts.now, last_done_on=facts.last_done_on)
    return _("%(name)s är tillagd. Kan användas från och med %(date)s.") % {
        "name": relation.full_name,
        "date": dates.in_words(day, today=facts.today),
    }


@require_http_methods(["GET", "HEAD"])
def relation(request: UserRequest, person_id: UUID, relation_id: UUID) -> HttpResponse:
    """The relation's own personbild."""
    facts = open_person(request, person_id)
    if facts.person.is_protected:
        return _no_relations(request, facts)
    card = _card(facts, _get_relation(facts, relation_id))
    return render(
        request, "onboarding/relation.html", frame(facts, page="relations") | {"card": card}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def close_relation(request: UserRequest, person_id: UUID, relation_id: UUID) -> HttpResponse:
    """A stop page first: it bites at once."""
    facts = open_person(request, person_id)
    found = _get_relation(facts, relation_id)
    if request.method != "POST":
        context = frame(facts, page="relations") | {"relation": found}
        return render(request, "onboarding/close_relation.html", context)
    try:
        actions.close(relation=found, by=request.user)
    except NotAllowed:
        messages.info(request, _("Åtkomsten är redan stängd."))
    else:
        name = {"name": found.full_name}
        messages.success(request, _("Åtkomsten är stängd för %(name)s. Det gäller direkt.") % name)
    return redirect("relations", facts.person.public_id)


def _no_relations(request: UserRequest, facts: Facts) -> HttpResponse:
    """All are shut, and old names and numbers stay unseen."""
    return render(request, "onboarding/no_relations.html", frame(facts, page="relations"))


def _get_relation(facts: Facts, relation_id: UUID) -> Relation:
    found: Relation | None = Relation.objects.of(facts.person).filter(public_id=relation_id).first()
    if found is None:
        raise Http404
    return found


def _card(facts: Facts, relation: Relation) -> dict[str, object]:
    """What a relation may do, on what basis, how it is told, and from when."""
    rights = {
        _("läsa meddelanden"): relation.may_read_messages,
        _("skriva meddelanden"): relation.may_write_messages,
        _("se dokument och beslut"): relation.may_see_documents,
        _("se kallelser"): relation.may_see_invitations,
    }
    told = [
        f"sms {relation.mobile}" if relation.notify_by_sms else "",
        f"mejl {relation.email}" if relation.notify_by_email else "",
    ]
    tag = Tag.FIX if relation.is_refused else Tag.WAITING
    return {
        "relation": relation,
        "may": ", ".join(right for right, has in rights.items() if has),
        "may_not": ", ".join(right for right, has in rights.items() if not has),
        "told": ", ".join(way for way in told if way) or _("Ingen notifiering"),
        "state": _state(facts, relation),
        "tag": tag.label,
        "tone": TONES[tag],
        "is_open": relation.messages_enabled,
        "is_usable": relation.is_current(on=facts.today),
    }


def _state(facts: Facts, relation: Relation) -> str:
    if relation.is_refused:
        return status.refusal_in_words(relation)
    if manual.has_no_date(relation):
        return _("Väntar på att rutorna ändras i Lifecare.")
    if relation.state in {SwitchState.CLOSING, SwitchState.OFF}:
        return _("Åtkomsten är stängd.")
    day = relation.usable_from or calendar.expected_usable_from(
        now=facts.now, last_done_on=facts.last_done_on
    )
    words = {"date": dates.in_words(day, today=facts.today)}
    if relation.is_current(on=facts.today):
        return _("Kan användas sedan %(date)s.") % words
    return _("Kan användas från och med %(date)s.") % words
