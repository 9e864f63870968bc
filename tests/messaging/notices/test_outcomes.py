import pytest

from messaging.notices import outcomes
from messaging.notices.models import Channel, Notice
from messaging.notices.outcomes import CODES, Outcome, Remedy
from messaging.notices.states import NoticeState

S = NoticeState


def outcome(state: NoticeState, code: str = "", **facts) -> Outcome | None:
    return outcomes.of(
        Notice(**{"channel": Channel.SMS, "state": state, "last_code": code} | facts)
    )


class TestACode:
    @pytest.mark.parametrize(
        ("code", "remedy"),
        [
            ("21211", Remedy.CORRECT), ("21214", Remedy.CORRECT), ("21217", Remedy.CORRECT),
            ("21614", Remedy.CORRECT), ("21635", Remedy.CORRECT), ("30005", Remedy.CORRECT),
            ("30006", Remedy.CORRECT), ("30001", Remedy.TRY_AGAIN), ("30003", Remedy.TRY_AGAIN),
            ("30008", Remedy.TRY_AGAIN), ("30036", Remedy.TRY_AGAIN),
            ("30004", Remedy.ASK), ("30007", Remedy.ASK), ("30002", Remedy.REPAIR),
            ("21610", Remedy.NOTHING), ("failed", Remedy.TRY_AGAIN),
            ("99999", Remedy.ASK),
        ],
    )  # fmt: skip
    def test_of_an_sms_says_what_to_do(self, code, remedy):
        assert outcome(S.UNDELIVERED, code).remedy is remedy

    @pytest.mark.parametrize(
        ("code", "remedy"),
        [
            ("550", Remedy.CORRECT), ("invalid", Remedy.CORRECT), ("bounced", Remedy.CORRECT),
            ("552", Remedy.TRY_AGAIN), ("timed_out", Remedy.TRY_AGAIN), ("blocked", Remedy.ASK),
            ("spam", Remedy.ASK), ("other", Remedy.ASK), ("failed", Remedy.REPAIR),
            ("unsubscribed", Remedy.NOTHING), ("complained", Remedy.NOTHING),
            ("a word of tomorrow", Remedy.ASK),
        ],
    )  # fmt: skip
    def test_of_an_email_says_what_to_do(self, code, remedy):
        assert outcome(S.UNDELIVERED, code, channel=Channel.EMAIL).remedy is remedy

    def test_that_the_contact_does_something_about_names_the_step(self):
        for table in CODES.values():
            for found in table.values():
                theirs = found.remedy in {Remedy.CORRECT, Remedy.ASK, Remedy.TRY_AGAIN}
                assert bool(found.step) == theirs, found.what


class TestAState:
    @pytest.mark.parametrize("channel", Channel)
    @pytest.mark.parametrize("state", [S.QUEUED, S.SENDING, S.IN_DOUBT, S.ACCEPTED, S.SENT,
                                       S.DELIVERED, S.CANCELLED])  # fmt: skip
    def test_that_has_not_gone_wrong_has_no_outcome(self, state, channel):
        assert outcome(state, channel=channel) is None

    @pytest.mark.parametrize("channel", Channel)
    def test_of_who_wants_none_is_no_failure(self, channel):
        assert not outcome(S.SUPPRESSED, channel=channel).is_failure

    @pytest.mark.parametrize("channel", Channel)
    def test_that_it_was_withdrawn_when_read_is_no_failure(self, channel):
        withdrawn = outcome(S.CANCELLED, "read", channel=channel)

        assert withdrawn.advice == "Personen hade redan läst meddelandet."
        assert not withdrawn.is_failure

    def test_without_report_is_a_failure_at_a_swedish_number_only(self):
        assert outcome(S.NO_REPORT, address="+46701740605") is outcomes.SMS_UNSURE
        assert outcome(S.NO_REPORT, address="+4740000000") is outcomes.SMS_ABROAD
        assert not outcomes.SMS_ABROAD.is_failure

    def test_without_report_is_what_is_normal_of_an_email(self):
        assert not outcome(S.NO_REPORT, channel=Channel.EMAIL).is_failure

    def test_that_nothing_left_is_ours_to_repair(self):
        assert outcome(S.NEEDS_HUMAN, "not_taken").remedy is Remedy.REPAIR
        assert outcome(S.NEEDS_HUMAN, "no_answer").remedy is Remedy.ASK

    def test_that_the_operator_shows_several_is_not_that_it_has_not_answered(self):
        several = outcome(S.NEEDS_HUMAN, "several")

        assert several.remedy is Remedy.ASK
        assert "Operatören har inte svarat" not in several.advice
