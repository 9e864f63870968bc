import pytest
from django.core.checks.registry import registry

from onboarding.retention import checks
from onboarding.retention.models import Policy


class TestPolicyIsKnown:
    @pytest.mark.parametrize("policy", Policy.values)
    def test_finds_no_fault_with_a_policy_of_ours(self, settings, policy):
        settings.RETENTION_POLICY = policy

        assert checks.policy_is_known(None) == []

    def test_refuses_another_and_says_what_to_write(self, settings):
        settings.RETENTION_POLICY = "keep_all"

        [error] = checks.policy_is_known(None)

        assert error.id == "retention.E001"
        assert "KEEP_ALL or FIVE_YEARS_EXCEPT_5_15_25" in error.msg

    def test_is_asked_each_time_the_product_starts(self):
        assert checks.policy_is_known in registry.get_checks()


class TestTheLogIsKeptLongEnough:
    @pytest.mark.parametrize("years", [0, 5, 10])
    def test_for_ever_or_for_five_years_at_least(self, settings, years):
        settings.ACCESS_LOG_YEARS = years

        assert checks.log_is_kept_long_enough(None) == []

    @pytest.mark.parametrize("years", [-1, 1, 4])
    def test_or_it_is_refused(self, settings, years):
        settings.ACCESS_LOG_YEARS = years

        [error] = checks.log_is_kept_long_enough(None)

        assert error.id == "retention.E002"
        assert "write 5 or more" in error.msg

    def test_is_asked_each_time_the_product_starts(self):
        assert checks.log_is_kept_long_enough in registry.get_checks()
