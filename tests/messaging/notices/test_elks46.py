"""What 46elks has of its own. The rest: test_gateways.py."""

import pytest

from messaging.notices.sms import elks46
from messaging.notices.sms.base import Misconfigured, NotTaken, Sms, Unavailable, WrongAddress
from messaging.notices.states import NoticeState

REFERENCE = "5c0f2c8e-6f7c-4f4e-9d3c-0a1b2c3d4e5f"
SMS = Sms("+46701740605", "Soderkoping", "E-tjänsten är öppen.", REFERENCE)


@pytest.fixture
def api(elks46_api):
    return elks46_api


def send():
    return elks46.Gateway().send(SMS)


class TestSend:
    def test_hands_over_number_text_and_sender(self, api):
        receipt = send()

        [taken] = api.taken
        assert taken.asked == {"to": SMS.to, "from": SMS.sender, "message": SMS.text}
        assert (receipt.provider_id, receipt.state) == (taken.id, NoticeState.ACCEPTED)

    def test_signs_in_with_the_accounts_password(self, api):
        send()

        assert api.requests[0]["auth"] == "Basic dTpw"  # u:p

    @pytest.mark.parametrize(
        ("status", "words", "fault"),
        [
            (429, "", Unavailable),
            (401, "", Misconfigured),
            (402, "", Misconfigured),
            (403, "API access denied", Misconfigured),
            (400, "Invalid from", Misconfigured),
            (400, "Missing key", NotTaken),
            (400, "Invalid phone number", WrongAddress),
        ],
    )
    def test_tells_refusals_apart(self, api, status, words, fault):
        api.refuse(status, words)

        with pytest.raises(fault) as error:
            send()
        assert error.type is fault


class TestFind:
    def test_reads_what_became_of_it(self, api):
        send()
        api.taken[0].status = "failed"

        [found] = elks46.Gateway().find(SMS)
        assert (found.state, found.status) == (NoticeState.UNDELIVERED, "failed")
