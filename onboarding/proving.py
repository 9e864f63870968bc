"""The test SMS as the pages show it: the button, and what has become of the last one."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from messaging.notices import outcomes, proving
from messaging.notices.models import Notice
from messaging.notices.outcomes import Remedy
from messaging.notices.states import NoticeState
from onboarding.checklist import notice_wait
from persons.models import EServiceAccount
from web import clock

# Whoever still waits by then has given up, and can ask for the page again.
WATCHED_FOR = timedelta(minutes=10)
FIRST_LOOKS = 2
# Each later look is further away, so that the access log is not filled by one who waits.
LOOKS_PART = 4


@dataclass(frozen=True)
class Progress:
    """What has become of the last one."""

    text: str
    advice: str
    tone: str
    # Seconds until the page asks again. None: there is nothing more to wait for.
    next_look: int | None
    is_wrong_number: bool = False


def button(account: EServiceAccount) -> dict[str, Any] | None:
    """What the button needs, or why it is closed now. None: this person is sent none."""
    if not proving.may_be_tested(account):
        return None
    # One for each page: pressed twice it is one SMS.
    return {"fields": [("submission", uuid4())], "closed": proving.closed_in_words()}


def progress(test: Notice) -> Progress:
    state, outcome = NoticeState(test.state), outcomes.of(test)
    if outcome:
        advice = "" if outcome is outcomes.SMS_STOPPED else str(outcome.advice)
        return Progress(
            str(outcome.what),
            advice,
            "fix" if outcome.is_failure else "info",
            next_look=None,
            is_wrong_number=outcome.remedy is Remedy.CORRECT,
        )
    if state == NoticeState.CANCELLED:
        return Progress(_("Sms:et skickades inte"), _("Skicka ett nytt."), "fix", None)
    if state == NoticeState.DELIVERED:
        advice = _("Telefonen har tagit emot sms:et. Det betyder inte att personen har läst det.")
        return Progress(notice_wait(test).text, advice, "ok", None)
    advice = _("Det brukar ta några sekunder.")
    return Progress(notice_wait(test).text, advice, "waiting", _next_look(test))


def _next_look(test: Notice) -> int | None:
    waited = clock.now() - test.created_at
    if waited > WATCHED_FOR:
        return None
    return max(FIRST_LOOKS, round(waited.total_seconds() / LOOKS_PART))
