"""That the file of retention knows every stored field, and what becomes of it."""

import pytest
from django.apps import apps

from onboarding.retention import rules
from persons.models import Person
from tests.access.canaries import models_about_a_person

MODELS = {model._meta.label: model for model in apps.get_models()}
FILE = "docs/retention.toml"


def stored(model) -> set[str]:
    """A table between two models belongs to the field that made it."""
    fields = [*model._meta.concrete_fields, *model._meta.local_many_to_many]
    return {field.name for field in fields}


def classified(label: str) -> list[str]:
    table = rules.tables().get(label, {})
    return [field for name in rules.classes() for field in table.get(name, [])]


class TestTheFile:
    def test_knows_every_model_and_no_other(self):
        missing = sorted(set(MODELS) - set(rules.tables()))
        vanished = sorted(set(rules.tables()) - set(MODELS))

        assert not missing, f"Add to {FILE}, with disposal and fields: {missing}"
        assert not vanished, f"Take out of {FILE}, the models are gone: {vanished}"

    @pytest.mark.parametrize("label", sorted(MODELS))
    def test_has_each_field_of_the_model_in_one_class(self, label):
        there = classified(label)
        missing = sorted(stored(MODELS[label]) - set(there))
        vanished = sorted(set(there) - stored(MODELS[label]))
        twice = sorted({field for field in there if there.count(field) > 1})
        where = f"{FILE}, [{label}]"

        assert not missing, f"{where}: put {missing} under one of {sorted(rules.classes())}"
        assert not vanished, f"{where}: take out {vanished}, the model has no such field"
        assert not twice, f"{where}: {twice} may stand under one class only"

    @pytest.mark.parametrize("label", sorted(rules.tables()))
    def test_uses_only_words_that_it_explains(self, label):
        table = rules.tables()[label]
        explained = {
            "with the person": {"person"}, "own time": {"rule"}, "number is left": set(),
            "kept": set(),
        }  # fmt: skip

        assert table["disposal"] in rules.DISPOSALS
        assert set(table) - rules.classes() == {"disposal", *explained[table["disposal"]]}


class TestWhatIsAboutAPerson:
    @pytest.mark.parametrize("model", sorted(models_about_a_person(), key=lambda m: m.__name__))
    def test_is_deleted_with_the_person_unless_it_is_the_access_log(self, model):
        table = rules.tables()[model._meta.label]

        is_log = set(table) <= {"disposal", "access", "technical"}
        expected = rules.NUMBER_IS_LEFT if is_log else rules.WITH_THE_PERSON
        assert table["disposal"] == expected, f"{FILE}, [{model._meta.label}]: who is it about?"

    @pytest.mark.django_db
    @pytest.mark.parametrize("model", rules.paths_to_person(), ids=lambda m: m.__name__)
    def test_leads_to_the_person(self, model):
        path = rules.paths_to_person()[model]

        assert list(model._base_manager.filter(**{f"{path}__in": Person.objects.all()})) == []

    def test_goes_before_what_it_leads_through(self):
        order = [model.__name__ for model in rules.paths_to_person()]

        assert order[-1] == "Person"
        assert order.index("NoticeEvent") < order.index("Notice")
        assert order.index("Registration") < order.index("Case")
