"""What disposal would do and will not do, in Swedish: counts, and persons by number alone."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from django.conf import settings
from django.db.models import QuerySet, Sum

from onboarding.retention import looks, policy, rules
from onboarding.retention.models import Policy
from persons.models import Person

# More are counted and not listed.
MOST_NUMBERS = 50
AT_A_TIME = 2_000
KEEPS_ALL = (
    "Ingenting gallras. RETENTION_POLICY är KEEP_ALL: kommunen ligger i ett län där inget i "
    "personakten får gallras (socialtjänstförordningen 13 kap. 1 §)."
)


KEEPS_LOG = "Åtkomstloggen gallras inte: ACCESS_LOG_YEARS är 0."


def before(today: date) -> Iterator[str]:
    """Nothing is changed."""
    yield from _persons(today)
    yield from _looks(today)


def _looks(today: date) -> Iterator[str]:
    if not settings.ACCESS_LOG_YEARS:
        yield KEEPS_LOG
        return
    count = looks.out_of_time(today).aggregate(rows=Sum("count"))["rows"] or 0
    yield f"Åtkomstloggen: {count} rader förseglade före {looks.limit(today)} ska gallras."


def _persons(today: date) -> Iterator[str]:
    if settings.RETENTION_POLICY != Policy.FIVE_YEARS:
        yield KEEPS_ALL
        return
    limit = policy.limit(today)
    ready = policy.ready(limit)
    alone = policy.without_a_file(limit, leaving=ready)
    # Asked for once: each model would ask again who is ready, which takes seconds.
    leaving = sorted({*ready.values_list("pk", flat=True), *alone.values_list("pk", flat=True)})
    yield f"Regel: {Policy.FIVE_YEARS.label}. Sista ärendet avslutat före {limit}."
    yield f"Ska gallras: {len(leaving)} personer."
    yield from rows(_counted(leaving))
    yield from _remaining(limit)


def rows(counts: Mapping[str, int]) -> Iterator[str]:
    yield from (f"  {label}: {count}" for label, count in counts.items() if count)


def _counted(leaving: list[int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for start in range(0, len(leaving), AT_A_TIME):
        some = leaving[start : start + AT_A_TIME]
        for model, path in rules.paths_to_person().items():
            rows = model._base_manager.filter(**{f"{path}__in": some})
            counts[model._meta.label] += rows.count()
    return counts


def _remaining(limit: date) -> Iterator[str]:
    kept = policy.kept_for_research(limit).count()
    yield f"Bevaras, födda den 5, 15 eller 25: {kept}."
    if unclear := _numbers(policy.without_birthday(limit)):
        yield f"Numret säger ingen födelsedag, så någon måste avgöra det: {unclear}."
    for reason, hindrance in policy.HINDRANCES.items():
        if hindered := _numbers(policy.due(limit).filter(hindrance)):
            yield f"Gallras inte nu, {reason}: {hindered}."


def _numbers(persons: QuerySet[Person]) -> str:
    """Empty when there are none."""
    count = persons.count()
    shown = persons.order_by("pk").values_list("pk", flat=True)[:MOST_NUMBERS]
    listed = ", ".join(map(str, shown)) + (" …" if count > MOST_NUMBERS else "")
    return f"{count} (personer nr {listed})" if count else ""
