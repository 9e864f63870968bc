"""That the world is what the other tests believe it to be."""

from persons.models import Person
from tests.access import canaries
from tests.access.world import PERSONS, SEES


class TestTheWorld:
    def test_has_a_row_of_every_model_about_each_person(self, world):
        for model in canaries.models_about_a_person():
            for kind in PERSONS:
                assert world.row(model, kind), f"{model.__name__} has no row about {kind}"

    def test_has_a_canary_in_every_text_about_a_person(self, world):
        known = {(canary.owner, canary.place) for canary in world.texts.all.values()}

        for model in canaries.models_about_a_person():
            for field in canaries.text_fields(model):
                assert ("own", f"{model.__name__}.{field.name}") in known

    def test_knows_for_every_kind_of_user_whom_they_may_open(self, world):
        for who in SEES:
            if who != "anonymous":
                visible = Person.objects.visible_to(world.users[who])
                seen = {kind for kind in PERSONS if world.persons[kind] in visible}
                assert seen == SEES[who] or who == "disabled", who
