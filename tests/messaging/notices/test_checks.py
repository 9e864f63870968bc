import pytest

from messaging.notices import checks

SENDING = {
    "SMS_GATEWAY": "messaging.notices.sms.twilio.Gateway",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
}


def found(settings, **changed: str) -> list[str]:
    for name, value in (SENDING | changed).items():
        setattr(settings, name, value)
    return [error.id for error in checks.gateways_send(None)]


class TestGatewaysSend:
    @pytest.mark.parametrize(
        "email", [SENDING["EMAIL_BACKEND"], "anymail.backends.mailgun.EmailBackend"]
    )
    def test_finds_no_fault_with_what_sends(self, settings, email):
        assert found(settings, EMAIL_BACKEND=email) == []

    @pytest.mark.parametrize("gateway", ["console", "locmem", "outbox"])
    def test_refuses_an_sms_gateway_that_sends_nothing(self, settings, gateway):
        path = f"messaging.notices.sms.{gateway}.Gateway"

        assert found(settings, SMS_GATEWAY=path) == ["notices.E001"]

    @pytest.mark.parametrize("backend", ["console", "locmem", "filebased", "dummy"])
    def test_refuses_an_email_backend_that_sends_nothing(self, settings, backend):
        path = f"django.core.mail.backends.{backend}.EmailBackend"

        assert found(settings, EMAIL_BACKEND=path) == ["notices.E002"]

    def test_names_the_setting_and_its_value(self, settings):
        settings.SMS_GATEWAY = "messaging.notices.sms.console.Gateway"
        settings.EMAIL_BACKEND = SENDING["EMAIL_BACKEND"]

        [error] = checks.gateways_send(None)

        assert error.msg == "SMS_GATEWAY = messaging.notices.sms.console.Gateway sends nothing"

    def test_is_asked_before_a_deployment(self):
        from django.core.checks.registry import registry

        assert checks.gateways_send in registry.get_checks(include_deployment_checks=True)
        assert checks.gateways_send not in registry.get_checks()
