import socket

import pytest

from messaging.notices.sms import elks46
from messaging.notices.sms.base import (
    Callback,
    Forged,
    Misconfigured,
    NotTaken,
    Sms,
    Unavailable,
    Unknown,
    WrongAddress,
)
from messaging.notices.states import NoticeState
from tests.messaging.notices.provider import Provider

SMS = Sms("+46701740605", "Soderkoping", "E-tjänsten är öppen.", "a-reference")


@pytest.fixture
def api(settings):
    provider = Provider()
    settings.ELKS46_URL = provider.url
    settings.ELKS46_USERNAME, settings.ELKS46_PASSWORD = "u", "p"
    yield provider
    provider.end()


def send():
    return elks46.Gateway().send(SMS)


class TestSend:
    def test_hands_over_number_text_and_sender(self, api):
        receipt = send()

        [row] = api.taken
        assert (row["to"], row["from"], row["message"]) == (SMS.to, SMS.sender, SMS.text)
        assert (receipt.provider_id, receipt.state) == (row["id"], NoticeState.ACCEPTED)
        assert api.signed_in == ["u:p"]

    @pytest.mark.parametrize("behaviour", ["hang", "late", "reset", "broken"])
    def test_does_not_know_when_there_is_no_good_answer(self, api, monkeypatch, behaviour):
        monkeypatch.setattr(elks46, "TIMEOUT_SECONDS", 0.2)
        api.behaviour = behaviour

        with pytest.raises(Unknown):
            send()

    @pytest.mark.parametrize(
        ("refusal", "fault"),
        [
            ((429, ""), Unavailable),
            ((401, ""), Misconfigured),
            ((402, ""), Misconfigured),
            ((403, "API access denied"), Misconfigured),
            ((400, "Invalid from"), Misconfigured),
            ((400, "Missing key"), NotTaken),
            ((400, "Invalid phone number"), WrongAddress),
        ],
    )
    def test_tells_refusals_apart(self, api, refusal, fault):
        api.behaviour, api.refusal = "refuse", refusal

        with pytest.raises(fault) as error:
            send()
        assert error.type is fault

    def test_knows_that_nothing_left_when_nobody_listens(self, settings):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            settings.ELKS46_URL = f"http://127.0.0.1:{closed.getsockname()[1]}"

        with pytest.raises(Unavailable):
            send()


class TestFind:
    def test_finds_what_it_took_whatever_it_answered(self, api):
        api.behaviour = "broken"
        with pytest.raises(Unknown):
            send()

        assert elks46.Gateway().find(SMS).provider_id == "s1"

    def test_does_not_see_what_the_provider_does_not_show_yet(self, api):
        send()
        api.lag = 1

        assert elks46.Gateway().find(SMS) is None
        assert elks46.Gateway().find(SMS) is not None

    def test_asks_by_the_id_once_it_is_known(self, api):
        send()
        api.taken[0]["status"] = "failed"

        known = Sms(SMS.to, SMS.sender, "Något annat", SMS.reference, provider_id="s1")
        assert elks46.Gateway().find(known).state == NoticeState.UNDELIVERED
        gone = Sms(SMS.to, SMS.sender, SMS.text, SMS.reference, provider_id="s9")
        assert elks46.Gateway().find(gone) is None

    def test_is_to_be_asked_later_when_there_is_no_answer(self, api):
        api.behaviour, api.refusal = "refuse", (503, "")

        with pytest.raises(NotTaken):
            elks46.Gateway().find(SMS)


def test_a_callback_is_never_believed(api):
    with pytest.raises(Forged):
        elks46.Gateway().parse_callback(Callback("", "", {"id": "s1"}, {}))
