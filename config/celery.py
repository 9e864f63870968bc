"""Celery wakes things up; the database decides what there is to do."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("koppla-pa")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Every tick asks the rows and the ledger. No schedule knows a local time.
app.conf.beat_schedule = {
    name: {
        "task": task,
        "schedule": settings.BEAT_SECONDS,
        # A tick that was not taken before the next one is of no use.
        "options": {"expires": settings.BEAT_SECONDS},
    }
    for name, task in {
        "night": "messaging.sync.tasks.tick",
        "morning": "messaging.inbox.tasks.release_due_messages",
        "news": "onboarding.tasks.write_in_the_morning",
        "notices": "messaging.notices.tasks.deliver_due_notices",
        "reports": "messaging.notices.tasks.ask_providers",
        "readings": "messaging.sync.tasks.take_readings",
        "imports": "onboarding.imports.tasks.sweep_imports",
        "seal": "persons.tasks.seal_access_log",
        "sessions": "staff.tasks.clear_sessions",
    }.items()
}
