"""What every SMS gateway promises, asked of each. What one has of its own is in its own file."""

import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests

from messaging.notices import outbox as folder
from messaging.notices.sms import base, console, elks46, locmem, outbox, twilio
from messaging.notices.sms.base import (
    Callback,
    Forged,
    Misconfigured,
    NotTaken,
    Sms,
    Unavailable,
    Unknown,
    WrongAddress,
    callback_address,
)
from messaging.notices.states import NoticeState
from tests.messaging.notices.conftest import TurnedTo
from web import clock

REFERENCE = "5c0f2c8e-6f7c-4f4e-9d3c-0a1b2c3d4e5f"


@pytest.fixture
def sms() -> Sms:
    since = clock.machine_now() - timedelta(minutes=1)
    return Sms("+46701740605", "Soderkoping", "E-tjänsten är öppen.", REFERENCE, since=since)


class Contract:
    """A gateway's tests inherit from this, and say which module it is."""

    module: Any

    @pytest.fixture
    def gateway(self) -> base.SmsGateway:
        return self.module.Gateway()

    def test_answers_with_an_id_when_it_has_taken_an_sms(self, gateway, sms):
        receipt = gateway.send(sms)

        assert receipt.provider_id
        assert receipt.state in {NoticeState.ACCEPTED, NoticeState.DELIVERED}

    def test_does_not_find_what_was_never_sent(self, gateway, sms):
        assert gateway.find(sms) == []
        assert gateway.find(replace(sms, provider_id="s9")) == []

    @pytest.mark.parametrize(
        "fields", [{}, {"id": "s1", "status": "delivered"}, {"MessageStatus": "delivered"}]
    )
    def test_believes_no_callback_without_proof(self, gateway, sms, fields):
        url = callback_address(gateway.name, sms.reference)

        with pytest.raises(Forged):
            gateway.parse_callback(Callback(url, sms.reference, fields, {}))


class Remembers(Contract):
    """Where it can be asked afterwards: `taken` says how many it has."""

    def test_takes_an_sms_once(self, gateway, sms, taken):
        gateway.send(sms)

        assert taken() == 1

    def test_finds_what_it_took_also_before_we_know_the_id(self, gateway, sms):
        receipt = gateway.send(sms)

        assert [found.provider_id for found in gateway.find(sms)] == [receipt.provider_id]

    def test_finds_what_it_took_by_its_id(self, gateway, sms):
        known = replace(sms, provider_id=gateway.send(sms).provider_id)

        assert [found.provider_id for found in gateway.find(known)] == [known.provider_id]

    def test_does_not_take_another_sms_for_this_one(self, gateway, sms):
        gateway.send(replace(sms, text="Något annat.", reference=str(uuid4())))
        gateway.send(replace(sms, to="+46701740606", reference=str(uuid4())))

        assert gateway.find(sms) == []


