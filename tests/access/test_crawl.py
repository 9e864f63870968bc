"""No byte that a user gets speaks of somebody whom the user may not see."""

import pytest
import time_machine
from django.core import mail

from messaging.notices import actions as notices
from messaging.notices import delivery
from messaging.notices.sms import locmem
from messaging.sync import calendar
from messaging.wording.kinds import Kind
from persons.models import EServiceAccount
from tests.access.crawler import Crawl
from tests.access.world import SEES
from web import clock

# One of each way to see somebody, or nobody. The others, who see the same rows, go at night:
# whom they reach, the matrix asks each time.
BY_DAY = [
    "anonymous", "colleague in the unit", "administrator", "log reviewer", "support contact",
    "manager",
]  # fmt: skip
BY_NIGHT = [pytest.param(who, marks=pytest.mark.verification) for who in SEES if who not in BY_DAY]
PARTS = ("Person.given_name", "Person.email", "Message.subject", "Relation.family_name")


class TestEverythingThatComesBack:
    @pytest.mark.parametrize("who", [*BY_DAY, *BY_NIGHT])
    def test_is_about_those_whom_the_user_may_see(self, world, who):
        crawl = Crawl(world, who).run()

        assert crawl.leaks == []
        # Else it would find nothing wherever it went.
        open_ones = SEES[who] - {"protected"}
        assert {f"{kind}'s {part}" for kind in open_ones for part in PARTS} <= crawl.met


class TestWhatLeavesTheHouse:
    def test_says_nothing_of_anybody(self, world):
        account = world.row(EServiceAccount, "own")
        account.notify_by_sms = account.notify_by_email = True
        account.save()
        about = {"about": "canary", "sheet": world.sheet, "by": None}

        with time_machine.travel(calendar.welcome_moment(clock.today(), now=clock.now())):
            queued = notices.queue(kind=Kind.WELCOME, account=account, **about)
            delivery.deliver_due(now=clock.now())

        assert len(queued) == len(mail.outbox) + len(locmem.outbox) == 2
        for email in mail.outbox:
            told = f"{email.message()}".replace(account.person.email, "")
            assert world.texts.found_in(told) == []
        for sms in locmem.outbox:
            assert world.texts.found_in(sms.text + sms.sender) == []
