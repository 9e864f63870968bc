import pytest

from messaging.sync.checks import gateway_is_set_up


@pytest.fixture
def found(settings):
    def check(kind, **given):
        settings.SYNC_GATEWAY = f"messaging.sync.gateways.{kind}.Gateway"
        for name in ("URL", "TOKEN", "CERT", "KEY"):
            setattr(settings, f"SYNC_HTTP_{name}", given.get(name, ""))
        settings.SYNC_FOLDER = given.get("FOLDER", "")
        return [error.msg.partition(": ")[2] for error in gateway_is_set_up(None)]

    return check


class TestGatewayIsSetUp:
    def test_asks_nothing_of_our_own_inbox(self, found):
        assert found("builtin") == []

    def test_wants_to_know_where_and_as_whom(self, found):
        assert found("http", URL="https://e.example", TOKEN="x") == []
        assert found("http", URL="https://e.example", CERT="c", KEY="k") == []
        assert found("http", URL="http://e.example") == [
            "SYNC_HTTP_URL must begin with https://",
            "give SYNC_HTTP_TOKEN or SYNC_HTTP_CERT",
        ]
        assert found("http", URL="https://e.example", CERT="c") == [
            "SYNC_HTTP_CERT and SYNC_HTTP_KEY belong together"
        ]

    def test_wants_a_folder_for_files(self, found):
        assert found("file") == ["give SYNC_FOLDER"]
        assert found("file", FOLDER="/srv/x") == []