class OverHttp(Remembers):
    """Where a provider answers, or does not: `api` is a small one on this machine."""

    numbers_refusal: tuple[int, Any]
    accounts_refusal: tuple[int, Any]

    @pytest.fixture
    def taken(self, api):
        return lambda: len(api.taken)

    @pytest.mark.parametrize("behaviour", ["hang", "late", "reset", "broken"])
    def test_does_not_know_when_there_is_no_good_answer(
        self, api, gateway, sms, monkeypatch, behaviour
    ):
        monkeypatch.setattr(self.module, "TIMEOUT_SECONDS", 0.2)
        api.behaviour = behaviour

        with pytest.raises(Unknown):
            self.module.Gateway().send(sms)
        assert len(api.requests) == 1

    def test_finds_what_it_took_whatever_it_answered(self, api, gateway, sms):
        api.behaviour = "broken"
        with pytest.raises(Unknown):
            gateway.send(sms)

        assert [found.provider_id for found in gateway.find(sms)] == [api.taken[0].id]

    def test_knows_that_too_many_at_once_were_not_taken(self, api, gateway, sms):
        api.refuse(429, 20429)

        with pytest.raises(Unavailable) as error:
            gateway.send(sms)
        assert error.type is Unavailable

    def test_tells_a_wrong_number_and_our_own_fault_apart(self, api, gateway, sms):
        api.refuse(*self.numbers_refusal)
        with pytest.raises(WrongAddress):
            gateway.send(sms)

        api.refuse(*self.accounts_refusal)
        with pytest.raises(Misconfigured):
            gateway.send(sms)

    def test_knows_that_nothing_left_when_nobody_listens(self, api, sms, settings, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        settings.ELKS46_URL = nobody
        if self.module is twilio:
            adapter = TurnedTo(nobody)
            monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: adapter)

        with pytest.raises(Unavailable):
            self.module.Gateway().send(sms)

    @pytest.mark.parametrize("status", [429, 503])
    @pytest.mark.parametrize("provider_id", ["", "s1"])
    def test_is_to_be_asked_later_when_there_is_no_answer(
        self, api, gateway, sms, status, provider_id
    ):
        api.refuse(status, 20429)

        with pytest.raises(NotTaken):
            gateway.find(replace(sms, provider_id=provider_id))

    def test_is_to_be_asked_later_when_the_connection_is_reset(self, api, gateway, sms):
        api.behaviour = "reset"

        with pytest.raises(NotTaken):
            gateway.find(sms)

    def test_does_not_see_what_the_provider_does_not_show_yet(self, api, gateway, sms):
        gateway.send(sms)
        api.lag = 1

        assert gateway.find(sms) == []
        assert len(gateway.find(sms)) == 1

    def test_gives_all_with_the_same_text_the_newest_first(self, api, gateway, sms):
        for age in (30, 10, 20):
            gateway.send(sms)
            api.taken[-1].created -= timedelta(seconds=age)

        found = [receipt.provider_id for receipt in gateway.find(sms)]

        assert found == [api.taken[n].id for n in (1, 2, 0)]

    def test_looks_as_far_back_as_it_may_have_left(self, api, gateway, sms):
        gateway.send(sms)
        api.taken[0].created -= timedelta(days=3)

        assert gateway.find(sms) == []
        earlier = replace(sms, since=sms.since - timedelta(days=3))
        assert len(gateway.find(earlier)) == 1

    def test_does_not_know_of_what_a_provider_may_have_forgotten(self, gateway, sms, api):
        long_ago = replace(sms, since=sms.since - base.REMEMBERED)

        with pytest.raises(Unknown):
            gateway.find(long_ago)

    def test_does_not_know_when_there_are_more_than_are_shown(self, api, gateway, sms, monkeypatch):
        monkeypatch.setattr(self.module, "AT_MOST", 2)
        for _ in range(2):
            gateway.send(replace(sms, text="Något annat."))

        with pytest.raises(Unknown):
            gateway.find(sms)
        api.taken[0].created -= timedelta(hours=1)
        assert gateway.find(sms) == []


class TestTwilio(OverHttp):
    module = twilio
    numbers_refusal, accounts_refusal = (400, 21211), (401, 20003)

    @pytest.fixture(autouse=True)
    def api(self, twilio_api):
        return twilio_api


class Test46elks(OverHttp):
    module = elks46
    numbers_refusal, accounts_refusal = (400, "Invalid phone number"), (401, "")

    @pytest.fixture(autouse=True)
    def api(self, elks46_api):
        return elks46_api


class TestConsole(Contract):
    module = console


class TestLocmem(Remembers):
    module = locmem

    @pytest.fixture
    def taken(self):
        return lambda: len(locmem.outbox)


class TestOutbox(Remembers):
    module = outbox

    @pytest.fixture(autouse=True)
    def its_folder(self, settings, tmp_path):
        settings.OUTBOX_DIR = tmp_path

    @pytest.fixture
    def taken(self):
        return lambda: len(folder.read())
