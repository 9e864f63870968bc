"""Two people with protected data, through the same actions as anybody."""

from onboarding.demo.folk import Folk
from onboarding.protection import decide, mark
from persons.actions import named_access
from persons.models import Case, MarkingSource, Protection
from web import clock


def newly_marked(folk: Folk, case: Case) -> None:
    """Those who have the case are named, and the manager has to take a decision."""
    mark(
        person=case.person,
        protection=Protection.CONFIDENTIALITY_MARKING,
        source=MarkingSource.HAND,
        reason="Personen visade beslutet",
        by=case.support_contact,
    )
    named_access.name_workers(person=case.person, by=folk.staff["Eva"])


def decided(folk: Folk, case: Case) -> None:
    """The e-service may be switched on, without SMS and e-mail."""
    newly_marked(folk, case)
    decide(
        person=case.person,
        allows=True,
        valid_from=clock.today(),
        reason="Vill ha kontakt digitalt. Riskbedömning finns i akten.",
        by=folk.staff["Eva"],
    )
