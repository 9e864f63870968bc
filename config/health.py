"""What the machine that restarts us asks: alive, and ready."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from messaging.sync import alarm
from messaging.sync.models import BeatTick
from web import clock

log = structlog.get_logger(__name__)


@login_not_required
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing of anything else."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Database, migrations, broker and beat. Says what is missing, and nothing about why.

    Whether last night is there is told, but closes no pages.
    """
    answers = {name: _is_well(check) for name, check in CHECKS.items()}
    status = 200 if all(answers.values()) else 503
    return JsonResponse(answers | {"night": _is_well(_night)}, status=status)


def _is_well(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception as error:  # a probe must answer, whatever is broken
        log.warning("not ready", error=type(error).__name__)
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _broker() -> bool:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
    return True


def _beat() -> bool:
    oldest = clock.machine_now() - timedelta(seconds=3 * settings.BEAT_SECONDS)
    return BeatTick.objects.filter(at__gte=oldest).exists()


def _night() -> bool:
    return not alarm.is_missing(clock.now())


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "beat": _beat,
}
