"""Every address of the resolver, for every kind of user, method and kind of person.

Whom somebody may not see is answered as somebody who does not exist: the same status, the same
bytes, the same headers. The daily suite asks for each user at each address about one person, the
persons and the methods by turns, and one stranger asks by every method; `-m verification` asks all.
"""

from collections.abc import Iterator
from itertools import count

import pytest
from django.urls import Resolver404, resolve, reverse

from tests.access import policy
from tests.access.answers import Answer, ask
from tests.access.policy import KNOWN, LATER, PARTS, PUBLIC, WRONG, Address
from tests.access.world import NOT_SIGNED_IN, PERSONS, SEES, World

METHODS = ("get", "post", "head", "put", "patch", "delete", "options")
SIGNED_IN = [who for who in SEES if who not in NOT_SIGNED_IN]
ANSWERS = {200, 302, 307, 400, 403, 405, 409}
STRANGER = "colleague in the unit"
ADDRESSES = policy.addresses()

Probe = tuple[str, Address, str | None]


def by_turns(who: str) -> Iterator[Probe]:
    turn = count(SIGNED_IN.index(who))
    for address in ADDRESSES:
        number = next(turn)
        # The admin has one door before all methods.
        all_methods = who == STRANGER and not address.name.startswith("admin:")
        for method in METHODS if all_methods else [METHODS[number // len(PERSONS) % 2]]:
            yield method, address, PERSONS[number % len(PERSONS)]


def every_one(who: str) -> Iterator[Probe]:
    for address in ADDRESSES:
        for kind in PERSONS if address.is_about_a_person else PERSONS[:1]:
            yield from ((method, address, kind) for method in METHODS)


def is_known(path: str) -> bool:
    try:
        return resolve(path) is not None
    except Resolver404:
        return False


class Asking:
    """One user, who compares what comes back with what there is when there is nobody."""

    def __init__(self, world: World, who: str) -> None:
        self.world, self.client, self.who = world, world.clients[who], who
        self._nothing: dict[tuple[str, str], Answer] = {}

    def leaks(self, probes: Iterator[Probe]) -> list[str]:
        found = []
        for method, address, kind in probes:
            if self.who not in address.who_reaches(kind):
                answer = ask(self.client, method, address.of(self.world, kind))
                if answer != self._nobody(method, address, answer.status):
                    found.append(f"{method} {address.name} about {kind}: {answer.status}")
        return found

    def _nobody(self, method: str, address: Address, status: int) -> Answer:
        """The page that is not there; a method that is not there is refused at each address."""
        at = address.of(self.world, None) if status == 405 else "/finns-inte/"
        if (method, at) not in self._nothing:
            self._nothing[method, at] = ask(self.client, method, at)
        return self._nothing[method, at]


class TestEveryAddress:
    def test_is_in_the_table(self):
        assert {address.name for address in ADDRESSES} == KNOWN

    def test_has_only_parts_that_can_be_written(self):
        parts = {part for address in ADDRESSES for part in address.parts}

        assert parts == set(PARTS) | {"object_id"}

    @pytest.mark.parametrize("who", sorted(NOT_SIGNED_IN))
    def test_asks_who_is_not_signed_in_to_do_so(self, world, who):
        doors = (reverse("account_login"), reverse("admin:login"))

        for address in ADDRESSES:
            if address.name not in PUBLIC | {"admin:login"}:
                for method in METHODS if who == "anonymous" else METHODS[:1]:
                    answer = ask(world.clients[who], method, address.of(world, "own"))
                    assert answer.status == 302, (method, address)
                    assert answer.headers["Location"].startswith(doors), address

    def test_that_is_public_is_about_nobody(self, world):
        for address in ADDRESSES:
            if address.name in PUBLIC:
                answer = ask(world.clients["anonymous"], "get", address.of(world, None))
                assert answer.status in {200, 302, 404, 405}, address
                assert world.texts.found_in(answer.content.decode(errors="replace")) == []

    def test_that_is_not_an_id_is_not_there(self, world):
        """The resolver refuses most of these before anybody is looked up: one user will do."""
        client = world.clients["support contact"]

        for address in ADDRESSES:
            for part in address.parts if address.is_about_a_person else ():
                for wrong in WRONG:
                    path = address.of(world, "own", **{part: wrong})
                    assert not is_known(path) or ask(client, "get", path).status == 404, path


class TestWhoMayNot:
    @pytest.mark.parametrize("who", SIGNED_IN)
    def test_gets_the_answer_that_there_is_nobody(self, world, who):
        assert Asking(world, who).leaks(by_turns(who)) == []

    @pytest.mark.verification
    @pytest.mark.parametrize("who", SIGNED_IN)
    def test_gets_the_answer_that_there_is_nobody_in_every_single_case(self, world, who):
        assert Asking(world, who).leaks(every_one(who)) == []

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_cannot_reach_somebodys_part_through_another_person(self, world, method):
        """A relation of theirs, say, in the address of one's own person."""
        client = world.clients["support contact"]

        for address in ADDRESSES:
            for part in address.parts[1:] if "person_id" in address.parts else ():
                theirs = address.of(world, "own", **{part: PARTS[part](world, "other")})
                nobodys = address.of(world, "own", **{part: PARTS[part](world, None)})
                assert ask(client, method, theirs) == ask(client, method, nobodys), address


class TestWhoMay:
    @pytest.mark.parametrize("method", ["get", "post"])
    @pytest.mark.parametrize("who", ["support contact", "administrator"])
    def test_gets_an_answer(self, world, who, method):
        """Also to a form with nothing in it. What the answers say is for other tests."""
        for address in ADDRESSES:
            if who in address.who_reaches("own") and address.name not in LATER:
                answer = ask(world.clients[who], method, address.of(world, "own"))
                assert answer.status in {200, 302, 307, 400, 403, 405, 409}, (
                    address,
                    answer.status,
                )
