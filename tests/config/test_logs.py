import io
import json
import logging

import pytest
import structlog

from config import logs


@pytest.fixture
def lines():
    """What has been written since, one dict for each line."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    logs.configure(level="INFO")
    stream = io.StringIO()
    root.handlers[0].setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = handlers, level


class TestOurOwnLines:
    def test_are_json_with_a_time_and_a_level(self, lines):
        structlog.get_logger("messaging.sync.run").info("nightly sync finished", done=14)

        said = lines()[0]
        assert said.pop("timestamp").endswith("Z")
        assert said == {
            "event": "nightly sync finished",
            "level": "info",
            "logger": "messaging.sync.run",
            "done": 14,
        }

    def test_lose_every_key_that_is_not_listed(self, lines):
        structlog.get_logger("persons").info(
            "request", view="person", name="Amina", identity_number="198503121234", mobile="070"
        )

        assert lines()[0].keys() == {"event", "level", "logger", "timestamp", "view"}

    def test_never_carry_an_exceptions_text(self, lines):
        try:
            raise ValueError("198503121234")
        except ValueError:
            structlog.get_logger("persons").exception("not ready", error="ValueError")

        assert "198503121234" not in str(lines())
        assert lines()[0]["error"] == "ValueError"


class TestLinesOfLibraries:
    def test_keep_the_template_of_a_trusted_library_and_no_value(self, lines):
        logging.getLogger("django.request").warning("Not Found: %s", "/personer/198503121234/")

        assert lines()[0]["event"] == "Not Found: %s"

    def test_keep_only_the_name_of_any_other(self, lines):
        logging.getLogger("smtplib").warning("550 amina@exempel.se does not exist")

        assert (lines()[0]["event"], lines()[0]["logger"]) == ("library message", "smtplib")

    def test_trust_a_whole_name_and_not_its_beginning(self, lines):
        logging.getLogger("djangorestfriend").warning("amina@exempel.se")

        assert lines()[0]["event"] == "library message"

    def test_say_what_kind_of_exception_and_never_its_text(self, lines):
        try:
            raise LookupError("amina@exempel.se")
        except LookupError:
            logging.getLogger("django.request").exception("Internal Server Error: %s", "/x/")

        assert lines()[0]["error"] == "LookupError"
        assert lines()[0].keys() == {"event", "error", "level", "logger", "timestamp"}
        assert "amina" not in str(lines())

    def test_are_written_also_when_there_was_no_exception_to_tell_about(self, lines):
        logging.getLogger("django.request").error("Internal Server Error", exc_info=True)  # noqa: LOG014

        assert lines()[0]["event"] == "Internal Server Error"

    def test_never_write_an_exception_that_stands_for_the_message(self, lines):
        logging.getLogger("celery.worker").error(ValueError("amina@exempel.se"))

        assert lines()[0]["event"] == "ValueError"

    @pytest.mark.parametrize("name", ["twilio.http_client", "urllib3", "weasyprint", "httpx"])
    def test_are_not_written_at_all_by_those_who_log_each_request(self, lines, name):
        logging.getLogger(name).info("POST https://api.twilio.com To=+46701740605")

        assert lines() == []


def test_warnings_pass_the_allow_list_too(lines):
    logging.getLogger("py.warnings").warning("%s", "UserWarning: amina@exempel.se")

    assert lines()[0]["event"] == "library message"
