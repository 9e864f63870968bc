from celery import shared_task

from onboarding.imports import work
from onboarding.imports.models import ImportRun
from web import clock


@shared_task
def continue_import(*, run_id: int) -> None:
    """A piece at a time: what else the worker has to do comes between."""
    if work.go_on(run_id):
        continue_import.delay(run_id=run_id)


@shared_task
def sweep_imports() -> None:
    """Forget what is too old, and wake what the queue has lost."""
    work.forget_old(now=clock.now())
    for run in ImportRun.objects.waiting_for_a_worker(at=clock.machine_now()):
        continue_import.delay(run_id=run.pk)
